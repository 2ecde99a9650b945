package auth_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"twolock/auth"
)

func TestDelegateRoundTrip(t *testing.T) {
	for levels := 1; levels <= 9; levels++ {
		ids, inv := chainOf(t, levels)
		c, err := auth.ParseCapability(inv.Capability.JSON())
		if err != nil {
			t.Fatalf("%d levels: %v", levels, err)
		}
		if err := c.VerifyProofs(); err != nil {
			t.Errorf("%d levels: %v", levels, err)
		}
		if !bytes.Equal(c.JSON(), inv.Capability.JSON()) {
			t.Errorf("%d levels: JSON changed", levels)
		}
		if c.Controller() != ids[levels].DID() || c.Delegator() != ids[levels-1].DID() || c.RootDelegator() != ids[0].DID() {
			t.Errorf("%d levels: controller %s, delegator %s, root delegator %s", levels, c.Controller(), c.Delegator(), c.RootDelegator())
		}
		if c.Target() != keystoreURL || c.RootTarget() != keystoreURL || !c.Expires().Equal(testNow.Add(time.Hour)) {
			t.Errorf("%d levels: target %s, root target %s, expires %s", levels, c.Target(), c.RootTarget(), c.Expires())
		}
		if !slices.Equal(c.Actions(), []string{"sign", "verify"}) || !c.Allows("sign") || c.Allows("read") || c.Allows("") {
			t.Errorf("%d levels: actions %v", levels, c.Actions())
		}
		chain := c.Chain()
		if len(chain) != levels || chain[levels-1].ID != c.ID() {
			t.Fatalf("%d levels: chain %v", levels, chain)
		}
		for i, link := range chain {
			if link.Delegator != ids[i].DID() {
				t.Errorf("%d levels: link %d delegated by %s, want %s", levels, i, link.Delegator, ids[i].DID())
			}
			for _, before := range chain[:i] {
				if before.ID == link.ID {
					t.Errorf("%d levels: id %s twice", levels, link.ID)
				}
			}
		}
	}
}

func TestDelegateAttenuates(t *testing.T) {
	alice, bob, carol := newIdentity(t, 1), newIdentity(t, 2), newIdentity(t, 3)
	all, err := alice.Delegate(auth.Delegation{RootTarget: keystoreURL, Controller: bob.DID(), Expires: testNow.Add(time.Hour)}, testNow)
	if err != nil {
		t.Fatal(err)
	}
	if all.Actions() != nil || !all.Allows("anything") || all.Allows("") {
		t.Errorf("without actions given: %v", all.Actions())
	}
	narrow, err := bob.Delegate(auth.Delegation{
		Parent: all, Controller: carol.KeyID(), Target: keyURL, Actions: []string{"sign"}, Expires: testNow.Add(time.Minute),
	}, testNow)
	if err != nil {
		t.Fatal(err)
	}
	if narrow.Target() != keyURL || !slices.Equal(narrow.Actions(), []string{"sign"}) || narrow.Controller() != carol.DID() {
		t.Errorf("got %s, %v, %s", narrow.Target(), narrow.Actions(), narrow.Controller())
	}
	if narrow.RootTarget() != keystoreURL {
		t.Errorf("root target %s", narrow.RootTarget())
	}
	same, err := carol.Delegate(auth.Delegation{Parent: narrow, Controller: bob.DID(), Expires: testNow.Add(time.Minute)}, testNow)
	if err != nil {
		t.Fatal(err)
	}
	if same.Target() != keyURL || !slices.Equal(same.Actions(), []string{"sign"}) {
		t.Errorf("nothing given: %s, %v; want the parent's", same.Target(), same.Actions())
	}
	if err := same.VerifyProofs(); err != nil {
		t.Error(err)
	}
	// A delegator whose clock is slow still makes a capability that verifies.
	if _, err := carol.Delegate(auth.Delegation{
		Parent: narrow, Controller: bob.DID(), Expires: testNow.Add(time.Minute),
	}, testNow.Add(-time.Minute)); err != nil {
		t.Errorf("slow clock: %v", err)
	}

	hour := testNow.Add(time.Hour)
	for name, c := range map[string]struct {
		by   *auth.Identity
		d    auth.Delegation
		text string
	}{
		"another's capability": {bob, auth.Delegation{Parent: narrow, Controller: bob.DID(), Expires: testNow.Add(time.Minute)}, "was not delegated to"},
		"wider target":         {carol, auth.Delegation{Parent: narrow, Controller: bob.DID(), Target: keystoreURL, Expires: testNow.Add(time.Minute)}, "invocationTarget"},
		"neighbour":            {carol, auth.Delegation{Parent: narrow, Controller: bob.DID(), Target: keyURL + "2", Expires: testNow.Add(time.Minute)}, "invocationTarget"},
		"more actions":         {carol, auth.Delegation{Parent: narrow, Controller: bob.DID(), Actions: []string{"sign", "read"}, Expires: testNow.Add(time.Minute)}, "allowedAction"},
		"longer":               {carol, auth.Delegation{Parent: narrow, Controller: bob.DID(), Expires: hour}, "expires later"},
		"already over":         {alice, auth.Delegation{RootTarget: keystoreURL, Controller: bob.DID(), Expires: testNow}, "expires: must be in the future"},
		"no end":               {alice, auth.Delegation{RootTarget: keystoreURL, Controller: bob.DID()}, "expires"},
		"no target":            {alice, auth.Delegation{Controller: bob.DID(), Expires: hour}, "invocationTarget"},
		"target with a query":  {alice, auth.Delegation{RootTarget: keystoreURL + "#x", Controller: bob.DID(), Expires: hour}, "invocationTarget"},
		"root of another":      {bob, auth.Delegation{Parent: all, RootTarget: baseURL, Controller: bob.DID(), Expires: hour}, "root target"},
		"no controller":        {alice, auth.Delegation{RootTarget: keystoreURL, Expires: hour}, "controller"},
		"bad controller":       {alice, auth.Delegation{RootTarget: keystoreURL, Controller: "did:web:kms.example", Expires: hour}, "controller"},
		"empty actions":        {alice, auth.Delegation{RootTarget: keystoreURL, Controller: bob.DID(), Actions: []string{}, Expires: hour}, "actions"},
		"action twice":         {alice, auth.Delegation{RootTarget: keystoreURL, Controller: bob.DID(), Actions: []string{"a", "a"}, Expires: hour}, "twice"},
		"quote in action":      {alice, auth.Delegation{RootTarget: keystoreURL, Controller: bob.DID(), Actions: []string{`a"`}, Expires: hour}, "actions"},
	} {
		if _, err := c.by.Delegate(c.d, testNow); err == nil || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: got %v, want …%s…", name, err, c.text)
		}
	}

	ids, inv := chainOf(t, 9)
	if _, err := ids[9].Delegate(auth.Delegation{
		Parent: inv.Capability, Controller: bob.DID(), Expires: testNow.Add(time.Minute),
	}, testNow); err == nil || !strings.Contains(err.Error(), "longer than 10") {
		t.Errorf("tenth level: got %v", err)
	}
}

// edit changes a JSON object: a path of members leads to what is set, or deleted when value is nil.
func edit(t testing.TB, data []byte, value any, path ...any) []byte {
	t.Helper()
	var doc any
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	at := doc
	for _, step := range path[:len(path)-1] {
		switch step := step.(type) {
		case string:
			at = at.(map[string]any)[step]
		case int:
			at = at.([]any)[step]
		}
	}
	switch last := path[len(path)-1].(type) {
	case string:
		if value == nil {
			delete(at.(map[string]any), last)
		} else {
			at.(map[string]any)[last] = value
		}
	case int:
		at.([]any)[last] = value
	}
	out, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

var null = json.RawMessage("null")

// Two levels, so that each rule is seen to hold for the embedded parent too.
func TestParseCapabilityRefuses(t *testing.T) {
	_, inv := chainOf(t, 2)
	good := inv.Capability.JSON()
	parent := []any{"proof", "capabilityChain", 1}
	type change struct {
		value any
		path  []any
		text  string
	}
	changes := map[string]change{
		"chain empty":              {[]any{}, []any{"proof", "capabilityChain"}, "capabilityChain"},
		"chain of the parent only": {[]any{json.RawMessage(good)}, []any{"proof", "capabilityChain"}, "capabilityChain"},
		"chain not a list":         {"urn:zcap:root:x", []any{"proof", "capabilityChain"}, "capabilityChain: must be a JSON array"},
		"chain with a number":      {1, []any{"proof", "capabilityChain", 0}, "must be a string"},
		"another root":             {auth.RootID(baseURL + "/keystores/other"), []any{"proof", "capabilityChain", 0}, "does not match the chain"},
		"another root, embedded":   {auth.RootID(baseURL + "/keystores/other"), append(slices.Clone(parent), "proof", "capabilityChain", 0), "capabilityChain"},
		"root embedded":            {json.RawMessage(auth.RootCapability(keystoreURL, newIdentity(t, 1).DID())), parent, "@context"},
		"parent's id":              {"urn:uuid:1", []any{"parentCapability"}, "parentCapability"},
		"chain by id":              {"urn:uuid:1", parent, "must be embedded"},
	}
	for name, c := range map[string]change{
		"no context":        {nil, []any{"@context"}, "no @context"},
		"context string":    {"https://w3id.org/zcap/v1", []any{"@context"}, "@context: must be a JSON array"},
		"one context":       {[]string{"https://w3id.org/zcap/v1"}, []any{"@context"}, "contexts"},
		"contexts swapped":  {[]string{"https://w3id.org/security/suites/ed25519-2020/v1", "https://w3id.org/zcap/v1"}, []any{"@context"}, "contexts"},
		"third context":     {[]string{"https://w3id.org/zcap/v1", "https://w3id.org/security/suites/ed25519-2020/v1", "https://evil.example"}, []any{"@context"}, "@context"},
		"context of other":  {[]string{"https://w3id.org/zcap/v1", "https://w3id.org/security/data-integrity/v2"}, []any{"@context"}, "contexts"},
		"context object":    {[]any{"https://w3id.org/zcap/v1", map[string]string{"sign": "x"}}, []any{"@context"}, "@context"},
		"no id":             {nil, []any{"id"}, "no id"},
		"null id":           {null, []any{"id"}, "id: must be a string"},
		"empty id":          {"", []any{"id"}, "id"},
		"relative id":       {"zcaps/1", []any{"id"}, "id: must be an absolute"},
		"id as a term":      {"controller:1", []any{"id"}, "id: must be an absolute"},
		"id of a root":      {auth.RootID(keystoreURL), []any{"id"}, "is that of a root"},
		"id with a space":   {"urn:uuid: 1", []any{"id"}, "id: must be an absolute"},
		"id injects a quad": {"urn:x> <urn:p> <urn:o", []any{"id"}, "id: must be an absolute"},
		"id not ASCII":      {"urn:é", []any{"id"}, "id: must be an absolute"},
		"long id":           {"urn:" + strings.Repeat("x", 600), []any{"id"}, "id: must have 1 to 512"},
		"no controller":     {nil, []any{"controller"}, "no controller"},
		"two controllers":   {[]string{newIdentity(t, 1).DID(), newIdentity(t, 2).DID()}, []any{"controller"}, "controller: must be a string"},
		"did:web":           {"did:web:kms.example", []any{"controller"}, "controller: DID"},
		"other fragment":    {newIdentity(t, 1).DID() + "#key", []any{"controller"}, "fragment"},
		"small order":       {didOf(ed25519Codec, make([]byte, 32)), []any{"controller"}, "small order"},
		"no parent":         {nil, []any{"parentCapability"}, "no parentCapability"},
		"parent object":     {map[string]string{}, []any{"parentCapability"}, "parentCapability: must be a string"},
		"no target":         {nil, []any{"invocationTarget"}, "no invocationTarget"},
		"target object":     {map[string]string{"id": keyURL}, []any{"invocationTarget"}, "invocationTarget: must be a string"},
		"relative target":   {"/keystores/1", []any{"invocationTarget"}, "invocationTarget: must be an absolute"},
		"other scheme":      {"ftp://kms.example/x", []any{"invocationTarget"}, "invocationTarget: must be an absolute"},
		"no host":           {"https:///x", []any{"invocationTarget"}, "host"},
		"two dots":          {keystoreURL + "/../other", []any{"invocationTarget"}, "invocationTarget: must not have"},
		"two dots at end":   {keystoreURL + "/..", []any{"invocationTarget"}, "invocationTarget: must not have"},
		"one dot":           {keystoreURL + "/./keys", []any{"invocationTarget"}, "invocationTarget: must not have"},
		"two slashes":       {keystoreURL + "//keys", []any{"invocationTarget"}, "invocationTarget: must not have"},
		"slash at end":      {keystoreURL + "/", []any{"invocationTarget"}, "invocationTarget: must not have"},
		"escaped dots":      {keystoreURL + "/%2e%2e/other", []any{"invocationTarget"}, "invocationTarget: must not contain"},
		"user information":  {"https://kms.example@evil.example/", []any{"invocationTarget"}, "invocationTarget: must not contain"},
		"fragment":          {keystoreURL + "#x", []any{"invocationTarget"}, "invocationTarget: must not contain"},
		"backslash":         {keystoreURL + `\x`, []any{"invocationTarget"}, "invocationTarget: must not contain"},
		"long target":       {keystoreURL + strings.Repeat("/x", 1000), []any{"invocationTarget"}, "invocationTarget"},
		"no expires":        {nil, []any{"expires"}, "no expires"},
		"null expires":      {null, []any{"expires"}, "expires: must be a string"},
		"date only":         {"2026-11-23", []any{"expires"}, "expires: must be a date and time"},
		"no zone":           {"2026-11-23T12:00:00", []any{"expires"}, "expires: must be a date and time"},
		"comma":             {"2026-11-23T12:00:00,5Z", []any{"expires"}, "expires: must be a date and time"},
		"hour of one digit": {"2026-11-23T1:00:00Z", []any{"expires"}, "expires: must be a date and time"},
		"offset of a day":   {"2026-11-23T12:00:00+24:00", []any{"expires"}, "expires: must be a date and time"},
		"lower case":        {"2026-11-23t12:00:00z", []any{"expires"}, "expires: must be a date and time"},
		"31 February":       {"2026-02-31T12:00:00Z", []any{"expires"}, "expires: must be a date and time"},
		"time as number":    {1795435200, []any{"expires"}, "expires: must be a string"},
		"null actions":      {null, []any{"allowedAction"}, "allowedAction"},
		"no actions":        {[]string{}, []any{"allowedAction"}, "allowedAction: must have 1 to 128"},
		"empty action":      {[]string{""}, []any{"allowedAction"}, "allowedAction"},
		"action twice":      {[]string{"sign", "sign"}, []any{"allowedAction"}, "twice"},
		"action injects":    {[]string{`sign" .`}, []any{"allowedAction"}, "printable ASCII"},
		"newline in action": {[]string{"sign\n"}, []any{"allowedAction"}, "printable ASCII"},
		"action not ASCII":  {[]string{"sïgn"}, []any{"allowedAction"}, "printable ASCII"},
		"nested actions":    {[]any{[]string{"sign"}}, []any{"allowedAction"}, "allowedAction"},
		"caveat":            {[]string{}, []any{"caveat"}, "capabilities do not have"},
		"mis-cased":         {[]string{"sign"}, []any{"AllowedAction"}, "capabilities do not have"},
		"no proof":          {nil, []any{"proof"}, "no proof"},
		"two proofs":        {[]any{map[string]any{}, map[string]any{}}, []any{"proof"}, "proof: must be a JSON object"},
		"proof of nothing":  {map[string]any{}, []any{"proof"}, "proof: has no type"},
		"other proof type":  {"Ed25519Signature2018", []any{"proof", "type"}, "proof of type"},
		"cryptosuite":       {"eddsa-rdfc-2022", []any{"proof", "cryptosuite"}, "proof of type"},
		"null cryptosuite":  {null, []any{"proof", "cryptosuite"}, "cryptosuite: must be a string"},
		"proof with domain": {"kms.example", []any{"proof", "domain"}, "delegation proofs do not have"},
		"other purpose":     {"capabilityInvocation", []any{"proof", "proofPurpose"}, "proofPurpose: must be capabilityDelegation"},
		"no created":        {nil, []any{"proof", "created"}, "no created"},
		"bad created":       {"yesterday", []any{"proof", "created"}, "created: must be a date and time"},
		"method is a DID":   {newIdentity(t, 1).DID(), []any{"proof", "verificationMethod"}, "verificationMethod: must name a key"},
		"method of web":     {"did:web:kms.example#1", []any{"proof", "verificationMethod"}, "verificationMethod: DID"},
		"no value":          {nil, []any{"proof", "proofValue"}, "no proofValue"},
		"empty value":       {"", []any{"proof", "proofValue"}, "proofValue"},
		"value in base64":   {"u" + strings.Repeat("A", 86), []any{"proof", "proofValue"}, "proofValue: must be a 64-byte"},
		"short value":       {"z2", []any{"proof", "proofValue"}, "proofValue: must be a 64-byte"},
		"long value":        {"z" + strings.Repeat("2", 5000), []any{"proof", "proofValue"}, "proofValue"},
	} {
		changes[name] = c
		changes[name+", embedded"] = change{c.value, append(slices.Clone(parent), c.path...), c.text}
	}
	for name, c := range changes {
		refusesCapability(t, name, edit(t, good, c.value, c.path...), auth.BadRequest, c.text)
	}

	// Parents side by side instead of one in the other: each would be checked, but not what was signed.
	_, three := chainOf(t, 3)
	first, second := part(t, three.Capability.JSON(), "proof", "capabilityChain", 2, "proof", "capabilityChain", 1),
		part(t, three.Capability.JSON(), "proof", "capabilityChain", 2)
	second = edit(t, second, three.Capability.Chain()[0].ID, "proof", "capabilityChain", 1)
	for name, chain := range map[string][]any{
		"parents side by side": {auth.RootID(keystoreURL), json.RawMessage(first), json.RawMessage(second)},
		"id after the parent":  {auth.RootID(keystoreURL), json.RawMessage(first), three.Capability.Chain()[1].ID},
		"id of no parent":      {auth.RootID(keystoreURL), "urn:uuid:1", json.RawMessage(part(t, three.Capability.JSON(), "proof", "capabilityChain", 2))},
		"very many ids":        append(make([]any, 0, 100), slices.Repeat([]any{auth.RootID(keystoreURL)}, 100)...),
	} {
		refusesCapability(t, name, edit(t, three.Capability.JSON(), chain, "proof", "capabilityChain"), auth.BadRequest,
			map[bool]string{true: "does not match", false: "must be ids, and last the parent"}[name == "id of no parent"])
	}

	for name, c := range map[string]struct{ old, new, text string }{
		"member twice":          {`"controller":`, `"controller":"did:key:z","controller":`, "twice"},
		"escaped member twice":  {`"controller":`, `"c\u006fntroller":"x","controller":`, "twice"},
		"proof member twice":    {`"created":`, `"created":"2026-11-23T11:58:00Z","created":`, "twice"},
		"not UTF-8":             {`"sign"`, "\"sign\xff\"", "allowedAction"},
		"lone surrogate":        {`"sign"`, `"\ud800"`, "allowedAction"},
		"comment":               {`{"@context"`, `/**/{"@context"`, "must be a JSON object"},
		"comma at end":          {`}]`, `},]`, "capabilityChain"},
		"array around":          {`{"@context"`, `[{"@context"`, "must be a JSON object"},
		"nothing":               {string(good), ``, "must be a JSON object"},
		"something after":       {string(good), string(good) + "{}", "something after"},
		"something bad after":   {string(good), string(good) + "}", "something after"},
		"cut off":               {string(good), string(good[:len(good)-1]), "JSON"},
		"cut off in the middle": {string(good), string(good[:len(good)/2]), ""},
	} {
		refusesCapability(t, name, []byte(strings.Replace(string(good), c.old, c.new, 1)), auth.BadRequest, c.text)
	}
	refusesCapability(t, "too large", append(bytes.Repeat([]byte{' '}, 32<<10), good...), auth.BadRequest, "32768 bytes")
	deep := bytes.Repeat([]byte(`{"proof":{"capabilityChain":[`), 1000)
	refusesCapability(t, "too deep", deep, auth.Forbidden, "longer than 10")
}

func refusesCapability(t *testing.T, name string, data []byte, kind auth.Kind, text string) {
	t.Helper()
	c, err := auth.ParseCapability(data)
	var refusal *auth.Error
	if !errors.As(err, &refusal) {
		t.Errorf("%s: got %v, %v", name, c, err)
	} else if refusal.Kind != kind || !strings.Contains(refusal.Message, text) {
		t.Errorf("%s: %v: %q, want %v: …%s…", name, refusal.Kind, refusal.Message, kind, text)
	}
}

// Spellings that are allowed: one action without a list, and dates with fractions and offsets.
func TestParseCapabilityAccepts(t *testing.T) {
	_, inv := chainOf(t, 1)
	for name, data := range map[string][]byte{
		"an action":      edit(t, inv.Capability.JSON(), "sign", "allowedAction"),
		"milliseconds":   edit(t, inv.Capability.JSON(), "2026-11-23T12:30:00.000Z", "expires"),
		"offset":         edit(t, inv.Capability.JSON(), "2026-11-23T14:30:00+02:00", "expires"),
		"https id":       edit(t, inv.Capability.JSON(), "https://kms.example/zcaps/1", "id"),
		"query below":    edit(t, inv.Capability.JSON(), keystoreURL+"?page=1", "invocationTarget"),
		"spaces between": append([]byte("\n\t "), append(inv.Capability.JSON(), ' ', '\n')...),
	} {
		c, err := auth.ParseCapability(data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if name == "offset" && !c.Expires().Equal(testNow.Add(30*time.Minute)) {
			t.Errorf("offset: expires %s", c.Expires())
		}
		if genuine := c.VerifyProofs() == nil; genuine != (name == "spaces between") {
			t.Errorf("%s: proofs verify: %t", name, genuine)
		}
	}
}

// Attenuation is checked at each step of a chain, and is not a matter of the proofs.
func TestAttenuation(t *testing.T) {
	_, inv := chainOf(t, 3)
	good := inv.Capability.JSON()
	parent := []any{"proof", "capabilityChain", 2}
	grandparent := append(slices.Clone(parent), "proof", "capabilityChain", 1)
	for name, c := range map[string]struct {
		value any
		at    []any
		field []any
		text  string
	}{
		"leaf beside its parent":     {baseURL + "/keystores/other", nil, []any{"invocationTarget"}, "invocationTarget"},
		"leaf above its parent":      {baseURL, nil, []any{"invocationTarget"}, "invocationTarget"},
		"leaf with a longer name":    {keystoreURL + "2", nil, []any{"invocationTarget"}, "invocationTarget"},
		"first beside the root":      {baseURL + "/keystores/other", grandparent, []any{"invocationTarget"}, "invocationTarget"},
		"first on another host":      {"https://evil.example/keystores/z19uMCiPNET4YbcPpBcab5mEE", grandparent, []any{"invocationTarget"}, "invocationTarget"},
		"parent narrower than leaf":  {keyURL, parent, []any{"invocationTarget"}, "invocationTarget"},
		"leaf with another action":   {[]string{"sign", "read"}, nil, []any{"allowedAction"}, "allowedAction"},
		"leaf with all actions":      {nil, nil, []any{"allowedAction"}, "allowedAction"},
		"middle with all actions":    {nil, parent, []any{"allowedAction"}, "allowedAction"},
		"first with fewer actions":   {[]string{"sign"}, grandparent, []any{"allowedAction"}, "allowedAction"},
		"leaf lasts longer":          {"2026-11-23T13:00:01Z", nil, []any{"expires"}, "expires later"},
		"leaf lasts a fraction more": {"2026-11-23T13:00:00.001Z", nil, []any{"expires"}, "expires later"},
		"first ends sooner":          {"2026-11-23T12:59:59Z", grandparent, []any{"expires"}, "expires later"},
		"leaf before its parent":     {"2026-11-23T11:00:00Z", nil, []any{"proof", "created"}, "delegated before"},
		"leaf by a stranger":         {newIdentity(t, 99).KeyID(), nil, []any{"proof", "verificationMethod"}, "its parent's controller"},
		"middle by a stranger":       {newIdentity(t, 99).KeyID(), parent, []any{"proof", "verificationMethod"}, "its parent's controller"},
		"middle for a stranger":      {newIdentity(t, 99).DID(), parent, []any{"controller"}, "its parent's controller"},
	} {
		refusesCapability(t, name, edit(t, good, c.value, append(slices.Clone(c.at), c.field...)...), auth.Forbidden, c.text)
	}
	// A target with a query covers itself only.
	query := edit(t, good, keystoreURL+"?page=1", append(slices.Clone(parent), "invocationTarget")...)
	for _, target := range []string{keystoreURL + "?page=1/keys", keystoreURL + "?page=1?x"} {
		refusesCapability(t, target, edit(t, query, target, "invocationTarget"), auth.Forbidden, "invocationTarget")
	}
	twice := bytes.ReplaceAll(good, []byte(inv.Capability.ID()), []byte(inv.Capability.Chain()[0].ID))
	refusesCapability(t, "id twice", twice, auth.BadRequest, "the same id")
}

// Every byte that means something is signed: no change of a value leaves a chain that verifies.
func TestProofsCoverEverything(t *testing.T) {
	_, inv := chainOf(t, 3)
	good := inv.Capability.JSON()
	parent := []any{"proof", "capabilityChain", 2}
	grandparent := append(slices.Clone(parent), "proof", "capabilityChain", 1)
	other := newIdentity(t, 99)
	for level, at := range [][]any{grandparent, parent, nil} {
		for name, c := range map[string]struct {
			value any
			field []any
		}{
			"order":   {[]string{"verify", "sign"}, []any{"allowedAction"}}, // of actions, which are a set
			"expires": {"2026-11-23T12:" + fmt.Sprint(50-level) + ":00Z", []any{"expires"}},
			"created": {"2026-11-23T11:" + fmt.Sprint(57+level) + ":30Z", []any{"proof", "created"}},
		} {
			changed := edit(t, good, c.value, append(slices.Clone(at), c.field...)...)
			parsed, err := auth.ParseCapability(changed)
			if err != nil {
				continue // refused even sooner
			}
			if genuine := parsed.VerifyProofs() == nil; genuine != (name == "order") {
				t.Errorf("level %d, %s changed: proofs verify: %t", level+1, name, genuine)
			}
		}
	}
	for name, data := range map[string][]byte{
		"leaf's controller":        edit(t, good, other.DID(), "controller"),
		"leaf's controller as key": edit(t, good, inv.Capability.Controller()+"#"+strings.TrimPrefix(inv.Capability.Controller(), "did:key:"), "controller"),
		"leaf's id":                edit(t, good, "urn:uuid:1", "id"),
		"leaf's narrower target":   edit(t, good, keyURL, "invocationTarget"),
		"leaf's fewer actions":     edit(t, good, []string{"sign"}, "allowedAction"),
		"leaf's expiry respelled":  edit(t, good, "2026-11-23T13:00:00.0Z", "expires"),
		"first's more actions":     edit(t, good, []string{"sign", "verify", "read"}, append(slices.Clone(grandparent), "allowedAction")...),
		"first's delegator":        edit(t, good, other.KeyID(), append(slices.Clone(grandparent), "proof", "verificationMethod")...),
		"other root": bytes.ReplaceAll(bytes.ReplaceAll(good, []byte(keystoreURL), []byte(baseURL+"/keystores/other")),
			[]byte(auth.RootID(keystoreURL)), []byte(auth.RootID(baseURL+"/keystores/other"))),
	} {
		c, err := auth.ParseCapability(data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if err := c.VerifyProofs(); !errors.Is(err, &auth.Error{Kind: auth.Forbidden}) {
			t.Errorf("%s: VerifyProofs says %v", name, err)
		}
	}
	var proofs [3]string
	var doc any
	if err := json.Unmarshal(good, &doc); err != nil {
		t.Fatal(err)
	}
	for i, at := range [][]any{grandparent, parent, nil} {
		proofs[i] = value(t, doc, append(slices.Clone(at), "proof", "proofValue")...)
	}
	for i, at := range [][]any{grandparent, parent, nil} {
		swapped := edit(t, good, proofs[(i+1)%3], append(slices.Clone(at), "proof", "proofValue")...)
		c, err := auth.ParseCapability(swapped)
		if err != nil {
			t.Fatal(err)
		}
		if c.VerifyProofs() == nil {
			t.Errorf("level %d verifies with another level's proof", i+1)
		}
	}
}

// part is what a path leads to, as JSON.
func part(t testing.TB, data []byte, path ...any) []byte {
	t.Helper()
	var doc any
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	for _, step := range path {
		switch step := step.(type) {
		case string:
			doc = doc.(map[string]any)[step]
		case int:
			doc = doc.([]any)[step]
		}
	}
	out, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func value(t *testing.T, doc any, path ...any) string {
	t.Helper()
	for _, step := range path {
		switch step := step.(type) {
		case string:
			doc = doc.(map[string]any)[step]
		case int:
			doc = doc.([]any)[step]
		}
	}
	return doc.(string)
}
