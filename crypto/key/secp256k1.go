package key

import (
	"crypto/rand"
	"encoding/json"
	"errors"

	curve "github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"
)

// secp256k1Key signs with ECDSA on secp256k1 (SEC 2, RFC 8812). The nonce is RFC 6979's.
//
// Of every signature (r, s) there is a second one, (r, n-s). It always makes the one with the lower s, which is all that Bitcoin and Ethereum take, and verifies either,
// as SEC 1 section 4.1.4 and RFC 8812 have it: so a signature's bytes identify nothing.
//
// The curve's arithmetic is not constant in time, and a nonce's time tells of its leading zeros (the Minerva attack). Hence what is multiplied and inverted here are random
// numbers, of which the secret one is found by one addition or multiplication, which are constant in time.
type secp256k1Key struct {
	key *curve.ModNScalar // nil where there is only the public part
	pub *curve.PublicKey
	raw []byte
}

func generateSecp256k1() (material, error) { return newSecp256k1(drawScalar()), nil }

func parseSecp256k1(scalar []byte) (material, error) {
	var k curve.ModNScalar
	if len(scalar) != secp256k1.size || k.SetByteSlice(scalar) || k.IsZero() {
		k.Zero()
		return nil, errors.New("not a scalar from 1 to below the curve's order, in 32 bytes")
	}
	return newSecp256k1(&k), nil
}

func newSecp256k1(k *curve.ModNScalar) *secp256k1Key {
	p := blindBaseMult(k)
	pub := curve.NewPublicKey(&p.X, &p.Y)
	return &secp256k1Key{k, pub, pub.SerializeUncompressed()}
}

func publicSecp256k1(raw []byte) (material, error) {
	if len(raw) != 1+2*secp256k1.size || raw[0] != 4 { // compressed and hybrid forms are other people's
		return nil, errPoint
	}
	pub, err := curve.ParsePubKey(raw)
	if err != nil {
		return nil, errPoint
	}
	return &secp256k1Key{nil, pub, append([]byte(nil), raw...)}, nil
}

func (k *secp256k1Key) private() []byte {
	if k.key == nil {
		return nil
	}
	b := k.key.Bytes()
	defer clear(b[:])
	return append([]byte(nil), b[:]...)
}

func (k *secp256k1Key) wipe() {
	if k.key != nil {
		k.key.Zero()
	}
}

func (k *secp256k1Key) public() *PublicKey { return &PublicKey{ECDSASecp256k1, k.raw} }

func (k *secp256k1Key) jwk() (json.RawMessage, error) {
	d := k.private()
	defer clear(d)
	return ecJWK(secp256k1.crv, k.raw, d), nil
}

func (k *secp256k1Key) sign(message []byte, o SignOptions) ([]byte, error) {
	digest, err := secp256k1.digest(message, o)
	if err != nil {
		return nil, err
	}
	d := k.key.Bytes()
	defer clear(d[:])
	var e curve.ModNScalar
	e.SetByteSlice(digest)
	out := make([]byte, 2*secp256k1.size)
	for i := uint32(0); ; i++ {
		nonce := curve.NonceRFC6979(d[:], digest, nil, nil, i)
		if k.signWith(nonce, &e, out) {
			break
		}
	}
	if o.Encoding == DER {
		return derOfP1363(out), nil
	}
	return out, nil
}

// signWith is SEC 1 section 4.1.3 with a nonce, which it wipes: r || s. False in the one of 2^256 cases where another nonce must be tried.
func (k *secp256k1Key) signWith(nonce, e *curve.ModNScalar, out []byte) bool {
	defer nonce.Zero()
	p := blindBaseMult(nonce)
	var r, s, blind curve.ModNScalar
	r.SetBytes(p.X.Bytes()) // modulo the order
	blind.Set(drawScalar())
	inverse := new(curve.ModNScalar).Mul2(nonce, &blind).InverseNonConst().Mul(&blind)
	s.Mul2(k.key, &r).Add(e).Mul(inverse)
	inverse.Zero()
	if s.IsOverHalfOrder() {
		s.Negate()
	}
	r.PutBytesUnchecked(out[:secp256k1.size])
	s.PutBytesUnchecked(out[secp256k1.size:])
	return !r.IsZero() && !s.IsZero()
}

func (k *secp256k1Key) verify(message, signature []byte, o SignOptions) (bool, error) {
	digest, err := secp256k1.digest(message, o)
	if err != nil {
		return false, err
	}
	if o.Encoding == DER {
		var ok bool
		if signature, ok = p1363OfDER(signature, secp256k1.size); !ok {
			return false, nil
		}
	}
	if len(signature) != 2*secp256k1.size {
		return false, nil
	}
	var r, s curve.ModNScalar
	if r.SetByteSlice(signature[:secp256k1.size]) || s.SetByteSlice(signature[secp256k1.size:]) || r.IsZero() || s.IsZero() {
		return false, nil
	}
	return ecdsa.NewSignature(&r, &s).Verify(digest, k.pub), nil
}

// drawScalar draws a number from 1 to below the order.
func drawScalar() *curve.ModNScalar {
	var b [32]byte
	defer clear(b[:])
	for {
		_, _ = rand.Read(b[:]) // never fails: crypto/rand ends the program instead
		var s curve.ModNScalar
		if overflows := s.SetBytes(&b); overflows == 0 && !s.IsZero() {
			return &s
		}
	}
}

// blindBaseMult returns k times the generator, as (k-b)G + bG of a random b. The result is affine.
func blindBaseMult(k *curve.ModNScalar) *curve.JacobianPoint {
	b := drawScalar()
	var rest curve.ModNScalar
	rest.NegateVal(b).Add(k)
	var p, q curve.JacobianPoint
	curve.ScalarBaseMultNonConst(&rest, &p)
	curve.ScalarBaseMultNonConst(b, &q)
	curve.AddNonConst(&p, &q, &p)
	p.ToAffine()
	rest.Zero()
	b.Zero()
	return &p
}
