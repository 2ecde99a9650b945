package main

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// How often a version was used is known within a minute, to every server, and is not lost when one stops.
func TestUsage(t *testing.T) {
	tell(t, map[string]story{"counted": usageCounted})
}

func (u *user) uses(url string, version int) int {
	u.t.Helper()
	return number(u.versions(url)[version]["uses"])
}

func usageCounted(t *testing.T, s *site, u *user) {
	k := u.make("HMAC_SHA256")
	before := s.w.clock.now().Truncate(time.Microsecond)
	mac := u.get("computeMac", object{"key": k, "data": message})["mac"]
	u.get("verifyMac", object{"key": k, "data": message, "mac": mac})
	u.get("computeMacBatch", object{"key": k, "data": []string{message, message, message}})
	u.get("deriveKey", object{"key": k, "length": 8})
	used := func(what, url string, version, want int) { // what is being written is for a moment in neither place
		t.Helper()
		eventually(t, fmt.Sprintf("%s: %d uses", what, want), 10*time.Second, func() bool { return u.uses(url, version) == want })
	}
	used("a batch counts its items", k, 1, 6)
	last, err := time.Parse(time.RFC3339, u.versions(k)[1]["lastUsedAt"].(string))
	must(t, err)
	if last.Before(before) || last.After(s.w.clock.now()) {
		t.Errorf("lastUsedAt is %v, want between %v and now", last, before)
	}
	u.refused("BAD_USER_INPUT", "verifyMac", object{"key": k, "data": message, "mac": mac, "version": 2})
	u.refused("BAD_USER_INPUT", "encrypt", object{"key": k, "plaintext": message})
	u.tryAt(k, "computeMac", object{"key": k, "data": 7})
	used("after refused uses", k, 1, 6)
	u.get("rotateKey", object{"key": k})
	u.get("verifyMac", object{"key": k, "data": message, "mac": mac})    // by version 1
	u.get("verifyMac", object{"key": k, "data": message, "mac": "AAAA"}) // by none: the newest is the one that said so
	u.get("computeMac", object{"key": k, "data": message})               // by version 2
	used("version 1", k, 1, 7)
	used("version 2", k, 2, 2)
	// A key that decrypts for another is used, and so is the one that encrypts, or opens what comes in.
	a, b := u.make("AES_256_GCM"), u.make("XAES_256_GCM")
	out := u.get("encrypt", object{"key": a, "plaintext": message})
	u.get("reencrypt", object{"key": a, "destinationKey": b, "ciphertext": out["ciphertext"], "nonce": out["nonce"]})
	u.get("reencrypt", object{"key": a, "ciphertext": out["ciphertext"], "nonce": out["nonce"]})
	used("the key of two reencryptions", a, 1, 4)
	used("the key of one", b, 1, 1)
}

// What was counted is there after a clean stop, and nothing twice.
func TestUsageAfterStop(t *testing.T) {
	everywhere(t, func(t *testing.T, s *site, u *user) {
		k, batch := u.make("HMAC_SHA256"), u.make("ED25519")
		want := 0
		for range 3 {
			u.get("computeMac", object{"key": k, "data": message})
			u.get("signBatch", object{"key": batch, "messages": []string{message, message, message, message, message}})
			want++
			s.restart(t)
			if n, m := u.uses(k, 1), u.uses(batch, 1); n != want || m != 5*want {
				t.Errorf("after %d restarts %d and %d uses are counted, want %d and %d", want, n, m, want, 5*want)
			}
		}
		if u.versions(k)[1]["lastUsedAt"] == nil {
			t.Error("lastUsedAt is null after a restart")
		}
	})
}

// daily is how often the key was used on each of the last days, as "date uses", today last.
func (u *user) daily(url string, days int) (all []string) {
	u.t.Helper()
	out, err := u.tryRead(url, "key", fmt.Sprintf("usage(days: %d) { date uses }", days))
	must(u.t, err)
	for _, d := range out["usage"].([]any) {
		all = append(all, fmt.Sprint(d.(object)["date"], " ", number(d.(object)["uses"])))
	}
	return all
}

// Uses are counted on the day they were made, whenever they are written, on every store; and a vault's keys' in the vault.
func TestUsageByDay(t *testing.T) {
	everywhere(t, func(t *testing.T, s *site, u *user) {
		now := s.w.clock.now().UTC()
		s.w.clock.pass(now.Truncate(24 * time.Hour).Add(36 * time.Hour).Sub(now)) // noon: the test does not go on past midnight
		day := func(ago int) string { return s.w.clock.now().UTC().AddDate(0, 0, -ago).Format(time.DateOnly) }
		k := u.make("HMAC_SHA256")
		is := func(what string, want ...string) {
			t.Helper()
			var got []string
			eventually(t, fmt.Sprintf("%s: %v", what, want), 10*time.Second, func() bool { got = u.daily(k, len(want)); return slices.Equal(got, want) })
		}
		is("a new key", day(1)+" 0", day(0)+" 0")
		out, err := u.tryRead(k, "key", "usage { date uses }")
		must(t, err)
		if all := out["usage"].([]any); len(all) != 30 || all[0].(object)["date"] != day(29) {
			t.Errorf("usage without days: %d, from %v on; want 30 from %s", len(all), all[0], day(29))
		}
		for _, days := range []int{0, -1, 91} {
			_, err := u.tryRead(k, "key", fmt.Sprintf("usage(days: %d) { uses }", days))
			u.isRefused(fmt.Sprintf("usage of %d days", days), err, "BAD_USER_INPUT", "days", "1 to 90")
		}
		mac := u.get("computeMac", object{"key": k, "data": message})["mac"]
		s.w.clock.pass(24 * time.Hour) // the use of yesterday is not written yet
		u.get("rotateKey", object{"key": k})
		u.get("computeMacBatch", object{"key": k, "data": []string{message, message, message}})
		u.get("verifyMac", object{"key": k, "data": message, "mac": mac})
		is("counted, perhaps not written", day(2)+" 0", day(1)+" 1", day(0)+" 4")
		s.restart(t)
		if got, want := u.daily(k, 2), []string{day(1) + " 1", day(0) + " 4"}; !slices.Equal(got, want) {
			t.Errorf("after a restart: %v, want %v", got, want)
		}
		s.w.clock.pass(24 * time.Hour)
		u.get("computeMac", object{"key": k, "data": message})
		s.restart(t)
		is("on the third day", day(3)+" 0", day(2)+" 1", day(1)+" 4", day(0)+" 1")
		db := s.w.open(t)
		if n, want := db.count(t, "SELECT COUNT(*) FROM key_usage_days"), map[bool]int{false: 3, true: 0}[s.vault]; n != want {
			t.Errorf("the database has %d rows of days, want %d", n, want)
		}
	})
}

// What is older than 90 days is neither shown nor kept.
func TestOldUsageIsForgotten(t *testing.T) {
	t.Parallel()
	s := newSite(t, place{"sqlite", "LOCAL", false})
	u := s.user(t)
	now := s.w.clock.now().UTC()
	s.w.clock.pass(now.Truncate(24 * time.Hour).Add(36 * time.Hour).Sub(now))
	first := s.w.clock.now().UTC().Format(time.DateOnly)
	k := u.make("HMAC_SHA256")
	u.get("computeMac", object{"key": k, "data": message})
	s.restart(t)
	s.w.clock.pass(89 * 24 * time.Hour)
	time.Sleep(6 * time.Second) // the housekeeping comes by
	if got := u.daily(k, 90); len(got) != 90 || got[0] != first+" 1" {
		t.Errorf("after 89 days %d are listed, the first is %q; want %q", len(got), got[0], first+" 1")
	}
	s.w.clock.pass(24 * time.Hour)
	if got := u.daily(k, 90); got[0] == first+" 1" || u.uses(k, 1) != 1 {
		t.Errorf("after 90 days the first is %q, and version 1 has %d uses; want another day, and 1", got[0], u.uses(k, 1))
	}
	db := s.w.open(t)
	eventually(t, "the old day gone", 15*time.Second, func() bool { return db.count(t, "SELECT COUNT(*) FROM key_usage_days") == 0 })
}

// Another server sees within a minute what this one counted, on every store.
func TestUsageElsewhere(t *testing.T) {
	t.Parallel()
	for _, p := range []place{{"postgres", "LOCAL", false}, {"postgres", "SHAMIR", true}} {
		t.Run(p.String(), func(t *testing.T) {
			t.Parallel()
			s := newSite(t, p, "--cache-ttl", "1m")
			u := s.user(t)
			second := startAt(t, s.w.clock.now, append(append([]string{}, s.flags...), "--listen", free(t), "--base-url", s.url)...)
			v := *u
			v.c = via(u.c, second.addr)
			k := u.make("ED25519")
			u.get("signBatch", object{"key": k, "messages": []string{message, message, message}})
			v.get("sign", object{"key": k, "message": message})
			for _, by := range []*user{u, &v} {
				eventually(t, "all uses known to both", 45*time.Second, func() bool { return by.uses(k, 1) == 4 })
			}
		})
	}
}
