package graph_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"twolock/graph"
)

// operation is a root field, made into a request from the schema alone, so that the tests over all of them take in those still to come.
type operation struct {
	schema   *ast.Schema
	root     string // query or mutation
	field    *ast.FieldDefinition
	action   string // "" for a public one
	scope    string
	document string // each argument is a variable of its name
}

// objects are what an operation's arguments name.
type objects struct{ did, keystore, key string }

func rootFields(t testing.TB) []*operation {
	t.Helper()
	s, err := graph.LoadSchema()
	if err != nil {
		t.Fatal(err)
	}
	var all []*operation
	for _, root := range []*ast.Definition{s.Query, s.Mutation} {
		for _, f := range root.Fields {
			if strings.HasPrefix(f.Name, "__") {
				continue
			}
			o := &operation{schema: s, root: strings.ToLower(root.Name), field: f}
			if d := f.Directives.ForName("action"); d != nil {
				o.action, o.scope = d.Arguments.ForName("name").Value.Raw, d.Arguments.ForName("scope").Value.Raw
			}
			o.document = o.write()
			all = append(all, o)
		}
	}
	if len(all) < 13 {
		t.Fatalf("the schema has %d root fields", len(all))
	}
	return all
}

func (o *operation) write() string {
	var definitions, arguments []string
	for _, a := range o.field.Arguments {
		definitions = append(definitions, fmt.Sprintf("$%s: %s", a.Name, a.Type))
		arguments = append(arguments, fmt.Sprintf("%s: $%s", a.Name, a.Name))
	}
	with := func(list []string) string {
		if len(list) == 0 {
			return ""
		}
		return "(" + strings.Join(list, ", ") + ")"
	}
	return fmt.Sprintf("%s%s { %s%s { __typename } }", o.root, with(definitions), o.field.Name, with(arguments))
}

// variables are the least that the operation takes.
func (o *operation) variables(t testing.TB, at objects) map[string]any {
	t.Helper()
	v := map[string]any{}
	for _, a := range o.field.Arguments {
		if a.Type.NonNull {
			v[a.Name] = o.value(t, a.Name, a.Type, at)
		}
	}
	return v
}

func (o *operation) value(t testing.TB, name string, typ *ast.Type, at objects) any {
	t.Helper()
	if typ.Elem != nil {
		return []any{o.value(t, name, typ.Elem, at)}
	}
	def := o.schema.Types[typ.NamedType]
	switch {
	case def.Kind == ast.InputObject:
		v := map[string]any{}
		for _, f := range def.Fields {
			if f.Type.NonNull && f.DefaultValue == nil {
				v[f.Name] = o.value(t, f.Name, f.Type, at)
			}
		}
		return v
	case def.Kind == ast.Enum:
		return def.EnumValues[0].Name
	case def.Name == "Bytes", def.Name == "String":
		return "AAAA"
	case def.Name == "Capability", def.Name == "JWK":
		return map[string]any{}
	case def.Name == "Int":
		return 1
	case def.Name == "Boolean":
		return true
	case def.Name == "Time":
		return "2026-11-23T12:00:00Z"
	case name == "controller", name == "operator":
		return at.did
	case name == "keystore", name == "id" && o.scope == "KEYSTORE":
		return at.keystore
	case name == "key", name == "unwrappingKey", name == "id" && o.scope == "KEY":
		return at.key
	}
	t.Fatalf("%s: this test does not know what to give as %s: %s; teach it", o.field.Name, name, typ)
	return nil
}

// url is the narrowest at which the operation is answered.
func (o *operation) url(base string, at objects) string {
	switch o.scope {
	case "KEYSTORE":
		return at.keystore
	case "KEY":
		return at.key
	}
	return base + "/graphql"
}

// inputs lists the paths to everything the operation takes: ["input"], ["input", "key"], …
func (o *operation) inputs() (paths [][]string) {
	var walk func(path []string, typ *ast.Type)
	walk = func(path []string, typ *ast.Type) {
		paths = append(paths, path)
		if def := o.schema.Types[typ.Name()]; def.Kind == ast.InputObject {
			for _, f := range def.Fields {
				walk(append(slices.Clone(path), f.Name), f.Type)
			}
		}
	}
	for _, a := range o.field.Arguments {
		walk([]string{a.Name}, a.Type)
	}
	return paths
}

// with is the variables with another value at the path; what is missing on the way is made, the least of it.
func (o *operation) with(t testing.TB, at objects, path []string, value any) map[string]any {
	t.Helper()
	variables := o.variables(t, at)
	in, typ := variables, o.field.Arguments.ForName(path[0]).Type
	for i, name := range path {
		if i > 0 {
			typ = o.schema.Types[typ.Name()].Fields.ForName(name).Type
		}
		if i == len(path)-1 {
			in[name] = value
			break
		}
		if in[name] == nil {
			in[name] = o.value(t, name, typ, at)
		}
		if list, ok := in[name].([]any); ok { // an element, then
			in[name] = list[:1]
			in = list[0].(map[string]any)
			continue
		}
		in = in[name].(map[string]any)
	}
	return variables
}

// actionNames are the actions of the operations, each once.
func actionNames(all []*operation) []string {
	names := map[string]bool{}
	for _, o := range all {
		if o.action != "" {
			names[o.action] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}
