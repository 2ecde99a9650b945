package main

import (
	"context"
	"encoding/json"
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

	// A day later. The vault's clock is as it was; it is told to refuse.
	later := func() time.Time { return time.Now().Add(25 * time.Hour) }
	n, exit := tryStartAt(t, later, flags...)
	if n == nil {
		t.Fatalf("exit %d", exit)
	}
	at := func(id *auth.Identity) *client.Client { return &client.Client{Identity: id, Now: later} }
	w.edv.Inject(edvserver.Insert, edvserver.Fault{Kind: edvserver.Status, Status: 403})
	u.c = at(w.alice)
	_, err = u.create("ED25519")
	e := wantCode(t, "createKey with a capability that has ended", err, "UPSTREAM_UNAVAILABLE")
	if e.Extensions.Retryable || !strings.Contains(e.Message, "updateVaultCapability") {
		t.Errorf("the error does not say what to do: %+v", e)
	}
	w.edv.Heal()
	replacement, err := edvserver.DelegateDocuments(w.alice, url, n.did, time.Now(), time.Now().Add(48*time.Hour))
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

	start(t, flags...)
	u.c = as(w.alice)
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
