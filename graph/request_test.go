package graph_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"twolock/graph"
	"twolock/server/servertest"
)

const canary = "Y2FuYXJ5LXNlY3JldC1zaGFyZQ"

// A body that is not exactly one GraphQL request is refused with its error, and none of it is repeated: not in the answer, not in the log.
func TestBodiesThatAreRefused(t *testing.T) {
	s := servertest.Start(t)
	url := s.URL + "/graphql"
	ok := `"query":"{service{name}}"`
	for name, c := range map[string]struct{ body, want string }{
		"empty":                           {``, "body:"},
		"not JSON":                        {`query=` + canary, "body:"},
		"cut off":                         {`{` + ok + `,"variables":{"share":"` + canary, "body:"},
		"a string with a line break":      {"{" + ok + `,"variables":{"share":"` + canary + "\n" + `"}}`, "body:"},
		"single quotes":                   {`{'query':'` + canary + `'}`, "body:"},
		"a comment":                       {`{` + ok + `/* ` + canary + ` */}`, "body:"},
		"a comma at the end":              {`{` + ok + `,"variables":{"share":"` + canary + `",}}`, "body:"},
		"null":                            {`null`, "query:"},
		"a string":                        {`"` + canary + `"`, "body:"},
		"a number":                        {`1`, "body:"},
		"a batch":                         {`[{` + ok + `},{"query":"` + canary + `"}]`, "body:"},
		"a batch of one":                  {`[{` + ok + `}]`, "body:"},
		"an empty batch":                  {`[]`, "body:"},
		"two documents":                   {`{` + ok + `}{"query":"` + canary + `"}`, "body:"},
		"rubbish after":                   {`{` + ok + `}` + canary, "body:"},
		"two members query":               {`{` + ok + `,"query":"` + canary + `"}`, "body:"},
		"a member QUERY":                  {`{` + ok + `,"QUERY":"` + canary + `"}`, "body:"},
		"only a member QUERY":             {`{"QUERY":"{service{name}}","x":"` + canary + `"}`, "body:"},
		"a member Variables":              {`{` + ok + `,"Variables":{"share":"` + canary + `"}}`, "body:"},
		"two members variables":           {`{` + ok + `,"variables":{},"variables":{"share":"` + canary + `"}}`, "body:"},
		"an unknown member":               {`{` + ok + `,"share":"` + canary + `"}`, "body:"},
		"an escaped name, twice":          {`{` + ok + `,"\u0071uery":"` + canary + `"}`, "body:"},
		"two members in variables":        {`{` + ok + `,"variables":{"share":1,"share":"` + canary + `"}}`, "body:"},
		"two members deep in variables":   {`{` + ok + `,"variables":{"a":[{"b":{"c":1,"c":"` + canary + `"}}]}}`, "body:"},
		"two members, one of them spelt":  {`{` + ok + `,"variables":{"a":{"share":1,"sh\u0061re":"` + canary + `"}}}`, "body:"},
		"two members in extensions":       {`{` + ok + `,"extensions":{"a":1,"a":"` + canary + `"}}`, "body:"},
		"query is null":                   {`{"query":null,"variables":{"share":"` + canary + `"}}`, "query:"},
		"query is empty":                  {`{"query":"","variables":{"share":"` + canary + `"}}`, "query:"},
		"no query":                        {`{"variables":{"share":"` + canary + `"}}`, "query:"},
		"query is a number":               {`{"query":1,"variables":{"share":"` + canary + `"}}`, "body:"},
		"query is an object":              {`{"query":{"share":"` + canary + `"}}`, "body:"},
		"query is a list":                 {`{"query":["{service{name}}"],"variables":{"share":"` + canary + `"}}`, "body:"},
		"variables are a list":            {`{` + ok + `,"variables":["` + canary + `"]}`, "variables:"},
		"variables are a string":          {`{` + ok + `,"variables":"{\"share\":\"` + canary + `\"}"}`, "variables:"},
		"variables are a number":          {`{` + ok + `,"variables":7}`, "variables:"},
		"variables are false":             {`{` + ok + `,"variables":false}`, "variables:"},
		"extensions are a list":           {`{` + ok + `,"extensions":["` + canary + `"]}`, "extensions:"},
		"extensions are a string":         {`{` + ok + `,"extensions":"` + canary + `"}`, "extensions:"},
		"operationName is a number":       {`{` + ok + `,"operationName":7,"variables":{"share":"` + canary + `"}}`, "body:"},
		"operationName is another":        {`{` + ok + `,"operationName":"other"}`, "other"},
		"invalid UTF-8":                   {"{" + ok + `,"variables":{"share":"` + canary + "\xff" + `"}}`, "body:"},
		"invalid UTF-8 in the query":      {`{"query":"{service{name}} # ` + canary + "\xc0\xaf" + `"}`, "body:"},
		"half a surrogate pair":           {`{` + ok + `,"variables":{"share":"` + canary + `\ud800"}}`, "body:"},
		"a surrogate pair the wrong way":  {`{` + ok + `,"variables":{"share":"` + canary + `\udc00\ud800"}}`, "body:"},
		"a byte order mark":               {"\xef\xbb\xbf{" + ok + `,"variables":{"share":"` + canary + `"}}`, "body:"},
		"UTF-16":                          {"{\x00\"\x00q\x00", "body:"},
		"an APQ hash instead of a query":  {`{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"` + canary + `"}}}`, "query:"},
		"a file upload's operations":      {`{"operations":{` + ok + `},"map":{"0":["` + canary + `"]}}`, "body:"},
		"numbers JSON does not have":      {`{` + ok + `,"variables":{"a":NaN,"share":"` + canary + `"}}`, "body:"},
		"a number with a leading zero":    {`{` + ok + `,"variables":{"a":01,"share":"` + canary + `"}}`, "body:"},
		"a name that is not a string":     {`{` + ok + `,"variables":{1:"` + canary + `"}}`, "body:"},
		"a syntax error at a string":      {`{"query":"{ service \"` + canary + `\" }"}`, "query:"},
		"a string for a document":         {`{"query":"\"` + canary + `\""}`, "query:"},
		"a block string for a document":   {`{"query":"\"\"\"` + canary + `\"\"\""}`, "query:"},
		"a description where none goes":   {`{"query":"\"` + canary + `\" {service{name}}"}`, "query:"},
		"a string for a keyword":          {`{"query":"fragment a \"` + canary + `\""}`, "query:"},
		"half an escape":                  {`{"query":"{key(id:\"` + canary + `\\u12"}`, "query:"},
		"a string after the document":     {`{"query":"{service{name}} \"` + canary + `\""}`, "query:"},
		"a string for a directive":        {`{"query":"{service @\"` + canary + `\" {name}}"}`, "query:"},
		"a syntax error after a string":   {`{"query":"{ key(id:\"` + canary + `\") { id } } }"}`, "query:"},
		"a string that does not end":      {`{"query":"{ key(id:\"` + canary + `) { id } }"}`, "query:"},
		"a block string that has no end":  {`{"query":"{ key(id:\"\"\"` + canary + `) { id } }"}`, "query:"},
		"an escape that does not exist":   {`{"query":"{ key(id:\"` + canary + `\\q\") { id } }"}`, "query:"},
		"a syntax error without a string": {`{"query":"{ service { name }"}`, "query:"},
	} {
		t.Run(name, func(t *testing.T) {
			a := s.Post(nil, url, "", []byte(c.body))
			if a.Code() != "BAD_USER_INPUT" || a.Data != nil {
				t.Fatalf("got %d %s, want BAD_USER_INPUT", a.Status, a.Body)
			}
			if !strings.Contains(a.Errors[0].Message, c.want) {
				t.Errorf("message %q does not say %q", a.Errors[0].Message, c.want)
			}
			if bytes.Contains(a.Body, []byte(canary)) {
				t.Errorf("the answer repeats the body: %s", a.Body)
			}
		})
	}
	if strings.Contains(s.Log.String(), canary) {
		t.Errorf("the log repeats a body: %s", s.Log)
	}
}

// What GraphQL clients send beside a query is taken.
func TestBodiesThatAreTaken(t *testing.T) {
	s := servertest.Start(t)
	named := `"query":"query A{service{name}} query B{service{version}}"`
	for name, c := range map[string]struct{ body, want string }{
		"query":                  {`{"query":"{service{name}}"}`, "twolock"},
		"everything":             {`{"operationName":"A","variables":{},"extensions":{},` + named + `}`, "twolock"},
		"everything null":        {`{"query":"{service{name}}","operationName":null,"variables":null,"extensions":null}`, "twolock"},
		"the other operation":    {`{"operationName":"B",` + named + `}`, `"version":"test"`},
		"variables of no use":    {`{"query":"{service{name}}","variables":{"a":{"b":[1,2.5e300,null,true]}}}`, "twolock"},
		"extensions of no use":   {`{"query":"{service{name}}","extensions":{"clientLibrary":{"name":"x"}}}`, "twolock"},
		"white space":            {" \t\r\n{ \"query\" : \"{service{name}}\" } \n", "twolock"},
		"an escaped name":        {`{"\u0071uery":"{service{name}}"}`, "twolock"},
		"a variable":             {`{"query":"query($a:Boolean!){service{name @include(if:$a) version @skip(if:$a)}}","variables":{"a":true}}`, `{"name":"twolock"}`},
		"a whole surrogate pair": {`{"query":"{service{name}}","variables":{"a":"\ud83d\ude00"}}`, "twolock"},
	} {
		t.Run(name, func(t *testing.T) {
			a := s.Post(nil, s.URL+"/graphql", "", []byte(c.body))
			if len(a.Errors) > 0 || !bytes.Contains(a.Body, []byte(c.want)) {
				t.Errorf("got %d %s, want %s", a.Status, a.Body, c.want)
			}
		})
	}
	a := s.Post(nil, s.URL+"/graphql", "", []byte(`{`+named+`}`))
	if a.Code() != "BAD_USER_INPUT" {
		t.Errorf("two operations without a name: got %s", a.Body)
	}
}

// The status follows GraphQL over HTTP: what was not executed is 400 for clients that know application/graphql-response+json, and 200 for the
// older ones; what is not even a request is 400 for all.
func TestStatus(t *testing.T) {
	s := servertest.Start(t)
	const graphqlJSON = "application/graphql-response+json"
	for _, c := range []struct {
		body, accept string
		status       int
		contentType  string
	}{
		{`{"query":"{service{name}}"}`, "", 200, "application/json"},
		{`{"query":"{service{name}}"}`, "*/*", 200, "application/json"},
		{`{"query":"{service{name}}"}`, graphqlJSON, 200, graphqlJSON},
		{`{"query":"{service{name}}"}`, "application/json;q=0.5, " + graphqlJSON + "; charset=utf-8", 200, graphqlJSON},
		{`{"query":"{nothing}"}`, "application/json", 200, "application/json"},
		{`{"query":"{nothing}"}`, graphqlJSON, 400, graphqlJSON},
		{`{"query":"{key(id:\"x\"){id}}"}`, graphqlJSON, 200, graphqlJSON},
		{`{`, "application/json", 400, "application/json"},
	} {
		r := s.Request(s.URL+"/graphql", []byte(c.body))
		r.Header.Set("Accept", c.accept)
		a := s.Send(r)
		if a.Status != c.status || a.Header.Get("Content-Type") != c.contentType+"; charset=utf-8" {
			t.Errorf("%s, Accept %q: got %d %s, want %d %s", c.body, c.accept, a.Status, a.Header.Get("Content-Type"), c.status, c.contentType)
		}
	}
}

// All that a refused body is told: nothing of it is in there.
var refusals = []string{
	"body: is nested deeper than 32", "body: has more than 20000 values",
	"body: is not a JSON object with query, operationName and variables, each once",
	"query: is missing", "variables: is not a JSON object", "extensions: is not a JSON object",
}

// Whatever is taken is one JSON object that the standard library reads alike, and nothing but it; whatever is refused is refused in words
// that are ours.
func FuzzParseRequest(f *testing.F) {
	for _, seed := range []string{
		`{"query":"{service{name}}"}`, `{"query":"q","operationName":"A","variables":{"a":[1,{"b":null}]},"extensions":{}}`,
		`{"query":"q","QUERY":"r"}`, `{"query":"q","query":"r"}`, `[{"query":"q"}]`, `{"query":"q"}{"query":"r"}`, `{"query":null}`,
		`{"query":"q","variables":{"a":1,"a":2}}`, `{"query":"\ud800"}`, "{\"query\":\"\xff\"}", `{"query":"q","variables":[[[[]]]]}`, ``, `null`,
		`{"query":"q","variables":{"a":"\\\"[{,"}}`, `{"query":"q","variables":{"a":1e999}}`, strings.Repeat("[", 40), "\xef\xbb\xbf{}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := graph.ParseRequest(data)
		if err != nil {
			if !slices.Contains(refusals, err.Error()) {
				t.Errorf("refused with %q", err)
			}
			return
		}
		if !json.Valid(data) || p.Query == "" {
			t.Fatalf("%q is taken", data)
		}
		var members map[string]json.RawMessage
		if err := json.Unmarshal(data, &members); err != nil {
			t.Fatalf("%q is taken: %v", data, err)
		}
		for name := range members {
			if !slices.Contains([]string{"query", "operationName", "variables", "extensions"}, name) {
				t.Errorf("member %q is taken", name)
			}
		}
		var query string
		if json.Unmarshal(members["query"], &query) != nil || query != p.Query {
			t.Errorf("query is read as %q, by the standard library as %q", p.Query, query)
		}
		again, err := json.Marshal(map[string]any{"query": p.Query, "operationName": p.OperationName, "variables": p.Variables})
		if err != nil {
			t.Fatal(err)
		}
		if q, err := graph.ParseRequest(again); err != nil || !reflect.DeepEqual(p, q) {
			t.Errorf("written and read again: %v, %#v instead of %#v", err, q, p)
		}
	})
}
