package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"twolock/crypto/key"
)

// desk is a user at a command line: an identity, a server, a keystore, a folder.
type desk struct {
	t        *testing.T
	dir      string
	who      []string
	url      string
	keystore string
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	w := newWorld(t)
	n := start(t, at("", w.flags("local"))...)
	d := &desk{t: t, dir: t.TempDir(), url: n.url}
	alice, err := w.alice.MarshalFile()
	must(t, err)
	d.who = []string{"--identity", d.write("alice.json", string(alice))}
	d.keystore = d.do("keystore", "create", "--url", n.url)
	return d
}

func (d *desk) file(name string) string { return filepath.Join(d.dir, name) }

func (d *desk) write(name, content string) string {
	d.t.Helper()
	must(d.t, os.WriteFile(d.file(name), []byte(content), 0o600))
	return d.file(name)
}

func (d *desk) do(args ...string) string { d.t.Helper(); return d.pipe("", args...) }

// pipe is do with something on standard input.
func (d *desk) pipe(in string, args ...string) string {
	d.t.Helper()
	return ok(d.t, in, append(args, d.who...)...)
}

func (d *desk) key(kind string, args ...string) string {
	d.t.Helper()
	return d.do(append([]string{"key", "create", "--keystore", d.keystore, "--type", kind}, args...)...)
}

// wants runs what must print this.
func (d *desk) wants(want, in string, args ...string) {
	d.t.Helper()
	if got := d.pipe(in, args...); got != want {
		d.t.Errorf("twolock %q: %q, want %q", args, got, want)
	}
}

// fails runs what must exit with a code and say so.
func (d *desk) fails(code int, want, in string, args ...string) {
	d.t.Helper()
	got, out, errs := run(d.t, in, append(args, d.who...)...)
	if got != code || !strings.Contains(errs, want) {
		d.t.Errorf("twolock %q: exit %d, want %d and %q: %s%s", args, got, code, want, out, errs)
	}
}

// says runs what prints something, and explains it on standard error.
func (d *desk) says(want string, args ...string) string {
	d.t.Helper()
	code, out, errs := run(d.t, "", append(args, d.who...)...)
	if code != 0 || !strings.Contains(errs, want) {
		d.t.Errorf("twolock %q: exit %d, want %q on standard error: %s", args, code, want, errs)
	}
	return strings.TrimSuffix(out, "\n")
}

func (d *desk) json(args ...string) map[string]any {
	d.t.Helper()
	var out map[string]any
	must(d.t, json.Unmarshal([]byte(d.do(args...)), &out))
	return out
}

// A key's whole life on the command line, from its name to its end.
func TestKeyLifeCommands(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	key := d.key("ed25519", "--name", "mail", "--description", "signs mail", "--tag", "team=post", "--tag", "alone", "--operation", "sign", "--operation", "VERIFY",
		"--algorithm", "eddsa", "--rotation-period", "24h", "--max-chain", "3")
	d.key("AES_256_GCM", "--tag", "team=other")
	shown := d.json("key", "show", key)
	tags, err := json.Marshal(shown["tags"])
	must(t, err)
	if shown["name"] != "mail" || shown["description"] != "signs mail" || shown["rotationPeriod"] != 86400.0 || shown["maxCapabilityChainLength"] != 3.0 ||
		string(tags) != `[{"name":"alone","value":""},{"name":"team","value":"post"}]` || shown["exportable"] != false {
		t.Errorf("key show: %v", shown)
	}
	d.wants(key, "", "key", "find", "--keystore", d.keystore, "--name", "mail")
	d.fails(1, `no key of the keystore is called "male"`, "", "key", "find", "--keystore", d.keystore, "--name", "male")
	line := key + "\tED25519\tENABLED\tmail"
	for _, filter := range [][]string{{"--type", "ED25519"}, {"--tag", "team=post"}, {"--name-prefix", "ma"}, {"--type", "ED25519", "--tag", "alone", "--state", "enabled"}} {
		d.wants(line, "", append([]string{"key", "list", "--keystore", d.keystore}, filter...)...)
	}
	d.wants("", "", "key", "list", "--keystore", d.keystore, "--state", "DISABLED")

	first := d.pipe("hello", "sign", "--key", key)
	d.wants("2", "", "key", "rotate", key, "--idempotency-key", "once")
	d.wants("2", "", "key", "rotate", key, "--idempotency-key", "once")
	second := d.pipe("hello", "sign", "--key", key)
	if first == second {
		t.Error("both versions signed alike")
	}
	d.wants("valid", "hello", "verify", "--key", key, "--signature", first)
	d.wants("valid", "hello", "verify", "--key", key, "--signature", first, "--version", "1")
	if code, out, errs := run(t, "hello", append(d.who, "verify", "--key", key, "--signature", first, "--version", "2")...); code != 1 || out != "invalid\n" || errs != "" {
		t.Errorf("verify with the wrong version: exit %d, %q, %q", code, out, errs)
	}
	versions := strings.Split(d.do("key", "versions", key), "\n")
	if len(versions) != 2 || !strings.HasPrefix(versions[0], "2\t20") || !strings.HasSuffix(versions[0], "\t-") || len(strings.Split(versions[1], "\t")) != 5 {
		t.Errorf("key versions: %q", versions)
	}
	days := strings.Split(d.do("key", "usage", key, "--days", "3"), "\n")
	if len(days) != 3 || !strings.HasPrefix(days[2], "20") || len(strings.Split(days[2], "\t")) != 2 {
		t.Errorf("key usage: %q", days)
	}
	if days := strings.Split(d.do("key", "usage", key), "\n"); len(days) != 30 {
		t.Errorf("key usage prints %d days, want 30", len(days))
	}
	d.fails(1, "1 to 90", "", "key", "usage", key, "--days", "91")
	if d.do("key", "public", key) == d.do("key", "public", key, "--version", "1") {
		t.Error("both versions have one public key")
	}
	d.fails(1, "no version 3", "", "key", "public", key, "--version", "3")

	d.fails(1, "oldestVersion", "", "key", "trim", key, "--oldest", "2")
	updated := d.json("key", "update", key, "--minimum-version-to-verify", "2", "--minimum-version-to-decrypt", "2", "--name", "post", "--tag", "", "--rotation-period", "0")
	if updated["minimumVersionToVerify"] != 2.0 || updated["name"] != "post" || updated["rotationPeriod"] != nil || len(updated["tags"].([]any)) != 0 || updated["description"] != "signs mail" {
		t.Errorf("key update: %v", updated)
	}
	if got := d.says("The versions before 2 are gone for good", "key", "trim", key, "--oldest", "2"); got != "2" {
		t.Errorf("key trim: %q", got)
	}
	d.fails(2, "at least one of the flags", "", "key", "update", key)
	d.fails(2, "not in whole seconds", "", "key", "update", key, "--rotation-period", "1500ms")

	d.wants("DISABLED", "", "key", "disable", key)
	d.fails(1, "KEY_UNUSABLE", "hello", "sign", "--key", key)
	d.wants("ENABLED", "", "key", "enable", key)
	ends, err := time.Parse(time.RFC3339, d.says("until then this keeps it: twolock key cancel-deletion "+key, "key", "delete", key, "--window-days", "7"))
	if days := time.Until(ends).Hours() / 24; err != nil || days < 6.9 || days > 7 {
		t.Errorf("key delete: gone in %f days, %v", days, err)
	}
	d.fails(1, "PENDING_DELETION", "hello", "sign", "--key", key)
	d.wants("ENABLED", "", "key", "cancel-deletion", key)
	d.wants(second, "hello", "sign", "--key", key)
	d.fails(1, "windowDays", "", "key", "delete", key, "--window-days", "3")
}

// A keystore's life on the command line.
func TestKeystoreLifeCommands(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	updated := d.json("keystore", "update", d.keystore, "--name", "post", "--tag", "a=b", "--key-type", "ed25519")
	types, _ := updated["keyTypes"].([]any)
	if updated["name"] != "post" || len(types) != 1 || types[0] != "ED25519" {
		t.Errorf("keystore update: %v", updated)
	}
	d.fails(1, "AES_256_GCM", "", "key", "create", "--keystore", d.keystore, "--type", "AES_256_GCM")
	key := d.key("ED25519")
	d.do("keystore", "create", "--url", d.url, "--tag", "a=other")
	if got := d.do("keystore", "list", "--url", d.url, "--tag", "a=b"); !strings.HasPrefix(got, d.keystore+"\t") || strings.Contains(got, "\n") {
		t.Errorf("keystore list --tag: %q", got)
	}
	d.wants("DISABLED", "", "keystore", "disable", d.keystore)
	d.fails(1, "KEY_UNUSABLE", "x", "sign", "--key", key)
	d.wants("ENABLED", "", "keystore", "enable", d.keystore)
	if _, err := time.Parse(time.RFC3339, d.says("twolock keystore cancel-deletion "+d.keystore, "keystore", "delete", d.keystore)); err != nil {
		t.Errorf("keystore delete: %v", err)
	}
	d.wants("ENABLED", "", "keystore", "cancel-deletion", d.keystore)
	d.pipe("x", "sign", "--key", key)
}

// Keys in every form come in; exportable ones leave, encrypted, and are the same afterwards.
func TestKeysMove(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	must(t, err)
	spki, err := x509.MarshalPKIXPublicKey(private.Public())
	must(t, err)
	sec1, err := x509.MarshalECPrivateKey(private)
	must(t, err)
	in := func(kind, flag, name string, content []byte, args ...string) []string {
		return append([]string{"key", "import", "--keystore", d.keystore, "--type", kind, flag, d.write(name, string(content))}, args...)
	}
	armored := func(kind string, der []byte) []byte { return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}) }

	key := d.do(in("ECDSA_P256", "--pkcs8", "key.pem", armored("PRIVATE KEY", pkcs8))...)
	public := d.do(in("ECDSA_P256", "--spki", "public.pem", armored("PUBLIC KEY", spki))...)
	digest := sha256.Sum256([]byte("hello"))
	signature := d.pipe(string(digest[:]), "sign", "--key", key, "--digest", "--der")
	raw, err := encoding.DecodeString(signature)
	must(t, err)
	if !ecdsa.VerifyASN1(&private.PublicKey, digest[:], raw) {
		t.Error("the imported key's signature does not verify outside")
	}
	d.wants("valid", "hello", "verify", "--key", public, "--der", "--signature", signature)
	d.fails(1, "can verify, not sign", "hello", "sign", "--key", public)
	d.do(in("ECDSA_P256", "--pkcs8", "key.der", pkcs8)...)
	d.do(in("ECDSA_P256", "--jwk", "key.jwk", []byte(d.do("key", "public", key, "--format", "jwk")))...)
	secret := bytes.Repeat([]byte{7}, 32)
	aes := d.do(in("AES_256_GCM", "--raw", "secret", secret, "--exportable")...)
	d.fails(1, "no public part", "", "key", "public", aes)

	d.fails(1, "openssl pkcs8 -topk8", "", in("ECDSA_P256", "--pkcs8", "sec1.pem", armored("EC PRIVATE KEY", sec1))...)
	d.fails(1, "it is for --spki", "", in("ECDSA_P256", "--pkcs8", "public.pem", armored("PUBLIC KEY", spki))...)
	d.fails(1, "holds 2 PEM blocks", "", in("ECDSA_P256", "--pkcs8", "two.pem", bytes.Repeat(armored("PRIVATE KEY", pkcs8), 2))...)
	d.fails(1, "is no whole PEM", "", in("ECDSA_P256", "--pkcs8", "half.pem", armored("PRIVATE KEY", pkcs8)[:60])...)
	d.fails(1, "--jwk: "+d.file("key.pem")+": is not a JWK", "", in("ECDSA_P256", "--jwk", "key.pem", armored("PRIVATE KEY", pkcs8))...)
	d.fails(1, "--raw: stat "+d.file("none"), "", "key", "import", "--keystore", d.keystore, "--type", "AES_256_GCM", "--raw", d.file("none"))
	d.fails(1, "pkcs8", "", in("ED25519", "--pkcs8", "key.pem", armored("PRIVATE KEY", pkcs8))...)
	d.fails(2, "at least one of the flags", "", "key", "import", "--keystore", d.keystore, "--type", "AES_256_GCM")
	d.fails(2, `--type: "ED2551" is not one of ED25519, ECDSA_P256`, "", "key", "create", "--keystore", d.keystore, "--type", "ED2551")
	d.fails(2, "unwrapping-key", "", in("AES_256_GCM", "--wrapped", "x", nil)...)

	// Out to another key, which opens it: as a version and as a whole.
	to := d.key("X25519")
	recipient := d.write("recipient.jwk", d.do("key", "public", to, "--format", "jwk"))
	wrapped := d.write("wrapped", d.do("key", "export", aes, "--to", recipient))
	again := d.do("key", "import", "--keystore", d.keystore, "--type", "AES_256_GCM", "--wrapped", wrapped, "--unwrapping-key", to)
	sealed := d.pipe("attack", "encrypt", "--key", aes)
	d.wants("attack", sealed, "decrypt", "--key", again, "--version", "1")
	d.fails(1, "exportable", "", "key", "export", again, "--to", recipient)
	d.fails(1, "--to: "+wrapped, "", "key", "export", aes, "--to", wrapped)

	backup := d.write("backup", d.do("key", "backup", aes, "--to", recipient))
	d.fails(1, "CONFLICT", "", "key", "restore", "--keystore", d.keystore, "--backup", backup, "--unwrapping-key", to)
	other := d.do("keystore", "create", "--url", d.url)
	to = d.do("key", "create", "--keystore", other, "--type", "RSA_2048")
	recipient = d.write("recipient.jwk", d.do("key", "public", to, "--format", "jwk"))
	d.wants("2", "", "key", "rotate", aes)
	backup = d.write("backup", d.do("key", "backup", aes, "--to", recipient))
	restored := d.do("key", "restore", "--keystore", other, "--backup", backup, "--unwrapping-key", to)
	if lastPart(restored) != lastPart(aes) || !strings.HasPrefix(restored, other) {
		t.Errorf("key restore: %s", restored)
	}
	d.wants("attack", sealed, "decrypt", "--key", restored)
}

// Every command that uses a key, to and fro.
func TestUseCommands(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	raw := func(key string) string { return d.do("key", "public", key, "--format", "raw") }

	mldsa := d.key("ML_DSA_44")
	signature := d.pipe("hello", "sign", "--key", mldsa, "--context", "a")
	d.wants("valid", "hello", "verify", "--key", mldsa, "--signature", signature, "--context", "a")
	if code, out, _ := run(t, "hello", append(d.who, "verify", "--key", mldsa, "--signature", signature)...); code != 1 || out != "invalid\n" {
		t.Errorf("verify without the context: exit %d, %s", code, out)
	}
	rsa := d.key("RSA_2048")
	signature = d.pipe("hello", "sign", "--key", rsa, "--algorithm", "rsa-pkcs1-sha256")
	d.wants("valid", "hello", "verify", "--key", rsa, "--signature", signature, "--algorithm", "RSA_PKCS1_SHA256")
	d.fails(2, `--algorithm: "RSA" is not one of EDDSA`, "hello", "sign", "--key", rsa, "--algorithm", "RSA")
	d.fails(1, "algorithm", "hello", "sign", "--key", mldsa, "--algorithm", "ECDSA")

	hmac := d.key("HMAC_SHA256")
	mac := d.pipe("hello", "mac", "--key", hmac)
	d.wants("valid", "hello", "verify-mac", "--key", hmac, "--mac", mac)
	if code, out, _ := run(t, "other", append(d.who, "verify-mac", "--key", hmac, "--mac", mac)...); code != 1 || out != "invalid\n" {
		t.Errorf("verify-mac of other data: exit %d, %s", code, out)
	}
	d.do("derive", "--key", hmac, "--info", "a", "--length", "16", "--out", d.file("derived"))
	derived, err := os.ReadFile(d.file("derived"))
	must(t, err)
	d.wants(encoding.EncodeToString(derived), "", "derive", "--key", hmac, "--info", "a", "--length", "16")
	info, err := os.Stat(d.file("derived"))
	must(t, err)
	if len(derived) != 16 || info.Mode().Perm() != 0o600 {
		t.Errorf("derive --out: %d bytes, %v", len(derived), info.Mode())
	}
	d.fails(1, "exists already", "", "derive", "--key", hmac, "--length", "16", "--out", d.file("derived"))
	d.fails(2, "length", "", "derive", "--key", hmac)
	made := d.do("derive", "--key", hmac, "--type", "AES_256_GCM", "--name", "derived")
	d.wants(made, "", "derive", "--key", hmac, "--type", "AES_256_GCM", "--name", "derived")
	d.fails(2, "--idempotency-key", "", "derive", "--key", hmac, "--type", "AES_256_GCM", "--name", "derived", "--idempotency-key", "once")
	d.wants("attack", d.pipe("attack", "encrypt", "--key", made, "--aad", "b"), "decrypt", "--key", made, "--aad", "b")

	alice, bob := d.key("X25519"), d.key("X25519")
	secret := d.do("agree", "--key", alice, "--public-key", raw(bob))
	d.wants(secret, "", "agree", "--key", bob, "--public-key", raw(alice))
	hpke := d.pipe("attack", "encrypt", "--key", alice, "--algorithm", "hpke-chacha20-poly1305", "--info", "app")
	d.wants("attack", hpke, "decrypt", "--key", alice, "--info", "app")
	d.wants("attack", d.pipe("attack", "seal", "--key", alice), "open", "--key", alice)
	box := d.pipe("attack", "seal", "--key", alice, "--recipient-key", raw(bob))
	d.wants("attack", box, "open", "--key", bob, "--sender-key", raw(alice))
	d.fails(1, "BAD_USER_INPUT", box, "open", "--key", bob)
	d.fails(1, "is not what twolock seal prints", "{}", "open", "--key", bob)
	const plain = "0123456789abcdef"
	d.wants(plain, d.pipe(plain, "wrap", "--key", alice, "--apu", "A"), "unwrap", "--key", alice, "--apu", "A")
	authenticated := d.pipe(plain, "wrap", "--key", alice, "--algorithm", "ecdh_1pu_a256kw", "--recipient-key", raw(bob), "--tag", "AAAA")
	d.wants(plain, authenticated, "unwrap", "--key", bob, "--sender-key", raw(alice), "--tag", "AAAA")
	jwk := jwkOf(t, generated(t, key.X25519))
	var ephemeral struct{ X, D string }
	must(t, json.Unmarshal(jwk, &ephemeral))
	must(t, os.WriteFile(d.file("ephemeral.jwk"), jwk, 0o600))
	wrapped := d.pipe(plain, "wrap", "--key", alice, "--ephemeral-key", d.file("ephemeral.jwk"))
	d.wants(plain, wrapped, "unwrap", "--key", alice)
	if !strings.Contains(wrapped, ephemeral.X) || strings.Contains(wrapped, ephemeral.D) {
		t.Errorf("wrap --ephemeral-key: %s", wrapped)
	}
	aes := d.key("AES_256_GCM")
	d.wants(plain, d.pipe(plain, "wrap", "--key", aes), "unwrap", "--key", aes)

	kem := d.key("ML_KEM_768")
	encapsulated := d.do("encapsulate", "--key", kem, "--out", d.file("shared"))
	shared, err := os.ReadFile(d.file("shared"))
	must(t, err)
	if strings.Contains(encapsulated, "sharedSecret") || len(shared) != 32 {
		t.Errorf("encapsulate --out: %d bytes, %s", len(shared), encapsulated)
	}
	d.wants(encoding.EncodeToString(shared), encapsulated, "decapsulate", "--key", kem)

	dataKey := d.do("data-key", "--key", aes, "--length", "24", "--out", d.file("data-key"), "--aad", "a")
	clear, err := os.ReadFile(d.file("data-key"))
	must(t, err)
	if len(clear) != 24 {
		t.Errorf("data-key --out: %d bytes", len(clear))
	}
	d.wants(string(clear), dataKey, "decrypt", "--key", aes, "--aad", "a")
	if out := d.do("data-key", "--key", aes, "--without-plaintext"); strings.Contains(out, "plaintext") {
		t.Errorf("data-key --without-plaintext: %s", out)
	}
	xaes := d.key("XAES_256_GCM")
	moved := d.pipe(dataKey, "reencrypt", "--key", aes, "--aad", "a", "--to", xaes, "--to-aad", "b")
	d.wants(string(clear), moved, "decrypt", "--key", xaes, "--aad", "b")
	hpkeOnly := d.key("X25519", "--algorithm", "HPKE_AES_128_GCM")
	hpke = d.pipe("attack", "encrypt", "--key", hpkeOnly, "--algorithm", "HPKE_AES_128_GCM", "--info", "app")
	again := d.pipe(hpke, "reencrypt", "--key", hpkeOnly, "--info", "app")
	d.wants("attack", again, "decrypt", "--key", hpkeOnly, "--info", "app")
	d.wants("attack", d.pipe(again, "reencrypt", "--key", hpkeOnly, "--info", "app", "--to", aes), "decrypt", "--key", aes)
	onward := d.pipe(again, "reencrypt", "--key", hpkeOnly, "--info", "app", "--to", alice, "--to-algorithm", "hpke-chacha20-poly1305", "--to-info", "other")
	d.wants("attack", onward, "decrypt", "--key", alice, "--info", "other")
	hpke = d.do("data-key", "--key", hpkeOnly, "--algorithm", "HPKE_AES_128_GCM", "--length", "8", "--out", d.file("hpke-key"))
	if got, err := os.ReadFile(d.file("hpke-key")); err != nil || len(got) != 8 || string(got) != d.pipe(hpke, "decrypt", "--key", hpkeOnly) {
		t.Errorf("data-key with an algorithm: %x, %v", got, err)
	}
	random, err := encoding.DecodeString(d.do("random", "--keystore", d.keystore, "--length", "40"))
	if err != nil || len(random) != 40 {
		t.Errorf("random: %d bytes, %v", len(random), err)
	}
	for _, format := range []string{"pem", "jwk", "raw", "spki", "multikey"} {
		if d.do("key", "public", alice, "--format", format) == "" {
			t.Errorf("key public --format %s prints nothing", format)
		}
	}
	d.do("key", "public", alice, "--out", d.file("alice.pem"))
	d.wants(d.do("key", "public", alice, "--format", "spki"), "", "key", "public", alice, "--format", "spki")
}
