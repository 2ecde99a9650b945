package main

import (
	"bytes"
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"twolock/auth"
	"twolock/client"
	"twolock/crypto/key"
	"twolock/storage/storagetest"
)

// What a key is used for beside signing, encrypting and authenticating.
func TestUse(t *testing.T) {
	tell(t, map[string]story{
		"wrap": wraps, "box": boxes, "encapsulate": encapsulates, "derive": derives, "derive new": derivesNew,
		"data key": dataKeys, "reencrypt": reencrypts, "reencrypt algorithms": reencryptsAlgorithms, "random": randoms, "algorithms": algorithms,
	})
}

func (u *user) publicOf(url any) string {
	u.t.Helper()
	return u.key(url.(string))["publicKey"].(object)["bytes"].(string)
}

func wraps(t *testing.T, _ *site, u *user) {
	secret := b64(storagetest.Bytes(32))
	for typ, algorithms := range map[string][]string{
		"AES_128_GCM": {"AES_KW", "AES_KWP"}, "AES_256_GCM": {"AES_KW", "AES_KWP"}, "ECDH_P256": {"ECDH_ES_A256KW"}, "X25519": {"ECDH_ES_A256KW"},
	} {
		k := u.make(typ)
		for _, a := range algorithms {
			out := u.get("wrapKey", object{"key": k, "keyToWrap": secret, "algorithm": a})
			is(t, a, out, object{"algorithm": a})
			in := object{"key": k, "wrappedKey": out["wrappedKey"], "algorithm": a}
			if out["epk"] != nil {
				in["epk"] = out["epk"]
			}
			u.get("rotateKey", object{"key": k})
			is(t, a+" of an older version", u.get("unwrapKey", in), object{"unwrappedKey": secret, "version": out["version"]})
			is(t, a+" with the version", u.get("unwrapKey", merged(in, object{"version": out["version"]})), object{"unwrappedKey": secret})
			newest := number(out["version"]) + 1
			u.refused("BAD_USER_INPUT", "unwrapKey", merged(in, object{"version": newest}))
			bad := raw(t, out["wrappedKey"])
			bad[3] ^= 1
			u.refused("BAD_USER_INPUT", "unwrapKey", merged(in, object{"wrappedKey": b64(bad)}), "wrappedKey")
		}
	}
	// From one key to another: only the recipient opens it, and with ECDH-1PU only what that sender sent.
	from, to, other := u.make("X25519"), u.make("X25519"), u.make("X25519")
	out := u.get("wrapKey", object{"key": from, "keyToWrap": secret, "algorithm": "ECDH_1PU_A256KW", "recipientPublicKey": u.publicOf(to), "apu": "YQ", "apv": "Yg", "tag": message})
	in := object{"key": to, "wrappedKey": out["wrappedKey"], "algorithm": "ECDH_1PU_A256KW", "epk": out["epk"], "senderPublicKey": u.publicOf(from), "apu": "YQ", "apv": "Yg", "tag": message}
	is(t, "ECDH-1PU", u.get("unwrapKey", in), object{"unwrappedKey": secret})
	for what, change := range map[string]object{
		"another recipient": {"key": other}, "another sender": {"senderPublicKey": u.publicOf(other)}, "other apu": {"apu": "Yg"}, "other apv": {"apv": "YQ"}, "another tag": {"tag": "YQ"},
	} {
		if _, err := u.try("unwrapKey", merged(in, change)); code(err) != "BAD_USER_INPUT" {
			t.Errorf("unwrapKey with %s: %v", what, err)
		}
	}
	// With an ephemeral key of the caller's.
	ephemeral := generated(t, key.X25519)
	wrap := object{"key": from, "keyToWrap": secret, "recipientPublicKey": u.publicOf(to), "ephemeralKey": jwkOf(t, ephemeral)}
	out = u.get("wrapKey", wrap)
	is(t, "with an ephemeral key", u.get("unwrapKey", object{"key": to, "wrappedKey": out["wrappedKey"], "epk": out["epk"]}), object{"unwrappedKey": secret})
	var public object
	must(t, json.Unmarshal(publicJWK(t, ephemeral), &public))
	is(t, "the epk", out["epk"].(object), public)
	for _, jwk := range []any{public, jwkOf(t, generated(t, key.ECDHP256)), object{}, "x"} {
		u.refused("BAD_USER_INPUT", "wrapKey", merged(wrap, object{"ephemeralKey": jwk}), "ephemeralKey")
	}
	aes := u.make("AES_256_GCM")
	u.refused("BAD_USER_INPUT", "wrapKey", object{"key": aes, "keyToWrap": secret, "ephemeralKey": jwkOf(t, ephemeral)}, "ephemeralKey")
	u.refused("BAD_USER_INPUT", "wrapKey", object{"key": aes, "keyToWrap": message}, "keyToWrap")
	u.refused("BAD_USER_INPUT", "wrapKey", object{"key": aes, "keyToWrap": ""}, "keyToWrap")
	u.refused("BAD_USER_INPUT", "wrapKey", object{"key": aes, "keyToWrap": b64(make([]byte, 100_000))}, "keyToWrap")
	u.refused("BAD_USER_INPUT", "wrapKey", object{"key": aes, "keyToWrap": secret, "algorithm": "RSA_OAEP_256"}, "algorithm")
	u.refused("BAD_USER_INPUT", "wrapKey", object{"key": aes, "keyToWrap": secret, "recipientPublicKey": u.publicOf(to)}, "recipientPublicKey")
	u.refused("BAD_USER_INPUT", "unwrapKey", object{"key": from, "wrappedKey": message}, "epk")
	u.refused("BAD_USER_INPUT", "unwrapKey", object{"key": from, "wrappedKey": message, "epk": object{}}, "epk")
	u.refused("BAD_USER_INPUT", "wrapKey", object{"key": u.make("XAES_256_GCM"), "keyToWrap": secret}, "XAES_256_GCM")
}

func boxes(t *testing.T, _ *site, u *user) {
	from, to, other := u.make("X25519"), u.make("X25519"), u.make("X25519")
	out := u.get("seal", object{"key": from, "plaintext": message, "recipientPublicKey": u.publicOf(to)})
	if n := len(raw(t, out["nonce"])); n != 24 {
		t.Errorf("crypto_box: the nonce has %d bytes", n)
	}
	in := object{"key": to, "ciphertext": out["ciphertext"], "nonce": out["nonce"], "senderPublicKey": u.publicOf(from)}
	is(t, "crypto_box", u.get("open", in), object{"plaintext": message, "version": 1})
	u.refused("BAD_USER_INPUT", "open", merged(in, object{"senderPublicKey": u.publicOf(other)}))
	u.refused("BAD_USER_INPUT", "open", merged(in, object{"key": other}))
	u.refused("BAD_USER_INPUT", "open", merged(in, object{"nonce": message}), "nonce")
	u.refused("BAD_USER_INPUT", "open", merged(in, object{"senderPublicKey": message}), "senderPublicKey")
	u.refused("BAD_USER_INPUT", "seal", object{"key": from, "plaintext": message, "recipientPublicKey": b64(make([]byte, 32))}, "recipientPublicKey")

	anonymous := u.get("seal", object{"key": to, "plaintext": message})
	is(t, "crypto_box_seal", anonymous, object{"nonce": ""})
	u.get("rotateKey", object{"key": to})
	is(t, "crypto_box of an older version", u.get("open", in), object{"plaintext": message, "version": 1})
	is(t, "crypto_box_seal of an older version", u.get("open", object{"key": to, "ciphertext": anonymous["ciphertext"]}), object{"plaintext": message, "version": 1})
	u.refused("BAD_USER_INPUT", "open", object{"key": to, "ciphertext": anonymous["ciphertext"], "version": 2})
	u.refused("BAD_USER_INPUT", "open", object{"key": to, "ciphertext": ""}, "ciphertext")
	u.refused("BAD_USER_INPUT", "seal", object{"key": u.make("ECDH_P256"), "plaintext": message}, "key")
}

func encapsulates(t *testing.T, _ *site, u *user) {
	k := u.make("ML_KEM_768")
	out := u.get("encapsulate", object{"key": k})
	if n := len(raw(t, out["sharedSecret"])); n != 32 {
		t.Errorf("the shared secret has %d bytes", n)
	}
	in := object{"key": k, "ciphertext": out["ciphertext"]}
	is(t, "decapsulate", u.get("decapsulate", in), object{"sharedSecret": out["sharedSecret"], "version": 1})
	if again := u.get("encapsulate", object{"key": k}); again["sharedSecret"] == out["sharedSecret"] {
		t.Error("two encapsulations have one secret")
	}
	u.get("rotateKey", object{"key": k})
	if other := u.get("decapsulate", in); other["sharedSecret"] == out["sharedSecret"] || number(other["version"]) != 2 {
		t.Errorf("decapsulate without a version: %v, want another secret by version 2", other)
	}
	is(t, "decapsulate with the version", u.get("decapsulate", merged(in, object{"version": 1})), object{"sharedSecret": out["sharedSecret"], "version": 1})
	u.refused("BAD_USER_INPUT", "decapsulate", merged(in, object{"version": 3}), "version", "1 to 2")
	u.refused("BAD_USER_INPUT", "decapsulate", merged(in, object{"version": 0}), "version")
	u.refused("BAD_USER_INPUT", "decapsulate", object{"key": k, "ciphertext": message}, "ciphertext")
	u.refused("BAD_USER_INPUT", "encapsulate", object{"key": u.make("AES_256_GCM")}, "encapsulate")
}

func derives(t *testing.T, _ *site, u *user) {
	a, b := u.make("X25519"), u.make("X25519")
	ab := u.get("deriveSecret", object{"key": a, "publicKey": u.publicOf(b)})["secret"]
	is(t, "the other way round", u.get("deriveSecret", object{"key": b, "publicKey": u.publicOf(a)}), object{"secret": ab})
	in := object{"key": a, "publicKey": u.publicOf(b), "salt": "c2FsdA", "info": "aW5mbw", "length": 64}
	derived := u.get("deriveKey", in)["secret"]
	is(t, "deriveKey the other way round", u.get("deriveKey", merged(in, object{"key": b, "publicKey": u.publicOf(a)})), object{"secret": derived})
	for _, change := range []object{{"salt": "b3RoZXI"}, {"info": "b3RoZXI"}, {"salt": nil}, {"length": 63}} {
		if other := u.get("deriveKey", merged(in, change))["secret"]; other == derived {
			t.Errorf("deriveKey with %v derives the same", change)
		}
	}
	old := u.publicOf(a)
	u.get("rotateKey", object{"key": a})
	is(t, "deriveSecret of version 1", u.get("deriveSecret", object{"key": a, "publicKey": u.publicOf(b), "version": 1}), object{"secret": ab, "version": 1})
	is(t, "deriveSecret", u.get("deriveSecret", object{"key": a, "publicKey": u.publicOf(b)}), object{"version": 2})
	is(t, "deriveKey of version 1", u.get("deriveKey", merged(in, object{"version": 1})), object{"secret": derived, "version": 1})
	is(t, "deriveKey", u.get("deriveKey", in), object{"version": 2})
	if u.get("deriveSecret", object{"key": a, "publicKey": u.publicOf(b)})["secret"] == ab || u.publicOf(a) == old {
		t.Error("a rotated key agrees on the same secret")
	}
	for _, c := range []struct {
		in   object
		word string
	}{
		{object{"publicKey": u.publicOf(b)}, "length, type"}, {object{"publicKey": u.publicOf(b), "length": 32, "type": "AES_256_GCM"}, "length, type"},
		{object{"publicKey": u.publicOf(b), "length": 0}, "length"}, {object{"publicKey": u.publicOf(b), "length": 8161}, "length"},
		{object{"publicKey": u.publicOf(b), "length": -1}, "length"}, {object{"length": 32}, "publicKey"},
		{object{"publicKey": b64(make([]byte, 32)), "length": 32}, "publicKey"}, {object{"publicKey": message, "length": 32}, "publicKey"},
		{object{"publicKey": u.publicOf(b), "length": 32, "name": "x"}, "name"}, {object{"publicKey": u.publicOf(b), "length": 32, "idempotencyKey": "x"}, "idempotencyKey"},
		{object{"publicKey": u.publicOf(b), "type": "ED25519"}, "type"}, {object{"publicKey": u.publicOf(b), "type": "RSA_2048"}, "type"},
	} {
		u.refused("BAD_USER_INPUT", "deriveKey", merged(object{"key": a}, c.in), c.word)
	}
	if n := len(raw(t, u.get("deriveKey", object{"key": u.make("HMAC_SHA512"), "length": 8160})["secret"])); n != 8160 {
		t.Errorf("deriveKey of 8160 bytes: %d", n)
	}
	u.refused("BAD_USER_INPUT", "deriveKey", object{"key": u.make("HMAC_SHA256"), "length": 16, "publicKey": u.publicOf(b)}, "publicKey")
	u.refused("BAD_USER_INPUT", "deriveSecret", object{"key": u.make("HMAC_SHA256"), "publicKey": u.publicOf(b)}, "deriveSecret")
}

// A key can be derived into the keystore, by whoever reaches the keystore: not by a capability for the one key.
func derivesNew(t *testing.T, s *site, u *user) {
	parent := storagetest.Bytes(32)
	k := u.get("importKey", object{"type": "HMAC_SHA256", "raw": b64(parent)})["id"].(string)
	in := object{"key": k, "info": message}
	for typ, size := range map[string]int{"AES_128_GCM": 16, "AES_256_GCM": 32, "XAES_256_GCM": 32, "CHACHA20_POLY1305": 32, "HMAC_SHA384": 48} {
		made := u.get("deriveKey", merged(in, object{"type": typ, "name": "derived " + typ}))
		is(t, "deriveKey", made, object{"secret": nil, "version": 1})
		child := made["key"].(object)
		is(t, "deriveKey", child, object{"type": typ, "name": "derived " + typ, "version": 1, "exportable": false})
		u.does(key.Type(typ), child["id"].(string))(t)
		is(t, "deriveKey again", u.get("deriveKey", merged(in, object{"type": typ, "name": "derived " + typ}))["key"].(object), object{"id": child["id"]})
		if typ != "AES_256_GCM" {
			continue
		}
		// It is what HKDF makes of the parent, the type and the info, and nobody is given that.
		own := "twolock derived key, version 1\x00" + typ + "\x00hello"
		secret, err := hkdf.Key(sha256.New, parent, nil, own, size)
		must(t, err)
		out := u.get("encrypt", object{"key": child["id"], "plaintext": message})
		for what, c := range map[string]struct {
			secret []byte
			opens  bool
		}{"what HKDF makes": {secret, true}, "what deriveKey returns": {raw(t, u.get("deriveKey", merged(in, object{"length": size}))["secret"]), false}} {
			outside, err := key.Import(key.AES256GCM, key.Material{Raw: c.secret})
			must(t, err)
			plain, err := outside.Decrypt(raw(t, out["ciphertext"]), raw(t, out["nonce"]), key.EncryptOptions{})
			if (err == nil && string(plain) == "hello") != c.opens {
				t.Errorf("%s opens the new key's message: %q, %v", what, plain, err)
			}
		}
		u.refused("BAD_USER_INPUT", "deriveKey", object{"key": k, "length": size, "info": b64([]byte(own))}, "info")
	}
	u.refused("CONFLICT", "deriveKey", merged(in, object{"type": "AES_256_GCM", "name": "another"}), "name")

	for what, c := range map[string]struct {
		target, at string
		in         object
		want       string
	}{
		"for the key, bytes":            {k, k, object{"length": 32}, ""},
		"for the key, a key":            {k, k, object{"type": "AES_256_GCM"}, "FORBIDDEN"},
		"for the key, at the keystore":  {k, u.keystore, object{"type": "AES_256_GCM"}, "FORBIDDEN"},
		"for the keystore, at the key":  {u.keystore, k, object{"type": "AES_256_GCM"}, "FORBIDDEN"},
		"for the keystore, at its URL":  {u.keystore, u.keystore, object{"type": "XCHACHA20_POLY1305"}, ""},
		"for the keystore, bytes, at k": {u.keystore, k, object{"length": 32}, ""},
	} {
		c2, err := s.w.alice.Delegate(auth.Delegation{RootTarget: u.keystore, Controller: s.w.mallory.DID(), Target: c.target, Actions: []string{"deriveKey"}, Expires: time.Now().Add(time.Hour)}, time.Now())
		must(t, err)
		m := *u
		m.c = &client.Client{Identity: s.w.mallory, Capability: c2}
		_, err = m.tryAt(c.at, "deriveKey", merged(in, c.in))
		u.isRefused("deriveKey with a capability "+what, err, c.want)
	}
}

func dataKeys(t *testing.T, _ *site, u *user) {
	for _, typ := range []string{"AES_256_GCM", "XAES_256_GCM", "CHACHA20_POLY1305", "X25519"} {
		k := u.make(typ)
		out := u.get("generateDataKey", object{"key": k})
		if n := len(raw(t, out["plaintext"])); n != 32 {
			t.Errorf("generateDataKey: %d bytes, want 32", n)
		}
		opened := func(out object, aad any) any {
			in := object{"key": k, "ciphertext": out["ciphertext"], "nonce": out["nonce"]}
			if aad != nil {
				in["aad"] = aad
			}
			return u.get("decrypt", in)["plaintext"]
		}
		if got := opened(out, nil); got != out["plaintext"] {
			t.Errorf("%s: the data key decrypts to another", typ)
		}
		for _, n := range []int{1, 16, 1024} {
			with := u.get("generateDataKey", object{"key": k, "length": n, "aad": "YWFk"})
			if len(raw(t, with["plaintext"])) != n || opened(with, "YWFk") != with["plaintext"] {
				t.Errorf("%s: a data key of %d bytes is not what was asked for", typ, n)
			}
			u.refused("BAD_USER_INPUT", "decrypt", object{"key": k, "ciphertext": with["ciphertext"], "nonce": with["nonce"]})
		}
		hidden := u.get("generateDataKey", object{"key": k, "withPlaintext": false})
		if hidden["plaintext"] != nil || len(raw(t, opened(hidden, nil))) != 32 {
			t.Errorf("%s: generateDataKey without plaintext answers %v", typ, hidden["plaintext"])
		}
		for _, n := range []int{0, -1, 1025} {
			u.refused("BAD_USER_INPUT", "generateDataKey", object{"key": k, "length": n}, "length")
		}
	}
	rsa := u.get("importKey", object{"type": "RSA_2048", "pkcs8": testRSA(t, "2048")})["id"]
	u.get("generateDataKey", object{"key": rsa, "length": 190})
	u.refused("BAD_USER_INPUT", "generateDataKey", object{"key": rsa, "length": 191})
	u.refused("BAD_USER_INPUT", "generateDataKey", object{"key": u.make("HMAC_SHA256")}, "encrypt")
}

func reencrypts(t *testing.T, s *site, u *user) {
	a, b := u.make("AES_256_GCM"), u.make("XAES_256_GCM")
	old := u.get("encrypt", object{"key": a, "plaintext": message, "aad": "YWFk"})
	in := object{"key": a, "ciphertext": old["ciphertext"], "nonce": old["nonce"], "aad": "YWFk"}
	u.get("rotateKey", object{"key": a})
	out := u.get("reencrypt", in)
	is(t, "to the newest version", out, object{"sourceVersion": 1, "version": 2})
	decrypted := func(k string, out object, aad string) object {
		return u.get("decrypt", object{"key": k, "ciphertext": out["ciphertext"], "nonce": out["nonce"], "aad": aad})
	}
	is(t, "what was reencrypted", decrypted(a, out, "YWFk"), object{"plaintext": message, "version": 2})
	is(t, "with the version", u.get("reencrypt", merged(in, object{"version": 1})), object{"sourceVersion": 1, "version": 2})
	u.refused("BAD_USER_INPUT", "reencrypt", merged(in, object{"version": 2}), "")
	out = u.get("reencrypt", merged(in, object{"destinationKey": b, "destinationAad": "b3RoZXI"}))
	is(t, "to another key", out, object{"sourceVersion": 1, "version": 1})
	is(t, "what was reencrypted to another key", decrypted(b, out, "b3RoZXI"), object{"plaintext": message})
	out = u.get("reencrypt", merged(in, object{"destinationKey": b}))
	is(t, "with the same aad", decrypted(b, out, "YWFk"), object{"plaintext": message})
	out = u.get("reencrypt", merged(in, object{"destinationKey": a, "destinationAad": ""}))
	is(t, "without aad from then on", decrypted(a, out, ""), object{"plaintext": message, "version": 2})
	u.refused("BAD_USER_INPUT", "reencrypt", merged(in, object{"aad": "b3RoZXI"}))
	if strings.Contains(fmt.Sprint(out), message) {
		t.Error("reencrypt shows the plaintext")
	}

	elsewhere := s.user(t)
	foreign := elsewhere.make("XAES_256_GCM")
	_, err := u.try("reencrypt", merged(in, object{"destinationKey": foreign}))
	u.isRefused("to another keystore", err, "FORBIDDEN")
	u.refused("BAD_USER_INPUT", "reencrypt", merged(in, object{"destinationKey": "x"}), "destinationKey")
	u.refused("BAD_USER_INPUT", "reencrypt", merged(in, object{"destinationKey": u.make("HMAC_SHA256")}), "encrypt")
	onlyDecrypts := u.make("AES_256_GCM", object{"operations": []string{"DECRYPT"}})
	onlyEncrypts := u.make("AES_256_GCM", object{"operations": []string{"ENCRYPT"}})
	made := u.get("encrypt", object{"key": onlyEncrypts, "plaintext": message})
	u.refused("KEY_UNUSABLE", "reencrypt", object{"key": onlyEncrypts, "ciphertext": made["ciphertext"], "nonce": made["nonce"]}, "restricted")
	u.refused("KEY_UNUSABLE", "reencrypt", object{"key": onlyEncrypts, "ciphertext": made["ciphertext"], "nonce": made["nonce"], "destinationKey": a}, "restricted")
	u.refused("KEY_UNUSABLE", "reencrypt", merged(in, object{"destinationKey": onlyDecrypts}), "restricted")
	u.get("reencrypt", merged(in, object{"destinationKey": onlyEncrypts}))
	disabled := u.make("AES_256_GCM")
	u.get("disableKey", object{"key": disabled})
	forget()
	u.refused("KEY_UNUSABLE", "reencrypt", merged(in, object{"destinationKey": disabled}), "DISABLED")

	// The capability must reach both keys.
	for target, want := range map[string]string{a: "FORBIDDEN", u.keystore: ""} {
		c, err := s.w.alice.Delegate(auth.Delegation{RootTarget: u.keystore, Controller: s.w.mallory.DID(), Target: target, Actions: []string{"reencrypt"}, Expires: time.Now().Add(time.Hour)}, time.Now())
		must(t, err)
		m := *u
		m.c = &client.Client{Identity: s.w.mallory, Capability: c}
		_, err = m.tryAt(target, "reencrypt", merged(in, object{"destinationKey": b}))
		u.isRefused("reencrypt to another key with a capability for "+target, err, want)
		_, err = m.tryAt(target, "reencrypt", in)
		u.isRefused("reencrypt with a capability for "+target, err, "")
	}
}

// What was encrypted with another algorithm than the type's default, or by a key that is restricted to it, is encrypted again: with the same, or with another.
func reencryptsAlgorithms(t *testing.T, _ *site, u *user) {
	const algorithm, info = "HPKE_AES_128_GCM", "aW5mbw"
	k := u.make("X25519", object{"algorithms": []string{algorithm}})
	how := object{"key": k, "algorithm": algorithm, "info": info}
	old := u.get("encrypt", merged(how, object{"plaintext": message}))
	u.get("rotateKey", object{"key": k})
	opened := func(what string, out, how object, version int) {
		t.Helper()
		is(t, what, u.get("decrypt", merged(how, object{"ciphertext": out["ciphertext"], "nonce": out["nonce"]})), object{"plaintext": message, "version": version})
	}
	in := merged(how, object{"ciphertext": old["ciphertext"], "nonce": ""})
	out := u.get("reencrypt", in)
	is(t, "reencrypt", out, object{"sourceVersion": 1, "version": 2})
	opened("with the same algorithm and info", out, how, 2)
	opened("with other info from then on", u.get("reencrypt", merged(in, object{"destinationInfo": "b3RoZXI"})), merged(how, object{"info": "b3RoZXI"}), 2)
	opened("without info from then on", u.get("reencrypt", merged(in, object{"destinationInfo": ""})), merged(how, object{"info": nil}), 2)

	aes, other := u.make("XAES_256_GCM"), u.make("ECDH_P256")
	opened("to a key without HPKE", u.get("reencrypt", merged(in, object{"destinationKey": aes})), object{"key": aes}, 1)
	opened("to another key, its default", u.get("reencrypt", merged(in, object{"destinationKey": other})), object{"key": other}, 1)
	opened("to another key", u.get("reencrypt", merged(in, object{"destinationKey": other, "destinationAlgorithm": "HPKE_CHACHA20_POLY1305", "destinationInfo": message})),
		object{"key": other, "algorithm": "HPKE_CHACHA20_POLY1305", "info": message}, 1)
	back := u.get("encrypt", object{"key": aes, "plaintext": message})
	opened("from one without HPKE", u.get("reencrypt", object{"key": aes, "ciphertext": back["ciphertext"], "nonce": back["nonce"], "destinationKey": k, "destinationAlgorithm": algorithm}),
		object{"key": k, "algorithm": algorithm}, 2)

	u.refused("KEY_UNUSABLE", "reencrypt", merged(in, object{"algorithm": nil}), "key: is restricted to "+algorithm)
	u.refused("KEY_UNUSABLE", "reencrypt", merged(in, object{"destinationAlgorithm": "HPKE_AES_256_GCM"}), "is restricted to "+algorithm)
	u.refused("KEY_UNUSABLE", "reencrypt", merged(in, object{"algorithm": "HPKE_AES_256_GCM", "destinationAlgorithm": algorithm}), "is restricted to "+algorithm)
	u.refused("KEY_UNUSABLE", "reencrypt", object{"key": aes, "ciphertext": back["ciphertext"], "nonce": back["nonce"], "destinationKey": k}, "destinationKey: is restricted to "+algorithm)
	u.refused("BAD_USER_INPUT", "reencrypt", merged(in, object{"info": message}), "ciphertext")
	u.refused("BAD_USER_INPUT", "reencrypt", merged(in, object{"algorithm": "AEAD"}), "algorithm")
	u.refused("BAD_USER_INPUT", "reencrypt", merged(in, object{"destinationAlgorithm": "AEAD"}), "destinationAlgorithm")
	u.refused("BAD_USER_INPUT", "reencrypt", merged(in, object{"destinationKey": aes, "destinationAlgorithm": algorithm}), "destinationAlgorithm")
	u.refused("BAD_USER_INPUT", "reencrypt", merged(in, object{"destinationKey": aes, "destinationInfo": info}), "destinationInfo")

	made := u.get("generateDataKey", how)
	is(t, "a data key", u.get("decrypt", merged(how, object{"ciphertext": made["ciphertext"], "nonce": ""})), object{"plaintext": made["plaintext"], "version": 2})
	u.refused("KEY_UNUSABLE", "generateDataKey", object{"key": k}, "restricted to "+algorithm)
	u.refused("BAD_USER_INPUT", "generateDataKey", object{"key": aes, "algorithm": algorithm}, "algorithm")
	u.refused("BAD_USER_INPUT", "generateDataKey", object{"key": aes, "info": info}, "info")
}

func randoms(t *testing.T, _ *site, u *user) {
	seen := map[string]bool{}
	for _, n := range []int{1, 32, 32, 1024} {
		b := raw(t, u.get("generateRandom", object{"length": n})["bytes"])
		if len(b) != n || n > 1 && seen[string(b)] || n > 1 && bytes.Equal(b, make([]byte, n)) {
			t.Errorf("generateRandom of %d bytes: %d, seen %t", n, len(b), seen[string(b)])
		}
		seen[string(b)] = true
	}
	for _, n := range []any{0, -1, 1025, 1 << 30, "32", 1.5, nil} {
		u.refused("BAD_USER_INPUT", "generateRandom", object{"length": n}, "length")
	}
	u.refused("BAD_USER_INPUT", "generateRandom", object{}, "length")
	var out object
	err := u.c.Do(context.Background(), u.keystore, "read", `mutation($input: GenerateRandomInput!) { generateRandom(input: $input) { bytes } }`, input(object{"keystore": u.keystore, "length": 8}), &out)
	u.isRefused("generateRandom with another action", err, "FORBIDDEN")
}

// Algorithms other than the type's default, on what was made with them and on what was not.
func algorithms(t *testing.T, _ *site, u *user) {
	rsa := u.get("importKey", object{"type": "RSA_2048", "pkcs8": testRSA(t, "2048")})["id"]
	for _, a := range []string{"RSA_PSS_SHA256", "RSA_PSS_SHA384", "RSA_PSS_SHA512", "RSA_PKCS1_SHA256", "RSA_PKCS1_SHA384", "RSA_PKCS1_SHA512"} {
		out := u.get("sign", object{"key": rsa, "message": message, "algorithm": a})
		in := object{"key": rsa, "message": message, "signature": out["signature"], "algorithm": a}
		is(t, a, u.get("verify", in), object{"valid": true})
		other := "RSA_PKCS1_SHA256"
		if a == other {
			other = "RSA_PKCS1_SHA512"
		}
		is(t, a+" as another", u.get("verify", merged(in, object{"algorithm": other})), object{"valid": false, "version": nil})
	}
	ecdh := u.make("ECDH_P256")
	for _, a := range []string{"HPKE_AES_128_GCM", "HPKE_AES_256_GCM", "HPKE_CHACHA20_POLY1305"} {
		out := u.get("encrypt", object{"key": ecdh, "plaintext": message, "algorithm": a, "info": "aW5mbw"})
		in := object{"key": ecdh, "ciphertext": out["ciphertext"], "nonce": "", "algorithm": a, "info": "aW5mbw"}
		is(t, a, u.get("decrypt", in), object{"plaintext": message})
		u.refused("BAD_USER_INPUT", "decrypt", merged(in, object{"info": nil}))
	}
	u.refused("BAD_USER_INPUT", "encrypt", object{"key": ecdh, "plaintext": message, "algorithm": "AEAD"}, "algorithm")
	u.refused("BAD_USER_INPUT", "sign", object{"key": rsa, "message": message, "algorithm": "EDDSA"}, "algorithm")
	u.refused("BAD_USER_INPUT", "encrypt", object{"key": u.make("AES_256_GCM"), "plaintext": message, "info": message}, "info")
	mldsa := u.make("ML_DSA_44")
	signed := u.get("sign", object{"key": mldsa, "message": message, "context": "Y3R4"})
	is(t, "with the context", u.get("verify", object{"key": mldsa, "message": message, "signature": signed["signature"], "context": "Y3R4"}), object{"valid": true})
	is(t, "without it", u.get("verify", object{"key": mldsa, "message": message, "signature": signed["signature"]}), object{"valid": false})
	u.refused("BAD_USER_INPUT", "sign", object{"key": mldsa, "message": message, "context": b64(make([]byte, 256))}, "context")
}
