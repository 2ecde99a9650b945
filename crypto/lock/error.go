package lock

import "errors"

var (
	// ErrOpen: the blob was not sealed by this lock under this label, or was changed since. It says no more on purpose.
	ErrOpen = errors.New("sealed blob does not open here")
	// ErrNoShare: the Auth server answered, and it keeps no share of that controller. It comes inside an *UnavailableError.
	ErrNoShare = errors.New("there is no such share")
	// ErrWiped: the key was wiped while somebody still held it. Nothing is wrong with the blob: get the key again.
	ErrWiped = errors.New("lock key was wiped")
)

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
