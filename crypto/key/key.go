// Package key makes keys and does what they are for. It is pure: no I/O, no storage, no idea of who asks.
//
// Primitives are the standard library's where it has them. A Key holds its private or secret part in memory until it is dropped; it prints as
// its type only. Until they are wiped, keys are immutable and safe for concurrent use.
package key

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"twolock/crypto/secret"
)

// Key is an opened key: one type, one version. It may have its public part only, as one that was imported so has.
type Key struct {
	typ Type
	material
	publicOnly bool // as told once: private makes a copy
}

// material is what a type of key is made of; the interfaces below say what it can do. What needs the private part is not called without it.
type material interface {
	private() []byte // what parse takes, the caller's own; nil where there is only the public part
	wipe()
	public() *PublicKey            // nil for symmetric keys
	jwk() (json.RawMessage, error) // with the private part; the caller wipes it
}

type signer interface {
	sign(message []byte, o SignOptions) ([]byte, error)
	verify(message, signature []byte, o SignOptions) (bool, error)
}

type encrypter interface {
	encrypt(plaintext []byte, o EncryptOptions) (ciphertext, nonce []byte, err error)
	decrypt(ciphertext, nonce []byte, o EncryptOptions) ([]byte, error)
}

type mac interface {
	mac(data []byte) []byte
}

type wrapper interface {
	wrap(plain []byte, o WrapOptions) (*WrappedKey, error)
	unwrap(w *WrappedKey, o WrapOptions) ([]byte, error)
}

type boxer interface {
	seal(plaintext, recipient []byte) (ciphertext, nonce []byte, err error)
	open(ciphertext, nonce, sender []byte) ([]byte, error)
}

type encapsulator interface {
	encapsulate() (secret, ciphertext []byte, err error)
	decapsulate(ciphertext []byte) ([]byte, error)
}

type agreer interface {
	agree(peer []byte) ([]byte, error)
}

type deriver interface {
	derive(o DeriveOptions) ([]byte, error)
}

// kind is how a type's material comes to be, and what it can do.
type kind struct {
	generate func() (material, error)
	parse    func(private []byte) (material, error)
	// fromPublic makes material with the public part only, from its raw form, checked in full. nil for symmetric types.
	fromPublic func(raw []byte) (material, error)
	// take reads a key from outside in one of the forms: exactly one is given. Its errors are *InputError and hold no secret.
	take       func(m Material) (material, error)
	does       []Operation // with the private part, in the order of Operations
	algorithms []Algorithm
}

// InputError says which input a key cannot work with, and why. It holds no secret.
type InputError struct{ Field, Reason string }

// mismatch is an InputError of an input that is well-formed and not this key's; it may be another version's.
type mismatch struct{ *InputError }

func (e mismatch) Unwrap() error { return e.InputError }

func Mismatchf(field, format string, args ...any) error {
	return mismatch{inputErrorf(field, format, args...)}
}

// IsMismatch tells whether an *InputError says that an input is well-formed and not this key's.
func IsMismatch(err error) bool {
	_, ok := errors.AsType[mismatch](err)
	return ok
}

func (e *InputError) Error() string { return e.Field + ": " + e.Reason }

func inputErrorf(field, format string, args ...any) *InputError {
	return &InputError{field, fmt.Sprintf(format, args...)}
}

func kindOf(t Type) (kind, error) {
	k, ok := kinds[t]
	if !ok {
		return k, inputErrorf("type", "%q is not a type of key", t)
	}
	return k, nil
}

// Generate makes a key.
func Generate(t Type) (*Key, error) {
	k, err := kindOf(t)
	if err != nil {
		return nil, err
	}
	m, err := k.generate()
	if err != nil {
		return nil, fmt.Errorf("generate %s: %w", t, err)
	}
	return &Key{typ: t, material: m}, nil
}

// Parse returns the key whose Private gave b. It copies b.
func Parse(t Type, b []byte) (*Key, error) {
	k, err := kindOf(t)
	if err != nil {
		return nil, err
	}
	m, err := k.parse(b)
	if err != nil {
		return nil, fmt.Errorf("parse %s: %w", t, err)
	}
	return &Key{typ: t, material: m}, nil
}

// FromPublic returns a key with its public part only, from the raw form (PublicKey.Bytes).
func FromPublic(t Type, raw []byte) (*Key, error) {
	k, err := kindOf(t)
	if err != nil {
		return nil, err
	}
	if k.fromPublic == nil {
		return nil, fmt.Errorf("%s has no public key", t)
	}
	m, err := k.fromPublic(raw)
	if err != nil {
		return nil, fmt.Errorf("parse public %s: %w", t, err)
	}
	return &Key{t, m, true}, nil
}

// Material is a key from outside, in exactly one form.
type Material struct {
	// JWK is RFC 7517, with or without the private part.
	JWK json.RawMessage
	// PKCS8 is RFC 5958, DER; SPKI a SubjectPublicKeyInfo (RFC 5280), DER; Raw the secret bytes, or the seed.
	PKCS8, SPKI, Raw secret.Bytes
}

// Import takes a key from outside. *InputError, which names the form, when it is not a sound key of the type: a point off the curve or of low order,
// a weak RSA key, a public part that is not the private one's, a wrong length.
func Import(t Type, m Material) (*Key, error) {
	k, err := kindOf(t)
	if err != nil {
		return nil, err
	}
	given := 0
	for _, is := range []bool{m.JWK != nil, m.PKCS8 != nil, m.SPKI != nil, m.Raw != nil} {
		if is {
			given++
		}
	}
	if given != 1 {
		return nil, inputErrorf("input", "exactly one of jwk, pkcs8, spki and raw must be given, not %d", given)
	}
	taken, err := k.take(m)
	if err != nil {
		return nil, err
	}
	private := taken.private()
	defer clear(private)
	return &Key{t, taken, private == nil}, nil
}

// Wipe overwrites the key; nobody may use it any more. Copies and schedules inside the standard library are out of its reach.
func (k *Key) Wipe() { k.wipe() }

// Type returns the key's type.
func (k *Key) Type() Type { return k.typ }

// Private returns the private or secret part, for sealing; what it is depends on the type. nil for a key with its public part only. The caller wipes it.
func (k *Key) Private() []byte { return k.private() }

// Public returns the public part, nil for symmetric keys.
func (k *Key) Public() *PublicKey { return k.public() }

// JWK returns the key with its private part as a JSON Web Key, for export. The caller wipes it.
func (k *Key) JWK() (json.RawMessage, error) { return k.jwk() }

// IsPublicOnly tells whether the key lacks its private part.
func (k *Key) IsPublicOnly() bool { return k.publicOnly }

// Format prints the type, whatever the verb.
func (k Key) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, string(k.typ)+" key [redacted]") }

// Operations lists what this key can do.
func (k *Key) Operations() []Operation { return k.typ.able(k.IsPublicOnly()) }

// check refuses what the key cannot do, and says what it can.
func (k *Key) check(o Operation) error {
	if slices.Contains(kinds[k.typ].does, o) && (!k.publicOnly || o.IsPublic()) {
		return nil
	}
	return k.typ.Can(o, k.IsPublicOnly())
}

// able lists what a key of the type can do, or one with its public part only.
func (t Type) able(publicOnly bool) []Operation {
	all := t.Operations()
	if publicOnly {
		all = slices.DeleteFunc(all, func(o Operation) bool { return !o.IsPublic() })
	}
	return all
}

// Can tells why a key of the type, or one with its public part only, cannot do the operation, as an *InputError that says what it can; nil if it can.
func (t Type) Can(o Operation, publicOnly bool) error {
	can := t.able(publicOnly)
	if slices.Contains(can, o) {
		return nil
	}
	names := make([]string, len(can))
	for i, c := range can {
		names[i] = c.field()
	}
	what := "key of type " + string(t)
	if publicOnly && slices.Contains(t.Operations(), o) {
		what = "public " + what
	}
	return inputErrorf("key", "is a %s, which can %s, not %s", what, list(names), o.field())
}

// SignOptions say how to sign. Zero values are the schema's defaults.
type SignOptions struct {
	Message   MessageType
	Algorithm SignatureAlgorithm
	Encoding  SignatureEncoding
	Context   []byte // ML-DSA only: FIPS 204 section 5.2, at most 255 bytes
}

// Sign signs a message. *InputError when the key or the options do not fit.
func (k *Key) Sign(message []byte, o SignOptions) ([]byte, error) {
	if err := k.check(OpSign); err != nil {
		return nil, err
	}
	return k.material.(signer).sign(message, o)
}

// Verify tells whether the signature is the key's. A malformed signature is false, not an error.
func (k *Key) Verify(message, signature []byte, o SignOptions) (bool, error) {
	if err := k.check(OpVerify); err != nil {
		return false, err
	}
	return k.material.(signer).verify(message, signature, o)
}

// EncryptOptions go with a message. Zero values are the schema's defaults.
type EncryptOptions struct {
	Algorithm Algorithm // one of EncryptionAlgorithms
	AAD       []byte    // additional data; the label of RSA-OAEP
	Info      []byte    // HPKE only
}

// Encrypt encrypts plaintext. AEAD: under a fresh random nonce, and the ciphertext ends with the tag. RSA and HPKE: the nonce is empty, not nil, and HPKE's
// ciphertext begins with the encapsulated key.
func (k *Key) Encrypt(plaintext []byte, o EncryptOptions) (ciphertext, nonce []byte, err error) {
	if err := k.check(OpEncrypt); err != nil {
		return nil, nil, err
	}
	return k.material.(encrypter).encrypt(plaintext, o)
}

// Decrypt opens what Encrypt made. *InputError when it does not open.
func (k *Key) Decrypt(ciphertext, nonce []byte, o EncryptOptions) ([]byte, error) {
	if err := k.check(OpDecrypt); err != nil {
		return nil, err
	}
	return opened(k.material.(encrypter).decrypt(ciphertext, nonce, o))
}

// opened is what opened, of which nothing is empty and not nil: nil is what did not open, and null in the API.
func opened(plaintext []byte, err error) ([]byte, error) {
	if err == nil && plaintext == nil {
		plaintext = []byte{}
	}
	return plaintext, err
}

// ComputeMAC returns the authentication code of data.
func (k *Key) ComputeMAC(data []byte) ([]byte, error) {
	if err := k.check(OpComputeMAC); err != nil {
		return nil, err
	}
	return k.material.(mac).mac(data), nil
}

// VerifyMAC tells, in constant time, whether code is data's authentication code. Truncated codes are not.
func (k *Key) VerifyMAC(data, code []byte) (bool, error) {
	if err := k.check(OpVerifyMAC); err != nil {
		return false, err
	}
	return macEqual(k.material.(mac).mac(data), code), nil
}

// WrapOptions say how a key is wrapped or unwrapped. Zero values are the type's defaults.
type WrapOptions struct {
	Algorithm Algorithm // one of WrapAlgorithms
	// Recipient is whom an ECDH key wraps for: the raw public key of another of its type; nil: the key itself. ECDH-1PU needs it.
	Recipient []byte
	// Sender is who wrapped with ECDH-1PU, for unwrapping: the raw public key.
	Sender []byte
	// APU, APV and Tag are RFC 7518 section 4.6 and draft-madden-jose-ecdh-1pu-04 section 2.3, decoded; Tag with ECDH-1PU only.
	APU, APV, Tag []byte
}

// WrappedKey is a wrapped key.
type WrappedKey struct {
	Algorithm    Algorithm
	EncryptedKey []byte
	EPK          json.RawMessage // the ephemeral public key as a JWK; nil without ECDH
}

// Wrap wraps a key (16 to 4096 bytes) that is not one of ours, for carrying it: see WrapOptions.
func (k *Key) Wrap(plain []byte, o WrapOptions) (*WrappedKey, error) {
	if err := k.check(OpWrapKey); err != nil {
		return nil, err
	}
	return k.material.(wrapper).wrap(plain, o)
}

// Unwrap opens what Wrap made. *InputError when it does not open.
func (k *Key) Unwrap(w *WrappedKey, o WrapOptions) ([]byte, error) {
	if err := k.check(OpUnwrapKey); err != nil {
		return nil, err
	}
	return opened(k.material.(wrapper).unwrap(w, o))
}

// Seal seals for a recipient's X25519 public key, as NaCl's crypto_box does, with this key as the sender. recipient nil: as libsodium's
// crypto_box_seal does, anonymously, for this key; the nonce is empty then, not nil.
func (k *Key) Seal(plaintext, recipient []byte) (ciphertext, nonce []byte, err error) {
	if err := k.check(OpSeal); err != nil {
		return nil, nil, err
	}
	if recipient != nil && k.IsPublicOnly() {
		return nil, nil, inputErrorf("recipientPublicKey", "the key has no private part to be the sender with")
	}
	return k.material.(boxer).seal(plaintext, recipient)
}

// Open opens what Seal made: by the sender's public key, or anonymously where it is nil.
func (k *Key) Open(ciphertext, nonce, sender []byte) ([]byte, error) {
	if err := k.check(OpOpen); err != nil {
		return nil, err
	}
	return opened(k.material.(boxer).open(ciphertext, nonce, sender))
}

// Encapsulate draws a shared secret for the key (FIPS 203): the secret, and the ciphertext that Decapsulate takes.
func (k *Key) Encapsulate() (secret, ciphertext []byte, err error) {
	if err := k.check(OpEncapsulate); err != nil {
		return nil, nil, err
	}
	return k.material.(encapsulator).encapsulate()
}

// Decapsulate returns the shared secret. A ciphertext that was changed gives another secret, as FIPS 203 has it; one of another length is an *InputError.
func (k *Key) Decapsulate(ciphertext []byte) ([]byte, error) {
	if err := k.check(OpDecapsulate); err != nil {
		return nil, err
	}
	return k.material.(encapsulator).decapsulate(ciphertext)
}

// Agree returns the raw shared secret with a peer's raw public key (RFC 7748, SP 800-56A section 5.7.1.2). A peer's key of low order or off the curve is an *InputError.
func (k *Key) Agree(peer []byte) ([]byte, error) {
	if err := k.check(OpDeriveSecret); err != nil {
		return nil, err
	}
	return k.material.(agreer).agree(peer)
}

// DeriveOptions say what to derive by HKDF-SHA-256 (RFC 5869).
type DeriveOptions struct {
	Peer       []byte // ECDH keys: the peer's raw public key, with whom the input keying material is agreed
	Salt, Info []byte
	Length     int // bytes, 1 to 8160
}

// Derive derives bytes from the key: from itself (HMAC keys), or from what it agrees on with the peer (ECDH keys).
func (k *Key) Derive(o DeriveOptions) ([]byte, error) {
	if err := k.check(OpDeriveKey); err != nil {
		return nil, err
	}
	return k.material.(deriver).derive(o)
}
