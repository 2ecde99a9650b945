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

// Status tells an operator how the service is set up and how it does. What takes time to find out is found out in the background.
func (s *Service) Status(ctx context.Context, caller *auth.Caller) (*Status, error) {
	if _, err := s.begin(ctx, caller, actionRead, place{}); err != nil {
		return nil, err
	}
	enrolled, err := s.Store.ListOperators(ctx, maxOperators)
	if err != nil {
		return nil, err
	}
	s.watch.ask(s.Now())
	out := &Status{
		StartedAt: s.started, Version: s.Version, OpenRegistration: s.OpenRegistration, AuthServer: s.SecondShare != nil,
		Database: &DatabaseStatus{s.DatabaseKind, s.watch.of(databaseName)}, AuthServerHealth: s.watch.of(authServerName),
		Activity: s.activity.read(s.started), Settings: s.Settings,
	}
	out.Counts, out.CountFailed = s.watch.count()
	for _, l := range s.Locks {
		out.ServerLocks = append(out.ServerLocks, l.ID())
		out.Locks = append(out.Locks, &LockStatus{l.ID(), s.watch.of(l.ID()), s.watch.unsealedBy(l.ID())})
	}
	for _, did := range s.Operators {
		out.Operators = append(out.Operators, did)
		out.OperatorDetails = append(out.OperatorDetails, &Operator{DID: did, Origin: OperatorConfigured})
	}
	for _, e := range enrolled {
		if !slices.Contains(s.Operators, e.DID) {
			out.Operators = append(out.Operators, e.DID)
			out.OperatorDetails = append(out.OperatorDetails, &Operator{DID: e.DID, Origin: OperatorEnrolled, EnrolledAt: &e.EnrolledAt})
		}
	}
	return out, nil
}
