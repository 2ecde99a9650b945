package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"twolock/crypto/lock"
	"twolock/storage/storagetest"
)

// Invariant 5, by looking: nothing of a working key, of a lock key, of a share or of the master key is in any file of the data folder, in the documents of
// the vaults, in the log or in the metrics, as it is or in base64 or hexadecimal, neither while the server runs nor afterwards.
func TestInvariantNoSecretIsKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := start(t, append(at("", w.flags("local")), "--cache-ttl", "5m")...)
	sought := map[string][]byte{"share 0": w.shares[0][:32], "share 1": w.shares[1][:32], "share 2": w.shares[2][:32]}
	joined, err := lock.JoinShares(w.shares[:2])
	must(t, err)
	sought["joined secret"] = joined
	var users []*user
	for _, userLock := range []string{"LOCAL", "SHAMIR"} {
		for _, vault := range []bool{false, true} {
			u := newUser(t, w, n, userLock, vault)
			users = append(users, u)
			u.leaves(t, fmt.Sprintf("%s, vault %v: ", userLock, vault), sought)
		}
	}
	w.lockKeys(t, users, joined, sought)

	public := users[0].public
	look := func(when string) {
		t.Helper()
		places := w.written(t, n, users)
		if len(public) != 32 || !bytes.Contains(places["twolock.db"], public) && !bytes.Contains(places["twolock.db-wal"], public) {
			t.Fatalf("%s: the public key is not found either: the search finds nothing", when)
		}
		for what, secret := range sought {
			for where, text := range places {
				if form := holds(text, secret); form != "" && (what != "master key" || where != "master.key") {
					t.Errorf("%s: %s has the %s, %s", when, where, what, form)
				}
			}
		}
	}
	look("while the server runs")
	n.stop()
	look("afterwards")

	// What was written in any of the forms, at any place of a longer text, would be found.
	secret := storagetest.Bytes(32)
	for at := range 4 {
		text := append(bytes.Repeat([]byte{'x'}, at), secret...)
		for _, written := range []string{string(text), base64.StdEncoding.EncodeToString(text), base64.RawURLEncoding.EncodeToString(text), hex.EncodeToString(text), strings.ToUpper(hex.EncodeToString(text)), fmt.Sprint(text)} {
			if holds([]byte("..."+written+"..."), secret) == "" {
				t.Fatalf("not found in %q", written)
			}
		}
	}
}

// leaves makes keys whose secrets are known, uses one, and has them leave in the ways that there are.
func (u *user) leaves(t *testing.T, what string, sought map[string][]byte) {
	t.Helper()
	seed, aes, mac := storagetest.Bytes(32), storagetest.Bytes(32), storagetest.Bytes(64)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(ed25519.NewKeyFromSeed(seed))
	must(t, err)
	sought[what+"Ed25519 key"], sought[what+"AES key"], sought[what+"HMAC key"] = seed, aes, mac
	signer := u.get("importKey", object{"type": "ED25519", "pkcs8": b64(pkcs8), "exportable": true})["id"]
	cipher := u.get("importKey", object{"type": "AES_256_GCM", "raw": b64(aes), "exportable": true})["id"]
	coder := u.get("importKey", object{"type": "HMAC_SHA256", "raw": b64(mac)})["id"]
	u.get("sign", object{"key": signer, "message": message})
	u.get("computeMac", object{"key": coder, "data": message})
	recipient := u.key(u.make("X25519"))["publicKey"].(object)["jwk"]
	u.get("exportKey", object{"key": cipher, "recipient": recipient})
	u.get("backupKey", object{"key": signer, "recipient": recipient})
	data := u.get("generateDataKey", object{"key": cipher})
	sought[what+"data key"] = raw(t, data["plaintext"])
	u.get("encrypt", object{"key": cipher, "plaintext": b64(storagetest.Bytes(32))})
	u.refused("BAD_USER_INPUT", "importKey", object{"type": "ED25519", "raw": b64(seed), "pkcs8": b64(pkcs8)}) // an error may not quote it
	if u.shares != nil {
		wrong := storagetest.Bytes(32)
		sought[what+"wrong share"] = wrong
		u.refused("WRONG_SHARE", "sign", object{"key": signer, "message": message, "secretShares": []string{b64(append(wrong, 7))}})
	}
}

// lockKeys opens what the master key opens, as the program would: the service's secret and the secrets of each keystore.
func (w *world) lockKeys(t *testing.T, users []*user, joined []byte, sought map[string][]byte) {
	t.Helper()
	path := filepath.Join(w.dir, "master.key")
	text, err := os.ReadFile(path)
	must(t, err)
	if sought["master key"], err = encoding.DecodeString(strings.TrimSpace(string(text))); err != nil {
		t.Fatal(err)
	}
	master, err := lock.OpenLocal(path)
	must(t, err)
	db := w.open(t)
	open := func(l lock.Label, query string, args ...any) []byte {
		t.Helper()
		var sealed []byte
		must(t, db.QueryRow(query, args...).Scan(&sealed))
		plain, err := master.Open(context.Background(), sealed, l)
		must(t, err)
		return plain
	}
	sought["service's secret"] = open(lock.Label{Purpose: lock.PurposeService}, "SELECT sealed FROM service_sealings")
	for i, u := range users {
		id := lastPart(u.keystore)
		secrets := open(lock.Label{Purpose: lock.PurposeKeystore, Keystore: id}, "SELECT sealed FROM keystore_sealings WHERE keystore_id = ?", id)[1:]
		for part := 0; part < len(secrets); part += 32 {
			sought[fmt.Sprintf("keystore %d's secret %d", i, part/32)] = secrets[part : part+32]
		}
		if u.shares != nil {
			k, err := hkdf.Key(sha256.New, joined, secrets[:32], "twolock user lock, version 1, lock key: "+id, 32)
			must(t, err)
			sought[fmt.Sprintf("keystore %d's lock key", i)] = k
		}
	}
}

// written is everything that came out of the server, but its answers. The operators' link is a secret of its own, and not there where one is configured.
func (w *world) written(t *testing.T, n *node, users []*user) map[string][]byte {
	t.Helper()
	all := map[string][]byte{"the log": []byte(n.log.String())}
	if resp, err := http.Get(n.url + "/metrics"); err == nil { // when it runs
		b, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		must(t, err)
		all["/metrics"] = b
	}
	for i, u := range users {
		var url string
		must(t, w.open(t).QueryRow("SELECT coalesce(vault_url, '') FROM keystores WHERE id = ?", lastPart(u.keystore)).Scan(&url))
		for j, d := range w.edv.Documents(url) {
			all[fmt.Sprintf("document %d of vault %d", j, i)] = d
		}
	}
	must(t, filepath.WalkDir(w.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		name, _ := filepath.Rel(w.dir, path)
		all[name] = b
		return err
	}))
	for _, name := range []string{"the log", "twolock.db", "audit.log", "master.key", "document 0 of vault 1", "document 0 of vault 3"} {
		if len(all[name]) == 0 {
			t.Fatalf("%s is not there", name)
		}
	}
	return all
}

// holds tells in which form 24 bytes of a secret, from whichever eighth on, are in a text; "" when they are not.
func holds(text, secret []byte) string {
	for at := 0; at+24 <= len(secret); at += 8 {
		part := secret[at : at+24]
		forms := map[string][]byte{
			"as it is": part, "in hexadecimal": []byte(hex.EncodeToString(part)), "in HEXADECIMAL": []byte(strings.ToUpper(hex.EncodeToString(part))),
			"in decimal": []byte(strings.Trim(fmt.Sprint(part), "[]")),
		}
		for before := range 3 { // bytes that stand before it within four characters of base64
			b := append(make([]byte, before), part[:24-before]...)
			for name, e := range map[string]*base64.Encoding{"base64": base64.StdEncoding, "base64url": base64.URLEncoding} {
				forms[fmt.Sprintf("in %s, %d", name, before)] = []byte(e.EncodeToString(b)[4 : 4*8-4])
			}
		}
		for name, form := range forms {
			if bytes.Contains(text, form) {
				return name
			}
		}
	}
	return ""
}
