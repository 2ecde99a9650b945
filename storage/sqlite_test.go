package storage_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"twolock/keystore"
	"twolock/storage"
	"twolock/storage/storagetest"
)

func TestSQLiteFileIsItsOwners(t *testing.T) {
	folder := t.TempDir()
	name := `odd name ?mode=memory&x=1#%41.db` // must be a file of that very name
	db := open(t, "sqlite:"+filepath.Join(folder, name))
	if err := db.InsertKeystore(t.Context(), storagetest.Record()); err != nil {
		t.Fatalf("InsertKeystore: %v", err)
	}
	for _, file := range []string{name, name + "-wal", name + "-shm"} {
		info, err := os.Stat(filepath.Join(folder, file))
		if err != nil {
			t.Fatal(err)
		}
		if mode := info.Mode().Perm(); mode != 0o600 {
			t.Errorf("%s has mode %o, want 600", file, mode)
		}
	}
}

func TestSQLiteFolderMustExist(t *testing.T) {
	db, err := storage.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "missing", "twolock.db"))
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Open in a folder that is not there: got %v, want os.ErrNotExist", err)
	}
	if err == nil {
		db.Close()
	}
}

func TestSQLiteThatIsNotADatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "twolock.db")
	text := []byte("this was somebody's diary, and twolock must not touch it: " + string(storagetest.Bytes(4096)))
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := storage.Open(t.Context(), "sqlite:"+path)
	if err == nil {
		db.Close()
		t.Fatal("Open of a file that is not a database succeeded")
	}
	if after, err := os.ReadFile(path); err != nil || string(after) != string(text) {
		t.Errorf("the file was changed (%v)", err)
	}
}

func TestSQLiteSettingsAreVerified(t *testing.T) {
	const wal, full, keys, erase = "_pragma=journal_mode(WAL)", "&_pragma=synchronous(FULL)", "&_pragma=foreign_keys(1)", "&_pragma=secure_delete(ON)"
	for _, c := range []struct {
		name, settings string
		good           bool
		want           error
	}{
		{"all of them", wal + full + keys + erase, true, nil},
		{"synchronous EXTRA", wal + "&_pragma=synchronous(EXTRA)" + keys + erase, true, nil},
		{"synchronous NORMAL", wal + "&_pragma=synchronous(NORMAL)" + keys + erase, false, storage.ErrNotDurable},
		{"synchronous misspelt", wal + "&_pragma=synchronous(OF)" + keys + erase, false, storage.ErrNotDurable},
		{"no WAL", "_pragma=journal_mode(DELETE)" + full + keys + erase, false, storage.ErrNotDurable},
		{"in memory", "mode=memory&" + wal + full + keys + erase, false, storage.ErrNotDurable},
		{"no foreign keys", wal + full + erase, false, nil},
		{"deleted bytes stay", wal + full + keys, false, nil},
		{"deleted bytes stay in free pages", wal + full + keys + "&_pragma=secure_delete(FAST)", false, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			pool, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "x.db")+"?"+c.settings)
			if err != nil {
				t.Fatal(err)
			}
			defer pool.Close()
			err = storage.VerifySQLite(t.Context(), pool)
			if (err == nil) != c.good || c.want != nil && !errors.Is(err, c.want) {
				t.Errorf("got %v, want good %v and error %v", err, c.good, c.want)
			}
		})
	}
}

// Another program holds the file's write lock, as a backup or a shell may.
func TestSQLiteWaitsItsTurn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "twolock.db")
	db := open(t, "sqlite:"+path)
	r := storagetest.Record()
	if err := db.InsertKeystore(t.Context(), r); err != nil {
		t.Fatalf("InsertKeystore: %v", err)
	}
	other, err := sql.Open("sqlite", "file:"+path+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	tx, err := other.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()

	first, second := storagetest.KeyRecord(r.ID), storagetest.KeyRecord(r.ID)
	begun := make(chan error, 1)
	go func() { begun <- db.InsertKey(t.Context(), first) }()
	time.Sleep(100 * time.Millisecond) // the first is now waiting for the file, the second will be for the first

	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	start := time.Now()
	if err := db.InsertKey(ctx, second); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("InsertKey behind a waiting one: got %v, want the deadline's error", err)
	}
	if d := time.Since(start); d > 2*time.Second {
		t.Errorf("InsertKey with 100 ms to go took %v", d)
	}
	if _, err := db.Keystore(t.Context(), r.ID); err != nil {
		t.Errorf("a read while the file is locked for writing: %v", err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := <-begun; err != nil {
		t.Errorf("InsertKey after the file was free again: %v", err)
	}
	// A write that comes later must not carry along the one that was given up.
	if err := db.InsertKey(t.Context(), storagetest.KeyRecord(r.ID)); err != nil {
		t.Errorf("a later InsertKey: %v", err)
	}
	if _, err := db.Key(t.Context(), r.ID, first.ID); err != nil {
		t.Errorf("Key of the insert that waited: %v", err)
	}
	if _, err := db.Key(t.Context(), r.ID, second.ID); !errors.Is(err, keystore.ErrNotFound) {
		t.Errorf("Key of the insert that gave up: got %v, want ErrNotFound", err)
	}
}
