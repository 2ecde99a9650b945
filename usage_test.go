package main

import (
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
	if n := u.uses(k, 1); n != 6 {
		t.Errorf("%d uses are counted, want 6: a batch counts its items", n)
	}
	last, err := time.Parse(time.RFC3339, u.versions(k)[1]["lastUsedAt"].(string))
	must(t, err)
	if last.Before(before) || last.After(s.w.clock.now()) {
		t.Errorf("lastUsedAt is %v, want between %v and now", last, before)
	}
	u.refused("BAD_USER_INPUT", "verifyMac", object{"key": k, "data": message, "mac": mac, "version": 2})
	u.refused("BAD_USER_INPUT", "encrypt", object{"key": k, "plaintext": message})
	u.tryAt(k, "computeMac", object{"key": k, "data": 7})
	if n := u.uses(k, 1); n != 6 {
		t.Errorf("after refused uses %d are counted, want 6", n)
	}
	u.get("rotateKey", object{"key": k})
	u.get("verifyMac", object{"key": k, "data": message, "mac": mac})    // by version 1
	u.get("verifyMac", object{"key": k, "data": message, "mac": "AAAA"}) // by none: the newest is the one that said so
	u.get("computeMac", object{"key": k, "data": message})               // by version 2
	is(t, "version 1", u.versions(k)[1], object{"uses": 7})
	is(t, "version 2", u.versions(k)[2], object{"uses": 2})
	// A key that decrypts for another is used, and so is the one that encrypts, or opens what comes in.
	a, b := u.make("AES_256_GCM"), u.make("XAES_256_GCM")
	out := u.get("encrypt", object{"key": a, "plaintext": message})
	u.get("reencrypt", object{"key": a, "destinationKey": b, "ciphertext": out["ciphertext"], "nonce": out["nonce"]})
	u.get("reencrypt", object{"key": a, "ciphertext": out["ciphertext"], "nonce": out["nonce"]})
	if x, y := u.uses(a, 1), u.uses(b, 1); x != 4 || y != 1 {
		t.Errorf("the keys of two reencryptions: %d and %d uses, want 4 and 1", x, y)
	}
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
			is(t, "at once, here", u.versions(k)[1], object{"uses": 3})
			for _, by := range []*user{u, &v} {
				eventually(t, "all uses known to both", 45*time.Second, func() bool { return by.uses(k, 1) == 4 })
			}
		})
	}
}
