package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"twolock/companion/awskms"
	"twolock/storage/storagetest"
)

// newUser makes a keystore with one Ed25519 key.
func newUser(t *testing.T, w *world, n *node, userLock string, vault bool) *user {
	t.Helper()
	u := &user{t: t, c: as(w.alice), keystore: w.keystore(n, userLock, vault), keys: map[string]string{}}
	if userLock == "SHAMIR" {
		u.shares = []string{encoding.EncodeToString(w.shares[0])}
	}
	url, err := u.create("ED25519")
	must(t, err)
	u.keys["ED25519"] = url
	return u
}

// THREATS R6, P17: the wrong master key stops the server before anything is written.
func TestWrongMasterKey(t *testing.T) {
	for _, database := range []string{"sqlite", "postgres"} {
		t.Run(database, func(t *testing.T) {
			w := newWorld(t)
			if database == "postgres" {
				w.database = storagetest.Postgres(t)
			}
			flags := at(free(t), w.flags("local"))
			n := start(t, flags...)
			newUser(t, w, n, "LOCAL", false)
			n.stop()

			key := filepath.Join(w.dir, "master.key")
			right, err := os.ReadFile(key)
			must(t, err)
			must(t, os.Remove(key))
			before := ""
			if database == "sqlite" {
				before = dump(t, w.dir)
			}
			n, code := tryStart(t, flags...)
			if n != nil || code != 2 || !strings.Contains(lastLog, "--server-lock") || !strings.Contains(lastLog, "is not there") {
				t.Fatalf("no master key: started %t, exit %d: %s", n != nil, code, lastLog)
			}
			if _, err := os.Lstat(key); err == nil {
				t.Fatal("a new master key was made in the place of the one that is missing")
			}
			must(t, os.WriteFile(key, []byte(encoding.EncodeToString(storagetest.Bytes(32))+"\n"), 0o600))
			n, code = tryStart(t, flags...)
			if n != nil || code != 2 || !strings.Contains(lastLog, "--server-lock") || !strings.Contains(lastLog, "has not sealed this database") {
				t.Fatalf("another master key: started %t, exit %d: %s", n != nil, code, lastLog)
			}
			if database == "sqlite" && dump(t, w.dir) != before {
				t.Error("the refused start wrote to the database")
			}
			must(t, os.WriteFile(key, right, 0o600))
			start(t, flags...)
		})
	}
}

// The same of a database that is older than the program: its schema is not changed for who does not hold its lock.
func TestWrongMasterKeyOfAnOlderDatabase(t *testing.T) {
	golden, dir := copyGolden(t)
	db := openSQLite(t, dir)
	_, err := db.Exec("DROP TABLE condemned_keys; DELETE FROM schema_versions WHERE version_id = 6") // the last that the golden database has
	must(t, err)
	before, key := dump(t, dir), filepath.Join(dir, "master.key")
	right, err := os.ReadFile(key)
	must(t, err)
	flags := goldenFlags(dir, golden.alice(t))
	for what, change := range map[string]func(){
		"has not sealed this database": func() { must(t, os.WriteFile(key, []byte(b64(storagetest.Bytes(32))+"\n"), 0o600)) },
		"is not there":                 func() { must(t, os.Remove(key)) },
	} {
		change()
		if n, code := tryStart(t, flags...); n != nil || code != 2 || !strings.Contains(lastLog, "--server-lock") || !strings.Contains(lastLog, what) {
			t.Errorf("started %t, exit %d: %s; want that the lock %s", n != nil, code, lastLog, what)
		}
		if dump(t, dir) != before {
			t.Fatalf("the refused start wrote to the database, where the lock %s", what)
		}
	}
	must(t, os.WriteFile(key, right, 0o600))
	n := start(t, flags...)
	u := golden.user(t, n, golden.Keystores[0].URL, nil)
	u.get("sign", object{"key": golden.Keystores[0].Signer.Key, "message": message})
	if dump(t, dir) == before {
		t.Error("the schema is as it was: this test shows nothing")
	}
}

// Two locks: what one cannot open, the other does; a lock is added to a database that has keystores.
func TestSeveralServerLocks(t *testing.T) {
	w := newWorld(t)
	address := free(t)
	both := at(address, append(w.flags("aws"), "--server-lock", "local:"+filepath.Join(w.dir, "recovery.key")))
	n := start(t, both...)
	u := newUser(t, w, n, "LOCAL", false)
	w.aws.Inject(awskms.Outage, awskms.Always)
	if _, err := u.sign(); err != nil {
		t.Errorf("sign with AWS down and a recovery lock: %v", err)
	}
	_, err := u.create("AES_256_GCM")
	must(t, err) // a key needs the lock opened, not sealed
	err = as(w.alice).Do(context.Background(), n.url+"/graphql", "createKeystore", createKeystore, input(map[string]any{"controller": w.alice.DID()}), nil)
	wantCode(t, "createKeystore, which must be sealed under each lock, with AWS down", err, "UPSTREAM_UNAVAILABLE")
	n.stop()

	// Restart while AWS is away, and then without AWS at all: nothing is lost.
	n = start(t, both...)
	must(t, second(u.sign()))
	n.stop()
	w.aws.Heal()
	without := at(address, append(w.flags("local")[:len(w.flags("local"))-2], "--server-lock", "local:"+filepath.Join(w.dir, "recovery.key")))
	n = start(t, without...)
	must(t, second(u.sign()))
	n.stop()

	// A further lock must be called new, else it is taken for a wrong one.
	further := "local:" + filepath.Join(w.dir, "further.key")
	if n, code := tryStart(t, append(without, "--server-lock", further)...); n != nil || code != 2 || !strings.Contains(lastLog, "--add-server-lock") {
		t.Fatalf("an unknown lock beside a known one: started %t, exit %d", n != nil, code)
	}
	n = start(t, append(without, "--add-server-lock", further)...)
	must(t, second(u.sign()))
	n.says(saidAdded)
	n.stop()
	start(t, at(address, append(w.flags("local")[:len(w.flags("local"))-2], "--server-lock", further))...)
	must(t, second(u.sign()))
}

func second[T any](_ T, err error) error { return err }

// The cache: AWS is asked once for many uses, and once when many ask at the same time; what is cached does not make a wrong share right.
func TestCacheOfOpenedSecrets(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	flags := append(at("", w.flags("aws")), "--cache-ttl", "5m")
	n := start(t, flags...)
	u := newUser(t, w, n, "LOCAL", false)
	for range 10 {
		must(t, second(u.sign()))
	}
	calls := w.aws.Calls("Decrypt")
	for range 10 {
		must(t, second(u.sign()))
	}
	if got := w.aws.Calls("Decrypt") - calls; got != 0 {
		t.Errorf("ten signs with a warm cache asked AWS %d times", got)
	}
	w.aws.Inject(awskms.Outage, awskms.Always)
	must(t, second(u.sign()))
	w.aws.Heal()

	keystore := w.keystore(n, "LOCAL", false)
	calls = w.aws.Calls("Decrypt")
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			v := &user{t: t, c: as(w.alice), keystore: keystore, keys: map[string]string{}}
			if _, err := v.create("HMAC_SHA256"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := w.aws.Calls("Decrypt") - calls; got != 1 {
		t.Errorf("20 concurrent first uses asked AWS %d times, want 1", got)
	}

	s := newUser(t, w, n, "SHAMIR", false)
	must(t, second(s.sign()))
	asked := w.auth.Calls()
	must(t, second(s.sign()))
	if got := w.auth.Calls() - asked; got != 0 {
		t.Errorf("a second sign with the same share asked the Auth server %d times", got)
	}
	s.shares = []string{encoding.EncodeToString(anyShare(9))}
	_, err := s.sign()
	wantCode(t, "sign with a wrong share and a warm cache", err, "WRONG_SHARE")
}

// With the cache off, every use asks AWS: scenario 1, step 3.
func TestCacheOff(t *testing.T) {
	t.Parallel()
	for _, off := range [][]string{{"--cache-ttl", "0"}, {"--cache-ttl", "5m", "--cache-entries", "0"}} {
		w := newWorld(t)
		n := start(t, append(at("", w.flags("aws")), off...)...)
		u := newUser(t, w, n, "LOCAL", false)
		calls := w.aws.Calls("Decrypt")
		for range 3 {
			must(t, second(u.sign()))
		}
		if got := w.aws.Calls("Decrypt") - calls; got != 3 {
			t.Errorf("%v: three signs asked AWS %d times, want 3", off, got)
		}
	}
}

// A server whose only lock cannot be asked does not start, and says so in bounded time.
func TestStartWhileAWSIsDown(t *testing.T) {
	w := newWorld(t)
	flags := at("", w.flags("aws"))
	start(t, flags...).stop()
	w.aws.Inject(awskms.Hang, awskms.Always)
	begin := time.Now()
	n, code := tryStart(t, flags...)
	if n != nil || code != 1 || !strings.Contains(lastLog, "aws-kms") || time.Since(begin) > 10*time.Second {
		t.Errorf("started %t, exit %d after %v: %s", n != nil, code, time.Since(begin), lastLog)
	}
}

// The master key file: what is not right is refused, with the flag and the reason.
func TestMasterKeyFile(t *testing.T) {
	for _, c := range []struct {
		what, content string
		mode          os.FileMode
		want          string
	}{
		{"short", "AAAA\n", 0o600, "32"},
		{"empty", "", 0o600, ""},
		{"not base64url", strings.Repeat("!", 43), 0o600, ""},
		{"readable by others", encoding.EncodeToString(storagetest.Bytes(32)) + "\n", 0o644, "0644"},
	} {
		w := newWorld(t)
		path := filepath.Join(w.dir, "master.key")
		must(t, os.WriteFile(path, []byte(c.content), c.mode))
		must(t, os.Chmod(path, c.mode))
		n, code := tryStart(t, at("", w.flags("local"))...)
		if n != nil || code != 2 || !strings.Contains(lastLog, "--server-lock: ") || !strings.Contains(lastLog, c.want) {
			t.Errorf("%s: started %t, exit %d: %s", c.what, n != nil, code, lastLog)
		}
		if _, err := os.Stat(filepath.Join(w.dir, "twolock.db")); err == nil {
			t.Errorf("%s: a database was made", c.what)
		}
		if c.content != "" && strings.Contains(lastLog, strings.TrimSpace(c.content)) {
			t.Errorf("%s: the message repeats the file", c.what)
		}
	}
}
