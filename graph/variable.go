package graph

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// maxMessage bounds what is told of one mistake, in bytes: the parser repeats names.
const maxMessage = 500

// withoutValues rewords what the parser says of a variable that is none of an enum's values, for it repeats what was given: that may be a
// secret in the wrong place. op is nil where there is no operation.
func withoutValues(s *ast.Schema, op *ast.OperationDefinition, errs gqlerror.List) gqlerror.List {
	for _, e := range errs {
		if len(e.Message) > maxMessage {
			e.Message = strings.ToValidUTF8(e.Message[:maxMessage], "") + "…"
		}
		if def := enumAt(s, op, e.Path); def != nil {
			names := make([]string, len(def.EnumValues))
			for i, v := range def.EnumValues {
				names[i] = v.Name
			}
			e.Message = "must be a " + def.Name + ": one of " + strings.Join(names, ", ")
		}
	}
	return errs
}

// enumAt returns the enum that a variable, or a part of one, must be of: the path begins with "variable" and its name.
// nil where it is no enum.
func enumAt(s *ast.Schema, op *ast.OperationDefinition, path ast.Path) *ast.Definition {
	if op == nil || len(path) < 2 || path[0] != ast.PathName("variable") {
		return nil
	}
	name, _ := path[1].(ast.PathName)
	v := op.VariableDefinitions.ForName(string(name))
	if v == nil {
		return nil
	}
	def := s.Types[v.Type.Name()]
	for _, step := range path[2:] {
		name, isField := step.(ast.PathName)
		if !isField || def == nil { // an element of a list has the type that the list is named by
			continue
		}
		f := def.Fields.ForName(string(name))
		if f == nil {
			return nil
		}
		def = s.Types[f.Type.Name()]
	}
	if def == nil || def.Kind != ast.Enum {
		return nil
	}
	return def
}
