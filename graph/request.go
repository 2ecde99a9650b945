package graph

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/99designs/gqlgen/graphql"
	"github.com/go-json-experiment/json/jsontext"
)

// What a body may be, beside its size.
const (
	maxJSONDepth  = 32
	maxJSONValues = 20_000 // a number takes a byte or two, and fifty once it is read
)

// shapeError says that a body is more than it may be.
type shapeError string

func (e shapeError) Error() string { return string(e) }

// body is a request as GraphQL over HTTP has it. Names are exact, none comes twice, nothing follows: what is looked at before and what is
// executed must be one thing.
type body struct {
	query, operationName  string
	variables, extensions any
}

// parseRequest never repeats what it was given in an error.
func parseRequest(data []byte) (*graphql.RawParams, error) {
	b, err := readBody(&reader{Decoder: jsontext.NewDecoder(bytes.NewBuffer(data))})
	if shape, ok := errors.AsType[shapeError](err); ok {
		return nil, fmt.Errorf("body: %w", shape)
	}
	if err != nil {
		return nil, errors.New("body: is not a JSON object with query, operationName and variables, each once")
	}
	if b.query == "" {
		return nil, errors.New("query: is missing")
	}
	if _, ok := b.extensions.(map[string]any); !ok && b.extensions != nil {
		return nil, errors.New("extensions: is not a JSON object")
	}
	variables, ok := b.variables.(map[string]any)
	if !ok && b.variables != nil {
		return nil, errors.New("variables: is not a JSON object")
	}
	return &graphql.RawParams{Query: b.query, OperationName: b.operationName, Variables: variables}, nil
}

// reader reads JSON and counts what it makes of it. The decoder refuses names that come twice, and text that is not UTF-8.
type reader struct {
	*jsontext.Decoder
	values int
}

var errForm = errors.New("is not of that form")

// readBody reads all there is. null is a body with nothing in it.
func readBody(r *reader) (b body, err error) {
	start, err := r.ReadToken()
	switch {
	case err != nil:
		return b, err
	case start.Kind() == '{':
		err = r.members(func(name string) (err error) {
			switch name {
			case "query":
				b.query, err = r.text()
			case "operationName":
				b.operationName, err = r.text()
			case "variables":
				b.variables, err = r.value()
			case "extensions":
				b.extensions, err = r.value()
			default:
				err = errForm
			}
			return err
		})
		if err != nil {
			return b, err
		}
	case start.Kind() != 'n':
		return b, errForm
	}
	if _, err := r.ReadToken(); err != io.EOF {
		return b, errForm
	}
	return b, nil
}

// members reads an object that has begun to its end; each reads a member's value.
func (r *reader) members(each func(name string) error) error {
	for r.PeekKind() != '}' {
		name, err := r.ReadToken()
		if err != nil {
			return err
		}
		if err := each(name.String()); err != nil {
			return err
		}
	}
	_, err := r.ReadToken()
	return err
}

// text reads a string; null is the empty one.
func (r *reader) text() (string, error) {
	t, err := r.ReadToken()
	switch {
	case err != nil:
		return "", err
	case t.Kind() == 'n':
		return "", nil
	case t.Kind() != '"':
		return "", errForm
	}
	return t.String(), nil
}

// value reads a value as encoding/json does, with numbers as they are written.
func (r *reader) value() (any, error) {
	t, err := r.ReadToken()
	if err != nil {
		return nil, err
	}
	if r.values++; r.values > maxJSONValues {
		return nil, shapeError(fmt.Sprintf("has more than %d values", maxJSONValues))
	}
	if r.StackDepth() > maxJSONDepth {
		return nil, shapeError(fmt.Sprintf("is nested deeper than %d", maxJSONDepth))
	}
	switch t.Kind() {
	case '{':
		o := map[string]any{}
		err := r.members(func(name string) (err error) {
			o[name], err = r.value()
			return err
		})
		return o, err
	case '[':
		a := []any{}
		for r.PeekKind() != ']' {
			v, err := r.value()
			if err != nil {
				return nil, err
			}
			a = append(a, v)
		}
		_, err := r.ReadToken()
		return a, err
	case '"':
		return t.String(), nil
	case '0':
		return json.Number(t.String()), nil
	case 't', 'f':
		return t.Bool(), nil
	}
	return nil, nil
}
