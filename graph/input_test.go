package graph_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"twolock/server/servertest"
)

// Whatever is given for whatever input, of every operation: the answer names the input and does not repeat the value, and nothing is logged as
// our own error. Inputs are read before it is asked who calls, so nobody is enough to ask.
func TestAnyValueForAnyInput(t *testing.T) {
	s := servertest.Start(t)
	ks := s.Keystore("LOCAL")
	at := objects{s.Alice.DID(), ks, s.Key(ks, "ED25519")}
	secret := `"` + canary + `!"`
	refused := 0
	for _, o := range rootFields(t) {
		if len(o.field.Arguments) == 0 {
			continue
		}
		good := o.variables(t, at)
		if a := s.Do(nil, o.url(s.URL, at), "", o.document, good); a.Code() != "UNAUTHENTICATED" {
			t.Fatalf("%s: good input got %s", o.field.Name, a.Body)
		}
		for _, path := range o.inputs() {
			for _, value := range []string{
				secret, `"` + canary + `\n"`, `""`, `"null"`, `null`, `true`, `0`, `-1`, `1.5`, `1e400`, `12345678901234567890123`, `[]`, `{}`,
				`[` + secret + `]`, `[[` + secret + `]]`, `[null]`, `{"other":` + secret + `}`, `[{"other":` + secret + `}]`,
			} {
				body, err := json.Marshal(map[string]any{"query": o.document, "variables": o.with(t, at, path, json.RawMessage(value))})
				if err != nil {
					t.Fatal(err)
				}
				a := s.Post(nil, o.url(s.URL, at), "", body)
				what := fmt.Sprintf("%s: %s = %s: %d %s", o.field.Name, strings.Join(path, "."), value, a.Status, a.Body)
				switch a.Code() {
				case "UNAUTHENTICATED": // the value will do, as far as its form goes
				case "BAD_USER_INPUT":
					refused++
					names := append([]string{"other"}, path...)
					def, _ := o.typeAt(path)
					for _, f := range def.Fields { // of what is empty
						names = append(names, f.Name)
					}
					if !slices.ContainsFunc(names, func(name string) bool { return strings.Contains(a.Errors[0].Message, name) }) {
						t.Errorf("does not name the input: %s", what)
					}
				default:
					t.Errorf("neither taken nor refused: %s", what)
				}
				if bytes.Contains(a.Body, []byte(canary)) {
					t.Errorf("repeats the value: %s", what)
				}
			}
		}
	}
	if refused < 500 {
		t.Errorf("only %d values were refused", refused)
	}
	if log := s.Log.String(); strings.Contains(log, "ERROR") || strings.Contains(log, canary) {
		t.Errorf("logged: %.3000s", log)
	}
}

// Enums are taken exactly as the schema writes them. In other letters, or null, they are not another value by accident: of a message that is a
// "digest" the hash of the hash would be signed.
func TestEnumsAreExact(t *testing.T) {
	s := servertest.Start(t)
	ks := s.Keystore("LOCAL")
	at := objects{s.Alice.DID(), ks, s.Key(ks, "ECDSA_P256")}
	enums := 0
	for _, o := range rootFields(t) {
		for _, path := range o.inputs() {
			def, nullable := o.typeAt(path)
			if def.Kind != ast.Enum {
				continue
			}
			enums++
			for _, v := range def.EnumValues {
				for value, want := range map[any]string{v.Name: "UNAUTHENTICATED", strings.ToLower(v.Name): "BAD_USER_INPUT", v.Name + " ": "BAD_USER_INPUT"} {
					a := s.Do(nil, o.url(s.URL, at), "", o.document, o.with(t, at, path, value))
					if a.Code() != want || want == "BAD_USER_INPUT" && !strings.Contains(a.Errors[0].Message, v.Name) {
						t.Errorf("%s: %v = %q: got %s, want %s and the values", o.field.Name, path, value, a.Body, want)
					}
				}
			}
			want := "BAD_USER_INPUT"
			if nullable {
				want = "UNAUTHENTICATED"
			}
			if a := s.Do(nil, o.url(s.URL, at), "", o.document, o.with(t, at, path, nil)); a.Code() != want {
				t.Errorf("%s: %v = null: got %s, want %s", o.field.Name, path, a.Body, want)
			}
		}
	}
	if enums < 5 {
		t.Errorf("only %d inputs are enums", enums)
	}
	// A variable may be null where an input has a default.
	for field, enum := range map[string]string{"encoding": "SignatureEncoding", "messageType": "MessageType"} {
		document := fmt.Sprintf(`mutation($m:Bytes!,$e:%s){sign(input:{key:%q,message:$m,%s:$e}){version}}`, enum, at.key, field)
		a := s.Do(servertest.As(s.Alice), at.key, "sign", document, map[string]any{"m": "AAAA", "e": nil})
		if a.Code() != "BAD_USER_INPUT" || !strings.Contains(a.Errors[0].Message, field+": must be one of") {
			t.Errorf("%s is null by a variable: got %s", field, a.Body)
		}
	}
}

// typeAt returns what the input at the path is of, and whether it may be null.
func (o *operation) typeAt(path []string) (*ast.Definition, bool) {
	typ := o.field.Arguments.ForName(path[0]).Type
	for _, name := range path[1:] {
		typ = o.schema.Types[typ.Name()].Fields.ForName(name).Type
	}
	return o.schema.Types[typ.Name()], !typ.NonNull
}

// Every value that the schema has for an enum that is answered is written as the schema has it.
func TestEnumsAreAnsweredAsWritten(t *testing.T) {
	s := servertest.Start(t)
	a := s.Do(nil, s.URL+"/graphql", "", "{service{keyTypes}}", nil)
	var data struct{ Service struct{ KeyTypes []string } }
	if err := json.Unmarshal(a.Data, &data); err != nil {
		t.Fatal(err)
	}
	def := rootFields(t)[0].schema.Types["KeyType"]
	var want []string
	for _, v := range def.EnumValues {
		want = append(want, v.Name)
	}
	if !slices.Equal(data.Service.KeyTypes, want) {
		t.Errorf("service.keyTypes: got %v, want the schema's %v", data.Service.KeyTypes, want)
	}
	ks := s.Keystore("SHAMIR")
	a = s.Do(servertest.As(s.Alice), ks, "read", "query($id:ID!){keystore(id:$id){userLock}}", map[string]any{"id": ks})
	if !bytes.Contains(a.Data, []byte(`"SHAMIR"`)) {
		t.Errorf("userLock: got %s", a.Body)
	}
	local := s.Keystore("LOCAL")
	for _, typ := range want {
		key := s.Key(local, typ)
		a := s.Do(servertest.As(s.Alice), key, "read", "query($id:ID!){key(id:$id){type state}}", map[string]any{"id": key})
		if string(a.Data) != `{"key":{"type":"`+typ+`","state":"ENABLED"}}` {
			t.Errorf("a key of type %s: got %s", typ, a.Body)
		}
	}
}

// Errors say where: the path of the variable, or of the field in the answer.
func TestErrorsNameTheField(t *testing.T) {
	s := servertest.Start(t)
	ks := s.Keystore("SHAMIR")
	for _, c := range []struct {
		document  string
		variables map[string]any
		message   string
		path      string
	}{
		{`mutation($i:SignInput!){one:sign(input:$i){version}}`, map[string]any{"i": map[string]any{"key": ks, "message": "AAAA", "secretShares": []string{"AAAA", canary + "!"}}},
			"secretShares[1]: is not base64url", `["one","input","secretShares",1]`},
		{`mutation($i:SignInput!){sign(input:$i){version}}`, map[string]any{"i": map[string]any{"key": ks, "message": 7}},
			"message: must be a string in base64url", `["sign","input","message"]`},
		{`mutation($i:SignInput!){sign(input:$i){version}}`, map[string]any{"i": map[string]any{"key": ks}},
			"message: must be defined", `["variable","i","message"]`},
		{`mutation($i:SignInput!){sign(input:$i){version}}`, map[string]any{"i": map[string]any{"key": ks, "message": "AAAA", "encoding": canary}},
			"encoding: must be a SignatureEncoding: one of IEEE_P1363, DER", `["variable","i","encoding"]`},
		{`mutation($i:VerifyInput!){verify(input:$i){valid}}`, map[string]any{"i": map[string]any{"key": ks, "message": "AAAA", "signature": "AAAA", "version": 1 << 40}},
			"version: is not a 32-bit integer", `["verify","input","version"]`},
		{`mutation($i:CreateKeystoreInput!){createKeystore(input:$i){keystore{id}}}`, map[string]any{"i": map[string]any{"controller": "x", "vault": map[string]any{"url": "x", "capability": canary}}},
			"capability: must be a JSON object", `["createKeystore","input","vault","capability"]`},
		{`query($f:Int){keystore(id:"` + ks + `"){keys(first:$f){totalCount}}}`, map[string]any{"f": 1.5}, "f: ", `["variable","f"]`},
	} {
		a := s.Do(nil, ks, "", c.document, c.variables)
		if a.Code() != "BAD_USER_INPUT" || !strings.Contains(a.Errors[0].Message, c.message) {
			t.Errorf("%s %v: got %s, want %q", c.document, c.variables, a.Body, c.message)
			continue
		}
		if path, _ := json.Marshal(a.Errors[0].Path); string(path) != c.path {
			t.Errorf("%s %v: path %s, want %s", c.document, c.variables, path, c.path)
		}
		if bytes.Contains(a.Body, []byte(canary)) {
			t.Errorf("repeats the value: %s", a.Body)
		}
	}
}
