package auth_test

import (
	"encoding/json"
	"testing"

	"twolock/auth"
)

func TestRootID(t *testing.T) {
	for target, want := range map[string]string{
		"https://localhost:9443/keystores/z19uMCiPNET4YbcPpBcab5mEE": "urn:zcap:root:https%3A%2F%2Flocalhost%3A9443%2Fkeystores%2Fz19uMCiPNET4YbcPpBcab5mEE",
		// What encodeURIComponent leaves alone, and Go's url.QueryEscape and url.PathEscape do not treat alike.
		"-_.!~*'()":   "urn:zcap:root:-_.!~*'()",
		"a b+c&d=e;f": "urn:zcap:root:a%20b%2Bc%26d%3De%3Bf",
		"$,@?#[]%":    "urn:zcap:root:%24%2C%40%3F%23%5B%5D%25",
		"é日🔑":         "urn:zcap:root:%C3%A9%E6%97%A5%F0%9F%94%91",
		"":            "urn:zcap:root:",
	} {
		if got := auth.RootID(target); got != want {
			t.Errorf("RootID(%q) = %s, want %s", target, got, want)
		}
	}
}

func TestRootCapability(t *testing.T) {
	did := newIdentity(t, 1).DID()
	var got any
	if err := json.Unmarshal(auth.RootCapability(keystoreURL, did), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"@context":         "https://w3id.org/zcap/v1",
		"id":               auth.RootID(keystoreURL),
		"controller":       did,
		"invocationTarget": keystoreURL,
	}
	members, _ := got.(map[string]any)
	if len(members) != len(want) {
		t.Errorf("got %v", got)
	}
	for name, value := range want {
		if members[name] != value {
			t.Errorf("%s is %v, want %v", name, members[name], value)
		}
	}
}
