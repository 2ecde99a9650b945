package keystore_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"twolock/crypto/key"
	"twolock/keystore"
)

// tagKey is the one with which testdata/backup.json was made, by the program as it was before backups had an encoder of their own.
var tagKey = bytes.Repeat([]byte{7}, 32)

// A backup that was made before is read, and its tag is what it was.
func TestBackupOfBefore(t *testing.T) {
	text, err := os.ReadFile("testdata/backup.json")
	if err != nil {
		t.Fatal(err)
	}
	for what, plain := range map[string][]byte{"as it was": text, "put in lines": indented(t, text)} {
		b, err := keystore.ParseBackup(plain, time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC))
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if tag, err := keystore.BackupTag(tagKey, b); err != nil || !bytes.Equal(tag, b.Tag) {
			t.Errorf("%s: the tag is %x, error %v; want %x", what, tag, err, b.Tag)
		}
		if again, err := keystore.EncodeBackup(b); err != nil || !bytes.Equal(again, text) {
			t.Errorf("%s: it is written as %s, error %v; want %s", what, again, err, text)
		}
	}
}

func indented(t *testing.T, text []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := json.Indent(&b, text, "", "  "); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A backup is written as encoding/json writes it, whatever is in it.
func TestBackupIsWrittenAsByTheStandardLibrary(t *testing.T) {
	at := time.Date(2026, 11, 25, 1, 2, 3, 4000, time.UTC)
	jwks := []string{`{"kty":"oct","k":"AA"}`, " { \"kty\" : \"<oct>&\u2028\u2029\",\n\"k\":[1, 2] } ", `null`, `"\"jwk\":null"`, `{"jwk":null}`, `{"a":{"jwk":null},"jwk":null}`, "\"" + strings.Repeat("<", 300) + "\""}
	for n := range len(jwks) + 1 {
		b := &keystore.Backup{Format: `"jwk":null`, Name: `"jwk":null\"jwk":null`, Description: "<>&\u2028 \"jwk\":null", CreatedAt: at, Tags: []keystore.Tag{{Name: `"jwk":null`}}}
		for i, jwk := range jwks[:n] {
			b.Versions = append(b.Versions, keystore.BackupVersion{Version: i + 1, CreatedAt: at, JWK: json.RawMessage(jwk), Messages: int64(i)})
		}
		if n == len(jwks) {
			b.Versions = append(b.Versions, keystore.BackupVersion{Version: 9})
		}
		want, err := json.Marshal(b)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := keystore.EncodeBackup(b); err != nil || !bytes.Equal(got, want) {
			t.Errorf("with %d versions: got %s, error %v; want %s", n, got, err, want)
		}
	}
	b := &keystore.Backup{Versions: []keystore.BackupVersion{{JWK: json.RawMessage("{")}}}
	if got, err := keystore.EncodeBackup(b); err == nil || got != nil {
		t.Errorf("what is not JSON was written: %s", got)
	}
}

// When a backup was made, tagged, read and wiped, its key is nowhere in the process's memory.
func TestBackupsLeaveNoCopy(t *testing.T) {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw)
	k, err := key.Import(key.HMACSHA256, key.Material{Raw: raw})
	if err != nil {
		t.Fatal(err)
	}
	clear(raw)
	jwk, err := k.JWK()
	if err != nil {
		t.Fatal(err)
	}
	_, encoded, _ := bytes.Cut(jwk, []byte(`"k":"`))
	masked := mask(bytes.Clone(encoded[:base64.RawURLEncoding.EncodedLen(32)]))
	if inMemory(t, masked) == 0 {
		t.Fatal("the key is not found in this process's memory, where it is: this takes /proc/self/mem, as Linux has it")
	}
	b := &keystore.Backup{Format: "twolock key backup 1", ID: keystore.NewID(), CreatedAt: time.Now(), Versions: []keystore.BackupVersion{{Version: 1, CreatedAt: time.Now(), JWK: jwk}}}
	if b.Tag, err = keystore.BackupTag(tagKey, b); err != nil {
		t.Fatal(err)
	}
	plain, err := keystore.EncodeBackup(b)
	if err != nil {
		t.Fatal(err)
	}
	read, err := keystore.ParseBackup(plain, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := keystore.BackupTag(tagKey, read); err != nil {
		t.Fatal(err)
	}
	unknown := append(append(make([]byte, 0, len(plain)+10), plain[:len(plain)-1]...), `,"x":1}`...)
	if _, err := keystore.ParseBackup(unknown, time.Now()); err == nil {
		t.Error("a backup with an unknown member is read")
	}
	for _, secret := range [][]byte{plain, unknown, jwk, read.Versions[0].JWK} {
		clear(secret)
	}
	k.Wipe()
	if n := inMemory(t, masked); n != 0 {
		t.Errorf("the key is in memory %d times", n)
	}
}

// mask changes bytes so that looking for them does not find what is looked for.
func mask(b []byte) []byte {
	for i := range b {
		b[i] ^= 0x5a
	}
	return b
}

// inMemory counts where what was masked is in what this process can write to.
func inMemory(t *testing.T, masked []byte) (found int) {
	t.Helper()
	maps, err := os.ReadFile("/proc/self/maps")
	memory, err2 := os.Open("/proc/self/mem")
	if err != nil || err2 != nil {
		return 0
	}
	defer memory.Close()
	buf := make([]byte, 1<<20)
	for line := range strings.Lines(string(maps)) {
		var from, to int64
		var mode string
		if _, err := fmt.Sscanf(line, "%x-%x %s", &from, &to, &mode); err != nil || !strings.HasPrefix(mode, "rw") || to-from > 1<<30 {
			continue
		}
		for at := from; at < to; at += int64(len(buf) - len(masked)) {
			n, _ := memory.ReadAt(buf[:min(int64(len(buf)), to-at)], at)
			for i := 0; i+len(masked) <= n; i++ {
				j := 0
				for j < len(masked) && buf[i+j]^0x5a == masked[j] {
					j++
				}
				if j == len(masked) {
					found++
				}
			}
		}
	}
	clear(buf)
	return found
}
