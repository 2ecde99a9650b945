package key_test

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"encoding/json"
	"math/big"
	"testing"

	"twolock/crypto/key"
	"twolock/crypto/secret"
)

// sound checks what was imported: it does what it can with itself, and exported it comes back the same.
func sound(t *testing.T, typ key.Type, k *key.Key) {
	t.Helper()
	if !k.IsPublicOnly() {
		agree(t, typ, k, k)
		jwk, err := k.JWK()
		if err != nil {
			t.Fatal(err)
		}
		if again := imported(t, typ, key.Material{JWK: jwk}); !bytes.Equal(again.Private(), k.Private()) {
			t.Fatalf("%s: exported, it came back as another: %s", typ, jwk)
		}
		if again := parse(t, typ, k.Private()); !bytes.Equal(again.Private(), k.Private()) {
			t.Fatalf("%s: stored, it came back as another", typ)
		}
	}
	p := k.Public()
	if p == nil {
		return
	}
	jwk, err := p.JWK()
	if err != nil {
		t.Fatal(err)
	}
	spki, err := p.SPKI()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []key.Material{{JWK: jwk}, {SPKI: spki}} {
		again := imported(t, typ, m)
		if !again.IsPublicOnly() || !bytes.Equal(again.Public().Bytes(), p.Bytes()) || again.Public().Multikey() != p.Multikey() {
			t.Fatalf("%s: the public key came back as another: %s", typ, jwk)
		}
	}
	if _, err := k.Verify([]byte("m"), make([]byte, 64), key.SignOptions{}); err != nil && !names(err, "key") {
		t.Fatal(err)
	}
}

// fuzzForm gives each type's forms as seeds, and imports what comes of them.
func fuzzForm(f *testing.F, field string, pick func(m key.Material) []byte, material func(b []byte) key.Material) {
	for i, typ := range ours {
		if typ == key.RSA3072 || typ == key.RSA4096 {
			continue // slow to make, and like the small one
		}
		for _, m := range forms(f, one(f, typ)) {
			if b := pick(m); b != nil {
				f.Add(uint8(i), b)
			}
		}
	}
	f.Fuzz(func(t *testing.T, i uint8, b []byte) {
		typ := ours[int(i)%len(ours)]
		given := bytes.Clone(b)
		k, err := key.Import(typ, material(given))
		if !bytes.Equal(given, b) {
			t.Fatal("the input was written to")
		}
		if err != nil {
			if !names(err, field) && !names(err, "input") {
				t.Fatalf("an error of another kind: %v", err)
			}
			return
		}
		sound(t, typ, k)
	})
}

func FuzzImportJWK(f *testing.F) {
	f.Add(uint8(0), []byte(rsaRFC7515))
	fuzzForm(f, "jwk", func(m key.Material) []byte { return m.JWK }, func(b []byte) key.Material { return key.Material{JWK: json.RawMessage(b)} })
}

func FuzzImportSPKI(f *testing.F) {
	fuzzForm(f, "spki", func(m key.Material) []byte { return m.SPKI }, func(b []byte) key.Material { return key.Material{SPKI: secret.Bytes(b)} })
}

func FuzzImportPKCS8(f *testing.F) {
	for i, typ := range ours {
		if typ == key.RSA2048 {
			f.Add(uint8(i), rsaPKCS8(f, one(f, typ)))
		}
		f.Add(uint8(i), unhex(f, "308184020100301006072a8648ce3d020106052b8104000a046d306b02010104208fbb0c49f8dab3f73c7dcd08a1b5f1e758738a77e8f7683d983772261fad8a18a1440342000421f21af7b243cc13ad063d596518de477c7d1a2a9a163b541b51aae09b9c8c7e654130d30ab4e6fd12f3b681ec079e54296142733ac5022128948598c2898654"))
		f.Add(uint8(i), unhex(f, "302e020100300506032b657004220420d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44755842"))
	}
	fuzzForm(f, "pkcs8", func(key.Material) []byte { return nil }, func(b []byte) key.Material { return key.Material{PKCS8: secret.Bytes(b)} })
}

func FuzzImportRaw(f *testing.F) {
	fuzzForm(f, "raw", func(m key.Material) []byte { return m.Raw }, func(b []byte) key.Material { return key.Material{Raw: secret.Bytes(b)} })
}

// FuzzVerify: whatever comes as a signature is an answer. What is valid in P1363 is so in DER, and the reverse.
func FuzzVerify(f *testing.F) {
	signers := []key.Type{key.Ed25519, key.ECDSAP256, key.ECDSAP384, key.ECDSAP521, key.ECDSASecp256k1, key.RSA2048, key.MLDSA44}
	for i, typ := range signers {
		for _, o := range []key.SignOptions{{}, {Encoding: key.DER}} {
			if s, err := one(f, typ).Sign([]byte("message"), o); err == nil {
				f.Add(uint8(i), o.Encoding == key.DER, []byte("message"), s)
			}
		}
	}
	f.Fuzz(func(t *testing.T, i uint8, der bool, message, signature []byte) {
		typ := signers[int(i)%len(signers)]
		o := key.SignOptions{}
		if der {
			o.Encoding = key.DER
		}
		valid, err := one(t, typ).Verify(message, signature, o)
		if err != nil && !names(err, "encoding") {
			t.Fatal(err)
		}
		if valid && der {
			size := map[key.Type]int{key.ECDSAP256: 32, key.ECDSAP384: 48, key.ECDSAP521: 66, key.ECDSASecp256k1: 32}[typ]
			if again, err := one(t, typ).Verify(message, fixedOf(t, signature, size), key.SignOptions{}); err != nil || !again {
				t.Fatalf("%s: valid in DER only: %x", typ, signature)
			}
		}
	})
}

func fixedOf(t *testing.T, der []byte, size int) []byte {
	t.Helper()
	var n numbers
	if rest, err := asn1.Unmarshal(der, &n); err != nil || len(rest) > 0 {
		t.Fatalf("%x is not DER: %v", der, err)
	}
	fixed := func(i *big.Int) []byte { return i.FillBytes(make([]byte, size)) }
	return append(fixed(n.R), fixed(n.S)...)
}

func rsaPKCS8(t testing.TB, k *key.Key) []byte {
	t.Helper()
	theirs, err := x509.ParsePKCS1PrivateKey(k.Private())
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(theirs)
	if err != nil {
		t.Fatal(err)
	}
	return der
}
