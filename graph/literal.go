package graph

import (
	"slices"
	"strconv"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// checkLiterals looks at the values in the text of a document. It refuses Bytes and JWKs, wherever they stand: what is secret goes in variables, for documents
// are cached, and logged by whoever stands between. Then the first value that is not of its type, as coerce does it with variables: validation, which
// comes after, finds it too, but does not say in which field it stands, and repeats it.
func checkLiterals(schema *ast.Schema, doc *ast.QueryDocument) *gqlerror.Error {
	w := &literals{schema: schema}
	for _, op := range doc.Operations {
		w.defaults(op.VariableDefinitions)
		w.directives(op.Directives)
		w.selection(op.SelectionSet, schema.Types[rootType(op.Operation)])
	}
	for _, f := range doc.Fragments {
		w.defaults(f.VariableDefinition) // an extension of the parser's; nothing comes of it, but it would be cached
		w.directives(f.Directives)
		w.selection(f.SelectionSet, schema.Types[f.TypeCondition])
	}
	if w.secret != nil {
		return w.secret
	}
	return w.wrong
}

func rootType(op ast.Operation) string {
	if op == ast.Mutation {
		return "Mutation"
	}
	return "Query"
}

type literals struct {
	schema *ast.Schema
	at     ast.Path
	secret *gqlerror.Error // the last
	wrong  *gqlerror.Error // the first
}

// in does something a step further down.
func (w *literals) in(step ast.PathElement, do func()) {
	w.at = append(w.at, step)
	do()
	w.at = w.at[:len(w.at)-1]
}

func (w *literals) defaults(variables ast.VariableDefinitionList) {
	w.in(ast.PathName("variable"), func() {
		for _, v := range variables {
			w.in(ast.PathName(v.Variable), func() { w.value(v.DefaultValue, v.Type) })
			w.directives(v.Directives)
		}
	})
}

// selection does not follow spreads: every fragment is looked at once, by its own type, and its paths begin with it.
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
			w.in(ast.PathName(sel.Alias), func() {
				w.arguments(sel.Arguments, def.Arguments)
				w.directives(sel.Directives)
				w.selection(sel.SelectionSet, w.schema.Types[def.Type.Name()])
			})
		case *ast.InlineFragment:
			of := parent
			if sel.TypeCondition != "" {
				of = w.schema.Types[sel.TypeCondition]
			}
			w.directives(sel.Directives)
			w.selection(sel.SelectionSet, of)
		case *ast.FragmentSpread:
			w.directives(sel.Directives)
		}
	}
}

func (w *literals) directives(all ast.DirectiveList) {
	for _, d := range all {
		if def := w.schema.Directives[d.Name]; def != nil {
			w.arguments(d.Arguments, def.Arguments)
		}
	}
}

func (w *literals) arguments(given ast.ArgumentList, defs ast.ArgumentDefinitionList) {
	for _, arg := range given {
		if def := defs.ForName(arg.Name); def != nil {
			w.in(ast.PathName(arg.Name), func() { w.value(arg.Value, def.Type) })
		}
	}
}

// value looks at a value in the place of one of type t; nil where there is none.
func (w *literals) value(v *ast.Value, t *ast.Type) {
	if v == nil || t == nil || w.schema.Types[t.Name()] == nil {
		return
	}
	w.findSecret(v, t)
	if w.wrong == nil {
		w.check(v, t)
	}
}

// findSecret takes a list for each of its elements, whatever the type.
func (w *literals) findSecret(v *ast.Value, t *ast.Type) {
	if v.Kind == ast.ListValue {
		for _, c := range v.Children {
			w.findSecret(c.Value, t)
		}
		return
	}
	def := w.schema.Types[t.Name()]
	if is := v.Kind != ast.Variable && v.Kind != ast.NullValue; is && def.Name == "Bytes" {
		w.secret = gqlerror.ErrorPosf(v.Position, "Bytes stand in the text of the query: give them as variables")
		return
	} else if is && def.Name == "JWK" {
		w.secret = gqlerror.ErrorPosf(v.Position, "a JWK stands in the text of the query: give it as a variable")
		return
	}
	for _, c := range v.Children {
		if f := def.Fields.ForName(c.Name); f != nil {
			w.findSecret(c.Value, f.Type)
		}
	}
}

// refuse notes what is wrong where the walk is, if it is the first.
func (w *literals) refuse(v *ast.Value, problem string) {
	if w.wrong == nil {
		w.wrong = gqlerror.ErrorPosf(v.Position, "%s", problem)
		w.wrong.Path = slices.Clone(w.at)
	}
}

// check does with a literal what coerceValue does with a variable's value (GraphQL section 5.6.1). What is in place of variables is for validation to say.
func (w *literals) check(v *ast.Value, t *ast.Type) {
	def := w.schema.Types[t.Name()]
	switch {
	case v.Kind == ast.Variable:
	case v.Kind == ast.NullValue:
		if t.NonNull {
			w.refuse(v, cannotBeNull)
		}
	case t.Elem != nil && v.Kind == ast.ListValue:
		for i, c := range v.Children {
			w.in(ast.PathIndex(i), func() { w.check(c.Value, t.Elem) })
		}
	case t.Elem != nil: // one is a list of one
		w.in(ast.PathIndex(0), func() { w.check(v, t.Elem) })
	case def.Kind == ast.InputObject && v.Kind == ast.ObjectValue:
		w.checkObject(v, def)
	case def.Kind == ast.InputObject,
		def.Kind == ast.Enum && (v.Kind != ast.EnumValue || def.EnumValues.ForName(v.Raw) == nil),
		def.Kind == ast.Scalar && !isLiteral(def.Name, v):
		w.refuse(v, mustBe(def))
	}
}

func (w *literals) checkObject(v *ast.Value, def *ast.Definition) {
	for _, c := range v.Children {
		w.in(ast.PathName(c.Name), func() {
			if f := def.Fields.ForName(c.Name); f != nil {
				w.check(c.Value, f.Type)
			} else {
				w.refuse(c.Value, unknownField)
			}
		})
	}
	for _, f := range def.Fields {
		if f.Type.NonNull && f.DefaultValue == nil && v.Children.ForName(f.Name) == nil {
			w.in(ast.PathName(f.Name), func() { w.refuse(v, mustBeDefined) })
		}
	}
}

// isLiteral tells whether a literal may stand for a scalar. What is ours reads itself.
func isLiteral(name string, v *ast.Value) bool {
	isText := v.Kind == ast.StringValue || v.Kind == ast.BlockValue
	_, err := strconv.ParseInt(v.Raw, 10, 64)
	isInt := v.Kind == ast.IntValue && err == nil
	switch name {
	case "Int":
		return isInt
	case "String":
		return isText
	case "ID":
		return isText || isInt
	case "Boolean":
		return v.Kind == ast.BooleanValue
	}
	_, err = v.Value(nil) // a number that is too large, perhaps deep in it
	return err == nil
}
