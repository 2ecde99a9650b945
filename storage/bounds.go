package storage

import (
	"errors"
	"fmt"
)

// Bounds on what gets stored. Callers check their input against narrower ones; these keep a bug from filling a database.
const (
	maxID   = 128
	maxText = 2048 // a DID, a lock's id, a URL; below what a PostgreSQL index entry holds
	maxBlob = 1 << 20
	maxRows = 1000 // of one listing
)

var errLimit = fmt.Errorf("storage: limit must be between 1 and %d", maxRows)

// checkIDs refuses what is not a short id. An empty one above all: it must never come to mean "any".
func checkIDs(ids ...string) error {
	for _, id := range ids {
		if id == "" {
			return errors.New("storage: an id is empty")
		}
		if len(id) > maxID {
			return fmt.Errorf("storage: an id is longer than %d bytes", maxID)
		}
		for i := range len(id) {
			if c := id[i]; (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
				return errors.New("storage: an id has a character other than letters and digits")
			}
		}
	}
	return nil
}

// checkText refuses what the two databases would not keep alike: nothing, too much, other than printable ASCII.
func checkText(field, s string) error {
	if s == "" || len(s) > maxText {
		return fmt.Errorf("storage: %s has %d bytes, must have between 1 and %d", field, len(s), maxText)
	}
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return fmt.Errorf("storage: %s has a character other than printable ASCII", field)
		}
	}
	return nil
}

func checkBlob(field string, b []byte) error {
	if len(b) == 0 {
		return fmt.Errorf("storage: %s is empty", field)
	}
	return checkOptional(field, b)
}

func checkOptional(field string, b []byte) error {
	if len(b) > maxBlob {
		return fmt.Errorf("storage: %s has %d bytes, more than %d", field, len(b), maxBlob)
	}
	return nil
}

func checkSealings(sealings map[string][]byte) error {
	if len(sealings) == 0 {
		return errors.New("storage: there is no sealing")
	}
	for id, blob := range sealings {
		if err := errors.Join(checkText("a lock's id", id), checkBlob("a sealing", blob)); err != nil {
			return err
		}
	}
	return nil
}

func checkLimit(limit int) error {
	if limit < 1 || limit > maxRows {
		return errLimit
	}
	return nil
}
