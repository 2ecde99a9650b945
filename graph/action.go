package graph

import (
	"fmt"

	"github.com/vektah/gqlparser/v2/ast"

	"twolock/auth"
	"twolock/keystore"
)

// actions are the action of every root field; "" for a public one.
type actions map[string]string

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

// check refuses an operation in which any root field needs another action than the one invoked, before any of them is begun, and counts
// the root fields. What the caller may do is not decided here but in keystore, field by field.
func (a actions) check(op *ast.OperationDefinition, fragments ast.FragmentDefinitionList, c *auth.Caller) (roots int, err error) {
	err = a.selection(op.SelectionSet, fragments, c, map[string]bool{}, &roots)
	return roots, err
}

func (a actions) selection(set ast.SelectionSet, fragments ast.FragmentDefinitionList, c *auth.Caller, seen map[string]bool, roots *int) error {
	for _, sel := range set {
		var inner ast.SelectionSet
		switch sel := sel.(type) {
		case *ast.Field:
			*roots++
			action := a[sel.Name]
			if action != "" && c.DID != "" && action != c.Action {
				return keystore.Errorf(keystore.Forbidden, "%s needs the action %q, the capability is invoked for %q; a request is for one action", sel.Name, action, c.Action)
			}
			continue
		case *ast.InlineFragment:
			inner = sel.SelectionSet
		case *ast.FragmentSpread:
			if seen[sel.Name] {
				continue
			}
			seen[sel.Name] = true
			if f := fragments.ForName(sel.Name); f != nil {
				inner = f.SelectionSet
			}
		}
		if err := a.selection(inner, fragments, c, seen, roots); err != nil {
			return err
		}
	}
	return nil
}
