package keystore

import (
	"context"
	"errors"
	"sync"
	"time"

	"twolock/crypto/lock"
)

// What operators see of the things that this server needs. It is looked at in the background, when an operator asks and the last look is a minute old:
// an operator who looks again and again costs what one who looks once a minute does, and when nobody looks nothing is asked of anybody.
const (
	lookAgain   = time.Minute
	lookTimeout = 10 * time.Second
	// countRest is how many times longer than a count it is left alone after it, so that counting takes one part in fifty of a processor at most.
	countRest = 50
)

// watch is what was seen at the last look. Safe for concurrent use.
type watch struct {
	asked, askedCount chan struct{} // of size 1

	mu       sync.Mutex
	health   map[string]*Health // by the lock's id, or databaseName or authServerName
	counts   *ServiceCounts
	unsealed map[string]int64 // keystores, by the lock's id
	failed   bool             // the last count
	looked   time.Time
	counted  time.Time
	countMay time.Time // not again before
}

const databaseName, authServerName = "database", "auth server"

func newWatch() *watch {
	return &watch{asked: make(chan struct{}, 1), askedCount: make(chan struct{}, 1), health: map[string]*Health{}, unsealed: map[string]int64{}}
}

// ask has a look taken in the background, if it is time for one.
func (w *watch) ask(now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.looked.IsZero() || !now.Before(w.looked.Add(lookAgain)) {
		wake(w.asked)
	}
	if w.counted.IsZero() || !now.Before(w.countMay) {
		wake(w.askedCount)
	}
}

func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // it is awake
	}
}

func (w *watch) of(name string) *Health {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.health[name]
}

func (w *watch) count() (counts *ServiceCounts, failed bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.counts, w.failed
}

// runWatch looks and counts when asked, until the context ends.
func (s *Service) runWatch(ctx context.Context) {
	var both sync.WaitGroup
	for asked, do := range map[chan struct{}]func(context.Context){s.watch.asked: s.look, s.watch.askedCount: s.countAll} {
		both.Go(func() {
			for {
				select {
				case <-ctx.Done():
					return
				case <-asked:
					s.guarded(ctx, do)
				}
			}
		})
	}
	both.Wait()
}

// look asks everything that the server needs whether it answers.
func (s *Service) look(ctx context.Context) {
	now := s.Now().UTC()
	s.watch.mu.Lock()
	again := !s.watch.looked.IsZero() && now.Before(s.watch.looked.Add(lookAgain)) // asked again while the last look was under way
	if !again {
		s.watch.looked = now
	}
	s.watch.mu.Unlock()
	if again {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	var all sync.WaitGroup
	// An error says that it does not answer as it should; a problem without one, what its answer leaves open.
	at := func(name string, ask func(context.Context) (problem string, err error)) {
		all.Go(func() {
			s.guarded(ctx, func(ctx context.Context) {
				began := time.Now()
				problem, err := ask(ctx)
				h := &Health{Answers: err == nil, Problem: optional(problem), Latency: milliseconds(time.Since(began)), CheckedAt: s.Now().UTC()}
				if err != nil {
					s.Log.Warn("looked at for the operators, and found wanting", "what", name, "problem", problem, "error", err)
				}
				s.watch.mu.Lock()
				defer s.watch.mu.Unlock()
				s.watch.health[name] = h
			})
		})
	}
	at(databaseName, func(ctx context.Context) (string, error) {
		if err := s.Store.Ping(ctx); err != nil {
			return "does not take writes", err
		}
		return "", nil
	})
	for _, l := range s.Locks {
		at(l.ID(), func(ctx context.Context) (string, error) { return s.tryLock(ctx, l) })
	}
	if s.SecondShare != nil {
		at(authServerName, s.tryAuthServer)
	}
	all.Wait()
}

// tryLock opens with a lock what the service has sealed under it.
func (s *Service) tryLock(ctx context.Context, l Lock) (string, error) {
	sealings, err := s.Store.ServiceSealings(ctx)
	if err != nil {
		return "not asked, for the database did not answer", err
	}
	blob, ok := sealings[l.ID()]
	if !ok && s.Adding[l.ID()] { // until everything is sealed under it, a trial does
		if blob, err = l.Seal(ctx, lock.Generate32(), serviceLabel); err != nil {
			return lockProblem(err), err
		}
		ok = true
	}
	if !ok {
		return "nothing is sealed under it", ErrNotFound
	}
	seed, err := l.Open(ctx, blob, serviceLabel)
	clear(seed)
	return lockProblem(err), err
}

// noShareOfOurs is told of an Auth server that has given no share yet.
const noShareOfOurs = "says (404) that it has no share of this server, as it should; a server at a wrong --auth-url says the same. The first share that is fetched will tell"

// tryAuthServer asks for a share of this service itself, of which it has none: that it says so is an answer. But whatever answers HTTP says the same of a path
// that it does not know, so the URL is not known to be right until a real share came from there.
func (s *Service) tryAuthServer(ctx context.Context) (string, error) {
	share, err := s.SecondShare.Share(ctx, s.identity.DID())
	clear(share)
	switch {
	case !errors.Is(err, lock.ErrNoShare):
		return lockProblem(err), err
	case s.gaveShare.Load():
		return "", nil
	}
	return noShareOfOurs, nil
}

// lockProblem is what operators are told of a failure; "" when there was none.
func lockProblem(err error) string {
	if err == nil {
		return ""
	}
	if away, ok := errors.AsType[*lock.UnavailableError](err); ok {
		return away.Reason
	}
	if errors.Is(err, lock.ErrOpen) {
		return "does not open what was sealed under it"
	}
	return "failed; the log says how"
}

// countAll counts what operators want to know the number of.
func (s *Service) countAll(ctx context.Context) {
	now := s.Now().UTC()
	began := time.Now()
	c, err := s.Store.Count(ctx, now, now.Add(vaultNotice))
	s.countUnsealed(ctx)
	took := time.Since(began)
	s.watch.mu.Lock()
	defer s.watch.mu.Unlock()
	s.watch.counted, s.watch.countMay = now, now.Add(max(lookAgain, countRest*took))
	s.watch.failed = err != nil
	if err != nil {
		s.Log.Warn("not counted for the operators", "took", took, "error", err)
		return
	}
	out := &ServiceCounts{CountedAt: now, Vaults: c.Vaults, VaultCapabilitiesEndingSoon: c.Ending, VaultCapabilitiesEnded: c.Ended, KeystoresByState: []*StateCount{}, KeysByKind: []*KeyCount{}}
	for _, state := range []KeyState{KeyEnabled, KeyDisabled, KeyPendingDeletion} {
		out.Keystores += c.Keystores[state]
		out.KeystoresByState = append(out.KeystoresByState, &StateCount{state, c.Keystores[state]})
	}
	for i := range c.Keys {
		out.Keys += c.Keys[i].Count
		out.KeysByKind = append(out.KeysByKind, &c.Keys[i])
	}
	s.watch.counts = out
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
