package keystore

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"twolock/auth"
	"twolock/crypto/key"
	"twolock/crypto/lock"
	"twolock/crypto/secret"
)

// keyLabel is what a version is sealed under. What may never change of a key is in its purpose.
func keyLabel(r *KeyRecord, version int) lock.Label {
	purpose := lock.PurposeKey
	switch {
	case r.PublicOnly:
		purpose = lock.PurposePublicKey
	case r.Exportable:
		purpose = lock.PurposeExportableKey
	}
	return lock.Label{Purpose: purpose, Keystore: r.Keystore, Key: r.ID, Version: version, Type: string(r.Type)}
}

// maxChainLength is the longest chain of capabilities that any key can be used by, the root included.
const maxChainLength = 10

// Bounds on how long a version stays the newest, in seconds: an hour and ten years.
const (
	minRotation = 3600
	maxRotation = 10 * 365 * 24 * 3600
)

// newKey is a key about to be added to a keystore.
type newKey struct {
	op      *operation
	record  KeyRecord
	retried bool // the id follows from an idempotency key, or from what is made
	shares  []secret.Bytes
}

// atNewKey begins an operation that makes a key. The same idempotency key always leads to the same key.
func (s *Service) atNewKey(ctx context.Context, caller *auth.Caller, action, keystoreURL string, idempotencyKey *string) (*operation, error) {
	at, err := s.keystoreAt("keystore", keystoreURL)
	if err != nil {
		return nil, err
	}
	made := place{at.keystore, newID()}
	if idempotencyKey != nil {
		if err := checkIdempotencyKey(*idempotencyKey); err != nil {
			return nil, err
		}
		made.key = derivedID("key", at.keystore, *idempotencyKey)
	}
	return s.beginMaking(ctx, caller, action, at, made)
}

// newKey checks what is common to all ways of making a key. request is the whole input, for comparing retries; retried: a retry leads to the same id.
func (s *Service) newKey(op *operation, t key.Type, o KeyOptions, retried bool, shares []secret.Bytes, request []byte) (*newKey, error) {
	n := &newKey{op: op, shares: shares, retried: retried, record: KeyRecord{
		Keystore: op.at.keystore, ID: op.made.key, Type: t, Exportable: o.Exportable, Request: request, CreatedAt: s.now(),
		KeyMeta: KeyMeta{Revision: 1, Newest: 1, Oldest: 1, State: KeyEnabled},
	}}
	r := &n.record
	if !slices.Contains(s.keyTypes(op.record), t) {
		return nil, Errorf(BadUserInput, "type: %s cannot be made here: see keyTypes of the service and the keystore", t)
	}
	if o.MaxCapabilityChainLength != nil {
		if r.MaxChain = *o.MaxCapabilityChainLength; r.MaxChain < 1 || r.MaxChain > maxChainLength {
			return nil, Errorf(BadUserInput, "maxCapabilityChainLength: is %d instead of 1 to %d", r.MaxChain, maxChainLength)
		}
	}
	if err := r.Label.apply(o.LabelInput); err != nil {
		return nil, err
	}
	var err error
	if r.Operations, err = restrict("operations", t.Operations(), o.Operations); err != nil {
		return nil, err
	}
	if r.Algorithms, err = restrict("algorithms", t.Algorithms(), o.Algorithms); err != nil {
		return nil, err
	}
	return n, nil
}

// keyTypes are the types that can be made in a keystore.
func (s *Service) keyTypes(r *Record) []key.Type {
	allowed := s.KeyTypes
	if allowed == nil {
		allowed = key.Types()
	}
	if r == nil || r.KeyTypes == nil {
		return allowed
	}
	return slices.DeleteFunc(slices.Clone(allowed), func(t key.Type) bool { return !slices.Contains(r.KeyTypes, t) })
}

// restrict returns what is given, in order, if it narrows what there is; nil for nil, which does not narrow.
func restrict[T ~string](field string, all, given []T) ([]T, error) {
	if given == nil {
		return nil, nil
	}
	if len(given) == 0 {
		return nil, Errorf(BadUserInput, "%s: is empty, which leaves nothing to do", field)
	}
	for _, g := range given {
		if !slices.Contains(all, g) {
			return nil, Errorf(BadUserInput, "%s: %s is not one of %s", field, g, join(all))
		}
	}
	return slices.DeleteFunc(slices.Clone(all), func(a T) bool { return !slices.Contains(given, a) }), nil
}

func (n *newKey) rotate(period *int) error {
	if period == nil {
		return nil
	}
	if *period == 0 { // which ends it, where there is one
		return rotationError(0)
	}
	return n.record.setRotation(*period, n.record.CreatedAt)
}

func rotationError(seconds int) error {
	return Errorf(BadUserInput, "rotationPeriod: is %d seconds instead of %d to %d", seconds, minRotation, maxRotation)
}

// setRotation sets how many seconds a version stays the newest, counted from now; 0: for ever.
func (r *KeyRecord) setRotation(seconds int, now time.Time) error {
	if seconds == 0 {
		r.RotationPeriod, r.RotateAt = 0, time.Time{}
		return nil
	}
	if seconds < minRotation || seconds > maxRotation {
		return rotationError(seconds)
	}
	if r.PublicOnly {
		return Errorf(BadUserInput, "rotationPeriod: the key has no private part to rotate")
	}
	r.RotationPeriod = time.Duration(seconds) * time.Second
	r.RotateAt = now.Add(r.RotationPeriod)
	return nil
}

// CreateKey makes a key, seals it with the user's lock and saves it.
func (s *Service) CreateKey(ctx context.Context, caller *auth.Caller, in CreateKeyInput) (*KeyPayload, error) {
	op, err := s.atNewKey(ctx, caller, actionGenerateKey, in.Keystore, in.IdempotencyKey)
	if err != nil {
		return nil, err
	}
	request, err := digest("create", in.Type, in.KeyOptions, in.RotationPeriod)
	if err != nil {
		return nil, err
	}
	n, err := s.newKey(op, in.Type, in.KeyOptions, in.IdempotencyKey != nil, in.SecretShares, request)
	if err != nil {
		return nil, err
	}
	if err := n.rotate(in.RotationPeriod); err != nil {
		return nil, err
	}
	if again, err := s.repeatKey(ctx, n); again != nil || err != nil {
		return again, err
	}
	return s.addKey(ctx, n, func() (*key.Key, error) { return s.generate(ctx, op.at.keystore, in.Type) })
}

// digest is the SHA-256 of an input that holds no secret.
func digest(input ...any) ([]byte, error) {
	b, err := json.Marshal(input)
	if err != nil {
		return nil, err
	}
	d := sha256.Sum256(b)
	return d[:], nil
}

// repeatKey answers a retry with what the first call made; nil where this is the first.
func (s *Service) repeatKey(ctx context.Context, n *newKey) (*KeyPayload, error) {
	if !n.retried {
		return nil, nil
	}
	ring, release, err := s.useRing(ctx, n.op.record)
	if err != nil {
		return nil, err
	}
	defer release()
	first, err := ring.key(ctx, n.record.ID)
	if CodeOf(err) == NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(first.Request, n.record.Request) {
		return nil, errIdempotency
	}
	return s.keyPayload(n.op.record, first)
}

// addKey opens the user's lock (or, the first time, pins it), gets the key, seals it and saves it.
func (s *Service) addKey(ctx context.Context, n *newKey, get func() (*key.Key, error)) (*KeyPayload, error) {
	o, err := s.opener(n.op.record, n.shares)
	if err != nil {
		return nil, err
	}
	userLock, release, err := s.useUserLock(ctx, o, true)
	if err != nil {
		return nil, err
	}
	defer release()
	k, err := get()
	if err != nil {
		return nil, inputError(err)
	}
	defer k.Wipe()
	n.record.PublicOnly = k.IsPublicOnly()
	if n.record.PublicOnly && n.record.Exportable {
		return nil, Errorf(BadUserInput, "exportable: a public key has no private part to export")
	}
	v, err := seal(userLock, &n.record, 1, k)
	if err != nil {
		return nil, err
	}
	v.VersionCreatedAt = n.record.CreatedAt
	n.record.KeyVersion = *v
	return s.insertKey(ctx, n)
}

// seal makes the key a version of the record's.
func seal(userLock *lock.Key, r *KeyRecord, version int, k *key.Key) (*KeyVersion, error) {
	v := &KeyVersion{Version: version}
	if public := k.Public(); public != nil {
		v.PublicKey = bytes.Clone(public.Bytes())
	}
	plain := v.PublicKey
	if !r.PublicOnly {
		plain = k.Private()
		defer clear(plain)
	}
	var err error
	v.Sealed, err = userLock.Seal(plain, keyLabel(r, version))
	return v, err
}

func (s *Service) insertKey(ctx context.Context, n *newKey, older ...KeyVersion) (*KeyPayload, error) {
	ring, release, err := s.useRing(ctx, n.op.record)
	if err != nil {
		return nil, err
	}
	defer release()
	if err := ring.insert(ctx, n.record, older...); errors.Is(err, ErrExists) {
		if again, err := s.repeatKey(ctx, n); again != nil || err != nil { // a retry overtook the first call
			return again, err
		}
		return nil, Errorf(Conflict, "there is a key %s already", ring.url(n.record.ID))
	} else if err != nil {
		return nil, err
	}
	s.records.drop(recordName(n.record.Keystore, n.record.ID))
	return s.keyPayload(n.op.record, &n.record)
}

func (s *Service) keyPayload(ks *Record, r *KeyRecord) (*KeyPayload, error) {
	k, err := s.key(ks, r)
	if err != nil {
		return nil, err
	}
	return &KeyPayload{k}, nil
}

// Key returns a key by its URL.
func (s *Service) Key(ctx context.Context, caller *auth.Caller, url string) (*Key, error) {
	op, err := s.atKey(ctx, caller, actionRead, "id", url)
	if err != nil {
		return nil, err
	}
	r, err := s.findKey(ctx, op)
	if err != nil {
		return nil, err
	}
	return s.key(op.record, r)
}

// KeyNamed returns the key of a keystore that has the name; nil when there is none.
func (s *Service) KeyNamed(ctx context.Context, caller *auth.Caller, url, name string) (*Key, error) {
	op, err := s.atKeystore(ctx, caller, actionRead, "id", url)
	if err != nil {
		return nil, err
	}
	if err := checkText("name", name, maxName); err != nil {
		return nil, err
	}
	if name == "" {
		return nil, nil
	}
	ring, release, err := s.useRing(ctx, op.record)
	if err != nil {
		return nil, err
	}
	defer release()
	r, err := ring.named(ctx, name)
	if CodeOf(err) == NotFound {
		return nil, nil
	}
	if err == nil {
		err = op.reaches(r)
	}
	if err != nil {
		return nil, err
	}
	return s.key(op.record, r)
}

// key is a key as its callers see it.
func (s *Service) key(ks *Record, r *KeyRecord) (*Key, error) {
	k := &Key{
		ID: s.keyURL(r.Keystore, r.ID), Type: r.Type, State: stateOf(r.State, r.DeleteAt), DeletesAt: moment(r.DeleteAt),
		Version: r.Newest, OldestVersion: r.Oldest, MinimumVersionToVerify: max(r.MinVerify, r.Oldest), MinimumVersionToDecrypt: max(r.MinDecrypt, r.Oldest),
		CreatedAt: r.CreatedAt, Name: optional(r.Name), Description: optional(r.Description), Tags: append([]Tag{}, r.Tags...),
		Operations: operationsOf(r), Algorithms: algorithmsOf(r), PublicOnly: r.PublicOnly, Exportable: r.Exportable, RotatesAt: moment(r.RotateAt),
	}
	if r.MaxChain > 0 {
		k.MaxCapabilityChainLength = &r.MaxChain
	}
	if r.RotationPeriod > 0 {
		seconds := int(r.RotationPeriod / time.Second)
		k.RotationPeriod = &seconds
	}
	var err error
	k.PublicKey, err = s.publicKey(r, &r.KeyVersion)
	return k, err
}

func (s *Service) publicKey(r *KeyRecord, v *KeyVersion) (*key.PublicKey, error) {
	if v.PublicKey == nil {
		return nil, nil
	}
	public, err := key.ParsePublic(r.Type, v.PublicKey)
	if err != nil {
		return nil, &Error{Code: KeyUnusable, Message: "the record of " + s.keyURL(r.Keystore, r.ID) + " is damaged", Err: err}
	}
	return public, nil
}

func operationsOf(r *KeyRecord) []key.Operation {
	all := r.Operations
	if all == nil {
		all = r.Type.Operations()
	}
	if r.PublicOnly {
		all = slices.DeleteFunc(slices.Clone(all), func(o key.Operation) bool { return !o.IsPublic() })
	}
	return all
}

func algorithmsOf(r *KeyRecord) []key.Algorithm {
	if r.Algorithms == nil {
		return r.Type.Algorithms()
	}
	return r.Algorithms
}

// moment is nil for no time.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

type cachedKeyRecord struct{ *KeyRecord }

func (cachedKeyRecord) Wipe() {}

// findKey returns a key with its newest version as its store had it at most a second ago. The record is shared: do not change it.
func (s *Service) findKey(ctx context.Context, op *operation) (*KeyRecord, error) {
	v, release, err := s.records.use(ctx, recordName(op.at.keystore, op.at.key), recordTTL, func(ctx context.Context) (wiper, error) {
		ring, release, err := s.useRing(ctx, op.record)
		if err != nil {
			return nil, err
		}
		defer release()
		r, err := ring.key(ctx, op.at.key)
		return cachedKeyRecord{r}, err
	})
	if err != nil {
		return nil, err
	}
	release()
	r := v.(cachedKeyRecord).KeyRecord
	if err := op.reaches(r); err != nil {
		return nil, err
	}
	return r, nil
}

// reaches refuses a key to chains that are longer than it allows.
func (op *operation) reaches(r *KeyRecord) error {
	if length := len(op.caller.Chain()) + 1; r.MaxChain > 0 && length > r.MaxChain {
		return Errorf(Forbidden, "the capability's chain has %d members, the root included; this key allows %d", length, r.MaxChain)
	}
	return nil
}

// Keys lists a keystore's keys, oldest first.
func (s *Service) Keys(ctx context.Context, caller *auth.Caller, url string, first *int, after *string, filter *KeyFilter) (*KeyConnection, error) {
	op, err := s.atKeystore(ctx, caller, actionRead, "id", url)
	if err != nil {
		return nil, err
	}
	n, from, err := pageOf(first, after, isID)
	if err != nil {
		return nil, err
	}
	var f KeyFilter
	if filter != nil {
		f = *filter
	}
	if f.Tag != nil {
		if _, err := checkTags([]Tag{*f.Tag}); err != nil {
			return nil, Errorf(BadUserInput, "filter.tag: is none that a key can have")
		}
	}
	if err := checkText("filter.namePrefix", f.NamePrefix, maxName); err != nil {
		return nil, err
	}
	ring, release, err := s.useRing(ctx, op.record)
	if err != nil {
		return nil, err
	}
	defer release()
	records, end, more, err := ring.search(ctx, f, from, n)
	if err != nil {
		return nil, err
	}
	return s.page(op, records, end, more, after == nil)
}

// page makes a page of records, without those that the operation does not reach; end is where it ends.
func (s *Service) page(op *operation, shown []KeyRecord, end Position, more, fromStart bool) (*KeyConnection, error) {
	c := &KeyConnection{Edges: []*KeyEdge{}, Nodes: []*Key{}, Damaged: []string{}}
	for i := range shown {
		r := &shown[i]
		if r.Damage == "" && over(r.DeleteAt, s.Now()) {
			continue // gone, though nobody has cleared it away
		}
		if r.Damage == "" {
			if op.reaches(r) != nil {
				continue
			}
			k, err := s.key(op.record, r)
			if err == nil {
				c.Nodes = append(c.Nodes, k)
				c.Edges = append(c.Edges, &KeyEdge{Cursor: cursor(Position{r.CreatedAt, r.ID}), Node: k})
				continue
			}
			r.Damage = s.keyURL(r.Keystore, r.ID)
		}
		c.Damaged = append(c.Damaged, r.Damage)
	}
	c.PageInfo = pageInfo(c.Edges, func(e *KeyEdge) *string { return &e.Cursor }, !fromStart, more)
	if len(shown) > 0 || more { // the page may end with what is damaged, or with what did not pass
		at := cursor(end)
		c.PageInfo.EndCursor = &at
	}
	if fromStart && !c.PageInfo.HasNextPage {
		total := len(c.Edges)
		c.TotalCount = &total
	}
	return c, nil
}

// inputError turns what a key says of its input into an error that the caller may see.
func inputError(err error) error {
	if bad, ok := errors.AsType[*key.InputError](err); ok {
		return Errorf(BadUserInput, "%s", bad.Error())
	}
	return err
}
