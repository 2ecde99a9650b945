package jwe

import (
	"crypto/aes"
	"crypto/subtle"
	"encoding/binary"
	"errors"
)

// ErrOpen: the message was not encrypted to this recipient, or was changed since. It says no more on purpose.
var ErrOpen = errors.New("message does not open with this key")

const (
	semiblock = 8
	// maxWrapped bounds what WrapKey takes: far above any key, far below what the 64-bit step counter holds.
	maxWrapped = 4096
)

// defaultIV is the integrity check value of RFC 3394 section 2.2.3.1.
var defaultIV = [semiblock]byte{0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6}

// WrapKey wraps key under the key-encryption key as RFC 3394 section 2.2.1 does. The kek has 16, 24 or 32 bytes, the key
// 16 or more in whole semiblocks of 8; the result is 8 bytes longer. Deterministic: one kek must wrap one key only.
func WrapKey(kek, key []byte) ([]byte, error) {
	if len(key) < 2*semiblock || len(key)%semiblock != 0 || len(key) > maxWrapped {
		return nil, errors.New("key to wrap: must be 16 to 4096 bytes, in steps of 8")
	}
	block, err := aes.NewCipher(kek)
	if err != nil {
		return nil, errors.New("key-encryption key: must be 16, 24 or 32 bytes")
	}
	out := make([]byte, semiblock+len(key))
	copy(out[semiblock:], key)
	n := uint64(len(key) / semiblock)
	var b [aes.BlockSize]byte // the register A, then R[i]
	defer clear(b[:])
	copy(b[:semiblock], defaultIV[:])
	for j := range uint64(6) {
		for i := uint64(1); i <= n; i++ {
			r := out[i*semiblock : (i+1)*semiblock]
			copy(b[semiblock:], r)
			block.Encrypt(b[:], b[:])
			binary.BigEndian.PutUint64(b[:semiblock], binary.BigEndian.Uint64(b[:semiblock])^(n*j+i))
			copy(r, b[semiblock:])
		}
	}
	copy(out, b[:semiblock])
	return out, nil
}

// UnwrapKey undoes WrapKey (RFC 3394 section 2.2.2). ErrOpen when the integrity check fails or the length cannot be.
func UnwrapKey(kek, wrapped []byte) ([]byte, error) {
	if len(wrapped) < 3*semiblock || len(wrapped)%semiblock != 0 || len(wrapped) > maxWrapped+semiblock {
		return nil, ErrOpen
	}
	block, err := aes.NewCipher(kek)
	if err != nil {
		return nil, errors.New("key-encryption key: must be 16, 24 or 32 bytes")
	}
	key := make([]byte, len(wrapped)-semiblock)
	copy(key, wrapped[semiblock:])
	n := uint64(len(key) / semiblock)
	var b [aes.BlockSize]byte
	defer clear(b[:])
	copy(b[:semiblock], wrapped)
	for j := 5; j >= 0; j-- {
		for i := n; i >= 1; i-- {
			r := key[(i-1)*semiblock : i*semiblock]
			binary.BigEndian.PutUint64(b[:semiblock], binary.BigEndian.Uint64(b[:semiblock])^(n*uint64(j)+i))
			copy(b[semiblock:], r)
			block.Decrypt(b[:], b[:])
			copy(r, b[semiblock:])
		}
	}
	if subtle.ConstantTimeCompare(b[:semiblock], defaultIV[:]) != 1 {
		clear(key)
		return nil, ErrOpen
	}
	return key, nil
}
