package storage_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"twolock/crypto/key"
	"twolock/keystore"
	"twolock/storage/storagetest"
)

// Writes that come together are committed together; those that fail must not take the others with them, nor the others
// carry what failed.
func TestWritesTogetherFailAlone(t *testing.T) {
	for name, fresh := range databases {
		t.Run(name, func(t *testing.T) {
			db := open(t, fresh(t))
			r := storagetest.Record()
			if err := db.InsertKeystore(t.Context(), r); err != nil {
				t.Fatalf("InsertKeystore: %v", err)
			}
			taken := storagetest.KeyRecord(r.ID)
			if err := db.InsertKey(t.Context(), taken); err != nil {
				t.Fatalf("InsertKey: %v", err)
			}
			var wg sync.WaitGroup
			good := make([]keystore.KeyRecord, 100)
			for i := range good {
				good[i] = storagetest.KeyRecord(r.ID)
				again, lost := storagetest.KeyRecord(r.ID), storagetest.KeyRecord(storagetest.ID())
				again.ID = taken.ID
				for _, c := range []struct {
					key  keystore.KeyRecord
					want error
				}{{good[i], nil}, {again, keystore.ErrExists}, {lost, keystore.ErrNotFound}} {
					wg.Go(func() {
						if err := db.InsertKey(t.Context(), c.key); !errors.Is(err, c.want) {
							t.Errorf("InsertKey: got %v, want %v", err, c.want)
						}
					})
				}
			}
			wg.Wait()
			listed, err := db.ListKeys(t.Context(), r.ID, keystore.KeyFilter{}, keystore.Position{}, 1000)
			if err != nil || len(listed) != len(good)+1 {
				t.Fatalf("ListKeys: got %d keys, error %v; want %d", len(listed), err, len(good)+1)
			}
			for _, k := range append(good, taken) {
				if got, err := db.Key(t.Context(), r.ID, k.ID); err != nil || string(got.Sealed) != string(k.Sealed) {
					t.Errorf("Key after writes together: error %v, or other bytes than acknowledged", err)
				}
			}
		})
	}
}

// A change of several rows that fails on a later one leaves none of the earlier.
func TestHalfAWriteIsNone(t *testing.T) {
	for name, fresh := range databases {
		t.Run(name, func(t *testing.T) {
			dsn := fresh(t)
			db := open(t, dsn)
			r := storagetest.Record()
			if err := db.InsertKeystore(t.Context(), r); err != nil {
				t.Fatalf("InsertKeystore: %v", err)
			}
			// Versions without a key are in the way of the second row of each insert.
			beside := raw(t, dsn)
			if !strings.HasPrefix(dsn, "sqlite:") {
				execute(t, beside, "ALTER TABLE key_versions DROP CONSTRAINT key_versions_keystore_id_key_id_fkey")
			}
			var wg sync.WaitGroup
			for range 20 {
				bad, good := storagetest.KeyRecord(r.ID), storagetest.KeyRecord(r.ID)
				execute(t, beside, "INSERT INTO key_versions (keystore_id, key_id, version, sealed, tag, created_at) VALUES ('"+
					r.ID+"', '"+bad.ID+"', 1, '', '', 0)")
				wg.Go(func() {
					if err := db.InsertKey(t.Context(), bad); !errors.Is(err, keystore.ErrExists) {
						t.Errorf("InsertKey where a version is in the way: got %v, want ErrExists", err)
					}
				})
				wg.Go(func() {
					if err := db.InsertKey(t.Context(), good); err != nil {
						t.Errorf("InsertKey: %v", err)
					}
				})
			}
			wg.Wait()
			if got, err := db.ListKeys(t.Context(), r.ID, keystore.KeyFilter{}, keystore.Position{}, 100); err != nil || len(got) != 20 {
				t.Errorf("ListKeys: got %d keys, error %v; want the 20 acknowledged", len(got), err)
			}
		})
	}
}

// Anybody may ask whether the server is ready; that must not make the database write each time.
func TestPingWritesOnceASecond(t *testing.T) {
	dsn := newSQLite(t)
	db, beside := open(t, dsn), raw(t, dsn)
	stamp := func() (at int64) {
		if err := db.Ping(t.Context()); err != nil {
			t.Fatalf("Ping: %v", err)
		}
		if err := beside.QueryRowContext(t.Context(), "SELECT pinged_at FROM pings").Scan(&at); err != nil {
			t.Fatal(err)
		}
		return at
	}
	start, seen := time.Now(), map[int64]bool{}
	for range 200 {
		seen[stamp()] = true
	}
	if most := 1 + int(time.Since(start)/time.Second); len(seen) > most {
		t.Errorf("200 pings in %v wrote %d times, want at most %d", time.Since(start), len(seen), most)
	}
	time.Sleep(1100 * time.Millisecond)
	if seen[stamp()] {
		t.Error("a ping more than a second later wrote nothing")
	}
}

// A store with bounds on what it takes keeps a bug elsewhere from filling the disk.
func TestBounds(t *testing.T) {
	for name, fresh := range databases {
		t.Run(name, func(t *testing.T) {
			db := open(t, fresh(t))
			r := storagetest.Record()
			if err := db.InsertKeystore(t.Context(), r); err != nil {
				t.Fatalf("InsertKeystore: %v", err)
			}
			for what, spoil := range map[string]func(*keystore.KeyRecord){
				"an endless id":         func(k *keystore.KeyRecord) { k.ID = string(make([]byte, 129)) },
				"a quote in its id":     func(k *keystore.KeyRecord) { k.ID = "z' OR '1'='1" },
				"a zero byte in its id": func(k *keystore.KeyRecord) { k.ID = "z\x00" },
				"no type":               func(k *keystore.KeyRecord) { k.Type = "" },
				"a type in bad UTF-8":   func(k *keystore.KeyRecord) { k.Type = "\xff" },
				"no state":              func(k *keystore.KeyRecord) { k.State = "" },
				"nothing sealed":        func(k *keystore.KeyRecord) { k.Sealed = nil },
				"too much sealed":       func(k *keystore.KeyRecord) { k.Sealed = make([]byte, 1<<20+1) },
				"version 0":             func(k *keystore.KeyRecord) { k.Version, k.Newest = 0, 0 },
				"another version":       func(k *keystore.KeyRecord) { k.Newest = 2 },
				"revision 0":            func(k *keystore.KeyRecord) { k.Revision = 0 },
				"a state of its own":    func(k *keystore.KeyRecord) { k.State = keystore.KeyPendingDeletion },
				"an oldest to come":     func(k *keystore.KeyRecord) { k.Oldest = 2 },
				"a least to come":       func(k *keystore.KeyRecord) { k.MinVerify = 2 },
				"half a second":         func(k *keystore.KeyRecord) { k.RotationPeriod = time.Second / 2 },
				"an endless name":       func(k *keystore.KeyRecord) { k.Name = strings.Repeat("é", 129) },
				"a zero byte in a name": func(k *keystore.KeyRecord) { k.Name = "a\x00" },
				"a name in bad UTF-8":   func(k *keystore.KeyRecord) { k.Name = "\xff" },
				"a description's line":  func(k *keystore.KeyRecord) { k.Description = "a\nb" },
				"a tag without a name":  func(k *keystore.KeyRecord) { k.Tags = []keystore.Tag{{Value: "x"}} },
				"a tag twice":           func(k *keystore.KeyRecord) { k.Tags = []keystore.Tag{{Name: "a"}, {Name: "a", Value: "b"}} },
				"tags out of order":     func(k *keystore.KeyRecord) { k.Tags = []keystore.Tag{{Name: "b"}, {Name: "a"}} },
				"too many tags":         func(k *keystore.KeyRecord) { k.Tags = make([]keystore.Tag, 21) },
				"no operation's name":   func(k *keystore.KeyRecord) { k.Operations = []key.Operation{""} },
			} {
				k := storagetest.KeyRecord(r.ID)
				spoil(&k)
				if err := db.InsertKey(t.Context(), k); err == nil {
					t.Errorf("InsertKey of a key with %s succeeded", what)
				}
			}
			if got, err := db.ListKeys(t.Context(), r.ID, keystore.KeyFilter{}, keystore.Position{}, 10); err != nil || len(got) != 0 {
				t.Errorf("ListKeys after refused inserts: got %d keys, error %v; want none", len(got), err)
			}
			if _, err := db.ListKeys(t.Context(), r.ID, keystore.KeyFilter{}, keystore.Position{}, 1001); err == nil {
				t.Error("ListKeys with limit 1001 succeeded")
			}
			older := storagetest.KeyRecord(r.ID)
			for what, v := range map[string]keystore.KeyVersion{"its newest version again": storagetest.Version(1), "a version to come": storagetest.Version(2), "an empty version": {Version: 1}} {
				if err := db.InsertKey(t.Context(), older, v); err == nil {
					t.Errorf("InsertKey of a key with %s succeeded", what)
				}
			}
			k := storagetest.KeyRecord(r.ID)
			if err := db.InsertKey(t.Context(), k); err != nil {
				t.Fatalf("InsertKey: %v", err)
			}
			next, third := k, storagetest.Version(3)
			next.Revision, next.Newest = 2, 2
			for what, added := range map[string]*keystore.KeyVersion{"no version": nil, "a version after the newest": &third} {
				if err := db.UpdateKey(t.Context(), next, added); err == nil || errors.Is(err, keystore.ErrStale) {
					t.Errorf("UpdateKey to version 2 with %s: got %v, want an error", what, err)
				}
			}
			if got, err := db.Key(t.Context(), r.ID, k.ID); err != nil || got.Revision != 1 || got.Newest != 1 {
				t.Errorf("Key after refused updates: got revision %d, version %d, error %v; want 1, 1", got.Revision, got.Newest, err)
			}
			if _, err := db.ListKeys(t.Context(), r.ID, keystore.KeyFilter{State: "GARBAGE"}, keystore.Position{}, 10); err == nil {
				t.Error("ListKeys of a state that is none succeeded")
			}
			if _, err := db.ListKeys(t.Context(), r.ID, keystore.KeyFilter{}, keystore.Position{ID: "' OR 1=1"}, 10); err == nil {
				t.Error("ListKeys after an id that is none succeeded")
			}
		})
	}
}
