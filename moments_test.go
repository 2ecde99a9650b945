package main

import (
	"context"
	"testing"
	"time"

	"twolock/auth"
	"twolock/client"
)

// A delegation may be valid for 90 days in all, however few of them are left.
func TestDelegationsOfMoreThan90Days(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := start(t, at("", w.flags("local"))...)
	u := newUser(t, w, n, "LOCAL", false)
	key := u.keys["ED25519"]
	const day = 24 * time.Hour
	for _, c := range []struct {
		signed, expires time.Duration // from now
		want            string
	}{
		{0, 90 * day, ""}, {0, 90*day + time.Minute, "FORBIDDEN"}, {0, 3650 * day, "FORBIDDEN"}, {-80 * day, 11 * day, "FORBIDDEN"}, {-80 * day, 10 * day, ""},
	} {
		now := time.Now()
		capability, err := w.alice.Delegate(auth.Delegation{
			RootTarget: u.keystore, Target: key, Controller: w.mallory.DID(), Actions: []string{"sign"}, Expires: now.Add(c.expires),
		}, now.Add(c.signed))
		must(t, err)
		err = (&client.Client{Identity: w.mallory, Capability: capability}).Do(context.Background(), key, "sign", sign, input(object{"key": key, "message": message}), nil)
		if got := code(err); got != c.want {
			t.Errorf("signed %v from now, expires %v from now: got %q (%v), want %q", c.signed, c.expires, got, err, c.want)
		}
	}
}

// What a share opened stays open for a minute, whatever the cache is set to: then the Auth server is asked whether the user may still.
func TestSharesOpenForAMinute(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := startAt(t, w.clock.now, append(at("", w.flags("aws")), "--cache-ttl", "1h")...)
	u := &user{t: t, c: &client.Client{Identity: w.alice, Now: w.clock.now}, keystore: w.keystore(n, "SHAMIR", false), shares: []string{b64(w.shares[0])}, keys: map[string]string{}}
	url, err := u.create("ED25519")
	must(t, err)
	u.keys["ED25519"] = url
	w.clock.pass(2 * time.Minute) // whatever was opened until here is closed
	must(t, second(u.sign()))
	shares, decrypts := w.auth.Calls(), w.aws.Calls("Decrypt")
	for _, c := range []struct {
		after time.Duration
		asked int
	}{{0, 0}, {50 * time.Second, 0}, {11 * time.Second, 1}, {50 * time.Second, 1}, {11 * time.Second, 2}} {
		w.clock.pass(c.after)
		must(t, second(u.sign()))
		if got := w.auth.Calls() - shares; got != c.asked {
			t.Errorf("%v later: the Auth server was asked %d times, want %d", c.after, got, c.asked)
		}
	}
	if got := w.aws.Calls("Decrypt") - decrypts; got != 0 {
		t.Errorf("AWS KMS was asked %d times within the hour", got)
	}
}

// For less than a second a server may not know that a keystore has another controller. The one from before changes nothing in it.
func TestFormerControllerChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := start(t, at("", w.flags("local"))...)
	stopped := time.Now() // the other server's second never ends
	other := startAt(t, func() time.Time { return stopped }, append(at("", w.flags("local")), "--base-url", n.url)...)
	bob := newIdentity(t)
	for field, more := range map[string]object{
		"updateKeystore": {"name": "mine still"}, "disableKeystore": {}, "deleteKeystore": {},
	} {
		ours := emptyKeystore(w, n, "LOCAL")
		theirs := &user{t: t, c: &client.Client{Identity: w.alice, HTTP: throughAddress(t, other.addr)}, keystore: ours.keystore}
		must(t, second(theirs.tryRead(ours.keystore, "keystore", "id"))) // now the other server knows who controls it
		must(t, second(ours.try("updateKeystore", object{"controller": bob.DID()})))
		theirs.refused("CONFLICT", field, more)
		got, err := (&user{t: t, c: as(bob), keystore: ours.keystore}).tryRead(ours.keystore, "keystore", allOfKeystore)
		must(t, err)
		is(t, "after "+field+" by the former controller", got, object{"controller": bob.DID(), "name": nil, "state": "ENABLED", "deletesAt": nil})
	}
}
