package graph

import (
	"context"
	"math"
	"strings"

	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
)

// What a document may be. gqlgen's own complexity limit walks fragments again at every spread, which takes 2^60 steps for 2.5 KB,
// and validation is quadratic in repeated fields: so this comes before both, and each fragment is measured once.
const (
	maxDocument   = 16 << 10 // bytes
	maxTokens     = 2000
	maxDepth      = 20 // the introspection query of GraphiQL has 16
	maxRoots      = 100
	maxFields     = 400     // in the text: validation compares each with each
	maxCost       = 100_000 // fields answered at most, with lists taken as listCost; the fullest introspection query has 52,000
	maxReads      = 300     // fields below the root that read the database or a vault by themselves
	maxHeavy      = 4000    // values answered at most that may have some kilobytes: a batch of 1,000 with four each
	maxCached     = 4 << 10
	cachedQueries = 256
)

// listCost is how many elements a list is taken to have.
var listCost = map[string]int{
	"nodes": 100, "edges": 100, "results": 1000, "tags": 20, "usage": 90,
	"types": 10, "fields": 10, "args": 10, "inputFields": 10, "enumValues": 10, "possibleTypes": 10, "interfaces": 10, "directives": 10,
}

// reads are the fields below the root that read by themselves.
var reads = map[string]bool{"keys": true, "keyNamed": true, "revocations": true, "versions": true, "versionNumbered": true, "usage": true}

// heavy are the fields of some kilobytes, or of as much as the request brought, and what they count for: a backup has a hundred versions.
var heavy = map[string]int{
	"bytes": 1, "spki": 1, "pem": 1, "jwk": 1, "multikey": 1, "description": 1, "value": 1, "signature": 1, "ciphertext": 1, "plaintext": 1,
	"secret": 1, "wrappedKey": 1, "unwrappedKey": 1, "wrapped": 1, "backup": 400,
}

// documents admits documents and remembers those that were found good, parsed and validated. What it remembers holds no secret:
// Bytes and JWKs are refused in the text.
type documents struct {
	schema *ast.Schema
	cache  *lru.LRU[*ast.QueryDocument]
}

func newDocuments(s *ast.Schema) *documents {
	return &documents{s, lru.New[*ast.QueryDocument](cachedQueries)}
}

// open returns the document of a query, or why it is not admitted. Small ones are remembered, so that strangers cannot fill the memory.
func (d *documents) open(ctx context.Context, query string) (*ast.QueryDocument, gqlerror.List) {
	if doc, good := d.cache.Get(ctx, query); good {
		return doc, nil
	}
	if len(query) > maxDocument {
		return nil, gqlerror.List{gqlerror.Errorf("query: has %d bytes, the limit is %d; give values as variables", len(query), maxDocument)}
	}
	doc, bad := parser.ParseQueryWithTokenLimit(&ast.Source{Input: query}, maxTokens)
	if bad != nil {
		return nil, gqlerror.List{withoutToken(query, bad)}
	}
	if err := measure(doc); err != nil {
		return nil, gqlerror.List{err}
	}
	if err := checkLiterals(d.schema, doc); err != nil {
		return nil, gqlerror.List{err}
	}
	if len(doc.Operations) == 0 {
		return nil, gqlerror.List{gqlerror.Errorf("no operation provided")}
	}
	if errs := validator.ValidateWithRules(d.schema, doc, nil); len(errs) > 0 {
		return nil, errs
	}
	if len(query) <= maxCached {
		d.cache.Add(ctx, query, doc)
	}
	return doc, nil
}

// withoutToken says where a document cannot be read. What stands there is not repeated where it may be a string: that may be a secret.
func withoutToken(query string, err error) *gqlerror.Error {
	e := gqlerror.WrapIfUnwrapped(err)
	if strings.Contains(query, `"`) {
		return &gqlerror.Error{Message: "query: cannot be read from here on", Locations: e.Locations}
	}
	return &gqlerror.Error{Message: "query: " + e.Message, Locations: e.Locations}
}

// size is what a selection takes. copies are the heavy values with lists taken as one: of a batch, the items share what the request brought.
type size struct{ depth, cost, roots, reads, heavy, copies int }

type meter struct {
	fragments ast.FragmentDefinitionList
	seen      map[string]*size // nil while under way
}

// measure looks at fragments that nobody uses too, for validation does.
func measure(doc *ast.QueryDocument) *gqlerror.Error {
	m := &meter{doc.Fragments, map[string]*size{}}
	fields := 0
	for _, f := range doc.Fragments {
		fields += written(f.SelectionSet)
		s := m.fragment(f.Name)
		s.roots = 0 // it need not be at the root
		if err := s.check(); err != nil {
			return err
		}
	}
	for _, op := range doc.Operations {
		fields += written(op.SelectionSet)
		if err := m.selection(op.SelectionSet, false).check(); err != nil {
			return err
		}
	}
	if fields > maxFields {
		return gqlerror.Errorf("query: has more than %d fields in its text", maxFields)
	}
	return nil
}

// written counts the fields in the text.
func written(set ast.SelectionSet) (n int) {
	for _, sel := range set {
		switch sel := sel.(type) {
		case *ast.Field:
			n += 1 + written(sel.SelectionSet)
		case *ast.InlineFragment:
			n += written(sel.SelectionSet)
		}
	}
	return n
}

func (s size) check() *gqlerror.Error {
	switch {
	case s.depth > maxDepth:
		return gqlerror.Errorf("query: is nested deeper than %d", maxDepth)
	case s.roots > maxRoots:
		return gqlerror.Errorf("query: has more than %d fields at its root", maxRoots)
	case s.cost > maxCost:
		return gqlerror.Errorf("query: could answer more than %d fields", maxCost)
	case s.reads > maxReads:
		return gqlerror.Errorf("query: could read more than %d lists and keys below its root", maxReads)
	case s.heavy > maxHeavy:
		return gqlerror.Errorf("query: could answer more than %d values of some kilobytes, such as keys and signatures", maxHeavy)
	}
	return nil
}

// selection measures a selection. ofSchema: what it selects describes the schema, whose texts are short.
func (m *meter) selection(set ast.SelectionSet, ofSchema bool) (total size) {
	for _, sel := range set {
		var s size
		switch sel := sel.(type) {
		case *ast.Field:
			s = m.field(sel, ofSchema)
		case *ast.InlineFragment:
			s = m.selection(sel.SelectionSet, ofSchema)
		case *ast.FragmentSpread:
			s = m.fragment(sel.Name)
		}
		total = size{
			max(total.depth, s.depth), add(total.cost, s.cost), add(total.roots, s.roots), add(total.reads, s.reads), add(total.heavy, s.heavy),
			add(total.copies, s.copies),
		}
	}
	return total
}

func (m *meter) field(f *ast.Field, ofSchema bool) size {
	ofSchema = ofSchema || strings.HasPrefix(f.Name, "__")
	s, n := m.selection(f.SelectionSet, ofSchema), max(listCost[f.Name], 1)
	s = size{s.depth + 1, add(1, multiply(s.cost, n)), 1, multiply(s.reads, n), multiply(s.heavy, n), s.copies}
	if reads[f.Name] && !ofSchema {
		s.reads = add(s.reads, 1)
	}
	if weight := heavy[f.Name]; !ofSchema && len(f.SelectionSet) == 0 {
		s.heavy, s.copies = add(s.heavy, weight), add(s.copies, min(weight, 1))
	}
	return s
}

// copies is how often an operation may answer with as much as its request brought.
func copies(doc *ast.QueryDocument, op *ast.OperationDefinition) int {
	m := &meter{doc.Fragments, map[string]*size{}}
	return m.selection(op.SelectionSet, false).copies
}

// fragment measures a fragment once. One that spreads itself counts as endless.
func (m *meter) fragment(name string) size {
	if s, ok := m.seen[name]; ok {
		if s == nil {
			return size{depth: math.MaxInt32}
		}
		return *s
	}
	m.seen[name] = nil
	f := m.fragments.ForName(name)
	if f == nil {
		return size{} // validation will say so
	}
	s := m.selection(f.SelectionSet, strings.HasPrefix(f.TypeCondition, "__"))
	m.seen[name] = &s
	return s
}

// add and multiply stop at a ceiling instead of wrapping round.
func add(a, b int) int      { return min(a+b, math.MaxInt32) }
func multiply(a, b int) int { return min(a*b, math.MaxInt32) }
