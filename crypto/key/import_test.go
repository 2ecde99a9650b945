package key_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	"filippo.io/mldsa"
	mldsax509 "filippo.io/mldsa/x509"

	"twolock/crypto/key"
)

// forms are all in which a key can be had of us, by the name of the input.
func forms(t testing.TB, k *key.Key) map[string]key.Material {
	t.Helper()
	jwk, err := k.JWK()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]key.Material{"jwk": {JWK: jwk}}
	if p := k.Public(); p != nil {
		spki, err := p.SPKI()
		if err != nil {
			t.Fatal(err)
		}
		public, err := p.JWK()
		if err != nil {
			t.Fatal(err)
		}
		out["spki"], out["public jwk"] = key.Material{SPKI: spki}, key.Material{JWK: public}
	}
	if !isRSA(k.Type()) {
		out["raw"] = key.Material{Raw: k.Private()}
	}
	return out
}

// What is exported comes back as the same key, and works with it.
func TestExportAndImport(t *testing.T) {
	for _, typ := range ours {
		k := one(t, typ)
		for form, m := range forms(t, k) {
			got, err := key.Import(typ, m)
			if err != nil {
				t.Errorf("%s as %s: %v", typ, form, err)
				continue
			}
			isPublic := form == "spki" || form == "public jwk"
			if got.IsPublicOnly() != isPublic || got.Type() != typ {
				t.Errorf("%s as %s: public only %t", typ, form, got.IsPublicOnly())
			}
			if !isPublic && !bytes.Equal(got.Private(), k.Private()) || isPublic && (got.Private() != nil || !bytes.Equal(got.Public().Bytes(), k.Public().Bytes())) {
				t.Errorf("%s as %s: came back as another key", typ, form)
			}
			agree(t, typ, got, k)
			again, err := got.JWK()
			if want := forms(t, k)[map[bool]string{true: "public jwk", false: "jwk"}[isPublic]].JWK; err != nil || !bytes.Equal(again, want) {
				t.Errorf("%s as %s: exported again as another JWK (%v)", typ, form, err)
			}
		}
	}
}

// A key of one type is none of another, in no form, but for those that are the same bytes.
func TestImportOfAnotherType(t *testing.T) {
	same := func(a, b key.Type, form string) bool {
		if curve, isEC := strings.CutPrefix(string(a), "ECDSA_"); isEC && string(b) == "ECDH_"+curve {
			return true // id-ecPublicKey (RFC 5480) and kty EC do not say what a key is for
		}
		if curve, isEC := strings.CutPrefix(string(a), "ECDH_"); isEC && string(b) == "ECDSA_"+curve {
			return true
		}
		if !a.IsSymmetric() || !b.IsSymmetric() {
			return form == "raw" && len(one(t, a).Private()) == len(one(t, b).Private()) || form == "raw" && strings.HasPrefix(string(b), "HMAC")
		}
		return true // bytes are bytes
	}
	for _, a := range ours {
		for form, m := range forms(t, one(t, a)) {
			for _, b := range ours {
				if a == b || same(a, b, form) {
					continue
				}
				_, err := key.Import(b, m)
				if !names(err, strings.TrimPrefix(form, "public ")) {
					t.Errorf("%s as %s, of %s: got %v", a, form, b, err)
				}
			}
		}
	}
}

// PKCS #8 as crypto/x509 and filippo.io/mldsa write it.
func TestImportPKCS8OfOthers(t *testing.T) {
	for typ, make := range map[key.Type]func() (any, error){
		key.Ed25519:   func() (any, error) { _, k, err := ed25519.GenerateKey(nil); return k, err },
		key.ECDSAP256: func() (any, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) },
		key.ECDSAP384: func() (any, error) { return ecdsa.GenerateKey(elliptic.P384(), rand.Reader) },
		key.ECDSAP521: func() (any, error) { return ecdsa.GenerateKey(elliptic.P521(), rand.Reader) },
		key.RSA2048:   func() (any, error) { return rsa.GenerateKey(rand.Reader, 2048) },
		key.MLDSA44:   func() (any, error) { return mldsa.GenerateKey(mldsa.MLDSA44()) },
		key.MLDSA65:   func() (any, error) { return mldsa.GenerateKey(mldsa.MLDSA65()) },
		key.MLDSA87:   func() (any, error) { return mldsa.GenerateKey(mldsa.MLDSA87()) },
	} {
		theirs, err := make()
		if err != nil {
			t.Fatal(err)
		}
		der, err := mldsax509.MarshalPKCS8PrivateKey(theirs)
		if err != nil {
			t.Fatal(err)
		}
		k, err := key.Import(typ, key.Material{PKCS8: der})
		if err != nil {
			t.Errorf("%s: %v", typ, err)
			continue
		}
		agree(t, typ, k, k)
		var public any
		switch theirs := theirs.(type) {
		case ed25519.PrivateKey:
			public = theirs.Public()
		case *ecdsa.PrivateKey:
			public = &theirs.PublicKey
		case *rsa.PrivateKey:
			public = &theirs.PublicKey
		case *mldsa.PrivateKey:
			public = theirs.PublicKey()
		}
		spki, err := mldsax509.MarshalPKIXPublicKey(public)
		if err != nil {
			t.Fatal(err)
		}
		if ours, err := k.Public().SPKI(); err != nil || !bytes.Equal(ours, spki) {
			t.Errorf("%s: SPKI %x (%v), want %x", typ, ours, err, spki)
		}
		for i := range der { // whatever is changed: an error about the form, or a key that works
			changed := bytes.Clone(der)
			changed[i] ^= 1
			if isRSA(typ) && i > 40 && i%16 != 0 {
				continue
			}
			if k, err := key.Import(typ, key.Material{PKCS8: changed}); err == nil {
				agree(t, typ, k, k)
			} else if !names(err, "pkcs8") {
				t.Errorf("%s, byte %d changed: %v", typ, i, err)
			}
		}
		for what, bad := range map[string][]byte{"cut": der[:len(der)-1], "longer": append(bytes.Clone(der), 0), "empty": {}} {
			if _, err := key.Import(typ, key.Material{PKCS8: bad}); !names(err, "pkcs8") {
				t.Errorf("%s, %s: %v", typ, what, err)
			}
		}
	}
}

// RFC 8410 section 10.3: with and without attributes and the public key; and a secp256k1 key of OpenSSL's with its signature.
func TestImportPublishedPKCS8(t *testing.T) {
	for _, text := range []string{
		"MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC",
		"MHICAQEwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhCoB8wHQYKKoZIhvcNAQkJFDEPDA1DdXJkbGUgQ2hhaXJzgSEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=",
	} {
		der, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		k := imported(t, key.Ed25519, key.Material{PKCS8: der})
		if got := hex.EncodeToString(k.Public().Bytes()); got != "19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1" {
			t.Errorf("RFC 8410: public key %s", got)
		}
		if len(der) > 100 {
			der[len(der)-1] ^= 1 // another's public key
			if _, err := key.Import(key.Ed25519, key.Material{PKCS8: der}); !names(err, "pkcs8") || !strings.Contains(err.Error(), "public part") {
				t.Errorf("another's public key: %v", err)
			}
		}
	}
	k := imported(t, key.ECDSASecp256k1, key.Material{PKCS8: unhex(t, "308184020100301006072a8648ce3d020106052b8104000a046d306b02010104208fbb0c49f8dab3f73c7dcd08a1b5f1e758738a77e8f7683d983772261fad8a18a1440342000421f21af7b243cc13ad063d596518de477c7d1a2a9a163b541b51aae09b9c8c7e654130d30ab4e6fd12f3b681ec079e54296142733ac5022128948598c2898654")})
	const spki = "3056301006072a8648ce3d020106052b8104000a0342000421f21af7b243cc13ad063d596518de477c7d1a2a9a163b541b51aae09b9c8c7e654130d30ab4e6fd12f3b681ec079e54296142733ac5022128948598c2898654"
	if got, err := k.Public().SPKI(); err != nil || hex.EncodeToString(got) != spki {
		t.Errorf("SPKI %x (%v), want %s", got, err, spki)
	}
	signature := unhex(t, "3046022100d99a74d5cb33adbfd293af197626285d2157d44131ea5ba255f3ae946e31df0402210081c932eee5f63878d7c2d92f5bc64052c881c579aee6d2ba694edce4301079fe")
	if valid, err := k.Verify([]byte("hello"), signature, key.SignOptions{Encoding: key.DER}); err != nil || !valid {
		t.Errorf("OpenSSL's signature, of a high s, is not valid (%v)", err)
	}
}

// What is no sound JWK is refused, and says why.
func TestImportJWKRefuses(t *testing.T) {
	const (
		x, y, d = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0", "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"
		ec      = `"kty":"EC","crv":"P-256","x":"` + x + `","y":"` + y + `"`
		okp     = `"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"`
	)
	seed := strings.Repeat("A", 43)
	for _, c := range []struct {
		typ      key.Type
		jwk, why string // why "": it is taken
	}{
		{key.ECDSAP256, `{` + ec + `}`, ""},
		{key.ECDSAP256, `{` + ec + `,"d":"` + d + `"}`, ""},
		{key.ECDSAP256, "\n {" + ec + `,"alg":"ES256","use":"sig","key_ops":["verify"],"kid":"k","ext":true,"x5c":[["a"]],"more":{"a":{"b":null}}}` + "\n", ""},
		{key.ECDSAP256, `{"\u006bty":"EC","crv":"P-256","x":"` + x + `","y":"` + y + `"}`, ""},
		{key.ECDSAP256, `{` + ec + `,"alg":"ES384"}`, "alg"},
		{key.ECDSAP256, `{` + ec + `,"alg":null}`, "alg"},
		{key.ECDSAP256, `{` + ec + `,"d":null}`, "d:"},
		{key.ECDSAP256, `{` + ec + `,"D":"` + d + `"}`, "written d"},
		{key.ECDSAP256, `{` + ec + `,"x":"` + x + `"}`, "once"},
		{key.ECDSAP256, `{` + ec + `,"kid":"a","kid":"b"}`, "once"},
		{key.ECDSAP256, `{` + ec + `} {}`, "one JSON object"},
		{key.ECDSAP256, `{` + ec + `,}`, "one JSON object"},
		{key.ECDSAP256, `{` + ec, "one JSON object"},
		{key.ECDSAP256, `[{` + ec + `}]`, "one JSON object"},
		{key.ECDSAP256, `null`, "one JSON object"},
		{key.ECDSAP256, ``, "one JSON object"},
		{key.ECDSAP256, `{` + ec + `,"deep":` + strings.Repeat("[", 9) + strings.Repeat("]", 9) + `}`, "nested"},
		{key.ECDSAP256, `{` + ec + `,"deep":` + strings.Repeat("[", 8000) + `}`, "nested"},
		{key.ECDSAP256, `{` + ec + `,"long":"` + strings.Repeat("x", 16<<10) + `"}`, "more than"},
		{key.ECDSAP256, `{"kty":"EC","crv":"P-256","x":"` + x + `"}`, "y: is missing"},
		{key.ECDSAP256, `{"kty":"EC","crv":"P-384","x":"` + x + `","y":"` + y + `"}`, "crv"},
		{key.ECDSAP256, `{"kty":"EC","crv":"p-256","x":"` + x + `","y":"` + y + `"}`, "crv"},
		{key.ECDSAP256, `{"kty":"EC","x":"` + x + `","y":"` + y + `"}`, "crv"},
		{key.ECDSAP256, `{"kty":"ec","crv":"P-256","x":"` + x + `","y":"` + y + `"}`, "kty"},
		{key.ECDSAP256, `{"kty":"EC","crv":"P-256","x":"` + x + `","y":"` + x + `"}`, "curve"},
		{key.ECDSAP256, `{"kty":"EC","crv":"P-256","x":"` + x + `=","y":"` + y + `"}`, "base64url"},
		{key.ECDSAP256, `{"kty":"EC","crv":"P-256","x":"` + x[:42] + `V","y":"` + y + `"}`, "base64url"},
		{key.ECDSAP256, `{"kty":"EC","crv":"P-256","x":"` + x[:20] + `\n` + x[20:] + `","y":"` + y + `"}`, "base64url"},
		{key.ECDSAP256, `{"kty":"EC","crv":"P-256","x":"AA` + x + `","y":"` + y + `"}`, "x:"},
		{key.ECDSAP256, `{"kty":"EC","crv":"P-256","x":"","y":""}`, "x:"},
		{key.ECDSAP256, `{` + ec + `,"d":"` + seed + `"}`, "scalar"},
		{key.ECDSAP256, `{` + ec + `,"d":"` + x + `"}`, "public part"},
		{key.ECDSAP256, `{` + ec + `,"d":""}`, "d: has 0 bytes"},
		{key.ECDSASecp256k1, `{` + ec + `}`, "crv"},
		{key.Ed25519, `{` + okp + `}`, ""},
		{key.Ed25519, `{` + okp + `,"alg":"EdDSA","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"}`, ""},
		{key.Ed25519, `{` + okp + `,"d":"` + seed + `"}`, "public part"},
		{key.Ed25519, `{` + okp + `,"alg":"ES256"}`, "alg"},
		{key.Ed25519, `{"kty":"OKP","crv":"Ed25519","x":"` + seed + `"}`, "small order"},
		{key.Ed25519, `{"kty":"OKP","crv":"Ed25519","x":"7v_______________________________________38"}`, "canonical"},
		{key.Ed25519, `{"kty":"OKP","crv":"Ed25519","x":"Ag` + seed[2:] + `"}`, "curve"},
		{key.Ed25519, `{"kty":"OKP","crv":"X25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`, "crv"},
		{key.AES128GCM, `{"kty":"oct","k":"GawgguFyGrWKav7AX4VKUg","alg":"A128KW"}`, ""}, // RFC 7517 section A.3
		{key.AES128GCM, `{"kty":"oct","k":"GawgguFyGrWKav7AX4VKUg","alg":"A256GCM"}`, "alg"},
		{key.AES256GCM, `{"kty":"oct","k":"GawgguFyGrWKav7AX4VKUg"}`, "16 bytes instead of 32"},
		{key.AES256GCM, `{"kty":"oct"}`, "k"},
		{key.AES256GCM, `{"kty":"oct","k":"` + seed + `","crv":""}`, "crv"},
		{key.XAES256GCM, `{"kty":"oct","k":"` + seed + `"}`, ""},
		{key.XAES256GCM, `{"kty":"oct","k":"` + seed + `","alg":"A256GCM"}`, "alg"},
		{key.HMACSHA256, `{"kty":"oct","alg":"HS256","k":"` + seed + `"}`, ""},
		{key.HMACSHA256, `{"kty":"oct","alg":"HS512","k":"` + seed + `"}`, "alg"},
		{key.HMACSHA256, `{"kty":"oct","k":"` + strings.Repeat("A", 20) + `"}`, "15 bytes"},
		{key.HMACSHA256, `{"kty":"oct","k":"` + strings.Repeat("A", 22) + `"}`, ""},
		{key.MLDSA44, `{"kty":"AKP","alg":"ML-DSA-44","pub":"` + strings.Repeat("A", 1752) + `"}`, "pub: has 1314 bytes instead of 1312"},
		{key.MLDSA44, `{"kty":"AKP","alg":"ML-DSA-44","pub":"` + seed + `"}`, "pub: has 32 bytes instead of 1312"},
		{key.MLDSA44, `{"kty":"AKP","alg":"ML-DSA-65","pub":"` + seed + `"}`, "alg"},
		{key.MLDSA44, `{"kty":"AKP","pub":"` + seed + `"}`, "alg"},
		{key.RSA2048, rsaRFC7515, ""},
		{key.RSA3072, rsaRFC7515, "2048 bits instead of 3072"},
		{key.RSA2048, rsaWith(t, "oth", []any{}), "two primes"},
		{key.RSA2048, rsaWith(t, "p", nil), "d, p, q"},
		{key.RSA2048, rsaWith(t, "d", nil, "p", nil, "q", nil), "dp: is there without d"},
		{key.RSA2048, rsaWith(t, "dp", nil, "dq", nil, "qi", nil), ""},
		{key.RSA2048, rsaWith(t, "dp", "AQ"), "dp"},
		{key.RSA2048, rsaWith(t, "qi", "AQ"), "qi"},
		{key.RSA2048, rsaWith(t, "e", "Aw"), "belong together"},
		{key.RSA2048, rsaWith(t, "e", "AAEAAQ"), "zero byte"},
		{key.RSA2048, rsaWith(t, "e", ""), "e:"},
		{key.RSA2048, rsaWith(t, "alg", "RSA1_5"), "alg"},
		{key.RSA2048, rsaWith(t, "alg", "PS384"), ""},
		{key.RSA2048, rsaWith(t, "n", strings.Repeat("_", 2000)), "longer"},
	} {
		k, err := key.Import(c.typ, key.Material{JWK: json.RawMessage(c.jwk)})
		switch {
		case c.why == "" && err != nil:
			t.Errorf("%s %.200s: %v", c.typ, c.jwk, err)
		case c.why != "" && (!names(err, "jwk") || !strings.Contains(err.Error(), c.why)):
			t.Errorf("%s %.200s: got %v, %v; want an error with %q", c.typ, c.jwk, k, err, c.why)
		case err != nil && strings.Contains(err.Error(), d[:8]):
			t.Errorf("the error has the secret: %v", err)
		}
	}
}

// rsaWith is the RSA key with other members; nil takes one away.
func rsaWith(t *testing.T, change ...any) string {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(rsaRFC7515), &m); err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(change); i += 2 {
		if change[i+1] == nil {
			delete(m, change[i].(string))
		} else {
			m[change[i].(string)] = change[i+1]
		}
	}
	b, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// RSA keys that are known to be weak are refused.
func TestImportWeakRSA(t *testing.T) {
	prime := func(bits int) *big.Int {
		p, err := rand.Prime(rand.Reader, bits)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	// product makes a modulus of 2048 bits of p and what follows it.
	product := func(p, q *big.Int) *big.Int { return new(big.Int).Mul(p, q) }
	p := prime(1024)
	near := new(big.Int).Add(p, big.NewInt(2))
	for !near.ProbablyPrime(10) {
		near.Add(near, big.NewInt(2))
	}
	roca, _ := new(big.Int).SetString(rocaModulus, 16)
	good := product(prime(1024), prime(1024))
	even := new(big.Int).Lsh(prime(2047), 1)
	for _, c := range []struct {
		what string
		n    *big.Int
		e    int
		why  string
	}{
		{"good", good, 65537, ""},
		{"good, a large exponent", good, 1<<31 - 1, ""},
		{"an exponent of 3", good, 3, "exponent"},
		{"an exponent of 1", good, 1, "exponent"},
		{"an even exponent", good, 65538, "exponent"},
		{"an exponent below", good, 65535, "exponent"},
		{"an even modulus", even, 65537, "even"},
		{"a prime", prime(2048), 65537, "prime"},
		{"a small factor", smallFactor(prime), 65537, "small factor"},
		{"close primes", product(p, near), 65537, "close"},
		{"a square", product(p, p), 65537, "close"},
		{"2047 bits", product(prime(1023), prime(1024)), 65537, "bits"},
		{"ROCA", roca, 65537, "ROCA"},
	} {
		if c.n.BitLen() != 2048 && c.why != "bits" {
			t.Fatalf("%s: the test's modulus has %d bits", c.what, c.n.BitLen())
		}
		der, err := x509.MarshalPKIXPublicKey(&rsa.PublicKey{N: c.n, E: c.e})
		if err != nil {
			t.Fatal(err)
		}
		_, err = key.Import(key.RSA2048, key.Material{SPKI: der})
		if c.why == "" && err != nil || c.why != "" && (!names(err, "spki") || !strings.Contains(err.Error(), c.why)) {
			t.Errorf("%s: got %v, want %q", c.what, err, c.why)
		}
	}
}

// smallFactor makes a modulus with the factor 751.
func smallFactor(prime func(int) *big.Int) *big.Int {
	for {
		if n := new(big.Int).Mul(big.NewInt(751), prime(2038)); n.BitLen() == 2048 {
			return n
		}
	}
}

// Each form that a type does not have is refused by name, and says which there are; so are none and two at once.
func TestImportForms(t *testing.T) {
	for _, typ := range ours {
		for form, m := range map[string]key.Material{"pkcs8": {PKCS8: []byte{1}}, "spki": {SPKI: []byte{1}}, "raw": {Raw: []byte{1}}, "jwk": {JWK: json.RawMessage("{}")}} {
			_, err := key.Import(typ, m)
			if !names(err, form) {
				t.Errorf("%s as %s: got %v", typ, form, err)
			}
			lacks := typ.IsSymmetric() && (form == "pkcs8" || form == "spki") || isRSA(typ) && form == "raw"
			if lacks != strings.Contains(fmt.Sprint(err), "no such form: give it as jwk") {
				t.Errorf("%s as %s: got %v", typ, form, err)
			}
		}
		for _, m := range []key.Material{{}, {Raw: []byte{}, JWK: json.RawMessage("{}")}, {SPKI: []byte{}, PKCS8: []byte{}}} {
			if _, err := key.Import(typ, m); !names(err, "input") {
				t.Errorf("%s: got %v, want an error about the input", typ, err)
			}
		}
		if typ.IsSymmetric() {
			if _, err := key.FromPublic(typ, make([]byte, 32)); err == nil {
				t.Errorf("%s: has a public key", typ)
			}
		}
	}
	if _, err := key.Import("", key.Material{Raw: make([]byte, 32)}); !names(err, "type") {
		t.Errorf("no type: %v", err)
	}
}

// A wrapped key opens with its key and algorithm, whole, or not at all; the options of other types are refused by name.
func TestWrap(t *testing.T) {
	for _, typ := range []key.Type{key.AES128GCM, key.AES256GCM, key.RSA2048, key.RSA3072} {
		k := one(t, typ)
		algorithms := []key.Algorithm{key.AESKW, key.AESKWP}
		if isRSA(typ) {
			algorithms = []key.Algorithm{key.RSAOAEP256}
		}
		for _, a := range algorithms {
			for _, n := range []int{1, 8, 16, 24, 32, 33, 64, 190} {
				plain := bytes.Repeat([]byte{9}, n)
				w, err := k.Wrap(plain, key.WrapOptions{Algorithm: a})
				if a == key.AESKW && (n%8 != 0 || n < 16) {
					if !names(err, "keyToWrap") {
						t.Errorf("%s %s, %d bytes: %v", typ, a, n, err)
					}
					continue
				}
				if err != nil || w.Algorithm != a || w.EPK != nil {
					t.Errorf("%s %s, %d bytes: %v, %v", typ, a, n, w, err)
					continue
				}
				for _, o := range []key.WrapOptions{{}, {Algorithm: a}} {
					if got, err := k.Unwrap(w, o); err != nil || !bytes.Equal(got, plain) {
						t.Errorf("%s %s, %d bytes: unwrapped %x (%v)", typ, a, n, got, err)
					}
				}
				if got, err := k.Unwrap(&key.WrappedKey{EncryptedKey: w.EncryptedKey}, key.WrapOptions{}); (err == nil) != (a == algorithms[0]) {
					t.Errorf("%s %s by the default: %x (%v)", typ, a, got, err)
				}
				for i := range w.EncryptedKey {
					changed := bytes.Clone(w.EncryptedKey)
					changed[i] ^= 4
					if isRSA(typ) && i%50 != 0 {
						continue
					}
					if got, err := k.Unwrap(&key.WrappedKey{Algorithm: a, EncryptedKey: changed}, key.WrapOptions{}); !names(err, "wrappedKey") || got != nil {
						t.Errorf("%s %s, byte %d changed: %x (%v)", typ, a, i, got, err)
					}
				}
				if _, err := k.Unwrap(w, key.WrapOptions{Algorithm: key.ECDHESA256KW}); !names(err, "algorithm") {
					t.Errorf("%s: unwrapped with another algorithm: %v", typ, err)
				}
			}
			for _, n := range []int{0, 8, 15, 4097} {
				if a != key.AESKW && n > 0 && n < 16 { // they take any length
					continue
				}
				if _, err := k.Wrap(make([]byte, n), key.WrapOptions{Algorithm: a}); !names(err, "keyToWrap") {
					t.Errorf("%s %s, %d bytes: %v", typ, a, n, err)
				}
			}
		}
		for field, o := range map[string]key.WrapOptions{
			"algorithm": {Algorithm: key.ECDH1PUA256KW}, "recipientPublicKey": {Recipient: []byte{}}, "senderPublicKey": {Sender: []byte{}},
			"apu": {APU: []byte{}}, "apv": {APV: []byte{}}, "tag": {Tag: []byte{}},
		} {
			if _, err := k.Wrap(make([]byte, 32), o); !names(err, field) {
				t.Errorf("%s, %s: %v", typ, field, err)
			}
			if _, err := k.Unwrap(&key.WrappedKey{EncryptedKey: make([]byte, 40)}, o); !names(err, field) {
				t.Errorf("%s, %s: %v", typ, field, err)
			}
		}
		if _, err := k.Unwrap(&key.WrappedKey{EncryptedKey: make([]byte, 40), EPK: json.RawMessage("{}")}, key.WrapOptions{}); !names(err, "epk") {
			t.Errorf("%s, epk: %v", typ, err)
		}
	}
}

// RSA's bounds, and the label.
func TestRSAEncrypt(t *testing.T) {
	for typ, most := range map[key.Type]int{key.RSA2048: 190, key.RSA3072: 318, key.RSA4096: 446} {
		k := one(t, typ)
		public := publicOf(t, k)
		ciphertext, nonce, err := public.Encrypt(make([]byte, most), key.EncryptOptions{AAD: []byte("label"), Algorithm: key.RSAOAEPSHA256})
		if err != nil || nonce == nil || len(nonce) != 0 {
			t.Fatalf("%s: nonce %v, %v", typ, nonce, err)
		}
		if got, err := k.Decrypt(ciphertext, nonce, key.EncryptOptions{AAD: []byte("label")}); err != nil || len(got) != most {
			t.Errorf("%s: got %d bytes (%v)", typ, len(got), err)
		}
		_, otherLabel := k.Decrypt(ciphertext, nil, key.EncryptOptions{AAD: []byte("Label")})
		_, withNonce := k.Decrypt(ciphertext, []byte{0}, key.EncryptOptions{AAD: []byte("label")})
		_, short := k.Decrypt(ciphertext[1:], nil, key.EncryptOptions{})
		_, _, long := k.Encrypt(make([]byte, most+1), key.EncryptOptions{})
		_, _, info := k.Encrypt(nil, key.EncryptOptions{Info: []byte{}})
		_, _, algorithm := k.Encrypt(nil, key.EncryptOptions{Algorithm: key.AEAD})
		for field, err := range map[string]error{"ciphertext": otherLabel, "nonce": withNonce, "plaintext": long, "info": info, "algorithm": algorithm} {
			if !names(err, field) {
				t.Errorf("%s: got %v, want an error that names the %s", typ, err, field)
			}
		}
		if !names(short, "ciphertext") {
			t.Errorf("%s: %v", typ, short)
		}
	}
}

// The errors of imports hold nothing of what was given.
func TestImportErrorsHoldNoSecret(t *testing.T) {
	for _, typ := range ours {
		k := one(t, typ)
		secrets := []string{hex.EncodeToString(k.Private()[:8]), base64.RawURLEncoding.EncodeToString(k.Private()[:9])}
		for form, m := range forms(t, k) {
			for _, other := range ours {
				_, err := key.Import(other, m)
				if err == nil {
					continue
				}
				if _, ok := errors.AsType[*key.InputError](err); !ok || slices.ContainsFunc(secrets, func(s string) bool { return strings.Contains(err.Error(), s) }) {
					t.Errorf("%s as %s, of %s: %v", typ, form, other, err)
				}
			}
		}
	}
}

// rocaModulus is made as the broken library makes them: each prime is kM + (65537^a mod M), M the product of the first 126 primes.
const rocaModulus = "d994d48afae95212869128500ed7949600eb1e89e2179e053fda30fd267c0e55a668923deb589d593e73f402328b3babe2ff0a027b810ecdadb666e65a104707117d974bc24104367423bcf533d67d2b8478770551ca3b92fdd64d760cae9da42e869573660f022ca95dcd4f46d33405ae56260d317f52414a488bec3fd648ead3ccb74fb41d537586560928602542fb056037764f59de500a0343c024e0354812de2c0652ee7d18f8834187293af063d4b9ff247caa6764de90663b358d1da7ad98a0d3cf1af58deade59a630188fe379dcc41030a4fab5c85dc6172cd00057511b4af05a380bdd43a40f2a7a01030067e0207a4d0b23f8c50ae805c25a3933"
