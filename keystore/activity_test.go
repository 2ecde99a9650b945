package keystore_test

import (
	"math"
	"sync"
	"testing"
	"time"

	"twolock/keystore"
)

// Quantiles are right to within 6 %, over the whole range.
func TestLatency(t *testing.T) {
	at := time.Date(2031, 1, 1, 12, 0, 30, 0, time.UTC)
	for _, unit := range []time.Duration{time.Microsecond, 37 * time.Microsecond, time.Millisecond, 11 * time.Millisecond} {
		note, read := keystore.NewActivity(func() time.Time { return at })
		for i := range 1000 {
			note(time.Duration(i+1)*unit, 1)
		}
		l := read(time.Time{}).Latency
		for _, q := range []struct {
			got  float64
			want int
		}{{l.P50, 500}, {l.P95, 950}, {l.P99, 990}} {
			want := float64(q.want) * float64(unit) / float64(time.Millisecond)
			if math.Abs(q.got-want) > want*0.06+0.0005 {
				t.Errorf("1 to 1000 times %v: got %v ms, want %v", unit, q.got, want)
			}
		}
	}
	for _, extreme := range []time.Duration{-time.Second, 0, time.Hour, math.MaxInt64} {
		note, read := keystore.NewActivity(func() time.Time { return at })
		note(extreme, 1)
		if l := read(time.Time{}).Latency; l == nil || l.P50 < 0 || l.P99 > 62_000 {
			t.Errorf("%v: %+v", extreme, l)
		}
	}
}

// Minutes come and go: an hour of them is kept, the empty ones among them.
func TestActivity(t *testing.T) {
	now := time.Date(2031, 1, 1, 12, 0, 30, 0, time.UTC)
	started := now
	note, read := keystore.NewActivity(func() time.Time { return now })
	if a := read(started); len(a.Minutes) != 1 || a.Latency != nil || !a.Since.Equal(started) || a.Errors == nil {
		t.Errorf("at the start: %+v", a)
	}
	note(time.Millisecond, 3)
	note(time.Millisecond, 1, keystore.Forbidden)
	now = now.Add(2 * time.Minute)
	note(2*time.Millisecond, 0, keystore.NotFound, keystore.NotFound)
	a := read(started)
	if len(a.Minutes) != 3 || a.Requests != 3 || a.Operations != 4 || a.Minutes[0].Operations != 4 || a.Minutes[1].Requests != 0 || a.Minutes[1].Latency != nil || a.Minutes[2].Requests != 1 {
		t.Errorf("two minutes later: %+v", a)
	}
	if e := a.Errors; len(e) != 2 || *e[0] != (keystore.ErrorCount{Code: "NOT_FOUND", Count: 2}) || *e[1] != (keystore.ErrorCount{Code: "FORBIDDEN", Count: 1}) {
		t.Errorf("errors: %+v", e)
	}
	now = now.Add(58 * time.Minute) // the first minute's place is the 61st's
	if a := read(started); len(a.Minutes) != 60 || a.Operations != 0 || a.Requests != 1 || !a.Minutes[0].At.Equal(started.Truncate(time.Minute).Add(time.Minute)) {
		t.Errorf("an hour later: %d minutes from %v, %d requests", len(a.Minutes), a.Minutes[0].At, a.Requests)
	}
	now = now.Add(100 * time.Hour)
	if a := read(started); a.Requests != 0 {
		t.Errorf("days later: %d requests", a.Requests)
	}
}

func TestActivityAtOnce(t *testing.T) {
	note, read := keystore.NewActivity(time.Now)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for i := range 1000 {
				note(time.Millisecond, 1, keystore.Conflict)
				if i%100 == 0 {
					read(time.Time{})
				}
			}
		})
	}
	all.Wait()
	if a := read(time.Time{}); a.Operations != 8000 || a.Errors[0].Count != 8000 {
		t.Errorf("%d operations, %+v; want 8000 of each", a.Operations, a.Errors)
	}
}

// What the hot path pays.
func BenchmarkNote(b *testing.B) {
	note, _ := keystore.NewActivity(time.Now)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			note(123*time.Microsecond, 1)
		}
	})
}
