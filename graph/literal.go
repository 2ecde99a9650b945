package graph

import (
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// refuseBytes refuses a document that has Bytes or a JWK in its text. What is secret goes in variables: documents are cached and logged by
// whoever stands between.
func refuseBytes(schema *ast.Schema, doc *ast.QueryDocument) *gqlerror.Error {
	w := &literals{schema: schema}
	for _, op := range doc.Operations {
		for _, v := range op.VariableDefinitions {
			w.value(v.DefaultValue, v.Type)
		}
		w.selection(op.SelectionSet, schema.Types[rootType(op.Operation)])
	}
	for _, f := range doc.Fragments {
		for _, v := range f.VariableDefinition { // an extension of the parser's; nothing comes of it, but it would be cached
			w.value(v.DefaultValue, v.Type)
		}
		w.selection(f.SelectionSet, schema.Types[f.TypeCondition])
	}
	return w.found
}

func rootType(op ast.Operation) string {
	if op == ast.Mutation {
		return "Mutation"
	}
	return "Query"
}

type literals struct {
	schema *ast.Schema
	found  *gqlerror.Error
}

// selection does not follow spreads: every fragment is looked at once, by its own type.
func (w *literals) selection(set ast.SelectionSet, parent *ast.Definition) {
	for _, sel := range set {
		switch sel := sel.(type) {
		case *ast.Field:
			if parent == nil {
				continue // validation will say so
			}
			def := parent.Fields.ForName(sel.Name)
			if def == nil {
				continue
			}
			for _, arg := range sel.Arguments {
				if a := def.Arguments.ForName(arg.Name); a != nil {
					w.value(arg.Value, a.Type)
				}
			}
			w.selection(sel.SelectionSet, w.schema.Types[def.Type.Name()])
		case *ast.InlineFragment:
			of := parent
			if sel.TypeCondition != "" {
				of = w.schema.Types[sel.TypeCondition]
			}
			w.selection(sel.SelectionSet, of)
		}
	}
}

func (w *literals) value(v *ast.Value, t *ast.Type) {
	if v == nil || t == nil {
		return
	}
	if v.Kind == ast.ListValue {
		for _, c := range v.Children {
			w.value(c.Value, t)
		}
		return
	}
	def := w.schema.Types[t.Name()]
	if def == nil {
		return
	}
	if is := v.Kind != ast.Variable && v.Kind != ast.NullValue; is && def.Name == "Bytes" {
		w.found = gqlerror.ErrorPosf(v.Position, "Bytes stand in the text of the query: give them as variables")
		return
	} else if is && def.Name == "JWK" {
		w.found = gqlerror.ErrorPosf(v.Position, "a JWK stands in the text of the query: give it as a variable")
		return
	}
	for _, c := range v.Children {
		if f := def.Fields.ForName(c.Name); f != nil {
			w.value(c.Value, f.Type)
		}
	}
}
