package web_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

// notInConsole has what people in a browser have no page for, and why.
var notInConsole = map[string]string{}

// What the API can do, a person with a browser can: each field of Query and Mutation is asked for by an operation that a page uses, with everything that it takes.
func TestConsoleIsComplete(t *testing.T) {
	sources(t, "../graph/schema.graphqls")
	sources(t, "console/operations.graphql")
	schema := readFile(t, "../graph/schema.graphqls")
	operations, pages := readFile(t, "console/operations.graphql"), consoleSources(t)
	for _, missing := range missingInConsole(t, schema, operations, pages) {
		t.Errorf("%s: the console does not have it", missing)
	}
	// It is seen when something is missing.
	for _, c := range []struct{ schema, operations, pages, want string }{
		{schema + "\nextend type Mutation { burnKey(input: SignInput!): SignPayload! }", operations, pages, "Mutation.burnKey"},
		{schema + "\nextend input SignInput { prehashed: Boolean }", operations, pages, "SignInput.prehashed"},
		{schema, strings.Replace(operations, "mutation Seal(", "mutation Sealed(", 1), pages, "Mutation.seal"},
		{schema, operations, strings.ReplaceAll(pages, "documents.Open", "documents.Closed"), "Mutation.open"},
	} {
		if got := missingInConsole(t, c.schema, c.operations, c.pages); !slices.Contains(got, c.want) {
			t.Errorf("without %s: got %v", c.want, got)
		}
	}
}

// A page has an operation by an import of its own, or as a member of all.
var (
	wordPattern   = regexp.MustCompile(`\w+`)
	importPattern = regexp.MustCompile(`import \{([^}]*)\} from '[./]+operations\.ts'`)
	memberPattern = regexp.MustCompile(`\b(?:documents|operations)\.(\w+)`)
)

func missingInConsole(t *testing.T, schemaText, operationsText, pages string) []string {
	t.Helper()
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: "schema", Input: schemaText})
	if err != nil {
		t.Fatal(err)
	}
	operations, errs := gqlparser.LoadQueryWithRules(schema, operationsText, nil)
	if errs != nil {
		t.Fatal(errs)
	}
	words, used := map[string]bool{}, map[string]bool{}
	for _, word := range wordPattern.FindAllString(pages, -1) {
		words[word] = true
	}
	for _, member := range memberPattern.FindAllStringSubmatch(pages, -1) {
		used[member[1]] = true
	}
	for _, imported := range importPattern.FindAllStringSubmatch(pages, -1) {
		for _, word := range wordPattern.FindAllString(imported[1], -1) {
			used[word] = true
		}
	}
	asked := map[string]bool{}
	for _, operation := range operations.Operations {
		if used[operation.Name] {
			for _, field := range operation.SelectionSet {
				asked[field.(*ast.Field).Name] = true
			}
		}
	}
	var missing []string
	inputs := map[string]bool{}
	var take func(name string)
	take = func(name string) {
		definition := schema.Types[name]
		if inputs[name] || definition == nil || definition.Kind != ast.InputObject {
			return
		}
		inputs[name] = true
		for _, field := range definition.Fields {
			if !words[field.Name] {
				missing = append(missing, name+"."+field.Name)
			}
			take(field.Type.Name())
		}
	}
	for _, root := range []*ast.Definition{schema.Query, schema.Mutation} {
		for _, field := range root.Fields {
			if strings.HasPrefix(field.Name, "__") {
				continue
			}
			if name := fmt.Sprintf("%s.%s", root.Name, field.Name); !asked[field.Name] && notInConsole[name] == "" {
				missing = append(missing, name)
			}
			for _, argument := range field.Arguments {
				take(argument.Type.Name())
			}
		}
	}
	return missing
}

// consoleSources is what the console's pages are written in, without what is generated.
func consoleSources(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir("console", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if ext := filepath.Ext(path); (ext == ".ts" || ext == ".tsx") && path != "console/operations.ts" {
			all.WriteString(readFile(t, path))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
