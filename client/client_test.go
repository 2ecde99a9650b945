package client_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"twolock/auth"
	"twolock/client"
)

func identity(t *testing.T) *auth.Identity {
	t.Helper()
	id, err := auth.NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// What the client sends is what a verifier of its own reads; a key's root is its keystore's.
func TestRequestsAreSigned(t *testing.T) {
	id, bob := identity(t), identity(t)
	var verifier *auth.Verifier
	var callers []*auth.Caller
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		caller, err := verifier.Authenticate(r, body)
		if err != nil {
			t.Error(err)
		}
		callers = append(callers, caller)
		_, _ = io.WriteString(w, `{"data":{"x":1}}`)
	}))
	defer server.Close()
	var err error
	if verifier, err = auth.NewVerifier(auth.VerifierOptions{Base: server.URL, Now: time.Now}); err != nil {
		t.Fatal(err)
	}
	keystore := server.URL + "/keystores/z1"
	key := keystore + "/keys/z2"
	c := &client.Client{Identity: id}
	capability, err := c.Delegate(key, bob.DID(), []string{"sign"}, time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	for _, api := range []*client.Client{c, {Identity: bob, Capability: capability}} {
		var out struct{ X int }
		if err := api.Do(t.Context(), key, "sign", "{ x }", nil, &out); err != nil || out.X != 1 {
			t.Fatalf("Do: %v, %+v", err, out)
		}
		caller := callers[len(callers)-1]
		access := auth.Access{RootTarget: keystore, Controllers: []string{id.DID()}, Target: key, Action: "sign"}
		if err := caller.Can(access); err != nil || caller.DID != api.Identity.DID() {
			t.Errorf("the request is by %s: %v", caller.DID, err)
		}
	}
}

// What a server answers is bounded and read for what it is; redirects are not followed, for they would carry the capability elsewhere.
func TestAnswers(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a redirect was followed") }))
	defer elsewhere.Close()
	for what, c := range map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"errors": {func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"errors":[{"message":"no","extensions":{"code":"FORBIDDEN"}}]}`)
		}, "no (FORBIDDEN)"},
		"not JSON":  {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `<html>`) }, "not JSON"},
		"too large": {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(bytes.Repeat([]byte(" "), 9<<20)) }, "larger"},
		"a redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
		}, "307"},
		"other shape": {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `[1]`) }, "unmarshal"},
	} {
		server := httptest.NewServer(c.answer)
		err := (&client.Client{Identity: identity(t)}).Do(context.Background(), server.URL+"/graphql", "read", "{ x }", nil, nil)
		server.Close()
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", what, err, c.want)
		}
		if e, ok := errors.AsType[client.Errors](err); ok != (what == "errors") || ok && e.Code() != "FORBIDDEN" {
			t.Errorf("%s: got %#v", what, err)
		}
	}
}

func TestShares(t *testing.T) {
	shares, err := client.NewShares(3)
	if err != nil || len(shares) != 3 {
		t.Fatalf("NewShares: %d, %v", len(shares), err)
	}
	first, err := client.JoinShares(shares[:2])
	if err != nil || len(first) != 32 {
		t.Fatalf("JoinShares: %d bytes, %v", len(first), err)
	}
	second, err := client.JoinShares([][]byte{shares[2], shares[0]})
	if err != nil || !bytes.Equal(first, second) {
		t.Errorf("other shares of the same secret give another one: %v", err)
	}
	again, err := client.SplitSecret(first, 5, 3)
	if err != nil {
		t.Fatal(err)
	}
	if joined, err := client.JoinShares(again[2:]); err != nil || !bytes.Equal(joined, first) {
		t.Errorf("SplitSecret and JoinShares: %v", err)
	}
}
