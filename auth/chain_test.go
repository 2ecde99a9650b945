package auth_test

import (
	"bytes"
	"testing"
	"time"

	"twolock/auth"
)

const (
	baseURL     = "https://kms.example"
	keystoreURL = baseURL + "/keystores/z19uMCiPNET4YbcPpBcab5mEE"
	keyURL      = keystoreURL + "/keys/z1A9uYcmbqkFWkMEZ7rfJhhNF"
)

var testNow = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// newIdentity makes the n-th identity of the tests.
func newIdentity(t testing.TB, n byte) *auth.Identity {
	t.Helper()
	id, err := auth.IdentityFromSeed(bytes.Repeat([]byte{n}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// chainOf makes identities 0 to levels, each delegating to the next what the root capability of keystoreURL gives, and
// what the last of them invokes.
func chainOf(t testing.TB, levels int) ([]*auth.Identity, auth.Invocation) {
	t.Helper()
	return chainBy(t, newIdentity, levels)
}

func chainBy(t testing.TB, identity func(t testing.TB, n byte) *auth.Identity, levels int) ([]*auth.Identity, auth.Invocation) {
	t.Helper()
	inv := auth.Invocation{RootTarget: keystoreURL, Action: "sign"}
	ids := []*auth.Identity{identity(t, 1)}
	for i := range levels {
		next := identity(t, byte(i+2))
		c, err := ids[i].Delegate(auth.Delegation{
			RootTarget: keystoreURL, Parent: inv.Capability, Controller: next.DID(), Actions: []string{"sign", "verify"},
			Expires: testNow.Add(time.Hour),
		}, testNow.Add(time.Duration(i-levels)*time.Minute))
		if err != nil {
			t.Fatalf("delegation %d: %v", i+1, err)
		}
		ids, inv.Capability = append(ids, next), c
	}
	return ids, inv
}
