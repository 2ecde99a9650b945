package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A copy made while the server writes is a database of its own: with the master key, in another place, its keys go on where they were.
func TestDatabaseBackup(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	address := free(t)
	n := start(t, at(address, w.flags("local"))...)
	u := newUser(t, w, n, "LOCAL", false)
	writing, stop := context.WithCancel(context.Background())
	written := make(chan int, 1)
	go func() {
		count := 0
		for ; writing.Err() == nil; count++ {
			_ = as(w.alice).Do(writing, u.keystore, "generateKey", createKey, input(map[string]any{"keystore": u.keystore, "type": "ED25519"}), nil)
		}
		written <- count
	}()
	time.Sleep(50 * time.Millisecond) // so that some of it is under way
	restored := t.TempDir()
	to := filepath.Join(restored, "copy.db")
	if out := ok(t, "", "database", "backup", "--database", w.database, "--to", to); out != to {
		t.Errorf("it printed %q", out)
	}
	stop()
	if <-written == 0 {
		t.Fatal("nothing was written meanwhile")
	}
	info, err := os.Stat(to)
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the copy has mode %v", info.Mode())
	}
	n.stop()

	key, err := os.ReadFile(filepath.Join(w.dir, "master.key"))
	must(t, err)
	must(t, os.WriteFile(filepath.Join(restored, "master.key"), key, 0o600))
	n = start(t, at(address, []string{"--data-dir", restored, "--database", "sqlite:" + to, "--operator", w.alice.DID()})...)
	must(t, as(w.alice).Do(context.Background(), u.keys["ED25519"], "sign", sign, input(map[string]any{"key": u.keys["ED25519"], "message": "AAAA"}), nil))
	n.stop()

	for what, c := range map[string]struct {
		args []string
		want string
	}{
		"there is a file":         {[]string{"--database", w.database, "--to", to}, "exists already"},
		"there is no database":    {[]string{"--database", "sqlite:" + filepath.Join(restored, "none.db"), "--to", filepath.Join(restored, "x")}, "no such file"},
		"there is no folder":      {[]string{"--database", w.database, "--to", filepath.Join(restored, "none", "x")}, "no such file"},
		"PostgreSQL":              {[]string{"--database", "postgres://user:hidden@host/db", "--to", filepath.Join(restored, "x")}, "must be sqlite:PATH"},
		"what is no database":     {[]string{"--database", "sqlite:" + filepath.Join(restored, "master.key"), "--to", filepath.Join(restored, "x")}, "not a database"},
		"a database of something": {[]string{"--database", "sqlite:" + otherDatabase(t), "--to", filepath.Join(restored, "x")}, "no such table"},
	} {
		code, out, errs := run(t, "", append([]string{"database", "backup"}, c.args...)...)
		if code == 0 || out != "" || !strings.Contains(errs, c.want) || strings.Contains(errs, "hidden") {
			t.Errorf("%s: exit %d, %q, %q; want %q", what, code, out, errs, c.want)
		}
		if _, err := os.Stat(filepath.Join(restored, "x")); err == nil {
			t.Errorf("%s: it left a file", what)
		}
	}
}

func otherDatabase(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "other.db")
	must(t, os.WriteFile(path, nil, 0o600)) // an empty file is an empty database
	return path
}
