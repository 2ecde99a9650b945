package graph

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"twolock/auth"
	"twolock/graph/generated"
	"twolock/keystore"
)

// actions are the action of every root field; "" for a public one.
type actions map[string]string

// Actions returns the actions that the schema knows, sorted: what a capability can allow.
func Actions() []string {
	known, err := readActions(generated.NewExecutableSchema(generated.Config{}).Schema())
	if err != nil {
		panic(err) // it is the schema of this program
	}
	all := slices.Compact(slices.Sorted(maps.Values(known)))
	return slices.DeleteFunc(all, func(action string) bool { return action == "" }) // those of public fields
}

// readActions reads the schema's directives. A root field that names no action and is not public is an error: the server must not start.
func readActions(s *ast.Schema) (actions, error) {
	a := actions{}
	for _, root := range []*ast.Definition{s.Query, s.Mutation} {
		for _, f := range root.Fields {
			action, public := f.Directives.ForName("action"), f.Directives.ForName("public")
			switch {
			case f.Name == "__schema" || f.Name == "__type":
				a[f.Name] = "" // the schema is public
			case (action == nil) == (public == nil):
				return nil, fmt.Errorf("schema: %s.%s must have one of @action and @public", root.Name, f.Name)
			case public != nil:
				a[f.Name] = ""
			default:
				name := action.Arguments.ForName("name")
				if name == nil || name.Value.Raw == "" || action.Arguments.ForName("scope") == nil {
					return nil, fmt.Errorf("schema: @action of %s.%s must have a name and a scope", root.Name, f.Name)
				}
				a[f.Name] = name.Value.Raw
			}
		}
	}
	return a, nil
}

// check refuses an operation in which any field needs another action than the one invoked, before any of them is begun, and batches of more than maxItems
// together; it counts the root fields. What the caller may do is not decided here but in keystore, field by field.
func (a actions) check(op *ast.OperationDefinition, fragments ast.FragmentDefinitionList, variables map[string]any, c *auth.Caller) (roots int, action string, err error) {
	w := &walk{actions: a, fragments: fragments, variables: variables, caller: c, seen: map[string]bool{}}
	err = w.selection(op.SelectionSet, true)
	return w.roots, w.action, err
}

// maxItems is how many items all batches of a request have together.
const maxItems = 1000

type walk struct {
	actions   actions
	fragments ast.FragmentDefinitionList
	variables map[string]any
	caller    *auth.Caller
	seen      map[string]bool // fragments, by where they stand: at the root or below
	roots     int
	action    string // that the fields at the root need
	items     int
}

func (w *walk) selection(set ast.SelectionSet, atRoot bool) error {
	for _, sel := range set {
		var inner ast.SelectionSet
		below := atRoot
		switch sel := sel.(type) {
		case *ast.Field:
			if err := w.field(sel, atRoot); err != nil {
				return err
			}
			inner, below = sel.SelectionSet, false
		case *ast.InlineFragment:
			inner = sel.SelectionSet
		case *ast.FragmentSpread:
			name := fmt.Sprint(atRoot, sel.Name)
			if w.seen[name] {
				continue
			}
			w.seen[name] = true
			if f := w.fragments.ForName(sel.Name); f != nil {
				inner = f.SelectionSet
			}
		}
		if err := w.selection(inner, below); err != nil {
			return err
		}
	}
	return nil
}

// field checks one field: of the root, or one below that has an action of its own, as the keys of a keystore that was just changed have.
func (w *walk) field(f *ast.Field, atRoot bool) error {
	action := w.actions[f.Name]
	if !atRoot {
		action = ownAction(f.Definition)
	}
	if action != "" && w.caller.DID != "" && action != w.caller.Action {
		return keystore.Errorf(keystore.Forbidden, "%s needs the action %q, the capability is invoked for %q; a request is for one action", f.Name, action, w.caller.Action)
	}
	if !atRoot {
		return nil
	}
	w.roots++
	w.action = cmp.Or(action, w.action)
	list, n := itemsOf(f, w.variables)
	if w.items += n; w.items > maxItems {
		return keystore.Errorf(keystore.BadUserInput, "%s: with %d of %s, a request's batches have more than %d items together", list, n, f.Name, maxItems)
	}
	return nil
}

// ownAction is the action of a field that is not at the root; "" when it has none.
func ownAction(f *ast.FieldDefinition) string {
	if f == nil {
		return ""
	}
	if d := f.Directives.ForName("action"); d != nil {
		return d.Arguments.ForName("name").Value.Raw
	}
	return ""
}

// itemsOf finds the items of a batch: the longest list of its input.
func itemsOf(f *ast.Field, variables map[string]any) (name string, n int) {
	if !strings.HasSuffix(f.Name, "Batch") || f.Definition == nil {
		return "", 0
	}
	input, _ := f.ArgumentMap(variables)["input"].(map[string]any)
	for field, v := range input {
		if list, ok := v.([]any); ok && len(list) > n {
			name, n = field, len(list)
		}
	}
	return name, n
}
