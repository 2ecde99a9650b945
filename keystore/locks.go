package keystore

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// The server's locks come and go while the server runs. A keystore may lack the sealing of a lock that is configured: it was made by a server without that
// lock, or the lock is being added. What lacks it is found in the database and sealed, and a retired lock's sealings are deleted, in rounds through all
// keystores: of each lock by one server at a time, the holder of its lease, for not every server has the same locks. What a round has done needs not be
// done again, so that it can be ended anywhere. Working keys are not touched.

const (
	// roundRest is how long a lock is left alone after a round, and roundCost how many times longer than the round took, as with counting.
	roundRest, roundCost = time.Minute, 50
	sealPage, sealAtOnce = 40, 8 // with a lock that hangs, a page is through within a pass
	removePage           = 500
)

// round is one through all keystores for a lock. A pass that ends before it leaves the rest to the next.
type round struct {
	name  string // of the lease
	held  bool
	next  time.Time // no pass before
	after string    // the last keystore that was looked at
	took  time.Duration
	begun bool
	pause bool // nothing of the last page could be done: the next has time

	done   int // keystores that were sealed, or whose sealing was deleted
	left   int // that could not be, and will not soon
	failed int // that could not be now
}

// runLocks looks after the locks until the context ends.
func (s *Service) runLocks(ctx context.Context) {
	sealing, retiring := make([]*round, len(s.Locks)), make([]*round, len(s.Retiring))
	for i, l := range s.Locks {
		sealing[i] = &round{name: "seal " + l.ID()}
	}
	for i, id := range s.Retiring {
		retiring[i] = &round{name: "retire " + id}
	}
	s.guarded(ctx, s.warnOfOtherLocks)
	t := time.NewTicker(housekeepingEvery)
	defer t.Stop()
	for {
		s.guarded(ctx, func(ctx context.Context) {
			for i, l := range s.Locks {
				s.pass(ctx, sealing[i], func(ctx context.Context) (bool, error) { return s.sealSome(ctx, l, sealing[i]) })
			}
			for i, id := range s.Retiring {
				s.pass(ctx, retiring[i], func(ctx context.Context) (bool, error) { return s.retireSome(ctx, id, retiring[i]) })
			}
		})
		select {
		case <-ctx.Done():
			s.leave(ctx, slices.Concat(sealing, retiring))
			return
		case <-t.C:
		}
	}
}

// warnOfOtherLocks names the locks that open this database and are not configured.
func (s *Service) warnOfOtherLocks(ctx context.Context) {
	sealings, err := s.Store.ServiceSealings(ctx)
	if err != nil {
		s.Log.Error("server locks: those of the database are not known", "error", err)
		return
	}
	for _, id := range s.Retiring {
		if _, ok := sealings[id]; !ok {
			s.Log.Info("a server lock to retire is none of this database's, or no more", "lock", id)
		}
	}
	for _, l := range s.Locks {
		delete(sealings, l.ID())
	}
	for _, id := range slices.Sorted(maps.Keys(sealings)) {
		if !slices.Contains(s.Retiring, id) {
			s.Log.Warn("another server lock opens this database, and is not configured: what this server makes is not sealed under it; configure it, or give it as --retire-server-lock",
				"lock", id)
		}
	}
}

// leave gives the leases to whoever comes next, which may be this server once it is started again.
func (s *Service) leave(ctx context.Context, all []*round) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), loadTimeout)
	defer cancel()
	for _, r := range all {
		if now := s.now(); r.held {
			if _, err := s.Store.Lease(ctx, r.name, s.holder, now, now); err != nil {
				s.Log.Warn("server locks: a lease was not given back; it ends within a minute", "lease", r.name, "error", err)
			}
		}
	}
}

// pass goes on with a round if it is time for it and this server holds its lease, until it is through or passTime is over. step tells whether there is more.
func (s *Service) pass(ctx context.Context, r *round, step func(context.Context) (more bool, err error)) {
	now := s.now()
	if now.Before(r.next) || ctx.Err() != nil {
		return
	}
	// Not interrupted by a shutdown, after which nobody would know whether to give it back.
	asking, cancel := context.WithTimeout(context.WithoutCancel(ctx), loadTimeout)
	var err error
	r.held, err = s.Store.Lease(asking, r.name, s.holder, now, now.Add(leaseTime))
	cancel()
	if err != nil {
		s.Log.Error("server locks: no lease", "lease", r.name, "error", err)
	}
	if !r.held {
		return
	}
	bounded, cancel := context.WithTimeout(ctx, passTime)
	defer cancel()
	began := time.Now()
	more := true
	for more && err == nil && !r.pause && bounded.Err() == nil {
		more, err = step(bounded)
	}
	r.took += time.Since(began)
	switch {
	case err != nil && bounded.Err() == nil:
		s.Log.Error("server locks: interrupted, and tried again in a minute", "lease", r.name, "error", err)
		r.next = s.now().Add(roundRest)
	case err == nil && more && r.pause:
		r.pause, r.next = false, s.now().Add(roundRest)
	case err == nil && !more:
		rest := max(roundRest, roundCost*r.took)
		if r.left > 0 {
			rest = max(rest, retryAfter)
		}
		*r = round{name: r.name, held: true, next: s.now().Add(rest)}
	}
}

// sealSome seals a page of the keystores that a lock has not sealed under it; after the last it says what became of them.
func (s *Service) sealSome(ctx context.Context, l Lock, r *round) (more bool, err error) {
	id := l.ID()
	sealings, err := s.Store.ServiceSealings(ctx)
	if err != nil {
		return false, err
	}
	_, known := sealings[id]
	if !known && !s.Adding[id] {
		return false, &LockError{id, "was retired: nothing more is sealed under it but what this server makes"}
	}
	ids, end, err := s.Store.UnsealedBy(ctx, id, r.after, sealPage)
	if err != nil {
		return false, err
	}
	if len(ids) > 0 && !r.begun {
		r.begun = true
		s.tellUnsealed(ctx, id, known)
	}
	if err := s.sealThese(ctx, l, r, ids); err != nil {
		return false, err
	}
	if r.after = end; end != "" {
		return true, nil
	}
	s.watch.setUnsealed(id, int64(r.left+r.failed))
	if r.begun {
		log := s.Log.Info
		if r.left+r.failed > 0 {
			log = s.Log.Warn
		}
		log("keystores were sealed under a server lock", "lock", id, "sealed", r.done, "cannotBeOpened", r.left, "failed", r.failed)
	}
	if known || r.failed > 0 {
		return false, nil
	}
	return false, s.admit(ctx, l)
}

func (s *Service) tellUnsealed(ctx context.Context, id string, known bool) {
	n, err := s.Store.CountUnsealed(ctx, id)
	if err != nil { // there are some, however many
		s.Log.Warn("keystores are not sealed under a server lock; they are being sealed", "lock", id, "error", err)
		return
	}
	s.watch.setUnsealed(id, n)
	if !known {
		s.Log.Info("a server lock is being added", "lock", id, "keystores", n)
		return
	}
	s.Log.Warn("keystores are not sealed under a server lock; they are being sealed", "lock", id, "keystores", n)
}

// sealThese seals keystores under a lock. That the lock does not answer ends it; a keystore that cannot be opened is not in the way of others.
func (s *Service) sealThese(ctx context.Context, l Lock, r *round, ids []string) error {
	var done, left, failed atomic.Int64
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(sealAtOnce)
	for _, id := range ids {
		g.Go(func() error {
			var opened bool
			err := contained(func() (err error) { opened, err = s.addSealing(ctx, l, id); return err })
			switch {
			case err == nil:
				done.Add(1)
				s.watch.lessUnsealed(l.ID())
			case isGone(err), errors.Is(err, ErrExists): // by another server, meanwhile
			case ctx.Err() != nil || opened:
				return err
			case CodeOf(err) == KeyUnusable:
				left.Add(1)
				s.Log.Error("a keystore cannot be sealed under a further server lock", "lock", l.ID(), "keystore", id, "error", err)
			default:
				failed.Add(1)
				s.Log.Error("a keystore was not sealed under a further server lock", "lock", l.ID(), "keystore", id, "error", err)
			}
			return nil
		})
	}
	err := g.Wait()
	r.done += int(done.Load())
	if err == nil { // else they come again
		r.left, r.failed = r.left+int(left.Load()), r.failed+int(failed.Load())
		r.pause = failed.Load() > 0 && done.Load() == 0
	}
	return err
}

// addSealing seals a keystore's secrets under a lock, and tells whether at least another opened them.
func (s *Service) addSealing(ctx context.Context, l Lock, id string) (opened bool, err error) {
	r, err := s.readRecord(ctx, id)
	if err != nil {
		return false, err
	}
	x, err := s.openSecrets(ctx, r)
	if err != nil {
		return false, err
	}
	defer x.Wipe()
	blob, err := l.Seal(ctx, x.encoded, keystoreLabel(id))
	if err != nil {
		return true, err
	}
	return true, s.Store.AddSealing(ctx, id, l.ID(), blob)
}

// admit makes a lock that was added one of the service's: from now on it opens a start. Last, so that a lock that does opens the keystores too.
func (s *Service) admit(ctx context.Context, l Lock) error {
	seed, err := s.openService(ctx)
	if err != nil {
		return err
	}
	defer clear(seed)
	blob, err := l.Seal(ctx, seed, serviceLabel)
	if err != nil {
		return err
	}
	if err := s.Store.AddServiceSealing(ctx, l.ID(), blob); err != nil && !errors.Is(err, ErrExists) {
		return err
	}
	s.Log.Info("server lock added: everything is sealed under it; from the next start, give it as --server-lock", "lock", l.ID())
	return nil
}

// retireSome deletes a page of a retired lock's sealings; after the last, the service's own, if no keystore has one.
func (s *Service) retireSome(ctx context.Context, id string, r *round) (more bool, err error) {
	sealings, err := s.Store.ServiceSealings(ctx)
	if err != nil {
		return false, err
	}
	var others []string
	for _, l := range s.Locks {
		if _, known := sealings[l.ID()]; known {
			others = append(others, l.ID())
		}
	}
	if len(others) == 0 {
		return false, &LockError{id, "is to be retired, and it is the last"}
	}
	done, err := s.Store.RemoveSealings(ctx, id, others, r.after, removePage)
	if err != nil {
		return false, err
	}
	r.done, r.left, r.after = r.done+done.Removed, r.left+done.Kept, done.End
	if r.after != "" {
		return true, nil
	}
	if r.left > 0 {
		s.Log.Warn("a server lock cannot be retired yet: no configured one has sealed some of its keystores; start with it as --server-lock until the log says that they were sealed",
			"lock", id, "keystores", r.left, "deleted", r.done)
		return false, nil
	}
	removed, err := s.Store.RemoveServiceSealing(ctx, id, others)
	switch {
	case err != nil:
	case removed:
		s.Log.Info("server lock retired: nothing in the database is sealed under it; --retire-server-lock can go", "lock", id, "keystores", r.done)
	case r.done > 0:
		s.Log.Warn("another server seals under a lock that is being retired; what it sealed was deleted", "lock", id, "keystores", r.done)
	}
	return false, err
}

// countUnsealed counts, for the operators, the keystores that a lock has not sealed.
func (s *Service) countUnsealed(ctx context.Context) {
	for _, l := range s.Locks {
		n, err := s.Store.CountUnsealed(ctx, l.ID())
		if err != nil {
			s.Log.Warn("not counted for the operators", "lock", l.ID(), "error", err)
			return
		}
		s.watch.setUnsealed(l.ID(), n)
	}
}

func (w *watch) setUnsealed(lock string, n int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.unsealed[lock] = n
}

func (w *watch) lessUnsealed(lock string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if n := w.unsealed[lock]; n > 0 {
		w.unsealed[lock] = n - 1
	}
}

func (w *watch) unsealedBy(lock string) *int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	n, known := w.unsealed[lock]
	if !known {
		return nil
	}
	return &n
}
