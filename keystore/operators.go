package keystore

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"slices"

	"twolock/auth"
	"twolock/crypto/lock"
)

// NewEnrolment makes the one-time token that enrols the first operator, 32 bytes in base64url; an older one is void. It returns
// "" when there is an operator already: configured or enrolled.
func (s *Service) NewEnrolment(ctx context.Context) (string, error) {
	has := len(s.Operators) > 0
	if !has {
		enrolled, err := s.Store.ListOperators(ctx, 1)
		if err != nil {
			return "", err
		}
		has = len(enrolled) > 0
	}
	token := lock.Generate32()
	hash := sha256.Sum256(token)
	if err := s.Store.SetEnrolment(ctx, hash[:]); err != nil {
		return "", err
	}
	if has {
		return "", nil // nobody knows the token that replaced the one from before
	}
	return base64.RawURLEncoding.EncodeToString(token), nil
}

// EnrolOperator makes the caller an operator, once, for the token proves that the operator of the machine gave it to them.
func (s *Service) EnrolOperator(ctx context.Context, caller *auth.Caller, in EnrolOperatorInput) (*EnrolOperatorPayload, error) {
	if _, err := s.begin(ctx, caller, actionEnrolOperator, place{}); err != nil {
		return nil, err
	}
	hash := sha256.Sum256(in.Token)
	if err := s.Store.EnrolOperator(ctx, hash[:], caller.DID); errors.Is(err, ErrNotFound) {
		return nil, Errorf(Forbidden, "token: is not this server's, or was used already")
	} else if err != nil {
		return nil, err
	}
	return &EnrolOperatorPayload{caller.DID}, nil
}

// maxOperators bounds what Status lists.
const maxOperators = 1000

// Status tells an operator how the service is set up.
func (s *Service) Status(ctx context.Context, caller *auth.Caller) (*Status, error) {
	if _, err := s.begin(ctx, caller, actionRead, place{}); err != nil {
		return nil, err
	}
	enrolled, err := s.Store.ListOperators(ctx, maxOperators)
	if err != nil {
		return nil, err
	}
	out := &Status{StartedAt: s.started, OpenRegistration: s.OpenRegistration, AuthServer: s.SecondShare != nil, Operators: slices.Clone(s.Operators)}
	for _, l := range s.Locks {
		out.ServerLocks = append(out.ServerLocks, l.ID())
	}
	for _, did := range enrolled {
		if !slices.Contains(out.Operators, did) {
			out.Operators = append(out.Operators, did)
		}
	}
	return out, nil
}
