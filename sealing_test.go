package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"twolock/companion/awskms"
)

// Invariant 4 for a keystore's own secrets: what was sealed for one keystore does not open in another's row, by itself, and not only because the
// keys below were sealed with something else. A keystore without keys shows it: what opened its secrets would seal a new key.
func TestInvariantSealingInPlace(t *testing.T) {
	t.Parallel()
	for _, serverLock := range []string{"local", "aws"} {
		for _, userLock := range []string{"LOCAL", "SHAMIR"} {
			t.Run(serverLock+" "+userLock, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				flags := at(free(t), w.flags(serverLock))
				n := start(t, flags...)
				mine, other := emptyKeystore(w, n, userLock), emptyKeystore(w, n, userLock)
				n.stop()
				db := w.open(t)
				db.change(t, "UPDATE keystore_sealings SET sealed = (SELECT sealed FROM keystore_sealings WHERE keystore_id = ?) WHERE keystore_id = ?",
					lastPart(other.keystore), lastPart(mine.keystore))
				n = start(t, flags...)
				_, err := mine.create("ED25519")
				wantCode(t, "createKey with another keystore's secrets", err, "KEY_UNUSABLE")
				must(t, second(other.create("ED25519")))
				if serverLock == "aws" { // it tells of a call after it was answered
					for _, c := range []struct{ operation, keystore, outcome string }{
						{"Encrypt", mine.keystore, "OK"}, {"Encrypt", other.keystore, "OK"},
						{"Decrypt", mine.keystore, "InvalidCiphertextException"}, {"Decrypt", other.keystore, "OK"},
					} {
						eventually(t, fmt.Sprintf("AWS KMS saw %+v", c), 5*time.Second, func() bool {
							return w.awsCalls.saw(c.operation, lastPart(c.keystore), c.outcome)
						})
					}
				}
				if db.count(t, "SELECT COUNT(*) FROM keys WHERE keystore_id = ?", lastPart(mine.keystore)) != 0 {
					t.Error("a key was sealed with another keystore's secrets")
				}
				if !strings.Contains(n.log.String(), "server lock did not open a keystore") {
					t.Error("the log does not say so")
				}
			})
		}
	}
}

// emptyKeystore is alice's, with no key in it.
func emptyKeystore(w *world, n *node, userLock string) *user {
	u := &user{t: w.t, c: as(w.alice), keystore: w.keystore(n, userLock, false), keys: map[string]string{}}
	if userLock == "SHAMIR" {
		u.shares = []string{b64(w.shares[0])}
	}
	return u
}

// awsCalls are the calls that AWS KMS saw. Safe for concurrent use.
type awsCalls struct {
	mu  sync.Mutex
	all []awskms.Call
}

func (c *awsCalls) add(one awskms.Call) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = append(c.all, one)
}

// saw tells whether there was such a call for a keystore's secrets, with the encryption context that has all of the keystore's id and nothing else.
func (c *awsCalls) saw(operation, keystore, outcome string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	want := map[string]string{"twolock:format": "1", "twolock:purpose": "keystore", "twolock:version": "0", "twolock:keystore": keystore}
	return slices.ContainsFunc(c.all, func(one awskms.Call) bool {
		return one.Operation == operation && one.Outcome == outcome && maps.Equal(one.EncryptionContext, want)
	})
}
