package main

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"twolock/client"
	"twolock/storage/storagetest"
)

// What must hold on every store and with every user's lock is told as a story at a site: one of six, each with a world of its own.

// site is a place to keep keys: a running server, a store and a user's lock.
type site struct {
	*node
	w        *world
	userLock string
	vault    bool
	flags    []string
	secrets  *secrets
}

// story is something that must hold at every site. It has a keystore of its own.
type story func(t *testing.T, s *site, u *user)

type place struct {
	database, userLock string
	vault              bool
}

var places = []place{
	{"sqlite", "LOCAL", false}, {"postgres", "LOCAL", false}, {"sqlite", "LOCAL", true},
	{"sqlite", "SHAMIR", false}, {"postgres", "SHAMIR", false}, {"sqlite", "SHAMIR", true},
}

func (p place) String() string {
	if p.vault {
		return "vault/" + p.userLock
	}
	return p.database + "/" + p.userLock
}

// tell runs the stories at every site, side by side, on one server for each site.
func tell(t *testing.T, stories map[string]story) {
	t.Parallel()
	for _, p := range places {
		t.Run(p.String(), func(t *testing.T) {
			t.Parallel()
			s := newSite(t, p, "--cache-ttl", "1m")
			for _, name := range slices.Sorted(maps.Keys(stories)) {
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					stories[name](t, s, s.user(t))
				})
			}
		})
	}
}

// everywhere runs a story that needs a server for itself: it stops it, or puts its clock forward.
func everywhere(t *testing.T, do story, flags ...string) {
	t.Parallel()
	for _, p := range places {
		t.Run(p.String(), func(t *testing.T) {
			t.Parallel()
			s := newSite(t, p, flags...)
			do(t, s, s.user(t))
		})
	}
}

func newSite(t *testing.T, p place, flags ...string) *site {
	t.Helper()
	w := newWorld(t)
	if p.database == "postgres" {
		w.database = storagetest.Postgres(t)
	}
	s := &site{w: w, userLock: p.userLock, vault: p.vault, secrets: &secrets{}}
	s.flags = append(at("", w.flags("local")), flags...)
	s.start(t)
	s.flags[1] = s.addr // it stays there: identifiers are URLs
	t.Cleanup(func() {
		if s.node != nil {
			s.stop(t)
		}
		if audit, err := os.ReadFile(filepath.Join(w.dir, "audit.log")); err != nil || len(audit) == 0 {
			t.Errorf("audit log: %d bytes, %v", len(audit), err)
		} else {
			s.secrets.absent(t, "the audit log", string(audit))
		}
	})
	return s
}

func (s *site) start(t *testing.T) {
	t.Helper()
	n, exit := tryStartAt(t, s.w.clock.now, s.flags...)
	if n == nil {
		t.Fatalf("serve: exit %d", exit)
	}
	s.node = n
}

// stop stops the server, cleanly, and looks whether its log kept the secrets to itself.
func (s *site) stop(t *testing.T) {
	t.Helper()
	if code := s.node.stop(); code != 0 {
		t.Errorf("serve: exit %d, want 0", code)
	}
	s.secrets.absent(t, "the log", s.log.String())
	s.node = nil
}

func (s *site) restart(t *testing.T) { t.Helper(); s.stop(t); s.start(t) }

// user makes a keystore of the site's kind for alice.
func (s *site) user(t *testing.T) *user {
	t.Helper()
	u := &user{t: t, c: &client.Client{Identity: s.w.alice, Now: s.w.clock.now}, keys: map[string]string{}, secrets: s.secrets}
	u.keystore = s.w.keystoreFor(t, s.node, s.userLock, s.vault)
	if s.userLock == "SHAMIR" {
		u.shares = []string{b64(s.w.shares[0])}
	}
	return u
}

type object = map[string]any

// What is asked for of each operation; the others answer with a key or a keystore.
var selections = map[string]string{
	"sign": "signature version", "verify": "valid version", "encrypt": "ciphertext nonce version", "decrypt": "plaintext version",
	"computeMac": "mac version", "verifyMac": "valid version", "wrapKey": "wrappedKey algorithm epk version", "unwrapKey": "unwrappedKey version",
	"seal": "ciphertext nonce version", "open": "plaintext version", "encapsulate": "sharedSecret ciphertext version", "decapsulate": "sharedSecret version",
	"deriveSecret": "secret version", "deriveKey": "secret version key {" + allOfKey + "}", "generateDataKey": "plaintext ciphertext nonce version",
	"reencrypt": "ciphertext nonce sourceVersion version", "generateRandom": "bytes", "exportKey": "wrapped version", "backupKey": "backup version",
}

const (
	allOfKey = `id type state deletesAt version oldestVersion minimumVersionToVerify minimumVersionToDecrypt maxCapabilityChainLength
		publicKey { bytes spki jwk } createdAt name description tags { name value } operations algorithms publicOnly exportable rotationPeriod rotatesAt`
	allOfKeystore = `id controller userLock vaultUrl createdAt state deletesAt name description tags { name value } keyTypes`
)

// What is invoked for a field that is not named like its action.
var actionOf = map[string]string{"createKey": "generateKey", "updateKey": "write", "updateKeystore": "write"}

// Fields that take no shares: they do not open the user's lock.
var shareless = []string{
	"updateKey", "enableKey", "disableKey", "deleteKey", "cancelKeyDeletion", "trimKeyVersions", "generateRandom", "updateKeystore",
	"enableKeystore", "disableKeystore", "deleteKeystore", "cancelKeystoreDeletion", "createKeystore",
}

// try does an operation at the key that the input names, or else at the keystore, and returns what its field answers.
func (u *user) try(field string, in object) (object, error) {
	in = maps.Clone(in)
	if in == nil {
		in = object{}
	}
	url, _ := in["key"].(string)
	switch {
	case url == "":
		if url = u.keystore; in["keystore"] == nil {
			in["keystore"] = u.keystore
		}
	case in["type"] != nil, in["destinationKey"] != nil: // it takes more than the key's URL
		url = u.keystore
	}
	return u.tryAt(url, field, in)
}

// tryAt is try at a URL of the caller's choice.
func (u *user) tryAt(url, field string, in object) (object, error) {
	in = maps.Clone(in)
	if _, given := in["secretShares"]; u.shares != nil && !given && !slices.Contains(shareless, field) {
		in["secretShares"] = u.shares
	}
	single, batch := strings.CutSuffix(field, "Batch")
	selection, operation := selections[single]
	switch {
	case batch:
		selection = "results { " + selection + " error { code message } }"
	case operation:
	case strings.Contains(field, "Keystore"):
		selection = "keystore { " + allOfKeystore + " }"
	default:
		selection = "key { " + allOfKey + " }"
	}
	action := actionOf[single]
	if action == "" {
		action = single
	}
	query := fmt.Sprintf("mutation($input: %sInput!) { %s(input: $input) { %s } }", strings.ToUpper(field[:1])+field[1:], field, selection)
	var out map[string]object
	u.secrets.collect(in)
	err := u.c.Do(context.Background(), url, action, query, object{"input": in}, &out)
	u.secrets.collect(out[field])
	return out[field], err
}

// get is try that must go well; of keys and keystores it returns the key or keystore itself.
func (u *user) get(field string, in object) object {
	u.t.Helper()
	out, err := u.try(field, in)
	if err != nil {
		u.t.Fatalf("%s(%s): %v", field, brief(in), err)
	}
	for _, name := range []string{"key", "keystore"} {
		if one, ok := out[name].(object); ok && len(out) == 1 {
			return one
		}
	}
	return out
}

// refused wants an operation to be refused with the code, by a message that has all the words.
func (u *user) refused(code, field string, in object, words ...string) client.Error {
	u.t.Helper()
	_, err := u.try(field, in)
	return u.isRefused(field+"("+brief(in)+")", err, code, words...)
}

func (u *user) isRefused(what string, err error, want string, words ...string) client.Error {
	u.t.Helper()
	if got := code(err); got != want {
		u.t.Errorf("%s: got %q (%v), want %q", what, got, err, want)
		return client.Error{}
	}
	e, ok := errors.AsType[client.Errors](err)
	if !ok {
		return client.Error{}
	}
	for _, word := range words {
		if !strings.Contains(e[0].Message, word) {
			u.t.Errorf("%s: %q does not say %q", what, e[0].Message, word)
		}
	}
	return e[0]
}

// read is a query with the action read, at a URL; the answer is that of the field.
func (u *user) tryRead(url, field, selection string) (object, error) {
	var out map[string]object
	err := u.c.Do(context.Background(), url, "read", fmt.Sprintf("query($id: ID!) { %s(id: $id) { %s } }", field, selection), object{"id": url}, &out)
	return out[field], err
}

func (u *user) key(url string) object {
	u.t.Helper()
	out, err := u.tryRead(url, "key", allOfKey)
	must(u.t, err)
	return out
}

// list is the keystore's keys, with the arguments given, as (first: 10).
func (u *user) list(arguments string) object {
	u.t.Helper()
	out, err := u.tryList(arguments)
	must(u.t, err)
	return out
}

func (u *user) tryList(arguments string) (object, error) {
	out, err := u.tryRead(u.keystore, "keystore", "keys"+arguments+" { nodes { id name } edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount damaged }")
	if err != nil {
		return nil, err
	}
	return out["keys"].(object), nil
}

// versions are a key's newest, by their number.
func (u *user) versions(url string) map[int]object {
	u.t.Helper()
	out, err := u.tryRead(url, "key", "versions(first: 100) { nodes { version createdAt publicKey { bytes } uses lastUsedAt messages } }")
	must(u.t, err)
	all := map[int]object{}
	for _, v := range nodes(out["versions"]) {
		all[number(v["version"])] = v
	}
	return all
}

// make makes a key and returns its URL.
func (u *user) make(kind string, more ...object) string {
	u.t.Helper()
	in := object{"type": kind}
	for _, m := range more {
		maps.Copy(in, m)
	}
	return u.get("createKey", in)["id"].(string)
}

func nodes(connection any) (all []object) {
	for _, n := range connection.(object)["nodes"].([]any) {
		all = append(all, n.(object))
	}
	return all
}

func ids(connection any) (all []string) {
	for _, n := range nodes(connection) {
		all = append(all, n["id"].(string))
	}
	return all
}

func number(v any) int {
	f, ok := v.(float64)
	if !ok {
		return -1
	}
	return int(f)
}

func results(out object) (all []object) {
	for _, r := range out["results"].([]any) {
		all = append(all, r.(object))
	}
	return all
}

func b64(b []byte) string { return encoding.EncodeToString(b) }

func raw(t testing.TB, v any) []byte {
	t.Helper()
	s, _ := v.(string)
	b, err := encoding.DecodeString(s)
	if err != nil || s == "" {
		t.Fatalf("%v is not base64url", v)
	}
	return b
}

func brief(in object) string {
	b, _ := json.Marshal(in)
	if len(b) > 200 {
		return string(b[:200]) + "…"
	}
	return string(b)
}

// is compares an answer's fields with what is wanted, both as JSON has them.
func is(t testing.TB, what string, got object, want object) {
	t.Helper()
	for name, w := range want {
		if !same(got[name], w) {
			t.Errorf("%s: %s is %v, want %v", what, name, got[name], w)
		}
	}
}

func same(got, want any) bool {
	g, _ := json.Marshal(got)
	w, _ := json.Marshal(want)
	var a, b any
	return json.Unmarshal(g, &a) == nil && json.Unmarshal(w, &b) == nil && reflect.DeepEqual(a, b)
}

// audited sees that the audit log has an action on a key: what the server does by itself is written there too.
func (s *site) audited(t *testing.T, action, url string) {
	t.Helper()
	audit, err := os.ReadFile(filepath.Join(s.w.dir, "audit.log"))
	must(t, err)
	for line := range strings.Lines(string(audit)) {
		if strings.Contains(line, `"action":"`+action+`"`) && strings.Contains(line, lastPart(url)) {
			return
		}
	}
	t.Errorf("%s of %s is not in the audit log", action, url)
}

// eventually waits until what is wanted is so.
func eventually(t testing.TB, what string, within time.Duration, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(within); !so(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within %v", what, within)
		}
	}
}

// forget waits until what a server read before is not remembered any more.
func forget() { time.Sleep(1100 * time.Millisecond) }

// secrets are all that went in and came out in tests and must be in no log.
type secrets struct {
	mu    sync.Mutex
	texts map[string]string // text to field
}

// secretFields have secrets in inputs and answers; jwk, when it is private.
var secretFields = []string{"plaintext", "raw", "pkcs8", "keyToWrap", "unwrappedKey", "secretShares", "secret", "sharedSecret", "bytes", "d", "priv", "p", "k"}

func (s *secrets) collect(v any) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.walk("", v)
}

func (s *secrets) walk(field string, v any) {
	switch v := v.(type) {
	case object:
		for name, x := range v {
			if name != "publicKey" {
				s.walk(name, x)
			}
		}
	case []any:
		for _, x := range v[:min(len(v), 20)] {
			s.walk(field, x)
		}
	case []object:
		for _, x := range v[:min(len(v), 20)] {
			s.walk(field, x)
		}
	case []string:
		for _, x := range v[:min(len(v), 20)] {
			s.walk(field, x)
		}
	case json.RawMessage:
		var o object
		if json.Unmarshal(v, &o) == nil {
			s.walk(field, o)
		}
	case string:
		if slices.Contains(secretFields, field) {
			s.add(field, v)
		}
	}
}

func (s *secrets) add(field, text string) {
	b, err := encoding.DecodeString(text)
	if err != nil || len(b) < 12 { // what is short may be anywhere by chance
		return
	}
	if s.texts == nil {
		s.texts = map[string]string{}
	}
	b = b[:min(len(b), 24)] // the beginning tells as much, whatever stands behind it
	whole := b[:len(b)/3*3]
	for _, form := range []string{base64.StdEncoding.EncodeToString(whole), base64.URLEncoding.EncodeToString(whole), hex.EncodeToString(b), string(b), fmt.Sprint(b)} {
		s.texts[form] = field
	}
}

func (s *secrets) absent(t testing.TB, where, text string) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for secret, field := range s.texts {
		if strings.Contains(text, secret) {
			t.Errorf("%s holds a %s: %q", where, field, secret)
		}
	}
}
