// Package batch reads and writes the items of batches. There may be a thousand in a request, for each of which gqlgen would start a goroutine and
// make several objects: more than the operation itself takes.
package batch

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"strconv"

	"github.com/99designs/gqlgen/graphql"

	"twolock/keystore"
)

// Payload is what any batch answers, in whatever selection the request asks for.
type Payload keystore.BatchPayload

// From makes it of what the domain returns.
func From(p *keystore.BatchPayload, err error) (*Payload, error) { return (*Payload)(p), err }

// UnmarshalGQLContext is there because gqlgen takes one with the other.
func (*Payload) UnmarshalGQLContext(context.Context, any) error {
	return errors.New("a payload is not an input")
}

// MarshalGQLContext writes the selection. Which fields there are is gqlgen's business: aliases, fragments, @skip and @include.
func (p *Payload) MarshalGQLContext(ctx context.Context, w io.Writer) error {
	at := graphql.GetFieldContext(ctx).Field
	s := &selector{op: graphql.GetOperationContext(ctx)}
	var out []byte
	sep := byte('{')
	for _, f := range s.fields(at) {
		out = append(out, sep)
		sep = ','
		out = appendName(out, f.Alias)
		if f.Name == "__typename" {
			out = strconv.AppendQuote(out, typeOf(at))
			continue
		}
		out = p.appendResults(out, s.columns(f))
	}
	if sep == '{' {
		out = append(out, sep)
	}
	_, err := w.Write(append(out, '}'))
	return err
}

func (p *Payload) appendResults(out []byte, columns []column) []byte {
	out = append(out, '[')
	for i := range p.Results {
		if i > 0 {
			out = append(out, ',')
		}
		out = appendObject(out, columns, &p.Results[i])
	}
	return append(out, ']')
}

func appendObject(out []byte, columns []column, r *keystore.Result) []byte {
	out = append(out, '{')
	for i, c := range columns {
		if i > 0 {
			out = append(out, ',')
		}
		out = c.write(append(out, c.name...), r)
	}
	return append(out, '}')
}

// column is a field of every result: its name in the answer, with the colon, and how its value is written.
type column struct {
	name  []byte
	write func(out []byte, r *keystore.Result) []byte
}

type selector struct{ op *graphql.OperationContext }

// fields are what is selected of an object: every object here is of the one type that its field has.
func (s *selector) fields(at graphql.CollectedField) []graphql.CollectedField {
	return graphql.CollectFields(s.op, at.Selections, []string{typeOf(at)})
}

func typeOf(f graphql.CollectedField) string { return f.Definition.Type.Name() }

// columns are what is selected of results, or of their errors.
func (s *selector) columns(at graphql.CollectedField) []column {
	fields := s.fields(at)
	columns := make([]column, len(fields))
	for i, f := range fields {
		columns[i] = column{appendName(nil, f.Alias), s.writer(f, typeOf(at))}
	}
	return columns
}

func (s *selector) writer(f graphql.CollectedField, typ string) func([]byte, *keystore.Result) []byte {
	switch f.Name {
	case "__typename":
		return func(out []byte, _ *keystore.Result) []byte { return strconv.AppendQuote(out, typ) }
	case "signature":
		return func(out []byte, r *keystore.Result) []byte { return appendBytes(out, r.Signature) }
	case "plaintext":
		return func(out []byte, r *keystore.Result) []byte { return appendBytes(out, r.Plaintext) }
	case "ciphertext":
		return func(out []byte, r *keystore.Result) []byte { return appendBytes(out, r.Ciphertext) }
	case "nonce":
		return func(out []byte, r *keystore.Result) []byte { return appendBytes(out, r.Nonce) }
	case "mac":
		return func(out []byte, r *keystore.Result) []byte { return appendBytes(out, r.Mac) }
	case "valid":
		return func(out []byte, r *keystore.Result) []byte {
			if r.Valid == nil {
				return append(out, "null"...)
			}
			return strconv.AppendBool(out, *r.Valid)
		}
	case "version":
		return func(out []byte, r *keystore.Result) []byte { return appendInt(out, r.Version) }
	case "sourceVersion":
		return func(out []byte, r *keystore.Result) []byte { return appendInt(out, r.SourceVersion) }
	case "code":
		return func(out []byte, r *keystore.Result) []byte { return appendString(out, r.Error.Code) }
	case "message":
		return func(out []byte, r *keystore.Result) []byte { return appendString(out, r.Error.Message) }
	case "error":
		columns := s.columns(f)
		return func(out []byte, r *keystore.Result) []byte {
			if r.Error == nil {
				return append(out, "null"...)
			}
			return appendObject(out, columns, r)
		}
	}
	panic("batch: unknown field " + f.Name)
}

// appendName writes a name of GraphQL, which has nothing to escape.
func appendName(out []byte, name string) []byte {
	return append(strconv.AppendQuote(out, name), ':')
}

// appendBytes writes what scalar.MarshalBytes does.
func appendBytes(out, b []byte) []byte {
	if b == nil {
		return append(out, "null"...)
	}
	return append(base64.RawURLEncoding.AppendEncode(append(out, '"'), b), '"')
}

func appendInt(out []byte, i *int) []byte {
	if i == nil {
		return append(out, "null"...)
	}
	return strconv.AppendInt(out, int64(*i), 10)
}

func appendString(out []byte, s string) []byte {
	w := writer(out)
	graphql.MarshalString(s).MarshalGQL(&w)
	return w
}

// writer appends what is written.
type writer []byte

func (w *writer) Write(p []byte) (int, error) {
	*w = append(*w, p...)
	return len(p), nil
}
