package main

import (
	"fmt"
	"testing"

	"twolock/storage/storagetest"
)

// Batches: each item answers as its single form does, or with its own error, and what is wrong with the key is wrong with the request.
func TestBatch(t *testing.T) {
	tell(t, map[string]story{"as single": batchesAsSingle, "bounds": batchBounds, "errors": batchErrors, "key unusable": batchUnusable, "versions": batchVersions})
}

// batches are the eight, some in two ways, each with an item that goes well and its single form's fields.
func batches(t *testing.T, u *user) (all []batchCase) {
	ed, aes, mac, other := u.make("ED25519"), u.make("AES_256_GCM"), u.make("HMAC_SHA256"), u.make("XAES_256_GCM")
	signature := u.get("sign", object{"key": ed, "message": message})["signature"]
	sealed := u.get("encrypt", object{"key": aes, "plaintext": message, "aad": "YWFk"})
	code := u.get("computeMac", object{"key": mac, "data": message})["mac"]
	hpke := object{"key": u.make("X25519", object{"algorithms": []string{"HPKE_AES_128_GCM"}}), "algorithm": "HPKE_AES_128_GCM", "info": "aW5mbw"}
	secret := u.get("encrypt", merged(hpke, object{"plaintext": message}))
	item := object{"ciphertext": sealed["ciphertext"], "nonce": sealed["nonce"], "aad": "YWFk"}
	return []batchCase{
		{"sign", "messages", object{"key": ed}, message, "message"},
		{"verify", "items", object{"key": ed}, object{"message": message, "signature": signature}, ""},
		{"encrypt", "items", object{"key": aes}, object{"plaintext": message, "aad": "YWFk"}, ""},
		{"decrypt", "items", object{"key": aes}, item, ""},
		{"computeMac", "data", object{"key": mac}, message, "data"},
		{"verifyMac", "items", object{"key": mac}, object{"data": message, "mac": code}, ""},
		{"generateDataKey", "items", object{"key": aes, "length": 16}, object{"aad": "YWFk"}, ""},
		{"reencrypt", "items", object{"key": aes, "destinationKey": other}, item, ""},
		{"generateDataKey", "items", hpke, object{}, ""},
		{"reencrypt", "items", merged(hpke, object{"destinationInfo": "b3RoZXI"}), object{"ciphertext": secret["ciphertext"], "nonce": ""}, ""},
	}
}

type batchCase struct {
	field, items string
	in           object // beside the items
	item         any
	as           string // the single form's name of an item that is no object
}

func (b batchCase) of(items ...any) object { return merged(b.in, object{b.items: items}) }

func (b batchCase) single() object {
	if b.as != "" {
		return merged(b.in, object{b.as: b.item})
	}
	return merged(b.in, b.item.(object))
}

// What is drawn at random differs each time.
var drawn = map[string]bool{"ciphertext": true, "nonce": true}

func batchesAsSingle(t *testing.T, _ *site, u *user) {
	for _, b := range batches(t, u) {
		want := u.get(b.field, b.single())
		got := results(u.get(b.field+"Batch", b.of(b.item, b.item, b.item)))
		if len(got) != 3 {
			t.Fatalf("%sBatch: %d results for 3 items", b.field, len(got))
		}
		for _, r := range got {
			if r["error"] != nil {
				t.Errorf("%sBatch: %v", b.field, r["error"])
			}
			for name, w := range want {
				random := drawn[name] || b.field == "generateDataKey" && name == "plaintext"
				if random && r[name] == got[0][name] && len(fmt.Sprint(r[name])) == len(fmt.Sprint(w)) {
					continue
				}
				if random && (len(fmt.Sprint(r[name])) != len(fmt.Sprint(w)) || r[name] == w) || !random && !same(r[name], w) {
					t.Errorf("%sBatch: %s is %v, the single form's %v", b.field, name, r[name], w)
				}
			}
		}
		if b.field == "encrypt" || b.field == "reencrypt" || b.field == "generateDataKey" {
			if got[0]["nonce"] != "" && same(got[0]["nonce"], got[1]["nonce"]) || same(got[0]["ciphertext"], got[1]["ciphertext"]) {
				t.Errorf("%sBatch: two items have one nonce or ciphertext", b.field)
			}
		}
	}
}

func batchBounds(t *testing.T, _ *site, u *user) {
	for _, b := range batches(t, u) {
		many := make([]any, 1001)
		for i := range many {
			many[i] = b.item
		}
		got := results(u.get(b.field+"Batch", b.of(many[:1000]...)))
		if len(got) != 1000 {
			t.Errorf("%sBatch: %d results for 1000 items", b.field, len(got))
		}
		for i, r := range got {
			if r["error"] != nil {
				t.Fatalf("%sBatch: item %d: %v", b.field, i, r["error"])
			}
		}
		u.refused("BAD_USER_INPUT", b.field+"Batch", b.of(many...), b.items, "1001", "1000")
		u.refused("BAD_USER_INPUT", b.field+"Batch", merged(b.in, object{b.items: []any{}}), b.items, "0")
		u.refused("BAD_USER_INPUT", b.field+"Batch", merged(b.in, object{b.items: nil}), b.items)
		u.refused("BAD_USER_INPUT", b.field+"Batch", b.in, b.items)
		u.refused("BAD_USER_INPUT", b.field+"Batch", b.of(b.item, nil), b.items)
		u.refused("BAD_USER_INPUT", b.field+"Batch", b.of(b.item, 7), b.items)
	}
	// In the order of the items.
	mac := u.make("HMAC_SHA256")
	var data []any
	for i := range 100 {
		data = append(data, b64([]byte(fmt.Sprint("item ", i))))
	}
	for i, r := range results(u.get("computeMacBatch", object{"key": mac, "data": data})) {
		if i%10 == 0 {
			is(t, "a single code", u.get("computeMac", object{"key": mac, "data": data[i]}), object{"mac": r["mac"]})
		}
	}
}

// An item's error is its own: it has a code and a message, no other field, and the others go on.
func batchErrors(t *testing.T, _ *site, u *user) {
	for _, b := range batches(t, u) {
		var bad any
		word := ""
		switch b.field {
		case "decrypt", "reencrypt":
			bad, word = merged(b.item.(object), object{"ciphertext": b64(make([]byte, 40))}), "ciphertext"
		case "verify":
			bad, word = merged(b.item.(object), object{"version": 2}), "version"
		case "verifyMac":
			bad, word = merged(b.item.(object), object{"version": 0}), "version"
		default:
			continue
		}
		got := results(u.get(b.field+"Batch", b.of(b.item, bad, b.item)))
		for i, r := range got {
			if (r["error"] != nil) != (i == 1) {
				t.Errorf("%sBatch: item %d: error %v", b.field, i, r["error"])
			}
		}
		_, err := u.try(b.field, merged(b.in, bad.(object)))
		e := u.isRefused(b.field+" of the bad item", err, "BAD_USER_INPUT", word)
		is(t, b.field+"Batch", got[1]["error"].(object), object{"code": "BAD_USER_INPUT", "message": e.Message})
		for name, v := range got[1] {
			if name != "error" && v != nil {
				t.Errorf("%sBatch: an item with an error has the %s %v", b.field, name, v)
			}
		}
	}
	// What is not right is an answer, not an error.
	ed := u.make("ED25519")
	signature := u.get("sign", object{"key": ed, "message": message})["signature"]
	got := results(u.get("verifyBatch", object{"key": ed, "items": []object{
		{"message": "b3RoZXI", "signature": signature}, {"message": message, "signature": signature}, {"message": message, "signature": message},
	}}))
	is(t, "another message", got[0], object{"valid": false, "version": nil, "error": nil})
	is(t, "the message", got[1], object{"valid": true, "version": 1, "error": nil})
	// RSA encrypts only so much: the one item is told, the other is encrypted.
	rsa := u.get("importKey", object{"type": "RSA_2048", "pkcs8": testRSA(t, "2048")})["id"]
	got = results(u.get("encryptBatch", object{"key": rsa, "items": []object{{"plaintext": b64(make([]byte, 191))}, {"plaintext": message}}}))
	if got[0]["error"] == nil || got[1]["error"] != nil {
		t.Errorf("encryptBatch with RSA: %v", got)
	}
	got = results(u.get("generateDataKeyBatch", object{"key": rsa, "length": 2000, "items": []object{{}}}))
	is(t, "a data key of 2000 bytes", got[0]["error"].(object), object{"code": "BAD_USER_INPUT"})
}

// Where the key or the user's lock is the reason, the request fails as a whole, and its upstreams are asked once, not for every item.
func batchUnusable(t *testing.T, s *site, u *user) {
	all := batches(t, u)
	for _, b := range all {
		foreign := merged(b.in, object{"key": u.keystore + "/keys/" + storagetest.ID(), b.items: []any{b.item}})
		u.refused("NOT_FOUND", b.field+"Batch", foreign)
		wrong := u.make("X25519")
		if b.field != "encrypt" && b.field != "decrypt" && b.field != "generateDataKey" && b.field != "reencrypt" {
			u.refused("BAD_USER_INPUT", b.field+"Batch", merged(b.of(b.item), object{"key": wrong}), "key")
		}
		if s.userLock == "SHAMIR" {
			items := make([]any, 50)
			for i := range items {
				items[i] = b.item
			}
			u.refused("WRONG_SHARE", b.field+"Batch", merged(b.of(items...), object{"secretShares": []string{b64(anyShare(9))}}))
		}
	}
	for _, b := range all {
		u.get("disableKey", object{"key": b.in["key"]})
	}
	forget()
	for _, b := range all {
		u.refused("KEY_UNUSABLE", b.field+"Batch", b.of(b.item), "DISABLED")
	}
	restricted := u.make("HMAC_SHA256", object{"operations": []string{"DERIVE_KEY"}})
	u.refused("KEY_UNUSABLE", "computeMacBatch", object{"key": restricted, "data": []string{message}}, "restricted to DERIVE_KEY")
	u.refused("KEY_UNUSABLE", "verifyMacBatch", object{"key": restricted, "items": []object{{"data": message, "mac": message}}}, "restricted")
}

// Each item may be of another version.
func batchVersions(t *testing.T, _ *site, u *user) {
	k := u.make("HMAC_SHA256")
	var items []object
	for v := 1; v <= 3; v++ {
		items = append(items, object{"data": message, "mac": u.get("computeMac", object{"key": k, "data": message})["mac"]})
		u.get("rotateKey", object{"key": k})
	}
	items = append(items, merged(items[0], object{"version": 1}), merged(items[0], object{"version": 2}))
	for i, r := range results(u.get("verifyMacBatch", object{"key": k, "items": items})) {
		want := object{"valid": true, "version": i + 1, "error": nil}
		if i == 3 {
			want["version"] = 1
		} else if i == 4 {
			want = object{"valid": false, "version": nil}
		}
		is(t, fmt.Sprint("item ", i), r, want)
	}
	for _, r := range results(u.get("computeMacBatch", object{"key": k, "data": []string{message, message}})) {
		is(t, "by the newest version", r, object{"version": 4})
	}
}

// A batch opens the locks once, and so does a search through the versions: with the cache off, too, and when they do not open.
func TestBatchOpensOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := start(t, at("", w.flags("aws"))...)
	u := &user{t: t, c: as(w.alice), keystore: w.keystore(n, "SHAMIR", false), keys: map[string]string{}, shares: []string{b64(w.shares[0])}}
	ed, mac := u.make("ED25519"), u.make("HMAC_SHA256")
	code := u.get("computeMac", object{"key": mac, "data": message})["mac"]
	for range 5 {
		u.get("rotateKey", object{"key": mac})
	}
	calls := func(what string, want int, do func()) {
		t.Helper()
		auth, aws := w.auth.Calls(), w.aws.Calls("Decrypt")
		do()
		if a, b := w.auth.Calls()-auth, w.aws.Calls("Decrypt")-aws; a != want || b != want {
			t.Errorf("%s asked the Auth server %d times and AWS KMS %d times, want %d", what, a, b, want)
		}
	}
	messages := make([]string, 50)
	for i := range messages {
		messages[i] = message
	}
	calls("signBatch", 1, func() { u.get("signBatch", object{"key": ed, "messages": messages}) })
	calls("verifyMac by the oldest version", 1, func() {
		is(t, "verifyMac", u.get("verifyMac", object{"key": mac, "data": message, "mac": code}), object{"valid": true, "version": 1})
	})
	wrong := object{"secretShares": []string{b64(anyShare(9))}}
	calls("signBatch with a wrong share", 1, func() { u.refused("WRONG_SHARE", "signBatch", merged(object{"key": ed, "messages": messages}, wrong)) })
}
