package key_test

import (
	"testing"

	"twolock/crypto/key"
)

// BenchmarkAgreement is each operation of the types that agree on secrets, on 256 bytes where there is a message.
func BenchmarkAgreement(b *testing.B) {
	message := make([]byte, 256)
	for _, typ := range append(append([]key.Type{}, agreeing...), key.MLKEM768, key.MLKEM1024) {
		k := generate(b, typ)
		private, public := k.Private(), k.Public().Bytes()
		run := func(name string, do func() error) {
			b.Run(name+"/"+string(typ), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if err := do(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		run("generate", func() error { _, err := key.Generate(typ); return err })
		run("parse", func() error { _, err := key.Parse(typ, private); return err })
		run("fromPublic", func() error { _, err := key.FromPublic(typ, public); return err })
		if typ == key.MLKEM768 || typ == key.MLKEM1024 {
			_, ciphertext, err := k.Encapsulate()
			if err != nil {
				b.Fatal(err)
			}
			run("encapsulate", func() error { _, _, err := k.Encapsulate(); return err })
			run("decapsulate", func() error { _, err := k.Decapsulate(ciphertext); return err })
			continue
		}
		peer := generate(b, typ).Public().Bytes()
		run("deriveSecret", func() error { _, err := k.Agree(peer); return err })
		run("deriveKey", func() error { _, err := k.Derive(key.DeriveOptions{Peer: peer, Length: 32}); return err })
		for _, a := range hpkeAlgorithms {
			o := key.EncryptOptions{Algorithm: a}
			ciphertext, nonce, err := k.Encrypt(message, o)
			if err != nil {
				b.Fatal(err)
			}
			run("encrypt/"+string(a), func() error { _, _, err := k.Encrypt(message, o); return err })
			run("decrypt/"+string(a), func() error { _, err := k.Decrypt(ciphertext, nonce, o); return err })
		}
		for _, c := range []struct{ wrap, unwrap key.WrapOptions }{
			{key.WrapOptions{Algorithm: key.ECDHESA256KW}, key.WrapOptions{}},
			{key.WrapOptions{Algorithm: key.ECDH1PUA256KW, Recipient: public}, key.WrapOptions{Sender: public}},
		} {
			w, err := k.Wrap(message[:32], c.wrap)
			if err != nil {
				b.Fatal(err)
			}
			run("wrapKey/"+string(c.wrap.Algorithm), func() error { _, err := k.Wrap(message[:32], c.wrap); return err })
			run("unwrapKey/"+string(c.wrap.Algorithm), func() error { _, err := k.Unwrap(w, c.unwrap); return err })
		}
		if typ != key.X25519 {
			continue
		}
		for name, to := range map[string][]byte{"box": peer, "anonymous": nil} {
			run("seal/"+name, func() error { _, _, err := k.Seal(message, to); return err })
		}
		ciphertext, nonce, err := k.Seal(message, peer)
		if err != nil {
			b.Fatal(err)
		}
		sealed, empty, err := k.Seal(message, nil)
		if err != nil {
			b.Fatal(err)
		}
		run("open/box", func() error { _, err := k.Open(ciphertext, nonce, peer); return err })
		run("open/anonymous", func() error { _, err := k.Open(sealed, empty, nil); return err })
	}
}
