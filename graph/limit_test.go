package graph_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"twolock/graph"
	"twolock/server/servertest"
)

// cpu is the processor time that this process used so far.
func cpu() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// query is a body with a document.
func query(document string) []byte {
	b, _ := json.Marshal(map[string]any{"query": document})
	return b
}

// doubling is n fragments, each of which spreads the next one twice; the last one has the leaf.
func doubling(n int, leaf string) string {
	var s strings.Builder
	for i := range n {
		fmt.Fprintf(&s, "fragment f%d on Service { ...f%d ...f%d }\n", i, i+1, i+1)
	}
	fmt.Fprintf(&s, "fragment f%d on Service { %s }\n", n, leaf)
	return s.String()
}

// Documents and bodies that cost much more than they weigh are refused. Each took seconds, or for ever, in a server that leaves its limits to
// the libraries. The figures are printed, not judged: what is judged is that the test ends.
func TestExpensiveRequestsAreRefused(t *testing.T) {
	s := servertest.Start(t)
	repeat := strings.Repeat
	for _, c := range []struct {
		name string
		body []byte
		want string // in the message
	}{
		{"60 fragments, each spread twice", query("{service{...f0}}" + doubling(60, "name")), "could answer more"},
		{"60 fragments, deep", query("{service{...f0}}" + doubling(60, "name ...f0")), "nested deeper"},
		{"60 fragments that end nowhere", query("{service{...f0}}" + doubling(60, "...gone")), "gone"},
		{"60 fragments that nobody uses", query("{service{name}}" + doubling(60, "name")), "could answer more"},
		{"60 fragments of one name", query("{service{name}}" + repeat("fragment a on Service{name name ...b}", 60) + "fragment b on Service{name}"), "a"},
		{"a fragment that spreads itself", query("{service{...a}} fragment a on Service {name ...a}"), "nested deeper"},
		{"fragments that spread each other", query("{service{...a}} fragment a on Service {...b} fragment b on Service {...a}"), "nested deeper"},
		{"a cycle that nobody uses", query("{service{name}} fragment a on Service {...b} fragment b on Service {...a}"), "nested deeper"},
		{"nested 600 deep", query(repeat("{service", 600) + repeat("}", 600)), "nested deeper"},
		{"nested 21 deep", query(repeat("{service", 21) + repeat("}", 21)), "nested deeper"},
		{"inline fragments 600 deep", query("{service{" + repeat("...{", 600) + "nothing" + repeat("}", 602)), "nothing"},
		{"a list 900 deep", query("{key(id:" + repeat("[", 900) + repeat("]", 900) + "){id}}"), "ID"},
		{"an object 500 deep", query("mutation{sign(input:" + repeat("{key:", 450) + "1" + repeat("}", 450) + "){version}}"), "key"},
		{"10,000 times the same field", query("{service{" + repeat("name ", 10_000) + "}}"), "16384"},
		{"3,000 times the same field", query("{service{" + repeat("name ", 3_000) + "}}"), "token limit"},
		{"1,900 unknown fields", query("{service{" + repeat("nam ", 1_900) + "}}"), "more than 400 fields in its text"},
		{"400 unknown fields", query("{service{" + repeat("nam ", 399) + "}}"), "nam"},
		{"400 fields that contradict each other", query("{service{" + repeat("a:name a:version ", 199) + "}}"), "conflict"},
		{"401 fields in fragments", query("{service{...a ...b}} fragment a on Service{" + repeat("name ", 200) + "} fragment b on Service{" + repeat("name ", 200) + "}"), "more than 400 fields in its text"},
		{"versions of 100 keys, under 280 aliases", query("query($i:ID!){keystore(id:$i){keys(first:100){nodes{" + many(280, "versions{...p}") + "}}}} fragment p on KeyVersionConnection{pageInfo{hasNextPage}}"), "could read more"},
		{"versions of 100 keys, in a fragment", query("query($i:ID!){keystore(id:$i){keys{nodes{...a ...b ...c}}}} fragment a on Key{a:versions{...p}} fragment b on Key{b:versions{...p}} fragment c on Key{c:versions{...p}} fragment p on KeyVersionConnection{pageInfo{hasNextPage}}"), "could read more"},
		{"a batch's signatures, under 90 aliases", query("mutation($i:SignBatchInput!){signBatch(input:$i){results{" + many(90, "signature") + "}}}"), "some kilobytes"},
		{"public keys of 100 keys, in 41 forms", query("query($i:ID!){keystore(id:$i){keys{nodes{publicKey{" + many(41, "pem") + "}}}}}"), "some kilobytes"},
		{"a backup, under 11 aliases", query("mutation($i:BackupKeyInput!){backupKey(input:$i){" + many(11, "backup") + "}}"), "some kilobytes"},
		{"a name of 15,000 letters", query("{service{" + repeat("x", 15_000) + "}}"), "xxx"},
		{"20,000 aliases", query("{" + aliases(20_000) + "}"), "16384"},
		{"101 aliases", query("{" + aliases(101) + "}"), "more than 100 fields"},
		{"101 aliases in a fragment", query("{...a} fragment a on Query {" + aliases(101) + "}"), "more than 100 fields"},
		{"128 aliases by doubling", query("{...f0}" + strings.ReplaceAll(doubling(7, "__typename"), "Service", "Query")), "more than 100 fields"},
		{"50,000 directives", query("{service{name " + repeat("@a", 50_000) + "}}"), "16384"},
		{"900 directives", query("{service{name " + repeat("@a", 900) + "}}"), "a"},
		{"250 skips", query("{service{name " + repeat("@skip(if:false)", 250) + "}}"), "skip"},
		{"700 operations", query(operations(700)), "token limit"},
		{"300 operations without a name", query(operations(300)), "operation"},
		{"600 variables", query("query(" + variables(600) + "){__typename}"), "token limit"},
		{"400 variables that nobody uses", query("query(" + variables(400) + "){__typename}"), "v0"},
		{"types of fields of types", query("{__schema{types{fields{type{fields{type{fields{type{fields{name}}}}}}}}}}"), "could answer more"},
		{"types of fields of types, once", query("{__type(name:\"Key\"){fields{type{fields{type{fields{name}}}}}}}"), "introspection depth"},
		{"the schema, forty times", query("{" + introspections(40) + "}"), "could answer more"},
		{"a deferred fragment", query("{service{name ...@defer{version}}}"), "defer"},
		{"a deferred spread", query("{service{...a @defer}} fragment a on Service {version}"), "defer"},
		{"a subscription", query("subscription{service{name}}"), "subscription"},
		{"900 KB of comment", query("{service{name}}#" + repeat("x", 900_000)), "16384"},
		{"900 KB of string", query(`{key(id:"` + repeat("x", 900_000) + `"){id}}`), "16384"},
		{"nothing", query(" "), "no operation"},
		{"200,000 nested lists in variables", []byte(`{"query":"{service{name}}","variables":{"a":` + repeat("[", 200_000) + repeat("]", 200_000) + `}}`), "nested deeper than 32"},
		{"150,000 nested objects in variables", []byte(`{"query":"{service{name}}","variables":` + repeat(`{"a":`, 150_000) + `1` + repeat("}", 150_000) + `}`), "nested deeper than 32"},
		{"33 nested lists in extensions", []byte(`{"query":"{service{name}}","extensions":{"a":` + repeat("[", 31) + repeat("]", 31) + `}}`), "nested deeper than 32"},
		{"500,000 numbers", []byte(`{"query":"{service{name}}","variables":{"a":[0` + repeat(",0", 500_000) + `]}}`), "more than 20000 values"},
		{"300,000 empty lists", []byte(`{"query":"{service{name}}","variables":{"a":[[]` + repeat(",[]", 300_000) + `]}}`), "more than 20000 values"},
		{"1 MiB of brackets in a string that does not end", []byte(`{"query":"` + repeat("[", 1_000_000)), "is not a JSON object"},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := cpu()
			a := s.Post(nil, s.URL+"/graphql", "", c.body)
			t.Logf("%d bytes: %v CPU, client included; answer of %d bytes", len(c.body), cpu()-before, len(a.Body))
			if a.Code() != "BAD_USER_INPUT" || a.Data != nil {
				t.Fatalf("got %d %.300s, want BAD_USER_INPUT and no data", a.Status, a.Body)
			}
			if !strings.Contains(a.Errors[0].Message, c.want) {
				t.Errorf("message %.200q does not say %q", a.Errors[0].Message, c.want)
			}
			for _, e := range a.Errors {
				if len(e.Message) > 600 {
					t.Errorf("a message has %d bytes", len(e.Message))
				}
			}
			if len(a.Body) > 20_000 {
				t.Errorf("the answer has %d bytes", len(a.Body))
			}
		})
	}
	if log := s.Log.String(); strings.Contains(log, "ERROR") || strings.Contains(log, "panic") {
		t.Errorf("logged: %.2000s", log)
	}
}

func aliases(n int) string {
	var s strings.Builder
	for i := range n {
		fmt.Fprintf(&s, "a%d:__typename ", i)
	}
	return s.String()
}

func operations(n int) string { return strings.Repeat("{__typename}", n) }

func variables(n int) string {
	var s strings.Builder
	for i := range n {
		fmt.Fprintf(&s, "$v%d:Int ", i)
	}
	return s.String()
}

func introspections(n int) string {
	var s strings.Builder
	for i := range n {
		fmt.Fprintf(&s, "a%d:__schema{types{fields{args{name type{name}}}}}", i)
	}
	return s.String()
}

// What is dear but within the limits is answered: the worst documents that pass, with what they take.
func TestDearestRequestsThatPass(t *testing.T) {
	s := servertest.Start(t)
	for _, c := range []struct {
		name string
		body []byte
	}{
		{"399 times the same field", query("{service{" + strings.Repeat("name ", 399) + "}}")},
		{"397 fields in fragments that are compared with each other", query("{service{...a ...b ...c}}" + threeFragments())},
		{"100 aliases", query("{" + aliases(100) + "}")},
		{"the same field through 8 doublings", query("{service{...f0}}" + doubling(8, "name"))},
		{"20,000 variables' worth of numbers", []byte(`{"query":"{service{name}}","variables":{"a":[0` + strings.Repeat(",0", 19_000) + `]}}`)},
		{"32 nested lists", []byte(`{"query":"{service{name}}","variables":{"a":` + strings.Repeat("[", 30) + strings.Repeat("]", 30) + `}}`)},
		{"brackets in a string", []byte(`{"query":"{service{name}}","variables":{"a":"` + strings.Repeat(`[\"`, 50_000) + `"}}`)},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := cpu()
			a := s.Post(nil, s.URL+"/graphql", "", c.body)
			t.Logf("%d bytes: %v CPU, client included", len(c.body), cpu()-before)
			if len(a.Errors) > 0 || a.Status != 200 {
				t.Errorf("got %d %.300s, want data", a.Status, a.Body)
			}
		})
	}
}

func threeFragments() string {
	names := strings.Repeat("name ", 132)
	return "fragment a on Service{" + names + "} fragment b on Service{" + names + "} fragment c on Service{" + names + "}"
}

// No request leaves a goroutine behind.
func TestRequestsLeaveNothingBehind(t *testing.T) {
	s := servertest.Start(t)
	send := func() { s.Post(nil, s.URL+"/graphql", "", query("{service{name ...@defer{version}}}")) }
	send()
	before := runtime.NumGoroutine()
	for range 50 {
		send()
	}
	for range 50 {
		if runtime.NumGoroutine() < before+25 {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("50 requests left %d goroutines", runtime.NumGoroutine()-before)
}

// The queries by which tools learn the schema: GraphiQL's and code generators', which is graphql-js's getIntrospectionQuery, plain and with
// every option it has.
func TestIntrospectionQueries(t *testing.T) {
	s := servertest.Start(t)
	for name, options := range map[string]introspectionOptions{"plain": {}, "all options": {true}} {
		t.Run(name, func(t *testing.T) {
			before := cpu()
			a := s.Post(nil, s.URL+"/graphql", "", query(introspection(options)))
			t.Logf("%v CPU, client included; answer of %d bytes", cpu()-before, len(a.Body))
			if len(a.Errors) > 0 || !bytes.Contains(a.Data, []byte(`"CreateKeystorePayload"`)) {
				t.Fatalf("got %d %.500s", a.Status, a.Body)
			}
			if bytes.Contains(a.Data, []byte(`"defer"`)) {
				t.Error("the schema offers @defer, which is refused")
			}
		})
	}
}

type introspectionOptions struct{ all bool }

// introspection asks for what getIntrospectionQuery asks for: types with nine levels of wrapping.
func introspection(o introspectionOptions) string {
	if o.all {
		return strings.NewReplacer("DESCRIPTION", "description", "URL", "specifiedByURL", "ONEOF", "isOneOf", "REPEATABLE", "isRepeatable",
			"SCHEMADESC", "description", "DEPRECATED", "(includeDeprecated: true)", "VALUE", "isDeprecated deprecationReason").Replace(introspectionQuery)
	}
	return strings.NewReplacer("DESCRIPTION", "description", "URL", "", "ONEOF", "", "REPEATABLE", "", "SCHEMADESC", "", "DEPRECATED", "",
		"VALUE", "").Replace(introspectionQuery)
}

const introspectionQuery = `query IntrospectionQuery {
  __schema {
    SCHEMADESC queryType { name kind } mutationType { name kind } subscriptionType { name kind }
    types { ...FullType }
    directives { name DESCRIPTION REPEATABLE locations args DEPRECATED { ...InputValue } }
  }
}
fragment FullType on __Type {
  kind name DESCRIPTION URL ONEOF
  fields(includeDeprecated: true) { name DESCRIPTION args DEPRECATED { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason }
  inputFields DEPRECATED { ...InputValue }
  interfaces { ...TypeRef }
  enumValues(includeDeprecated: true) { name DESCRIPTION isDeprecated deprecationReason }
  possibleTypes { ...TypeRef }
}
fragment InputValue on __InputValue { name DESCRIPTION type { ...TypeRef } defaultValue VALUE }
fragment TypeRef on __Type {
  kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name
    ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } } }
`

// What clients ask for in earnest is within the limits on reads and on heavy values; one more is not.
func TestLimitsOfReadsAndHeavyValues(t *testing.T) {
	for _, c := range []struct{ document, refusal string }{
		{"query($i:ID!){keystore(id:$i){keys{nodes{id publicKey{bytes spki pem jwk multikey} description tags{name value} versions{nodes{version uses}}}}}}", ""},
		{"query($i:ID!){key(id:$i){versions{nodes{publicKey{bytes spki pem jwk multikey}}}}}", ""},
		{"mutation($i:GenerateDataKeyBatchInput!){generateDataKeyBatch(input:$i){results{plaintext ciphertext nonce version error{code message}}}}", ""},
		{"mutation($i:SignBatchInput!){signBatch(input:$i){results{" + many(4, "signature") + "}}}", ""},
		{"mutation($i:SignBatchInput!){signBatch(input:$i){results{" + many(5, "signature") + "}}}", "some kilobytes"},
		{"query($i:ID!){keystore(id:$i){keys{nodes{" + many(2, "versions{pageInfo{hasNextPage}}") + "}}}}", ""},
		{"query($i:ID!){keystore(id:$i){keys{nodes{" + many(3, "versions{pageInfo{hasNextPage}}") + "}}}}", "could read more"},
		{"mutation($i:SignInput!){" + many(100, "sign(input:$i){signature}") + "}", ""},
		{"{__schema{types{description fields{description args{description}}}}}", ""},
	} {
		err := graph.Measure(c.document)
		if (err == nil) != (c.refusal == "") || err != nil && !strings.Contains(err.Error(), c.refusal) {
			t.Errorf("%s: got %v, want %q", c.document, err, c.refusal)
		}
	}
}

// A large request is not answered with what it brought many times over.
func TestCopiesOfALargeRequest(t *testing.T) {
	s := newSetup(t)
	xaes := s.Key(s.alices.keystore, "XAES_256_GCM")
	for n, code := range map[int]string{8: "", 60: "BAD_USER_INPUT"} {
		a := s.Do(servertest.As(s.Alice), xaes, "encrypt", "mutation($i:EncryptInput!){encrypt(input:$i){"+many(n, "ciphertext")+"}}",
			map[string]any{"i": map[string]any{"key": xaes, "plaintext": strings.Repeat("AAAA", 50_000)}})
		if a.Code() != code {
			t.Errorf("%d ciphertexts: got %.200s, want %q", n, a.Body, code)
		}
	}
}
