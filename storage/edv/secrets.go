package edv

import (
	"crypto/rand"

	"twolock/crypto/secret"
)

// keySize is the length of both secrets, in bytes.
const keySize = 32

// Secrets are what it takes to read a keystore's documents and to find them. They belong to one keystore and are kept sealed by
// the server's locks.
type Secrets struct {
	Recipient secret.Bytes // X25519 private key (RFC 7748), 32 bytes
	MAC       secret.Bytes // HMAC-SHA-256 key for document ids and the blinded index, 32 bytes
}

// NewSecrets makes random ones.
func NewSecrets() Secrets {
	s := Secrets{Recipient: make([]byte, keySize), MAC: make([]byte, keySize)}
	_, _ = rand.Read(s.Recipient) // never fails; X25519 takes any 32 bytes and clamps them itself
	_, _ = rand.Read(s.MAC)
	return s
}

// Wipe overwrites both with zeros.
func (s Secrets) Wipe() {
	s.Recipient.Wipe()
	s.MAC.Wipe()
}
