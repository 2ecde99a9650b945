package auth

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"math/big"
)

const (
	p256ScalarSize = 32
	p256PointSize  = 33 // compressed: the parity of y as 2 or 3, then x, big-endian (SEC 1 section 2.3.3)
)

// p256Point is a compressed point.
type p256Point = [p256PointSize]byte

// p256Prime is the field's size, big-endian.
var p256Prime = elliptic.P256().Params().P.FillBytes(make([]byte, p256ScalarSize))

// canonicalP256 tells whether these bytes can be a point: the form, and x below the field's size. The group's order is prime: no point
// but infinity, which has no compressed form, is of small order.
func canonicalP256(point p256Point) bool {
	return (point[0] == 2 || point[0] == 3) && bytes.Compare(point[1:], p256Prime) < 0
}

// pointP256 finds the point; nil when no y belongs to x. It costs a square root.
func pointP256(point p256Point) *ecdsa.PublicKey {
	x, y := elliptic.UnmarshalCompressed(elliptic.P256(), point[:])
	if x == nil {
		return nil
	}
	var b [1 + 2*p256ScalarSize]byte
	b[0] = 4
	x.FillBytes(b[1 : 1+p256ScalarSize])
	y.FillBytes(b[1+p256ScalarSize:])
	k, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), b[:])
	if err != nil {
		return nil
	}
	return k
}

// compressP256 undoes pointP256.
func compressP256(k *ecdsa.PublicKey) p256Point {
	b, err := k.Bytes() // 4, x, y
	if err != nil {
		panic("auth: not a P-256 key: " + err.Error()) // parsed or generated as one
	}
	var point p256Point
	point[0] = 2 | b[len(b)-1]&1
	copy(point[1:], b[1:])
	return point
}

func verifyP256(point p256Point, message, signature []byte) bool {
	k := pointP256(point)
	if k == nil {
		return false
	}
	sum := sha256.Sum256(message)
	r, s := new(big.Int).SetBytes(signature[:p256ScalarSize]), new(big.Int).SetBytes(signature[p256ScalarSize:])
	return ecdsa.Verify(k, sum[:], r, s) // refuses what is not in [1, n-1]
}

func signP256(k *ecdsa.PrivateKey, message []byte) []byte {
	sum := sha256.Sum256(message)
	r, s, err := ecdsa.Sign(rand.Reader, k, sum[:])
	if err != nil {
		panic("auth: cannot sign with P-256: " + err.Error()) // neither the key nor the system's randomness can be at fault
	}
	signature := make([]byte, signatureSize)
	r.FillBytes(signature[:p256ScalarSize])
	s.FillBytes(signature[p256ScalarSize:])
	return signature
}
