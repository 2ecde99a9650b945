package auth

import (
	"slices"
	"strings"
	"time"
)

// Caller is who made a request, with the capability they invoked. Make one with Verifier.Authenticate; the zero Caller is anonymous.
// Safe for concurrent use.
type Caller struct {
	DID    string // did:key:z…; empty when anonymous
	Action string // of the invocation
	Target string // the absolute URL the request was sent to; empty when anonymous and the URL is not one of ours
	// Request names the request in logs. It is for who receives the request to set, before anybody else has the Caller.
	Request string

	verifier   *Verifier
	rootID     string
	capability *Capability  // nil: the root capability was invoked
	proofs     func() error // verifies the capability's chain, once
}

// CapabilityID is the id of the invoked capability, root or delegated; empty when anonymous.
func (c *Caller) CapabilityID() string {
	if c.capability == nil {
		return c.rootID
	}
	return c.capability.ID()
}

// MayDo tells whether the invoked capability allows an action beside the one that it is invoked for: a root capability allows any.
func (c *Caller) MayDo(action string) bool { return c.capability == nil || c.capability.Allows(action) }

// Chain lists the delegated capabilities of the chain, the root's child first; none where the root capability was invoked.
// They are genuine only once Can has said so.
func (c *Caller) Chain() []Link {
	if c.capability == nil {
		return nil
	}
	return c.capability.Chain()
}

// Access is an operation on something that is there.
type Access struct {
	RootTarget  string   // the URL whose root capability governs it: the keystore's, or the service's
	Controllers []string // DIDs of whom that root capability belongs to; none: nobody may
	Target      string   // the URL of what is operated on
	Action      string
	MaxChain    int // where less than the verifier's; 0: the verifier's
}

// errDenied says the same whether there is nothing, or it is someone else's, or the proofs are forged.
var errDenied = &Error{Forbidden, "not allowed: there is no such thing, or its controller did not give you this capability"}

// Can decides what the caller may do; nothing else does. nil, or *Error: Unauthenticated when the caller is anonymous, else Forbidden.
// Everything is checked every time, but for the signatures of a capability seen before. What depends on what the server has is
// checked last and refused with one text. Revocation is not its matter.
func (c *Caller) Can(a Access) error {
	if c.DID == "" || c.verifier == nil {
		return unauthenticated("sign the request: this needs a capability for the action %q", a.Action)
	}
	if c.Action != a.Action {
		return forbidden("the capability is invoked for the action %q; this needs %q", c.Action, a.Action)
	}
	if !below(c.Target, a.Target) {
		return forbidden("the request's URL does not reach %s", a.Target)
	}
	if c.rootID != RootID(a.RootTarget) {
		return forbidden("the capability comes from %s; this needs one from %s", c.rootID, RootID(a.RootTarget))
	}
	holder := c.DID // who must be the root's controller
	if c.capability == nil {
		if !covers(a.RootTarget, c.Target) || !covers(a.RootTarget, a.Target) {
			return forbidden("the capability is for %s, which does not reach %s", a.RootTarget, a.Target)
		}
	} else {
		if err := c.verifier.checkCapability(c, a); err != nil {
			return err
		}
		holder = c.capability.RootDelegator()
	}
	if !slices.ContainsFunc(a.Controllers, func(controller string) bool { return isDID(controller, holder) }) {
		return errDenied
	}
	if c.capability != nil && c.proofs() != nil {
		return errDenied
	}
	return nil
}

// checkCapability is what can be told of a delegated capability without its proofs and without knowing the root's controller.
func (v *Verifier) checkCapability(c *Caller, a Access) error {
	capability := c.capability
	if capability.Controller() != c.DID {
		return forbidden("the capability was delegated to another DID than the one that signed the request")
	}
	if !capability.Allows(a.Action) {
		return forbidden("the capability does not allow the action %q; it allows %s", a.Action,
			strings.Join(capability.Actions(), ", "))
	}
	if !covers(capability.Target(), c.Target) || !covers(capability.Target(), a.Target) {
		return forbidden("the capability is for %s, which does not reach %s", capability.Target(), a.Target)
	}
	most := v.maxChain
	if a.MaxChain > 0 && a.MaxChain < most {
		most = a.MaxChain
	}
	if length := len(capability.chain) + 1; length > most {
		return forbidden("the capability's chain has %d members, the root included; at most %d are allowed", length, most)
	}
	now := v.now()
	for _, d := range capability.chain {
		if late := now.Sub(d.expiresAt); late > v.skew {
			return forbidden("capability %s expired %s ago", d.id, late.Round(time.Second))
		}
		if ahead := d.proof.createdAt.Sub(now); ahead > v.skew {
			return forbidden("capability %s was delegated %s in the future: check the delegator's clock", d.id,
				ahead.Round(time.Second))
		}
		if ttl := d.expiresAt.Sub(d.proof.createdAt); v.maxTTL > 0 && ttl > v.maxTTL {
			return forbidden("capability %s is valid for %s; at most %s is allowed", d.id, ttl, v.maxTTL)
		}
	}
	return nil
}

// isDID tells whether a controller, a DID or the key of one, is the DID.
func isDID(controller, did string) bool {
	rest, ok := strings.CutPrefix(controller, did)
	return ok && (rest == "" || rest == "#"+did[len(didKeyPrefix):])
}
