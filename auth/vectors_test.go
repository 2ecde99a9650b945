package auth_test

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"twolock/auth"
	"twolock/auth/internal/rdfc"
)

// vector is a request made by the reference client, with the reference verifier's verdict.
type vector struct {
	Name     string    `json:"name"`
	VerifyAt time.Time `json:"verifyAt"`
	Server   struct {
		Host       string `json:"expectedHost"`
		RootTarget string `json:"rootInvocationTarget"`
		Controller string `json:"rootController"`
		Target     string `json:"expectedTarget"`
		Action     string `json:"expectedAction"`
		Skew       int    `json:"maxClockSkewSeconds"`
		MaxChain   int    `json:"maxChainLength"`
		MaxTTL     int    `json:"maxDelegationTtlSeconds"`
	} `json:"server"`
	Request struct {
		Method  string            `json:"method"`
		Path    string            `json:"path"`
		Headers map[string]string `json:"headers"`
		Body    string            `json:"body"`
		Raw     []byte            `json:"rawBase64"` // absent where the request was changed after signing
	} `json:"request"`
	Capability json.RawMessage `json:"capability"`
	Expect     struct {
		Verified bool     `json:"verified"`
		Error    string   `json:"error"`
		Invoker  string   `json:"invoker"`
		Chain    []string `json:"chain"`
	} `json:"expect"`
	SigningString string `json:"signingString"`
}

func readJSON(t testing.TB, name string, into any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata/zcap", name))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

func readVectors(t testing.TB) []vector {
	t.Helper()
	files, err := filepath.Glob("testdata/zcap/[0-9]*.json")
	if err != nil || len(files) != 38 {
		t.Fatalf("found %d vectors (%v), want 38", len(files), err)
	}
	list := make([]vector, len(files))
	for i, file := range files {
		readJSON(t, filepath.Base(file), &list[i])
	}
	return list
}

func readVector(t testing.TB, name string) vector {
	t.Helper()
	var v vector
	readJSON(t, name+".json", &v)
	return v
}

// request reads the request's bytes as a server does.
func (v vector) request(t testing.TB) (*http.Request, []byte) {
	t.Helper()
	raw := v.Request.Raw
	if raw == nil {
		var b bytes.Buffer
		fmt.Fprintf(&b, "%s %s HTTP/1.1\r\n", v.Request.Method, v.Request.Path)
		for name, value := range v.Request.Headers {
			if name != "content-length" {
				fmt.Fprintf(&b, "%s: %s\r\n", name, value)
			}
		}
		fmt.Fprintf(&b, "content-length: %d\r\n\r\n%s", len(v.Request.Body), v.Request.Body)
		raw = b.Bytes()
	}
	r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(raw)))
	if err != nil {
		t.Fatalf("%s: %v", v.Name, err)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatalf("%s: %v", v.Name, err)
	}
	return r, body
}

func (v vector) options() auth.VerifierOptions {
	return auth.VerifierOptions{
		Base:             "https://" + v.Server.Host,
		Now:              func() time.Time { return v.VerifyAt },
		Skew:             time.Duration(v.Server.Skew) * time.Second,
		MaxChain:         v.Server.MaxChain,
		MaxDelegationTTL: time.Duration(v.Server.MaxTTL) * time.Second,
	}
}

func (v vector) verifier(t testing.TB) *auth.Verifier {
	t.Helper()
	verifier, err := auth.NewVerifier(v.options())
	if err != nil {
		t.Fatal(err)
	}
	return verifier
}

func (v vector) access() auth.Access {
	return auth.Access{
		RootTarget:  v.Server.RootTarget,
		Controllers: []string{v.Server.Controller},
		Target:      v.Server.Target,
		Action:      v.Server.Action,
	}
}

func TestVectors(t *testing.T) {
	// Where each refusal must come from: verdicts can agree for the wrong reason.
	reasons := map[string]struct {
		kind auth.Kind
		text string
	}{
		"20-expired-zcap":                 {auth.Forbidden, "expired 6m40s ago"},
		"22-expired-signature":            {auth.Unauthenticated, "expired 6m0s ago"},
		"23-signature-from-future":        {auth.Unauthenticated, "6m0s in the future"},
		"24-ttl-too-long":                 {auth.Forbidden, "valid for 2184h0m0s; at most 2160h0m0s"},
		"30-wrong-action":                 {auth.Forbidden, `does not allow the action "exportKey"; it allows sign, verify`},
		"31-action-body-mismatch":         {auth.Forbidden, `for the action "sign"; this needs "deleteKey"`},
		"32-wrong-target":                 {auth.Forbidden, "does not reach"},
		"32b-wrong-target-shorter-prefix": {auth.Forbidden, "does not reach"},
		"33-not-the-controller":           {auth.Forbidden, "delegated to another DID"},
		"34-delegated-by-stranger":        {auth.Forbidden, "not allowed:"},
		"35-root-invoked-by-stranger":     {auth.Forbidden, "not allowed:"},
		"36-widened-action":               {auth.Forbidden, "its allowedAction has more than its parent's"},
		"37-dropped-allowed-action":       {auth.Forbidden, "its allowedAction has more than its parent's"},
		"38-widened-target":               {auth.Forbidden, "not within its parent's"},
		"39-child-expires-later":          {auth.Forbidden, "expires later than its parent"},
		"40-chain-parent-by-reference":    {auth.BadRequest, "must be embedded"},
		"41-chain-skips-parent":           {auth.BadRequest, "not the parentCapability"},
		"42-wrong-root":                   {auth.Forbidden, "this needs one from urn:zcap:root:"},
		"43-inline-root-object":           {auth.BadRequest, "@context"},
		"50-body-tampered":                {auth.Unauthenticated, "Digest header"},
		"51-body-and-digest-tampered":     {auth.Unauthenticated, "does not verify"},
		"52-path-tampered":                {auth.Unauthenticated, "does not verify"},
		"53-proof-tampered":               {auth.Forbidden, "not allowed:"},
		"54-unknown-property":             {auth.BadRequest, "has a member that capabilities do not have"},
		"55-headers-not-covered":          {auth.Unauthenticated, "does not cover content-type digest"},
		"56-wrong-host":                   {auth.Unauthenticated, "Host header"},
		"61-chain-of-11":                  {auth.Forbidden, "longer than 10"},
	}
	for _, v := range readVectors(t) {
		t.Run(v.Name, func(t *testing.T) {
			r, body := v.request(t)
			caller, err := v.verifier(t).Authenticate(r, body)
			if err == nil {
				err = caller.Can(v.access())
			}
			if v.Expect.Verified {
				if err != nil {
					t.Fatalf("refused: %v", err)
				}
				if caller.DID != v.Expect.Invoker {
					t.Errorf("invoker %s, want %s", caller.DID, v.Expect.Invoker)
				}
				if caller.Target != v.Server.Target || caller.Action != v.Server.Action {
					t.Errorf("target %s, action %s", caller.Target, caller.Action)
				}
				want := v.Expect.Chain[1:]
				if len(caller.Chain()) != len(want) {
					t.Fatalf("chain of %d, want %d", len(caller.Chain()), len(want))
				}
				for i, link := range caller.Chain() {
					if link.ID != want[i] {
						t.Errorf("chain[%d] is %s, want %s", i, link.ID, want[i])
					}
				}
				if id := v.Expect.Chain[len(v.Expect.Chain)-1]; caller.CapabilityID() != id {
					t.Errorf("capability %s, want %s", caller.CapabilityID(), id)
				}
				return
			}
			want, ok := reasons[v.Name]
			if !ok {
				t.Fatalf("no reason is known for the reference's refusal: %s", v.Expect.Error)
			}
			var refusal *auth.Error
			if !errors.As(err, &refusal) {
				t.Fatalf("got %v, the reference refuses: %s", err, v.Expect.Error)
			}
			if refusal.Kind != want.kind || !strings.Contains(refusal.Message, want.text) {
				t.Errorf("%v: %q, want %v: …%s…; the reference says: %s",
					refusal.Kind, refusal.Message, want.kind, want.text, v.Expect.Error)
			}
		})
	}
}

// The delegation proofs must sign the same bytes as the reference implementation's.
func TestCanonicalForms(t *testing.T) {
	type form struct {
		ID, Document, ProofOptions, VerifyDataHex string
	}
	var known map[string][]form
	readJSON(t, "canonical-nquads.json", &known)
	levels := 0
	for name, forms := range known {
		c, err := auth.ParseCapability(readVector(t, name).Capability)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		chain := c.Chain()
		if len(chain) != len(forms) {
			t.Fatalf("%s: %d levels, want %d", name, len(chain), len(forms))
		}
		for _, want := range forms {
			i := 0
			for chain[i].ID != want.ID {
				i++
			}
			options, document, input, err := auth.CanonicalForms(c, i)
			if err != nil {
				t.Fatalf("%s level %d: %v", name, i, err)
			}
			if string(options) != want.ProofOptions {
				t.Errorf("%s level %d, proof options:\n%s\nwant\n%s", name, i, options, want.ProofOptions)
			}
			if string(document) != want.Document {
				t.Errorf("%s level %d, document:\n%s\nwant\n%s", name, i, document, want.Document)
			}
			if hex.EncodeToString(input) != want.VerifyDataHex {
				t.Errorf("%s level %d: signs %x, want %s", name, i, input, want.VerifyDataHex)
			}
			levels++
		}
		if err := c.VerifyProofs(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if levels != 18 {
		t.Errorf("compared %d levels, want 18", levels)
	}
}

// The canonical form of a capability does not depend on the order in which its quads are written or its blank nodes are numbered.
func TestCanonicalFormsAreUnique(t *testing.T) {
	_, inv := chainOf(t, 9)
	random := rand.New(rand.NewPCG(3, 4))
	for i := range inv.Capability.Chain() {
		options, _, _, err := auth.CanonicalForms(inv.Capability, i)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.SplitAfter(strings.TrimSuffix(string(options), "\n"), "\n")
		for range 20 {
			var set rdfc.Dataset
			blanks := map[string]rdfc.Term{}
			term := func(s string) rdfc.Term {
				switch {
				case strings.HasPrefix(s, "_:"):
					if _, ok := blanks[s]; !ok {
						blanks[s] = set.Blank()
					}
					return blanks[s]
				case strings.HasPrefix(s, "<"):
					return rdfc.IRI(strings.Trim(s, "<>"))
				}
				value, datatype, _ := strings.Cut(s, "^^")
				return rdfc.Literal(strings.Trim(value, `"`), strings.Trim(datatype, "<>"))
			}
			for _, n := range random.Perm(len(lines)) {
				parts := strings.Fields(lines[n]) // subject, predicate, object, then a graph or the full stop
				var graph rdfc.Term
				if parts[3] != "." {
					graph = term(parts[3])
				}
				set.Add(term(parts[0]), term(parts[1]), term(parts[2]), graph)
			}
			again, err := set.Canonical()
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(again, options) {
				t.Fatalf("level %d: got\n%s\nwant\n%s", i+1, again, options)
			}
		}
	}
}

// Capabilities with eddsa-rdfc-2022 data integrity proofs verify too, and not when changed.
func TestDataIntegrity(t *testing.T) {
	var known map[string]json.RawMessage
	readJSON(t, "di-eddsa-rdfc-2022.json", &known)
	if len(known) != 2 {
		t.Fatalf("%d capabilities, want 2", len(known))
	}
	for name, data := range known {
		c, err := auth.ParseCapability(data)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := c.VerifyProofs(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		changed := bytes.Replace(data, []byte(`"sign"`), []byte(`"read"`), -1)
		if c, err = auth.ParseCapability(changed); err != nil {
			t.Fatalf("%s, changed: %v", name, err)
		}
		if c.VerifyProofs() == nil {
			t.Errorf("%s: verifies with another action", name)
		}
	}
}

// A capability with the one kind of proof can be delegated further with the other.
func TestDataIntegrityDelegatedFurther(t *testing.T) {
	var known map[string]json.RawMessage
	readJSON(t, "di-eddsa-rdfc-2022.json", &known)
	parent, err := auth.ParseCapability(known["z2"])
	if err != nil {
		t.Fatal(err)
	}
	carol := readKeys(t)[parent.Controller()]
	now := time.Date(2026, 11, 23, 7, 31, 0, 0, time.UTC)
	c, err := carol.Delegate(auth.Delegation{
		Parent: parent, Controller: newIdentity(t, 1).DID(), Expires: now.Add(time.Minute),
	}, now)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Chain()) != 3 {
		t.Errorf("a chain of %d, want 3", len(c.Chain()))
	}
	if err := c.VerifyProofs(); err != nil {
		t.Error(err)
	}
	// The suite is part of what is signed: a proof does not verify as one of the other kind.
	z1 := []byte(known["z1"])
	z1 = edit(t, z1, "Ed25519Signature2020", "proof", "type")
	z1 = edit(t, z1, nil, "proof", "cryptosuite")
	z1 = edit(t, z1, "https://w3id.org/security/suites/ed25519-2020/v1", "@context", 1)
	if c, err = auth.ParseCapability(z1); err != nil {
		t.Fatal(err)
	}
	if c.VerifyProofs() == nil {
		t.Error("a data integrity proof verifies as Ed25519Signature2020")
	}
}

// Our signer writes what the reference client writes, byte for byte.
func TestSignRequestLikeReference(t *testing.T) {
	keys := readKeys(t)
	for _, v := range readVectors(t) {
		var inv auth.Invocation
		switch {
		case v.Name == "55-headers-not-covered" || v.Name == "56-wrong-host": // signed wrongly on purpose
			continue
		case !v.Expect.Verified || v.Name == "61-chain-of-11":
			continue
		case v.Capability == nil:
			inv.RootTarget = v.Server.RootTarget
		default:
			c, err := auth.ParseCapability(v.Capability)
			if err != nil {
				t.Fatal(err)
			}
			inv.Capability = c
		}
		inv.Action = v.Server.Action
		id := keys[v.Expect.Invoker]
		if id == nil {
			continue // the chain of ten has keys of its own
		}
		sent, body := v.request(t)
		r, err := http.NewRequest(sent.Method, v.Server.Target, bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if err := auth.SignRequest(r, body, id, inv, v.VerifyAt); err != nil {
			t.Fatalf("%s: %v", v.Name, err)
		}
		for _, name := range []string{"Authorization", "Capability-Invocation", "Digest", "Content-Type"} {
			got, want := r.Header.Get(name), sent.Header.Get(name)
			if inv.Capability != nil && (name == "Authorization" || name == "Capability-Invocation") {
				continue // gzip differs in its bytes
			}
			if got != want {
				t.Errorf("%s, %s:\n%s\nwant\n%s", v.Name, name, got, want)
			}
		}
		if r.Host != sent.Host {
			t.Errorf("%s: host %s, want %s", v.Name, r.Host, sent.Host)
		}
		caller, err := v.verifier(t).Authenticate(r, body)
		if err == nil {
			err = caller.Can(v.access())
		}
		if err != nil {
			t.Errorf("%s, signed again: %v", v.Name, err)
		}
	}
}

// readKeys returns the vectors' identities by DID.
func readKeys(t testing.TB) map[string]*auth.Identity {
	t.Helper()
	var keys map[string]json.RawMessage
	readJSON(t, "keys.json", &keys)
	ids := map[string]*auth.Identity{}
	for name, data := range keys {
		if name == "comment" {
			continue
		}
		var k struct{ DID, SeedHex string }
		if err := json.Unmarshal(data, &k); err != nil {
			t.Fatal(err)
		}
		seed, err := hex.DecodeString(k.SeedHex)
		if err != nil {
			t.Fatal(err)
		}
		id, err := auth.IdentityFromSeed(seed)
		if err != nil {
			t.Fatal(err)
		}
		if id.DID() != k.DID {
			t.Fatalf("%s: %s, want %s", name, id.DID(), k.DID)
		}
		ids[k.DID] = id
	}
	return ids
}
