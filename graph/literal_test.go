package graph_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"

	"twolock/graph"
	"twolock/server/servertest"
)

// Bytes in the text of a document are refused wherever they stand, before anything else is looked at, and the document is not kept: it would
// be kept with a secret in it.
func TestBytesInTheTextAreRefused(t *testing.T) {
	s := servertest.Start(t)
	ks := s.Keystore("LOCAL")
	key := s.Key(ks, "ED25519")
	for name, document := range map[string]string{
		"in an input":               `mutation{sign(input:{key:"KEY",message:"LITERAL"}){version}}`,
		"in an optional field":      `mutation{encrypt(input:{key:"KEY",plaintext:null,aad:"LITERAL"}){version}}`,
		"as a block string":         `mutation{sign(input:{key:"KEY",message:"""LITERAL"""}){version}}`,
		"as a number":               `mutation{sign(input:{key:"KEY",message:12345}){version}}`,
		"as a fraction":             `mutation{sign(input:{key:"KEY",message:1.5}){version}}`,
		"as a boolean":              `mutation{sign(input:{key:"KEY",message:true}){version}}`,
		"as an enum value":          `mutation{sign(input:{key:"KEY",message:LITERAL}){version}}`,
		"as an object":              `mutation{sign(input:{key:"KEY",message:{a:"LITERAL"}}){version}}`,
		"in a list":                 `mutation($m:Bytes!){sign(input:{key:"KEY",message:$m,secretShares:["LITERAL"]}){version}}`,
		"in a list, second":         `mutation($m:Bytes!){sign(input:{key:"KEY",message:$m,secretShares:[$m,"LITERAL"]}){version}}`,
		"in a list of lists":        `mutation($m:Bytes!){sign(input:{key:"KEY",message:$m,secretShares:[["LITERAL"]]}){version}}`,
		"instead of a list":         `mutation($m:Bytes!){sign(input:{key:"KEY",message:$m,secretShares:"LITERAL"}){version}}`,
		"in a fragment":             `mutation{...a} fragment a on Mutation{sign(input:{key:"KEY",message:"LITERAL"}){version}}`,
		"in an inline fragment":     `mutation{...{sign(input:{key:"KEY",message:"LITERAL"}){version}}}`,
		"in a typed fragment":       `mutation{... on Mutation{sign(input:{key:"KEY",message:"LITERAL"}){version}}}`,
		"in a fragment of no use":   `mutation($m:Bytes!){sign(input:{key:"KEY",message:$m}){version}} fragment a on Mutation{sign(input:{key:"KEY",message:"LITERAL"}){version}}`,
		"in another operation":      `query a{service{name}} mutation b{sign(input:{key:"KEY",message:"LITERAL"}){version}}`,
		"as a default":              `mutation($m:Bytes="LITERAL"){sign(input:{key:"KEY",message:$m}){version}}`,
		"in a list's default":       `mutation($m:Bytes!,$s:[Bytes!]=["LITERAL"]){sign(input:{key:"KEY",message:$m,secretShares:$s}){version}}`,
		"in an input's default":     `mutation($i:SignInput!={key:"KEY",message:"LITERAL"}){sign(input:$i){version}}`,
		"in a list in an input's":   `mutation($i:SignInput={key:"KEY",secretShares:["LITERAL"]}){sign(input:$i){version}}`,
		"in a fragment's default":   `mutation($m:Bytes!){...a} fragment a($x:Bytes="LITERAL") on Mutation{sign(input:{key:"KEY",message:$m}){version}}`,
		"under another name":        `mutation{other:sign(input:{key:"KEY",message:"LITERAL"}){version}}`,
		"of an operation left out":  `mutation{sign(input:{key:"KEY",message:"LITERAL"})@skip(if:true){version}}`,
		"in a field nobody asks of": `mutation{sign(input:{key:"KEY",message:"LITERAL"})}`,
	} {
		t.Run(name, func(t *testing.T) {
			document = strings.NewReplacer("KEY", key, "LITERAL", canary).Replace(document)
			s.Journal.Take()
			a := s.Do(servertest.As(s.Alice), key, "sign", document, map[string]any{"m": canary})
			if a.Code() != "BAD_USER_INPUT" || !strings.Contains(a.Errors[0].Message, "Bytes stand in the text") {
				t.Errorf("got %d %s, want to be told that Bytes stand in the text", a.Status, a.Body)
			}
			if bytes.Contains(a.Body, []byte(canary)) {
				t.Errorf("the answer repeats them: %s", a.Body)
			}
			if s.API.Cached(document) {
				t.Error("the document is kept")
			}
			if e := s.Journal.Take(); len(e) > 0 {
				t.Errorf("the operation was begun: %v", e)
			}
		})
	}
	if strings.Contains(s.Log.String(), canary) {
		t.Errorf("the log has them: %s", s.Log)
	}
}

// So are JWKs: a private one would be kept.
func TestJWKsInTheTextAreRefused(t *testing.T) {
	s := servertest.Start(t)
	key := s.Key(s.Keystore("LOCAL"), "ED25519")
	for name, document := range map[string]string{
		"in an input":          `mutation($k:Bytes!){wrapKey(input:{key:"KEY",keyToWrap:$k,ephemeralKey:{d:"LITERAL"}}){version}}`,
		"as a string":          `mutation($k:Bytes!){wrapKey(input:{key:"KEY",keyToWrap:$k,ephemeralKey:"LITERAL"}){version}}`,
		"with a variable":      `mutation($k:Bytes!,$d:String){wrapKey(input:{key:"KEY",keyToWrap:$k,ephemeralKey:{d:$d,x:"LITERAL"}}){version}}`,
		"as a default":         `mutation($k:Bytes!,$e:JWK={d:"LITERAL"}){wrapKey(input:{key:"KEY",keyToWrap:$k,ephemeralKey:$e}){version}}`,
		"in an input's":        `mutation($i:WrapKeyInput={key:"KEY",ephemeralKey:{d:"LITERAL"}}){wrapKey(input:$i){version}}`,
		"of a key to import":   `mutation{importKey(input:{keystore:"KEY",type:AES_256_GCM,jwk:{kty:"oct",k:"LITERAL"}}){key{id}}}`,
		"in a fragment unused": `{service{name}} fragment a on Mutation{importKey(input:{keystore:"KEY",type:ED25519,jwk:{d:"LITERAL"}}){key{id}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			document = strings.NewReplacer("KEY", key, "LITERAL", canary).Replace(document)
			a := s.Do(servertest.As(s.Alice), key, "wrapKey", document, map[string]any{"k": canary})
			if a.Code() != "BAD_USER_INPUT" || !strings.Contains(a.Errors[0].Message, "a JWK stands in the text") {
				t.Errorf("got %d %s, want to be told that a JWK stands in the text", a.Status, a.Body)
			}
			if bytes.Contains(a.Body, []byte(canary)) || s.API.Cached(document) {
				t.Errorf("the answer repeats it, or the document is kept: %s", a.Body)
			}
		})
	}
	if strings.Contains(s.Log.String(), canary) {
		t.Errorf("the log has it: %s", s.Log)
	}
}

// As variables they work, in each of the ways to give them, and a document without them is kept.
func TestBytesAsVariables(t *testing.T) {
	s := servertest.Start(t)
	key := s.Key(s.Keystore("LOCAL"), "ED25519")
	for name, c := range map[string]struct {
		document  string
		variables map[string]any
	}{
		"in an input":        {`mutation($i:SignInput!){sign(input:$i){signature}}`, map[string]any{"i": map[string]any{"key": key, "message": canary}}},
		"by themselves":      {`mutation($m:Bytes!){sign(input:{key:"KEY",message:$m}){signature}}`, map[string]any{"m": canary}},
		"null as a default":  {`mutation($m:Bytes!,$s:[Bytes!]=null){sign(input:{key:"KEY",message:$m,secretShares:$s}){signature}}`, map[string]any{"m": canary}},
		"null in the text":   {`mutation($m:Bytes!){sign(input:{key:"KEY",message:$m,secretShares:null}){signature}}`, map[string]any{"m": canary}},
		"an input's default": {`mutation($m:Bytes!,$e:SignatureEncoding!=IEEE_P1363){sign(input:{key:"KEY",message:$m,encoding:$e}){signature}}`, map[string]any{"m": canary}},
	} {
		t.Run(name, func(t *testing.T) {
			document := strings.ReplaceAll(c.document, "KEY", key)
			for range 2 { // the second time from the cache
				a := s.Do(servertest.As(s.Alice), key, "sign", document, c.variables)
				if len(a.Errors) > 0 || !bytes.Contains(a.Data, []byte(`"signature":"`)) {
					t.Errorf("got %d %s", a.Status, a.Body)
				}
				if !s.API.Cached(document) {
					t.Error("the document is not kept")
				}
			}
		})
	}
	long := `{service{name}}#` + strings.Repeat("x", 5000)
	if a := s.Do(nil, s.URL+"/graphql", "", long, nil); len(a.Errors) > 0 || s.API.Cached(long) {
		t.Errorf("a document of 5 KB: %s, kept %t; want it answered and not kept", a.Body, s.API.Cached(long))
	}
	bad := `{service{nam}}`
	if a := s.Do(nil, s.URL+"/graphql", "", bad, nil); a.Code() != "BAD_USER_INPUT" || s.API.Cached(bad) {
		t.Errorf("a document that is not valid: %s, kept %t", a.Body, s.API.Cached(bad))
	}
}

// A literal that is not of its type is refused by the name of what it was given for, as a variable is, and is not repeated.
func TestLiteralsOfTheWrongTypeNameTheField(t *testing.T) {
	s := servertest.Start(t)
	ks := s.Keystore("LOCAL")
	create := func(input string) string { return `mutation{made:createKey(input:` + input + `){key{id}}}` }
	for _, c := range []struct{ document, message, path string }{
		{`{keystore(id:"KS"){keys(first:"CANARY"){totalCount}}}`, "first: must be an Int, a whole number", `["keystore","keys","first"]`},
		{`{keystore(id:"KS"){keys(first:1.5){totalCount}}}`, "first: must be an Int", `["keystore","keys","first"]`},
		{`{keystore(id:"KS"){keys(first:[1]){totalCount}}}`, "first: must be an Int", `["keystore","keys","first"]`},
		{`{keystore(id:"KS"){keys(first:{}){totalCount}}}`, "first: must be an Int", `["keystore","keys","first"]`},
		{`{keystore(id:"KS"){keys(first:12345678901234567890123){totalCount}}}`, "first: must be an Int", `["keystore","keys","first"]`},
		{`{a:keystore(id:CANARY){id}}`, "id: must be an ID, a string or a whole number", `["a","id"]`},
		{`{keystore(id:null){id}}`, "id: cannot be null", `["keystore","id"]`},
		{create(`"CANARY"`), "input: must be a CreateKeyInput, which is an object", `["made","input"]`},
		{create(`[{keystore:"KS",type:ED25519}]`), "input: must be a CreateKeyInput", `["made","input"]`},
		{create(`{keystore:true,type:ED25519}`), "keystore: must be an ID", `["made","input","keystore"]`},
		{create(`{keystore:null,type:ED25519}`), "keystore: cannot be null", `["made","input","keystore"]`},
		{create(`{keystore:"KS"}`), "type: must be defined", `["made","input","type"]`},
		{create(`{keystore:"KS",type:"CANARY"}`), "type: must be a KeyType: one of ED25519, ECDSA_P256", `["made","input","type"]`},
		{create(`{keystore:"KS",type:ed25519}`), "type: must be a KeyType: one of ED25519", `["made","input","type"]`},
		{create(`{keystore:"KS",type:ED25519,operations:[SIGN,CANARY]}`), "operations[1]: must be a KeyOperation: one of SIGN", `["made","input","operations",1]`},
		{create(`{keystore:"KS",type:ED25519,operations:CANARY}`), "operations[0]: must be a KeyOperation", `["made","input","operations",0]`},
		{create(`{keystore:"KS",type:ED25519,operations:[null]}`), "operations[0]: cannot be null", `["made","input","operations",0]`},
		{create(`{keystore:"KS",type:ED25519,operations:[[SIGN]]}`), "operations[0]: must be a KeyOperation", `["made","input","operations",0]`},
		{create(`{keystore:"KS",type:ED25519,tags:[{name:"a",value:"b"},{name:"c",value:7}]}`), "value: must be a String", `["made","input","tags",1,"value"]`},
		{create(`{keystore:"KS",type:ED25519,tags:{value:"a"}}`), "name: must be defined", `["made","input","tags",0,"name"]`},
		{create(`{keystore:"KS",type:ED25519,exportable:"CANARY"}`), "exportable: must be a Boolean", `["made","input","exportable"]`},
		{create(`{keystore:"KS",type:ED25519,colour:"CANARY"}`), "colour: unknown field", `["made","input","colour"]`},
		{create(`{keystore:"KS",type:ED25519,colour:{key:"CANARY"}}`), "colour: unknown field", `["made","input","colour"]`},
		{`{...f} fragment f on Query{keystore(id:true){id}}`, "id: must be an ID", `["keystore","id"]`},
		{`{... on Query{... @include(if:"CANARY"){keystore(id:"KS"){id}}}}`, "if: must be a Boolean", `["if"]`},
		{`{service{name @skip(if:CANARY)}}`, "if: must be a Boolean", `["service","name","if"]`},
		{`query($f:Int="CANARY"){keystore(id:"KS"){keys(first:$f){totalCount}}}`, "f: must be an Int", `["variable","f"]`},
		{`query($f:KeyFilter={state:CANARY}){keystore(id:"KS"){keys(filter:$f){totalCount}}}`, "state: must be a KeyState: one of", `["variable","f","state"]`},
		{`query a{service{name}} query b{keystore(id:1.5){id}}`, "id: must be an ID", `["keystore","id"]`},
	} {
		document := strings.NewReplacer("KS", ks, "CANARY", canary).Replace(c.document)
		a := s.Do(nil, ks, "", document, nil)
		if a.Code() != "BAD_USER_INPUT" || !strings.HasPrefix(a.Errors[0].Message, c.message) {
			t.Errorf("%s: got %s, want %q", c.document, a.Body, c.message)
			continue
		}
		if path, _ := json.Marshal(a.Errors[0].Path); string(path) != c.path || !bytes.Contains(a.Body, []byte(`"locations":[{"line":1,"column":`)) {
			t.Errorf("%s: got %s, want the path %s, and a location", c.document, a.Body, c.path)
		}
		if bytes.Contains(a.Body, []byte(canary)) || s.API.Cached(document) {
			t.Errorf("%s: the value is repeated, or the document is kept: %s", c.document, a.Body)
		}
	}
	for _, good := range []string{
		`{keystore(id:7){keys(first:1){totalCount}}}`, create(`{keystore:"""KS""",type:ED25519,operations:SIGN,tags:{name:"a",value:"b"},rotationPeriod:null}`),
		create(`{keystore:"KS",type:ED25519,operations:[SIGN],exportable:false,tags:[]}`),
	} {
		if a := s.Do(nil, ks, "", strings.ReplaceAll(good, "KS", ks), nil); a.Code() != "UNAUTHENTICATED" && !strings.Contains(string(a.Body), "is not the URL") {
			t.Errorf("%s: got %s", good, a.Body)
		}
	}
}

// Whatever stands in the text for whatever input of every operation: what is refused names the input and does not repeat the value, what is taken is no error
// of ours, and everything that validation would refuse for its type was refused by name before.
func TestAnyLiteralForAnyInput(t *testing.T) {
	s := servertest.Start(t)
	ks := s.Keystore("LOCAL")
	at := objects{s.Alice.DID(), ks, s.Key(ks, "ED25519")}
	refused := 0
	for _, o := range rootFields(t) {
		for _, path := range o.inputs() {
			if def, _ := o.typeAt(path); def.Name == "Bytes" || def.Name == "JWK" {
				continue
			}
			for _, value := range []string{
				`"CANARY"`, `CANARY`, `""`, `null`, `true`, `0`, `-1`, `1.5`, `1e400`, `12345678901234567890123`, `[]`, `{}`, `["CANARY"]`, `[[CANARY]]`, `[null]`, `{other:"CANARY"}`, `[{other:CANARY}]`, `"""CANARY"""`,
			} {
				value = strings.ReplaceAll(value, "CANARY", canary)
				document := o.literally(t, o.with(t, at, path, literal(value)))
				a := s.Do(nil, o.url(s.URL, at), "", document, map[string]any{"bytes": "AAAA", "jwk": map[string]any{}})
				what := strings.Join(path, ".") + " in " + document
				if a.Code() != "BAD_USER_INPUT" && a.Code() != "UNAUTHENTICATED" {
					t.Errorf("%s: neither taken nor refused: %s", what, a.Body)
				}
				if bytes.Contains(a.Body, []byte(canary)) {
					t.Errorf("%s: repeats the value: %s", what, a.Body)
				}
				doc, err := parser.ParseQuery(&ast.Source{Input: document})
				if err != nil {
					t.Fatalf("%s: %v", what, err)
				}
				byName := graph.CheckLiterals(o.schema, doc) != nil
				for _, e := range validator.ValidateWithRules(o.schema, doc, nil) {
					if e.Rule == "ValuesOfCorrectType" && !byName {
						t.Errorf("%s: validation says without a name: %v", what, e)
					}
				}
				if !byName {
					continue
				}
				refused++
				names := append([]string{"other"}, path...)
				def, _ := o.typeAt(path)
				for _, f := range def.Fields { // of what is empty
					names = append(names, f.Name)
				}
				if len(a.Errors) != 1 || !slices.ContainsFunc(names, func(name string) bool { return strings.HasPrefix(a.Errors[0].Message, name) }) {
					t.Errorf("%s: does not name the input: %s", what, a.Body)
				}
			}
		}
	}
	if refused < 1000 {
		t.Errorf("only %d values were refused", refused)
	}
	if log := s.Log.String(); strings.Contains(log, "ERROR") || strings.Contains(log, canary) {
		t.Errorf("logged: %.3000s", log)
	}
}

// literal is a value as it stands in the text.
type literal string

// literally is the operation with its arguments in its text, but for what goes in variables only.
func (o *operation) literally(t *testing.T, arguments map[string]any) string {
	t.Helper()
	bytesUsed, jwkUsed := false, false
	var write func(v any, typ *ast.Type) string
	write = func(v any, typ *ast.Type) string {
		if text, ok := v.(literal); ok {
			return string(text)
		}
		def := o.schema.Types[typ.Name()]
		switch v := v.(type) {
		case []any:
			elements := make([]string, len(v))
			for i := range v {
				elements[i] = write(v[i], typ.Elem)
			}
			return "[" + strings.Join(elements, ",") + "]"
		case map[string]any:
			if def.Name == "JWK" {
				jwkUsed = true
				return "$jwk"
			}
			fields := []string{}
			for _, name := range slices.Sorted(maps.Keys(v)) {
				fields = append(fields, name+":"+write(v[name], def.Fields.ForName(name).Type))
			}
			return "{" + strings.Join(fields, ",") + "}"
		case string:
			if def.Name == "Bytes" {
				bytesUsed = true
				return "$bytes"
			}
			if def.Kind == ast.Enum {
				return v
			}
		}
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	given := []string{}
	for _, name := range slices.Sorted(maps.Keys(arguments)) {
		given = append(given, name+":"+write(arguments[name], o.field.Arguments.ForName(name).Type))
	}
	variables := []string{}
	if bytesUsed {
		variables = append(variables, "$bytes:Bytes!")
	}
	if jwkUsed {
		variables = append(variables, "$jwk:JWK!")
	}
	head := o.root
	if len(variables) > 0 {
		head += "(" + strings.Join(variables, ",") + ")"
	}
	call := o.field.Name
	if len(given) > 0 {
		call += "(" + strings.Join(given, ",") + ")"
	}
	return head + "{" + call + "{__typename}}"
}

// Whatever the document, it is admitted or refused, and never for the type of a value that is not named.
func FuzzDocuments(f *testing.F) {
	fields := rootFields(f)
	for _, o := range fields {
		f.Add(o.document)
	}
	for _, document := range []string{
		`{keystore(id:7){keys(first:"x",filter:{state:ENABLED,tag:{name:null}}){nodes{id}}}}`, `query($f:[KeyOperation!]=[SIGN,[x]]){service{name@skip(if:{})}}`,
		`mutation{a:createKey(input:[{keystore:1e400,tags:{name:"a",value:{}},operations:[[SIGN]]}]){key{id}}}`, `fragment f on Query{...f ...{keystore(id:$x){id}}} {...f}`,
		`mutation($v:VaultInput={url:1,capability:{a:[1e999]}}){createKeystore(input:{vault:$v,userLock:x}){__typename}}`, `{__type(name:7){name}}`, `subscription{x(y:1)}`,
	} {
		f.Add(document)
	}
	admit := graph.Admit(fields[0].schema)
	f.Fuzz(func(t *testing.T, document string) {
		for _, e := range admit(t.Context(), document) {
			if e.Rule == "ValuesOfCorrectType" {
				t.Errorf("%q: %v", document, e)
			}
		}
	})
}
