package edv_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"twolock/auth"
	"twolock/companion/edv"
)

// running is a server behind a listener.
type running struct {
	*edv.Server
	base     string
	listener *httptest.Server
	owner    *auth.Identity
}

func start(t testing.TB) *running    { return listen(t, "http") }
func startTLS(t testing.TB) *running { return listen(t, "https") }

func listen(t testing.TB, scheme string) *running {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &running{base: scheme + "://" + l.Addr().String(), owner: newIdentity(t)}
	if s.Server, err = edv.New(edv.Options{Base: s.base}); err != nil {
		t.Fatal(err)
	}
	s.serve(t, l)
	return s
}

func (s *running) serve(t testing.TB, l net.Listener) {
	s.listener = httptest.NewUnstartedServer(s.Server)
	s.listener.Listener.Close()
	s.listener.Listener = l
	if strings.HasPrefix(s.base, "https:") {
		s.listener.StartTLS()
	} else {
		s.listener.Start()
	}
	t.Cleanup(s.listener.Close)
}

func newIdentity(t testing.TB) *auth.Identity {
	t.Helper()
	id, err := auth.NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// call is one request; fields left out are the owner's usual ones.
type call struct {
	method, path, body string
	by                 *auth.Identity
	root, action       string
	capability         *auth.Capability
	change             func(*http.Request)
}

func (s *running) do(t testing.TB, c call) (status int, body string, header http.Header) {
	t.Helper()
	var r io.Reader
	if c.body != "" {
		r = strings.NewReader(c.body)
	}
	req, err := http.NewRequest(c.method, s.base+c.path, r)
	if err != nil {
		t.Fatal(err)
	}
	if c.by == nil {
		c.by = s.owner
	}
	if c.action == "" {
		c.action = "write"
		if c.method == http.MethodGet {
			c.action = "read"
		}
	}
	inv := auth.Invocation{RootTarget: c.root, Capability: c.capability, Action: c.action}
	if err := auth.SignRequest(req, []byte(c.body), c.by, inv, time.Now()); err != nil {
		t.Fatal(err)
	}
	if c.change != nil {
		c.change(req)
	}
	resp, err := s.listener.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(data), resp.Header
}

func (s *running) expect(t testing.TB, what string, c call, want int) string {
	t.Helper()
	status, body, _ := s.do(t, c)
	if status != want {
		t.Errorf("%s: status %d %s, want %d", what, status, body, want)
	}
	return body
}

func configOf(id *auth.Identity) string {
	return fmt.Sprintf(`{"sequence":0,"controller":%q,"keyAgreementKey":{"id":"urn:kak","type":"X"},"hmac":{"id":"urn:hmac","type":"H"}}`, id.DID())
}

// create makes a vault and returns its URL and path.
func (s *running) create(t testing.TB) (url, path string) {
	t.Helper()
	status, body, header := s.do(t, call{method: "POST", path: "/edvs", body: configOf(s.owner), root: s.base + "/edvs"})
	if status != http.StatusCreated {
		t.Fatalf("creating a vault: status %d %s", status, body)
	}
	var c struct{ ID string }
	if err := json.Unmarshal([]byte(body), &c); err != nil || c.ID != header.Get("Location") || !strings.HasPrefix(c.ID, s.base+"/edvs/z") {
		t.Fatalf("creating a vault: %s, Location %s", body, header.Get("Location"))
	}
	return c.ID, strings.TrimPrefix(c.ID, s.base)
}

var ids = []string{"z19tCa76T7UL7Sbmba768tZ5K", "z1A9uYcmbqkFWkMEZ7rfJhhNF", "z19pjdSMQMkBqqJ5zsaagncfU"}

func document(id string, sequence int, attributes string) string {
	return fmt.Sprintf(`{"id":%[1]q,"sequence":%[2]d,"indexed":[{"hmac":{"id":"urn:hmac","type":"H"},"sequence":%[2]d,"attributes":[%[3]s]}],`+
		`"jwe":{"protected":"eyJ","recipients":[{"header":{"alg":"a","kid":"k"},"encrypted_key":"ek"}],"iv":"iv%[2]d","ciphertext":"%[4]s","tag":"t"}}`,
		id, sequence, attributes, strings.Repeat("c", 64)+id)
}

func TestState(t *testing.T) {
	s := start(t)
	url, path := s.create(t)
	docs := path + "/documents"
	unique := `{"name":"n","value":"1","unique":true}`
	insert := func(doc string) call { return call{method: "POST", path: docs, body: doc, root: url} }
	at := func(id, doc string) call { return call{method: "POST", path: docs + "/" + id, body: doc, root: url} }
	get := call{method: "GET", path: docs + "/" + ids[0], root: url}

	status, _, header := s.do(t, insert(document(ids[0], 0, unique)))
	if status != http.StatusCreated || header.Get("Location") != url+"/documents/"+ids[0] {
		t.Errorf("insert: status %d, Location %q", status, header.Get("Location"))
	}
	s.expect(t, "the same id again", insert(document(ids[0], 0, "")), 409)
	s.expect(t, "the same unique attribute again", insert(document(ids[1], 0, unique)), 409)
	s.expect(t, "a new document of sequence 1", insert(document(ids[1], 1, "")), 400)
	if got := s.expect(t, "get", get, 200); got != document(ids[0], 0, unique) {
		t.Errorf("get gives %s, want what was inserted", got)
	}
	s.expect(t, "get of nothing", call{method: "GET", path: docs + "/" + ids[2], root: url}, 404)

	s.expect(t, "update of nothing", at(ids[2], document(ids[2], 1, "")), 404)
	s.expect(t, "update with another id", at(ids[0], document(ids[1], 1, "")), 400)
	s.expect(t, "update with the same sequence", at(ids[0], document(ids[0], 0, unique)), 409)
	s.expect(t, "update that skips one", at(ids[0], document(ids[0], 2, unique)), 409)
	s.expect(t, "update", at(ids[0], document(ids[0], 1, unique)), 204)
	s.expect(t, "the same update again", at(ids[0], document(ids[0], 1, unique)), 409)
	if got := s.expect(t, "get", get, 200); got != document(ids[0], 1, unique) {
		t.Errorf("get gives %s, want what was updated", got)
	}
	s.expect(t, "update that gives the attribute up", at(ids[0], document(ids[0], 2, "")), 204)
	s.expect(t, "insert of the attribute that became free", insert(document(ids[1], 0, unique)), 201)
	s.expect(t, "update to another's attribute", at(ids[0], document(ids[0], 3, unique)), 409)

	// A refused update leaves the document's own attribute taken and its sequence as it was.
	s.expect(t, "update", at(ids[1], document(ids[1], 1, unique)), 204)
	s.expect(t, "update to two attributes, of which one is another's",
		at(ids[0], document(ids[0], 3, `{"name":"n","value":"3","unique":true},`+unique)), 409)
	s.expect(t, "the other one is free", insert(document(ids[2], 0, `{"name":"n","value":"3","unique":true}`)), 201)

	index := call{method: "POST", path: docs + "/" + ids[0] + "/index", root: url}
	index.body = `{"hmac":{"id":"urn:hmac","type":"H"},"sequence":2,"attributes":[{"name":"n","value":"2"}]}`
	s.expect(t, "index", index, 204)
	index.body = strings.Replace(index.body, `:2,`, `:1,`, 1)
	s.expect(t, "index of an older document", index, 409)
	query := call{method: "POST", path: docs + "/query", root: url, action: "read", body: `{"index":"urn:hmac","equals":[{"n":"2"}],"count":true}`}
	if got := s.expect(t, "count", query, 200); got != `{"count":1}` {
		t.Errorf("count gives %s, want 1", got)
	}
	query.path = path + "/query"
	s.expect(t, "query at the vault itself", query, 200)
	query.body = strings.Replace(query.body, "urn:hmac", "urn:other", 1)
	if got := s.expect(t, "count", query, 200); got != `{"count":0}` {
		t.Errorf("count under another index gives %s, want 0", got)
	}

	// What a server keeps outlives its listener.
	s.listener.Close()
	l, err := net.Listen("tcp", s.listener.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	s.serve(t, l)
	s.expect(t, "get after a restart", get, 200)
}

// Every request needs a capability for this vault, the action and the place.
func TestAuthorization(t *testing.T) {
	s := start(t)
	url, path := s.create(t)
	otherURL, _ := s.create(t)
	stranger, service := newIdentity(t), newIdentity(t)
	doc := document(ids[0], 0, "")
	s.expect(t, "insert", call{method: "POST", path: path + "/documents", body: doc, root: url}, 201)
	query := `{"index":"urn:hmac","has":["n"]}`
	for _, c := range []call{
		{method: "GET", path: path, root: url},
		{method: "POST", path: path + "/documents", body: document(ids[1], 0, ""), root: url},
		{method: "GET", path: path + "/documents/" + ids[0], root: url},
		{method: "POST", path: path + "/documents/" + ids[0], body: document(ids[0], 1, ""), root: url},
		{method: "POST", path: path + "/documents/" + ids[0] + "/index", root: url,
			body: `{"hmac":{"id":"urn:hmac","type":"H"},"sequence":0,"attributes":[]}`},
		{method: "POST", path: path + "/documents/query", body: query, root: url, action: "read"},
		{method: "POST", path: path + "/query", body: query, root: url, action: "read"},
	} {
		what := c.method + " " + strings.TrimPrefix(c.path, path)
		unsigned, byStranger, wrongAction, wrongVault, tampered := c, c, c, c, c
		unsigned.change = func(r *http.Request) { r.Header.Del("Authorization"); r.Header.Del("Capability-Invocation") }
		s.expect(t, what+" unsigned", unsigned, 401)
		byStranger.by = stranger
		s.expect(t, what+" by a stranger", byStranger, 403)
		wrongAction.action = "delete"
		s.expect(t, what+" for another action", wrongAction, 403)
		wrongVault.root = otherURL
		s.expect(t, what+" with another vault's capability", wrongVault, 403)
		if c.body != "" {
			tampered.change = func(r *http.Request) {
				r.Body = io.NopCloser(strings.NewReader(strings.Replace(c.body, "urn", "run", 1)))
			}
			s.expect(t, what+" with another body", tampered, 401)
		}
	}
	s.expect(t, "creation by another than the controller",
		call{method: "POST", path: "/edvs", body: configOf(s.owner), root: s.base + "/edvs", by: stranger}, 403)

	capability, err := s.owner.Delegate(auth.Delegation{
		RootTarget: url, Controller: service.DID(), Target: url + "/documents", Actions: []string{"read"}, Expires: time.Now().Add(time.Hour),
	}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	s.expect(t, "delegated get", call{method: "GET", path: path + "/documents/" + ids[0], by: service, capability: capability, root: url}, 200)
	s.expect(t, "delegated read above its target", call{method: "GET", path: path, by: service, capability: capability, root: url}, 403)
	s.expect(t, "delegated write", call{method: "POST", path: path + "/documents", body: document(ids[1], 0, ""), by: service,
		capability: capability, root: url}, 403)
}

func TestStrictInput(t *testing.T) {
	s := start(t)
	url, path := s.create(t)
	good := document(ids[0], 0, `{"name":"n","value":"v"}`)
	replace := func(old, new string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("no %q to replace", old)
		}
		return strings.Replace(good, old, new, 1)
	}
	for what, body := range map[string]string{
		"not JSON":              "{",
		"data behind":           good + " 1",
		"unknown member":        replace(`"sequence"`, `"x":1,"sequence"`),
		"duplicate member":      replace(`"sequence"`, `"id":"z","sequence"`),
		"mis-cased member":      replace(`"sequence"`, `"Sequence"`),
		"no sequence":           replace(`"sequence":0,"indexed"`, `"indexed"`),
		"fraction":              replace(`"sequence":0,"indexed"`, `"sequence":0.5,"indexed"`),
		"negative sequence":     replace(`"sequence":0,"indexed"`, `"sequence":-1,"indexed"`),
		"id that is none":       replace(ids[0], "z111"),
		"id of another length":  replace(ids[0], "z2"+ids[0][2:]+"11"),
		"id without multibase":  replace(ids[0], ids[0][1:]),
		"no recipients":         replace(`{"header":{"alg":"a","kid":"k"},"encrypted_key":"ek"}`, ""),
		"header without kid":    replace(`,"kid":"k"`, ""),
		"no tag":                replace(`,"tag":"t"`, ""),
		"attribute of no value": replace(`"value":"v"`, `"value":""`),
		"no hmac":               replace(`"hmac":{"id":"urn:hmac","type":"H"},`, ""),
	} {
		s.expect(t, what, call{method: "POST", path: path + "/documents", body: body, root: url}, 400)
	}
	for _, body := range []string{
		`{"index":"urn:hmac"}`, `{"index":"urn:hmac","has":[]}`, `{"index":"urn:hmac","equals":[{}]}`, `{"index":"urn:hmac","equals":[{"a":1}]}`,
		`{"index":"urn:hmac","equals":[{"a":""}]}`, `{"index":"urn:hmac","has":["a"],"equals":[{"a":"b"}]}`, `{"has":["a"]}`,
		`{"index":"urn:hmac","has":["a"],"limit":0}`, `{"index":"urn:hmac","has":["a"],"limit":1001}`, `{"index":"urn:hmac","has":["a"],"x":1}`,
		`{"index":"urn:hmac","has":[` + strings.Repeat(`"a",`, 64) + `"a"]}`,
	} {
		s.expect(t, body, call{method: "POST", path: path + "/documents/query", body: body, root: url, action: "read"}, 400)
	}
	config := configOf(s.owner)
	for _, change := range [][2]string{
		{`"sequence":0`, `"sequence":1`}, {`"sequence":0`, `"sequence":0,"id":"x"`}, {`"hmac"`, `"HMAC"`}, {`,"type":"H"`, ""}, {`"id":"urn:kak",`, ""},
	} {
		s.expect(t, "vault with "+change[1], call{method: "POST", path: "/edvs", body: strings.Replace(config, change[0], change[1], 1),
			root: s.base + "/edvs"}, 400)
	}
	s.expect(t, "a body of more than 1 MiB", call{method: "POST", path: path + "/documents", body: replace("cccc", strings.Repeat("c", 1<<20)),
		root: url}, 413)
	s.expect(t, "query string", call{method: "GET", path: path + "/documents/" + ids[0] + "?x=1", root: url}, 400)
	s.expect(t, "vault that is not there", call{method: "GET", path: "/edvs/z1/documents/z1", root: s.base + "/edvs/z1"}, 404)
	for _, path := range []string{"/", "/x", "/edvs/z1/x", "/edvs/z1/documents/z1/index/x", "/edvs/z1/documents/z1/x"} {
		s.expect(t, path, call{method: "POST", path: path, body: "{}", root: s.base + "/edvs"}, 404)
	}
	s.expect(t, "other method", call{method: "PUT", path: path + "/documents", body: good, root: url}, 404)
}

func TestFaultsAndCounts(t *testing.T) {
	s := start(t)
	url, path := s.create(t)
	for i := range 2 {
		s.expect(t, "insert", call{method: "POST", path: path + "/documents", body: document(ids[i], 0, `{"name":"n","value":"v"}`), root: url}, 201)
	}
	get := call{method: "GET", path: path + "/documents/" + ids[0], root: url}
	s.Inject(edv.Get, edv.Fault{Kind: edv.Outage, Times: 2})
	s.Inject(edv.Get, edv.Fault{Kind: edv.Status, Status: 418, Times: 1})
	for _, want := range []int{500, 500, 418, 200} {
		s.expect(t, "get", get, want)
	}
	if got := s.Requests(edv.Get); got != 4 {
		t.Errorf("%d gets counted, want 4", got)
	}
	if got := s.Requests(edv.Insert); got != 2 {
		t.Errorf("%d inserts counted, want 2", got)
	}
	s.Inject(edv.Get, edv.Fault{Kind: edv.Outage})
	for range 3 {
		s.expect(t, "get during an outage", get, 500)
	}
	s.Heal()
	s.expect(t, "get after it", get, 200)

	once := func(k edv.FaultKind) { s.Inject(edv.Get, edv.Fault{Kind: k, Times: 1}) }
	once(edv.StaleRead)
	s.expect(t, "stale read of a new document", get, 404)
	s.expect(t, "update", call{method: "POST", path: get.path, body: document(ids[0], 1, ""), root: url}, 204)
	once(edv.StaleRead)
	if got := s.expect(t, "stale read", get, 200); !strings.Contains(got, `"iv":"iv0"`) {
		t.Errorf("a stale read gives %s, want the document before the update", got)
	}
	once(edv.Swap)
	if got := s.expect(t, "swap", get, 200); !strings.Contains(got, `"id":"`+ids[1]) {
		t.Errorf("swap gives %s, want the other document", got)
	}
	once(edv.SwapRelabelled)
	if got := s.expect(t, "relabelled", get, 200); !strings.Contains(got, `"id":"`+ids[0]) || !strings.Contains(got, "c"+ids[1]) {
		t.Errorf("relabelled gives %s, want the other document under this id", got)
	}
	whole := s.expect(t, "get", get, 200)
	once(edv.TruncateJWE)
	if got := s.expect(t, "truncated", get, 200); len(got) >= len(whole)-30 {
		t.Errorf("truncated gives %s", got)
	}
	s.Inject(edv.Insert, edv.Fault{Kind: edv.FailAfter, Times: 1})
	insert := call{method: "POST", path: path + "/documents", body: document(ids[2], 0, ""), root: url}
	s.expect(t, "insert that is stored and fails", insert, 500)
	s.expect(t, "the same again", insert, 409)

	// Writes fail before and after, and no sooner than they are told to.
	at := func(sequence int) call {
		return call{method: "POST", path: path + "/documents/" + ids[2], body: document(ids[2], sequence, ""), root: url}
	}
	s.Inject(edv.Update, edv.Fault{Kind: edv.None, Times: 2})
	s.Inject(edv.Update, edv.Fault{Kind: edv.Outage, Times: 1})
	s.Inject(edv.Update, edv.Fault{Kind: edv.FailAfter, Times: 1})
	s.expect(t, "first update", at(1), 204)
	s.expect(t, "second update", at(2), 204)
	s.expect(t, "update that fails", at(3), 500)
	s.expect(t, "update that is stored and fails", at(3), 500)
	s.expect(t, "the same again", at(3), 409)

	s.Inject(edv.Get, edv.Fault{Kind: edv.Hang, Times: 1})
	req, err := http.NewRequest(http.MethodGet, s.base+get.path, nil)
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if resp, err := (&http.Client{Timeout: 100 * time.Millisecond}).Do(req); err == nil {
		resp.Body.Close()
		t.Error("a hanging server answered")
	}
	s.listener.CloseClientConnections()
	if d := time.Since(began); d > 5*time.Second {
		t.Errorf("the hanging request took %v", d)
	}
}

func TestConcurrentInsertsOfOneID(t *testing.T) {
	s := start(t)
	url, path := s.create(t)
	var wg sync.WaitGroup
	var mu sync.Mutex
	statuses := map[int]int{}
	for range 8 {
		wg.Go(func() {
			status, _, _ := s.do(t, call{method: "POST", path: path + "/documents", body: document(ids[0], 0, ""), root: url})
			mu.Lock()
			statuses[status]++
			mu.Unlock()
		})
	}
	wg.Wait()
	if statuses[201] != 1 || statuses[409] != 7 {
		t.Errorf("statuses of 8 inserts of one id: %v, want 201 once and 409 else", statuses)
	}
}

func TestNewRefusesABase(t *testing.T) {
	for _, base := range []string{"", "vault.example", "https://vault.example/", "https://vault.example/x"} {
		if s, err := edv.New(edv.Options{Base: base}); err == nil || s != nil {
			t.Errorf("New takes the base %q", base)
		}
	}
}
