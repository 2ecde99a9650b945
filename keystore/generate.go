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
	rsaPatience = 10 * time.Second // for a worker
)

// rsaCost is what a key counts against the quota, about as the time it takes: in keys of 2048 bits.
var rsaCost = map[key.Type]float64{key.RSA2048: 1, key.RSA3072: 4, key.RSA4096: 12}

// rsa makes RSA keys.
type rsa struct {
	now     func() time.Time
	minute  float64 // what a keystore may spend in a minute, and at once
	workers chan struct{}
	waiting chan struct{}

	mu    sync.Mutex
	spent map[string]account // by keystore
}

// account is what a keystore had left at a time.
type account struct {
	left float64
	at   time.Time
}

func newRSA(perMinute int, now func() time.Time) *rsa {
	return &rsa{
		now: now, minute: float64(perMinute), spent: map[string]account{},
		workers: make(chan struct{}, max(1, runtime.GOMAXPROCS(0)/2)), waiting: make(chan struct{}, maxWaiting),
	}
}

// importMaterial is key.Import; RSA keys, which take long to check, have their turn as those that are made.
func (s *Service) importMaterial(ctx context.Context, t key.Type, m key.Material) (*key.Key, error) {
	if _, slow := rsaCost[t]; !slow {
		return key.Import(t, m)
	}
	return s.rsa.turn(ctx, func() (*key.Key, error) { return key.Import(t, m) })
}

// generate makes a key for a keystore.
func (s *Service) generate(ctx context.Context, keystore string, t key.Type) (*key.Key, error) {
	cost, slow := rsaCost[t]
	if !slow {
		return key.Generate(t)
	}
	if wait := s.rsa.spend(keystore, cost); wait > 0 {
		return nil, &Error{Code: RateLimited, Retryable: true, Message: "type: this keystore has made its share of RSA keys for now; wait " + (wait + time.Second - 1).Truncate(time.Second).String() + ", or choose a type without RSA"}
	}
	return s.rsa.turn(ctx, func() (*key.Key, error) { return key.Generate(t) })
}

// turn does something slow when a worker is free.
func (g *rsa) turn(ctx context.Context, do func() (*key.Key, error)) (*key.Key, error) {
	select {
	case g.waiting <- struct{}{}:
		defer func() { <-g.waiting }()
	default:
		return nil, errBusy
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
