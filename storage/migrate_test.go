package storage_test

import (
	"bytes"
	"database/sql"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"

	"twolock/storage"
	"twolock/storage/storagetest"
)

// raw opens the database beside the package.
func raw(t testing.TB, dsn string) *sql.DB {
	t.Helper()
	driver, name := "pgx", dsn
	if path, ok := strings.CutPrefix(dsn, "sqlite:"); ok {
		driver, name = "sqlite", path+"?_pragma=busy_timeout(5000)"
	}
	db, err := sql.Open(driver, name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func execute(t *testing.T, db *sql.DB, statement string) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func TestReopen(t *testing.T) {
	for name, fresh := range databases {
		t.Run(name, func(t *testing.T) {
			dsn, r := fresh(t), storagetest.Record()
			for i := range 3 {
				db, err := storage.Open(t.Context(), dsn)
				if err != nil {
					t.Fatalf("Open %d: %v", i+1, err)
				}
				if i == 0 {
					if err := db.InsertKeystore(t.Context(), r); err != nil {
						t.Fatalf("InsertKeystore: %v", err)
					}
				}
				if got, err := db.Keystore(t.Context(), r.ID); err != nil || got.Controller != r.Controller {
					t.Errorf("Keystore after Open %d: got %v, error %v", i+1, got.Controller, err)
				}
				if err := db.Close(); err != nil {
					t.Errorf("Close %d: %v", i+1, err)
				}
				if err := db.InsertKeystore(t.Context(), storagetest.Record()); err == nil {
					t.Error("InsertKeystore after Close succeeded")
				}
			}
		})
	}
}

func TestServersStartAtOnce(t *testing.T) {
	for name, fresh := range databases {
		t.Run(name, func(t *testing.T) {
			dsn := fresh(t)
			var wg sync.WaitGroup
			for range 4 {
				wg.Go(func() {
					db, err := storage.Open(t.Context(), dsn)
					if err != nil {
						t.Errorf("Open: %v", err)
						return
					}
					if err := db.InsertKeystore(t.Context(), storagetest.Record()); err != nil {
						t.Errorf("InsertKeystore: %v", err)
					}
					if err := db.Close(); err != nil {
						t.Errorf("Close: %v", err)
					}
				})
			}
			wg.Wait()
		})
	}
}

func TestNewerDatabaseIsLeftAlone(t *testing.T) {
	for name, fresh := range databases {
		t.Run(name, func(t *testing.T) {
			dsn := fresh(t)
			db, err := storage.Open(t.Context(), dsn)
			if err != nil {
				t.Fatalf("Open: %v", err)
			}
			if err := db.Close(); err != nil {
				t.Fatalf("Close: %v", err)
			}
			beside := raw(t, dsn)
			// As a newer version would leave it: its number is there, and a column this version does not know.
			execute(t, beside, "ALTER TABLE keys ADD COLUMN of_tomorrow BIGINT")
			execute(t, beside, "INSERT INTO schema_versions (version_id, is_applied) VALUES (99999, "+
				map[bool]string{true: "1", false: "true"}[strings.HasPrefix(dsn, "sqlite")]+")")
			before := snapshot(t, beside, dsn)

			db, err = storage.Open(t.Context(), dsn)
			if !errors.Is(err, storage.ErrNewer) {
				t.Errorf("Open: got %v, want ErrNewer", err)
			}
			if err == nil {
				db.Close()
			}
			if !bytes.Equal(snapshot(t, beside, dsn), before) {
				t.Error("Open changed a database that it refused")
			}
		})
	}
}

// snapshot is the SQLite file, or how many rows and tables PostgreSQL has.
func snapshot(t *testing.T, db *sql.DB, dsn string) []byte {
	t.Helper()
	if path, ok := strings.CutPrefix(dsn, "sqlite:"); ok {
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return file
	}
	var state string
	err := db.QueryRowContext(t.Context(), `SELECT (SELECT string_agg(relname, ',' ORDER BY relname) FROM pg_class) || ' ' ||
		(SELECT string_agg(version_id::text, ',' ORDER BY id) FROM schema_versions)`).Scan(&state)
	if err != nil {
		t.Fatal(err)
	}
	return []byte(state)
}

// Identifiers are compared as bytes: the order is the same everywhere, and no change of the operating system's collations
// can break an index.
func TestPostgresComparesBytes(t *testing.T) {
	dsn := storagetest.Postgres(t)
	open(t, dsn)
	rows, err := raw(t, dsn).QueryContext(t.Context(), `SELECT table_name, column_name, coalesce(collation_name, 'default')
		FROM information_schema.columns WHERE table_schema = 'public' AND data_type IN ('text', 'character varying')`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	n := 0
	for rows.Next() {
		var table, column, collation string
		if err := rows.Scan(&table, &column, &collation); err != nil {
			t.Fatal(err)
		}
		if n++; collation != "C" {
			t.Errorf("%s.%s has collation %s, want C", table, column, collation)
		}
	}
	if err := rows.Err(); err != nil || n < 10 {
		t.Errorf("looked at %d text columns, error %v", n, err)
	}
}
