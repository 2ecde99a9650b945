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
const (
	lastMoment    = 253402300799999999
	lastMomentSQL = "253402300799999999" // as the index keys_of_no_time has it
)

// ListKeys returns up to limit (1 to 1000) keys after the position, by age and then id, the newest version of each. An unknown keystore has none.
//
// A page costs the same wherever it is: one condition is read along an index of its own. Of several, the tag's index is read, or else one of the others',
// past what the rest does not take, however much that is: package keystore asks for one.
//
// A key that cannot be read stands in its place with Damage. Where its place cannot be read either it stands at the start, with no CreatedAt, and no
// filter but a tag leaves it out. Else one leaves it out by what can be read of it. A row whose id is no text is no key's, and is not listed.
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
	if after.CreatedAt.IsZero() {
		from = math.MinInt64
	}
	var all []keystore.KeyRecord
	read := func(query func(tx *gorm.DB) *gorm.DB, each func(*fields) keystore.KeyRecord) error {
		return db.rows(ctx, "list keys", query, func(f *fields) { all = append(all, each(f)) })
	}
	inPlace := func(f *fields) keystore.KeyRecord { return f.key(store) }
	if filter.Tag != nil {
		inPlace = func(f *fields) keystore.KeyRecord { return f.tagged(store) }
	} else if after.CreatedAt.IsZero() { // of a tag's keys the place is known
		err := read(func(tx *gorm.DB) *gorm.DB {
			return tx.Raw(selectKey+`WHERE k.keystore_id = ? AND k.created_at > `+lastMomentSQL+` AND k.id > ? AND k.id < '{' ORDER BY k.id LIMIT ?`,
				store, after.ID, limit)
		}, func(f *fields) keystore.KeyRecord { return f.key(store) })
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
		err := read(func(tx *gorm.DB) *gorm.DB { return page(tx, store, filter, from, after.ID, limit) }, inPlace)
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
		q = tx.Table("keys k").Select(keyColumns).Order("k.created_at, k.id").
			Where("k.keystore_id = ? AND (k.created_at, k.id) > (?, ?) AND k.created_at <= ? AND k.id < '{'", store, from, id, int64(lastMoment))
	} else {
		q = tx.Table("key_tags t").Select(keyColumns+", t.created_at").Order("t.created_at, t.key_id").
			Joins("JOIN keys k ON k.keystore_id = t.keystore_id AND k.id = t.key_id").
			Where("t.keystore_id = ? AND t.name = ? AND t.value = ? AND (t.created_at, t.key_id) > (?, ?) AND t.created_at <= ? AND t.key_id < '{'",
				store, t.Name, t.Value, from, id, int64(lastMoment))
	}
	if filter.Type != "" {
		q = q.Where("k.type = ?", string(filter.Type))
	}
	switch filter.State {
	case "":
	case noState:
		q = q.Where("k.state NOT IN ('ENABLED', 'DISABLED') AND k.keystore_id = ?", store)
	case keystore.KeyPendingDeletion:
		q = q.Where("k.delete_at IS NOT NULL AND k.keystore_id = ?", store)
	default:
		q = q.Where("k.delete_at IS NULL AND k.state = ?", string(filter.State))
	}
	return q.Joins(newestVersion).Limit(limit)
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

// Postpone makes a key that is due so later. keystore.ErrNotFound when it is not there, or was not due at all.
func (db *DB) Postpone(ctx context.Context, store, id string, until time.Time) error {
	if err := checkIDs(store, id); err != nil {
		return err
	}
	return db.write(ctx, "postpone a due key", func(tx *gorm.DB) error {
		set := tx.Exec(`UPDATE keys SET due_at = ? WHERE keystore_id = ? AND id = ? AND due_at IS NOT NULL`, until.UnixMicro(), store, id)
		if set.Error == nil && set.RowsAffected == 0 {
			return keystore.ErrNotFound
		}
		return set.Error
	})
}

// Hasten makes all that is due of a keystore by a time so now, though it was postponed.
func (db *DB) Hasten(ctx context.Context, store string, now time.Time) error {
	if err := checkIDs(store); err != nil {
		return err
	}
	return db.write(ctx, "hasten due keys", func(tx *gorm.DB) error {
		return tx.Exec(`UPDATE keys SET due_at = ? WHERE keystore_id = ? AND due_at > ? AND (delete_at <= ? OR (delete_at IS NULL AND rotate_at <= ?))`,
			now.UnixMicro(), store, now.UnixMicro(), now.UnixMicro(), now.UnixMicro()).Error
	})
}
