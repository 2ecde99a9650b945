package keystore_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"twolock/keystore"
)

// value is a secret that knows when it is wiped, and by that whether anyone uses it afterwards.
type value struct{ wiped atomic.Bool }

func (v *value) Wipe() { v.wiped.Store(true) }

func get(t *testing.T, c *keystore.Cache, id string, ttl time.Duration, calls *atomic.Int64) (*value, func()) {
	t.Helper()
	v, release, err := c.Use(context.Background(), id, ttl, func(context.Context) (keystore.Wiper, error) {
		calls.Add(1)
		return &value{}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return v.(*value), release
}

func TestCacheEvictsAndWipes(t *testing.T) {
	c := keystore.NewCache(2, time.Now)
	var calls atomic.Int64
	a, releaseA := get(t, c, "a", time.Minute, &calls)
	b, releaseB := get(t, c, "b", time.Minute, &calls)
	releaseB()
	_, releaseC := get(t, c, "c", time.Minute, &calls)
	_, releaseD := get(t, c, "d", time.Minute, &calls)
	if !b.wiped.Load() {
		t.Error("what was evicted and not in use was not wiped")
	}
	if a.wiped.Load() {
		t.Error("what is in use was wiped")
	}
	releaseA()
	if !a.wiped.Load() {
		t.Error("what was evicted while in use was not wiped when it was released")
	}
	d, releaseAgain := get(t, c, "d", time.Minute, &calls)
	releaseC()
	releaseD()
	releaseAgain()
	if d.wiped.Load() {
		t.Error("what is in the cache was wiped")
	}
	c.Close()
	if !d.wiped.Load() {
		t.Error("what was in the cache was not wiped at its end")
	}
}

func TestCacheAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := keystore.NewCache(10, time.Now)
		var calls atomic.Int64
		a, release := get(t, c, "a", time.Minute, &calls)
		release()
		time.Sleep(59 * time.Second)
		again, release := get(t, c, "a", time.Minute, &calls)
		release()
		if again != a || calls.Load() != 1 {
			t.Error("loaded again before its time")
		}
		time.Sleep(time.Second)
		c.Sweep()
		if !a.wiped.Load() {
			t.Error("what is too old was not wiped though nobody asked for it")
		}
		b, release := get(t, c, "a", time.Minute, &calls)
		release()
		time.Sleep(time.Minute)
		fresh, release := get(t, c, "a", time.Minute, &calls)
		release()
		if fresh == b || !b.wiped.Load() {
			t.Error("what is too old was used")
		}
	})
}

func TestCacheOff(t *testing.T) {
	for name, c := range map[string]struct {
		cache *keystore.Cache
		ttl   time.Duration
	}{"no entries": {keystore.NewCache(0, time.Now), time.Minute}, "no time": {keystore.NewCache(10, time.Now), 0}} {
		var calls atomic.Int64
		a, release := get(t, c.cache, "a", c.ttl, &calls)
		release()
		b, release := get(t, c.cache, "a", c.ttl, &calls)
		release()
		if a == b || !a.wiped.Load() || !b.wiped.Load() {
			t.Errorf("%s: something was kept", name)
		}
	}
}

func TestCacheConcurrentMissesMakeOneCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := keystore.NewCache(10, time.Now)
		var calls atomic.Int64
		load := func(context.Context) (keystore.Wiper, error) {
			calls.Add(1)
			time.Sleep(time.Second)
			return &value{}, nil
		}
		var wg sync.WaitGroup
		for i := range 50 {
			wg.Go(func() {
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				if i == 0 { // the first to ask goes away; the others are not harmed
					go func() { time.Sleep(time.Millisecond); cancel() }()
				}
				v, release, err := c.Use(ctx, "a", time.Minute, load)
				if err != nil {
					if !errors.Is(err, context.Canceled) {
						t.Error(err)
					}
					return
				}
				if v.(*value).wiped.Load() {
					t.Error("got a wiped value")
				}
				release()
			})
		}
		wg.Wait()
		if got := calls.Load(); got != 1 {
			t.Errorf("%d calls, want 1", got)
		}
	})
}

func TestCacheKeepsNoError(t *testing.T) {
	c := keystore.NewCache(10, time.Now)
	failed := errors.New("failed")
	_, _, err := c.Use(context.Background(), "a", time.Minute, func(context.Context) (keystore.Wiper, error) { return nil, failed })
	if !errors.Is(err, failed) {
		t.Errorf("got %v", err)
	}
	var calls atomic.Int64
	_, release := get(t, c, "a", time.Minute, &calls)
	release()
	if calls.Load() != 1 {
		t.Error("an error was kept")
	}
}

// A load runs where no request's recover is above it: its panic must not end the process.
func TestCacheSurvivesAPanic(t *testing.T) {
	c := keystore.NewCache(10, time.Now)
	_, _, err := c.Use(context.Background(), "a", time.Minute, func(context.Context) (keystore.Wiper, error) { panic("a secret") })
	if err == nil || strings.Contains(err.Error(), "a secret") {
		t.Errorf("got %v", err)
	}
	var calls atomic.Int64
	_, release := get(t, c, "a", time.Minute, &calls)
	release()
}

// Nobody ever holds a wiped value, whatever happens at the same time.
func TestCacheUnderLoad(t *testing.T) {
	c := keystore.NewCache(4, time.Now)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 3000 {
				id := fmt.Sprint(rand.IntN(12))
				v, release, err := c.Use(context.Background(), id, time.Millisecond, func(context.Context) (keystore.Wiper, error) { return &value{}, nil })
				if err != nil {
					t.Error(err)
					return
				}
				if v.(*value).wiped.Load() {
					t.Error("a wiped value is in use")
				}
				switch rand.IntN(50) {
				case 0:
					c.Drop(id)
				case 1:
					c.Sweep()
				}
				if v.(*value).wiped.Load() {
					t.Error("a value in use was wiped")
				}
				release()
			}
		})
	}
	wg.Wait()
}
