package concatkdf_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"testing"

	"twolock/crypto/concatkdf"
)

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func unb64(t *testing.T, s string) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The published answers: direct agreement, and with the tag.
func TestKeyPublished(t *testing.T) {
	tag := unb64(t, "HLb4fTlm8spGmij3RyOs2gJ4DpHM4hhVRwdF_hGb3WQ")
	wrapping := concatkdf.Info{Algorithm: "ECDH-1PU+A128KW", APU: []byte("Alice"), APV: []byte("Bob and Charlie"), Tag: tag}
	for _, c := range []struct {
		source string
		z      string
		info   concatkdf.Info
		want   []byte
	}{
		{"RFC 7518 appendix C", "9e56d91d817135d372834283bf84269cfb316ea3da806a48f6daa7798cfe90c4",
			concatkdf.Info{Algorithm: "A128GCM", APU: []byte("Alice"), APV: []byte("Bob")}, unb64(t, "VqqN6vgjbSBcIijNcacQGg")},
		{"draft-madden-jose-ecdh-1pu-04 appendix A", "9e56d91d817135d372834283bf84269cfb316ea3da806a48f6daa7798cfe90c4" +
			"e3ca3474384c9f62b30bfd4c688b3e7d4110a1b4badc3cc54ef7b81241efd50d",
			concatkdf.Info{Algorithm: "A256GCM", APU: []byte("Alice"), APV: []byte("Bob")},
			unhex(t, "6caf13723d14850ad4b42cd6dde935bffd2fff00a9ba70de05c203a5e1722ca7")},
		{"draft-madden-jose-ecdh-1pu-04 appendix B, Bob", "32810896e0fe4d570ed1acfcedf67117dc194ed5daac21d8ff7af3244694897f" +
			"2157612c9048edfae77cb2e4237140605967c05c7f77a48eeaf2cf29a5737c4a", wrapping, unhex(t, "df4c37a0668306a11e3d6b0074b5d8df")},
		{"draft-madden-jose-ecdh-1pu-04 appendix B, Charlie", "89dcfe4c37c1dc0271f346b5b3b19c3b705ca2a72f9a237785c34406fcb75f10" +
			"78fe63fc661cf8d18f92a8422a6418e4ed5e20a9168185fdeedca1c3d8e6a61c", wrapping, unhex(t, "57d8126f1b7ec4ccb0584dac03cb27cc")},
	} {
		if got := concatkdf.Key(unhex(t, c.z), c.info, len(c.want)); !bytes.Equal(got, c.want) {
			t.Errorf("%s: got %x, want %x", c.source, got, c.want)
		}
	}
}

// Whatever goes in, and where it ends, makes another key.
func TestKeyIsBoundToEverything(t *testing.T) {
	z := bytes.Repeat([]byte{7}, 32)
	seen := map[string]int{}
	for i, info := range []concatkdf.Info{
		{Algorithm: "A"}, {Algorithm: "B"}, {APU: []byte("A")}, {APV: []byte("A")}, {Tag: []byte("A")}, {Tag: []byte{}}, {},
		{APU: []byte("ab"), APV: []byte("c")}, {APU: []byte("a"), APV: []byte("bc")},
	} {
		for _, size := range []int{16, 32} {
			k := string(concatkdf.Key(z, info, size)[:16])
			if j, ok := seen[k]; ok {
				t.Errorf("%d and %d give one key", i, j)
			}
			seen[k] = i
		}
	}
}
