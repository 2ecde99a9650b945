package storage_test

import (
	"bytes"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"twolock/keystore"
	"twolock/storage/storagetest"
)

// What was sealed is nowhere in SQLite's files after its key was deleted: not in free pages, not in the write-ahead log.
func TestDeletedBytesAreErased(t *testing.T) {
	dsn := newSQLite(t)
	path := strings.TrimPrefix(dsn, "sqlite:")
	db := open(t, dsn)
	db.EraseEvery(time.Second)
	r, second := storagetest.Record(), storagetest.Record()
	for _, r := range []keystore.Record{r, second} {
		if err := db.InsertKeystore(t.Context(), r); err != nil {
			t.Fatalf("InsertKeystore: %v", err)
		}
	}
	// Of sizes from a cell beside others to pages of its own, in an order that has pages split and merged.
	random := rand.New(rand.NewPCG(1, 2))
	sealed := func() []byte { return storagetest.Bytes([]int{60, 93, 300, 1200, 5000}[random.IntN(5)]) }
	keys := map[string]keystore.KeyRecord{}
	gone := [][]byte{}
	insert := func(store string) keystore.KeyRecord {
		k := storagetest.KeyRecord(store)
		k.Sealed = sealed()
		if err := db.InsertKey(t.Context(), k); err != nil {
			t.Fatalf("InsertKey: %v", err)
		}
		return k
	}
	for range 1500 {
		k := insert(r.ID)
		keys[k.ID] = k
		if len(keys) > 40 && random.IntN(3) > 0 {
			for id, k := range keys { // any one
				if err := db.DeleteKey(t.Context(), r.ID, id, 1); err != nil {
					t.Fatalf("DeleteKey: %v", err)
				}
				gone = append(gone, k.Sealed)
				delete(keys, id)
				break
			}
		}
	}
	// Versions that are trimmed, and a keystore.
	trimmed := insert(r.ID)
	for v := 2; v < 20; v++ {
		gone = append(gone, trimmed.Sealed)
		trimmed.Revision, trimmed.Newest, trimmed.Oldest, trimmed.KeyVersion = trimmed.Revision+1, v, v, storagetest.Version(v)
		trimmed.Sealed = sealed()
		if err := db.UpdateKey(t.Context(), trimmed, &trimmed.KeyVersion); err != nil {
			t.Fatalf("UpdateKey: %v", err)
		}
	}
	for range 20 {
		gone = append(gone, insert(second.ID).Sealed)
	}
	if err := db.DeleteKeystore(t.Context(), second.ID, 1); err != nil {
		t.Fatalf("DeleteKeystore: %v", err)
	}
	for _, s := range second.Sealed {
		gone = append(gone, s)
	}

	deadline := time.Now().Add(30 * time.Second)
	for {
		info, err := os.Stat(path + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		if info.Size() == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the write-ahead log still has %d bytes", info.Size())
		}
		time.Sleep(100 * time.Millisecond)
	}
	found := 0
	for _, name := range []string{path, path + "-wal"} {
		file, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range gone {
			for at := 0; at+16 <= len(s); at += 16 { // any part of it
				if bytes.Contains(file, s[at:at+16]) {
					found++
				}
			}
		}
		if name == path && !bytes.Contains(file, trimmed.Sealed[:16]) {
			t.Error("the search does not find what is there")
		}
	}
	if found > 0 {
		t.Errorf("%d pieces of 16 bytes of %d deleted secrets are in the files", found, len(gone))
	}
}
