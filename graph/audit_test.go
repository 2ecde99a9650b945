package graph_test

import (
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"twolock/keystore"
	"twolock/server/servertest"
	"twolock/storage"
)

// Invariant 6: an operation whose audit entry cannot be written does not happen. The matrix is made from the schema: every field but the ones that only
// read asks the journal once, before anything else, and when that refuses, nothing is answered and nothing written.
func TestInvariantNothingHappensWithoutItsEntry(t *testing.T) {
	s := newSetup(t)
	s.openEnrolment(t)
	written := s.writes(t)
	checked := 0
	for _, o := range s.fields {
		if o.action == "" || o.action == "read" || o.action == "enrolOperator" { // this takes a token that is right, and has a test of its own
			continue
		}
		checked++
		var asked []keystore.Entry
		s.Journal.Break(func(e keystore.Entry) error {
			asked = append(asked, e)
			return errors.New("the disk is full")
		})
		before := written()
		a := s.Do(servertest.As(s.Alice), o.url(s.URL, s.alices), o.action, o.document, o.variables(t, s.alices))
		if a.Code() != "INTERNAL" || strings.Contains(string(a.Body), "disk") || strings.Contains(string(a.Data), "__typename") {
			t.Errorf("%s without an audit entry: got %d %s, want INTERNAL and no data", o.field.Name, a.Status, a.Body)
		}
		if len(asked) != 1 || asked[0].Action != o.action {
			t.Errorf("%s: the journal was asked for %+v, want one entry of %s", o.field.Name, asked, o.action)
		}
		if written() != before {
			t.Errorf("%s without an audit entry: the database was written", o.field.Name)
		}
	}
	t.Logf("%d operations", checked)
	if checked < 30 {
		t.Errorf("only %d operations", checked)
	}
	s.Journal.Break(nil)
	before := written()
	if s.Key(s.alices.keystore, "ED25519"); written() == before {
		t.Error("a key was made, and this test did not see the database written")
	}
}

// openEnrolment has the token that the operations are given enrol.
func (s *setup) openEnrolment(t *testing.T) {
	t.Helper()
	db, err := storage.Open(t.Context(), s.DSN)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	token, err := base64.RawURLEncoding.DecodeString("AAAA")
	if err != nil {
		t.Fatal(err)
	}
	hash := sha256.Sum256(token)
	if err := db.SetEnrolment(t.Context(), hash[:]); err != nil {
		t.Fatal(err)
	}
}

// writes returns a function that tells a database that was written from one that was not.
func (s *setup) writes(t *testing.T) func() string {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+strings.TrimPrefix(s.DSN, "sqlite:"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	db.SetMaxOpenConns(1) // SQLite counts what others wrote since this connection looked
	return func() (version string) {
		t.Helper()
		if err := db.QueryRow("PRAGMA data_version").Scan(&version); err != nil {
			t.Fatal(err)
		}
		return version
	}
}
