// Package concatkdf derives keys from agreed secrets as JOSE does: the Concat KDF of SP 800-56A section 5.8.1 with SHA-256, in the form of
// RFC 7518 section 4.6.2, and with the authentication tag of draft-madden-jose-ecdh-1pu-04 section 2.3.
package concatkdf

import (
	"crypto/sha256"
	"encoding/binary"
)

// MaxSize is the longest key: one round of SHA-256, and no algorithm of ours wants more.
const MaxSize = sha256.Size

// Info is what the key is bound to, besides the secret. Its parts are told apart by their lengths.
type Info struct {
	Algorithm string // alg where a key is wrapped with the result, enc where it is used directly
	APU, APV  []byte // decoded
	Tag       []byte // ECDH-1PU with key wrapping: the content's authentication tag; nil: none
}

// Key derives size bytes, at most MaxSize, from the secret Z: of ECDH-ES what the two keys agree on, of ECDH-1PU Ze || Zs. The caller wipes it.
func Key(z []byte, info Info, size int) []byte {
	h := sha256.New()
	var n [4]byte
	number := func(v int) {
		binary.BigEndian.PutUint32(n[:], uint32(v))
		h.Write(n[:])
	}
	data := func(b []byte) {
		number(len(b))
		h.Write(b)
	}
	number(1) // round
	h.Write(z)
	data([]byte(info.Algorithm))
	data(info.APU)
	data(info.APV)
	number(size * 8) // SuppPubInfo: bits wanted
	if info.Tag != nil {
		data(info.Tag)
	}
	return h.Sum(nil)[:size]
}
