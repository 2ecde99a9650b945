package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
)

// CopySQLite copies a SQLite database, as it is at one moment, into a new file that its owner alone reads; servers may go on writing. When it returns the
// copy is whole, checked, and on the disk; when it fails there is none. os.ErrNotExist when there is no database, os.ErrExist when there is a file already.
func CopySQLite(ctx context.Context, path, to string) (err error) {
	if path, err = filepath.Abs(path); err != nil {
		return err
	}
	if _, err := os.Stat(path); err != nil { // SQLite would make one
		return err
	}
	// The mode has to be there before the first byte is; SQLite takes a file that is empty.
	f, err := os.OpenFile(to, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err = errors.Join(err, f.Close()); err != nil {
			_ = os.Remove(to)
		}
	}()
	if err := onSQLiteFile(path, func(db *sql.DB) error {
		_, err := db.ExecContext(ctx, "VACUUM INTO ?", to)
		return err
	}); err != nil {
		return fmt.Errorf("storage: copy SQLite database: %w", err)
	}
	if err := onSQLiteFile(to, func(db *sql.DB) error { return checkSQLite(ctx, db) }); err != nil {
		return fmt.Errorf("storage: check the copy: %w", err)
	}
	folder, err := os.Open(filepath.Dir(to))
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), folder.Sync(), folder.Close())
}

func onSQLiteFile(path string, do func(db *sql.DB) error) error {
	path, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: filepath.ToSlash(path)}).EscapedPath()+"?mode=rw&_pragma=busy_timeout(5000)")
	if err != nil {
		return err
	}
	return errors.Join(do(db), db.Close())
}

// checkSQLite refuses a file that is damaged, or no database of ours.
func checkSQLite(ctx context.Context, db *sql.DB) error {
	var verdict string
	if err := db.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&verdict); err != nil {
		return err
	}
	if verdict != "ok" {
		return errors.New(verdict)
	}
	var n int
	return db.QueryRowContext(ctx, "SELECT count(*) FROM (SELECT 1 FROM service_sealings LIMIT 1)").Scan(&n)
}
