package key_test

import (
	"bytes"
	"crypto/ecdh"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/mlkem"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"twolock/crypto/key"
)

var agreeing = []key.Type{key.X25519, key.ECDHP256, key.ECDHP384, key.ECDHP521}

// refusedBy checks that err names the field.
func refusedBy(t testing.TB, what string, err error, field string) {
	t.Helper()
	if bad, ok := errors.AsType[*key.InputError](err); !ok || bad.Field != field {
		t.Errorf("%s: got %v, want an error that names %s", what, err, field)
	}
}

// lowOrder are the points of X25519 that give zero: RFC 7748 section 6.1, in every encoding of 255 bits, and two with the bit that is masked.
var lowOrder = []string{
	"0000000000000000000000000000000000000000000000000000000000000000",
	"0100000000000000000000000000000000000000000000000000000000000000",
	"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
	"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"0000000000000000000000000000000000000000000000000000000000000080",
	"0100000000000000000000000000000000000000000000000000000000000080",
}

func TestAgreeKnownAnswers(t *testing.T) {
	for _, c := range []struct {
		source              string
		typ                 key.Type
		private, peer, want []byte
	}{
		{"RFC 8037 section A.6", key.X25519, unhex(t, "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"),
			b64(t, "3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08"), unhex(t, "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742")},
		{"RFC 7518 appendix C", key.ECDHP256, b64(t, "0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo"),
			point(t, "weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ", "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck"),
			unhex(t, "9e56d91d817135d372834283bf84269cfb316ea3da806a48f6daa7798cfe90c4")},
		{"RFC 5903 section 8.1", key.ECDHP256, unhex(t, "c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433"),
			unhex(t, "04d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf6356fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab"),
			unhex(t, "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de")},
	} {
		k := parse(t, c.typ, c.private)
		if got, err := k.Agree(c.peer); err != nil || !bytes.Equal(got, c.want) {
			t.Errorf("%s: got %x (%v), want %x", c.source, got, err, c.want)
		}
	}
}

// Two keys agree, as the standard library does, and derive the same bytes.
func TestAgreeAndDerive(t *testing.T) {
	curves := map[key.Type]ecdh.Curve{key.X25519: ecdh.X25519(), key.ECDHP256: ecdh.P256(), key.ECDHP384: ecdh.P384(), key.ECDHP521: ecdh.P521()}
	for _, typ := range agreeing {
		a, b := generate(t, typ), generate(t, typ)
		theirs, err := curves[typ].NewPrivateKey(b.Private())
		if err != nil {
			t.Fatal(err)
		}
		peer, err := curves[typ].NewPublicKey(a.Public().Bytes())
		if err != nil {
			t.Fatal(err)
		}
		want, err := theirs.ECDH(peer)
		if err != nil {
			t.Fatal(err)
		}
		got, err := a.Agree(b.Public().Bytes())
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: agreed on %x (%v), want %x", typ, got, err, want)
		}
		for _, n := range []int{1, 32, 33, 8160} {
			o := key.DeriveOptions{Salt: []byte("salt"), Info: []byte("info"), Length: n}
			o.Peer = b.Public().Bytes()
			got, err := a.Derive(o)
			o.Peer = a.Public().Bytes()
			back, berr := b.Derive(o)
			want, werr := hkdf.Key(sha256.New, want, o.Salt, string(o.Info), n)
			if err != nil || berr != nil || werr != nil || !bytes.Equal(got, want) || !bytes.Equal(back, want) {
				t.Errorf("%s, %d bytes: derived %x and %x (%v, %v), want %x", typ, n, got, back, err, berr, want)
			}
		}
		for _, n := range []int{-1, 0, 8161, 1 << 30} {
			_, err := a.Derive(key.DeriveOptions{Peer: b.Public().Bytes(), Length: n})
			refusedBy(t, fmt.Sprintf("%s, %d bytes", typ, n), err, "length")
		}
		_, err = a.Derive(key.DeriveOptions{Length: 32})
		refusedBy(t, string(typ)+" without a peer", err, "publicKey")
		for what, bad := range badPeers(t, typ) {
			_, err := a.Agree(bad)
			refusedBy(t, string(typ)+", "+what, err, "publicKey")
			_, err = a.Derive(key.DeriveOptions{Peer: bad, Length: 32})
			if bad != nil {
				refusedBy(t, string(typ)+", "+what, err, "publicKey")
			}
		}
	}
}

// badPeers are public keys that nobody may use.
func badPeers(t testing.TB, typ key.Type) map[string][]byte {
	t.Helper()
	good := generate(t, typ).Public().Bytes()
	bad := map[string][]byte{"nil": nil, "empty": {}, "short": good[1:], "long": append(bytes.Clone(good), 0)}
	if typ == key.X25519 {
		for _, p := range lowOrder {
			bad["low order "+p] = unhex(t, p)
		}
		return bad
	}
	half := len(good) / 2
	off := bytes.Clone(good)
	off[len(off)-1] ^= 1
	bad["off the curve"] = off
	bad["infinity"] = []byte{0}
	bad["zero"] = append([]byte{4}, make([]byte, 2*half)...)
	bad["not reduced"] = append([]byte{4}, bytes.Repeat([]byte{0xff}, 2*half)...)
	bad["compressed"] = append([]byte{2 | good[len(good)-1]&1}, good[1:1+half]...)
	bad["hybrid"] = append([]byte{6 | good[len(good)-1]&1}, good[1:]...)
	return bad
}

// A public key of another's that nobody may use is not imported either, in any form; nor one of X25519 in another form than its own.
func TestImportRefusesBadPublicKeys(t *testing.T) {
	for _, typ := range agreeing {
		good := generate(t, typ)
		spki, err := good.Public().SPKI()
		if err != nil {
			t.Fatal(err)
		}
		prefix := bytes.TrimSuffix(spki, good.Public().Bytes())
		bad := badPeers(t, typ)
		if typ == key.X25519 {
			bad["not reduced"] = unhex(t, "f6ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")
			masked := good.Public().Bytes()
			bad["the masked bit"] = append(bytes.Clone(masked[:31]), masked[31]|0x80)
		}
		for what, raw := range bad {
			if k, err := key.FromPublic(typ, raw); err == nil {
				t.Errorf("%s, %s: taken as %v", typ, what, k)
			}
			_, err := key.Import(typ, key.Material{SPKI: append(bytes.Clone(prefix), raw...)})
			refusedBy(t, string(typ)+" spki, "+what, err, "spki")
			if jwk := rawJWK(typ, raw); jwk != nil {
				_, err := key.Import(typ, key.Material{JWK: jwk})
				refusedBy(t, string(typ)+" jwk, "+what, err, "jwk")
			}
		}
		if k, err := key.Import(typ, key.Material{SPKI: spki}); err != nil || !k.IsPublicOnly() || !bytes.Equal(k.Public().Bytes(), good.Public().Bytes()) {
			t.Errorf("%s: spki of a good key: %v (%v)", typ, k, err)
		}
	}
}

// rawJWK writes a public key without a look at it; nil where it has no such form.
func rawJWK(typ key.Type, raw []byte) json.RawMessage {
	e := base64.RawURLEncoding.EncodeToString
	if typ == key.X25519 {
		return json.RawMessage(fmt.Sprintf(`{"kty":"OKP","crv":"X25519","x":%q}`, e(raw)))
	}
	if len(raw) == 0 || len(raw)%2 == 0 || raw[0] != 4 {
		return nil
	}
	half := len(raw) / 2
	crv := map[key.Type]string{key.ECDHP256: "P-256", key.ECDHP384: "P-384", key.ECDHP521: "P-521"}[typ]
	return json.RawMessage(fmt.Sprintf(`{"kty":"EC","crv":%q,"x":%q,"y":%q}`, crv, e(raw[1:1+half]), e(raw[1+half:])))
}

// openSSL is what OpenSSL 3.0 wrote with genpkey and pkcs8 -topk8: EC keys come with their public part.
var openSSL = map[key.Type]string{
	key.X25519:   "MC4CAQAwBQYDK2VuBCIEINBU7nXmYK6Y1UDXdkBEtOb8zx+SeVZDIvJ9UHsHpg9p",
	key.ECDHP256: "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgLa81bRbvZ4KIFmPCvhBUhHJFoafhbSKlFUzQj40PeYihRANCAAR/J0E0czZps5MmcL0Q/NIDAiSp/uRCPO7p8w+RA4mVUjmiU/xfbQrrjAP/mu6SfrwchgettL6iWfDCmKx0N70i",
	key.ECDHP384: "MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDAwnYnHfV+C1Xv7a9VAPAMlhM0e2JnxBZOGkeQQZ67ssRzuerNuUTLsVJB9E+S9+UGhZANiAASzZp5bRrOIV84TbaBgyRvDJ5U4Om2MMp+TJwp3x4jdKRp1zNh1DZK52Ymg6J7twM2Fs+zpY6zYl+U+LjQZTxuTytWe37MZLOMI7XfBJQSPb2q4uy1QSdsO/KPzXeMkz0w=",
	key.ECDHP521: "MIHuAgEAMBAGByqGSM49AgEGBSuBBAAjBIHWMIHTAgEBBEIA4HlTKLbiWuZK7mKh4l2op8L0rEBmprWfKKhJxZkw+tNNvgTPc9cCTtuc3koziPyrs7DbZ0dD5co6UmxMBeZsIZehgYkDgYYABAHqfjqga1Ck5MhQPMejxy/rX8Var3fhvAfDZqfWnTEa3oLrk4+N3nWxfI9dEou7IegOwq9G6sQbZD670/7Hp45rxQDMVqGf/0iy2UGElDbDGS19s/RjtWWZ4/PD6EiaEm0QuxMxmG4V4PWCvaHksgleKOupxcRWnazUVPDNkjyqAJNEEg==",
}

func TestImportPKCS8(t *testing.T) {
	for typ, text := range openSSL {
		der, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		k := imported(t, typ, key.Material{PKCS8: der})
		if private := k.Private(); !bytes.Contains(der, private) || typ != key.X25519 && !bytes.HasSuffix(der, k.Public().Bytes()) {
			t.Errorf("%s: not the key in the pkcs8", typ)
		}
		for n := range der {
			if _, err := key.Import(typ, key.Material{PKCS8: der[:n]}); err == nil {
				t.Errorf("%s: the first %d bytes are taken", typ, n)
			}
		}
		changed := bytes.Clone(der)
		changed[len(der)-1] ^= 1
		bad := map[string][]byte{"nothing": {}, "more": append(bytes.Clone(der), 0), "spki": mustSPKI(t, k)}
		if typ != key.X25519 {
			bad["another public part"] = changed
		}
		for other, text := range openSSL {
			if bad["a key of type "+string(other)], err = base64.StdEncoding.DecodeString(text); err != nil {
				t.Fatal(err)
			}
		}
		delete(bad, "a key of type "+string(typ))
		for what, bad := range bad {
			_, err := key.Import(typ, key.Material{PKCS8: bad})
			refusedBy(t, string(typ)+", "+what, err, "pkcs8")
		}
	}
	// RFC 9935 section 8 has the keys of this seed; the expanded form begins with 0x04.
	seed := make([]byte, mlkem.SeedSize)
	for i := range seed {
		seed[i] = byte(i)
	}
	spki, err := base64.StdEncoding.DecodeString("MIIEsjALBglghkgBZQMEBAIDggShACmKoQ1CPI3aBp0CvFnmzfA6CWuLPaTKubgM")
	if err != nil {
		t.Fatal(err)
	}
	head := unhex(t, "3054020100300b060960864801650304040204428040")
	k := imported(t, key.MLKEM768, key.Material{PKCS8: append(head, seed...)})
	if public := k.Public().Bytes(); !bytes.Equal(k.Private(), seed) || !bytes.HasPrefix(public, spki[22:]) {
		t.Errorf("ML_KEM_768: %x, %x", k.Private(), public[:32])
	}
	for typ, size := range map[key.Type]int{key.MLKEM768: 2400, key.MLKEM1024: 3168} {
		_, err := key.Import(typ, key.Material{Raw: make([]byte, size)})
		refusedBy(t, string(typ)+", expanded", err, "raw")
	}
	_, err = key.Import(key.MLKEM1024, key.Material{PKCS8: append(head, seed...)})
	refusedBy(t, "a key of type ML_KEM_768", err, "pkcs8")
	octets := bytes.Clone(head)
	octets[len(octets)-2] = 0x04
	_, err = key.Import(key.MLKEM768, key.Material{PKCS8: append(octets, seed...)})
	refusedBy(t, "the seed in the tag of the expanded key", err, "pkcs8")
}

// Each form of a private key is the same key, and one with another's public part is not taken.
func TestImportPrivate(t *testing.T) {
	for _, typ := range append(slices.Clone(agreeing), key.MLKEM768, key.MLKEM1024) {
		k, other := generate(t, typ), generate(t, typ)
		private := k.Private()
		same := func(what string, got *key.Key) {
			t.Helper()
			if !bytes.Equal(got.Private(), private) || !bytes.Equal(got.Public().Bytes(), k.Public().Bytes()) {
				t.Errorf("%s, %s: another key", typ, what)
			}
		}
		same("raw", imported(t, typ, key.Material{Raw: private}))
		jwk, err := k.JWK()
		if err != nil {
			t.Fatal(err)
		}
		same("jwk", imported(t, typ, key.Material{JWK: jwk}))
		for i, raw := range [][]byte{{}, private[1:], append(bytes.Clone(private), 0)} {
			_, err := key.Import(typ, key.Material{Raw: raw})
			refusedBy(t, fmt.Sprintf("%s raw %d", typ, i), err, "raw")
			if strings.Contains(err.Error(), hex.EncodeToString(raw)) && len(raw) > 0 {
				t.Errorf("%s: the error repeats the key", typ)
			}
		}
		var m, o map[string]string
		otherJWK, err := other.JWK()
		if err != nil {
			t.Fatal(err)
		}
		if json.Unmarshal(jwk, &m) != nil || json.Unmarshal(otherJWK, &o) != nil {
			t.Fatal("not JSON of strings")
		}
		secret := "d"
		if typ == key.MLKEM768 || typ == key.MLKEM1024 {
			secret = "priv"
		}
		m[secret] = o[secret]
		mixed, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		_, err = key.Import(typ, key.Material{JWK: mixed})
		refusedBy(t, string(typ)+" with another's public part", err, "jwk")
		if strings.Contains(err.Error(), m[secret]) {
			t.Errorf("%s: the error repeats the private part: %v", typ, err)
		}
		delete(m, secret)
		public, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		if p := imported(t, typ, key.Material{JWK: public}); !p.IsPublicOnly() || !bytes.Equal(p.Public().Bytes(), k.Public().Bytes()) {
			t.Errorf("%s: the public jwk is another key", typ)
		}
	}
	for typ, curve := range map[key.Type]elliptic.Curve{key.ECDHP256: elliptic.P256(), key.ECDHP384: elliptic.P384(), key.ECDHP521: elliptic.P521()} {
		order := curve.Params().N.Bytes()
		for what, raw := range map[string][]byte{"zero": make([]byte, len(order)), "the order": order, "all ones": bytes.Repeat([]byte{0xff}, len(order))} {
			_, err := key.Import(typ, key.Material{Raw: raw})
			refusedBy(t, string(typ)+", "+what, err, "raw")
		}
	}
}

func mustSPKI(t testing.TB, k *key.Key) []byte {
	t.Helper()
	b, err := k.Public().SPKI()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// A seed of ML-KEM gives the published key; the expanded forms are not taken, for no seed comes of them.
func TestMLKEM(t *testing.T) {
	for typ, sizes := range map[key.Type][2]int{
		key.MLKEM768:  {mlkem.EncapsulationKeySize768, mlkem.CiphertextSize768},
		key.MLKEM1024: {mlkem.EncapsulationKeySize1024, mlkem.CiphertextSize1024},
	} {
		k := generate(t, typ)
		if got := len(k.Public().Bytes()); got != sizes[0] {
			t.Errorf("%s: the public key has %d bytes, want %d", typ, got, sizes[0])
		}
		secret, ciphertext, err := publicOf(t, k).Encapsulate()
		if err != nil || len(ciphertext) != sizes[1] || len(secret) != 32 {
			t.Fatalf("%s: encapsulated %d bytes in %d (%v)", typ, len(secret), len(ciphertext), err)
		}
		if got, err := k.Decapsulate(ciphertext); err != nil || !bytes.Equal(got, secret) {
			t.Errorf("%s: decapsulated %x (%v), want %x", typ, got, err, secret)
		}
		for i := range ciphertext {
			changed := bytes.Clone(ciphertext)
			changed[i] ^= 1
			if got, err := k.Decapsulate(changed); err != nil || bytes.Equal(got, secret) {
				t.Fatalf("%s: byte %d changed, decapsulated %x (%v), want another secret", typ, i, got, err)
			}
		}
		for _, bad := range [][]byte{nil, {}, ciphertext[1:], append(bytes.Clone(ciphertext), 0)} {
			_, err := k.Decapsulate(bad)
			refusedBy(t, fmt.Sprintf("%s, %d bytes", typ, len(bad)), err, "ciphertext")
		}
		again, _, err := k.Encapsulate()
		if err != nil || bytes.Equal(again, secret) {
			t.Errorf("%s: encapsulated the same secret twice (%v)", typ, err)
		}
	}
}
