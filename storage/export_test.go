package storage

import (
	"context"
	"time"

	"gorm.io/gorm"
)

// VerifySQLite is for testing that a connection without the settings is refused.
var VerifySQLite = verifySQLite

// EraseEvery is for testing without a wait.
func (db *DB) EraseEvery(d time.Duration) { db.erases.every = d }

// Watch shows each statement that is read with, to have the database explain it.
func (db *DB) Watch(see func(sql string, values []any)) error {
	watch := func(tx *gorm.DB) { see(tx.Statement.SQL.String(), tx.Statement.Vars) }
	if err := db.reads.Callback().Row().After("gorm:row").Register("test:watch", watch); err != nil {
		return err
	}
	return db.reads.Callback().Query().After("gorm:query").Register("test:watch", watch)
}

// DeleteSome is what DeleteKeystore had done when it was interrupted.
func (db *DB) DeleteSome(ctx context.Context, id string, revision int64) (more bool, err error) {
	err = db.write(ctx, "delete keystore", func(tx *gorm.DB) (err error) {
		more, err = deleteSome(tx, id, revision)
		return err
	})
	return more, err
}
