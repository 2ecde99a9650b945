// Package web_test runs the tests of the JavaScript client, and unmodified clients of others, with Node against a real server over TLS.
package web_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"twolock/crypto/lock"
)

//go:generate ../node_modules/.bin/tsc -p client

// The tests in JavaScript, each file in a process of its own. None may be skipped.
func TestClient(t *testing.T) {
	requireModules(t)
	files := sources(t, "client/*.test.js")
	s := serve(t)
	node := exec.Command("node", append([]string{"--no-warnings", "--test", "--test-reporter=tap"}, files...)...)
	node.Env = append(os.Environ(), "TWOLOCK_URL="+s.url, "TWOLOCK_IDENTITY="+s.operator, "NODE_EXTRA_CA_CERTS="+s.certificate)
	out, err := node.CombinedOutput()
	if err != nil {
		t.Fatalf("node --test: %v\n%s\nthe server's log:\n%s", err, out, s.log())
	}
	for _, line := range []string{"\n# fail 0\n", "\n# skipped 0\n", "\n# todo 0\n", "\n# cancelled 0\n"} {
		if !strings.Contains(string(out), line) {
			t.Errorf("node --test does not say %q:\n%s", strings.TrimSpace(line), out)
		}
	}
}

// Shares of ours are joined in JavaScript, and its shares here.
func TestSharesBothWays(t *testing.T) {
	sources(t, "testdata/shares.js")
	for range 8 {
		secret := lock.Generate32()
		shares, err := lock.SplitSecret(secret, 5, 3)
		if err != nil {
			t.Fatal(err)
		}
		in, err := json.Marshal(shares[2:])
		if err != nil {
			t.Fatal(err)
		}
		node := exec.Command("node", "testdata/shares.js")
		node.Stdin = bytes.NewReader(in)
		out, err := node.Output()
		if err != nil {
			t.Fatalf("node: %v: %s", err, stderrOf(err))
		}
		var answer struct {
			Joined []byte
			Shares [][]byte
		}
		if err := json.Unmarshal(out, &answer); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(answer.Joined, secret) {
			t.Error("JavaScript joins our shares to another secret")
		}
		for _, some := range [][][]byte{answer.Shares[:3], answer.Shares[1:], {answer.Shares[3], answer.Shares[0], answer.Shares[2]}} {
			if got, err := lock.JoinShares(some); err != nil || !bytes.Equal(got, secret) {
				t.Errorf("JavaScript's shares join to another secret here: %v", err)
			}
		}
		if got, err := lock.JoinShares(answer.Shares[:2]); err != nil || bytes.Equal(got, secret) {
			t.Errorf("two of JavaScript's shares join to the secret, of which three are needed: %v", err)
		}
	}
}

// The sources are of the types that they say, and the declarations in client/types are theirs.
func TestTypes(t *testing.T) {
	requireModules(t)
	sources(t, "client/*.js")
	dir := t.TempDir()
	tsc := exec.Command("../node_modules/.bin/tsc", "-p", "client", "--outDir", dir)
	if out, err := tsc.CombinedOutput(); err != nil {
		t.Fatalf("tsc: %v\n%s", err, out)
	}
	fresh, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	if len(fresh) == 0 {
		t.Fatal("tsc wrote no declarations")
	}
	committed := sources(t, "client/types/*")
	if len(committed) != len(fresh) {
		t.Errorf("client/types has %d files, want %d: run go generate ./web", len(committed), len(fresh))
	}
	for _, path := range fresh {
		name := filepath.Join("client/types", filepath.Base(path))
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(name); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is stale (%v): run go generate ./web", name, err)
		}
	}
}

// Who uses the client gets it by the package's name, gets nothing else with it, and needs nothing else for it.
func TestPackage(t *testing.T) {
	data, err := os.ReadFile("../package.json")
	if err != nil {
		t.Fatal(err)
	}
	var p struct {
		Exports      map[string]map[string]string
		Dependencies map[string]string
	}
	if err := json.Unmarshal(data, &p); err != nil {
		t.Fatal(err)
	}
	if len(p.Dependencies) != 0 {
		t.Errorf("package.json has dependencies %v; the client has none", p.Dependencies)
	}
	if len(p.Exports["."]) != 2 {
		t.Errorf("package.json exports %v, want types and default", p.Exports)
	}
	for _, path := range p.Exports["."] {
		if _, err := os.Stat(filepath.Join("..", path)); err != nil {
			t.Errorf("package.json exports what is not there: %v", err)
		}
	}
	for _, path := range sources(t, "client/*.js") {
		if strings.HasSuffix(path, ".test.js") || path == "client/testing.js" {
			continue
		}
		source, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.SplitSeq(string(source), "\n") {
			if _, from, found := strings.Cut(line, " from '"); found && !strings.HasPrefix(from, "./") {
				t.Errorf("%s imports %q, which browsers do not have", path, strings.TrimSuffix(from, "';"))
			}
		}
	}
}

// requireModules fails with what is to be done where npm has not installed what the tests use.
func requireModules(t *testing.T) {
	t.Helper()
	for _, module := range []string{"typescript", "@urql/core", "@apollo/client", "@digitalbazaar/ezcap"} {
		if _, err := os.Stat(filepath.Join("..", "node_modules", module)); err != nil {
			t.Fatalf("node_modules has no %s: run npm ci in the project's folder", module)
		}
	}
}

// sources lists files, and lets the test's cached result depend on what is in them: what Node reads is not seen otherwise.
func sources(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("there is no %s (%v)", pattern, err)
	}
	related, err := filepath.Glob("client/*.js")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range slices.Concat(files, related) {
		if _, err := os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

func stderrOf(err error) []byte {
	if e, ok := errors.AsType[*exec.ExitError](err); ok {
		return e.Stderr
	}
	return nil
}
