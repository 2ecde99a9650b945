package lock_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"twolock/crypto/lock"
)

// Whatever the bytes: no panic, and what opens is what was sealed.
func FuzzOpen(f *testing.F) {
	r := newReference() // the same blob in every process that fuzzes
	k, sealed := newKey(f, r.id, r.key), r.seal(f, testText)
	f.Add(sealed)
	f.Add([]byte{})
	f.Add([]byte{1, 1, 255})
	f.Add(sealed[:3+len(r.id)])
	f.Add([]byte{2})
	for _, c := range readGolden(f).Keys {
		f.Add(mustHex(f, c.Sealed))
	}
	f.Fuzz(func(t *testing.T, blob []byte) {
		got, err := k.Open(blob, testLabel)
		if err == nil && !(bytes.Equal(blob, sealed) && bytes.Equal(got, testText)) {
			t.Errorf("opens: %x", blob)
		}
		if err != nil && !errors.Is(err, lock.ErrOpen) {
			t.Errorf("got %v, want ErrOpen", err)
		}
	})
}

// The input is cut into shares of the length that its first byte says.
func FuzzJoinShares(f *testing.F) {
	f.Add(append([]byte{33}, bytes.Join(split(f, testKey, 3, 2), nil)...))
	f.Add([]byte{0})
	f.Add([]byte{1, 0, 0})
	f.Add(append([]byte{33}, make([]byte, 66)...))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) == 0 {
			return
		}
		var shares [][]byte
		for n, rest := int(data[0]), data[1:]; len(rest) > 0; {
			m := min(max(n, 1), len(rest))
			shares, rest = append(shares, rest[:m]), rest[m:]
		}
		got, err := lock.JoinShares(shares)
		if err != nil {
			se, ok := errors.AsType[*lock.ShareError](err)
			if !ok || se.Index >= len(shares) || got != nil {
				t.Errorf("got %x, %v", got, err)
			}
			return
		}
		seen := map[byte]bool{}
		for _, s := range shares {
			if len(s) != 33 || s[32] == 0 || seen[s[32]] {
				t.Errorf("joined with share %x", s)
			}
			seen[s[32]] = true
		}
		if len(got) != 32 || len(shares) < 2 || len(shares) > 16 {
			t.Errorf("%d shares joined to %d bytes", len(shares), len(got))
		}
	})
}

func FuzzOpenLocal(f *testing.F) {
	f.Add([]byte(keyText))
	f.Add([]byte(keyText + "=\r\n"))
	f.Add([]byte{})
	path := filepath.Join(f.TempDir(), "master.key")
	f.Fuzz(func(t *testing.T, content []byte) {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		l, err := lock.OpenLocal(path)
		if err != nil {
			return
		}
		// Strict: what opens is one of four texts for its 43 characters.
		text := bytes.TrimSuffix(bytes.TrimSuffix(bytes.TrimSuffix(content, []byte("\n")), []byte("\r")), []byte("="))
		if len(text) != 43 || bytes.ContainsAny(text, "\r\n =+/") {
			t.Errorf("opens as %s: %q", l.ID(), content)
		}
	})
}
