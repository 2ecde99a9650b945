package key_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"strings"
	"sync"
	"testing"

	"twolock/crypto/key"
)

// does is what each type can do.
var does = map[key.Type][]string{
	key.Ed25519: {"sign", "verify"}, key.ECDSAP256: {"sign", "verify"},
	key.AES256GCM: {"encrypt", "decrypt"}, key.HMACSHA256: {"computeMac", "verifyMac"},
}

// operations calls each with a key; it is left to the key to refuse.
var operations = map[string]func(k *key.Key) error{
	"sign":       func(k *key.Key) error { _, err := k.Sign([]byte("m"), key.SignOptions{}); return err },
	"verify":     func(k *key.Key) error { _, err := k.Verify([]byte("m"), []byte("s"), key.SignOptions{}); return err },
	"encrypt":    func(k *key.Key) error { _, _, err := k.Encrypt([]byte("m"), nil); return err },
	"decrypt":    func(k *key.Key) error { _, err := k.Decrypt(make([]byte, 16), make([]byte, 12), nil); return err },
	"computeMac": func(k *key.Key) error { _, err := k.ComputeMAC([]byte("m")); return err },
	"verifyMac":  func(k *key.Key) error { _, err := k.VerifyMAC([]byte("m"), []byte("c")); return err },
}

func generate(t testing.TB, typ key.Type) *key.Key {
	t.Helper()
	k, err := key.Generate(typ)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// Every type with every operation: it does it, or says what it can do. Nothing panics, and nothing that cannot is done.
func TestEveryTypeWithEveryOperation(t *testing.T) {
	if len(key.Types()) != len(does) {
		t.Fatalf("there are %d types, this test knows %d", len(key.Types()), len(does))
	}
	for _, typ := range key.Types() {
		k := generate(t, typ)
		for name, do := range operations {
			err := do(k)
			bad, isInput := errors.AsType[*key.InputError](err)
			able := name == does[typ][0] || name == does[typ][1]
			switch {
			case able && (err == nil || isInput && bad.Field != "key"):
			case !able && isInput && bad.Field == "key" && strings.Contains(bad.Reason, string(typ)) &&
				strings.Contains(bad.Reason, does[typ][0]+" and "+does[typ][1]) && strings.Contains(bad.Reason, "not "+name):
			default:
				t.Errorf("%s, %s: got %v", typ, name, err)
			}
		}
	}
}

// What Private gives, Parse takes, and it is the same key; Parse keeps nothing of what it was given.
func TestPrivateAndParse(t *testing.T) {
	for _, typ := range key.Types() {
		k := generate(t, typ)
		private := k.Private()
		if len(private) != 32 {
			t.Errorf("%s: Private has %d bytes, want 32", typ, len(private))
		}
		given := bytes.Clone(private)
		again := parse(t, typ, given)
		clear(given) // as the caller does
		if again.Type() != typ || !bytes.Equal(again.Private(), private) {
			t.Errorf("%s: parsed, it is another key", typ)
		}
		clear(private)
		if bytes.Equal(k.Private(), private) {
			t.Errorf("%s: Private gave the key's own memory", typ)
		}
		if p, q := k.Public(), again.Public(); (p == nil) != (q == nil) || p != nil && !bytes.Equal(p.Bytes(), q.Bytes()) {
			t.Errorf("%s: parsed, it has another public key", typ)
		}
		agree(t, typ, k, again)
		if other := generate(t, typ); bytes.Equal(other.Private(), k.Private()) {
			t.Errorf("%s: generated twice, it is one key", typ)
		}
	}
}

// agree checks that what one key makes, the other one takes.
func agree(t *testing.T, typ key.Type, a, b *key.Key) {
	t.Helper()
	message := []byte("a message")
	switch typ {
	case key.AES256GCM:
		ciphertext, nonce, err := a.Encrypt(message, []byte("aad"))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := b.Decrypt(ciphertext, nonce, []byte("aad")); err != nil || !bytes.Equal(got, message) {
			t.Errorf("%s: decrypted %q (%v)", typ, got, err)
		}
	case key.HMACSHA256:
		code, err := a.ComputeMAC(message)
		if err != nil {
			t.Fatal(err)
		}
		if valid, err := b.VerifyMAC(message, code); err != nil || !valid {
			t.Errorf("%s: the code is not valid (%v)", typ, err)
		}
	default:
		signature, err := a.Sign(message, key.SignOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if valid, err := b.Verify(message, signature, key.SignOptions{}); err != nil || !valid {
			t.Errorf("%s: the signature is not valid (%v)", typ, err)
		}
	}
}

// What is not a key is refused, and the error holds nothing of it.
func TestParseRefuses(t *testing.T) {
	order := elliptic.P256().Params().N.Bytes()
	secret := bytes.Repeat([]byte{0xc5}, 64)
	for _, typ := range key.Types() {
		for _, n := range []int{0, 1, 16, 31, 33, 64} {
			k, err := key.Parse(typ, secret[:n])
			if err == nil {
				t.Errorf("%s of %d bytes: taken as %v", typ, n, k)
			} else if strings.Contains(err.Error(), "c5c5") || strings.Contains(err.Error(), "197") {
				t.Errorf("%s of %d bytes: the error has them: %v", typ, n, err)
			}
		}
	}
	above := new(big.Int).Add(new(big.Int).SetBytes(order), big.NewInt(1)).Bytes()
	for what, scalar := range map[string][]byte{"zero": make([]byte, 32), "the order": order, "above the order": above, "all ones": bytes.Repeat([]byte{0xff}, 32)} {
		if _, err := key.Parse(key.ECDSAP256, scalar); err == nil {
			t.Errorf("P-256, %s: taken", what)
		}
	}
	for _, typ := range []key.Type{"", "ed25519", "RSA", key.Type(strings.Repeat("x", 100))} {
		_, parse := key.Parse(typ, make([]byte, 32))
		_, gen := key.Generate(typ)
		for _, err := range []error{parse, gen} {
			if bad, ok := errors.AsType[*key.InputError](err); !ok || bad.Field != "type" {
				t.Errorf("type %q: got %v, want an error that names the type", typ, err)
			}
		}
	}
}

// Options that do not fit the key are refused by name; those that fit do what they say.
func TestSignOptions(t *testing.T) {
	message := []byte("a message")
	digest := sha256.Sum256(message)
	for _, c := range []struct {
		typ     key.Type
		message []byte
		o       key.SignOptions
		field   string // "" where it fits
	}{
		{key.Ed25519, message, key.SignOptions{}, ""},
		{key.Ed25519, message, key.SignOptions{Message: key.Raw, Algorithm: key.EdDSA, Encoding: key.IEEEP1363}, ""},
		{key.Ed25519, message, key.SignOptions{Algorithm: key.ECDSA}, "algorithm"},
		{key.Ed25519, digest[:], key.SignOptions{Message: key.Digest}, "messageType"},
		{key.Ed25519, message, key.SignOptions{Encoding: key.DER}, "encoding"},
		{key.ECDSAP256, message, key.SignOptions{}, ""},
		{key.ECDSAP256, message, key.SignOptions{Message: key.Raw, Algorithm: key.ECDSA, Encoding: key.DER}, ""},
		{key.ECDSAP256, digest[:], key.SignOptions{Message: key.Digest, Encoding: key.IEEEP1363}, ""},
		{key.ECDSAP256, message, key.SignOptions{Algorithm: key.EdDSA}, "algorithm"},
		{key.ECDSAP256, message, key.SignOptions{Message: key.Digest}, "message"},
		{key.ECDSAP256, nil, key.SignOptions{Message: key.Digest}, "message"},
		{key.ECDSAP256, append(digest[:], 0), key.SignOptions{Message: key.Digest}, "message"},
	} {
		k := generate(t, c.typ)
		signature, err := k.Sign(c.message, c.o)
		_, verr := k.Verify(c.message, signature, c.o)
		for _, err := range []error{err, verr} {
			bad, isInput := errors.AsType[*key.InputError](err)
			if c.field == "" && err != nil || c.field != "" && (!isInput || bad.Field != c.field) {
				t.Errorf("%s, %+v: got %v, want an error that names %q", c.typ, c.o, err, c.field)
			}
		}
	}
	// A message and its digest are signed alike, and each form of a signature is one of the same two numbers.
	k := generate(t, key.ECDSAP256)
	for _, encoding := range []key.SignatureEncoding{key.IEEEP1363, key.DER} {
		raw, hashed := key.SignOptions{Encoding: encoding}, key.SignOptions{Encoding: encoding, Message: key.Digest}
		signature, err := k.Sign(message, raw)
		if err != nil {
			t.Fatal(err)
		}
		if valid, err := k.Verify(digest[:], signature, hashed); err != nil || !valid {
			t.Errorf("%s: a signature of the message is not one of its digest (%v)", encoding, err)
		}
		if valid, err := k.Verify(digest[:], signature, raw); err != nil || valid {
			t.Errorf("%s: a signature of the message is one of the digest as a message (%v)", encoding, err)
		}
		other := key.SignOptions{Encoding: map[key.SignatureEncoding]key.SignatureEncoding{key.DER: key.IEEEP1363, key.IEEEP1363: key.DER}[encoding]}
		if valid, err := k.Verify(message, signature, other); err != nil || valid {
			t.Errorf("%s: valid in the other form (%v)", encoding, err)
		}
		if valid, err := k.Verify(message, convert(t, signature, encoding), other); err != nil || !valid {
			t.Errorf("%s: written in the other form it is not valid (%v)", encoding, err)
		}
	}
}

type numbers struct{ R, S *big.Int }

// convert writes a signature in the other form.
func convert(t *testing.T, signature []byte, from key.SignatureEncoding) []byte {
	t.Helper()
	if from == key.DER {
		var n numbers
		if rest, err := asn1.Unmarshal(signature, &n); err != nil || len(rest) > 0 {
			t.Fatalf("%x is not DER: %v", signature, err)
		}
		return append(n.R.FillBytes(make([]byte, 32)), n.S.FillBytes(make([]byte, 32))...)
	}
	if len(signature) != 64 {
		t.Fatalf("%x is not r || s", signature)
	}
	der, err := asn1.Marshal(numbers{new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])})
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// A signature that is malformed, changed or another's is false, and no error: it is an answer.
func TestMalformedSignaturesAreFalse(t *testing.T) {
	message, order := []byte("a message"), elliptic.P256().Params().N
	for _, c := range []struct {
		typ key.Type
		o   key.SignOptions
	}{{key.Ed25519, key.SignOptions{}}, {key.ECDSAP256, key.SignOptions{}}, {key.ECDSAP256, key.SignOptions{Encoding: key.DER}}} {
		k := generate(t, c.typ)
		signature, err := k.Sign(message, c.o)
		if err != nil {
			t.Fatal(err)
		}
		bad := map[string][]byte{
			"nothing": nil, "empty": {}, "zeros": make([]byte, len(signature)), "ones": bytes.Repeat([]byte{0xff}, len(signature)),
			"a byte less": signature[:len(signature)-1], "a byte more": append(bytes.Clone(signature), 0), "twice": append(bytes.Clone(signature), signature...),
			"1 MiB": make([]byte, 1<<20),
		}
		for i := range signature {
			changed := bytes.Clone(signature)
			changed[i] ^= 1
			bad[fmt.Sprintf("bit of byte %d", i)] = changed
		}
		other, err := generate(t, c.typ).Sign(message, c.o)
		if err != nil {
			t.Fatal(err)
		}
		bad["another key's"] = other
		if c.typ == key.ECDSAP256 && c.o.Encoding == "" {
			r := new(big.Int).SetBytes(signature[:32])
			if sum := r.Add(r, order); sum.BitLen() <= 256 {
				bad["r plus the order"] = append(sum.FillBytes(make([]byte, 32)), signature[32:]...)
			}
			bad["r is zero"] = append(make([]byte, 32), signature[32:]...)
			bad["s is zero"] = append(bytes.Clone(signature[:32]), make([]byte, 32)...)
			bad["s is the order"] = append(bytes.Clone(signature[:32]), order.Bytes()...)
		}
		if c.o.Encoding == key.DER {
			bad["a long length"] = append([]byte{0x30, 0x81, signature[1]}, signature[2:]...)
			bad["an endless length"] = append([]byte{0x30, 0x80}, signature[2:]...)
			bad["a negative number"] = []byte{0x30, 0x06, 0x02, 0x01, 0x81, 0x02, 0x01, 0x01}
			bad["a third number"] = append(append([]byte{0x30, signature[1] + 3}, signature[2:]...), 2, 1, 1)
		}
		for what, s := range bad {
			if valid, err := k.Verify(message, s, c.o); err != nil || valid {
				t.Errorf("%s %s, %s: valid %t, error %v", c.typ, c.o.Encoding, what, valid, err)
			}
		}
		if valid, err := k.Verify([]byte("another message"), signature, c.o); err != nil || valid {
			t.Errorf("%s %s, another message: valid %t, error %v", c.typ, c.o.Encoding, valid, err)
		}
		if valid, err := k.Verify(message, signature, c.o); err != nil || !valid {
			t.Errorf("%s %s: its own signature: valid %t, error %v", c.typ, c.o.Encoding, valid, err)
		}
	}
	// S plus the group's order is the same point in another spelling (RFC 8032 section 5.1.7): refused.
	l, _ := new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)
	k := generate(t, key.Ed25519)
	signature, err := k.Sign(message, key.SignOptions{})
	if err != nil {
		t.Fatal(err)
	}
	s := reversed(signature[32:])
	sum := new(big.Int).Add(new(big.Int).SetBytes(s), l)
	malleable := append(bytes.Clone(signature[:32]), reversed(sum.FillBytes(make([]byte, 32)))...)
	if valid, err := k.Verify(message, malleable, key.SignOptions{}); err != nil || valid {
		t.Errorf("S plus the order: valid %t, error %v", valid, err)
	}
}

func reversed(b []byte) []byte {
	out := bytes.Clone(b)
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	return out
}

// A ciphertext opens with its nonce and additional data and whole, or not at all.
func TestDecryptRefuses(t *testing.T) {
	k := generate(t, key.AES256GCM)
	plaintext, aad := []byte("a plaintext"), []byte("additional")
	ciphertext, nonce, err := k.Encrypt(plaintext, aad)
	if err != nil {
		t.Fatal(err)
	}
	if len(nonce) != 12 || len(ciphertext) != len(plaintext)+16 {
		t.Errorf("a nonce of %d bytes and a ciphertext of %d", len(nonce), len(ciphertext))
	}
	flip := func(b []byte, i int) []byte {
		c := bytes.Clone(b)
		c[i] ^= 0x80
		return c
	}
	type sealed struct {
		ciphertext, nonce, aad []byte
		field                  string
	}
	bad := map[string]sealed{
		"other data":                {ciphertext, nonce, []byte("other"), "ciphertext"},
		"no data":                   {ciphertext, nonce, nil, "ciphertext"},
		"another nonce":             {ciphertext, flip(nonce, 0), aad, "ciphertext"},
		"no nonce":                  {ciphertext, nil, aad, "nonce"},
		"a nonce of 11":             {ciphertext, nonce[:11], aad, "nonce"},
		"a nonce of 16":             {ciphertext, append(bytes.Clone(nonce), 0, 0, 0, 0), aad, "nonce"},
		"no ciphertext":             {nil, nonce, aad, "ciphertext"},
		"less than a tag":           {ciphertext[:15], nonce, aad, "ciphertext"},
		"only a tag":                {ciphertext[len(ciphertext)-16:], nonce, aad, "ciphertext"},
		"a byte less":               {ciphertext[:len(ciphertext)-1], nonce, aad, "ciphertext"},
		"a byte more":               {append(bytes.Clone(ciphertext), 0), nonce, aad, "ciphertext"},
		"data moved to the message": {append(bytes.Clone(aad), ciphertext...), nonce, nil, "ciphertext"},
	}
	for i := range ciphertext {
		bad[fmt.Sprintf("bit of byte %d", i)] = sealed{flip(ciphertext, i), nonce, aad, "ciphertext"}
	}
	for what, c := range bad {
		got, err := k.Decrypt(c.ciphertext, c.nonce, c.aad)
		if e, ok := errors.AsType[*key.InputError](err); !ok || e.Field != c.field || got != nil {
			t.Errorf("%s: got %q, %v; want an error that names the %s", what, got, err, c.field)
		}
	}
	if _, err := generate(t, key.AES256GCM).Decrypt(ciphertext, nonce, aad); err == nil {
		t.Error("opened with another key")
	}
	for _, n := range []int{0, 1, 16, 1 << 20} {
		plaintext := make([]byte, n)
		ciphertext, nonce, err := k.Encrypt(plaintext, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := k.Decrypt(ciphertext, nonce, []byte{}); err != nil || !bytes.Equal(got, plaintext) {
			t.Errorf("%d bytes: got %d (%v)", n, len(got), err)
		}
	}
}

// Nonces are drawn anew, by several callers at once too.
func TestNoncesDiffer(t *testing.T) {
	k := generate(t, key.AES256GCM)
	var mu sync.Mutex
	seen := map[string]bool{}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 5000 {
				_, nonce, err := k.Encrypt(nil, nil)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				if seen[string(nonce)] {
					t.Errorf("nonce %x came twice", nonce)
				}
				seen[string(nonce)] = true
				mu.Unlock()
			}
		})
	}
	wg.Wait()
}

// Codes are whole and right, or false.
func TestMalformedCodesAreFalse(t *testing.T) {
	k, data := generate(t, key.HMACSHA256), []byte("data")
	code, err := k.ComputeMAC(data)
	if err != nil {
		t.Fatal(err)
	}
	bad := map[string][]byte{"nothing": nil, "half": code[:16], "a byte less": code[:31], "a byte more": append(bytes.Clone(code), 0), "zeros": make([]byte, 32)}
	for i := range code {
		c := bytes.Clone(code)
		c[i] ^= 1
		bad[fmt.Sprintf("bit of byte %d", i)] = c
	}
	for what, c := range bad {
		if valid, err := k.VerifyMAC(data, c); err != nil || valid {
			t.Errorf("%s: valid %t, error %v", what, valid, err)
		}
	}
	if valid, err := k.VerifyMAC([]byte("other"), code); err != nil || valid {
		t.Errorf("other data: valid %t, error %v", valid, err)
	}
}

// However a key is printed, logged or encoded, nothing of its private part comes out.
func TestKeysArePrintedRedacted(t *testing.T) {
	for _, typ := range key.Types() {
		k := generate(t, typ)
		private := k.Private()
		secrets := []string{
			string(private), hex.EncodeToString(private), strings.ToUpper(hex.EncodeToString(private)), base64.StdEncoding.EncodeToString(private),
			base64.RawURLEncoding.EncodeToString(private), strings.Trim(fmt.Sprint(private), "[]"), strings.Trim(fmt.Sprintf("%#v", private), "[]byte{}"),
			new(big.Int).SetBytes(private).String(),
		}
		var out []string
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%o", "%b"} {
			out = append(out, fmt.Sprintf(verb, k), fmt.Sprintf(verb, *k), fmt.Sprintf(verb, struct{ K *key.Key }{k}), fmt.Sprintf(verb, []*key.Key{k}))
			if got := fmt.Sprintf(verb, k); got != string(typ)+" key [redacted]" {
				t.Errorf("%s: %s prints %s", typ, verb, got)
			}
		}
		for _, v := range []any{k, *k, map[string]any{"k": k}} {
			b, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, string(b))
		}
		var log bytes.Buffer
		for _, h := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
			slog.New(h).Info("key", "pointer", k, "value", *k, "any", slog.AnyValue(k))
		}
		out = append(out, log.String(), fmt.Errorf("with %v: %w", k, errors.New("x")).Error())
		for _, text := range out {
			for _, secret := range secrets {
				if strings.Contains(text, secret) {
					t.Errorf("%s: printed as %s", typ, text)
				}
			}
		}
	}
}

// After Wipe the private part is gone from the key's own memory.
func TestWipe(t *testing.T) {
	for _, typ := range key.Types() {
		k := generate(t, typ)
		private := k.Private()
		k.Wipe()
		func() {
			defer func() { _ = recover() }() // a wiped key is nobody's to use; what matters is what it still has
			if bytes.Equal(k.Private(), private) {
				t.Errorf("%s: wiped, it still has its private part", typ)
			}
		}()
	}
}

// A key may be used by many at once.
func TestKeysAreSafeForConcurrentUse(t *testing.T) {
	for _, typ := range key.Types() {
		k := generate(t, typ)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for range 20 {
					agree(t, typ, k, k)
					_ = k.Public()
				}
			})
		}
		wg.Wait()
	}
}

// An Ed25519 signature is the standard library's, on the seed's key.
func TestEd25519IsTheStandardLibrarys(t *testing.T) {
	seed := bytes.Repeat([]byte{7}, 32)
	k, std := parse(t, key.Ed25519, seed), ed25519.NewKeyFromSeed(seed)
	signature, err := k.Sign([]byte("m"), key.SignOptions{})
	if err != nil || !ed25519.Verify(std.Public().(ed25519.PublicKey), []byte("m"), signature) {
		t.Errorf("signature %x (%v)", signature, err)
	}
}
