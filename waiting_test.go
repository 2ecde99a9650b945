package main

import (
	"strings"
	"testing"
	"time"

	edvserver "twolock/companion/edv"
)

// Vaults that do not answer are in nobody's way: what is due of other keystores is done while they are waited for.
func TestSlowVaultsHoldUpNobody(t *testing.T) {
	t.Parallel()
	s := newSite(t, place{"sqlite", "LOCAL", true})
	for range 4 {
		u := s.user(t)
		u.make("ED25519", object{"rotationPeriod": 3600})
	}
	doomed := &user{}
	*doomed = *s.user(t)
	doomed.keystore = s.w.keystoreFor(t, s.node, "LOCAL", false)
	k := doomed.make("ED25519")
	doomed.get("deleteKeystore", object{"windowDays": 7})
	for _, op := range []edvserver.Operation{edvserver.Query, edvserver.Get, edvserver.Update, edvserver.Insert} {
		s.w.edv.Inject(op, edvserver.Fault{Kind: edvserver.Hang})
	}
	before := s.w.edv.Requests(edvserver.Query)
	s.w.clock.pass(7*24*time.Hour + time.Hour)
	db := s.w.open(t)
	began := time.Now()
	eventually(t, "the other keystore deleted", 30*time.Second, func() bool {
		return db.count(t, "SELECT COUNT(*) FROM keystores WHERE id = ?", lastPart(doomed.keystore)) == 0
	})
	if took := time.Since(began); took > 12*time.Second { // a pass begins every five seconds
		t.Errorf("a keystore was deleted after %v, behind vaults that do not answer", took)
	}
	if db.belongings(t, k) != 0 {
		t.Error("its key is left")
	}
	eventually(t, "all four vaults asked", 5*time.Second, func() bool { return s.w.edv.Requests(edvserver.Query)-before >= 4 })
	s.w.edv.Heal()
}

// A search through many versions leaves what others use in the cache.
func TestSearchesLeaveTheCacheAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := start(t, at("", append(w.flags("aws"), "--cache-entries", "8", "--cache-ttl", "10m"))...)
	s := &site{node: n, w: w, userLock: "LOCAL", secrets: &secrets{}}
	busy, searching := s.user(t), s.user(t)
	k := busy.make("HMAC_SHA256")
	many := searching.make("HMAC_SHA256")
	code := searching.get("computeMac", object{"key": many, "data": message})["mac"]
	searching.rotations(many, 20)
	busy.get("computeMac", object{"key": k, "data": message})
	calls := func() int { return w.aws.Calls("Decrypt") }
	before := calls()
	is(t, "the first of 21 versions", searching.get("verifyMac", object{"key": many, "data": message, "mac": code}), object{"valid": true, "version": 1})
	searched := calls() - before
	busy.get("computeMac", object{"key": k, "data": message})
	if now := calls() - before; now != searched {
		t.Errorf("after a search through 21 versions another keystore's key was opened with %d calls of AWS; it was in the cache", now-searched)
	}
	if strings.Contains(n.log.String(), "internal error") {
		t.Error("an internal error")
	}
}
