// Package storagetest holds the contracts of keystore.Keys and keystore.Store as tests, to be run against every
// implementation on the real thing, and a PostgreSQL to run them on.
package storagetest

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"testing"
	"time"

	"github.com/mr-tron/base58"

	"twolock/crypto/key"
	"twolock/keystore"
)

// ID returns a fresh short id: z, then base58btc of 0x00 0x10 and 16 random bytes.
func ID() string {
	b := make([]byte, 18)
	b[1] = 16
	rand.Read(b[2:])
	return "z" + base58.Encode(b)
}

// Moment is a time as stores keep it: UTC, whole microseconds. Moments grow with n.
func Moment(n int) time.Time {
	return time.Date(2031, 5, 4, 3, 2, 1, 987_654_000, time.UTC).Add(time.Duration(n) * time.Microsecond)
}

// KeyRecord returns a new asymmetric key's first version with every field set.
func KeyRecord(store string) keystore.KeyRecord {
	return keystore.KeyRecord{
		Keystore: store, ID: ID(), Version: 1, Type: key.Ed25519, State: keystore.KeyEnabled, MaxChain: 3,
		PublicKey: Bytes(32), Sealed: Bytes(93), Request: Digest(), CreatedAt: Moment(0), Tag: Digest(),
	}
}

// Record returns a new keystore with every field but the vault and the verifier set.
func Record() keystore.Record {
	return keystore.Record{
		ID: ID(), Controller: "did:key:z6Mk" + ID(), UserLock: keystore.UserLockShamir, Request: Digest(),
		CreatedAt: Moment(0), Revision: 1, Tag: Digest(),
		Sealed: map[string][]byte{"local:1f0c": Bytes(80), "aws-kms:arn:aws:kms:eu-west-1:111122223333:key/1": Bytes(200)},
	}
}

// VaultRecord returns a vault whose capability expires at the moment.
func VaultRecord(expires time.Time) *keystore.VaultRecord {
	return &keystore.VaultRecord{
		URL: "https://vault.example/edvs/" + ID(), Capability: []byte(`{"id":"urn:uuid:` + ID() + `"}`), Expires: expires,
	}
}

// Bytes returns n random bytes.
func Bytes(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}

// Digest returns a random value of SHA-256's size.
func Digest() []byte {
	d := sha256.Sum256(Bytes(16))
	return d[:]
}

// sameKey compares field by field; times must be equal and in UTC.
func sameKey(t *testing.T, what string, got, want keystore.KeyRecord) {
	t.Helper()
	switch {
	case got.Keystore != want.Keystore, got.ID != want.ID, got.Version != want.Version:
		t.Errorf("%s: got key %s/%s version %d, want %s/%s version %d",
			what, got.Keystore, got.ID, got.Version, want.Keystore, want.ID, want.Version)
	case got.Type != want.Type || got.State != want.State || got.MaxChain != want.MaxChain:
		t.Errorf("%s: got type %q, state %q, chain %d; want %q, %q, %d", what, got.Type, got.State, got.MaxChain, want.Type, want.State, want.MaxChain)
	case (got.PublicKey == nil) != (want.PublicKey == nil) || !bytes.Equal(got.PublicKey, want.PublicKey):
		t.Errorf("%s: got public key %x, want %x", what, got.PublicKey, want.PublicKey)
	case !bytes.Equal(got.Sealed, want.Sealed):
		t.Errorf("%s: got sealed %x, want %x", what, got.Sealed, want.Sealed)
	case !bytes.Equal(got.Tag, want.Tag):
		t.Errorf("%s: got tag %x, want %x", what, got.Tag, want.Tag)
	case !bytes.Equal(got.Request, want.Request):
		t.Errorf("%s: got request %x, want %x", what, got.Request, want.Request)
	}
	sameTime(t, what+": created", got.CreatedAt, want.CreatedAt)
}

func sameTime(t *testing.T, what string, got, want time.Time) {
	t.Helper()
	if !got.Equal(want) || got.Location() != time.UTC {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}
