package key

import (
	"crypto/hkdf"
	"crypto/sha256"
)

// maxDerived is what HKDF gives at most: 255 blocks (RFC 5869 section 2.3).
const maxDerived = 255 * sha256.Size

// derive is HKDF-SHA-256 of the input keying material.
func derive(ikm []byte, o DeriveOptions) ([]byte, error) {
	if err := checkDerivedLength(o.Length); err != nil {
		return nil, err
	}
	return hkdf.Key(sha256.New, ikm, o.Salt, string(o.Info), o.Length)
}

func checkDerivedLength(n int) error {
	if n < 1 || n > maxDerived {
		return inputErrorf("length", "is %d bytes; HKDF-SHA-256 gives 1 to %d", n, maxDerived)
	}
	return nil
}

func (k *ecdhKey) derive(o DeriveOptions) ([]byte, error) {
	if err := checkDerivedLength(o.Length); err != nil {
		return nil, err
	}
	if o.Peer == nil {
		return nil, inputErrorf("publicKey", "must be given: a key of type %s derives from what it agrees on with a peer", k.typ)
	}
	secret, err := k.agree(o.Peer)
	if err != nil {
		return nil, err
	}
	defer clear(secret)
	return derive(secret, o)
}
