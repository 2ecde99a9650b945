package web_test

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"twolock/auth"
	"twolock/client"
)

type object = map[string]any

// The code that the console shows for each of its operations is run as it stands, with what the one before it gave: in a shell and by Node each, in Go those that
// differ in more than words; of the others it is checked that they compile.
func TestSamples(t *testing.T) {
	requireModules(t)
	sources(t, "testdata/samples.js")
	for _, pattern := range []string{"console/*.ts", "console/pages/use/operations.ts"} {
		sources(t, pattern)
	}
	dir := t.TempDir()
	program := build(t, dir)
	alice, bob := newIdentity(t, filepath.Join(dir, "alice.json")), newIdentity(t, filepath.Join(dir, "bob.json"))
	s := run(t, program, filepath.Join(dir, "data"), "--operator", alice.DID())
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	// What a project has that took the package.
	if err := os.Mkdir(filepath.Join(dir, "node_modules"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(root, filepath.Join(dir, "node_modules", "twolock")); err != nil {
		t.Fatal(err)
	}

	c := &client.Client{Identity: alice}
	var made struct {
		CreateKeystore struct{ Keystore struct{ ID string } }
		CreateKey      struct {
			Key struct {
				ID        string
				PublicKey *struct{ Bytes string }
			}
		}
	}
	do := func(url, action, query string, input object) {
		t.Helper()
		if err := c.Do(t.Context(), url, action, query, object{"input": input}, &made); err != nil {
			t.Fatal(err)
		}
	}
	do(s.url+"/graphql", "createKeystore", "mutation($input: CreateKeystoreInput!) { createKeystore(input: $input) { keystore { id } } }", object{"controller": alice.DID()})
	keystore := made.CreateKeystore.Keystore.ID
	keys, public := map[string]string{}, map[string]string{}
	for _, typ := range []string{"ED25519", "XAES_256_GCM", "HMAC_SHA256", "AES_256_GCM", "X25519", "ML_KEM_768"} {
		made.CreateKey.Key.PublicKey = nil
		do(keystore, "generateKey", "mutation($input: CreateKeyInput!) { createKey(input: $input) { key { id publicKey { bytes } } } }", object{"keystore": keystore, "type": typ})
		keys[typ] = made.CreateKey.Key.ID
		if p := made.CreateKey.Key.PublicKey; p != nil {
			public[typ] = p.Bytes
		}
	}

	shown := samples(t)
	const hello, noText = "aGVsbG8", "AAECAwQFBgcICQoLDA0ODw"
	quoted := base64.RawURLEncoding.EncodeToString([]byte("-' %s$(id) $HOME\n\\\"\t`é\n")) // what a shell could take for its own
	two := []string{hello, "d29ybGQ"}
	got := map[string]object{} // by the operation
	each := func(name string, fields ...string) []object {
		var items []object
		for _, result := range got[name]["results"].([]any) {
			item := object{}
			for _, field := range fields {
				item[field] = result.(object)[field]
			}
			items = append(items, item)
		}
		return items
	}
	overlay := map[string]string{}
	for _, step := range []struct {
		name, typ string // the type of the key; none: the keystore
		input     func() object
		random    bool // no two answers are alike
		want      object
		runGo     bool
	}{
		{"sign", "ED25519", func() object { return object{"message": quoted} }, false, nil, false},
		{"sign", "ED25519", func() object { return object{"message": noText} }, false, nil, false},
		{"sign", "ED25519", func() object { return object{"message": hello} }, false, nil, true},
		{"verify", "ED25519", func() object { return object{"message": hello, "signature": got["sign"]["signature"]} }, false, object{"valid": true}, false},
		{"signBatch", "ED25519", func() object { return object{"messages": two} }, false, nil, true},
		{"verifyBatch", "ED25519", func() object {
			items := each("signBatch", "signature")
			items[0]["message"], items[1]["message"] = two[0], two[0] // the second is of another
			return object{"items": items}
		}, false, object{"results": []any{object{"valid": true, "version": 1., "error": nil}, object{"valid": false, "version": nil, "error": nil}}}, false},
		{"encrypt", "XAES_256_GCM", func() object { return object{"plaintext": hello, "aad": "YQ"} }, true, nil, false},
		{"decrypt", "XAES_256_GCM", func() object {
			return object{"ciphertext": got["encrypt"]["ciphertext"], "nonce": got["encrypt"]["nonce"], "aad": "YQ"}
		}, false, object{"plaintext": hello}, false},
		{"reencrypt", "XAES_256_GCM", func() object {
			return object{"ciphertext": got["encrypt"]["ciphertext"], "nonce": got["encrypt"]["nonce"], "aad": "YQ"}
		}, true, nil, false},
		{"reencrypt", "XAES_256_GCM", func() object {
			return object{"ciphertext": got["encrypt"]["ciphertext"], "nonce": got["encrypt"]["nonce"], "aad": "YQ", "destinationAad": quoted, "destinationKey": keys["AES_256_GCM"]}
		}, true, nil, false},
		{"decrypt", "AES_256_GCM", func() object {
			return object{"ciphertext": got["reencrypt"]["ciphertext"], "nonce": got["reencrypt"]["nonce"], "aad": quoted, "algorithm": "AEAD"}
		}, false, object{"plaintext": hello}, false},
		{"generateDataKey", "XAES_256_GCM", func() object { return object{"length": 32} }, true, nil, false},
		{"generateDataKey", "XAES_256_GCM", func() object { return object{"length": 16, "aad": "YQ", "withPlaintext": false} }, true, nil, false},
		{"encryptBatch", "XAES_256_GCM", func() object { return object{"items": []object{{"plaintext": hello}}} }, true, nil, false},
		{"decryptBatch", "XAES_256_GCM", func() object { return object{"items": each("encryptBatch", "ciphertext", "nonce")} }, false,
			object{"results": []any{object{"plaintext": hello, "version": 1., "error": nil}}}, false},
		{"reencryptBatch", "XAES_256_GCM", func() object { return object{"items": each("encryptBatch", "ciphertext", "nonce")} }, true, nil, false},
		{"generateDataKeyBatch", "XAES_256_GCM", func() object { return object{"items": []object{{}, {"aad": "YQ"}}, "length": 16} }, true, nil, false},
		{"computeMac", "HMAC_SHA256", func() object { return object{"data": hello} }, false, nil, false},
		{"verifyMac", "HMAC_SHA256", func() object { return object{"data": hello, "mac": got["computeMac"]["mac"]} }, false, object{"valid": true}, false},
		{"computeMacBatch", "HMAC_SHA256", func() object { return object{"data": two} }, false, nil, false},
		{"verifyMacBatch", "HMAC_SHA256", func() object { return object{"items": []object{{"data": hello, "mac": got["computeMac"]["mac"]}}} }, false,
			object{"results": []any{object{"valid": true, "version": 1., "error": nil}}}, false},
		{"wrapKey", "AES_256_GCM", func() object { return object{"keyToWrap": noText} }, false, nil, false},
		{"unwrapKey", "AES_256_GCM", func() object { return object{"wrappedKey": got["wrapKey"]["wrappedKey"]} }, false, object{"unwrappedKey": noText}, false},
		{"wrapKey", "X25519", func() object {
			return object{"keyToWrap": "MDEyMzQ1Njc4OWFiY2RlZg", "apu": hello, "algorithm": "ECDH_ES_A256KW"}
		}, true, nil, false},
		{"unwrapKey", "X25519", func() object {
			return object{"wrappedKey": got["wrapKey"]["wrappedKey"], "epk": got["wrapKey"]["epk"], "apu": hello, "algorithm": "ECDH_ES_A256KW", "version": 1}
		}, false, object{"unwrappedKey": "MDEyMzQ1Njc4OWFiY2RlZg"}, false},
		{"seal", "X25519", func() object { return object{"plaintext": hello} }, true, nil, false},
		{"open", "X25519", func() object { return object{"ciphertext": got["seal"]["ciphertext"]} }, false, object{"plaintext": hello}, false},
		{"deriveSecret", "X25519", func() object { return object{"publicKey": public["X25519"]} }, false, nil, false},
		{"deriveKey", "HMAC_SHA256", func() object { return object{"info": hello, "length": 16} }, false, nil, false},
		// The same input leads to the same key. What a language or a shell could take for its own is in the name.
		{"deriveKey", "HMAC_SHA256", func() object {
			return object{"info": hello, "type": "XAES_256_GCM", "name": "it's `a` \"key\" of ${HOME} \\ $(id)"}
		}, false, nil, true},
		{"encapsulate", "ML_KEM_768", func() object { return object{} }, true, nil, false},
		{"decapsulate", "ML_KEM_768", func() object { return object{"ciphertext": got["encapsulate"]["ciphertext"]} }, false, nil, false},
		{"generateRandom", "", func() object { return object{"length": 16} }, true, nil, false},
	} {
		input, url := step.input(), keys[step.typ]
		if input["key"] = url; step.typ == "" {
			delete(input, "key")
			url = keystore
			input["keystore"] = url
		}
		if input["type"] != nil || input["destinationKey"] != nil {
			url = keystore // which has both keys
		}
		code := shown.of(t, step.name, url, input, false)
		if call := strings.HasPrefix(code.CLI, "twolock call "); call != (strings.HasSuffix(step.name, "Batch") || input["message"] == noText || input["keyToWrap"] == noText) {
			t.Errorf("%s %v: in a shell %s", step.name, input, code.CLI)
		}
		inShell := printedOf(t, step.name, sh(t, dir, program, code.CLI))
		byNode := answerOf(t, node(t, dir, code.JS), false)[step.name].(object)
		answers := []object{inShell, byNode}
		overlay[step.name] = code.Go
		if step.runGo {
			answers = append(answers, answerOf(t, runGo(t, dir, code.Go), false)[step.name].(object))
		}
		for _, answer := range answers[1:] {
			answer = likewise(answer, inShell)
			if step.random == reflect.DeepEqual(answer, inShell) {
				t.Errorf("%s: one language answers %v, another %v", step.name, inShell, answer)
			}
		}
		for field, want := range step.want {
			if !reflect.DeepEqual(inShell[field], want) {
				t.Errorf("%s: %s is %v, want %v", step.name, field, inShell[field], want)
			}
		}
		got[step.name] = inShell
	}
	if !reflect.DeepEqual(got["encapsulate"]["sharedSecret"], got["decapsulate"]["sharedSecret"]) {
		t.Error("decapsulate: another shared secret")
	}
	for _, name := range shown.names {
		if got[name] == nil {
			t.Errorf("%s: the console shows code for it that nothing runs", name)
		}
	}

	// With a capability that was given.
	capability, err := c.Delegate(keys["ED25519"], bob.DID(), []string{"sign"}, time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(dir, "given")
	for _, err := range []error{
		os.Mkdir(other, 0o700), os.Symlink("../node_modules", filepath.Join(other, "node_modules")), os.Rename(filepath.Join(dir, "bob.json"), filepath.Join(other, "alice.json")),
		os.WriteFile(filepath.Join(other, "capability.json"), capability.JSON(), 0o600),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	given := shown.of(t, "sign", keys["ED25519"], object{"key": keys["ED25519"], "message": hello}, true)
	for language, answer := range map[string]object{
		"sh": {"sign": printedOf(t, "sign", sh(t, other, program, given.CLI))}, "node": answerOf(t, node(t, other, given.JS), false), "go": answerOf(t, runGo(t, other, given.Go), false),
	} {
		if signed := likewise(answer["sign"].(object), got["sign"]); !reflect.DeepEqual(signed, got["sign"]) {
			t.Errorf("with a capability, %s answers %v, want %v", language, signed, got["sign"])
		}
	}
	compile(t, dir, overlay)
}

// prints are the fields of the answer that commands print alone: in a line, or the bytes as they are.
var prints = map[string]string{
	"sign": "signature", "verify": "valid", "computeMac": "mac", "verifyMac": "valid", "decapsulate": "sharedSecret", "deriveSecret": "secret", "generateRandom": "bytes",
	"decrypt": "plaintext", "open": "plaintext", "unwrapKey": "unwrappedKey",
}

// printedOf reads what a sample prints in a shell as an answer, or that part of it.
func printedOf(t *testing.T, name string, out []byte) object {
	t.Helper()
	line, field := strings.TrimSuffix(string(out), "\n"), prints[name]
	switch {
	case strings.HasPrefix(line, `{"data":`):
		return answerOf(t, out, true)[name].(object)
	case strings.HasPrefix(line, "{"):
		return answerOf(t, out, false)
	case strings.HasPrefix(line, "http"):
		return object{"key": line}
	case name == "deriveKey":
		return object{"secret": line}
	case field == "valid":
		return object{field: line == "valid"}
	case name == "decrypt" || name == "open" || name == "unwrapKey":
		return object{field: base64.RawURLEncoding.EncodeToString(out)}
	}
	return object{field: line}
}

// likewise is of an answer what is in another one, of a key its URL.
func likewise(answer, other object) object {
	same := object{}
	for field := range other {
		same[field] = answer[field]
		if key, ok := answer[field].(object); ok && field == "key" {
			same[field] = key["id"]
		}
	}
	return same
}

type code struct{ CLI, JS, Go string }

// samplesOf asks testdata/samples.js.
type samplesOf struct {
	names []string
	in    io.Writer
	out   *bufio.Scanner
}

func samples(t *testing.T) *samplesOf {
	t.Helper()
	cmd := exec.Command("node", "--no-warnings", "testdata/samples.js")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("testdata/samples.js: %v", err)
		}
	})
	s := &samplesOf{in: in, out: bufio.NewScanner(out)}
	s.read(t, &s.names)
	return s
}

func (s *samplesOf) read(t *testing.T, v any) {
	t.Helper()
	if !s.out.Scan() {
		t.Fatal("testdata/samples.js ended")
	}
	if err := json.Unmarshal(s.out.Bytes(), v); err != nil {
		t.Fatal(err)
	}
}

func (s *samplesOf) of(t *testing.T, name, url string, input object, capability bool) code {
	t.Helper()
	line, err := json.Marshal(object{"name": name, "url": url, "input": input, "capability": capability})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.in.Write(append(line, '\n')); err != nil {
		t.Fatal(err)
	}
	var c code
	s.read(t, &c)
	return c
}

func newIdentity(t *testing.T, path string) *auth.Identity {
	t.Helper()
	identity, err := auth.NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	file, err := identity.MarshalFile()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	return identity
}

func sh(t *testing.T, dir, program, code string) []byte {
	t.Helper()
	cmd := exec.Command("sh", "-c", code)
	cmd.Env = append(os.Environ(), "PATH="+filepath.Dir(program)+":"+os.Getenv("PATH"))
	return output(t, dir, cmd, code)
}

func node(t *testing.T, dir, code string) []byte {
	t.Helper()
	write(t, filepath.Join(dir, "sample.mjs"), code)
	return output(t, dir, exec.Command("node", "sample.mjs"), code)
}

// runGo runs a main program of this module that is in no folder of it.
func runGo(t *testing.T, dir, code string) []byte {
	t.Helper()
	program := filepath.Join(dir, "sample")
	cmd := exec.Command("go", "build", "-trimpath", "-overlay", writeOverlay(t, dir, map[string]string{"one": code}), "-o", program, "twolock/web/sample/one")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s\n%s", err, out, code)
	}
	return output(t, dir, exec.Command(program), code)
}

// compile compiles programs of this module without linking them.
func compile(t *testing.T, dir string, programs map[string]string) {
	t.Helper()
	args := []string{"list", "-export", "-trimpath", "-overlay", writeOverlay(t, dir, programs)}
	for name := range programs {
		args = append(args, "twolock/web/sample/"+name)
	}
	cmd := exec.Command("go", args...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("go list -export: %v\n%s", err, out)
	}
}

func writeOverlay(t *testing.T, dir string, programs map[string]string) string {
	t.Helper()
	replace := map[string]string{}
	for name, code := range programs {
		at, err := filepath.Abs(filepath.Join("sample", name, "main.go"))
		if err != nil {
			t.Fatal(err)
		}
		replace[at] = filepath.Join(dir, name+".go")
		write(t, replace[at], code)
	}
	data, err := json.Marshal(object{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "overlay.json")
	write(t, path, string(data))
	return path
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func output(t *testing.T, dir string, cmd *exec.Cmd, code string) []byte {
	t.Helper()
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v: %s%s\n%s", cmd.Path, err, out, stderrOf(err), code)
	}
	return out
}

// answerOf reads what a sample prints: the whole answer, or its data.
func answerOf(t *testing.T, out []byte, whole bool) object {
	t.Helper()
	var data object
	if err := json.Unmarshal(out, &data); err != nil {
		t.Fatalf("%v: %s", err, strings.TrimSpace(string(out)))
	}
	if whole {
		return data["data"].(object)
	}
	return data
}
