package keystore

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/errgroup"

	"twolock/auth"
)

// What is due though nobody asks: keys to rotate and to delete, keystores to delete. It is found by an index. One server at a time looks after the keys of the
// database, the holder of a lease; a keystore that is due is taken by a server for itself, for a vault may be slow, and must be in nobody's way. Should two
// do the same, revisions let one of them win.

const (
	housekeepingEvery = 5 * time.Second
	leaseName         = "housekeeping"
	leaseTime         = time.Minute
	dueAtOnce         = 100
	// passTime bounds a pass through the database's keys, within the lease, and each keystore; so many keystores are looked after at once.
	passTime        = 30 * time.Second
	keystoresAtOnce = 8
	// retryAfter is how long what could not be looked after is left alone, and overdue how long until the keys in a vault that does not
	// answer are given up: without the keystore's own keys they open nothing.
	retryAfter = 15 * time.Minute
	overdue    = 7 * 24 * time.Hour
)

// keepHouse looks after the due keys of the database, if this server holds the lease.
func (s *Service) keepHouse(ctx context.Context) {
	now := s.now()
	mine, err := s.Store.Lease(ctx, leaseName, s.holder, now, now.Add(leaseTime))
	if err != nil {
		s.Log.Error("housekeeping: no lease", "error", err)
		return
	}
	if !mine {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, passTime)
	defer cancel()
	if err := s.keepKeys(ctx); err != nil && ctx.Err() == nil {
		s.Log.Error("housekeeping: due keys", "error", err)
	}
	if err := s.pruneDailyUses(ctx); err != nil && ctx.Err() == nil {
		s.Log.Error("housekeeping: old counts of uses", "error", err)
	}
}

// keepKeys looks after the keys of the database.
func (s *Service) keepKeys(ctx context.Context) error {
	for ctx.Err() == nil { // the rest is due still
		due, err := s.Store.DueKeys(ctx, s.now(), dueAtOnce)
		if err != nil {
			return err
		}
		if err := s.keepThese(ctx, due); err != nil || len(due) < dueAtOnce {
			return err
		}
	}
	return ctx.Err()
}

func (s *Service) keepThese(ctx context.Context, due []DueKey) error {
	for _, d := range due {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		record, err := s.readRecord(ctx, d.Keystore)
		done := false
		if err == nil {
			done, err = s.keepKey(ctx, record, d.ID)
		}
		if isGone(err) || done {
			continue
		}
		if err != nil {
			s.Log.Error("a due key was not looked after", "keystore", d.Keystore, "key", d.ID, "error", err)
		}
		// What cannot be done now, in a keystore that is disabled say, must not be in the way of what can.
		if err := s.Store.Postpone(ctx, d.Keystore, d.ID, s.now().Add(retryAfter)); err != nil && !isGone(err) {
			return err
		}
	}
	return nil
}

// keepKey deletes or rotates a key whose time has come, and tells whether it did.
func (s *Service) keepKey(ctx context.Context, record *Record, id string) (done bool, err error) {
	ring, release, err := s.useRing(ctx, record)
	if err != nil {
		return false, err
	}
	defer release()
	r, err := ring.store.Key(ctx, record.ID, id)
	if err != nil {
		return false, err
	}
	if !ring.intact(&r) {
		return false, ring.damaged(id, errTag)
	}
	at := place{record.ID, id}
	switch {
	case over(r.DeleteAt, s.Now()):
		if err := s.audit(s.self(), "deleteKey.due", at, 0); err != nil {
			return false, err
		}
		return true, s.remove(ctx, ring, &r)
	case s.isDue(&r) && stateOf(record.State, record.DeleteAt) == KeyEnabled && record.UserLock == UserLockLocal:
		if err := s.audit(s.self(), "rotateKey.due", at, 0); err != nil {
			return false, err
		}
		o, err := s.opener(record, nil)
		if err != nil {
			return false, err
		}
		_, err = s.rotate(ctx, &operation{caller: s.self(), at: at, record: record}, o, nil, s.isDue)
		return err == nil, err
	}
	return false, nil
}

// self is who does what nobody asked for.
func (s *Service) self() *auth.Caller { return &auth.Caller{DID: s.identity.DID()} }

// remove deletes a key for good.
func (s *Service) remove(ctx context.Context, ring *ring, r *KeyRecord) error {
	err := ring.store.DeleteKey(ctx, r.Keystore, r.ID, r.Revision)
	if isGone(err) {
		err = nil
	}
	s.records.drop(recordName(r.Keystore, r.ID))
	if err == nil {
		s.Log.Info("a key was deleted, as was scheduled", "keystore", r.Keystore, "key", r.ID)
	}
	return err
}

// keepKeystores looks after the keystores that are to go, and after the keys in vaults.
func (s *Service) keepKeystores(ctx context.Context) {
	due, err := s.Store.DueKeystores(ctx, s.now(), dueAtOnce)
	if err != nil {
		s.Log.Error("housekeeping: due keystores", "error", err)
		return
	}
	var g errgroup.Group
	g.SetLimit(keystoresAtOnce)
	for _, d := range due {
		g.Go(func() error {
			ctx, cancel := context.WithTimeout(ctx, passTime)
			defer cancel()
			err := contained(func() error { return s.keepKeystore(ctx, d) })
			if err != nil && !isGone(err) {
				s.Log.Error("a due keystore was not looked after", "keystore", d.ID, "error", err)
			}
			return nil
		})
	}
	_ = g.Wait()
}

func (s *Service) keepKeystore(ctx context.Context, d DueKeystore) error {
	// Taken, for the time that it may take; should it fail, it is tried again then.
	later := s.now().Add(retryAfter)
	if mine, err := s.Store.MoveWake(ctx, d.ID, d.WakeAt, later); err != nil || !mine {
		return err
	}
	record, err := s.readRecord(ctx, d.ID)
	if err != nil {
		return err
	}
	if over(record.DeleteAt, s.Now()) {
		return s.removeKeystore(ctx, record)
	}
	next, err := s.keepVault(ctx, record)
	if err != nil {
		return err
	}
	damaged, err := s.keepCondemned(ctx, record)
	if err != nil {
		return err
	}
	next = soonest(soonest(next, damaged), record.DeleteAt)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), loadTimeout)
	defer cancel()
	// Not if something was announced meanwhile: then it is looked at again.
	_, err = s.Store.MoveWake(ctx, d.ID, later, next)
	return err
}

// keepVault looks after all keys of a vault, and returns when the next one is due.
func (s *Service) keepVault(ctx context.Context, record *Record) (next time.Time, err error) {
	if record.Vault == nil {
		return time.Time{}, nil
	}
	records, err := s.allKeys(ctx, record)
	if err != nil {
		return time.Time{}, err
	}
	for i := range records {
		r := &records[i]
		r.Attended = record.UserLock == UserLockShamir
		due := r.Due()
		if due.IsZero() {
			continue
		}
		if !over(due, s.Now()) {
			next = soonest(next, due)
			continue
		}
		if ctx.Err() != nil { // the rest has its turn in the next pass
			next = soonest(next, s.now())
			break
		}
		done, err := s.keepKey(ctx, record, r.ID)
		if err != nil && !isGone(err) {
			s.Log.Error("a due key was not looked after", "keystore", r.Keystore, "key", r.ID, "error", err)
		}
		if !done {
			next = soonest(next, s.now().Add(retryAfter))
			continue
		}
		if r.DeleteAt.IsZero() && r.RotationPeriod > 0 {
			next = soonest(next, s.now().Add(r.RotationPeriod))
		}
	}
	return next, nil
}

// soonest is the earlier of two times, of which zero is none.
func soonest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// allKeys lists all keys of a vault.
func (s *Service) allKeys(ctx context.Context, record *Record) ([]KeyRecord, error) {
	ring, release, err := s.useRing(ctx, record)
	if err != nil {
		return nil, err
	}
	defer release()
	all, err := ring.store.ListKeys(ctx, record.ID, KeyFilter{}, Position{}, maxListed)
	sound := all[:0]
	for _, r := range all {
		if r.Damage == "" {
			sound = append(sound, r)
		}
	}
	return sound, err
}

// maxListed is more than MaxVaultKeys: as many as a vault lists.
const maxListed = 1000

// gone is by how many years the deletion of a keystore is moved into the past when it begins: no server's clock takes it for cancellable any more.
const gone = 10

// removeKeystore deletes a keystore and its keys for good: first what is in a vault, for it takes the keystore's own keys to reach that.
func (s *Service) removeKeystore(ctx context.Context, record *Record) error {
	if err := s.audit(s.self(), "deleteKeystore.due", place{keystore: record.ID}, 0); err != nil {
		return err
	}
	if due := record.DeleteAt.AddDate(gone, 0, 0); due.After(s.Now()) { // it has not begun yet
		record.Revision++
		record.DeleteAt = record.DeleteAt.AddDate(-gone, 0, 0)
		record.Tag = s.recordTag(record)
		if err := s.Store.UpdateKeystore(ctx, *record); err != nil {
			return err
		}
	}
	s.records.drop("keystore/" + record.ID)
	if record.Vault != nil {
		if err := s.emptyVault(ctx, record); err != nil {
			if s.Now().Before(record.DeleteAt.AddDate(gone, 0, 0).Add(overdue)) {
				return err
			}
			s.Log.Warn("a keystore's vault could not be emptied; what opens it is deleted", "keystore", record.ID, "error", err)
		}
	}
	if err := s.Store.DeleteKeystore(ctx, record.ID, record.Revision); err != nil && !isGone(err) {
		return err
	}
	s.records.drop("keystore/" + record.ID)
	s.opened.drop("keystore/" + record.ID)
	s.Log.Info("a keystore was deleted, as was scheduled", "keystore", record.ID)
	return nil
}

func (s *Service) emptyVault(ctx context.Context, record *Record) error {
	records, err := s.allKeys(ctx, record)
	if err != nil {
		return err
	}
	ring, release, err := s.useRing(ctx, record)
	if err != nil {
		return err
	}
	defer release()
	for i := range records {
		if err := s.remove(ctx, ring, &records[i]); err != nil {
			return err
		}
	}
	return nil
}

// isGone tells whether what is asked for is not there.
func isGone(err error) bool {
	return errors.Is(err, ErrNotFound) || CodeOf(err) == NotFound && err != nil
}
