package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"twolock/auth"
	"twolock/client"
	"twolock/storage/storagetest"
)

// A deleted keystore's URL is never used again: else what was delegated for it, and what was revoked, would be valid for another keystore.
func TestRevokedStaysRevokedAfterDeletion(t *testing.T) {
	t.Parallel()
	for _, database := range []string{"sqlite", "postgres"} {
		t.Run(database, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			if database == "postgres" {
				w.database = storagetest.Postgres(t)
			}
			n := startAt(t, w.clock.now, at(free(t), w.flags("local"))...)
			alice := &client.Client{Identity: w.alice, Now: w.clock.now}
			var out struct {
				CreateKeystore struct{ Keystore struct{ ID string } }
			}
			create := func(idempotencyKey string) error {
				return alice.Do(context.Background(), n.url+"/graphql", "createKeystore", createKeystore,
					input(map[string]any{"controller": w.alice.DID(), "idempotencyKey": idempotencyKey}), &out)
			}
			must(t, create("prod"))
			ks := out.CreateKeystore.Keystore.ID
			c, err := w.alice.Delegate(auth.Delegation{RootTarget: ks, Target: ks, Controller: w.mallory.DID(), Actions: []string{"read"},
				Expires: w.clock.now().Add(80 * 24 * time.Hour)}, w.clock.now())
			must(t, err)
			read := func() error {
				m := &client.Client{Identity: w.mallory, Capability: c, Now: w.clock.now}
				return m.Do(context.Background(), ks, "read", readKeystore, map[string]any{"id": ks, "first": 1}, nil)
			}
			must(t, read())
			must(t, alice.Revoke(context.Background(), c))
			wantCode(t, "revoked", read(), "FORBIDDEN")
			must(t, alice.Do(context.Background(), ks, "deleteKeystore", `mutation($input: DeleteKeystoreInput!) { deleteKeystore(input: $input) { keystore { state } } }`,
				input(map[string]any{"keystore": ks, "windowDays": 7}), nil))
			w.clock.pass(7*24*time.Hour + time.Hour)
			refused := func(when string) {
				t.Helper()
				e := wantCode(t, "the idempotency key of a deleted keystore, "+when, create("prod"), "CONFLICT")
				if !strings.Contains(e.Message, "idempotencyKey") {
					t.Errorf("%s: %q does not name the field", when, e.Message)
				}
				wantCode(t, "the revoked capability, "+when, read(), "FORBIDDEN")
			}
			refused("before it is cleared away")
			db := w.open(t)
			eventually(t, "gone", 30*time.Second, func() bool { return db.count(t, "SELECT COUNT(*) FROM keystores") == 0 })
			refused("when it is gone")
			must(t, create("another"))
		})
	}
}

// Who made a keystore for another learns nothing of what became of it by a retry; who controls it may read it anyway.
func TestRetryReadsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := start(t, append(at("", w.flags("local")), "--open-registration")...)
	const query = `mutation($input: CreateKeystoreInput!) { createKeystore(input: $input) { keystore { id controller state name description } } }`
	type made struct {
		CreateKeystore struct {
			Keystore struct {
				ID, Controller, State string
				Name, Description     *string
			}
		}
	}
	create := func(id *auth.Identity) (out made, err error) {
		err = as(id).Do(context.Background(), n.url+"/graphql", "createKeystore", query,
			input(map[string]any{"controller": w.alice.DID(), "idempotencyKey": "x", "name": "first"}), &out)
		return out, err
	}
	update := func(url string, in map[string]any) {
		t.Helper()
		in["keystore"] = url
		must(t, as(w.alice).Do(context.Background(), url, "write", `mutation($input: UpdateKeystoreInput!) { updateKeystore(input: $input) { keystore { id } } }`, input(in), nil))
	}
	refused := func(what string, id *auth.Identity) {
		t.Helper()
		out, err := create(id)
		if e := wantCode(t, what, err, "CONFLICT"); !strings.Contains(e.Message, "idempotencyKey") {
			t.Errorf("%s: %q does not name the field", what, e.Message)
		}
		if k := out.CreateKeystore.Keystore; k.ID != "" || k.Name != nil {
			t.Errorf("%s: came with %+v", what, k)
		}
	}
	answered := func(what string, id *auth.Identity, url, name string) {
		t.Helper()
		out, err := create(id)
		must(t, err)
		if k := out.CreateKeystore.Keystore; k.ID != url || *k.Name != name {
			t.Errorf("%s: got %s named %q, want %s named %q", what, k.ID, *k.Name, url, name)
		}
	}
	out, err := create(w.mallory)
	must(t, err)
	theirs := out.CreateKeystore.Keystore.ID
	answered("a retry of what stands", w.mallory, theirs, "first")
	update(theirs, map[string]any{"description": "confidential"})
	refused("a retry when it has a description", w.mallory)
	update(theirs, map[string]any{"description": ""})
	answered("a retry when it is again as it was", w.mallory, theirs, "first")
	must(t, as(w.alice).Do(context.Background(), theirs, "disableKeystore", `mutation($input: DisableKeystoreInput!) { disableKeystore(input: $input) { keystore { id } } }`,
		input(map[string]any{"keystore": theirs}), nil))
	refused("a retry when it is disabled", w.mallory)

	out, err = create(w.alice)
	must(t, err)
	hers := out.CreateKeystore.Keystore.ID
	update(hers, map[string]any{"name": "second"})
	answered("the controller's retry", w.alice, hers, "second")
	update(hers, map[string]any{"name": "merger", "controller": newIdentity(t).DID()})
	refused("a retry when another controls it", w.alice)
}
