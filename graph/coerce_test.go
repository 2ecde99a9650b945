package graph_test

import (
	"encoding/json"
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator"

	"twolock/graph"
)

// likely makes values of a type, and now and then others.
type likely struct {
	*rand.Rand
	schema *ast.Schema
	wrong  int // one in so many values
	alien  bool
}

func (l *likely) value(t *ast.Type, depth int) any {
	switch {
	case l.IntN(l.wrong) == 0:
		all := []any{nil, true, "", "AAAA", json.Number("1"), json.Number("1.5"), json.Number("-99999999999999999999"), []any{}, []any{nil}, map[string]any{}, "ed25519"}
		return all[l.IntN(len(all))]
	case !t.NonNull && l.IntN(10) == 0:
		return nil
	case t.Elem != nil && l.IntN(5) == 0:
		return l.value(t.Elem, depth) // one is a list of one
	case t.Elem != nil:
		list := []any{}
		for range l.IntN(4) {
			list = append(list, l.value(t.Elem, depth))
		}
		return list
	}
	def := l.schema.Types[t.NamedType]
	switch {
	case def.Kind == ast.Enum:
		name := def.EnumValues[l.IntN(len(def.EnumValues))].Name
		if l.IntN(10) == 0 {
			name = strings.ToLower(name)
		}
		return name
	case def.Kind == ast.InputObject:
		o := map[string]any{}
		for _, f := range def.Fields {
			if f.Type.NonNull && l.IntN(l.wrong) > 0 || l.IntN(2) == 0 {
				o[f.Name] = l.value(f.Type, depth+1)
			}
		}
		if l.IntN(10) == 0 {
			o["__typename"] = def.Name
		}
		if l.IntN(l.wrong) == 0 && !l.alien { // which of two is told is chance
			l.alien, o["alien"] = true, 1
		}
		return o
	}
	switch def.Name {
	case "Int":
		return []any{json.Number("7"), json.Number("-2147483649"), "7"}[l.IntN(3)]
	case "Boolean":
		return l.IntN(2) == 0
	case "ID", "String":
		return []any{"text", json.Number("7")}[l.IntN(2)]
	}
	return []any{"AAAA", json.Number("7"), map[string]any{"a": []any{nil}}}[l.IntN(3)]
}

func again(t *testing.T, v map[string]any) map[string]any {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(strings.NewReader(string(b)))
	d.UseNumber()
	var out map[string]any
	if err := d.Decode(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

// laxity is where a value is none that the specification has for its type, though the parser takes it; "" when it is nowhere.
func laxity(s *ast.Schema, t *ast.Type, value any, path string) string {
	if value == nil {
		return ""
	}
	if t.Elem != nil {
		list, ok := value.([]any)
		if !ok {
			list = []any{value}
		}
		for i, v := range list {
			if at := laxity(s, t.Elem, v, fmt.Sprintf("%s[%d]", path, i)); at != "" {
				return at
			}
		}
		return ""
	}
	text, isText := value.(string)
	number, isNumber := value.(json.Number)
	_, isIntegral := new(big.Int).SetString(string(number), 10)
	switch def := s.Types[t.NamedType]; {
	case def.Kind == ast.InputObject:
		o, _ := value.(map[string]any)
		for _, f := range def.Fields {
			if at := laxity(s, f.Type, o[f.Name], path+"."+f.Name); at != "" {
				return at
			}
		}
	case def.Kind == ast.Enum && (!isText || !slices.ContainsFunc(def.EnumValues, func(v *ast.EnumValueDefinition) bool { return v.Name == text })),
		def.Name == "String" && isNumber, def.Name == "ID" && isNumber && !isIntegral:
		return path
	}
	return ""
}

// Strings, ids and enums are as the specification has them, and what is not names the field.
func TestStringsIDsAndEnumsAreStrict(t *testing.T) {
	schema := rootFields(t)[0].schema
	doc, errs := gqlparser.LoadQueryWithRules(schema, `mutation($input: CreateKeyInput!) { createKey(input: $input) { key { id } } }`, nil)
	if errs != nil {
		t.Fatal(errs)
	}
	for _, c := range []struct{ field, value, at string }{
		{"name", `"7"`, ""}, {"name", `""`, ""}, {"name", `null`, ""}, {"name", `7`, "name"}, {"name", `7.5`, "name"}, {"name", `true`, "name"}, {"name", `["a"]`, "name"},
		{"keystore", `"7"`, ""}, {"keystore", `7`, ""}, {"keystore", `-7`, ""}, {"keystore", `123456789012345678901234567890`, ""}, {"keystore", `7.5`, "keystore"},
		{"keystore", `7.0`, "keystore"}, {"keystore", `7e1`, "keystore"}, {"keystore", `true`, "keystore"},
		{"type", `"ED25519"`, ""}, {"type", `"ed25519"`, "type"}, {"type", `"Ed25519"`, "type"}, {"type", `" ED25519"`, "type"}, {"type", `7`, "type"},
		{"operations", `["SIGN"]`, ""}, {"operations", `["SIGN", "sign"]`, "operations[1]"}, {"operations", `"sign"`, "operations[0]"},
		{"tags", `[{"name": "a", "value": "1"}]`, ""}, {"tags", `[{"name": "a", "value": 1}]`, "tags[0].value"},
	} {
		in := map[string]string{"keystore": `"k"`, "type": `"ED25519"`}
		in[c.field] = c.value
		text := "{"
		for name, value := range in {
			text += fmt.Sprintf("%q: %s, ", name, value)
		}
		var given map[string]any
		d := json.NewDecoder(strings.NewReader(`{"input": ` + strings.TrimSuffix(text, ", ") + `}}`))
		d.UseNumber()
		if err := d.Decode(&given); err != nil {
			t.Fatal(err)
		}
		_, err := graph.Coerce(schema, doc.Operations[0], given)
		switch {
		case c.at == "" && err != nil:
			t.Errorf("%s %s: %v", c.field, c.value, err)
		case c.at != "" && (err == nil || err.Path.String() != "variable.input."+c.at):
			t.Errorf("%s %s: got %v, want an error at %s", c.field, c.value, err, c.at)
		}
	}
}

// What is made of the variables of every operation is what gqlparser makes of them, and so is what is refused, and where.
func TestVariablesAreCoercedAsByTheParser(t *testing.T) {
	l := &likely{Rand: rand.New(rand.NewPCG(1, 2)), schema: rootFields(t)[0].schema}
	taken, refused := 0, 0
	compare := func(doc *ast.QueryDocument, given map[string]any) {
		t.Helper()
		text, _ := json.Marshal(given)
		op := doc.Operations[0]
		want, wantErr := validator.VariableValues(l.schema, op, again(t, given))
		got, err := graph.Coerce(l.schema, op, again(t, given))
		lax := ""
		for _, v := range op.VariableDefinitions {
			if lax == "" {
				lax = laxity(l.schema, v.Type, again(t, given)[v.Variable], "variable."+v.Variable)
			}
		}
		if (err != nil) != (wantErr != nil || lax != "") {
			t.Fatalf("%s: got %v, want %v, %q", text, err, wantErr, lax)
		}
		if err != nil {
			refused++
			want := lax
			if wantErr != nil && err.Path.String() != lax {
				want = wantErr.(*gqlerror.Error).Path.String()
			}
			if err.Path.String() != want {
				t.Fatalf("%s: got an error at %s (%v), want one at %s (%v)", text, err.Path, err, want, wantErr)
			}
			return
		}
		taken++
		gotJSON, _ := json.Marshal(got)
		wantJSON, _ := json.Marshal(want)
		if string(gotJSON) != string(wantJSON) {
			t.Fatalf("%s: got %s, want %s", text, gotJSON, wantJSON)
		}
	}
	for _, o := range rootFields(t) {
		doc, errs := gqlparser.LoadQueryWithRules(l.schema, o.document, nil)
		if errs != nil {
			t.Fatal(errs)
		}
		for i := range 1000 {
			l.wrong, l.alien = []int{1_000_000, 30, 5}[i%3], false
			given := map[string]any{"useless": 1}
			for _, a := range o.field.Arguments {
				if l.IntN(l.wrong) > 0 {
					given[a.Name] = l.value(a.Type, 0)
				}
			}
			compare(doc, given)
		}
	}
	for query, variables := range map[string][]string{
		`query($id: ID! = 7, $first: Int = 3, $no: Boolean! = false) { keystore(id: $id) { keys(first: $first) { nodes { id @skip(if: $no) } } } }`: {
			`{}`, `{"id": null}`, `{"id": 5, "first": null}`, `{"first": 5, "no": true}`, `{"no": "true"}`, `{"first": "x"}`, `{"first": 1.0}`,
		},
		`mutation($in: SignInput! = {key: "k", message: "AA"}) { sign(input: $in) { version } }`: {`{}`, `{"in": {"key": "k", "message": "AA"}}`},
		`mutation($of: [KeyOperation!] = SIGN, $key: ID!) { updateKey(input: {key: $key, operations: $of}) { key { id } } }`: {
			`{"key": "k"}`, `{"key": "k", "of": "VERIFY"}`, `{"key": "k", "of": ["VERIFY", null]}`, `{"key": "k", "of": [["VERIFY"]]}`, `{"of": []}`,
		},
	} {
		doc, errs := gqlparser.LoadQueryWithRules(l.schema, query, nil)
		if errs != nil {
			t.Fatal(errs)
		}
		for _, text := range variables {
			var given map[string]any
			d := json.NewDecoder(strings.NewReader(text))
			d.UseNumber()
			if err := d.Decode(&given); err != nil {
				t.Fatal(err)
			}
			compare(doc, given)
		}
	}
	if taken < 10_000 || refused < 10_000 {
		t.Errorf("%d were taken and %d refused: too few to tell", taken, refused)
	}
}
