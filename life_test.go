package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"twolock/client"
	"twolock/crypto/key"
)

// A key's states, what people call it, and its end.
func TestStates(t *testing.T) {
	tell(t, map[string]story{"disable": disables, "labels": labels, "listing": listings, "keystore states": keystoreStates, "keystore labels": keystoreLabels, "bad input": badInputs})
}

func disables(t *testing.T, _ *site, u *user) {
	for _, typ := range []key.Type{key.Ed25519, key.AES256GCM, key.HMACSHA256, key.X25519, key.MLKEM768} {
		k := u.make(string(typ), object{"exportable": true})
		again := u.does(typ, k)
		is(t, "disableKey", u.get("disableKey", object{"key": k}), object{"state": "DISABLED", "deletesAt": nil})
		is(t, "disableKey again", u.get("disableKey", object{"key": k}), object{"state": "DISABLED"})
		forget()
		u.unusable(typ, k, "DISABLED")
		is(t, "read while DISABLED", u.key(k), object{"state": "DISABLED"})
		is(t, "updateKey while DISABLED", u.get("updateKey", object{"key": k, "description": "x"}), object{"description": "x"})
		is(t, "enableKey", u.get("enableKey", object{"key": k}), object{"state": "ENABLED"})
		is(t, "enableKey again", u.get("enableKey", object{"key": k}), object{"state": "ENABLED"})
		again(t)
	}
}

// unusable wants every use of a key to be refused for its state.
func (u *user) unusable(typ key.Type, url, state string) {
	u.t.Helper()
	recipient := object{"kty": "OKP", "crv": "X25519", "x": b64(append(make([]byte, 31), 9))}
	inputs := map[key.Operation]map[string]object{
		key.OpSign: {"sign": {"message": message}, "signBatch": {"messages": []string{message}}}, key.OpVerify: {"verify": {"message": message, "signature": message}},
		key.OpEncrypt: {"encrypt": {"plaintext": message}, "generateDataKey": {}}, key.OpDecrypt: {"decrypt": {"ciphertext": message, "nonce": message}, "reencrypt": {"ciphertext": message, "nonce": message}},
		key.OpComputeMAC: {"computeMac": {"data": message}}, key.OpVerifyMAC: {"verifyMac": {"data": message, "mac": message}},
		key.OpWrapKey: {"wrapKey": {"keyToWrap": b64(make([]byte, 16))}}, key.OpUnwrapKey: {"unwrapKey": {"wrappedKey": message}},
		key.OpSeal: {"seal": {"plaintext": message}}, key.OpOpen: {"open": {"ciphertext": message}},
		key.OpEncapsulate: {"encapsulate": {}}, key.OpDecapsulate: {"decapsulate": {"ciphertext": message}},
		key.OpDeriveSecret: {"deriveSecret": {"publicKey": message}}, key.OpDeriveKey: {"deriveKey": {"length": 16}},
	}
	for _, o := range typ.Operations() {
		for field, in := range inputs[o] {
			u.refused("KEY_UNUSABLE", field, merged(in, object{"key": url}), state)
		}
	}
	for field, in := range map[string]object{"rotateKey": {}, "exportKey": {"recipient": recipient}, "backupKey": {"recipient": recipient}} {
		u.refused("KEY_UNUSABLE", field, merged(in, object{"key": url}), state)
	}
}

func labels(t *testing.T, s *site, u *user) {
	html := `<script>alert("x")</script> & 'x'`
	k := u.make("ED25519", object{"name": html, "description": "für Unterschriften 署名 🔑", "tags": []object{{"name": "z", "value": html}, {"name": "a"}}})
	want := object{"name": html, "description": "für Unterschriften 署名 🔑", "tags": []object{{"name": "a", "value": ""}, {"name": "z", "value": html}}}
	is(t, "createKey", u.key(k), want)
	named := func(name string) any {
		t.Helper()
		var out struct {
			Keystore struct{ KeyNamed *struct{ ID string } }
		}
		must(t, u.c.Do(t.Context(), u.keystore, "read", `query($id: ID!, $name: String!) { keystore(id: $id) { keyNamed(name: $name) { id } } }`, object{"id": u.keystore, "name": name}, &out))
		if out.Keystore.KeyNamed == nil {
			return nil
		}
		return out.Keystore.KeyNamed.ID
	}
	if got := named(html); got != k {
		t.Errorf("keyNamed(%s) is %v, want %s", html, got, k)
	}
	for _, other := range []string{"", "nobody", strings.ToUpper(html), html + " "} {
		if got := named(other); got != nil {
			t.Errorf("keyNamed(%q) is %v", other, got)
		}
	}
	u.refused("CONFLICT", "createKey", object{"type": "ED25519", "name": html}, "name")
	u.refused("CONFLICT", "importKey", object{"type": "AES_256_GCM", "raw": b64(make([]byte, 32)), "name": html}, "name")
	second := u.make("ED25519", object{"name": "second"})
	u.refused("CONFLICT", "updateKey", object{"key": second, "name": html}, "name")
	is(t, "after the conflict", u.key(second), object{"name": "second"})
	// What is left out stays, what is empty goes, and a name that was given up is free.
	is(t, "updateKey of nothing", u.get("updateKey", object{"key": k}), want)
	is(t, "updateKey", u.get("updateKey", object{"key": k, "name": "first", "tags": []object{{"name": "b", "value": "c"}}}),
		object{"name": "first", "description": want["description"], "tags": []object{{"name": "b", "value": "c"}}})
	is(t, "a name that was given up", u.get("updateKey", object{"key": second, "name": html}), object{"name": html})
	is(t, "updateKey to none", u.get("updateKey", object{"key": k, "name": "", "description": "", "tags": []object{}}), object{"name": nil, "description": nil, "tags": []object{}})
	is(t, "its own name again", u.get("updateKey", object{"key": second, "name": html}), object{"name": html})
	elsewhere := s.user(t)
	elsewhere.make("ED25519", object{"name": html}) // another keystore has names of its own

	wide := strings.Repeat("ü", 128)
	u.make("ED25519", object{"name": wide, "description": strings.Repeat("ü", 1024), "tags": tagsOf(20)})
	for what, in := range badLabels(s) {
		if _, err := u.try("createKey", merged(object{"type": "ED25519"}, in)); code(err) != "BAD_USER_INPUT" {
			t.Errorf("createKey with %s: %v", what, err)
		}
		u.refused("BAD_USER_INPUT", "updateKey", merged(object{"key": k}, in), wordOf(in))
	}
}

func tagsOf(n int) (tags []object) {
	for i := range n {
		tags = append(tags, object{"name": fmt.Sprint(strings.Repeat("n", 60), i), "value": strings.Repeat("v", 256)})
	}
	return tags
}

// wordOf is what a refusal of a bad label names.
func wordOf(in object) string {
	field := slices.Sorted(maps.Keys(in))[0]
	if tags, ok := in[field].([]object); ok && tags[0]["name"] == nil {
		return "name"
	}
	return field
}

// badLabels are refused before any store sees them, so that one site is enough.
func badLabels(s *site) map[string]object {
	if s.vault || s.userLock != "LOCAL" {
		return nil
	}
	bad := map[string]object{
		"a long name": {"name": strings.Repeat("x", 129)}, "a long description": {"description": strings.Repeat("x", 1025)},
		"a huge description": {"description": strings.Repeat("x", 500_000)},
		"many tags":          {"tags": tagsOf(21)}, "a tag twice": {"tags": []object{{"name": "a"}, {"name": "a", "value": "b"}}},
		"a tag without a name": {"tags": []object{{"name": ""}}}, "a tag with a long name": {"tags": []object{{"name": strings.Repeat("x", 65)}}},
		"a tag with a long value": {"tags": []object{{"name": "a", "value": strings.Repeat("x", 257)}}},
		"a tag that is null":      {"tags": []any{nil}}, "a tag with null for a name": {"tags": []object{{"name": nil}}}, "tags that are text": {"tags": "x"}, "true": {"name": true}, "a list": {"description": []string{"x"}},
	}
	for what, c := range map[string]string{"NUL": "\x00", "a line break": "a\nb", "an escape": "\x1b[31m", "DEL": "\x7f", "C1": "\u0085", "a bidi override": "\u202e", "a line separator": "\u2028", "a BOM": "\ufeff"} {
		bad[what+" in the name"] = object{"name": c}
		bad[what+" in the description"] = object{"description": "x" + c}
		bad[what+" in a tag"] = object{"tags": []object{{"name": "a", "value": c}}}
		bad[what+" in a tag's name"] = object{"tags": []object{{"name": "a" + c}}}
	}
	return bad
}

func listings(t *testing.T, _ *site, u *user) {
	red, blue := object{"name": "colour", "value": "red"}, object{"name": "colour", "value": "blue"}
	byFilter := map[string][]string{}
	note := func(url string, filters ...string) {
		for _, f := range append(filters, "") {
			byFilter[f] = append(byFilter[f], url)
		}
	}
	for i := range 12 {
		kind, tag, state := []string{"ED25519", "AES_256_GCM", "HMAC_SHA256"}[i%3], []object{red, blue}[i%2], []string{"ENABLED", "DISABLED", "PENDING_DELETION", "ENABLED"}[i%4]
		k := u.make(kind, object{"name": fmt.Sprint([]string{"odd ", "even "}[i%2], 11-i), "tags": []object{tag, {"name": "n", "value": fmt.Sprint(i)}}})
		switch state {
		case "DISABLED":
			u.get("disableKey", object{"key": k})
		case "PENDING_DELETION":
			if i == 2 {
				u.get("disableKey", object{"key": k}) // it is pending all the same
			}
			u.get("deleteKey", object{"key": k})
		}
		colour := tag["value"].(string)
		named := `namePrefix: "` + []string{"odd", "even "}[i%2] + `"`
		note(k, named, named+", type: "+kind, named+", state: "+state, "type: "+kind, "state: "+state, `tag: {name: "colour", value: "`+colour+`"}`,
			"type: "+kind+", state: "+state, "type: "+kind+`, tag: {name: "colour", value: "`+colour+`"}`, "type: "+kind+", state: "+state+`, tag: {name: "colour", value: "`+colour+`"}`)
	}
	for f, want := range byFilter {
		for _, size := range []int{1, 5, 100} {
			if size == 1 && strings.Contains(f, ",") {
				continue // it takes its time
			}
			var got []string
			after := ""
			for range len(want) + 1 {
				page := u.list(fmt.Sprintf("(first: %d%s, filter: {%s})", size, after, f))
				got = append(got, ids(page)...)
				info := page["pageInfo"].(object)
				if len(page["damaged"].([]any)) != 0 {
					t.Errorf("{%s}: damaged %v", f, page["damaged"])
				}
				if info["hasNextPage"] == false {
					break
				}
				after = fmt.Sprintf(", after: %q", info["endCursor"])
			}
			if !slices.Equal(got, want) {
				t.Errorf("{%s} in pages of %d: %d keys, want %d, in the order of their making", f, size, len(got), len(want))
			}
		}
	}
	for f, want := range map[string]int{`tag: {name: "colour", value: "green"}`: 0, `tag: {name: "colour"}`: 0, "type: RSA_2048": 0, `tag: {name: "n", value: "3"}`: 1, `namePrefix: "Odd"`: 0, `namePrefix: "odd 1"`: 2, `namePrefix: ""`: 12} {
		if got := len(ids(u.list("(filter: {" + f + "})"))); got != want {
			t.Errorf("{%s}: %d keys, want %d", f, got, want)
		}
	}
	for f, word := range map[string]string{
		`namePrefix: "` + strings.Repeat("x", 129) + `"`: "namePrefix", `namePrefix: "a\u0000"`: "namePrefix",
		`tag: {name: ""}`: "tag", `tag: {name: "` + strings.Repeat("x", 65) + `"}`: "tag", `tag: {name: "a", value: "` + strings.Repeat("x", 257) + `"}`: "tag",
		`tag: {name: "a\u0000"}`: "tag", `tag: {value: "x"}`: "name", `type: NONE`: "type: must be", `state: GONE`: "state: must be", `type: "ED25519"`: "KeyType", `other: 1`: "other",
	} {
		_, err := u.tryList("(filter: {" + f + "})")
		u.isRefused("{"+f+"}", err, "BAD_USER_INPUT", word)
	}
}

func keystoreStates(t *testing.T, s *site, u *user) {
	k := u.make("ED25519", object{"name": "key"})
	is(t, "disableKeystore", u.get("disableKeystore", object{}), object{"state": "DISABLED", "deletesAt": nil})
	forget()
	rests := func(state string) {
		t.Helper()
		u.refused("KEY_UNUSABLE", "sign", object{"key": k, "message": message}, "keystore", state)
		for field, in := range map[string]object{
			"createKey": {"type": "ED25519"}, "importKey": {"type": "AES_256_GCM", "raw": b64(make([]byte, 32))}, "generateRandom": {"length": 8},
			"rotateKey": {"key": k}, "disableKey": {"key": k}, "deleteKey": {"key": k}, "restoreKey": {"backup": "x", "unwrappingKey": k},
		} {
			u.refused("KEY_UNUSABLE", field, in, "keystore", state)
		}
		is(t, "read the key", u.key(k), object{"state": "ENABLED", "name": "key"})
		if got := ids(u.list("")); !slices.Equal(got, []string{k}) {
			t.Errorf("a keystore that is %s lists %v", state, got)
		}
		out, err := u.tryRead(u.keystore, "keystore", allOfKeystore)
		must(t, err)
		is(t, "read", out, object{"state": state})
	}
	rests("DISABLED")
	is(t, "updateKeystore while DISABLED", u.get("updateKeystore", object{"name": "resting"}), object{"name": "resting", "state": "DISABLED"})
	for _, n := range []any{6, 31, 0, -1, 1 << 30} {
		u.refused("BAD_USER_INPUT", "deleteKeystore", object{"windowDays": n}, "windowDays", "7 to 30")
	}
	pending := u.get("deleteKeystore", object{"windowDays": 7})
	is(t, "deleteKeystore", pending, object{"state": "PENDING_DELETION"})
	is(t, "deleteKeystore again", u.get("deleteKeystore", object{"windowDays": 30}), object{"deletesAt": pending["deletesAt"]})
	u.refused("CONFLICT", "enableKeystore", object{}, "cancelKeystoreDeletion")
	u.refused("CONFLICT", "disableKeystore", object{}, "cancelKeystoreDeletion")
	forget()
	rests("PENDING_DELETION")
	is(t, "cancelKeystoreDeletion", u.get("cancelKeystoreDeletion", object{}), object{"state": "DISABLED", "deletesAt": nil})
	is(t, "cancelKeystoreDeletion again", u.get("cancelKeystoreDeletion", object{}), object{"state": "DISABLED"})
	is(t, "enableKeystore", u.get("enableKeystore", object{}), object{"state": "ENABLED"})
	forget()
	u.does(key.Ed25519, k)(t)
	for _, field := range []string{"disableKeystore", "enableKeystore", "deleteKeystore", "cancelKeystoreDeletion"} {
		m := *u
		m.c = &client.Client{Identity: s.w.mallory, Now: s.w.clock.now}
		m.refused("FORBIDDEN", field, object{})
	}
	is(t, "untouched", u.get("enableKeystore", object{}), object{"state": "ENABLED"})
}

func keystoreLabels(t *testing.T, s *site, u *user) {
	html := `<b onmouseover="x">&amp;`
	is(t, "updateKeystore", u.get("updateKeystore", object{"name": html, "description": "ä", "tags": []object{{"name": "z"}, {"name": "a", "value": "b"}}, "keyTypes": []string{"HMAC_SHA256", "ED25519"}}),
		object{"name": html, "description": "ä", "tags": []object{{"name": "a", "value": "b"}, {"name": "z", "value": ""}}, "keyTypes": []string{"ED25519", "HMAC_SHA256"}})
	is(t, "updateKeystore of nothing", u.get("updateKeystore", object{}), object{"name": html, "description": "ä", "keyTypes": []string{"ED25519", "HMAC_SHA256"}})
	forget()
	u.refused("BAD_USER_INPUT", "createKey", object{"type": "AES_256_GCM"}, "type", "AES_256_GCM")
	u.refused("BAD_USER_INPUT", "importKey", object{"type": "AES_256_GCM", "raw": b64(make([]byte, 32))}, "type")
	mac := u.make("HMAC_SHA256")
	u.refused("BAD_USER_INPUT", "deriveKey", object{"key": mac, "type": "AES_256_GCM"}, "type")
	u.get("deriveKey", object{"key": mac, "type": "HMAC_SHA256"})
	u.refused("BAD_USER_INPUT", "updateKeystore", object{"keyTypes": []string{}}, "keyTypes")
	u.refused("BAD_USER_INPUT", "updateKeystore", object{"keyTypes": []string{"NONE"}}, "keyTypes")
	is(t, "updateKeystore to none", u.get("updateKeystore", object{"name": "", "description": "", "tags": []object{}}), object{"name": nil, "description": nil, "tags": []object{}})
	for what, in := range badLabels(s) {
		if _, err := u.try("updateKeystore", in); code(err) != "BAD_USER_INPUT" {
			t.Errorf("updateKeystore with %s: %v", what, err)
		}
	}
	in := object{"controller": s.w.alice.DID(), "name": html, "description": "d", "tags": []object{{"name": "a", "value": "b"}}, "keyTypes": []string{"ED25519"}}
	out, err := u.tryAt(s.url+"/graphql", "createKeystore", in)
	must(t, err)
	is(t, "createKeystore", out["keystore"].(object), object{"name": html, "description": "d", "tags": in["tags"], "keyTypes": []string{"ED25519"}, "state": "ENABLED"})
	for what, bad := range badLabels(s) {
		if _, err := u.tryAt(s.url+"/graphql", "createKeystore", merged(object{"controller": s.w.alice.DID()}, bad)); code(err) != "BAD_USER_INPUT" {
			t.Errorf("createKeystore with %s: %v", what, err)
		}
	}
}

// What is no value of a field is refused by a message that names the field, and changes nothing.
func badInputs(t *testing.T, _ *site, u *user) {
	aes, mac, ed := u.make("AES_256_GCM"), u.make("HMAC_SHA256"), u.make("ED25519")
	before, count := u.key(aes), number(u.list("")["totalCount"])
	junk := []any{"x", true, -1, 1.5, 1 << 40, []int{1}, object{"a": 1}}
	for _, c := range []struct {
		field, name string
		in          object
		values      []any
	}{
		{"trimKeyVersions", "oldestVersion", object{"key": aes}, append(junk, nil, 0, 2)},
		{"updateKey", "minimumVersionToVerify", object{"key": aes}, append(junk, 0, 2)},
		{"updateKey", "minimumVersionToDecrypt", object{"key": aes}, append(junk, 0, 2)},
		{"updateKey", "rotationPeriod", object{"key": aes}, append(junk, 1, 3599)},
		{"updateKey", "name", object{"key": aes}, []any{true, []int{1}, object{}}},
		{"createKey", "rotationPeriod", object{"type": "AES_256_GCM"}, append(junk, 0)},
		{"createKey", "exportable", object{"type": "AES_256_GCM"}, []any{"true", 1, nil, object{}}},
		{"createKey", "maxCapabilityChainLength", object{"type": "AES_256_GCM"}, append(junk, 0, 11)},
		{"createKey", "idempotencyKey", object{"type": "AES_256_GCM"}, []any{"", true, object{}}},
		{"createKey", "type", object{}, []any{nil, "", "aes_256_gcm", 7, []any{}}},
		{"deleteKey", "windowDays", object{"key": aes}, append(junk, nil, 0, 6, 31)},
		{"decrypt", "version", object{"key": aes, "ciphertext": message, "nonce": message}, append(junk, 0, 2)},
		{"decrypt", "nonce", object{"key": aes, "ciphertext": b64(make([]byte, 32))}, []any{nil, "", message, 7, "!"}},
		{"encrypt", "plaintext", object{"key": aes}, []any{nil, 7, "!", []int{1}}},
		{"encrypt", "algorithm", object{"key": aes, "plaintext": message}, []any{"", "NONE", "HPKE_AES_128_GCM", 7}},
		{"generateDataKey", "length", object{"key": aes}, append(junk, nil, 0, 1025)},
		{"generateDataKey", "withPlaintext", object{"key": aes}, []any{nil, "no", 0}},
		{"deriveKey", "length", object{"key": mac}, append(junk, 0, 8161)},
		{"exportKey", "version", object{"key": ed, "recipient": object{}}, []any{"x", true, 1 << 40}},
		{"restoreKey", "backup", object{"unwrappingKey": aes}, []any{nil, true, ""}},
		{"restoreKey", "unwrappingKey", object{"backup": "a.b.c.d.e"}, []any{nil, true}},
		{"signBatch", "messages", object{"key": ed}, []any{nil, "!", 7, []any{"!"}, []any{nil}, []any{object{}}}},
		{"encryptBatch", "items", object{"key": aes}, []any{nil, 7, []any{7}, []any{object{}}, []any{object{"plaintext": "!"}}}},
	} {
		for _, v := range c.values {
			_, err := u.try(c.field, merged(c.in, object{c.name: v}))
			if e := u.isRefused(fmt.Sprintf("%s: %s = %v", c.field, c.name, v), err, "BAD_USER_INPUT"); e.Message != "" && !strings.Contains(e.Message, c.name) && !strings.Contains(e.Message, "plaintext") && !strings.Contains(e.Message, "KeyType") {
				t.Errorf("%s: %s = %v: %q does not name the field", c.field, c.name, v, e.Message)
			}
		}
		if _, err := u.try(c.field, merged(c.in, object{"nonsense": 1})); code(err) != "BAD_USER_INPUT" || !strings.Contains(err.Error(), "nonsense") {
			t.Errorf("%s with a field that there is not: %v", c.field, err)
		}
	}
	is(t, "the key after bad input", u.key(aes), before)
	if got := number(u.list("")["totalCount"]); got != count {
		t.Errorf("bad input made %d keys", got-count)
	}
}

// What is deleted is gone when its window is over: nothing of it is left, and its name is free. What was cancelled is as it was.
func TestDeletion(t *testing.T) {
	everywhere(t, deletion, "--cache-ttl", "1m")
}

func deletion(t *testing.T, s *site, u *user) {
	label := object{"name": "doomed", "tags": []object{{"name": "a", "value": "b"}}}
	doomed, kept, resting := u.make("AES_256_GCM", label), u.make("AES_256_GCM", object{"name": "kept", "rotationPeriod": 86_400 * 365}), u.make("AES_256_GCM", object{"name": "resting"})
	again := u.does(key.AES256GCM, kept)
	u.does(key.AES256GCM, doomed)
	u.get("rotateKey", object{"key": doomed})
	u.does(key.AES256GCM, doomed)
	for _, n := range []any{6, 31, 0, -7, 1 << 30, "7", 7.5} {
		u.refused("BAD_USER_INPUT", "deleteKey", object{"key": doomed, "windowDays": n}, "windowDays")
	}
	u.get("disableKey", object{"key": resting})
	before := s.w.clock.now()
	pending := u.get("deleteKey", object{"key": doomed, "windowDays": 7})
	is(t, "deleteKey", pending, object{"state": "PENDING_DELETION", "name": "doomed"})
	when, err := time.Parse(time.RFC3339, pending["deletesAt"].(string))
	must(t, err)
	if d := when.Sub(before); d < 7*24*time.Hour-time.Minute || d > 7*24*time.Hour+time.Minute {
		t.Errorf("deleteKey with a window of 7 days ends in %v", d)
	}
	is(t, "deleteKey again, with a longer window", u.get("deleteKey", object{"key": doomed, "windowDays": 30}), object{"deletesAt": pending["deletesAt"]})
	for _, k := range []string{kept, resting} {
		u.get("deleteKey", object{"key": k, "windowDays": 7})
	}
	forget()
	u.unusable(key.AES256GCM, doomed, "PENDING_DELETION")
	u.refused("CONFLICT", "enableKey", object{"key": doomed}, "cancelKeyDeletion")
	u.refused("CONFLICT", "disableKey", object{"key": doomed}, "cancelKeyDeletion")
	u.refused("CONFLICT", "createKey", object{"type": "AES_256_GCM", "name": "doomed"}, "name") // it is not gone yet

	s.w.clock.pass(7*24*time.Hour - time.Hour)
	time.Sleep(6 * time.Second)
	is(t, "cancelKeyDeletion", u.get("cancelKeyDeletion", object{"key": kept}), object{"state": "ENABLED", "deletesAt": nil})
	is(t, "cancelKeyDeletion restores the state", u.get("cancelKeyDeletion", object{"key": resting}), object{"state": "DISABLED"})
	is(t, "an hour before the end", u.key(doomed), object{"state": "PENDING_DELETION"})
	again(t)

	var db *database
	var sealed map[int][]byte
	var documents, empty []string
	if s.vault {
		documents = s.documents(t, u)
	} else {
		db = s.w.open(t)
		if sealed = db.sealed(t, doomed); len(sealed) != 2 || db.belongings(t, doomed) < 4 {
			t.Fatalf("before the end: %d sealed versions and %d rows", len(sealed), db.belongings(t, doomed))
		}
		if !db.postgres && !s.w.onDisk(t, sealed[1]) {
			t.Fatal("the sealed bytes are not found on the disk: the test looks in the wrong place")
		}
	}
	s.w.clock.pass(2 * time.Hour)
	forget()
	_, err = u.tryRead(doomed, "key", "id")
	u.isRefused("read after the window", err, "NOT_FOUND")
	for field, in := range map[string]object{"encrypt": {"plaintext": message}, "cancelKeyDeletion": {}, "enableKey": {}, "rotateKey": {}, "updateKey": {"name": "x"}} {
		u.refused("NOT_FOUND", field, merged(in, object{"key": doomed}))
	}
	if got := ids(u.list("")); slices.Contains(got, doomed) || len(got) != 2 {
		t.Errorf("after the window %v are listed", got)
	}
	if s.vault {
		eventually(t, "the vault's documents overwritten", 15*time.Second, func() bool {
			n := 0
			now := s.documents(t, u)
			for _, d := range documents {
				if !slices.Contains(now, d) {
					n++
				}
			}
			return n >= 2
		})
		time.Sleep(time.Second)
		for _, d := range s.documents(t, u) {
			if !slices.Contains(documents, d) {
				empty = append(empty, d)
			}
		}
	} else {
		eventually(t, "the rows gone", 15*time.Second, func() bool { return db.belongings(t, doomed) == 0 })
		db.Close()
		for v, b := range sealed {
			eventually(t, fmt.Sprintf("version %d's sealed bytes off the disk", v), time.Minute, func() bool { return db.postgres || !s.w.onDisk(t, b) })
		}
	}
	s.audited(t, "deleteKey.due", doomed)
	is(t, "the name is free", u.get("createKey", merged(object{"type": "AES_256_GCM"}, label)), object{"name": "doomed", "version": 1})
	_, err = u.tryRead(doomed, "key", "id")
	u.isRefused("read, later", err, "NOT_FOUND")
	again(t)
	is(t, "what was cancelled", u.key(resting), object{"state": "DISABLED"})
	s.restart(t)
	again(t)
	keystoreDeletion(t, s, u, kept, empty)
}

// keystoreDeletion deletes the whole keystore; another one stays. empty are documents of its vault that hold nothing any more.
func keystoreDeletion(t *testing.T, s *site, u *user, k string, empty []string) {
	other := s.user(t)
	mine := other.make("ED25519")
	sealed := map[int][]byte{}
	if !s.vault {
		db := s.w.open(t)
		sealed = db.sealed(t, k)
		db.Close()
	}
	var documents []string
	vault := ""
	if s.vault {
		out, err := u.tryRead(u.keystore, "keystore", "vaultUrl")
		must(t, err)
		vault = out["vaultUrl"].(string)
		u.get("rotateKey", object{"key": k}) // older versions go, too
	}
	is(t, "deleteKeystore", u.get("deleteKeystore", object{"windowDays": 8}), object{"state": "PENDING_DELETION"})
	u.get("cancelKeystoreDeletion", object{})
	forget()
	u.does(key.AES256GCM, k)(t)
	u.get("deleteKeystore", object{"windowDays": 8})
	if s.vault {
		documents = s.contents(vault)
	}
	s.w.clock.pass(8*24*time.Hour + time.Hour)
	forget()
	for field, in := range map[string]object{"encrypt": {"key": k, "plaintext": message}, "createKey": {"type": "ED25519"}, "cancelKeystoreDeletion": {}, "enableKeystore": {}} {
		u.refused("FORBIDDEN", field, in) // as with any keystore that is not there
	}
	_, err := u.tryRead(u.keystore, "keystore", "id")
	u.isRefused("read after the window", err, "FORBIDDEN")
	db := s.w.open(t)
	id := lastPart(u.keystore)
	eventually(t, "the keystore gone", 15*time.Second, func() bool { return db.count(t, "SELECT COUNT(*) FROM keystores WHERE id = ?", id) == 0 })
	for _, table := range []string{"keystore_sealings", "keystore_verifiers", "keys", "key_versions", "key_tags", "key_usage", "key_usage_days", "revocations"} {
		if n := db.count(t, "SELECT COUNT(*) FROM "+table+" WHERE keystore_id = ?", id); n != 0 {
			t.Errorf("%d rows of the keystore are left in %s", n, table)
		}
	}
	if s.vault {
		now := s.contents(vault)
		for _, d := range documents {
			if slices.Contains(now, d) && !slices.Contains(empty, d) {
				t.Error("a document of the vault is as it was")
			}
		}
		if len(documents) < 5 || len(empty) >= len(documents) {
			t.Errorf("%d documents, of which %d were empty: the test does not see what it should", len(documents), len(empty))
		}
	}
	db.Close()
	for v, b := range sealed {
		eventually(t, fmt.Sprintf("version %d's sealed bytes off the disk", v), time.Minute, func() bool { return db.postgres || !s.w.onDisk(t, b) })
	}
	other.does(key.Ed25519, mine)(t)
}
