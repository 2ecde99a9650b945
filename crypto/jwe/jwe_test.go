package jwe_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"strings"
	"sync"
	"testing"

	"twolock/crypto/jwe"
	"twolock/crypto/key"
)

var (
	types = []key.Type{key.X25519, key.ECDHP256, key.ECDHP384, key.ECDHP521, key.RSA2048}
	keys  = map[key.Type]*key.Key{}
	mu    sync.Mutex
)

// one returns a key of the type, made once: RSA takes long.
func one(t testing.TB, typ key.Type) *key.Key {
	t.Helper()
	mu.Lock()
	defer mu.Unlock()
	if keys[typ] == nil {
		k, err := key.Generate(typ)
		if err != nil {
			t.Fatal(err)
		}
		keys[typ] = k
	}
	return keys[typ]
}

func publicJWK(t testing.TB, k *key.Key) json.RawMessage {
	t.Helper()
	j, err := k.Public().JWK()
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// with sets a member of a JSON object; nil takes it away.
func with(t testing.TB, object []byte, name string, v any) []byte {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(object, &m); err != nil {
		t.Fatal(err)
	}
	m[name] = v
	if v == nil {
		delete(m, name)
	}
	out, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func refused(t testing.TB, what string, err error, field, says string) {
	t.Helper()
	if bad, ok := errors.AsType[*key.InputError](err); !ok || bad.Field != field || !strings.Contains(bad.Reason, says) {
		t.Errorf("%s: got %v, want an error that names %s and says %q", what, err, field, says)
	}
}

func headerOf(t testing.TB, message string) []byte {
	t.Helper()
	h, err := base64.RawURLEncoding.DecodeString(strings.Split(message, ".")[0])
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func withHeader(message string, h []byte) string {
	_, rest, _ := strings.Cut(message, ".")
	return base64.RawURLEncoding.EncodeToString(h) + "." + rest
}

func TestSealAndOpen(t *testing.T) {
	for _, typ := range types {
		k := one(t, typ)
		for _, n := range []int{0, 1, 32, 100000} {
			plaintext := bytes.Repeat([]byte{7}, n)
			message, err := jwe.Seal(with(t, publicJWK(t, k), "kid", "https://kms.example/keys/1"), "jwk+json", plaintext)
			if err != nil {
				t.Fatalf("%s: %v", typ, err)
			}
			m, err := jwe.Parse(message)
			if err != nil {
				t.Fatalf("%s: %v", typ, err)
			}
			if m.KeyID() != "https://kms.example/keys/1" || m.ContentType() != "jwk+json" {
				t.Errorf("%s: kid %q, cty %q", typ, m.KeyID(), m.ContentType())
			}
			if got, err := m.Open(k.Unwrap); err != nil || !bytes.Equal(got, plaintext) {
				t.Errorf("%s: %d bytes come back as %d (%v)", typ, n, len(got), err)
			}
			again, err := jwe.Seal(publicJWK(t, k), "", plaintext)
			if err != nil {
				t.Fatal(err)
			}
			for i, part := range strings.Split(again, ".") {
				if part != "" && i > 0 && i != 3 && strings.Contains(message, part) {
					t.Errorf("%s: part %d was used twice", typ, i)
				}
			}
			if h := string(headerOf(t, again)); strings.Contains(h, "kid") || strings.Contains(h, "cty") {
				t.Errorf("%s: header %s, want neither kid nor cty", typ, h)
			}
		}
	}
}

// What the library jose of JavaScript wrote opens; testdata says with which version.
func TestOpenJOSE(t *testing.T) {
	var file struct {
		Messages []struct {
			JWK json.RawMessage
			JWE string
		}
	}
	data, err := os.ReadFile("testdata/jose.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &file); err != nil || len(file.Messages) != len(types) {
		t.Fatal(len(file.Messages), err)
	}
	for i, c := range file.Messages {
		k, err := key.Import(types[i], key.Material{JWK: c.JWK})
		if err != nil {
			t.Fatal(err)
		}
		m, err := jwe.Parse(c.JWE)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := m.Open(k.Unwrap); err != nil || string(got) != `{"kty":"oct"}` || m.KeyID() != "the key" {
			t.Errorf("%s: %q (%v), kid %q", types[i], got, err, m.KeyID())
		}
	}
}

func TestSealRefuses(t *testing.T) {
	ec, rsa := publicJWK(t, one(t, key.ECDHP256)), publicJWK(t, one(t, key.RSA2048))
	private, err := one(t, key.ECDHP256).JWK()
	if err != nil {
		t.Fatal(err)
	}
	privateRSA, err := one(t, key.RSA2048).JWK()
	if err != nil {
		t.Fatal(err)
	}
	var d struct{ D string }
	if err := json.Unmarshal(private, &d); err != nil || d.D == "" {
		t.Fatal(err)
	}
	p, err := rand.Prime(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	square := base64.RawURLEncoding.EncodeToString(p.Mul(p, p).Bytes())
	off := []byte(strings.Replace(string(ec), `"y":"`, `"y":"AAAA`, 1))
	for what, c := range map[string]struct {
		jwk  []byte
		says string
	}{
		"nothing": {nil, "JWK"}, "an array": {[]byte("[]"), "JWK"}, "an empty object": {[]byte("{}"), "kty"}, "more": {append(bytes.Clone(ec), '1'), "JWK"},
		"a member twice":      {[]byte(strings.Replace(string(ec), "{", `{"kty":"EC",`, 1)), "JWK"},
		"private":             {private, "private"},
		"private RSA":         {privateRSA, "private"},
		"d null":              {[]byte(strings.Replace(string(ec), "{", `{"d":null,`, 1)), "private"},
		"symmetric":           {[]byte(`{"kty":"oct","k":"AAAAAAAAAAAAAAAAAAAAAA"}`), "secret"},
		"for signatures":      {with(t, ec, "use", "sig"), "use"},
		"to verify":           {with(t, ec, "key_ops", []string{"verify"}), "key_ops"},
		"RSA to verify":       {with(t, rsa, "key_ops", []string{"verify"}), "key_ops"},
		"RSA for nothing":     {with(t, rsa, "key_ops", []string{}), "key_ops"},
		"key_ops a string":    {with(t, rsa, "key_ops", "encrypt"), "JWK"},
		"another algorithm":   {with(t, ec, "alg", "ECDH-ES"), "alg"},
		"RSA1_5":              {with(t, rsa, "alg", "RSA1_5"), "alg"},
		"RSA with SHA-1":      {with(t, rsa, "alg", "RSA-OAEP"), "alg"},
		"secp256k1":           {with(t, ec, "crv", "secp256k1"), "kty"},
		"Ed25519":             {[]byte(`{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`), "kty"},
		"RSA of 1024 bits":    {with(t, rsa, "n", strings.Repeat("_", 171)), "2048"},
		"a weak exponent":     {with(t, rsa, "e", "Aw"), "exponent"},
		"a weak modulus":      {with(t, rsa, "n", square), "close"},
		"off the curve":       {off, "y"},
		"a long kid":          {with(t, ec, "kid", strings.Repeat("x", 2049)), "kid"},
		"of low order":        {[]byte(`{"kty":"OKP","crv":"X25519","x":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}`), "low order"},
		"P-384 named P-256":   {with(t, publicJWK(t, one(t, key.ECDHP384)), "crv", "P-256"), "x"},
		"kid that is no text": {with(t, ec, "kid", 1), "JWK"},
	} {
		_, err := jwe.Seal(c.jwk, "", []byte("secret"))
		refused(t, what, err, "recipient", c.says)
		if err != nil && strings.Contains(err.Error(), d.D) {
			t.Errorf("%s: the error repeats the key: %v", what, err)
		}
	}
	for what, jwk := range map[string][]byte{
		"use": with(t, ec, "use", "enc"), "alg": with(t, ec, "alg", "ECDH-ES+A256KW"), "key_ops of the private key": with(t, ec, "key_ops", []string{"deriveBits"}),
		"key_ops as WebCrypto exports them": with(t, ec, "key_ops", []string{}), "RSA": with(t, rsa, "key_ops", []string{"wrapKey"}), "x5c": with(t, ec, "x5c", []string{"a"}),
	} {
		if _, err := jwe.Seal(jwk, "", nil); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := jwe.Seal(ec, "", make([]byte, jwe.MaxMessage)); err == nil {
		t.Error("a message above the limit is written")
	}
	if _, err := jwe.Seal(ec, strings.Repeat("x", 257), nil); err == nil {
		t.Error("a long content type is written")
	}
}

// badMessages are messages that Parse refuses, by what it says.
func badMessages(t testing.TB) map[string]string {
	t.Helper()
	good, err := jwe.Seal(publicJWK(t, one(t, key.ECDHP256)), "", []byte("secret"))
	if err != nil {
		t.Fatal(err)
	}
	rsa, err := jwe.Seal(publicJWK(t, one(t, key.RSA2048)), "", []byte("secret"))
	if err != nil {
		t.Fatal(err)
	}
	h := headerOf(t, good)
	parts := strings.Split(good, ".")
	part := func(i int, s string) string {
		p := append([]string{}, parts...)
		p[i] = s
		return strings.Join(p, ".")
	}
	bad := map[string]string{
		"": "parts", "....": "initialization vector", good[:strings.LastIndex(good, ".")]: "parts", good + ".": "parts", good + "=": "authentication tag",
		good + "\n": "authentication tag", part(0, parts[0]+"\n"): "header", part(2, "AAAA"): "initialization vector", part(4, parts[4][:16]): "authentication tag",
		part(4, parts[4]+"AA"): "authentication tag", part(3, "A"): "ciphertext", part(3, "AB"): "ciphertext", part(1, "+/+/"): "encrypted key",
		`{"protected":"e30"}`: "parts", strings.Repeat("x", jwe.MaxMessage+1): "1 MiB",
		withHeader(rsa, with(t, headerOf(t, rsa), "epk", map[string]string{"kty": "EC"})): "epk", withHeader(rsa, with(t, headerOf(t, rsa), "apv", "AA")): "apv",
	}
	for _, c := range []struct {
		header []byte
		says   string
	}{
		{[]byte("{}"), "alg"}, {[]byte("[]"), "object"}, {[]byte("null"), "alg"}, {append(bytes.Clone(h), '1'), "object"}, {[]byte(strings.Replace(string(h), "{", `{"enc":"A256GCM",`, 1)), "object"},
		{with(t, h, "alg", nil), "alg"}, {with(t, h, "alg", "dir"), "alg"}, {with(t, h, "alg", "ECDH-ES"), "alg"}, {with(t, h, "alg", "ECDH-ES+A128KW"), "alg"},
		{with(t, h, "alg", "ECDH-1PU+A256KW"), "alg"}, {with(t, h, "alg", "RSA1_5"), "alg"}, {with(t, h, "alg", "RSA-OAEP"), "alg"}, {with(t, h, "alg", "none"), "alg"},
		{with(t, h, "alg", "PBES2-HS256+A128KW"), "alg"}, {with(t, h, "alg", 1), "object"}, {with(t, h, "enc", nil), "enc"}, {with(t, h, "enc", "A128CBC-HS256"), "enc"},
		{with(t, h, "enc", "A128GCM"), "enc"}, {with(t, h, "zip", "DEF"), "zip"}, {with(t, h, "crit", []string{"exp"}), "crit"}, {with(t, h, "jku", "https://evil.example"), "jku"},
		{with(t, h, "x5u", "https://evil.example"), "x5u"}, {with(t, h, "jwk", map[string]string{}), "jwk"}, {with(t, h, "x5c", []string{}), "x5c"}, {with(t, h, "p2c", 1<<30), "p2c"},
		{with(t, h, "iv", "AA"), "iv"}, {with(t, h, "Alg", "x"), "Alg"}, {with(t, h, "epk", nil), "epk"}, {with(t, h, "apu", "A"), "apu"}, {with(t, h, "apv", "AA=="), "apv"},
		{with(t, h, "kid", []string{}), "object"},
	} {
		bad[withHeader(good, c.header)] = c.says
	}
	return bad
}

func TestParseRefuses(t *testing.T) {
	for message, says := range badMessages(t) {
		m, err := jwe.Parse(message)
		what := message
		if h, _, ok := strings.Cut(message, "."); ok {
			if b, err := base64.RawURLEncoding.DecodeString(h); err == nil {
				what = string(b)
			}
		}
		refused(t, what[:min(len(what), 200)], err, "jwe", says)
		if m != nil {
			t.Errorf("%s: a message all the same", what[:min(len(what), 200)])
		}
	}
}

// RFC 7516 appendix A has RSA-OAEP with SHA-1, RSAES-PKCS1-v1_5 and A128KW: all three are well-formed, and none is taken.
func TestParseRefusesRFC7516(t *testing.T) {
	rest := ".QUJD.AAAAAAAAAAAAAAAA.QUJD.AAAAAAAAAAAAAAAAAAAAAA"
	for _, h := range []string{"eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ", "eyJhbGciOiJSU0ExXzUiLCJlbmMiOiJBMTI4Q0JDLUhTMjU2In0", "eyJhbGciOiJBMTI4S1ciLCJlbmMiOiJBMTI4Q0JDLUhTMjU2In0"} {
		_, err := jwe.Parse(h + rest)
		refused(t, h, err, "jwe", "alg")
	}
}

// Whatever byte is changed, in whatever part, it does not open.
func TestOpenRefusesEveryChange(t *testing.T) {
	for _, typ := range types {
		k := one(t, typ)
		message, err := jwe.Seal(publicJWK(t, k), "jwk+json", []byte("secret"))
		if err != nil {
			t.Fatal(err)
		}
		for i, part := range strings.Split(message, ".") {
			b, err := base64.RawURLEncoding.DecodeString(part)
			if err != nil {
				t.Fatal(err)
			}
			for at := range b {
				changed := bytes.Clone(b)
				changed[at] ^= 1
				parts := strings.Split(message, ".")
				parts[i] = base64.RawURLEncoding.EncodeToString(changed)
				m, err := jwe.Parse(strings.Join(parts, "."))
				if err != nil && i == 0 {
					continue
				} else if err != nil {
					t.Fatalf("%s, part %d: %v", typ, i, err)
				}
				got, err := m.Open(k.Unwrap)
				refused(t, "a byte of a "+string(typ)+" message", err, "jwe", "")
				if got != nil {
					t.Errorf("%s, part %d, byte %d: opened %q", typ, i, at, got)
				}
			}
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	k := one(t, key.X25519)
	message, err := jwe.Seal(publicJWK(t, k), "", []byte("secret"))
	if err != nil {
		t.Fatal(err)
	}
	m, err := jwe.Parse(message)
	if err != nil {
		t.Fatal(err)
	}
	other, err := key.Generate(key.X25519)
	if err != nil {
		t.Fatal(err)
	}
	_, err = m.Open(other.Unwrap)
	refused(t, "another key", err, "jwe", "does not open")
	_, err = m.Open(one(t, key.ECDHP256).Unwrap)
	refused(t, "a key of another curve", err, "jwe", "epk")
	_, err = m.Open(one(t, key.RSA2048).Unwrap)
	refused(t, "an RSA key", err, "jwe", "")
	_, err = m.Open(func(*key.WrappedKey, key.WrapOptions) ([]byte, error) { return make([]byte, 16), nil })
	refused(t, "a short content key", err, "jwe", "16 bytes")
	mine := errors.New("not allowed")
	if _, err := m.Open(func(*key.WrappedKey, key.WrapOptions) ([]byte, error) { return nil, mine }); !errors.Is(err, mine) {
		t.Errorf("the caller's error comes back as %v", err)
	}
	cek := bytes.Repeat([]byte{1}, 32)
	_, err = m.Open(func(*key.WrappedKey, key.WrapOptions) ([]byte, error) { return cek, nil })
	refused(t, "another content key", err, "jwe", "content")
	if !bytes.Equal(cek, make([]byte, 32)) {
		t.Error("the content key is not wiped")
	}
}

// Whatever a stranger sends: an error that names the message, or a message of the one form. Never a panic.
func FuzzJWEParse(f *testing.F) {
	for _, typ := range types {
		message, err := jwe.Seal(publicJWK(f, one(f, typ)), "jwk+json", []byte("secret"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(message)
	}
	for message := range maps.Keys(badMessages(f)) {
		if len(message) < 4000 {
			f.Add(message)
		}
	}
	f.Fuzz(func(t *testing.T, message string) {
		m, err := jwe.Parse(message)
		if err != nil {
			refused(t, "a message", err, "jwe", "")
			return
		}
		if m.Algorithm() != key.ECDHESA256KW && m.Algorithm() != key.RSAOAEP256 {
			t.Errorf("algorithm %q", m.Algorithm())
		}
		for _, typ := range types {
			if _, err := m.Open(one(t, typ).Unwrap); err != nil {
				refused(t, "a message", err, "jwe", "")
			}
		}
	})
}

func BenchmarkSealAndOpen(b *testing.B) {
	for _, typ := range types {
		k := one(b, typ)
		j := publicJWK(b, k)
		message, err := jwe.Seal(j, "", make([]byte, 256))
		if err != nil {
			b.Fatal(err)
		}
		b.Run("Seal/"+string(typ), func(b *testing.B) {
			for b.Loop() {
				if _, err := jwe.Seal(j, "", make([]byte, 256)); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("Open/"+string(typ), func(b *testing.B) {
			for b.Loop() {
				m, err := jwe.Parse(message)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := m.Open(k.Unwrap); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
