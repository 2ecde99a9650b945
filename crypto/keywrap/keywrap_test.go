package keywrap_test

import (
	"bytes"
	"crypto/aes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"testing"

	"twolock/crypto/keywrap"
)

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestWrapVectors: the known answers of RFC 3394 section 4.
func TestWrapVectors(t *testing.T) {
	for _, v := range []struct{ section, kek, key, wrapped string }{
		{"4.1", "000102030405060708090A0B0C0D0E0F", "00112233445566778899AABBCCDDEEFF",
			"1FA68B0A8112B447AEF34BD8FB5A7B829D3E862371D2CFE5"},
		{"4.3", "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F", "00112233445566778899AABBCCDDEEFF",
			"64E8C3F9CE0F5BA263E9777905818A2A93C8191E7D6E8AE7"},
		{"4.5", "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F",
			"00112233445566778899AABBCCDDEEFF0001020304050607", "A8F9BC1612C68B3FF6E6F4FBE30E71E4769C8B80A32CB8958CD5D17D6B254DA1"},
		{"4.6", "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F",
			"00112233445566778899AABBCCDDEEFF000102030405060708090A0B0C0D0E0F",
			"28C9F404C4B810F4CBCCB35CFB87F8263F5786E2D80ED326CBC7F0E71A99F43BFB988B9B7A02DD21"},
	} {
		kek, key, want := unhex(t, v.kek), unhex(t, v.key), unhex(t, v.wrapped)
		got, err := keywrap.Wrap(kek, key)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("section %s: Wrap gives %x, %v; want %x", v.section, got, err, want)
		}
		back, err := keywrap.Unwrap(kek, want)
		if err != nil || !bytes.Equal(back, key) {
			t.Errorf("section %s: Unwrap gives %x, %v; want %x", v.section, back, err, key)
		}
	}
}

func TestUnwrapRefusesEveryChangedBit(t *testing.T) {
	kek, key := make([]byte, 32), make([]byte, 32)
	_, _ = rand.Read(kek)
	_, _ = rand.Read(key)
	wrapped, err := keywrap.Wrap(kek, key)
	if err != nil {
		t.Fatal(err)
	}
	for bit := range len(wrapped) * 8 {
		changed := bytes.Clone(wrapped)
		changed[bit/8] ^= 1 << (bit % 8)
		if got, err := keywrap.Unwrap(kek, changed); !errors.Is(err, keywrap.ErrOpen) || got != nil {
			t.Fatalf("bit %d changed: Unwrap gives %x, %v; want ErrOpen", bit, got, err)
		}
	}
}

func TestLengths(t *testing.T) {
	kek := make([]byte, 32)
	for _, n := range []int{0, 1, 8, 15, 17, 31, 4104} {
		if _, err := keywrap.Wrap(kek, make([]byte, n)); err == nil {
			t.Errorf("Wrap takes a key of %d bytes", n)
		}
		if _, err := keywrap.Unwrap(kek, make([]byte, n+8)); !errors.Is(err, keywrap.ErrOpen) {
			t.Errorf("Unwrap of %d bytes: %v, want ErrOpen", n+8, err)
		}
	}
	if _, err := keywrap.Wrap(make([]byte, 31), make([]byte, 32)); err == nil {
		t.Error("Wrap takes a key-encryption key of 31 bytes")
	}
	if _, err := keywrap.Unwrap(make([]byte, 31), make([]byte, 40)); err == nil {
		t.Error("Unwrap takes a key-encryption key of 31 bytes")
	}
}

// TestWrapPaddedVectors: the known answers of RFC 5649 section 6.
func TestWrapPaddedVectors(t *testing.T) {
	kek := unhex(t, "5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8")
	for _, v := range []struct{ key, wrapped string }{
		{"c37b7e6492584340bed12207808941155068f738", "138bdeaa9b8fa7fc61f97742e72248ee5ae6ae5360d1ae6a5f54f373fa543b6a"},
		{"466f7250617369", "afbeb0f07dfbf5419200f2ccb50bb24f"},
	} {
		key, want := unhex(t, v.key), unhex(t, v.wrapped)
		got, err := keywrap.WrapPadded(kek, key)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: WrapPadded gives %x, %v; want %x", v.key, got, err, want)
		}
		back, err := keywrap.UnwrapPadded(kek, want)
		if err != nil || !bytes.Equal(back, key) {
			t.Errorf("%s: UnwrapPadded gives %x, %v", v.key, back, err)
		}
	}
}

// Every length comes back, and not when a bit is changed.
func TestWrapPaddedLengths(t *testing.T) {
	kek := make([]byte, 32)
	_, _ = rand.Read(kek)
	for n := 1; n <= 4096; n = n + 1 + n/50*7 {
		key := make([]byte, n)
		_, _ = rand.Read(key)
		wrapped, err := keywrap.WrapPadded(kek, key)
		if err != nil || len(wrapped) != 8+(n+7)/8*8 {
			t.Fatalf("%d bytes: WrapPadded gives %d bytes, %v", n, len(wrapped), err)
		}
		if back, err := keywrap.UnwrapPadded(kek, wrapped); err != nil || !bytes.Equal(back, key) {
			t.Fatalf("%d bytes: UnwrapPadded gives %x, %v; want %x", n, back, err, key)
		}
		wrapped[n%len(wrapped)] ^= 1 << (n % 8)
		if back, err := keywrap.UnwrapPadded(kek, wrapped); !errors.Is(err, keywrap.ErrOpen) || back != nil {
			t.Fatalf("%d bytes, a bit changed: UnwrapPadded gives %x, %v; want ErrOpen", n, back, err)
		}
	}
	for _, n := range []int{0, 4097, 5000} {
		if _, err := keywrap.WrapPadded(kek, make([]byte, n)); err == nil {
			t.Errorf("WrapPadded takes a key of %d bytes", n)
		}
	}
	for _, n := range []int{0, 8, 15, 17, 4112} {
		if _, err := keywrap.UnwrapPadded(kek, make([]byte, n)); !errors.Is(err, keywrap.ErrOpen) {
			t.Errorf("UnwrapPadded of %d bytes: %v, want ErrOpen", n, err)
		}
	}
	if _, err := keywrap.WrapPadded(make([]byte, 31), make([]byte, 32)); err == nil {
		t.Error("WrapPadded takes a key-encryption key of 31 bytes")
	}
	if _, err := keywrap.UnwrapPadded(make([]byte, 31), make([]byte, 40)); err == nil {
		t.Error("UnwrapPadded takes a key-encryption key of 31 bytes")
	}
}

// What is wrapped with the right integrity check value but a length or padding that cannot be does not open; nor does one form open as the other.
func TestUnwrapPaddedChecksLengthAndPadding(t *testing.T) {
	kek := make([]byte, 16)
	for _, c := range []struct {
		what  string
		plain string // check value, length, key and padding
		valid bool
	}{
		{"a block", "a65959a600000007466f7250617369" + "00", true},
		{"a block, padding not zero", "a65959a600000007466f7250617369" + "01", false},
		{"a block, length 0", "a65959a600000000" + "0000000000000000", false},
		{"a block, length 9", "a65959a600000009" + "0000000000000000", false},
		{"a block, length 8", "a65959a600000008" + "0000000000000000", true},
		{"a block, length 1", "a65959a600000001" + "0100000000000000", true},
		{"a block, length 2^32-1", "a65959a6ffffffff" + "0000000000000000", false},
		{"a block, length 2^31", "a65959a680000000" + "0000000000000000", false},
		{"a block, other value", "a65959a700000007466f7250617369" + "00", false},
	} {
		b := unhex(t, c.plain)
		block, err := aes.NewCipher(kek)
		if err != nil {
			t.Fatal(err)
		}
		block.Encrypt(b, b)
		if got, err := keywrap.UnwrapPadded(kek, b); (err == nil) != c.valid {
			t.Errorf("%s: UnwrapPadded gives %x, %v", c.what, got, err)
		}
	}
	wrapped, err := keywrap.Wrap(kek, make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := keywrap.UnwrapPadded(kek, wrapped); !errors.Is(err, keywrap.ErrOpen) {
		t.Errorf("UnwrapPadded of what Wrap made: %v, want ErrOpen", err)
	}
	if wrapped, err = keywrap.WrapPadded(kek, make([]byte, 32)); err != nil {
		t.Fatal(err)
	}
	if _, err := keywrap.Unwrap(kek, wrapped); !errors.Is(err, keywrap.ErrOpen) {
		t.Errorf("Unwrap of what WrapPadded made: %v, want ErrOpen", err)
	}
}
