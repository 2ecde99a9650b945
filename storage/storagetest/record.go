// Package storagetest holds the contracts of keystore.Keys and keystore.Store as tests, to be run against every
// implementation on the real thing, and a PostgreSQL to run them on.
package storagetest

import (
	"crypto/rand"
	"crypto/sha256"
	"reflect"
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

// KeyRecord returns a new asymmetric key as it was just made: its first version, without a label.
func KeyRecord(store string) keystore.KeyRecord {
	return keystore.KeyRecord{
		Keystore: store, ID: ID(), Type: key.Ed25519, MaxChain: 3, Request: Digest(), CreatedAt: Moment(0),
		KeyMeta:    keystore.KeyMeta{Revision: 1, Newest: 1, Oldest: 1, State: keystore.KeyEnabled, MetaTag: Digest()},
		KeyVersion: keystore.KeyVersion{Version: 1, PublicKey: Bytes(32), Sealed: Bytes(93), VersionCreatedAt: Moment(0), Tag: Digest()},
	}
}

// FullKeyRecord returns a key with every field set that there is, as it may come out of a backup: its newest version is 7, and 5 and 6
// are the older ones.
func FullKeyRecord(store string) (r keystore.KeyRecord, older []keystore.KeyVersion) {
	r = KeyRecord(store)
	r.PublicOnly, r.Exportable = true, true
	r.KeyMeta = keystore.KeyMeta{
		Revision: 12, Newest: 7, Oldest: 5, State: keystore.KeyDisabled, DeleteAt: Moment(9_000_000), Label: Label(),
		Operations: []key.Operation{key.OpVerify, key.OpSign}, Algorithms: []key.Algorithm{"SECOND", "FIRST"}, MinVerify: 5, MinDecrypt: 6,
		RotationPeriod: 90 * 24 * time.Hour, RotateAt: Moment(8_000_000), MetaTag: Digest(),
	}
	r.KeyVersion = Version(7)
	return r, []keystore.KeyVersion{Version(5), Version(6)}
}

// Version returns a version of an asymmetric key with every field set.
func Version(n int) keystore.KeyVersion {
	return keystore.KeyVersion{
		Version: n, PublicKey: Bytes(32), Sealed: Bytes(93), VersionRequest: Digest(), VersionCreatedAt: Moment(1000 * n), Tag: Digest(),
	}
}

// Label returns a label with everything in it, under a name that nothing else has.
func Label() keystore.Label {
	return keystore.Label{
		Name: "Müller's 鍵 \"<&>' %_ " + ID(), Description: "for invoices,\u2028since 2031 😀",
		Tags: []keystore.Tag{{Name: "env", Value: "prod"}, {Name: "note", Value: ""}, {Name: "team", Value: `[{"name":"x"}] \ é`}},
	}
}

// Record returns a new keystore as it is made with shares, without a vault, a verifier and a label.
func Record() keystore.Record {
	return keystore.Record{
		ID: ID(), Controller: "did:key:z6Mk" + ID(), UserLock: keystore.UserLockShamir, Request: Digest(),
		CreatedAt: Moment(0), Revision: 1, State: keystore.KeyEnabled, Tag: Digest(),
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

// sameKey compares all fields; nil and empty are not the same, and times must be equal and in UTC.
func sameKey(t *testing.T, what string, got, want keystore.KeyRecord) {
	t.Helper()
	same(t, what+": key "+want.ID, got, want)
}

// same compares two structs field by field, those embedded too.
func same[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	sameFields(t, what, reflect.ValueOf(got), reflect.ValueOf(want))
}

func sameFields(t *testing.T, what string, got, want reflect.Value) {
	t.Helper()
	for i := range want.NumField() {
		f, g, w := want.Type().Field(i), got.Field(i), want.Field(i)
		switch at, ok := w.Interface().(time.Time); {
		case ok:
			sameTime(t, what+": "+f.Name, g.Interface().(time.Time), at)
		case f.Anonymous:
			sameFields(t, what, g, w)
		case !reflect.DeepEqual(g.Interface(), w.Interface()):
			t.Errorf("%s: got %s %#v, want %#v", what, f.Name, g.Interface(), w.Interface())
		}
	}
}

func sameTime(t *testing.T, what string, got, want time.Time) {
	t.Helper()
	if !got.Equal(want) || got.Location() != time.UTC {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}
