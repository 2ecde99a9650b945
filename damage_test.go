package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

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
		_, err = u.try("deleteKey", object{"key": url})
		check("deleteKey", err)
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
	damagedVersions(t, s, u, db)
	damagedKeystore(t, s, u, db)
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
	var out struct {
		Keystores struct {
			Nodes []struct{ ID, Controller string }
		}
	}
	err := u.c.Do(context.Background(), s.url+"/graphql", "read", "{ keystores(first: 100) { nodes { id controller } } }", nil, &out)
	if err != nil {
		t.Errorf("keystores: %v", err)
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
