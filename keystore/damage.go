package keystore

import (
	"context"
	"crypto/hmac"
	"errors"
	"fmt"
	"time"
)

// A key whose record is damaged, or was changed outside, cannot be used, and nothing that its record says is believed: not which chains it allows, not that
// a deletion is pending. It can go, after the same window as another, for damage can be mended from a backup until then. When it is to go is noted beside
// it, in the database; no more is. Only the keystore's controller itself deletes it, by its root capability: how far a delegate gets, the record said.
// A key that is sound again when its time comes stays.

// CondemnedKey is a key whose record is damaged, and that is to be deleted.
type CondemnedKey struct {
	Keystore, ID string
	DeleteAt     time.Time // UTC, whole microseconds
	Tag          []byte    // authenticates it; opaque to stores
}

// condemnedAtOnce is how many of a keystore's are looked after in one pass.
const condemnedAtOnce = 100

func (s *Service) condemnedTag(c *CondemnedKey) []byte {
	return s.tag("condemned key", c.Keystore, c.ID, micros(c.DeleteAt))
}

func (s *Service) checkCondemned(c *CondemnedKey) bool { return hmac.Equal(c.Tag, s.condemnedTag(c)) }

// mayMend refuses, with the damage, those who do not hold the keystore's root capability.
func mayMend(op *operation, damage error) error {
	if len(op.caller.Chain()) > 0 {
		return &Error{Code: KeyUnusable, Message: fmt.Sprintf("%s; only the keystore's controller itself can delete it", messageOf(damage)), Err: damage}
	}
	return nil
}

func messageOf(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Message
	}
	return err.Error()
}

// condemn schedules the end of the damaged key at op, unless that was done before, and returns when it is.
func (s *Service) condemn(ctx context.Context, op *operation, days int, damage error) (time.Time, error) {
	if err := mayMend(op, damage); err != nil {
		return time.Time{}, err
	}
	c := CondemnedKey{Keystore: op.at.keystore, ID: op.at.key}
	if err := s.scheduleDeletion(&c.DeleteAt, days); err != nil {
		return time.Time{}, err
	}
	c.Tag = s.condemnedTag(&c)
	if err := s.Store.WakeBy(ctx, c.Keystore, c.DeleteAt); err != nil { // before it is noted, so that no crash makes it forgotten
		return time.Time{}, err
	}
	stands, err := s.Store.CondemnKey(ctx, c)
	if err == nil && !s.checkCondemned(&stands) { // made up by somebody
		if err = s.Store.PardonKey(ctx, c.Keystore, c.ID); err == nil || isGone(err) {
			stands, err = s.Store.CondemnKey(ctx, c)
		}
	}
	return stands.DeleteAt, err
}

// pardon keeps the damaged key at op, or says of one that was not to go what is wrong with it.
func (s *Service) pardon(ctx context.Context, op *operation, damage error) error {
	if err := mayMend(op, damage); err != nil {
		return err
	}
	err := s.Store.PardonKey(ctx, op.at.keystore, op.at.key)
	if errors.Is(err, ErrNotFound) {
		return damage
	}
	return err
}

// keepCondemned deletes the damaged keys of a keystore whose time has come, and returns when the next one is due.
func (s *Service) keepCondemned(ctx context.Context, record *Record) (next time.Time, err error) {
	all, err := s.Store.CondemnedKeys(ctx, record.ID, condemnedAtOnce)
	if err != nil {
		return time.Time{}, err
	}
	for _, c := range all {
		switch {
		case !s.checkCondemned(&c):
			s.Log.Error("that a damaged key is to be deleted was made up outside the server; it is not", "keystore", c.Keystore, "key", c.ID)
			err = s.Store.PardonKey(ctx, c.Keystore, c.ID)
		case !over(c.DeleteAt, s.Now()):
			return c.DeleteAt, nil // they come soonest first
		case ctx.Err() != nil: // the rest has its turn in the next pass
			return s.now(), nil
		default:
			err = s.removeDamaged(ctx, record, c)
		}
		if err != nil && !isGone(err) {
			s.Log.Error("a damaged key that is to be deleted was not looked after", "keystore", c.Keystore, "key", c.ID, "error", err)
			next = s.now().Add(retryAfter)
		}
	}
	if next.IsZero() && len(all) == condemnedAtOnce {
		next = s.now()
	}
	return next, nil
}

func (s *Service) removeDamaged(ctx context.Context, record *Record, c CondemnedKey) error {
	ring, release, err := s.useRing(ctx, record)
	if err != nil {
		return err
	}
	defer release()
	r, err := ring.store.Key(ctx, c.Keystore, c.ID)
	switch {
	case isGone(err):
	case err == nil && ring.intact(&r):
		s.Log.Warn("a damaged key was to be deleted, and is sound again: it stays", "keystore", c.Keystore, "key", c.ID)
	case err == nil || errors.Is(err, ErrDamaged):
		if err := s.audit(s.self(), "deleteKey.due", place{c.Keystore, c.ID}, 0); err != nil {
			return err
		}
		if err := ring.store.DestroyKey(ctx, c.Keystore, c.ID); err != nil && !isGone(err) {
			return err
		}
		s.records.drop(recordName(c.Keystore, c.ID))
		s.Log.Info("a damaged key was deleted, as was scheduled", "keystore", c.Keystore, "key", c.ID)
	default:
		return err
	}
	return s.Store.PardonKey(ctx, c.Keystore, c.ID)
}
