package main

import (
	"bytes"
	"encoding/pem"
	"os"
	"slices"
	"strings"
	"testing"

	"twolock/crypto/key"
)

// testRSA is a key made long ago, for making one takes seconds.
func testRSA(t testing.TB, bits string) string {
	t.Helper()
	text, err := os.ReadFile("testdata/rsa-" + bits + ".pem")
	must(t, err)
	block, _ := pem.Decode(text)
	return b64(block.Bytes)
}

// everyType makes a key of each type; the larger RSA keys are imported. Of those left out there is none.
func (u *user) everyType() map[key.Type]string {
	u.t.Helper()
	all := map[key.Type]string{}
	for _, typ := range key.Types() {
		if bits, ok := strings.CutPrefix(string(typ), "RSA_"); ok && bits != "2048" {
			all[typ] = u.get("importKey", object{"type": typ, "pkcs8": testRSA(u.t, bits)})["id"].(string)
			continue
		}
		all[typ] = u.make(string(typ))
	}
	return all
}

// does uses a key in every way that its type can be used in, and returns what must go well at any later time, too.
func (u *user) does(typ key.Type, url string) (again func(t *testing.T)) {
	u.t.Helper()
	var later []func(t *testing.T)
	for _, o := range typ.Operations() {
		if check := u.doesOne(typ, o, url); check != nil {
			later = append(later, check)
		}
	}
	again = func(t *testing.T) {
		for _, check := range later {
			check(t)
		}
	}
	return again
}

func (u *user) doesOne(typ key.Type, o key.Operation, url string) func(t *testing.T) {
	u.t.Helper()
	k := object{"key": url}
	with := func(more ...object) object { return merged(append([]object{k}, more...)...) }
	wants := func(field string, in, want object) func(t *testing.T) {
		return func(t *testing.T) {
			t.Helper()
			out, err := u.try(field, in)
			if err != nil {
				t.Errorf("%s with %s: %v", field, typ, err)
				return
			}
			is(t, field+" with "+string(typ), out, want)
		}
	}
	secret := b64(bytes.Repeat([]byte("wrap me!"), 4))
	switch o {
	case key.OpSign:
		out := u.get("sign", with(object{"message": message}))
		u.signed(typ, url, out)
		return wants("verify", with(object{"message": message, "signature": out["signature"]}), object{"valid": true, "version": out["version"]})
	case key.OpEncrypt:
		out := u.get("encrypt", with(object{"plaintext": secret, "aad": "YWFk"}))
		return wants("decrypt", with(object{"ciphertext": out["ciphertext"], "nonce": out["nonce"], "aad": "YWFk"}), object{"plaintext": secret, "version": out["version"]})
	case key.OpComputeMAC:
		out := u.get("computeMac", with(object{"data": message}))
		return wants("verifyMac", with(object{"data": message, "mac": out["mac"]}), object{"valid": true, "version": out["version"]})
	case key.OpWrapKey:
		out := u.get("wrapKey", with(object{"keyToWrap": secret}))
		in := object{"wrappedKey": out["wrappedKey"], "algorithm": out["algorithm"]}
		if out["epk"] != nil {
			in["epk"] = out["epk"]
		}
		return wants("unwrapKey", with(in), object{"unwrappedKey": secret, "version": out["version"]})
	case key.OpSeal:
		out := u.get("seal", with(object{"plaintext": secret}))
		return wants("open", with(object{"ciphertext": out["ciphertext"]}), object{"plaintext": secret, "version": out["version"]})
	case key.OpEncapsulate:
		out := u.get("encapsulate", k)
		return wants("decapsulate", with(object{"ciphertext": out["ciphertext"]}), object{"sharedSecret": out["sharedSecret"], "version": out["version"]})
	case key.OpDeriveSecret:
		mine, err := key.Generate(typ)
		must(u.t, err)
		theirs := raw(u.t, u.key(url)["publicKey"].(object)["bytes"])
		shared, err := mine.Agree(theirs)
		must(u.t, err)
		check := wants("deriveSecret", with(object{"publicKey": b64(mine.Public().Bytes())}), object{"secret": b64(shared)})
		if t, ok := u.t.(*testing.T); ok {
			check(t)
		}
		return check
	case key.OpDeriveKey:
		in := with(object{"info": message, "length": 42})
		if !typ.IsSymmetric() {
			peer, err := key.Generate(typ)
			must(u.t, err)
			in["publicKey"] = b64(peer.Public().Bytes())
		}
		out := u.get("deriveKey", in)
		if n := len(raw(u.t, out["secret"])); n != 42 {
			u.t.Errorf("deriveKey with %s: %d bytes, want 42", typ, n)
		}
		return wants("deriveKey", in, object{"secret": out["secret"], "key": nil})
	case key.OpVerify, key.OpDecrypt, key.OpVerifyMAC, key.OpUnwrapKey, key.OpOpen, key.OpDecapsulate: // above
		return nil
	}
	u.t.Errorf("%s: nobody has tried it", o)
	return nil
}

// signed verifies a signature here, with the public key alone.
func (u *user) signed(typ key.Type, url string, out object) {
	u.t.Helper()
	public, err := key.FromPublic(typ, raw(u.t, u.key(url)["publicKey"].(object)["bytes"]))
	must(u.t, err)
	ok, err := public.Verify([]byte("hello"), raw(u.t, out["signature"]), key.SignOptions{})
	if err != nil || !ok {
		u.t.Errorf("sign with %s: the signature does not verify with the public key: %v", typ, err)
	}
}

func merged(all ...object) object {
	m := object{}
	for _, o := range all {
		for k, v := range o {
			m[k] = v
		}
	}
	return m
}

// usesEveryType makes a key of every type and uses it; what it returns is done after a restart.
func usesEveryType(u *user) (again func(t *testing.T)) {
	u.t.Helper()
	all := u.everyType()
	var later []func(t *testing.T)
	for typ, url := range all {
		later = append(later, u.does(typ, url))
	}
	again = func(t *testing.T) {
		for _, check := range later {
			check(t)
		}
		listed := ids(u.list("(first: 100)"))
		for typ, url := range all {
			if !slices.Contains(listed, url) {
				t.Errorf("the key of type %s is not listed", typ)
			}
		}
	}
	return again
}
