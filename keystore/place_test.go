package keystore_test

import (
	"strings"
	"testing"

	"twolock/keystore"
)

func TestIdentifiers(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		id := keystore.NewID()
		if !keystore.IsID(id) || seen[id] {
			t.Fatalf("NewID: %s", id)
		}
		seen[id] = true
	}
	for _, id := range []string{"z19uMCiPNET4YbcPpBcab5mEE", "z1A9uYcmbqkFWkMEZ7rfJhhNF"} { // of a real client
		if !keystore.IsID(id) {
			t.Errorf("%s is refused", id)
		}
	}
	for _, id := range []string{"", "z", "z1", "19uMCiPNET4YbcPpBcab5mEE", "z19uMCiPNET4YbcPpBcab5mE", "z19uMCiPNET4YbcPpBcab5mEEE", "z19uMCiPNET4YbcPpBcab5m0E",
		"z19uMCiPNET4YbcPpBcab5mEE/", "z19uMCiPNET4YbcPpBcab5mEE\n", "Z19uMCiPNET4YbcPpBcab5mEE", "z" + strings.Repeat("1", 18), strings.Repeat("z", 10000), "z119uMCiPNET4YbcPpBcab5mEE"} {
		if keystore.IsID(id) {
			t.Errorf("%q is taken", id)
		}
	}
	a := keystore.DerivedID("key", "ab", "c")
	if a != keystore.DerivedID("key", "ab", "c") || a == keystore.DerivedID("key", "a", "bc") || !keystore.IsID(a) {
		t.Error("DerivedID is not a function of its parts alone, or mixes them")
	}
}

func FuzzIsID(f *testing.F) {
	f.Add("z19uMCiPNET4YbcPpBcab5mEE")
	f.Fuzz(func(t *testing.T, s string) {
		if keystore.IsID(s) && (len(s) > 26 || s[0] != 'z' || strings.ContainsAny(s, "/ %?#")) {
			t.Errorf("%q is taken", s)
		}
	})
}
