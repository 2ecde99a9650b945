package keystore_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"twolock/auth"
	"twolock/crypto/lock"
	"twolock/keystore"
	"twolock/server/servertest"
	"twolock/storage"
	"twolock/storage/storagetest"
)

// Invariant 6 where entries are written outside the gate that every operation begins at; that one's are in graph, where the schema is.

var errFull = errors.New("the disk is full")

// refuse makes the journal refuse the entries of an action, and take all others.
func refuse(j *servertest.Journal, action string) (asked func() int) {
	n := 0
	j.Break(func(e keystore.Entry) error {
		if e.Action == action {
			n++
			return errFull
		}
		return nil
	})
	return func() int { return n }
}

func actions(entries []keystore.Entry) (all []string) {
	for _, e := range entries {
		all = append(all, e.Action)
	}
	return all
}

// do does an operation as alice and returns the answer and what its field has.
func do(t *testing.T, s *servertest.Server, url, action, field, selection string, in map[string]any) (*servertest.Answer, map[string]any) {
	t.Helper()
	query := fmt.Sprintf("mutation($i: %sInput!) { %s(input: $i) { %s } }", strings.ToUpper(field[:1])+field[1:], field, selection)
	a := s.Do(servertest.As(s.Alice), url, action, query, map[string]any{"i": in})
	var data map[string]map[string]any
	_ = json.Unmarshal(a.Data, &data)
	return a, data[field]
}

// A revocation that cannot be written down is not made.
func TestInvariantRevocationIsAudited(t *testing.T) {
	s := servertest.Start(t)
	ks := s.Keystore("LOCAL")
	key := s.Key(ks, "ED25519")
	c, err := s.Alice.Delegate(auth.Delegation{RootTarget: ks, Target: key, Controller: s.Mallory.DID(), Actions: []string{"sign"}, Expires: time.Now().Add(time.Hour)}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	mallory := servertest.As(s.Mallory)
	mallory.Capability = c
	signs := func() string {
		return s.Do(mallory, key, "sign", `mutation($i: SignInput!) { sign(input: $i) { version } }`, map[string]any{"i": map[string]any{"key": key, "message": "AAAA"}}).Code()
	}
	asked := refuse(s.Journal, "revoke")
	if a := s.Post(servertest.As(s.Alice), auth.RevocationURL(c), "write", c.JSON()); a.Status != 500 || a.Code() != "INTERNAL" {
		t.Errorf("a revocation without its entry: got %d %s", a.Status, a.Body)
	}
	if asked() != 1 {
		t.Errorf("the journal was asked %d times", asked())
	}
	links := []keystore.Link{{Delegator: s.Alice.DID(), Capability: c.ID()}}
	if is, err := s.DB.Revoked(t.Context(), ks[strings.LastIndexByte(ks, '/')+1:], links); is || err != nil {
		t.Errorf("it was made: %v, error %v", is, err)
	}
	if got := signs(); got != "" {
		t.Errorf("sign by it: %s", got)
	}
	s.Journal.Break(nil)
	s.Journal.Take()
	if a := s.Post(servertest.As(s.Alice), auth.RevocationURL(c), "write", c.JSON()); a.Status != 204 {
		t.Fatalf("revocation: got %d %s", a.Status, a.Body)
	}
	if got := actions(s.Journal.Take()); !slices.Equal(got, []string{"revoke"}) {
		t.Errorf("a revocation is in the journal as %v", got)
	}
	if got := signs(); got != "FORBIDDEN" {
		t.Errorf("sign by what was revoked: %q", got)
	}
}

// An import or a restoration that opens what it is given with a key of the keystore leaves an entry of that key, too.
func TestInvariantUnwrappingIsAudited(t *testing.T) {
	s := servertest.Start(t)
	from, to := s.Keystore("LOCAL"), s.Keystore("LOCAL")
	unwrapping := s.Key(to, "X25519")
	a := s.Do(servertest.As(s.Alice), unwrapping, "read", `query($id: ID!) { key(id: $id) { publicKey { jwk } } }`, map[string]any{"id": unwrapping})
	var read struct {
		Key struct{ PublicKey struct{ JWK json.RawMessage } }
	}
	if err := json.Unmarshal(a.Data, &read); err != nil {
		t.Fatalf("%v: %s", err, a.Body)
	}
	_, made := do(t, s, from, "generateKey", "createKey", "key { id }", map[string]any{"keystore": from, "type": "AES_256_GCM", "exportable": true})
	key := made["key"].(map[string]any)["id"].(string)
	in := map[string]any{"key": key, "recipient": read.Key.PublicKey.JWK}
	_, exported := do(t, s, key, "exportKey", "exportKey", "wrapped", in)
	_, backedUp := do(t, s, key, "backupKey", "backupKey", "backup", in)
	keys := func() int {
		t.Helper()
		all, err := s.DB.ListKeys(t.Context(), to[strings.LastIndexByte(to, '/')+1:], keystore.KeyFilter{}, keystore.Position{}, 100)
		if err != nil {
			t.Fatal(err)
		}
		return len(all)
	}
	for _, c := range []struct {
		field string
		in    map[string]any
	}{
		{"importKey", map[string]any{"keystore": to, "type": "AES_256_GCM", "wrapped": exported["wrapped"], "unwrappingKey": unwrapping}},
		{"restoreKey", map[string]any{"keystore": to, "backup": backedUp["backup"], "unwrappingKey": unwrapping}},
	} {
		before := keys()
		asked := refuse(s.Journal, "unwrapKey")
		a, _ := do(t, s, to, c.field, c.field, "key { id }", c.in)
		if a.Code() != "INTERNAL" || asked() != 1 || keys() != before {
			t.Errorf("%s without an entry of the key that unwraps: got %s; the journal was asked %d times, the keystore has %d keys, had %d", c.field, a.Body, asked(), keys(), before)
		}
		s.Journal.Break(nil)
		s.Journal.Take()
		if a, _ = do(t, s, to, c.field, c.field, "key { id }", c.in); a.Code() != "" || keys() != before+1 {
			t.Errorf("%s: got %s", c.field, a.Body)
		}
		entries := s.Journal.Take()
		if !slices.Equal(actions(entries), []string{c.field, "unwrapKey"}) || entries[1].Key != unwrapping[strings.LastIndexByte(unwrapping, '/')+1:] || entries[1].Caller != s.Alice.DID() {
			t.Errorf("%s is in the journal as %+v", c.field, entries)
		}
	}
}

// What a server does by itself, because it is due, is not done without an entry either.
func TestInvariantWhatIsDueIsAudited(t *testing.T) {
	s, db, journal := openWithJournal(t)
	past := time.Now().UTC().Add(-time.Minute).Truncate(time.Microsecond)
	record := func(change func(*keystore.Record)) keystore.Record {
		r := storagetest.Record()
		r.UserLock, r.State = keystore.UserLockLocal, keystore.KeyEnabled
		change(&r)
		return r
	}
	with := func(r keystore.Record, change func(*keystore.KeyRecord)) keystore.KeyRecord {
		t.Helper()
		k := storagetest.KeyRecord(r.ID)
		change(&k)
		if err := s.InsertTagged(t.Context(), r, k); err != nil {
			t.Fatal(err)
		}
		return k
	}
	ends := record(func(r *keystore.Record) { r.DeleteAt = past })
	endsKey := with(ends, func(*keystore.KeyRecord) {})
	lives, turns, damaged := record(func(*keystore.Record) {}), record(func(*keystore.Record) {}), record(func(*keystore.Record) {})
	doomed := with(lives, func(k *keystore.KeyRecord) { k.DeleteAt = past })
	turning := with(turns, func(k *keystore.KeyRecord) { k.RotationPeriod, k.RotateAt = time.Hour, past })
	broken := with(damaged, func(*keystore.KeyRecord) {})
	broken.Tag = []byte("not it")
	broken.ID = storagetest.ID()
	if err := db.InsertKey(t.Context(), broken); err != nil {
		t.Fatal(err)
	}
	condemned, err := db.CondemnKey(t.Context(), keystore.CondemnedKey{Keystore: damaged.ID, ID: broken.ID, DeleteAt: past, Tag: storagetest.Digest()})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		action string
		record keystore.Record
		key    keystore.KeyRecord
		do     func() error
		fails  bool // whatever the journal says: the keystore's secrets are none
	}{
		{"deleteKeystore.due", ends, endsKey, func() error { return s.RemoveKeystore(t.Context(), ends) }, false},
		{"deleteKey.due", lives, doomed, func() error { return second(s.KeepKey(t.Context(), lives, doomed.ID)) }, false},
		{"rotateKey.due", turns, turning, func() error { return second(s.KeepKey(t.Context(), turns, turning.ID)) }, true},
		{"deleteKey.due", damaged, broken, func() error { return s.RemoveDamaged(t.Context(), damaged, condemned) }, false},
	} {
		state := func() (any, any) {
			r, err := db.Keystore(t.Context(), c.record.ID)
			if err != nil {
				return err.Error(), nil
			}
			k, err := db.Key(t.Context(), c.record.ID, c.key.ID)
			if err != nil {
				return r, err.Error()
			}
			return r, k
		}
		r, k := state()
		asked := refuse(journal, c.action)
		if err := c.do(); !errors.Is(err, errFull) || asked() != 1 {
			t.Errorf("%s without its entry: error %v; the journal was asked %d times", c.action, err, asked())
		}
		if nowR, nowK := state(); !reflect.DeepEqual(r, nowR) || !reflect.DeepEqual(k, nowK) {
			t.Errorf("%s without its entry: was\n%+v\n%+v, is\n%+v\n%+v", c.action, r, k, nowR, nowK)
		}
		journal.Break(nil)
		if err := c.do(); (err != nil) != c.fails {
			t.Errorf("%s: %v", c.action, err)
		}
		if got := actions(journal.Take()); !slices.Equal(got, []string{c.action}) {
			t.Errorf("%s is in the journal as %v", c.action, got)
		}
		if nowR, nowK := state(); !c.fails && reflect.DeepEqual(r, nowR) && reflect.DeepEqual(k, nowK) {
			t.Errorf("%s: nothing was done", c.action)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// openWithJournal is open with a journal that can be broken.
func openWithJournal(t *testing.T) (*keystore.Service, *storage.DB, *servertest.Journal) {
	t.Helper()
	dir, journal := t.TempDir(), &servertest.Journal{}
	db, err := storage.Open(t.Context(), "sqlite:"+filepath.Join(dir, "twolock.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if _, err := lock.CreateLocal(filepath.Join(dir, "master.key")); err != nil {
		t.Fatal(err)
	}
	local, err := lock.OpenLocal(filepath.Join(dir, "master.key"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := keystore.Open(context.WithoutCancel(t.Context()), keystore.Options{
		Base: "http://127.0.0.1:1", Store: db, Locks: []keystore.Lock{local}, Journal: journal, CacheTTL: time.Minute, CacheEntries: 100, Now: time.Now,
		Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	return s, db, journal
}
