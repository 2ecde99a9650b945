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
	// ErrDeleted: what had the id was deleted. Nothing was written.
	ErrDeleted = errors.New("was deleted")
	// ErrNameTaken: another key of the keystore has the name. Nothing was written.
	ErrNameTaken = errors.New("name is taken")
	// ErrStale: an update's revision is not the stored one. Nothing was written.
	ErrStale = errors.New("changed by someone else in the meantime")
	// ErrLast: of what is to be removed one must stay. Nothing was written.
	ErrLast = errors.New("is the last one")
	// ErrFull: there are as many as there may be. Nothing was written.
	ErrFull = errors.New("there are too many")
	// ErrDamaged: the record is there, and it cannot be read. It comes wrapped with which one it is.
	ErrDamaged = errors.New("the record is damaged")
	// ErrRefused: a vault does not take the capability that it is used with. It comes inside an *Error of the vault.
	ErrRefused = errors.New("the capability is refused")
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
	State    KeyState  // KeyEnabled or KeyDisabled
	DeleteAt time.Time // zero: no deletion is pending
	Label
	KeyTypes []key.Type // that can be made in it; nil: all that the server allows
	// Sealed are the keystore's secrets, sealed once under each server lock: lock id to blob.
	Sealed map[string][]byte
	// Verifier of the user's lock, 32 bytes; nil until it is pinned. Only with SHAMIR.
	Verifier []byte
	// Tag authenticates the record; opaque to stores.
	Tag []byte
	// Damage, of a listing: the record cannot be read, and nothing but ID and, where it is known, CreatedAt is set. It is not empty.
	Damage string
}

// Label is what people call a thing. Text is UTF-8 without control characters.
type Label struct {
	Name        string // at most 128 characters; "": none. A key's is the only one of its keystore.
	Description string // at most 1024 characters
	Tags        []Tag  // at most 20, in the order of their names, each of which comes once
}

// Tag is a name (1 to 64 characters) and a value (at most 256).
type Tag struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// VaultRecord says in which vault the keys are.
type VaultRecord struct {
	URL        string
	Capability []byte // the delegated capability, JSON, as it was given
	Expires    time.Time
}

// KeyRecord is a key as stored, with one of its versions. Times are UTC, whole microseconds.
type KeyRecord struct {
	Keystore   string // short id
	ID         string // short id
	Type       key.Type
	MaxChain   int    // longest chain of capabilities by which the key may be used, the root included; 0: the server's bound
	PublicOnly bool   // it was imported without its private part
	Exportable bool   // the private part may leave, wrapped
	Request    []byte // as in Record
	CreatedAt  time.Time
	KeyMeta
	KeyVersion
	// Damage, of a listing: the record cannot be read, and nothing but Keystore, ID and, where it is known, CreatedAt is set. It is not empty; a vault,
	// which cannot tell the key, gives the document's URL here, and no ID.
	Damage string
}

// KeyMeta is what changes of a key. Stores replace it as a whole.
type KeyMeta struct {
	Revision int64     // counts updates from 1
	Newest   int       // version, which signs and encrypts
	Oldest   int       // version that is there still; 1 until versions are trimmed
	State    KeyState  // KeyEnabled or KeyDisabled
	DeleteAt time.Time // zero: no deletion is pending
	Label
	Operations []key.Operation // that it may be used for; nil: all that its type can do
	Algorithms []key.Algorithm // with; nil: all that its type has
	MinVerify  int             // oldest version that verifies signatures and codes; 0: Oldest
	MinDecrypt int             // oldest version that decrypts, unwraps, opens, decapsulates and derives; 0: Oldest
	// RotationPeriod is how long a version stays the newest, in whole seconds; 0: until it is rotated by hand. RotateAt is when it is due.
	RotationPeriod time.Duration
	RotateAt       time.Time
	// Attended, of a write, says that rotation waits for a use, which brings shares. It is not kept: Due has it in.
	Attended bool
	// MetaTag authenticates the key but for its versions; opaque to stores. nil of keys from before there was one.
	MetaTag []byte
}

// KeyVersion is a version of a key.
type KeyVersion struct {
	Version          int
	PublicKey        []byte // nil for symmetric keys; raw as in the contract's PublicKey.bytes
	Sealed           []byte // the private or secret key, sealed by the user's lock; of a PublicOnly key, the public one
	VersionRequest   []byte // SHA-256 of what made this version, where that was a rotation with an idempotency key; else nil
	VersionCreatedAt time.Time
	// Messages, of an insert, are those that count as encrypted with it already: where KeyUsage begins. Not kept here.
	Messages int64
	// Tag authenticates the version; opaque to stores.
	Tag []byte
}

// MaxVaultKeys is how many keys can be made in a keystore whose keys are in a vault: fewer than the 1,000 that a vault lists, for servers that make keys
// at once do not see each other's last one, and all that there are must be listed.
const MaxVaultKeys = 950

// Counter is what Keys are that have room for MaxVaultKeys keys of a keystore: CountKeys tells how many there are, at least up to that number.
type Counter interface {
	CountKeys(ctx context.Context, keystore string) (int, error)
}

// Due is when something is to be done with the key though nobody asks; zero: never.
func (m *KeyMeta) Due() time.Time {
	if m.Attended || m.RotateAt.IsZero() || !m.DeleteAt.IsZero() || m.State != KeyEnabled { // what is not in use is not rotated
		return m.DeleteAt
	}
	return m.RotateAt
}

// KeyFilter narrows a listing; zero values do not.
type KeyFilter struct {
	Type  key.Type
	State KeyState // KeyPendingDeletion: DeleteAt is set; the others: it is not
	Tag   *Tag
	// NamePrefix is how the name begins, byte by byte. No store looks at it: what it lists is asked afterwards.
	NamePrefix string
}

// Usage is how much a version was used; where uses are added, on the day of LastUsedAt.
type Usage struct {
	Version int
	// Messages are reserved for encryption: what was encrypted, and at most a block more for each server.
	Messages   int64
	Uses       int64
	LastUsedAt time.Time // zero: never
}

// Keys keeps the keys of a keystore. The server's database is one, a vault another: storagetest.Keys is the contract.
// Methods are safe for concurrent use, by several servers too. What a write acknowledged survives a crash; what it refused left nothing.
type Keys interface {
	// InsertKey adds a key with its newest version and, of a restored key, the older ones. ErrExists when (keystore, id) is there,
	// ErrNameTaken when another key has the name.
	InsertKey(ctx context.Context, r KeyRecord, older ...KeyVersion) error
	// Key returns the key with its newest version. ErrNotFound when there is none, ErrDamaged when it cannot be read.
	Key(ctx context.Context, keystore, id string) (KeyRecord, error)
	// KeyNamed returns the key of that name (not empty) with its newest version. ErrNotFound when there is none, ErrDamaged when it cannot be read: then
	// with the id, where that is known.
	KeyNamed(ctx context.Context, keystore, name string) (KeyRecord, error)
	// KeyVersion returns one version. ErrNotFound when there is none.
	KeyVersion(ctx context.Context, keystore, id string, version int) (KeyVersion, error)
	// KeyVersions returns up to limit versions below the one given (0: from the newest on), newest first. An unknown key has none. ErrDamaged when one
	// of them cannot be read; those before it may come with it.
	KeyVersions(ctx context.Context, keystore, id string, below, limit int) ([]KeyVersion, error)
	// ListKeys returns up to limit keys with their newest versions after the cursor (the position of a key that was
	// listed before; zero: from the start), ordered by (CreatedAt, ID). The cost of a filter of one condition does not grow with how many keys there are. What cannot be read comes with Damage; a filter leaves that in.
	ListKeys(ctx context.Context, keystore string, filter KeyFilter, after Position, limit int) ([]KeyRecord, error)
	// UpdateKey replaces the KeyMeta of the record's key, adds a version where one is given, and deletes the versions (and their usage) below Oldest.
	// The stored revision must be r.Revision-1: else ErrStale. ErrNotFound when there is no key, ErrNameTaken as in InsertKey.
	UpdateKey(ctx context.Context, r KeyRecord, added *KeyVersion) error
	// DeleteKey deletes the key, its versions and its usage, of which nothing is left. ErrStale when the revision is not the stored one; ErrNotFound.
	DeleteKey(ctx context.Context, keystore, id string, revision int64) error
	// DestroyKey deletes a key as DeleteKey does, whatever its revision, and though its record cannot be read. ErrNotFound when there is none.
	DestroyKey(ctx context.Context, keystore, id string) error
	// ReserveMessages counts n more messages of a version, or as many as are left below limit, and returns how many: 0 when there are none.
	// ErrNotFound when there is no such version.
	ReserveMessages(ctx context.Context, keystore, id string, version int, n, limit int64) (int64, error)
	// AddUses adds uses, a Usage for each version and day: Uses to what is there, LastUsedAt if it is later. A version that is not there is passed over.
	// The key's DailyUses get all of them, on the day of LastUsedAt, where that is not zero.
	AddUses(ctx context.Context, keystore, id string, uses []Usage) error
	// KeyUsage returns the usage of the versions, those never used left out.
	KeyUsage(ctx context.Context, keystore, id string, versions []int) (map[int]Usage, error)
	// DailyUses returns how often the key was used on each day from first to last (at most UsageDays), days without uses left out. They go with the key, and
	// may be gone when they are UsageDays old.
	DailyUses(ctx context.Context, keystore, id string, first, last Day) (map[Day]int64, error)
}

// Position is where something stands in a listing by age.
type Position struct {
	CreatedAt time.Time
	ID        string
}

// KeystoreFilter narrows a listing of keystores; zero values do not.
type KeystoreFilter struct {
	Controller string
	NamePrefix string   // the name begins so, byte by byte
	State      KeyState // as in KeyFilter
	Vault      *bool    // whether its keys are in a vault
	Tag        *Tag     // counts as two conditions: no index leads to it
}

// KeystorePosition is a keystore's place in a listing: Name is empty in one by age, CreatedAt zero in one by name.
type KeystorePosition struct {
	Name      string
	CreatedAt time.Time
	ID        string
}

// KeystorePage is a page of a listing. End is where it ended, for the next one; More tells whether there may be one.
type KeystorePage struct {
	Records []Record
	End     KeystorePosition
	More    bool
}

// Counts are how many there are of what operators look after. Keys are those in the database: of those in vaults it knows nothing.
type Counts struct {
	Keystores map[KeyState]int64
	Keys      []KeyCount
	// Vaults are the keystores whose keys are in a vault, Ending those of them whose capability ends soon, Ended those whose has ended.
	Vaults, Ending, Ended int64
}

// KeyCount is how many keys of a type are in a state.
type KeyCount struct {
	Type  key.Type
	State KeyState
	Count int64
}

// Enrolled is an operator who came with the one-time link.
type Enrolled struct {
	DID        string
	EnrolledAt time.Time
}

// DueKey is a key of the server's database with which something is to be done.
type DueKey struct{ Keystore, ID string }

// DueKeystore is a keystore with which, or with a key in its vault, something is to be done.
type DueKeystore struct {
	ID     string
	WakeAt time.Time
}

// Removal is what became of some keystores' sealings by a lock. The next ones are after End; when that is empty, there are none.
type Removal struct {
	Removed int
	Kept    int // for no other lock has sealed the keystore
	End     string
}

// Revocation is a delegated capability that is valid no more.
type Revocation struct {
	Keystore   string // short id; empty: the capability is for the service
	Delegator  string // DID that delegated it
	Capability string // its id
	Revoker    string // DID
	RevokedAt  time.Time
	// Expires is when the capability ends by itself: soon after, the revocation may be forgotten.
	Expires time.Time
	// Through, of a write, is who it counts against: the DID that the controller had delegated to; empty: nobody. It is not read again.
	Through string
}

// Link is a delegated capability of a chain, as revocations and audit entries name it.
type Link struct {
	Delegator  string `json:"delegator"`  // DID
	Capability string `json:"capability"` // its id
}

// Store is the server's database.
// Methods are safe for concurrent use, by several servers too. What a write acknowledged survives a crash.
type Store interface {
	Keys
	// InsertKeystore adds a keystore, its sealings and, where given, its verifier, all or nothing. ErrExists when the id is there, ErrDeleted when it was.
	InsertKeystore(context.Context, Record) error
	// Keystore returns a keystore. ErrNotFound when there is none, ErrDamaged when it cannot be read.
	Keystore(ctx context.Context, id string) (Record, error)
	// PinVerifier sets the record's verifier if there is none, and its tag and revision with it, and returns the verifier that stands then. ErrStale when there
	// is none and the stored revision is not r.Revision-1.
	PinVerifier(ctx context.Context, r Record) ([]byte, error)
	// ListKeystores returns up to limit keystores that pass the filter, after the position (where a page before ended; zero: from the start), ordered by
	// (CreatedAt, ID), or by (Name, ID) where the filter has a name's beginning. Its cost does not grow with how many there are: where several conditions
	// narrow it, a page may be short, even empty, and there may be more all the same. In it and the listings below, what cannot be read comes with Damage.
	ListKeystores(ctx context.Context, filter KeystoreFilter, after KeystorePosition, limit int) (KeystorePage, error)
	// Count counts what operators want to know the number of. The vaults' capabilities end soon when they end before that time.
	Count(ctx context.Context, now, soon time.Time) (Counts, error)
	// UpdateKeystore replaces all that changes of a keystore: controller, the vault's capability and expiry, state, deletion, label, key types and tag.
	// The stored revision must be r.Revision-1: else ErrStale.
	UpdateKeystore(ctx context.Context, r Record) error
	// DeleteKeystore deletes a keystore and all that belongs to it, its keys in this database too, of which nothing is left but the keystore's id, which
	// InsertKeystore never takes again. ErrStale when the revision is not the stored one; ErrNotFound.
	DeleteKeystore(ctx context.Context, id string, revision int64) error
	// ExpiringVaults lists the keystores whose vault capability expires in [from, before), soonest first, at most limit.
	ExpiringVaults(ctx context.Context, from, before time.Time, limit int) ([]Record, error)
	// UnsealedBy lists up to limit keystores, by id, after the id given, that have a sealing (one that has none is being deleted), but none by the lock.
	// It looks at a bounded number of them: a page may be short, even empty. The next one begins after end; when that is empty, there is none.
	UnsealedBy(ctx context.Context, lockID, after string, limit int) (ids []string, end string, err error)
	// CountUnsealed counts all that UnsealedBy lists.
	CountUnsealed(ctx context.Context, lockID string) (int64, error)
	// AddSealing adds a sealing by a further server lock. ErrExists when the keystore has one by that lock, ErrNotFound when it is not there or has no
	// sealing at all.
	AddSealing(ctx context.Context, keystore, lockID string, sealed []byte) error
	// RemoveSealings deletes the lock's sealings of up to limit keystores, by id, after the id given, where one of the others has sealed the keystore too,
	// though both be retired at once. Of what is deleted nothing is left.
	RemoveSealings(ctx context.Context, lockID string, others []string, after string, limit int) (Removal, error)

	// DueKeys lists up to limit keys whose Due, as it was when they were written, is not after the time, soonest first, by an index.
	DueKeys(ctx context.Context, now time.Time, limit int) ([]DueKey, error)
	// Postpone makes a due key so later, that it is not in the way of others. ErrNotFound when it is not there or not due at all.
	Postpone(ctx context.Context, keystore, id string, until time.Time) error
	// Hasten makes all that is due of a keystore's keys by now due at once, though it was postponed.
	Hasten(ctx context.Context, keystore string, now time.Time) error
	// CondemnKey notes that a damaged key is to be deleted, and returns what stands: what was noted of it first. ErrNotFound when there is no such keystore.
	CondemnKey(ctx context.Context, c CondemnedKey) (CondemnedKey, error)
	// CondemnedKeys lists up to limit keys of a keystore that are noted, soonest first.
	CondemnedKeys(ctx context.Context, keystore string, limit int) ([]CondemnedKey, error)
	// PardonKey forgets what was noted. ErrNotFound when that was nothing.
	PardonKey(ctx context.Context, keystore, id string) error
	// DueKeystores lists up to limit keystores whose wake time is not after the time, soonest first, by an index.
	DueKeystores(ctx context.Context, now time.Time, limit int) ([]DueKeystore, error)
	// WakeBy sets a keystore's wake time; an earlier one that is set comes a microsecond sooner, so that MoveWake finds it moved. It says when the keystore, or a damaged key of it, is
	// to be deleted, or something in its vault is due. That is all that the database knows of the latter.
	WakeBy(ctx context.Context, keystore string, at time.Time) error
	// MoveWake sets the wake time to another (zero: none) if it is the one given, and tells whether it was.
	MoveWake(ctx context.Context, keystore string, from, to time.Time) (bool, error)
	// Lease gives the named lease to the holder until a time, if it is free, has ended by now, or is the holder's own, and tells whether.
	Lease(ctx context.Context, name, holder string, now, until time.Time) (bool, error)

	// In the four calls about revocations, an empty keystore is the service itself.

	// InsertRevocation writes a revocation. One that is there stays as it is, and that is no error. ErrNotFound when there is no such keystore, ErrFull when
	// limit revocations came through the same DID; servers that write at once may go beyond it by one each.
	InsertRevocation(ctx context.Context, r Revocation, limit int) error
	// Revoked tells whether any of the links (1 to 10) was revoked in the keystore.
	Revoked(ctx context.Context, keystore string, links []Link) (bool, error)
	// ListRevocations returns up to limit revocations after the position (RevokedAt, Capability), newest last.
	ListRevocations(ctx context.Context, keystore string, after Position, limit int) ([]Revocation, error)
	// PruneRevocations forgets up to limit revocations whose capability ended before the time, and says how many.
	PruneRevocations(ctx context.Context, before time.Time, limit int) (int, error)
	// PruneDailyUses forgets up to limit counts of days before the one given, and says how many. A vault forgets by itself.
	PruneDailyUses(ctx context.Context, before Day, limit int) (int, error)

	// ServiceSealings are the service's own secret, sealed under each server lock: lock id to blob. Empty on a new database.
	ServiceSealings(context.Context) (map[string][]byte, error)
	// InsertServiceSealings writes them if the set is empty, all or nothing. ErrExists when it is not.
	InsertServiceSealings(context.Context, map[string][]byte) error
	// AddServiceSealing adds one to a set that is not empty. ErrExists when the lock has one.
	AddServiceSealing(ctx context.Context, lockID string, sealed []byte) error
	// RemoveServiceSealing deletes the lock's, and tells whether it did: not while none of the others has one, or a keystore has one by this lock.
	RemoveServiceSealing(ctx context.Context, lockID string, others []string) (bool, error)

	// IsOperator tells whether the DID was enrolled.
	IsOperator(ctx context.Context, did string) (bool, error)
	// ListOperators returns up to limit enrolled operators, in the order of their enrolment.
	ListOperators(ctx context.Context, limit int) ([]Enrolled, error)
	// SetEnrolment replaces the one-time enrolment token by the one with this SHA-256.
	SetEnrolment(ctx context.Context, tokenHash []byte) error
	// Enrolment returns the SHA-256 of the enrolment token that is open. ErrNotFound when none is.
	Enrolment(ctx context.Context) ([]byte, error)
	// EnrolOperator spends the token and enrols the DID, all or nothing. ErrNotFound when no such token is open.
	EnrolOperator(ctx context.Context, tokenHash []byte, did string) error
	// AddOperator enrols the DID, where it is not yet.
	AddOperator(ctx context.Context, did string) error
	// RemoveOperator takes an enrolled operator away. ErrNotFound when it is not enrolled, ErrLast when another must stay and there is none.
	RemoveOperator(ctx context.Context, did string, anotherStays bool) error

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
	Request    string    `json:"request,omitempty"`    // id, as in the server's log; none of what the server does by itself
	Caller     string    `json:"caller,omitempty"`     // DID of the invoker; the service's own of what it does by itself
	Capability string    `json:"capability,omitempty"` // id of the capability invoked
	Chain      []Link    `json:"chain,omitempty"`      // the delegated capabilities up to that one, the root's child first; none of a root
	Action     string    `json:"action"`
	Keystore   string    `json:"keystore,omitempty"` // short id, of a new one too; none where the action is on the service
	Key        string    `json:"key,omitempty"`      // short id, of a new one too but for restored ones; none where the action is on the keystore
	Items      int       `json:"items,omitempty"`    // of a batch
	Outcome    string    `json:"outcome"`            // "allowed", which is said before the operation begins
}
