package server_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"twolock/auth"
	"twolock/server/servertest"
)

// Revocations that are refused count as well: each makes the server verify a chain.
func TestRefusedRevocationsAreCounted(t *testing.T) {
	s := servertest.Start(t)
	keystore := s.Keystore("LOCAL")
	c, err := s.Alice.Delegate(auth.Delegation{RootTarget: keystore, Controller: s.Alice.DID(), Actions: []string{"sign"}, Expires: time.Now().Add(time.Hour)}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	url := auth.RevocationURL(c)
	send := func(as *auth.Identity, from string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodPost, url, bytes.NewReader(c.JSON()))
		r.RequestURI = strings.TrimPrefix(url, s.URL)
		r.Host = strings.TrimPrefix(s.URL, "http://")
		r.RemoteAddr = from
		r.Header.Set("Content-Type", "application/json")
		if err := auth.SignRequest(r, c.JSON(), as, auth.Invocation{RootTarget: url, Action: "write"}, time.Now()); err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		s.Handler.ServeHTTP(w, r)
		return w
	}
	for i := range 300 {
		if w := send(s.Mallory, "192.0.2.1:1"); w.Code != http.StatusForbidden {
			t.Fatalf("request %d: %d %s", i, w.Code, w.Body)
		}
	}
	if w := send(s.Mallory, "192.0.2.1:1"); w.Code != http.StatusTooManyRequests {
		t.Errorf("after 300 refusals: %d %s", w.Code, w.Body)
	}
	if w := send(s.Alice, "192.0.2.2:1"); w.Code != http.StatusNoContent {
		t.Errorf("from elsewhere, by who may: %d %s", w.Code, w.Body)
	}
}
