package journal_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"twolock/keystore"
	"twolock/storage/journal"
)

// Half a line that a power cut left spoils no entry that is written later.
func TestTornLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.log")
	write := func(action string) {
		t.Helper()
		j, err := journal.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := j.Append(keystore.Entry{Action: action}); err != nil {
			t.Fatal(err)
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
	write("first")
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(`{"action":"ha`); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	write("second")
	write("third")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var actions []string
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	for _, line := range lines {
		var e keystore.Entry
		if json.Unmarshal([]byte(line), &e) == nil {
			actions = append(actions, e.Action)
		}
	}
	if got := strings.Join(actions, " "); got != "first second third" || len(lines) != 4 {
		t.Errorf("entries %q in %d lines:\n%s", got, len(lines), text)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, error %v", info.Mode(), err)
	}
}
