package graph

import (
	"context"

	"github.com/vektah/gqlparser/v2/ast"
)

// For the tests outside.
var (
	ParseRequest = parseRequest
	LoadSchema   = loadSchema
	Coerce       = coerce
)

// ReadActions returns the action of every root field, "" for a public one.
func ReadActions(s *ast.Schema) (map[string]string, error) { return readActions(s) }

// Cached tells whether a document is remembered.
func (a *API) Cached(query string) bool {
	_, ok := a.docs.cache.Get(context.Background(), query)
	return ok
}
