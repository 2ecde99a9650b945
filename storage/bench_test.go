package storage_test

import (
	"testing"

	"twolock/storage/storagetest"
)

// A durable insert, as many at once as the benchmark runs goroutines (32 per processor).
func BenchmarkInsertKey(b *testing.B) {
	for name, fresh := range databases {
		b.Run(name, func(b *testing.B) {
			db := open(b, fresh(b))
			r := storagetest.Record()
			if err := db.InsertKeystore(b.Context(), r); err != nil {
				b.Fatal(err)
			}
			b.SetParallelism(32)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if err := db.InsertKey(b.Context(), storagetest.KeyRecord(r.ID)); err != nil {
						b.Error(err)
						return
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "inserts/s")
		})
	}
}

func BenchmarkKey(b *testing.B) {
	for name, fresh := range databases {
		b.Run(name, func(b *testing.B) {
			db := open(b, fresh(b))
			r := storagetest.Record()
			if err := db.InsertKeystore(b.Context(), r); err != nil {
				b.Fatal(err)
			}
			k := storagetest.KeyRecord(r.ID)
			if err := db.InsertKey(b.Context(), k); err != nil {
				b.Fatal(err)
			}
			b.SetParallelism(8)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, err := db.Key(b.Context(), r.ID, k.ID); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}
