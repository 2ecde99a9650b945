package keystore_test

import (
	"errors"
	"testing"

	"twolock/crypto/key"
	"twolock/crypto/lock"
	"twolock/keystore"
)

// A sealed key opens in its own place only. Over HTTP a record's tag is found wrong before it comes to that; this is the wall behind it.
func TestKeyIsSealedInItsPlace(t *testing.T) {
	r := keystore.KeyRecord{Keystore: "zA", ID: "zK", Type: key.Ed25519, KeyVersion: keystore.KeyVersion{Version: 1}}
	k, err := lock.NewKey("user:zA", lock.Generate32())
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := k.Seal([]byte("a key"), keystore.KeyLabel(r))
	if err != nil {
		t.Fatal(err)
	}
	for what, change := range map[string]func(r *keystore.KeyRecord){
		"keystore": func(r *keystore.KeyRecord) { r.Keystore = "zB" },
		"key":      func(r *keystore.KeyRecord) { r.ID = "zL" },
		"version":  func(r *keystore.KeyRecord) { r.Version = 2 },
		"type":     func(r *keystore.KeyRecord) { r.Type = key.HMACSHA256 },
		"export":   func(r *keystore.KeyRecord) { r.Exportable = true },
		"public":   func(r *keystore.KeyRecord) { r.PublicOnly = true },
	} {
		other := r
		change(&other)
		if _, err := k.Open(sealed, keystore.KeyLabel(other)); !errors.Is(err, lock.ErrOpen) {
			t.Errorf("under another %s: got %v, want ErrOpen", what, err)
		}
	}
	if _, err := k.Open(sealed, keystore.KeyLabel(r)); err != nil {
		t.Errorf("in its place: %v", err)
	}
}
