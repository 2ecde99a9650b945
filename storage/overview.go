package storage

import (
	"context"
	"errors"
	"slices"
	"time"
	"unicode/utf8"

	"gorm.io/gorm"

	"twolock/crypto/key"
	"twolock/keystore"
)

// What operators see of all keystores together.

// A page of keystores is read in two steps: the places, along the index of one condition, and then what stands there. Whether a place passes
// the other conditions is told beside it, and not asked for: at most so many places are looked at for a page, however few pass.
const placesAhead = 1000

const (
	passes = `CASE WHEN (CAST(? AS TEXT) = '' OR controller = ?)
		AND (CAST(? AS TEXT) = '' OR CASE WHEN delete_at IS NOT NULL THEN 'PENDING_DELETION' ELSE state END = ?)
		AND (CAST(? AS TEXT) = '' OR CASE WHEN vault_url IS NULL THEN 'without' ELSE 'with' END = ?)
		AND (CAST(? AS TEXT) = '' OR REPLACE(COALESCE(tags, ''), ?, '') <> COALESCE(tags, '')) THEN 1 ELSE 0 END`
	selectPlaces = `SELECT id, created_at, name, ` + passes + ` AS passes FROM keystores WHERE `
	byAge        = ` (created_at, id) > (?, ?) ORDER BY created_at, id LIMIT ?`

	placesOfAll           = selectPlaces + byAge
	placesOfController    = selectPlaces + `controller = ? AND` + byAge
	placesOfState         = selectPlaces + `delete_at IS NULL AND state = ? AND` + byAge
	placesPendingDeletion = selectPlaces + `delete_at IS NOT NULL AND` + byAge
	placesWithVault       = selectPlaces + `vault_url IS NOT NULL AND` + byAge
	placesWithoutVault    = selectPlaces + `vault_url IS NULL AND` + byAge
	placesNamed           = selectPlaces + `name <> '' AND name < ? AND (name, id) > (?, ?) ORDER BY name, id LIMIT ?`
	placesNamedToTheEnd   = selectPlaces + `name <> '' AND (name, id) > (?, ?) ORDER BY name, id LIMIT ?`
)

// ListKeystores returns up to limit (1 to 1000) keystores after the position, by age and then id, or by name and then id where the filter has a name's
// beginning. Of one condition a page is full unless it is the last; of several, only as far as it has looked.
func (db *DB) ListKeystores(ctx context.Context, filter keystore.KeystoreFilter, after keystore.KeystorePosition, limit int) (keystore.KeystorePage, error) {
	var page keystore.KeystorePage
	if err := errors.Join(checkLimit(limit), checkKeystoreFilter(filter)); err != nil {
		return page, err
	}
	var ids []string
	ahead, seen := limit+1, 0
	if conditions(filter) > 1 || filter.Tag != nil {
		ahead = max(ahead, placesAhead)
	}
	tag, err := inTags(filter.Tag)
	if err != nil {
		return page, err
	}
	err = db.rows(ctx, "list keystores", func(tx *gorm.DB) *gorm.DB { return places(tx, filter, tag, after, ahead) }, func(f *fields) {
		id, at, name, in := field[string](f), f.moment(), field[string](f), f.flag()
		seen++
		if f.bad != "" || page.More {
			return
		}
		if in && len(ids) == limit {
			page.More = true
			return
		}
		if in {
			ids = append(ids, id)
		}
		if !in && len(ids) == limit { // the page may as well end here
			return
		}
		page.End = keystore.KeystorePosition{CreatedAt: at, ID: id}
		if filter.NamePrefix != "" {
			page.End = keystore.KeystorePosition{Name: name, ID: id}
		}
	})
	if err != nil {
		return keystore.KeystorePage{}, err
	}
	page.More = page.More || seen == ahead
	if len(ids) == 0 {
		return page, nil
	}
	page.Records, err = db.keystoresByID(ctx, ids)
	return page, err
}

// keystoresByID returns those of the keystores that are there, in the order of the ids.
func (db *DB) keystoresByID(ctx context.Context, ids []string) ([]keystore.Record, error) {
	all := map[string]keystore.Record{}
	err := db.rows(ctx, "list keystores", func(tx *gorm.DB) *gorm.DB {
		return tx.Raw(selectKeystore+`keystores`+joinSealings+`WHERE k.id IN ?`, ids)
	}, func(f *fields) {
		r, lockID, sealed := f.keystore()
		if known, ok := all[r.ID]; ok {
			r = known
		}
		if lockID != "" {
			r.Sealed[lockID] = sealed
		}
		all[r.ID] = r
	})
	var ordered []keystore.Record
	for _, id := range ids {
		if r, ok := all[id]; ok {
			ordered = append(ordered, r)
		}
	}
	return ordered, err
}

// conditions counts those of a filter.
func conditions(f keystore.KeystoreFilter) (n int) {
	for _, is := range []bool{f.Controller != "", f.NamePrefix != "", f.State != "", f.Vault != nil} {
		if is {
			n++
		}
	}
	return n
}

// inTags is what stands in the column tags of what has the tag, and of nothing else: a quotation mark within a name or a value would have a backslash before it.
func inTags(t *keystore.Tag) (string, error) {
	if t == nil {
		return "", nil
	}
	list, err := pack([]keystore.Tag{*t})
	if err != nil {
		return "", err
	}
	return (*list)[1 : len(*list)-1], nil
}

// places selects along the index of the condition that is likely to narrow most.
func places(tx *gorm.DB, f keystore.KeystoreFilter, tag string, after keystore.KeystorePosition, limit int) *gorm.DB {
	vault := ""
	if f.Vault != nil {
		vault = map[bool]string{true: "with", false: "without"}[*f.Vault]
	}
	state := string(f.State)
	rest := []any{f.Controller, f.Controller, state, state, vault, vault, tag, tag}
	age := []any{after.CreatedAt.UnixMicro(), after.ID, limit}
	switch {
	case f.NamePrefix != "":
		from, id := after.Name, after.ID
		if from < f.NamePrefix { // '' is before every id
			from, id = f.NamePrefix, ""
		}
		if end := successor(f.NamePrefix); end != "" {
			return tx.Raw(placesNamed, append(rest, end, from, id, limit)...)
		}
		return tx.Raw(placesNamedToTheEnd, append(rest, from, id, limit)...)
	case f.Controller != "":
		return tx.Raw(placesOfController, append(append(rest, f.Controller), age...)...)
	case f.State == keystore.KeyPendingDeletion:
		return tx.Raw(placesPendingDeletion, append(rest, age...)...)
	case f.State == keystore.KeyDisabled, f.State != "" && f.Vault == nil:
		return tx.Raw(placesOfState, append(append(rest, state), age...)...)
	case f.Vault != nil && *f.Vault:
		return tx.Raw(placesWithVault, append(rest, age...)...)
	case f.Vault != nil:
		return tx.Raw(placesWithoutVault, append(rest, age...)...)
	}
	return tx.Raw(placesOfAll, append(rest, age...)...)
}

// successor is the first text, in the order of bytes, after all that begin so; "" when there is none.
func successor(prefix string) string {
	for prefix != "" {
		last, size := utf8.DecodeLastRuneInString(prefix)
		prefix = prefix[:len(prefix)-size]
		switch {
		case last == utf8.MaxRune: // nothing is after it: the rune before grows
			continue
		case last == 0xd7ff: // surrogates are no text
			return prefix + "\ue000"
		}
		return prefix + string(last+1)
	}
	return ""
}

func checkKeystoreFilter(f keystore.KeystoreFilter) error {
	var err error
	if f.State != "" && f.State != keystore.KeyPendingDeletion {
		err = checkState(f.State)
	}
	if f.Controller != "" {
		err = errors.Join(err, checkText("a controller", f.Controller))
	}
	if f.NamePrefix != "" {
		err = errors.Join(err, checkLabel(keystore.Label{Name: f.NamePrefix}))
	}
	if f.Tag != nil {
		err = errors.Join(err, checkTag(*f.Tag))
	}
	return err
}

// One statement each, so that the numbers are of one moment.
const (
	countKeys      = `SELECT type, state, count(*), count(delete_at) FROM keys GROUP BY type, state ORDER BY type, state`
	countKeystores = `SELECT (SELECT count(*) FROM keystores),
		(SELECT count(*) FROM keystores WHERE delete_at IS NULL AND state = 'DISABLED'),
		(SELECT count(*) FROM keystores WHERE delete_at IS NOT NULL),
		(SELECT count(*) FROM keystores WHERE vault_url IS NOT NULL),
		(SELECT count(*) FROM keystores WHERE vault_expires_at >= ? AND vault_expires_at < ?),
		(SELECT count(*) FROM keystores WHERE vault_expires_at < ?)`
)

// Count counts keystores, the keys of the database, and vaults. It reads indexes only; with many millions it takes longer than other calls may, and fails.
func (db *DB) Count(ctx context.Context, now, soon time.Time) (keystore.Counts, error) {
	c := keystore.Counts{Keystores: map[keystore.KeyState]int64{}}
	err := db.rows(ctx, "count keystores", func(tx *gorm.DB) *gorm.DB {
		return tx.Raw(countKeystores, now.UnixMicro(), soon.UnixMicro(), now.UnixMicro())
	}, func(f *fields) {
		all, disabled, pending := field[int64](f), field[int64](f), field[int64](f)
		c.Keystores[keystore.KeyDisabled], c.Keystores[keystore.KeyPendingDeletion] = disabled, pending
		c.Keystores[keystore.KeyEnabled] = all - disabled - pending
		c.Vaults, c.Ending, c.Ended = field[int64](f), field[int64](f), field[int64](f)
	})
	if err != nil {
		return keystore.Counts{}, err
	}
	pending := map[key.Type]int64{}
	var types []key.Type
	err = db.rows(ctx, "count keys", func(tx *gorm.DB) *gorm.DB { return tx.Raw(countKeys) }, func(f *fields) {
		k := keystore.KeyCount{Type: key.Type(field[string](f)), State: keystore.KeyState(field[string](f)), Count: field[int64](f)}
		going := field[int64](f)
		if f.bad != "" || !slices.Contains(key.Types(), k.Type) || checkState(k.State) != nil {
			return // somebody else wrote it
		}
		if k.Count -= going; k.Count > 0 {
			c.Keys = append(c.Keys, k)
		}
		if _, known := pending[k.Type]; !known {
			types = append(types, k.Type)
		}
		pending[k.Type] += going
	})
	if err != nil {
		return keystore.Counts{}, err
	}
	for _, t := range types {
		if pending[t] > 0 {
			c.Keys = append(c.Keys, keystore.KeyCount{Type: t, State: keystore.KeyPendingDeletion, Count: pending[t]})
		}
	}
	return c, nil
}
