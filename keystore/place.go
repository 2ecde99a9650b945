package keystore

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"strings"

	"github.com/mr-tron/base58"
)

// place is where a keystore or key is: its short ids. key is empty for a keystore.
type place struct{ keystore, key string }

// Identifiers are z + base58btc(0x00 0x10 || 16 bytes): multibase of an identity multihash.
const (
	idBytes  = 16
	maxIDLen = 26
)

func encodeID(b [idBytes]byte) string {
	return "z" + base58.Encode(append([]byte{0x00, idBytes}, b[:]...))
}

func newID() string {
	var b [idBytes]byte
	_, _ = rand.Read(b[:])
	return encodeID(b)
}

// derivedID makes the id that an idempotency key always leads to, so that a retry meets what the first call made, in
// every store. The parts are hashed with their lengths.
func derivedID(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(p)))
		h.Write(n[:])
		h.Write([]byte(p))
	}
	return encodeID([idBytes]byte(h.Sum(nil)))
}

func isID(s string) bool {
	if len(s) < 2 || len(s) > maxIDLen || s[0] != 'z' {
		return false
	}
	b, err := base58.Decode(s[1:])
	return err == nil && len(b) == idBytes+2 && b[0] == 0x00 && b[1] == idBytes && base58.Encode(b) == s[1:]
}

const keystoresPath, keysPath = "/keystores/", "/keys/"

func (s *Service) serviceURL() string           { return s.base + "/graphql" }
func (s *Service) keystoreURL(ks string) string { return s.base + keystoresPath + ks }
func (s *Service) keyURL(ks, key string) string { return s.keystoreURL(ks) + keysPath + key }

// rootOf is the URL whose root capability governs a place.
func (s *Service) rootOf(at place) string {
	if at.keystore == "" {
		return s.serviceURL()
	}
	return s.keystoreURL(at.keystore)
}

func (s *Service) parseURL(url string) (place, bool) {
	path, ok := strings.CutPrefix(url, s.base+keystoresPath)
	if !ok {
		return place{}, false
	}
	ks, k, isKey := strings.Cut(path, keysPath)
	return place{ks, k}, isID(ks) && (!isKey || isID(k))
}

// keystoreAt and keyAt read an input that names a keystore or key; field is the input's name, for the error.
func (s *Service) keystoreAt(field, url string) (place, error) {
	p, ok := s.parseURL(url)
	if !ok || p.key != "" {
		return p, Errorf(BadUserInput, "%s: is not the URL of a keystore here, such as %s", field, s.keystoreURL("z…"))
	}
	return p, nil
}

func (s *Service) keyAt(field, url string) (place, error) {
	p, ok := s.parseURL(url)
	if !ok || p.key == "" {
		return p, Errorf(BadUserInput, "%s: is not the URL of a key here, such as %s", field, s.keyURL("z…", "z…"))
	}
	return p, nil
}
