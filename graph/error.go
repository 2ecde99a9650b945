package graph

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"twolock/graph/scalar"
	"twolock/keystore"
)

type requestIDKey struct{}

func withRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestIDKey{}, id)
}

// presenter makes the caller's view of an error. An error is private until it says otherwise: by being a keystore.Error, or what
// GraphQL itself says of a request it does not understand.
func presenter(log *slog.Logger) graphql.ErrorPresenterFunc {
	return func(ctx context.Context, err error) *gqlerror.Error {
		var path ast.Path
		shown, isGraphQL := errors.AsType[*gqlerror.Error](err)
		if isGraphQL {
			path = shown.Path
		} else {
			path = graphql.GetPath(ctx)
		}
		if e, ok := errors.AsType[*keystore.Error](err); ok {
			logUpstream(ctx, log, path, e)
			return &gqlerror.Error{Message: e.Message, Path: path, Extensions: extensions(e)}
		}
		if bad, ok := errors.AsType[scalar.Error](err); ok {
			return &gqlerror.Error{Message: field(path) + string(bad), Path: path, Extensions: code(keystore.BadUserInput)}
		}
		if isGraphQL && shown.Err == nil {
			return &gqlerror.Error{Message: field(path) + shown.Message, Path: path, Locations: shown.Locations, Extensions: code(keystore.BadUserInput)}
		}
		id, _ := ctx.Value(requestIDKey{}).(string)
		log.Error("internal error", "request", id, "path", path.String(), "error", err)
		return internal(path, id)
	}
}

// internal is all that the caller is told of an error that is ours.
func internal(path ast.Path, id string) *gqlerror.Error {
	return &gqlerror.Error{Message: "internal error", Path: path, Extensions: map[string]any{"code": string(keystore.Internal), "requestId": id}}
}

// field names what is wrong by the end of its path, such as "secretShares[0]: ".
func field(path ast.Path) string {
	from := len(path)
	for from > 0 {
		from--
		if _, isName := path[from].(ast.PathName); isName {
			return path[from:].String() + ": "
		}
	}
	return ""
}

func code(c keystore.Code) map[string]any { return map[string]any{"code": string(c)} }

func extensions(e *keystore.Error) map[string]any {
	x := code(e.Code)
	switch e.Code {
	case keystore.UpstreamUnavailable:
		x["upstream"], x["retryable"] = e.Upstream, e.Retryable
	case keystore.Conflict, keystore.RateLimited: // the others are no better the next time
		x["retryable"] = e.Retryable
	}
	return x
}

// logUpstream tells the operator what the caller is not told.
func logUpstream(ctx context.Context, log *slog.Logger, path ast.Path, e *keystore.Error) {
	if e.Err == nil {
		return
	}
	id, _ := ctx.Value(requestIDKey{}).(string)
	log.Warn("operation failed", "request", id, "path", path.String(), "code", e.Code, "error", e)
}

// recovered logs where a panic came from, not what it said: that might be a secret.
func recovered(log *slog.Logger) graphql.RecoverFunc {
	return func(ctx context.Context, p any) error {
		id, _ := ctx.Value(requestIDKey{}).(string)
		log.Error("panic", "request", id, "type", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
		return errors.New("panic")
	}
}
