//go:build unix

package journal_test

import (
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"twolock/storage/journal"
)

const tornEnv = "TWOLOCK_TEST_TORN"

// A disk that is full takes half a line. The next entry that it takes begins a line of its own: else both would be unreadable.
func TestHalfALine(t *testing.T) {
	if dir := os.Getenv(tornEnv); dir != "" {
		tear(t, dir)
		return
	}
	// A process of its own has the limit, for it counts for every file that it writes.
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0], "-test.run=^TestHalfALine$")
	cmd.Env = append(os.Environ(), tornEnv+"="+dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if got := callers(t, filepath.Join(dir, "audit.log.1")); got != "a ? d e" {
		t.Errorf("got %q, want a, half a line, d and e", got)
	}
	b, err := os.ReadFile(filepath.Join(dir, "audit.log"))
	must(t, err)
	if !strings.HasPrefix(string(b), "{") || callers(t, filepath.Join(dir, "audit.log")) != "g" {
		t.Errorf("a new file begins as one that is torn: %q", b)
	}
}

func tear(t *testing.T, dir string) {
	signal.Ignore(syscall.SIGXFSZ)
	path := filepath.Join(dir, "audit.log")
	j, err := journal.Open(path)
	must(t, err)
	must(t, j.Append(entry("a")))
	full := func() (mended func()) {
		t.Helper()
		info, err := os.Stat(path)
		must(t, err)
		var before syscall.Rlimit
		must(t, syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before))
		small := before
		small.Cur = uint64(info.Size()) + 20
		must(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &small))
		return func() { must(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before)) }
	}
	mended := full()
	for _, caller := range []string{"b", "c"} { // the second finds no room at all
		if err := j.Append(entry(caller)); err == nil {
			t.Fatalf("%s: no error on a full disk", caller)
		}
	}
	mended()
	must(t, j.Append(entry("d")))
	must(t, j.Append(entry("e")))
	// One that is torn when it is moved away leaves no trace in the next.
	mended = full()
	if err := j.Append(entry("f")); err == nil {
		t.Fatal("f: no error on a full disk")
	}
	mended()
	must(t, os.Truncate(path, int64(len(first(t, path, 4)))))
	must(t, os.Rename(path, path+".1"))
	must(t, j.Reopen())
	must(t, j.Append(entry("g")))
	must(t, j.Close())
}

// first are the first lines of a file.
func first(t *testing.T, path string, lines int) string {
	t.Helper()
	b, err := os.ReadFile(path)
	must(t, err)
	return strings.Join(strings.SplitAfter(string(b), "\n")[:lines], "")
}
