package key

import (
	"crypto/sha3"
	"encoding/hex"
	"testing"
)

// The accumulated test of C2SP XAES-256-GCM: keys, nonces and messages from one SHAKE128, the ciphertexts into another.
func TestXAESAccumulated(t *testing.T) {
	// The million that the specification also has takes 3 s; it was run, too: 2163ae1445985a30b60585ee67daa55674df06901b890593e824b8a7c885ab15.
	const iterations, want = 10_000, "e6b9edf2df6cec60c8cbd864e2211b597fb69a529160cd040d56c0c210081939"
	random, sum := sha3.NewSHAKE128(), sha3.NewSHAKE128()
	read := func(n int) []byte {
		b := make([]byte, n)
		_, _ = random.Read(b)
		return b
	}
	for range iterations {
		key, nonce := read(32), read(24)
		plaintext := read(int(read(1)[0]))
		aad := read(int(read(1)[0]))
		x, err := newXAES(key)
		if err != nil {
			t.Fatal(err)
		}
		ciphertext := x.Seal(nil, nonce, plaintext, aad)
		_, _ = sum.Write(ciphertext)
		if got, err := x.Open(nil, nonce, ciphertext, aad); err != nil || string(got) != string(plaintext) {
			t.Fatalf("opened %x (%v), want %x", got, err, plaintext)
		}
	}
	got := make([]byte, 32)
	_, _ = sum.Read(got)
	if hex.EncodeToString(got) != want {
		t.Errorf("%d: got %x, want %s", iterations, got, want)
	}
}
