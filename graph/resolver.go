package graph

//go:generate go tool gqlgen generate

import (
	"context"

	"twolock/auth"
	"twolock/keystore"
)

// Resolver hands each field to the domain; it decides nothing.
type Resolver struct{ service *keystore.Service }

type callerKey struct{}

func withCaller(ctx context.Context, c *auth.Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

// caller is who sent the request: API.Serve puts it there, for GraphQL has no other way to a resolver.
func caller(ctx context.Context) *auth.Caller {
	c, ok := ctx.Value(callerKey{}).(*auth.Caller)
	if !ok {
		return &auth.Caller{} // nobody, who may do nothing
	}
	return c
}
