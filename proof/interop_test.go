package proof_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	twolock "twolock/crypto/key"
)

// The peers that run in Node, each file in a process of its own. None may be skipped, and no type of keys may be left out.
func TestNode(t *testing.T) {
	for _, module := range []string{"jose", "libsodium-wrappers", "@noble/post-quantum", "@noble/ciphers", "@noble/curves", "@hpke/core", "@hpke/chacha20poly1305", "didcomm-node"} {
		if _, err := os.Stat(filepath.Join("../node_modules", module)); err != nil {
			t.Fatalf("node_modules has no %s: run npm ci in the project's folder", module)
		}
	}
	files, err := filepath.Glob("interop/*.test.js")
	if err != nil || len(files) == 0 {
		t.Fatalf("there is no interop/*.test.js (%v)", err)
	}
	s := start(t, "sqlite:"+filepath.Join(t.TempDir(), "twolock.db"))
	identity, err := s.operator.MarshalFile()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "operator.json")
	if err := os.WriteFile(path, identity, 0o600); err != nil {
		t.Fatal(err)
	}
	node := exec.Command("node", append([]string{"--no-warnings", "--test", "--test-reporter=tap"}, files...)...)
	node.Env = append(os.Environ(), "TWOLOCK_KEYSTORE="+s.keystore, "TWOLOCK_IDENTITY="+path)
	out, err := node.CombinedOutput()
	if err != nil {
		t.Fatalf("node --test: %v\n%s\nthe server's log:\n%s", err, failures(out), s.log)
	}
	for _, line := range []string{"\n# fail 0\n", "\n# skipped 0\n", "\n# todo 0\n", "\n# cancelled 0\n"} {
		if !strings.Contains(string(out), line) {
			t.Errorf("node --test does not say %q:\n%s", strings.TrimSpace(line), out)
		}
	}
	passed := map[string]int{}
	for _, m := range regexp.MustCompile(`(?m)^\s*ok \d+ - ([A-Z0-9_]+): `).FindAllSubmatch(out, -1) {
		passed[string(m[1])]++
	}
	for _, typ := range twolock.Types() {
		if passed[string(typ)] == 0 {
			t.Errorf("%s: no test of another implementation", typ)
		}
	}
	t.Logf("tests by type: %v", passed)
}

// failures leaves out what went well.
func failures(tap []byte) []byte {
	return regexp.MustCompile(`(?m)^\s*ok \d+ .*\n(\s*---\n(.*\n)*?\s*\.\.\.\n)?`).ReplaceAll(bytes.ReplaceAll(tap, []byte("\r"), nil), nil)
}
