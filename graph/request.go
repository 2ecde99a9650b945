package graph

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/99designs/gqlgen/graphql"
	jsonv2 "github.com/go-json-experiment/json"
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
	Query         *string        `json:"query"`
	OperationName *string        `json:"operationName"`
	Variables     jsontext.Value `json:"variables"`
	Extensions    jsontext.Value `json:"extensions"`
}

// parseRequest never repeats what it was given in an error.
func parseRequest(data []byte) (*graphql.RawParams, error) {
	if err := checkShape(data); err != nil {
		return nil, fmt.Errorf("body: %w", err)
	}
	var b body
	if err := jsonv2.Unmarshal(data, &b, jsonv2.RejectUnknownMembers(true)); err != nil {
		return nil, errors.New("body: is not a JSON object with query, operationName and variables, each once")
	}
	if b.Query == nil || *b.Query == "" {
		return nil, errors.New("query: is missing")
	}
	if k := b.Extensions.Kind(); len(b.Extensions) > 0 && k != '{' && k != 'n' {
		return nil, errors.New("extensions: is not a JSON object")
	}
	p := &graphql.RawParams{Query: *b.Query}
	if b.OperationName != nil {
		p.OperationName = *b.OperationName
	}
	if k := b.Variables.Kind(); len(b.Variables) > 0 && k != '{' && k != 'n' {
		return nil, errors.New("variables: is not a JSON object")
	}
	if len(b.Variables) > 0 {
		d := json.NewDecoder(bytes.NewReader(b.Variables))
		d.UseNumber()
		if err := d.Decode(&p.Variables); err != nil {
			return nil, errors.New("variables: is not a JSON object")
		}
	}
	return p, nil
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
