package edwards_test

import (
	"crypto/ed25519"
	"encoding/hex"
	"testing"

	"twolock/crypto/edwards"
)

func point(t *testing.T, s string) [32]byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return [32]byte(b)
}

// The points of small order, with either sign, and what encodes them in another way (RFC 8032 section 5.1.3); auth's tests find them by computing.
func TestPoints(t *testing.T) {
	const f = "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffff" // 29 bytes
	for _, c := range []struct {
		what, point                    string
		canonical, smallOrder, onCurve bool
	}{
		{"the base point", "5866666666666666666666666666666666666666666666666666666666666666", true, false, true},
		{"the neutral element", "0100000000000000000000000000000000000000000000000000000000000000", true, true, true},
		{"order 2", "ecff" + f + "7f", true, true, true},
		{"order 4", "0000000000000000000000000000000000000000000000000000000000000000", true, true, true},
		{"order 4, the negative", "0000000000000000000000000000000000000000000000000000000000000080", true, true, true},
		{"order 8", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", true, true, true},
		{"order 8, another", "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa", true, true, true},
		{"p, for 0", "edff" + f + "7f", false, false, true},
		{"p+1, for 1", "eeff" + f + "ff", false, false, true},
		{"off the curve", "0200000000000000000000000000000000000000000000000000000000000000", true, false, false},
	} {
		k := point(t, c.point)
		if a, b, d := edwards.IsCanonical(k), edwards.IsSmallOrder(k), edwards.IsOnCurve(k); a != c.canonical || b != c.smallOrder || d != c.onCurve {
			t.Errorf("%s: canonical %t, small order %t, on the curve %t; want %t, %t, %t", c.what, a, b, d, c.canonical, c.smallOrder, c.onCurve)
		}
	}
	for range 50 {
		public, _, err := ed25519.GenerateKey(nil)
		if err != nil {
			t.Fatal(err)
		}
		if k := [32]byte(public); !edwards.IsCanonical(k) || edwards.IsSmallOrder(k) || !edwards.IsOnCurve(k) {
			t.Errorf("%x: refused", public)
		}
	}
}
