package graph_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"twolock/auth"
	"twolock/client"
	"twolock/graph"
	"twolock/server/servertest"
	"twolock/storage/storagetest"
)

// The server does not start with a root field that does not say what it takes: every directive is left out in turn.
func TestEveryRootFieldNamesItsAction(t *testing.T) {
	loaded := func() *ast.Schema {
		s, err := graph.LoadSchema()
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	if _, err := graph.ReadActions(loaded()); err != nil {
		t.Fatalf("the schema as it is: %v", err)
	}
	argument := func(d *ast.Directive, name string) *ast.Argument { return d.Arguments.ForName(name) }
	for what, change := range map[string]func(f *ast.FieldDefinition){
		"none": func(f *ast.FieldDefinition) { f.Directives = nil },
		"both": func(f *ast.FieldDefinition) {
			name := "public"
			if f.Directives.ForName(name) != nil {
				name = "action"
			}
			f.Directives = append(f.Directives, &ast.Directive{Name: name})
		},
		"another": func(f *ast.FieldDefinition) { f.Directives = ast.DirectiveList{{Name: "deprecated"}} },
		"no action's name": func(f *ast.FieldDefinition) {
			d := &ast.Directive{Name: "action"}
			if old := f.Directives.ForName("action"); old != nil {
				d.Arguments = ast.ArgumentList{argument(old, "scope")}
			}
			f.Directives = ast.DirectiveList{d}
		},
		"an empty name": func(f *ast.FieldDefinition) {
			f.Directives = ast.DirectiveList{{Name: "action", Arguments: ast.ArgumentList{
				{Name: "name", Value: &ast.Value{Kind: ast.StringValue}}, {Name: "scope", Value: &ast.Value{Raw: "KEY", Kind: ast.EnumValue}}}}}
		},
		"no scope": func(f *ast.FieldDefinition) {
			f.Directives = ast.DirectiveList{{Name: "action", Arguments: ast.ArgumentList{
				{Name: "name", Value: &ast.Value{Raw: "read", Kind: ast.StringValue}}}}}
		},
	} {
		for _, o := range rootFields(t) {
			s := loaded()
			root := s.Query
			if o.root == "mutation" {
				root = s.Mutation
			}
			change(root.Fields.ForName(o.field.Name))
			if _, err := graph.ReadActions(s); err == nil || !strings.Contains(err.Error(), o.field.Name) {
				t.Errorf("%s with %s: got %v, want an error that names it", o.field.Name, what, err)
			}
		}
	}
}

// setup is alice's keystore with a key, mallory's keystore with a key, and what is not there.
type setup struct {
	*servertest.Server
	fields                              []*operation
	alices, mallorys, absent, absentKey objects
}

func newSetup(t *testing.T) *setup {
	t.Helper()
	s := &setup{Server: servertest.Start(t), fields: rootFields(t)}
	did := s.Alice.DID()
	ks := s.Keystore("LOCAL")
	s.alices = objects{did, ks, s.Key(ks, "ED25519")}
	a := s.Do(servertest.As(s.Alice), s.URL+"/graphql", "createKeystore", `mutation($i:CreateKeystoreInput!){createKeystore(input:$i){keystore{id}}}`,
		map[string]any{"i": map[string]any{"controller": s.Mallory.DID()}})
	var data struct {
		CreateKeystore struct{ Keystore struct{ ID string } }
	}
	if err := json.Unmarshal(a.Data, &data); err != nil {
		t.Fatal(err)
	}
	theirs := data.CreateKeystore.Keystore.ID
	s.mallorys = objects{s.Mallory.DID(), theirs, theirs + "/keys/" + storagetest.ID()}
	nowhere := s.URL + "/keystores/" + storagetest.ID()
	s.absent = objects{did, nowhere, nowhere + "/keys/" + storagetest.ID()}
	s.absentKey = objects{did, ks, ks + "/keys/" + storagetest.ID()}
	s.Journal.Take()
	return s
}

// refusedAlike sends an operation on what is there and is not the caller's, and on what is not there: both must be refused with the code, in the
// same words, and nothing begun.
func (s *setup) refusedAlike(t *testing.T, what string, o *operation, code string, send func(at objects) *servertest.Answer) {
	t.Helper()
	first := send(s.alices)
	if first.Code() != code || len(first.Errors) != 1 {
		t.Errorf("%s: %s: got %d %s, want %s", o.field.Name, what, first.Status, first.Body, code)
	}
	if len(first.Data) > 0 && string(first.Data) != "null" && string(first.Data) != fmt.Sprintf(`{%q:null}`, o.field.Name) {
		t.Errorf("%s: %s: refused with data: %s", o.field.Name, what, first.Body)
	}
	for _, at := range []objects{s.absent, s.absentKey} {
		if a := send(at); a.Status != first.Status || a.Anonymous() != first.Anonymous() {
			t.Errorf("%s: %s: what is there and what is not are told apart:\n%d %s%d %s", o.field.Name, what, first.Status, first.Body, a.Status, a.Body)
		}
	}
	if e := s.Journal.Take(); len(e) > 0 && code != "" {
		t.Errorf("%s: %s: was begun: %v", o.field.Name, what, e)
	}
}

// Invariant 1: every root field is authorized. The matrix is made from the schema: each field, by each caller who may not, for each action that is
// not its own, on what is there and what is not.
func TestInvariantEveryRootFieldIsAuthorized(t *testing.T) {
	s := newSetup(t)
	actions := append(actionNames(s.fields), "nothing")
	checked := 0
	for _, o := range s.fields {
		if o.action == "" {
			continue
		}
		// A capability that mallory delegates to herself from a root that is not hers. Her signature on it is genuine.
		forged := func(at objects) *client.Client {
			c, err := s.Mallory.Delegate(auth.Delegation{RootTarget: client.RootTarget(o.url(s.URL, at)), Controller: s.Mallory.DID(),
				Actions: []string{o.action}, Expires: time.Now().Add(time.Hour)}, time.Now())
			if err != nil {
				t.Fatal(err)
			}
			return &client.Client{Identity: s.Mallory, Capability: c}
		}
		urls := map[string]func(at objects) string{"at its URL": func(at objects) string { return o.url(s.URL, at) }}
		if o.scope == "KEY" {
			urls["at its keystore's URL"] = func(at objects) string { return at.keystore }
		}
		for where, url := range urls {
			checked++
			s.refusedAlike(t, "nobody "+where, o, "UNAUTHENTICATED", func(at objects) *servertest.Answer {
				return s.Do(nil, url(at), "", o.document, o.variables(t, at))
			})
			s.refusedAlike(t, "a stranger "+where, o, "FORBIDDEN", func(at objects) *servertest.Answer {
				return s.Do(servertest.As(s.Mallory), url(at), o.action, o.document, o.variables(t, at))
			})
			s.refusedAlike(t, "a stranger with a capability of their own making "+where, o, "FORBIDDEN", func(at objects) *servertest.Answer {
				return s.Do(forged(at), url(at), o.action, o.document, o.variables(t, at))
			})
			for _, other := range actions {
				if other == o.action {
					continue
				}
				checked++
				s.refusedAlike(t, "its controller for the action "+other+" "+where, o, "FORBIDDEN", func(at objects) *servertest.Answer {
					return s.Do(servertest.As(s.Alice), url(at), other, o.document, o.variables(t, at))
				})
			}
		}
		if o.scope != "SERVICE" { // another's object, by way of a keystore of one's own
			checked++
			s.refusedAlike(t, "a stranger at their own keystore", o, "FORBIDDEN", func(at objects) *servertest.Answer {
				return s.Do(servertest.As(s.Mallory), s.mallorys.keystore, o.action, o.document, o.variables(t, at))
			})
			s.refusedAlike(t, "a stranger at their own key", o, "FORBIDDEN", func(at objects) *servertest.Answer {
				return s.Do(servertest.As(s.Mallory), s.mallorys.key, o.action, o.document, o.variables(t, at))
			})
			s.refusedAlike(t, "its controller at the service's URL", o, "FORBIDDEN", func(at objects) *servertest.Answer {
				return s.Do(servertest.As(s.Alice), s.URL+"/graphql", o.action, o.document, o.variables(t, at))
			})
		}
	}
	t.Logf("%d combinations, each on three objects", checked)
	if checked < 150 {
		t.Errorf("only %d combinations", checked)
	}
	if log := s.Log.String(); strings.Contains(log, "ERROR") {
		t.Errorf("logged: %.2000s", log)
	}
}

// A capability for one key does not reach another, there or not.
func TestCapabilityForOneKey(t *testing.T) {
	s := newSetup(t)
	other := s.Key(s.alices.keystore, "ED25519")
	for _, o := range s.fields {
		if o.scope != "KEY" {
			continue
		}
		c, err := s.Alice.Delegate(auth.Delegation{RootTarget: s.alices.keystore, Target: other, Controller: s.Mallory.DID(), Actions: []string{o.action},
			Expires: time.Now().Add(time.Hour)}, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		mallory := &client.Client{Identity: s.Mallory, Capability: c}
		s.Journal.Take()
		s.refusedAlike(t, "for another key", o, "FORBIDDEN", func(at objects) *servertest.Answer {
			return s.Do(mallory, other, o.action, o.document, o.variables(t, at))
		})
		at := s.alices
		at.key = other
		if a := s.Do(mallory, other, o.action, o.document, o.variables(t, at)); a.Code() == "FORBIDDEN" || a.Code() == "UNAUTHENTICATED" {
			t.Errorf("%s: for the key itself: got %s", o.field.Name, a.Body)
		}
	}
}

// The action that the schema names is the one that the gate of the domain asks for: a capability invoked for it passes, and the journal says
// which action it was.
func TestSchemaAndGateAgreeOnActions(t *testing.T) {
	s := newSetup(t)
	s.openEnrolment(t)
	for _, o := range s.fields {
		at := s.alices
		if o.scope != "SERVICE" { // one of its own, for some end what they are used on
			at.keystore = s.Keystore("LOCAL")
			at.key = s.Key(at.keystore, "ED25519")
		}
		if o.action == "removeOperator" { // who is one by configuration is not removed
			at.did = s.Mallory.DID()
			if err := s.DB.AddOperator(t.Context(), at.did); err != nil {
				t.Fatal(err)
			}
		}
		s.Journal.Take()
		if o.action == "" {
			if a := s.Do(nil, s.URL+"/graphql", "", strings.Replace(o.document, "__typename", "name", 1), nil); len(a.Errors) > 0 {
				t.Errorf("%s is public: got %s", o.field.Name, a.Body)
			}
			continue
		}
		a := s.Do(servertest.As(s.Alice), o.url(s.URL, at), o.action, o.document, o.variables(t, at))
		entries := s.Journal.Take()
		if o.action == "read" {
			if len(a.Errors) > 0 || !bytes.Contains(a.Data, []byte("__typename")) {
				t.Errorf("%s: got %s", o.field.Name, a.Body)
			}
			continue
		}
		if len(entries) != 1 || entries[0].Action != o.action || entries[0].Outcome != "allowed" || entries[0].Caller != s.Alice.DID() {
			t.Errorf("%s, action %s: answered %s; the journal has %+v", o.field.Name, o.action, a.Body, entries)
		}
		if c := a.Code(); c != "" && c != "BAD_USER_INPUT" && o.action != "exportKey" && o.action != "backupKey" {
			t.Errorf("%s: behind the gate got %s", o.field.Name, a.Body)
		}
	}
}

// P6: of a request with two actions nothing is executed, in whatever order and however they are wrapped.
func TestOneActionPerRequest(t *testing.T) {
	s := newSetup(t)
	variables := map[string]any{
		"s": map[string]any{"key": s.alices.key, "message": "AAAA"},
		"c": map[string]any{"keystore": s.alices.keystore, "type": "ED25519"},
		"k": s.alices.keystore,
	}
	const sign, create = "sign(input:$s){version}", "createKey(input:$c){key{id}}"
	for name, selection := range map[string]string{
		"the other one after":             sign + create,
		"the other one before":            create + sign,
		"under aliases":                   "a:" + sign + " b:" + create,
		"in an inline fragment":           sign + "...{" + create + "}",
		"in a fragment":                   sign + "...f",
		"in a fragment in a fragment":     sign + "...g",
		"in a fragment spread twice":      "...g " + sign + "...g",
		"skipped":                         sign + "createKey(input:$c)@skip(if:true){key{id}}",
		"the last of many":                many(20, sign) + create,
		"in a fragment of the other kind": "...{...{...{" + create + "}}}" + sign,
	} {
		for _, action := range []string{"sign", "generateKey", "read"} {
			document := "mutation($s:SignInput!,$c:CreateKeyInput!){" + selection + "}"
			if strings.Contains(selection, "...f") || strings.Contains(selection, "...g") {
				document += " fragment f on Mutation{" + create + "}"
			}
			if strings.Contains(selection, "...g") {
				document += " fragment g on Mutation{...f}"
			}
			a := s.Do(servertest.As(s.Alice), s.alices.keystore, action, document, variables)
			if a.Code() != "FORBIDDEN" || a.Data != nil {
				t.Errorf("%s, action %s: got %d %s, want FORBIDDEN and no data", name, action, a.Status, a.Body)
			}
		}
	}
	if e := s.Journal.Take(); len(e) > 0 {
		t.Errorf("something was begun: %v", e)
	}
	a := s.Do(servertest.As(s.Alice), s.alices.keystore, "read", "query($k:ID!){keystore(id:$k){keys{totalCount}}service{name}}", variables)
	if !bytes.Contains(a.Data, []byte(`"totalCount":1`)) || !bytes.Contains(a.Data, []byte("twolock")) {
		t.Errorf("afterwards, with a public field beside: got %s, want one key", a.Body)
	}
}

func many(n int, field string) string {
	var s strings.Builder
	for i := range n {
		fmt.Fprintf(&s, "a%d:%s ", i, field)
	}
	return s.String()
}

// Any number of operations of one action go in one request, up to the limit, each with its own entry in the journal.
func TestAliasesOfOneAction(t *testing.T) {
	s := newSetup(t)
	variables := map[string]any{"s": map[string]any{"key": s.alices.key, "message": "AAAA"}}
	const field = "sign(input:$s){signature}"
	document := "mutation($s:SignInput!){" + many(100, field) + "}"
	a := s.Do(servertest.As(s.Alice), s.alices.key, "sign", document, variables)
	if len(a.Errors) > 0 || bytes.Count(a.Data, []byte(`"signature":"`)) != 100 {
		t.Errorf("100 signatures: got %d %.300s", a.Status, a.Body)
	}
	if e := s.Journal.Take(); len(e) != 100 {
		t.Errorf("100 signatures made %d entries", len(e))
	}
	a = s.Do(servertest.As(s.Alice), s.alices.key, "sign", "mutation($s:SignInput!){"+many(101, field)+"}", variables)
	if a.Code() != "BAD_USER_INPUT" || len(s.Journal.Take()) > 0 {
		t.Errorf("101 signatures: got %d %.300s", a.Status, a.Body)
	}
	// The same field twice without an alias is one field.
	a = s.Do(servertest.As(s.Alice), s.alices.key, "sign", "mutation($s:SignInput!){"+field+field+"}", variables)
	if len(a.Errors) > 0 || len(s.Journal.Take()) != 1 {
		t.Errorf("the same field twice: got %d %.300s, want it once", a.Status, a.Body)
	}
	// Of several, one may fail: it has its own error, at its own path.
	variables["t"] = map[string]any{"key": s.absentKey.key, "message": "AAAA"}
	a = s.Do(servertest.As(s.Alice), s.alices.keystore, "sign", "mutation($s:SignInput!,$t:SignInput!){a:sign(input:$s){version}b:sign(input:$t){version}}", variables)
	if len(a.Errors) != 1 || a.Code() != "NOT_FOUND" || fmt.Sprint(a.Errors[0].Path) != "[b]" {
		t.Errorf("one of two on a key that is not there: got %s", a.Body)
	}
}

// A field below the root that needs another action is refused before anything is done: else what was done would be answered as refused.
func TestNestedActions(t *testing.T) {
	s := newSetup(t)
	for name, selection := range map[string]string{
		"keys":          "keystore{keys{totalCount}}",
		"keyNamed":      `keystore{id ...{keyNamed(name:"x"){id}}}`,
		"revocations":   "keystore{...f}",
		"key's version": `keystore{keyNamed(name:"x"){versions{nodes{version}}}}`,
	} {
		document := "mutation($i:DeleteKeystoreInput!){deleteKeystore(input:$i){" + selection + "}}"
		if strings.Contains(selection, "...f") {
			document += " fragment f on Keystore{revocations{nodes{capability}}}"
		}
		a := s.Do(servertest.As(s.Alice), s.alices.keystore, "deleteKeystore", document, map[string]any{"i": map[string]any{"keystore": s.alices.keystore}})
		if a.Code() != "FORBIDDEN" || a.Data != nil {
			t.Errorf("%s: got %d %s, want FORBIDDEN and no data", name, a.Status, a.Body)
		}
	}
	if e := s.Journal.Take(); len(e) > 0 {
		t.Errorf("something was begun: %v", e)
	}
	a := s.Do(servertest.As(s.Alice), s.alices.keystore, "read", "query($i:ID!){keystore(id:$i){state keys{nodes{versions{nodes{version}}}}}}", map[string]any{"i": s.alices.keystore})
	if len(a.Errors) > 0 || !bytes.Contains(a.Data, []byte(`"ENABLED"`)) {
		t.Errorf("afterwards: got %s", a.Body)
	}
}

// The items of all batches of a request count together.
func TestItemsOfABatchCountTogether(t *testing.T) {
	s := newSetup(t)
	batch := func(n int) map[string]any {
		return map[string]any{"key": s.alices.key, "messages": slices.Repeat([]string{"AAAA"}, n)}
	}
	const document = "mutation($a:SignBatchInput!,$b:SignBatchInput!){a:signBatch(input:$a){results{version}} ...f} fragment f on Mutation{b:signBatch(input:$b){results{version}}}"
	for _, c := range []struct {
		a, b int
		code string
	}{{500, 500, ""}, {500, 501, "BAD_USER_INPUT"}, {1000, 1, "BAD_USER_INPUT"}} {
		s.Journal.Take()
		a := s.Do(servertest.As(s.Alice), s.alices.key, "sign", document, map[string]any{"a": batch(c.a), "b": batch(c.b)})
		if a.Code() != c.code {
			t.Errorf("%d and %d items: got %.300s, want %q", c.a, c.b, a.Body, c.code)
		}
		if begun := len(s.Journal.Take()); (begun > 0) != (c.code == "") {
			t.Errorf("%d and %d items: %d operations were begun", c.a, c.b, begun)
		}
	}
}
