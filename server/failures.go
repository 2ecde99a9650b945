package server

import (
	"net/netip"
	"strconv"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// failures counts the requests from each address that were not authenticated, and the operations that were not allowed, so that nobody can make the server verify signature after
// signature for nothing. An address that has too many is turned away until its minute is over, before anything is verified.
// Safe for concurrent use.
type failures struct {
	now    func() time.Time
	mu     sync.Mutex
	counts *simplelru.LRU[netip.Prefix, *minute]
}

type minute struct {
	ends  time.Time
	count int
}

const (
	maxFailures      = 300 // a minute and address
	countedAddresses = 10_000
)

func newFailures(now func() time.Time) *failures {
	counts, _ := simplelru.NewLRU[netip.Prefix, *minute](countedAddresses, nil) // fails for size 0 only
	return &failures{now: now, counts: counts}
}

// wait tells how long an address is turned away; 0 when it is not.
func (f *failures) wait(remote string) time.Duration {
	from, ok := counted(remote)
	if !ok {
		return 0
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	m, ok := f.counts.Get(from)
	if !ok || m.count < maxFailures {
		return 0
	}
	return max(m.ends.Sub(f.now()), 0)
}

// add counts so many failures.
func (f *failures) add(remote string, n int) {
	from, ok := counted(remote)
	if !ok || n == 0 {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	m, ok := f.counts.Get(from)
	if !ok || !f.now().Before(m.ends) {
		m = &minute{ends: f.now().Add(time.Minute)}
		f.counts.Add(from, m)
	}
	m.count += n
}

// counted is what an address counts as: itself, or its /64 of IPv6, which is one subscriber's. Loopback is not counted: behind a proxy on this
// machine everybody has that address.
func counted(remote string) (netip.Prefix, bool) {
	ap, err := netip.ParseAddrPort(remote)
	if err != nil {
		return netip.Prefix{}, false
	}
	addr := ap.Addr().Unmap().WithZone("")
	if addr.IsLoopback() {
		return netip.Prefix{}, false
	}
	bits := addr.BitLen()
	if addr.Is6() {
		bits = 64
	}
	p, err := addr.Prefix(bits)
	return p, err == nil
}

// seconds is a duration for Retry-After, rounded up.
func seconds(d time.Duration) string { return strconv.Itoa(int((d + time.Second - 1) / time.Second)) }
