package keystore

import (
	"cmp"
	"maps"
	"math/bits"
	"slices"
	"sync"
	"time"
)

// activity is what this server did in the last hour, minute by minute, in memory. Safe for concurrent use; noting a request takes less than a microsecond.
type activity struct {
	now     func() time.Time
	mu      sync.Mutex
	minutes [activityMinutes]minute // the minute m, counted from 1970, is at m modulo their number
}

const activityMinutes = 60

type minute struct {
	number     int64
	requests   int64
	operations int64
	errors     map[Code]int64
	took       histogram

	vaultRequests, vaultFailures int64
}

// note counts a request that was answered: how long that took, how many operations it asked for, the codes of the errors in its answer.
func (a *activity) note(took time.Duration, operations int, errors []Code) {
	a.mu.Lock()
	defer a.mu.Unlock()
	m := a.current()
	m.requests++
	m.operations += int64(operations)
	m.took.add(took)
	for _, code := range errors {
		if m.errors == nil {
			m.errors = map[Code]int64{}
		}
		m.errors[code]++
	}
}

// noteVault counts a request to a vault.
func (a *activity) noteVault(ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	m := a.current()
	m.vaultRequests++
	if !ok {
		m.vaultFailures++
	}
}

// current is the minute that is under way. The caller holds the lock.
func (a *activity) current() *minute {
	number := a.now().Unix() / 60
	m := &a.minutes[number%activityMinutes]
	if m.number != number {
		*m = minute{number: number}
	}
	return m
}

// read returns the minutes of the last hour, oldest first, those before since left out, the one that is under way too.
func (a *activity) read(since time.Time) *Activity {
	last := a.now().Unix() / 60
	first := max(last-activityMinutes+1, since.Unix()/60)
	a.mu.Lock()
	defer a.mu.Unlock()
	out := &Activity{Since: time.Unix(first*60, 0).UTC(), Minutes: []*ActivityMinute{}}
	if out.Since.Before(since) {
		out.Since = since
	}
	hour := minute{errors: map[Code]int64{}}
	for n := first; n <= last; n++ {
		m := &a.minutes[n%activityMinutes]
		if m.number != n {
			m = &minute{}
		}
		out.Minutes = append(out.Minutes, &ActivityMinute{
			At: time.Unix(n*60, 0).UTC(), Requests: m.requests, Operations: m.operations, Errors: errorCounts(m.errors), Latency: m.took.quantiles(),
		})
		hour.requests += m.requests
		hour.operations += m.operations
		out.VaultRequests += m.vaultRequests
		out.VaultFailures += m.vaultFailures
		for code, count := range m.errors {
			hour.errors[code] += count
		}
		for i, count := range m.took {
			hour.took[i] += count
		}
	}
	out.Requests, out.Operations, out.Errors, out.Latency = hour.requests, hour.operations, errorCounts(hour.errors), hour.took.quantiles()
	return out
}

func errorCounts(by map[Code]int64) []*ErrorCount {
	out := []*ErrorCount{}
	for _, code := range slices.Sorted(maps.Keys(by)) {
		out = append(out, &ErrorCount{Code: code, Count: by[code]})
	}
	slices.SortStableFunc(out, func(a, b *ErrorCount) int { return cmp.Compare(b.Count, a.Count) })
	return out
}

// histogram counts times in microseconds: below 16 each by itself, above in 16 steps from one power of two to the next, so that a quantile is right to
// within 6 %. What took longer than a minute counts as a minute.
type histogram [16 + 22*16]uint32

func bucketOf(d time.Duration) int {
	us := uint64(min(max(d, 0), time.Minute) / time.Microsecond)
	if us < 16 {
		return int(us)
	}
	e := bits.Len64(us) - 5 // us>>e is in [16, 32)
	return 16 + e*16 + int(us>>e) - 16
}

// boundOf is the middle of a bucket, in microseconds.
func boundOf(bucket int) float64 {
	if bucket < 16 {
		return float64(bucket)
	}
	e, m := (bucket-16)/16, (bucket-16)%16+16
	return (float64(m) + 0.5) * float64(uint64(1)<<e)
}

func (h *histogram) add(d time.Duration) { h[bucketOf(d)]++ }

// quantiles are nil when nothing was counted.
func (h *histogram) quantiles() *Latency {
	var all uint64
	for _, n := range h {
		all += uint64(n)
	}
	if all == 0 {
		return nil
	}
	at := func(percent uint64) float64 {
		rank, sum := max((all*percent+99)/100, 1), uint64(0)
		for i, n := range h {
			if sum += uint64(n); sum >= rank {
				return boundOf(i) / 1000
			}
		}
		return 0
	}
	return &Latency{P50: at(50), P95: at(95), P99: at(99)}
}

// Note counts a request that this server answered, for its operators: how long it took, how many operations it asked for, and the codes of the errors in
// its answer.
func (s *Service) Note(took time.Duration, operations int, errors ...Code) {
	s.activity.note(took, operations, errors)
}
