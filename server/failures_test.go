package server_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"twolock/auth"
	"twolock/server"
	"twolock/server/servertest"
)

// An address from which too much is refused is turned away before anything is verified, for a minute; others are not, and who comes through a
// proxy on this machine is not counted.
func TestFailuresAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		verifier, err := auth.NewVerifier(auth.VerifierOptions{Base: "https://kms.example", Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		h, err := server.New(server.Options{Base: "https://kms.example", Verifier: verifier, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		send := func(from string) *httptest.ResponseRecorder {
			r := httptest.NewRequest(http.MethodPost, "https://kms.example/graphql", strings.NewReader("{}"))
			r.RequestURI = "/graphql"
			r.RemoteAddr = from
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Authorization", "Signature nonsense")
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			return w
		}
		for _, c := range []struct{ many, same, other string }{
			{"192.0.2.1:1", "192.0.2.1:999", "192.0.2.2:1"},
			{"[2001:db8::1]:1", "[2001:db8::ffff:2]:1", "[2001:db8:0:1::1]:1"},
		} {
			for i := range 300 {
				if w := send(c.many); w.Code == http.StatusTooManyRequests {
					t.Fatalf("turned away after %d", i)
				}
			}
			w := send(c.same)
			if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") != "60" || !strings.Contains(w.Body.String(), `{"code":"RATE_LIMITED","retryable":true}`) {
				t.Errorf("after 300 refusals: %d, Retry-After %q, %s", w.Code, w.Header().Get("Retry-After"), w.Body)
			}
			if w := send(c.other); w.Code == http.StatusTooManyRequests {
				t.Errorf("%s is turned away for %s", c.other, c.many)
			}
			time.Sleep(time.Minute)
			if w := send(c.same); w.Code == http.StatusTooManyRequests {
				t.Error("turned away after the minute")
			}
		}
		for range 400 {
			if w := send("127.0.0.1:1"); w.Code == http.StatusTooManyRequests {
				t.Fatal("loopback is turned away")
			}
		}
	})
}

// What is not allowed counts as well as what is not authenticated: a forged chain costs the server more than a forged signature.
func TestWhatIsNotAllowedIsCounted(t *testing.T) {
	s := servertest.Start(t)
	stranger, err := auth.NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	keystore := s.Keystore("LOCAL")
	body := []byte(`{"query":"query($id: ID!) { keystore(id: $id) { id } }","variables":{"id":"` + keystore + `"}}`)
	send := func() *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodPost, keystore, bytes.NewReader(body))
		r.RequestURI = strings.TrimPrefix(keystore, s.URL)
		r.Host = strings.TrimPrefix(s.URL, "http://")
		r.RemoteAddr = "192.0.2.1:1"
		r.Header.Set("Content-Type", "application/json")
		if err := auth.SignRequest(r, body, stranger, auth.Invocation{RootTarget: keystore, Action: "read"}, time.Now()); err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		s.Handler.ServeHTTP(w, r)
		return w
	}
	for i := range 300 {
		if w := send(); !strings.Contains(w.Body.String(), "FORBIDDEN") {
			t.Fatalf("request %d: %s", i, w.Body)
		}
	}
	if w := send(); w.Code != http.StatusTooManyRequests {
		t.Errorf("after 300 refusals: %d %s", w.Code, w.Body)
	}
}

// Each operation of a request counts: a hundred tokens that are tried at once are a hundred refusals.
func TestEachOperationThatIsNotAllowedIsCounted(t *testing.T) {
	s := servertest.Start(t)
	var body bytes.Buffer
	body.WriteString(`{"variables":{"i":{"token":"AAAA"}},"query":"mutation($i: EnrolOperatorInput!) {`)
	for i := range 100 {
		fmt.Fprintf(&body, " a%d: enrolOperator(input: $i) { operator }", i)
	}
	body.WriteString(` }"}`)
	send := func() *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodPost, s.URL+"/graphql", bytes.NewReader(body.Bytes()))
		r.RequestURI = "/graphql"
		r.Host = strings.TrimPrefix(s.URL, "http://")
		r.RemoteAddr = "192.0.2.1:1"
		r.Header.Set("Content-Type", "application/json")
		if err := auth.SignRequest(r, body.Bytes(), s.Mallory, auth.Invocation{RootTarget: s.URL + "/graphql", Action: "enrolOperator"}, time.Now()); err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		s.Handler.ServeHTTP(w, r)
		return w
	}
	for range 3 {
		if w := send(); strings.Count(w.Body.String(), "FORBIDDEN") != 100 {
			t.Fatalf("a hundred tokens of nobody: %d %s", w.Code, w.Body)
		}
	}
	if w := send(); w.Code != http.StatusTooManyRequests {
		t.Errorf("after 300 refusals in three requests: %d %.200s", w.Code, w.Body)
	}
	if e := s.Journal.Take(); len(e) > 0 {
		t.Errorf("%d audit entries, the first %v", len(e), e[0])
	}
}
