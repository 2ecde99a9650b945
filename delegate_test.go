package main

import (
	"testing"
	"time"

	"twolock/auth"
	"twolock/client"
)

// What a capability for one action does not reach by way of another.
func TestDelegates(t *testing.T) {
	tell(t, map[string]story{"controller": delegateAndController, "unwrapping": delegateAndUnwrapping, "foreign backup": foreignBackup})
}

// delegated is the user as mallory, to whom alice delegated the actions on the keystore.
func (u *user) delegated(s *site, actions ...string) *user {
	u.t.Helper()
	c, err := s.w.alice.Delegate(auth.Delegation{
		RootTarget: u.keystore, Target: u.keystore, Controller: s.w.mallory.DID(), Actions: actions, Expires: s.w.clock.now().Add(time.Hour),
	}, s.w.clock.now())
	must(u.t, err)
	m := *u
	m.c = &client.Client{Identity: s.w.mallory, Capability: c, Now: u.c.Now}
	return &m
}

// Whoever may rename a keystore may not give it away.
func delegateAndController(t *testing.T, s *site, u *user) {
	m := u.delegated(s, "write")
	is(t, "updateKeystore by a delegate", m.get("updateKeystore", object{"name": "renamed"}), object{"name": "renamed"})
	m.refused("FORBIDDEN", "updateKeystore", object{"controller": s.w.mallory.DID()}, "controller")
	is(t, "the keystore", u.get("updateKeystore", object{"name": "mine"}), object{"controller": s.w.alice.DID()})
}

// Whoever may import may not open with a key what they may not unwrap.
func delegateAndUnwrapping(t *testing.T, s *site, u *user) {
	kek, k := u.make("X25519"), u.make("HMAC_SHA256", object{"exportable": true})
	wrapped := u.get("exportKey", object{"key": k, "recipient": u.managed(kek)})["wrapped"]
	in := object{"type": "HMAC_SHA256", "wrapped": wrapped, "unwrappingKey": kek}
	u.delegated(s, "importKey").refused("FORBIDDEN", "importKey", in, "unwrapKey")
	is(t, "importKey", u.delegated(s, "importKey", "unwrapKey").get("importKey", in), object{"type": "HMAC_SHA256"})
	backup := object{"backup": u.get("backupKey", object{"key": k, "recipient": u.managed(kek)})["backup"], "unwrappingKey": kek}
	u.delegated(s, "restoreKey").refused("FORBIDDEN", "restoreKey", backup, "unwrapKey")
}

// Anybody can encrypt a backup to a public key; only one that the service made takes the URL of the key that it names.
func foreignBackup(t *testing.T, s *site, u *user) {
	there := s.user(t)
	url := there.make("HMAC_SHA256", object{"exportable": true})
	b := there.backup(url)
	kek := u.make("X25519")
	b["description"] = "changed"
	in := object{"backup": u.sealedTo(kek, b), "unwrappingKey": kek}
	made := u.get("restoreKey", in)
	if lastPart(made["id"].(string)) == lastPart(url) {
		t.Errorf("a backup that the service did not make was restored as %s", made["id"])
	}
	is(t, "restored again", u.get("restoreKey", in), object{"id": made["id"], "description": "changed"})
}
