package keystore

import (
	"context"
	"errors"
	"time"

	"twolock/crypto/key"
	"twolock/crypto/lock"
)

// What a store answers beside its own failures. Tested with errors.Is.
var (
	ErrNotFound = errors.New("not found")
	// ErrExists: an insert-if-absent found something there. Nothing was written.
	ErrExists = errors.New("exists already")
	// ErrStale: an update's revision is not the stored one. Nothing was written.
	ErrStale = errors.New("changed by someone else in the meantime")
)

// Record is a keystore as stored. Identifiers are the short ones (z…), not URLs.
type Record struct {
	ID         string
	Controller string // a DID
	UserLock   UserLock
	Vault      *VaultRecord // nil: the keys are in the server's database
	// Request is the SHA-256 of the input that made it; compared when an idempotency key comes again.
	Request   []byte
	CreatedAt time.Time // UTC, whole microseconds
	// Revision counts updates from 1.
	Revision int64
	// Sealed are the keystore's secrets, sealed once under each server lock: lock id to blob.
	Sealed map[string][]byte
	// Verifier of the user's lock, 32 bytes; nil until it is pinned. Only with SHAMIR.
	Verifier []byte
	// Tag authenticates the record; opaque to stores.
	Tag []byte
}

// VaultRecord says in which vault the keys are.
type VaultRecord struct {
	URL        string
	Capability []byte // the delegated capability, JSON, as it was given
	Expires    time.Time
}

// KeyRecord is one version of a key as stored.
type KeyRecord struct {
	Keystore  string // short id
	ID        string // short id
	Version   int
	Type      key.Type
	State     KeyState
	MaxChain  int    // longest chain of capabilities by which the key may be used, the root included; 0: the server's bound
	PublicKey []byte // nil for symmetric keys; raw as in the contract's PublicKey.bytes
	Sealed    []byte // the private or secret key, sealed by the user's lock
	Request   []byte // as in Record
	CreatedAt time.Time
	// Tag authenticates the record; opaque to stores.
	Tag []byte
}

// Keys keeps the keys of a keystore. The server's database is one, a vault another: storagetest.Keys is the contract.
// Methods are safe for concurrent use. What InsertKey acknowledged survives a crash.
type Keys interface {
	// InsertKey adds a key's first version. ErrExists when (keystore, id) is there.
	InsertKey(context.Context, KeyRecord) error
	// Key returns the newest version. ErrNotFound when there is none.
	Key(ctx context.Context, keystore, id string) (KeyRecord, error)
	// KeyVersion returns one version. ErrNotFound when there is none.
	KeyVersion(ctx context.Context, keystore, id string, version int) (KeyRecord, error)
	// ListKeys returns the newest versions of up to limit keys after the cursor (the position of a key that was
	// listed before; zero: from the start), ordered by (CreatedAt, ID).
	ListKeys(ctx context.Context, keystore string, after Position, limit int) ([]KeyRecord, error)
}

// Position is where something stands in a listing by age.
type Position struct {
	CreatedAt time.Time
	ID        string
}

// Revocation is a delegated capability that is valid no more.
type Revocation struct {
	Keystore   string // short id
	Delegator  string // DID that delegated it
	Capability string // its id
	Revoker    string // DID
	RevokedAt  time.Time
	// Expires is when the capability ends by itself: soon after, the revocation may be forgotten.
	Expires time.Time
}

// Link is a delegated capability of a chain, as revocations name it.
type Link struct{ Delegator, Capability string }

// Store is the server's database.
// Methods are safe for concurrent use, by several servers too. What a write acknowledged survives a crash.
type Store interface {
	Keys
	// InsertKeystore adds a keystore, its sealings and, where given, its verifier, all or nothing. ErrExists when the id is there.
	InsertKeystore(context.Context, Record) error
	Keystore(ctx context.Context, id string) (Record, error)
	// PinVerifier sets the verifier if there is none and returns the one that stands then.
	PinVerifier(ctx context.Context, keystore string, verifier []byte) ([]byte, error)
	// ListKeystores returns up to limit keystores after the position, ordered by (CreatedAt, ID): all of them, or a controller's.
	ListKeystores(ctx context.Context, controller string, after Position, limit int) ([]Record, error)
	// UpdateController replaces the controller of the record's keystore, the capability and expiry of its vault if it has one, and its tag.
	// ErrStale when the record's revision is not the stored one.
	UpdateController(context.Context, Record) error
	// UpdateVault replaces the capability and expiry of the record's vault, and its tag. ErrStale when the record's revision is not the stored one.
	UpdateVault(context.Context, Record) error
	// ExpiringVaults lists the keystores whose vault capability expires in [from, before), soonest first, at most limit.
	ExpiringVaults(ctx context.Context, from, before time.Time, limit int) ([]Record, error)
	// UnsealedBy lists up to limit keystores, by id, after the id given, that have no sealing by the lock. For adding a server lock.
	UnsealedBy(ctx context.Context, lockID, after string, limit int) ([]Record, error)
	// AddSealing adds a sealing by a further server lock. ErrExists when the keystore has one by that lock.
	AddSealing(ctx context.Context, keystore, lockID string, sealed []byte) error

	// InsertRevocation writes a revocation. One that is there stays as it is, and that is no error.
	InsertRevocation(context.Context, Revocation) error
	// Revoked tells whether any of the links (1 to 10) was revoked in the keystore.
	Revoked(ctx context.Context, keystore string, links []Link) (bool, error)
	// ListRevocations returns up to limit revocations after the position (RevokedAt, Capability), newest last.
	ListRevocations(ctx context.Context, keystore string, after Position, limit int) ([]Revocation, error)
	// PruneRevocations forgets up to limit revocations whose capability ended before the time, and says how many.
	PruneRevocations(ctx context.Context, before time.Time, limit int) (int, error)

	// ServiceSealings are the service's own secret, sealed under each server lock: lock id to blob. Empty on a new database.
	ServiceSealings(context.Context) (map[string][]byte, error)
	// InsertServiceSealings writes them if the set is empty, all or nothing. ErrExists when it is not.
	InsertServiceSealings(context.Context, map[string][]byte) error
	// AddServiceSealing adds one to a set that is not empty. ErrExists when the lock has one.
	AddServiceSealing(ctx context.Context, lockID string, sealed []byte) error

	// IsOperator tells whether the DID was enrolled.
	IsOperator(ctx context.Context, did string) (bool, error)
	// ListOperators returns up to limit enrolled DIDs, in the order of their enrolment.
	ListOperators(ctx context.Context, limit int) ([]string, error)
	// SetEnrolment replaces the one-time enrolment token by the one with this SHA-256.
	SetEnrolment(ctx context.Context, tokenHash []byte) error
	// EnrolOperator spends the token and enrols the DID, all or nothing. ErrNotFound when no such token is open.
	EnrolOperator(ctx context.Context, tokenHash []byte, did string) error

	// Ping answers nil when the database can be written to.
	Ping(context.Context) error
}

// Lock is a lock of the server: it seals and opens small secrets (up to 4 KiB) under a label.
// Methods are safe for concurrent use. lock.Local and lock.AWS are the two there are.
type Lock interface {
	// ID names the key behind the lock, stable over restarts, such as "local:1f0c…" or "aws-kms:arn:aws:kms:…".
	ID() string
	Seal(ctx context.Context, secret []byte, label lock.Label) ([]byte, error)
	// Open answers lock.ErrOpen when the blob was not sealed by this lock under this label, *lock.UnavailableError when
	// the lock itself did not answer. The caller wipes what it gets.
	Open(ctx context.Context, sealed []byte, label lock.Label) ([]byte, error)
}

// SecondShare fetches the share of the user's lock that the Auth server keeps.
type SecondShare interface {
	// Share returns the 33-byte share kept for the controller. *lock.UnavailableError when it cannot be had.
	Share(ctx context.Context, controller string) ([]byte, error)
}

// Journal takes the audit entries. An operation whose entry it refuses does not happen.
type Journal interface {
	Append(Entry) error
}

// Entry is one line of the audit journal. It holds no secret.
type Entry struct {
	Time       time.Time `json:"time"`
	Caller     string    `json:"caller,omitempty"`     // DID of the invoker
	Capability string    `json:"capability,omitempty"` // id of the capability invoked
	Action     string    `json:"action"`
	Keystore   string    `json:"keystore,omitempty"`
	Key        string    `json:"key,omitempty"`
	Outcome    string    `json:"outcome"` // "allowed" before the operation is begun, else the code it was refused with
}
