package storage

import (
	"context"
	"errors"
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"twolock/keystore"
)

type condemnedRow struct {
	KeystoreID string
	KeyID      string
	DeleteAt   int64
	Tag        []byte
}

func (condemnedRow) TableName() string { return "condemned_keys" }

// CondemnKey notes that a damaged key is to be deleted, if nothing is noted of it yet, and returns what stands. keystore.ErrNotFound when there is no such
// keystore.
func (db *DB) CondemnKey(ctx context.Context, c keystore.CondemnedKey) (keystore.CondemnedKey, error) {
	err := errors.Join(checkIDs(c.Keystore, c.ID), checkBlob("a tag", c.Tag))
	if c.DeleteAt.IsZero() {
		err = errors.Join(err, errors.New("storage: a deletion has no time"))
	}
	if err != nil {
		return keystore.CondemnedKey{}, err
	}
	var stands condemnedRow
	err = db.write(ctx, "condemn key", func(tx *gorm.DB) error {
		row := condemnedRow{c.Keystore, c.ID, c.DeleteAt.UnixMicro(), c.Tag}
		if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
			return err
		}
		return tx.Where("keystore_id = ? AND key_id = ?", c.Keystore, c.ID).Take(&stands).Error
	})
	if err != nil {
		return keystore.CondemnedKey{}, err
	}
	return stands.condemned(), nil
}

func (r condemnedRow) condemned() keystore.CondemnedKey {
	return keystore.CondemnedKey{Keystore: r.KeystoreID, ID: r.KeyID, DeleteAt: moment(r.DeleteAt), Tag: r.Tag}
}

// CondemnedKeys lists up to limit (1 to 1000) keys of a keystore that are to be deleted, soonest first. What cannot be read of a row is not there.
func (db *DB) CondemnedKeys(ctx context.Context, store string, limit int) ([]keystore.CondemnedKey, error) {
	if err := errors.Join(checkIDs(store), checkLimit(limit)); err != nil {
		return nil, err
	}
	var all []keystore.CondemnedKey
	err := db.rows(ctx, "list condemned keys", func(tx *gorm.DB) *gorm.DB {
		return tx.Raw(`SELECT key_id, delete_at, tag FROM condemned_keys WHERE keystore_id = ? ORDER BY delete_at, key_id LIMIT ?`, store, limit)
	}, func(f *fields) {
		c := keystore.CondemnedKey{Keystore: store, ID: field[string](f), DeleteAt: moment(field[int64](f)), Tag: optional[[]byte](f)}
		if c.ID != "" {
			all = append(all, c)
		}
	})
	return all, err
}

// PardonKey forgets that a key is to be deleted. keystore.ErrNotFound when that was not noted.
func (db *DB) PardonKey(ctx context.Context, store, id string) error {
	if err := checkIDs(store, id); err != nil {
		return err
	}
	return db.write(ctx, "pardon key", func(tx *gorm.DB) error {
		done := tx.Where("keystore_id = ? AND key_id = ?", store, id).Delete(&condemnedRow{})
		if done.Error == nil && done.RowsAffected == 0 {
			return fmt.Errorf("storage: pardon key: %w", keystore.ErrNotFound)
		}
		return done.Error
	})
}
