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

// body is a request as GraphQL over HTTP has it. Names are exact, none comes twice, nothing follows: what is looked at before and what is
// executed must be one thing.
type body struct {
	query, operationName  string
	variables, extensions any
}

// parseRequest never repeats what it was given in an error.
func parseRequest(data []byte) (*graphql.RawParams, error) {
	if err := checkShape(data); err != nil {
		return nil, fmt.Errorf("body: %w", err)
	}
	var b body
	if !b.read(jsontext.NewDecoder(bytes.NewBuffer(data))) {
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

// read reads all there is. null is a body with nothing in it. The decoder refuses names that come twice and text that is not UTF-8.
func (b *body) read(d *jsontext.Decoder) bool {
	switch start, err := d.ReadToken(); {
	case err != nil:
		return false
	case start.Kind() == 'n':
	case start.Kind() != '{':
		return false
	default:
		for d.PeekKind() == '"' {
			name, err := d.ReadToken()
			if err != nil {
				return false
			}
			switch name.String() {
			case "query":
				b.query, err = readText(d)
			case "operationName":
				b.operationName, err = readText(d)
			case "variables":
				b.variables, err = readJSON(d)
			case "extensions":
				b.extensions, err = readJSON(d)
			default:
				return false
			}
			if err != nil {
				return false
			}
		}
		if _, err := d.ReadToken(); err != nil {
			return false
		}
	}
	_, err := d.ReadToken()
	return err == io.EOF
}

var errNotText = errors.New("is not a string")

// readText reads a string; null is the empty one.
func readText(d *jsontext.Decoder) (string, error) {
	t, err := d.ReadToken()
	switch {
	case err != nil:
		return "", err
	case t.Kind() == 'n':
		return "", nil
	case t.Kind() != '"':
		return "", errNotText
	}
	return t.String(), nil
}

// readJSON reads a value as encoding/json does, with numbers as they are written.
func readJSON(d *jsontext.Decoder) (any, error) {
	t, err := d.ReadToken()
	if err != nil {
		return nil, err
	}
	switch t.Kind() {
	case '{':
		o := map[string]any{}
		for d.PeekKind() != '}' {
			name, err := d.ReadToken()
			if err != nil {
				return nil, err
			}
			text := name.String()
			if o[text], err = readJSON(d); err != nil {
				return nil, err
			}
		}
		_, err := d.ReadToken()
		return o, err
	case '[':
		a := []any{}
		for d.PeekKind() != ']' {
			v, err := readJSON(d)
			if err != nil {
				return nil, err
			}
			a = append(a, v)
		}
		_, err := d.ReadToken()
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

// checkShape refuses JSON text that is nested too deep or has too many values, before anything is made of it. It is exact for text that
// is JSON, up to where it is.
func checkShape(data []byte) error {
	depth, values, inString := 0, 1, false
	for i := 0; i < len(data); i++ {
		c := data[i]
		if inString {
			switch c {
			case '\\':
				i++
			case '"':
				inString = false
			}
			continue
		}
		switch c {
		case '"':
			inString = true
		case '{', '[':
			if depth++; depth > maxJSONDepth {
				return fmt.Errorf("is nested deeper than %d", maxJSONDepth)
			}
			values++
		case '}', ']':
			depth--
		case ',':
			if values++; values > maxJSONValues {
				return fmt.Errorf("has more than %d values", maxJSONValues)
			}
		}
	}
	return nil
}
