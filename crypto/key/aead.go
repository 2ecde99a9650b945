package key

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/json"
	"fmt"

	"golang.org/x/crypto/chacha20poly1305"
)

func errorf(format string, args ...any) error { return fmt.Errorf(format, args...) }

func randomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails: crypto/rand ends the program instead
	return b
}

func checkSize(b []byte, want int) error {
	if len(b) != want {
		return errorf("%d bytes instead of %d", len(b), want)
	}
	return nil
}

// aeadCipher is a type's cipher.
type aeadCipher struct {
	name string // for people
	size int    // of the key, in bytes
	new  func(key []byte) (cipher.AEAD, error)
	wrap bool     // AES: does AES-KW and AES-KWP too
	algs []string // in a JWK
}

var (
	aes128GCMKind = aeadCipher{"AES-GCM", 16, newGCM, true, []string{"A128GCM", "A128KW", "A128GCMKW"}}.kind()
	aes256GCMKind = aeadCipher{"AES-GCM", 32, newGCM, true, []string{"A256GCM", "A256KW", "A256GCMKW"}}.kind()
	xaesKind      = aeadCipher{"XAES-256-GCM", 32, newXAES, false, nil}.kind()
	chachaKind    = aeadCipher{"ChaCha20-Poly1305", 32, chacha20poly1305.New, false, []string{"C20P"}}.kind()
	xchachaKind   = aeadCipher{"XChaCha20-Poly1305", 32, chacha20poly1305.NewX, false, []string{"XC20P"}}.kind()
)

func (c aeadCipher) kind() kind {
	r := reader{
		parse: c.parse, raw: rawBytes, others: "jwk or raw",
		jwk: func(j json.RawMessage) (_, private []byte, err error) {
			private, err = decodeOct(j, c.algs...)
			return nil, private, err
		},
	}
	k := kind{generate: c.generate, parse: c.parse, take: r.take, does: []Operation{OpEncrypt, OpDecrypt}, algorithms: []Algorithm{AEAD}}
	if c.wrap {
		k.does, k.algorithms = append(k.does, OpWrapKey, OpUnwrapKey), append(k.algorithms, AESKW, AESKWP)
	}
	return k
}

func newGCM(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// aeadKey seals. It draws each nonce itself, so that no caller can repeat one.
type aeadKey struct {
	aeadCipher
	key  []byte
	aead cipher.AEAD
	// random is AES-GCM that draws the nonce inside the module, as FIPS 140 wants it; nil for the other ciphers.
	random cipher.AEAD // nonce || ciphertext || tag
}

// aesKey wraps keys too.
type aesKey struct{ aeadKey }

func (c aeadCipher) generate() (material, error) {
	b := randomBytes(c.size)
	defer clear(b)
	return c.parse(b)
}

func (c aeadCipher) parse(b []byte) (material, error) {
	if err := checkSize(b, c.size); err != nil {
		return nil, err
	}
	aead, err := c.new(b)
	if err != nil {
		return nil, err
	}
	k := aeadKey{c, bytes.Clone(b), aead, nil}
	if !c.wrap {
		return &k, nil
	}
	block, err := aes.NewCipher(b)
	if err != nil {
		return nil, err
	}
	if k.random, err = cipher.NewGCMWithRandomNonce(block); err != nil {
		return nil, err
	}
	return &aesKey{k}, nil
}

func (k *aeadKey) private() []byte               { return bytes.Clone(k.key) }
func (k *aeadKey) wipe()                         { clear(k.key) }
func (k *aeadKey) public() *PublicKey            { return nil }
func (k *aeadKey) jwk() (json.RawMessage, error) { return octJWK(k.key), nil }

func (k *aeadKey) encrypt(plaintext []byte, o EncryptOptions) (ciphertext, nonce []byte, err error) {
	if err := o.fits(AEAD); err != nil {
		return nil, nil, err
	}
	size := k.aead.NonceSize()
	if k.random != nil {
		out := k.random.Seal(nil, nil, plaintext, o.AAD)
		return out[size:], out[:size:size], nil
	}
	out := make([]byte, size, size+len(plaintext)+k.aead.Overhead())
	_, _ = rand.Read(out)
	out = k.aead.Seal(out, out, plaintext, o.AAD)
	return out[size:], out[:size:size], nil
}

func (k *aeadKey) decrypt(ciphertext, nonce []byte, o EncryptOptions) ([]byte, error) {
	if err := o.fits(AEAD); err != nil {
		return nil, err
	}
	if len(nonce) != k.aead.NonceSize() {
		return nil, inputErrorf("nonce", "has %d bytes; %s takes %d", len(nonce), k.name, k.aead.NonceSize())
	}
	if len(ciphertext) < k.aead.Overhead() {
		return nil, inputErrorf("ciphertext", "has %d bytes; the tag alone takes %d", len(ciphertext), k.aead.Overhead())
	}
	plaintext, err := k.aead.Open(nil, nonce, ciphertext, o.AAD)
	if err != nil {
		return nil, Mismatchf("ciphertext", "does not open with this key, nonce and aad")
	}
	return plaintext, nil
}

// fits refuses the options that a key of one algorithm, without HPKE, does not have.
func (o EncryptOptions) fits(algorithm Algorithm) error {
	switch {
	case o.Algorithm != "" && o.Algorithm != algorithm:
		return inputErrorf("algorithm", "the key encrypts with %s, not %s", algorithm, o.Algorithm)
	case o.Info != nil:
		return inputErrorf("info", "is for HPKE")
	}
	return nil
}
