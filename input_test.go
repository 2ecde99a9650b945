package main

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"twolock/storage/storagetest"
)

func count(t *testing.T, db *sql.DB, table string) (n int) {
	t.Helper()
	must(t, db.QueryRow("SELECT COUNT(*) FROM "+table).Scan(&n))
	return n
}

// Bad input gets an error that names the field, and nothing is written.
func TestBadInput(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	flags := at(free(t), w.flags("local"))
	n := start(t, flags...)
	u := newUser(t, w, n, "LOCAL", false)
	shamir := newUser(t, w, n, "SHAMIR", false)
	alice, key := w.alice.DID(), u.keys["ED25519"]
	long := strings.Repeat("x", 200)
	for _, c := range []struct {
		url, action, query string
		in                 map[string]any
		want               string // in the message
		code               string // BAD_USER_INPUT if empty
	}{
		{n.url + "/graphql", "createKeystore", createKeystore, map[string]any{"controller": "did:key:z6Mk"}, "controller", ""},
		{n.url + "/graphql", "createKeystore", createKeystore, map[string]any{"controller": "did:web:example.com"}, "controller", ""},
		{n.url + "/graphql", "createKeystore", createKeystore, map[string]any{"controller": ""}, "controller", ""},
		{n.url + "/graphql", "createKeystore", createKeystore, map[string]any{"controller": alice + "#" + alice[8:]}, "controller", ""},
		// A key of small order verifies for anybody: THREATS F15.
		{n.url + "/graphql", "createKeystore", createKeystore, map[string]any{"controller": "did:key:z6MkeTG3bFFSLYVU7VqhgZxqr6YzpaGrQtFMh1uvqGy1vDnP"}, "controller", ""},
		{n.url + "/graphql", "createKeystore", createKeystore, map[string]any{}, "controller", ""},
		{n.url + "/graphql", "createKeystore", createKeystore, map[string]any{"controller": alice, "userLock": "NONE"}, "UserLock", ""},
		{n.url + "/graphql", "createKeystore", createKeystore, map[string]any{"controller": alice, "secretShares": []string{message}}, "secretShares", ""},
		{n.url + "/graphql", "createKeystore", createKeystore, map[string]any{"controller": alice, "userLock": "SHAMIR", "secretShares": []string{message}}, "secretShares[0]", ""},
		{n.url + "/graphql", "createKeystore", createKeystore, map[string]any{"controller": alice, "idempotencyKey": ""}, "idempotencyKey", ""},
		{n.url + "/graphql", "createKeystore", createKeystore, map[string]any{"controller": alice, "idempotencyKey": long}, "idempotencyKey", ""},
		{n.url + "/graphql", "createKeystore", createKeystore, map[string]any{"controller": alice, "extra": 1}, "extra", ""},
		{u.keystore, "generateKey", createKey, map[string]any{"keystore": u.keystore, "type": "ED448"}, "KeyType", ""},
		{u.keystore, "generateKey", createKey, map[string]any{"keystore": "keystore", "type": "ED25519"}, "keystore", ""},
		{u.keystore, "generateKey", createKey, map[string]any{"keystore": key, "type": "ED25519"}, "keystore", ""},
		{u.keystore, "generateKey", createKey, map[string]any{"keystore": u.keystore + "/", "type": "ED25519"}, "keystore", ""},
		{u.keystore, "generateKey", createKey, map[string]any{"keystore": u.keystore, "type": "ED25519", "secretShares": []string{message}}, "secretShares", ""},
		{shamir.keystore, "generateKey", createKey, map[string]any{"keystore": shamir.keystore, "type": "ED25519", "secretShares": []string{"%%%"}}, "secretShares", ""},
		{shamir.keystore, "generateKey", createKey, map[string]any{"keystore": shamir.keystore, "type": "ED25519", "secretShares": make17()}, "secretShares", ""},
		{key, "sign", sign, map[string]any{"key": key, "message": "?"}, "message", ""},
		{key, "sign", sign, map[string]any{"key": key, "message": 7}, "message", ""},
		{key, "sign", sign, map[string]any{"key": key, "message": message, "messageType": "DIGEST"}, "messageType", ""},
		{key, "sign", sign, map[string]any{"key": key, "message": message, "encoding": "DER"}, "encoding", ""},
		{key, "sign", sign, map[string]any{"key": key, "message": message, "algorithm": "ECDSA"}, "algorithm", ""},
		{key, "encrypt", encrypt, map[string]any{"key": key, "plaintext": message}, "can sign and verify", ""},
		{key, "verify", verify, map[string]any{"key": key, "message": message, "signature": message, "version": 2}, "version", ""},
		{key, "verify", verify, map[string]any{"key": key, "message": message, "signature": message, "version": 99999999999}, "version", ""},
		{u.keystore, "sign", sign, map[string]any{"key": u.keystore + "/keys/" + storagetest.ID(), "message": message}, "there is no key", "NOT_FOUND"},
	} {
		err := as(w.alice).Do(context.Background(), c.url, c.action, c.query, input(c.in), nil)
		if c.code == "" {
			c.code = "BAD_USER_INPUT"
		}
		if e := wantCode(t, fmt.Sprint(c.action, c.in), err, c.code); !strings.Contains(e.Message, c.want) {
			t.Errorf("%s %v: %q does not name %q", c.action, c.in, e.Message, c.want)
		}
	}
	for _, c := range []struct {
		first any
		after any
		want  string
	}{{0, nil, "first"}, {101, nil, "first"}, {-1, nil, "first"}, {10, "!!", "after"}, {10, "", "after"}, {10, strings.Repeat("A", 1000), "after"}} {
		err := as(w.alice).Do(context.Background(), u.keystore, "read", readKeystore, map[string]any{"id": u.keystore, "first": c.first, "after": c.after}, nil)
		if e := wantCode(t, fmt.Sprint("keys ", c), err, "BAD_USER_INPUT"); !strings.Contains(e.Message, c.want) {
			t.Errorf("keys(%v, %v): %q does not name %q", c.first, c.after, e.Message, c.want)
		}
	}
	if strings.Contains(n.log.String(), `"level":"ERROR"`) {
		t.Errorf("bad input made errors in the log: %s", n.log)
	}
	n.stop()
	db := openSQLite(t, w.dir)
	if a, b := count(t, db, "keystores"), count(t, db, "keys"); a != 2 || b != 2 {
		t.Errorf("%d keystores and %d keys, want 2 and 2: a refused input wrote something", a, b)
	}
}

func make17() (s []string) {
	for i := range 17 {
		b := storagetest.Bytes(33)
		b[32] = byte(i + 1)
		s = append(s, encoding.EncodeToString(b))
	}
	return s
}

// A retry with the same idempotency key returns the first result, on every store; with another input it is a conflict.
func TestIdempotency(t *testing.T) {
	t.Parallel()
	for _, database := range []string{"sqlite", "postgres"} {
		for _, userLock := range []string{"LOCAL", "SHAMIR"} {
			for _, vault := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s/%s/vault=%t", database, userLock, vault), func(t *testing.T) {
					t.Parallel()
					w := newWorld(t)
					if database == "postgres" {
						w.database = storagetest.Postgres(t)
					}
					n := start(t, at("", w.flags("local"))...)
					u := newUser(t, w, n, userLock, vault)
					create := func(kind, key string) (string, error) {
						var out struct {
							CreateKey struct {
								Key struct {
									ID        string
									PublicKey struct{ Bytes string }
								}
							}
						}
						err := u.c.Do(context.Background(), u.keystore, "generateKey", createKey, u.with(map[string]any{"keystore": u.keystore, "type": kind, "idempotencyKey": key}), &out)
						return out.CreateKey.Key.ID + out.CreateKey.Key.PublicKey.Bytes, err
					}
					before := u.count()
					var wg sync.WaitGroup
					results := make(chan string, 8)
					for range 8 {
						wg.Go(func() {
							id, err := create("ED25519", "one")
							if err != nil {
								t.Error(err)
							}
							results <- id
						})
					}
					wg.Wait()
					first := <-results
					for range 7 {
						if again := <-results; again != first {
							t.Errorf("a retry made %s, the first call %s", again, first)
						}
					}
					if got := u.count() - before; got != 1 {
						t.Errorf("eight calls with one idempotency key made %d keys", got)
					}
					_, err := create("ECDSA_P256", "one")
					wantCode(t, "another type with the same idempotency key", err, "CONFLICT")
					other, err := create("ED25519", "two")
					must(t, err)
					if other == first {
						t.Error("another idempotency key returned the same key")
					}

					make := func(in map[string]any) (string, error) {
						in["idempotencyKey"] = "keystore"
						var out struct {
							CreateKeystore struct{ Keystore struct{ ID string } }
						}
						err := as(w.alice).Do(context.Background(), n.url+"/graphql", "createKeystore", createKeystore, input(in), &out)
						return out.CreateKeystore.Keystore.ID, err
					}
					in := map[string]any{"controller": w.alice.DID(), "userLock": userLock}
					if userLock == "SHAMIR" {
						in["secretShares"] = u.shares
					}
					a, err := make(in)
					must(t, err)
					b, err := make(in)
					must(t, err)
					if a != b {
						t.Errorf("a retry made keystore %s, the first call %s", b, a)
					}
					_, err = make(map[string]any{"controller": w.alice.DID(), "userLock": map[string]string{"LOCAL": "SHAMIR", "SHAMIR": "LOCAL"}[userLock]})
					wantCode(t, "another input with the same idempotency key", err, "CONFLICT")
				})
			}
		}
	}
}

// Flags that cannot be meant: exit 2, the flag named, nothing made.
func TestBadFlags(t *testing.T) {
	for _, c := range []struct {
		want  string
		flags []string
	}{
		{"--listen", []string{"--listen", "127.0.0.1"}},
		{"--listen", []string{"--listen", "0.0.0.0:0"}},
		{"--listen", []string{"--listen", ":0"}},
		{"--base-url", []string{"--base-url", "http://kms.example"}},
		{"--base-url", []string{"--base-url", "https://kms.example/"}},
		{"--base-url", []string{"--base-url", "https://kms.example/path"}},
		{"--base-url", []string{"--base-url", "https://KMS.example"}},
		{"--base-url", []string{"--base-url", "kms.example"}},
		{"--tls-cert", []string{"--tls-cert", "cert.pem"}},
		{"--tls-cert", []string{"--tls-cert", "/nonexistent", "--tls-key", "/nonexistent"}},
		{"--server-lock", []string{"--server-lock", "vault:x"}},
		{"--server-lock", []string{"--server-lock", "local:"}},
		{"--server-lock", []string{"--server-lock", "aws-kms:not-an-arn"}},
		{"--auth-url", []string{"--auth-url", "http://auth.example", "--auth-token", "t"}},
		{"--auth-url", []string{"--auth-token", "t"}},
		{"--auth-token-file", []string{"--auth-url", "https://auth.example", "--auth-token-file", "/nonexistent"}},
		{"--auth-token-file", []string{"--auth-url", "https://auth.example"}},
		{"--operator", []string{"--operator", "alice"}},
		{"--cache-ttl", []string{"--cache-ttl", "-1s"}},
		{"--cache-ttl", []string{"--cache-ttl", "soon"}},
		{"--cache-entries", []string{"--cache-entries", "-1"}},
		{"--database", []string{"--database", "mysql://localhost/x"}},
		{"--database", []string{"--database", "postgres://127.0.0.1:1/none"}},
		{"--aws-endpoint", []string{"--server-lock", "aws-kms:" + awsARN, "--aws-endpoint", "http://kms.example"}},
		{"--key-type", []string{"--key-type", "ED448"}},
		{"--key-type", []string{"--key-type", ""}},
		{"--rsa-per-minute", []string{"--rsa-per-minute", "0"}},
		{"--rsa-per-minute", []string{"--rsa-per-minute", "many"}},
		{"--nonsense", []string{"--nonsense"}},
	} {
		dir := filepath.Join(t.TempDir(), "data")
		begin := time.Now()
		n, code := tryStart(t, append([]string{"--listen", "127.0.0.1:0", "--data-dir", dir}, c.flags...)...)
		if n != nil || code != 2 || !strings.Contains(lastLog, c.want) {
			t.Errorf("%v: started %t, exit %d, want 2 and %s: %s", c.flags, n != nil, code, c.want, lastLog)
		}
		if took := time.Since(begin); took > 12*time.Second {
			t.Errorf("%v: took %v", c.flags, took)
		}
	}
}

// A database from a newer version is refused and left as it is.
func TestNewerDatabase(t *testing.T) {
	w := newWorld(t)
	flags := at(free(t), w.flags("local"))
	start(t, flags...).stop()
	db := openSQLite(t, w.dir)
	mustExec(t, db, "INSERT INTO schema_versions (version_id, is_applied) VALUES (99999, 1)")
	before := dump(t, w.dir)
	n, code := tryStart(t, flags...)
	if n != nil || code != 2 || !strings.Contains(lastLog, "--database") || !strings.Contains(lastLog, "newer") {
		t.Errorf("started %t, exit %d: %s", n != nil, code, lastLog)
	}
	if dump(t, w.dir) != before {
		t.Error("the refused start wrote to the database")
	}
}
