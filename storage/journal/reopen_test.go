package journal_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"twolock/keystore"
	"twolock/storage/journal"
)

func open(t *testing.T) (*journal.File, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "audit.log")
	j, err := journal.Open(path)
	must(t, err)
	t.Cleanup(func() { _ = j.Close() })
	return j, path
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func entry(caller string) keystore.Entry { return keystore.Entry{Caller: caller, Action: "sign"} }

// callers reads a journal: of each line its caller, "?" of one that is no entry.
func callers(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	must(t, err)
	if len(b) > 0 && b[len(b)-1] != '\n' {
		t.Errorf("%s ends within a line", path)
	}
	var all []string
	for line := range strings.Lines(string(b)) {
		var e keystore.Entry
		if json.Unmarshal([]byte(line), &e) != nil || e.Caller == "" {
			e.Caller = "?"
		}
		all = append(all, e.Caller)
	}
	return strings.Join(all, " ")
}

func TestAppend(t *testing.T) {
	j, path := open(t)
	must(t, j.Append(entry("a")))
	must(t, j.Close())
	if err := j.Append(entry("b")); err == nil {
		t.Error("an entry in a closed journal: no error")
	}
	j, err := journal.Open(path)
	must(t, err)
	defer j.Close()
	must(t, j.Append(entry("c")))
	if got := callers(t, path); got != "a c" {
		t.Errorf("got %s, want a c", got)
	}
	info, err := os.Stat(path)
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("its mode is %v", info.Mode())
	}
	if _, err := journal.Open(filepath.Join(path, "x")); err == nil {
		t.Error("opened below a file")
	}
}

// The file is moved away, to be kept; what follows goes to the file that was asked for, and nothing is lost between.
func TestReopen(t *testing.T) {
	j, path := open(t)
	must(t, j.Append(entry("a")))
	must(t, os.Rename(path, path+".1"))
	must(t, j.Append(entry("b")))
	must(t, j.Reopen())
	must(t, j.Append(entry("c")))
	if first, second := callers(t, path+".1"), callers(t, path); first != "a b" || second != "c" {
		t.Errorf("got %q and %q, want a b and c", first, second)
	}
	// Where it cannot, it goes on in the file that is open.
	must(t, os.Rename(path, path+".2"))
	must(t, os.Mkdir(path, 0o700))
	if err := j.Reopen(); err == nil {
		t.Error("opened a folder")
	}
	must(t, j.Append(entry("d")))
	if got := callers(t, path+".2"); got != "c d" {
		t.Errorf("got %q, want c d", got)
	}
}

// Entries of several writers stay whole and none is lost, while the file is moved away and opened anew.
func TestWritersAndReopen(t *testing.T) {
	j, path := open(t)
	const writers, each = 4, 200
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			for range each {
				if err := j.Append(entry("a")); err != nil {
					t.Error(err)
				}
			}
		})
	}
	files := []string{path}
	for i := range 20 {
		moved := path + "." + strconv.Itoa(i)
		must(t, os.Rename(path, moved))
		must(t, j.Reopen())
		files = append(files, moved)
	}
	wg.Wait()
	n := 0
	for _, f := range files {
		got := callers(t, f)
		n += strings.Count(got, "a")
		if strings.Contains(got, "?") {
			t.Errorf("%s has lines that are no entries: %s", f, got)
		}
	}
	if n != writers*each {
		t.Errorf("%d entries, want %d", n, writers*each)
	}
}
