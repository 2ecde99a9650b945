package storage_test

import (
	"context"
	"strings"
	"testing"

	"twolock/keystore"
	"twolock/storage"
	"twolock/storage/storagetest"
)

// Sizes of what the benchmarks look into.
const (
	manyKeys     = 100_000
	manyVersions = 10_000
)

// bench runs an operation on each database, in parallel goroutines of so many per processor, and reports how often a second. The keystore has no keys
// at first; prepare puts some in.
func bench(b *testing.B, parallel int, prepare func(b *testing.B, dsn string, db *storage.DB, store string), run func(ctx context.Context, db *storage.DB, store string) error) {
	for name, fresh := range databases {
		b.Run(name, func(b *testing.B) {
			dsn := fresh(b)
			db := open(b, dsn)
			r := storagetest.Record()
			if err := db.InsertKeystore(b.Context(), r); err != nil {
				b.Fatal(err)
			}
			prepare(b, dsn, db, r.ID)
			b.SetParallelism(parallel)
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if err := run(b.Context(), db, r.ID); err != nil {
						b.Error(err)
						return
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "ops/s")
		})
	}
}

// one is the key that fill gives many versions, two another.
const one, two = "z000000001", "z000000002"

func empty(*testing.B, string, *storage.DB, string) {}

func filled(keys, versions int) func(*testing.B, string, *storage.DB, string) {
	return func(b *testing.B, dsn string, _ *storage.DB, store string) { fill(b, dsn, store, keys, versions) }
}

// A durable insert, as many at once as there are goroutines: a key as it is made, one with a name and three tags, and one among many.
func BenchmarkInsertKey(b *testing.B) {
	plain := func(ctx context.Context, db *storage.DB, store string) error {
		return db.InsertKey(ctx, storagetest.KeyRecord(store))
	}
	b.Run("plain", func(b *testing.B) { bench(b, 32, empty, plain) })
	b.Run("labelled", func(b *testing.B) {
		bench(b, 32, empty, func(ctx context.Context, db *storage.DB, store string) error {
			k := storagetest.KeyRecord(store)
			k.Label = storagetest.Label()
			return db.InsertKey(ctx, k)
		})
	})
	b.Run("among many", func(b *testing.B) { bench(b, 32, filled(manyKeys, 1), plain) })
}

func BenchmarkKey(b *testing.B) {
	for what, versions := range map[string]int{"of 1 version": 1, "of 10000 versions": manyVersions} {
		b.Run(what, func(b *testing.B) {
			bench(b, 8, filled(10, versions), func(ctx context.Context, db *storage.DB, store string) error {
				_, err := db.Key(ctx, store, one)
				return err
			})
		})
	}
}

func BenchmarkKeyVersion(b *testing.B) {
	for what, versions := range map[string]int{"of 1": 1, "of 10000": manyVersions} {
		b.Run(what, func(b *testing.B) {
			bench(b, 8, filled(10, versions), func(ctx context.Context, db *storage.DB, store string) error {
				_, err := db.KeyVersion(ctx, store, one, (versions+1)/2)
				return err
			})
		})
	}
}

// A page of 50 in a keystore of many keys.
func BenchmarkListKeys(b *testing.B) {
	for name, fresh := range databases {
		dsn := fresh(b)
		db := open(b, dsn)
		r := storagetest.Record()
		if err := db.InsertKeystore(b.Context(), r); err != nil {
			b.Fatal(err)
		}
		fill(b, dsn, r.ID, manyKeys, 1)
		for page, after := range map[string]keystore.Position{"first": {}, "last": {CreatedAt: storagetest.Moment(manyKeys - 60), ID: "z"}} {
			for _, filter := range []string{"all", "a type", "enabled", "a tag"} {
				b.Run(strings.Join([]string{name, filter, page}, "/"), func(b *testing.B) {
					for b.Loop() {
						if got, err := db.ListKeys(b.Context(), r.ID, filters[filter], after, 50); err != nil || len(got) < 25 {
							b.Fatalf("got %d keys, error %v", len(got), err)
						}
					}
				})
			}
		}
	}
}

// All goroutines count the same version, which is the worst case.
func BenchmarkReserveMessages(b *testing.B) {
	bench(b, 8, filled(10, 1), func(ctx context.Context, db *storage.DB, store string) error {
		_, err := db.ReserveMessages(ctx, store, two, 1, 64, 1<<62)
		return err
	})
}

func BenchmarkAddUses(b *testing.B) {
	uses := []keystore.Usage{{Version: 1, Uses: 3, LastUsedAt: storagetest.Moment(1)}}
	bench(b, 8, filled(10, 1), func(ctx context.Context, db *storage.DB, store string) error {
		return db.AddUses(ctx, store, two, uses)
	})
}

// A page of 50 of a million keystores, and counting them.
func BenchmarkListKeystores(b *testing.B) {
	const many = 1_000_000
	for name, fresh := range databases {
		dsn := fresh(b)
		db := open(b, dsn)
		fillKeystores(b, dsn, many)
		for page, after := range map[string]keystore.KeystorePosition{"first": {}, "last": {Name: "team 9", CreatedAt: storagetest.Moment(many - 100_000), ID: "z"}} {
			for filter, f := range keystoreFilters {
				b.Run(strings.Join([]string{name, filter, page}, "/"), func(b *testing.B) {
					for b.Loop() {
						if _, err := db.ListKeystores(b.Context(), f, after, 50); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
		}
		b.Run(name+"/count", func(b *testing.B) {
			for b.Loop() {
				if _, err := db.Count(b.Context(), storagetest.Moment(0), storagetest.Moment(0)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
