package keystore

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ring is the keys of one keystore, in whatever store they are: what is written is tagged, what is read is checked, and what goes wrong is said in
// the words of a caller.
type ring struct {
	service *Service
	record  *Record
	store   Keys
}

// useRing returns the keystore's keys: of the database, or of the vault, opened for this use.
func (s *Service) useRing(ctx context.Context, r *Record) (*ring, func(), error) {
	keys, release, err := s.useKeys(ctx, r)
	if err != nil {
		return nil, nil, err
	}
	return &ring{s, r, keys}, release, nil
}

func (g *ring) url(id string) string { return g.service.keyURL(g.record.ID, id) }

// explain turns what a store says of a key into what its caller is told.
func (g *ring) explain(err error, id string) error {
	switch {
	case errors.Is(err, ErrNotFound):
		return Errorf(NotFound, "there is no key %s", g.url(id))
	case errors.Is(err, ErrNameTaken):
		return Errorf(Conflict, "name: another key of this keystore has it")
	case errors.Is(err, ErrStale):
		return &Error{Code: Conflict, Message: "the key was changed in the meantime: read it and try again", Retryable: true}
	case errors.Is(err, ErrDamaged):
		return g.damaged(id, err)
	}
	return err
}

func (g *ring) damaged(id string, err error) error {
	g.service.Log.Error("a key's record is damaged, or was changed outside the server; it is not used", "keystore", g.record.ID, "key", id, "error", err)
	return &Error{Code: KeyUnusable, Message: fmt.Sprintf("the record of %s is damaged, or was changed outside the server", g.url(id)), Err: err}
}

// insert adds a key. ErrExists when its id is taken, CONFLICT when the keystore is full.
func (g *ring) insert(ctx context.Context, r KeyRecord, older ...KeyVersion) error {
	if err := g.takePlace(ctx); err != nil {
		return err
	}
	if err := g.announce(ctx, &r); err != nil {
		return err
	}
	r.MetaTag = g.service.metaTag(&r)
	r.Tag = g.service.versionTag(&r, &r.KeyVersion)
	for i := range older {
		older[i].Tag = g.service.versionTag(&r, &older[i])
	}
	err := g.store.InsertKey(ctx, r, older...)
	if errors.Is(err, ErrExists) {
		return err
	}
	return g.explain(err, r.ID)
}

// update replaces what changes of a key, and adds a version where one is given. The record's revision is the one it was read with.
func (g *ring) update(ctx context.Context, r KeyRecord, added *KeyVersion) error {
	r.Revision++
	if err := g.announce(ctx, &r); err != nil {
		return err
	}
	r.MetaTag = g.service.metaTag(&r)
	if added != nil {
		added.Tag = g.service.versionTag(&r, added)
	}
	err := g.store.UpdateKey(ctx, r, added)
	g.service.records.drop(recordName(r.Keystore, r.ID))
	return err
}

// announce says when something is due with the key: to the vault's database, before the vault has it, so that no crash makes it forgotten.
func (g *ring) announce(ctx context.Context, r *KeyRecord) error {
	r.Attended = g.record.UserLock == UserLockShamir
	if due := r.Due(); g.record.Vault != nil && !due.IsZero() {
		return g.service.Store.WakeBy(ctx, g.record.ID, due)
	}
	return nil
}

// key returns a key with its newest version. One whose time is over is not there.
func (g *ring) key(ctx context.Context, id string) (*KeyRecord, error) {
	r, err := g.store.Key(ctx, g.record.ID, id)
	if err != nil {
		return nil, g.explain(err, id)
	}
	return g.checked(&r)
}

func (g *ring) named(ctx context.Context, name string) (*KeyRecord, error) {
	r, err := g.store.KeyNamed(ctx, g.record.ID, name)
	if err != nil {
		return nil, g.explain(err, r.ID)
	}
	return g.checked(&r)
}

func (g *ring) checked(r *KeyRecord) (*KeyRecord, error) {
	if !g.intact(r) {
		return nil, g.damaged(r.ID, errTag)
	}
	if over(r.DeleteAt, g.service.Now()) {
		return nil, g.explain(ErrNotFound, r.ID)
	}
	return r, nil
}

var errTag = fmt.Errorf("%w: its tag is not right", ErrDamaged)

func (g *ring) intact(r *KeyRecord) bool {
	return r.Damage == "" && g.service.checkMeta(r) && g.service.checkVersion(r, &r.KeyVersion) && r.Version == r.Newest
}

func over(deleteAt, now time.Time) bool { return !deleteAt.IsZero() && !now.Before(deleteAt) }

// version returns a version of the key that is there still. BAD_USER_INPUT when it is not.
func (g *ring) version(ctx context.Context, r *KeyRecord, version int) (*KeyVersion, error) {
	if version == r.Newest {
		return &r.KeyVersion, nil
	}
	if version < r.Oldest || version > r.Newest {
		return nil, Errorf(BadUserInput, "version: the key has versions %d to %d", r.Oldest, r.Newest)
	}
	v, err := g.store.KeyVersion(ctx, r.Keystore, r.ID, version)
	if errors.Is(err, ErrNotFound) { // it must be there
		err = fmt.Errorf("%w: version %d is missing", ErrDamaged, version)
	}
	if err == nil && !g.service.checkVersion(r, &v) {
		err = errTag
	}
	if err != nil {
		return nil, g.versionError(r, version, err)
	}
	return &v, nil
}

func (g *ring) versionError(r *KeyRecord, version int, err error) error {
	if errors.Is(err, ErrDamaged) || errors.Is(err, errTag) {
		g.service.Log.Error("a version's record is damaged, or was changed outside the server", "keystore", r.Keystore, "key", r.ID, "version", version, "error", err)
		return &Error{Code: KeyUnusable, Message: fmt.Sprintf("the record of version %d of %s is damaged, or was changed outside the server", version, g.url(r.ID)), Err: err}
	}
	return err
}

// versions returns up to limit versions below one, newest first. Where one is damaged, those before it come with the error.
func (g *ring) versions(ctx context.Context, r *KeyRecord, below, limit int) ([]KeyVersion, error) {
	found, err := g.store.KeyVersions(ctx, r.Keystore, r.ID, below, limit)
	for i := range found {
		if !g.service.checkVersion(r, &found[i]) {
			return found[:i], g.versionError(r, found[i].Version, errTag)
		}
	}
	if err != nil {
		err = g.explain(err, r.ID)
	}
	return found, err
}

// list is ListKeys; what is damaged comes with Damage.
func (g *ring) list(ctx context.Context, f KeyFilter, after Position, limit int) ([]KeyRecord, error) {
	records, err := g.store.ListKeys(ctx, g.record.ID, f, after, limit)
	for i := range records {
		r := &records[i]
		if g.intact(r) {
			continue
		}
		if g.record.Vault == nil || r.Damage == "" { // of a vault's document nobody can tell which key it is
			r.Damage = g.url(r.ID)
		}
		g.service.Log.Error("a key's record is damaged, or was changed outside the server; it is not used", "keystore", g.record.ID, "record", r.Damage)
	}
	return records, err
}

// change reads a key, lets change alter it, and writes it, again where another was faster. added is a version to add.
func (g *ring) change(ctx context.Context, id string, change func(r *KeyRecord) (added *KeyVersion, err error)) (*KeyRecord, error) {
	for attempt := 0; ; attempt++ {
		r, err := g.key(ctx, id)
		if err != nil {
			return nil, err
		}
		added, err := change(r)
		if errors.Is(err, errUnchanged) {
			return r, nil
		}
		if err != nil {
			return nil, err
		}
		err = g.update(ctx, *r, added)
		switch {
		case err == nil:
			if added != nil {
				r.KeyVersion = *added
			}
			return r, nil
		case !errors.Is(err, ErrStale) || attempt == maxAttempts:
			return nil, g.explain(err, id)
		}
	}
}

const maxAttempts = 8

// errUnchanged of a change says that the key is as wanted already.
var errUnchanged = errors.New("unchanged")

func recordName(keystore, id string) string { return "key/" + keystore + "/" + id }
