package key_test

import (
	"testing"

	"twolock/crypto/key"
)

// Benchmark has each type and operation, raw, with a message of 1 KiB (RSA encrypts 128 bytes).
func Benchmark(b *testing.B) {
	message := make([]byte, 1024)
	for _, typ := range ours {
		k := one(b, typ)
		run := func(name string, do func() error) {
			b.Run(string(typ)+"/"+name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if err := do(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		if !isRSA(typ) || !testing.Short() {
			run("generate", func() error { _, err := key.Generate(typ); return err })
		}
		private := k.Private()
		run("parse", func() error { _, err := key.Parse(typ, private); return err })
		algorithms := []key.Algorithm{""}
		if isRSA(typ) {
			algorithms = []key.Algorithm{key.RSAPSSSHA256, key.RSAPKCS1SHA256}
		}
		for _, a := range algorithms {
			if !can(k, key.OpSign) {
				break
			}
			o := key.SignOptions{Algorithm: a}
			signature, err := k.Sign(message, o)
			if err != nil {
				b.Fatal(err)
			}
			run("sign"+string(a), func() error { _, err := k.Sign(message, o); return err })
			run("verify"+string(a), func() error { _, err := k.Verify(message, signature, o); return err })
		}
		if can(k, key.OpEncrypt) {
			plaintext := message
			if isRSA(typ) {
				plaintext = message[:128]
			}
			ciphertext, nonce, err := k.Encrypt(plaintext, key.EncryptOptions{})
			if err != nil {
				b.Fatal(err)
			}
			run("encrypt", func() error { _, _, err := k.Encrypt(plaintext, key.EncryptOptions{}); return err })
			run("decrypt", func() error { _, err := k.Decrypt(ciphertext, nonce, key.EncryptOptions{}); return err })
		}
		if can(k, key.OpComputeMAC) {
			run("mac", func() error { _, err := k.ComputeMAC(message); return err })
			run("derive", func() error { _, err := k.Derive(key.DeriveOptions{Length: 32}); return err })
		}
		if can(k, key.OpWrapKey) {
			w, err := k.Wrap(message[:32], key.WrapOptions{})
			if err != nil {
				b.Fatal(err)
			}
			run("wrap", func() error { _, err := k.Wrap(message[:32], key.WrapOptions{}); return err })
			run("unwrap", func() error { _, err := k.Unwrap(w, key.WrapOptions{}); return err })
		}
	}
}
