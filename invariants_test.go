package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"twolock/auth"
	"twolock/client"
	"twolock/crypto/lock"
	"twolock/keystore"
	"twolock/storage/storagetest"
)

// The security invariants of the design, one test each; the first is proven in graph, where the schema is.

// Invariant 2: a request is authorized for exactly the bytes that were signed.
func TestInvariantSignedBytes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := start(t, at("", w.flags("local"))...)
	u := newUser(t, w, n, "LOCAL", false)
	other, err := u.create("ED25519")
	must(t, err)
	url := u.keys["ED25519"]
	request := func() (*http.Request, []byte) {
		body, _ := json.Marshal(map[string]any{"query": sign, "variables": input(map[string]any{"key": url, "message": message})})
		r, err := http.NewRequest(http.MethodPost, url, nil)
		must(t, err)
		r.Header.Set("Content-Type", "application/json")
		must(t, auth.SignRequest(r, body, w.alice, auth.Invocation{RootTarget: u.keystore, Action: "sign"}, time.Now()))
		return r, body
	}
	send := func(r *http.Request, body []byte) (int, string) {
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		resp, err := http.DefaultClient.Do(r)
		must(t, err)
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		must(t, err)
		return resp.StatusCode, string(b)
	}
	r, body := request()
	if status, answer := send(r, body); status != 200 || strings.Contains(answer, "errors") {
		t.Fatalf("as signed: %d %s", status, answer)
	}
	for what, change := range map[string]func(r *http.Request, body []byte) []byte{
		"body":        func(_ *http.Request, b []byte) []byte { return bytes.Replace(b, []byte(message), []byte("AAAAAAA"), 1) },
		"white space": func(_ *http.Request, b []byte) []byte { return append(b, ' ') },
		"path":        func(r *http.Request, b []byte) []byte { r.URL.Path = strings.TrimPrefix(other, n.url); return b },
		"capability": func(r *http.Request, b []byte) []byte {
			replace(r, "Capability-Invocation", "sign", "verify")
			return b
		},
		"created": func(r *http.Request, b []byte) []byte {
			replace(r, "Authorization", `created="1`, `created="2`)
			return b
		},
		"signature": func(r *http.Request, b []byte) []byte {
			replace(r, "Authorization", `signature="`, `signature="A`)
			return b
		},
		"no content type": func(r *http.Request, b []byte) []byte {
			r.Header.Set("Content-Type", "application/json; x=1")
			return b
		},
		"no digest": func(r *http.Request, b []byte) []byte { r.Header.Del("Digest"); return b },
		"second header": func(r *http.Request, b []byte) []byte {
			r.Header.Add("Authorization", r.Header.Get("Authorization"))
			return b
		},
		"another's key": func(r *http.Request, b []byte) []byte {
			replace(r, "Authorization", w.alice.KeyID(), w.mallory.KeyID())
			return b
		},
	} {
		r, body := request()
		status, answer := send(r, change(r, bytes.Clone(body)))
		if status != http.StatusUnauthorized && status != http.StatusBadRequest && status != http.StatusForbidden || strings.Contains(answer, `"signature"`) {
			t.Errorf("%s changed: %d %s", what, status, answer)
		}
	}
}

func replace(r *http.Request, header, old, new string) {
	v := r.Header.Get(header)
	r.Header.Set(header, strings.ReplaceAll(v, old, new))
}

// Invariant 3: a key of keystore A is never usable with a capability for keystore B; the request's URL is the limit.
func TestInvariantKeystoresApart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := start(t, at("", w.flags("local"))...)
	a, b := newUser(t, w, n, "LOCAL", false), newUser(t, w, n, "LOCAL", false)
	second, err := a.create("ED25519")
	must(t, err)
	delegated := func(target, root string, actions ...string) *auth.Capability {
		c, err := w.alice.Delegate(auth.Delegation{RootTarget: root, Controller: w.mallory.DID(), Target: target, Actions: actions, Expires: time.Now().Add(time.Hour)}, time.Now())
		must(t, err)
		return c
	}
	key := a.keys["ED25519"]
	for _, c := range []struct {
		what, url, key string
		capability     *auth.Capability
		root           string
		want           string
	}{
		{what: "B's root at A's key", url: key, key: key, root: b.keystore, want: "FORBIDDEN"},
		{what: "A's key as argument at B's URL", url: b.keystore, key: key, root: b.keystore, want: "FORBIDDEN"},
		{what: "A's key as argument at B's URL, A's root", url: b.keystore, key: key, root: a.keystore, want: "FORBIDDEN"},
		{what: "A's key as argument at another key's URL", url: second, key: key, root: a.keystore, want: "FORBIDDEN"},
		{what: "A's key at the service's URL", url: n.url + "/graphql", key: key, root: n.url + "/graphql", want: "FORBIDDEN"},
		{what: "A's key at the service's URL, A's root", url: n.url + "/graphql", key: key, root: a.keystore, want: "FORBIDDEN"},
		{what: "delegated for B at A's key", url: key, key: key, capability: delegated(b.keystore, b.keystore, "sign"), want: "FORBIDDEN"},
		{what: "delegated for one key at another", url: key, key: key, capability: delegated(second, a.keystore, "sign"), want: "FORBIDDEN"},
		{what: "delegated for another action", url: key, key: key, capability: delegated(key, a.keystore, "verify"), want: "FORBIDDEN"},
		{what: "delegated for the keystore's URL begun", url: key, key: key, capability: delegated(key[:len(key)-1], a.keystore, "sign"), want: "FORBIDDEN"},
		{what: "delegated for the key", url: key, key: key, capability: delegated(key, a.keystore, "sign", "verify"), want: ""},
		{what: "delegated for the keystore, at the key", url: key, key: key, capability: delegated(a.keystore, a.keystore, "sign"), want: ""},
		{what: "delegated for the keystore, at the keystore", url: a.keystore, key: key, capability: delegated(a.keystore, a.keystore, "sign"), want: ""},
	} {
		api := as(w.alice)
		if c.capability != nil {
			api = as(w.mallory)
			api.Capability = c.capability
		}
		err := call(api, c.url, c.root, "sign", sign, input(map[string]any{"key": c.key, "message": message}))
		wantCode(t, c.what, err, c.want)
	}
}

// Invariant 4: a sealed blob opens only in its own place. The rows are swapped in the database itself.
func TestInvariantSealedInPlace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	flags := at(free(t), w.flags("local"))
	n := start(t, flags...)
	a, b := newUser(t, w, n, "LOCAL", false), newUser(t, w, n, "LOCAL", false)
	mac, err := a.create("HMAC_SHA256")
	must(t, err)
	a.keys["HMAC_SHA256"] = mac
	n.stop()
	db := openSQLite(t, w.dir)
	key, other, macKey := lastPart(a.keys["ED25519"]), lastPart(b.keys["ED25519"]), lastPart(mac)
	blob := func(q string, args ...any) (out []byte) {
		t.Helper()
		must(t, db.QueryRow(q, args...).Scan(&out))
		return out
	}
	const (
		read       = "SELECT sealed FROM key_versions WHERE key_id = ?"
		write      = "UPDATE key_versions SET sealed = ? WHERE key_id = ?"
		readStore  = "SELECT sealed FROM keystore_sealings WHERE keystore_id = ?"
		writeStore = "UPDATE keystore_sealings SET sealed = ? WHERE keystore_id = ?"
	)
	mine := blob(read, key)
	flipped := bytes.Clone(mine)
	flipped[len(flipped)-1] ^= 1
	sealing := blob(readStore, lastPart(a.keystore))
	for _, c := range []struct {
		what        string
		query, back string
		value       []byte
		row         string
		old         []byte
	}{
		{"another keystore's key", write, write, blob(read, other), key, mine},
		{"another key of the keystore", write, write, blob(read, macKey), key, mine},
		{"a bit flipped", write, write, flipped, key, mine},
		{"truncated", write, write, mine[:len(mine)-1], key, mine},
		{"empty", write, write, []byte{}, key, mine},
		{"another keystore's secrets", writeStore, writeStore, blob(readStore, lastPart(b.keystore)), lastPart(a.keystore), sealing},
	} {
		mustExec(t, db, c.query, c.value, c.row)
		n := start(t, flags...)
		_, err := a.sign()
		wantCode(t, c.what, err, "KEY_UNUSABLE")
		n.stop()
		mustExec(t, db, c.back, c.old, c.row)
	}
	start(t, flags...)
	must(t, second(a.sign()))
}

// What is not sealed is authenticated: who writes to the database cannot put another controller, another public key, another state
// in an object's place (THREATS T5). A keystore whose record was changed is nobody's; a key's is unusable.
func TestInvariantRecordsAuthenticated(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	flags := at(free(t), w.flags("local"))
	n := start(t, flags...)
	a, b := newUser(t, w, n, "LOCAL", true), newUser(t, w, n, "LOCAL", false)
	a.keys, a.keystore = b.keys, b.keystore // the one in the database
	vault, _ := w.vault(n.did, time.Now().Add(time.Hour))
	n.stop()
	db := openSQLite(t, w.dir)
	keystore, key := lastPart(b.keystore), lastPart(b.keys["ED25519"])
	public := storagetest.Bytes(32)
	for _, c := range []struct {
		column, table, row string
		value              any
		want               string
	}{
		{"controller", "keystores", keystore, w.mallory.DID(), "FORBIDDEN"},
		{"user_lock", "keystores", keystore, "SHAMIR", "FORBIDDEN"},
		{"created_at", "keystores", keystore, 1, "FORBIDDEN"},
		{"request", "keystores", keystore, []byte("x"), "FORBIDDEN"},
		{"tag", "keystores", keystore, storagetest.Bytes(32), "FORBIDDEN"},
		{"type", "keys", key, "HMAC_SHA256", "KEY_UNUSABLE"},
		{"state", "keys", key, "DISABLED", "KEY_UNUSABLE"},
		{"request", "keys", key, []byte("x"), "KEY_UNUSABLE"},
		{"created_at", "keys", key, 1, "KEY_UNUSABLE"},
		{"public_key", "key_versions", key, public, "KEY_UNUSABLE"},
		{"tag", "key_versions", key, []byte{1}, "KEY_UNUSABLE"},
	} {
		id := "id"
		if c.table == "key_versions" {
			id = "key_id"
		}
		var old any
		must(t, db.QueryRow("SELECT "+c.column+" FROM "+c.table+" WHERE "+id+" = ?", c.row).Scan(&old))
		mustExec(t, db, "UPDATE "+c.table+" SET "+c.column+" = ? WHERE "+id+" = ?", c.value, c.row)
		n := start(t, flags...)
		for who, api := range map[string]*client.Client{"alice": as(w.alice), "mallory": as(w.mallory)} {
			want := c.want
			if who == "mallory" {
				want = "FORBIDDEN"
			}
			url := b.keys["ED25519"]
			wantCode(t, c.table+"."+c.column+" changed, sign by "+who, api.Do(context.Background(), url, "sign", sign, input(map[string]any{"key": url, "message": message}), nil), want)
			wantCode(t, c.table+"."+c.column+" changed, read by "+who, api.Do(context.Background(), url, "read", readKey, map[string]any{"id": url}, nil), want)
		}
		if !strings.Contains(n.log.String(), "changed outside the server") {
			t.Errorf("%s.%s changed: the log does not say so", c.table, c.column)
		}
		n.stop()
		mustExec(t, db, "UPDATE "+c.table+" SET "+c.column+" = ? WHERE "+id+" = ?", old, c.row)
	}
	// A keystore cannot be turned to another vault.
	var of string
	must(t, db.QueryRow("SELECT id FROM keystores WHERE vault_url IS NOT NULL").Scan(&of))
	mustExec(t, db, "UPDATE keystores SET vault_url = ? WHERE id = ?", vault, of)
	n = start(t, flags...)
	url := n.url + "/keystores/" + of
	wantCode(t, "another vault", as(w.alice).Do(context.Background(), url, "generateKey", createKey, input(map[string]any{"keystore": url, "type": "ED25519"}), nil), "FORBIDDEN")
	must(t, second(b.sign()))
}

// Invariant 5: a stolen database without the server's lock opens nothing, and with a SHAMIR keystore the database and the server's lock
// open nothing. That no file has what is missing: TestInvariantNoSecretIsKept.
func TestInvariantStolenDatabase(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := start(t, at("", w.flags("local"))...)
	u := newUser(t, w, n, "SHAMIR", false)
	n.stop()
	u.c = as(w.alice)
	// The thief has everything on the disk, the service's own program and a share that is not the user's.
	thief := start(t, append(at(n.addr, w.flags("local")[:6]), "--operator", w.mallory.DID(), "--server-lock", "local:"+filepath.Join(w.dir, "master.key"))...)
	u.shares = []string{encoding.EncodeToString(anyShare(9)), encoding.EncodeToString(anyShare(10))}
	if _, err := u.sign(); code(err) != "WRONG_SHARE" {
		t.Errorf("sign without the user's shares: %v", err)
	}
	thief.stop()
	all := dump(t, w.dir)
	for i, share := range w.shares {
		if strings.Contains(all, string(share[:16])) {
			t.Errorf("share %d is on the disk", i)
		}
	}
	joined, err := lock.JoinShares(w.shares[:2])
	must(t, err)
	if strings.Contains(all, string(joined[:16])) {
		t.Error("the joined secret is on the disk")
	}
	key, err := os.ReadFile(filepath.Join(w.dir, "master.key"))
	must(t, err)
	master, err := encoding.DecodeString(strings.TrimSpace(string(key)))
	must(t, err)
	if strings.Contains(all, string(master[:16])) {
		t.Error("the master key is in the database")
	}
}

// An audit entry says by which request and by whose delegation: what it takes to follow a key's use back to its controller.
func TestAuditEntries(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := start(t, at("", w.flags("local"))...)
	u := newUser(t, w, n, "LOCAL", false)
	key, bob, carol := u.keys["ED25519"], newIdentity(t), newIdentity(t)
	toBob := delegate(t, w.alice, nil, key, bob.DID(), "sign")
	toCarol := delegate(t, bob, toBob, key, carol.DID(), "sign")
	must(t, second(u.sign()))
	must(t, signs(with(bob, toBob), key))
	must(t, signs(with(carol, toCarol), key))
	var again string
	for range 2 { // a retry is of the same key
		var out struct {
			CreateKey struct{ Key struct{ ID string } }
		}
		must(t, as(w.alice).Do(context.Background(), u.keystore, "generateKey", createKey, input(map[string]any{"keystore": u.keystore, "type": "ED25519", "idempotencyKey": "one"}), &out))
		again = out.CreateKey.Key.ID
	}
	n.stop()
	audit, err := os.ReadFile(filepath.Join(w.dir, "audit.log"))
	must(t, err)
	requests := map[string]bool{}
	var made, signed []keystore.Entry
	scanLines(string(audit), func(line string) {
		d := json.NewDecoder(strings.NewReader(line))
		d.DisallowUnknownFields()
		var e keystore.Entry
		must(t, d.Decode(&e))
		if len(e.Request) != 16 || requests[e.Request] {
			t.Errorf("the request is not named, or another's: %s", line)
		}
		requests[e.Request] = true
		if e.Action == "sign" {
			signed = append(signed, e)
		} else {
			made = append(made, e)
		}
	})
	if len(made) != 4 || made[0].Action != "createKeystore" || made[0].Keystore != lastPart(u.keystore) || made[0].Key != "" {
		t.Fatalf("what was made: %+v", made)
	}
	for i, url := range []string{key, again, again} {
		if e := made[i+1]; e.Action != "generateKey" || e.Keystore != lastPart(u.keystore) || e.Key != lastPart(url) {
			t.Errorf("the entry of %s is %+v", url, e)
		}
	}
	linkA, linkB := keystore.Link{Delegator: w.alice.DID(), Capability: toBob.ID()}, keystore.Link{Delegator: bob.DID(), Capability: toCarol.ID()}
	want := []keystore.Entry{
		{Caller: w.alice.DID(), Capability: auth.RootID(u.keystore)},
		{Caller: bob.DID(), Capability: toBob.ID(), Chain: []keystore.Link{linkA}},
		{Caller: carol.DID(), Capability: toCarol.ID(), Chain: []keystore.Link{linkA, linkB}},
	}
	if len(signed) != len(want) {
		t.Fatalf("signed %d times, and the log says %+v", len(want), signed)
	}
	for i, e := range signed {
		want[i].Time, want[i].Request, want[i].Action, want[i].Outcome = e.Time, e.Request, "sign", "allowed"
		want[i].Keystore, want[i].Key = lastPart(u.keystore), lastPart(key)
		if !reflect.DeepEqual(e, want[i]) {
			t.Errorf("got %+v, want %+v", e, want[i])
		}
	}
}

// Invariant 6: every use of a key leaves an audit entry; if it cannot be written, the operation does not happen.
func TestInvariantAudit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	flags := at(free(t), w.flags("local"))
	n := start(t, flags...)
	u := newUser(t, w, n, "LOCAL", false)
	must(t, second(u.sign()))
	n.stop()
	audit, err := os.ReadFile(filepath.Join(w.dir, "audit.log"))
	must(t, err)
	var actions []string
	scanLines(string(audit), func(line string) {
		var e struct{ Action, Caller, Key, Outcome, Capability string }
		must(t, json.Unmarshal([]byte(line), &e))
		actions = append(actions, e.Action)
		if e.Caller != w.alice.DID() || e.Outcome != "allowed" || e.Capability == "" || e.Action == "sign" && e.Key != lastPart(u.keys["ED25519"]) {
			t.Errorf("audit entry %s", line)
		}
	})
	if got := strings.Join(actions, " "); got != "createKeystore generateKey sign" {
		t.Errorf("audited actions: %s", got)
	}

	n = start(t, append(flags, "--audit-log", "/dev/full")...)
	_, err = u.sign()
	wantCode(t, "sign without an audit entry", err, "INTERNAL")
	_, err = u.create("ED25519")
	wantCode(t, "createKey without an audit entry", err, "INTERNAL")
	n.stop()
	start(t, flags...)
	if got := u.count(); got != 1 {
		t.Errorf("keys after refused creates: %d, want 1", got)
	}
}

// Invariant 7: what was acknowledged exists after kill -9, and can be used.
func TestInvariantCrash(t *testing.T) {
	t.Parallel()
	for _, database := range []string{"sqlite", "postgres"} {
		t.Run(database, func(t *testing.T) {
			w := newWorld(t)
			if database == "postgres" {
				w.database = storagetest.Postgres(t)
			}
			flags := at(free(t), w.flags("local"))
			p := startProcess(t, "serve", append([]string{"serve"}, flags...)...)
			u := &user{t: t, c: as(w.alice), keystore: w.keystore(&node{url: p.url}, "LOCAL", false), keys: map[string]string{}}
			var mu sync.Mutex
			var acknowledged []string
			var wg sync.WaitGroup
			for range 8 {
				wg.Go(func() {
					v := *u
					for {
						url, err := v.create("ED25519")
						if err != nil {
							return
						}
						mu.Lock()
						acknowledged = append(acknowledged, url)
						mu.Unlock()
					}
				})
			}
			time.Sleep(700 * time.Millisecond)
			must(t, p.cmd.Process.Kill())
			wg.Wait()
			if len(acknowledged) == 0 {
				t.Fatal("nothing was acknowledged before the crash")
			}
			start(t, flags...)
			for _, url := range acknowledged {
				u.keys["ED25519"] = url
				if _, err := u.sign(); err != nil {
					t.Fatalf("a key that was acknowledged is lost: %v", err)
				}
			}
			t.Logf("%d keys acknowledged, 0 lost", len(acknowledged))
		})
	}
}

func openSQLite(t *testing.T, dir string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "twolock.db"))
	must(t, err)
	t.Cleanup(func() { db.Close() })
	return db
}

func mustExec(t *testing.T, db *sql.DB, q string, args ...any) {
	t.Helper()
	r, err := db.Exec(q, args...)
	must(t, err)
	if n, _ := r.RowsAffected(); n != 1 {
		t.Fatalf("%s: %d rows", q, n)
	}
}

// dump is what the database's tables hold, all of it.
func dump(t *testing.T, dir string) string {
	t.Helper()
	db := openSQLite(t, dir)
	rows, err := db.Query("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
	must(t, err)
	var tables []string
	for rows.Next() {
		var name string
		must(t, rows.Scan(&name))
		tables = append(tables, name)
	}
	must(t, rows.Err())
	var out strings.Builder
	for _, table := range tables {
		rows, err := db.Query("SELECT * FROM " + table)
		must(t, err)
		columns, err := rows.Columns()
		must(t, err)
		for rows.Next() {
			values := make([]any, len(columns))
			for i := range values {
				values[i] = new(any)
			}
			must(t, rows.Scan(values...))
			for _, v := range values {
				if b, ok := (*v.(*any)).([]byte); ok {
					out.Write(b)
				} else {
					fmt.Fprint(&out, *v.(*any))
				}
				out.WriteByte('|')
			}
		}
		must(t, rows.Err())
	}
	return out.String()
}

func lastPart(url string) string { return url[strings.LastIndex(url, "/")+1:] }

// call sends a request that invokes a root of the test's choice, or the client's capability.
func call(c *client.Client, url, root, action, query string, variables map[string]any) error {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		return err
	}
	r, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	if err := auth.SignRequest(r, body, c.Identity, auth.Invocation{RootTarget: root, Capability: c.Capability, Action: action}, time.Now()); err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	var a struct{ Errors client.Errors }
	if err := json.NewDecoder(resp.Body).Decode(&a); err != nil {
		return err
	}
	if len(a.Errors) > 0 {
		return a.Errors
	}
	return nil
}
