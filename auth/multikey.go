package auth

import (
	"crypto/ed25519"
	"errors"
	"strings"

	"github.com/mr-tron/base58"
)

// codec is a code of the multicodec table, as a varint of two bytes.
type codec [2]byte

var (
	codecEd25519Public  = codec{0xed, 0x01}
	codecEd25519Private = codec{0x80, 0x26} // the seed, then the public key
	codecP256Public     = codec{0x80, 0x24} // the compressed point
	codecP256Private    = codec{0x86, 0x26} // the scalar, big-endian
)

// codecSize says how many bytes follow.
var codecSize = map[codec]int{
	codecEd25519Public:  ed25519.PublicKeySize,
	codecEd25519Private: ed25519.PrivateKeySize,
	codecP256Public:     p256PointSize,
	codecP256Private:    p256ScalarSize,
}

// encodeMultibase is multibase base58btc.
func encodeMultibase(raw []byte) string { return "z" + base58.Encode(raw) }

func encodeMultikey(c codec, raw []byte) string {
	b := make([]byte, 0, len(c)+len(raw))
	b = append(append(b, c[:]...), raw...)
	defer clear(b) // may be private
	return encodeMultibase(b)
}

// decodeMultikey undoes encodeMultikey; a codec that it does not know comes with no key. The caller bounds the text's length. Its errors
// do not quote the text.
func decodeMultikey(text string) (codec, []byte, error) {
	if !strings.HasPrefix(text, "z") {
		return codec{}, nil, errors.New("the key must be multibase base58btc (z…)")
	}
	b, err := base58.Decode(text[1:])
	if err != nil || len(b) == 0 {
		return codec{}, nil, errors.New("the key is not base58btc")
	}
	var c codec
	copy(c[:], b)
	switch size, known := codecSize[c]; {
	case !known:
		return c, nil, nil
	case len(b) != len(c)+size:
		return codec{}, nil, errors.New("the key has a wrong length")
	}
	return c, b[len(c):], nil
}
