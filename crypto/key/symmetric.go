package key

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
)

const (
	symmetricKeySize = 32
	gcmNonceSize     = 12
	gcmTagSize       = 16
)

func randomKey() []byte {
	b := make([]byte, symmetricKeySize)
	_, _ = rand.Read(b) // never fails: crypto/rand ends the program instead
	return b
}

func checkSize(b []byte, want int) error {
	if len(b) != want {
		return fmt.Errorf("%d bytes instead of %d", len(b), want)
	}
	return nil
}

var aes256GCMKind = kind{generate: generateAES256, parse: parseAES256, does: []Operation{OpEncrypt, OpDecrypt}, algorithms: []Algorithm{AEAD}}

func (k *aes256) jwk() (json.RawMessage, error) { return nil, errors.New("not yet") }

// aes256 seals with AES-256-GCM. random draws the nonce inside the module, so that no caller can repeat one.
type aes256 struct {
	key    []byte
	random cipher.AEAD // nonce || ciphertext || tag
	given  cipher.AEAD
}

func generateAES256() (material, error) { return parseAES256(randomKey()) }

func parseAES256(b []byte) (material, error) {
	if err := checkSize(b, symmetricKeySize); err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(b)
	if err != nil {
		return nil, err
	}
	random, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	given, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	return &aes256{append([]byte(nil), b...), random, given}, nil
}

func (k *aes256) private() []byte    { return append([]byte(nil), k.key...) }
func (k *aes256) wipe()              { clear(k.key) }
func (k *aes256) public() *PublicKey { return nil }

func (k *aes256) encrypt(plaintext []byte, o EncryptOptions) (ciphertext, nonce []byte, err error) {
	out := k.random.Seal(nil, nil, plaintext, o.AAD)
	return out[gcmNonceSize:], out[:gcmNonceSize:gcmNonceSize], nil
}

func (k *aes256) decrypt(ciphertext, nonce []byte, o EncryptOptions) ([]byte, error) {
	if len(nonce) != gcmNonceSize {
		return nil, &InputError{"nonce", fmt.Sprintf("has %d bytes; AES-GCM takes %d", len(nonce), gcmNonceSize)}
	}
	if len(ciphertext) < gcmTagSize {
		return nil, &InputError{"ciphertext", fmt.Sprintf("has %d bytes; the tag alone takes %d", len(ciphertext), gcmTagSize)}
	}
	plaintext, err := k.given.Open(nil, nonce, ciphertext, o.AAD)
	if err != nil {
		return nil, &InputError{"ciphertext", "does not open with this key, nonce and aad"}
	}
	return plaintext, nil
}

var hmacSHA256Kind = kind{generate: generateHMAC, parse: parseHMAC, does: []Operation{OpComputeMAC, OpVerifyMAC}}

func (k *hmacSHA256) jwk() (json.RawMessage, error) { return nil, errors.New("not yet") }

// hmacSHA256 computes HMAC with SHA-256 (RFC 2104).
type hmacSHA256 struct{ key []byte }

func generateHMAC() (material, error) { return parseHMAC(randomKey()) }

func parseHMAC(b []byte) (material, error) {
	if err := checkSize(b, symmetricKeySize); err != nil {
		return nil, err
	}
	return &hmacSHA256{append([]byte(nil), b...)}, nil
}

func (k *hmacSHA256) private() []byte    { return append([]byte(nil), k.key...) }
func (k *hmacSHA256) wipe()              { clear(k.key) }
func (k *hmacSHA256) public() *PublicKey { return nil }

func (k *hmacSHA256) mac(data []byte) []byte {
	h := hmac.New(sha256.New, k.key)
	h.Write(data)
	return h.Sum(nil)
}

func macEqual(a, b []byte) bool { return hmac.Equal(a, b) }
