package authserver_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"twolock/companion/authserver"
)

const (
	service = "service token"
	alice   = "did:key:z6MkAlice"
	bob     = "did:key:z6Mk.Bob.0"
)

var (
	aliceShare = append(bytes.Repeat([]byte{0xa1}, 32), 7)
	bobShare   = append(bytes.Repeat([]byte{0xb0}, 32), 255)
)

func start(t *testing.T, o authserver.Options) (*authserver.Server, string) {
	t.Helper()
	o.ServiceToken = service
	s := authserver.New(o)
	h := httptest.NewServer(s)
	t.Cleanup(h.Close)
	t.Cleanup(s.Close)
	return s, h.URL
}

func bearer(token string) string { return "Bearer " + base64.StdEncoding.EncodeToString([]byte(token)) }

func secretJSON(share []byte) string {
	return `{"secret":"` + base64.StdEncoding.EncodeToString(share) + `"}`
}

type answer struct {
	status int
	body   string
	err    error
}

func call(t *testing.T, method, url, authorization, body string) answer {
	t.Helper()
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	return do(r)
}

func do(r *http.Request) answer {
	c := &http.Client{Timeout: 5 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := c.Do(r)
	if err != nil {
		return answer{err: err}
	}
	defer res.Body.Close()
	b, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	return answer{res.StatusCode, string(b), err}
}

func TestAUserStoresOnceAndTheServiceReads(t *testing.T) {
	s, base := start(t, authserver.Options{})
	for sub, share := range map[string][]byte{alice: aliceShare, bob: bobShare} {
		get := base + "/secret?sub=" + url.QueryEscape(sub)
		if a := call(t, http.MethodGet, get, bearer(service), ""); a.status != 404 {
			t.Errorf("%s, before: %+v", sub, a)
		}
		if a := call(t, http.MethodPost, base+"/secret", bearer(s.UserToken(sub)), secretJSON(share)); a.status != 204 {
			t.Errorf("%s, POST: %+v", sub, a)
		}
		if a := call(t, http.MethodPost, base+"/secret", bearer(s.UserToken(sub)), secretJSON(bytes.Repeat([]byte{1}, 33))); a.status != 409 {
			t.Errorf("%s, POST again: %+v", sub, a)
		}
		var got struct{ Secret []byte }
		a := call(t, http.MethodGet, get, bearer(service), "")
		if err := json.Unmarshal([]byte(a.body), &got); err != nil || a.status != 200 || !bytes.Equal(got.Secret, share) {
			t.Errorf("%s, GET: %+v", sub, a)
		}
	}
	_, again := start(t, authserver.Options{Shares: s.Shares()})
	if a := call(t, http.MethodGet, again+"/secret?sub="+alice, bearer(service), ""); a.body != secretJSON(aliceShare) {
		t.Errorf("after a restart: %+v", a)
	}
}

func TestTokensAreChecked(t *testing.T) {
	s, base := start(t, authserver.Options{Shares: map[string][]byte{alice: aliceShare}})
	other := authserver.New(authserver.Options{ServiceToken: service})
	token := s.UserToken(bob)
	get, post := base+"/secret?sub="+alice, base+"/secret"
	for name, authorization := range map[string]string{
		"none": "", "raw": "Bearer " + service, "Basic": "Basic " + base64.StdEncoding.EncodeToString([]byte(service)),
		"lower case": strings.ToLower(bearer(service)), "prefix": bearer(service[:5]), "longer": bearer(service + "x"), "empty": bearer(""),
		"no padding": strings.TrimRight(bearer(service), "="), "other server's user": bearer(other.UserToken(bob)),
		"MAC changed": bearer(token[:len(token)-1] + "z"), "MAC of another": bearer(alice + token[strings.LastIndex(token, "."):]),
		"no MAC": bearer(bob), "only a MAC": bearer(token[strings.LastIndex(token, "."):]), "empty MAC": bearer(bob + "."),
	} {
		if a := call(t, http.MethodGet, get, authorization, ""); a.status != 401 || strings.Contains(a.body, "secret\":") {
			t.Errorf("%s, GET: %+v", name, a)
		}
		if a := call(t, http.MethodPost, post, authorization, secretJSON(bobShare)); a.status != 401 {
			t.Errorf("%s, POST: %+v", name, a)
		}
	}
	if a := call(t, http.MethodGet, get, bearer(s.UserToken(alice)), ""); a.status != 403 {
		t.Errorf("a user reads: %+v", a)
	}
	if a := call(t, http.MethodPost, post, bearer(service), secretJSON(bobShare)); a.status != 403 {
		t.Errorf("the service stores: %+v", a)
	}
	r, _ := http.NewRequest(http.MethodGet, get, nil)
	r.Header["Authorization"] = []string{bearer(service), bearer(service)}
	if a := do(r); a.status != 401 {
		t.Errorf("two headers: %+v", a)
	}
	if n := len(s.Shares()); n != 1 {
		t.Errorf("%d shares, want 1", n)
	}
}

func TestInputIsStrict(t *testing.T) {
	s, base := start(t, authserver.Options{Shares: map[string][]byte{alice: aliceShare}})
	good := base64.StdEncoding.EncodeToString(bobShare)
	for name, c := range map[string]struct {
		body   string
		status int
	}{
		"case":       {`{"Secret":"` + good + `"}`, 400},
		"twice":      {`{"secret":"` + good + `","secret":"` + good + `"}`, 400},
		"unknown":    {`{"secret":"` + good + `","sub":"` + alice + `"}`, 400},
		"trailing":   {secretJSON(bobShare) + "{}", 400},
		"not JSON":   {`secret`, 400},
		"null":       {`{"secret":null}`, 400},
		"base64url":  {`{"secret":"` + base64.RawURLEncoding.EncodeToString(bytes.Repeat([]byte{0xff}, 33)) + `"}`, 400},
		"line end":   {`{"secret":"` + good[:4] + `\n` + good[4:] + `"}`, 400},
		"32 bytes":   {secretJSON(bobShare[:32]), 400},
		"34 bytes":   {secretJSON(append(bytes.Clone(bobShare), 1)), 400},
		"no bytes":   {secretJSON(nil), 400},
		"x = 0":      {secretJSON(make([]byte, 33)), 400},
		"over 4 KiB": {secretJSON(bobShare) + strings.Repeat(" ", 4096), 413},
	} {
		if a := call(t, http.MethodPost, base+"/secret", bearer(s.UserToken(bob)), c.body); a.status != c.status {
			t.Errorf("%s: got %+v, want %d", name, a, c.status)
		}
	}
	r, _ := http.NewRequest(http.MethodPost, base+"/secret", strings.NewReader(secretJSON(bobShare)))
	r.Header.Set("Authorization", bearer(s.UserToken(bob)))
	r.Header.Set("Content-Type", "text/plain")
	if a := do(r); a.status != 415 {
		t.Errorf("content type: %+v", a)
	}
	for query, status := range map[string]int{
		"": 400, "?sub=": 400, "?sub=a&sub=b": 400, "?sub=a&x=1": 400, "?x=1": 400, "?sub=%zz": 400, "?sub=" + strings.Repeat("x", 2049): 400,
		"?sub=a;b=c": 400, "?sub=none": 404, "?sub=" + alice: 200, "?sub=" + url.QueryEscape(alice): 200,
	} {
		if a := call(t, http.MethodGet, base+"/secret"+query, bearer(service), ""); a.status != status {
			t.Errorf("query %q: got %+v, want %d", query, a, status)
		}
	}
	for _, path := range []string{"/", "/secret/", "/Secret", "/secrets"} {
		if a := call(t, http.MethodGet, base+path+"?sub="+alice, bearer(service), ""); a.status != 404 {
			t.Errorf("path %s: %+v", path, a)
		}
	}
	for _, method := range []string{http.MethodPut, http.MethodDelete, http.MethodPatch} {
		if a := call(t, method, base+"/secret?sub="+alice, bearer(service), ""); a.status != 405 {
			t.Errorf("%s: %+v", method, a)
		}
	}
	if n := len(s.Shares()); n != 1 {
		t.Errorf("%d shares, want 1", n)
	}
}

func TestFaults(t *testing.T) {
	s, base := start(t, authserver.Options{
		Shares: map[string][]byte{alice: aliceShare, bob: bobShare}, Delay: 50 * time.Millisecond,
	})
	get := func() answer { return call(t, http.MethodGet, base+"/secret?sub="+alice, bearer(service), "") }
	share := func(a answer) []byte {
		var got struct{ Secret []byte }
		if err := json.Unmarshal([]byte(a.body), &got); err != nil || a.status != 200 {
			t.Errorf("%+v: %v", a, err)
		}
		return got.Secret
	}
	right := secretJSON(aliceShare)
	for f, ok := range map[authserver.Fault]func(answer) bool{
		authserver.Down:           func(a answer) bool { return a.status == 503 },
		authserver.Throttled:      func(a answer) bool { return a.status == 429 },
		authserver.Slow:           func(a answer) bool { return a.body == right },
		authserver.SlowBody:       func(a answer) bool { return a.err != nil },
		authserver.Reset:          func(a answer) bool { return a.err != nil && a.status == 0 },
		authserver.ResetBody:      func(a answer) bool { return a.err != nil && a.status == 200 },
		authserver.Unauthorized:   func(a answer) bool { return a.status == 401 },
		authserver.Missing:        func(a answer) bool { return a.status == 404 },
		authserver.HTML:           func(a answer) bool { return a.status == 200 && strings.HasPrefix(a.body, "<html>") },
		authserver.HTMLAsJSON:     func(a answer) bool { return a.status == 200 && strings.HasPrefix(a.body, "<html>") },
		authserver.Huge:           func(a answer) bool { return len(a.body) == 1<<20 },
		authserver.Redirect:       func(a answer) bool { return a.status == 307 },
		authserver.Malformed:      func(a answer) bool { return strings.Count(a.body, `"secret"`) == 2 },
		authserver.Misspelt:       func(a answer) bool { return strings.Contains(a.body, `"SECRET"`) },
		authserver.Trailing:       func(a answer) bool { return strings.HasSuffix(a.body, "} {}") },
		authserver.WrongShare:     func(a answer) bool { s := share(a); return len(s) == 33 && s[32] != 0 && !bytes.Equal(s, aliceShare) },
		authserver.OtherUserShare: func(a answer) bool { return bytes.Equal(share(a), bobShare) },
		authserver.ZeroX:          func(a answer) bool { return bytes.Equal(share(a), append(bytes.Clone(aliceShare[:32]), 0)) },
		authserver.Empty:          func(a answer) bool { return len(share(a)) == 0 },
		authserver.Short:          func(a answer) bool { return bytes.Equal(share(a), aliceShare[:32]) },
		authserver.Long:           func(a answer) bool { return len(share(a)) == 34 },
	} {
		s.Inject(f, authserver.Always)
		for range 2 {
			if a := get(); !ok(a) {
				t.Errorf("%v: got status %d, %.100q, %v", f, a.status, a.body, a.err)
			}
		}
		s.Heal()
		if a := get(); a.body != right {
			t.Errorf("%v, healed: %+v", f, a)
		}
	}
	s.Inject(authserver.Down, 2)
	for i, status := range []int{503, 503, 200} {
		if a := get(); a.status != status {
			t.Errorf("call %d: %+v, want %d", i, a, status)
		}
	}
}

func TestCallsAreToldWithoutSecrets(t *testing.T) {
	var mu sync.Mutex
	var told []authserver.Call
	s, base := start(t, authserver.Options{
		Shares: map[string][]byte{alice: aliceShare},
		OnCall: func(c authserver.Call) { mu.Lock(); defer mu.Unlock(); told = append(told, c) },
	})
	call(t, http.MethodGet, base+"/secret?sub="+alice, bearer(service), "")
	call(t, http.MethodPost, base+"/secret", bearer(s.UserToken(bob)), secretJSON(bobShare))
	s.Inject(authserver.Reset, 1)
	r, _ := http.NewRequest(http.MethodPost, base+"/secret", http.NoBody)
	do(r)
	mu.Lock()
	defer mu.Unlock()
	want := fmt.Sprint([]authserver.Call{
		{Method: "GET", Subject: alice, Status: 200}, {Method: "POST", Subject: bob, Status: 204}, {Method: "POST", Fault: authserver.Reset},
	})
	if got := fmt.Sprint(told); got != want || s.Calls() != 3 {
		t.Errorf("got %s (%d calls), want %s", got, s.Calls(), want)
	}
}

// Of many at once for one user, one stores: the others hear 409.
func TestOneOfManyStores(t *testing.T) {
	s, base := start(t, authserver.Options{})
	statuses := make([]int, 8)
	var users sync.WaitGroup
	for i := range statuses {
		users.Go(func() {
			share := append(bytes.Repeat([]byte{byte(i)}, 32), 1)
			statuses[i] = call(t, http.MethodPost, base+"/secret", bearer(s.UserToken(alice)), secretJSON(share)).status
		})
	}
	users.Wait()
	count := map[int]int{}
	for _, status := range statuses {
		count[status]++
	}
	if count[204] != 1 || count[409] != 7 {
		t.Errorf("statuses %v", statuses)
	}
	for i, status := range statuses {
		if status == 204 && s.Shares()[alice][0] != byte(i) {
			t.Error("the share that stands is not the one that was acknowledged")
		}
	}
}

func TestCloseLetsGoOfWaitingCalls(t *testing.T) {
	s, base := start(t, authserver.Options{Delay: time.Hour})
	s.Inject(authserver.Slow, authserver.Always)
	done := make(chan answer, 1)
	go func() { done <- call(t, http.MethodGet, base+"/secret?sub="+alice, bearer(service), "") }()
	select {
	case a := <-done:
		t.Errorf("did not wait: %+v", a)
	case <-time.After(100 * time.Millisecond):
	}
	s.Close()
	select {
	case a := <-done:
		if a.err == nil {
			t.Errorf("waited, then %+v", a)
		}
	case <-time.After(4 * time.Second):
		t.Error("waits still")
	}
}

func TestNewRefusesOptionsThatMakeNoSense(t *testing.T) {
	for name, o := range map[string]authserver.Options{
		"no token": {}, "short key": {ServiceToken: "t", UserTokenKey: []byte("short")},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			authserver.New(o)
		}()
	}
}
