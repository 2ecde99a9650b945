package jwe_test

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"testing"

	"twolock/storage/edv/jwe"
)

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestWrapKeyVectors: the known answers of RFC 3394 section 4.
func TestWrapKeyVectors(t *testing.T) {
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
		got, err := jwe.WrapKey(kek, key)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("section %s: WrapKey gives %x, %v; want %x", v.section, got, err, want)
		}
		back, err := jwe.UnwrapKey(kek, want)
		if err != nil || !bytes.Equal(back, key) {
			t.Errorf("section %s: UnwrapKey gives %x, %v; want %x", v.section, back, err, key)
		}
	}
}

func TestUnwrapKeyRefusesEveryChangedBit(t *testing.T) {
	kek, key := make([]byte, 32), make([]byte, 32)
	_, _ = rand.Read(kek)
	_, _ = rand.Read(key)
	wrapped, err := jwe.WrapKey(kek, key)
	if err != nil {
		t.Fatal(err)
	}
	for bit := range len(wrapped) * 8 {
		changed := bytes.Clone(wrapped)
		changed[bit/8] ^= 1 << (bit % 8)
		if got, err := jwe.UnwrapKey(kek, changed); !errors.Is(err, jwe.ErrOpen) || got != nil {
			t.Fatalf("bit %d changed: UnwrapKey gives %x, %v; want ErrOpen", bit, got, err)
		}
	}
}

func TestKeyWrapLengths(t *testing.T) {
	kek := make([]byte, 32)
	for _, n := range []int{0, 1, 8, 15, 17, 31, 4104} {
		if _, err := jwe.WrapKey(kek, make([]byte, n)); err == nil {
			t.Errorf("WrapKey takes a key of %d bytes", n)
		}
		if _, err := jwe.UnwrapKey(kek, make([]byte, n+8)); !errors.Is(err, jwe.ErrOpen) {
			t.Errorf("UnwrapKey of %d bytes: %v, want ErrOpen", n+8, err)
		}
	}
	if _, err := jwe.WrapKey(make([]byte, 31), make([]byte, 32)); err == nil {
		t.Error("WrapKey takes a key-encryption key of 31 bytes")
	}
	if _, err := jwe.UnwrapKey(make([]byte, 31), make([]byte, 40)); err == nil {
		t.Error("UnwrapKey takes a key-encryption key of 31 bytes")
	}
}
