package keystore

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"twolock/auth"
)

// refuseRevoked refuses a caller of whose chain a capability was revoked in the keystore, or, where that is empty, at the service. What this server revoked counts at once, what another did
// within a second: the database is asked, nobody has to tell us.
func (s *Service) refuseRevoked(ctx context.Context, caller *auth.Caller, keystore string) error {
	links := linksOf(caller.Chain())
	if len(links) == 0 {
		return nil
	}
	h := sha256.New()
	for _, l := range links {
		h.Write([]byte(l.Delegator + "\n" + l.Capability + "\n"))
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

// linksOf names the delegated capabilities of a chain as revocations and audit entries do, the root's child first.
func linksOf(chain []auth.Link) (links []Link) {
	for _, l := range chain {
		links = append(links, Link{Delegator: l.Delegator, Capability: l.ID})
	}
	return links
}

type isRevoked bool

func (isRevoked) Wipe() {}

// RevokeInput is what a request to revoke brings: the URL it was sent to, and the capability.
type RevokeInput struct {
	URL        string
	Capability []byte // JSON
}

// Revoke makes a delegated capability invalid, and with it all that was delegated on from it. Whoever controls a link of its chain may: the keystore's
// controller, or any operator where it is for the service, and each delegate. The reference clients invoke the root capability of the URL itself; one of
// the keystore or service, for the action write, will do too.
func (s *Service) Revoke(ctx context.Context, caller *auth.Caller, in RevokeInput) error {
	url, id, ok := auth.RevocationID(in.URL)
	if !ok {
		return Errorf(BadUserInput, "URL: is not such as %s/zcaps/revocations/urn%%3Auuid%%3A…", s.keystoreURL("z…"))
	}
	var at place
	if url != s.serviceURL() {
		var err error
		if at, err = s.keystoreAt("URL", url); err != nil {
			return err
		}
	}
	c, err := auth.ParseCapability(in.Capability)
	if err != nil {
		return Errorf(BadUserInput, "body: %v", err)
	}
	switch {
	case c.ID() != id:
		return Errorf(BadUserInput, "body: is capability %s, the URL names %s", c.ID(), id)
	case c.RootTarget() != url:
		return Errorf(BadUserInput, "body: is a capability for %s, not for what the URL is below", c.RootTarget())
	}
	holders, err := s.beginRevocation(ctx, caller, at, in.URL, c)
	if err != nil {
		return err
	}
	now := s.now()
	if !c.Expires().Add(revocationMargin).After(now) {
		return nil // it is invalid by itself
	}
	chain := c.Chain()
	if already, err := s.Store.Revoked(ctx, at.keystore, linksOf(chain)); err != nil || already {
		return err // no link ends later than the one before
	}
	r := Revocation{
		Keystore: at.keystore, Delegator: c.Delegator(), Capability: c.ID(), Revoker: caller.DID, RevokedAt: now, Expires: c.Expires().UTC().Truncate(time.Microsecond),
	}
	if len(chain) > 1 && !slices.Contains(holders, caller.DID) {
		r.Through = chain[1].Delegator // whoever comes after them is of their making
	}
	if err := s.Store.InsertRevocation(ctx, r, maxThrough); errors.Is(err, ErrFull) {
		return Errorf(Conflict, "body: %d capabilities that %s delegated on are revoked already; ask who delegated to them to revoke that", maxThrough, r.Through)
	} else if err != nil {
		return err
	}
	s.revocations.advance()
	return nil
}

// revocationMargin is how long after a capability's end its revocation is kept: clocks may differ.
const revocationMargin = time.Hour

// maxThrough is how many revocations are kept, in a keystore or at the service, of what one delegate of the controller delegated on, those by the controller
// not counted.
const maxThrough = 1000

// beginRevocation is the gate for one that concerns a capability instead of a keystore. The chain must be genuine, from a controller
// that the keystore or service has now: else strangers could fill the table. It returns those who have the root capability, as far as it matters.
func (s *Service) beginRevocation(ctx context.Context, caller *auth.Caller, at place, target string, c *auth.Capability) ([]string, error) {
	if caller.DID == "" {
		return nil, callerError(caller.Can(auth.Access{Action: actionWrite}))
	}
	access := auth.Access{RootTarget: s.rootOf(at), Target: target, Action: actionWrite}
	holders, err := s.rootControllers(ctx, at, caller, c)
	if err != nil {
		return nil, err
	}
	if slices.Contains(holders, c.RootDelegator()) && c.VerifyProofs() == nil {
		access.Controllers = holders
		if caller.RootID() == auth.RootID(target) {
			access.RootTarget = target
			access.Controllers = append(slices.Clone(holders), controllers(c)...)
		}
	}
	if err := callerError(caller.Can(access)); err != nil {
		return nil, err
	}
	if err := s.refuseRevoked(ctx, caller, at.keystore); err != nil {
		return nil, err
	}
	return holders, s.audit(caller, actionRevoke, at, 0)
}

// rootControllers says whom the root capability of a place belongs to, as far as it matters for a revocation: nobody where there is no such keystore.
func (s *Service) rootControllers(ctx context.Context, at place, caller *auth.Caller, c *auth.Capability) ([]string, error) {
	if at.keystore == "" {
		claims := []string{caller.DID, c.RootDelegator()}
		if chain := caller.Chain(); len(chain) > 0 {
			claims[0] = chain[0].Delegator
		}
		return s.operatorsAmong(ctx, claims...)
	}
	record, err := s.findRecord(ctx, at.keystore)
	if errors.Is(err, ErrNotFound) || CodeOf(err) == KeyUnusable {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	return []string{record.Controller}, nil
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
	return s.listRevocations(ctx, op, first, after)
}

// ServiceRevocations lists the revocations of capabilities for the service, oldest first.
func (s *Service) ServiceRevocations(ctx context.Context, caller *auth.Caller, first *int, after *string) (*RevocationConnection, error) {
	op, err := s.begin(ctx, caller, actionRead, place{})
	if err != nil {
		return nil, err
	}
	return s.listRevocations(ctx, op, first, after)
}

func (s *Service) listRevocations(ctx context.Context, op *operation, first *int, after *string) (*RevocationConnection, error) {
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
