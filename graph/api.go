// Package graph is the GraphQL edge: it reads requests strictly, bounds what they cost, hands each field to the domain and presents errors.
// It decides nothing about who may do what, but for one thing: it does not start with a field that names no action.
package graph

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"twolock/auth"
	"twolock/graph/generated"
	"twolock/keystore"
)

// Schema is the schema in its own language.
//
//go:embed schema.graphqls
var Schema string

// API answers GraphQL requests. Safe for concurrent use.
type API struct {
	exec    *executor.Executor
	actions actions
}

// New makes the API. It fails when a root field names neither an action nor that it is public.
func New(s *keystore.Service, log *slog.Logger) (*API, error) {
	schema := generated.NewExecutableSchema(generated.Config{Resolvers: &Resolver{s}})
	a, err := readActions(schema.Schema())
	if err != nil {
		return nil, err
	}
	docs := newDocuments(schema.Schema())
	exec := executor.New(schema)
	exec.SetParserTokenLimit(maxTokens)
	exec.SetQueryCache(docs)
	exec.SetErrorPresenter(presenter(log))
	exec.SetRecoverFunc(recovered(log))
	exec.Use(docs)
	exec.Use(extension.Introspection{})
	return &API{exec, a}, nil
}

// Request is a GraphQL request over HTTP whose sender is known.
type Request struct {
	Caller *auth.Caller
	ID     string // for the log and for INTERNAL errors
	Accept string
	Body   []byte
}

// Serve answers a request. The status follows GraphQL over HTTP: 200 for what was executed; for what was not, 400, or 200 where
// the client takes application/json only and its request was well-formed.
func (a *API) Serve(ctx context.Context, w http.ResponseWriter, r Request) {
	ctx = graphql.StartOperationTrace(withRequestID(withCaller(ctx, r.Caller), r.ID))
	params, err := parseRequest(r.Body)
	if err != nil {
		WriteError(w, http.StatusBadRequest, keystore.Errorf(keystore.BadUserInput, "%v", err))
		return
	}
	contentType, refused := "application/json", http.StatusOK
	if acceptsGraphQL(r.Accept) {
		contentType, refused = "application/graphql-response+json", http.StatusBadRequest
	}
	op, errs := a.exec.CreateOperationContext(ctx, params)
	if len(errs) == 0 {
		if err := a.actions.check(op.Operation, op.Doc.Fragments, r.Caller); err != nil {
			errs = gqlerror.List{gqlerror.Wrap(err)}
		}
	}
	if len(errs) > 0 {
		write(w, refused, contentType, a.exec.DispatchError(graphql.WithOperationContext(ctx, op), errs))
		return
	}
	respond, ctx := a.exec.DispatchOperation(ctx, op)
	write(w, http.StatusOK, contentType, respond(ctx))
}

// WriteError answers a request that was not executed.
func WriteError(w http.ResponseWriter, status int, e *keystore.Error) {
	write(w, status, "application/json", &graphql.Response{Errors: gqlerror.List{{Message: e.Message, Extensions: extensions(e)}}})
}

func write(w http.ResponseWriter, status int, contentType string, resp *graphql.Response) {
	if resp == nil { // the caller has gone
		return
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(resp); err != nil {
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", contentType+"; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(out.Bytes())
}

// body is a request as GraphQL over HTTP has it. Names are exact, none comes twice, nothing follows: what is looked at before and what is
// executed must be one thing.
type body struct {
	Query         *string        `json:"query"`
	OperationName *string        `json:"operationName"`
	Variables     jsontext.Value `json:"variables"`
	Extensions    jsontext.Value `json:"extensions"`
}

const maxJSONDepth = 32

// parseRequest never repeats what it was given in an error.
func parseRequest(data []byte) (*graphql.RawParams, error) {
	if deeper(data, maxJSONDepth) {
		return nil, fmt.Errorf("body: is nested deeper than %d", maxJSONDepth)
	}
	var b body
	if err := jsonv2.Unmarshal(data, &b, jsonv2.RejectUnknownMembers(true)); err != nil {
		return nil, fmt.Errorf("body: is not a JSON object with query, operationName and variables, each once")
	}
	if b.Query == nil || *b.Query == "" {
		return nil, fmt.Errorf("query: is missing")
	}
	if k := b.Extensions.Kind(); len(b.Extensions) > 0 && k != '{' && k != 'n' {
		return nil, fmt.Errorf("extensions: is not a JSON object")
	}
	p := &graphql.RawParams{Query: *b.Query, ReadTime: graphql.TraceTiming{}}
	if b.OperationName != nil {
		p.OperationName = *b.OperationName
	}
	if k := b.Variables.Kind(); len(b.Variables) > 0 && k != '{' && k != 'n' {
		return nil, fmt.Errorf("variables: is not a JSON object")
	}
	if len(b.Variables) > 0 {
		d := json.NewDecoder(bytes.NewReader(b.Variables))
		d.UseNumber()
		if err := d.Decode(&p.Variables); err != nil {
			return nil, fmt.Errorf("variables: is not a JSON object")
		}
	}
	return p, nil
}

// deeper tells whether JSON text is nested deeper than the limit, before anything recursive looks at it.
func deeper(data []byte, limit int) bool {
	d := jsontext.NewDecoder(bytes.NewReader(data))
	for {
		if _, err := d.ReadToken(); err != nil {
			return err != io.EOF && d.StackDepth() > limit
		}
		if d.StackDepth() > limit {
			return true
		}
	}
}

func acceptsGraphQL(accept string) bool {
	for part := range strings.SplitSeq(accept, ",") {
		if t, _, err := mime.ParseMediaType(part); err == nil && t == "application/graphql-response+json" {
			return true
		}
	}
	return false
}
