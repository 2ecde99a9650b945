package auth

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/mr-tron/base58"
)

const (
	maxCapability = 32 << 10 // bytes of JSON, and what a header may unzip to
	maxChain      = 10       // capabilities in a chain, the root included
	maxActions    = 128
	maxAction     = 64
	maxID         = 512
	maxTime       = 40
)

const purposeDelegation = "capabilityDelegation"

// delegation is one delegated capability of a chain. The fields that were signed keep their spelling.
type delegation struct {
	id            string
	controller    string // a DID, or the verification method of one
	controllerDID string
	parent        string // id
	target        string
	expires       string
	expiresAt     time.Time
	actions       []string // nil: all
	proof         proof

	raw []byte // JSON as it was given
}

type proof struct {
	suite     *suite
	created   string
	createdAt time.Time
	method    string // verification method
	delegator string // its DID
	key       PublicKey
	value     string // multibase; empty only while it is being made
	signature []byte
}

// decodeChain reads a delegated capability and the parents embedded in it, root's child first. It checks each alone, and that the
// chain's ids name what is embedded; attenuation is checkAttenuation's.
func decodeChain(data []byte) (rootID string, chain []*delegation, err error) {
	if len(data) > maxCapability {
		return "", nil, badRequest("capability: more than %d bytes", maxCapability)
	}
	r := &reader{dec: jsontext.NewDecoder(bytes.NewBuffer(data)), data: data}
	if err := r.delegation("capability"); err != nil {
		return "", nil, err
	}
	if _, err := r.dec.ReadToken(); !errors.Is(err, io.EOF) {
		return "", nil, badRequest("capability: there is something after it")
	}
	return r.rootID, r.chain, nil
}

// reader walks the JSON of a chain once. The document's shape is fixed, so any surprise ends the walk.
type reader struct {
	dec    *jsontext.Decoder
	data   []byte
	depth  int
	rootID string
	chain  []*delegation // filled from the root's child on
}

func (r *reader) delegation(at string) error {
	if r.depth++; r.depth >= maxChain {
		return forbidden("capability: the chain is longer than %d, the root included", maxChain)
	}
	if r.dec.PeekKind() != '{' {
		return badRequest("%s: must be a JSON object", at)
	}
	var d delegation
	var contexts []string
	var proofType, cryptosuite string
	var ids []string // of the chain, the root's first
	var has fields
	start, err := r.object(at, func(name string) (err error) {
		has.add(name)
		switch name {
		case "@context":
			contexts, err = r.strings(at+".@context", 2)
		case "id":
			d.id, err = r.string(at+".id", maxID)
		case "controller":
			d.controller, err = r.string(at+".controller", 2*maxDID)
		case "parentCapability":
			d.parent, err = r.string(at+".parentCapability", maxRootID)
		case "invocationTarget":
			d.target, err = r.string(at+".invocationTarget", maxRevocation)
		case "expires":
			d.expires, d.expiresAt, err = r.time(at + ".expires")
		case "allowedAction":
			d.actions, err = r.actions(at + ".allowedAction")
		case "proof":
			proofType, cryptosuite, ids, err = r.proof(at+".proof", &d.proof)
		default:
			err = badRequest("%s: has a member that capabilities do not have", at)
		}
		return err
	})
	if err != nil {
		return err
	}
	if missing := has.missing("@context", "id", "controller", "parentCapability", "invocationTarget", "expires", "proof"); missing != "" {
		return badRequest("%s: has no %s", at, missing)
	}
	d.raw = r.data[start:r.dec.InputOffset()]
	if d.proof.suite, err = suiteOf(at, contexts, proofType, cryptosuite, d.proof.key); err != nil {
		return err
	}
	if err := d.check(at); err != nil {
		return err
	}
	if err := r.link(at, &d, ids); err != nil {
		return err
	}
	r.chain = append(r.chain, &d)
	return nil
}

// link checks that the proof's chain names exactly what is embedded. When it is called, the parents are in r.chain.
func (r *reader) link(at string, d *delegation, ids []string) error {
	at += ".proof.capabilityChain"
	if len(r.chain) == 0 {
		if len(ids) != 1 {
			return badRequest("%s: the parent capability must be embedded as the last entry", at)
		}
		r.rootID = ids[0]
	}
	if len(ids) != len(r.chain)+1 || ids[0] != r.rootID {
		return badRequest("%s: does not match the chain of the parent capability", at)
	}
	for i, parent := range r.chain {
		if ids[i+1] != parent.id {
			return badRequest("%s: does not match the chain of the parent capability", at)
		}
	}
	if d.parent != ids[len(ids)-1] {
		return badRequest("%s: its last entry is not the parentCapability", at)
	}
	for _, parent := range r.chain {
		if parent.id == d.id {
			return badRequest("%s: two capabilities of the chain have the same id", at)
		}
	}
	return nil
}

func (r *reader) proof(at string, p *proof) (kind, cryptosuite string, ids []string, err error) {
	var has fields
	var purpose string
	_, err = r.object(at, func(name string) (err error) {
		has.add(name)
		switch name {
		case "type":
			kind, err = r.string(at+".type", 32)
		case "created":
			p.created, p.createdAt, err = r.time(at + ".created")
		case "verificationMethod":
			p.method, err = r.string(at+".verificationMethod", 2*maxDID)
		case "proofPurpose":
			purpose, err = r.string(at+".proofPurpose", 32)
		case "cryptosuite":
			cryptosuite, err = r.string(at+".cryptosuite", 32)
		case "capabilityChain":
			ids, err = r.capabilityChain(at + ".capabilityChain")
		case "proofValue":
			if p.value, err = r.string(at+".proofValue", 128); err == nil {
				p.signature, err = decodeSignature(at+".proofValue", p.value)
			}
		default:
			err = badRequest("%s: has a member that delegation proofs do not have", at)
		}
		return err
	})
	if err != nil {
		return "", "", nil, err
	}
	if missing := has.missing("type", "created", "verificationMethod", "proofPurpose", "capabilityChain", "proofValue"); missing != "" {
		return "", "", nil, badRequest("%s: has no %s", at, missing)
	}
	if purpose != purposeDelegation {
		return "", "", nil, badRequest("%s.proofPurpose: must be %s", at, purposeDelegation)
	}
	if p.delegator, p.key, err = parseDIDURL(p.method); err != nil {
		return "", "", nil, badRequest("%s.verificationMethod: %v", at, err)
	}
	if !strings.Contains(p.method, "#") {
		return "", "", nil, badRequest("%s.verificationMethod: must name a key, did:key:z…#z…", at)
	}
	return kind, cryptosuite, ids, nil
}

// capabilityChain reads [root id, id…, embedded parent] and returns the ids, the embedded one's too.
func (r *reader) capabilityChain(at string) (ids []string, err error) {
	embedded := false
	err = r.array(at, func() error {
		if embedded || len(ids) >= maxChain {
			return badRequest("%s: must be ids, and last the parent capability unless that is the root", at)
		}
		if r.dec.PeekKind() == '{' {
			embedded = true
			if err := r.delegation(at + "[parent]"); err != nil {
				return err
			}
			ids = append(ids, r.chain[len(r.chain)-1].id)
			return nil
		}
		id, err := r.string(at, maxRootID)
		ids = append(ids, id)
		return err
	})
	if err == nil && (len(ids) == 0 || embedded && len(ids) == 1) {
		err = badRequest("%s: must begin with the root capability's id", at)
	}
	return ids, err
}

// check is what a delegation must fulfil by itself.
func (d *delegation) check(at string) (err error) {
	// Only these two schemes, so that no JSON-LD context makes something else of the id.
	if !isIRI(d.id) || !strings.HasPrefix(d.id, "urn:") && !strings.HasPrefix(d.id, "https:") {
		return badRequest("%s.id: must be an absolute urn: or https: URI", at)
	}
	if strings.HasPrefix(d.id, rootIDPrefix) {
		return badRequest("%s.id: is that of a root capability; a root is invoked by its id only", at)
	}
	if d.controllerDID, _, err = parseDIDURL(d.controller); err != nil {
		return badRequest("%s.controller: %v", at, err)
	}
	if err := checkTarget(d.target); err != nil {
		return badRequest("%s.invocationTarget: %v", at, err)
	}
	return nil
}

// decodeSignature reads multibase base58btc of 64 bytes.
func decodeSignature(at, text string) ([]byte, error) {
	if strings.HasPrefix(text, "z") {
		if b, err := base58.Decode(text[1:]); err == nil && len(b) == signatureSize {
			return b, nil
		}
	}
	return nil, badRequest("%s: must be a %d-byte signature in multibase base58btc (z…)", at, signatureSize)
}

// fields remembers which members an object had; the decoder itself refuses a second one of the same name.
type fields []string

func (f *fields) add(name string) { *f = append(*f, name) }

func (f fields) missing(required ...string) string {
next:
	for _, name := range required {
		for _, had := range f {
			if had == name {
				continue next
			}
		}
		return name
	}
	return ""
}

// object reads an object and calls member for each value. It returns where in the data the object begins.
func (r *reader) object(at string, member func(name string) error) (start int64, err error) {
	if r.dec.PeekKind() != '{' {
		return 0, badRequest("%s: must be a JSON object", at)
	}
	if _, err := r.dec.ReadToken(); err != nil {
		return 0, malformed(at)
	}
	start = r.dec.InputOffset() - 1
	for r.dec.PeekKind() == '"' {
		name, err := r.dec.ReadToken()
		if err != nil {
			return 0, malformed(at)
		}
		if err := member(name.String()); err != nil {
			return 0, err
		}
	}
	if end, err := r.dec.ReadToken(); err != nil || end.Kind() != '}' {
		return 0, malformed(at)
	}
	return start, nil
}

func (r *reader) array(at string, entry func() error) error {
	if r.dec.PeekKind() != '[' {
		return badRequest("%s: must be a JSON array", at)
	}
	if _, err := r.dec.ReadToken(); err != nil {
		return malformed(at)
	}
	for kind := r.dec.PeekKind(); kind != ']'; kind = r.dec.PeekKind() {
		if kind == 0 {
			return malformed(at)
		}
		if err := entry(); err != nil {
			return err
		}
	}
	if _, err := r.dec.ReadToken(); err != nil {
		return malformed(at)
	}
	return nil
}

func (r *reader) string(at string, most int) (string, error) {
	if r.dec.PeekKind() != '"' {
		return "", badRequest("%s: must be a string", at)
	}
	t, err := r.dec.ReadToken()
	if err != nil {
		return "", malformed(at)
	}
	s := t.String()
	if s == "" || len(s) > most {
		return "", badRequest("%s: must have 1 to %d bytes", at, most)
	}
	return s, nil
}

func (r *reader) strings(at string, most int) (list []string, err error) {
	err = r.array(at, func() error {
		if len(list) == most {
			return badRequest("%s: must have at most %d entries", at, most)
		}
		s, err := r.string(at, 256)
		list = append(list, s)
		return err
	})
	return list, err
}

// actions reads an action or a list of them. No list means all actions, so an empty one must not pass for none.
func (r *reader) actions(at string) (list []string, err error) {
	if r.dec.PeekKind() == '"' {
		s, err := r.string(at, maxAction)
		if err != nil {
			return nil, err
		}
		list = []string{s}
	} else if list, err = r.strings(at, maxActions); err != nil {
		return nil, err
	}
	if err := checkActions(list); err != nil {
		return nil, badRequest("%s: %v", at, err)
	}
	return list, nil
}

func checkActions(list []string) error {
	if len(list) == 0 || len(list) > maxActions {
		return errors.New("must have 1 to 128 actions")
	}
	for i, action := range list {
		if !isAction(action) {
			return errors.New("an action must be 1 to 64 printable ASCII characters without quotes and backslashes")
		}
		for _, before := range list[:i] {
			if before == action {
				return errors.New("names an action twice")
			}
		}
	}
	return nil
}

// isAction tells what can stand as it is in a header parameter and in an N-Quads literal.
func isAction(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 0x7f || c == '"' || c == '\\' {
			return false
		}
	}
	return s != "" && len(s) <= maxAction
}

// time reads an RFC 3339 date and time.
func (r *reader) time(at string) (string, time.Time, error) {
	s, err := r.string(at, maxTime)
	if err != nil {
		return "", time.Time{}, err
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil || !rfc3339.MatchString(s) {
		return "", time.Time{}, badRequest("%s: must be a date and time as in RFC 3339, 2006-01-02T15:04:05Z", at)
	}
	return s, t, nil
}

// rfc3339 refuses what time.Parse takes beside RFC 3339: hours of one digit, commas, offsets of days.
var rfc3339 = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$`)

func malformed(at string) error {
	return badRequest("%s: is not JSON, has a member twice, or is cut off", at)
}
