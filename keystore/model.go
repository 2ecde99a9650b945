package keystore

import "time"

// UserLock says how a keystore's lock key comes to be.
type UserLock string

// The user's locks (DESIGN section 5).
const (
	UserLockLocal  UserLock = "LOCAL"  // random, sealed by the server's lock
	UserLockShamir UserLock = "SHAMIR" // made on the fly from secret shares
)

// KeyState says whether a key may be used.
type KeyState string

// The states of a key.
const (
	KeyEnabled         KeyState = "ENABLED"
	KeyDisabled        KeyState = "DISABLED"
	KeyPendingDeletion KeyState = "PENDING_DELETION"
)

var _ time.Time
