// Package keywrap wraps keys with AES: RFC 3394 (AES-KW), for keys in whole semiblocks of 8 bytes, and RFC 5649 (AES-KWP), for any length.
//
// Both are deterministic and authenticated: the same key under the same key-encryption key is seen to be the same. The caller wraps random keys, not
// messages. A key-encryption key has 16, 24 or 32 bytes.
package keywrap

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
	"encoding/binary"
	"errors"
)

// ErrOpen: it was not wrapped with this key, or was changed since. It says no more on purpose.
var ErrOpen = errors.New("message does not open with this key")

const (
	semiblock = 8
	// Overhead is how much longer than the key what Wrap returns is.
	Overhead = semiblock
	// MaxKey bounds what is wrapped: far above any key, far below what the 64-bit step counter holds.
	MaxKey = 4096
)

var (
	// defaultIV is the integrity check value of RFC 3394 section 2.2.3.1.
	defaultIV = [semiblock]byte{0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6}
	// paddedIV is the half of RFC 5649 section 3 that is constant; the key's length follows.
	paddedIV = [semiblock / 2]byte{0xa6, 0x59, 0x59, 0xa6}
)

// Wrap wraps key as RFC 3394 section 2.2.1 does. The key has 16 bytes or more, in steps of 8; the result is 8 bytes longer.
func Wrap(kek, key []byte) ([]byte, error) {
	if len(key) < 2*semiblock || len(key)%semiblock != 0 || len(key) > MaxKey {
		return nil, errors.New("key to wrap: must be 16 to 4096 bytes, in steps of 8")
	}
	block, err := newCipher(kek)
	if err != nil {
		return nil, err
	}
	out := make([]byte, semiblock+len(key))
	copy(out, defaultIV[:])
	copy(out[semiblock:], key)
	wrap(block, out)
	return out, nil
}

// Unwrap undoes Wrap (RFC 3394 section 2.2.2). ErrOpen when the integrity check fails or the length cannot be.
func Unwrap(kek, wrapped []byte) ([]byte, error) {
	if len(wrapped) < 3*semiblock || len(wrapped)%semiblock != 0 || len(wrapped) > MaxKey+semiblock {
		return nil, ErrOpen
	}
	block, err := newCipher(kek)
	if err != nil {
		return nil, err
	}
	out := append([]byte(nil), wrapped...)
	unwrap(block, out)
	if subtle.ConstantTimeCompare(out[:semiblock], defaultIV[:]) != 1 {
		clear(out)
		return nil, ErrOpen
	}
	return out[semiblock:], nil
}

// WrapPadded wraps a key of 1 to 4096 bytes as RFC 5649 section 4.1 does: the result is 8 bytes longer than the key filled up with zeros to a step of 8.
func WrapPadded(kek, key []byte) ([]byte, error) {
	if len(key) < 1 || len(key) > MaxKey {
		return nil, errors.New("key to wrap: must be 1 to 4096 bytes")
	}
	block, err := newCipher(kek)
	if err != nil {
		return nil, err
	}
	out := make([]byte, semiblock+(len(key)+semiblock-1)/semiblock*semiblock)
	copy(out, paddedIV[:])
	binary.BigEndian.PutUint32(out[len(paddedIV):], uint32(len(key)))
	copy(out[semiblock:], key)
	if len(out) == aes.BlockSize {
		block.Encrypt(out, out)
	} else {
		wrap(block, out)
	}
	return out, nil
}

// UnwrapPadded undoes WrapPadded (RFC 5649 section 4.2). ErrOpen when the integrity check fails or the length cannot be. Which of the checks failed
// shows neither in the error nor in the time, so that nobody learns of the padding.
func UnwrapPadded(kek, wrapped []byte) ([]byte, error) {
	if len(wrapped) < 2*semiblock || len(wrapped)%semiblock != 0 || len(wrapped) > MaxKey+semiblock {
		return nil, ErrOpen
	}
	block, err := newCipher(kek)
	if err != nil {
		return nil, err
	}
	out := append([]byte(nil), wrapped...)
	if len(out) == aes.BlockSize {
		block.Decrypt(out, out)
	} else {
		unwrap(block, out)
	}
	good := subtle.ConstantTimeCompare(out[:len(paddedIV)], paddedIV[:])
	size, padded := int64(binary.BigEndian.Uint32(out[len(paddedIV):])), int64(len(out)-semiblock)
	pad := padded - size // 0 to 7 where it is good
	good &= ^int(uint64(pad)>>63) & 1
	good &= int(uint64(pad-semiblock)>>63) & 1
	var rest byte
	for i := range int64(semiblock) { // the last semiblock, from its end: what is padding must be zero
		isPad := byte(uint64(i-pad) >> 63)
		rest |= out[int64(len(out))-1-i] & -isPad
	}
	good &= subtle.ConstantTimeByteEq(rest, 0)
	if good != 1 {
		clear(out)
		return nil, ErrOpen
	}
	return out[semiblock : semiblock+size : semiblock+size], nil
}

func newCipher(kek []byte) (cipher.Block, error) {
	block, err := aes.NewCipher(kek)
	if err != nil {
		return nil, errors.New("key-encryption key: must be 16, 24 or 32 bytes")
	}
	return block, nil
}

// wrap is W of SP 800-38F section 6.1 in place: a semiblock of integrity check value, and two or more of key.
func wrap(block cipher.Block, s []byte) {
	n := uint64(len(s)/semiblock - 1)
	var b [aes.BlockSize]byte // the register A, then R[i]
	defer clear(b[:])
	copy(b[:semiblock], s)
	for j := range uint64(6) {
		for i := uint64(1); i <= n; i++ {
			r := s[i*semiblock : (i+1)*semiblock]
			copy(b[semiblock:], r)
			block.Encrypt(b[:], b[:])
			binary.BigEndian.PutUint64(b[:semiblock], binary.BigEndian.Uint64(b[:semiblock])^(n*j+i))
			copy(r, b[semiblock:])
		}
	}
	copy(s, b[:semiblock])
}

// unwrap undoes wrap.
func unwrap(block cipher.Block, s []byte) {
	n := uint64(len(s)/semiblock - 1)
	var b [aes.BlockSize]byte
	defer clear(b[:])
	copy(b[:semiblock], s)
	for j := 5; j >= 0; j-- {
		for i := n; i >= 1; i-- {
			r := s[i*semiblock : (i+1)*semiblock]
			binary.BigEndian.PutUint64(b[:semiblock], binary.BigEndian.Uint64(b[:semiblock])^(n*uint64(j)+i))
			copy(b[semiblock:], r)
			block.Decrypt(b[:], b[:])
			copy(r, b[semiblock:])
		}
	}
	copy(s, b[:semiblock])
}
