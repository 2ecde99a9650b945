package keystore_test

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"twolock/crypto/lock"
	"twolock/keystore"
	"twolock/storage"
	"twolock/storage/journal"
	"twolock/storage/storagetest"
)

// hooked is a database whose AddUses goes through something else, and that counts what it lists.
type hooked struct {
	*storage.DB
	addUses func(write func() error) error
	listed  int // how many keys were read for listings
}

func (h *hooked) ListKeys(ctx context.Context, store string, f keystore.KeyFilter, after keystore.Position, limit int) ([]keystore.KeyRecord, error) {
	all, err := h.DB.ListKeys(ctx, store, f, after, limit)
	h.listed += len(all)
	return all, err
}

func (h *hooked) AddUses(ctx context.Context, store, id string, uses []keystore.Usage) error {
	write := func() error { return h.DB.AddUses(ctx, store, id, uses) }
	if h.addUses == nil {
		return write()
	}
	return h.addUses(write)
}

// open makes a service of a new SQLite database and a new local lock.
func open(t *testing.T) (*keystore.Service, *hooked) {
	t.Helper()
	dir := t.TempDir()
	db, err := storage.Open(t.Context(), "sqlite:"+filepath.Join(dir, "twolock.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if _, err := lock.CreateLocal(filepath.Join(dir, "master.key")); err != nil {
		t.Fatal(err)
	}
	local, err := lock.OpenLocal(filepath.Join(dir, "master.key"))
	if err != nil {
		t.Fatal(err)
	}
	audit, err := journal.Open(filepath.Join(dir, "audit.log"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = audit.Close() })
	h := &hooked{DB: db}
	s, err := keystore.Open(t.Context(), keystore.Options{
		Base: "http://127.0.0.1:1", Store: h, Locks: []keystore.Lock{local}, Journal: audit, CacheTTL: time.Minute, CacheEntries: 100, Now: time.Now,
		Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	return s, h
}

// insert puts in a keystore with a key of so many versions.
func insert(t *testing.T, s *keystore.Service, versions int) (keystore.Record, keystore.KeyRecord) {
	t.Helper()
	r := storagetest.Record()
	r.UserLock = keystore.UserLockLocal
	k := storagetest.KeyRecord(r.ID)
	k.Newest, k.Version = versions, versions
	if err := s.InsertTagged(t.Context(), r, k); err != nil {
		t.Fatal(err)
	}
	return r, k
}

// What was used is read neither lower nor higher while it is being written.
func TestUsesDoNotDipWhileTheyAreWritten(t *testing.T) {
	s, h := open(t)
	r, k := insert(t, s, 1)
	h.addUses = func(write func() error) error {
		time.Sleep(20 * time.Millisecond)
		err := write()
		time.Sleep(20 * time.Millisecond)
		return err
	}
	ctx, cancel := context.WithCancel(t.Context())
	flushed := make(chan struct{})
	var least atomic.Int64 // that was counted
	go func() {
		defer close(flushed)
		for ctx.Err() == nil {
			s.Count(k.Keystore, k.ID, 1, 1)
			least.Add(1)
			s.FlushUses(context.WithoutCancel(ctx))
		}
	}()
	last := int64(0)
	for range 3000 {
		before := least.Load()
		n, err := s.Used(t.Context(), r, k, 1)
		if err != nil {
			t.Fatal(err)
		}
		if after := least.Load(); n < before || n < last || n > after+1 {
			t.Fatalf("%d uses are read, after %d were; %d to %d were counted", n, last, before, after)
		}
		last = n
		if n > 20 {
			break
		}
	}
	cancel()
	<-flushed
	if last <= 20 {
		t.Errorf("%d uses were read in all: too few to tell", last)
	}
}

// However many versions of a key were used, all are written, in parts that the store takes; when one is not, what was written before is not written again.
func TestUsesOfManyVersions(t *testing.T) {
	s, h := open(t)
	const versions = 1800
	r, k := insert(t, s, versions)
	for v := 1; v <= versions; v++ {
		s.Count(k.Keystore, k.ID, v, int64(v))
	}
	calls := 0
	h.addUses = func(write func() error) error {
		if calls++; calls == 2 {
			return errors.New("the disk is full")
		}
		return write()
	}
	is := func(when string) {
		t.Helper()
		for v := 1; v <= versions; v++ {
			if n, err := s.Used(t.Context(), r, k, v); err != nil || n != int64(v) {
				t.Fatalf("%s: version %d was used %d times, error %v; want %d", when, v, n, err, v)
			}
		}
	}
	is("before")
	s.FlushUses(t.Context())
	is("after a write that failed half-way")
	s.FlushUses(t.Context())
	is("at last")
	for v := 100; v <= versions; v += 100 {
		got, err := h.KeyUsage(t.Context(), k.Keystore, k.ID, []int{v})
		if err != nil || got[v].Uses != int64(v) {
			t.Errorf("version %d: %d uses are in the store, error %v; want %d", v, got[v].Uses, err, v)
		}
	}
	if calls != 5 {
		t.Errorf("%d writes, want 5: one, one that failed, and three", calls)
	}
}

// A keystore whose deletion was cancelled after it was found due stays.
func TestCancelledDeletionIsNotCarriedOut(t *testing.T) {
	s, h := open(t)
	r := storagetest.Record()
	r.UserLock, r.State, r.DeleteAt = keystore.UserLockLocal, keystore.KeyEnabled, time.Now().UTC().Add(-time.Minute).Truncate(time.Microsecond)
	k := storagetest.KeyRecord(r.ID)
	if err := s.InsertTagged(t.Context(), r, k); err != nil {
		t.Fatal(err)
	}
	kept := r
	kept.DeleteAt = time.Time{}
	if err := s.UpdateTagged(t.Context(), kept); err != nil {
		t.Fatal(err)
	}
	if err := s.RemoveKeystore(t.Context(), r); !errors.Is(err, keystore.ErrStale) {
		t.Errorf("removing a keystore that was kept meanwhile: %v, want ErrStale", err)
	}
	if got, err := h.Keystore(t.Context(), r.ID); err != nil || !got.DeleteAt.IsZero() {
		t.Errorf("the keystore that was kept: deletion at %v, error %v", got.DeleteAt, err)
	}
	if _, err := h.Key(t.Context(), r.ID, k.ID); err != nil {
		t.Errorf("its key: %v", err)
	}
	// One that was not goes.
	r.ID = storagetest.ID()
	if err := s.InsertTagged(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if err := s.RemoveKeystore(t.Context(), r); err != nil {
		t.Errorf("removing a keystore that is due: %v", err)
	}
	if _, err := h.Keystore(t.Context(), r.ID); !errors.Is(err, keystore.ErrNotFound) {
		t.Errorf("it is there still: %v", err)
	}
}
