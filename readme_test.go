package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"twolock/crypto/key"
)

// The README's first screen is a shell session; it is run as it is written.
func TestReadmeSession(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	must(t, err)
	blocks := regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(string(readme), -1)
	if len(blocks) != 2 || blocks[0][1] != "make run\n" {
		t.Fatalf("README has %d shell blocks; the first is to be make run, the second the session", len(blocks))
	}
	dir := t.TempDir()
	must(t, os.Mkdir(filepath.Join(dir, "bin"), 0o700))
	build := exec.Command("go", "build", "-o", filepath.Join(dir, "bin", "twolock"), ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v: %s", err, out)
	}
	address := free(t)
	n := start(t, "--listen", address, "--data-dir", filepath.Join(dir, "data"))
	session := exec.Command("bash", "-euo", "pipefail", "-c", blocks[1][1])
	session.Dir = dir
	session.Env = append(os.Environ(), "TWOLOCK_URL="+n.url)
	var out, errs bytes.Buffer
	session.Stdout, session.Stderr = &out, &errs
	if err := session.Run(); err != nil {
		t.Fatalf("the README's session: %v\n%s\n%s", err, out.String(), errs.String())
	}
	for _, want := range []string{"did:key:z6Mk", "\nvalid\n", "\n2\nvalid\n", `"multikey": "z6Mk`, "attack at dawn"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the session's output lacks %q:\n%s", want, out.String())
		}
	}
	if errs.Len() > 0 {
		t.Errorf("the session wrote to standard error: %s", errs.String())
	}
}

// The README's table of types says what the code can do; commands stand for operations.
func TestReadmeTypes(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	must(t, err)
	_, section, _ := strings.Cut(string(readme), "## The keys")
	section, _, _ = strings.Cut(section, "\n## ")
	command := map[key.Operation]string{
		key.OpComputeMAC: "mac", key.OpVerifyMAC: "verify-mac", key.OpWrapKey: "wrap", key.OpUnwrapKey: "unwrap",
		key.OpDeriveSecret: "agree", key.OpDeriveKey: "derive",
	}
	var got []string
	for _, row := range regexp.MustCompile("(?m)^\\| (`[A-Z0-9_` ]+`) \\| ([a-z, -]+) \\|").FindAllStringSubmatch(section, -1) {
		for kind := range strings.FieldsSeq(row[1]) {
			got = append(got, strings.Trim(kind, "`")+": "+row[2])
		}
	}
	var want []string
	for _, kind := range key.Types() {
		var can []string
		for _, o := range kind.Operations() {
			name := command[o]
			if name == "" {
				name = strings.ToLower(string(o))
			}
			can = append(can, name)
		}
		want = append(want, string(kind)+": "+strings.Join(can, ", "))
	}
	if !slices.Equal(got, want) {
		t.Errorf("the README's types:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
