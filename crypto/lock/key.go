package lock

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"
	"sync"

	"twolock/crypto/secret"
)

// A Key's blob, after the header:
//
//	salt 32 | commitment 32 | nonce 12 | ciphertext | tag 16
//
// HKDF-SHA-256 (RFC 5869) of the lock key under the random salt gives a message key and the commitment. As every message
// has its own key, random nonces never come near their limit (NIST SP 800-38D section 8.3: 2^32 messages under one key).
// GCM by itself does not commit: one can make a blob that opens to two texts under two keys. The commitment, compared
// before decryption, forbids it. Everything before the nonce is associated data, the label too.
const (
	saltLength       = 32
	commitmentLength = 32
	nonceLength      = 12
	tagLength        = 16

	messageKeyInfo = "twolock sealed blob, format 1, AES-256-GCM: message key and commitment"
)

// KeyLength is the length in bytes of a lock key.
const KeyLength = 32

// Generate32 returns 32 random bytes: a lock key or a salt.
func Generate32() []byte {
	b := make([]byte, 32)
	rand.Read(b) // never fails: it ends the program instead
	return b
}

// Key seals and opens small secrets under a label. Its methods are safe for concurrent use, Wipe too.
// However it is printed or logged, its id and no secret comes out.
type Key struct {
	id string
	// Behind a pointer, so that no copy of a Key, printed by whatever means, carries the bytes along.
	material *material
}

type material struct {
	mu  sync.RWMutex
	key secret.Bytes // nil once wiped
}

// NewKey makes a key of 32 bytes, which it copies. The id, 1 to 255 visible ASCII characters, is stated in every blob;
// it must be the same whenever the key is made again.
func NewKey(id string, k []byte) (*Key, error) {
	if err := checkLockID(id); err != nil {
		return nil, err
	}
	if len(k) != KeyLength {
		return nil, fmt.Errorf("lock key has %d bytes, %d are needed", len(k), KeyLength)
	}
	return &Key{id: id, material: &material{key: bytes.Clone(k)}}, nil
}

// ID names the key.
func (k *Key) ID() string { return k.id }

// Wipe overwrites the key. Seal and Open answer ErrWiped from then on; those under way end well.
func (k *Key) Wipe() {
	k.material.mu.Lock()
	defer k.material.mu.Unlock()
	k.material.key.Wipe()
	k.material.key = nil
}

// Seal seals a secret of 1 to MaxSecret bytes. The blob is the secret's length longer than 95 bytes and the key's id.
func (k *Key) Seal(secret []byte, l Label) ([]byte, error) {
	if err := checkSecret(secret); err != nil {
		return nil, err
	}
	if err := l.check(); err != nil {
		return nil, err
	}
	salt := Generate32()
	aead, commitment, err := k.derive(salt)
	if err != nil {
		return nil, err
	}
	overhead := headerLength + len(k.id) + saltLength + commitmentLength + nonceLength + tagLength
	out := appendHeader(make([]byte, 0, overhead+len(secret)), algorithmAESGCM, k.id)
	out = append(out, salt...)
	out = append(out, commitment...)
	return aead.Seal(out, nil, secret, associatedData(out, l)), nil
}

// Open returns the secret, which the caller wipes. ErrOpen when the blob was not sealed by this key under this label.
func (k *Key) Open(sealed []byte, l Label) ([]byte, error) {
	if err := l.check(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrOpen, err)
	}
	rest, err := cutHeader(sealed, algorithmAESGCM, k.id)
	if err != nil {
		return nil, err
	}
	const fixed = saltLength + commitmentLength + nonceLength + tagLength
	if len(rest) <= fixed || len(rest) > fixed+MaxSecret {
		return nil, ErrOpen
	}
	salt, want := rest[:saltLength], rest[saltLength:saltLength+commitmentLength]
	aead, commitment, err := k.derive(salt)
	if err != nil {
		return nil, err
	}
	if subtle.ConstantTimeCompare(commitment, want) != 1 {
		return nil, ErrOpen
	}
	box := rest[saltLength+commitmentLength:]
	secret, err := aead.Open(nil, nil, box, associatedData(sealed[:len(sealed)-len(box)], l))
	if err != nil {
		return nil, ErrOpen
	}
	return secret, nil
}

// derive returns what seals the one message of this salt, and the commitment.
func (k *Key) derive(salt []byte) (cipher.AEAD, []byte, error) {
	k.material.mu.RLock()
	defer k.material.mu.RUnlock()
	if k.material.key == nil {
		return nil, nil, ErrWiped
	}
	derived, err := hkdf.Key(sha256.New, k.material.key, salt, messageKeyInfo, KeyLength+commitmentLength)
	if err != nil {
		return nil, nil, fmt.Errorf("derive message key: %w", err)
	}
	defer clear(derived[:KeyLength])
	block, err := aes.NewCipher(derived[:KeyLength])
	if err != nil {
		return nil, nil, fmt.Errorf("message key: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, nil, fmt.Errorf("message key: %w", err)
	}
	return aead, derived[KeyLength:], nil
}

// associatedData is all of the blob that comes before the nonce, and the label.
func associatedData(beforeNonce []byte, l Label) []byte {
	return l.encode(bytes.Clone(beforeNonce))
}

// Format prints the key's id and no secret, whatever the verb of package fmt.
func (k Key) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, k.redacted()) }

// LogValue does the same for structured logs.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.redacted()) }

// MarshalText does the same for encoding/json and the like.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.redacted()), nil }

func (k Key) redacted() string { return "lock key " + k.id + " [redacted]" }
