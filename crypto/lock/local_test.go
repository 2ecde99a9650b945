package lock_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"twolock/crypto/lock"
)

func writeKeyFile(t testing.TB, content string, mode fs.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "master.key")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return path
}

var keyText = base64.RawURLEncoding.EncodeToString(testKey)

func openLocal(t testing.TB, path string) *lock.Local {
	t.Helper()
	l, err := lock.OpenLocal(path)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestOpenLocalTakesBase64URL(t *testing.T) {
	want := openLocal(t, writeKeyFile(t, keyText, 0o600)).ID()
	if !regexp.MustCompile(`^local:[0-9a-f]{16}$`).MatchString(want) {
		t.Errorf("id: got %q", want)
	}
	for name, content := range map[string]string{
		"line end": keyText + "\n", "DOS line end": keyText + "\r\n", "padding": keyText + "=", "both": keyText + "=\n",
	} {
		l, err := lock.OpenLocal(writeKeyFile(t, content, 0o400))
		if err != nil || l.ID() != want {
			t.Errorf("%s: got %v, %v; want id %s", name, l, err, want)
		}
	}
}

func TestOpenLocalRefusesContent(t *testing.T) {
	for name, content := range map[string]string{
		"empty": "", "line end only": "\n", "31 bytes": base64.RawURLEncoding.EncodeToString(testKey[:31]),
		"33 bytes":                base64.RawURLEncoding.EncodeToString(append(testKey[:32:32], 1)),
		"64 bytes":                base64.RawURLEncoding.EncodeToString(append(testKey[:32:32], testKey...)),
		"raw":                     string(testKey),
		"hexadecimal":             fmt.Sprintf("%x", testKey),
		"standard base64":         strings.Repeat("+/", 21) + "8",
		"bits left over":          keyText[:42] + "5",
		"space before":            " " + keyText,
		"space behind":            keyText + " ",
		"two line ends":           keyText + "\n\n",
		"line end inside":         keyText[:20] + "\n" + keyText[20:],
		"line end for one":        keyText[:20] + "\n" + keyText[21:],
		"31 bytes and a line end": strings.Repeat("A", 20) + "\n" + strings.Repeat("A", 22),
		"two paddings":            keyText + "==",
		"zero bytes":              strings.Repeat("\x00", 43),
		"a byte more":             keyText + "A",
		"1 MB":                    strings.Repeat("A", 1<<20),
		"JSON":                    `{"key":"` + keyText + `"}`,
	} {
		l, err := lock.OpenLocal(writeKeyFile(t, content, 0o600))
		if err == nil || l != nil {
			t.Errorf("%s: opens", name)
			continue
		}
		if !strings.Contains(err.Error(), "master.key") {
			t.Errorf("%s: %v does not name the file", name, err)
		}
		mustNotLeak(t, err.Error(), []byte(content[:min(len(content), 100)]))
	}
}

func TestOpenLocalRefusesModes(t *testing.T) {
	for mode := range fs.FileMode(0o1000) {
		_, err := lock.OpenLocal(writeKeyFile(t, keyText, mode))
		if good := mode == 0o600 || mode == 0o400; good != (err == nil) {
			t.Errorf("mode %#o: got %v", mode, err)
		}
	}
	for _, special := range []fs.FileMode{fs.ModeSetuid, fs.ModeSetgid, fs.ModeSticky} {
		if _, err := lock.OpenLocal(writeKeyFile(t, keyText, 0o600|special)); err == nil {
			t.Errorf("mode %v: opens", 0o600|special)
		}
	}
	_, err := lock.OpenLocal(writeKeyFile(t, keyText, 0o644))
	if err == nil || !strings.Contains(err.Error(), "0644") || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("got %v, want one that says the mode and what to do", err)
	}
}

func TestOpenLocalRefusesWhatIsNoFile(t *testing.T) {
	folder := t.TempDir()
	file := writeKeyFile(t, keyText, 0o600)
	link, dangling, pipe := filepath.Join(folder, "link"), filepath.Join(folder, "dangling"), filepath.Join(folder, "pipe")
	for name, err := range map[string]error{
		"link": os.Symlink(file, link), "dangling": os.Symlink(filepath.Join(folder, "none"), dangling), "pipe": syscall.Mkfifo(pipe, 0o600),
	} {
		if err != nil {
			t.Fatal(name, err)
		}
	}
	for path, says := range map[string]string{
		link: "symbolic link", dangling: "symbolic link", pipe: "not a regular file", folder: "not a regular file",
		"/dev/null": "not a regular file", filepath.Join(folder, "none"): "is not there", filepath.Join(file, "x"): "cannot be opened",
	} {
		done := make(chan error, 1)
		go func() { _, err := lock.OpenLocal(path); done <- err }()
		select {
		case err := <-done:
			if err == nil || !strings.Contains(err.Error(), says) {
				t.Errorf("%s: got %v, want one that says %q", path, err, says)
			}
		case <-time.After(5 * time.Second):
			t.Errorf("%s: hangs", path)
		}
	}
	if _, err := lock.OpenLocal(filepath.Join(folder, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: got %v, want fs.ErrNotExist", err)
	}
	// A link in the way there is the operator's own affair: that is how secrets are mounted.
	through := filepath.Join(folder, "through")
	if err := os.Symlink(filepath.Dir(file), through); err != nil {
		t.Fatal(err)
	}
	openLocal(t, filepath.Join(through, "master.key"))
}

func TestOpenLocalRefusesAnotherUsersFile(t *testing.T) {
	path := writeKeyFile(t, keyText, 0o600)
	if os.Geteuid() != 0 {
		// Only root can give files away; who is not root cannot read another's file of mode 0600, and that is the check.
		if _, err := lock.OpenLocal("/etc/shadow"); err == nil {
			t.Error("/etc/shadow opens")
		}
		return
	}
	if err := os.Chown(path, 12345, 12345); err != nil {
		t.Fatal(err)
	}
	if _, err := lock.OpenLocal(path); err == nil || !strings.Contains(err.Error(), "12345") {
		t.Errorf("got %v, want one that names the owner", err)
	}
}

func TestLocalSealsAndOpens(t *testing.T) {
	ctx := context.Background()
	l := openLocal(t, writeKeyFile(t, keyText, 0o600))
	blob, err := l.Seal(ctx, testText, testLabel)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := l.Open(ctx, blob, testLabel); err != nil || !bytes.Equal(got, testText) {
		t.Errorf("got %q, %v", got, err)
	}
	for name, other := range otherLabels() {
		if _, err := l.Open(ctx, blob, other); !errors.Is(err, lock.ErrOpen) {
			t.Errorf("label with another %s: got %v, want ErrOpen", name, err)
		}
	}
	another := openLocal(t, writeKeyFile(t, base64.RawURLEncoding.EncodeToString(make([]byte, 32)), 0o600))
	if _, err := another.Open(ctx, blob, testLabel); !errors.Is(err, lock.ErrOpen) || another.ID() == l.ID() {
		t.Errorf("another key: got %v, id %s", err, another.ID())
	}
	mustNotLeak(t, fmt.Sprintf("%v %+v %#v %v %+v", l, l, l, *l, *l)+l.ID(), testKey)
	l.Wipe()
	if _, err := l.Open(ctx, blob, testLabel); !errors.Is(err, lock.ErrWiped) {
		t.Errorf("after Wipe: got %v", err)
	}
}

func TestCreateLocalMakesAKey(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "master.key")
	created, err := lock.CreateLocal(path)
	if err != nil || !created {
		t.Fatalf("got %v, %v", created, err)
	}
	info, err := os.Lstat(path)
	if err != nil || info.Mode() != 0o600 || info.Size() != 44 {
		t.Errorf("got %v, %v", info, err)
	}
	id := openLocal(t, path).ID()
	created, err = lock.CreateLocal(path)
	if err != nil || created || openLocal(t, path).ID() != id {
		t.Errorf("again: created %v, %v, id %s; want the same file", created, err, openLocal(t, path).ID())
	}
	onlyFile(t, folder, "master.key")
	other := filepath.Join(t.TempDir(), "master.key")
	if _, err := lock.CreateLocal(other); err != nil || openLocal(t, other).ID() == id {
		t.Errorf("another: %v, or the same key", err)
	}
}

func TestCreateLocalMakesMode0600WhateverTheUmask(t *testing.T) {
	for _, mask := range []int{0, 0o777} {
		old := syscall.Umask(mask)
		path := filepath.Join(t.TempDir(), "master.key")
		_ = os.Chmod(filepath.Dir(path), 0o700)
		_, err := lock.CreateLocal(path)
		syscall.Umask(old)
		if err != nil {
			t.Fatal(err)
		}
		openLocal(t, path)
	}
}

func TestCreateLocalTouchesNothing(t *testing.T) {
	folder := t.TempDir()
	for name, prepare := range map[string]func(string) error{
		"key":           func(p string) error { return os.WriteFile(p, []byte(keyText), 0o600) },
		"empty":         func(p string) error { return os.WriteFile(p, nil, 0o600) },
		"wrong mode":    func(p string) error { return os.WriteFile(p, []byte("x"), 0o444) },
		"folder":        func(p string) error { return os.Mkdir(p, 0o700) },
		"dangling link": func(p string) error { return os.Symlink(filepath.Join(folder, "elsewhere"), p) },
	} {
		path := filepath.Join(folder, name)
		if err := prepare(path); err != nil {
			t.Fatal(err)
		}
		before, err := os.Lstat(path)
		if err != nil {
			t.Fatal(err)
		}
		created, err := lock.CreateLocal(path)
		after, statErr := os.Lstat(path)
		if err != nil || created || statErr != nil || !os.SameFile(before, after) || after.Mode() != before.Mode() ||
			after.Size() != before.Size() || !after.ModTime().Equal(before.ModTime()) {
			t.Errorf("%s: created %v, %v; before %v, after %v", name, created, err, before, after)
		}
	}
	if _, err := os.Lstat(filepath.Join(folder, "elsewhere")); !errors.Is(err, fs.ErrNotExist) {
		t.Error("made a file through the link")
	}
}

func TestCreateLocalSaysWhyItCannot(t *testing.T) {
	folder := t.TempDir()
	if created, err := lock.CreateLocal(filepath.Join(folder, "none", "master.key")); created || err == nil ||
		!strings.Contains(err.Error(), "make it first") {
		t.Errorf("no folder: got %v, %v", created, err)
	}
	if created, err := lock.CreateLocal("/proc/master.key"); created || err == nil {
		t.Errorf("folder that takes no files: got %v, %v", created, err)
	}
	file := writeKeyFile(t, keyText, 0o600)
	if created, err := lock.CreateLocal(filepath.Join(file, "master.key")); created || err == nil {
		t.Errorf("file as folder: got %v, %v", created, err)
	}
}

// What a power cut at any moment would leave is what a reader sees at that moment, as far as a test without power can tell:
// no file, or one that opens.
func TestCreateLocalIsWholeFromTheFirstMoment(t *testing.T) {
	for range 20 {
		path := filepath.Join(t.TempDir(), "master.key")
		var stop atomic.Bool
		var readers sync.WaitGroup
		for range 2 {
			readers.Go(func() {
				for !stop.Load() {
					if _, err := lock.OpenLocal(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
						t.Errorf("a reader saw: %v", err)
						return
					}
				}
			})
		}
		if _, err := lock.CreateLocal(path); err != nil {
			t.Error(err)
		}
		stop.Store(true)
		readers.Wait()
	}
}

func TestEightCreatorsMakeOneKey(t *testing.T) {
	for range 20 {
		folder := t.TempDir()
		path := filepath.Join(folder, "master.key")
		var makers atomic.Int32
		var creators sync.WaitGroup
		ids := make([]string, 8)
		start := make(chan struct{})
		for i := range ids {
			creators.Go(func() {
				<-start
				created, err := lock.CreateLocal(path)
				if err != nil {
					t.Error(err)
					return
				}
				if created {
					makers.Add(1)
				}
				if l, err := lock.OpenLocal(path); err != nil {
					t.Error(err)
				} else {
					ids[i] = l.ID()
				}
			})
		}
		close(start)
		creators.Wait()
		for _, id := range ids {
			if id != ids[0] || id == "" {
				t.Fatalf("ids: %q", ids)
			}
		}
		if makers.Load() != 1 {
			t.Errorf("%d made it", makers.Load())
		}
		onlyFile(t, folder, "master.key")
	}
}

// Processes share no memory: only the file system can make them agree. The test's own program is the other process.
func TestProcessesMakeOneKey(t *testing.T) {
	if path := os.Getenv("LOCK_TEST_CREATE"); path != "" {
		if _, err := lock.CreateLocal(path); err != nil {
			t.Fatal(err)
		}
		fmt.Println("id=" + openLocal(t, path).ID())
		return
	}
	folder := t.TempDir()
	path := filepath.Join(folder, "master.key")
	out := make([][]byte, 6)
	var processes sync.WaitGroup
	for i := range out {
		processes.Go(func() {
			c := exec.Command(os.Args[0], "-test.run=^TestProcessesMakeOneKey$", "-test.v")
			c.Env = append(os.Environ(), "LOCK_TEST_CREATE="+path)
			var err error
			if out[i], err = c.CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out[i])
			}
		})
	}
	processes.Wait()
	want := "id=" + openLocal(t, path).ID()
	for _, o := range out {
		if !strings.Contains(string(o), want) {
			t.Errorf("got %s, want %s", o, want)
		}
	}
	onlyFile(t, folder, "master.key")
}

func onlyFile(t *testing.T, folder, name string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 1 || entries[0].Name() != name {
		t.Errorf("folder: %v, %v; want %s only", entries, err, name)
	}
}
