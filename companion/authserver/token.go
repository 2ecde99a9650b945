package authserver

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
)

type tokens struct {
	service string
	key     []byte
}

// bearer is whom a token speaks for.
type bearer struct {
	service bool
	user    string // a DID; empty for the service
}

func newTokens(service string, key []byte) tokens {
	if service == "" {
		panic("authserver: service token is missing")
	}
	if key == nil {
		key = make([]byte, 32)
		rand.Read(key)
	}
	if len(key) < 16 {
		panic("authserver: user token key is shorter than 16 bytes")
	}
	return tokens{service, key}
}

func (t tokens) forUser(sub string) string {
	h := hmac.New(sha256.New, t.key)
	h.Write([]byte(sub))
	return sub + "." + hex.EncodeToString(h.Sum(nil))
}

// bearer reads the Authorization headers, of which there must be one.
func (t tokens) bearer(headers []string) (bearer, bool) {
	if len(headers) != 1 {
		return bearer{}, false
	}
	encoded, ok := strings.CutPrefix(headers[0], "Bearer ")
	if !ok {
		return bearer{}, false
	}
	token, err := base64.StdEncoding.Strict().DecodeString(encoded)
	if err != nil {
		return bearer{}, false
	}
	if hmac.Equal(token, []byte(t.service)) {
		return bearer{service: true}, true
	}
	dot := strings.LastIndexByte(string(token), '.')
	if dot <= 0 {
		return bearer{}, false
	}
	sub := string(token[:dot])
	return bearer{user: sub}, hmac.Equal(token, []byte(t.forUser(sub)))
}
