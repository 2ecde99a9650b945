package lock_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http/httptest"
	"os"
	"testing"

	"twolock/companion/awskms"
	"twolock/crypto/lock"
)

// golden is what this format's first release sealed. It is never written again: what is in it must open forever.
type golden struct {
	Keys []struct {
		Name, ID, Key, Secret, Sealed string
		Label                         lock.Label
	}
	Locals   []struct{ Name, File, ID, Secret, Sealed string }
	Shares   []struct{ Shares, Join []string }
	UserLock []struct{ Joined, Salt, Keystore, Key, Verifier string }
	AWS      []struct {
		Seed, KeyARN, Secret, Sealed string
		Label                        lock.Label
	}
}

func readGolden(t testing.TB) golden {
	t.Helper()
	text, err := os.ReadFile("testdata/format-1.json")
	if err != nil {
		t.Fatal(err)
	}
	var g golden
	if err := json.Unmarshal(text, &g); err != nil {
		t.Fatal(err)
	}
	if len(g.Keys) == 0 || len(g.Locals) == 0 || len(g.Shares) == 0 || len(g.UserLock) == 0 || len(g.AWS) == 0 {
		t.Fatal("golden file lacks a part")
	}
	return g
}

func TestGoldenKeysOpen(t *testing.T) {
	for _, c := range readGolden(t).Keys {
		got, err := newKey(t, c.ID, mustHex(t, c.Key)).Open(mustHex(t, c.Sealed), c.Label)
		if err != nil || !bytes.Equal(got, mustHex(t, c.Secret)) {
			t.Errorf("%s: got %x, %v; want %s", c.Name, got, err, c.Secret)
		}
	}
}

func TestGoldenLocalsOpen(t *testing.T) {
	for _, c := range readGolden(t).Locals {
		l := openLocal(t, writeKeyFile(t, c.File, 0o600))
		if l.ID() != c.ID {
			t.Errorf("%s: id %s, want %s", c.Name, l.ID(), c.ID)
		}
		got, err := l.Open(context.Background(), mustHex(t, c.Sealed), lock.Label{Purpose: lock.PurposeService})
		if err != nil || !bytes.Equal(got, mustHex(t, c.Secret)) {
			t.Errorf("%s: got %x, %v; want %s", c.Name, got, err, c.Secret)
		}
	}
}

func TestGoldenSharesJoin(t *testing.T) {
	for _, c := range readGolden(t).Shares {
		for i, want := range c.Join {
			some := [][]byte{mustHex(t, c.Shares[i]), mustHex(t, c.Shares[(i+1)%len(c.Shares)])}
			if got, err := lock.JoinShares(some); err != nil || !bytes.Equal(got, mustHex(t, want)) {
				t.Errorf("got %x, %v; want %s", got, err, want)
			}
		}
	}
}

func TestGoldenUserLocks(t *testing.T) {
	for _, c := range readGolden(t).UserLock {
		k, verifier, err := lock.DeriveUserLock(mustHex(t, c.Joined), mustHex(t, c.Salt), c.Keystore)
		if err != nil || !bytes.Equal(verifier, mustHex(t, c.Verifier)) {
			t.Errorf("verifier: got %x, %v; want %s", verifier, err, c.Verifier)
			continue
		}
		if got, err := k.Open(seal(t, newKey(t, k.ID(), mustHex(t, c.Key)), testText, testLabel), testLabel); err != nil || !bytes.Equal(got, testText) {
			t.Errorf("the key is not %s: %v", c.Key, err)
		}
	}
}

// The stand-in gives its keys the same material from the same seed, as AWS keeps the same key.
func TestGoldenAWSBlobsOpen(t *testing.T) {
	for _, c := range readGolden(t).AWS {
		kms := awskms.New(awskms.Options{
			AccessKeyID: testAccessKeyID, SecretAccessKey: testSecretKey, Region: "eu-central-1",
			Keys: []string{c.KeyARN}, Seed: mustHex(t, c.Seed),
		})
		server := httptest.NewServer(kms)
		a := openAWS(t, lock.AWSOptions{KeyARN: c.KeyARN, Endpoint: server.URL})
		got, err := a.Open(context.Background(), mustHex(t, c.Sealed), c.Label)
		if err != nil || !bytes.Equal(got, mustHex(t, c.Secret)) {
			t.Errorf("got %x, %v; want %s", got, err, c.Secret)
		}
		server.Close()
	}
}
