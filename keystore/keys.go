package keystore

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strconv"

	"twolock/auth"
	"twolock/crypto/key"
	"twolock/crypto/lock"
	"twolock/crypto/secret"
)

func keyLabel(r KeyRecord) lock.Label {
	return lock.Label{Purpose: lock.PurposeKey, Keystore: r.Keystore, Key: r.ID, Version: r.Version, Type: string(r.Type)}
}

// maxChainLength is the longest chain of capabilities that any key can be used by, the root included.
const maxChainLength = 10

// CreateKey makes a key, seals it with the user's lock and saves it.
func (s *Service) CreateKey(ctx context.Context, caller *auth.Caller, in CreateKeyInput) (*CreateKeyPayload, error) {
	op, err := s.atKeystore(ctx, caller, actionGenerateKey, "keystore", in.Keystore)
	if err != nil {
		return nil, err
	}
	maxChain := 0
	if in.MaxCapabilityChainLength != nil {
		if maxChain = *in.MaxCapabilityChainLength; maxChain < 1 || maxChain > maxChainLength {
			return nil, Errorf(BadUserInput, "maxCapabilityChainLength: is %d instead of 1 to %d", maxChain, maxChainLength)
		}
	}
	request := sha256.Sum256([]byte(string(in.Type) + " " + strconv.Itoa(maxChain)))
	r := KeyRecord{
		Keystore: op.at.keystore, ID: newID(), Type: in.Type, MaxChain: maxChain, Request: request[:], CreatedAt: s.now(),
		KeyMeta: KeyMeta{Revision: 1, Newest: 1, Oldest: 1, State: KeyEnabled}, KeyVersion: KeyVersion{Version: 1, VersionCreatedAt: s.now()},
	}
	if in.IdempotencyKey != nil {
		if err := checkIdempotencyKey(*in.IdempotencyKey); err != nil {
			return nil, err
		}
		r.ID = derivedID("key", op.at.keystore, *in.IdempotencyKey)
	}
	if err := s.sealKey(ctx, op.record, &r, in.SecretShares); err != nil {
		return nil, err
	}
	keys, release, err := s.useKeys(ctx, op.record)
	if err != nil {
		return nil, err
	}
	defer release()
	err = keys.InsertKey(ctx, r)
	if errors.Is(err, ErrExists) && in.IdempotencyKey != nil {
		first, err := keys.Key(ctx, r.Keystore, r.ID)
		if err != nil {
			return nil, err
		}
		if !bytes.Equal(first.Request, r.Request) {
			return nil, errIdempotency
		}
		r = first
	} else if err != nil {
		return nil, err
	}
	k, err := s.key(r)
	if err != nil {
		return nil, err
	}
	return &CreateKeyPayload{k}, nil
}

// sealKey generates the record's key and seals it with the user's lock, opened (or, the first time, pinned) by the shares.
func (s *Service) sealKey(ctx context.Context, ks *Record, r *KeyRecord, shares []secret.Bytes) error {
	o, err := s.opener(ks, shares)
	if err != nil {
		return err
	}
	userLock, release, err := s.useUserLock(ctx, o, true)
	if err != nil {
		return err
	}
	defer release()
	k, err := key.Generate(r.Type)
	if err != nil {
		return inputError(err)
	}
	defer k.Wipe()
	if public := k.Public(); public != nil {
		r.PublicKey = bytes.Clone(public.Bytes())
	}
	plain := k.Private()
	defer clear(plain)
	r.Sealed, err = userLock.Seal(plain, keyLabel(*r))
	return err
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
	return s.key(*r)
}

func (s *Service) key(r KeyRecord) (*Key, error) {
	k := &Key{ID: s.keyURL(r.Keystore, r.ID), Type: r.Type, State: r.State, Version: r.Version, CreatedAt: r.CreatedAt}
	if r.MaxChain > 0 {
		k.MaxCapabilityChainLength = &r.MaxChain
	}
	if r.PublicKey == nil {
		return k, nil
	}
	public, err := key.ParsePublic(r.Type, r.PublicKey)
	if err != nil {
		return nil, &Error{Code: KeyUnusable, Message: fmt.Sprintf("the record of %s is damaged", k.ID), Err: err}
	}
	k.PublicKey = public
	return k, nil
}

type cachedKeyRecord struct{ *KeyRecord }

func (cachedKeyRecord) Wipe() {}

// findKey returns a key's newest version as its store had it at most a second ago. The record is shared: do not change it.
func (s *Service) findKey(ctx context.Context, op *operation) (*KeyRecord, error) {
	v, release, err := s.records.use(ctx, "key/"+op.at.keystore+"/"+op.at.key, recordTTL, func(ctx context.Context) (wiper, error) {
		keys, release, err := s.useKeys(ctx, op.record)
		if err != nil {
			return nil, err
		}
		defer release()
		r, err := keys.Key(ctx, op.at.keystore, op.at.key)
		return cachedKeyRecord{&r}, err
	})
	if errors.Is(err, ErrNotFound) {
		return nil, Errorf(NotFound, "there is no key %s", s.keyURL(op.at.keystore, op.at.key))
	}
	if err != nil {
		return nil, err
	}
	release()
	r := v.(cachedKeyRecord).KeyRecord
	if length := len(op.caller.Chain()) + 1; r.MaxChain > 0 && length > r.MaxChain {
		return nil, Errorf(Forbidden, "the capability's chain has %d members, the root included; this key allows %d", length, r.MaxChain)
	}
	return r, nil
}

// Keys lists a keystore's keys, oldest first.
func (s *Service) Keys(ctx context.Context, caller *auth.Caller, url string, first *int, after *string) (*KeyConnection, error) {
	op, err := s.atKeystore(ctx, caller, actionRead, "id", url)
	if err != nil {
		return nil, err
	}
	n, from, err := pageOf(first, after, isID)
	if err != nil {
		return nil, err
	}
	keys, release, err := s.useKeys(ctx, op.record)
	if err != nil {
		return nil, err
	}
	defer release()
	records, err := keys.ListKeys(ctx, op.at.keystore, KeyFilter{}, from, n+1)
	if err != nil {
		return nil, err
	}
	return s.page(records, n, after == nil)
}

// page makes a page of n keys from up to n+1 records.
func (s *Service) page(records []KeyRecord, n int, fromStart bool) (*KeyConnection, error) {
	c := &KeyConnection{Edges: []*KeyEdge{}, Nodes: []*Key{}}
	for _, r := range records[:min(n, len(records))] {
		k, err := s.key(r)
		if err != nil {
			return nil, err
		}
		c.Nodes = append(c.Nodes, k)
		c.Edges = append(c.Edges, &KeyEdge{Cursor: cursor(Position{r.CreatedAt, r.ID}), Node: k})
	}
	c.PageInfo = pageInfo(c.Edges, func(e *KeyEdge) *string { return &e.Cursor }, !fromStart, len(records) > n)
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
