package auth

import (
	"crypto/ed25519"
	"encoding/binary"
	"errors"
	"math/big"
	"strings"

	"github.com/mr-tron/base58"
)

const (
	didKeyPrefix = "did:key:"
	// maxDID bounds a DID before its base58 is decoded, which takes time quadratic in its length.
	maxDID = 128
)

// PublicKey is a key that verifies signatures. Ed25519 is the one kind there is; the zero value verifies nothing.
type PublicKey struct {
	ed25519 [ed25519.PublicKeySize]byte
	valid   bool
}

// Verify tells whether signature is this key's over message (RFC 8032, without context).
func (k PublicKey) Verify(message, signature []byte) bool {
	return k.valid && len(signature) == ed25519.SignatureSize && ed25519.Verify(k.ed25519[:], message, signature)
}

// Bytes returns the 32 bytes of the key (RFC 8032 section 5.1.5).
func (k PublicKey) Bytes() []byte { return k.ed25519[:] }

// ParseDID returns the key that a did:key names. Only Ed25519 (did:key:z6Mk…). It refuses encodings that are not
// canonical, that are no point of the curve, and the points of small order, under which anybody can make signatures that
// verify. No fragment: "did:key:z…#z…" names a verification method, not a DID.
func ParseDID(did string) (PublicKey, error) {
	k, err := parseDIDKey(did)
	if err != nil {
		return PublicKey{}, err
	}
	if !onCurve(k.ed25519) {
		return PublicKey{}, errors.New("DID: the key is not a point of the curve")
	}
	return k, nil
}

// parseDIDKey is ParseDID without the search for a point, which ed25519.Verify does for itself.
func parseDIDKey(did string) (PublicKey, error) {
	text, ok := strings.CutPrefix(did, didKeyPrefix)
	if !ok {
		return PublicKey{}, errors.New("DID: must be a did:key")
	}
	if len(did) > maxDID {
		return PublicKey{}, errors.New("DID: too long")
	}
	raw, err := decodeMultikey(text, codecEd25519Public, ed25519.PublicKeySize)
	if err != nil {
		return PublicKey{}, errors.New("DID: " + err.Error())
	}
	k := PublicKey{valid: true}
	copy(k.ed25519[:], raw)
	if !canonicalY(k.ed25519) {
		return PublicKey{}, errors.New("DID: the key's encoding is not canonical")
	}
	if smallOrder(k.ed25519) {
		return PublicKey{}, errors.New("DID: the key has small order")
	}
	return k, nil
}

// parseDIDURL takes a DID or the verification method that a did:key has ("did:key:z…#z…") and returns the DID.
func parseDIDURL(url string) (did string, key PublicKey, err error) {
	did, fragment, found := strings.Cut(url, "#")
	if key, err = parseDIDKey(did); err != nil {
		return "", PublicKey{}, err
	}
	if found && fragment != did[len(didKeyPrefix):] {
		return "", PublicKey{}, errors.New("DID: the fragment is not the key's own")
	}
	return did, key, nil
}

// Codes of the multicodec table, as varints.
var (
	codecEd25519Public  = []byte{0xed, 0x01}
	codecEd25519Private = []byte{0x80, 0x26}
)

func encodeMultikey(codec, raw []byte) string {
	b := make([]byte, 0, len(codec)+len(raw))
	return "z" + base58.Encode(append(append(b, codec...), raw...))
}

// decodeMultikey undoes encodeMultikey. The caller bounds the text's length. Its errors do not quote the text.
func decodeMultikey(text string, codec []byte, size int) ([]byte, error) {
	if !strings.HasPrefix(text, "z") {
		return nil, errors.New("the key must be multibase base58btc (z…)")
	}
	b, err := base58.Decode(text[1:])
	if err != nil {
		return nil, errors.New("the key is not base58btc")
	}
	if len(b) < len(codec) || string(b[:len(codec)]) != string(codec) {
		return nil, errors.New("the key is not an Ed25519 key (did:key:z6Mk…), the only kind supported")
	}
	if len(b) != len(codec)+size {
		return nil, errors.New("the key has a wrong length")
	}
	return b[len(codec):], nil
}

// canonicalY tells whether the y coordinate is below p = 2^255 - 19 (RFC 8032 section 5.1.3, step 1), which Go does not ask.
func canonicalY(k [32]byte) bool {
	hi := binary.LittleEndian.Uint64(k[24:]) &^ (1 << 63)
	return hi != 1<<63-1 ||
		binary.LittleEndian.Uint64(k[16:]) != 1<<64-1 ||
		binary.LittleEndian.Uint64(k[8:]) != 1<<64-1 ||
		binary.LittleEndian.Uint64(k[:]) < 1<<64-19
}

// smallOrderY are the y coordinates of the eight points whose order divides 8, little-endian.
var smallOrderY = [][32]byte{
	{},  // order 4
	{1}, // order 1, the neutral element
	{ // p - 1, order 2
		0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f,
	},
	{ // order 8
		0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
		0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
	},
	{ // order 8, the negative
		0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
		0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
	},
}

// smallOrder takes either sign of x.
func smallOrder(k [32]byte) bool {
	k[31] &= 0x7f
	for _, y := range smallOrderY {
		if k == y {
			return true
		}
	}
	return false
}

var (
	fieldP = new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 255), big.NewInt(19))
	curveD = func() *big.Int { // -121665/121666
		d := new(big.Int).ModInverse(big.NewInt(121666), fieldP)
		return d.Mod(d.Mul(d, big.NewInt(-121665)), fieldP)
	}()
)

// onCurve tells whether some x satisfies -x² + y² = 1 + d x² y², that is, whether (y²-1)/(dy²+1) is a square. The key is public:
// time need not be constant.
func onCurve(k [32]byte) bool {
	k[31] &= 0x7f
	var be [32]byte
	for i, b := range k {
		be[31-i] = b
	}
	yy := new(big.Int).SetBytes(be[:])
	yy.Mod(yy.Mul(yy, yy), fieldP)
	one := big.NewInt(1)
	v := new(big.Int).Mul(yy, curveD)
	v.Add(v, one)
	u := yy.Sub(yy, one)
	u.Mod(u.Mul(u, v), fieldP)
	return big.Jacobi(u, fieldP) >= 0
}
