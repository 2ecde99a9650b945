// Package storage keeps keystores and keys in SQL: one SQLite file, or PostgreSQL shared by several servers.
//
// It implements keystore.Store. It sees sealed blobs and metadata, never an open secret, and trusts nobody who can read
// the database with more than that; what becomes of them when a key is deleted is said at DeleteKey. It promises three things, and checks at start that the database can keep them:
//   - What a write acknowledged survives kill -9 and power loss: SQLite in WAL mode with synchronous=FULL, PostgreSQL with
//     fsync on and synchronous_commit not off. Otherwise Open refuses with ErrNotDurable.
//   - What was refused left nothing: every write is one transaction.
//   - Creation is insert-if-absent in the database, so that of two servers that race one wins and the other learns of it.
//
// Every statement is written out here with bound values; no condition is made from a struct or a caller's string, for an
// empty field would then widen it to other keystores. A test reads this package's source to keep it so.
package storage

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"twolock/keystore"
)

var (
	// ErrNewer: the database was written by a newer version of the program. Nothing was changed.
	ErrNewer = errors.New("the database belongs to a newer version of twolock: run that version, or restore an older backup")
	// ErrNotDurable: the database would lose acknowledged writes in a power cut. It comes wrapped with the setting at fault.
	ErrNotDurable = errors.New("the database would lose acknowledged writes in a power cut")
)

// patience bounds every call beside the caller's own deadline: a database that does not answer is an error, not a hang.
const patience = 10 * time.Second

// DB is an open database. Its methods are safe for concurrent use, and several programs may use one database.
type DB struct {
	reads  *gorm.DB
	writes writer
	erases *eraser
	closes []func() error

	pinging  sync.Mutex
	pinged   time.Time
	pingedAs error
}

var _ keystore.Store = (*DB)(nil)

// writer runs change in a transaction and returns once it is on disk, or the reason why nothing of it was written.
type writer interface {
	write(ctx context.Context, change func(tx *gorm.DB) error) error
}

// Check tells whether a database is one's own to change.
type Check func(ctx context.Context, sealings map[string][]byte) error

// Open opens the database and brings its schema up to date. The DSN is sqlite:PATH (the file is made if it is not there,
// readable by its owner only; its folder must exist) or a postgres:// URL (version 14 or newer).
// Before the schema of an older database is changed, each check gets the sealings of the service's secret, by lock id; what it returns ends Open, and
// nothing was written.
// Errors never contain the DSN, for it may hold a password.
func Open(ctx context.Context, dsn string, checks ...Check) (*DB, error) {
	scheme, rest, _ := strings.Cut(dsn, ":")
	switch {
	case scheme == "sqlite" && rest != "":
		return openSQLite(ctx, rest, checks)
	case scheme == "postgres", scheme == "postgresql":
		return openPostgres(ctx, dsn, checks)
	}
	return nil, errors.New("storage: the database must be sqlite:PATH or postgres://…")
}

// Close waits for running calls and closes the database.
func (db *DB) Close() error {
	var errs []error
	for _, c := range db.closes {
		errs = append(errs, c())
	}
	return errors.Join(errs...)
}

// withGORM puts the ORM on a dialect. It logs nothing: statements carry sealed blobs and identities.
func withGORM(d gorm.Dialector, prepare bool) (*gorm.DB, error) {
	return gorm.Open(d, &gorm.Config{
		Logger:                 logger.Discard,
		TranslateError:         true,
		SkipDefaultTransaction: true, // writes open their own
		PrepareStmt:            prepare,
		DisableAutomaticPing:   true,
	})
}

// read runs one query under the deadline of the caller or of the database, whichever is earlier.
func (db *DB) read(ctx context.Context, what string, query func(tx *gorm.DB) *gorm.DB) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return explain(what, query(db.reads.WithContext(ctx)).Error)
}

// write makes a change under the same deadline, all or nothing.
func (db *DB) write(ctx context.Context, what string, change func(tx *gorm.DB) error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return explain(what, db.writes.write(ctx, change))
}

// writeAgain makes a change that may find something there and no more a moment later, or not all that belongs to it: that a foreign key was violated
// tells of a race, and it is tried again.
func (db *DB) writeAgain(ctx context.Context, what string, change func(tx *gorm.DB) error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var err error
	for range 5 {
		if err = db.writes.write(ctx, change); !errors.Is(err, gorm.ErrForeignKeyViolated) {
			break
		}
	}
	return explain(what, err)
}
