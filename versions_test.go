package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"twolock/auth"
	"twolock/client"
)

// A key's versions: which one does what, and which are there still.
func TestVersions(t *testing.T) {
	tell(t, map[string]story{"newest and older": versionsUsed, "minimums and trimming": versionsTrimmed, "paging": versionsPaged, "300": manyVersions})
}

func versionsUsed(t *testing.T, _ *site, u *user) {
	ed, aes := u.make("ED25519"), u.make("AES_256_GCM")
	var signatures, ciphertexts []object
	publics := map[any]bool{}
	for v := 1; v <= 3; v++ {
		signatures = append(signatures, u.get("sign", object{"key": ed, "message": message}))
		ciphertexts = append(ciphertexts, u.get("encrypt", object{"key": aes, "plaintext": message}))
		is(t, "sign", signatures[v-1], object{"version": v})
		is(t, "encrypt", ciphertexts[v-1], object{"version": v})
		publics[u.publicOf(ed)] = true
		if v < 3 {
			is(t, "rotateKey", u.get("rotateKey", object{"key": ed}), object{"version": v + 1, "id": ed, "oldestVersion": 1})
			u.get("rotateKey", object{"key": aes})
		}
	}
	if len(publics) != 3 {
		t.Errorf("three versions have %d public keys", len(publics))
	}
	for v := 1; v <= 3; v++ {
		in := object{"key": ed, "message": message, "signature": signatures[v-1]["signature"]}
		is(t, "verify without a version", u.get("verify", in), object{"valid": true, "version": v})
		for named := 1; named <= 3; named++ {
			want := object{"valid": named == v, "version": nil}
			if named == v {
				want["version"] = v
			}
			is(t, fmt.Sprintf("verify a signature of version %d with %d", v, named), u.get("verify", merged(in, object{"version": named})), want)
		}
		in = object{"key": aes, "ciphertext": ciphertexts[v-1]["ciphertext"], "nonce": ciphertexts[v-1]["nonce"]}
		is(t, "decrypt without a version", u.get("decrypt", in), object{"plaintext": message, "version": v})
		is(t, "decrypt with the version", u.get("decrypt", merged(in, object{"version": v})), object{"plaintext": message, "version": v})
		u.refused("BAD_USER_INPUT", "decrypt", merged(in, object{"version": v%3 + 1}))
		for _, none := range []int{0, -1, 4, 1 << 30} {
			u.refused("BAD_USER_INPUT", "decrypt", merged(in, object{"version": none}), "version", "1 to 3")
		}
	}
}

func versionsTrimmed(t *testing.T, s *site, u *user) {
	k, mac := u.make("AES_256_GCM"), u.make("HMAC_SHA256")
	var old []object
	var codes []any
	for range 4 {
		old = append(old, u.get("encrypt", object{"key": k, "plaintext": message}))
		codes = append(codes, u.get("computeMac", object{"key": mac, "data": message})["mac"])
		u.get("rotateKey", object{"key": k})
		u.get("rotateKey", object{"key": mac})
	}
	decrypt := func(v int) object {
		return object{"key": k, "ciphertext": old[v-1]["ciphertext"], "nonce": old[v-1]["nonce"]}
	}
	is(t, "a key that was not trimmed", u.key(k), object{"version": 5, "oldestVersion": 1, "minimumVersionToVerify": 1, "minimumVersionToDecrypt": 1})

	// Raising a minimum hides versions, and lowering it shows them again.
	is(t, "updateKey", u.get("updateKey", object{"key": k, "minimumVersionToDecrypt": 3}), object{"minimumVersionToDecrypt": 3, "minimumVersionToVerify": 1, "oldestVersion": 1})
	u.get("updateKey", object{"key": mac, "minimumVersionToVerify": 3})
	forget()
	for v := 1; v <= 4; v++ {
		want := ""
		if v < 3 {
			want = "BAD_USER_INPUT"
		}
		_, err := u.try("decrypt", decrypt(v))
		u.isRefused(fmt.Sprint("decrypt of version ", v), err, want)
		_, err = u.try("decrypt", merged(decrypt(v), object{"version": v}))
		u.isRefused(fmt.Sprint("decrypt with version ", v), err, want)
		in := object{"key": mac, "data": message, "mac": codes[v-1]}
		is(t, fmt.Sprint("verifyMac of version ", v), u.get("verifyMac", in), object{"valid": v >= 3})
		_, err = u.try("verifyMac", merged(in, object{"version": v}))
		u.isRefused(fmt.Sprint("verifyMac with version ", v), err, want)
	}
	u.get("updateKey", object{"key": k, "minimumVersionToDecrypt": 2, "minimumVersionToVerify": 3})
	for field, bad := range map[string][]int{"minimumVersionToDecrypt": {0, -1, 6}, "minimumVersionToVerify": {0, -1, 6}} {
		for _, n := range bad {
			u.refused("BAD_USER_INPUT", "updateKey", object{"key": k, field: n}, field, "1 to 5")
		}
	}

	// Trimming stops at the lower minimum.
	for _, n := range []int{3, 5, 6, 0, -1} {
		u.refused("BAD_USER_INPUT", "trimKeyVersions", object{"key": k, "oldestVersion": n}, "oldestVersion", "1 to 2")
	}
	is(t, "nothing to trim", u.get("trimKeyVersions", object{"key": k, "oldestVersion": 1}), object{"oldestVersion": 1})
	u.get("updateKey", object{"key": k, "minimumVersionToDecrypt": 4, "minimumVersionToVerify": 4})
	var sealed map[int][]byte
	var db *database
	var documents []string
	if s.vault {
		documents = s.documents(t, u)
	} else {
		db = s.w.open(t)
		sealed = db.sealed(t, k)
		if len(sealed) != 5 {
			t.Fatalf("%d sealed versions, want 5", len(sealed))
		}
	}
	is(t, "trimKeyVersions", u.get("trimKeyVersions", object{"key": k, "oldestVersion": 4}), object{"oldestVersion": 4, "version": 5, "minimumVersionToDecrypt": 4})
	forget()
	if got := slices.Sorted(maps.Keys(u.versions(k))); !slices.Equal(got, []int{4, 5}) {
		t.Errorf("versions after trimming: %v, want 4 and 5", got)
	}
	u.refused("BAD_USER_INPUT", "decrypt", decrypt(2))
	u.refused("BAD_USER_INPUT", "decrypt", merged(decrypt(2), object{"version": 2}), "version", "4 to 5")
	is(t, "what was kept", u.get("decrypt", decrypt(4)), object{"plaintext": message, "version": 4})
	u.refused("BAD_USER_INPUT", "updateKey", object{"key": k, "minimumVersionToDecrypt": 3}, "4 to 5")
	u.refused("BAD_USER_INPUT", "trimKeyVersions", object{"key": k, "oldestVersion": 3}, "oldestVersion")
	is(t, "rotateKey goes on", u.get("rotateKey", object{"key": k}), object{"version": 6, "oldestVersion": 4})
	u.get("trimKeyVersions", object{"key": k, "oldestVersion": 4})

	if s.vault {
		s.gone(t, u, documents, 3)
		return
	}
	if n := db.count(t, "SELECT COUNT(*) FROM key_usage WHERE key_id = ? AND version < 4", lastPart(k)); n != 0 {
		t.Errorf("%d rows of usage of versions that are gone", n)
	}
	if n := db.count(t, "SELECT COUNT(*) FROM key_versions WHERE key_id = ?", lastPart(k)); n != 3 {
		t.Errorf("%d rows of versions, want 3", n)
	}
	db.Close()
	if !db.postgres {
		for v := 1; v <= 3; v++ {
			eventually(t, fmt.Sprintf("version %d's sealed bytes off the disk", v), time.Minute, func() bool { return !s.w.onDisk(t, sealed[v]) })
		}
		if !s.w.onDisk(t, sealed[4]) {
			t.Error("the bytes of a version that was kept are not found: the test looks in the wrong place")
		}
	}
}

// documents are the encrypted contents of the keystore's vault.
func (s *site) documents(t *testing.T, u *user) []string {
	t.Helper()
	out, err := u.tryRead(u.keystore, "keystore", "vaultUrl")
	must(t, err)
	return s.contents(out["vaultUrl"].(string))
}

func (s *site) contents(vault string) (all []string) {
	for _, d := range s.w.edv.Documents(vault) {
		_, ciphertext, _ := strings.Cut(string(d), `"ciphertext":"`)
		ciphertext, _, _ = strings.Cut(ciphertext, `"`)
		all = append(all, ciphertext)
	}
	return all
}

// gone wants at least so many of the documents to be overwritten.
func (s *site) gone(t *testing.T, u *user, before []string, atLeast int) {
	t.Helper()
	now := s.documents(t, u)
	n := 0
	for _, d := range before {
		if !slices.Contains(now, d) {
			n++
		}
	}
	if n < atLeast {
		t.Errorf("%d of the vault's %d documents were overwritten, want %d or more", n, len(before), atLeast)
	}
}

// rotations rotates a key n times, 50 times in a request.
func (u *user) rotations(url string, n int) {
	u.t.Helper()
	for n > 0 {
		some := min(n, 50)
		var b strings.Builder
		for i := range some {
			fmt.Fprintf(&b, "r%d: rotateKey(input: $input) { key { version } } ", i)
		}
		in := object{"key": url}
		if u.shares != nil {
			in["secretShares"] = u.shares
		}
		must(u.t, u.c.Do(context.Background(), url, "rotateKey", "mutation($input: RotateKeyInput!) { "+b.String()+"}", input(in), nil))
		n -= some
	}
}

func versionsPaged(t *testing.T, _ *site, u *user) {
	k := u.make("HMAC_SHA256")
	u.rotations(k, 6)
	old := u.get("computeMac", object{"key": k, "data": message})
	u.get("rotateKey", object{"key": k})
	for range 3 {
		u.get("verifyMac", object{"key": k, "data": message, "mac": old["mac"]})
	}
	u.get("computeMac", object{"key": k, "data": message})
	page := func(arguments string) object {
		t.Helper()
		out, err := u.tryRead(k, "key", "versions"+arguments+" { nodes { version uses lastUsedAt messages createdAt } edges { cursor node { version } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }")
		must(t, err)
		return out["versions"].(object)
	}
	var seen []int
	after := ""
	for range 4 {
		p := page("(first: 3" + after + ")")
		info := p["pageInfo"].(object)
		is(t, "pageInfo", info, object{"hasPreviousPage": after != ""})
		for _, v := range nodes(p) {
			seen = append(seen, number(v["version"]))
			want := map[int]int{7: 4, 8: 1}[number(v["version"])]
			if number(v["uses"]) != want || (v["lastUsedAt"] != nil) != (want > 0) || v["messages"] != nil {
				t.Errorf("version %v: %v uses, last at %v, messages %v; want %d uses", v["version"], v["uses"], v["lastUsedAt"], v["messages"], want)
			}
		}
		if info["hasNextPage"] == false {
			break
		}
		after = fmt.Sprintf(", after: %q", info["endCursor"])
	}
	if !slices.Equal(seen, []int{8, 7, 6, 5, 4, 3, 2, 1}) {
		t.Errorf("pages of three have the versions %v", seen)
	}
	for _, bad := range []string{"(first: 0)", "(first: 101)", "(first: -1)", `(after: "x")`, `(after: "")`, `(after: "LTE")`, fmt.Sprintf("(after: %q)", strings.Repeat("A", 2000))} {
		_, err := u.tryRead(k, "key", "versions"+bad+" { nodes { version } }")
		word := "first"
		if strings.Contains(bad, "after") {
			word = "after"
		}
		u.isRefused("versions"+bad, err, "BAD_USER_INPUT", word)
	}
}

// A key of very many versions is as usable as one of one, and its oldest versions are found without being named.
func manyVersions(t *testing.T, s *site, u *user) {
	k := u.make("HMAC_SHA256")
	first := u.get("computeMac", object{"key": k, "data": message})
	u.rotations(k, 299)
	is(t, "the key", u.key(k), object{"version": 300, "oldestVersion": 1})
	is(t, "computeMac", u.get("computeMac", object{"key": k, "data": message}), object{"version": 300})
	in := object{"key": k, "data": message, "mac": first["mac"]}
	is(t, "verifyMac with the version", u.get("verifyMac", merged(in, object{"version": 1})), object{"valid": true, "version": 1})
	if !s.vault { // there a version is a document, and a request
		is(t, "verifyMac without", u.get("verifyMac", in), object{"valid": true, "version": 1})
	}
	is(t, "verifyMac of nothing", u.get("verifyMac", merged(in, object{"mac": b64(make([]byte, 32)), "version": 150})), object{"valid": false})
	if got := len(u.versions(k)); got != 100 {
		t.Errorf("a page has %d versions, want 100", got)
	}
	u.get("updateKey", object{"key": k, "minimumVersionToVerify": 298, "minimumVersionToDecrypt": 298})
	is(t, "trimKeyVersions", u.get("trimKeyVersions", object{"key": k, "oldestVersion": 298}), object{"oldestVersion": 298})
	forget()
	if got := slices.Sorted(maps.Keys(u.versions(k))); !slices.Equal(got, []int{298, 299, 300}) {
		t.Errorf("after trimming there are the versions %v", got)
	}
	is(t, "verifyMac of a version that is gone", u.get("verifyMac", in), object{"valid": false, "version": nil})
}

// A key is rotated by itself when its period is over: with the lock LOCAL soon after, with SHAMIR at the first use after, which brings the shares. What is not
// in use is not rotated.
func TestScheduledRotation(t *testing.T) {
	everywhere(t, scheduledRotation)
}

func scheduledRotation(t *testing.T, s *site, u *user) {
	for _, n := range []int{3599, 1, -1, 315_360_001} {
		u.refused("BAD_USER_INPUT", "createKey", object{"type": "AES_256_GCM", "rotationPeriod": n}, "rotationPeriod", "3600 to 315360000")
	}
	before := time.Now()
	due, disabled, pending, manual := u.make("HMAC_SHA256", object{"rotationPeriod": 3600}), u.make("HMAC_SHA256", object{"rotationPeriod": 3600}),
		u.make("HMAC_SHA256", object{"rotationPeriod": 3600}), u.make("HMAC_SHA256", object{"rotationPeriod": 315_360_000})
	at := func(v any) time.Time {
		t.Helper()
		s, _ := v.(string)
		when, err := time.Parse(time.RFC3339, s)
		must(t, err)
		return when
	}
	k := u.key(due)
	is(t, "the key", k, object{"rotationPeriod": 3600})
	if want := at(k["createdAt"]).Add(time.Hour); !at(k["rotatesAt"]).Equal(want) || want.Before(before.Add(time.Hour-time.Second)) {
		t.Errorf("rotatesAt is %v, want %v", k["rotatesAt"], want)
	}
	is(t, "updateKey", u.get("updateKey", object{"key": manual, "rotationPeriod": 0}), object{"rotationPeriod": nil, "rotatesAt": nil})
	u.refused("BAD_USER_INPUT", "updateKey", object{"key": manual, "rotationPeriod": 3599}, "rotationPeriod")
	is(t, "updateKey", u.get("updateKey", object{"key": manual, "rotationPeriod": 7200}), object{"rotationPeriod": 7200})
	u.get("rotateKey", object{"key": manual}) // by hand: the period begins anew
	u.get("disableKey", object{"key": disabled})
	u.get("deleteKey", object{"key": pending})
	old := u.get("computeMac", object{"key": due, "data": message})
	is(t, "before it is due", old, object{"version": 1})

	s.w.clock.pass(time.Hour + time.Minute)
	if s.userLock == "LOCAL" {
		eventually(t, "rotated by itself", 15*time.Second, func() bool { return number(u.key(due)["version"]) == 2 })
	} else {
		time.Sleep(6 * time.Second) // housekeeping has been there, and could do nothing
		is(t, "SHAMIR, before it is used", u.key(due), object{"version": 1})
		is(t, "verifyMac does not rotate", u.get("verifyMac", object{"key": due, "data": message, "mac": old["mac"]}), object{"valid": true, "version": 1})
		u.refused("WRONG_SHARE", "computeMac", object{"key": due, "data": message, "secretShares": []string{b64(anyShare(9))}})
		is(t, "a wrong share does not rotate", u.key(due), object{"version": 1})
	}
	is(t, "computeMac after it was due", u.get("computeMac", object{"key": due, "data": message}), object{"version": 2})
	is(t, "the old version verifies", u.get("verifyMac", object{"key": due, "data": message, "mac": old["mac"]}), object{"valid": true, "version": 1})
	next := u.key(due)
	is(t, "rotated once", next, object{"version": 2})
	if left := at(next["rotatesAt"]).Sub(s.w.clock.now()); left < 59*time.Minute || left > time.Hour {
		t.Errorf("after the rotation the next one is in %v, want an hour", left)
	}
	time.Sleep(6 * time.Second)
	is(t, "not rotated while DISABLED", u.key(disabled), object{"version": 1})
	is(t, "not rotated while PENDING_DELETION", u.key(pending), object{"version": 1})
	is(t, "not due", u.key(manual), object{"version": 2})
	is(t, "rotated once still", u.key(due), object{"version": 2})

	// What is enabled again makes up for it.
	u.get("enableKey", object{"key": disabled})
	if s.userLock == "LOCAL" {
		eventually(t, "enabled and rotated", 15*time.Second, func() bool { return number(u.key(disabled)["version"]) == 2 })
	}
	forget()
	is(t, "computeMac of the enabled key", u.get("computeMac", object{"key": disabled, "data": message}), object{"version": 2})

	// A keystore that is disabled rests, and goes on when it is enabled, for all of its keys.
	u.get("disableKeystore", object{})
	s.w.clock.pass(time.Hour + time.Minute)
	time.Sleep(6 * time.Second)
	is(t, "not rotated while the keystore is DISABLED", u.key(due), object{"version": 2})
	u.get("enableKeystore", object{})
	forget()
	if !s.vault {
		s.w.clock.pass(16 * time.Minute) // what could not be rotated is left alone for a quarter of an hour
	}
	if s.userLock == "LOCAL" {
		eventually(t, "rotated after the keystore was enabled", 15*time.Second, func() bool { return number(u.key(due)["version"]) == 3 })
	}
	is(t, "computeMac after the keystore was enabled", u.get("computeMac", object{"key": due, "data": message}), object{"version": 3})
}

// Of two servers on one database one rotates: there is one new version, and both use it.
func TestScheduledRotationByOneServer(t *testing.T) {
	t.Parallel()
	s := newSite(t, place{"postgres", "LOCAL", false}, "--cache-ttl", "1m")
	u := s.user(t)
	startAt(t, s.w.clock.now, append(append([]string{}, s.flags...), "--listen", free(t), "--base-url", s.url)...)
	var keys []string
	for range 5 {
		keys = append(keys, u.make("HMAC_SHA256", object{"rotationPeriod": 3600}))
	}
	s.w.clock.pass(time.Hour + time.Minute)
	for _, k := range keys {
		eventually(t, "rotated by itself", 15*time.Second, func() bool { return number(u.key(k)["version"]) == 2 })
	}
	time.Sleep(7 * time.Second) // the other one has had its turn
	for _, k := range keys {
		is(t, "rotated once", u.key(k), object{"version": 2})
	}
	audit, err := os.ReadFile(filepath.Join(s.w.dir, "audit.log"))
	must(t, err)
	rotated := strings.Count(string(audit), "rotateKey.due")
	if rotated < 5 || rotated > 10 {
		t.Errorf("%d scheduled rotations in the audit log, want 5, or one more each where the two met", rotated)
	}
}

// A SHAMIR key that is due and used by many at once gets one new version.
func TestScheduledRotationOnce(t *testing.T) {
	t.Parallel()
	for _, p := range []place{{"sqlite", "SHAMIR", false}, {"sqlite", "SHAMIR", true}} {
		t.Run(p.String(), func(t *testing.T) {
			s := newSite(t, p)
			u := s.user(t)
			k := u.make("ED25519", object{"rotationPeriod": 3600})
			s.w.clock.pass(2 * time.Hour)
			for _, v := range together(t, 8, func(int) any { return u.get("sign", object{"key": k, "message": message})["version"] }) {
				if number(v) != 2 {
					t.Errorf("signed by version %v, want 2", v)
				}
			}
			is(t, "rotated once", u.key(k), object{"version": 2})
			// A capability to sign is enough, for it is the key's owner who asked for the rotation.
			c, err := s.w.alice.Delegate(auth.Delegation{RootTarget: u.keystore, Controller: s.w.mallory.DID(), Target: k, Actions: []string{"sign"}, Expires: s.w.clock.now().Add(9 * time.Hour)}, s.w.clock.now())
			must(t, err)
			s.w.clock.pass(2 * time.Hour)
			m := *u
			m.c = &client.Client{Identity: s.w.mallory, Capability: c, Now: s.w.clock.now}
			is(t, "sign by another", m.get("sign", object{"key": k, "message": message}), object{"version": 3})
		})
	}
}
