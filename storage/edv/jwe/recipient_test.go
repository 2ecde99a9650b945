package jwe_test

import (
	"bytes"
	"crypto/ecdh"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mr-tron/base58"

	"twolock/storage/edv/jwe"
)

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

type agreementKey struct {
	ID      string `json:"id"`
	Private string `json:"privateKeyMultibase"`
	Public  string `json:"publicKeyMultibase"`
}

func readJSON(t testing.TB, name string, v any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, v); err != nil {
		t.Fatal(err)
	}
}

// recipient reads a multibase X25519 private key (multicodec 0x1302).
func (k agreementKey) recipient(t testing.TB) *jwe.Recipient {
	t.Helper()
	raw, err := base58.Decode(strings.TrimPrefix(k.Private, "z"))
	if err != nil || len(raw) != 34 || raw[0] != 0x82 || raw[1] != 0x26 {
		t.Fatalf("not an X25519 private key: %x, %v", raw, err)
	}
	private, err := ecdh.X25519().NewPrivateKey(raw[2:])
	if err != nil {
		t.Fatal(err)
	}
	if want := "z" + base58.Encode(append([]byte{0xec, 0x01}, private.PublicKey().Bytes()...)); want != k.Public {
		t.Fatalf("the pair does not match: %s and %s", want, k.Public)
	}
	r, err := jwe.NewRecipient(k.ID, raw[2:])
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The messages of an unmodified client and of another Go program open.
func TestDecryptVectors(t *testing.T) {
	var client struct {
		X25519 struct {
			KAK       agreementKey
			JWE       json.RawMessage
			Decrypted json.RawMessage
		}
	}
	readJSON(t, "edv-jwe-samples.json", &client)
	got, err := client.X25519.KAK.recipient(t).Decrypt(client.X25519.JWE)
	if err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	if err := json.Compact(&want, client.X25519.Decrypted); err != nil {
		t.Fatal(err)
	}
	if string(got) != want.String() {
		t.Errorf("the client's message opens to %s, want %s", got, &want)
	}

	var other struct {
		KAK agreementKey
		JWE json.RawMessage
	}
	readJSON(t, "edv-jwe-go-produced.json", &other)
	got, err = other.KAK.recipient(t).Decrypt(other.JWE)
	if err != nil {
		t.Fatal(err)
	}
	if !json.Valid(got) {
		t.Errorf("the other program's message opens to %q, want JSON", got)
	}
}

// Every document of a recorded session of the client opens; the client leaves meta out where its caller gave none.
func TestDecryptTranscript(t *testing.T) {
	var session struct {
		KeyAgreementKey agreementKey
		Log             []struct {
			Method string
			Body   struct {
				JWE json.RawMessage `json:"jwe"`
			}
		}
	}
	readJSON(t, "edv-client-transcript.json", &session)
	r := session.KeyAgreementKey.recipient(t)
	opened := 0
	for i, call := range session.Log {
		if call.Body.JWE == nil {
			continue
		}
		plaintext, err := r.Decrypt(call.Body.JWE)
		if err != nil {
			t.Errorf("call %d: %v", i, err)
			continue
		}
		var doc map[string]json.RawMessage
		if err := json.Unmarshal(plaintext, &doc); err != nil || doc["content"] == nil {
			t.Errorf("call %d opens to %s (%v), want content", i, plaintext, err)
		}
		opened++
	}
	if opened < 3 {
		t.Errorf("opened %d messages, want 3 at least", opened)
	}
}

func newRecipient(t testing.TB, kid string, fill byte) *jwe.Recipient {
	t.Helper()
	r, err := jwe.NewRecipient(kid, bytes.Repeat([]byte{fill}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestEncryptRoundTrip(t *testing.T) {
	r := newRecipient(t, "did:example:kms#kak", 7)
	seen := map[string]bool{}
	for _, n := range []int{0, 1, 100, 5000} {
		want := bytes.Repeat([]byte("x"), n)
		data, err := r.Encrypt(want)
		if err != nil {
			t.Fatal(err)
		}
		got, err := r.Decrypt(data)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%d bytes: back come %d bytes, %v", n, len(got), err)
		}
		m := parse(t, data)
		for _, random := range []string{m["iv"].(string), part(m)["encrypted_key"].(string), head(m)["apu"].(string)} {
			if seen[random] {
				t.Errorf("%s was used twice", random)
			}
			seen[random] = true
		}
	}
	if _, err := r.Encrypt(make([]byte, jwe.MaxMessage)); err == nil {
		t.Error("a message above the limit is written")
	}
}

func parse(t testing.TB, data []byte) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(data, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func part(m map[string]any) map[string]any { return m["recipients"].([]any)[0].(map[string]any) }
func head(m map[string]any) map[string]any { return part(m)["header"].(map[string]any) }
func epk(m map[string]any) map[string]any  { return head(m)["epk"].(map[string]any) }

// Anything but the one form is refused, and the error says which member.
func TestDecryptRefuses(t *testing.T) {
	r := newRecipient(t, "did:example:kms#kak", 7)
	b64 := base64.RawURLEncoding.EncodeToString
	valid, err := r.Encrypt([]byte(`{"content":{},"meta":{}}`))
	if err != nil {
		t.Fatal(err)
	}
	lowOrder := func(point string) func(map[string]any) {
		return func(m map[string]any) {
			x := b64(unhex(t, point))
			epk(m)["x"], head(m)["apu"] = x, x
		}
	}
	flip := func(s string, n int) string {
		b, err := base64.RawURLEncoding.DecodeString(s)
		if err != nil {
			t.Fatal(err)
		}
		b[n] ^= 1
		return b64(b)
	}
	for _, c := range []struct {
		name, says string
		change     func(m map[string]any)
	}{
		{"other content algorithm", "protected", func(m map[string]any) { m["protected"] = b64([]byte(`{"enc":"A256GCM"}`)) }},
		{"backward C20P", "protected", func(m map[string]any) { m["protected"] = b64([]byte(`{"enc":"C20P"}`)) }},
		{"zip", "protected", func(m map[string]any) { m["protected"] = b64([]byte(`{"enc":"XC20P","zip":"DEF"}`)) }},
		{"crit", "protected", func(m map[string]any) { m["protected"] = b64([]byte(`{"crit":["x"],"enc":"XC20P"}`)) }},
		{"no protected header", "protected", func(m map[string]any) { delete(m, "protected") }},
		{"no recipient", "recipients", func(m map[string]any) { m["recipients"] = []any{} }},
		{"two recipients", "recipients", func(m map[string]any) { m["recipients"] = []any{part(m), part(m)} }},
		{"other kid", "kid", func(m map[string]any) { head(m)["kid"] = "did:example:other#kak" }},
		{"ECDH-ES", "alg", func(m map[string]any) { head(m)["alg"] = "ECDH-ES" }},
		{"A128KW", "alg", func(m map[string]any) { head(m)["alg"] = "ECDH-ES+A128KW" }},
		{"other key type", "epk", func(m map[string]any) { epk(m)["kty"] = "EC" }},
		{"other curve", "epk", func(m map[string]any) { epk(m)["crv"] = "P-256" }},
		{"other apu", "apu", func(m map[string]any) { head(m)["apu"] = flip(head(m)["apu"].(string), 3) }},
		{"other apv", "apv", func(m map[string]any) { head(m)["apv"] = b64([]byte("did:example:kms#kaj")) }},
		{"low order 0", "low order", lowOrder(strings.Repeat("00", 32))},
		{"low order 1", "low order", lowOrder("01" + strings.Repeat("00", 31))},
		{"low order 8", "low order", lowOrder("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800")},
		{"low order p-1", "low order", lowOrder("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")},
		{"short epk", "epk.x", func(m map[string]any) { epk(m)["x"], head(m)["apu"] = b64(make([]byte, 31)), b64(make([]byte, 31)) }},
		{"long encrypted key", "encrypted_key", func(m map[string]any) { part(m)["encrypted_key"] = b64(make([]byte, 48)) }},
		{"short iv", "iv", func(m map[string]any) { m["iv"] = b64(make([]byte, 12)) }},
		{"short tag", "tag", func(m map[string]any) { m["tag"] = b64(make([]byte, 12)) }},
		{"no tag", "tag", func(m map[string]any) { delete(m, "tag") }},
		{"padded ciphertext", "ciphertext", func(m map[string]any) { m["ciphertext"] = m["ciphertext"].(string) + "=" }},
		{"line break in ciphertext", "ciphertext", func(m map[string]any) { m["ciphertext"] = m["ciphertext"].(string) + "\n" }},
		{"aad", "message", func(m map[string]any) { m["aad"] = "eA" }},
		{"unprotected", "message", func(m map[string]any) { m["unprotected"] = map[string]any{"zip": "DEF"} }},
		{"unknown in header", "message", func(m map[string]any) { head(m)["enc"] = "XC20P" }},
		{"private part in epk", "message", func(m map[string]any) { epk(m)["d"] = "AA" }},
	} {
		m := parse(t, valid)
		c.change(m)
		data, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		got, err := r.Decrypt(data)
		if err == nil || got != nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %q, %v; want an error about %q", c.name, got, err, c.says)
		}
	}
	for _, c := range []struct {
		name   string
		change func(m map[string]any)
	}{
		{"encrypted key", func(m map[string]any) { part(m)["encrypted_key"] = flip(part(m)["encrypted_key"].(string), 11) }},
		{"iv", func(m map[string]any) { m["iv"] = flip(m["iv"].(string), 0) }},
		{"ciphertext", func(m map[string]any) { m["ciphertext"] = flip(m["ciphertext"].(string), 5) }},
		{"truncated ciphertext", func(m map[string]any) { s := m["ciphertext"].(string); m["ciphertext"] = s[:len(s)-4] }},
		{"tag", func(m map[string]any) { m["tag"] = flip(m["tag"].(string), 15) }},
	} {
		m := parse(t, valid)
		c.change(m)
		data, _ := json.Marshal(m)
		if got, err := r.Decrypt(data); !errors.Is(err, jwe.ErrOpen) || got != nil {
			t.Errorf("%s changed: %q, %v; want ErrOpen", c.name, got, err)
		}
	}
	if _, err := newRecipient(t, r.ID(), 8).Decrypt(valid); !errors.Is(err, jwe.ErrOpen) {
		t.Errorf("another key of the same id: %v, want ErrOpen", err)
	}
	for _, s := range []string{"", "null", "[]", "{", string(valid) + "{}", strings.Replace(string(valid), `"iv"`, `"tag":"","iv"`, 1),
		strings.Replace(string(valid), `"iv"`, `"IV"`, 1), strings.Repeat(" ", jwe.MaxMessage) + string(valid)} {
		if _, err := r.Decrypt([]byte(s)); err == nil {
			t.Errorf("%.40q opens", s)
		}
	}
}

func TestNewRecipientRefuses(t *testing.T) {
	if _, err := jwe.NewRecipient("", make([]byte, 32)); err == nil {
		t.Error("an empty id is taken")
	}
	if _, err := jwe.NewRecipient("k", make([]byte, 31)); err == nil {
		t.Error("a key of 31 bytes is taken")
	}
}

func TestRecipientIsRedacted(t *testing.T) {
	r := newRecipient(t, "kid", 0xab)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%q"} {
		if s := fmt.Sprintf(verb, r); strings.Contains(s, hex.EncodeToString(bytes.Repeat([]byte{0xab}, 4))) || strings.Contains(s, "171") {
			t.Errorf("%s prints %s", verb, s)
		}
	}
}

func FuzzDecrypt(f *testing.F) {
	r := newRecipient(f, "did:example:kms#kak", 7)
	valid, err := r.Encrypt([]byte("secret"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(valid)
	f.Add([]byte(`{"protected":"eyJlbmMiOiJYQzIwUCJ9","recipients":[{"header":{"kid":"did:example:kms#kak"}}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		// Only what was encrypted to this key opens: a message with another serialization may, another text may not.
		if got, err := r.Decrypt(data); err == nil && string(got) != "secret" {
			t.Fatalf("a forged message opens to %q", got)
		}
	})
}

func BenchmarkEncrypt(b *testing.B) {
	r := newRecipient(b, "did:example:kms#kak", 7)
	plaintext := bytes.Repeat([]byte("x"), 600)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Encrypt(plaintext); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecrypt(b *testing.B) {
	r := newRecipient(b, "did:example:kms#kak", 7)
	data, err := r.Encrypt(bytes.Repeat([]byte("x"), 600))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Decrypt(data); err != nil {
			b.Fatal(err)
		}
	}
}
