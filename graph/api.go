// Package graph is the GraphQL edge: it reads requests strictly, bounds what they cost, hands each field to the domain and presents errors.
// It decides nothing about who may do what, but for one thing: it does not start with a field that names no action.
package graph

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"log/slog"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
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
	docs    *documents
	actions actions
	log     *slog.Logger
}

// New makes the API. It fails when a root field names neither an action nor that it is public.
func New(s *keystore.Service, log *slog.Logger) (*API, error) {
	schema, err := loadSchema()
	if err != nil {
		return nil, err
	}
	a, err := readActions(schema)
	if err != nil {
		return nil, err
	}
	exec := executor.New(generated.NewExecutableSchema(generated.Config{Schema: schema, Resolvers: &Resolver{s}}))
	exec.SetErrorPresenter(presenter(log))
	exec.SetRecoverFunc(recovered(log))
	return &API{exec, newDocuments(schema), a, log}, nil
}

// loadSchema reads the schema. The parser adds @defer to each, which is for answers in several parts: ours have one, and whoever
// deferred would leave a goroutine waiting for ever.
func loadSchema() (*ast.Schema, error) {
	s, err := gqlparser.LoadSchema(&ast.Source{Name: "schema.graphqls", Input: Schema})
	if err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	delete(s.Directives, "defer")
	return s, nil
}

// Request is a GraphQL request over HTTP whose sender is known.
type Request struct {
	Caller *auth.Caller
	ID     string // for the log and for INTERNAL errors
	Accept string
	Body   []byte
}

// Outcome is what became of a request.
type Outcome struct {
	Action     string // that it needs; "" when it needs none, or was not understood
	Operations int    // the fields at its root; 0 when it was not understood
	Errors     []keystore.Code
}

// Serve answers a request. The status follows GraphQL over HTTP: 200 for what was executed; for what was not, 400, or 200 where
// the client takes application/json only and its request was well-formed.
func (a *API) Serve(ctx context.Context, w http.ResponseWriter, r Request) Outcome {
	ctx = withRequestID(withCaller(ctx, r.Caller), r.ID)
	params, err := parseRequest(r.Body)
	if err != nil {
		WriteError(w, http.StatusBadRequest, keystore.Errorf(keystore.BadUserInput, "%v", err))
		return Outcome{Errors: []keystore.Code{keystore.BadUserInput}}
	}
	contentType, refused := "application/json", http.StatusOK
	if acceptsGraphQL(r.Accept) {
		contentType, refused = "application/graphql-response+json", http.StatusBadRequest
	}
	roots, action := 0, ""
	op, errs := a.prepare(ctx, params)
	if len(errs) == 0 {
		var err error
		roots, action, err = a.actions.check(op.Operation, op.Doc.Fragments, op.Variables, r.Caller)
		if err == nil && roots*len(r.Body) > maxWork {
			err = keystore.Errorf(keystore.BadUserInput, "query: %d fields at its root are too many for a request of %d bytes", roots, len(r.Body))
		}
		if err == nil && maxHeavy*len(r.Body) > maxWork {
			if n := copies(op.Doc, op.Operation); n*len(r.Body) > maxWork {
				err = keystore.Errorf(keystore.BadUserInput, "query: %d values such as ciphertexts are too many for a request of %d bytes", n, len(r.Body))
			}
		}
		if err != nil {
			errs = gqlerror.List{gqlerror.Wrap(err)}
		}
	}
	if len(errs) > 0 {
		errs = shorten(errs[:min(len(errs), maxErrors)])
		refusal := a.exec.DispatchError(graphql.WithOperationContext(ctx, op), errs)
		a.answer(w, r, refused, contentType, notExecuted{refusal.Errors})
		return Outcome{action, roots, codes(refusal.Errors)}
	}
	respond, ctx := a.exec.DispatchOperation(ctx, op)
	resp := respond(ctx)
	if resp == nil {
		a.log.Warn("request out of time before it began", "request", r.ID)
		WriteInternal(w, http.StatusServiceUnavailable, r.ID)
		return Outcome{action, roots, []keystore.Code{keystore.Internal}}
	}
	if len(resp.Errors) == 0 { // Data is JSON already, and may be a megabyte of it
		write(w, http.StatusOK, contentType, slices.Concat([]byte(`{"data":`), resp.Data, []byte("}\n")))
		return Outcome{action, roots, nil}
	}
	a.answer(w, r, http.StatusOK, contentType, resp)
	return Outcome{action, roots, codes(resp.Errors)}
}

// prepare makes of a request what can be executed. It does what gqlgen's executor would do before, each thing once and with our limits. What it found
// until it refuses is in the context.
func (a *API) prepare(ctx context.Context, p *graphql.RawParams) (*graphql.OperationContext, gqlerror.List) {
	op := &graphql.OperationContext{
		RawQuery: p.Query, OperationName: p.OperationName, RecoverFunc: recovered(a.log),
		ResolverMiddleware:     func(ctx context.Context, next graphql.Resolver) (any, error) { return next(ctx) },
		RootResolverMiddleware: func(ctx context.Context, next graphql.RootResolver) graphql.Marshaler { return next(ctx) },
	}
	var errs gqlerror.List
	if op.Doc, errs = a.docs.open(ctx, p.Query); len(errs) > 0 {
		return op, errs
	}
	if op.Operation = op.Doc.Operations.ForName(p.OperationName); op.Operation == nil {
		return op, gqlerror.List{gqlerror.Errorf("operation %s not found", p.OperationName)}
	}
	var err *gqlerror.Error
	if op.Variables, err = coerce(a.docs.schema, op.Operation, p.Variables); err != nil {
		return op, gqlerror.List{err}
	}
	return op, nil
}

// codes are those of the errors in an answer; nil without errors.
func codes(errs gqlerror.List) (all []keystore.Code) {
	for _, e := range errs {
		if c, ok := e.Extensions["code"].(string); ok {
			all = append(all, keystore.Code(c))
		}
	}
	return all
}

func (a *API) answer(w http.ResponseWriter, r Request, status int, contentType string, resp any) {
	out, err := encode(resp)
	if err != nil {
		a.log.Error("answer is not JSON", "request", r.ID, "error", err)
		WriteInternal(w, http.StatusInternalServerError, r.ID)
		return
	}
	write(w, status, contentType, out)
}

// notExecuted is an answer without data, not with data that is null: that would say that something was executed.
type notExecuted struct {
	Errors gqlerror.List `json:"errors"`
}

// maxWork bounds root fields times bytes: each field can take the whole of a variable, and answer as much.
const maxWork = 8 << 20

// maxErrors is how many of a document's mistakes are told: a short one can have thousands. maxMessage bounds what is told of one, in bytes: the parser
// repeats names.
const (
	maxErrors  = 20
	maxMessage = 500
)

func shorten(errs gqlerror.List) gqlerror.List {
	for _, e := range errs {
		if len(e.Message) > maxMessage {
			e.Message = strings.ToValidUTF8(e.Message[:maxMessage], "") + "…"
		}
	}
	return errs
}

// WriteError answers a request that was not executed.
func WriteError(w http.ResponseWriter, status int, e *keystore.Error) {
	writeError(w, status, &gqlerror.Error{Message: e.Message, Extensions: extensions(e)})
}

// WriteInternal answers a request that failed here for a reason that is in the log, under the request's id.
func WriteInternal(w http.ResponseWriter, status int, id string) {
	writeError(w, status, internal(nil, id))
}

func writeError(w http.ResponseWriter, status int, e *gqlerror.Error) {
	out, err := encode(notExecuted{gqlerror.List{e}})
	if err != nil {
		panic("graph: an error is not encodable") // strings and booleans
	}
	write(w, status, "application/json", out)
}

func encode(resp any) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	err := enc.Encode(resp)
	return out.Bytes(), err
}

func write(w http.ResponseWriter, status int, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType+"; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

func acceptsGraphQL(accept string) bool {
	for part := range strings.SplitSeq(accept, ",") {
		if t, _, err := mime.ParseMediaType(part); err == nil && t == "application/graphql-response+json" {
			return true
		}
	}
	return false
}
