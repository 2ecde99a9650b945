package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"twolock/auth"
	"twolock/client"
	"twolock/storage/storagetest"
)

// delegate gives a capability on, an hour by default.
func delegate(t *testing.T, by *auth.Identity, parent *auth.Capability, target, to string, actions ...string) *auth.Capability {
	t.Helper()
	c := as(by)
	c.Capability = parent
	expires := time.Now().Add(time.Hour)
	if parent != nil {
		expires = parent.Expires()
	}
	got, err := c.Delegate(target, to, actions, expires)
	must(t, err)
	return got
}

func with(id *auth.Identity, c *auth.Capability) *client.Client {
	api := as(id)
	api.Capability = c
	return api
}

func signs(api *client.Client, key string) error {
	return api.Do(context.Background(), key, "sign", sign, input(map[string]any{"key": key, "message": message}), nil)
}

// A capability is revoked by whoever controls a link of its chain: at once on the server that was told, within a second on the other; what was
// delegated on from it dies with it, and nothing else does.
func TestRevocation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.database = storagetest.Postgres(t)
	first := start(t, at(free(t), w.flags("local"))...)
	other := start(t, append(at("", w.flags("local")), "--base-url", first.url)...)
	u, elsewhere := newUser(t, w, first, "LOCAL", false), newUser(t, w, first, "LOCAL", false)
	key := u.keys["ED25519"]
	bob, carol := newIdentity(t), newIdentity(t)
	revoke := func(by *auth.Identity, c *auth.Capability) error { return as(by).Revoke(context.Background(), c) }
	chain := func() (toBob, toCarol *auth.Capability) {
		toBob = delegate(t, w.alice, nil, key, bob.DID(), "sign", "verify")
		return toBob, delegate(t, bob, toBob, key, carol.DID(), "sign")
	}

	for who, by := range map[string]*auth.Identity{"the keystore's controller": w.alice, "the delegator": bob, "the delegate": carol} {
		toBob, toCarol := chain()
		must(t, signs(with(carol, toCarol), key))
		wantCode(t, "revocation by a stranger", revoke(w.mallory, toCarol), "FORBIDDEN")
		must(t, signs(with(carol, toCarol), key))
		must(t, revoke(by, toCarol))
		wantCode(t, "sign after revocation by "+who, signs(with(carol, toCarol), key), "FORBIDDEN")
		must(t, signs(with(bob, toBob), key)) // his own stands
		must(t, revoke(by, toCarol))          // again: nothing changes
	}

	toBob, toCarol := chain()
	through := with(carol, toCarol)
	through.HTTP = throughAddress(t, other.addr)
	must(t, signs(through, key))
	must(t, revoke(w.alice, toBob))
	wantCode(t, "sign with what was delegated on from a revoked one", signs(with(carol, toCarol), key), "FORBIDDEN")
	refusedWithinASecond(t, "a revoked capability", func() error { return signs(through, key) })

	// Another keystore's controller revokes nothing here; a capability for another keystore is not taken at this one's URL.
	theirs := delegate(t, w.alice, nil, elsewhere.keystore, bob.DID(), "sign")
	status, body := post(t, w.alice, u.keystore+"/zcaps/revocations/"+strings.ReplaceAll(theirs.ID(), ":", "%3A"), theirs.JSON())
	if status != http.StatusBadRequest || !strings.Contains(body, "BAD_USER_INPUT") {
		t.Errorf("a capability for another keystore: %d %s", status, body)
	}
	for what, c := range map[string]struct {
		url  string
		body string
		want int
	}{
		"another id in the URL": {u.keystore + "/zcaps/revocations/urn%3Auuid%3Ax", string(theirs.JSON()), http.StatusBadRequest},
		"not a capability":      {auth.RevocationURL(toCarol), `{"id":"x"}`, http.StatusBadRequest},
		"a root capability":     {auth.RevocationURL(toCarol), string(auth.RootCapability(u.keystore, w.alice.DID())), http.StatusBadRequest},
	} {
		if status, body := post(t, w.alice, c.url, []byte(c.body)); status != c.want {
			t.Errorf("%s: %d %s, want %d", what, status, body, c.want)
		}
	}
	// A chain that is not genuine revokes nothing: mallory forges one with the id of bob's, from alice to herself.
	standing := delegate(t, w.alice, nil, key, bob.DID(), "sign")
	forged := bytes.ReplaceAll(standing.JSON(), []byte(bob.DID()), []byte(w.mallory.DID()))
	if status, body := post(t, w.mallory, auth.RevocationURL(standing), forged); status != http.StatusForbidden {
		t.Errorf("a forged capability: %d %s", status, body)
	}
	must(t, signs(with(bob, standing), key))

	var out struct {
		Keystore struct {
			Revocations struct {
				Nodes []struct{ Capability, Delegator, Revoker string }
			}
		}
	}
	list := `query($id: ID!) { keystore(id: $id) { revocations { nodes { capability delegator revoker revokedAt expires } edges { cursor } pageInfo { hasNextPage } } } }`
	must(t, as(w.alice).Do(context.Background(), u.keystore, "read", list, map[string]any{"id": u.keystore}, &out))
	if n := out.Keystore.Revocations.Nodes; len(n) != 4 || n[3].Capability != toBob.ID() || n[3].Delegator != w.alice.DID() || n[3].Revoker != w.alice.DID() {
		t.Errorf("listed revocations: %+v", n)
	}
}

// What operators gave of the service is revoked as what was given of a keystore: by any operator, and by whoever controls a link of the chain.
func TestServiceRevocation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.database = storagetest.Postgres(t)
	operator := newIdentity(t) // a second one
	flags := append(w.flags("local"), "--operator", operator.DID())
	first := start(t, at(free(t), flags)...)
	other := start(t, append(at("", flags), "--base-url", first.url)...)
	u := newUser(t, w, first, "LOCAL", false)
	service := first.url + "/graphql"
	bob, carol := newIdentity(t), newIdentity(t)
	const status = `{ status { startedAt } }`
	reads := func(api *client.Client) error { return api.Do(context.Background(), service, "read", status, nil, nil) }
	revoke := func(by *auth.Identity, c *auth.Capability) error { return as(by).Revoke(context.Background(), c) }
	chain := func() (toBob, toCarol *auth.Capability) {
		toBob = delegate(t, w.alice, nil, service, bob.DID(), "read", "createKeystore")
		return toBob, delegate(t, bob, toBob, service, carol.DID(), "read")
	}
	for who, by := range map[string]*auth.Identity{"the operator who gave it": w.alice, "another operator": operator, "the delegator": bob, "the delegate": carol} {
		toBob, toCarol := chain()
		must(t, reads(with(carol, toCarol)))
		wantCode(t, "revocation by a stranger", revoke(w.mallory, toCarol), "FORBIDDEN")
		must(t, reads(with(carol, toCarol)))
		must(t, revoke(by, toCarol))
		wantCode(t, "read after revocation by "+who, reads(with(carol, toCarol)), "FORBIDDEN")
		must(t, reads(with(bob, toBob)))
		must(t, revoke(by, toCarol))
	}

	// All that was delegated on dies, keystores included, and on the other server within a second.
	toBob, toCarol := chain()
	create := func() error {
		return with(bob, toBob).Do(context.Background(), service, "createKeystore", createKeystore, input(map[string]any{"controller": bob.DID()}), nil)
	}
	must(t, create())
	through := with(carol, toCarol)
	through.HTTP = throughAddress(t, other.addr)
	must(t, reads(through))
	must(t, revoke(w.alice, toBob))
	wantCode(t, "createKeystore with a revoked capability", create(), "FORBIDDEN")
	wantCode(t, "read with what was delegated on from a revoked one", reads(with(carol, toCarol)), "FORBIDDEN")
	refusedWithinASecond(t, "a revoked capability of the service", func() error { return reads(through) })

	// Who may: nobody for a chain that does not begin with an operator, or is forged; no delegate of another chain; not at another's URL.
	strangers := delegate(t, w.mallory, nil, service, bob.DID(), "read")
	wantCode(t, "revocation of what is no operator's, by its delegator", revoke(w.mallory, strangers), "FORBIDDEN")
	wantCode(t, "revocation of what is no operator's, by an operator", revoke(w.alice, strangers), "FORBIDDEN")
	standing := delegate(t, w.alice, nil, service, bob.DID(), "read")
	forged := bytes.ReplaceAll(standing.JSON(), []byte(bob.DID()), []byte(w.mallory.DID()))
	if status, body := post(t, w.mallory, auth.RevocationURL(standing), forged); status != http.StatusForbidden {
		t.Errorf("a forged capability: %d %s", status, body)
	}
	wantCode(t, "revocation by a delegate of another chain", revoke(carol, standing), "FORBIDDEN")
	keystores := delegate(t, w.alice, nil, u.keystore, bob.DID(), "sign")
	if status, body := post(t, w.alice, service+"/zcaps/revocations/"+strings.ReplaceAll(keystores.ID(), ":", "%3A"), keystores.JSON()); status != http.StatusBadRequest {
		t.Errorf("a keystore's capability at the service's URL: %d %s", status, body)
	}
	must(t, reads(with(bob, standing)))
	// A capability for the service that allows write will do, as one of a keystore does.
	writer := with(carol, delegate(t, w.alice, nil, service, carol.DID(), "write"))
	must(t, writer.Revoke(context.Background(), standing))
	wantCode(t, "read after revocation by one who may write", reads(with(bob, standing)), "FORBIDDEN")

	var out struct {
		Status struct {
			Revocations struct {
				Nodes    []struct{ Capability, Delegator, Revoker string }
				PageInfo struct {
					HasNextPage bool
					EndCursor   string
				}
			}
		}
	}
	const list = `query($after: String) { status { revocations(first: 4, after: $after) { nodes { capability delegator revoker } pageInfo { hasNextPage endCursor } } } }`
	must(t, as(operator).Do(context.Background(), service, "read", list, nil, &out))
	if r := out.Status.Revocations; len(r.Nodes) != 4 || !r.PageInfo.HasNextPage {
		t.Errorf("the first page of revocations: %+v", r)
	}
	must(t, as(operator).Do(context.Background(), service, "read", list, map[string]any{"after": out.Status.Revocations.PageInfo.EndCursor}, &out))
	if n := out.Status.Revocations.Nodes; len(n) != 2 || n[0].Capability != toBob.ID() || n[0].Delegator != w.alice.DID() || n[1].Revoker != carol.DID() {
		t.Errorf("the last page of revocations: %+v", n)
	}
	wantCode(t, "the list for one who may only create", with(bob, delegate(t, w.alice, nil, service, bob.DID(), "createKeystore")).Do(context.Background(), service, "read", list, nil, nil), "FORBIDDEN")
}

// A revocation is forgotten when the capability has ended by itself.
func TestRevocationsArePruned(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	flags := at(free(t), w.flags("local"))
	n := start(t, flags...)
	u := newUser(t, w, n, "LOCAL", false)
	c := delegate(t, w.alice, nil, u.keystore, w.mallory.DID(), "sign")
	must(t, as(w.alice).Revoke(context.Background(), c))
	service := delegate(t, w.alice, nil, n.url+"/graphql", w.mallory.DID(), "read")
	must(t, as(w.alice).Revoke(context.Background(), service))
	n.stop()
	n = start(t, flags...)
	db := openSQLite(t, w.dir)
	revocations := func() int { return count(t, db, "revocations") + count(t, db, "service_revocations") }
	if got := revocations(); got != 2 {
		t.Fatalf("%d revocations, want 2", got)
	}
	wantCode(t, "sign after a restart", signs(with(w.mallory, c), u.keys["ED25519"]), "FORBIDDEN")
	wantCode(t, "read after a restart", with(w.mallory, service).Do(context.Background(), n.url+"/graphql", "read", `{ status { startedAt } }`, nil, nil), "FORBIDDEN")
	n.stop()
	later, exit := tryStartAt(t, func() time.Time { return time.Now().Add(3 * time.Hour) }, flags...)
	if later == nil {
		t.Fatalf("exit %d", exit)
	}
	for deadline := time.Now().Add(5 * time.Second); revocations() != 0; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the revocation of a capability that has ended is still there")
		}
	}
}

// Another controller: old delegations die, the new one's count, on the other server within a second.
func TestControllerChanges(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.database = storagetest.Postgres(t)
	first := start(t, at(free(t), w.flags("local"))...)
	other := start(t, append(at("", w.flags("local")), "--base-url", first.url)...)
	bob, carol := newIdentity(t), newIdentity(t)
	update := func(api *client.Client, in map[string]any) error {
		return api.Do(context.Background(), in["keystore"].(string), "write",
			`mutation($input: UpdateKeystoreInput!) { updateKeystore(input: $input) { keystore { controller } } }`, input(in), nil)
	}
	for _, vault := range []bool{false, true} {
		u := newUser(t, w, first, "LOCAL", vault)
		key := u.keys["ED25519"]
		old := delegate(t, w.alice, nil, key, carol.DID(), "sign")
		through := with(carol, old)
		through.HTTP = throughAddress(t, other.addr)
		must(t, signs(through, key))
		in := map[string]any{"keystore": u.keystore, "controller": bob.DID()}
		wantCode(t, "by a stranger", update(as(bob), in), "FORBIDDEN")
		wantCode(t, "by a delegate without write", update(with(carol, delegate(t, w.alice, nil, u.keystore, carol.DID(), "sign")), in), "FORBIDDEN")
		wantCode(t, "to no DID", update(as(w.alice), map[string]any{"keystore": u.keystore, "controller": "bob"}), "BAD_USER_INPUT")
		if vault {
			e := wantCode(t, "a vault's capability is the old controller's", update(as(w.alice), in), "BAD_USER_INPUT")
			if !strings.Contains(e.Message, "vaultCapability") {
				t.Errorf("%q does not name the field", e.Message)
			}
			var shown struct{ Keystore struct{ VaultURL string } }
			must(t, as(w.alice).Do(context.Background(), u.keystore, "read", readKeystore, map[string]any{"id": u.keystore, "first": 1}, &shown))
			url := shown.Keystore.VaultURL
			// The vault is still alice's; she lets bob, bob lets the service.
			toBob, err := w.alice.Delegate(auth.Delegation{RootTarget: url, Target: url + "/documents", Controller: bob.DID(), Actions: []string{"read", "write"}, Expires: time.Now().Add(time.Hour)}, time.Now())
			must(t, err)
			toService, err := bob.Delegate(auth.Delegation{Parent: toBob, Target: url + "/documents", Controller: first.did, Actions: []string{"read", "write"}, Expires: time.Now().Add(30 * time.Minute)}, time.Now())
			must(t, err)
			in["vaultCapability"] = json.RawMessage(toService.JSON())
		}
		must(t, update(as(w.alice), in))
		must(t, signs(as(bob), key))
		wantCode(t, "the old controller signs", signs(as(w.alice), key), "FORBIDDEN")
		wantCode(t, "the old controller's delegate signs", signs(with(carol, old), key), "FORBIDDEN")
		must(t, signs(with(carol, delegate(t, bob, nil, key, carol.DID(), "sign")), key))
		refusedWithinASecond(t, "the old controller's delegate", func() error { return signs(through, key) })
	}
}

// A key may allow shorter chains than the server, on every store.
func TestMaxCapabilityChainLength(t *testing.T) {
	t.Parallel()
	for _, vault := range []bool{false, true} {
		w := newWorld(t)
		n := start(t, at("", w.flags("local"))...)
		keystore := w.keystore(n, "LOCAL", vault)
		bob, carol := newIdentity(t), newIdentity(t)
		create := func(length int) (string, error) {
			var out struct {
				CreateKey struct {
					Key struct {
						ID                       string
						MaxCapabilityChainLength int
					}
				}
			}
			err := as(w.alice).Do(context.Background(), keystore, "generateKey", `mutation($input: CreateKeyInput!) { createKey(input: $input) { key { id maxCapabilityChainLength } } }`,
				input(map[string]any{"keystore": keystore, "type": "ED25519", "maxCapabilityChainLength": length, "name": fmt.Sprint("chain ", length)}), &out)
			if err == nil && out.CreateKey.Key.MaxCapabilityChainLength != length {
				t.Errorf("maxCapabilityChainLength is %d, want %d", out.CreateKey.Key.MaxCapabilityChainLength, length)
			}
			return out.CreateKey.Key.ID, err
		}
		for _, bad := range []int{0, -1, 11} {
			_, err := create(bad)
			wantCode(t, "maxCapabilityChainLength", err, "BAD_USER_INPUT")
		}
		for length := 1; length <= 3; length++ {
			key, err := create(length)
			must(t, err)
			toBob := delegate(t, w.alice, nil, key, bob.DID(), "sign", "read")
			toCarol := delegate(t, bob, toBob, key, carol.DID(), "sign", "read")
			for i, err := range []error{signs(as(w.alice), key), signs(with(bob, toBob), key), signs(with(carol, toCarol), key)} {
				want := ""
				if i+1 > length {
					want = "FORBIDDEN"
				}
				wantCode(t, "a chain against a bound", err, want)
			}
			err = with(carol, toCarol).Do(context.Background(), key, "read", readKey, map[string]any{"id": key}, nil)
			if want := map[bool]string{true: "", false: "FORBIDDEN"}[length >= 3]; code(err) != want {
				t.Errorf("read with a chain of 3 against a bound of %d: %v", length, err)
			}
		}
		// Listings leave out what a chain does not reach, and by its name it is not had either.
		toBob := delegate(t, w.alice, nil, keystore, bob.DID(), "read")
		for i, c := range []*client.Client{as(w.alice), with(bob, toBob), with(carol, delegate(t, bob, toBob, keystore, carol.DID(), "read"))} {
			var out struct {
				Keystore struct {
					Keys struct {
						Nodes      []struct{ MaxCapabilityChainLength int }
						TotalCount int
					}
				}
			}
			must(t, c.Do(context.Background(), keystore, "read", `query($id: ID!) { keystore(id: $id) { keys { nodes { maxCapabilityChainLength } totalCount } } }`, map[string]any{"id": keystore}, &out))
			keys := out.Keystore.Keys
			if len(keys.Nodes) != 3-i || keys.TotalCount != 3-i || keys.Nodes[0].MaxCapabilityChainLength != i+1 {
				t.Errorf("listed by a chain of %d: %+v", i+1, keys)
			}
			for length := 1; length <= 3; length++ {
				err := c.Do(context.Background(), keystore, "read", `query($id: ID!, $name: String!) { keystore(id: $id) { keyNamed(name: $name) { id } } }`,
					map[string]any{"id": keystore, "name": fmt.Sprint("chain ", length)}, nil)
				if want := map[bool]string{true: "", false: "FORBIDDEN"}[length > i]; code(err) != want {
					t.Errorf("keyNamed by a chain of %d against a bound of %d: %v", i+1, length, err)
				}
			}
		}
	}
}

// Operators see what there is and delegate single actions of theirs; nobody else sees it.
func TestOperatorsFields(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := start(t, at("", w.flags("local"))...)
	a, b := newUser(t, w, n, "LOCAL", false), newUser(t, w, n, "LOCAL", true)
	service, bob := n.url+"/graphql", newIdentity(t)
	const list = `query($first: Int, $after: String, $controller: ID) { keystores(first: $first, after: $after, controller: $controller) { nodes { id controller } edges { cursor } pageInfo { hasNextPage endCursor } } }`
	var page struct {
		Keystores struct {
			Nodes    []struct{ ID, Controller string }
			PageInfo struct {
				HasNextPage bool
				EndCursor   *string
			}
		}
	}
	must(t, as(w.alice).Do(context.Background(), service, "read", list, map[string]any{"first": 1}, &page))
	if k := page.Keystores; len(k.Nodes) != 1 || k.Nodes[0].ID != a.keystore || !k.PageInfo.HasNextPage {
		t.Errorf("first page: %+v", k)
	}
	must(t, as(w.alice).Do(context.Background(), service, "read", list, map[string]any{"first": 1, "after": page.Keystores.PageInfo.EndCursor}, &page))
	if k := page.Keystores; len(k.Nodes) != 1 || k.Nodes[0].ID != b.keystore || k.PageInfo.HasNextPage {
		t.Errorf("second page: %+v", k)
	}
	must(t, as(w.alice).Do(context.Background(), service, "read", list, map[string]any{"first": 10, "controller": bob.DID()}, &page))
	if len(page.Keystores.Nodes) != 0 {
		t.Errorf("keystores of one who has none: %+v", page.Keystores.Nodes)
	}
	wantCode(t, "controller", as(w.alice).Do(context.Background(), service, "read", list, map[string]any{"first": 10, "controller": "bob"}, nil), "BAD_USER_INPUT")
	wantCode(t, "by a stranger", as(w.mallory).Do(context.Background(), service, "read", list, map[string]any{"first": 10}, nil), "FORBIDDEN")

	var out struct {
		Status struct {
			ServerLocks, Operators []string
			AuthServer             bool
			OpenRegistration       bool
		}
	}
	const status = `{ status { startedAt serverLocks operators openRegistration authServer } }`
	must(t, as(w.alice).Do(context.Background(), service, "read", status, nil, &out))
	if s := out.Status; len(s.ServerLocks) != 1 || !strings.HasPrefix(s.ServerLocks[0], "local:") || len(s.Operators) != 1 || s.Operators[0] != w.alice.DID() || !s.AuthServer || s.OpenRegistration {
		t.Errorf("status: %+v", s)
	}
	wantCode(t, "status for a stranger", as(w.mallory).Do(context.Background(), service, "read", status, nil, nil), "FORBIDDEN")

	reader := with(bob, delegate(t, w.alice, nil, service, bob.DID(), "read"))
	must(t, reader.Do(context.Background(), service, "read", status, nil, nil))
	wantCode(t, "a reader creates", reader.Do(context.Background(), service, "createKeystore", createKeystore, input(map[string]any{"controller": bob.DID()}), nil), "FORBIDDEN")
	maker := with(bob, delegate(t, w.alice, nil, service, bob.DID(), "createKeystore"))
	must(t, maker.Do(context.Background(), service, "createKeystore", createKeystore, input(map[string]any{"controller": bob.DID()}), nil))
	wantCode(t, "a maker reads", maker.Do(context.Background(), service, "read", status, nil, nil), "FORBIDDEN")
	// Keys are not the operators' to see, not even their names.
	err := as(w.mallory).Do(context.Background(), service, "read", `{ keystores { nodes { keys { nodes { id } } } } }`, nil, nil)
	wantCode(t, "keys through keystores", err, "FORBIDDEN")
	wantCode(t, "keys through keystores, by an operator", reader.Do(context.Background(), service, "read", `{ keystores { nodes { keys { nodes { id } } } } }`, nil, nil), "FORBIDDEN")
}

// capability show and revoke, keystore list and update on the command line.
func TestCapabilityCommands(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	file := func(name string) string { return filepath.Join(w.dir, name) }
	n := start(t, at("", w.flags("local"))...)
	u := newUser(t, w, n, "LOCAL", false)
	alice, err := w.alice.MarshalFile()
	must(t, err)
	must(t, os.WriteFile(file("alice.json"), alice, 0o600))
	who := []string{"--identity", file("alice.json")}
	bob := ok(t, "", "identity", "new", "--out", file("bob.json"))
	key := u.keys["ED25519"]
	c := ok(t, "", append(who, "capability", "delegate", "--target", key, "--to", bob, "--action", "sign")...)
	must(t, os.WriteFile(file("sign.json"), []byte(c), 0o600))
	if out := ok(t, "", "capability", "show", file("sign.json")); !strings.Contains(out, bob) || !strings.Contains(out, `"proofs": "valid"`) || !strings.Contains(out, key) {
		t.Errorf("capability show: %s", out)
	}
	must(t, os.WriteFile(file("forged.json"), []byte(strings.Replace(c, `"expires":"2`, `"expires":"3`, 1)), 0o600))
	if code, out, _ := run(t, "", "capability", "show", file("forged.json")); code != 1 || strings.Contains(out, `"valid"`) {
		t.Errorf("capability show of a forged one: exit %d, %s", code, out)
	}
	use := []string{"sign", "--identity", file("bob.json"), "--capability", file("sign.json"), "--key", key}
	ok(t, "hello", use...)
	if out := ok(t, "", append(who, "capability", "revoke", file("sign.json"))...); out != "" {
		t.Errorf("capability revoke printed %q", out)
	}
	if code, _, errs := run(t, "hello", use...); code != 1 || !strings.Contains(errs, "revoked") {
		t.Errorf("sign after revocation: exit %d, %s", code, errs)
	}
	c = ok(t, "", append(who, "capability", "delegate", "--target", n.url+"/graphql", "--to", bob, "--action", "read")...)
	must(t, os.WriteFile(file("read.json"), []byte(c), 0o600))
	list := []string{"keystore", "list", "--url", n.url, "--identity", file("bob.json"), "--capability", file("read.json")}
	ok(t, "", list...)
	ok(t, "", append(who, "capability", "revoke", file("read.json"))...)
	if code, _, errs := run(t, "", list...); code != 1 || !strings.Contains(errs, "revoked") {
		t.Errorf("keystore list after revocation: exit %d, %s", code, errs)
	}
	if out := ok(t, "", append(who, "keystore", "list", "--url", n.url)...); out != u.keystore+"\t"+w.alice.DID()+"\tENABLED" {
		t.Errorf("keystore list: %q", out)
	}
	operator := func(args ...string) string {
		return ok(t, "", append(append(who, "operator"), append(args, "--url", n.url)...)...)
	}
	if out := operator("add", bob); out != bob {
		t.Errorf("operator add: %q", out)
	}
	if lines := strings.Split(operator("list"), "\n"); len(lines) != 2 || lines[0] != w.alice.DID()+"\tCONFIGURED\t" || !strings.HasPrefix(lines[1], bob+"\tENROLLED\t20") {
		t.Errorf("operator list: %q", lines)
	}
	ok(t, "", "keystore", "list", "--url", n.url, "--identity", file("bob.json"))
	if out := operator("remove", bob); out != bob {
		t.Errorf("operator remove: %q", out)
	}
	if code, _, errs := run(t, "", append(append(who, "operator"), "remove", bob, "--url", n.url)...); code != 1 || !strings.Contains(errs, "is not an operator") {
		t.Errorf("operator remove again: exit %d, %s", code, errs)
	}
	if out := ok(t, "", append(who, "keystore", "update", u.keystore, "--controller", bob)...); !strings.Contains(out, `"controller": "`+bob+`"`) {
		t.Errorf("keystore update: %q", out)
	}
	ok(t, "hello", "sign", "--identity", file("bob.json"), "--key", key)
}

// A P-256 identity does all that an Ed25519 one does: create, use, delegate, be delegated to, revoke.
func TestP256Identities(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var err error
	w.alice, err = auth.NewP256Identity()
	must(t, err)
	n := start(t, at("", w.flags("local"))...)
	for _, vault := range []bool{false, true} {
		u := newUser(t, w, n, "LOCAL", vault)
		key := u.keys["ED25519"]
		must(t, second(u.sign()))
		bob, err := auth.NewP256Identity()
		must(t, err)
		carol := newIdentity(t)
		toBob := delegate(t, w.alice, nil, key, bob.DID(), "sign")
		must(t, signs(with(bob, toBob), key))
		toCarol := delegate(t, bob, toBob, key, carol.DID(), "sign")
		must(t, signs(with(carol, toCarol), key))
		must(t, as(bob).Revoke(context.Background(), toCarol))
		wantCode(t, "after revocation", signs(with(carol, toCarol), key), "FORBIDDEN")
	}
	file := filepath.Join(w.dir, "p256.json")
	if did := ok(t, "", "identity", "new", "--type", "P256", "--out", file); !strings.HasPrefix(did, "did:key:zDn") || ok(t, "", "identity", "show", "--identity", file) != did {
		t.Errorf("identity new --type P256: %s", did)
	}
	if code, _, errs := run(t, "", "identity", "new", "--type", "RSA", "--out", file+"2"); code != 2 || !strings.Contains(errs, "--type") {
		t.Errorf("identity new --type RSA: exit %d, %s", code, errs)
	}
}

// refusedWithinASecond: nothing that is begun a second after the change is allowed. What counts is when a request was begun, not how long the machine took.
func refusedWithinASecond(t *testing.T, what string, do func() error) {
	t.Helper()
	changed := time.Now()
	for {
		begun := time.Now()
		if do() != nil {
			return
		}
		if late := begun.Sub(changed); late > time.Second {
			t.Fatalf("%s is still accepted on the other server %v after the change", what, late)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// throughAddress sends every request to one server, whatever host its URL names.
func throughAddress(t *testing.T, address string) *http.Client {
	t.Helper()
	transport := &http.Transport{DialContext: dialer(address)}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: 10 * time.Second}
}

// post sends a body to a URL, invoking the URL's own root capability for write, as the reference clients revoke.
func post(t *testing.T, id *auth.Identity, url string, body []byte) (int, string) {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(body))
	must(t, err)
	r.Header.Set("Content-Type", "application/json")
	must(t, auth.SignRequest(r, body, id, auth.Invocation{RootTarget: url, Action: "write"}, time.Now()))
	resp, err := http.DefaultClient.Do(r)
	must(t, err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	must(t, err)
	return resp.StatusCode, string(b)
}

// A delegate cannot fill the table of revocations: what is invalid because a link of its chain was revoked needs none, and what a delegate delegated on
// has so many. The controller's own are not counted.
func TestRevocationsAreBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := start(t, at("", w.flags("local"))...)
	u := newUser(t, w, n, "LOCAL", false)
	db := w.open(t)
	bob, carol, dave := newIdentity(t), newIdentity(t), newIdentity(t)
	revoke := func(by *auth.Identity, c *auth.Capability) error { return as(by).Revoke(context.Background(), c) }
	for place, target := range map[string]string{"keystore": u.keystore, "service": n.url + "/graphql"} {
		table, of := "service_revocations", ""
		if place == "keystore" {
			table, of = "revocations", lastPart(target)
		}
		rows := func(what string, want int) {
			t.Helper()
			if got := db.count(t, "SELECT COUNT(*) FROM "+table+" WHERE through IS NULL OR capability_id NOT LIKE 'urn:x:%'"); got != want {
				t.Errorf("%s, %s: %d revocations, want %d", place, what, got, want)
			}
		}
		gone := delegate(t, w.alice, nil, target, bob.DID(), "read")
		must(t, revoke(w.alice, gone))
		for range 3 {
			must(t, revoke(bob, delegate(t, bob, gone, target, carol.DID(), "read")))
		}
		must(t, revoke(bob, gone))
		rows("what was invalid already", 1)

		toBob, toDave := delegate(t, w.alice, nil, target, bob.DID(), "read"), delegate(t, w.alice, nil, target, dave.DID(), "read")
		toCarol := delegate(t, bob, toBob, target, carol.DID(), "read")
		must(t, revoke(carol, delegate(t, carol, toCarol, target, w.mallory.DID(), "read")))
		rows("what carol gave on", 2)
		columns, values := "", ""
		if of != "" {
			columns, values = "keystore_id, ", "'"+of+"', "
		}
		db.change(t, "INSERT INTO "+table+" ("+columns+"delegator, capability_id, revoker, revoked_at, expires_at, through) WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 999) SELECT "+
			values+"'did:key:x', 'urn:x:' || i, 'did:key:x', 1, 4000000000000000, through FROM s, "+table+" WHERE through IS NOT NULL")
		e := wantCode(t, "one more of what came through bob", revoke(carol, delegate(t, carol, toCarol, target, w.mallory.DID(), "read")), "CONFLICT")
		if !strings.Contains(e.Message, bob.DID()) {
			t.Errorf("%s: %q does not say through whom", place, e.Message)
		}
		wantCode(t, "by bob himself", revoke(bob, toCarol), "CONFLICT")
		rows("what was too many", 2)
		must(t, revoke(dave, delegate(t, dave, toDave, target, carol.DID(), "read")))
		must(t, revoke(w.alice, toCarol))
		must(t, revoke(bob, toBob))
		rows("another's, the controller's, and bob's own", 5)
	}
}
