package auth

import (
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Delegation says what to delegate.
type Delegation struct {
	RootTarget string      // the URL whose root capability is delegated; empty with Parent
	Parent     *Capability // the capability to delegate further; nil: the root capability
	Controller string      // DID of whom it is for
	Target     string      // the URL it is for, the parent's or below; empty: the parent's
	Actions    []string    // what it allows; nil: what the parent allows
	Expires    time.Time   // whole seconds count; not later than the parent's
}

// Delegate makes a capability signed with Ed25519Signature2020 or, by a P-256 identity, a DataIntegrityProof of ecdsa-rdfc-2019; the
// parent may be signed otherwise. The caller must be the controller of what is delegated: of the parent, which is checked, or of the root,
// which cannot be. It refuses what a verifier would refuse.
func (id *Identity) Delegate(d Delegation, now time.Time) (*Capability, error) {
	doc, err := id.delegation(d, now)
	if err != nil {
		return nil, fmt.Errorf("delegate: %w", err)
	}
	var rootID string
	var chain []*delegation
	var ids []jsontext.Value
	if d.Parent == nil {
		rootID = RootID(d.RootTarget)
		ids = []jsontext.Value{quote(rootID)}
	} else {
		rootID, chain = d.Parent.rootID, slices.Clone(d.Parent.chain)
		ids = append(ids, quote(rootID))
		for _, link := range chain[:len(chain)-1] {
			ids = append(ids, quote(link.id))
		}
		ids = append(ids, jsontext.Value(d.Parent.leaf().raw))
	}
	input, err := signingInput(rootID, append(chain, doc))
	if err != nil {
		return nil, fmt.Errorf("delegate: %w", err)
	}
	doc.proof.value = encodeMultibase(id.Sign(input))
	data, err := doc.marshal(ids)
	if err != nil {
		return nil, fmt.Errorf("delegate: %w", err)
	}
	c, err := ParseCapability(data)
	if err != nil {
		return nil, fmt.Errorf("delegate: %w", err)
	}
	return c, nil
}

// delegation fills in all but the proof's value.
func (id *Identity) delegation(d Delegation, now time.Time) (*delegation, error) {
	target, actions := d.RootTarget, d.Actions
	parent := RootID(d.RootTarget)
	if d.Parent != nil {
		if d.RootTarget != "" && d.RootTarget != d.Parent.RootTarget() {
			return nil, errors.New("root target: is not the parent's")
		}
		if d.Parent.Controller() != id.DID() {
			return nil, errors.New("parent: was not delegated to this identity")
		}
		if len(d.Parent.chain)+1 >= maxChain {
			return nil, fmt.Errorf("parent: the chain would be longer than %d, the root included", maxChain)
		}
		target, parent = d.Parent.Target(), d.Parent.ID()
		if actions == nil {
			actions = d.Parent.Actions()
		}
	}
	if d.Target != "" {
		target = d.Target
	}
	if actions != nil {
		if err := checkActions(actions); err != nil {
			return nil, fmt.Errorf("actions: %w", err)
		}
	}
	now = now.UTC().Truncate(time.Second)
	// A delegator whose clock is behind its parent's must not date itself before it.
	if d.Parent != nil && now.Before(d.Parent.leaf().proof.createdAt) {
		now = d.Parent.leaf().proof.createdAt.UTC()
	}
	expires := d.Expires.UTC().Truncate(time.Second)
	if !expires.After(now) {
		return nil, errors.New("expires: must be in the future")
	}
	return &delegation{
		id:         newID(),
		controller: d.Controller,
		parent:     parent,
		target:     target,
		expires:    expires.Format(time.RFC3339),
		actions:    slices.Clone(actions),
		proof: proof{
			suite:   id.suite(),
			created: now.Format(time.RFC3339Nano),
			method:  id.KeyID(),
		},
	}, nil
}

func (id *Identity) suite() *suite {
	if id.p256 != nil {
		return suiteECDSA
	}
	return suiteEd25519
}

// newID is a random UUID as a URN (RFC 9562 section 5.4).
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// marshal writes the members in the order in which the JavaScript libraries write them.
func (d *delegation) marshal(chain []jsontext.Value) ([]byte, error) {
	type proofJSON struct {
		Type        string           `json:"type"`
		Created     string           `json:"created"`
		Method      string           `json:"verificationMethod"`
		Cryptosuite string           `json:"cryptosuite,omitzero"`
		Purpose     string           `json:"proofPurpose"`
		Chain       []jsontext.Value `json:"capabilityChain"`
		Value       string           `json:"proofValue"`
	}
	p := &d.proof
	return json.Marshal(struct {
		Context    []string  `json:"@context"`
		ID         string    `json:"id"`
		Controller string    `json:"controller"`
		Parent     string    `json:"parentCapability"`
		Target     string    `json:"invocationTarget"`
		Expires    string    `json:"expires"`
		Actions    []string  `json:"allowedAction,omitzero"`
		Proof      proofJSON `json:"proof"`
	}{
		[]string{contextZCAP, p.suite.context}, d.id, d.controller, d.parent, d.target, d.expires, d.actions,
		proofJSON{p.suite.proofType, p.created, p.method, p.suite.cryptosuite, purposeDelegation, chain, p.value},
	})
}

func quote(s string) jsontext.Value {
	v, err := jsontext.AppendQuote(nil, s)
	if err != nil { // not UTF-8: what stands here instead is refused when the result is parsed
		return jsontext.Value(`""`)
	}
	return v
}
