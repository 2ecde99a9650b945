package keystore_test

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"twolock/crypto/lock"
	"twolock/keystore"
	"twolock/server/servertest"
	"twolock/storage"
)

// wiped is a secret that tells when it is wiped.
type wiped chan struct{}

func (w wiped) Wipe() { close(w) }

// What was opened is wiped when the server stops, and nothing that is opened later is kept.
func TestOpenedSecretsAreDroppedAtShutdown(t *testing.T) {
	s, _ := open(t)
	secret, late := make(wiped), make(wiped)
	keep := func(name string, w wiped) {
		t.Helper()
		_, release, err := s.Opened().Use(t.Context(), name, time.Hour, func(context.Context) (keystore.Wiper, error) { return w, nil })
		if err != nil {
			t.Fatal(err)
		}
		release()
	}
	is := func(w wiped) bool {
		select {
		case <-w:
			return true
		default:
			return false
		}
	}
	keep("keystore/z1", secret)
	if is(secret) {
		t.Fatal("it is not kept at all")
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	s.Run(ctx)
	if !is(secret) {
		t.Error("an opened secret is in memory after the server stopped")
	}
	if keep("keystore/z2", late); !is(late) {
		t.Error("a secret is kept after the server stopped")
	}
}

// Locks that open different secrets are not the locks of one database: who put the second there would have made up the service's identity and tags.
func TestLocksThatOpenDifferentSecretsAreRefused(t *testing.T) {
	dir := t.TempDir()
	db, err := storage.Open(t.Context(), "sqlite:"+filepath.Join(dir, "twolock.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	locks := make([]keystore.Lock, 2)
	for i, name := range []string{"a.key", "b.key"} {
		if _, err := lock.CreateLocal(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		if locks[i], err = lock.OpenLocal(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	start := func(locks ...keystore.Lock) error {
		_, err := keystore.Open(t.Context(), keystore.Options{
			Base: "http://127.0.0.1:1", Store: db, Locks: locks, Journal: &servertest.Journal{}, Now: time.Now, Log: slog.New(slog.DiscardHandler),
		})
		return err
	}
	if err := start(locks[0]); err != nil {
		t.Fatal(err)
	}
	other, err := locks[1].Seal(t.Context(), lock.Generate32(), lock.Label{Purpose: lock.PurposeService})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.AddServiceSealing(t.Context(), locks[1].ID(), other); err != nil {
		t.Fatal(err)
	}
	for i, both := range [][]keystore.Lock{{locks[0], locks[1]}, {locks[1], locks[0]}} {
		err := start(both...)
		if wrong, ok := errors.AsType[*keystore.LockError](err); !ok || wrong.ID != both[1].ID() || !strings.Contains(wrong.Reason, "another") {
			t.Errorf("order %d: %v, want the second lock to be refused", i, err)
		}
	}
}
