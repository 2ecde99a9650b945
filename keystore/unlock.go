package keystore

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"twolock/crypto/lock"
	"twolock/crypto/secret"
)

// secrets are what the server's lock keeps for a keystore, sealed as one:
// a format byte, the user's lock key (LOCAL) or the salt that makes it (SHAMIR), and, with a vault, its X25519 and MAC keys.
type secrets struct{ encoded []byte }

const (
	secretsFormat = 0x01
	secretSize    = 32
)

func newSecrets(vault bool) *secrets {
	x := &secrets{append([]byte{secretsFormat}, lock.Generate32()...)}
	if vault {
		x.encoded = append(append(x.encoded, lock.Generate32()...), lock.Generate32()...)
	}
	return x
}

func parseSecrets(b []byte, vault bool) (*secrets, error) {
	want := 1 + secretSize
	if vault {
		want += 2 * secretSize
	}
	if len(b) != want || b[0] != secretsFormat {
		return nil, errors.New("keystore secrets have an unknown form")
	}
	return &secrets{b}, nil
}

func (x *secrets) user() []byte      { return x.encoded[1 : 1+secretSize] }
func (x *secrets) recipient() []byte { return x.encoded[1+secretSize : 1+2*secretSize] }
func (x *secrets) mac() []byte       { return x.encoded[1+2*secretSize:] }
func (x *secrets) Wipe()             { clear(x.encoded) }

func keystoreLabel(id string) lock.Label {
	return lock.Label{Purpose: lock.PurposeKeystore, Keystore: id}
}

// seal seals a secret under each of the server's locks, at the same time. All or nothing.
func (s *Service) seal(ctx context.Context, plain []byte, label lock.Label) (map[string][]byte, error) {
	blobs := make([][]byte, len(s.Locks))
	g, ctx := errgroup.WithContext(ctx)
	for i, l := range s.Locks {
		g.Go(func() (err error) {
			blobs[i], err = l.Seal(ctx, plain, label)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, lockError(err)
	}
	sealed := make(map[string][]byte, len(blobs))
	for i, l := range s.Locks {
		sealed[l.ID()] = blobs[i]
	}
	return sealed, nil
}

// openSecrets opens a keystore's secrets with the first of the server's locks that can.
func (s *Service) openSecrets(ctx context.Context, r *Record) (*secrets, error) {
	var last error
	for _, l := range s.Locks {
		blob, ok := r.Sealed[l.ID()]
		if !ok {
			continue
		}
		b, err := l.Open(ctx, blob, keystoreLabel(r.ID))
		if err == nil {
			return parseSecrets(b, r.Vault != nil)
		}
		s.Log.Warn("server lock did not open a keystore", "lock", l.ID(), "keystore", r.ID, "error", err)
		if last == nil || !errors.Is(err, lock.ErrOpen) {
			last = err // a lock that may open it later matters more than one that never will
		}
	}
	if last == nil {
		last = lock.ErrOpen
	}
	return nil, lockError(last)
}

// lockError turns a lock's failure into an error that the caller may see.
func lockError(err error) error {
	if away, ok := errors.AsType[*lock.UnavailableError](err); ok {
		return &Error{Code: UpstreamUnavailable, Message: away.Upstream + ": " + away.Reason, Upstream: away.Upstream, Retryable: away.Retryable, Err: err}
	}
	if errors.Is(err, lock.ErrOpen) {
		return &Error{Code: KeyUnusable, Message: "its sealed record does not open: it was damaged, or belongs elsewhere", Err: err}
	}
	return err
}

func (s *Service) useSecrets(ctx context.Context, r *Record) (*secrets, func(), error) {
	v, release, err := s.opened.use(ctx, "keystore/"+r.ID, s.CacheTTL, func(ctx context.Context) (wiper, error) {
		x, err := s.openSecrets(ctx, r)
		if err != nil {
			return nil, err
		}
		return x, nil
	})
	if err != nil {
		return nil, nil, err
	}
	return v.(*secrets), release, nil
}

// shareTTL bounds how long what a share opened stays open.
const shareTTL = time.Minute

// opener is a user's lock about to be opened: the keystore, and the shares that came with the request.
type opener struct {
	record *Record
	shares []secret.Bytes
	// name tells apart, in the cache, what was opened with different shares. Empty for LOCAL.
	name string
	ttl  time.Duration
}

// opener checks the shares' form before anything is fetched.
func (s *Service) opener(r *Record, shares []secret.Bytes) (*opener, error) {
	if r.UserLock == UserLockLocal {
		if len(shares) > 0 {
			return nil, Errorf(BadUserInput, "secretShares: the keystore's user lock is LOCAL, which takes none")
		}
		return &opener{record: r, ttl: s.CacheTTL}, nil
	}
	switch {
	case len(shares) == 0:
		return nil, Errorf(BadUserInput, "secretShares: needed, for the keystore's user lock is SHAMIR")
	case len(shares) > lock.MaxShares:
		return nil, Errorf(BadUserInput, "secretShares: %d are more than %d", len(shares), lock.MaxShares)
	case len(shares) == 1 && s.SecondShare == nil:
		return nil, Errorf(BadUserInput, "secretShares: this server has no Auth server, so two shares are needed")
	}
	h := hmac.New(sha256.New, s.shareMAC)
	for i, share := range shares {
		if err := lock.CheckShare(share); err != nil {
			return nil, Errorf(BadUserInput, "secretShares[%d]: %v", i, err)
		}
		h.Write(share) // all have one length
	}
	return &opener{r, shares, base64.RawURLEncoding.EncodeToString(h.Sum(nil)), min(s.CacheTTL, shareTTL)}, nil
}

// useUserLock opens the user's lock. With pin, a SHAMIR lock that was never used becomes what these shares make.
func (s *Service) useUserLock(ctx context.Context, o *opener, pin bool) (*lock.Key, func(), error) {
	if o.record.UserLock == UserLockLocal {
		x, release, err := s.useSecrets(ctx, o.record)
		if err != nil {
			return nil, nil, err
		}
		defer release()
		k, err := lock.NewKey("user:"+o.record.ID, x.user())
		if err != nil {
			return nil, nil, err
		}
		return k, k.Wipe, nil
	}
	v, release, err := s.opened.use(ctx, "user/"+o.record.ID+"/"+o.name, o.ttl, func(ctx context.Context) (wiper, error) {
		k, err := s.joinUserLock(ctx, o, pin)
		if err != nil {
			return nil, err
		}
		return k, nil
	})
	if err != nil {
		return nil, nil, err
	}
	return v.(*lock.Key), release, nil
}

// joinUserLock makes the lock key from the shares and checks it against the keystore's verifier.
func (s *Service) joinUserLock(ctx context.Context, o *opener, pin bool) (*lock.Key, error) {
	x, release, err := s.useSecrets(ctx, o.record)
	if err != nil {
		return nil, err
	}
	defer release()
	k, verifier, err := s.deriveUserLock(ctx, o.record, o.shares, x.user())
	if err != nil {
		return nil, err
	}
	want := o.record.Verifier
	if want == nil {
		if want, err = s.standing(ctx, o.record.ID, verifier, pin); err != nil {
			k.Wipe()
			return nil, err
		}
	}
	if !lock.CheckVerifier(verifier, want) {
		k.Wipe()
		return nil, errWrongShare
	}
	return k, nil
}

// standing returns the verifier of a keystore that was not pinned a second ago: the one that was pinned since, or, with pin, is now; nil: none is.
func (s *Service) standing(ctx context.Context, id string, verifier []byte, pin bool) ([]byte, error) {
	for range 5 { // it may be changed in between
		r, err := s.readRecord(ctx, id)
		if err != nil {
			return nil, err
		}
		if r.Verifier != nil || !pin {
			return r.Verifier, nil
		}
		r.Verifier = verifier
		r.Revision++
		r.Tag = s.recordTag(r)
		stands, err := s.Store.PinVerifier(ctx, *r)
		if errors.Is(err, ErrStale) {
			continue
		}
		s.records.drop("keystore/" + id)
		return stands, err
	}
	return nil, errChanged
}

var errWrongShare = Errorf(WrongShare, "secretShares: with the others they do not make this keystore's lock")

// deriveUserLock joins the request's shares, with the Auth server's where there is only one, to the lock key and its verifier.
func (s *Service) deriveUserLock(ctx context.Context, r *Record, given []secret.Bytes, salt []byte) (*lock.Key, []byte, error) {
	shares := make([][]byte, 0, len(given)+1)
	for _, g := range given {
		shares = append(shares, g)
	}
	if len(shares) == 1 {
		second, err := s.SecondShare.Share(ctx, r.Controller)
		if err != nil {
			return nil, nil, lockError(err)
		}
		defer clear(second)
		s.gaveShare.Store(true)
		shares = append(shares, second)
	}
	joined, err := lock.JoinShares(shares)
	if bad, ok := errors.AsType[*lock.ShareError](err); ok && len(given) > 1 {
		return nil, nil, Errorf(BadUserInput, "secretShares[%d]: %s", bad.Index, bad.Reason)
	}
	if err != nil {
		return nil, nil, &Error{Code: WrongShare, Message: errWrongShare.Message, Err: err}
	}
	defer clear(joined)
	k, verifier, err := lock.DeriveUserLock(joined, salt, r.ID)
	if err != nil {
		return nil, nil, fmt.Errorf("user lock: %w", err)
	}
	return k, verifier, nil
}
