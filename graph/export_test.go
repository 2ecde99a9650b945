package graph

import (
	"context"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
)

// For the tests outside.
var (
	ParseRequest  = parseRequest
	LoadSchema    = loadSchema
	Coerce        = coerce
	CheckLiterals = checkLiterals
)

// ReadActions returns the action of every root field, "" for a public one.
func ReadActions(s *ast.Schema) (map[string]string, error) { return readActions(s) }

// Cached tells whether a document is remembered.
func (a *API) Cached(query string) bool {
	_, ok := a.docs.cache.Get(context.Background(), query)
	return ok
}

// Measure tells why a document is too large, if it is.
func Measure(document string) error {
	doc, err := parser.ParseQuery(&ast.Source{Input: document})
	if err != nil {
		return err
	}
	if err := measure(doc); err != nil {
		return err
	}
	return nil
}

// Admit returns an API's look at documents: why one is not admitted.
func Admit(s *ast.Schema) func(ctx context.Context, query string) gqlerror.List {
	docs := newDocuments(s)
	return func(ctx context.Context, query string) gqlerror.List {
		_, errs := docs.open(ctx, query)
		return errs
	}
}
