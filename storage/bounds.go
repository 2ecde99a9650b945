package storage

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"twolock/keystore"
)

// Bounds on what gets stored. Callers check their input against narrower ones; these keep a bug from filling a database.
const (
	maxID   = 128
	maxText = 2048 // a DID, a lock's id, a URL; below what a PostgreSQL index entry holds
	maxBlob = 1 << 20
	maxRows = 1000 // of one listing

	maxName        = 128 // characters, as the next ones
	maxDescription = 1024
	maxTags        = 20
	maxTagName     = 64
	maxTagValue    = 256
	maxList        = 100 // operations, algorithms or types
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

// checkLine refuses text that the two databases would not keep alike, or that is longer than a number of characters. It may be empty.
func checkLine(field, s string, most int) error {
	if !utf8.ValidString(s) || utf8.RuneCountInString(s) > most || strings.ContainsFunc(s, unicode.IsControl) {
		return fmt.Errorf("storage: %s has %d bytes, must be UTF-8 without control characters, of at most %d characters", field, len(s), most)
	}
	return nil
}

func checkLabel(l keystore.Label) error {
	err := errors.Join(checkLine("a name", l.Name, maxName), checkLine("a description", l.Description, maxDescription))
	if len(l.Tags) > maxTags {
		return errors.Join(err, fmt.Errorf("storage: there are %d tags, must be at most %d", len(l.Tags), maxTags))
	}
	for i, t := range l.Tags {
		if err = errors.Join(err, checkTag(t)); i > 0 && l.Tags[i-1].Name >= t.Name {
			err = errors.Join(err, errors.New("storage: the tags are not in the order of their names, each of which comes once"))
		}
	}
	return err
}

func checkTag(t keystore.Tag) error {
	if t.Name == "" {
		return errors.New("storage: a tag's name is empty")
	}
	return errors.Join(checkLine("a tag's name", t.Name, maxTagName), checkLine("a tag's value", t.Value, maxTagValue))
}

// checkState refuses what is not a stored state: that a deletion is pending is told by its time.
func checkState(s keystore.KeyState) error {
	if s != keystore.KeyEnabled && s != keystore.KeyDisabled {
		return errors.New("storage: a state is neither ENABLED nor DISABLED")
	}
	return nil
}

// checkList refuses names of operations, algorithms and types that nothing has.
func checkList[T ~string](field string, all []T) error {
	if len(all) > maxList {
		return fmt.Errorf("storage: %s has %d members, must have at most %d", field, len(all), maxList)
	}
	for _, one := range all {
		if err := checkText(field, string(one)); err != nil {
			return err
		}
	}
	return nil
}

func checkMeta(m keystore.KeyMeta) error {
	err := errors.Join(checkState(m.State), checkLabel(m.Label), checkList("a list of operations", m.Operations),
		checkList("a list of algorithms", m.Algorithms), checkOptional("a tag", m.MetaTag))
	if m.Revision < 1 {
		err = errors.Join(err, errors.New("storage: a key's revision is below 1"))
	}
	if m.Oldest < 1 || m.Newest < m.Oldest || m.Newest > math.MaxInt32 {
		err = errors.Join(err, errors.New("storage: a key's oldest and newest version are below 1, or out of order"))
	}
	if m.MinVerify < 0 || m.MinVerify > m.Newest || m.MinDecrypt < 0 || m.MinDecrypt > m.Newest {
		err = errors.Join(err, errors.New("storage: a key's least version is none of it"))
	}
	if p := m.RotationPeriod; p < 0 || p%time.Second != 0 || p > math.MaxInt32*time.Second {
		err = errors.Join(err, errors.New("storage: a rotation period is not a number of seconds"))
	}
	return err
}

// checkVersion refuses a version that is not complete, or not between the key's oldest and the newest one given.
func checkVersion(m keystore.KeyMeta, v keystore.KeyVersion, newest int) error {
	err := errors.Join(checkOptional("a public key", v.PublicKey), checkBlob("a sealed key", v.Sealed), checkOptional("a request", v.VersionRequest),
		checkBlob("a tag", v.Tag))
	if v.Version < m.Oldest || v.Version > newest {
		err = errors.Join(err, errors.New("storage: a version is not between the key's oldest and newest"))
	}
	return err
}

func checkKey(k keystore.KeyRecord, older []keystore.KeyVersion) error {
	err := errors.Join(checkIDs(k.Keystore, k.ID), checkText("a key's type", string(k.Type)), checkOptional("a request", k.Request), checkMeta(k.KeyMeta),
		checkVersion(k.KeyMeta, k.KeyVersion, k.Newest))
	if k.Version != k.Newest {
		err = errors.Join(err, errors.New("storage: a key comes with another version than its newest"))
	}
	for _, v := range older {
		err = errors.Join(err, checkVersion(k.KeyMeta, v, k.Newest-1))
	}
	return err
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
