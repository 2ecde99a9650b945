package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"twolock/crypto/jwe"
	"twolock/crypto/key"
	"twolock/storage/storagetest"
)

// Keys that were made exportable leave, encrypted to a public key, and come back.
func TestExport(t *testing.T) {
	tell(t, map[string]story{
		"export": exports, "export refused": exportRefused, "backup to another keystore": backupElsewhere, "restore is whole": restoreWhole, "forged": backupForged,
	})
}

func exports(t *testing.T, _ *site, u *user) {
	for _, typ := range []key.Type{key.Ed25519, key.ECDSAP521, key.AES256GCM, key.HMACSHA256, key.X25519, key.MLKEM768, key.MLDSA65} {
		made := u.get("createKey", object{"type": typ, "exportable": true})
		is(t, "createKey", made, object{"exportable": true, "publicOnly": false})
		k := made["id"].(string)
		u.does(typ, k)
		u.get("rotateKey", object{"key": k})
		recipient := generated(t, []key.Type{key.X25519, key.ECDHP256, key.ECDHP384, key.ECDHP521}[len(typ)%4])
		for version, in := range map[int]object{2: {}, 1: {"version": 1}} {
			out := u.get("exportKey", merged(in, object{"key": k, "recipient": publicJWK(t, recipient)}))
			is(t, "exportKey", out, object{"version": version})
			jwk := opened(t, out["wrapped"], recipient)
			u.secrets.collect(jwk)
			text, _ := json.Marshal(jwk)
			mine, err := key.Import(typ, key.Material{JWK: text})
			must(t, err)
			if mine.IsPublicOnly() {
				t.Errorf("%s: what was exported has no private part", typ)
			}
			if public := mine.Public(); public != nil && b64(public.Bytes()) != u.versions(k)[version]["publicKey"].(object)["bytes"] {
				t.Errorf("%s: version %d was exported as another", typ, version)
			}
			// It comes in again elsewhere, without being seen.
			kek := u.make("X25519")
			wrapped := u.get("exportKey", merged(in, object{"key": k, "recipient": u.managed(kek)}))["wrapped"]
			again := u.get("importKey", object{"type": typ, "wrapped": wrapped, "unwrappingKey": kek})
			is(t, "imported again", again, object{"exportable": false})
			u.does(typ, again["id"].(string))(t)
		}
	}
	// To an RSA key, too.
	k := u.make("ED25519", object{"exportable": true})
	rsa := u.get("importKey", object{"type": "RSA_2048", "pkcs8": testRSA(t, "2048")})["id"].(string)
	wrapped := u.get("exportKey", object{"key": k, "recipient": u.managed(rsa)})["wrapped"]
	is(t, "by RSA", u.get("importKey", object{"type": "ED25519", "wrapped": wrapped, "unwrappingKey": rsa})["publicKey"].(object), object{"bytes": u.publicOf(k)})
}

func exportRefused(t *testing.T, s *site, u *user) {
	k, locked := u.make("ED25519", object{"exportable": true}), u.make("ED25519")
	recipient := generated(t, key.X25519)
	public := publicJWK(t, recipient)
	for _, field := range []string{"exportKey", "backupKey"} {
		u.refused("KEY_UNUSABLE", field, object{"key": locked, "recipient": public}, "exportable")
		var with object
		must(t, json.Unmarshal(public, &with))
		for what, bad := range map[string]any{
			"a private key": jwkOf(t, recipient), "a secret key": object{"kty": "oct", "k": message}, "a signing key": publicJWK(t, generated(t, key.Ed25519)),
			"another's private key": jwkOf(t, generated(t, key.ECDHP256)), "nothing": object{}, "text": "x", "a list": []any{}, "a number": 7,
			"a point of low order": object{"kty": "OKP", "crv": "X25519", "x": b64(make([]byte, 32))}, "for signatures": merged(with, object{"use": "sig"}),
		} {
			_, err := u.try(field, object{"key": k, "recipient": bad})
			u.isRefused(field+" to "+what, err, "BAD_USER_INPUT", "recipient")
		}
		u.refused("BAD_USER_INPUT", field, object{"key": k}, "recipient")
		u.refused("BAD_USER_INPUT", field, object{"key": k, "recipient": nil}, "recipient")
		if s.userLock == "SHAMIR" {
			u.refused("WRONG_SHARE", field, object{"key": k, "recipient": public, "secretShares": []string{b64(anyShare(9))}})
		}
	}
	for _, v := range []int{0, -1, 2} {
		u.refused("BAD_USER_INPUT", "exportKey", object{"key": k, "recipient": public, "version": v}, "version")
	}
	u.get("rotateKey", object{"key": k})
	u.get("updateKey", object{"key": k, "minimumVersionToDecrypt": 2})
	forget()
	u.refused("BAD_USER_INPUT", "exportKey", object{"key": k, "recipient": public, "version": 1}, "version")
}

// restorable makes a key with all that a backup has.
func (u *user) restorable() (url string, codes []any) {
	u.t.Helper()
	url = u.make("HMAC_SHA256", object{
		"exportable": true, "name": "precious", "description": "d", "tags": []object{{"name": "a", "value": "b"}}, "operations": []string{"COMPUTE_MAC", "VERIFY_MAC"},
		"rotationPeriod": 86_400, "maxCapabilityChainLength": 3,
	})
	for range 4 {
		codes = append(codes, u.get("computeMac", object{"key": url, "data": message})["mac"])
		u.get("rotateKey", object{"key": url})
	}
	u.get("updateKey", object{"key": url, "minimumVersionToVerify": 2, "minimumVersionToDecrypt": 3})
	u.get("trimKeyVersions", object{"key": url, "oldestVersion": 2})
	forget()
	return url, codes
}

func (u *user) isRestored(what string, got, want object, url string, codes []any) {
	u.t.Helper()
	for name, w := range want {
		if name != "id" && name != "rotatesAt" && !same(got[name], w) {
			u.t.Errorf("%s: %s is %v, want %v", what, name, got[name], w)
		}
	}
	for i, c := range codes[1:] {
		out := u.get("verifyMac", object{"key": url, "data": message, "mac": c})
		is(u.t, fmt.Sprintf("%s: a code of version %d", what, i+2), out, object{"valid": true, "version": i + 2})
		is(u.t, what+", with the version", u.get("verifyMac", object{"key": url, "data": message, "mac": c, "version": i + 2}), object{"valid": true})
	}
	is(u.t, what+": a code of a version that was trimmed", u.get("verifyMac", object{"key": url, "data": message, "mac": codes[0]}), object{"valid": false})
	if v := slices.Sorted(maps.Keys(u.versions(url))); !slices.Equal(v, []int{2, 3, 4, 5}) {
		u.t.Errorf("%s: versions %v, want 2 to 5", what, v)
	}
	u.refused("KEY_UNUSABLE", "deriveKey", object{"key": url, "length": 16}, "restricted")
	is(u.t, what+", rotated", u.get("rotateKey", object{"key": url}), object{"version": 6})
}

func backupElsewhere(t *testing.T, s *site, u *user) {
	url, codes := u.restorable()
	want := u.key(url)
	there := s.user(t)
	kek := there.make("X25519")
	out := u.get("backupKey", object{"key": url, "recipient": there.managed(kek)})
	is(t, "backupKey", out, object{"version": 5})
	in := object{"backup": out["backup"], "unwrappingKey": kek}
	u.refused("BAD_USER_INPUT", "restoreKey", in, "unwrappingKey", "another keystore")
	got := there.get("restoreKey", in)
	if lastPart(got["id"].(string)) != lastPart(url) || !strings.HasPrefix(got["id"].(string), there.keystore) {
		t.Errorf("%s was restored as %s", url, got["id"])
	}
	there.isRestored("in another keystore", got, want, got["id"].(string), codes)
	is(t, "restored again, by a retry", there.get("restoreKey", in), object{"id": got["id"], "version": 6})
	second := u.get("backupKey", object{"key": url, "recipient": there.managed(kek)})["backup"]
	there.refused("CONFLICT", "restoreKey", object{"backup": second, "unwrappingKey": kek}, "already")
	u.does(key.HMACSHA256, u.make("HMAC_SHA256"))
	is(t, "the original", u.key(url), object{"version": 5})
}

// Restoring is all or nothing.
func restoreWhole(t *testing.T, s *site, u *user) {
	url, codes := u.restorable()
	there := s.user(t)
	kek := there.make("X25519")
	in := object{"backup": u.get("backupKey", object{"key": url, "recipient": there.managed(kek)})["backup"], "unwrappingKey": kek}
	taken := there.make("ED25519", object{"name": "precious"})
	before := ids(there.list(""))
	there.refused("CONFLICT", "restoreKey", in, "name")
	if got := ids(there.list("")); !slices.Equal(got, before) {
		t.Errorf("a restore that was refused left %v", got)
	}
	_, err := there.tryRead(there.keystore+"/keys/"+lastPart(url), "key", "id")
	there.isRefused("read what was not restored", err, "NOT_FOUND")
	if !s.vault {
		db := s.w.open(t)
		if n := db.count(t, "SELECT COUNT(*) FROM key_versions WHERE keystore_id = ? AND key_id = ?", lastPart(there.keystore), lastPart(url)); n != 0 {
			t.Errorf("a restore that was refused left %d versions", n)
		}
	}
	there.get("updateKey", object{"key": taken, "name": ""})
	got := there.get("restoreKey", in)
	there.isRestored("after the name was given up", got, object{"name": "precious"}, got["id"].(string), codes)
	// A type that may not be made may not be restored.
	other := s.user(t)
	kek = other.make("X25519")
	other.get("updateKeystore", object{"keyTypes": []string{"X25519"}})
	forget()
	other.refused("BAD_USER_INPUT", "restoreKey", object{"backup": u.get("backupKey", object{"key": url, "recipient": other.managed(kek)})["backup"], "unwrappingKey": kek}, "backup", "type")
}

// A backup is the recipient's to believe: what does not hang together is refused, and makes nothing.
func backupForged(t *testing.T, s *site, u *user) {
	url, _ := u.restorable()
	there := s.user(t)
	kek := there.make("X25519")
	before := ids(there.list(""))
	good := u.get("backupKey", object{"key": url, "recipient": there.managed(kek)})["backup"].(string)
	parts := strings.Split(good, ".")
	swapped := strings.Split(u.get("backupKey", object{"key": url, "recipient": there.managed(kek)})["backup"].(string), ".")
	for what, bad := range map[string]string{
		"truncated": good[:len(good)-30], "half": good[:len(good)/2], "four parts": strings.Join(parts[:4], "."), "empty": "", "text": "hello", "huge": strings.Repeat("A", 700_000),
		"another's content":        strings.Join([]string{parts[0], parts[1], swapped[2], swapped[3], swapped[4]}, "."),
		"with another header":      strings.Join([]string{swapped[0], parts[1], parts[2], parts[3], parts[4]}, "."),
		"for another key":          u.get("backupKey", object{"key": url, "recipient": publicJWK(t, generated(t, key.X25519))})["backup"].(string),
		"a key and no backup":      u.get("exportKey", object{"key": url, "recipient": there.managed(kek)})["wrapped"].(string),
		"a text that is encrypted": there.sealedTo(kek, "hello"), "null, encrypted": there.sealedTo(kek, nil), "an empty object": there.sealedTo(kek, object{}),
	} {
		_, err := there.try("restoreKey", object{"backup": bad, "unwrappingKey": kek})
		there.isRefused("a backup that is "+what, err, "BAD_USER_INPUT", "backup")
	}
	forged := func(change func(b object, versions []any)) error {
		b := u.backup(url)
		change(b, b["versions"].([]any))
		_, err := there.try("restoreKey", object{"backup": there.sealedTo(kek, b), "unwrappingKey": kek})
		return err
	}
	version := func(v []any, i int) object { return v[i].(object) }
	for what, change := range map[string]func(b object, v []any){
		"of another format":         func(b object, _ []any) { b["format"] = "twolock key backup 2" },
		"with an unknown member":    func(b object, _ []any) { b["extra"] = 1 },
		"without versions":          func(b object, _ []any) { b["versions"] = []any{} },
		"with a gap":                func(b object, v []any) { b["versions"] = []any{v[0], v[2]} },
		"oldest first":              func(_ object, v []any) { slices.Reverse(v) },
		"with a version twice":      func(b object, v []any) { b["versions"] = []any{v[0], v[0]} },
		"with version 0":            func(_ object, v []any) { version(v, 3)["version"] = 0 },
		"with a huge version":       func(b object, v []any) { version(v, 0)["version"] = 1 << 40; b["versions"] = v[:1] },
		"with version 2^31":         func(b object, v []any) { version(v, 0)["version"] = 1 << 31; b["versions"] = v[:1] },
		"with 101 versions":         func(b object, v []any) { b["versions"] = manyOf(v[0].(object), 101) },
		"without an id":             func(b object, _ []any) { delete(b, "id") },
		"with a path for an id":     func(b object, _ []any) { b["id"] = "../../x" },
		"of another type":           func(b object, _ []any) { b["type"] = "ED25519"; delete(b, "operations") },
		"of no type":                func(b object, _ []any) { b["type"] = "NONE" },
		"with a bad name":           func(b object, _ []any) { b["name"] = "a\x00b" },
		"with a long name":          func(b object, _ []any) { b["name"] = strings.Repeat("x", 129) },
		"with a tag twice":          func(b object, _ []any) { b["tags"] = []object{{"name": "a"}, {"name": "a"}} },
		"with a wrong operation":    func(b object, _ []any) { b["operations"] = []string{"SIGN"} },
		"with a wrong algorithm":    func(b object, _ []any) { b["algorithms"] = []string{"AEAD"} },
		"with a chain of 11":        func(b object, _ []any) { b["maxCapabilityChainLength"] = 11 },
		"with a chain of -1":        func(b object, _ []any) { b["maxCapabilityChainLength"] = -1 },
		"with minimums above":       func(b object, _ []any) { b["minimumVersionToVerify"] = 6 },
		"with negative minimums":    func(b object, _ []any) { b["minimumVersionToDecrypt"] = -1 },
		"rotated every second":      func(b object, _ []any) { b["rotationPeriod"] = 1 },
		"rotated after eons":        func(b object, _ []any) { b["rotationPeriod"] = int64(1) << 62 },
		"with a period that wraps":  func(b object, _ []any) { b["rotationPeriod"] = 18_446_750_000 },
		"with negative messages":    func(_ object, v []any) { version(v, 0)["messages"] = -1 },
		"with a public key":         func(_ object, v []any) { version(v, 1)["jwk"] = publicJWK(t, generated(t, key.ECDSAP256)) },
		"with a key too short":      func(_ object, v []any) { version(v, 1)["jwk"] = object{"kty": "oct", "k": "YQ"} },
		"with null for a key":       func(_ object, v []any) { version(v, 1)["jwk"] = nil },
		"made in the year 0":        func(b object, _ []any) { b["createdAt"] = "0000-01-01T00:00:00Z" },
		"made in the year 1":        func(b object, _ []any) { b["createdAt"] = "0001-01-01T00:00:00Z" },
		"made before computers":     func(b object, _ []any) { b["createdAt"] = "1950-01-01T00:00:00Z" },
		"made in the far future":    func(b object, _ []any) { b["createdAt"] = "9999-12-31T23:59:59.9999999Z" },
		"a version in the year 1":   func(_ object, v []any) { version(v, 1)["createdAt"] = "0001-01-01T00:00:00Z" },
		"a version of the far time": func(_ object, v []any) { version(v, 0)["createdAt"] = "9999-12-31T23:59:59.9999999Z" },
	} {
		there.isRefused("a backup "+what, forged(change), "BAD_USER_INPUT", "backup")
	}
	if got := ids(there.list("")); !slices.Equal(got, before) {
		t.Errorf("forged backups made %d keys", len(got)-len(before))
	}
	m, err := jwe.Parse(good)
	must(t, err)
	if m.ContentType() == "" {
		t.Error("a backup does not say what it is")
	}
	// Not the backup's, but the caller's fault.
	there.refused("NOT_FOUND", "restoreKey", object{"backup": good, "unwrappingKey": there.keystore + "/keys/" + storagetest.ID()})
	there.refused("BAD_USER_INPUT", "restoreKey", object{"backup": good}, "unwrappingKey")
	there.get("restoreKey", object{"backup": good, "unwrappingKey": kek})
}

func manyOf(v object, n int) (all []any) {
	for i := range n {
		all = append(all, merged(v, object{"version": n - i}))
	}
	return all
}

// A key that was deleted is restored at its URL, as it was.
func TestRestoreAfterDeletion(t *testing.T) {
	everywhere(t, func(t *testing.T, s *site, u *user) {
		url, codes := u.restorable()
		want := u.key(url)
		kek := u.make("X25519")
		in := object{"backup": u.get("backupKey", object{"key": url, "recipient": u.managed(kek)})["backup"], "unwrappingKey": kek}
		limited := u.make("AES_256_GCM", object{"exportable": true})
		u.get("encrypt", object{"key": limited, "plaintext": message})
		messages := u.messages(limited, 1)
		second := object{"backup": u.get("backupKey", object{"key": limited, "recipient": u.managed(kek)})["backup"], "unwrappingKey": kek}
		u.refused("CONFLICT", "restoreKey", in, "already")
		u.get("deleteKey", object{"key": url, "windowDays": 7})
		u.get("deleteKey", object{"key": limited, "windowDays": 7})
		u.refused("CONFLICT", "restoreKey", in, "already")
		s.w.clock.pass(7*24*time.Hour + time.Minute)
		var got object
		eventually(t, "restored after it was gone", 20*time.Second, func() bool {
			out, err := u.try("restoreKey", in)
			if err != nil && code(err) != "CONFLICT" {
				t.Fatal(err)
			}
			got, _ = out["key"].(object)
			return err == nil
		})
		is(t, "restored", got, object{"id": url, "createdAt": want["createdAt"], "exportable": true})
		u.isRestored("restored", got, want, url, codes)
		eventually(t, "the second one restored", 20*time.Second, func() bool { _, err := u.try("restoreKey", second); return err == nil })
		if n := u.messages(limited, 1); n < messages {
			t.Errorf("%d messages count after restoring, before %d", n, messages)
		}
		s.restart(t)
		is(t, "after a restart", u.get("verifyMac", object{"key": url, "data": message, "mac": codes[2]}), object{"valid": true, "version": 3})
	}, "--cache-ttl", "1m")
}
