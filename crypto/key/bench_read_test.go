package key_test

import (
	"testing"

	"twolock/crypto/key"
)

// BenchmarkRead has what each read of a stored RSA key costs, beside what an import does.
func BenchmarkRead(b *testing.B) {
	for _, typ := range []key.Type{key.RSA2048, key.RSA4096} {
		k := one(b, typ)
		private, public := k.Private(), k.Public().Bytes()
		spki, err := k.Public().SPKI()
		if err != nil {
			b.Fatal(err)
		}
		for _, c := range []struct {
			name string
			do   func() error
		}{
			{"parsePublic", func() error { _, err := key.ParsePublic(typ, public); return err }},
			{"fromPublic", func() error { _, err := key.FromPublic(typ, public); return err }},
			{"parse", func() error { _, err := key.Parse(typ, private); return err }},
			{"import", func() error { _, err := key.Import(typ, key.Material{SPKI: spki}); return err }},
		} {
			b.Run(string(typ)+"/"+c.name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if err := c.do(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
