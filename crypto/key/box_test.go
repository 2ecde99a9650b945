package key_test

import (
	"bytes"
	"fmt"
	"testing"

	"golang.org/x/crypto/nacl/box"

	"twolock/crypto/key"
)

// NaCl's published box: "Cryptography in NaCl", sections 9 and 10, from Alice to Bob, and libsodium's test vectors box and sealed box as
// golang.org/x/crypto has them, made with the C implementations.
func TestOpenPublished(t *testing.T) {
	filled := func(b byte, n int) []byte { return bytes.Repeat([]byte{b}, n) }
	alice := parse(t, key.X25519, unhex(t, "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"))
	bob := parse(t, key.X25519, unhex(t, "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"))
	one, two := parse(t, key.X25519, filled(1, 32)), parse(t, key.X25519, filled(2, 32))
	for _, c := range []struct {
		source                          string
		k                               *key.Key
		ciphertext, nonce, sender, want []byte
	}{
		{"Cryptography in NaCl, section 10", bob, unhex(t, "f3ffc7703f9400e52a7dfb4b3d3305d98e993b9f48681273c29650ba32fc76ce48332ea7164d96a4476fb8c531a1186a"+
			"c0dfc17c98dce87b4da7f011ec48c97271d2c20f9b928fe2270d6fb863d51738b48eeee314a7cc8ab932164548e526ae90224368517acfeabd6bb3732bc0e9da"+
			"99832b61ca01b6de56244a9e88d5f9b37973f622a43d14a6599b1f654cb45a74e355a5"), unhex(t, "69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37"),
			alice.Public().Bytes(), unhex(t, "be075fc53c81f2d5cf141316ebeb0c7b5228c52a4c62cbd44b66849b64244ffce5ecbaaf33bd751a1ac728d45e6c61296cdc3c01233561f41db66cce314adb31"+
				"0e3be8250c46f06dceea3a7fa1348057e2f6556ad6b1318a024a838f21af1fde048977eb48f59ffd4924ca1c60902e52f0a089bc76897040e082f937763848645e0705")},
		{"NaCl in C", one, unhex(t, "78ea30b19d2341ebbdba54180f821eec265cf86312549bea8a37652a8bb94f07b78a73ed1708085e6ddd0e943bbdeb8755079a37eb31d86163ce241164a47629"+
			"c0539f330b4914cd135b3855bc2a2dfc"), filled(4, 24), two.Public().Bytes(), filled(3, 64)},
		{"libsodium, sealed", one, unhex(t, "3462e0640728247a6f581e3812850d6edc3dcad1ea5d8184c072f62fb65cb357e27ffa8b76f41656bc66a0882c4d359568410665746d27462a700f01e314f382"+
			"edd7aae9064879b0f8ba7b88866f88f5e4fbd7649c850541877f9f33ebd25d46d9cbcce09b69a9ba07f0eb1d105d4264"), []byte{}, nil, filled(3, 64)},
	} {
		if got, err := c.k.Open(c.ciphertext, c.nonce, c.sender); err != nil || !bytes.Equal(got, c.want) {
			t.Errorf("%s: %x (%v), want %x", c.source, got, err, c.want)
		}
	}
}

func TestSealAndOpen(t *testing.T) {
	alice, bob := generate(t, key.X25519), generate(t, key.X25519)
	a, b := alice.Public().Bytes(), bob.Public().Bytes()
	for _, n := range []int{0, 1, 32, 16384} {
		message := bytes.Repeat([]byte{7}, n)
		ciphertext, nonce, err := alice.Seal(message, b)
		if err != nil || len(nonce) != 24 {
			t.Fatalf("nonce of %d bytes (%v), want 24", len(nonce), err)
		}
		if got, err := bob.Open(ciphertext, nonce, a); err != nil || !bytes.Equal(got, message) {
			t.Errorf("%d bytes come back as %d (%v)", n, len(got), err)
		}
		got, ok := box.Open(nil, ciphertext, (*[24]byte)(nonce), (*[32]byte)(a), (*[32]byte)(bob.Private()))
		if !ok || !bytes.Equal(got, message) {
			t.Errorf("%d bytes: package box opens %d (%v)", n, len(got), ok)
		}
		if again, other, err := alice.Seal(message, b); err != nil || bytes.Equal(other, nonce) || bytes.Equal(again, ciphertext) {
			t.Errorf("one nonce twice (%v)", err)
		}
		sealed, nonce, err := publicOf(t, bob).Seal(message, nil)
		if err != nil || nonce == nil || len(nonce) != 0 {
			t.Fatalf("nonce %v (%v), want an empty one", nonce, err)
		}
		if got, err := bob.Open(sealed, nonce, nil); err != nil || !bytes.Equal(got, message) {
			t.Errorf("%d bytes come back as %d (%v)", n, len(got), err)
		}
		got, ok = box.OpenAnonymous(nil, sealed, (*[32]byte)(b), (*[32]byte)(bob.Private()))
		if !ok || !bytes.Equal(got, message) {
			t.Errorf("%d bytes: package box opens %d (%v)", n, len(got), ok)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	alice, bob := generate(t, key.X25519), generate(t, key.X25519)
	a, b := alice.Public().Bytes(), bob.Public().Bytes()
	ciphertext, nonce, err := alice.Seal([]byte("message"), b)
	if err != nil {
		t.Fatal(err)
	}
	sealed, _, err := bob.Seal([]byte("message"), nil)
	if err != nil {
		t.Fatal(err)
	}
	flip := func(s []byte, i int) []byte { s = bytes.Clone(s); s[i] ^= 1; return s }
	for i := range ciphertext {
		_, err := bob.Open(flip(ciphertext, i), nonce, a)
		refusedBy(t, fmt.Sprintf("byte %d", i), err, "ciphertext")
		_, err = bob.Open(ciphertext[:i], nonce, a)
		refusedBy(t, fmt.Sprintf("%d bytes", i), err, "ciphertext")
	}
	for i := range nonce {
		_, err := bob.Open(ciphertext, flip(nonce, i), a)
		refusedBy(t, fmt.Sprintf("nonce, byte %d", i), err, "ciphertext")
		_, err = bob.Open(ciphertext, nonce[:i], a)
		refusedBy(t, fmt.Sprintf("nonce of %d bytes", i), err, "nonce")
	}
	_, err = bob.Open(ciphertext, nonce, b)
	refusedBy(t, "another sender", err, "ciphertext")
	masked := bytes.Clone(a)
	masked[31] ^= 0x80 // the bit that X25519 does not look at
	_, err = bob.Open(ciphertext, nonce, masked)
	refusedBy(t, "sender, bit 255", err, "senderPublicKey")
	_, err = bob.Open(ciphertext, nonce, nil)
	refusedBy(t, "a box as a sealed box", err, "nonce")
	_, err = bob.Open(sealed, nil, a)
	refusedBy(t, "a sealed box as a box", err, "nonce")
	_, err = bob.Open(sealed, nonce, a)
	refusedBy(t, "a sealed box as a box", err, "ciphertext")
	for i := range sealed {
		_, err := bob.Open(flip(sealed, i), nil, nil)
		refusedBy(t, fmt.Sprintf("sealed, byte %d", i), err, "ciphertext")
		_, err = bob.Open(sealed[:i], nil, nil)
		refusedBy(t, fmt.Sprintf("sealed, %d bytes", i), err, "ciphertext")
	}
	_, err = alice.Open(sealed, nil, nil)
	refusedBy(t, "sealed for another", err, "ciphertext")
	for what, bad := range badPeers(t, key.X25519) {
		if bad == nil {
			continue
		}
		_, _, err := alice.Seal([]byte("message"), bad)
		refusedBy(t, "recipient "+what, err, "recipientPublicKey")
		_, err = alice.Open(ciphertext, nonce, bad)
		refusedBy(t, "sender "+what, err, "senderPublicKey")
		if len(bad) == 32 {
			// Package box opens these: the key is known to all.
			_, err = bob.Open(append(bytes.Clone(bad), sealed[32:]...), nil, nil)
			refusedBy(t, "sealed by "+what, err, "ciphertext")
		}
	}
	_, _, err = publicOf(t, alice).Seal([]byte("message"), b)
	refusedBy(t, "no private part", err, "recipientPublicKey")
}
