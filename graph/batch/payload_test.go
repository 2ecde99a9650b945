package batch_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"twolock/graph"
	"twolock/graph/batch"
	"twolock/keystore"
)

// chance makes documents and results.
type chance struct {
	*rand.Rand
	schema    *ast.Schema
	fragments map[string]string // by name
}

// directives are none, or one that takes the selection away, or one that does not.
func (c *chance) directives() string {
	return []string{"", "", "", "", " @include(if: true)", " @skip(if: $yes)", " @include(if: $yes)", " @skip(if: $no)", " @include(if: $no) @skip(if: $no)"}[c.IntN(9)]
}

func (c *chance) selection(typ string, depth int) string {
	def := c.schema.Types[typ]
	var b strings.Builder
	for range 1 + c.IntN(6) {
		switch n := c.IntN(10); {
		case n == 0:
			b.WriteString("__typename" + c.directives() + " ")
		case n == 1 && depth < 4:
			condition := []string{"", " on " + typ}[c.IntN(2)]
			b.WriteString("..." + condition + c.directives() + " { " + c.selection(typ, depth+1) + "} ")
		case n == 2 && depth < 4:
			name := fmt.Sprintf("%s%d", typ, c.IntN(2))
			if _, made := c.fragments[name]; !made {
				c.fragments[name] = "" // those inside it are others, or it would spread itself
				c.fragments[name] = fmt.Sprintf("fragment %s on %s { %s}\n", name, typ, c.selection(typ, 4))
			}
			b.WriteString("..." + name + c.directives() + " ")
		default:
			f := def.Fields[c.IntN(len(def.Fields))]
			alias := []string{"", "", f.Name + "1: ", f.Name + "2: "}[c.IntN(4)] // a name is always of one field, or they could not be merged
			b.WriteString(alias + f.Name + c.directives() + " ")
			if of := c.schema.Types[f.Type.Name()]; of.Kind == ast.Object {
				b.WriteString("{ " + c.selection(of.Name, depth+1) + "} ")
			}
		}
	}
	return b.String()
}

func (c *chance) bytes() []byte {
	if c.IntN(3) == 0 {
		return nil
	}
	b := make([]byte, c.IntN(40))
	for i := range b {
		b[i] = byte(c.Uint32())
	}
	return b
}

func (c *chance) number() *int {
	if c.IntN(3) == 0 {
		return nil
	}
	n := c.IntN(1 << 31)
	return &n
}

func (c *chance) result() keystore.Result {
	r := keystore.Result{
		Signature: c.bytes(), Plaintext: c.bytes(), Ciphertext: c.bytes(), Nonce: c.bytes(), Mac: c.bytes(), SourceVersion: c.number(), Version: c.number(),
	}
	if c.IntN(2) == 0 {
		valid := c.IntN(2) == 0
		r.Valid = &valid
	}
	if c.IntN(2) == 0 {
		r.Error = &keystore.ItemError{Code: "BAD_USER_INPUT", Message: []string{"", "\"quoted\" \\ \n\t", "größer <b>&", "\x00"}[c.IntN(4)]}
	}
	return r
}

// reference answers a selection as GraphQL section 6.3 says, slowly.
type reference struct {
	doc       *ast.QueryDocument
	variables map[string]bool
}

func (r *reference) included(directives ast.DirectiveList) bool {
	for _, d := range directives {
		v := d.Arguments.ForName("if").Value
		is := v.Raw == "true"
		if v.Kind == ast.Variable {
			is = r.variables[v.Raw]
		}
		if is != (d.Name == "include") {
			return false
		}
	}
	return true
}

// collect appends what is selected, by the names of the answer.
func (r *reference) collect(set ast.SelectionSet, visited map[string]bool, names *[]string, fields map[string][]*ast.Field) {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			if !r.included(s.Directives) {
				continue
			}
			if fields[s.Alias] == nil {
				*names = append(*names, s.Alias)
			}
			fields[s.Alias] = append(fields[s.Alias], s)
		case *ast.InlineFragment:
			if r.included(s.Directives) {
				r.collect(s.SelectionSet, visited, names, fields)
			}
		case *ast.FragmentSpread:
			if r.included(s.Directives) && !visited[s.Name] {
				visited[s.Name] = true
				r.collect(r.doc.Fragments.ForName(s.Name).SelectionSet, visited, names, fields)
			}
		}
	}
}

func (r *reference) object(typ string, sets []ast.SelectionSet, value map[string]any) string {
	var names []string
	fields := map[string][]*ast.Field{}
	visited := map[string]bool{}
	for _, set := range sets {
		r.collect(set, visited, &names, fields)
	}
	members := make([]string, len(names))
	for i, name := range names {
		same := fields[name]
		var inner []ast.SelectionSet
		for _, f := range same {
			inner = append(inner, f.SelectionSet)
		}
		var text string
		switch v := value[same[0].Name].(type) {
		case []map[string]any:
			elements := make([]string, len(v))
			for i, e := range v {
				elements[i] = r.object(same[0].Definition.Type.Name(), inner, e)
			}
			text = "[" + strings.Join(elements, ",") + "]"
		case map[string]any:
			text = r.object(same[0].Definition.Type.Name(), inner, v)
		case nil:
			text = "null"
			if same[0].Name == "__typename" {
				text = `"` + typ + `"`
			}
		case []byte:
			text = `"` + base64.RawURLEncoding.EncodeToString(v) + `"`
		default:
			var b bytes.Buffer
			e := json.NewEncoder(&b)
			e.SetEscapeHTML(false)
			_ = e.Encode(v)
			text = strings.TrimSpace(b.String())
		}
		members[i] = `"` + name + `":` + text
	}
	return "{" + strings.Join(members, ",") + "}"
}

// tree is a result by the schema's names; what is nil is left out.
func tree(r keystore.Result) map[string]any {
	m := map[string]any{}
	for name, b := range map[string][]byte{"signature": r.Signature, "plaintext": r.Plaintext, "ciphertext": r.Ciphertext, "nonce": r.Nonce, "mac": r.Mac} {
		if b != nil {
			m[name] = b
		}
	}
	for name, n := range map[string]*int{"version": r.Version, "sourceVersion": r.SourceVersion} {
		if n != nil {
			m[name] = *n
		}
	}
	if r.Valid != nil {
		m["valid"] = *r.Valid
	}
	if r.Error != nil {
		m["error"] = map[string]any{"code": r.Error.Code, "message": r.Error.Message}
	}
	return m
}

// Whatever is selected of any batch's payload, the answer is the one that GraphQL demands.
func TestPayload(t *testing.T) {
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: "schema.graphqls", Input: graph.Schema})
	if err != nil {
		t.Fatal(err)
	}
	var fields []*ast.FieldDefinition
	for _, f := range schema.Mutation.Fields {
		if strings.HasSuffix(f.Name, "Batch") {
			fields = append(fields, f)
		}
	}
	if len(fields) < 8 {
		t.Fatalf("the schema has %d batches", len(fields))
	}
	random := rand.New(rand.NewPCG(3, 4))
	variables := map[string]bool{"yes": true, "no": false}
	for _, f := range fields {
		for range 1000 {
			c := &chance{random, schema, map[string]string{}}
			typ := f.Type.Name()
			selection := c.selection(typ, 0)
			text := fmt.Sprintf("mutation($input: %s, $yes: Boolean!, $no: Boolean!) { %s(input: $input) @skip(if: $no) @include(if: $yes) { %s} }\n", f.Arguments[0].Type, f.Name, selection)
			for _, name := range slices.Sorted(maps.Keys(c.fragments)) {
				text += c.fragments[name]
			}
			doc, errs := gqlparser.LoadQueryWithRules(schema, text, nil)
			if errs != nil {
				t.Fatalf("%s: %v", text, errs)
			}
			p := &keystore.BatchPayload{Results: make([]keystore.Result, c.IntN(4))}
			trees := make([]map[string]any, len(p.Results))
			for i := range p.Results {
				p.Results[i] = c.result()
				trees[i] = tree(p.Results[i])
			}
			got := answer(t, doc, variables, p)
			r := &reference{doc, variables}
			root := doc.Operations[0].SelectionSet[0].(*ast.Field)
			if want := r.object(typ, []ast.SelectionSet{root.SelectionSet}, map[string]any{"results": trees}); got != want {
				t.Fatalf("%s\ngot  %s\nwant %s", text, got, want)
			}
		}
	}
}

// answer has a payload written as the executor has it.
func answer(t *testing.T, doc *ast.QueryDocument, variables map[string]bool, p *keystore.BatchPayload) string {
	t.Helper()
	op := &graphql.OperationContext{Doc: doc, Operation: doc.Operations[0], Variables: map[string]any{}}
	for name, is := range variables {
		op.Variables[name] = is
	}
	field := graphql.CollectFields(op, op.Operation.SelectionSet, []string{"Mutation"})[0]
	ctx := graphql.WithFieldContext(graphql.WithOperationContext(context.Background(), op), &graphql.FieldContext{Field: field})
	payload, err := batch.From(p, nil)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := payload.MarshalGQLContext(ctx, &out); err != nil {
		t.Fatal(err)
	}
	if !json.Valid(out.Bytes()) {
		t.Fatalf("is not JSON: %s", &out)
	}
	return out.String()
}
