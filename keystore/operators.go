package keystore

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
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
	hash := sha256.Sum256(in.Token)
	_, err := s.beginChecked(ctx, caller, actionEnrolOperator, place{}, func() (place, error) { // anybody may ask, but not write to the audit log
		open, err := s.Store.Enrolment(ctx)
		if err == nil && subtle.ConstantTimeCompare(open, hash[:]) != 1 {
			err = ErrNotFound
		}
		return place{}, err
	})
	if err == nil {
		err = s.Store.EnrolOperator(ctx, hash[:], caller.DID)
	}
	if errors.Is(err, ErrNotFound) {
		return nil, Errorf(Forbidden, "token: is not this server's, or was used already")
	} else if err != nil {
		return nil, err
	}
	return &EnrolOperatorPayload{caller.DID}, nil
}

// maxOperators bounds what Status lists, and how many others are added to.
const maxOperators = 1000

// AddOperator makes somebody an operator.
func (s *Service) AddOperator(ctx context.Context, caller *auth.Caller, in OperatorInput) (*OperatorPayload, error) {
	if err := s.asOperator(ctx, caller, actionAddOperator); err != nil {
		return nil, err
	}
	if _, err := auth.ParseDID(in.Operator); err != nil {
		return nil, Errorf(BadUserInput, "operator: %v", err)
	}
	enrolled, err := s.Store.ListOperators(ctx, maxOperators)
	if err != nil {
		return nil, err
	}
	if len(enrolled) == maxOperators {
		return nil, Errorf(Conflict, "operator: there are %d already", maxOperators)
	}
	if slices.Contains(s.Operators, in.Operator) {
		return &OperatorPayload{in.Operator}, nil
	}
	if err := s.Store.AddOperator(ctx, in.Operator); err != nil {
		return nil, err
	}
	return &OperatorPayload{in.Operator}, nil
}

// RemoveOperator takes an enrolled operator away. The last one stays, or nobody could let anybody in again.
func (s *Service) RemoveOperator(ctx context.Context, caller *auth.Caller, in OperatorInput) (*OperatorPayload, error) {
	if err := s.asOperator(ctx, caller, actionRemoveOperator); err != nil {
		return nil, err
	}
	if slices.Contains(s.Operators, in.Operator) {
		return nil, Errorf(Conflict, "operator: is one by the server's configuration, --operator; it is taken out of that")
	}
	err := s.Store.RemoveOperator(ctx, in.Operator, len(s.Operators) == 0)
	switch {
	case errors.Is(err, ErrNotFound):
		return nil, Errorf(NotFound, "operator: is not an operator")
	case errors.Is(err, ErrLast):
		return nil, Errorf(Conflict, "operator: is the last one; add another first")
	case err != nil:
		return nil, err
	}
	return &OperatorPayload{in.Operator}, nil
}

// asOperator begins what only an operator can do, not who acts for one: what was lent for a time could make itself permanent.
func (s *Service) asOperator(ctx context.Context, caller *auth.Caller, action string) error {
	if len(caller.Chain()) > 0 {
		return Errorf(Forbidden, "%s: only an operator can, not by a delegated capability", action)
	}
	_, err := s.begin(ctx, caller, action, place{})
	return err
}

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
