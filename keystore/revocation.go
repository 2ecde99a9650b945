package keystore

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strconv"
	"sync/atomic"
	"time"

	"twolock/auth"
)

// refuseRevoked refuses a caller of whose chain a capability was revoked in the keystore. What this server revoked counts at once, what another did
// within a second: the database is asked, nobody has to tell us.
func (s *Service) refuseRevoked(ctx context.Context, caller *auth.Caller, keystore string) error {
	chain := caller.Chain()
	if len(chain) == 0 {
		return nil
	}
	links := make([]Link, len(chain))
	h := sha256.New()
	for i, l := range chain {
		links[i] = Link{Delegator: l.Delegator, Capability: l.ID}
		h.Write([]byte(l.Delegator + "\n" + l.ID + "\n"))
	}
	name := "revoked/" + keystore + "/" + hex.EncodeToString(h.Sum(nil))
	v, release, err := s.records.use(ctx, s.revocations.name(name), recordTTL, func(ctx context.Context) (wiper, error) {
		is, err := s.Store.Revoked(ctx, keystore, links)
		return isRevoked(is), err
	})
	if err != nil {
		return err
	}
	release()
	if v.(isRevoked) {
		return Errorf(Forbidden, "not allowed: a capability of the chain was revoked")
	}
	return nil
}

type isRevoked bool

func (isRevoked) Wipe() {}

// RevokeInput is what a request to revoke brings: the URL it was sent to, and the capability.
type RevokeInput struct {
	URL        string
	Capability []byte // JSON
}

// Revoke makes a delegated capability invalid, and with it all that was delegated on from it. Whoever controls a link of its chain may: the keystore's
// controller, each delegate. The reference clients invoke the root capability of the URL itself; one of the keystore, for the action write, will do too.
func (s *Service) Revoke(ctx context.Context, caller *auth.Caller, in RevokeInput) error {
	url, id, ok := auth.RevocationID(in.URL)
	if !ok {
		return Errorf(BadUserInput, "URL: is not such as %s/zcaps/revocations/urn%%3Auuid%%3A…", s.keystoreURL("z…"))
	}
	at, err := s.keystoreAt("URL", url)
	if err != nil {
		return err
	}
	c, err := auth.ParseCapability(in.Capability)
	if err != nil {
		return Errorf(BadUserInput, "body: %v", err)
	}
	switch {
	case c.ID() != id:
		return Errorf(BadUserInput, "body: is capability %s, the URL names %s", c.ID(), id)
	case c.RootTarget() != url:
		return Errorf(BadUserInput, "body: is a capability for %s, not for this keystore", c.RootTarget())
	}
	if err := s.beginRevocation(ctx, caller, at, in.URL, c); err != nil {
		return err
	}
	now := s.now()
	if !c.Expires().Add(revocationMargin).After(now) {
		return nil // it is invalid by itself
	}
	if err := s.Store.InsertRevocation(ctx, Revocation{
		Keystore: at.keystore, Delegator: c.Delegator(), Capability: c.ID(), Revoker: caller.DID, RevokedAt: now, Expires: c.Expires().UTC().Truncate(time.Microsecond),
	}); err != nil {
		return err
	}
	s.revocations.advance()
	return nil
}

// revocationMargin is how long after a capability's end its revocation is kept: clocks may differ.
const revocationMargin = time.Hour

// beginRevocation is the gate for one that concerns a capability instead of a keystore. The chain must be genuine, from the controller
// that the keystore has now: else strangers could fill the table.
func (s *Service) beginRevocation(ctx context.Context, caller *auth.Caller, at place, target string, c *auth.Capability) error {
	if caller.DID == "" {
		return callerError(caller.Can(auth.Access{Action: actionWrite}))
	}
	access := auth.Access{RootTarget: s.keystoreURL(at.keystore), Target: target, Action: actionWrite}
	record, err := s.findRecord(ctx, at.keystore)
	if err == nil && c.RootDelegator() == record.Controller && c.VerifyProofs() == nil {
		access.Controllers = []string{record.Controller}
		if caller.RootID() == auth.RootID(target) {
			access.RootTarget = target
			access.Controllers = append(access.Controllers, controllers(c)...)
		}
	} else if err != nil && !errors.Is(err, ErrNotFound) && CodeOf(err) != KeyUnusable {
		return err
	}
	if err := callerError(caller.Can(access)); err != nil {
		return err
	}
	if err := s.refuseRevoked(ctx, caller, at.keystore); err != nil {
		return err
	}
	return s.audit(caller, actionRevoke, at, 0)
}

// controllers are the DIDs that the chain's capabilities were delegated by and to.
func controllers(c *auth.Capability) (dids []string) {
	for _, l := range c.Chain() {
		dids = append(dids, l.Delegator)
	}
	return append(dids, c.Controller())
}

// Revocations lists a keystore's revocations, oldest first.
func (s *Service) Revocations(ctx context.Context, caller *auth.Caller, url string, first *int, after *string) (*RevocationConnection, error) {
	op, err := s.atKeystore(ctx, caller, actionRead, "id", url)
	if err != nil {
		return nil, err
	}
	n, from, err := pageOf(first, after, isCapabilityID)
	if err != nil {
		return nil, err
	}
	all, err := s.Store.ListRevocations(ctx, op.at.keystore, from, n+1)
	if err != nil {
		return nil, err
	}
	c := &RevocationConnection{Edges: []*RevocationEdge{}, Nodes: []*Revocation{}}
	for i := range all[:min(n, len(all))] {
		c.Nodes = append(c.Nodes, &all[i])
		c.Edges = append(c.Edges, &RevocationEdge{Cursor: cursor(Position{all[i].RevokedAt, all[i].Capability}), Node: &all[i]})
	}
	c.PageInfo = pageInfo(c.Edges, func(e *RevocationEdge) *string { return &e.Cursor }, after != nil, len(all) > n)
	return c, nil
}

// isCapabilityID tells what the id of a capability may be: it is an absolute IRI.
func isCapabilityID(id string) bool {
	for i := range len(id) {
		if id[i] <= ' ' || id[i] > '~' {
			return false
		}
	}
	return id != ""
}

// prune forgets revocations of capabilities that have ended, a bounded number at a time.
func (s *Service) prune(ctx context.Context) {
	for {
		n, err := s.Store.PruneRevocations(ctx, s.Now().Add(-revocationMargin), 1000)
		if err != nil {
			s.Log.Error("revocations not pruned", "error", err)
		}
		if n < 1000 {
			return
		}
	}
}

// generation is part of the names of cached answers; a new one makes all of them old.
type generation struct{ n atomic.Uint64 }

func (g *generation) name(s string) string { return s + "/" + strconv.FormatUint(g.n.Load(), 10) }
func (g *generation) advance()             { g.n.Add(1) }
