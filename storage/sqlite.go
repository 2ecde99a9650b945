package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	driver "modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"

	"twolock/keystore"
)

// sqliteReaders is the size of the pool for reading. WAL lets them read while one writes.
const sqliteReaders = 4

// sqliteSettings go to every connection. journal_size_limit keeps a write-ahead log that grew once from staying large, secure_delete overwrites what
// was deleted (and see clean), and temp_store keeps copies of rows out of temporary files.
const sqliteSettings = "_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)" +
	"&_pragma=foreign_keys(1)&_pragma=secure_delete(ON)&_pragma=temp_store(MEMORY)&_pragma=journal_size_limit(67108864)&_txlock=immediate"

func openSQLite(ctx context.Context, path string, checks []Check) (*DB, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("storage: open SQLite file: %w", err)
	}
	if err := touch(path); err != nil {
		return nil, fmt.Errorf("storage: open SQLite file: %w", err)
	}
	name := "file:" + (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath() + "?" + sqliteSettings
	writes, err := sql.Open("sqlite", name)
	if err != nil {
		return nil, fmt.Errorf("storage: open SQLite file: %w", err)
	}
	writes.SetMaxOpenConns(1)
	reads, err := sql.Open("sqlite", name+"&_query_only=1")
	if err != nil {
		return nil, errors.Join(fmt.Errorf("storage: open SQLite file: %w", err), writes.Close())
	}
	reads.SetMaxOpenConns(sqliteReaders)
	reads.SetMaxIdleConns(sqliteReaders)

	db, err := startSQLite(ctx, writes, reads, checks)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("storage: open SQLite file: %w", err), reads.Close(), writes.Close())
	}
	return db, nil
}

func startSQLite(ctx context.Context, writes, reads *sql.DB, checks []Check) (*DB, error) {
	for _, pool := range []*sql.DB{writes, reads} {
		if err := verifySQLite(ctx, pool); err != nil {
			return nil, err
		}
	}
	if err := migrate(ctx, writes, goose.DialectSQLite3, nil, checks); err != nil {
		return nil, err
	}
	w, err := withGORM(onSQLite(writes), true)
	if err != nil {
		return nil, err
	}
	r, err := withGORM(onSQLite(reads), true)
	if err != nil {
		return nil, err
	}
	g := newGroup(w)
	// The writer closes last: it moves the write-ahead log into the file.
	e := &eraser{every: 30 * time.Second, run: clean(writes, g)}
	return &DB{reads: r, writes: g, erases: e, closes: []func() error{e.close, g.drain, reads.Close, writes.Close}}, nil
}

// touch makes the file, readable by its owner only (SQLite gives its side files the same mode), and its entry in the
// folder durable: SQLite syncs the file, not the folder it is new in.
func touch(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// verifySQLite asks a pooled connection for the settings it really has: WAL is refused silently by some file systems, and
// a setting that is misspelt changes nothing.
func verifySQLite(ctx context.Context, pool *sql.DB) error {
	var journal string
	var synchronous, foreignKeys, secureDelete int
	// Switching a new file to WAL does not wait for others who do the same, whatever busy_timeout says.
	for attempt := 0; ; attempt++ {
		err := pool.QueryRowContext(ctx, "SELECT (SELECT journal_mode FROM pragma_journal_mode()), "+
			"(SELECT synchronous FROM pragma_synchronous()), (SELECT foreign_keys FROM pragma_foreign_keys()), "+
			"(SELECT secure_delete FROM pragma_secure_delete())").
			Scan(&journal, &synchronous, &foreignKeys, &secureDelete)
		if err == nil {
			break
		}
		if attempt == 50 || sqliteCode(err)&0xff != codes.SQLITE_BUSY {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
	switch {
	case !strings.EqualFold(journal, "wal"):
		return fmt.Errorf("%w: journal_mode is %s, must be wal (is the file on a network file system?)", ErrNotDurable, journal)
	case synchronous < 2:
		return fmt.Errorf("%w: synchronous is %d, must be 2 (FULL) or more", ErrNotDurable, synchronous)
	case foreignKeys != 1:
		return errors.New("foreign_keys is off")
	case secureDelete != 1:
		return fmt.Errorf("secure_delete is %d, must be 1 (ON): deleted keys would stay in the file", secureDelete)
	}
	return nil
}

// sqliteDialect is GORM's with the error codes of the driver without C, which it does not know.
type sqliteDialect struct{ *sqlite.Dialector }

func onSQLite(pool *sql.DB) gorm.Dialector {
	return sqliteDialect{&sqlite.Dialector{DriverName: "sqlite", Conn: pool}}
}

// Translate makes errors of the violations that the domain acts on. The only index that is unique and no primary key is that of the names of keys.
func (sqliteDialect) Translate(err error) error {
	switch sqliteCode(err) {
	case codes.SQLITE_CONSTRAINT_PRIMARYKEY:
		return gorm.ErrDuplicatedKey
	case codes.SQLITE_CONSTRAINT_UNIQUE:
		return keystore.ErrNameTaken
	case codes.SQLITE_CONSTRAINT_FOREIGNKEY:
		return gorm.ErrForeignKeyViolated
	}
	return err
}

// sqliteCode is the extended result code; 0 of any other error.
func sqliteCode(err error) int {
	if e, ok := errors.AsType[*driver.Error](err); ok {
		return e.Code()
	}
	return 0
}

// diskFailed tells whether SQLite could not read, write or sync. After a failed sync nobody knows what is on disk, and
// trying again would report success for pages that were dropped: nothing more is written until a restart has recovered.
func diskFailed(err error) bool {
	code := sqliteCode(err) & 0xff
	return code == codes.SQLITE_IOERR || code == codes.SQLITE_CORRUPT
}
