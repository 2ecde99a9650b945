package server_test

import (
	"encoding/json"
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

type refusal struct {
	Msg, Request, Code, Path, Remote, Caller, Capability, Action string
	Untold                                                       int
}

func refusalsIn(log string) (all []refusal) {
	for line := range strings.SplitSeq(log, "\n") {
		var r refusal
		if json.Unmarshal([]byte(line), &r) == nil && r.Msg == "refused" {
			all = append(all, r)
		}
	}
	return all
}

// Who is refused is in the log, with what they tried, and counted by code: the answer has status 200.
func TestRefusalsAreLogged(t *testing.T) {
	s := servertest.Start(t)
	ks := s.Keystore("LOCAL")
	query, variables := "query($id:ID!){keystore(id:$id){id}}", map[string]any{"id": ks}
	if a := s.Do(servertest.As(s.Alice), ks, "read", query, variables); len(a.Errors) > 0 {
		t.Fatalf("got %s", a.Body)
	}
	if all := refusalsIn(s.Log.String()); len(all) != 0 {
		t.Errorf("nobody was refused, and the log says %+v", all)
	}
	s.Do(servertest.As(s.Mallory), ks, "read", query, variables)
	s.Do(nil, ks, "", query, variables)
	half := s.Request(ks, []byte("{}"))
	half.Header.Set("Authorization", "Signature nonsense")
	s.Send(half)
	all := refusalsIn(s.Log.String())
	path := strings.TrimPrefix(ks, s.URL)
	if len(all) != 3 {
		t.Fatalf("three were refused, and the log says %+v", all)
	}
	for i, want := range []refusal{
		{Code: "FORBIDDEN", Caller: s.Mallory.DID(), Capability: auth.RootID(ks), Action: "read"}, {Code: "UNAUTHENTICATED"}, {Code: "UNAUTHENTICATED"},
	} {
		got := all[i]
		if len(got.Request) != 16 || got.Path != path || !strings.HasPrefix(got.Remote, "127.0.0.1:") {
			t.Errorf("refusal %d: %+v", i, got)
		}
		want.Msg, want.Request, want.Path, want.Remote = got.Msg, got.Request, got.Path, got.Remote
		if got != want {
			t.Errorf("refusal %d: got %+v, want %+v", i, got, want)
		}
	}
	metrics := string(get(s, "/metrics", nil).Body)
	for _, labels := range []string{`action="read",code="FORBIDDEN"`, `action="read",code="UNAUTHENTICATED"`, `action="",code="UNAUTHENTICATED"`} {
		if want := "twolock_errors_total{" + labels + "} 1\n"; !strings.Contains(metrics, want) {
			t.Errorf("the metrics lack %s", want)
		}
	}
}

// However many are refused, the log grows by so much a minute, and says what it left out.
func TestRefusalsInTheLogAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		verifier, err := auth.NewVerifier(auth.VerifierOptions{Base: "https://kms.example", Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		var log strings.Builder
		h, err := server.New(server.Options{Base: "https://kms.example", Verifier: verifier, Log: slog.New(slog.NewJSONHandler(&log, nil))})
		if err != nil {
			t.Fatal(err)
		}
		send := func() {
			r := httptest.NewRequest(http.MethodPost, "https://kms.example/graphql", strings.NewReader("{}"))
			r.RequestURI, r.RemoteAddr = "/graphql", "127.0.0.1:1"
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Authorization", "Signature nonsense")
			h.ServeHTTP(httptest.NewRecorder(), r)
		}
		for range 1000 {
			send()
		}
		if all := refusalsIn(log.String()); len(all) != 60 || all[59].Untold != 0 {
			t.Errorf("1,000 were refused in a minute, and the log tells of %d", len(all))
		}
		time.Sleep(time.Minute)
		send()
		if all := refusalsIn(log.String()); len(all) != 61 || all[60].Untold != 940 {
			t.Errorf("the minute after, the log has %d lines, and the last says %+v", len(all), all[len(all)-1])
		}
	})
}
