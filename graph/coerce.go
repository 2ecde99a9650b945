package graph

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// coerce reads the values of an operation's variables by their types (GraphQL section 6.1.2). It takes and refuses what gqlparser's
// validator.VariableValues does, without reflection, which costs more on the items of a batch than the batch does; but strings, ids and enums as the
// specification has them (sections 3.5.3, 3.5.5, 3.9): the parser takes a number for a string, any number for an id, and an enum's value in any case.
// It takes over what it is given: as readJSON makes it.
func coerce(s *ast.Schema, op *ast.OperationDefinition, given map[string]any) (map[string]any, *gqlerror.Error) {
	values := make(map[string]any, len(op.VariableDefinitions))
	for _, v := range op.VariableDefinitions {
		value, isGiven := given[v.Variable]
		var err *gqlerror.Error
		switch {
		case isGiven:
		case v.DefaultValue != nil:
			var bad error
			if value, bad = v.DefaultValue.Value(nil); bad != nil {
				err = gqlerror.Errorf("%v", bad)
			}
		case v.Type.NonNull:
			err = gqlerror.Errorf(mustBeDefined)
		default:
			continue
		}
		if err == nil {
			values[v.Variable], err = coerceValue(s, v.Type, value)
		}
		if err != nil {
			err.Path = append(err.Path, ast.PathName(v.Variable), ast.PathName("variable"))
			slices.Reverse(err.Path)
			return nil, err
		}
	}
	return values, nil
}

// What is wrong with a value, behind the name of what it was given for. None repeats the value: it may be a secret in the wrong place.
const (
	mustBeDefined = "must be defined"
	cannotBeNull  = "cannot be null"
	unknownField  = "unknown field"
)

func mustBe(def *ast.Definition) string {
	switch {
	case def.Kind == ast.InputObject:
		return "must be a " + def.Name + ", which is an object"
	case def.Kind == ast.Enum:
		names := make([]string, len(def.EnumValues))
		for i, v := range def.EnumValues {
			names[i] = v.Name
		}
		return "must be a " + def.Name + ": one of " + strings.Join(names, ", ")
	case def.Name == "Int":
		return "must be an Int, a whole number"
	case def.Name == "ID":
		return "must be an ID, a string or a whole number"
	}
	return "must be a " + def.Name
}

// coerceValue returns the value, in which single elements of lists have become lists. The path of its error is the wrong way round.
func coerceValue(s *ast.Schema, t *ast.Type, value any) (any, *gqlerror.Error) {
	if value == nil {
		if t.NonNull {
			return nil, gqlerror.Errorf(cannotBeNull)
		}
		return nil, nil
	}
	if t.Elem != nil {
		list, ok := value.([]any)
		if !ok {
			list = []any{value}
		}
		for i, v := range list {
			var err *gqlerror.Error
			if list[i], err = coerceValue(s, t.Elem, v); err != nil {
				err.Path = append(err.Path, ast.PathIndex(i))
				return nil, err
			}
		}
		return list, nil
	}
	def := s.Types[t.NamedType]
	switch def.Kind {
	case ast.InputObject:
		return coerceObject(s, def, value)
	case ast.Enum:
		name, isText := value.(string)
		if !isText || def.EnumValues.ForName(name) == nil {
			return nil, gqlerror.Errorf("%s", mustBe(def))
		}
		return value, nil
	}
	if !isScalar(def.Name, value) {
		return nil, gqlerror.Errorf("%s", mustBe(def))
	}
	return value, nil
}

func coerceObject(s *ast.Schema, def *ast.Definition, value any) (any, *gqlerror.Error) {
	o, ok := value.(map[string]any)
	if !ok {
		return nil, gqlerror.Errorf("%s", mustBe(def))
	}
	for name := range o {
		if def.Fields.ForName(name) == nil && name != "__typename" {
			return nil, &gqlerror.Error{Message: unknownField, Path: ast.Path{ast.PathName(name)}}
		}
	}
	for _, f := range def.Fields {
		v, isGiven := o[f.Name]
		var err *gqlerror.Error
		switch {
		case isGiven:
			v, err = coerceValue(s, f.Type, v)
		case f.Type.NonNull && f.DefaultValue == nil:
			err = gqlerror.Errorf(mustBeDefined)
		default:
			continue
		}
		if err != nil {
			err.Path = append(err.Path, ast.PathName(f.Name))
			return nil, err
		}
		if f.Type.Elem != nil { // nothing else changes
			o[f.Name] = v
		}
	}
	return o, nil
}

// text is a value's text, where it has one; "" where not.
func text(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case json.Number:
		return string(v)
	}
	return ""
}

// isScalar tells whether a value may be read as a scalar. What is ours reads itself.
func isScalar(name string, value any) bool {
	_, isText := value.(string)
	number, _ := value.(json.Number)
	_, isInt := value.(int64) // a default
	switch name {
	case "Int":
		_, err := strconv.ParseInt(text(value), 10, 64)
		return isInt || err == nil
	case "String":
		return isText
	case "ID":
		return isText || isInteger(string(number)) || isInt
	case "Boolean":
		_, ok := value.(bool)
		return ok
	case "Float":
		panic(fmt.Sprintf("graph: no input is a %s", name))
	}
	return true
}

// isInteger tells whether a JSON number is written as an integer.
func isInteger(number string) bool {
	digits := strings.TrimPrefix(number, "-")
	return digits != "" && strings.Trim(digits, "0123456789") == ""
}
