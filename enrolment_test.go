package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Invariant 6 for who becomes an operator: without its audit entry nobody does, and the link is as good as before.
func TestInvariantEnrolmentIsAudited(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	flags := at(free(t), []string{"--data-dir", w.dir})
	w.database = "sqlite:" + filepath.Join(w.dir, "twolock.db")
	enrol := func(n *node) error {
		t.Helper()
		link, err := os.ReadFile(filepath.Join(w.dir, "operator-enrolment"))
		must(t, err)
		_, token, _ := strings.Cut(strings.TrimSpace(string(link)), "#enrol=")
		return as(w.alice).Do(context.Background(), n.url+"/graphql", "enrolOperator",
			`mutation($input: EnrolOperatorInput!) { enrolOperator(input: $input) { operator } }`, input(object{"token": token}), nil)
	}
	n := start(t, append(flags, "--audit-log", "/dev/full")...)
	for range 2 {
		wantCode(t, "enrolOperator without an audit entry", enrol(n), "INTERNAL")
	}
	if got := w.open(t).count(t, "SELECT COUNT(*) FROM operators"); got != 0 {
		t.Fatalf("%d operators", got)
	}
	n.stop()
	n = start(t, flags...)
	must(t, enrol(n))
	audit, err := os.ReadFile(filepath.Join(w.dir, "audit.log"))
	must(t, err)
	if !strings.Contains(string(audit), `"action":"enrolOperator"`) || !strings.Contains(string(audit), w.alice.DID()) {
		t.Errorf("the audit log: %s", audit)
	}
}
