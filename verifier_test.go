package main

import (
	"context"
	"strings"
	"testing"

	"twolock/storage/storagetest"
)

// Whoever writes to the database cannot have another share pinned: without its verifier a keystore that was pinned is refused, and with another one too. One
// from before verifiers were in the record's tag goes on, and has it there after its next change.
func TestVerifierGone(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"sqlite", "postgres"} {
		for _, when := range []string{"at createKeystore", "at the first createKey", "in a record of before"} {
			t.Run(kind+"/"+when, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				if kind == "postgres" {
					w.database = storagetest.Postgres(t)
				}
				n := start(t, at(free(t), w.flags("local"))...)
				right, wrong := []string{b64(w.shares[0])}, []string{b64(anyShare(9))}
				in := map[string]any{"controller": w.alice.DID(), "userLock": "SHAMIR"}
				if when == "at createKeystore" {
					in["secretShares"] = right
				}
				var out struct {
					CreateKeystore struct{ Keystore struct{ ID string } }
				}
				must(t, as(w.alice).Do(context.Background(), n.url+"/graphql", "createKeystore", createKeystore, input(in), &out))
				u := &user{t: t, c: as(w.alice), keystore: out.CreateKeystore.Keystore.ID, shares: right, keys: map[string]string{}}
				db := w.open(t)
				var before []byte
				must(t, db.QueryRow("SELECT tag FROM keystores").Scan(&before))
				var err error
				u.keys["ED25519"], err = u.create("ED25519")
				must(t, err)
				if when == "in a record of before" {
					db.change(t, "UPDATE keystores SET tag = ?", before)
					forget()
					_, err = u.sign()
					must(t, err)
					u.shares = wrong
					_, err = u.create("ED25519")
					wantCode(t, "createKey with a wrong share", err, "WRONG_SHARE")
					u.shares = right
					must(t, as(w.alice).Do(context.Background(), u.keystore, "write", `mutation($input: UpdateKeystoreInput!) { updateKeystore(input: $input) { keystore { id } } }`,
						input(map[string]any{"keystore": u.keystore, "name": "changed"}), nil))
				}
				var verifier []byte
				must(t, db.QueryRow("SELECT verifier FROM keystore_verifiers").Scan(&verifier))
				refused := func(what string) {
					t.Helper()
					forget()
					for name, shares := range map[string][]string{"a wrong": wrong, "the right": right} {
						u.shares = shares
						_, err := u.create("ED25519")
						if c := code(err); c != "KEY_UNUSABLE" && c != "FORBIDDEN" {
							t.Errorf("createKey with %s share, %s: got %q (%v), want it refused", name, what, c, err)
						}
					}
					if !strings.Contains(n.log.String(), "changed outside the server") {
						t.Errorf("%s: the log does not say so", what)
					}
				}
				db.change(t, "DELETE FROM keystore_verifiers")
				refused("without the verifier")
				if got := db.count(t, "SELECT COUNT(*) FROM keystore_verifiers"); got != 0 {
					t.Errorf("%d verifiers: another was pinned", got)
				}
				db.change(t, "INSERT INTO keystore_verifiers (keystore_id, verifier) VALUES (?, ?)", lastPart(u.keystore), storagetest.Digest())
				refused("with another verifier")
				db.change(t, "UPDATE keystore_verifiers SET verifier = ?", verifier)
				forget()
				u.shares = right
				_, err = u.sign()
				must(t, err)
				_, err = u.create("ED25519")
				must(t, err)
			})
		}
	}
}
