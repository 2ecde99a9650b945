package edv_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"sync"
	"testing"
	"time"

	"twolock/auth"
	vaultserver "twolock/companion/edv"
	"twolock/crypto/secret"
	"twolock/keystore"
	"twolock/storage/edv"
	"twolock/storage/edv/jwe"
	"twolock/storage/storagetest"
)

// world is a vault server, a user with a vault there, and the service to which the user delegated it.
type world struct {
	server  *vaultserver.Server
	base    string
	user    *auth.Identity
	service *auth.Identity
	url     string // of the vault
	client  *http.Client
}

func newIdentity(t testing.TB) *auth.Identity {
	t.Helper()
	id, err := auth.NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func newWorld(t testing.TB) *world {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &world{base: "http://" + listener.Addr().String(), user: newIdentity(t), service: newIdentity(t), client: edv.NewHTTPClient(true)}
	if w.server, err = vaultserver.New(vaultserver.Options{Base: w.base}); err != nil {
		t.Fatal(err)
	}
	ts := httptest.NewUnstartedServer(w.server)
	ts.Listener.Close()
	ts.Listener = listener
	ts.Start()
	t.Cleanup(ts.Close)
	w.url = w.createVault(t, w.user)
	return w
}

// createVault makes a vault that belongs to the identity and returns its URL.
func (w *world) createVault(t testing.TB, owner *auth.Identity) string {
	t.Helper()
	body := []byte(`{"sequence":0,"controller":"` + owner.DID() + `","keyAgreementKey":{"id":"urn:kak","type":"X25519KeyAgreementKey2020"},` +
		`"hmac":{"id":"urn:hmac","type":"Sha256HmacKey2019"}}`)
	req, err := http.NewRequest(http.MethodPost, w.base+"/edvs", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if err := auth.SignRequest(req, body, owner, auth.Invocation{RootTarget: w.base + "/edvs", Action: "write"}, time.Now()); err != nil {
		t.Fatal(err)
	}
	resp, err := w.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusCreated {
		text, _ := io.ReadAll(resp.Body)
		t.Fatalf("creating a vault: status %d, %s", resp.StatusCode, text)
	}
	return resp.Header.Get("Location")
}

func (w *world) delegate(t testing.TB, change func(*auth.Delegation)) *auth.Capability {
	t.Helper()
	d := auth.Delegation{
		RootTarget: w.url, Controller: w.service.DID(), Target: w.url, Actions: []string{"read", "write"},
		Expires: time.Now().Add(time.Hour),
	}
	if change != nil {
		change(&d)
	}
	c, err := w.user.Delegate(d, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (w *world) options(t testing.TB) edv.Options {
	t.Helper()
	s := edv.NewSecrets()
	return edv.Options{
		Keystore: storagetest.ID(), URL: w.url, Capability: w.delegate(t, nil), Identity: w.service, Recipient: s.Recipient, MAC: s.MAC,
		RecipientID: "urn:twolock:test#recipient", HTTP: w.client,
	}
}

func open(t testing.TB, o edv.Options) *edv.Vault {
	t.Helper()
	v, err := edv.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func (w *world) open(t testing.TB) (*edv.Vault, string) {
	t.Helper()
	o := w.options(t)
	return open(t, o), o.Keystore
}

// The contract that the server's database fulfils as well.
func TestContract(t *testing.T) {
	storagetest.Keys(t, func(t *testing.T) (keystore.Keys, []string) {
		v, id := newWorld(t).open(t)
		return v, []string{id}
	})
}

// A capability for the documents alone is enough.
func TestCapabilityForDocuments(t *testing.T) {
	w := newWorld(t)
	o := w.options(t)
	o.Capability = w.delegate(t, func(d *auth.Delegation) { d.Target += "/documents" })
	v := open(t, o)
	k := storagetest.KeyRecord(o.Keystore)
	if err := v.InsertKey(t.Context(), k); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Key(t.Context(), k.Keystore, k.ID); err != nil {
		t.Error(err)
	}
	if got, err := v.ListKeys(t.Context(), k.Keystore, keystore.KeyFilter{}, keystore.Position{}, 10); err != nil || len(got) != 1 {
		t.Errorf("ListKeys: %d keys, %v; want 1", len(got), err)
	}
}

// In the good case each operation is one request.
func TestRequestsPerOperation(t *testing.T) {
	w := newWorld(t)
	v, id := w.open(t)
	k := storagetest.KeyRecord(id)
	if err := v.InsertKey(t.Context(), k); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Key(t.Context(), id, k.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := v.ListKeys(t.Context(), id, keystore.KeyFilter{}, keystore.Position{}, 10); err != nil {
		t.Fatal(err)
	}
	w.expectRequests(t, 1, 1, 1)
}

func (w *world) expectRequests(t *testing.T, inserts, gets, queries int) {
	t.Helper()
	i, g, q := w.server.Requests(vaultserver.Insert), w.server.Requests(vaultserver.Get), w.server.Requests(vaultserver.Query)
	if i != inserts || g != gets || q != queries {
		t.Errorf("the vault got %d inserts, %d gets, %d queries; want %d, %d, %d", i, g, q, inserts, gets, queries)
	}
}

// recorder keeps what goes over the wire. Requests may go at once; look at it when they are done.
type recorder struct {
	next http.RoundTripper
	mu   sync.Mutex
	sent []byte
	path []string
}

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	var body []byte
	if req.Body != nil {
		var err error
		if body, err = io.ReadAll(req.Body); err != nil {
			return nil, err
		}
		req.Body = io.NopCloser(bytes.NewReader(body))
	}
	r.mu.Lock()
	r.sent = append(r.sent, body...)
	r.path = append(r.path, req.Method+" "+req.URL.Path)
	r.mu.Unlock()
	return r.next.RoundTrip(req)
}

// What leaves the server tells the vault nothing about the key.
func TestVaultSeesNothing(t *testing.T) {
	w := newWorld(t)
	o := w.options(t)
	rec := &recorder{next: w.client.Transport}
	o.HTTP = &http.Client{Transport: rec}
	v := open(t, o)
	k := storagetest.KeyRecord(o.Keystore)
	if err := v.InsertKey(t.Context(), k); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Key(t.Context(), k.Keystore, k.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := v.ListKeys(t.Context(), k.Keystore, keystore.KeyFilter{}, keystore.Position{}, 10); err != nil {
		t.Fatal(err)
	}
	wire := string(rec.sent) + strings.Join(rec.path, "\n")
	for name, secret := range map[string]string{
		"key id": k.ID, "keystore id": k.Keystore, "type": string(k.Type), "state": string(k.State), "attribute": "content.keystore",
	} {
		if strings.Contains(wire, secret) {
			t.Errorf("the vault sees the %s", name)
		}
	}
	var doc struct {
		ID       string
		Sequence *int
		Indexed  []struct {
			Sequence   *int
			Attributes []struct{ Name, Value string }
		}
		JWE json.RawMessage
	}
	if err := json.NewDecoder(bytes.NewReader(rec.sent)).Decode(&doc); err != nil {
		t.Fatal(err)
	}
	if doc.Sequence == nil || *doc.Sequence != 0 || len(doc.Indexed) != 1 || len(doc.Indexed[0].Attributes) != 1 || doc.JWE == nil {
		t.Errorf("the document is %s, want id, sequence 0, one index entry with one attribute, jwe", rec.sent)
	}
	if want := "GET " + strings.TrimPrefix(w.url, w.base) + "/documents/" + doc.ID; rec.path[1] != want {
		t.Errorf("the key was read by %s, want %s", rec.path[1], want)
	}
}

// Two keystores in one vault have different documents for the same key id, and do not find each other's.
func TestKeystoresSharingAVault(t *testing.T) {
	w := newWorld(t)
	a, idA := w.open(t)
	b, idB := w.open(t)
	k := storagetest.KeyRecord(idA)
	if err := a.InsertKey(t.Context(), k); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Key(t.Context(), idB, k.ID); !errors.Is(err, keystore.ErrNotFound) {
		t.Errorf("the other keystore's Key: %v, want ErrNotFound", err)
	}
	if got, err := b.ListKeys(t.Context(), idB, keystore.KeyFilter{}, keystore.Position{}, 10); err != nil || len(got) != 0 {
		t.Errorf("the other keystore lists %d keys, %v; want none", len(got), err)
	}
	k.Keystore = idB
	if err := b.InsertKey(t.Context(), k); err != nil {
		t.Errorf("the same key id in the other keystore: %v", err)
	}
}

// The vault cannot pass one document off as another: threat T6.
func TestSwappedDocuments(t *testing.T) {
	w := newWorld(t)
	v, id := w.open(t)
	a, b := storagetest.KeyRecord(id), storagetest.KeyRecord(id)
	for _, k := range []keystore.KeyRecord{a, b} {
		if err := v.InsertKey(t.Context(), k); err != nil {
			t.Fatal(err)
		}
	}
	for _, kind := range []vaultserver.FaultKind{vaultserver.Swap, vaultserver.SwapRelabelled} {
		w.server.Inject(vaultserver.Get, vaultserver.Fault{Kind: kind, Times: 2})
		got, err := v.Key(t.Context(), id, a.ID)
		expectVault(t, "Key", err, false, "another document")
		if got.Sealed != nil {
			t.Error("Key gives out the other key with its error")
		}
		_, err = v.KeyVersion(t.Context(), id, a.ID, 1)
		expectVault(t, "KeyVersion", err, false, "another document")
	}
	w.server.Inject(vaultserver.Query, vaultserver.Fault{Kind: vaultserver.SwapRelabelled, Times: 1})
	got, err := v.ListKeys(t.Context(), id, keystore.KeyFilter{}, keystore.Position{}, 10)
	if err != nil || len(got) != 2 || got[0].Damage == "" || got[1].Damage == "" || got[0].ID != "" || got[0].Sealed != nil {
		t.Errorf("ListKeys of swapped documents: %+v, %v; want two that are damaged", got, err)
	}
}

// A document of another keystore does not pass, even where both have the same secrets.
func TestDocumentOfAnotherKeystore(t *testing.T) {
	w := newWorld(t)
	o := w.options(t)
	k := storagetest.KeyRecord(o.Keystore)
	if err := open(t, o).InsertKey(t.Context(), k); err != nil {
		t.Fatal(err)
	}
	o.Keystore = storagetest.ID()
	_, err := open(t, o).Key(t.Context(), o.Keystore, k.ID)
	expectVault(t, "Key", err, false, "another document")
}

// expectVault wants an UPSTREAM_UNAVAILABLE error of the vault.
func expectVault(t *testing.T, what string, err error, retryable bool, says string) {
	t.Helper()
	e, ok := errors.AsType[*keystore.Error](err)
	if !ok || e.Code != keystore.UpstreamUnavailable || e.Upstream != "vault" || e.Retryable != retryable ||
		!strings.Contains(e.Message, says) {
		t.Errorf("%s: %#v; want UPSTREAM_UNAVAILABLE of the vault, retryable %v, saying %q", what, err, retryable, says)
	}
}

// What an insert comes to, by what goes wrong with its requests.
func TestInsertFaults(t *testing.T) {
	fault := func(k vaultserver.FaultKind, n int) vaultserver.Fault { return vaultserver.Fault{Kind: k, Times: n} }
	status := func(code int) vaultserver.Fault {
		return vaultserver.Fault{Kind: vaultserver.Status, Status: code, Times: 1}
	}
	for _, c := range []struct {
		name      string
		faults    []vaultserver.Fault
		stored    bool // and acknowledged
		retryable bool
		says      string
		inserts   int
		gets      int
	}{
		{"500 once", []vaultserver.Fault{fault(vaultserver.Outage, 1)}, true, false, "", 2, 0},
		{"503 once", []vaultserver.Fault{status(503)}, true, false, "", 2, 0},
		{"500 after it was stored", []vaultserver.Fault{fault(vaultserver.FailAfter, 1)}, true, false, "", 2, 1},
		{"connection lost before", []vaultserver.Fault{fault(vaultserver.Drop, 1)}, true, false, "", 2, 0},
		{"connection lost after it was stored", []vaultserver.Fault{fault(vaultserver.DropAfter, 1)}, true, false, "", 2, 1},
		{"no answer once", []vaultserver.Fault{fault(vaultserver.Hang, 1)}, true, false, "", 2, 0},
		{"500 twice", []vaultserver.Fault{fault(vaultserver.Outage, 2)}, false, true, "failed", 2, 1},
		{"500 twice, stored the first time", []vaultserver.Fault{fault(vaultserver.FailAfter, 1), fault(vaultserver.Outage, 1)}, true, false, "", 2, 1},
		{"429", []vaultserver.Fault{status(429)}, false, true, "busy", 1, 0},
		{"400", []vaultserver.Fault{status(400)}, false, false, "refused the request", 1, 0},
		{"404", []vaultserver.Fault{status(404)}, false, false, "no vault", 1, 0},
		{"401", []vaultserver.Fault{status(401)}, false, false, "updateVaultCapability", 1, 0},
		{"403", []vaultserver.Fault{status(403)}, false, false, "updateVaultCapability", 1, 0},
		{"307", []vaultserver.Fault{{Kind: vaultserver.Redirect, Location: "/elsewhere", Times: 1}}, false, false, "redirect", 1, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			v, id := w.open(t)
			for _, f := range c.faults {
				w.server.Inject(vaultserver.Insert, f)
			}
			k := storagetest.KeyRecord(id)
			err := v.InsertKey(t.Context(), k)
			if c.stored {
				if err != nil {
					t.Errorf("InsertKey: %v, want success", err)
				}
			} else {
				expectVault(t, "InsertKey", err, c.retryable, c.says)
			}
			w.expectRequests(t, c.inserts, c.gets, 0)
			got, err := v.Key(t.Context(), id, k.ID)
			if c.stored && (err != nil || !bytes.Equal(got.Sealed, k.Sealed)) {
				t.Errorf("Key afterwards: %v, want the key", err)
			}
			if !c.stored && !errors.Is(err, keystore.ErrNotFound) {
				t.Errorf("Key afterwards: %v, want ErrNotFound", err)
			}
		})
	}
}

// An ambiguous failure followed by a conflict is success only if the document there is ours.
func TestAmbiguousInsertOfATakenID(t *testing.T) {
	w := newWorld(t)
	v, id := w.open(t)
	first := storagetest.KeyRecord(id)
	if err := v.InsertKey(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	second := storagetest.KeyRecord(id)
	second.ID = first.ID
	w.server.Inject(vaultserver.Insert, vaultserver.Fault{Kind: vaultserver.Outage, Times: 1})
	if err := v.InsertKey(t.Context(), second); !errors.Is(err, keystore.ErrExists) {
		t.Errorf("InsertKey: %v, want ErrExists", err)
	}
	got, err := v.Key(t.Context(), id, first.ID)
	if err != nil || !bytes.Equal(got.Sealed, first.Sealed) {
		t.Errorf("Key afterwards: %v, want the first key", err)
	}
	// Neither is a vault believed that shows another document, or none.
	third := storagetest.KeyRecord(id)
	for _, f := range []vaultserver.Fault{
		{Kind: vaultserver.SwapRelabelled, Times: 1}, {Kind: vaultserver.StaleRead, Times: 1}, {Kind: vaultserver.TruncateJWE, Times: 1},
	} {
		third.ID = storagetest.ID()
		w.server.Inject(vaultserver.Insert, vaultserver.Fault{Kind: vaultserver.FailAfter, Times: 1})
		w.server.Inject(vaultserver.Get, f)
		if err := v.InsertKey(t.Context(), third); err == nil || errors.Is(err, keystore.ErrExists) {
			t.Errorf("InsertKey, confirmed by fault %v: %v, want an error of the vault", f.Kind, err)
		}
	}
}

func TestReadFaults(t *testing.T) {
	status := func(code int) vaultserver.Fault {
		return vaultserver.Fault{Kind: vaultserver.Status, Status: code, Times: 1}
	}
	garbage := func(s string) vaultserver.Fault {
		return vaultserver.Fault{Kind: vaultserver.Garbage, Body: s, Times: 1}
	}
	w := newWorld(t)
	v, id := w.open(t)
	k := storagetest.KeyRecord(id)
	if err := v.InsertKey(t.Context(), k); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name      string
		fault     vaultserver.Fault
		retryable bool
		says      string
	}{
		{"500", vaultserver.Fault{Kind: vaultserver.Outage, Times: 1}, true, "failed"},
		{"503", status(503), true, "failed"},
		// Lasting, for a read on a connection that was used before is sent again by net/http itself.
		{"connection lost", vaultserver.Fault{Kind: vaultserver.Drop}, true, "did not answer"},
		{"connection lost later", vaultserver.Fault{Kind: vaultserver.DropAfter}, true, "did not answer"},
		{"429", status(429), true, "busy"},
		{"401", status(401), false, "refused the capability"},
		{"403", status(403), false, "refused the capability"},
		{"400", status(400), false, "refused the request"},
		{"204", status(204), false, "refused the request"},
		{"307", vaultserver.Fault{Kind: vaultserver.Redirect, Location: "/elsewhere", Times: 1}, false, "redirect"},
		{"truncated", vaultserver.Fault{Kind: vaultserver.TruncateJWE, Times: 1}, false, "cannot be used"},
		{"empty", garbage(""), false, "cannot be used"},
		{"not JSON", garbage("<html>"), false, "cannot be used"},
		{"null", garbage("null"), false, ""},
		{"unknown member", garbage(`{"id":"z","sequence":0,"indexed":[],"jwe":{},"x":1}`), false, "cannot be used"},
		{"mis-cased member", garbage(`{"documents":[],"hasmore":false,"ID":"z"}`), false, "cannot be used"},
		{"too long", garbage(`{"documents":[]}` + strings.Repeat(" ", 8<<20)), false, "cannot be used"},
		{"deep", garbage(strings.Repeat("[", 100_000)), false, "cannot be used"},
	} {
		w.server.Heal()
		w.server.Inject(vaultserver.Get, c.fault)
		got, err := v.Key(t.Context(), id, k.ID)
		expectVault(t, c.name+": Key", err, c.retryable, c.says)
		if got.Sealed != nil {
			t.Errorf("%s: Key gives out a key with its error", c.name)
		}
		if c.name == "null" || c.name == "truncated" {
			continue // an empty list; one of what is damaged
		}
		w.server.Inject(vaultserver.Query, c.fault)
		_, err = v.ListKeys(t.Context(), id, keystore.KeyFilter{}, keystore.Position{}, 10)
		expectVault(t, c.name+": ListKeys", err, c.retryable, c.says)
	}
	w.server.Heal()
	w.server.Inject(vaultserver.Query, status(404))
	_, err := v.ListKeys(t.Context(), id, keystore.KeyFilter{}, keystore.Position{}, 10)
	expectVault(t, "404: ListKeys", err, false, "no vault")
}

// A vault that does not answer costs no more than the deadline, and a caller who leaves none at all.
func TestDeadlines(t *testing.T) {
	w := newWorld(t)
	v, id := w.open(t)
	w.server.Inject(vaultserver.Insert, vaultserver.Fault{Kind: vaultserver.Hang})
	w.server.Inject(vaultserver.Get, vaultserver.Fault{Kind: vaultserver.Hang})
	for what, call := range map[string]func(context.Context) error{
		"InsertKey": func(ctx context.Context) error { return v.InsertKey(ctx, storagetest.KeyRecord(id)) },
		"Key":       func(ctx context.Context) error { _, err := v.Key(ctx, id, storagetest.ID()); return err },
	} {
		t.Run(what, func(t *testing.T) {
			began := time.Now()
			expectVault(t, what, call(t.Context()), true, "in time")
			if d := time.Since(began); d > edv.Deadline+time.Second {
				t.Errorf("%s took %v, want at most %v", what, d, edv.Deadline)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			began = time.Now()
			expectVault(t, what, call(ctx), true, "in time")
			if d := time.Since(began); d > time.Second {
				t.Errorf("%s took %v with a caller who waits 100 ms", what, d)
			}
		})
	}
}

func TestVaultIsDown(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	w.url = "http://" + listener.Addr().String() + "/edvs/z1"
	listener.Close()
	v, id := w.open(t)
	expectVault(t, "InsertKey", v.InsertKey(t.Context(), storagetest.KeyRecord(id)), true, "cannot be reached")
	_, err = v.Key(t.Context(), id, storagetest.ID())
	expectVault(t, "Key", err, true, "cannot be reached")
}

func TestExpiredCapability(t *testing.T) {
	w := newWorld(t)
	o := w.options(t)
	o.Now = func() time.Time { return time.Now().Add(time.Minute) } // within the vault's patience with clocks
	o.Capability = w.delegate(t, func(d *auth.Delegation) { d.Expires = time.Now().Add(30 * time.Second) })
	v := open(t, o)
	k := storagetest.KeyRecord(o.Keystore)
	if err := v.InsertKey(t.Context(), k); err != nil {
		t.Fatalf("a capability that the vault still takes: %v", err)
	}
	w.server.Inject(vaultserver.Get, vaultserver.Fault{Kind: vaultserver.Status, Status: 403, Times: 1})
	_, err := v.Key(t.Context(), k.Keystore, k.ID)
	expectVault(t, "Key", err, false, "has expired: put a new one in place with updateVaultCapability")
}

// The vault's own check refuses a capability of somebody who does not own it.
func TestCapabilityOfAStranger(t *testing.T) {
	w := newWorld(t)
	o := w.options(t)
	stranger := *w
	stranger.user = newIdentity(t)
	o.Capability = stranger.delegate(t, nil)
	expectVault(t, "InsertKey", open(t, o).InsertKey(t.Context(), storagetest.KeyRecord(o.Keystore)), false, "refused the capability")
}

// A redirect never carries the capability to another place, whatever client was given.
func TestRedirectIsNotFollowed(t *testing.T) {
	var visits int
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visits++ }))
	defer elsewhere.Close()
	w := newWorld(t)
	for _, client := range []*http.Client{w.client, {}} {
		o := w.options(t)
		o.HTTP = client
		v := open(t, o)
		for _, op := range []vaultserver.Operation{vaultserver.Insert, vaultserver.Get, vaultserver.Query} {
			w.server.Inject(op, vaultserver.Fault{Kind: vaultserver.Redirect, Location: elsewhere.URL, Times: 1})
		}
		expectVault(t, "InsertKey", v.InsertKey(t.Context(), storagetest.KeyRecord(o.Keystore)), false, "redirect")
		_, err := v.Key(t.Context(), o.Keystore, storagetest.ID())
		expectVault(t, "Key", err, false, "redirect")
		_, err = v.ListKeys(t.Context(), o.Keystore, keystore.KeyFilter{}, keystore.Position{}, 1)
		expectVault(t, "ListKeys", err, false, "redirect")
	}
	if visits != 0 {
		t.Errorf("%d requests were redirected", visits)
	}
}

// A thousand keys are listed, within the bounds of size and time. One more is an error, not a list that lacks one.
func TestTooManyKeys(t *testing.T) {
	w := newWorld(t)
	v, id := w.open(t)
	for n := range edv.MaxKeys {
		k := storagetest.KeyRecord(id)
		k.CreatedAt = storagetest.Moment(n)
		k.Sealed = storagetest.Bytes(300)
		if err := v.InsertKey(t.Context(), k); err != nil {
			t.Fatal(err)
		}
	}
	began := time.Now()
	got, err := v.ListKeys(t.Context(), id, keystore.KeyFilter{}, keystore.Position{}, 2*edv.MaxKeys)
	if err != nil || len(got) != edv.MaxKeys {
		t.Fatalf("ListKeys: %d keys, %v; want %d", len(got), err, edv.MaxKeys)
	}
	t.Logf("%d keys listed in %v", len(got), time.Since(began))
	if err := v.InsertKey(t.Context(), storagetest.KeyRecord(id)); err != nil {
		t.Fatal(err)
	}
	_, err = v.ListKeys(t.Context(), id, keystore.KeyFilter{}, keystore.Position{}, 10)
	expectVault(t, "ListKeys", err, false, "more than 1000")

	// A vault that does not say whether there are more is not believed to have exactly as many as it may send.
	var documents []string
	for range edv.MaxKeys {
		documents = append(documents, `{"id":"z1","sequence":0,"indexed":[],"jwe":{}}`)
	}
	w.server.Inject(vaultserver.Query, vaultserver.Fault{
		Kind: vaultserver.Garbage, Body: `{"documents":[` + strings.Join(documents, ",") + `]}`, Times: 1,
	})
	_, err = v.ListKeys(t.Context(), id, keystore.KeyFilter{}, keystore.Position{}, 10)
	expectVault(t, "ListKeys without hasMore", err, false, "more than 1000")
}

// A vault that lists a key twice is not believed: the caller's paging would go round in circles.
func TestListedTwice(t *testing.T) {
	w := newWorld(t)
	o := w.options(t)
	capture := &recorder{next: w.client.Transport}
	o.HTTP = &http.Client{Transport: capture}
	v := open(t, o)
	if err := v.InsertKey(t.Context(), storagetest.KeyRecord(o.Keystore)); err != nil {
		t.Fatal(err)
	}
	body := fmt.Sprintf(`{"hasMore":false,"documents":[%s,%[1]s]}`, capture.sent)
	w.server.Inject(vaultserver.Query, vaultserver.Fault{Kind: vaultserver.Garbage, Body: body, Times: 1})
	_, err := v.ListKeys(t.Context(), o.Keystore, keystore.KeyFilter{}, keystore.Position{}, 10)
	expectVault(t, "ListKeys", err, false, "cannot be used")
}

// What was encrypted to us is read strictly too.
func TestContentIsReadStrictly(t *testing.T) {
	w := newWorld(t)
	o := w.options(t)
	rec := &recorder{next: w.client.Transport}
	o.HTTP = &http.Client{Transport: rec}
	v := open(t, o)
	recipient, err := jwe.NewRecipient(o.RecipientID, o.Recipient)
	if err != nil {
		t.Fatal(err)
	}
	id := storagetest.ID()
	if _, err := v.Key(t.Context(), o.Keystore, id); !errors.Is(err, keystore.ErrNotFound) {
		t.Fatal(err)
	}
	documentID := path.Base(rec.path[0])
	version := func(n int) string {
		return fmt.Sprintf(`{"version":%d,"type":"ED25519","state":"ENABLED","sealed":"AAAA","createdAt":"2031-05-04T03:02:01Z"}`, n)
	}
	record := func(versions string) string {
		return fmt.Sprintf(`{"content":{"keystore":%q,"id":%q,"versions":[%s]},"meta":{}}`, o.Keystore, id, versions)
	}
	read := func(plaintext string) (keystore.KeyRecord, error) {
		sealed, err := recipient.Encrypt([]byte(plaintext))
		if err != nil {
			t.Fatal(err)
		}
		body := fmt.Sprintf(`{"id":%q,"sequence":1,"indexed":[],"jwe":%s}`, documentID, sealed)
		w.server.Inject(vaultserver.Get, vaultserver.Fault{Kind: vaultserver.Garbage, Body: body, Times: 1})
		return v.Key(t.Context(), o.Keystore, id)
	}
	today := fmt.Sprintf(`{"content":{"kind":"key","keystore":%q,"id":%q,"shelf":"AAAAAAAAAAAAAAAAAAAAAA","type":"ED25519","createdAt":"2031-05-04T03:02:01Z",`+
		`"revision":1,"newest":1,"oldest":1,"state":"ENABLED","version":{"version":1,"sealed":"AAAA"},"swept":1},"meta":{}}`, o.Keystore, id)
	if got, err := read(today); err != nil || got.Revision != 1 || got.Type != "ED25519" {
		t.Errorf("today's form: %+v, %v; want the key", got, err)
	}
	if _, err := read(`{"content":{},"meta":{"deleted":true}}`); !errors.Is(err, keystore.ErrNotFound) {
		t.Errorf("what is deleted: %v, want ErrNotFound", err)
	}
	if got, err := read(record(version(1) + "," + version(3))); err != nil || got.Version != 3 || got.PublicKey != nil {
		t.Errorf("two versions: %+v, %v; want version 3 without a public key", got, err)
	}
	for what, plaintext := range map[string]string{
		"no JSON":               "x",
		"no content":            `{"meta":{}}`,
		"no versions":           record(""),
		"version 0":             record(version(0)),
		"a version twice":       record(version(1) + "," + version(1)),
		"versions out of order": record(version(2) + "," + version(1)),
		"an unknown member":     strings.Replace(record(version(1)), `"id"`, `"x":1,"id"`, 1),
		"a member twice":        strings.Replace(record(version(1)), `"id"`, `"keystore":"k","id"`, 1),
		"padded base64":         strings.Replace(record(version(1)), "AAAA", "AAA=", 1),
		"another time":          strings.Replace(record(version(1)), "2031-05-04T", "2031-05-04 ", 1),
		"a list":                `{"content":[],"meta":{}}`,
		"an unknown kind":       strings.Replace(record(version(1)), `"id"`, `"kind":"lock","id"`, 1),
		"the kind of today":     strings.Replace(record(version(1)), `"id"`, `"kind":"key","id"`, 1),
		"deleted, but not all":  strings.Replace(record(version(1)), `"meta":{}`, `"meta":{"deleted":true}`, 1),
		"not deleted, but all":  `{"content":{},"meta":{"deleted":false}}`,
		"no shelf":              strings.Replace(today, `"AAAAAAAAAAAAAAAAAAAAAA"`, `""`, 1),
		"a short shelf":         strings.Replace(today, `"AAAAAAAAAAAAAAAAAAAAAA"`, `"AAAA"`, 1),
		"no revision":           strings.Replace(today, `"revision":1,`, "", 1),
		"another newest":        strings.Replace(today, `"newest":1`, `"newest":2`, 1),
		"oldest 0":              strings.Replace(today, `"oldest":1`, `"oldest":0`, 1),
		"oldest too new":        strings.Replace(today, `"oldest":1`, `"oldest":2`, 1),
		"swept 0":               strings.Replace(today, `"swept":1`, `"swept":0`, 1),
		"messages below 0":      strings.Replace(today, `"swept":1`, `"swept":1,"usage":{"messages":-1}`, 1),
		"a day without uses":    strings.Replace(today, `"swept":1`, `"swept":1,"days":[{"day":1,"uses":0}]`, 1),
		"a day twice":           strings.Replace(today, `"swept":1`, `"swept":1,"days":[{"day":1,"uses":1},{"day":1,"uses":1}]`, 1),
		"days out of order":     strings.Replace(today, `"swept":1`, `"swept":1,"days":[{"day":2,"uses":1},{"day":1,"uses":1}]`, 1),
		"too many days":         strings.Replace(today, `"swept":1`, `"swept":1,"days":[`+manyDays(91)+`]`, 1),
		"period below 0":        strings.Replace(today, `"swept":1`, `"swept":1,"rotationPeriod":-1`, 1),
		"period too long":       strings.Replace(today, `"swept":1`, `"swept":1,"rotationPeriod":9223372037`, 1),
		"two forms":             strings.Replace(today, `"swept":1`, `"swept":1,"versions":[]`, 1),
	} {
		_, err := read(plaintext)
		expectVault(t, what, err, false, "cannot be used")
		if !errors.Is(err, keystore.ErrDamaged) {
			t.Errorf("%s: %v, want ErrDamaged", what, err)
		}
		if err != nil && strings.Contains(err.Error(), "ED25519") {
			t.Errorf("%s: the error quotes the document: %v", what, err)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	w := newWorld(t)
	good := w.options(t)
	for says, change := range map[string]func(*edv.Options){
		"keystore:":                  func(o *edv.Options) { o.Keystore = "" },
		"url: must begin with https": func(o *edv.Options) { o.URL = "http://vault.example/edvs/z1" },
		"identity:":                  func(o *edv.Options) { o.Identity = nil },
		"capability: is missing":     func(o *edv.Options) { o.Capability = nil },
		"capability: its root":       func(o *edv.Options) { o.URL += "x" },
		"capability: its target": func(o *edv.Options) {
			o.Capability = w.delegate(t, func(d *auth.Delegation) { d.Target += "/documents/z1" })
		},
		"capability: it must be delegat": func(o *edv.Options) { o.Identity = newIdentity(t) },
		"capability: it must allow read": func(o *edv.Options) {
			o.Capability = w.delegate(t, func(d *auth.Delegation) { d.Actions = []string{"read"} })
		},
		"recipient key:": func(o *edv.Options) { o.Recipient = o.Recipient[:31] },
		"recipient id:":  func(o *edv.Options) { o.RecipientID = "" },
		"mac:":           func(o *edv.Options) { o.MAC = nil },
	} {
		o := good
		change(&o)
		if v, err := edv.Open(o); v != nil || err == nil || !strings.HasPrefix(err.Error(), says) {
			t.Errorf("Open: %v, want an error that begins with %q", err, says)
		}
	}
}

func TestInsertRefuses(t *testing.T) {
	w := newWorld(t)
	v, id := w.open(t)
	for says, change := range map[string]func(*keystore.KeyRecord){
		"keystore:": func(k *keystore.KeyRecord) { k.Keystore = storagetest.ID() },
		"id:":       func(k *keystore.KeyRecord) { k.ID = "a\"b" },
		"version:":  func(k *keystore.KeyRecord) { k.Version = 0 },
		"message:":  func(k *keystore.KeyRecord) { k.Sealed = make([]byte, 1<<20) },
	} {
		k := storagetest.KeyRecord(id)
		change(&k)
		if err := v.InsertKey(t.Context(), k); err == nil || !strings.HasPrefix(err.Error(), says) {
			t.Errorf("InsertKey: %v, want an error that begins with %q", err, says)
		}
	}
	w.expectRequests(t, 0, 0, 0)
}

// However a vault, its options or its secrets are printed, no key comes out.
func TestSecretsAreRedacted(t *testing.T) {
	w := newWorld(t)
	o := w.options(t)
	o.Recipient, o.MAC = bytes.Repeat([]byte("\xc3"), 32), bytes.Repeat([]byte("\xc5"), 32)
	v := open(t, o)
	secrets := edv.Secrets{Recipient: o.Recipient, MAC: o.MAC}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "vault", v, "secrets", secrets, "recipient", o.Recipient)
	printed := log.String()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%X", "%q", "%d"} {
		printed += fmt.Sprintf(verb+verb+verb+"\n", v, secrets, o.MAC)
	}
	for _, leak := range []string{"\xc3\xc3", "\xc5\xc5", "c3c3", "C3C3", "c5c5", "C5C5", "195 195", "197 197", "0xc3", "0xc5", "w8PDw", "xcXFx"} {
		if strings.Contains(printed, leak) {
			t.Errorf("printed: %q in %s", leak, printed)
		}
	}
}

func TestNewSecrets(t *testing.T) {
	a, b := edv.NewSecrets(), edv.NewSecrets()
	for _, s := range []secret.Bytes{a.Recipient, a.MAC} {
		if len(s) != 32 {
			t.Errorf("a secret of %d bytes, want 32", len(s))
		}
	}
	if bytes.Equal(a.Recipient, b.Recipient) || bytes.Equal(a.MAC, b.MAC) || bytes.Equal(a.Recipient, a.MAC) {
		t.Error("secrets repeat")
	}
	a.Wipe()
	if !bytes.Equal(a.Recipient, make([]byte, 32)) || !bytes.Equal(a.MAC, make([]byte, 32)) {
		t.Error("Wipe leaves secrets behind")
	}
}

func BenchmarkInsertKey(b *testing.B) {
	w := newWorld(b)
	v, id := w.open(b)
	for n := 0; b.Loop(); n++ {
		if n%5000 == 4999 {
			w = newWorld(b)
			v, id = w.open(b)
		}
		if err := v.InsertKey(b.Context(), storagetest.KeyRecord(id)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkKey(b *testing.B) {
	v, id := newWorld(b).open(b)
	k := storagetest.KeyRecord(id)
	if err := v.InsertKey(b.Context(), k); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := v.Key(b.Context(), id, k.ID); err != nil {
			b.Fatal(err)
		}
	}
}
