package servertest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"time"

	"twolock/auth"
	"twolock/client"
)

// Answer is what came back.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
	Data   json.RawMessage
	Errors client.Errors
}

// Code returns the code of the first error, "" where there is none.
func (a *Answer) Code() string {
	if len(a.Errors) == 0 {
		return ""
	}
	return a.Errors.Code()
}

var identifier = regexp.MustCompile(`z[1-9A-HJ-NP-Za-km-z]{20,24}\b`)

// Anonymous is the answer without the identifiers of keystores and keys in it, for comparing.
func (a *Answer) Anonymous() string {
	return identifier.ReplaceAllString(string(bytes.TrimSpace(a.Body)), "z…")
}

// Do sends an operation; as is nil for nobody.
func (s *Server) Do(as *client.Client, url, action, query string, variables any) *Answer {
	s.t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	must(s.t, err)
	return s.Post(as, url, action, body)
}

// Post sends a body.
func (s *Server) Post(as *client.Client, url, action string, body []byte) *Answer {
	s.t.Helper()
	r := s.Request(url, body)
	if as != nil {
		inv := auth.Invocation{Capability: as.Capability, Action: action, RootTarget: client.RootTarget(url)}
		must(s.t, auth.SignRequest(r, body, as.Identity, inv, time.Now()))
	}
	return s.Send(r)
}

// Request makes a request that Send sends as it is then.
func (s *Server) Request(url string, body []byte) *http.Request {
	s.t.Helper()
	r, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(body))
	must(s.t, err)
	r.Header.Set("Content-Type", "application/json")
	return r
}

// Send sends a request and reads the answer, which need not be JSON.
func (s *Server) Send(r *http.Request) *Answer {
	s.t.Helper()
	resp, err := http.DefaultTransport.RoundTrip(r)
	must(s.t, err)
	defer resp.Body.Close()
	a := &Answer{Status: resp.StatusCode, Header: resp.Header}
	a.Body, err = io.ReadAll(resp.Body)
	must(s.t, err)
	var read struct {
		Data   json.RawMessage
		Errors client.Errors
	}
	if json.Unmarshal(a.Body, &read) == nil {
		a.Data, a.Errors = read.Data, read.Errors
	}
	return a
}

// As is a client that invokes root capabilities, for Do and Post.
func As(id *auth.Identity) *client.Client { return &client.Client{Identity: id} }

// Keystore makes one for alice and returns its URL.
func (s *Server) Keystore(userLock string) string {
	s.t.Helper()
	return s.make(s.URL+"/graphql", "createKeystore",
		`mutation($input: CreateKeystoreInput!) { createKeystore(input: $input) { made: keystore { id } } }`,
		map[string]any{"controller": s.Alice.DID(), "userLock": userLock})
}

// Key makes one and returns its URL.
func (s *Server) Key(keystore, typ string, shares ...string) string {
	s.t.Helper()
	in := map[string]any{"keystore": keystore, "type": typ}
	if shares != nil {
		in["secretShares"] = shares
	}
	return s.make(keystore, "generateKey", `mutation($input: CreateKeyInput!) { createKey(input: $input) { made: key { id } } }`, in)
}

func (s *Server) make(url, action, query string, in map[string]any) string {
	s.t.Helper()
	a := s.Do(As(s.Alice), url, action, query, map[string]any{"input": in})
	var data map[string]struct{ Made struct{ ID string } }
	if len(a.Errors) > 0 || json.Unmarshal(a.Data, &data) != nil {
		s.t.Fatalf("%s: %d %s", action, a.Status, a.Body)
	}
	for _, d := range data {
		return d.Made.ID
	}
	return ""
}
