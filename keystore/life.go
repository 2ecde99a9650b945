package keystore

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"slices"
	"time"

	"twolock/auth"
	"twolock/crypto/key"
)

// changeKey begins an action at a key and changes it.
func (s *Service) changeKey(ctx context.Context, caller *auth.Caller, action, url string, change func(op *operation, r *KeyRecord) error) (*KeyPayload, error) {
	op, err := s.atKey(ctx, caller, action, "key", url)
	if err != nil {
		return nil, err
	}
	return s.changeAt(ctx, op, change)
}

func (s *Service) changeAt(ctx context.Context, op *operation, change func(op *operation, r *KeyRecord) error) (*KeyPayload, error) {
	if _, err := s.findKey(ctx, op); err != nil { // the chain's bound, too
		return nil, err
	}
	ring, release, err := s.useRing(ctx, op.record)
	if err != nil {
		return nil, err
	}
	defer release()
	r, err := ring.change(ctx, op.at.key, func(r *KeyRecord) (*KeyVersion, error) { return nil, change(op, r) })
	if err != nil {
		return nil, err
	}
	return s.keyPayload(op.record, r)
}

// UpdateKey changes what people call a key, narrows what it may be used for, and says which versions still count.
func (s *Service) UpdateKey(ctx context.Context, caller *auth.Caller, in UpdateKeyInput) (*KeyPayload, error) {
	return s.changeKey(ctx, caller, actionWrite, in.Key, func(_ *operation, r *KeyRecord) error {
		if err := r.Label.apply(in.LabelInput); err != nil {
			return err
		}
		if err := narrow("operations", &r.Operations, r.Type.Operations(), in.Operations); err != nil {
			return err
		}
		if err := narrow("algorithms", &r.Algorithms, r.Type.Algorithms(), in.Algorithms); err != nil {
			return err
		}
		if err := r.setMinimum("minimumVersionToVerify", &r.MinVerify, in.MinimumVersionToVerify); err != nil {
			return err
		}
		if err := r.setMinimum("minimumVersionToDecrypt", &r.MinDecrypt, in.MinimumVersionToDecrypt); err != nil {
			return err
		}
		if in.RotationPeriod != nil {
			return r.setRotation(*in.RotationPeriod, s.now())
		}
		return nil
	})
}

// narrow puts what is given in the place of what is allowed, of which it must be a part.
func narrow[T ~string](field string, allowed *[]T, all, given []T) error {
	if *allowed != nil {
		all = *allowed
	}
	to, err := restrict(field, all, given)
	if to != nil {
		*allowed = to
	}
	return err
}

func (r *KeyRecord) setMinimum(field string, is, to *int) error {
	if to == nil {
		return nil
	}
	if *to < r.Oldest || *to > r.Newest {
		return Errorf(BadUserInput, "%s: is %d instead of %d to %d", field, *to, r.Oldest, r.Newest)
	}
	*is = *to
	return nil
}

// EnableKey lets a key be used again.
func (s *Service) EnableKey(ctx context.Context, caller *auth.Caller, in KeyInput) (*KeyPayload, error) {
	return s.changeKey(ctx, caller, actionEnableKey, in.Key, func(_ *operation, r *KeyRecord) error { return r.setState(KeyEnabled) })
}

// DisableKey forbids the use of a key until it is enabled.
func (s *Service) DisableKey(ctx context.Context, caller *auth.Caller, in KeyInput) (*KeyPayload, error) {
	return s.changeKey(ctx, caller, actionDisableKey, in.Key, func(_ *operation, r *KeyRecord) error { return r.setState(KeyDisabled) })
}

func (r *KeyRecord) setState(to KeyState) error {
	return setState("key", "cancelKeyDeletion", &r.State, r.DeleteAt, to)
}

func setState(field, cancel string, is *KeyState, deleteAt time.Time, to KeyState) error {
	switch {
	case !deleteAt.IsZero():
		return Errorf(Conflict, "%s: is PENDING_DELETION; %s first", field, cancel)
	case *is == to:
		return errUnchanged
	}
	*is = to
	return nil
}

// How long a deletion can be cancelled, in days.
const (
	minWindow = 7
	maxWindow = 30
)

// DeleteKey schedules the end of a key.
func (s *Service) DeleteKey(ctx context.Context, caller *auth.Caller, in DeleteKeyInput) (*DeleteKeyPayload, error) {
	op, err := s.atKey(ctx, caller, actionDeleteKey, "key", in.Key)
	if err != nil {
		return nil, err
	}
	out := &DeleteKeyPayload{}
	done, err := s.changeAt(ctx, op, func(_ *operation, r *KeyRecord) error {
		err := s.scheduleDeletion(&r.DeleteAt, in.WindowDays)
		out.DeletesAt = r.DeleteAt
		return err
	})
	if errors.Is(err, ErrDamaged) {
		out.DeletesAt, err = s.condemn(ctx, op, in.WindowDays, err)
	} else if err == nil {
		out.Key = done.Key
	}
	return out, err
}

func (s *Service) scheduleDeletion(at *time.Time, days int) error {
	if days < minWindow || days > maxWindow {
		return Errorf(BadUserInput, "windowDays: is %d instead of %d to %d", days, minWindow, maxWindow)
	}
	if !at.IsZero() {
		return errUnchanged // the window does not begin anew, nor get shorter
	}
	*at = s.now().AddDate(0, 0, days)
	return nil
}

// CancelKeyDeletion keeps a key that was to be deleted.
func (s *Service) CancelKeyDeletion(ctx context.Context, caller *auth.Caller, in KeyInput) (*KeyPayload, error) {
	op, err := s.atKey(ctx, caller, actionCancelKeyDeletion, "key", in.Key)
	if err != nil {
		return nil, err
	}
	out, err := s.changeAt(ctx, op, func(_ *operation, r *KeyRecord) error { return cancelDeletion(&r.DeleteAt) })
	if errors.Is(err, ErrDamaged) {
		return &KeyPayload{}, s.pardon(ctx, op, err)
	}
	return out, err
}

func cancelDeletion(at *time.Time) error {
	if at.IsZero() {
		return errUnchanged
	}
	*at = time.Time{}
	return nil
}

// TrimKeyVersions deletes old versions.
func (s *Service) TrimKeyVersions(ctx context.Context, caller *auth.Caller, in TrimKeyVersionsInput) (*KeyPayload, error) {
	return s.changeKey(ctx, caller, actionTrimKeyVersions, in.Key, func(_ *operation, r *KeyRecord) error {
		to := in.OldestVersion
		if last := min(max(r.MinVerify, r.Oldest), max(r.MinDecrypt, r.Oldest)); to < r.Oldest || to > last {
			return Errorf(BadUserInput, "oldestVersion: is %d instead of %d to %d, the lower one of the minimum versions", to, r.Oldest, last)
		}
		if to == r.Oldest {
			return errUnchanged
		}
		r.Oldest = to
		return nil
	})
}

// How many of the newest versions an idempotency key of a rotation is looked for in.
const rememberedRotations = 10

// RotateKey adds a new version to a key.
func (s *Service) RotateKey(ctx context.Context, caller *auth.Caller, in RotateKeyInput) (*KeyPayload, error) {
	op, err := s.atKey(ctx, caller, actionRotateKey, "key", in.Key)
	if err != nil {
		return nil, err
	}
	o, err := s.opener(op.record, in.SecretShares)
	if err != nil {
		return nil, err
	}
	if _, err := s.findKey(ctx, op); err != nil {
		return nil, err
	}
	var request []byte
	if in.IdempotencyKey != nil {
		if err := checkIdempotencyKey(*in.IdempotencyKey); err != nil {
			return nil, err
		}
		sum := sha256.Sum256([]byte(*in.IdempotencyKey))
		request = sum[:]
	}
	r, err := s.rotate(ctx, op, o, request, func(*KeyRecord) bool { return true })
	if err != nil {
		return nil, err
	}
	return s.keyPayload(op.record, r)
}

// rotateDue rotates a key whose time has come and that waits for shares: these.
func (s *Service) rotateDue(ctx context.Context, op *operation, o *opener) (*KeyRecord, error) {
	if err := s.audit(op.caller, actionRotateKey, op.at, 0); err != nil {
		return nil, err
	}
	return s.rotate(ctx, op, o, nil, s.isDue)
}

func (s *Service) isDue(r *KeyRecord) bool {
	return r.State == KeyEnabled && r.DeleteAt.IsZero() && over(r.RotateAt, s.Now())
}

// rotate adds a version to the key at op, as long as it is still wanted. With a request, one that was made by the same is the answer.
func (s *Service) rotate(ctx context.Context, op *operation, o *opener, request []byte, wanted func(*KeyRecord) bool) (*KeyRecord, error) {
	userLock, release, err := s.useUserLock(ctx, o, false)
	if err != nil {
		return nil, err
	}
	defer release()
	ring, releaseRing, err := s.useRing(ctx, op.record)
	if err != nil {
		return nil, err
	}
	defer releaseRing()
	var made *key.Key
	defer func() {
		if made != nil {
			made.Wipe()
		}
	}()
	return ring.change(ctx, op.at.key, func(r *KeyRecord) (*KeyVersion, error) {
		if state := stateOf(r.State, r.DeleteAt); state != KeyEnabled {
			return nil, Errorf(KeyUnusable, "key: is %s", state)
		}
		if r.PublicOnly {
			return nil, Errorf(BadUserInput, "key: was imported without its private part, so there is nothing to rotate")
		}
		if done, err := ring.rotated(ctx, r, request); err != nil || done {
			return nil, firstError(err, errUnchanged)
		}
		if !wanted(r) {
			return nil, errUnchanged
		}
		if made == nil { // made once, though another be faster
			if made, err = s.generate(ctx, r.Keystore, r.Type); err != nil {
				return nil, inputError(err)
			}
		}
		v, err := seal(userLock, r, r.Newest+1, made)
		if err != nil {
			return nil, err
		}
		now := s.now()
		v.VersionRequest, v.VersionCreatedAt = request, now
		r.Newest++
		if r.RotationPeriod > 0 {
			r.RotateAt = now.Add(r.RotationPeriod)
		}
		return v, nil
	})
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// rotated tells whether the request made one of the newest versions.
func (g *ring) rotated(ctx context.Context, r *KeyRecord, request []byte) (bool, error) {
	if request == nil {
		return false, nil
	}
	if bytes.Equal(r.VersionRequest, request) {
		return true, nil
	}
	older, err := g.versions(ctx, r, r.Newest, rememberedRotations-1)
	return slices.ContainsFunc(older, func(v KeyVersion) bool { return bytes.Equal(v.VersionRequest, request) }), err
}

// readKey begins a read of what a key is made of, as its store has it now.
func (s *Service) readKey(ctx context.Context, caller *auth.Caller, url string) (*ring, *KeyRecord, func(), error) {
	op, err := s.atKey(ctx, caller, actionRead, "id", url)
	if err != nil {
		return nil, nil, nil, err
	}
	if _, err := s.findKey(ctx, op); err != nil { // the chain's bound, too
		return nil, nil, nil, err
	}
	ring, release, err := s.useRing(ctx, op.record)
	if err != nil {
		return nil, nil, nil, err
	}
	r, err := ring.key(ctx, op.at.key)
	if err != nil {
		release()
		return nil, nil, nil, err
	}
	return ring, r, release, nil
}

// Versions lists a key's versions, newest first, with how much they were used.
func (s *Service) Versions(ctx context.Context, caller *auth.Caller, url string, first *int, after *string) (*KeyVersionConnection, error) {
	ring, r, release, err := s.readKey(ctx, caller, url)
	if err != nil {
		return nil, err
	}
	defer release()
	n, below, err := versionPage(first, after)
	if err != nil {
		return nil, err
	}
	found, err := ring.versions(ctx, r, below, n+1)
	if err != nil {
		return nil, err
	}
	shown := found[:min(n, len(found))]
	numbers := make([]int, len(shown))
	for i := range shown {
		numbers[i] = shown[i].Version
	}
	usage, pending, err := ring.usage(ctx, r, numbers)
	if err != nil {
		return nil, err
	}
	c := &KeyVersionConnection{Edges: []*KeyVersionEdge{}, Nodes: []*Version{}}
	for i := range shown {
		v, err := s.version(r, &shown[i], usage[shown[i].Version], pending[shown[i].Version])
		if err != nil {
			return nil, err
		}
		c.Nodes = append(c.Nodes, v)
		c.Edges = append(c.Edges, &KeyVersionEdge{Cursor: versionCursor(v.Version), Node: v})
	}
	c.PageInfo = pageInfo(c.Edges, func(e *KeyVersionEdge) *string { return &e.Cursor }, after != nil, len(found) > n)
	return c, nil
}

// VersionNumbered returns a version of a key, with how much it was used; nil when it is not there.
func (s *Service) VersionNumbered(ctx context.Context, caller *auth.Caller, url string, number int) (*Version, error) {
	ring, r, release, err := s.readKey(ctx, caller, url)
	if err != nil {
		return nil, err
	}
	defer release()
	if number < r.Oldest || number > r.Newest {
		return nil, nil
	}
	v, err := ring.version(ctx, r, number)
	if err != nil {
		return nil, err
	}
	usage, pending, err := ring.usage(ctx, r, []int{number})
	if err != nil {
		return nil, err
	}
	return s.version(r, v, usage[number], pending[number])
}

// version is a version as its callers see it. pending is what this server counted since the store was told.
func (s *Service) version(r *KeyRecord, v *KeyVersion, stored, pending Usage) (*Version, error) {
	out := &Version{Version: v.Version, CreatedAt: v.VersionCreatedAt, Uses: stored.Uses + pending.Uses, LastUsedAt: moment(stored.LastUsedAt)}
	if pending.LastUsedAt.After(stored.LastUsedAt) {
		out.LastUsedAt = &pending.LastUsedAt
	}
	if r.Type.MaxMessages() > 0 {
		out.Messages = &stored.Messages
	}
	var err error
	out.PublicKey, err = s.publicKey(r, v)
	return out, err
}
