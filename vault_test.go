package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"twolock/auth"
	"twolock/client"
	edvserver "twolock/companion/edv"
)

// A vault's capability that is not what it must be is refused, naming the field, and no keystore is made.
func TestVaultCapabilityRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := start(t, at("", w.flags("local"))...)
	url, good := w.vault(n.did, time.Now().Add(time.Hour))
	other, _ := w.vault(n.did, time.Now().Add(time.Hour))
	now := time.Now()
	make := func(d auth.Delegation, by *auth.Identity) json.RawMessage {
		t.Helper()
		if d.Target == "" {
			d.Target = url + "/documents"
		}
		if d.RootTarget == "" {
			d.RootTarget = url
		}
		if d.Controller == "" {
			d.Controller = n.did
		}
		if d.Actions == nil {
			d.Actions = []string{"read", "write"}
		}
		if d.Expires.IsZero() {
			d.Expires = now.Add(time.Hour)
		}
		c, err := by.Delegate(d, now)
		must(t, err)
		return c.JSON()
	}
	tampered := json.RawMessage(strings.Replace(string(good.JSON()), `"expires":"2`, `"expires":"3`, 1))
	foreignFirst := make(auth.Delegation{Controller: w.mallory.DID()}, w.alice)
	parent, err := auth.ParseCapability(foreignFirst)
	must(t, err)
	byStranger, err := w.mallory.Delegate(auth.Delegation{Parent: parent, Controller: n.did, Target: url + "/documents", Actions: []string{"read", "write"}, Expires: now.Add(time.Minute)}, now)
	must(t, err)
	for _, c := range []struct {
		what, url  string
		capability json.RawMessage
		field      string
	}{
		{"delegated by another", url, make(auth.Delegation{}, w.mallory), "vault.capability"},
		{"delegated on by another", url, byStranger.JSON(), "vault.capability"},
		{"delegated to another", url, make(auth.Delegation{Controller: w.mallory.DID()}, w.alice), "vault.capability"},
		{"for another vault", url, make(auth.Delegation{Target: other + "/documents", RootTarget: other}, w.alice), "vault.capability"},
		{"for one document", url, make(auth.Delegation{Target: url + "/documents/z1"}, w.alice), "vault.capability"},
		{"with its root at the documents", url, make(auth.Delegation{RootTarget: url + "/documents"}, w.alice), "vault.capability"},
		{"read only", url, make(auth.Delegation{Actions: []string{"read"}}, w.alice), "vault.capability"},
		{"tampered", url, tampered, "vault.capability"},
		{"an object of something else", url, json.RawMessage(`{"a":1}`), "vault.capability"},
		{"not an object", url, json.RawMessage(`"x"`), "capability"},
		{"URL with http off loopback", "http://edv.example/edvs/z1", good.JSON(), "vault.url"},
		{"URL of another scheme", "file:///etc/passwd", good.JSON(), "vault.url"},
		{"URL with a query", url + "?x=1", good.JSON(), "vault.url"},
		{"URL with a slash at its end", url + "/", good.JSON(), "vault.url"},
		{"no URL", "", good.JSON(), "vault.url"},
	} {
		err := as(w.alice).Do(context.Background(), n.url+"/graphql", "createKeystore", createKeystore,
			input(map[string]any{"controller": w.alice.DID(), "vault": map[string]any{"url": c.url, "capability": c.capability}}), nil)
		if e := wantCode(t, c.what, err, "BAD_USER_INPUT"); !strings.Contains(e.Message, c.field) {
			t.Errorf("%s: %q does not name %s", c.what, e.Message, c.field)
		}
	}
	n.stop()
	if db := openSQLite(t, w.dir); count(t, db, "keystores") != 0 || count(t, db, "keystore_sealings") != 0 {
		t.Error("a refused createKeystore wrote something")
	}
}

// The capability ends one day: the controller is told in time, can put a new one in its place, and goes on.
func TestVaultCapabilityEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	flags := append(at(free(t), w.flags("local")), "--cache-ttl", "0")
	n := start(t, flags...)
	url, c := w.vault(n.did, time.Now().Add(24*time.Hour))
	var out struct {
		CreateKeystore struct {
			Keystore struct {
				ID                     string
				VaultCapabilityExpires time.Time
			}
		}
	}
	must(t, as(w.alice).Do(context.Background(), n.url+"/graphql", "createKeystore", createKeystore,
		input(map[string]any{"controller": w.alice.DID(), "vault": map[string]any{"url": url, "capability": json.RawMessage(c.JSON())}}), &out))
	if got := out.CreateKeystore.Keystore.VaultCapabilityExpires; !got.Equal(c.Expires()) {
		t.Errorf("vaultCapabilityExpires %v, want %v", got, c.Expires())
	}
	u := &user{t: t, c: as(w.alice), keystore: out.CreateKeystore.Keystore.ID, keys: map[string]string{}}
	key, err := u.create("ED25519")
	must(t, err)
	u.keys["ED25519"] = key
	n.stop()
	n = start(t, flags...)
	deadline := time.Now().Add(5 * time.Second)
	for !strings.Contains(n.log.String(), "updateVaultCapability") && time.Now().Before(deadline) {
		time.Sleep(10 * time.Millisecond)
	}
	if log := n.log.String(); !strings.Contains(log, lastPart(u.keystore)) || !strings.Contains(log, "updateVaultCapability") {
		t.Errorf("no warning in the log that the capability ends: %s", log)
	}

	n.stop()

	// A day later, by everybody's clock.
	w.clock.pass(25 * time.Hour)
	n = startAt(t, w.clock.now, flags...)
	at := func(id *auth.Identity) *client.Client { return &client.Client{Identity: id, Now: w.clock.now} }
	u.c = at(w.alice)
	_, err = u.create("ED25519")
	e := wantCode(t, "createKey with a capability that has ended", err, "UPSTREAM_UNAVAILABLE")
	if e.Extensions.Retryable || !strings.Contains(e.Message, "updateVaultCapability") {
		t.Errorf("the error does not say what to do: %+v", e)
	}
	replacement, err := edvserver.DelegateDocuments(w.alice, url, n.did, w.clock.now(), w.clock.now().Add(24*time.Hour))
	must(t, err)
	update := func(id *auth.Identity, c json.RawMessage) error {
		return at(id).Do(context.Background(), u.keystore, "write",
			`mutation($input: UpdateVaultCapabilityInput!) { updateVaultCapability(input: $input) { keystore { vaultCapabilityExpires } } }`,
			input(map[string]any{"keystore": u.keystore, "capability": c}), nil)
	}
	wantCode(t, "by another", update(w.mallory, replacement.JSON()), "FORBIDDEN")
	wantCode(t, "one that has ended", update(w.alice, c.JSON()), "BAD_USER_INPUT")
	must(t, update(w.alice, replacement.JSON()))
	n.stop()

	startAt(t, w.clock.now, flags...)
	_, err = u.create("ED25519")
	must(t, err)
	must(t, second(u.sign()))
}

// The vault sees documents that tell it nothing of the keys, and a key costs one request.
func TestVaultRequests(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := start(t, at("", w.flags("local"))...)
	u := newUser(t, w, n, "SHAMIR", true)
	ops := []edvserver.Operation{edvserver.Insert, edvserver.Get, edvserver.Update, edvserver.Index, edvserver.Query}
	requests := func() (n int) {
		for _, op := range ops {
			n += w.edv.Requests(op)
		}
		return n
	}
	before := requests()
	must(t, second(u.create("AES_256_GCM")))
	if got := requests() - before; got != 1 {
		t.Errorf("createKey made %d requests to the vault, want 1", got)
	}
	before = requests()
	must(t, second(u.sign()))
	if got := requests() - before; got > 1 {
		t.Errorf("sign made %d requests to the vault, want at most 1", got)
	}
	n.stop()
	db := openSQLite(t, w.dir)
	if got := count(t, db, "keys") + count(t, db, "key_versions"); got != 0 {
		t.Errorf("the database holds %d rows about keys of a vault keystore", got)
	}
}

// A vault that swaps documents is found out.
func TestVaultSwaps(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := start(t, at("", w.flags("local"))...)
	u := newUser(t, w, n, "LOCAL", true)
	must(t, second(u.create("ED25519")))
	for f, want := range map[edvserver.FaultKind]string{
		edvserver.Swap: "KEY_UNUSABLE", edvserver.SwapRelabelled: "KEY_UNUSABLE", edvserver.TruncateJWE: "KEY_UNUSABLE", edvserver.Garbage: "KEY_UNUSABLE",
		edvserver.Redirect: "UPSTREAM_UNAVAILABLE",
	} {
		time.Sleep(1100 * time.Millisecond) // what was read before is remembered for a second
		w.edv.Inject(edvserver.Get, edvserver.Fault{Kind: f, Body: "{}", Location: w.authURL, Times: 1})
		_, err := u.sign()
		if e := wantCode(t, "fault of the vault", err, want); want == "KEY_UNUSABLE" && !strings.Contains(e.Message, u.keys["ED25519"]) {
			t.Errorf("fault %v: %q does not name the key", f, e.Message)
		}
	}
	must(t, second(u.sign()))
}

// wantVault checks an error of a vault: its code, and how its text begins.
func wantVault(t *testing.T, what string, err error, code, begins string, retryable bool) {
	t.Helper()
	e := wantCode(t, what, err, code)
	if !strings.HasPrefix(e.Message, begins) || e.Extensions.Retryable != retryable || (e.Extensions.Upstream == "vault") != (code == "UPSTREAM_UNAVAILABLE") {
		t.Errorf("%s: got %q, %+v; want it to begin with %q, retryable %t", what, e.Message, e.Extensions, begins, retryable)
	}
}

// A vault is asked when a keystore is made, once: a wrong URL, a capability that it refuses and one that does not answer are told then, and leave nothing.
func TestVaultIsAskedAtCreation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	flags := at("", w.flags("local"))
	n := start(t, flags...)
	url, good := w.vault(n.did, time.Now().Add(time.Hour))
	delegated := func(vault string) json.RawMessage {
		t.Helper()
		c, err := edvserver.DelegateDocuments(w.alice, vault, n.did, time.Now(), time.Now().Add(time.Hour))
		must(t, err)
		return c.JSON()
	}
	create := func(vault string, capability json.RawMessage) (string, error) {
		var out struct {
			CreateKeystore struct{ Keystore struct{ ID string } }
		}
		err := as(w.alice).Do(context.Background(), n.url+"/graphql", "createKeystore", createKeystore, input(map[string]any{
			"controller": w.alice.DID(), "vault": map[string]any{"url": vault, "capability": capability}, "idempotencyKey": "one",
		}), &out)
		return out.CreateKeystore.Keystore.ID, err
	}
	hers, err := edvserver.CreateVault(context.Background(), w.edvURL, w.mallory, time.Now())
	must(t, err)
	closed := listen(t)
	gone := "http://" + closed.Addr().String() + "/edvs/z1"
	must(t, closed.Close())
	page := serveHTTP(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") })) + "/edvs/z1"
	for _, c := range []struct {
		what, vault, code, begins string
		fault                     edvserver.Fault
	}{
		{"a slip in the URL", url + "x", "BAD_USER_INPUT", "vault.url: there is no vault", edvserver.Fault{}},
		{"another's vault", hers, "BAD_USER_INPUT", "vault.capability: the vault refuses it", edvserver.Fault{}},
		{"a page instead of a vault", page, "BAD_USER_INPUT", "vault.url: the vault's answer cannot be used", edvserver.Fault{}},
		{"a redirect", url, "BAD_USER_INPUT", "vault.url: the vault answered with a redirect", edvserver.Fault{Kind: edvserver.Redirect, Location: hers}},
		{"nobody listens", gone, "UPSTREAM_UNAVAILABLE", "vault.url: the vault cannot be reached", edvserver.Fault{}},
		{"a broken connection", url, "UPSTREAM_UNAVAILABLE", "vault.url: the vault did not answer", edvserver.Fault{Kind: edvserver.Drop}},
		{"no answer", url, "UPSTREAM_UNAVAILABLE", "vault.url: the vault did not answer in time", edvserver.Fault{Kind: edvserver.Hang}},
		{"a failure", url, "UPSTREAM_UNAVAILABLE", "vault.url: the vault failed", edvserver.Fault{Kind: edvserver.Outage}},
		{"a busy one", url, "UPSTREAM_UNAVAILABLE", "vault.url: the vault is busy", edvserver.Fault{Kind: edvserver.Status, Status: 429}},
	} {
		if c.fault.Kind != edvserver.None {
			w.edv.Inject(edvserver.Query, c.fault)
		}
		_, err := create(c.vault, delegated(c.vault))
		wantVault(t, c.what, err, c.code, c.begins, c.code == "UPSTREAM_UNAVAILABLE")
		w.edv.Heal()
	}
	if log := n.log.String(); strings.Contains(log, "internal error") {
		t.Errorf("logged: %s", log)
	}
	if db := openSQLite(t, w.dir); count(t, db, "keystores") != 0 || count(t, db, "keystore_sealings") != 0 {
		t.Error("a refused createKeystore wrote something")
	}
	requests := func() (n int) {
		for _, op := range []edvserver.Operation{edvserver.ReadConfig, edvserver.Insert, edvserver.Get, edvserver.Update, edvserver.Index, edvserver.Query} {
			n += w.edv.Requests(op)
		}
		return n
	}
	before, queries := requests(), w.edv.Requests(edvserver.Query)
	made, err := create(url, good.JSON())
	must(t, err)
	if got := requests() - before; got != 1 || w.edv.Requests(edvserver.Query)-queries != 1 {
		t.Errorf("the vault got %d requests, want one, a query", got)
	}
	if docs := w.edv.Documents(url); len(docs) != 0 {
		t.Errorf("the vault has %d documents, want none", len(docs))
	}
	// A retry returns what is there, whatever has become of the vault.
	w.edv.Inject(edvserver.Query, edvserver.Fault{Kind: edvserver.Outage})
	again, err := create(url, good.JSON())
	must(t, err)
	if again != made {
		t.Errorf("a retry made %s beside %s", again, made)
	}
}

// So is it when its capability is replaced, and when the keystore is given away: what it refuses, or does not answer to, leaves everything as it was.
func TestVaultIsAskedAboutNewCapabilities(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := start(t, at("", w.flags("local"))...)
	u := newUser(t, w, n, "LOCAL", true)
	bob := newIdentity(t)
	type shown struct {
		Controller, VaultURL   string
		VaultCapabilityExpires time.Time
	}
	state := func() shown {
		t.Helper()
		var out struct{ Keystore shown }
		must(t, as(w.alice).Do(context.Background(), u.keystore, "read", readKeystore, map[string]any{"id": u.keystore, "first": 1}, &out))
		return out.Keystore
	}
	before := state()
	ends := time.Now().Add(30 * time.Minute)
	delegated := func(by *auth.Identity, d auth.Delegation) *auth.Capability {
		t.Helper()
		d.Target, d.Actions, d.Expires = before.VaultURL+"/documents", []string{"read", "write"}, ends
		c, err := by.Delegate(d, time.Now())
		must(t, err)
		return c
	}
	replace := func(c *auth.Capability) error {
		return as(w.alice).Do(context.Background(), u.keystore, "write", `mutation($input: UpdateVaultCapabilityInput!) { updateVaultCapability(input: $input) { keystore { id } } }`,
			input(map[string]any{"keystore": u.keystore, "capability": json.RawMessage(c.JSON())}), nil)
	}
	give := func(c *auth.Capability) error {
		return as(w.alice).Do(context.Background(), u.keystore, "write", `mutation($input: UpdateKeystoreInput!) { updateKeystore(input: $input) { keystore { id } } }`,
			input(map[string]any{"keystore": u.keystore, "controller": bob.DID(), "vaultCapability": json.RawMessage(c.JSON())}), nil)
	}
	// bob, whom nobody let into the vault, lets alice in, who lets the service in; and bob lets the service in.
	toAlice := delegated(bob, auth.Delegation{RootTarget: before.VaultURL, Controller: w.alice.DID()})
	wantVault(t, "a chain that the vault refuses", replace(delegated(w.alice, auth.Delegation{Parent: toAlice, Controller: n.did})), "BAD_USER_INPUT", "capability: the vault refuses it", false)
	wantVault(t, "a new controller whom the vault refuses", give(delegated(bob, auth.Delegation{RootTarget: before.VaultURL, Controller: n.did})), "BAD_USER_INPUT", "vaultCapability: the vault refuses it", false)
	good := delegated(w.alice, auth.Delegation{RootTarget: before.VaultURL, Controller: n.did})
	toBob := delegated(w.alice, auth.Delegation{RootTarget: before.VaultURL, Controller: bob.DID()})
	byBob := delegated(bob, auth.Delegation{Parent: toBob, Controller: n.did})
	w.edv.Inject(edvserver.Query, edvserver.Fault{Kind: edvserver.Outage})
	wantVault(t, "a new capability while the vault is away", replace(good), "UPSTREAM_UNAVAILABLE", "the vault failed", true)
	wantVault(t, "a new controller while the vault is away", give(byBob), "UPSTREAM_UNAVAILABLE", "the vault failed", true)
	w.edv.Heal()
	if now := state(); now != before {
		t.Errorf("what was refused changed the keystore: %+v, before %+v", now, before)
	}
	must(t, second(u.sign()))
	must(t, replace(good))
	if now := state(); !now.VaultCapabilityExpires.Equal(good.Expires()) {
		t.Errorf("the capability that was put in place is not there: %+v", now)
	}
	must(t, give(byBob))
	must(t, signs(as(bob), u.keys["ED25519"]))
}
