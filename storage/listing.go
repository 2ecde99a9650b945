package storage

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"twolock/keystore"
)

// lastMoment is the last time that a key can have been made, the last microsecond of the year 9999. In SQLite's order, what is not a number is after it.
const lastMoment = 253402300799999999

// selectLost selects the keys whose place cannot be read. SQLite would go through all of a keystore's keys by their ids, to save itself the sorting of
// a few; expressions have no index.
const selectLost = selectKey + `WHERE k.keystore_id = ? AND k.created_at > ? AND (k.id > ? AND k.id < '{') IS TRUE ORDER BY k.id || '' LIMIT ?`

// ListKeys returns up to limit (1 to 1000) keys after the position, by age and then id, the newest version of each. An unknown keystore has none.
//
// A page costs the same wherever it is: one filter is read along an index of its own. Of several, the tag's index is read, or else one of the others',
// past what the rest does not take.
//
// A key that cannot be read stands in its place with Damage. Where its place cannot be read either it stands at the start, with no CreatedAt. A filter
// leaves it out only by what can be read of it. A row whose id is no text is no key's, and is not listed.
func (db *DB) ListKeys(ctx context.Context, store string, filter keystore.KeyFilter, after keystore.Position, limit int) ([]keystore.KeyRecord, error) {
	if err := errors.Join(checkIDs(store), checkLimit(limit), checkFilter(filter)); err != nil {
		return nil, err
	}
	if after.ID != "" {
		if err := checkIDs(after.ID); err != nil {
			return nil, err
		}
	}
	from := after.CreatedAt.UnixMicro()
	var all []keystore.KeyRecord
	read := func(query func(tx *gorm.DB) *gorm.DB) error {
		return db.rows(ctx, "list keys", query, func(f *fields) { all = append(all, f.key(store)) })
	}
	if after.CreatedAt.IsZero() {
		from = math.MinInt64
		err := read(func(tx *gorm.DB) *gorm.DB {
			return tx.Raw(selectLost, store, int64(lastMoment), after.ID, limit)
		})
		if err != nil {
			return nil, err
		}
	}
	lost := len(all)
	states := []keystore.KeyState{filter.State}
	if filter.State != "" {
		states = append(states, noState)
	}
	for _, state := range states {
		filter.State = state
		err := read(func(tx *gorm.DB) *gorm.DB { return page(tx, store, filter, from, after.ID, limit) })
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(all[lost:], func(a, b keystore.KeyRecord) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), strings.Compare(a.ID, b.ID))
	})
	return all[:min(limit, len(all))], nil
}

// noState selects keys in a state that there is not.
const noState keystore.KeyState = "?"

// page selects the keys that pass a filter after a position. '{' comes after all that ids are made of, and in SQLite's order before what is no text.
func page(tx *gorm.DB, store string, filter keystore.KeyFilter, from int64, id string, limit int) *gorm.DB {
	var q *gorm.DB
	if t := filter.Tag; t == nil {
		q = tx.Table("keys k").Order("k.created_at, k.id").
			Where("k.keystore_id = ? AND (k.created_at, k.id) > (?, ?) AND k.created_at <= ?", store, from, id, int64(lastMoment))
	} else {
		q = tx.Table("key_tags t").Order("t.created_at, t.key_id").
			Joins("JOIN keys k ON k.keystore_id = t.keystore_id AND k.id = t.key_id AND k.created_at = t.created_at").
			Where("t.keystore_id = ? AND t.name = ? AND t.value = ? AND (t.created_at, t.key_id) > (?, ?) AND t.created_at <= ?",
				store, t.Name, t.Value, from, id, int64(lastMoment))
	}
	if filter.Type != "" {
		q = q.Where("k.type = ?", string(filter.Type))
	}
	switch filter.State {
	case "":
	case noState:
		q = q.Where("k.state NOT IN ('ENABLED', 'DISABLED') AND k.id < ?", "{")
	case keystore.KeyPendingDeletion:
		q = q.Where("k.delete_at IS NOT NULL AND k.id < ?", "{")
	default:
		q = q.Where("k.delete_at IS NULL AND k.state = ?", string(filter.State))
	}
	return q.Where("k.id < ?", "{").Joins(newestVersion).Select(keyColumns).Limit(limit)
}

func checkFilter(f keystore.KeyFilter) error {
	var err error
	if f.Type != "" {
		err = checkText("a key's type", string(f.Type))
	}
	if f.State != "" && f.State != keystore.KeyPendingDeletion {
		err = errors.Join(err, checkState(f.State))
	}
	if f.Tag != nil {
		err = errors.Join(err, checkTag(*f.Tag))
	}
	return err
}

// DueKeys lists up to limit (1 to 1000) keys that are due by now, soonest first.
func (db *DB) DueKeys(ctx context.Context, now time.Time, limit int) ([]keystore.DueKey, error) {
	if err := checkLimit(limit); err != nil {
		return nil, err
	}
	var due []keystore.DueKey
	err := db.rows(ctx, "list due keys", func(tx *gorm.DB) *gorm.DB {
		return tx.Raw(`SELECT keystore_id, id FROM keys WHERE due_at <= ? ORDER BY due_at, keystore_id, id LIMIT ?`, now.UnixMicro(), limit)
	}, func(f *fields) {
		if d := (keystore.DueKey{Keystore: field[string](f), ID: field[string](f)}); f.bad == "" {
			due = append(due, d)
		}
	})
	return due, err
}
