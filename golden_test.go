package main

import (
	"crypto/ed25519"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"twolock/auth"
	"twolock/client"
	"twolock/crypto/lock"
)

var makeGolden = flag.Bool("golden", false, "make testdata/golden anew")

const (
	goldenFolder = "testdata/golden"
	goldenBase   = "http://127.0.0.1:8080" // part of what is in it
)

// golden is what was known of the database when it was made.
type golden struct {
	Alice     []byte // her seed
	Keystores []goldenKeystore
}

type goldenKeystore struct {
	URL    string
	Shares []string
	Record object   // as it is read
	Keys   []object // as they are read
	Signer struct{ Key, Public string }
	Checks []goldenCheck
}

// goldenCheck is an operation on what was made then, and what it answers.
type goldenCheck struct {
	Field    string
	In, Want object
}

// What was written by an earlier version opens for ever: a label, a tag or a format that changes makes every database unreadable that there is.
// The database is never made anew for such a change; what is new is added to it beside what is there.
func TestGoldenDatabase(t *testing.T) {
	if *makeGolden {
		golden := newGolden(t)
		text, err := json.MarshalIndent(golden, "", "\t")
		must(t, err)
		must(t, os.WriteFile(filepath.Join(goldenFolder, "golden.json"), append(text, '\n'), 0o644))
	}
	t.Parallel()
	golden, dir := copyGolden(t)
	n := start(t, goldenFlags(dir, golden.alice(t))...)
	for _, k := range golden.Keystores {
		u := golden.user(t, n, k.URL, k.Shares)
		got, err := u.tryRead(k.URL, "keystore", allOfKeystore)
		must(t, err)
		is(t, k.URL, got, k.Record)
		for _, want := range k.Keys {
			is(t, "key "+want["id"].(string), u.key(want["id"].(string)), want)
		}
		for _, c := range k.Checks {
			is(t, c.Field+brief(c.In), u.get(c.Field, c.In), c.Want)
		}
		signed := raw(t, u.get("sign", object{"key": k.Signer.Key, "message": message})["signature"])
		if !ed25519.Verify(raw(t, k.Signer.Public), raw(t, message), signed) {
			t.Errorf("%s: the signature is not of the public key that was", k.Signer.Key)
		}
		u.get("rotateKey", object{"key": k.Signer.Key})
		u.make("ED25519")
	}
	if log := n.log.String(); strings.Contains(log, `"level":"ERROR"`) || strings.Contains(log, "did not open") {
		t.Errorf("logged: %s", log)
	}
}

func (g *golden) alice(t *testing.T) *auth.Identity {
	t.Helper()
	id, err := auth.IdentityFromSeed(g.Alice)
	must(t, err)
	return id
}

func (g *golden) user(t *testing.T, n *node, keystore string, shares []string) *user {
	return &user{t: t, c: &client.Client{Identity: g.alice(t), HTTP: throughAddress(t, n.addr)}, keystore: keystore, shares: shares, keys: map[string]string{}}
}

// copyGolden copies the database and its master key to a folder of the test's own.
func copyGolden(t *testing.T) (*golden, string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(goldenFolder, "golden.json"))
	must(t, err)
	var g golden
	must(t, json.Unmarshal(text, &g))
	dir := t.TempDir()
	for _, name := range []string{"twolock.db", "master.key"} {
		b, err := os.ReadFile(filepath.Join(goldenFolder, name))
		must(t, err)
		must(t, os.WriteFile(filepath.Join(dir, name), b, 0o600))
	}
	return &g, dir
}

// goldenFlags serve a copy at another address than it was made at.
func goldenFlags(dir string, alice *auth.Identity) []string {
	return []string{"--listen", "127.0.0.1:0", "--base-url", goldenBase, "--data-dir", dir, "--operator", alice.DID()}
}

// newGolden makes the database: keys of a few types and versions, and every kind of sealing and tag that there is.
func newGolden(t *testing.T) *golden {
	g := &golden{Alice: lock.Generate32()}
	must(t, os.RemoveAll(filepath.Join(goldenFolder, "twolock.db")))
	dir := t.TempDir()
	n := start(t, goldenFlags(dir, g.alice(t))...)
	split, err := lock.SplitSecret(lock.Generate32(), 3, 2)
	must(t, err)
	for _, shares := range [][]string{nil, {b64(split[0]), b64(split[2])}} {
		in := object{"controller": g.alice(t).DID(), "userLock": "LOCAL", "name": "golden", "tags": []object{{"name": "made", "value": "once"}}}
		if shares != nil {
			in = object{"controller": g.alice(t).DID(), "userLock": "SHAMIR"}
		}
		u := g.user(t, n, "", shares)
		made, err := u.tryAt(n.url+"/graphql", "createKeystore", in)
		must(t, err)
		u.keystore = made["keystore"].(object)["id"].(string)
		g.Keystores = append(g.Keystores, u.golden())
	}
	if code := n.stop(); code != 0 {
		t.Fatalf("serve: exit %d", code)
	}
	if _, err := os.Stat(filepath.Join(dir, "twolock.db-wal")); !os.IsNotExist(err) {
		t.Fatalf("the write-ahead log is not in the file: %v", err)
	}
	for _, name := range []string{"twolock.db", "master.key"} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		must(t, err)
		must(t, os.WriteFile(filepath.Join(goldenFolder, name), b, 0o644))
	}
	return g
}

func (u *user) golden() goldenKeystore {
	u.t.Helper()
	k := goldenKeystore{URL: u.keystore, Shares: u.shares}
	keep := func(field string, in, want object) { k.Checks = append(k.Checks, goldenCheck{field, in, want}) }
	// Each is used by its first version and by its second.
	signer, named := u.make("ED25519"), u.make("ECDSA_P256", object{"name": "named", "tags": []object{{"name": "a", "value": "b"}}, "algorithms": []string{"ECDSA"}})
	aes, mac, agree := u.make("AES_256_GCM"), u.make("HMAC_SHA256"), u.make("X25519")
	for range 2 {
		for _, key := range []string{signer, named} {
			out := u.get("sign", object{"key": key, "message": message})
			keep("verify", object{"key": key, "message": message, "signature": out["signature"]}, object{"valid": true, "version": out["version"]})
		}
		out := u.get("encrypt", object{"key": aes, "plaintext": message})
		keep("decrypt", object{"key": aes, "ciphertext": out["ciphertext"], "nonce": out["nonce"]}, object{"plaintext": message, "version": out["version"]})
		out = u.get("computeMac", object{"key": mac, "data": message})
		keep("verifyMac", object{"key": mac, "data": message, "mac": out["mac"]}, object{"valid": true, "version": out["version"]})
		out = u.get("seal", object{"key": agree, "plaintext": message})
		keep("open", object{"key": agree, "ciphertext": out["ciphertext"]}, object{"plaintext": message, "version": out["version"]})
		for _, key := range []string{signer, named, aes, mac, agree} {
			u.get("rotateKey", object{"key": key})
		}
	}
	// Imported: one that may be exported, one that has its public part only, and one of which everything was changed since.
	exportable := u.get("importKey", object{"type": "HMAC_SHA256", "raw": b64(lock.Generate32()), "exportable": true})["id"].(string)
	keep("computeMac", object{"key": exportable, "data": message}, object{"mac": u.get("computeMac", object{"key": exportable, "data": message})["mac"], "version": 1})
	public := u.get("importKey", object{"type": "ED25519", "spki": u.key(signer)["publicKey"].(object)["spki"]})["id"].(string)
	signature := u.get("sign", object{"key": signer, "message": message})["signature"]
	keep("verify", object{"key": public, "message": message, "signature": signature}, object{"valid": true, "version": 1})
	u.get("updateKey", object{"key": aes, "description": "changed", "operations": []string{"DECRYPT"}})
	u.get("disableKey", object{"key": u.make("ECDSA_P384")})

	var err error
	k.Record, err = u.tryRead(u.keystore, "keystore", allOfKeystore)
	must(u.t, err)
	for _, id := range ids(u.list("(first: 100)")) {
		k.Keys = append(k.Keys, u.key(id))
	}
	k.Signer.Key, k.Signer.Public = signer, u.key(signer)["publicKey"].(object)["bytes"].(string)
	return k
}
