package storage_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"twolock/keystore"
	"twolock/storage/storagetest"
)

// What was sealed is nowhere in SQLite's files after its key was deleted: not in free pages, not in the middle of others, not in the write-ahead log.
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
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 2))
	sealed := func() []byte { return storagetest.Bytes([]int{60, 93, 300, 1200, 5000}[random.IntN(5)]) }
	keys, uses := map[string]keystore.KeyRecord{}, map[string]int64{}
	gone, goneUses := [][]byte{}, [][]byte{}
	const used = 0x7a_6d_53_41_00_00_00_00 // how often each key was: a number that is known again, as SQLite writes it
	insert := func(store string) keystore.KeyRecord {
		k := storagetest.KeyRecord(store)
		k.Sealed = sealed()
		if err := db.InsertKey(t.Context(), k); err != nil {
			t.Fatalf("InsertKey: %v", err)
		}
		uses[k.ID] = used + int64(len(uses))
		if err := db.AddUses(t.Context(), store, k.ID, []keystore.Usage{{Version: 1, Uses: uses[k.ID], LastUsedAt: storagetest.Moment(0)}}); err != nil {
			t.Fatalf("AddUses: %v", err)
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
				gone, goneUses = append(gone, k.Sealed), append(goneUses, binary.BigEndian.AppendUint64(nil, uint64(uses[id])))
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
		k := insert(second.ID)
		gone, goneUses = append(gone, k.Sealed), append(goneUses, binary.BigEndian.AppendUint64(nil, uint64(uses[k.ID])))
	}
	if err := db.DeleteKeystore(t.Context(), second.ID, 1); err != nil {
		t.Fatalf("DeleteKeystore: %v", err)
	}
	for _, s := range second.Sealed {
		gone = append(gone, s)
	}

	waitForErasing(t, path)
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
		for _, n := range goneUses {
			if bytes.Contains(file, n) {
				found++
			}
		}
		if name == path && !bytes.Contains(file, binary.BigEndian.AppendUint64(nil, uint64(uses[trimmed.ID]))) {
			t.Error("the search does not find how often a key was used")
		}
		if name == path && !bytes.Contains(file, trimmed.Sealed[:16]) {
			t.Error("the search does not find what is there")
		}
	}
	if found > 0 {
		t.Errorf("%d pieces of 16 bytes of %d deleted secrets, or counts of their uses, are in the files", found, len(gone))
	}
}

// waitForErasing waits until the write-ahead log is empty.
func waitForErasing(t *testing.T, path string) {
	t.Helper()
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
}

// What a retired lock has sealed is nowhere in SQLite's files either.
func TestRetiredSealingsAreErased(t *testing.T) {
	dsn := newSQLite(t)
	path := strings.TrimPrefix(dsn, "sqlite:")
	db := open(t, dsn)
	db.EraseEvery(time.Second)
	const retired, stays = "local:retired", "local:stays"
	service := map[string][]byte{retired: storagetest.Bytes(300), stays: storagetest.Bytes(300)}
	if err := db.InsertServiceSealings(t.Context(), service); err != nil {
		t.Fatalf("InsertServiceSealings: %v", err)
	}
	gone, kept := [][]byte{service[retired]}, [][]byte{service[stays]}
	for range 200 {
		r := storagetest.Record()
		r.Sealed = map[string][]byte{retired: storagetest.Bytes(200), stays: storagetest.Bytes(200)}
		if err := db.InsertKeystore(t.Context(), r); err != nil {
			t.Fatalf("InsertKeystore: %v", err)
		}
		gone, kept = append(gone, r.Sealed[retired]), append(kept, r.Sealed[stays])
	}
	if done, err := db.RemoveSealings(t.Context(), retired, []string{stays}, "", 1000); err != nil || done.Removed != 200 || done.Kept != 0 {
		t.Fatalf("RemoveSealings: %+v, error %v", done, err)
	}
	waitForErasing(t, path)
	if removed, err := db.RemoveServiceSealing(t.Context(), retired, []string{stays}); err != nil || !removed {
		t.Fatalf("RemoveServiceSealing: %v, error %v", removed, err)
	}
	waitForErasing(t, path)
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]struct {
		sealed [][]byte
		want   int
	}{"deleted": {gone, 0}, "kept": {kept, len(kept)}} {
		found := 0
		for _, s := range c.sealed {
			if bytes.Contains(file, s[:16]) || bytes.Contains(file, s[100:116]) {
				found++
			}
		}
		if found != c.want {
			t.Errorf("%d of %d sealings that were %s are in the file, want %d", found, len(c.sealed), what, c.want)
		}
	}
}

// PostgreSQL is told to take deleted rows out of its tables.
func TestDeletedRowsAreVacuumed(t *testing.T) {
	dsn := storagetest.Postgres(t)
	db, beside := open(t, dsn), raw(t, dsn)
	r := storagetest.Record()
	if err := db.InsertKeystore(t.Context(), r); err != nil {
		t.Fatalf("InsertKeystore: %v", err)
	}
	k := storagetest.KeyRecord(r.ID)
	if err := db.InsertKey(t.Context(), k); err != nil {
		t.Fatalf("InsertKey: %v", err)
	}
	if err := db.DeleteKey(t.Context(), r.ID, k.ID, 1); err != nil {
		t.Fatalf("DeleteKey: %v", err)
	}
	for start := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		var vacuums int
		err := beside.QueryRowContext(t.Context(), "SELECT count(*) FROM pg_stat_user_tables WHERE relname IN ('key_versions', 'keystore_sealings', 'service_sealings') AND vacuum_count > 0").Scan(&vacuums)
		if err != nil {
			t.Fatal(err)
		}
		if vacuums == 3 {
			break
		}
		if time.Since(start) > 20*time.Second {
			t.Fatalf("%d of 3 tables were vacuumed within %v of a deletion", vacuums, time.Since(start))
		}
	}
}

// A keystore of more than goes at once goes in parts, and nobody can take it back in between.
func TestLargeKeystoreIsDeleted(t *testing.T) {
	for name, fresh := range databases {
		t.Run(name, func(t *testing.T) {
			dsn := fresh(t)
			db := open(t, dsn)
			r, other := storagetest.Record(), storagetest.Record()
			r.Verifier = storagetest.Digest()
			for _, r := range []keystore.Record{r, other} {
				if err := db.InsertKeystore(t.Context(), r); err != nil {
					t.Fatalf("InsertKeystore: %v", err)
				}
			}
			fill(t, dsn, r.ID, 3500, 1200)
			fill(t, dsn, other.ID, 20, 1)
			if more, err := db.DeleteSome(t.Context(), r.ID, 1); err != nil || !more {
				t.Fatalf("a part of DeleteKeystore: got more %v, error %v; want more", more, err)
			}
			left, err := db.Keystore(t.Context(), r.ID)
			if err != nil || len(left.Sealed) != 0 {
				t.Fatalf("Keystore, half deleted: got %d sealings, error %v; want none", len(left.Sealed), err)
			}
			if ids, _, err := db.UnsealedBy(t.Context(), "local:new", "", 10); err != nil || !slices.Equal(ids, []string{other.ID}) {
				t.Errorf("UnsealedBy beside one that is half deleted: got %v, error %v; want the other", ids, err)
			}
			if err := db.AddSealing(t.Context(), r.ID, "local:new", storagetest.Bytes(80)); !errors.Is(err, keystore.ErrNotFound) {
				t.Errorf("AddSealing, half deleted: got %v, want ErrNotFound", err)
			}
			if !bytes.Equal(left.Verifier, r.Verifier) { // it is in the record's tag, and who ends the deletion looks at that
				t.Errorf("Keystore, half deleted: got verifier %x, want %x", left.Verifier, r.Verifier)
			}
			left.Revision, left.DeleteAt = 2, time.Time{}
			if err := db.UpdateKeystore(t.Context(), left); !errors.Is(err, keystore.ErrNotFound) {
				t.Errorf("UpdateKeystore, half deleted: got %v, want ErrNotFound", err)
			}
			if err := db.DeleteKeystore(t.Context(), r.ID, 1); err != nil {
				t.Fatalf("DeleteKeystore: %v", err)
			}
			beside := raw(t, dsn)
			for _, table := range []string{"keys", "key_versions", "key_tags", "key_usage", "key_usage_days", "keystore_sealings"} {
				var rows, others int
				err := beside.QueryRowContext(t.Context(), "SELECT (SELECT count(*) FROM "+table+" WHERE keystore_id = '"+r.ID+"'), "+
					"(SELECT count(*) FROM "+table+" WHERE keystore_id = '"+other.ID+"')").Scan(&rows, &others)
				if err != nil || rows != 0 || others < 2 {
					t.Errorf("%s: %d rows are left, %d of another keystore, error %v; want 0, and all", table, rows, others, err)
				}
			}
		})
	}
}

// Of many keystores a page looks at some only: the few that a lock has not sealed, at the end, are found all the same.
func TestUnsealedAmongMany(t *testing.T) {
	for name, fresh := range databases {
		t.Run(name, func(t *testing.T) {
			dsn := fresh(t)
			db := open(t, dsn)
			fillKeystores(t, dsn, 25_000)
			execute(t, raw(t, dsn), "INSERT INTO keystore_sealings (keystore_id, lock_id, sealed) SELECT keystore_id, 'local:2', sealed FROM keystore_sealings WHERE keystore_id < 'z000024998'")
			var got []string
			after, pages := "", 0
			for ; pages == 0 || after != ""; pages++ {
				ids, end, err := db.UnsealedBy(t.Context(), "local:2", after, 100)
				if err != nil || end != "" && end <= after || pages > 100 {
					t.Fatalf("UnsealedBy after %q: next after %q, error %v", after, end, err)
				}
				got, after = append(got, ids...), end
			}
			if want := []string{"z000024998", "z000024999", "z000025000"}; !slices.Equal(got, want) || pages != 3 {
				t.Errorf("UnsealedBy: got %v in %d pages, want %v in 3", got, pages, want)
			}
			if n, err := db.CountUnsealed(t.Context(), "local:2"); err != nil || n != 3 {
				t.Errorf("CountUnsealed: got %d, error %v; want 3", n, err)
			}
		})
	}
}
