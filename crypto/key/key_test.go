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
	"slices"
	"strings"
	"sync"
	"testing"

	"twolock/crypto/key"
)

// does is what each type can do.
var does = map[key.Type][]string{
	key.Ed25519:           {"sign", "verify"},
	key.ECDSAP256:         {"sign", "verify"},
	key.ECDSAP384:         {"sign", "verify"},
	key.ECDSAP521:         {"sign", "verify"},
	key.ECDSASecp256k1:    {"sign", "verify"},
	key.RSA2048:           {"sign", "verify", "encrypt", "decrypt", "wrapKey", "unwrapKey"},
	key.RSA3072:           {"sign", "verify", "encrypt", "decrypt", "wrapKey", "unwrapKey"},
	key.RSA4096:           {"sign", "verify", "encrypt", "decrypt", "wrapKey", "unwrapKey"},
	key.MLDSA44:           {"sign", "verify"},
	key.MLDSA65:           {"sign", "verify"},
	key.MLDSA87:           {"sign", "verify"},
	key.AES128GCM:         {"encrypt", "decrypt", "wrapKey", "unwrapKey"},
	key.AES256GCM:         {"encrypt", "decrypt", "wrapKey", "unwrapKey"},
	key.XAES256GCM:        {"encrypt", "decrypt"},
	key.ChaCha20Poly1305:  {"encrypt", "decrypt"},
	key.XChaCha20Poly1305: {"encrypt", "decrypt"},
	key.HMACSHA256:        {"computeMac", "verifyMac", "deriveKey"},
	key.HMACSHA384:        {"computeMac", "verifyMac", "deriveKey"},
	key.HMACSHA512:        {"computeMac", "verifyMac", "deriveKey"},
	key.X25519:            {"encrypt", "decrypt", "wrapKey", "unwrapKey", "seal", "open", "deriveSecret", "deriveKey"},
	key.ECDHP256:          {"encrypt", "decrypt", "wrapKey", "unwrapKey", "deriveSecret", "deriveKey"},
	key.ECDHP384:          {"encrypt", "decrypt", "wrapKey", "unwrapKey", "deriveSecret", "deriveKey"},
	key.ECDHP521:          {"encrypt", "decrypt", "wrapKey", "unwrapKey", "deriveSecret", "deriveKey"},
	key.MLKEM768:          {"encapsulate", "decapsulate"},
	key.MLKEM1024:         {"encapsulate", "decapsulate"},
}

// operations calls each with a key; it is left to the key to refuse.
var operations = map[string]func(k *key.Key) error{
	"sign":    func(k *key.Key) error { _, err := k.Sign([]byte("m"), key.SignOptions{}); return err },
	"verify":  func(k *key.Key) error { _, err := k.Verify([]byte("m"), []byte("s"), key.SignOptions{}); return err },
	"encrypt": func(k *key.Key) error { _, _, err := k.Encrypt([]byte("m"), key.EncryptOptions{}); return err },
	"decrypt": func(k *key.Key) error {
		_, err := k.Decrypt(make([]byte, 16), make([]byte, 12), key.EncryptOptions{})
		return err
	},
	"computeMac": func(k *key.Key) error { _, err := k.ComputeMAC([]byte("m")); return err },
	"verifyMac":  func(k *key.Key) error { _, err := k.VerifyMAC([]byte("m"), []byte("c")); return err },
	"wrapKey":    func(k *key.Key) error { _, err := k.Wrap(make([]byte, 32), key.WrapOptions{}); return err },
	"unwrapKey": func(k *key.Key) error {
		_, err := k.Unwrap(&key.WrappedKey{EncryptedKey: make([]byte, 40)}, key.WrapOptions{})
		return err
	},
	"seal":         func(k *key.Key) error { _, _, err := k.Seal([]byte("m"), nil); return err },
	"open":         func(k *key.Key) error { _, err := k.Open(make([]byte, 48), make([]byte, 24), nil); return err },
	"encapsulate":  func(k *key.Key) error { _, _, err := k.Encapsulate(); return err },
	"decapsulate":  func(k *key.Key) error { _, err := k.Decapsulate(make([]byte, 1088)); return err },
	"deriveSecret": func(k *key.Key) error { _, err := k.Agree(make([]byte, 32)); return err },
	"deriveKey":    func(k *key.Key) error { _, err := k.Derive(key.DeriveOptions{Length: 32}); return err },
}

// ours are the types that this file's tests know. generated has a key of each, made once: RSA takes long.
var (
	ours      = slices.DeleteFunc(key.Types(), func(t key.Type) bool { return does[t] == nil })
	generated = map[key.Type]*key.Key{}
	mu        sync.Mutex
)

// one returns a key of the type that nobody wipes.
func one(t testing.TB, typ key.Type) *key.Key {
	t.Helper()
	mu.Lock()
	defer mu.Unlock()
	if generated[typ] == nil {
		generated[typ] = generate(t, typ)
	}
	return generated[typ]
}

// publicOf returns the key's public part as a key; nil where there is none.
func publicOf(t testing.TB, k *key.Key) *key.Key {
	t.Helper()
	if k.Public() == nil {
		return nil
	}
	p, err := key.FromPublic(k.Type(), k.Public().Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func sentence(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

func generate(t testing.TB, typ key.Type) *key.Key {
	t.Helper()
	k, err := key.Generate(typ)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// Every type with every operation, whole and public: it does it, or says what it can do. Nothing panics, and nothing that cannot is done.
func TestEveryTypeWithEveryOperation(t *testing.T) {
	if len(operations) != len(key.Operations()) {
		t.Fatalf("there are %d operations, this test knows %d", len(key.Operations()), len(operations))
	}
	isPublic := []string{"verify", "encrypt", "wrapKey", "seal", "encapsulate"}
	for _, typ := range ours {
		whole := one(t, typ)
		public := publicOf(t, whole)
		if len(typ.Operations()) != len(does[typ]) {
			t.Errorf("%s does %v, want %v", typ, typ.Operations(), does[typ])
		}
		for _, k := range []*key.Key{whole, public} {
			if k == nil {
				continue
			}
			can := slices.Clone(does[typ])
			if k.IsPublicOnly() {
				can = slices.DeleteFunc(can, func(name string) bool { return !slices.Contains(isPublic, name) })
			}
			for name, do := range operations {
				err := do(k)
				bad, isInput := errors.AsType[*key.InputError](err)
				switch able := slices.Contains(can, name); {
				case able && (err == nil || isInput && bad.Field != "key"):
				case !able && isInput && bad.Field == "key" && strings.Contains(bad.Reason, string(typ)) &&
					strings.Contains(bad.Reason, "can "+sentence(can)+", not "+name):
				default:
					t.Errorf("%s, public %t, %s: got %v", typ, k.IsPublicOnly(), name, err)
				}
			}
		}
	}
}

// sizes are those of the private forms; RSA's differs.
var sizes = map[key.Type]int{
	key.ECDSAP384: 48, key.ECDSAP521: 66, key.AES128GCM: 16, key.HMACSHA384: 48, key.HMACSHA512: 64,
	key.ECDHP384: 48, key.ECDHP521: 66, key.MLKEM768: 64, key.MLKEM1024: 64,
}

// What Private gives, Parse takes, and it is the same key; Parse keeps nothing of what it was given.
func TestPrivateAndParse(t *testing.T) {
	for _, typ := range ours {
		k := one(t, typ)
		private := k.Private()
		want := sizes[typ]
		if want == 0 {
			want = 32
		}
		if isRSA(typ) {
			if len(private) < 1000 || len(private) > 4096 {
				t.Errorf("%s: Private has %d bytes", typ, len(private))
			}
		} else if len(private) != want {
			t.Errorf("%s: Private has %d bytes, want %d", typ, len(private), want)
		}
		given := bytes.Clone(private)
		again := parse(t, typ, given)
		clear(given) // as the caller does
		if again.Type() != typ || !bytes.Equal(again.Private(), private) || again.IsPublicOnly() {
			t.Errorf("%s: parsed, it is another key", typ)
		}
		second := k.Private()
		clear(private)
		if bytes.Equal(second, private) || bytes.Equal(k.Private(), private) {
			t.Errorf("%s: Private gave the key's own memory", typ)
		}
		if p, q := k.Public(), again.Public(); (p == nil) != (q == nil) || p != nil && !bytes.Equal(p.Bytes(), q.Bytes()) {
			t.Errorf("%s: parsed, it has another public key", typ)
		}
		agree(t, typ, k, again)
		if isRSA(typ) {
			continue
		}
		if other := generate(t, typ); bytes.Equal(other.Private(), k.Private()) {
			t.Errorf("%s: generated twice, it is one key", typ)
		}
	}
}

func isRSA(typ key.Type) bool { return strings.HasPrefix(string(typ), "RSA") }

func can(k *key.Key, o key.Operation) bool { return slices.Contains(k.Operations(), o) }

// agree checks that what one key makes, the other one takes, in each way there is. Both are whole, or a is public.
func agree(t testing.TB, typ key.Type, a, b *key.Key) {
	t.Helper()
	message := []byte("a message")
	if can(a, key.OpEncrypt) {
		ciphertext, nonce, err := a.Encrypt(message, key.EncryptOptions{AAD: []byte("aad")})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := b.Decrypt(ciphertext, nonce, key.EncryptOptions{AAD: []byte("aad")}); err != nil || !bytes.Equal(got, message) {
			t.Errorf("%s: decrypted %q (%v)", typ, got, err)
		}
	}
	if can(a, key.OpComputeMAC) {
		code, err := a.ComputeMAC(message)
		if err != nil {
			t.Fatal(err)
		}
		if valid, err := b.VerifyMAC(message, code); err != nil || !valid {
			t.Errorf("%s: the code is not valid (%v)", typ, err)
		}
	}
	if can(a, key.OpSign) {
		signature, err := a.Sign(message, key.SignOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if valid, err := b.Verify(message, signature, key.SignOptions{}); err != nil || !valid {
			t.Errorf("%s: the signature is not valid (%v)", typ, err)
		}
	}
	if can(a, key.OpWrapKey) {
		plain := bytes.Repeat([]byte{7}, 32)
		wrapped, err := a.Wrap(plain, key.WrapOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := b.Unwrap(wrapped, key.WrapOptions{}); err != nil || !bytes.Equal(got, plain) {
			t.Errorf("%s: unwrapped %x (%v)", typ, got, err)
		}
	}
	if can(a, key.OpSeal) {
		sealed, nonce, err := a.Seal(message, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := b.Open(sealed, nonce, nil); err != nil || !bytes.Equal(got, message) {
			t.Errorf("%s: opened %q (%v)", typ, got, err)
		}
	}
	if can(a, key.OpEncapsulate) {
		secret, ciphertext, err := a.Encapsulate()
		if err != nil {
			t.Fatal(err)
		}
		if got, err := b.Decapsulate(ciphertext); err != nil || !bytes.Equal(got, secret) {
			t.Errorf("%s: decapsulated %x (%v), want %x", typ, got, err, secret)
		}
	}
	if can(a, key.OpDeriveSecret) {
		peer := generate(t, typ).Public().Bytes()
		secret, err := a.Agree(peer)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := b.Agree(peer); err != nil || !bytes.Equal(got, secret) {
			t.Errorf("%s: agreed on %x (%v), want %x", typ, got, err, secret)
		}
	}
	if can(a, key.OpDeriveKey) && !can(a, key.OpDeriveSecret) {
		o := key.DeriveOptions{Salt: []byte("salt"), Info: []byte("info"), Length: 77}
		x, err := a.Derive(o)
		if err != nil {
			t.Fatal(err)
		}
		if y, err := b.Derive(o); err != nil || !bytes.Equal(x, y) {
			t.Errorf("%s: derived %x (%v), want %x", typ, y, err, x)
		}
	}
}

// What is not a key is refused, and the error holds nothing of it.
func TestParseRefuses(t *testing.T) {
	order := elliptic.P256().Params().N.Bytes()
	secret := bytes.Repeat([]byte{0xc5}, 65)
	for _, typ := range ours {
		for _, n := range []int{0, 1, 15, 17, 31, 33, 47, 65} {
			if n > 15 && strings.HasPrefix(string(typ), "HMAC") {
				continue // as imported
			}
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
		{key.ECDSAP256, message, key.SignOptions{Encoding: "P1363"}, "encoding"},
		{key.ECDSAP256, message, key.SignOptions{Message: "HASH"}, "messageType"},
		{key.ECDSAP256, message, key.SignOptions{Context: []byte{}}, "context"},
		{key.ECDSAP384, digest[:], key.SignOptions{Message: key.Digest}, "message"},
		{key.ECDSASecp256k1, digest[:], key.SignOptions{Message: key.Digest, Encoding: key.DER, Algorithm: key.ECDSA}, ""},
		{key.ECDSASecp256k1, message, key.SignOptions{Message: key.Digest}, "message"},
		{key.Ed25519, message, key.SignOptions{Context: []byte("c")}, "context"},
		{key.RSA2048, message, key.SignOptions{}, ""},
		{key.RSA2048, digest[:], key.SignOptions{Message: key.Digest}, ""},
		{key.RSA2048, digest[:], key.SignOptions{Message: key.Digest, Algorithm: key.RSAPKCS1SHA256}, ""},
		{key.RSA2048, digest[:], key.SignOptions{Message: key.Digest, Algorithm: key.RSAPSSSHA384}, "message"},
		{key.RSA2048, digest[:], key.SignOptions{Message: key.Digest, Algorithm: key.RSAPKCS1SHA512}, "message"},
		{key.RSA2048, message, key.SignOptions{Encoding: key.DER}, "encoding"},
		{key.RSA2048, message, key.SignOptions{Algorithm: key.RSAOAEPSHA256}, "algorithm"},
		{key.RSA2048, message, key.SignOptions{Context: []byte("c")}, "context"},
		{key.MLDSA44, message, key.SignOptions{}, ""},
		{key.MLDSA44, message, key.SignOptions{Context: make([]byte, 255), Algorithm: key.MLDSA}, ""},
		{key.MLDSA44, message, key.SignOptions{Context: make([]byte, 256)}, "context"},
		{key.MLDSA44, message, key.SignOptions{Algorithm: key.EdDSA}, "algorithm"},
		{key.MLDSA44, message, key.SignOptions{Message: key.Digest}, "messageType"},
		{key.MLDSA44, message, key.SignOptions{Encoding: key.DER}, "encoding"},
	} {
		k := one(t, c.typ)
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
	}{
		{key.Ed25519, key.SignOptions{}}, {key.ECDSAP256, key.SignOptions{}}, {key.ECDSAP256, key.SignOptions{Encoding: key.DER}},
		{key.ECDSAP384, key.SignOptions{}}, {key.ECDSAP384, key.SignOptions{Encoding: key.DER}},
		{key.ECDSAP521, key.SignOptions{}}, {key.ECDSAP521, key.SignOptions{Encoding: key.DER}},
		{key.ECDSASecp256k1, key.SignOptions{}}, {key.ECDSASecp256k1, key.SignOptions{Encoding: key.DER}},
		{key.RSA2048, key.SignOptions{}}, {key.RSA2048, key.SignOptions{Algorithm: key.RSAPSSSHA384}}, {key.RSA2048, key.SignOptions{Algorithm: key.RSAPSSSHA512}},
		{key.RSA2048, key.SignOptions{Algorithm: key.RSAPKCS1SHA256}}, {key.RSA3072, key.SignOptions{Algorithm: key.RSAPKCS1SHA384}},
		{key.RSA4096, key.SignOptions{Algorithm: key.RSAPKCS1SHA512}},
		{key.MLDSA44, key.SignOptions{}}, {key.MLDSA65, key.SignOptions{Context: []byte("context")}}, {key.MLDSA87, key.SignOptions{}},
	} {
		k := one(t, c.typ)
		signature, err := k.Sign(message, c.o)
		if err != nil {
			t.Fatal(err)
		}
		bad := map[string][]byte{
			"nothing": nil, "empty": {}, "zeros": make([]byte, len(signature)), "ones": bytes.Repeat([]byte{0xff}, len(signature)),
			"a byte less": signature[:len(signature)-1], "a byte more": append(bytes.Clone(signature), 0), "twice": append(bytes.Clone(signature), signature...),
			"1 MiB": make([]byte, 1<<20),
		}
		for i := 0; i < len(signature); i += 1 + len(signature)/200 {
			changed := bytes.Clone(signature)
			changed[i] ^= 1
			bad[fmt.Sprintf("bit of byte %d", i)] = changed
		}
		if !isRSA(c.typ) {
			other, err := generate(t, c.typ).Sign(message, c.o)
			if err != nil {
				t.Fatal(err)
			}
			bad["another key's"] = other
		}
		if c.typ == key.ECDSAP256 && c.o.Encoding == "" {
			r := new(big.Int).SetBytes(signature[:32])
			if sum := r.Add(r, order); sum.BitLen() <= 256 {
				bad["r plus the order"] = append(sum.FillBytes(make([]byte, 32)), signature[32:]...)
			}
			bad["r is zero"] = append(make([]byte, 32), signature[32:]...)
			bad["s is zero"] = append(bytes.Clone(signature[:32]), make([]byte, 32)...)
			bad["s is the order"] = append(bytes.Clone(signature[:32]), order.Bytes()...)
		}
		if c.o.Encoding == key.DER && c.typ != key.ECDSAP521 {
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
	for typ, size := range nonces {
		testDecryptRefuses(t, typ, size)
	}
}

var nonces = map[key.Type]int{key.AES128GCM: 12, key.AES256GCM: 12, key.XAES256GCM: 24, key.ChaCha20Poly1305: 12, key.XChaCha20Poly1305: 24}

func testDecryptRefuses(t *testing.T, typ key.Type, size int) {
	k := generate(t, typ)
	plaintext, aad := []byte("a plaintext"), []byte("additional")
	ciphertext, nonce, err := k.Encrypt(plaintext, key.EncryptOptions{AAD: aad})
	if err != nil {
		t.Fatal(err)
	}
	if len(nonce) != size || len(ciphertext) != len(plaintext)+16 {
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
		"a nonce of a byte less":    {ciphertext, nonce[:size-1], aad, "nonce"},
		"a nonce of 4 bytes more":   {ciphertext, append(bytes.Clone(nonce), 0, 0, 0, 0), aad, "nonce"},
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
		got, err := k.Decrypt(c.ciphertext, c.nonce, key.EncryptOptions{AAD: c.aad})
		if e, ok := errors.AsType[*key.InputError](err); !ok || e.Field != c.field || got != nil {
			t.Errorf("%s, %s: got %q, %v; want an error that names the %s", typ, what, got, err, c.field)
		}
	}
	if _, err := generate(t, typ).Decrypt(ciphertext, nonce, key.EncryptOptions{AAD: aad}); err == nil {
		t.Errorf("%s: opened with another key", typ)
	}
	for _, n := range []int{0, 1, 16, 1 << 20} {
		plaintext := make([]byte, n)
		ciphertext, nonce, err := k.Encrypt(plaintext, key.EncryptOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := k.Decrypt(ciphertext, nonce, key.EncryptOptions{AAD: []byte{}}); err != nil || !bytes.Equal(got, plaintext) {
			t.Errorf("%d bytes: got %d (%v)", n, len(got), err)
		}
	}
}

// Nothing is a message too, and opens to an empty one: nil would be null in the API.
func TestEmptyMessages(t *testing.T) {
	for _, typ := range key.Types() {
		if !slices.Contains(typ.Operations(), key.OpEncrypt) {
			continue
		}
		k := generate(t, typ)
		ciphertext, nonce, err := k.Encrypt(nil, key.EncryptOptions{})
		if err != nil || ciphertext == nil || nonce == nil {
			t.Fatalf("%s: encrypted nothing as %x, nonce %#v (%v)", typ, ciphertext, nonce, err)
		}
		if got, err := k.Decrypt(ciphertext, nonce, key.EncryptOptions{}); err != nil || got == nil || len(got) > 0 {
			t.Errorf("%s: decrypted to %#v (%v), want an empty slice", typ, got, err)
		}
	}
	k := generate(t, key.X25519)
	for _, peer := range [][]byte{nil, k.Public().Bytes()} {
		ciphertext, nonce, err := k.Seal(nil, peer)
		if err != nil || ciphertext == nil || nonce == nil {
			t.Fatalf("sealed nothing as %x, nonce %#v (%v)", ciphertext, nonce, err)
		}
		if got, err := k.Open(ciphertext, nonce, peer); err != nil || got == nil || len(got) > 0 {
			t.Errorf("opened to %#v (%v), want an empty slice", got, err)
		}
	}
}

// Nonces are drawn anew, by several callers at once too.
func TestNoncesDiffer(t *testing.T) {
	for typ := range nonces {
		testNoncesDiffer(t, generate(t, typ))
	}
}

func testNoncesDiffer(t *testing.T, k *key.Key) {
	var mu sync.Mutex
	seen := map[string]bool{}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 2000 {
				_, nonce, err := k.Encrypt(nil, key.EncryptOptions{})
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
	for _, typ := range []key.Type{key.HMACSHA256, key.HMACSHA384, key.HMACSHA512} {
		testMalformedCodes(t, generate(t, typ))
	}
}

func testMalformedCodes(t *testing.T, k *key.Key) {
	data := []byte("data")
	code, err := k.ComputeMAC(data)
	if err != nil {
		t.Fatal(err)
	}
	bad := map[string][]byte{"nothing": nil, "half": code[:16], "a byte less": code[:len(code)-1], "a byte more": append(bytes.Clone(code), 0), "zeros": make([]byte, len(code))}
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
	for _, typ := range ours {
		k := one(t, typ)
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
	for _, typ := range ours {
		private := one(t, typ).Private()
		k := parse(t, typ, private)
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
	for _, typ := range ours {
		k := one(t, typ)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for range 3 {
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
