package auth

import (
	"bytes"
	"slices"
	"sync"
	"time"
)

// Capability is a delegated capability with the chain it comes from, up to the root capability's id. It is immutable and safe for
// concurrent use. That it exists says that its structure and its attenuation are right; only VerifyProofs says that it is genuine.
type Capability struct {
	rootID     string
	rootTarget string
	chain      []*delegation // the root's child first, this capability last
	header     func() (string, error)
}

// ParseCapability reads the JSON of a delegated capability, of at most 32 KiB and a chain of at most 10 with the root. It is strict: the
// known contexts, one proof, no unknown, repeated or mis-cased member. The structure and attenuation of the whole chain are checked, no
// signature and no date is. Errors are *Error, of kind BadRequest, or Forbidden where the chain gives more than it may. The capability keeps data.
func ParseCapability(data []byte) (*Capability, error) {
	rootID, chain, err := decodeChain(data)
	if err != nil {
		return nil, err
	}
	if err := checkAttenuation(rootID, chain); err != nil {
		return nil, err
	}
	target, _ := rootTarget(rootID)
	c := &Capability{rootID: rootID, rootTarget: target, chain: chain}
	c.header = sync.OnceValues(func() (string, error) { return encodeCapability(c.leaf().raw) })
	return c, nil
}

func (c *Capability) leaf() *delegation { return c.chain[len(c.chain)-1] }

// ID is the capability's own id.
func (c *Capability) ID() string { return c.leaf().id }

// Controller is the DID of whom it was delegated to, also where the capability names that DID's key.
func (c *Capability) Controller() string { return c.leaf().controllerDID }

// Target is the URL it is for; it reaches what is below that URL too.
func (c *Capability) Target() string { return c.leaf().target }

// RootTarget is the URL of the root capability that its chain begins with.
func (c *Capability) RootTarget() string { return c.rootTarget }

// Expires is when it ends; no parent of it ends sooner.
func (c *Capability) Expires() time.Time { return c.leaf().expiresAt }

// Actions are the actions it allows; nil: every action.
func (c *Capability) Actions() []string { return slices.Clone(c.leaf().actions) }

// Allows tells whether it allows an action.
func (c *Capability) Allows(action string) bool {
	actions := c.leaf().actions
	return action != "" && (actions == nil || slices.Contains(actions, action))
}

// Delegator is the DID that signed the last delegation.
func (c *Capability) Delegator() string { return c.leaf().proof.delegator }

// RootDelegator is the DID that signed the first delegation. The chain is worth something only if it is the controller of the root.
func (c *Capability) RootDelegator() string { return c.chain[0].proof.delegator }

// Chain lists the delegated capabilities, the root's child first and this one last.
func (c *Capability) Chain() []Link {
	links := make([]Link, len(c.chain))
	for i, d := range c.chain {
		links[i] = Link{ID: d.id, Delegator: d.proof.delegator, Expires: d.expiresAt}
	}
	return links
}

// Link is one delegation of a chain. Ids are chosen by delegators, so a revocation is kept by both.
type Link struct {
	ID        string
	Delegator string // DID
	Expires   time.Time
}

// JSON is the capability as it was given.
func (c *Capability) JSON() []byte { return bytes.Clone(c.leaf().raw) }

// VerifyProofs verifies the signatures of the whole chain, the root's child first. It takes the first delegator as the root's controller: the
// caller compares RootDelegator. Dates are not looked at. Errors are *Error of kind Forbidden.
func (c *Capability) VerifyProofs() error {
	for i, d := range c.chain {
		input, err := signingInput(c.rootID, c.chain[:i+1])
		if err != nil {
			return forbidden("capability %s: the chain is too intricate to verify", d.id)
		}
		if !d.proof.key.Verify(input, d.proof.signature) {
			return forbidden("capability %s: its proof does not verify", d.id)
		}
	}
	return nil
}
