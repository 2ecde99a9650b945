package auth_test

import (
	"bytes"
	"crypto/ed25519"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/mr-tron/base58"

	"twolock/auth"
)

func didOf(codec, key []byte) string {
	return "did:key:z" + base58.Encode(append(bytes.Clone(codec), key...))
}

var ed25519Codec = []byte{0xed, 0x01}

func TestParseDID(t *testing.T) {
	for did, id := range readKeys(t) {
		key, err := auth.ParseDID(did)
		if err != nil {
			t.Fatal(err)
		}
		if !key.Verify([]byte("message"), id.Sign([]byte("message"))) {
			t.Errorf("%s: does not verify its own signature", did)
		}
		if key.Verify([]byte("another"), id.Sign([]byte("message"))) || key.Verify([]byte("message"), nil) {
			t.Errorf("%s: verifies what it must not", did)
		}
	}
	if (auth.PublicKey{}).Verify(nil, make([]byte, 64)) {
		t.Error("the zero key verifies something")
	}
}

func TestParseDIDRefuses(t *testing.T) {
	good := newIdentity(t, 1).DID()
	key, err := auth.ParseDID(good)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ did, text string }{
		"empty":          {"", "did:key"},
		"other method":   {"did:web:kms.example", "did:key"},
		"upper case":     {strings.Replace(good, "did:key", "DID:KEY", 1), "did:key"},
		"no multibase":   {"did:key:" + good[len("did:key:z"):], "multibase"},
		"other base":     {"did:key:u7QE", "multibase"},
		"not base58":     {good[:len(good)-1] + "0", "base58"},
		"not ASCII":      {good[:len(good)-2] + "é", "base58"},
		"with fragment":  {newIdentity(t, 1).KeyID(), ""},
		"space after":    {good + " ", "base58"},
		"P-384":          {"did:key:z82LkvCwHNreneWpsgPEbV3gu1C6NFJEBg4srfJ5gdxEsMGRJUz2sG9FE42shbn2xkZJh54", "neither Ed25519"},
		"short key":      {didOf(ed25519Codec, key.Bytes()[:31]), "length"},
		"long key":       {didOf(ed25519Codec, append(key.Bytes(), 0)), "length"},
		"no key":         {didOf(ed25519Codec, nil), "length"},
		"no codec":       {"did:key:z", "base58"},
		"zeros in front": {"did:key:z1" + good[len("did:key:z"):], "neither Ed25519"},
		"very long":      {good + strings.Repeat("1", 1<<20), "too long"},
	} {
		if _, err := auth.ParseDID(c.did); err == nil || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: got %v, want …%s…", name, err, c.text)
		}
	}
}

// Under the key of small order (0, 1), the signature (identity, 0) is right for every message: whoever named such a DID as controller
// would let in everybody.
func TestParseDIDSmallOrder(t *testing.T) {
	neutral := make([]byte, 32)
	neutral[0] = 1
	if !ed25519.Verify(neutral, []byte("anything"), append(bytes.Clone(neutral), make([]byte, 32)...)) {
		t.Fatal("the attack does not work; this test tests nothing")
	}
	torsion := torsionPoints(t)
	for _, y := range torsion {
		for _, sign := range []byte{0, 0x80} {
			key := bytes.Clone(y)
			key[31] |= sign
			if _, err := auth.ParseDID(didOf(ed25519Codec, key)); err == nil || !strings.Contains(err.Error(), "small order") {
				t.Errorf("%x: got %v", key, err)
			}
		}
	}
}

func TestParseDIDNotCanonical(t *testing.T) {
	for excess := range int64(19) {
		y := new(big.Int).Add(fieldPrime, big.NewInt(excess))
		for _, sign := range []byte{0, 0x80} {
			key := littleEndian(y)
			key[31] |= sign
			if _, err := auth.ParseDID(didOf(ed25519Codec, key)); err == nil || !strings.Contains(err.Error(), "not canonical") {
				t.Errorf("%x: got %v", key, err)
			}
		}
	}
}

// About half of all y have an x: which, is worked out here with square roots.
func TestParseDIDOnCurve(t *testing.T) {
	var on, off int
	for n := int64(2); n < 200; n++ {
		y := big.NewInt(n)
		_, err := auth.ParseDID(didOf(ed25519Codec, littleEndian(y)))
		if xOf(y) != nil {
			on++
			if err != nil {
				t.Errorf("y = %d: %v", n, err)
			}
		} else {
			off++
			if err == nil || !strings.Contains(err.Error(), "not a point") {
				t.Errorf("y = %d: got %v", n, err)
			}
		}
	}
	if on < 50 || off < 50 {
		t.Errorf("%d on the curve, %d off it", on, off)
	}
}

// The curve of RFC 8032, worked out the slow way.
var (
	fieldPrime = new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 255), big.NewInt(19))
	groupOrder = func() *big.Int {
		l, _ := new(big.Int).SetString("27742317777372353535851937790883648493", 10)
		return l.Add(l, new(big.Int).Lsh(big.NewInt(1), 252))
	}()
	constantD = divide(big.NewInt(-121665), big.NewInt(121666))
)

func divide(a, b *big.Int) *big.Int {
	q := new(big.Int).ModInverse(new(big.Int).Mod(b, fieldPrime), fieldPrime)
	return q.Mod(q.Mul(q, a), fieldPrime)
}

// xOf is one of the x of y; nil when there is none.
func xOf(y *big.Int) *big.Int {
	yy := new(big.Int).Mul(y, y)
	u := new(big.Int).Sub(yy, big.NewInt(1))
	v := new(big.Int).Add(new(big.Int).Mul(yy, constantD), big.NewInt(1))
	return new(big.Int).ModSqrt(divide(u, v), fieldPrime)
}

type point struct{ x, y *big.Int }

func (p point) add(q point) point {
	mul := func(f ...*big.Int) *big.Int {
		r := big.NewInt(1)
		for _, g := range f {
			r.Mod(r.Mul(r, g), fieldPrime)
		}
		return r
	}
	one := big.NewInt(1)
	k := mul(constantD, p.x, q.x, p.y, q.y)
	return point{
		divide(new(big.Int).Add(mul(p.x, q.y), mul(p.y, q.x)), new(big.Int).Add(one, k)),
		divide(new(big.Int).Add(mul(p.y, q.y), mul(p.x, q.x)), new(big.Int).Sub(one, k)),
	}
}

// torsionPoints are the encodings, without sign, of the points whose order divides 8: the order of the group, times some point.
func torsionPoints(t *testing.T) [][]byte {
	t.Helper()
	var list [][]byte
	for n := int64(2); n < 200; n++ {
		y := big.NewInt(n)
		x := xOf(y)
		if x == nil {
			continue
		}
		p, sum := point{x, y}, point{new(big.Int), big.NewInt(1)}
		for i := groupOrder.BitLen() - 1; i >= 0; i-- {
			sum = sum.add(sum)
			if groupOrder.Bit(i) == 1 {
				sum = sum.add(p)
			}
		}
		if enc := littleEndian(sum.y); !slices.ContainsFunc(list, func(e []byte) bool { return bytes.Equal(e, enc) }) {
			list = append(list, enc)
		}
		if len(list) == 5 {
			return list
		}
	}
	t.Fatalf("found %d of 5", len(list))
	return nil
}

func littleEndian(n *big.Int) []byte {
	b := n.FillBytes(make([]byte, 32))
	slices.Reverse(b)
	return b
}
