package main

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"twolock/crypto/jwe"
	"twolock/crypto/key"
	"twolock/storage/storagetest"
)

// Keys come in from outside, in every form that there is, and are what they were.
func TestImport(t *testing.T) {
	tell(t, map[string]story{
		"forms":             importForms,
		"refused":           importRefused,
		"public only":       importPublicOnly,
		"wrapped":           importWrapped,
		"wrapped refused":   importWrappedRefused,
		"idempotency":       importIdempotent,
		"idempotency races": importRaces,
	})
}

func generated(t testing.TB, typ key.Type) *key.Key {
	t.Helper()
	k, err := key.Generate(typ)
	must(t, err)
	return k
}

func jwkOf(t testing.TB, k *key.Key) json.RawMessage {
	t.Helper()
	j, err := k.JWK()
	must(t, err)
	return j
}

func publicJWK(t testing.TB, k *key.Key) json.RawMessage {
	t.Helper()
	j, err := k.Public().JWK()
	must(t, err)
	return j
}

func pkcs8(t testing.TB, private any) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(private)
	must(t, err)
	return b64(der)
}

func importForms(t *testing.T, _ *site, u *user) {
	for _, typ := range []key.Type{key.Ed25519, key.ECDSAP384, key.ECDSASecp256k1, key.AES256GCM, key.HMACSHA384, key.X25519, key.MLKEM768, key.MLDSA44} {
		k := generated(t, typ)
		made := u.get("importKey", object{"type": typ, "jwk": jwkOf(t, k)})
		is(t, "jwk of "+string(typ), made, object{"type": typ, "version": 1, "publicOnly": false, "exportable": false, "state": "ENABLED"})
		if !typ.IsSymmetric() {
			is(t, "public key of "+string(typ), made["publicKey"].(object), object{"bytes": b64(k.Public().Bytes())})
		}
		u.does(typ, made["id"].(string))(t)
	}
	ecdsaKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	_, edKey, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	ecdhKey, err := ecdh.X25519().GenerateKey(rand.Reader)
	must(t, err)
	for typ, in := range map[key.Type]object{
		key.ECDSAP256: {"pkcs8": pkcs8(t, ecdsaKey)}, key.Ed25519: {"pkcs8": pkcs8(t, edKey)}, key.X25519: {"pkcs8": pkcs8(t, ecdhKey)},
		key.RSA2048:   {"pkcs8": testRSA(t, "2048")},
		key.AES128GCM: {"raw": b64(storagetest.Bytes(16))}, key.XAES256GCM: {"raw": b64(storagetest.Bytes(32))}, key.HMACSHA256: {"raw": b64(storagetest.Bytes(40))},
		key.MLKEM1024: {"raw": b64(storagetest.Bytes(64))}, key.MLDSA87: {"raw": b64(storagetest.Bytes(32))},
	} {
		made := u.get("importKey", merged(in, object{"type": typ}))
		u.does(typ, made["id"].(string))(t)
	}
	// It is that key and no other: a code made here is right there.
	secret := storagetest.Bytes(32)
	url := u.get("importKey", object{"type": "HMAC_SHA256", "raw": b64(secret)})["id"]
	k, err := key.Import(key.HMACSHA256, key.Material{Raw: secret})
	must(t, err)
	code, err := k.ComputeMAC([]byte("hello"))
	must(t, err)
	is(t, "computeMac", u.get("computeMac", object{"key": url, "data": message}), object{"mac": b64(code)})
	// An imported key has versions like any other.
	is(t, "rotated", u.get("rotateKey", object{"key": url}), object{"version": 2, "oldestVersion": 1})
	is(t, "verifyMac of the imported version", u.get("verifyMac", object{"key": url, "data": message, "mac": b64(code)}), object{"valid": true, "version": 1})
}

func importRefused(t *testing.T, _ *site, u *user) {
	before := number(u.list("")["totalCount"])
	ed, ec := generated(t, key.Ed25519), generated(t, key.ECDSAP256)
	jwk := jwkOf(t, ed)
	var mixed object
	must(t, json.Unmarshal(jwk, &mixed))
	mixed["x"] = b64(generated(t, key.Ed25519).Public().Bytes())
	for _, c := range []struct {
		in   object
		word string
	}{
		{object{"type": "ED25519"}, "exactly one of jwk, pkcs8, spki, raw and wrapped"},
		{object{"type": "ED25519", "jwk": jwk, "raw": b64(ed.Private())}, "exactly one of"},
		{object{"type": "ED25519", "jwk": nil, "raw": nil}, "exactly one of"},
		{object{"type": "ED25519", "raw": ""}, "raw"},
		{object{"type": "ED25519", "raw": b64(storagetest.Bytes(31))}, "raw"},
		{object{"type": "AES_256_GCM", "raw": b64(storagetest.Bytes(16))}, "raw"},
		{object{"type": "AES_256_GCM", "raw": b64(storagetest.Bytes(100_000))}, "raw"},
		{object{"type": "HMAC_SHA256", "raw": b64(storagetest.Bytes(8))}, "raw"},
		{object{"type": "ECDSA_P256", "jwk": jwk}, "jwk"},
		{object{"type": "ED25519", "jwk": mixed}, "jwk"},
		{object{"type": "ED25519", "jwk": object{}}, "jwk"},
		{object{"type": "ED25519", "jwk": "x"}, "jwk"},
		{object{"type": "ED25519", "jwk": []string{}}, "jwk"},
		{object{"type": "ECDSA_P256", "pkcs8": b64([]byte("hello"))}, "pkcs8"},
		{object{"type": "ECDSA_P256", "spki": b64([]byte("hello"))}, "spki"},
		{object{"type": "AES_256_GCM", "spki": b64([]byte("hello"))}, "spki"},
		{object{"type": "RSA_2048", "pkcs8": testRSA(t, "3072")}, "pkcs8"},
		{object{"type": "RSA_2048", "raw": b64([]byte("hello"))}, "raw"},
		{object{"type": "ECDSA_P256", "jwk": publicJWK(t, ec), "exportable": true}, "exportable"},
		{object{"type": "ED25519", "jwk": jwk, "wrapped": "a.b.c.d.e"}, "wrapped, unwrappingKey"},
		{object{"type": "ED25519", "jwk": jwk, "unwrappingKey": u.keystore}, "wrapped, unwrappingKey"},
	} {
		u.refused("BAD_USER_INPUT", "importKey", c.in, c.word)
	}
	if got := number(u.list("")["totalCount"]); got != before {
		t.Errorf("refused imports made %d keys", got-before)
	}
}

// A key without its private part does what takes the public one, says what it can do when it is asked for more, and has nothing to rotate.
func importPublicOnly(t *testing.T, _ *site, u *user) {
	for typ, want := range map[key.Type][]key.Operation{
		key.Ed25519: {key.OpVerify}, key.ECDSAP256: {key.OpVerify}, key.MLDSA65: {key.OpVerify}, key.MLKEM768: {key.OpEncapsulate},
		key.X25519: {key.OpEncrypt, key.OpWrapKey, key.OpSeal}, key.ECDHP384: {key.OpEncrypt, key.OpWrapKey},
	} {
		k := generated(t, typ)
		in := object{"type": typ, "jwk": publicJWK(t, k)}
		if der, err := k.Public().SPKI(); err == nil {
			in = object{"type": typ, "spki": b64(der)}
		}
		made := u.get("importKey", in)
		is(t, "public "+string(typ), made, object{"publicOnly": true, "operations": want, "publicKey": made["publicKey"]})
		url := made["id"]
		is(t, "public key of "+string(typ), made["publicKey"].(object), object{"bytes": b64(k.Public().Bytes())})
		for _, o := range want {
			switch o {
			case key.OpVerify:
				signature, err := k.Sign([]byte("hello"), key.SignOptions{})
				must(t, err)
				is(t, "verify", u.get("verify", object{"key": url, "message": message, "signature": b64(signature)}), object{"valid": true, "version": 1})
			case key.OpEncrypt:
				out := u.get("encrypt", object{"key": url, "plaintext": message})
				plain, err := k.Decrypt(raw(t, out["ciphertext"]), nil, key.EncryptOptions{})
				if err != nil || string(plain) != "hello" {
					t.Errorf("encrypt with the public %s: decrypts to %q, %v", typ, plain, err)
				}
			case key.OpWrapKey:
				out := u.get("wrapKey", object{"key": url, "keyToWrap": b64(bytes.Repeat([]byte("k"), 16))})
				epk, _ := json.Marshal(out["epk"])
				plain, err := k.Unwrap(&key.WrappedKey{EncryptedKey: raw(t, out["wrappedKey"]), EPK: epk}, key.WrapOptions{})
				if err != nil || string(plain) != strings.Repeat("k", 16) {
					t.Errorf("wrapKey with the public %s: unwraps to %q, %v", typ, plain, err)
				}
			case key.OpSeal:
				out := u.get("seal", object{"key": url, "plaintext": message})
				plain, err := k.Open(raw(t, out["ciphertext"]), nil, nil)
				if err != nil || string(plain) != "hello" {
					t.Errorf("seal to the public %s: opens to %q, %v", typ, plain, err)
				}
			case key.OpEncapsulate:
				out := u.get("encapsulate", object{"key": url})
				secret, err := k.Decapsulate(raw(t, out["ciphertext"]))
				if err != nil || b64(secret) != out["sharedSecret"] {
					t.Errorf("encapsulate to the public %s: %v", typ, err)
				}
			}
		}
		can := func(code, field string, in object) {
			t.Helper()
			u.refused(code, field, merged(in, object{"key": url}), "public key", "can ", "not ")
		}
		switch want[0] {
		case key.OpVerify:
			can("BAD_USER_INPUT", "sign", object{"message": message})
		case key.OpEncrypt:
			can("BAD_USER_INPUT", "decrypt", object{"ciphertext": message, "nonce": ""})
			can("BAD_USER_INPUT", "unwrapKey", object{"wrappedKey": message})
			can("BAD_USER_INPUT", "deriveSecret", object{"publicKey": message})
			can("BAD_USER_INPUT", "deriveKey", object{"publicKey": message, "length": 16})
			can("BAD_USER_INPUT", "reencrypt", object{"ciphertext": message, "nonce": ""})
		case key.OpEncapsulate:
			can("BAD_USER_INPUT", "decapsulate", object{"ciphertext": message})
		}
		u.refused("BAD_USER_INPUT", "rotateKey", object{"key": url}, "private part")
		u.refused("BAD_USER_INPUT", "updateKey", object{"key": url, "rotationPeriod": 3600}, "rotationPeriod")
		u.refused("KEY_UNUSABLE", "exportKey", object{"key": url, "recipient": publicJWK(t, generated(t, key.X25519))}, "exportable")
	}
}

// A key that was encrypted to a managed key, here or by anybody, comes in without being seen.
func importWrapped(t *testing.T, _ *site, u *user) {
	for typ, kek := range map[string]string{
		"X25519": u.make("X25519"), "ECDH_P256": u.make("ECDH_P256"), "ECDH_P521": u.make("ECDH_P521"),
		"RSA_2048": u.get("importKey", object{"type": "RSA_2048", "pkcs8": testRSA(t, "2048")})["id"].(string),
	} {
		public, _ := json.Marshal(u.key(kek)["publicKey"].(object)["jwk"])
		k := generated(t, key.Ed25519)
		wrapped, err := jwe.Seal(public, "jwk+json", jwkOf(t, k))
		must(t, err)
		if typ == "X25519" { // by an older version, too
			u.get("rotateKey", object{"key": kek})
		}
		made := u.get("importKey", object{"type": "ED25519", "wrapped": wrapped, "unwrappingKey": kek, "name": "from " + typ})
		is(t, "wrapped with "+typ, made["publicKey"].(object), object{"bytes": b64(k.Public().Bytes())})
		u.does(key.Ed25519, made["id"].(string))(t)
	}
}

func importWrappedRefused(t *testing.T, s *site, u *user) {
	kek, other := u.make("X25519"), u.make("X25519")
	jwk, _ := json.Marshal(u.key(kek)["publicKey"].(object)["jwk"])
	seal := func(content []byte) string {
		wrapped, err := jwe.Seal(jwk, "jwk+json", content)
		must(t, err)
		return wrapped
	}
	good := seal(jwkOf(t, generated(t, key.Ed25519)))
	parts := strings.Split(good, ".")
	flipped := []byte(good)
	flipped[len(flipped)-10] ^= 1
	elsewhere := s.user(t)
	foreign := elsewhere.make("X25519")
	before := number(u.list("")["totalCount"])
	in := func(wrapped, by string) object {
		return object{"type": "ED25519", "wrapped": wrapped, "unwrappingKey": by}
	}
	u.refused("BAD_USER_INPUT", "importKey", in(good, other), "wrapped")
	u.refused("BAD_USER_INPUT", "importKey", in(good, foreign), "unwrappingKey", "another keystore")
	u.refused("BAD_USER_INPUT", "importKey", in(good, "x"), "unwrappingKey")
	u.refused("BAD_USER_INPUT", "importKey", in(string(flipped), kek), "wrapped")
	u.refused("BAD_USER_INPUT", "importKey", in(good[:len(good)-20], kek), "wrapped")
	u.refused("BAD_USER_INPUT", "importKey", in(strings.Join(parts[:4], "."), kek), "wrapped")
	u.refused("BAD_USER_INPUT", "importKey", in("", kek), "wrapped")
	u.refused("BAD_USER_INPUT", "importKey", in(seal([]byte("hello")), kek), "jwk")
	u.refused("BAD_USER_INPUT", "importKey", merged(in(good, kek), object{"type": "ECDSA_P256"}), "jwk")
	u.refused("BAD_USER_INPUT", "importKey", in(good, u.make("HMAC_SHA256")), "unwrap")
	u.refused("BAD_USER_INPUT", "importKey", in(good, u.make("AES_256_GCM")), "")
	u.refused("NOT_FOUND", "importKey", in(good, u.keystore+"/keys/"+storagetest.ID()))
	u.refused("KEY_UNUSABLE", "importKey", in(good, u.make("X25519", object{"operations": []string{"WRAP_KEY", "ENCRYPT"}})), "restricted")
	disabled := u.make("X25519")
	u.get("disableKey", object{"key": disabled})
	forget()
	u.refused("KEY_UNUSABLE", "importKey", in(good, disabled), "DISABLED")
	if got := number(u.list("")["totalCount"]); got != before+4 {
		t.Errorf("refused imports made %d keys", got-before-4)
	}
	if s.userLock == "SHAMIR" { // what is wrong with the shares is not taken for what is wrong with the message
		u.refused("WRONG_SHARE", "importKey", merged(in(good, kek), object{"secretShares": []string{b64(anyShare(9))}}))
		u.refused("WRONG_SHARE", "restoreKey", object{"backup": good, "unwrappingKey": kek, "secretShares": []string{b64(anyShare(9))}})
	}
}

// The same again returns the first key; anything else under the same idempotency key is a conflict, and so are other bytes.
func importIdempotent(t *testing.T, _ *site, u *user) {
	secret := storagetest.Bytes(32)
	in := object{"type": "HMAC_SHA256", "raw": b64(secret), "idempotencyKey": "import", "name": "imported"}
	first := u.get("importKey", in)
	is(t, "again", u.get("importKey", in), object{"id": first["id"], "name": "imported"})
	for what, other := range map[string]object{
		"bytes": {"raw": b64(storagetest.Bytes(32))}, "type": {"type": "HMAC_SHA512"}, "name": {"name": "other"}, "no name": {"name": nil},
		"exportable": {"exportable": true}, "operations": {"operations": []string{"VERIFY_MAC"}}, "form": {"raw": nil, "jwk": object{"kty": "oct", "k": b64(secret)}},
	} {
		if _, err := u.try("importKey", merged(in, other)); code(err) != "CONFLICT" || !strings.Contains(err.Error(), "idempotencyKey") {
			t.Errorf("import again with another %s: %v, want CONFLICT", what, err)
		}
	}
	// createKey and importKey have one space of idempotency keys: they make the same kind of thing.
	u.refused("CONFLICT", "createKey", object{"type": "HMAC_SHA256", "idempotencyKey": "import"}, "idempotencyKey")

	create := object{"type": "AES_256_GCM", "idempotencyKey": "create", "name": "made", "tags": []object{{"name": "a", "value": "b"}}, "rotationPeriod": 7200}
	made := u.get("createKey", create)
	is(t, "createKey again", u.get("createKey", create), object{"id": made["id"]})
	u.refused("CONFLICT", "createKey", merged(create, object{"rotationPeriod": 7201}), "idempotencyKey")
	u.refused("CONFLICT", "createKey", merged(create, object{"tags": []object{{"name": "a", "value": "c"}}}), "idempotencyKey")

	rotate := object{"key": first["id"], "idempotencyKey": "rotate"}
	is(t, "rotateKey", u.get("rotateKey", rotate), object{"version": 2})
	is(t, "rotateKey again", u.get("rotateKey", rotate), object{"version": 2})
	is(t, "rotateKey once more", u.get("rotateKey", object{"key": first["id"], "idempotencyKey": "rotate 2"}), object{"version": 3})
	is(t, "rotateKey again, later", u.get("rotateKey", rotate), object{"version": 3})
	is(t, "rotateKey without one", u.get("rotateKey", object{"key": first["id"]}), object{"version": 4})
	is(t, "importKey again after rotations", u.get("importKey", in), object{"id": first["id"], "version": 4})

	// What the same input derives is there once; other input derives another key.
	derive := object{"key": first["id"], "type": "AES_256_GCM", "info": message, "name": "derived"}
	derived := u.get("deriveKey", derive)["key"].(object)
	is(t, "deriveKey again", u.get("deriveKey", derive)["key"].(object), object{"id": derived["id"]})
	u.refused("CONFLICT", "deriveKey", merged(derive, object{"name": nil}), "name")
	for what, other := range map[string]object{"info": {"info": "b3RoZXI"}, "salt": {"salt": message}, "version": {"version": 1}, "type": {"type": "XAES_256_GCM"}} {
		if u.get("deriveKey", merged(derive, other, object{"name": nil}))["key"].(object)["id"] == derived["id"] {
			t.Errorf("deriveKey with another %s gave the same key", what)
		}
	}
	for field, in := range map[string]object{"importKey": in, "createKey": create, "rotateKey": rotate} {
		for _, bad := range []string{"", strings.Repeat("x", 129)} {
			u.refused("BAD_USER_INPUT", field, merged(in, object{"idempotencyKey": bad}), "idempotencyKey")
		}
	}
}

// Of many at once with one idempotency key, all get the one key, and all rotations the one version.
func importRaces(t *testing.T, _ *site, u *user) {
	in := object{"type": "HMAC_SHA256", "raw": b64(storagetest.Bytes(32)), "idempotencyKey": "race", "name": "race"}
	ids := together(t, 6, func(int) any { return u.get("importKey", in)["id"] })
	for _, id := range ids {
		if id != ids[0] {
			t.Errorf("one idempotency key made %v and %v", ids[0], id)
		}
	}
	for _, v := range together(t, 6, func(int) any { return u.get("rotateKey", object{"key": ids[0], "idempotencyKey": "race"})["version"] }) {
		if number(v) != 2 {
			t.Errorf("one idempotency key rotated to version %v, want 2", v)
		}
	}
	// Without one, each makes its own, and none is lost.
	seen := map[int]bool{}
	for _, v := range together(t, 6, func(int) any { return u.get("rotateKey", object{"key": ids[0]})["version"] }) {
		seen[number(v)] = true
	}
	if len(seen) != 6 || number(u.key(ids[0].(string))["version"]) != 8 {
		t.Errorf("six rotations at once made the versions %v", seen)
	}
}

// together does something n times at once.
func together(t *testing.T, n int, do func(i int) any) []any {
	t.Helper()
	out := make([]any, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { out[i] = do(i) })
	}
	wg.Wait()
	return out
}
