package keystore

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"twolock/crypto/lock"
)

// LockError: a server lock is not one that the database was sealed with. Nothing was written.
type LockError struct {
	ID     string
	Reason string
}

func (e *LockError) Error() string { return fmt.Sprintf("server lock %s: %s", e.ID, e.Reason) }

var serviceLabel = lock.Label{Purpose: lock.PurposeService}

// openService opens the service's own secret, a 32-byte seed, with every lock there is: what does not open shows the wrong lock.
// A lock that cannot be asked now is let pass as long as another opened it.
func (s *Service) openService(ctx context.Context) ([]byte, error) {
	sealings, err := s.Store.ServiceSealings(ctx)
	if err != nil {
		return nil, err
	}
	if len(sealings) == 0 {
		if sealings, err = s.makeService(ctx); err != nil {
			return nil, err
		}
	}
	var seed []byte
	var unavailable error
	for _, l := range s.Locks {
		blob, known := sealings[l.ID()]
		if !known {
			if s.Adding[l.ID()] {
				continue
			}
			return nil, &LockError{l.ID(), "has not sealed this database, which was sealed by " +
				strings.Join(slices.Sorted(maps.Keys(sealings)), ", ") + "; use that lock, or add this one with --add-server-lock"}
		}
		got, err := l.Open(ctx, blob, serviceLabel)
		if away, ok := errors.AsType[*lock.UnavailableError](err); ok {
			s.Log.Warn("server lock cannot be checked now", "lock", l.ID(), "error", away)
			unavailable = err
			continue
		}
		if err != nil {
			return nil, &LockError{l.ID(), "does not open this database: it is not the lock that sealed it, or the database was changed"}
		}
		if seed != nil && string(seed) != string(got) {
			return nil, &LockError{l.ID(), "opens another service's secret: the database was changed"}
		}
		seed = got
	}
	if seed == nil && unavailable != nil {
		return nil, fmt.Errorf("no server lock can be opened: %w", unavailable)
	}
	if seed == nil {
		return nil, &LockError{s.Locks[0].ID(), "is to be added, which takes a lock that opens this database beside it (--server-lock)"}
	}
	return seed, nil
}

// CheckLocks is what Open checks of the locks, before there is a store: whether they open the sealings of the service's secret, as a database has them. It
// passes a database that has none.
func CheckLocks(ctx context.Context, o Options, sealings map[string][]byte) error {
	if len(sealings) == 0 {
		return nil
	}
	o.Store = sealed{sealings: sealings}
	seed, err := (&Service{Options: o}).openService(ctx)
	clear(seed)
	return err
}

// sealed is as much of a store as it takes to open the service's secret.
type sealed struct {
	Store
	sealings map[string][]byte
}

func (s sealed) ServiceSealings(context.Context) (map[string][]byte, error) { return s.sealings, nil }

// makeService makes the secret of a new database. Of two servers that start at once, one wins and both use what it made.
func (s *Service) makeService(ctx context.Context) (map[string][]byte, error) {
	seed := lock.Generate32()
	defer clear(seed)
	sealings, err := s.seal(ctx, seed, serviceLabel)
	if err != nil {
		return nil, err
	}
	if err := s.Store.InsertServiceSealings(ctx, sealings); err != nil && !errors.Is(err, ErrExists) {
		return nil, err
	}
	return s.Store.ServiceSealings(ctx)
}
