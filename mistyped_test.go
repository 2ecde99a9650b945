package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"twolock/graph"
)

// What is mistyped is answered in the words of the command line: the flag, what was typed, what it takes, and what may have been meant.
func TestMistypedFlags(t *testing.T) {
	t.Parallel()
	alice := filepath.Join(t.TempDir(), "alice.json")
	did := ok(t, "", "identity", "new", "--out", alice)
	key := "http://127.0.0.1:1/keystores/z1/keys/z2"
	delegate := []string{"capability", "delegate", "--identity", alice, "--target", key, "--to", did}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"sreve"}, "twolock: there is no \"sreve\"; did you mean serve?\nSee: twolock --help\n"},
		{[]string{"key", "new"}, "twolock key: there is no \"new\"; did you mean create?\n"},
		{[]string{"key", "crate"}, "twolock key: there is no \"crate\"; did you mean create?\nSee: twolock key --help\n"},
		{[]string{"key", "usage", key, "--dais", "3"}, "twolock key usage: there is no --dais; did you mean --days?\nSee: twolock key usage --help\n"},
		{[]string{"key", "usage", key, "-days", "3"}, "there is no -days; did you mean --days?\n"},
		{[]string{"key", "usage", key, "-d", "3"}, "there is no -d\n"},
		{[]string{"key", "usage", key, "--days", "abc"}, "twolock key usage: --days: \"abc\" is not a whole number\nSee"},
		{[]string{"key", "usage", key, "--days", "99999999999999999999"}, `--days: "99999999999999999999" is too large`},
		{[]string{"key", "usage", key, "--days"}, "--days: needs a value"},
		{[]string{"key", "create"}, "twolock key create: needs --keystore and --type\n"},
		{[]string{"key", "update", key, "--rotation-period", "90d"}, `--rotation-period: "90d" is not a time such as 90s, 15m or 720h`},
		{[]string{"sign", "--key", key, "--der=maybe"}, `--der: "maybe" is neither true nor false`},
		{[]string{"serve", "--cache-ttl", "soon"}, `--cache-ttl: "soon" is not a time`},
		{[]string{"serve", "--rsa-per-minute", "many"}, `--rsa-per-minute: "many" is not a whole number`},
		{[]string{"identity", "new", "--out", alice + "2", "--type", "P265"}, `--type: "P265" is not one of ED25519, P256; did you mean P256?`},
		{[]string{"verify", "--key", key, "--identity", alice}, "twolock verify: needs --signature\nSee: twolock verify --help\n"},
		{[]string{"sign", "--key", key, "hello"}, `does not take ["hello"]; what it reads comes on standard input, or in the file of --in`},
		{[]string{"key", "show", "--identity", alice}, "needs an argument: twolock key show URL"},
		{[]string{"key", "show", "z1", "--identity", alice}, `URL: "z1" is not a URL`},
		{[]string{"sign", "--key", "mail", "--identity", alice}, `--key: "mail" is not a URL`},
		{[]string{"keystore", "create", "--url", "kms.example", "--identity", alice}, `--url: "kms.example`},
		{[]string{"call", "--action", "read", "--identity", alice, "{ service { did } }"}, "twolock call: needs --url"},
		{[]string{"call", "--url", "x", "--action", "read", "--identity", alice, "{ service { did } }"}, `--url: "x" is not a URL`},
		{append(delegate, "--action", "sing"), `--action: "sing" is not one of addOperator, `},
		{append(delegate, "--action", "sing"), "; did you mean sign?\n"},
		{append(delegate, "--action", ""), `--action: "" is not one of addOperator, `},
		{append(delegate, "--action", "sign", "--lifetime", "30d"), `--lifetime: "30d" is not a time`},
	} {
		code, out, errs := run(t, "", c.args...)
		if code != 2 || out != "" || !strings.Contains(errs, c.want) {
			t.Errorf("twolock %q: exit %d, want 2 and %q: %s%s", c.args, code, c.want, out, errs)
		}
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{append(delegate, "--action", "sign", "--action", "sign"), "--action (actions): names an action twice"},
		{append(delegate, "--action", "sign", "--lifetime", "0s"), "--lifetime (expires): must be in the future"},
		{append(delegate, "--action", "sign", "--to", "bob"), "--to (capability.controller): "},
		{append(delegate, "--action", "sign", "--target", "key"), "--target (capability.invocationTarget): "},
	} {
		if code, out, errs := run(t, "", c.args...); code == 0 || out != "" || !strings.Contains(errs, c.want) {
			t.Errorf("twolock %q: exit %d, want %q: %s%s", c.args, code, c.want, out, errs)
		}
	}
}

// Capabilities are delegated for the actions of the schema, all of them, in any spelling of them.
func TestDelegatedActions(t *testing.T) {
	t.Parallel()
	alice := filepath.Join(t.TempDir(), "alice.json")
	did := ok(t, "", "identity", "new", "--out", alice)
	known := graph.Actions()
	for _, action := range []string{"read", "write", "sign", "generateKey", "createKeystore", "verifyMac", "generateRandom"} {
		if !slices.Contains(known, action) {
			t.Errorf("the schema's actions lack %s: %v", action, known)
		}
	}
	help := ok(t, "", "capability", "delegate", "--help")
	for _, action := range known {
		printed := ok(t, "", "capability", "delegate", "--identity", alice, "--target", "https://kms.example/keystores/z1", "--to", did, "--action", strings.ToUpper(action))
		if !strings.Contains(printed, `"allowedAction":["`+action+`"]`) || !strings.Contains(help, action) {
			t.Errorf("%s: delegated as %s; help: %s", action, printed, help)
		}
	}
}

// What is delegated on lasts as long as it can, and no longer; what it cannot be is said of the flag.
func TestDelegatedOn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	alice, given := filepath.Join(dir, "alice.json"), filepath.Join(dir, "given.json")
	did := ok(t, "", "identity", "new", "--out", alice)
	delegate := []string{"capability", "delegate", "--identity", alice, "--target", "https://kms.example/keystores/z1", "--to", did}
	first := ok(t, "", append(delegate, "--action", "sign", "--action", "verify", "--lifetime", "24h")...)
	must(t, os.WriteFile(given, []byte(first), 0o600))
	delegate = append(delegate, "--capability", given)
	ends := regexp.MustCompile(`"expires":"[^"]+"`)
	if on := ok(t, "", append(delegate, "--action", "sign")...); ends.FindString(on) != ends.FindString(first) {
		t.Errorf("a capability delegated on has %s, its parent %s", ends.FindString(on), ends.FindString(first))
	}
	if on := ok(t, "", append(delegate, "--action", "sign", "--lifetime", "1h")...); ends.FindString(on) == ends.FindString(first) {
		t.Error("--lifetime does not count")
	}
	for want, args := range map[string][]string{
		"--action: the capability to delegate on does not allow encrypt; it allows sign, verify": {"--action", "sign", "--action", "encrypt"},
		"--lifetime: the capability to delegate on ends earlier":                                 {"--action", "sign", "--lifetime", "25h"},
	} {
		if code, out, errs := run(t, "", append(delegate, args...)...); code != 1 || out != "" || !strings.Contains(errs, want) {
			t.Errorf("%q: exit %d, want 1 and %q: %s%s", args, code, want, out, errs)
		}
	}
}

// Who may not create keystores is told who may, and what to ask an operator for; that is what it takes.
func TestRefusedKeystore(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	bob := d.file("bob.json")
	ok(t, "", "identity", "new", "--out", bob)
	create := []string{"keystore", "create", "--url", d.url, "--identity", bob}
	code, out, errs := run(t, "", create...)
	_, advice, told := strings.Cut(errs, "give what it prints with --capability:\ntwolock ")
	if code != 1 || out != "" || !told || !strings.Contains(errs, "FORBIDDEN") || !strings.Contains(errs, "--open-registration") {
		t.Fatalf("exit %d: %s%s", code, out, errs)
	}
	given := d.write("service.json", d.do(strings.Fields(advice)...))
	keystore := ok(t, "", append(create, "--capability", given)...)
	if !strings.HasPrefix(keystore, d.url+"/keystores/z") {
		t.Errorf("created %s", keystore)
	}
	if code, _, errs := run(t, "", "keystore", "show", d.keystore, "--identity", bob); code != 1 || !strings.Contains(errs, "Is --identity the right one?") {
		t.Errorf("somebody else's keystore: exit %d: %s", code, errs)
	}
	d.fails(1, "--link-file (token): is not this server's", "", "operator", "enrol", "--link-file", d.write("link", d.url+"/#enrol=AAAA"))
	d.fails(1, "--data-dir", "", "operator", "enrol", "--link-file", d.file("none"))
	for _, args := range [][]string{{"keystore", "list", "--url", d.url}, {"keystore", "show", d.keystore}} {
		code, _, errs := run(t, "", append(args, "--identity", bob, "--capability", given)...)
		if code != 1 || !strings.Contains(errs, "twolock capability show "+given) || strings.Contains(errs, "An operator allows") {
			t.Errorf("twolock %q with a capability for something else: exit %d: %s", args, code, errs)
		}
	}
}

// What the server says of a field is said of the flag that was typed.
func TestFieldsAsFlags(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	key, secret := d.key("ED25519"), d.key("XAES_256_GCM")
	sealed := d.pipe("hello", "encrypt", "--key", secret)
	create := func(args ...string) []string {
		return append([]string{"key", "create", "--keystore", d.keystore, "--type", "ED25519"}, args...)
	}
	for _, c := range []struct {
		want, in string
		args     []string
	}{
		{"--rotation-period (rotationPeriod): is 5 seconds", "", create("--rotation-period", "5s")},
		{"--max-chain (maxCapabilityChainLength): is 99", "", create("--max-chain", "99")},
		{"--max-chain (maxCapabilityChainLength): ", "", create("--max-chain", "9999999999")},
		{"--operation (operations): ENCRYPT", "", create("--operation", "encrypt")},
		{"--tag (tags[0].value): ", "", create("--tag", "a="+strings.Repeat("x", 2000))},
		{"--name: ", "", create("--name", strings.Repeat("x", 2000))},
		{"--idempotency-key (idempotencyKey): has 200 bytes", "", create("--idempotency-key", strings.Repeat("x", 200))},
		{"--share (secretShares): ", "", create("--share", d.write("share", "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAB"))},
		{"--keystore: is not the URL of a keystore here", "", []string{"key", "create", "--keystore", key, "--type", "ED25519"}},
		{"--minimum-version-to-verify (minimumVersionToVerify): is 7", "", []string{"key", "update", key, "--minimum-version-to-verify", "7"}},
		{"--oldest (oldestVersion): is 2", "", []string{"key", "trim", key, "--oldest", "2"}},
		{"--key: is not the URL of a key here", "hello", []string{"sign", "--key", d.url}},
		{"URL (keystore): is not the URL of a keystore here", "", []string{"keystore", "enable", d.url + "/"}},
		{"--key (URL): takes no query string", "hello", []string{"sign", "--key", key + "?a=b"}},
		{"URL (id): is not the URL of a key here", "", []string{"key", "show", d.keystore}},
		{"URL (keystore): ", "", []string{"keystore", "disable", key}},
		{"--days: must be 1 to 90", "", []string{"key", "usage", key, "--days", "91"}},
		{"--window-days (windowDays): is 3", "", []string{"key", "delete", key, "--window-days", "3"}},
		{"--digest (messageType): ", "hello", []string{"sign", "--key", key, "--digest"}},
		{"--version: is 2", "hello", []string{"verify", "--key", key, "--signature", "AAAA", "--version", "2"}},
		{"--signature: ", "hello", []string{"verify", "--key", key, "--signature", "?"}},
		{"--in (version): is 9", strings.Replace(sealed, `"version": 1`, `"version": 9`, 1), []string{"decrypt", "--key", secret}},
		{"--version: is 9", sealed, []string{"decrypt", "--key", secret, "--version", "9"}},
		{"--public-key (publicKey): ", "", []string{"derive", "--key", d.key("X25519"), "--length", "16"}}, // which was not typed
		{"--controller: ", "", []string{"keystore", "create", "--url", d.url, "--controller", "bob"}},
		{"--vault (vault.url): ", "", []string{"keystore", "create", "--url", d.url, "--vault", "http://vault.example/edvs/z1", "--vault-capability",
			d.write("vault.json", d.do("capability", "delegate", "--target", "http://vault.example/edvs/z1", "--to", "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK", "--action", "read"))}},
	} {
		d.fails(1, c.want, c.in, c.args...)
	}
}

// call goes where the other commands go: TWOLOCK_URL, and the service's endpoint where a URL has no path.
func TestCallURL(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for _, c := range []struct{ variable, flag string }{{d.url, ""}, {d.url + "/", ""}, {d.url + "/graphql", ""}, {"", d.url}, {"", d.url + "/"}, {"http://127.0.0.1:1", d.url + "/graphql"}} {
		var out, errs bytes.Buffer
		p := &program{strings.NewReader(""), &out, &errs, func(name string) string { return map[string]string{"TWOLOCK_URL": c.variable}[name] }, time.Now}
		args := append([]string{"call", "--action", "read"}, d.who...)
		if c.flag != "" {
			args = append(args, "--url", c.flag)
		}
		if code := p.run(context.Background(), append(args, "{ service { did } }")); code != 0 || !strings.HasPrefix(out.String(), `{"data":{"service":{"did":"did:key:z6Mk`) {
			t.Errorf("%+v: exit %d: %s%s", c, code, out.String(), errs.String())
		}
	}
	// A keystore's URL is its own endpoint, with TWOLOCK_URL as without.
	if out := d.do("call", "--url", d.keystore, "--action", "read", "--variables", `{"id":"`+d.keystore+`"}`, "query($id: ID!) { keystore(id: $id) { id } }"); !strings.Contains(out, d.keystore) {
		t.Errorf("call at a keystore: %s", out)
	}
}

// Who forgets what is to be read sees why nothing happens.
func TestReadingFromTerminal(t *testing.T) {
	t.Parallel()
	alice := filepath.Join(t.TempDir(), "alice.json")
	ok(t, "", "identity", "new", "--out", alice)
	for device, want := range map[string]bool{"/dev/zero": true, os.DevNull: false} { // no test has a terminal
		in, err := os.Open(device)
		must(t, err)
		var errs bytes.Buffer
		p := &program{in, &errs, &errs, func(string) string { return "" }, time.Now}
		p.run(context.Background(), []string{"sign", "--identity", alice, "--key", "http://127.0.0.1:1/keystores/z1/keys/z2"})
		must(t, in.Close())
		if strings.Contains(errs.String(), "Ctrl-D") != want {
			t.Errorf("%s: %s", device, errs.String())
		}
	}
}

// A file that is not what a flag wants is named with the flag.
func TestUnreadableFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	none := filepath.Join(dir, "none")
	garbage := filepath.Join(dir, "garbage")
	must(t, os.WriteFile(garbage, []byte("{"), 0o600))
	alice := filepath.Join(dir, "alice.json")
	ok(t, "", "identity", "new", "--out", alice)
	key := "http://127.0.0.1:1/keystores/z1/keys/z2"
	for _, c := range []struct {
		want string
		args []string
	}{
		{"--identity: ", []string{"key", "show", key, "--identity", none}},
		{"--identity: read " + dir, []string{"key", "show", key, "--identity", dir}},
		{"--identity: " + garbage, []string{"key", "show", key, "--identity", garbage}},
		{"--capability: ", []string{"key", "show", key, "--identity", alice, "--capability", none}},
		{"--capability: " + garbage, []string{"key", "show", key, "--identity", alice, "--capability", garbage}},
		{"--in: ", []string{"sign", "--key", key, "--identity", alice, "--in", none}},
		{"--to: ", []string{"key", "export", key, "--identity", alice, "--to", garbage}},
		{"FILE: " + garbage, []string{"capability", "show", garbage}},
	} {
		if code, out, errs := run(t, "", c.args...); code != 1 || out != "" || !strings.Contains(errs, c.want) || !strings.HasPrefix(errs, "twolock "+c.args[0]) {
			t.Errorf("twolock %q: exit %d, want 1 and %q: %s%s", c.args, code, c.want, out, errs)
		}
	}
}
