package lock_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"twolock/companion/authserver"
	"twolock/crypto/lock"
)

const (
	authToken  = "qT4/zK+8vWm X1=pY7 \x01\xff"
	controller = "did:key:z6Mk+&=?#/%41 é"
)

// badURLs are refused for every service that gets or gives secrets; each with what the error says after the field's name.
var badURLs = map[string]string{
	"":                            "is not an absolute URL",
	"x":                           "is not an absolute URL",
	"/secret":                     "is not an absolute URL",
	"https://":                    "is not an absolute URL",
	"https:auth.example.com":      "is not an absolute URL",
	"https://a b/":                "is not an absolute URL",
	"http://auth.example.com":     "is http to another machine",
	"http://127.0.0.1.evil.io":    "is http to another machine",
	"http://localhost.evil.io":    "is http to another machine",
	"http://10.0.0.1":             "is http to another machine",
	"http://0.0.0.0":              "is http to another machine",
	"ftp://auth.example.com":      "is neither https nor http",
	"file:///etc/passwd":          "is not an absolute URL",
	"https://u:p@auth.example":    "must not hold a user name or password",
	"https://auth.example?x=1":    "must not have a query",
	"https://auth.example?":       "must not have a query",
	"https://auth.example#x":      "must not have a query",
	"https://auth.example/#":      "must not have a query",
	"https://user@127.0.0.1:8080": "must not hold a user name",
}

func startAuth(t testing.TB, o authserver.Options) (*authserver.Server, *lock.AuthServer) {
	t.Helper()
	o.ServiceToken = authToken
	auth := authserver.New(o)
	server := httptest.NewServer(auth)
	t.Cleanup(server.Close)
	t.Cleanup(auth.Close)
	return auth, newAuthServer(t, lock.AuthServerOptions{URL: server.URL, Token: authToken, Timeout: 500 * time.Millisecond})
}

func newAuthServer(t testing.TB, o lock.AuthServerOptions) *lock.AuthServer {
	t.Helper()
	a, err := lock.NewAuthServer(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	return a
}

func TestAuthServerGivesTheControllersShare(t *testing.T) {
	shares := split(t, lock.Generate32(), 2, 2)
	auth, a := startAuth(t, authserver.Options{Shares: map[string][]byte{controller: shares[0], "did:key:other": shares[1]}})
	for sub, want := range map[string][]byte{controller: shares[0], "did:key:other": shares[1]} {
		if got, err := a.Share(context.Background(), sub); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: got %x, %v", sub, got, err)
		}
	}
	if auth.Calls() != 2 {
		t.Errorf("%d calls, want 2", auth.Calls())
	}
}

// What is on the wire, seen by a server that shares no code with the stand-in.
func TestAuthServerRequestOnTheWire(t *testing.T) {
	share := split(t, lock.Generate32(), 2, 2)[0]
	for _, path := range []string{"", "/", "/base", "/base/"} {
		var got *http.Request
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			got = r
			w.Header().Set("Content-Type", "application/json; charset=utf-8")
			fmt.Fprintf(w, "{\"secret\": %q}\n", base64.StdEncoding.EncodeToString(share))
		}))
		a := newAuthServer(t, lock.AuthServerOptions{URL: server.URL + path, Token: authToken})
		if s, err := a.Share(context.Background(), controller); err != nil || !bytes.Equal(s, share) {
			t.Errorf("path %q: %v", path, err)
		}
		want := strings.TrimSuffix(path, "/") + "/secret?sub=did%3Akey%3Az6Mk%2B%26%3D%3F%23%2F%2541+%C3%A9"
		if got.Method != http.MethodGet || got.RequestURI != want || got.ContentLength != 0 {
			t.Errorf("got %s %s, want GET %s", got.Method, got.RequestURI, want)
		}
		if h := got.Header.Get("Authorization"); h != "Bearer "+base64.StdEncoding.EncodeToString([]byte(authToken)) {
			t.Errorf("Authorization: got %q", h)
		}
		server.Close()
	}
}

func TestAuthServerFaults(t *testing.T) {
	share := split(t, lock.Generate32(), 2, 2)[0]
	auth, a := startAuth(t, authserver.Options{Shares: map[string][]byte{controller: share}})
	for _, c := range []struct {
		fault     authserver.Fault
		reason    string
		retryable bool
	}{
		{authserver.Down, "server error", true},
		{authserver.Throttled, "throttled", true},
		{authserver.Slow, "no answer in time", true},
		{authserver.SlowBody, "no answer in time", true},
		{authserver.Reset, "no connection", true},
		{authserver.ResetBody, "no connection", true},
		{authserver.Unauthorized, "access denied", false},
		{authserver.Missing, "has no share of this controller", false},
		{authserver.HTML, "answer is not JSON", false},
		{authserver.HTMLAsJSON, "answer is malformed", false},
		{authserver.Huge, "answer is too long", false},
		{authserver.Redirect, "answer is a redirect, which is not followed", false},
		{authserver.Malformed, "answer is malformed", false},
		{authserver.Misspelt, "answer is malformed", false},
		{authserver.Trailing, "answer is malformed", false},
		{authserver.OtherUserShare, "has no share of this controller", false}, // there is no other user
		{authserver.ZeroX, "its share has x = 0", false},
		{authserver.Empty, "its share has 0 bytes, 33 are needed", false},
		{authserver.Short, "its share has 32 bytes, 33 are needed", false},
		{authserver.Long, "its share has 34 bytes, 33 are needed", false},
	} {
		t.Run(c.fault.String(), func(t *testing.T) {
			auth.Inject(c.fault, authserver.Always)
			before, start := auth.Calls(), time.Now()
			got, err := a.Share(context.Background(), controller)
			if took := time.Since(start); took > 2*time.Second {
				t.Errorf("took %v", took)
			}
			wantUnavailable(t, err, "auth-server", c.reason, c.retryable)
			if got != nil {
				t.Errorf("got %x beside the error", got)
			}
			if n := auth.Calls() - before; n < 1 || n > 2 { // net/http itself tries a broken idle connection again
				t.Errorf("%d calls, want 1", n)
			}
			text := fmt.Sprintf("%v %+v", err, err)
			mustNotLeak(t, text, share)
			mustNotLeak(t, text, []byte(authToken))
			mustNotLeak(t, text, []byte(base64.StdEncoding.EncodeToString(share)))
			auth.Heal()
			if got, err := a.Share(context.Background(), controller); err != nil || !bytes.Equal(got, share) {
				t.Errorf("after the fault: %v", err)
			}
		})
	}
}

// A wrong share, another user's, an old one, the caller's own: well formed all of them, so that it is the join or the
// verifier that must tell.
func TestWrongSharesAreFoundOut(t *testing.T) {
	secret, salt := lock.Generate32(), lock.Generate32()
	shares := split(t, secret, 3, 2)
	_, verifier, err := lock.DeriveUserLock(secret, salt, "zKs")
	if err != nil {
		t.Fatal(err)
	}
	auth, a := startAuth(t, authserver.Options{})
	for name, c := range map[string]struct {
		kept  []byte
		fault authserver.Fault
		right bool
		join  bool
	}{
		"right":           {kept: shares[1], right: true, join: true},
		"random":          {kept: shares[1], fault: authserver.WrongShare, join: true},
		"other user's":    {kept: shares[1], fault: authserver.OtherUserShare, join: true},
		"old":             {kept: split(t, lock.Generate32(), 2, 2)[1], join: true},
		"the caller's":    {kept: shares[0], join: false},
		"one bit changed": {kept: append([]byte{shares[1][0] ^ 1}, shares[1][1:]...), join: true},
	} {
		auth.Put(controller, c.kept)
		auth.Put("did:key:other", split(t, lock.Generate32(), 2, 2)[1])
		auth.Inject(c.fault, authserver.Always)
		other, err := a.Share(context.Background(), controller)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if other[32] == shares[0][32] && c.join {
			other[32] ^= 0x80 // another share may have the caller's x by chance; the case is about its y
			if other[32] == 0 {
				other[32] = 0x7f
			}
		}
		joined, err := lock.JoinShares([][]byte{shares[0], other})
		if (err == nil) != c.join {
			t.Errorf("%s: join: %v", name, err)
		}
		if err != nil {
			continue
		}
		_, v, err := lock.DeriveUserLock(joined, salt, "zKs")
		if err != nil {
			t.Fatal(err)
		}
		if lock.CheckVerifier(v, verifier) != c.right {
			t.Errorf("%s: verified is %v", name, !c.right)
		}
	}
}

// Answers that only a strict reader refuses, from a server of our own.
func TestAuthServerReadsStrictly(t *testing.T) {
	share := append(bytes.Repeat([]byte{0xfb}, 32), 1) // in base64 with + and /
	good := base64.StdEncoding.EncodeToString(share)
	for name, c := range map[string]struct {
		contentType, body string
		ok                bool
	}{
		"good":                {"application/json", `{"secret":"` + good + `"}`, true},
		"spaces":              {"application/json", " {\n\"secret\" : \"" + good + "\" } \n", true},
		"url alphabet":        {"application/json", `{"secret":"` + strings.NewReplacer("+", "-", "/", "_").Replace(good) + `"}`, false},
		"line end in base64":  {"application/json", `{"secret":"` + good[:20] + `\n` + good[20:] + `"}`, false},
		"line ends in base64": {"application/json", `{"secret":"` + good[:20] + `\n\n\n\n` + good[20:] + `"}`, false},
		"unknown member":      {"application/json", `{"secret":"` + good + `","x":1}`, false},
		"null":                {"application/json", `{"secret":null}`, false},
		"number":              {"application/json", `{"secret":1}`, false},
		"array":               {"application/json", `["` + good + `"]`, false},
		"string":              {"application/json", `"` + good + `"`, false},
		"empty object":        {"application/json", `{}`, false},
		"empty":               {"application/json", ``, false},
		"null object":         {"application/json", `null`, false},
		"cut":                 {"application/json", `{"secret":"` + good, false},
		"deep":                {"application/json", strings.Repeat("[", 4000), false},
		"no type":             {"", `{"secret":"` + good + `"}`, false},
		"text":                {"text/plain", `{"secret":"` + good + `"}`, false},
		"like JSON":           {"application/jsonp", `{"secret":"` + good + `"}`, false},
		"4 KiB":               {"application/json", `{"secret":"` + good + `"}` + strings.Repeat(" ", 4096-len(good)-13), true},
		"4 KiB and a byte":    {"application/json", `{"secret":"` + good + `"}` + strings.Repeat(" ", 4097-len(good)-13), false},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Content-Type"] = []string{c.contentType}
			_, _ = w.Write([]byte(c.body))
		}))
		got, err := newAuthServer(t, lock.AuthServerOptions{URL: server.URL, Token: "t"}).Share(context.Background(), controller)
		server.Close()
		if c.ok != (err == nil) || c.ok && !bytes.Equal(got, share) {
			t.Errorf("%s: got %x, %v", name, got, err)
		}
		if _, typed := errors.AsType[*lock.UnavailableError](err); err != nil && !typed {
			t.Errorf("%s: got %T", name, err)
		}
	}
}

func TestAuthServerRefusesCompressedBombsAndStatuses(t *testing.T) {
	for status, retryable := range map[int]bool{
		201: false, 204: false, 301: false, 302: false, 308: false, 400: false, 403: false, 410: false, 418: false, 429: true,
		500: true, 502: true, 504: true,
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Accept-Encoding") != "" {
				t.Error("asks for compression")
			}
			w.Header().Set("Location", "/elsewhere")
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
		}))
		_, err := newAuthServer(t, lock.AuthServerOptions{URL: server.URL, Token: "t"}).Share(context.Background(), controller)
		u, ok := errors.AsType[*lock.UnavailableError](err)
		if !ok || u.Retryable != retryable {
			t.Errorf("status %d: got %v, want retryable %v", status, err, retryable)
		}
		server.Close()
	}
}

// The token must not follow a redirect to another server.
func TestAuthServerDoesNotFollowRedirects(t *testing.T) {
	var reached bool
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	defer other.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		server := httptest.NewServer(http.RedirectHandler(other.URL+"/secret", status))
		_, err := newAuthServer(t, lock.AuthServerOptions{URL: server.URL, Token: "t"}).Share(context.Background(), controller)
		wantUnavailable(t, err, "auth-server", "answer is a redirect, which is not followed", false)
		server.Close()
	}
	if reached {
		t.Error("the other server was called")
	}
}

func TestAuthServerOverTLS(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	_, err := newAuthServer(t, lock.AuthServerOptions{URL: server.URL, Token: "t"}).Share(context.Background(), controller)
	wantUnavailable(t, err, "auth-server", "certificate is not trusted", false)
}

func TestAuthServerNobodyListens(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + l.Addr().String()
	_ = l.Close()
	_, err = newAuthServer(t, lock.AuthServerOptions{URL: url, Token: "t"}).Share(context.Background(), controller)
	wantUnavailable(t, err, "auth-server", "no connection", true)
}

func TestAuthServerHonoursTheCaller(t *testing.T) {
	auth, a := startAuth(t, authserver.Options{})
	auth.Inject(authserver.Slow, authserver.Always)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := a.Share(ctx, controller); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled within", err)
	}
	for _, sub := range []string{"", strings.Repeat("x", 2<<10+1)} {
		_, err := a.Share(context.Background(), sub)
		wantUnavailable(t, err, "auth-server", "controller's name has an impossible length", false)
	}
	if auth.Calls() != 0 {
		t.Errorf("%d calls", auth.Calls())
	}
}

func TestNewAuthServerNamesTheBadOption(t *testing.T) {
	good := lock.AuthServerOptions{URL: "https://auth.example.com/base", Token: "t"}
	for url, says := range badURLs {
		o := good
		o.URL = url
		if _, err := lock.NewAuthServer(o); err == nil || !strings.Contains(err.Error(), "auth server URL "+says) {
			t.Errorf("URL %q: got %v, want one that says %q", url, err, says)
		} else if strings.Contains(err.Error(), "u:p") {
			t.Errorf("URL %q: %v repeats the password", url, err)
		}
	}
	for _, url := range []string{"https://auth.example.com", "http://127.0.0.1:1", "http://[::1]:1", "http://localhost:1", "http://127.1.2.3", "HTTP://LOCALHOST"} {
		o := good
		o.URL = url
		if _, err := lock.NewAuthServer(o); err != nil {
			t.Errorf("URL %q: %v", url, err)
		}
	}
	for says, o := range map[string]lock.AuthServerOptions{
		"token has 0":    {URL: good.URL},
		"token has 4097": {URL: good.URL, Token: strings.Repeat("t", 4097)},
		"timeout is -1s": {URL: good.URL, Token: "t", Timeout: -time.Second},
		"timeout is 1h":  {URL: good.URL, Token: "t", Timeout: time.Hour},
	} {
		if _, err := lock.NewAuthServer(o); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("got %v, want one that says %q", err, says)
		}
	}
}

func TestAuthServerIsRedacted(t *testing.T) {
	o := lock.AuthServerOptions{URL: "https://auth.example.com", Token: "tok-3141592653"}
	a := newAuthServer(t, o)
	text := fmt.Sprintf("%v %+v %#v %s %v %+v %#v %v %+v", o, o, o, o, &o, a, a, *a, *a)
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("m", "o", o, "a", a)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("m", "o", o, "a", a)
	text += log.String()
	mustNotLeak(t, text, []byte(o.Token))
	mustNotLeak(t, text, []byte(base64.StdEncoding.EncodeToString([]byte(o.Token))))
	if !strings.Contains(text, "auth.example.com") {
		t.Errorf("got %s", text)
	}
}

func TestAuthServerLeavesNoGoroutinesBehind(t *testing.T) {
	auth, a := startAuth(t, authserver.Options{})
	noGoroutinesLeft(t, a.Close, func() {
		for _, f := range []authserver.Fault{authserver.None, authserver.Slow, authserver.SlowBody, authserver.Huge, authserver.Reset, authserver.HTML} {
			auth.Inject(f, authserver.Always)
			var users sync.WaitGroup
			for range 8 {
				users.Go(func() { _, _ = a.Share(context.Background(), controller) })
			}
			users.Wait()
		}
	})
}
