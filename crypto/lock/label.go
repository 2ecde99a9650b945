package lock

import (
	"encoding/binary"
	"fmt"
	"strconv"
)

// Label says what a sealed blob is and where it belongs. It is not stored with the blob: whoever opens states it, and a
// blob copied to another row, keystore, key, version or purpose does not open.
// Each of its strings has at most 255 bytes, Purpose at least one; Version is not negative.
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
	// Of a working key that may be exported, and of one that has its public part only: by the user's lock too. The purpose says so, that no
	// change to the record around it can.
	PurposeExportableKey = "exportable-key"
	PurposePublicKey     = "public-key"
)

const maxLabelField = 255

// check refuses what encode could not keep apart, and a label that says nothing.
func (l Label) check() error {
	for _, f := range [...]struct{ name, value string }{
		{"purpose", l.Purpose}, {"keystore", l.Keystore}, {"key", l.Key}, {"type", l.Type},
	} {
		if len(f.value) > maxLabelField {
			return fmt.Errorf("label: %s has %d bytes, at most %d are allowed", f.name, len(f.value), maxLabelField)
		}
	}
	if l.Purpose == "" {
		return fmt.Errorf("label: purpose is empty")
	}
	if l.Version < 0 {
		return fmt.Errorf("label: version is negative")
	}
	return nil
}

// encode is injective: each field goes with its length in front.
func (l Label) encode(dst []byte) []byte {
	for _, s := range [...]string{l.Purpose, l.Keystore, l.Key, strconv.Itoa(l.Version), l.Type} {
		dst = binary.BigEndian.AppendUint16(dst, uint16(len(s)))
		dst = append(dst, s...)
	}
	return dst
}
