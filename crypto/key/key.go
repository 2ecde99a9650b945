// Package key makes keys and does what they are for. It is pure: no I/O, no storage, no idea of who asks.
//
// Primitives are the standard library's. A Key holds its private or secret part in memory until it is dropped; it prints as
// its type only. Until they are wiped, keys are immutable and safe for concurrent use.
package key

import (
	"fmt"
	"io"
	"strings"
)

// Key is an opened key: one type, one version.
type Key struct {
	typ Type
	material
}

// material is what a type of key is made of; the interfaces below say what it can do.
type material interface {
	private() []byte // what parse takes: fixed length for each type
	wipe()
	public() *PublicKey
}

type signer interface {
	material
	sign(message []byte, o SignOptions) ([]byte, error)
	verify(message, signature []byte, o SignOptions) (bool, error)
}

type aead interface {
	material
	encrypt(plaintext, aad []byte) (ciphertext, nonce []byte, err error)
	decrypt(ciphertext, nonce, aad []byte) ([]byte, error)
}

type mac interface {
	material
	mac(data []byte) []byte
}

// kind is how a type's material comes to be, and what it can do, for the error that says so.
type kind struct {
	generate func() (material, error)
	parse    func([]byte) (material, error)
	does     []string
}

var kinds = map[Type]kind{
	Ed25519:    {generateEd25519, parseEd25519, []string{"sign", "verify"}},
	ECDSAP256:  {generateP256, parseP256, []string{"sign", "verify"}},
	AES256GCM:  {generateAES256, parseAES256, []string{"encrypt", "decrypt"}},
	HMACSHA256: {generateHMAC, parseHMAC, []string{"computeMac", "verifyMac"}},
}

// InputError says which input a key cannot work with, and why. It holds no secret.
type InputError struct{ Field, Reason string }

func (e *InputError) Error() string { return e.Field + ": " + e.Reason }

// Generate makes a key.
func Generate(t Type) (*Key, error) {
	k, ok := kinds[t]
	if !ok {
		return nil, &InputError{"type", fmt.Sprintf("%q is not a type of key", t)}
	}
	m, err := k.generate()
	if err != nil {
		return nil, fmt.Errorf("generate %s: %w", t, err)
	}
	return &Key{t, m}, nil
}

// Parse returns the key whose Private gave b. It copies b.
func Parse(t Type, b []byte) (*Key, error) {
	k, ok := kinds[t]
	if !ok {
		return nil, &InputError{"type", fmt.Sprintf("%q is not a type of key", t)}
	}
	m, err := k.parse(b)
	if err != nil {
		return nil, fmt.Errorf("parse %s: %w", t, err)
	}
	return &Key{t, m}, nil
}

// Wipe overwrites the key; nobody may use it any more. Copies and schedules inside the standard library are out of its reach.
func (k *Key) Wipe() { k.wipe() }

// Type returns the key's type.
func (k *Key) Type() Type { return k.typ }

// Private returns the private or secret part, for sealing: the 32-byte seed (RFC 8032), scalar (SEC 1) or key. The caller wipes it.
func (k *Key) Private() []byte { return k.private() }

// Public returns the public part, nil for symmetric keys.
func (k *Key) Public() *PublicKey { return k.public() }

// Format prints the type, whatever the verb.
func (k Key) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, string(k.typ)+" key [redacted]") }

// SignOptions say how to sign. Zero values are the schema's defaults.
type SignOptions struct {
	Message   MessageType
	Algorithm SignatureAlgorithm
	Encoding  SignatureEncoding
}

// Sign signs a message. *InputError when the key or the options do not fit.
func (k *Key) Sign(message []byte, o SignOptions) ([]byte, error) {
	s, ok := k.material.(signer)
	if !ok {
		return nil, k.cannot("sign")
	}
	return s.sign(message, o)
}

// Verify tells whether the signature is the key's. A malformed signature is false, not an error.
func (k *Key) Verify(message, signature []byte, o SignOptions) (bool, error) {
	s, ok := k.material.(signer)
	if !ok {
		return false, k.cannot("verify")
	}
	return s.verify(message, signature, o)
}

// Encrypt seals plaintext under a fresh random nonce; the ciphertext ends with the tag.
func (k *Key) Encrypt(plaintext, aad []byte) (ciphertext, nonce []byte, err error) {
	a, ok := k.material.(aead)
	if !ok {
		return nil, nil, k.cannot("encrypt")
	}
	return a.encrypt(plaintext, aad)
}

// Decrypt opens what Encrypt made. *InputError when it does not open.
func (k *Key) Decrypt(ciphertext, nonce, aad []byte) ([]byte, error) {
	a, ok := k.material.(aead)
	if !ok {
		return nil, k.cannot("decrypt")
	}
	return a.decrypt(ciphertext, nonce, aad)
}

// ComputeMAC returns the authentication code of data.
func (k *Key) ComputeMAC(data []byte) ([]byte, error) {
	m, ok := k.material.(mac)
	if !ok {
		return nil, k.cannot("computeMac")
	}
	return m.mac(data), nil
}

// VerifyMAC tells, in constant time, whether code is data's authentication code. Truncated codes are not.
func (k *Key) VerifyMAC(data, code []byte) (bool, error) {
	m, ok := k.material.(mac)
	if !ok {
		return false, k.cannot("verifyMac")
	}
	return macEqual(m.mac(data), code), nil
}

func (k *Key) cannot(operation string) error {
	return &InputError{"key", fmt.Sprintf("is of type %s, which can %s, not %s", k.typ, strings.Join(kinds[k.typ].does, " and "), operation)}
}
