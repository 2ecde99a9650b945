package storage_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"twolock/keystore"
	"twolock/storage"
	"twolock/storage/storagetest"
	"twolock/storage/storagetest/cluster"
)

func TestPostgresThatLosesWritesIsRefused(t *testing.T) {
	unsynced, err := cluster.Start("fsync=off")
	if err != nil {
		t.Fatal(err)
	}
	defer unsynced.Stop()
	with := func(setting string) string { return storagetest.Postgres(t) + "&" + setting }
	for _, c := range []struct {
		name, dsn string
		want      error  // nil: any or none
		says      string // "" when Open is to succeed
	}{
		{"fsync off", unsynced.DSN("postgres"), storage.ErrNotDurable, "fsync"},
		{"synchronous_commit off", with("synchronous_commit=off"), storage.ErrNotDurable, "synchronous_commit"},
		{"synchronous_commit local", with("synchronous_commit=local"), nil, ""},
		{"synchronous_commit remote_apply", with("synchronous_commit=remote_apply"), nil, ""},
		{"read-only", with("default_transaction_read_only=on"), nil, "PostgreSQL is read-only"},
	} {
		t.Run(c.name, func(t *testing.T) {
			db, err := storage.Open(t.Context(), c.dsn)
			if err == nil {
				defer db.Close()
			}
			if (err == nil) != (c.says == "") || c.want != nil && !errors.Is(err, c.want) {
				t.Fatalf("Open: got %v, want %v", err, c.want)
			}
			if err != nil && !strings.Contains(err.Error(), c.says) {
				t.Errorf("Open: the error %q does not name %q", err, c.says)
			}
		})
	}
}

// The setting is looked at again with each connection, for it may change under a running server.
func TestPostgresThatBecomesReadOnlyIsNoticed(t *testing.T) {
	dsn := storagetest.Postgres(t)
	db := open(t, dsn)
	if err := db.Ping(t.Context()); err != nil {
		t.Fatalf("Ping: %v", err)
	}
	beside := raw(t, dsn)
	execute(t, beside, `DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database() || ' SET synchronous_commit = off'; END $$`)
	execute(t, beside, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
	time.Sleep(1100 * time.Millisecond) // Ping's answer stands for a second
	if err := db.Ping(t.Context()); !errors.Is(err, storage.ErrNotDurable) {
		t.Errorf("Ping after synchronous_commit was turned off: got %v, want ErrNotDurable", err)
	}
}

func TestPostgresThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	c, err := cluster.Start()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Stop()
	db := open(t, c.DSN("postgres"))
	r := storagetest.Record()
	if err := db.InsertKeystore(t.Context(), r); err != nil {
		t.Fatalf("InsertKeystore: %v", err)
	}
	if err := c.Freeze(); err != nil {
		t.Fatal(err)
	}
	// The caller with patience comes first: the connection it uses was open before, and only our own deadline ends the wait.
	for _, c := range []struct {
		what  string
		limit time.Duration
		call  func(context.Context) error
	}{
		{"a patient Keystore", time.Hour, func(ctx context.Context) error { _, err := db.Keystore(ctx, r.ID); return err }},
		{"Keystore", time.Second, func(ctx context.Context) error { _, err := db.Keystore(ctx, r.ID); return err }},
		{"InsertKey", time.Second, func(ctx context.Context) error { return db.InsertKey(ctx, storagetest.KeyRecord(r.ID)) }},
		{"PinVerifier", time.Second, func(ctx context.Context) error {
			_, err := db.PinVerifier(ctx, storagetest.Pinned(r))
			return err
		}},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), c.limit)
		defer cancel()
		start := time.Now()
		err := c.call(ctx)
		if err == nil || errors.Is(err, keystore.ErrNotFound) || errors.Is(err, keystore.ErrExists) ||
			keystore.CodeOf(err) != keystore.Internal {
			t.Errorf("%s of a frozen database: got %v, want a private error", c.what, err)
		}
		if d, most := time.Since(start), min(c.limit, 10*time.Second)+3*time.Second; d > most {
			t.Errorf("%s of a frozen database took %v, want at most %v", c.what, d, most)
		}
	}
	if err := c.Thaw(); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Keystore(t.Context(), r.ID); err != nil {
		t.Errorf("Keystore after the database came back: %v", err)
	}
	if err := db.InsertKey(t.Context(), storagetest.KeyRecord(r.ID)); err != nil {
		t.Errorf("InsertKey after the database came back: %v", err)
	}
	c.Stop()
	start := time.Now()
	if _, err := db.Keystore(t.Context(), r.ID); err == nil || errors.Is(err, keystore.ErrNotFound) {
		t.Errorf("Keystore when the database is gone: got %v, want a private error", err)
	}
	if err := db.Ping(t.Context()); err == nil {
		t.Error("Ping when the database is gone: no error")
	}
	if d := time.Since(start); d > 13*time.Second {
		t.Errorf("two calls when the database is gone took %v", d)
	}
}

func TestErrorsHoldNoSecrets(t *testing.T) {
	const canary = "canary7f3a"
	for _, dsn := range []string{
		canary, "mysql://u:" + canary + "@h/d", "sqlite:", "postgres://u:" + canary + "@h:port/d",
		"postgres://u:" + canary + "@h/d?sslmode=" + canary, "postgres://u:%zz" + canary + "@h/d",
		"postgres://u:" + canary + "@127.0.0.1:1/d?connect_timeout=2",
	} {
		db, err := storage.Open(t.Context(), dsn)
		if err == nil {
			db.Close()
			t.Errorf("Open(%q) succeeded", dsn)
		} else if strings.Contains(err.Error(), canary) {
			t.Errorf("Open: the error quotes the DSN: %v", err)
		}
	}

	// PostgreSQL's own messages may quote what was to be written.
	dsn := storagetest.Postgres(t)
	db := open(t, dsn)
	beside := raw(t, dsn)
	execute(t, beside, `CREATE FUNCTION quote() RETURNS trigger LANGUAGE plpgsql AS
		$$ BEGIN RAISE EXCEPTION 'will not write %', NEW.controller USING DETAIL = NEW.controller; END $$`)
	execute(t, beside, `CREATE TRIGGER quote BEFORE INSERT ON keystores FOR EACH ROW EXECUTE FUNCTION quote()`)
	r := storagetest.Record()
	r.Controller = "did:example:" + canary
	err := db.InsertKeystore(t.Context(), r)
	if err == nil {
		t.Fatal("InsertKeystore succeeded though the database refuses")
	}
	for cause := err; cause != nil; cause = errors.Unwrap(cause) {
		if strings.Contains(cause.Error(), canary) {
			t.Errorf("the error quotes what was to be written: %v", cause)
		}
	}
}
