package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"twolock/crypto/key"
)

// run runs the program with the arguments, as a shell would.
func run(t *testing.T, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	p := &program{strings.NewReader(stdin), &out, &errs, func(string) string { return "" }, time.Now}
	code = p.run(context.Background(), args)
	return code, out.String(), errs.String()
}

func ok(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	code, out, errs := run(t, stdin, args...)
	if code != 0 || errs != "" {
		t.Fatalf("twolock %q: exit %d: %s", args, code, errs)
	}
	return strings.TrimSuffix(out, "\n")
}

// A user's whole day on the command line: shares, a vault, a delegate.
func TestCommands(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	file := func(name string) string { return filepath.Join(w.dir, name) }
	n := start(t, at("", w.flags("local"))...)
	alice, err := w.alice.MarshalFile()
	must(t, err)
	must(t, os.WriteFile(file("alice.json"), alice, 0o600))
	who := []string{"--identity", file("alice.json")}
	with := func(args ...string) []string { return append(args, who...) }
	if got := ok(t, "", with("identity", "show")...); got != w.alice.DID() {
		t.Errorf("identity show: %s", got)
	}

	ok(t, "", "share", "new", "--out", file("mine"), "--out", file("auth"), "--out", file("recovery"))
	second, err := os.ReadFile(file("auth"))
	must(t, err)
	share, err := decodeStd(string(second))
	must(t, err)
	w.auth.Put(w.alice.DID(), share)
	vault, _ := w.vault(n.did, time.Now().Add(time.Hour))
	must(t, os.WriteFile(file("vault.json"), []byte(ok(t, "", with("capability", "delegate", "--root", vault, "--target", vault+"/documents", "--to", n.did, "--action", "read", "--action", "write")...)), 0o600))
	keystore := ok(t, "", with("keystore", "create", "--url", n.url, "--user-lock", "SHAMIR", "--share", file("mine"), "--vault", vault, "--vault-capability", file("vault.json"))...)
	var shown struct{ UserLock, VaultURL string }
	must(t, json.Unmarshal([]byte(ok(t, "", with("keystore", "show", keystore)...)), &shown))
	if shown.UserLock != "SHAMIR" || shown.VaultURL != vault {
		t.Errorf("keystore show: %+v", shown)
	}
	key := ok(t, "", with("key", "create", "--keystore", keystore, "--type", "ECDSA_P256", "--share", file("mine"))...)
	signature := ok(t, "hello", with("sign", "--key", key, "--share", file("mine"))...)
	if got := ok(t, "hello", with("verify", "--key", key, "--signature", signature, "--share", file("mine"), "--share", file("recovery"))...); got != "valid" {
		t.Errorf("verify: %s", got)
	}
	if code, out, errs := run(t, "other", with("verify", "--key", key, "--signature", signature, "--share", file("mine"))...); code != 1 || out != "invalid\n" || errs != "" {
		t.Errorf("verify of another message: exit %d, %q, %q", code, out, errs)
	}
	if got := ok(t, "", with("key", "list", "--keystore", keystore)...); got != key+"\tECDSA_P256\tENABLED\t" {
		t.Errorf("key list: %q", got)
	}
	must(t, os.WriteFile(file("vault2.json"), []byte(ok(t, "", with("capability", "delegate", "--root", vault, "--target", vault+"/documents", "--to", n.did, "--action", "read", "--action", "write", "--lifetime", "48h")...)), 0o600))
	ends, err := time.Parse(time.RFC3339, ok(t, "", with("keystore", "update-vault-capability", keystore, "--vault-capability", file("vault2.json"))...))
	if err != nil || time.Until(ends) < 47*time.Hour {
		t.Errorf("update-vault-capability: %v, %v", ends, err)
	}

	// A delegate signs, and does nothing else.
	bob := ok(t, "", "identity", "new", "--out", file("bob.json"))
	must(t, os.WriteFile(file("bob.cap"), []byte(ok(t, "", with("capability", "delegate", "--target", key, "--to", bob, "--action", "sign")...)), 0o600))
	ok(t, "hello", "sign", "--identity", file("bob.json"), "--capability", file("bob.cap"), "--key", key, "--share", file("mine"))
	if code, _, errs := run(t, "", "key", "show", key, "--identity", file("bob.json"), "--capability", file("bob.cap")); code != 1 || !strings.Contains(errs, "FORBIDDEN") {
		t.Errorf("a delegate for sign reads: exit %d, %s", code, errs)
	}
	answer := ok(t, "", with("call", "--url", key, "--action", "read", "--variables", `{"id":"`+key+`"}`, readKey)...)
	if !strings.HasPrefix(answer, `{"data":{"key":{"id":"`+key) {
		t.Errorf("call: %s", answer)
	}
	if code, out, _ := run(t, "", with("call", "--url", key, "--action", "sign", "--variables", `{"id":"`+key+`"}`, readKey)...); code != 1 || !strings.Contains(out, `"errors"`) {
		t.Errorf("call with the wrong action: exit %d, %s", code, out)
	}
	aes := ok(t, "", with("key", "create", "--keystore", keystore, "--type", "AES_256_GCM", "--share", file("mine"))...)
	sealed := ok(t, "attack\n\n", with("encrypt", "--key", aes, "--aad", "a", "--share", file("mine"))...)
	if code, out, errs := run(t, sealed, with("decrypt", "--key", aes, "--aad", "a", "--share", file("mine"))...); code != 0 || out != "attack\n\n" {
		t.Errorf("decrypt: exit %d, %q, %s", code, out, errs)
	}
}

// A server without an Auth server says so to anybody, and takes two shares with each request.
func TestSharesWithoutAuthServer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	file := func(name string) string { return filepath.Join(w.dir, name) }
	alice, err := w.alice.MarshalFile()
	must(t, err)
	must(t, os.WriteFile(file("alice.json"), alice, 0o600))
	with := func(args ...string) []string { return append(args, "--identity", file("alice.json")) }
	const public = `{ service { authServer } }`
	there := start(t, at("", w.flags("local"))...)
	if got := ok(t, "", with("call", "--url", there.url+"/graphql", "--action", "read", public)...); got != `{"data":{"service":{"authServer":true}}}` {
		t.Errorf("with an Auth server: %s", got)
	}
	there.stop()

	n := start(t, "--listen", "127.0.0.1:0", "--data-dir", w.dir, "--operator", w.alice.DID())
	if got := ok(t, "", with("call", "--url", n.url+"/graphql", "--action", "read", public)...); got != `{"data":{"service":{"authServer":false}}}` {
		t.Errorf("without an Auth server: %s", got)
	}
	ok(t, "", "share", "new", "--out", file("mine"), "--out", file("second"), "--out", file("recovery"))
	create := with("keystore", "create", "--url", n.url, "--user-lock", "SHAMIR", "--share", file("mine"))
	if code, _, errs := run(t, "", create...); code != 1 || !strings.Contains(errs, "--share (secretShares): this server has no Auth server, so two shares are needed") {
		t.Errorf("keystore create with one share: exit %d, %s", code, errs)
	}
	keystore := ok(t, "", append(create, "--share", file("second"))...)
	key := ok(t, "", with("key", "create", "--keystore", keystore, "--type", "ED25519", "--share", file("mine"), "--share", file("second"))...)
	signature := ok(t, "hello", with("sign", "--key", key, "--share", file("second"), "--share", file("recovery"))...)
	if got := ok(t, "hello", with("verify", "--key", key, "--signature", signature, "--share", file("recovery"), "--share", file("mine"))...); got != "valid" {
		t.Errorf("verify: %s", got)
	}
	if code, _, errs := run(t, "hello", with("sign", "--key", key, "--share", file("mine"))...); code != 1 || !strings.Contains(errs, "two shares are needed") {
		t.Errorf("sign with one share: exit %d, %s", code, errs)
	}
}

// What is mistyped is answered with what is wrong and where to look; exit 2 for the command line, 1 for the rest.
func TestMistypedCommands(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	taken := filepath.Join(dir, "taken")
	must(t, os.WriteFile(taken, []byte("x"), 0o600))
	alice := filepath.Join(dir, "alice.json")
	if code, _, errs := run(t, "", "identity", "new", "--out", alice); code != 0 {
		t.Fatal(errs)
	}
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"sreve"}, 2, "sreve"},
		{[]string{"key", "crate"}, 2, "crate"},
		{[]string{"key", "create"}, 2, "keystore"},
		{[]string{"key", "create", "http:/x"}, 2, `twolock key create: does not take ["http:/x"]`},
		{[]string{"sign"}, 2, "key"},
		{[]string{"sign", "--key", "x", "--bogus"}, 2, "--bogus"},
		{[]string{"sign", "--key", "x"}, 2, "--identity"},
		{[]string{"call", "--url", "x", "--action", "read"}, 2, "twolock call: needs an argument"},
		{[]string{"identity", "new"}, 2, "out"},
		{[]string{"identity", "new", "--out", taken}, 1, "exists already"},
		{[]string{"identity", "show", "--identity", taken}, 1, "--identity"},
		{[]string{"identity", "show", "--identity", filepath.Join(dir, "none")}, 1, "--identity"},
		{[]string{"share", "new", "--out", filepath.Join(dir, "one")}, 2, "--out"},
		{[]string{"keystore", "create", "--identity", alice, "--url", "http://127.0.0.1:1"}, 1, "Is the server running, and is its URL right?"},
	} {
		code, out, errs := run(t, "", c.args...)
		if code != c.code || out != "" || !strings.Contains(errs, c.want) {
			t.Errorf("twolock %q: exit %d, want %d and %q: %s%s", c.args, code, c.code, c.want, out, errs)
		}
	}
	b, err := os.ReadFile(taken)
	must(t, err)
	if string(b) != "x" {
		t.Error("identity new overwrote a file")
	}
}

// Every flag of serve is in its help, with its environment variable, which works.
func TestConfigurationFromEnvironment(t *testing.T) {
	t.Parallel()
	help := ok(t, "", "serve", "--help")
	for _, want := range []string{"TWOLOCK_SERVER_LOCK", "127.0.0.1:8080", "--key-type", "--rsa-per-minute"} {
		if !strings.Contains(help, want) {
			t.Errorf("serve --help lacks %s: %s", want, help)
		}
	}
	for variable, value := range map[string]string{"TWOLOCK_CACHE_TTL": "soon", "TWOLOCK_CACHE_ENTRIES": "x", "TWOLOCK_OPEN_REGISTRATION": "maybe"} {
		var errs bytes.Buffer
		p := &program{strings.NewReader(""), &errs, &errs, func(v string) string {
			if v == variable {
				return value
			}
			return ""
		}, time.Now}
		if code := p.run(context.Background(), []string{"serve", "--data-dir", t.TempDir()}); code != 2 || !strings.Contains(errs.String(), variable+`: "`+value+`" is `) {
			t.Errorf("%s=%s: exit %d: %s", variable, value, code, errs.String())
		}
	}
}

// What a flag says counts, not what the environment says beside it; lists too.
func TestFlagsBeforeEnvironment(t *testing.T) {
	t.Parallel()
	var c Config
	flags := pflag.NewFlagSet("serve", pflag.ContinueOnError)
	environment := map[string]string{"TWOLOCK_SERVER_LOCK": "local:a, local:b", "TWOLOCK_OPERATOR": "did:key:x,did:key:y", "TWOLOCK_LISTEN": "127.0.0.1:1"}
	must(t, c.bind(flags, func(v string) string { return environment[v] }))
	must(t, flags.Parse([]string{"--server-lock", "local:c", "--listen", "127.0.0.1:2"}))
	if len(c.ServerLock) != 1 || c.ServerLock[0] != "local:c" || c.Listen != "127.0.0.1:2" || len(c.Operator) != 2 || c.Operator[1] != "did:key:y" {
		t.Errorf("%+v", c)
	}
}

// The names of types and algorithms are known to shells, and to --help, as the code knows them.
func TestNamesAreCompleted(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		want []string
	}{
		{[]string{"key", "create", "--type"}, words(key.Types())},
		{[]string{"serve", "--key-type"}, words(key.Types())},
		{[]string{"sign", "--algorithm"}, words(key.SignatureAlgorithms())},
		{[]string{"derive", "--type"}, words(symmetricTypes())},
	} {
		_, out, _ := run(t, "", append(append([]string{"__complete"}, c.args...), "")...)
		if !strings.HasPrefix(out, strings.Join(c.want, "\n")+"\n:") {
			t.Errorf("completion of %q: %s", c.args, out)
		}
	}
	help := ok(t, "", "key", "import", "--help")
	for _, kind := range key.Types() {
		if !strings.Contains(help, "\n  "+string(kind)+" ") {
			t.Errorf("key import --help lacks %s", kind)
		}
	}
}

func decodeStd(s string) ([]byte, error) {
	return base64.StdEncoding.DecodeString(strings.TrimSpace(s))
}
