package key_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"twolock/crypto/key"
	"twolock/crypto/secret"
)

// draft-madden-jose-ecdh-1pu-04, appendix B: its keys, party infos, tag and content key. What it wraps with 128 bits was computed here with 256, by Node's
// OpenSSL, which gives the draft's own answers with 128.
func TestWrapWithEphemeralKeyKnown(t *testing.T) {
	okp := func(x, d string) json.RawMessage {
		return json.RawMessage(fmt.Sprintf(`{"kty":"OKP","crv":"X25519","x":%q,"d":%q}`, x, d))
	}
	alice := imported(t, key.X25519, key.Material{JWK: okp("Knbm_BcdQr7WIoz-uqit9M0wbcfEr6y-9UfIZ8QnBD4", "i9KuFhSzEBsiv3PKVL5115OCdsqQai5nj_Flzfkw5jU")})
	bob := imported(t, key.X25519, key.Material{JWK: okp("BT7aR0ItXfeDAldeeOlXL_wXqp-j5FltT0vRSG16kRw", "1gDirl_r_Y3-qUa3WXHgEXrrEHngWThU3c9zj9A2uBg")})
	charlie := imported(t, key.X25519, key.Material{JWK: okp("q-LsvU772uV_2sPJhfAIq-3vnKNVefNoIlvyvg1hrnE", "Jcv8gklhMjC0b-lsk5onBbppWAx5ncNtbM63Jr9xBQE")})
	ephemeral := okp("k9of_cpAajy0poW5gaixXGs9nHkwg1AFqUAFa39dyBc", "x8EVZH4Fwk673_mUujnliJoSrLz0zYzzCWp5GUX2fc8")
	content := make([]byte, 64)
	for i := range content {
		content[i] = byte(255 - i)
	}
	for _, c := range []struct {
		algorithm key.Algorithm
		to        *key.Key
		want      string
	}{
		{key.ECDH1PUA256KW, bob, "j-t89G_WhaMbwBnLgvGkbhgUr2ADI91qzbF3GnRkqY8vhkDWA25StpRPl-hidurrd8buVhnfyOFhPSqbnKV9OrdIQZIW-I7r"},
		{key.ECDH1PUA256KW, charlie, "X0aNgmizOmv9qgEDGotlBk5GZ71LBMjg8avViGYVJQA3dN-sFIB23f__a0l2xotuXGF3azDMJJ77dZQwA5zvNBnPUXfuN5a_"},
		{key.ECDHESA256KW, bob, "VE9M38oulwy6cl5VqvisxmIWbxeu_c-5HP2SGpr_9Q2yFYSLh_wWWyig0X75xdxHH2t1yvjfpVEQgH3-wIzBlY6SMTtZAcv1"},
		{key.ECDHESA256KW, charlie, "Ad10Zbf2MlxPndrbfn9DMjJx9ZgJr-tdc7fwD4HgWXVMVAMhkeFigvyzELrlMfFuUB2eLKUn5qZ4agxRIPGZvCu0cRENx4O0"},
	} {
		o := key.WrapOptions{
			Algorithm: c.algorithm, Recipient: c.to.Public().Bytes(), EphemeralKey: secret.Bytes(ephemeral), APU: []byte("Alice"), APV: []byte("Bob and Charlie"),
		}
		if c.algorithm == key.ECDH1PUA256KW {
			o.Tag = b64(t, "HLb4fTlm8spGmij3RyOs2gJ4DpHM4hhVRwdF_hGb3WQ")
		}
		w, err := alice.Wrap(content, o)
		if err != nil {
			t.Errorf("%s: %v", c.algorithm, err)
			continue
		}
		if got := base64.RawURLEncoding.EncodeToString(w.EncryptedKey); got != c.want {
			t.Errorf("%s: got %s, want %s", c.algorithm, got, c.want)
		}
		if want := `{"crv":"X25519","kty":"OKP","x":"k9of_cpAajy0poW5gaixXGs9nHkwg1AFqUAFa39dyBc"}`; string(w.EPK) != want {
			t.Errorf("%s: the epk is %s, want %s", c.algorithm, w.EPK, want)
		}
	}
}

// jwkWith is a JWK with another value of a member; nil takes it away.
func jwkWith(t testing.TB, jwk []byte, name string, v any) []byte {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(jwk, &m); err != nil {
		t.Fatal(err)
	}
	if m[name] = v; v == nil {
		delete(m, name)
	}
	b, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// On each curve, with each algorithm: what is wrapped with a given ephemeral key opens, and the epk is its public part. What is not one whole private
// JWK of the key's own curve is refused.
func TestWrapWithEphemeralKey(t *testing.T) {
	plain := bytes.Repeat([]byte{7}, 32)
	for _, typ := range agreeing {
		sender, recipient, ephemeral := generate(t, typ), generate(t, typ), generate(t, typ)
		jwk, err := ephemeral.JWK()
		if err != nil {
			t.Fatal(err)
		}
		public, err := ephemeral.Public().JWK()
		if err != nil {
			t.Fatal(err)
		}
		wrap := func(a key.Algorithm, jwk []byte) (*key.WrappedKey, error) {
			return sender.Wrap(plain, key.WrapOptions{Algorithm: a, Recipient: recipient.Public().Bytes(), EphemeralKey: secret.Bytes(jwk)})
		}
		more := jwkWith(t, jwkWith(t, jwk, "key_ops", []string{"deriveBits"}), "ext", true) // as WebCrypto exports it
		for _, jwk := range [][]byte{jwk, more} {
			for _, a := range []key.Algorithm{key.ECDHESA256KW, key.ECDH1PUA256KW} {
				w, err := wrap(a, jwk)
				if err != nil {
					t.Errorf("%s, %s: %v", typ, a, err)
					continue
				}
				o := key.WrapOptions{}
				if a == key.ECDH1PUA256KW {
					o.Sender = sender.Public().Bytes()
				}
				if got, err := recipient.Unwrap(w, o); err != nil || !bytes.Equal(got, plain) || !bytes.Equal(w.EPK, public) {
					t.Errorf("%s, %s: came back as %x (%v), with the epk %s", typ, a, got, err, w.EPK)
				}
			}
		}
		if w, err := publicOf(t, recipient).Wrap(plain, key.WrapOptions{EphemeralKey: secret.Bytes(jwk)}); err != nil || !bytes.Equal(w.EPK, public) {
			t.Errorf("%s, by the public part: %v", typ, err)
		}

		other, err := generate(t, typ).JWK()
		if err != nil {
			t.Fatal(err)
		}
		var members struct{ X, Y, D string }
		if err := json.Unmarshal(jwk, &members); err != nil {
			t.Fatal(err)
		}
		var another struct{ X, Y, D string }
		if err := json.Unmarshal(other, &another); err != nil {
			t.Fatal(err)
		}
		elsewhere, err := generate(t, map[key.Type]key.Type{key.X25519: key.ECDHP256, key.ECDHP256: key.X25519, key.ECDHP384: key.ECDHP256, key.ECDHP521: key.ECDHP384}[typ]).JWK()
		if err != nil {
			t.Fatal(err)
		}
		bad := map[string][]byte{
			"the public part only": public, "of another curve": elsewhere, "another's private part": jwkWith(t, jwk, "d", another.D),
			"another's public part": jwkWith(t, jwk, "x", another.X), "a short d": jwkWith(t, jwk, "d", members.D[4:]), "an empty d": jwkWith(t, jwk, "d", ""),
			"d null": jwkWith(t, jwk, "d", json.RawMessage("null")), "no x": jwkWith(t, jwk, "x", nil), "for signatures": jwkWith(t, jwk, "alg", "EdDSA"),
		}
		for what, epk := range badEPKs(t, jwk) {
			if what != "a private part" {
				bad[what] = epk
			}
		}
		if typ == key.X25519 {
			for _, p := range lowOrder {
				bad["low order "+p] = jwkWith(t, jwk, "x", base64.RawURLEncoding.EncodeToString(unhex(t, p)))
			}
			masked := bytes.Clone(ephemeral.Public().Bytes())
			masked[31] ^= 0x80
			bad["bit 255"] = jwkWith(t, jwk, "x", base64.RawURLEncoding.EncodeToString(masked))
		} else {
			size := len(b64(t, members.D))
			bad["zero"] = jwkWith(t, jwk, "d", base64.RawURLEncoding.EncodeToString(make([]byte, size)))
			bad["above the order"] = jwkWith(t, jwk, "d", base64.RawURLEncoding.EncodeToString(bytes.Repeat([]byte{0xff}, size)))
			bad["off the curve"] = jwkWith(t, jwk, "y", another.Y)
		}
		for what, jwk := range bad {
			for _, a := range []key.Algorithm{key.ECDHESA256KW, key.ECDH1PUA256KW} {
				_, err := wrap(a, jwk)
				refusedBy(t, fmt.Sprintf("%s, %s, %s", typ, a, what), err, "ephemeralKey")
				if err != nil && (strings.Contains(err.Error(), members.D) || strings.Contains(err.Error(), another.D)) {
					t.Errorf("%s, %s: the error holds the private part: %v", typ, what, err)
				}
			}
		}
		w, err := wrap(key.ECDHESA256KW, jwk)
		if err != nil {
			t.Fatal(err)
		}
		_, err = recipient.Unwrap(w, key.WrapOptions{EphemeralKey: secret.Bytes(jwk)})
		refusedBy(t, string(typ)+", unwrapping", err, "ephemeralKey")
	}
	for _, typ := range []key.Type{key.AES256GCM, key.RSA2048} {
		_, err := one(t, typ).Wrap(plain, key.WrapOptions{EphemeralKey: []byte("{}")})
		refusedBy(t, string(typ), err, "ephemeralKey")
	}
	o := key.WrapOptions{EphemeralKey: []byte("canary")}
	if got := fmt.Sprintf("%v %+v %#v %s %x", o, o, o, o, o); strings.Contains(got, "canary") || strings.Contains(got, "63616e617279") || strings.Contains(got, "99 97") {
		t.Errorf("printed as %s", got)
	}
}

// The first algorithm of each operation in Type.Algorithms is what none means: keystore looks there for what a restriction forbids.
func TestFirstAlgorithmIsTheDefault(t *testing.T) {
	first := func(typ key.Type, of []key.Algorithm) (rest []key.Algorithm) {
		for _, a := range typ.Algorithms() {
			for _, b := range of {
				if a == b {
					rest = append(rest, a)
				}
			}
		}
		return rest
	}
	message := bytes.Repeat([]byte{7}, 32)
	for _, typ := range key.Types() {
		k := one(t, typ)
		signs, encrypts, wraps := first(typ, key.SignatureAlgorithms()), first(typ, key.EncryptionAlgorithms()), first(typ, key.WrapAlgorithms())
		if can(k, key.OpSign) != (signs != nil) || can(k, key.OpEncrypt) != (encrypts != nil) || can(k, key.OpWrapKey) != (wraps != nil) {
			t.Errorf("%s: can %v, with %v", typ, typ.Operations(), typ.Algorithms())
			continue
		}
		if signs != nil {
			signature, err := k.Sign(message, key.SignOptions{})
			if err != nil {
				t.Fatal(err)
			}
			for i, a := range signs {
				if ok, err := k.Verify(message, signature, key.SignOptions{Algorithm: a}); err != nil || ok != (i == 0) {
					t.Errorf("%s: what is signed with none verifies with %s: %t (%v)", typ, a, ok, err)
				}
			}
		}
		if encrypts != nil {
			ciphertext, nonce, err := k.Encrypt(message, key.EncryptOptions{})
			if err != nil {
				t.Fatal(err)
			}
			for i, a := range encrypts {
				if _, err := k.Decrypt(ciphertext, nonce, key.EncryptOptions{Algorithm: a}); (err == nil) != (i == 0) {
					t.Errorf("%s: what is encrypted with none is decrypted with %s: %v", typ, a, err)
				}
			}
		}
		if wraps != nil {
			w, err := k.Wrap(message, key.WrapOptions{})
			if err != nil || w.Algorithm != wraps[0] {
				t.Errorf("%s: wraps with %v (%v), want %s", typ, w, err, wraps[0])
			}
		}
	}
}

// What JWK returns is its caller's to wipe.
func TestJWKIsTheCallers(t *testing.T) {
	for _, typ := range key.Types() {
		k := one(t, typ)
		jwk, err := k.JWK()
		if err != nil {
			t.Fatal(err)
		}
		want := bytes.Clone(jwk)
		clear(jwk)
		if again, err := k.JWK(); err != nil || !bytes.Equal(again, want) {
			t.Errorf("%s: wiped with its JWK (%v)", typ, err)
		}
		clear(want)
	}
}

// What RSA_OAEP_256 wraps is what RSA_OAEP_SHA256 encrypts, with an empty label: the schema says so.
func TestRSAWrapsAsItEncrypts(t *testing.T) {
	k, plain := one(t, key.RSA2048), bytes.Repeat([]byte{7}, 32)
	w, err := k.Wrap(plain, key.WrapOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, aad := range [][]byte{nil, {}} {
		if got, err := k.Decrypt(w.EncryptedKey, nil, key.EncryptOptions{AAD: aad}); err != nil || !bytes.Equal(got, plain) {
			t.Errorf("what is wrapped is decrypted as %x (%v)", got, err)
		}
	}
	ciphertext, _, err := k.Encrypt(plain, key.EncryptOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := k.Unwrap(&key.WrappedKey{EncryptedKey: ciphertext}, key.WrapOptions{}); err != nil || !bytes.Equal(got, plain) {
		t.Errorf("what is encrypted is unwrapped as %x (%v)", got, err)
	}
}
