package keystore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"

	"twolock/auth"
	"twolock/crypto/key"
	"twolock/crypto/lock"
	"twolock/crypto/secret"
)

// use is a key that a request may use: found, enabled, not restricted otherwise. Its versions are opened when they are needed, each once, and stay
// open until end. Safe for concurrent use.
type use struct {
	service *Service
	ctx     context.Context // the request's, which a use does not outlive
	record  *KeyRecord
	opener  *opener
	ring    *ring     // nil until an older version is needed
	lock    *lock.Key // the user's, where the cache does not have it: opened once for all versions

	mu      sync.Mutex
	opened  []*opened // newest first, without gaps
	named   map[int]*opened
	waiting []KeyVersion // read, not yet opened: what comes after opened
	tried   int
	uses    map[int]int64 // by version
	ends    []func()
}

type opened struct {
	*KeyVersion
	key *key.Key
}

// wanted says what a request wants to do with a key.
type wanted struct {
	action    string
	field     string // that names the key; "" is "key"
	operation key.Operation
	// of and algorithm: the algorithm that was asked for, nil for the type's default, and those to choose from.
	of        []key.Algorithm
	algorithm *key.Algorithm
	shares    []secret.Bytes
	items     int // of a batch
}

// use is the frame of every operation with a key: the gate, the record, what the key is restricted to; then the two locks, when a version is opened.
func (s *Service) use(ctx context.Context, caller *auth.Caller, field, url string, w wanted) (*use, error) {
	at, err := s.keyAt(field, url)
	if err != nil {
		return nil, err
	}
	w.field = field
	op, err := s.beginBatch(ctx, caller, w.action, at, w.items)
	if err != nil {
		return nil, err
	}
	return s.useAt(ctx, op, w)
}

// useAt is use of the key at which an operation has begun.
func (s *Service) useAt(ctx context.Context, op *operation, w wanted) (*use, error) {
	o, err := s.opener(op.record, w.shares)
	if err != nil {
		return nil, err
	}
	r, err := s.findKey(ctx, op)
	if err != nil {
		return nil, err
	}
	if state := stateOf(r.State, r.DeleteAt); state != KeyEnabled {
		return nil, Errorf(KeyUnusable, "%s: is %s", cmp.Or(w.field, "key"), state)
	}
	if err := permitted(r, w); err != nil {
		return nil, err
	}
	if op.record.UserLock == UserLockShamir && over(r.RotateAt, s.Now()) && makes(w.operation) {
		if r, err = s.rotateDue(ctx, op, o); err != nil {
			return nil, err
		}
	}
	return &use{service: s, ctx: ctx, record: r, opener: o}, nil
}

// permitted refuses what the key cannot do, and what it is restricted from.
func permitted(r *KeyRecord, w wanted) error {
	if w.operation == "" {
		return nil
	}
	if err := r.Type.Can(w.operation, r.PublicOnly); err != nil {
		return inputError(err)
	}
	if r.Operations != nil && !slices.Contains(r.Operations, w.operation) {
		return Errorf(KeyUnusable, "%s: is restricted to %s", cmp.Or(w.field, "key"), join(r.Operations))
	}
	if r.Algorithms == nil || w.of == nil {
		return nil
	}
	algorithm := defaultAlgorithm(r.Type, w.of)
	if w.algorithm != nil {
		algorithm = *w.algorithm
	}
	if slices.Contains(r.Type.Algorithms(), algorithm) && !slices.Contains(r.Algorithms, algorithm) {
		return Errorf(KeyUnusable, "%s: is restricted to %s", cmp.Or(w.field, "key"), join(r.Algorithms))
	}
	return nil
}

// defaultAlgorithm is what the key takes of those where none is named, the type's first; "" when it has none.
func defaultAlgorithm(t key.Type, of []key.Algorithm) key.Algorithm {
	for _, a := range t.Algorithms() {
		if slices.Contains(of, a) {
			return a
		}
	}
	return ""
}

// makes tells whether an operation is the newest version's alone: what one does with a new version.
func makes(o key.Operation) bool {
	switch o {
	case key.OpSign, key.OpEncrypt, key.OpComputeMAC, key.OpWrapKey, key.OpSeal, key.OpEncapsulate:
		return true
	}
	return false
}

// oldest is the oldest version that an operation takes.
func (u *use) oldest(o key.Operation) int {
	switch o {
	case key.OpVerify, key.OpVerifyMAC:
		return max(u.record.Oldest, u.record.MinVerify)
	}
	return max(u.record.Oldest, u.record.MinDecrypt)
}

// end closes what was opened and counts the uses.
func (u *use) end() {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, end := range u.ends {
		end()
	}
	for version, n := range u.uses {
		u.service.uses.add(u.record.Keystore, u.record.ID, version, n)
	}
	u.ends, u.uses = nil, nil
}

// count notes n uses of a version.
func (u *use) count(version int, n int64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.uses == nil {
		u.uses = map[int]int64{}
	}
	u.uses[version] += n
}

// newest opens the newest version.
func (u *use) newest() (*key.Key, int, error) {
	o, err := u.at(0, 0)
	if err != nil {
		return nil, 0, err
	}
	return o.key, o.Version, nil
}

// version opens the version that is named, nil for the newest, if the operation takes it.
func (u *use) version(named *int, o key.Operation) (*key.Key, int, error) {
	if named == nil || *named == u.record.Newest {
		return u.newest()
	}
	if from := u.oldest(o); *named < from || *named > u.record.Newest {
		return nil, 0, Errorf(BadUserInput, "version: is %d instead of %d to %d", *named, from, u.record.Newest)
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if v := u.named[*named]; v != nil {
		return v.key, v.Version, nil
	}
	v, err := u.readVersion(*named)
	if err != nil {
		return nil, 0, err
	}
	one, err := u.open(v, true)
	if err != nil {
		return nil, 0, err
	}
	if u.named == nil {
		u.named = map[int]*opened{}
	}
	u.named[*named] = one
	return one.key, one.Version, nil
}

// How many versions are tried where none is named: for one message, and in all for a batch.
const (
	maxVersionsTried = 1000
	maxTries         = 10_000
)

// try tries the named version, or all from the newest on until one fits. fits says so; what it says of an input that the key does not fit is kept for the end: the
// newest version's word is returned.
func (u *use) try(named *int, o key.Operation, fits func(k *key.Key, version int) (bool, error)) (version int, ok bool, err error) {
	if named != nil {
		k, version, err := u.version(named, o)
		if err != nil {
			return 0, false, err
		}
		ok, err := fits(k, version)
		return version, ok, inputError(err)
	}
	var first error
	for i := range maxVersionsTried + 1 {
		v, err := u.at(i, u.oldest(o))
		if err != nil {
			return 0, false, err
		}
		if v == nil {
			return 0, false, first
		}
		if err := firstError(u.spend(i), u.ctx.Err()); err != nil {
			return 0, false, err
		}
		ok, err := fits(v.key, v.Version)
		if ok {
			return v.Version, true, nil
		}
		if err != nil && !key.IsMismatch(err) {
			return 0, false, inputError(err)
		}
		if first == nil {
			first = inputError(err)
		}
	}
	return 0, false, Errorf(BadUserInput, "version: needed, for none of the newest %d fits", maxVersionsTried)
}

// spend bounds how many older versions one request tries in all.
func (u *use) spend(i int) error {
	if i == 0 {
		return nil
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.tried++; u.tried > maxTries {
		return Errorf(BadUserInput, "version: needed, for this request has tried %d older ones", maxTries)
	}
	return nil
}

// at opens the i-th newest version; nil when there is none from oldest on.
func (u *use) at(i, oldest int) (*opened, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for len(u.opened) <= i {
		v, err := u.next(oldest)
		if v == nil || err != nil {
			return nil, err
		}
		o, err := u.open(v, len(u.opened) < keptOpen)
		if err != nil {
			return nil, err
		}
		u.opened = append(u.opened, o)
	}
	return u.opened[i], nil
}

// keptOpen is how many of the newest versions stay in the cache when all are tried: the others would drive what is in use out of it.
const keptOpen = 4

// chunk is how many versions are read at once.
const chunk = 16

// next reads the version after those that are open.
func (u *use) next(oldest int) (*KeyVersion, error) {
	if len(u.opened) == 0 {
		return &u.record.KeyVersion, nil
	}
	below := u.opened[len(u.opened)-1].Version
	if below <= oldest {
		return nil, nil
	}
	if len(u.waiting) == 0 {
		if err := u.useRing(); err != nil {
			return nil, err
		}
		var err error
		u.waiting, err = u.ring.versions(u.ctx, u.record, below, min(chunk, below-oldest))
		if len(u.waiting) == 0 { // those before one that is damaged may be what is looked for
			return nil, err
		}
	}
	v := &u.waiting[0]
	u.waiting = u.waiting[1:]
	if v.Version != below-1 {
		return nil, u.ring.versionError(u.record, below-1, fmt.Errorf("%w: it is missing", ErrDamaged))
	}
	return v, nil
}

type cachedVersion struct{ *KeyVersion }

func (cachedVersion) Wipe() {}

// readVersion reads an older version, which never changes.
func (u *use) readVersion(version int) (*KeyVersion, error) {
	name := "version/" + u.record.Keystore + "/" + u.record.ID + "/" + strconv.Itoa(version)
	v, release, err := u.service.records.use(u.ctx, name, u.service.CacheTTL, func(ctx context.Context) (wiper, error) {
		ring, release, err := u.service.useRing(ctx, u.opener.record)
		if err != nil {
			return nil, err
		}
		defer release()
		v, err := ring.version(ctx, u.record, version)
		return cachedVersion{v}, err
	})
	if err != nil {
		return nil, err
	}
	release()
	return v.(cachedVersion).KeyVersion, nil
}

func (u *use) useRing() error {
	if u.ring != nil {
		return nil
	}
	ring, release, err := u.service.useRing(u.ctx, u.opener.record)
	if err != nil {
		return err
	}
	u.ring, u.ends = ring, append(u.ends, release)
	return nil
}

// open opens a version until end.
func (u *use) open(v *KeyVersion, keep bool) (*opened, error) {
	o, userLock := *u.opener, u.cachedLock
	if !keep {
		o.ttl = 0
	}
	if !u.service.opened.keeps(o.ttl) {
		userLock = u.ownLock
	}
	k, release, err := u.service.openKey(u.ctx, &o, u.record, v, userLock)
	if err != nil {
		return nil, err
	}
	u.ends = append(u.ends, release)
	return &opened{v, k}, nil
}

func (u *use) cachedLock(ctx context.Context) (*lock.Key, func(), error) {
	return u.service.useUserLock(ctx, u.opener, false)
}

// ownLock opens the user's lock until end.
func (u *use) ownLock(ctx context.Context) (*lock.Key, func(), error) {
	if u.lock == nil {
		userLock, release, err := u.cachedLock(ctx)
		if err != nil {
			return nil, nil, err
		}
		u.lock, u.ends = userLock, append(u.ends, release)
	}
	return u.lock, func() {}, nil
}

// openKey opens a version with the user's lock, unless the cache has it open by the same shares.
func (s *Service) openKey(
	ctx context.Context, o *opener, r *KeyRecord, version *KeyVersion, use func(context.Context) (*lock.Key, func(), error),
) (*key.Key, func(), error) {
	name := "key/" + r.Keystore + "/" + r.ID + "/" + strconv.Itoa(version.Version) + "/" + o.name + "/" + string(version.Sealed)
	v, release, err := s.opened.use(ctx, name, o.ttl, func(ctx context.Context) (wiper, error) {
		userLock, release, err := use(ctx)
		if err != nil {
			return nil, err
		}
		defer release()
		plain, err := userLock.Open(version.Sealed, keyLabel(r, version.Version))
		if err != nil {
			return nil, s.keyError(r, lockError(err))
		}
		defer clear(plain)
		parse := key.Parse
		if r.PublicOnly {
			parse = key.FromPublic
		}
		k, err := parse(r.Type, plain)
		if err != nil {
			return nil, fmt.Errorf("key %s of keystore %s: %w", r.ID, r.Keystore, err)
		}
		return k, nil
	})
	if err != nil {
		return nil, nil, err
	}
	return v.(*key.Key), release, nil
}

// keyError names the key that does not open.
func (s *Service) keyError(r *KeyRecord, err error) error {
	if e, ok := errors.AsType[*Error](err); ok && e.Code == KeyUnusable {
		return &Error{Code: KeyUnusable, Message: s.keyURL(r.Keystore, r.ID) + ": " + e.Message, Err: e.Err}
	}
	return err
}
