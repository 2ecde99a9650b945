package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"twolock/auth"
	"twolock/client"
	"twolock/crypto/key"
	"twolock/storage/storagetest"
)

// A record that was damaged, or changed behind the server's back, makes that one key unusable, says which, and nothing else.
func TestDamage(t *testing.T) {
	t.Parallel()
	for _, p := range places {
		if p.vault {
			continue // a vault's documents are changed in the tests of storage/edv
		}
		t.Run(p.String(), func(t *testing.T) {
			t.Parallel()
			damage(t, newSite(t, p))
		})
	}
}

func damage(t *testing.T, s *site) {
	u := s.user(t)
	sound := u.make("HMAC_SHA256", object{"name": "sound"})
	db := s.w.open(t)
	var keys, damaged []string
	type row struct {
		what, table, set string
		args             []any
		lite             bool // SQLite takes it; PostgreSQL has types
	}
	other := storagetest.Bytes(32)
	rows := []row{
		{"sealed flipped", "key_versions", "", nil, false}, {"public key swapped", "key_versions", "public_key = ?", []any{other}, false},
		{"public key gone", "key_versions", "public_key = NULL", nil, false}, {"tag", "key_versions", "tag = ?", []any{other}, false},
		{"sealed empty", "key_versions", "sealed = ?", []any{[]byte{1}}, false}, {"version's time", "key_versions", "created_at = created_at + 1", nil, false},
		{"version's request", "key_versions", "request = ?", []any{other}, false}, {"version moved", "key_versions", "version = 2", nil, false},
		{"type", "keys", "type = 'HMAC_SHA256'", nil, false}, {"unknown type", "keys", "type = 'NONE'", nil, false},
		{"disabled", "keys", "state = 'DISABLED'", nil, false}, {"unknown state", "keys", "state = 'X'", nil, false},
		{"meta_tag gone", "keys", "meta_tag = NULL", nil, false}, {"meta_tag", "keys", "meta_tag = ?", []any{other}, false},
		{"exportable", "keys", "exportable = 1", nil, false}, {"exportable, without its tag", "keys", "exportable = 1, meta_tag = NULL", nil, false},
		{"public only", "keys", "public_only = 1", nil, false}, {"unrestricted", "keys", "operations = NULL", nil, false},
		{"all operations", "keys", `operations = '["SIGN","VERIFY"]'`, nil, false}, {"algorithms", "keys", `algorithms = '["EDDSA"]'`, nil, false},
		{"operations are no list", "keys", "operations = 'x'", nil, false}, {"renamed", "keys", "name = 'other'", nil, false},
		{"nameless", "keys", "name = NULL", nil, false}, {"description", "keys", "description = 'x'", nil, false},
		{"tags", "keys", `tags = '[{"name":"a","value":"b"}]'`, nil, false}, {"tags are no list", "keys", "tags = '{'", nil, false},
		{"chain", "keys", "max_chain = 9", nil, false}, {"revision", "keys", "revision = revision + 1", nil, false},
		{"newest", "keys", "version = 9", nil, false}, {"oldest", "keys", "oldest = 2", nil, false}, {"deletion", "keys", "delete_at = 1", nil, false},
		{"minimum to verify", "keys", "min_verify = 1", nil, false}, {"minimum to decrypt", "keys", "min_decrypt = 1", nil, false},
		{"rotation", "keys", "rotation_period = 3600, rotate_at = 1, due_at = 1", nil, false}, {"time", "keys", "created_at = created_at + 1", nil, false},
		{"request", "keys", "request = ?", []any{other}, false},
		{"sealed is a number", "key_versions", "sealed = 7", nil, true}, {"name is a blob", "keys", "name = X'00'", nil, true},
		{"revision is text", "keys", "revision = 'x'", nil, true}, {"state is a blob", "keys", "state = X'ff'", nil, true}, {"created_at is text", "keys", "created_at = 'x'", nil, true},
	}
	for i, r := range rows {
		if r.lite && db.postgres {
			continue
		}
		keys = append(keys, u.make("ED25519", object{"name": fmt.Sprint("key ", i), "operations": []string{"SIGN"}, "maxCapabilityChainLength": 2}))
	}
	last := u.make("ED25519", object{"name": "last"})
	// One that says nothing looks like one from before there was a meta_tag.
	plain := u.make("ED25519")
	db.change(t, "UPDATE keys SET meta_tag = NULL WHERE id = ?", lastPart(plain))
	damaged = append(damaged, plain)
	n := 0
	for _, r := range rows {
		if r.lite && db.postgres {
			continue
		}
		id := "id"
		if r.table == "key_versions" {
			id = "key_id"
		}
		k := lastPart(keys[n])
		n++
		if r.set == "" {
			sealed := db.sealed(t, k)[1]
			sealed[len(sealed)-1] ^= 1
			r.set, r.args = "sealed = ?", []any{sealed}
		}
		db.change(t, "UPDATE "+r.table+" SET "+r.set+" WHERE "+id+" = ?", append(r.args, k)...)
	}
	forget()
	n = 0
	for _, r := range rows {
		if r.lite && db.postgres {
			continue
		}
		url := keys[n]
		n++
		damaged = append(damaged, url)
		check := func(what string, err error) {
			t.Helper()
			u.isRefused(r.what+": "+what, err, "KEY_UNUSABLE", url)
		}
		_, err := u.try("sign", object{"key": url, "message": message})
		check("sign", err)
		_, err = u.tryRead(url, "key", allOfKey+" versions { nodes { version } }")
		check("read", err)
		_, err = u.try("updateKey", object{"key": url, "description": "x"})
		check("updateKey", err)
		_, err = u.try("rotateKey", object{"key": url})
		check("rotateKey", err)
		_, err = u.try("exportKey", object{"key": url, "recipient": publicJWK(t, generated(t, key.X25519))})
		check("exportKey", err)
	}
	// Nothing else is.
	u.does(key.Ed25519, last)(t)
	u.does(key.HMACSHA256, sound)(t)
	u.make("ED25519")
	for _, size := range []int{3, 100} {
		var healthy, broken []string
		after := ""
		for range 100 {
			page := u.list(fmt.Sprintf("(first: %d%s)", size, after))
			healthy = append(healthy, ids(page)...)
			for _, d := range page["damaged"].([]any) {
				broken = append(broken, d.(string))
			}
			info := page["pageInfo"].(object)
			if info["hasNextPage"] == false {
				break
			}
			after = fmt.Sprintf(", after: %q", info["endCursor"])
		}
		if len(healthy) != 3 || !slices.Contains(healthy, sound) || !slices.Contains(healthy, last) {
			t.Errorf("in pages of %d, %d keys are listed beside those that are damaged, want 3", size, len(healthy))
		}
		slices.Sort(broken)
		want := slices.Sorted(slices.Values(damaged))
		if !slices.Equal(broken, want) {
			t.Errorf("in pages of %d, %d keys are listed as damaged, want %d", size, len(broken), len(want))
			for i, d := range damaged {
				if !slices.Contains(broken, d) {
					t.Errorf("not listed: %d", i)
				}
			}
		}
	}
	// A name that only the damaged row has.
	var named []string
	for i, r := range rows {
		if r.what == "tag" || r.what == "unknown state" {
			err := u.c.Do(context.Background(), u.keystore, "read", `query($id: ID!, $name: String!) { keystore(id: $id) { keyNamed(name: $name) { id } } }`, object{"id": u.keystore, "name": fmt.Sprint("key ", i)}, nil)
			u.isRefused("keyNamed, "+r.what, err, "KEY_UNUSABLE", keys[i])
			named = append(named, r.what)
		}
	}
	if len(named) != 2 {
		t.Error("the names of damaged keys were not tried")
	}
	for _, url := range damaged {
		if !strings.Contains(s.log.String(), lastPart(url)) {
			t.Errorf("the log does not name %s", url)
		}
	}
	if strings.Contains(s.log.String(), `"internal error"`) {
		t.Error("damage is an internal error")
	}
	u.refused("KEY_UNUSABLE", "sign", object{"key": plain, "message": message}, plain)
	damagedVersions(t, s, u, db)
	damagedKeystore(t, s, u, db)
	damagedDeletion(t, s, u, db, damaged)
}

// ends asks for the end of a damaged key, and returns when that is.
func (u *user) ends(url string, days int) string {
	u.t.Helper()
	var out struct {
		DeleteKey struct {
			Key       *object
			DeletesAt string
		}
	}
	err := u.c.Do(context.Background(), url, "deleteKey", `mutation($input: DeleteKeyInput!) { deleteKey(input: $input) { key { id } deletesAt } }`,
		input(object{"key": url, "windowDays": days}), &out)
	if err != nil || out.DeleteKey.Key != nil {
		u.t.Errorf("deleteKey of %s: %v, %v; want no key", url, out.DeleteKey.Key, err)
	}
	return out.DeleteKey.DeletesAt
}

// damagedGoes is what holds of each damaged key, wherever it is: its controller lets it go, after a window, and nobody else does.
func damagedGoes(t *testing.T, s *site, u *user, url string) {
	t.Helper()
	u.refused("KEY_UNUSABLE", "cancelKeyDeletion", object{"key": url}, url)
	u.refused("BAD_USER_INPUT", "deleteKey", object{"key": url, "windowDays": 6}, "windowDays")
	m := u.delegated(s, "deleteKey", "cancelKeyDeletion")
	m.refused("KEY_UNUSABLE", "deleteKey", object{"key": url, "windowDays": 7}, url, "controller")
	before := s.w.clock.now()
	at, err := time.Parse(time.RFC3339, u.ends(url, 7))
	must(t, err)
	if d := at.Sub(before); d < 7*24*time.Hour-time.Minute || d > 7*24*time.Hour+time.Minute {
		t.Errorf("deleteKey of %s with a window of 7 days ends in %v", url, d)
	}
	if again := u.ends(url, 30); again != at.Format(time.RFC3339Nano) {
		t.Errorf("deleteKey of %s again: ends at %s, want %s", url, again, at)
	}
	m.refused("KEY_UNUSABLE", "cancelKeyDeletion", object{"key": url}, url, "controller")
	u.refused("KEY_UNUSABLE", "sign", object{"key": url, "message": message}, url)
}

func damagedDeletion(t *testing.T, s *site, u *user, db *database, damaged []string) {
	sealed := map[string]map[int][]byte{}
	for _, url := range damaged {
		damagedGoes(t, s, u, url)
		if !db.postgres && db.count(t, "SELECT COUNT(*) FROM key_versions WHERE key_id = ? AND typeof(sealed) = 'blob' AND length(sealed) > 1", lastPart(url)) == 1 {
			sealed[url] = db.sealed(t, url)
		}
	}
	kept, forged, mended := damaged[1], damaged[2], plainOf(t, u, db)
	_, err := u.try("cancelKeyDeletion", object{"key": kept})
	must(t, err)
	u.refused("KEY_UNUSABLE", "cancelKeyDeletion", object{"key": kept}, kept)
	db.change(t, "UPDATE condemned_keys SET delete_at = 1 WHERE key_id = ?", lastPart(forged))
	s.w.clock.pass(7*24*time.Hour - time.Hour)
	time.Sleep(6 * time.Second)
	for _, url := range damaged {
		if db.belongings(t, url) == 0 {
			t.Errorf("%s is gone an hour before its end", url)
		}
	}
	s.w.clock.pass(2 * time.Hour)
	eventually(t, "the damaged keys gone", 30*time.Second, func() bool { return db.count(t, "SELECT COUNT(*) FROM condemned_keys") == 0 })
	forget()
	for _, url := range damaged {
		_, err := u.tryRead(url, "key", "id")
		if url == kept || url == forged {
			u.isRefused("one that was kept", err, "KEY_UNUSABLE", url)
			continue
		}
		u.isRefused("after its end", err, "NOT_FOUND")
		if n := db.belongings(t, url); n != 0 {
			t.Errorf("%d rows of %s are left", n, url)
		}
		u.refused("NOT_FOUND", "deleteKey", object{"key": url, "windowDays": 7})
	}
	u.does(key.Ed25519, mended)(t)
	page := u.list("(first: 100)")
	if got := page["damaged"].([]any); len(got) != 2 {
		t.Errorf("%v are listed as damaged, want two", got)
	}
	db.Close() // the log is cut when nobody reads it
	for url, versions := range sealed {
		for _, b := range versions {
			if url != kept && url != forged {
				eventually(t, "the sealed bytes off the disk", time.Minute, func() bool { return !s.w.onDisk(t, b) })
			}
		}
	}
	if len(sealed) < 20 && !db.postgres {
		t.Errorf("the sealed bytes of %d keys were looked for", len(sealed))
	}
	if !strings.Contains(s.log.String(), "is sound again") || !strings.Contains(s.log.String(), "made up outside the server") {
		t.Error("the log does not say which keys stay")
	}
}

// plainOf is a key that was damaged, was to go, and was mended.
func plainOf(t *testing.T, u *user, db *database) string {
	k := u.make("ED25519")
	db.change(t, "UPDATE keys SET revision = revision + 1 WHERE id = ?", lastPart(k))
	forget()
	u.ends(k, 7)
	db.change(t, "UPDATE keys SET revision = revision - 1 WHERE id = ?", lastPart(k))
	return k
}

// In a vault, too, a key goes whose document nobody can read.
func TestDamageInAVault(t *testing.T) {
	t.Parallel()
	s := newSite(t, place{"sqlite", "LOCAL", true})
	u := s.user(t)
	out, err := u.tryRead(u.keystore, "keystore", "vaultUrl")
	must(t, err)
	vault := out["vaultUrl"].(string)
	sound, doomed := u.make("ED25519", object{"name": "sound"}), ""
	before := s.contents(vault)
	doomed = u.make("ED25519", object{"name": "doomed"})
	for _, d := range s.w.edv.Documents(vault) {
		if !slices.Contains(before, ciphertextOf(d)) {
			s.spoil(t, vault, d)
		}
	}
	forget()
	damagedGoes(t, s, u, doomed)
	if got := u.list("")["damaged"].([]any); len(got) != 1 || !strings.HasPrefix(got[0].(string), vault+"/documents/") {
		t.Errorf("%v is listed as damaged, want one document", got)
	}
	_, err = u.try("cancelKeyDeletion", object{"key": doomed})
	must(t, err)
	u.ends(doomed, 7)
	u.refused("CONFLICT", "createKey", object{"type": "ED25519", "name": "doomed"}, "name")
	spoilt := s.contents(vault)
	s.w.clock.pass(7*24*time.Hour + time.Hour)
	eventually(t, "the document overwritten", 30*time.Second, func() bool {
		n := 0
		for _, d := range spoilt {
			if !slices.Contains(s.contents(vault), d) {
				n++
			}
		}
		return n == 1
	})
	s.audited(t, "deleteKey.due", doomed)
	forget()
	_, err = u.tryRead(doomed, "key", "id")
	u.isRefused("after its end", err, "NOT_FOUND")
	page := u.list("")
	if got := page["damaged"].([]any); len(got) != 0 || !slices.Equal(ids(page), []string{sound}) {
		t.Errorf("%v are listed, and %v as damaged; want the sound one", ids(page), got)
	}
	u.does(key.Ed25519, sound)(t)
	u.make("ED25519", object{"name": "doomed"}) // its name is free
}

func ciphertextOf(document []byte) string {
	_, ciphertext, _ := strings.Cut(string(document), `"ciphertext":"`)
	ciphertext, _, _ = strings.Cut(ciphertext, `"`)
	return ciphertext
}

// spoil has the vault's owner put something unreadable in a document's place.
func (s *site) spoil(t *testing.T, vault string, document []byte) {
	t.Helper()
	var d struct {
		ID       string `json:"id"`
		Sequence int    `json:"sequence"`
		Indexed  []struct {
			HMAC       any `json:"hmac"`
			Sequence   int `json:"sequence"`
			Attributes any `json:"attributes"`
		} `json:"indexed"`
		JWE object `json:"jwe"`
	}
	must(t, json.Unmarshal(document, &d))
	d.Sequence++
	d.Indexed[0].Sequence++
	d.JWE["ciphertext"] = "AAAA" + d.JWE["ciphertext"].(string)
	body, err := json.Marshal(d)
	must(t, err)
	req, err := http.NewRequest(http.MethodPost, vault+"/documents/"+d.ID, bytes.NewReader(body))
	must(t, err)
	must(t, auth.SignRequest(req, body, s.w.alice, auth.Invocation{RootTarget: vault, Action: "write"}, s.w.clock.now()))
	resp, err := http.DefaultClient.Do(req)
	must(t, err)
	resp.Body.Close()
	if resp.StatusCode >= 300 {
		t.Fatalf("the vault's owner could not write: status %d", resp.StatusCode)
	}
}

// Of an older version the damage is that version's alone.
func damagedVersions(t *testing.T, s *site, u *user, db *database) {
	k := u.make("HMAC_SHA256")
	var codes []any
	for range 3 {
		codes = append(codes, u.get("computeMac", object{"key": k, "data": message})["mac"])
		u.get("rotateKey", object{"key": k})
	}
	db.change(t, "UPDATE key_versions SET created_at = created_at + 1 WHERE key_id = ? AND version = 2", lastPart(k))
	forget()
	u.get("computeMac", object{"key": k, "data": message})
	in := object{"key": k, "data": message}
	is(t, "version 3", u.get("verifyMac", merged(in, object{"mac": codes[2]})), object{"valid": true, "version": 3})
	u.refused("KEY_UNUSABLE", "verifyMac", merged(in, object{"mac": codes[1], "version": 2}), "version 2", k)
	is(t, "version 1, named", u.get("verifyMac", merged(in, object{"mac": codes[0], "version": 1})), object{"valid": true})
	got := results(u.get("verifyMacBatch", object{"key": k, "items": []object{{"data": message, "mac": codes[1], "version": 2}, {"data": message, "mac": codes[0], "version": 1}}}))
	if e, ok := got[0]["error"].(object); !ok || e["code"] != "KEY_UNUSABLE" || !strings.Contains(e["message"].(string), "version 2") || !same(got[1]["valid"], true) {
		t.Errorf("a batch with an item of a damaged version: %v", got)
	}
}

// A keystore whose record was changed is nobody's, and no other is touched by it, wherever it is listed.
func damagedKeystore(t *testing.T, s *site, u *user, db *database) {
	sets := []string{
		"state = 'DISABLED'", "state = 'X'", "name = 'other'", "description = 'x'", "tags = '[{\"name\":\"a\",\"value\":\"b\"}]'", "tags = '{'", "key_types = '[\"ED25519\"]'", "key_types = 'x'",
		"delete_at = 1", "controller = '" + s.w.mallory.DID() + "'", "user_lock = 'X'", "tag = NULL",
	}
	mallory := &client.Client{Identity: s.w.mallory, Now: s.w.clock.now}
	var gone []string
	for _, set := range sets {
		v := s.user(t)
		k := v.make("ED25519")
		if strings.HasPrefix(set, "tag = NULL") {
			if _, err := db.Exec(db.query("UPDATE keystores SET tag = NULL WHERE id = ?"), lastPart(v.keystore)); err != nil {
				continue // the column does not take it
			}
		} else {
			db.change(t, "UPDATE keystores SET "+set+" WHERE id = ?", lastPart(v.keystore))
		}
		forget()
		gone = append(gone, v.keystore)
		for who, c := range map[string]*client.Client{"alice": v.c, "mallory": mallory} {
			w := *v
			w.c = c
			_, err := w.try("sign", object{"key": k, "message": message})
			w.isRefused(set+": sign by "+who, err, "FORBIDDEN")
			_, err = w.tryRead(v.keystore, "keystore", "id")
			w.isRefused(set+": read by "+who, err, "FORBIDDEN")
			_, err = w.try("enableKeystore", object{})
			w.isRefused(set+": enableKeystore by "+who, err, "FORBIDDEN")
		}
	}
	u.make("ED25519")
	// The operators see the others, all of them.
	type answer struct {
		Keystores struct {
			Nodes   []struct{ ID, Controller string }
			Damaged []string
		}
	}
	var out answer
	const list = "query($filter: KeystoreFilter) { keystores(first: 100, filter: $filter) { nodes { id controller } damaged } }"
	err := u.c.Do(context.Background(), s.url+"/graphql", "read", list, nil, &out)
	if err != nil {
		t.Errorf("keystores: %v", err)
	}
	// Of the others they are told which they are, and nothing that stands there.
	if got, want := slices.Sorted(slices.Values(out.Keystores.Damaged)), slices.Sorted(slices.Values(gone)); !slices.Equal(got, want) {
		t.Errorf("%d keystores are listed as damaged, want %d: %v", len(got), len(want), got)
	}
	for _, url := range gone {
		var one answer
		if err := u.c.Do(context.Background(), s.url+"/graphql", "read", list, object{"filter": object{"id": url}}, &one); err != nil || !slices.Equal(one.Keystores.Damaged, []string{url}) || len(one.Keystores.Nodes) > 0 {
			t.Errorf("the one keystore: %+v, %v; want it as damaged", one, err)
		}
	}
	found := false
	for _, k := range out.Keystores.Nodes {
		found = found || k.ID == u.keystore
		if slices.Contains(gone, k.ID) || k.Controller == s.w.mallory.DID() {
			t.Errorf("the operators are shown a keystore whose record was changed: %v", k)
		}
	}
	if !found {
		t.Error("the operators are not shown the keystore that is sound")
	}
}
