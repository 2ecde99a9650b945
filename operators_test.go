package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"twolock/auth"
	"twolock/client"
	"twolock/storage/storagetest"
)

// The one-time link makes an operator once; only then can keystores be created.
func TestEnrolment(t *testing.T) {
	t.Parallel()
	for _, database := range []string{"sqlite", "postgres"} {
		t.Run(database, func(t *testing.T) {
			w := newWorld(t)
			w.database = "sqlite:" + filepath.Join(w.dir, "twolock.db")
			if database == "postgres" {
				w.database = storagetest.Postgres(t)
			}
			flags := at(free(t), []string{"--data-dir", w.dir, "--database", w.database})
			n := start(t, flags...)
			file := filepath.Join(w.dir, "operator-enrolment")
			info, err := os.Stat(file)
			must(t, err)
			if info.Mode().Perm() != 0o600 {
				t.Errorf("the link's file has mode %v", info.Mode())
			}
			create := func(id *auth.Identity) error {
				return as(id).Do(context.Background(), n.url+"/graphql", "createKeystore", createKeystore, input(map[string]any{"controller": id.DID()}), nil)
			}
			wantCode(t, "createKeystore before enrolment", create(w.alice), "FORBIDDEN")
			link, err := os.ReadFile(file)
			must(t, err)
			_, token, _ := strings.Cut(strings.TrimSpace(string(link)), "#enrol=")
			if strings.Contains(n.log.String(), token) {
				t.Error("the token is in the log")
			}
			enrol := func(id *auth.Identity, token string) error {
				return as(id).Do(context.Background(), n.url+"/graphql", "enrolOperator",
					`mutation($input: EnrolOperatorInput!) { enrolOperator(input: $input) { operator } }`, input(map[string]any{"token": token}), nil)
			}
			wantCode(t, "another token", enrol(w.mallory, encoding.EncodeToString(storagetest.Bytes(32))), "FORBIDDEN")
			wantCode(t, "an empty token", enrol(w.mallory, ""), "FORBIDDEN")
			// A restart makes a new link; the old one is void.
			n.stop()
			n = start(t, flags...)
			wantCode(t, "the link from before", enrol(w.mallory, token), "FORBIDDEN")
			link, err = os.ReadFile(file)
			must(t, err)
			_, token, _ = strings.Cut(strings.TrimSpace(string(link)), "#enrol=")
			must(t, enrol(w.alice, token))
			wantCode(t, "the link used again", enrol(w.mallory, token), "FORBIDDEN")
			must(t, create(w.alice))
			wantCode(t, "createKeystore by another", create(w.mallory), "FORBIDDEN")

			// An operator delegates; sees no key of others.
			c, err := w.alice.Delegate(auth.Delegation{RootTarget: n.url + "/graphql", Target: n.url + "/graphql", Controller: w.mallory.DID(),
				Actions: []string{"createKeystore"}, Expires: time.Now().Add(time.Hour)}, time.Now())
			must(t, err)
			m := as(w.mallory)
			m.Capability = c
			must(t, m.Do(context.Background(), n.url+"/graphql", "createKeystore", createKeystore, input(map[string]any{"controller": w.mallory.DID()}), nil))
			n.stop()
			n = start(t, flags...)
			must(t, create(w.alice))
			if _, err := os.Stat(file); err == nil {
				t.Error("the link's file is still there with an operator enrolled")
			}
		})
	}
}

// Operators add and remove each other; the last one stays, and so does a configured one. What was delegated to somebody does not make operators.
func TestOperatorsChange(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.database = storagetest.Postgres(t)
	flags := at(free(t), []string{"--data-dir", w.dir, "--database", w.database})
	n := start(t, append(flags, "--operator", w.alice.DID())...)
	bob, carol := newIdentity(t), newIdentity(t)
	change := func(c *client.Client, field string, did any) error {
		query := "mutation($input: " + strings.ToUpper(field[:1]) + field[1:] + "Input!) { " + field + "(input: $input) { operator } }"
		return c.Do(context.Background(), n.url+"/graphql", field, query, input(map[string]any{"operator": did}), nil)
	}
	status := func(id *auth.Identity) error {
		return as(id).Do(context.Background(), n.url+"/graphql", "read", `{ status { version } }`, nil, nil)
	}
	wantCode(t, "a stranger adds herself", change(as(w.mallory), "addOperator", w.mallory.DID()), "FORBIDDEN")
	must(t, change(as(w.alice), "addOperator", bob.DID()))
	must(t, change(as(w.alice), "addOperator", bob.DID())) // as before
	must(t, status(bob))

	// What bob gives on is as much as bob has, but it makes no operators.
	c, err := bob.Delegate(auth.Delegation{RootTarget: n.url + "/graphql", Target: n.url + "/graphql", Controller: w.mallory.DID(),
		Actions: []string{"read", "addOperator", "removeOperator"}, Expires: time.Now().Add(time.Hour)}, time.Now())
	must(t, err)
	m := as(w.mallory)
	m.Capability = c
	must(t, m.Do(context.Background(), n.url+"/graphql", "read", `{ status { version } }`, nil, nil))
	wantCode(t, "a delegate adds herself", change(m, "addOperator", w.mallory.DID()), "FORBIDDEN")
	wantCode(t, "a delegate removes an operator", change(m, "removeOperator", bob.DID()), "FORBIDDEN")

	for _, bad := range []any{"", "did:web:example.com", "did:key:z6Mkx", nil, 7} {
		err := change(as(w.alice), "addOperator", bad)
		wantCode(t, "a bad DID", err, "BAD_USER_INPUT")
		if !strings.Contains(err.Error(), "operator") {
			t.Errorf("the error for %v does not name the field: %v", bad, err)
		}
	}
	wantCode(t, "one who is none is removed", change(as(w.alice), "removeOperator", carol.DID()), "NOT_FOUND")
	wantCode(t, "a configured one is removed", change(as(bob), "removeOperator", w.alice.DID()), "CONFLICT")
	must(t, change(as(bob), "addOperator", carol.DID()))
	must(t, change(as(w.alice), "removeOperator", bob.DID()))
	wantCode(t, "one who was removed", status(bob), "FORBIDDEN")
	wantCode(t, "whom they let in", m.Do(context.Background(), n.url+"/graphql", "read", `{ status { version } }`, nil, nil), "FORBIDDEN")

	// Without a configured one, one of the enrolled stays.
	n.stop()
	n = start(t, flags...)
	wantCode(t, "one who was removed, after a restart", status(bob), "FORBIDDEN")
	wantCode(t, "the last one", change(as(carol), "removeOperator", carol.DID()), "CONFLICT")
	must(t, change(as(carol), "addOperator", w.alice.DID()))
	must(t, change(as(carol), "removeOperator", carol.DID()))
	must(t, status(w.alice))
	wantCode(t, "who removed herself", status(carol), "FORBIDDEN")
}

// What strangers are refused leaves nothing in the audit log, which is not theirs to fill; who has the open token leaves one entry.
func TestStrangersLeaveNoAuditEntry(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := start(t, at("", []string{"--data-dir", w.dir, "--open-registration"})...)
	var many strings.Builder
	many.WriteString("mutation($i: EnrolOperatorInput!) {")
	for i := range 100 {
		fmt.Fprintf(&many, " a%d: enrolOperator(input: $i) { operator }", i)
	}
	many.WriteString(" }")
	enrol := func(id *auth.Identity, token, query string) error {
		return as(id).Do(context.Background(), n.url+"/graphql", "enrolOperator", query, map[string]any{"i": map[string]any{"token": token}}, nil)
	}
	wantCode(t, "a hundred tokens of nobody", enrol(w.mallory, encoding.EncodeToString(storagetest.Bytes(32)), many.String()), "FORBIDDEN")
	wantCode(t, "a keystore of nobody", as(nil).Do(context.Background(), n.url+"/graphql", "", createKeystore, input(map[string]any{"controller": "did:key:z6MkNobody"}), nil), "BAD_USER_INPUT")
	wantCode(t, "a keystore with a bad name", as(w.mallory).Do(context.Background(), n.url+"/graphql", "createKeystore", createKeystore,
		input(map[string]any{"controller": w.alice.DID(), "name": strings.Repeat("x", 1000)}), nil), "BAD_USER_INPUT")
	log := func() string {
		b, err := os.ReadFile(filepath.Join(w.dir, "audit.log"))
		if !errors.Is(err, os.ErrNotExist) {
			must(t, err)
		}
		return string(b)
	}
	if got := log(); got != "" {
		t.Errorf("%d entries after strangers were refused; the last: %s", strings.Count(got, "\n"), got[strings.LastIndex(strings.TrimSpace(got), "\n")+1:])
	}
	link, err := os.ReadFile(filepath.Join(w.dir, "operator-enrolment"))
	must(t, err)
	_, token, _ := strings.Cut(strings.TrimSpace(string(link)), "#enrol=")
	must(t, enrol(w.alice, token, `mutation($i: EnrolOperatorInput!) { enrolOperator(input: $i) { operator } }`))
	wantCode(t, "the token again", enrol(w.mallory, token, many.String()), "FORBIDDEN")
	if got := log(); strings.Count(got, "\n") != 1 || !strings.Contains(got, `"action":"enrolOperator"`) || !strings.Contains(got, w.alice.DID()) {
		t.Errorf("after one was enrolled, the audit log has %d entries, want that one: %.500s", strings.Count(got, "\n"), got)
	}
}

// --open-registration lets everybody create keystores, signed or not, and nothing else.
func TestOpenRegistration(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := start(t, at("", []string{"--data-dir", w.dir, "--open-registration"})...)
	nobody := as(nil)
	var out struct {
		CreateKeystore struct{ Keystore struct{ ID string } }
	}
	must(t, nobody.Do(context.Background(), n.url+"/graphql", "", createKeystore, input(map[string]any{"controller": w.alice.DID()}), &out))
	must(t, as(w.mallory).Do(context.Background(), n.url+"/graphql", "createKeystore", createKeystore, input(map[string]any{"controller": w.mallory.DID()}), nil))
	id := out.CreateKeystore.Keystore.ID
	wantCode(t, "nobody reads it", nobody.Do(context.Background(), id, "", readKeystore, map[string]any{"id": id, "first": 1}, nil), "UNAUTHENTICATED")
	must(t, as(w.alice).Do(context.Background(), id, "read", readKeystore, map[string]any{"id": id, "first": 1}, nil))
	wantCode(t, "another action than createKeystore", as(w.alice).Do(context.Background(), n.url+"/graphql", "read", createKeystore, input(map[string]any{"controller": w.alice.DID()}), nil), "FORBIDDEN")
}

// A link that was never used is void once an operator is configured.
func TestEnrolmentEndsWithAnOperator(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	flags := at(free(t), []string{"--data-dir", w.dir})
	n := start(t, flags...)
	link, err := os.ReadFile(filepath.Join(w.dir, "operator-enrolment"))
	must(t, err)
	_, token, _ := strings.Cut(strings.TrimSpace(string(link)), "#enrol=")
	n.stop()
	n = start(t, append(flags, "--operator", w.alice.DID())...)
	err = as(w.mallory).Do(context.Background(), n.url+"/graphql", "enrolOperator",
		`mutation($input: EnrolOperatorInput!) { enrolOperator(input: $input) { operator } }`, input(map[string]any{"token": token}), nil)
	wantCode(t, "the link from before", err, "FORBIDDEN")
}

// Who creates a keystore for another learns nothing of the other's share, and takes nothing of theirs.
func TestRegistrationForAnother(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := start(t, append(at("", w.flags("local")), "--open-registration")...)
	create := func(id *auth.Identity, url string, in map[string]any) error {
		in["controller"] = w.alice.DID()
		return as(id).Do(context.Background(), url, "createKeystore", createKeystore, input(in), nil)
	}
	service, share := n.url+"/graphql", encoding.EncodeToString(w.shares[0])
	for who, id := range map[string]*auth.Identity{"nobody": nil, "mallory": w.mallory} {
		calls := w.auth.Calls()
		e := wantCode(t, "one share by "+who, create(id, service, map[string]any{"userLock": "SHAMIR", "secretShares": []string{share}}), "BAD_USER_INPUT")
		if !strings.Contains(e.Message, "secretShares") || w.auth.Calls() != calls {
			t.Errorf("one share by %s: %q, and the Auth server was asked %d times", who, e.Message, w.auth.Calls()-calls)
		}
	}
	must(t, create(w.alice, service, map[string]any{"userLock": "SHAMIR", "secretShares": []string{share}}))
	e := wantCode(t, "idempotency key by nobody", create(nil, service, map[string]any{"idempotencyKey": "first"}), "BAD_USER_INPUT")
	if !strings.Contains(e.Message, "idempotencyKey") {
		t.Errorf("idempotency key by nobody: %q", e.Message)
	}
	must(t, create(w.mallory, service, map[string]any{"idempotencyKey": "first", "userLock": "SHAMIR"}))
	must(t, create(w.alice, service, map[string]any{"idempotencyKey": "first"})) // mallory's is another
	elsewhere := n.url + "/keystores/" + storagetest.ID()
	if err := create(nil, elsewhere, map[string]any{}); err == nil {
		t.Error("createKeystore is answered at a keystore's URL")
	}
}

// Operators see no key: the service's capability does not reach a keystore.
func TestOperatorsUseNoKeys(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := start(t, at("", []string{"--data-dir", w.dir, "--operator", w.mallory.DID()})...)
	var out struct {
		CreateKeystore struct{ Keystore struct{ ID string } }
	}
	must(t, as(w.mallory).Do(context.Background(), n.url+"/graphql", "createKeystore", createKeystore, input(map[string]any{"controller": w.alice.DID()}), &out))
	u := &user{t: t, c: as(w.alice), keystore: out.CreateKeystore.Keystore.ID, keys: map[string]string{}}
	url, err := u.create("ED25519")
	must(t, err)
	wantCode(t, "sign by the operator", as(w.mallory).Do(context.Background(), url, "sign", sign, input(map[string]any{"key": url, "message": message}), nil), "FORBIDDEN")
	wantCode(t, "sign by the operator, service root", call(as(w.mallory), url, n.url+"/graphql", "sign", sign, input(map[string]any{"key": url, "message": message})), "FORBIDDEN")
}
