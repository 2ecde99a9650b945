package keystore

import (
	"context"
	"runtime"
	"sync"
	"time"

	"twolock/crypto/key"
)

// Making an RSA key takes up to a thousand times what anything else here takes: a few workers do it, one after another, and no keystore has more than
// its share.
const (
	maxWaiting  = 16               // requests that wait for a worker
	maxOfOne    = maxWaiting / 2   // of them of one keystore, so that it leaves room for others
	rsaPatience = 10 * time.Second // for a worker
)

// rsaCost is what a key counts against the quota, about as the time it takes: in keys of 2048 bits.
var rsaCost = map[key.Type]float64{key.RSA2048: 1, key.RSA3072: 4, key.RSA4096: 12}

// rsaImportCost is what checking a key from outside counts, its public part alone as much as all of it.
var rsaImportCost = map[key.Type]float64{key.RSA2048: 0.25, key.RSA3072: 1, key.RSA4096: 2}

// rsa makes RSA keys.
type rsa struct {
	now     func() time.Time
	minute  float64 // what a keystore may spend in a minute, and at once
	workers chan struct{}
	waiting chan struct{}

	mu    sync.Mutex
	spent map[string]account // by keystore
	turns map[string]int     // by keystore: waiting or at work
}

// account is what a keystore had left at a time.
type account struct {
	left float64
	at   time.Time
}

func newRSA(perMinute int, now func() time.Time) *rsa {
	return &rsa{
		now: now, minute: float64(perMinute), spent: map[string]account{}, turns: map[string]int{},
		workers: make(chan struct{}, max(1, runtime.GOMAXPROCS(0)/2)), waiting: make(chan struct{}, maxWaiting),
	}
}

// importMaterial is key.Import; RSA keys, which take long to check, have their turn as those that are made. The keystore pays for so many.
func (s *Service) importMaterial(ctx context.Context, keystore string, t key.Type, m key.Material, pays int) (*key.Key, error) {
	cost, slow := rsaImportCost[t]
	if !slow {
		return key.Import(t, m)
	}
	return s.rsa.turn(ctx, keystore, cost*float64(pays), func() (*key.Key, error) { return key.Import(t, m) })
}

// generate makes a key for a keystore.
func (s *Service) generate(ctx context.Context, keystore string, t key.Type) (*key.Key, error) {
	cost, slow := rsaCost[t]
	if !slow {
		return key.Generate(t)
	}
	return s.rsa.turn(ctx, keystore, cost, func() (*key.Key, error) { return key.Generate(t) })
}

// turn does something slow, that costs a keystore so much, when a worker is free. Who has no turn pays nothing.
func (g *rsa) turn(ctx context.Context, keystore string, cost float64, do func() (*key.Key, error)) (*key.Key, error) {
	if !g.enter(keystore) {
		return nil, errBusy
	}
	defer g.leave(keystore)
	select {
	case g.waiting <- struct{}{}:
		defer func() { <-g.waiting }()
	default:
		return nil, errBusy
	}
	if wait := g.spend(keystore, cost); wait > 0 {
		return nil, &Error{Code: RateLimited, Retryable: true, Message: "type: this keystore has made or taken its share of RSA keys for now; wait " + (wait + time.Second - 1).Truncate(time.Second).String() + ", or choose a type without RSA"}
	}
	ctx, cancel := context.WithTimeout(ctx, rsaPatience)
	defer cancel()
	select {
	case g.workers <- struct{}{}:
		defer func() { <-g.workers }()
		return do()
	case <-ctx.Done():
		return nil, errBusy
	}
}

var errBusy = &Error{Code: RateLimited, Retryable: true, Message: "type: too many RSA keys are being made at once; try again, or choose a type without RSA"}

// enter counts a turn of the keystore's, unless it has as many as one may have.
func (g *rsa) enter(keystore string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.turns[keystore] == maxOfOne {
		return false
	}
	g.turns[keystore]++
	return true
}

func (g *rsa) leave(keystore string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.turns[keystore]--; g.turns[keystore] == 0 {
		delete(g.turns, keystore)
	}
}

// spend takes the cost from the keystore's account, or tells how long until there is enough.
func (g *rsa) spend(keystore string, cost float64) time.Duration {
	now := g.now()
	g.mu.Lock()
	defer g.mu.Unlock()
	a, ok := g.spent[keystore]
	if !ok {
		g.forget(now)
		a = account{g.minute, now}
	}
	a = account{min(g.minute, a.left+g.minute*now.Sub(a.at).Minutes()), now}
	if a.left < min(cost, g.minute) { // a full account pays for anything
		g.spent[keystore] = a
		return time.Duration((min(cost, g.minute) - a.left) / g.minute * float64(time.Minute))
	}
	a.left -= cost
	g.spent[keystore] = a
	return 0
}

// forget drops the accounts that are full again.
func (g *rsa) forget(now time.Time) {
	if len(g.spent) < 1000 {
		return
	}
	for keystore, a := range g.spent {
		if a.left+g.minute*now.Sub(a.at).Minutes() >= g.minute {
			delete(g.spent, keystore)
		}
	}
}
