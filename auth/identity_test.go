package auth_test

import (
	"bytes"
	"crypto/elliptic"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/big"
	"strings"
	"testing"

	"github.com/mr-tron/base58"

	"twolock/auth"
)

func TestIdentityFile(t *testing.T) {
	t.Run("Ed25519", func(t *testing.T) { identityFile(t, auth.NewIdentity) })
	t.Run("P-256", func(t *testing.T) { identityFile(t, auth.NewP256Identity) })
}

func identityFile(t *testing.T, make func() (*auth.Identity, error)) {
	id, err := make()
	if err != nil {
		t.Fatal(err)
	}
	other, err := make()
	if err != nil {
		t.Fatal(err)
	}
	if id.DID() == other.DID() {
		t.Fatal("two new identities are the same")
	}
	file, err := id.MarshalFile()
	if err != nil {
		t.Fatal(err)
	}
	again, err := auth.ParseIdentity(file)
	if err != nil {
		t.Fatal(err)
	}
	if again.DID() != id.DID() || again.KeyID() != id.DID()+"#"+strings.TrimPrefix(id.DID(), "did:key:") {
		t.Errorf("got %s, %s from the file of %s", again.DID(), again.KeyID(), id.DID())
	}
	key, err := auth.ParseDID(id.DID())
	if err != nil {
		t.Fatal(err)
	}
	if !key.Verify([]byte("m"), again.Sign([]byte("m"))) {
		t.Error("the identity read back signs with another key")
	}
}

// The JavaScript libraries' own key pairs can be used.
func TestIdentityFileOfReference(t *testing.T) {
	var keys map[string]json.RawMessage
	readJSON(t, "keys.json", &keys)
	delete(keys, "comment")
	for name, data := range keys {
		var k struct{ DID, KeyID, PublicKeyMultibase, PrivateKeyMultibase string }
		if err := json.Unmarshal(data, &k); err != nil {
			t.Fatal(err)
		}
		for _, file := range []string{
			fmt.Sprintf(`{"id":%q,"type":"Ed25519VerificationKey2020","publicKeyMultibase":%q,"privateKeyMultibase":%q}`,
				k.KeyID, k.PublicKeyMultibase, k.PrivateKeyMultibase),
			fmt.Sprintf(`{"@context":"https://w3id.org/security/suites/ed25519-2020/v1","id":%q,"controller":%q,
				"type":"Ed25519VerificationKey2020","publicKeyMultibase":%q,"privateKeyMultibase":%q}`,
				k.DID, k.DID, k.PublicKeyMultibase, k.PrivateKeyMultibase),
		} {
			id, err := auth.ParseIdentity([]byte(file))
			if err != nil {
				t.Errorf("%s: %v", name, err)
			} else if id.DID() != k.DID || id.KeyID() != k.KeyID {
				t.Errorf("%s: got %s, want %s", name, id.KeyID(), k.KeyID)
			}
		}
	}
}

func TestIdentityFileRefuses(t *testing.T) {
	id, other := newIdentity(t, 1), newIdentity(t, 2)
	members := func(id *auth.Identity) map[string]string {
		file, err := id.MarshalFile()
		if err != nil {
			t.Fatal(err)
		}
		var m map[string]string
		if err := json.Unmarshal(file, &m); err != nil {
			t.Fatal(err)
		}
		return m
	}
	private := members(id)["privateKeyMultibase"]
	for name, c := range map[string]struct {
		change func(m map[string]string)
		text   string
	}{
		"no id":               {func(m map[string]string) { delete(m, "id") }, "id must be"},
		"another's id":        {func(m map[string]string) { m["id"] = other.KeyID() }, "id must be"},
		"another's fragment":  {func(m map[string]string) { m["id"] = id.DID() + "#x" }, "id must be"},
		"another controller":  {func(m map[string]string) { m["controller"] = other.DID() }, "controller must be"},
		"another type":        {func(m map[string]string) { m["type"] = "JsonWebKey2020" }, "type must be"},
		"another context":     {func(m map[string]string) { m["@context"] = "https://kms.example" }, "@context must be"},
		"unknown member":      {func(m map[string]string) { m["revoked"] = "2026-01-01T00:00:00Z" }, "nothing unknown"},
		"mis-cased":           {func(m map[string]string) { m["ID"] = m["id"]; delete(m, "id") }, "nothing unknown"},
		"no public key":       {func(m map[string]string) { delete(m, "publicKeyMultibase") }, "publicKeyMultibase does not"},
		"another public key":  {func(m map[string]string) { m["publicKeyMultibase"] = members(other)["publicKeyMultibase"] }, "publicKeyMultibase does not"},
		"no private key":      {func(m map[string]string) { delete(m, "privateKeyMultibase") }, "privateKeyMultibase must"},
		"another private key": {func(m map[string]string) { m["privateKeyMultibase"] = members(other)["privateKeyMultibase"] }, "publicKeyMultibase does not"},
		"cut private key":     {func(m map[string]string) { m["privateKeyMultibase"] = private[:60] }, "privateKeyMultibase must"},
		"long private key":    {func(m map[string]string) { m["privateKeyMultibase"] += strings.Repeat("1", 100) }, "too long"},
		"halves of two pairs": {func(m map[string]string) { m["privateKeyMultibase"] = mixedPair(t) }, "public part"},
		"too large":           {func(m map[string]string) { m["id"] = strings.Repeat("x", 5000) }, "4096 bytes"},
	} {
		m := members(id)
		c.change(m)
		file, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		refusesIdentity(t, name, file, c.text, private)
	}
	file, err := id.MarshalFile()
	if err != nil {
		t.Fatal(err)
	}
	twice := strings.Replace(string(file), `"id":`, `"id":"did:key:z","id":`, 1)
	refusesIdentity(t, "member twice", []byte(twice), "each once", private)
	refusesIdentity(t, "trailing data", append(file, "{}"...), "JSON object", private)
	refusesIdentity(t, "nothing", nil, "JSON object", private)
	refusesIdentity(t, "bare key", []byte(private), "JSON object", private)
	if _, err := auth.IdentityFromSeed(make([]byte, 31)); err == nil || !strings.Contains(err.Error(), "32 bytes") {
		t.Errorf("short seed: got %v", err)
	}
}

// Multikey files, of P-256 and of Ed25519, are read as the JavaScript libraries write them, and written so.
func TestMultikeyFile(t *testing.T) {
	p := readP256(t) // reads them
	for _, file := range p.Keys {
		id, err := auth.ParseIdentity(file)
		if err != nil {
			t.Fatal(err)
		}
		again, err := id.MarshalFile()
		if err != nil {
			t.Fatal(err)
		}
		var got, want map[string]string
		if err := errors.Join(json.Unmarshal(again, &got), json.Unmarshal(file, &want)); err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(id.DID(), "did:key:z6Mk") { // ours are written in the older form
			want["@context"], want["type"] = "https://w3id.org/security/suites/ed25519-2020/v1", "Ed25519VerificationKey2020"
			want["privateKeyMultibase"] = want["secretKeyMultibase"]
			delete(want, "secretKeyMultibase")
		}
		if !maps.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	}
}

func TestMultikeyFileRefuses(t *testing.T) {
	secret := map[string]string{}
	files := map[string]map[string]string{}
	for _, file := range readP256(t).Keys {
		var m map[string]string
		if err := json.Unmarshal(file, &m); err != nil {
			t.Fatal(err)
		}
		kind := m["publicKeyMultibase"][:3]
		files[kind], secret[kind] = m, m["secretKeyMultibase"]
	}
	scalar := func(n *big.Int) string {
		return "z" + base58.Encode(append([]byte{0x86, 0x26}, n.FillBytes(make([]byte, 32))...))
	}
	order := elliptic.P256().Params().N
	one := big.NewInt(1)
	for name, c := range map[string]struct {
		change func(m map[string]string)
		text   string
	}{
		"no secret": {func(m map[string]string) { delete(m, "secretKeyMultibase") }, "secretKeyMultibase must be"},
		"secret as privateKey": {func(m map[string]string) {
			m["privateKeyMultibase"] = m["secretKeyMultibase"]
			delete(m, "secretKeyMultibase")
		}, "must be in secretKeyMultibase"},
		"both":                  {func(m map[string]string) { m["privateKeyMultibase"] = m["secretKeyMultibase"] }, "must be in secretKeyMultibase"},
		"another kind's secret": {func(m map[string]string) { m["secretKeyMultibase"] = secret["z6M"] }, "publicKeyMultibase does not"},
		"public key as secret":  {func(m map[string]string) { m["secretKeyMultibase"] = m["publicKeyMultibase"] }, "secretKeyMultibase must be"},
		"scalar 0":              {func(m map[string]string) { m["secretKeyMultibase"] = scalar(new(big.Int)) }, "not a P-256 scalar"},
		"scalar n":              {func(m map[string]string) { m["secretKeyMultibase"] = scalar(order) }, "not a P-256 scalar"},
		"scalar n + 1":          {func(m map[string]string) { m["secretKeyMultibase"] = scalar(new(big.Int).Add(order, one)) }, "not a P-256 scalar"},
		"another scalar":        {func(m map[string]string) { m["secretKeyMultibase"] = scalar(one) }, "publicKeyMultibase does not"},
		"cut secret":            {func(m map[string]string) { m["secretKeyMultibase"] = secret["zDn"][:40] }, "secretKeyMultibase must be"},
		"long secret":           {func(m map[string]string) { m["secretKeyMultibase"] += strings.Repeat("1", 200) }, "too long"},
		"context of the other":  {func(m map[string]string) { m["@context"] = "https://w3id.org/security/suites/ed25519-2020/v1" }, "@context must be"},
		"type of the other": {func(m map[string]string) {
			m["type"], m["privateKeyMultibase"] = "Ed25519VerificationKey2020", m["secretKeyMultibase"]
			delete(m, "secretKeyMultibase")
			delete(m, "@context")
		}, "privateKeyMultibase must be an Ed25519 key pair"},
		"another's id": {func(m map[string]string) { m["id"] = files["z6M"]["id"] }, "id must be"},
	} {
		m := maps.Clone(files["zDn"])
		c.change(m)
		file, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		refusesIdentity(t, name, file, c.text, secret["zDn"])
	}
}

func refusesIdentity(t *testing.T, name string, file []byte, text, private string) {
	t.Helper()
	_, err := auth.ParseIdentity(file)
	if err == nil || !strings.Contains(err.Error(), text) {
		t.Errorf("%s: got %v, want …%s…", name, err, text)
	} else if strings.Contains(err.Error(), private[4:20]) {
		t.Errorf("%s: the error shows the private key", name)
	}
}

// However an identity gets into a log, its DID comes out and nothing else.
func TestIdentityRedacted(t *testing.T) {
	redacted(t, newIdentity(t, 7)) // its seed is 32 times 07
	scalar := "z" + base58.Encode(append([]byte{0x86, 0x26}, bytes.Repeat([]byte{7}, 32)...))
	file := fmt.Sprintf(`{"type":"Multikey","id":%q,"publicKeyMultibase":%q,"secretKeyMultibase":%q}`,
		sevens, strings.TrimPrefix(sevens, "did:key:"), scalar)
	id, err := auth.ParseIdentity([]byte(file))
	if err != nil {
		t.Fatal(err)
	}
	redacted(t, id)
}

// sevens is the DID of the P-256 scalar that is 32 times 07.
const sevens = "did:key:zDnaejgmAHMLkBPMBWnkBxyGxpXx8LgE4WJAYDhwZzyoRAddF"

func redacted(t *testing.T, id *auth.Identity) {
	t.Helper()
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "id", id, "value", *id)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "id", id, "in", struct{ ID *auth.Identity }{id})
	inJSON, err := json.Marshal(map[string]any{"id": id, "value": *id})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{
		fmt.Sprint(id), fmt.Sprintf("%v %+v %#v %s %q %x %d", id, id, id, id, id, id, id), fmt.Sprintf("%+v %#v %x", *id, *id, *id),
		fmt.Sprintf("%+v", struct{ ID *auth.Identity }{id}), string(inJSON), log.String(),
	} {
		if !strings.Contains(s, id.DID()) {
			t.Errorf("no DID in %s", s)
		}
		for _, secret := range []string{"0707", "7, 7", "7 7", "0x7", `\a`, "BwcH", "zrv", "z42"} {
			if strings.Contains(s, secret) {
				t.Errorf("the seed is in %s", s)
			}
		}
	}
}

// mixedPair is a private key multibase of one seed with another's public key.
func mixedPair(t *testing.T) string {
	t.Helper()
	key, err := auth.ParseDID(newIdentity(t, 2).DID())
	if err != nil {
		t.Fatal(err)
	}
	pair := append([]byte{0x80, 0x26}, make([]byte, 32)...)
	for i := range 32 {
		pair[2+i] = 1
	}
	return "z" + base58.Encode(append(pair, key.Bytes()...))
}
