package keystore

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// wiper is what a cache holds: something to overwrite when it goes.
type wiper interface{ Wipe() }

// cache is a bounded, timed cache in which concurrent misses for one id make one call, and nothing is wiped while it is in
// use. Safe for concurrent use.
type cache struct {
	now     func() time.Time
	mu      sync.Mutex
	entries *simplelru.LRU[string, *entry] // nil: off
	flights map[string]*flight
	closed  bool
}

// entry is a cached value and those who use it: it is wiped when it has left the cache and the last of them is done.
type entry struct {
	value   wiper
	expires time.Time
	users   int
	gone    bool
}

// flight is a call under way. Those who wait are counted as users before the value exists.
type flight struct {
	done    chan struct{}
	waiters int
	entry   *entry
	err     error
}

// newCache holds up to size entries; 0 turns it off.
func newCache(size int, now func() time.Time) *cache {
	c := &cache{now: now, flights: map[string]*flight{}}
	if size > 0 {
		c.entries, _ = simplelru.NewLRU(size, func(_ string, e *entry) { c.leave(e) }) // fails for size 0 only
	}
	return c
}

// use returns the value for id and a function that must be called when the caller is done with it. A value not yet there, or older
// than ttl, is loaded; load runs apart from the first caller's cancellation, within its deadline at most. Errors are not kept.
func (c *cache) use(ctx context.Context, id string, ttl time.Duration, load func(context.Context) (wiper, error)) (wiper, func(), error) {
	if !c.keeps(ttl) {
		v, err := load(ctx)
		if err != nil {
			return nil, nil, err
		}
		return v, v.Wipe, nil
	}
	c.mu.Lock()
	if e, ok := c.entries.Get(id); ok {
		if c.now().Before(e.expires) {
			e.users++
			c.mu.Unlock()
			return e.value, func() { c.release(e) }, nil
		}
		c.entries.Remove(id)
	}
	f, ok := c.flights[id]
	if !ok {
		f = &flight{done: make(chan struct{})}
		c.flights[id] = f
		go c.fly(context.WithoutCancel(ctx), f, id, ttl, load)
	}
	f.waiters++
	c.mu.Unlock()

	select {
	case <-f.done:
		if f.err != nil {
			return nil, nil, f.err
		}
		return f.entry.value, func() { c.release(f.entry) }, nil
	case <-ctx.Done():
		c.abandon(f)
		return nil, nil, ctx.Err()
	}
}

// keeps tells whether what is loaded is kept at all.
func (c *cache) keeps(ttl time.Duration) bool { return c.entries != nil && ttl > 0 }

// loadTimeout bounds a load: every upstream has its own shorter one.
const loadTimeout = 10 * time.Second

func (c *cache) fly(ctx context.Context, f *flight, id string, ttl time.Duration, load func(context.Context) (wiper, error)) {
	ctx, cancel := context.WithTimeout(ctx, loadTimeout)
	defer cancel()
	v, err := landed(ctx, load)
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.flights, id)
	if f.err = err; err == nil {
		f.entry = &entry{value: v, expires: c.now().Add(ttl), users: f.waiters}
		if c.closed {
			c.leave(f.entry)
		} else {
			c.entries.Add(id, f.entry)
		}
	}
	close(f.done)
}

// landed is a load whose panic is an error.
func landed(ctx context.Context, load func(context.Context) (wiper, error)) (v wiper, err error) {
	err = contained(func() (err error) {
		v, err = load(ctx)
		return err
	})
	return v, err
}

// contained makes a panic an error, where no request's recover is above it and it would end the process. What it says might be a secret.
func contained(do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic of type %T: %s", p, debug.Stack())
		}
	}()
	return do()
}

func (c *cache) abandon(f *flight) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if f.waiters--; f.entry != nil {
		c.done(f.entry)
	}
}

func (c *cache) release(e *entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.done(e)
}

func (c *cache) done(e *entry) {
	if e.users--; e.users == 0 && e.gone {
		e.value.Wipe()
	}
}

func (c *cache) leave(e *entry) {
	if e.gone = true; e.users == 0 {
		e.value.Wipe()
	}
}

// drop forgets one value.
func (c *cache) drop(id string) {
	if c.entries == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.entries.Remove(id)
}

// sweep drops what is too old, so that a secret does not outlive its time because nobody asks for it.
func (c *cache) sweep() {
	if c.entries == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, id := range c.entries.Keys() {
		if e, ok := c.entries.Peek(id); ok && !c.now().Before(e.expires) {
			c.entries.Remove(id)
		}
	}
}

// close drops everything; what is in use is wiped when it is released.
func (c *cache) close() {
	if c.entries == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	c.entries.Purge()
}
