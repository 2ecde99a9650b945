package storage

import (
	"context"
	"errors"
	"slices"

	"gorm.io/gorm"

	"twolock/keystore"
)

// The keystores' sealings as the server's locks come and go.

// sealingsAhead is how many keystores are looked at for a page of those that a lock has not sealed: some 10 ms of them.
const sealingsAhead = 10_000

// unsealed leaves out a keystore that nothing seals: it is being deleted. Each keystore is asked for by its own, which no planner makes a join of: what
// it knows of a lock's sealings is old while they are being made.
const (
	endOfWindow = `SELECT id FROM keystores WHERE id > ? ORDER BY id LIMIT 1 OFFSET ?`
	unsealed    = ` FROM keystores u WHERE u.id > ? AND u.id <= ?
		AND (SELECT x.lock_id FROM keystore_sealings x WHERE x.keystore_id = u.id AND x.lock_id = ? LIMIT 1) IS NULL
		AND (SELECT y.lock_id FROM keystore_sealings y WHERE y.keystore_id = u.id LIMIT 1) IS NOT NULL`
	removeSealings = `DELETE FROM keystore_sealings WHERE lock_id = ? AND keystore_id IN ?
		AND (SELECT o.lock_id FROM keystore_sealings o WHERE o.keystore_id = keystore_sealings.keystore_id AND o.lock_id IN ? LIMIT 1) IS NOT NULL`
	lastID = "~" // after every id there can be
)

// UnsealedBy lists up to limit (1 to 1000) keystores with ids after the one given, by id, that have a sealing, but none by the lock. It looks at
// 10,000 at most. The next page begins after end; when that is empty, there is none.
func (db *DB) UnsealedBy(ctx context.Context, lockID, after string, limit int) (ids []string, end string, err error) {
	err = errors.Join(checkText("a lock's id", lockID), checkLimit(limit))
	if after != "" {
		err = errors.Join(err, checkIDs(after))
	}
	if err != nil {
		return nil, "", err
	}
	const what = "list keystores without a sealing"
	var window []string
	err = db.read(ctx, what, func(tx *gorm.DB) *gorm.DB { return tx.Raw(endOfWindow, after, sealingsAhead-1).Scan(&window) })
	if err != nil {
		return nil, "", err
	}
	last := lastID
	if len(window) > 0 {
		last, end = window[0], window[0]
	}
	err = db.read(ctx, what, func(tx *gorm.DB) *gorm.DB {
		return tx.Raw(`SELECT u.id`+unsealed+` ORDER BY u.id LIMIT ?`, after, last, lockID, limit).Scan(&ids)
	})
	if err != nil {
		return nil, "", err
	}
	if len(ids) == limit {
		end = ids[limit-1]
	}
	return ids, end, nil
}

// CountUnsealed counts all that UnsealedBy lists. It looks at every keystore, about a million a second.
func (db *DB) CountUnsealed(ctx context.Context, lockID string) (n int64, err error) {
	if err := checkText("a lock's id", lockID); err != nil {
		return 0, err
	}
	err = db.read(ctx, "count keystores without a sealing", func(tx *gorm.DB) *gorm.DB {
		return tx.Raw(`SELECT count(*)`+unsealed, "", lastID, lockID).Scan(&n)
	})
	return n, err
}

// AddSealing adds a sealing by a further server lock. keystore.ErrExists when the keystore has one by that lock,
// keystore.ErrNotFound when there is no such keystore, or it is being deleted.
func (db *DB) AddSealing(ctx context.Context, store, lockID string, sealed []byte) error {
	if err := errors.Join(checkIDs(store), checkSealings(map[string][]byte{lockID: sealed})); err != nil {
		return err
	}
	return db.write(ctx, "add sealing", func(tx *gorm.DB) error {
		if tx.Name() == "postgres" { // who deletes the keystore comes before or after
			var held []int
			if err := tx.Raw(`SELECT 1 FROM keystores WHERE id = ? FOR SHARE`, store).Scan(&held).Error; err != nil {
				return err
			}
		}
		var others []int
		if err := tx.Raw(`SELECT 1 FROM keystore_sealings WHERE keystore_id = ? LIMIT 1`, store).Scan(&others).Error; err != nil {
			return err
		}
		if len(others) == 0 {
			return keystore.ErrNotFound
		}
		return tx.Create(&sealingRow{store, lockID, sealed}).Error
	})
}

// RemoveSealings deletes the sealings by a lock that is retired of up to limit (1 to 1000) keystores with ids after the one given, by id. Where none of
// the other locks has sealed the keystore too, it is kept. What is deleted is erased as with DeleteKey.
func (db *DB) RemoveSealings(ctx context.Context, lockID string, others []string, after string, limit int) (keystore.Removal, error) {
	err := errors.Join(checkRetired(lockID, others), checkLimit(limit))
	if after != "" {
		err = errors.Join(err, checkIDs(after))
	}
	if err != nil {
		return keystore.Removal{}, err
	}
	var done keystore.Removal
	err = db.write(ctx, "remove sealings", func(tx *gorm.DB) error {
		done = keystore.Removal{}
		var ids []string
		err := tx.Raw(`SELECT keystore_id FROM keystore_sealings WHERE lock_id = ? AND keystore_id > ? ORDER BY keystore_id LIMIT ?`, lockID, after, limit).Scan(&ids).Error
		if err != nil || len(ids) == 0 {
			return err
		}
		if tx.Name() == "postgres" { // one of two locks that are retired for each other's sake stays: the next statement sees what the other left
			var held []string
			if err := tx.Raw(`SELECT id FROM keystores WHERE id IN ? ORDER BY id FOR NO KEY UPDATE`, ids).Scan(&held).Error; err != nil {
				return err
			}
		}
		deleted := tx.Exec(removeSealings, lockID, ids, others)
		done.Removed, done.Kept = int(deleted.RowsAffected), len(ids)-int(deleted.RowsAffected)
		if len(ids) == limit {
			done.End = ids[limit-1]
		}
		return deleted.Error
	})
	if err != nil {
		return keystore.Removal{}, err
	}
	if done.Removed > 0 {
		db.erases.ask()
	}
	return done, nil
}

func checkRetired(lockID string, others []string) error {
	err := errors.Join(checkText("a lock's id", lockID), checkList("a list of locks", others))
	if len(others) == 0 || slices.Contains(others, lockID) {
		err = errors.Join(err, errors.New("storage: a lock is to be retired, and no other is named that stays"))
	}
	return err
}
