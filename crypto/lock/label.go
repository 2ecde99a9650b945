package lock

import (
	"encoding/binary"
	"errors"
	"strconv"
)

// Label says what a sealed blob is and where it belongs. It is not stored with the blob: whoever opens states it, and a
// blob copied to another row, keystore, key, version or purpose does not open.
type Label struct {
	Purpose  string // such as PurposeKey
	Keystore string // short id; empty for what belongs to the service
	Key      string // short id; empty for what belongs to the keystore
	Version  int    // of the key; 0 without one
	Type     string // of the key; empty without one
}

// What gets sealed.
const (
	PurposeService  = "service"  // the service's own secret; doubles as the server lock's verifier
	PurposeKeystore = "keystore" // a keystore's secrets, by a server lock
	PurposeKey      = "key"      // a working key, by the user's lock
)

// encode is injective: each field goes with its length in front.
func (l Label) encode(dst []byte) []byte {
	for _, s := range [...]string{l.Purpose, l.Keystore, l.Key, strconv.Itoa(l.Version), l.Type} {
		dst = binary.BigEndian.AppendUint16(dst, uint16(len(s)))
		dst = append(dst, s...)
	}
	return dst
}

// ErrOpen: the blob was not sealed by this lock under this label, or was changed since. It says no more on purpose.
var ErrOpen = errors.New("sealed blob does not open here")

// UnavailableError: a party that the lock needs did not answer, or refused.
type UnavailableError struct {
	Upstream  string // "aws-kms" or "auth-server"
	Reason    string // for the caller: such as "throttled", "access denied", "no answer"
	Retryable bool
	Err       error // for the log; holds no secret
}

func (e *UnavailableError) Error() string {
	s := e.Upstream + ": " + e.Reason
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *UnavailableError) Unwrap() error { return e.Err }
