package jwe

import (
	"crypto/sha256"
	"encoding/binary"
)

// kekFrom derives the key-encryption key from the X25519 shared secret with the Concat KDF of RFC 7518 section 4.6.2.
// One round of SHA-256 gives all 256 bits.
func kekFrom(shared, apu, apv []byte) []byte {
	h := sha256.New()
	var n [4]byte
	number := func(v int) {
		binary.BigEndian.PutUint32(n[:], uint32(v))
		h.Write(n[:])
	}
	number(1) // round
	h.Write(shared)
	for _, info := range [...][]byte{[]byte(algorithm), apu, apv} {
		number(len(info))
		h.Write(info)
	}
	number(256) // SuppPubInfo: bits wanted
	return h.Sum(nil)
}
