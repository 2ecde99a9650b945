package lock

import (
	"bytes"
	"fmt"
)

// A sealed blob begins with a header that every lock writes:
//
//	format version 1 | algorithm 1 | length of the lock's id 1 | lock's id
//
// What follows is the algorithm's. A reader states the algorithm and the lock it expects: there is no negotiation, so that
// there is nothing to downgrade. The header is authenticated by what follows it.
const (
	formatVersion = 1

	algorithmAESGCM = 1 // by a Key: see key.go
	algorithmAWSKMS = 2 // by AWS: the ciphertext blob of AWS KMS
)

// MaxSecret is the length in bytes of the longest secret that can be sealed; AWS KMS takes no longer one.
const MaxSecret = 4096

const (
	maxLockID    = 255
	headerLength = 3 // without the lock's id
)

func appendHeader(dst []byte, algorithm byte, lockID string) []byte {
	dst = append(dst, formatVersion, algorithm, byte(len(lockID)))
	return append(dst, lockID...)
}

// cutHeader returns what follows the header, or an error that is ErrOpen.
func cutHeader(sealed []byte, algorithm byte, lockID string) ([]byte, error) {
	if len(sealed) > 0 && sealed[0] != formatVersion {
		return nil, fmt.Errorf("%w: format version %d is not known", ErrOpen, sealed[0])
	}
	rest, ok := bytes.CutPrefix(sealed, appendHeader(make([]byte, 0, headerLength+maxLockID), algorithm, lockID))
	if !ok {
		return nil, ErrOpen
	}
	return rest, nil
}

func checkLockID(id string) error {
	if len(id) == 0 || len(id) > maxLockID {
		return fmt.Errorf("lock id has %d bytes, 1 to %d are allowed", len(id), maxLockID)
	}
	for _, c := range []byte(id) {
		if c <= ' ' || c > '~' {
			return fmt.Errorf("lock id has a character that is not visible ASCII")
		}
	}
	return nil
}

func checkSecret(secret []byte) error {
	if len(secret) == 0 || len(secret) > MaxSecret {
		return fmt.Errorf("secret has %d bytes, 1 to %d can be sealed", len(secret), MaxSecret)
	}
	return nil
}
