package main

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	edvserver "twolock/companion/edv"
	"twolock/keystore"
)

// A keystore in a vault takes as many keys as are listed and looked after, and says so when it is full. That two servers made more at once does not matter.
func TestFullVault(t *testing.T) {
	t.Parallel()
	s := newSite(t, place{"sqlite", "LOCAL", true})
	u := s.user(t)
	wrapping := u.make("X25519")
	spare := u.make("HMAC_SHA256", object{"exportable": true})
	foreign := u.backup(spare)
	foreign["description"] = "changed, so that it is restored under another URL"
	u.make("ED25519", object{"name": "scheduled", "rotationPeriod": 3600})
	made := 3
	queries := s.w.edv.Requests(edvserver.Query)
	var all errgroup.Group
	all.SetLimit(8)
	var failed atomic.Int64
	for range keystore.MaxVaultKeys - made - 30 {
		all.Go(func() error {
			err := u.c.Do(context.Background(), u.keystore, "generateKey", createKey, input(object{"keystore": u.keystore, "type": "HMAC_SHA256"}), nil)
			if code(err) == "CONFLICT" {
				failed.Add(1)
				return nil
			}
			return err
		})
	}
	must(t, all.Wait())
	for range 30 { // one after the other, for what is on its way is not counted
		u.make("HMAC_SHA256")
	}
	if n := failed.Load(); n > 0 {
		t.Errorf("%d keys were refused before there were %d", n, keystore.MaxVaultKeys)
	}
	if n := s.w.edv.Requests(edvserver.Query) - queries; n > keystore.MaxVaultKeys/5 {
		t.Errorf("%d keys took %d queries, want one for ten", keystore.MaxVaultKeys, n)
	}
	full := func(keys int) {
		t.Helper()
		words := []string{u.keystore, fmt.Sprint(keys), fmt.Sprint(keystore.MaxVaultKeys)}
		u.refused("CONFLICT", "createKey", object{"type": "ED25519"}, words...)
		u.refused("CONFLICT", "importKey", object{"type": "HMAC_SHA256", "raw": b64(make([]byte, 32))}, words...)
		u.refused("CONFLICT", "deriveKey", object{"key": spare, "info": b64([]byte("x")), "type": "AES_256_GCM"}, words...)
		u.refused("CONFLICT", "restoreKey", object{"backup": u.sealedTo(wrapping, foreign), "unwrappingKey": wrapping}, words...)
		n, after := 0, ""
		for range 20 {
			page := u.list("(first: 100" + after + ")")
			n += len(ids(page))
			info := page["pageInfo"].(object)
			if info["hasNextPage"] == false {
				break
			}
			after = fmt.Sprintf(", after: %q", info["endCursor"])
		}
		if n != keys {
			t.Errorf("%d keys are listed, want %d", n, keys)
		}
	}
	full(keystore.MaxVaultKeys)
	// What other servers made meanwhile, before this one counted.
	s.w.edv.Inject(edvserver.Query, edvserver.Fault{Kind: edvserver.Garbage, Body: `{"count":0}`, Times: 1})
	for range 10 {
		u.make("HMAC_SHA256")
	}
	full(keystore.MaxVaultKeys + 10)
	s.w.clock.pass(2 * time.Hour)
	eventually(t, "the rotation", 30*time.Second, func() bool {
		out, err := u.tryRead(u.keystore, "keystore", `keyNamed(name: "scheduled") { version }`)
		return err == nil && same(out["keyNamed"].(object)["version"], 2)
	})
	if strings.Contains(s.log.String(), "a due keystore was not looked after") {
		t.Error("the keystore was not looked after")
	}
}
