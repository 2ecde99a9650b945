package storage_test

import (
	"path/filepath"
	"testing"

	"twolock/keystore"
	"twolock/storage"
	"twolock/storage/storagetest"
)

// open opens the database and closes it when the test ends.
func open(t testing.TB, dsn string) *storage.DB {
	t.Helper()
	db, err := storage.Open(t.Context(), dsn)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return db
}

// databases are the DSNs of a fresh database of each kind.
var databases = map[string]func(testing.TB) string{
	"SQLite":     newSQLite,
	"PostgreSQL": storagetest.Postgres,
}

func newSQLite(tb testing.TB) string { return "sqlite:" + filepath.Join(tb.TempDir(), "twolock.db") }

func TestContract(t *testing.T) {
	for name, fresh := range databases {
		t.Run(name, func(t *testing.T) {
			storagetest.Store(t, func(t *testing.T) (a, b keystore.Store) {
				dsn := fresh(t)
				return open(t, dsn), open(t, dsn)
			})
		})
	}
}
