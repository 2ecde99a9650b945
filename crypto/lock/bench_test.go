package lock_test

import (
	"context"
	"testing"

	"twolock/crypto/lock"
)

func BenchmarkKeySeal(b *testing.B) {
	k := newKey(b, "shamir:zKs", testKey)
	secret := make([]byte, 32)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := k.Seal(secret, testLabel); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkKeyOpen(b *testing.B) {
	k := newKey(b, "shamir:zKs", testKey)
	blob := seal(b, k, make([]byte, 32), testLabel)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := k.Open(blob, testLabel); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkKeyRefuse(b *testing.B) {
	k := newKey(b, "shamir:zKs", testKey)
	blob := seal(b, k, make([]byte, 32), testLabel)
	blob[len(blob)-1] ^= 1
	for b.Loop() {
		if _, err := k.Open(blob, testLabel); err == nil {
			b.Fatal("opens")
		}
	}
}

func BenchmarkLocalSeal(b *testing.B) {
	l := openLocal(b, writeKeyFile(b, keyText, 0o600))
	secret := make([]byte, 32)
	for b.Loop() {
		if _, err := l.Seal(context.Background(), secret, testLabel); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLocalOpen(b *testing.B) {
	l := openLocal(b, writeKeyFile(b, keyText, 0o600))
	blob, err := l.Seal(context.Background(), make([]byte, 32), testLabel)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := l.Open(context.Background(), blob, testLabel); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkUserLock(b *testing.B) {
	shares := split(b, testKey, 2, 2)
	salt := lock.Generate32()
	for b.Loop() {
		joined, err := lock.JoinShares(shares)
		if err != nil {
			b.Fatal(err)
		}
		if _, _, err := lock.DeriveUserLock(joined, salt, "zKs"); err != nil {
			b.Fatal(err)
		}
	}
}
