package lock

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

const localIDInfo = "twolock local lock, version 1, id"

// Local is a lock of the server whose key is in a file. Methods are safe for concurrent use.
type Local struct{ key *Key }

// OpenLocal reads the key file. Its content is base64url (RFC 4648 section 5) of 32 bytes, padded or not, with or without a
// line end. The file must be a regular one, not a link, that belongs to this process's user, of mode 0600 or 0400.
// The error says what is wrong and what to do, and holds nothing of the content; it is fs.ErrNotExist when there is no file.
func OpenLocal(path string) (*Local, error) {
	k, err := readKeyFile(path)
	if err != nil {
		return nil, fmt.Errorf("key file %s: %w", path, err)
	}
	defer clear(k)
	// A fingerprint that tells nothing about the key to whom does not have it, and that no other use of the key gives.
	fingerprint, err := hkdf.Key(sha256.New, k, nil, localIDInfo, 8)
	if err != nil {
		return nil, fmt.Errorf("key file %s: fingerprint: %w", path, err)
	}
	key, err := NewKey("local:"+hex.EncodeToString(fingerprint), k)
	if err != nil {
		return nil, fmt.Errorf("key file %s: %w", path, err)
	}
	return &Local{key}, nil
}

// ID is "local:" and 16 hexadecimal digits, the fingerprint of the key: the same wherever the file is.
func (l *Local) ID() string { return l.key.ID() }

// Seal seals a secret of 1 to MaxSecret bytes. It waits for nobody and does not look at the context.
func (l *Local) Seal(_ context.Context, secret []byte, label Label) ([]byte, error) {
	return l.key.Seal(secret, label)
}

// Open returns the secret, which the caller wipes, or ErrOpen.
func (l *Local) Open(_ context.Context, sealed []byte, label Label) ([]byte, error) {
	return l.key.Open(sealed, label)
}

// Wipe overwrites the key, at shutdown. Seal and Open answer ErrWiped from then on.
func (l *Local) Wipe() { l.key.Wipe() }
