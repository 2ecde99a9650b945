// Package edwards asks of an Ed25519 public key what crypto/ed25519 does not: whether it is a point at all, written in its one way, and not one of the few
// points under which anybody can make signatures that verify. Keys are public: nothing here is constant in time.
package edwards

import (
	"encoding/binary"
	"math/big"
)

// IsCanonical tells whether the y coordinate is below p = 2^255 - 19 (RFC 8032 section 5.1.3, step 1), which Go does not ask.
func IsCanonical(k [32]byte) bool {
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

// IsSmallOrder tells whether the point is one of the eight whose order divides 8, in its canonical encoding, with either sign of x.
func IsSmallOrder(k [32]byte) bool {
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

// IsOnCurve tells whether some x satisfies -x² + y² = 1 + d x² y², that is, whether (y²-1)/(dy²+1) is a square.
func IsOnCurve(k [32]byte) bool {
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
