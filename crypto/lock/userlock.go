package lock

import (
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
)

// The two outputs of one extraction; the keystore's id ends the info.
const (
	userKeyInfo      = "twolock user lock, version 1, lock key: "
	userVerifierInfo = "twolock user lock, version 1, verifier: "
)

// VerifierLength is the length in bytes of a user lock's verifier.
const VerifierLength = 32

// DeriveUserLock makes the user's lock of a keystore (its short id) from the joined secret (32 bytes, from JoinShares), and
// the verifier that tells whether it is the same lock as before. HKDF-SHA-256 (RFC 5869).
//
// The salt, 32 random bytes of the keystore, is kept sealed by the server's lock. Who knows the shares but not the salt can
// neither open anything nor test a guess against the verifier; who reads the database can do neither as well.
// The key's id is "shamir:" and the keystore's id.
func DeriveUserLock(joined, salt []byte, keystore string) (k *Key, verifier []byte, err error) {
	switch {
	case len(joined) != SecretLength:
		return nil, nil, fmt.Errorf("joined secret has %d bytes, %d are needed", len(joined), SecretLength)
	case len(salt) != saltLength:
		return nil, nil, fmt.Errorf("salt has %d bytes, %d are needed", len(salt), saltLength)
	case keystore == "":
		return nil, nil, fmt.Errorf("keystore is empty")
	}
	prk, err := hkdf.Extract(sha256.New, joined, salt)
	if err != nil {
		return nil, nil, fmt.Errorf("derive user lock: %w", err)
	}
	defer clear(prk)
	key, err := hkdf.Expand(sha256.New, prk, userKeyInfo+keystore, KeyLength)
	if err != nil {
		return nil, nil, fmt.Errorf("derive user lock: %w", err)
	}
	defer clear(key)
	verifier, err = hkdf.Expand(sha256.New, prk, userVerifierInfo+keystore, VerifierLength)
	if err != nil {
		return nil, nil, fmt.Errorf("derive user lock: %w", err)
	}
	k, err = NewKey("shamir:"+keystore, key)
	if err != nil {
		return nil, nil, err
	}
	return k, verifier, nil
}

// CheckVerifier compares two verifiers in constant time. Anything but two of 32 bytes is false: nothing never verifies.
func CheckVerifier(got, want []byte) bool {
	return len(got) == VerifierLength && len(want) == VerifierLength && subtle.ConstantTimeCompare(got, want) == 1
}
