package lock_test

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/vault/shamir"

	"twolock/crypto/lock"
)

func split(t testing.TB, secret []byte, shares, threshold int) [][]byte {
	t.Helper()
	s, err := lock.SplitSecret(secret, shares, threshold)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAnyThresholdOfSharesGivesTheSecret(t *testing.T) {
	for shares := 2; shares <= 6; shares++ {
		for threshold := 2; threshold <= shares; threshold++ {
			secret := lock.Generate32()
			all := split(t, secret, shares, threshold)
			for set := range 1 << shares {
				var some [][]byte
				for i, s := range all {
					if set>>i&1 == 1 {
						some = append(some, s)
					}
				}
				if len(some) < 2 {
					continue
				}
				got, err := lock.JoinShares(some)
				if err != nil {
					t.Fatalf("%d of %d, threshold %d: %v", len(some), shares, threshold, err)
				}
				if enough := len(some) >= threshold; bytes.Equal(got, secret) != enough {
					t.Errorf("%d of %d, threshold %d: joined to the secret is %v", len(some), shares, threshold, !enough)
				}
			}
		}
	}
}

func TestSharesAreVaults(t *testing.T) {
	secret := lock.Generate32()
	ours := split(t, secret, 3, 2)
	if got, err := shamir.Combine(ours[1:]); err != nil || !bytes.Equal(got, secret) {
		t.Errorf("vault joins ours: %x, %v", got, err)
	}
	theirs, err := shamir.Split(secret, 3, 2)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := lock.JoinShares(theirs[:2]); err != nil || !bytes.Equal(got, secret) {
		t.Errorf("we join vault's: %x, %v", got, err)
	}
	for _, s := range ours {
		if len(s) != 33 || s[32] == 0 {
			t.Errorf("share of %d bytes with x = %d", len(s), s[len(s)-1])
		}
	}
}

// Worked by hand in GF(2^8) modulo x^8+x^4+x^3+x+1: f(x) = 0x2a + 0x53*x; f(1) = 0x79, f(2) = 0x8c, f(3) = 0xdf.
func TestJoinSharesKnownAnswer(t *testing.T) {
	share := func(y, x byte) []byte { return append(bytes.Repeat([]byte{y}, 32), x) }
	one, two, three := share(0x79, 1), share(0x8c, 2), share(0xdf, 3)
	for _, s := range [][][]byte{{one, two}, {two, one}, {one, three}, {two, three}, {three, two, one}} {
		got, err := lock.JoinShares(s)
		if want := bytes.Repeat([]byte{0x2a}, 32); err != nil || !bytes.Equal(got, want) {
			t.Errorf("got %x, %v; want %x", got, err, want)
		}
	}
}

func TestJoinSharesNamesTheShareItRefuses(t *testing.T) {
	all := split(t, lock.Generate32(), 16, 2)
	zero := append(bytes.Clone(all[0][:32]), 0)
	sameX := append(lock.Generate32(), all[0][32])
	tooMany := append(append([][]byte{}, all...), append(lock.Generate32(), 0xff))
	for _, c := range []struct {
		name   string
		shares [][]byte
		index  int
		says   string
	}{
		{"none", nil, -1, "0 given"},
		{"one", all[:1], -1, "1 given"},
		{"seventeen", tooMany, -1, "17 given"},
		{"nil", [][]byte{all[0], nil}, 1, "has 0 bytes"},
		{"1 byte", [][]byte{{1}, all[1]}, 0, "has 1 bytes"},
		{"31 bytes", [][]byte{all[0], all[1][:31]}, 1, "has 31 bytes"},
		{"32 bytes", [][]byte{all[0], all[1][:32]}, 1, "has 32 bytes"},
		{"34 bytes", [][]byte{all[0], all[1], append(bytes.Clone(all[2]), 1)}, 2, "has 34 bytes"},
		{"all of 32 bytes", [][]byte{all[0][:32], all[1][:32]}, 0, "has 32 bytes"},
		{"x = 0 first", [][]byte{zero, all[1]}, 0, "x = 0"},
		{"x = 0 last", [][]byte{all[0], all[1], zero}, 2, "x = 0"},
		{"the same share twice", [][]byte{all[0], all[1], all[0]}, 2, "same x as shares[0]"},
		{"equal x", [][]byte{all[0], sameX}, 1, "same x as shares[0]"},
	} {
		got, err := lock.JoinShares(c.shares)
		se, ok := errors.AsType[*lock.ShareError](err)
		if !ok || got != nil {
			t.Errorf("%s: got %x, %v; want a ShareError", c.name, got, err)
			continue
		}
		if se.Index != c.index || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got index %d, %q; want %d, %q", c.name, se.Index, err, c.index, c.says)
		}
		for _, s := range c.shares {
			mustNotLeak(t, fmt.Sprintf("%v %+v", err, se), s)
		}
	}
}

// Why x = 0 is refused: with it the library gives what the sender of one share chose. If it stops, the reason is gone.
func TestAShareWithXZeroWouldChooseTheSecret(t *testing.T) {
	chosen := bytes.Repeat([]byte{0x66}, 32)
	evil := append(bytes.Clone(chosen), 0)
	honest := split(t, lock.Generate32(), 2, 2)
	got, err := shamir.Combine([][]byte{honest[0], evil})
	if err != nil || !bytes.Equal(got, chosen) {
		t.Fatalf("the library has changed: %x, %v", got, err)
	}
	if _, err := lock.JoinShares([][]byte{honest[0], evil}); err == nil {
		t.Error("JoinShares takes it")
	}
}

func TestSplitSecretRefuses(t *testing.T) {
	for _, c := range []struct {
		bytes, shares, threshold int
		says                     string
	}{
		{31, 3, 2, "secret has 31"}, {33, 3, 2, "secret has 33"}, {0, 3, 2, "secret has 0"},
		{32, 1, 1, "shares is 1"}, {32, 17, 2, "shares is 17"}, {32, -1, 2, "shares is -1"},
		{32, 3, 1, "threshold is 1"}, {32, 3, 4, "threshold is 4"}, {32, 3, 0, "threshold is 0"},
	} {
		if _, err := lock.SplitSecret(make([]byte, c.bytes), c.shares, c.threshold); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: got %v", c, err)
		}
	}
}

func TestUserLockFollowsEachOfItsInputs(t *testing.T) {
	joined, salt := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)
	k, verifier, err := lock.DeriveUserLock(joined, salt, "zKs")
	if err != nil {
		t.Fatal(err)
	}
	if k.ID() != "shamir:zKs" {
		t.Errorf("id: got %q", k.ID())
	}
	blob := seal(t, k, testText, testLabel)
	again, verifierAgain, err := lock.DeriveUserLock(joined, salt, "zKs")
	if err != nil || !lock.CheckVerifier(verifierAgain, verifier) {
		t.Fatalf("same inputs: another verifier, %v", err)
	}
	if _, err := again.Open(blob, testLabel); err != nil {
		t.Errorf("same inputs: %v", err)
	}
	for name, c := range map[string]struct {
		joined, salt []byte
		keystore     string
	}{
		"secret":   {append([]byte{3}, joined[1:]...), salt, "zKs"},
		"salt":     {joined, append([]byte{3}, salt[1:]...), "zKs"},
		"keystore": {joined, salt, "zKt"},
		"swapped":  {salt, joined, "zKs"},
	} {
		other, v, err := lock.DeriveUserLock(c.joined, c.salt, c.keystore)
		if err != nil {
			t.Fatal(err)
		}
		if lock.CheckVerifier(v, verifier) {
			t.Errorf("%s: same verifier", name)
		}
		// Under the same id, so that it is the key that must differ.
		same := newKey(t, k.ID(), keyOf(t, c.joined, c.salt, c.keystore))
		if _, err := same.Open(blob, testLabel); !errors.Is(err, lock.ErrOpen) {
			t.Errorf("%s: same key: %v", name, err)
		}
		if _, err := other.Open(blob, testLabel); err == nil {
			t.Errorf("%s: opens", name)
		}
	}
}

// The verifier is in the database in the clear: it must not be the key, and it must not open anything.
func TestVerifierIsNotTheKey(t *testing.T) {
	k, verifier, err := lock.DeriveUserLock(bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32), "zKs")
	if err != nil {
		t.Fatal(err)
	}
	blob := seal(t, k, testText, testLabel)
	if _, err := newKey(t, k.ID(), verifier).Open(blob, testLabel); !errors.Is(err, lock.ErrOpen) {
		t.Errorf("the verifier opens what the key sealed: %v", err)
	}
}

func TestDeriveUserLockRefuses(t *testing.T) {
	good := make([]byte, 32)
	for _, c := range []struct {
		joined, salt []byte
		keystore     string
		says         string
	}{
		{nil, good, "z", "joined secret has 0"}, {good[:31], good, "z", "joined secret has 31"},
		{make([]byte, 33), good, "z", "joined secret has 33"}, {good, nil, "z", "salt has 0"}, {good, good[:31], "z", "salt has 31"},
		{good, good, "", "keystore is empty"}, {good, good, strings.Repeat("z", 300), "lock id"},
	} {
		k, v, err := lock.DeriveUserLock(c.joined, c.salt, c.keystore)
		if err == nil || k != nil || v != nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %v", c.says, err)
		}
	}
}

func TestCheckVerifier(t *testing.T) {
	v := lock.Generate32()
	if !lock.CheckVerifier(bytes.Clone(v), v) {
		t.Error("equal: false")
	}
	for i := range v {
		other := bytes.Clone(v)
		other[i] ^= 1
		if lock.CheckVerifier(other, v) {
			t.Errorf("differs in byte %d: true", i)
		}
	}
	for _, c := range [][2][]byte{{nil, nil}, {{}, {}}, {v, nil}, {nil, v}, {v[:31], v[:31]}, {v[:31], v}, {append(v[:32:32], 0), append(v[:32:32], 0)}} {
		if lock.CheckVerifier(c[0], c[1]) {
			t.Errorf("%d and %d bytes: true", len(c[0]), len(c[1]))
		}
	}
}

func mustHex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// keyOf is the user's lock key, derived a second time from its description.
func keyOf(t testing.TB, joined, salt []byte, keystore string) []byte {
	t.Helper()
	k, err := hkdf.Key(sha256.New, joined, salt, "twolock user lock, version 1, lock key: "+keystore, 32)
	if err != nil {
		t.Fatal(err)
	}
	return k
}
