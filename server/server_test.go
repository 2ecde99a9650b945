package server_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"twolock/auth"
	"twolock/server"
	"twolock/server/servertest"
)

const (
	service = `{"query":"{service{name}}"}`
	canary  = "Y2FuYXJ5LXNlY3JldC1zaGFyZQ"
)

// securityHeaders are on every answer.
var securityHeaders = map[string]string{
	"X-Content-Type-Options":       "nosniff",
	"Referrer-Policy":              "no-referrer",
	"Cache-Control":                "no-store",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
}

func checkHeaders(t *testing.T, what string, h http.Header) {
	t.Helper()
	for name, want := range securityHeaders {
		if got := h.Get(name); got != want {
			t.Errorf("%s: %s: got %q, want %q", what, name, got, want)
		}
	}
	csp := h.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"} {
		if !strings.Contains(csp, want) {
			t.Errorf("%s: Content-Security-Policy is %q, without %s", what, csp, want)
		}
	}
	if strings.Contains(csp, "unsafe") || strings.Contains(csp, "*") {
		t.Errorf("%s: Content-Security-Policy is %q", what, csp)
	}
	if c := h.Get("Set-Cookie"); c != "" {
		t.Errorf("%s: sets a cookie: %s", what, c)
	}
}

// What a request must look like before anything is made of it, and how it is answered when it does not.
func TestRequestForm(t *testing.T) {
	s := servertest.Start(t)
	for _, c := range []struct {
		name   string
		change func(r *http.Request)
		status int
		code   string // "" for success
		says   string
	}{
		{"as it should be", func(*http.Request) {}, 200, "", ""},
		{"with a charset", func(r *http.Request) { r.Header.Set("Content-Type", `application/json; charset="UTF-8"`) }, 200, "", ""},
		{"chunked", func(r *http.Request) { r.ContentLength, r.Body = -1, io.NopCloser(strings.NewReader(service)) }, 200, "", ""},
		{"another host", func(r *http.Request) { r.Host = "evil.example" }, 421, "BAD_USER_INPUT", "Host"},
		{"another port", func(r *http.Request) { r.Host = "127.0.0.1:1" }, 421, "BAD_USER_INPUT", "Host"},
		{"the host with a dot", func(r *http.Request) { r.Host = strings.Replace(r.URL.Host, ":", ".:", 1) }, 421, "BAD_USER_INPUT", "Host"},
		{"a query string", func(r *http.Request) { r.URL.RawQuery = "query={service{name}}&share=" + canary }, 400, "BAD_USER_INPUT", "query string"},
		{"an empty query string", func(r *http.Request) { r.URL.ForceQuery = true }, 400, "BAD_USER_INPUT", "query string"},
		{"no Content-Type", func(r *http.Request) { r.Header.Del("Content-Type") }, 415, "BAD_USER_INPUT", "Content-Type"},
		{"text/plain", func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }, 415, "BAD_USER_INPUT", "Content-Type"},
		{"a form", func(r *http.Request) { r.Header.Set("Content-Type", "application/x-www-form-urlencoded") }, 415, "BAD_USER_INPUT", "Content-Type"},
		{"multipart", func(r *http.Request) { r.Header.Set("Content-Type", "multipart/form-data; boundary=x") }, 415, "BAD_USER_INPUT", "Content-Type"},
		{"application/graphql", func(r *http.Request) { r.Header.Set("Content-Type", "application/graphql") }, 415, "BAD_USER_INPUT", "Content-Type"},
		{"another charset", func(r *http.Request) { r.Header.Set("Content-Type", "application/json; charset=utf-16") }, 415, "BAD_USER_INPUT", "Content-Type"},
		{"gzip", func(r *http.Request) { r.Header.Set("Content-Encoding", "gzip") }, 415, "BAD_USER_INPUT", "Content-Encoding"},
		{"1 MiB", func(r *http.Request) { setBody(r, 1<<20, true) }, 200, "", ""},
		{"1 MiB and a byte", func(r *http.Request) { setBody(r, 1<<20+1, true) }, 413, "BAD_USER_INPUT", "1 MiB"},
		{"1 MiB and a byte, chunked", func(r *http.Request) { setBody(r, 1<<20+1, false) }, 413, "BAD_USER_INPUT", "1 MiB"},
		{"64 MiB, chunked", func(r *http.Request) { setBody(r, 64<<20, false) }, 413, "BAD_USER_INPUT", "1 MiB"},
		{"only Authorization", func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+canary) }, 401, "UNAUTHENTICATED", "Capability-Invocation"},
		{"GET", func(r *http.Request) { r.Method, r.Body, r.ContentLength = "GET", nil, 0 }, 405, "BAD_USER_INPUT", "method"},
		{"PUT", func(r *http.Request) { r.Method = "PUT" }, 405, "BAD_USER_INPUT", "method"},
		{"DELETE", func(r *http.Request) { r.Method = "DELETE" }, 405, "BAD_USER_INPUT", "method"},
		{"a WebSocket", func(r *http.Request) {
			r.Method, r.Body, r.ContentLength = "GET", nil, 0
			r.Header.Set("Connection", "Upgrade")
			r.Header.Set("Upgrade", "websocket")
		}, 405, "BAD_USER_INPUT", "method"},
		{"an unknown path", func(r *http.Request) { r.URL.Path = "/keystores" }, 404, "NOT_FOUND", "nothing at this URL"},
		{"a path below", func(r *http.Request) { r.URL.Path = "/graphql/" }, 404, "NOT_FOUND", "nothing at this URL"},
		{"a path with a secret", func(r *http.Request) { r.URL.Path = "/" + canary }, 404, "NOT_FOUND", "nothing at this URL"},
		{"a double slash", func(r *http.Request) { r.URL.Path = "//graphql" }, 404, "NOT_FOUND", "nothing at this URL"},
		{"a detour", func(r *http.Request) { r.URL.Path = "/x/../graphql" }, 404, "NOT_FOUND", "nothing at this URL"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := s.Request(s.URL+"/graphql", []byte(service))
			c.change(r)
			a := s.Send(r)
			if a.Status != c.status || a.Code() != c.code {
				t.Fatalf("got %d %s, want %d %s", a.Status, a.Body, c.status, c.code)
			}
			if c.code != "" && !strings.Contains(a.Errors[0].Message, c.says) {
				t.Errorf("message %q does not say %q", a.Errors[0].Message, c.says)
			}
			if a.Header.Get("Content-Type") != "application/json; charset=utf-8" {
				t.Errorf("answered as %s", a.Header.Get("Content-Type"))
			}
			if bytes.Contains(a.Body, []byte(canary)) {
				t.Errorf("the answer repeats the request: %s", a.Body)
			}
			if c.status == 405 && a.Header.Get("Allow") != "POST, OPTIONS" {
				t.Errorf("Allow: got %q, want POST, OPTIONS", a.Header.Get("Allow"))
			}
			checkHeaders(t, c.name, a.Header)
		})
	}
	if log := s.Log.String(); strings.Contains(log, canary) {
		t.Errorf("the log has a part of a request: %s", log)
	}
}

// setBody makes a body of n bytes, the query and white space.
func setBody(r *http.Request, n int, length bool) {
	r.Body, r.ContentLength = io.NopCloser(io.MultiReader(strings.NewReader(service), strings.NewReader(strings.Repeat(" ", n-len(service))))), int64(n)
	if !length {
		r.ContentLength = -1
	}
}

// What is there beside GraphQL, and what is on every answer.
func TestOtherRoutes(t *testing.T) {
	s := servertest.Start(t)
	schema, err := os.ReadFile("../graph/schema.graphqls")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		method, path, host string
		status             int
		contentType, body  string // body: what it must hold
	}{
		{"GET", "/healthz", "", 200, "text/plain", "ok\n"},
		{"GET", "/healthz", "10.1.2.3:8080", 200, "text/plain", "ok\n"},
		{"GET", "/readyz", "10.1.2.3:8080", 200, "text/plain", "ready\n"},
		{"GET", "/metrics", "10.1.2.3:8080", 200, "text/plain", "go_goroutines"},
		{"GET", "/", "evil.example", 421, "application/json", "Host"},
		{"GET", "/schema.graphql", "", 200, "text/plain", string(schema)},
		{"GET", "/schema.graphql", "evil.example", 421, "application/json", "Host"},
		{"GET", "/nothing", "", 404, "application/json", "NOT_FOUND"},
		{"GET", "/debug/pprof/", "", 404, "application/json", "NOT_FOUND"},
		{"POST", "/healthz", "", 405, "application/json", "method"},
		{"POST", "/", "", 405, "application/json", "method"},
		{"PUT", "/keystores/z/keys/z", "", 405, "application/json", "method"},
		{"GET", "/graphql", "", 405, "application/json", "method"},
		{"TRACE", "/graphql", "", 405, "application/json", "method"},
	} {
		r := s.Request(s.URL+c.path, nil)
		r.Method = c.method
		if c.host != "" {
			r.Host = c.host
		}
		a := s.Send(r)
		what := fmt.Sprintf("%s %s of %q", c.method, c.path, c.host)
		if a.Status != c.status || !strings.HasPrefix(a.Header.Get("Content-Type"), c.contentType) || !strings.Contains(string(a.Body), c.body) {
			t.Errorf("%s: got %d %s %.200q, want %d %s %.200q", what, a.Status, a.Header.Get("Content-Type"), a.Body, c.status, c.contentType, c.body)
		}
		checkHeaders(t, what, a.Header)
	}
}

// A server that cannot work says so to whoever asks whether it is ready, without the reason; it is alive all the same.
func TestReadiness(t *testing.T) {
	log := &servertest.Log{}
	ready := errors.New("dial " + canary)
	verifier, err := auth.NewVerifier(auth.VerifierOptions{Base: "http://kms.example"})
	if err != nil {
		t.Fatal(err)
	}
	h, err := server.New(server.Options{Base: "http://kms.example", Verifier: verifier, Log: log.Logger(), Ready: func(ctx context.Context) error {
		if _, bounded := ctx.Deadline(); !bounded {
			t.Error("readyz asks without a deadline")
		}
		return ready
	}})
	if err != nil {
		t.Fatal(err)
	}
	get := func(path string) string {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		return fmt.Sprint(w.Code, " ", w.Body)
	}
	if got := get("/readyz"); got != "503 not ready\n" || !strings.Contains(log.String(), canary) {
		t.Errorf("readyz: got %q, want 503 and the reason in the log", got)
	}
	if got := get("/healthz"); got != "200 ok\n" {
		t.Errorf("healthz: got %q", got)
	}
	ready = nil
	if got := get("/readyz"); got != "200 ready\n" {
		t.Errorf("readyz afterwards: got %q", got)
	}
}

// Pages of any origin may call, and a browser brings along nothing that would let them in.
func TestCORS(t *testing.T) {
	s := servertest.Start(t)
	for _, path := range []string{"/graphql", "/keystores/z19", "/keystores/z19/keys/z19"} {
		r := s.Request(s.URL+path, nil)
		r.Method = "OPTIONS"
		r.Header.Set("Origin", "https://app.example")
		r.Header.Set("Access-Control-Request-Method", "POST")
		r.Header.Set("Access-Control-Request-Headers", "authorization,capability-invocation,content-type,digest")
		a := s.Send(r)
		h := a.Header
		if a.Status/100 != 2 || h.Get("Access-Control-Allow-Origin") != "*" || h.Get("Access-Control-Allow-Methods") != "POST" {
			t.Errorf("%s: preflight: got %d %v", path, a.Status, h)
		}
		for _, name := range []string{"authorization", "capability-invocation", "content-type", "digest"} {
			if !strings.Contains(strings.ToLower(h.Get("Access-Control-Allow-Headers")), name) {
				t.Errorf("%s: preflight: %s is not allowed: %v", path, name, h)
			}
		}
		for what, change := range map[string]func(h http.Header){
			"another method": func(h http.Header) { h.Set("Access-Control-Request-Method", "PUT") },
			"another header": func(h http.Header) { h.Set("Access-Control-Request-Headers", "cookie") },
		} {
			r := r.Clone(t.Context())
			change(r.Header)
			if a := s.Send(r); a.Header.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%s: preflight for %s is allowed: %v", path, what, a.Header)
			}
		}
		post := s.Request(s.URL+path, []byte(service))
		post.Header.Set("Origin", "null")
		answers := []*servertest.Answer{a, s.Send(post)}
		refused := s.Request(s.URL+path, []byte(service))
		refused.Header.Set("Origin", "https://app.example")
		refused.Header.Set("Authorization", "x")
		answers = append(answers, s.Send(refused))
		for _, a := range answers { // a refusal too must be readable to the page
			if a.Header.Get("Access-Control-Allow-Origin") != "*" || a.Header.Get("Access-Control-Allow-Credentials") != "" {
				t.Errorf("%s: got %d %v, want every origin without credentials", path, a.Status, a.Header)
			}
		}
	}
	r := s.Request(s.URL+"/", nil)
	r.Method = "GET"
	r.Header.Set("Origin", "https://app.example")
	if a := s.Send(r); a.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("the console is open to other origins: %v", a.Header)
	}
}

// The id of a request is ours: what a client calls it is neither in the log nor in the answer.
func TestRequestIDIsOurs(t *testing.T) {
	s := servertest.Start(t)
	ks := s.Keystore("LOCAL")
	if err := s.DB.Close(); err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(map[string]any{"query": `mutation($c:CreateKeyInput!){createKey(input:$c){key{id}}}`,
		"variables": map[string]any{"c": map[string]any{"keystore": ks, "type": "ED25519"}}})
	if err != nil {
		t.Fatal(err)
	}
	r := s.Request(ks, body)
	r.Header.Set("X-Request-Id", "theirs")
	sign(t, s, r, body, ks, "generateKey")
	a := s.Send(r)
	if a.Code() != "INTERNAL" || !regexp.MustCompile(`^[0-9a-f]{16}$`).MatchString(a.Errors[0].Extensions.RequestID) {
		t.Fatalf("got %d %s, want INTERNAL with an id of ours", a.Status, a.Body)
	}
	if log := s.Log.String(); strings.Contains(log, "theirs") || !strings.Contains(log, a.Errors[0].Extensions.RequestID) {
		t.Errorf("the log has not our id, or theirs: %s", log)
	}
}

// The metrics count by route: no identifier, nothing that a caller chose, is in them, and their number does not grow with what callers send.
func TestMetricsHoldNoIdentifiers(t *testing.T) {
	s := servertest.Start(t)
	ks := s.Keystore("LOCAL")
	key := s.Key(ks, "ED25519")
	metrics := func() string {
		r := s.Request(s.URL+"/metrics", nil)
		r.Method = "GET"
		return string(s.Send(r).Body)
	}
	visit := func(suffix string) {
		for _, path := range []string{"/", "/graphql", strings.TrimPrefix(ks, s.URL), strings.TrimPrefix(key, s.URL), "/keystores/" + canary + suffix,
			"/keystores/" + canary + suffix + "/keys/x", "/keystores/" + canary + suffix + "/more", "/" + canary + suffix, "/graphql/" + canary + suffix} {
			for _, method := range []string{"GET", "POST", "OPTIONS", "PUT", "X" + suffix} {
				r := s.Request(s.URL+path, []byte(service))
				r.Method = method
				r.Header.Set("User-Agent", canary)
				s.Send(r)
			}
		}
	}
	sign := `mutation($input: SignInput!) { sign(input: $input) { signature } }`
	s.Do(servertest.As(s.Alice), key, "sign", sign, map[string]any{"input": map[string]any{"key": key, "message": "AAAA"}})
	s.Do(servertest.As(s.Alice), key, "sign", sign, map[string]any{"input": map[string]any{"key": key, "message": "AAAA", "algorithm": "RSA_PSS_SHA256"}})
	s.Do(servertest.As(servertest.Identity(t)), key, "sign", sign, map[string]any{"input": map[string]any{"key": key, "message": "AAAA"}})
	s.Do(servertest.As(s.Alice), key, canary, sign, map[string]any{"input": map[string]any{"key": key, "message": "AAAA"}})
	metrics() // is counted too
	visit("a")
	once := metrics()
	visit("b")
	twice := metrics()
	for _, secret := range []string{canary, ks[len(s.URL):], strings.TrimPrefix(ks, s.URL+"/keystores/"), s.Alice.DID(), "Xa"} {
		if strings.Contains(twice, secret) {
			t.Errorf("the metrics hold %s", secret)
		}
	}
	for _, want := range []string{
		`route="/graphql",status="200"`, `route="/keystores/{keystore}",status="200"`, `route="/keystores/{keystore}/keys/{key}",status="200"`, `route="none",status="404"`,
	} {
		if !strings.Contains(twice, "twolock_http_requests_total{"+want) {
			t.Errorf("the metrics lack %s", want)
		}
	}
	for _, want := range []string{
		`twolock_operations_total{action="sign"} 3`, `twolock_operations_total{action="generateKey"} 1`,
		`twolock_errors_total{action="sign",code="BAD_USER_INPUT"} 1`, `twolock_errors_total{action="sign",code="FORBIDDEN"} 1`,
		`twolock_errors_total{action="",code="FORBIDDEN"} 1`, // for another action than its
	} {
		if !strings.Contains(twice, "\n"+want+"\n") {
			t.Errorf("the metrics lack %s:\n%s", want, twice)
		}
	}
	ours := regexp.MustCompile(`(?m)^twolock_`)
	if a, b := len(ours.FindAllString(once, -1)), len(ours.FindAllString(twice, -1)); a != b {
		t.Errorf("%d series became %d by more of the same", a, b)
	}
	for _, line := range strings.Split(twice, "\n") {
		if strings.HasPrefix(line, "twolock_") && strings.Contains(line, `status="0"`) {
			t.Errorf("a status that is none: %s", line)
		}
	}
}

// A handler that panics answers INTERNAL under an id; the log has where it was, not what it said.
func TestPanicInAHandler(t *testing.T) {
	s := servertest.Start(t)
	verifier, err := auth.NewVerifier(auth.VerifierOptions{Base: s.URL})
	if err != nil {
		t.Fatal(err)
	}
	log := &servertest.Log{}
	h, err := server.New(server.Options{Base: s.URL, API: nil, Verifier: verifier, Ready: nil, Log: log.Logger()})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []*http.Request{
		httptest.NewRequest("GET", s.URL+"/readyz", nil), // Ready is nil
		s.Request(s.URL+"/graphql", []byte(`{"query":"`+canary+`"}`)),
	} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		var body struct {
			Errors []struct{ Extensions map[string]string }
		}
		if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil || w.Code != 500 || len(body.Errors) != 1 || body.Errors[0].Extensions["code"] != "INTERNAL" {
			t.Fatalf("got %d %s, want INTERNAL", w.Code, w.Body)
		}
		id := body.Errors[0].Extensions["requestId"]
		if text := log.String(); len(id) != 16 || !strings.Contains(text, id) || !strings.Contains(text, "server.go") || strings.Contains(text, canary) ||
			strings.Contains(text, "nil pointer") {
			t.Errorf("request %q: logged %s", id, text)
		}
		checkHeaders(t, "a panic", w.Header())
	}
}

func sign(t *testing.T, s *servertest.Server, r *http.Request, body []byte, ks, action string) {
	t.Helper()
	if err := auth.SignRequest(r, body, s.Alice, auth.Invocation{RootTarget: ks, Action: action}, time.Now()); err != nil {
		t.Fatal(err)
	}
}

// Requests that only look like HTTP, on the wire: refused, or answered as what they are.
func TestRawRequests(t *testing.T) {
	s := servertest.Start(t)
	host := strings.TrimPrefix(s.URL, "http://")
	for name, c := range map[string]struct {
		raw  string
		want int
	}{
		"absolute form":             {"POST " + s.URL + "/graphql HTTP/1.1\r\nHost: " + host + "\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" + service, 200},
		"absolute form of another":  {"POST http://evil.example/graphql HTTP/1.1\r\nHost: " + host + "\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" + service, 421},
		"no Host":                   {"POST /graphql HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" + service, 400},
		"two Hosts":                 {"POST /graphql HTTP/1.1\r\nHost: " + host + "\r\nHost: evil.example\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" + service, 400},
		"two lengths":               {"POST /graphql HTTP/1.1\r\nHost: " + host + "\r\nContent-Type: application/json\r\nContent-Length: %d\r\nContent-Length: 1\r\n\r\n" + service, 400},
		"another transfer encoding": {"POST /graphql HTTP/1.1\r\nHost: " + host + "\r\nContent-Type: application/json\r\nTransfer-Encoding: gzip\r\n\r\n" + service, 501},
		"a body cut off":            {"POST /graphql HTTP/1.1\r\nHost: " + host + "\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
	} {
		conn, err := net.Dial("tcp", host)
		if err != nil {
			t.Fatal(err)
		}
		raw := c.raw
		if strings.Contains(raw, "%d") {
			raw = fmt.Sprintf(raw, len(service))
		}
		if _, err := io.WriteString(conn, raw); err != nil {
			t.Fatal(err)
		}
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if resp.StatusCode != c.want {
			t.Errorf("%s: got %d, want %d", name, resp.StatusCode, c.want)
		}
		_ = resp.Body.Close()
		_ = conn.Close()
	}
}
