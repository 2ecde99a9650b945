package key_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"strings"
	"testing"

	"twolock/crypto/key"
)

func b64(t testing.TB, s string) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func point(t testing.TB, x, y string) []byte {
	t.Helper()
	return append(append([]byte{4}, b64(t, x)...), b64(t, y)...)
}

// The forms of public keys, against what others published.
func TestPublicKeyPublishedForms(t *testing.T) {
	for _, c := range []struct {
		source   string
		typ      key.Type
		raw      []byte
		multikey string // "" where the source has none
		jwk      string
		pem      string
	}{
		{source: "RFC 8037 section A.2", typ: key.Ed25519, raw: unhex(t, "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"),
			jwk: `{"crv":"Ed25519","kty":"OKP","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`},
		{source: "RFC 8410 section 10.1", typ: key.Ed25519, raw: unhex(t, "19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1"),
			pem: "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n"},
		{source: "the did:key method, Ed25519", typ: key.Ed25519, raw: unhex(t, "3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29"),
			multikey: "z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp"},
		{source: "the did:key method, P-256, odd y", typ: key.ECDSAP256,
			raw:      point(t, "fyNYMN0976ci7xqiSdag3buk-ZCwgXU4kz9XNkBlNUI", "hW2ojTNfH7Jbi8--CJUo3OCbH3y5n91g-IMA9MLMbTU"),
			multikey: "zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169",
			jwk:      `{"crv":"P-256","kty":"EC","x":"fyNYMN0976ci7xqiSdag3buk-ZCwgXU4kz9XNkBlNUI","y":"hW2ojTNfH7Jbi8--CJUo3OCbH3y5n91g-IMA9MLMbTU"}`},
		{source: "the did:key method, P-256, another", typ: key.ECDSAP256,
			raw:      point(t, "igrFmi0whuihKnj9R3Om1SoMph72wUGeFaBbzG2vzns", "efsX5b10x8yjyrj4ny3pGfLcY7Xby1KzgqOdqnsrJIM"),
			multikey: "zDnaerx9CtbPJ1q36T5Ln5wYt3MQYeGRG5ehnPAmxcf5mDZpv"},
		{source: "the did:key method, secp256k1", typ: key.ECDSASecp256k1,
			raw:      point(t, "h0wVx_2iDlOcblulc8E5iEw1EYh5n1RYtLQfeSTyNc0", "O2EATIGbu6DezKFptj5scAIRntgfecanVNXxat1rnwE"),
			multikey: "zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme",
			jwk:      `{"crv":"secp256k1","kty":"EC","x":"h0wVx_2iDlOcblulc8E5iEw1EYh5n1RYtLQfeSTyNc0","y":"O2EATIGbu6DezKFptj5scAIRntgfecanVNXxat1rnwE"}`},
		{source: "the did:key method, P-384", typ: key.ECDSAP384,
			raw:      point(t, "lInTxl8fjLKp_UCrxI0WDklahi-7-_6JbtiHjiRvMvhedhKVdHBfi2HCY8t_QJyc", "y6N1IC-2mXxHreETBW7K3mBcw0qGr3CWHCs-yl09yCQRLcyfGv7XhqAngHOu51Zv"),
			multikey: "z82Lm1MpAkeJcix9K8TMiLd5NMAhnwkjjCBeWHXyu3U4oT2MVJJKXkcVBgjGhnLBn2Kaau9"},
		{source: "the did:key method, P-521", typ: key.ECDSAP521,
			raw: point(t, "ASUHPMyichQ0QbHZ9ofNx_l4y7luncn5feKLo3OpJ2nSbZoC7mffolj5uy7s6KSKXFmnNWxGJ42IOrjZ47qqwqyS",
				"AW9ziIC4ZQQVSNmLlp59yYKrjRY0_VqO-GOIYQ9tYpPraBKUloEId6cI_vynCzlZWZtWpgOM3HPhYEgawQ703RjC"),
			multikey: "z2J9gaYxrKVpdoG9A4gRnmpnRCcxU6agDtFVVBVdn1JedouoZN7SzcyREXXzWgt3gGiwpoHq7K68X4m32D8HgzG8wv3sY5j7"},
	} {
		p, err := key.ParsePublic(c.typ, c.raw)
		if err != nil {
			t.Errorf("%s: %v", c.source, err)
			continue
		}
		if got := p.Multikey(); c.multikey != "" && got != c.multikey {
			t.Errorf("%s: multikey %s, want %s", c.source, got, c.multikey)
		}
		if got, err := p.JWK(); err != nil || c.jwk != "" && string(got) != c.jwk {
			t.Errorf("%s: JWK %s (%v), want %s", c.source, got, err, c.jwk)
		}
		if got, err := p.PEM(); err != nil || c.pem != "" && got != c.pem {
			t.Errorf("%s: PEM %s (%v), want %s", c.source, got, err, c.pem)
		}
	}
}

// Of any key, every form is the same key, as the standard library reads it; leading zeros are kept.
func TestPublicKeyForms(t *testing.T) {
	for _, typ := range []key.Type{key.Ed25519, key.ECDSAP256} {
		for range 300 { // one coordinate in 256 begins with a zero byte
			k, err := key.Generate(typ)
			if err != nil {
				t.Fatal(err)
			}
			p := k.Public()
			parsed, err := key.ParsePublic(typ, p.Bytes())
			if err != nil || !bytes.Equal(parsed.Bytes(), p.Bytes()) {
				t.Fatalf("%s: its own public key is refused: %v", typ, err)
			}
			der, err := p.SPKI()
			if err != nil {
				t.Fatal(err)
			}
			read, err := x509.ParsePKIXPublicKey(der)
			if err != nil {
				t.Fatalf("%s: SPKI: %v", typ, err)
			}
			text, err := p.PEM()
			if err != nil {
				t.Fatal(err)
			}
			if block, rest := pem.Decode([]byte(text)); block == nil || block.Type != "PUBLIC KEY" || !bytes.Equal(block.Bytes, der) || len(rest) > 0 {
				t.Errorf("%s: PEM is not the SPKI: %s", typ, text)
			}
			jwk, err := p.JWK()
			if err != nil {
				t.Fatal(err)
			}
			var j map[string]string
			if err := json.Unmarshal(jwk, &j); err != nil {
				t.Fatal(err)
			}
			var raw, compressed []byte
			switch read := read.(type) {
			case ed25519.PublicKey:
				raw, compressed = read, append([]byte{0xed, 0x01}, read...)
				if j["kty"] != "OKP" || j["crv"] != "Ed25519" || !bytes.Equal(b64(t, j["x"]), raw) || len(j) != 3 {
					t.Errorf("JWK %s of %x", jwk, raw)
				}
			case *ecdsa.PublicKey:
				if raw, err = read.Bytes(); err != nil {
					t.Fatal(err)
				}
				compressed = append([]byte{0x80, 0x24, 2 + raw[64]%2}, raw[1:33]...)
				if j["kty"] != "EC" || j["crv"] != "P-256" || !bytes.Equal(point(t, j["x"], j["y"]), raw) || len(j) != 4 {
					t.Errorf("JWK %s of %x", jwk, raw)
				}
			}
			if !bytes.Equal(raw, p.Bytes()) {
				t.Errorf("%s: SPKI is of %x, the key is %x", typ, raw, p.Bytes())
			}
			if got := multikey(t, p.Multikey()); !bytes.Equal(got, compressed) {
				t.Errorf("%s: multikey is of %x, want %x", typ, got, compressed)
			}
		}
	}
}

// multikey is an independent, slow base58btc decoder.
func multikey(t testing.TB, s string) []byte {
	t.Helper()
	const alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
	var b []byte
	for _, c := range s[1:] {
		carry := bytes.IndexRune([]byte(alphabet), c)
		if s[0] != 'z' || carry < 0 {
			t.Fatalf("multikey %q", s)
		}
		for i := len(b) - 1; i >= 0; i-- {
			carry += int(b[i]) * 58
			b[i], carry = byte(carry), carry>>8
		}
		for ; carry > 0; carry >>= 8 {
			b = append([]byte{byte(carry)}, b...)
		}
	}
	return b
}

// What is not a public key is refused: other lengths, other forms, points that are not on the curve.
func TestParsePublicRefuses(t *testing.T) {
	p256 := unhex(t, "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb67903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299")
	change := func(i int, b byte) []byte {
		c := bytes.Clone(p256)
		c[i] = b
		return c
	}
	for what, c := range map[string]struct {
		typ key.Type
		raw []byte
	}{
		"Ed25519, nothing":            {key.Ed25519, nil},
		"Ed25519, 31 bytes":           {key.Ed25519, make([]byte, 31)},
		"Ed25519, 33 bytes":           {key.Ed25519, make([]byte, 33)},
		"P-256, nothing":              {key.ECDSAP256, nil},
		"P-256, infinity":             {key.ECDSAP256, []byte{0}},
		"P-256, 64 bytes":             {key.ECDSAP256, p256[:64]},
		"P-256, 66 bytes":             {key.ECDSAP256, append(bytes.Clone(p256), 0)},
		"P-256, compressed":           {key.ECDSAP256, append([]byte{3}, p256[1:33]...)},
		"P-256, hybrid":               {key.ECDSAP256, change(0, 7)},
		"P-256, not on the curve":     {key.ECDSAP256, change(64, p256[64]^1)},
		"P-256, x not below p":        {key.ECDSAP256, append(append([]byte{4}, bytes.Repeat([]byte{0xff}, 32)...), p256[33:]...)},
		"P-256, zero":                 {key.ECDSAP256, append([]byte{4}, make([]byte, 64)...)},
		"Ed25519, of small order":     {key.Ed25519, make([]byte, 32)},
		"Ed25519, not canonical":      {key.Ed25519, append(append([]byte{0xed}, bytes.Repeat([]byte{0xff}, 30)...), 0x7f)},
		"Ed25519, not on the curve":   {key.Ed25519, append([]byte{2}, make([]byte, 31)...)},
		"P-384, a point of P-256":     {key.ECDSAP384, p256},
		"P-521, zero":                 {key.ECDSAP521, append([]byte{4}, make([]byte, 132)...)},
		"secp256k1, a point of P-256": {key.ECDSASecp256k1, p256},
		"secp256k1, compressed":       {key.ECDSASecp256k1, unhex(t, "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798")},
		"secp256k1, hybrid": {key.ECDSASecp256k1, unhex(t, "0679be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"+
			"483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8")},
		"RSA, nothing":                {key.RSA2048, nil},
		"RSA, of another length":      {key.RSA2048, one(t, key.RSA3072).Public().Bytes()},
		"RSA, trailing data":          {key.RSA2048, append(bytes.Clone(one(t, key.RSA2048).Public().Bytes()), 0)},
		"ML-DSA, a byte less":         {key.MLDSA44, make([]byte, 1311)},
		"a type without a public key": {key.AES256GCM, make([]byte, 32)},
		"another without one":         {key.HMACSHA256, make([]byte, 32)},
		"no type":                     {"", make([]byte, 32)},
		"an unknown type":             {"ed25519", make([]byte, 32)},
	} {
		if p, err := key.ParsePublic(c.typ, c.raw); err == nil {
			t.Errorf("%s: taken as %s", what, hex.EncodeToString(p.Bytes()))
		}
	}
}

// The multicodec of each type is that of multiformats' table, as a varint before the key; points are compressed.
func TestMulticodecs(t *testing.T) {
	for typ, prefix := range map[key.Type]string{
		key.Ed25519: "ed01", key.ECDSAP256: "8024", key.ECDSAP384: "8124", key.ECDSAP521: "8224", key.ECDSASecp256k1: "e701",
		key.RSA2048: "8524", key.RSA3072: "8524", key.RSA4096: "8524", key.MLDSA44: "9024", key.MLDSA65: "9124", key.MLDSA87: "9224",
	} {
		p := one(t, typ).Public()
		want := append(unhex(t, prefix), p.Bytes()...)
		if p.Bytes()[0] == 4 && strings.HasPrefix(string(typ), "ECDSA") {
			size := len(p.Bytes()) / 2
			want = append(append(unhex(t, prefix), 2+p.Bytes()[2*size]%2), p.Bytes()[1:1+size]...)
		}
		if got := multikey(t, p.Multikey()); !bytes.Equal(got, want) {
			t.Errorf("%s: multikey of %x, want %x", typ, got, want)
		}
	}
}
