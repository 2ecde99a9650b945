package auth

import (
	stdjson "encoding/json"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

const (
	contextZCAP  = "https://w3id.org/zcap/v1"
	rootIDPrefix = "urn:zcap:root:"
	maxRootID    = len(rootIDPrefix) + 3*maxRevocation
)

// RootID names the root capability of a URL: "urn:zcap:root:" + encodeURIComponent(target).
func RootID(target string) string {
	return rootIDPrefix + encodeComponent(target)
}

// encodeComponent is encodeURIComponent.
func encodeComponent(s string) string {
	const hex = "0123456789ABCDEF"
	b := make([]byte, 0, len(s)+16)
	for i := range len(s) {
		if c := s[i]; unescaped(c) {
			b = append(b, c)
		} else {
			b = append(b, '%', hex[c>>4], hex[c&15])
		}
	}
	return string(b)
}

// unescaped tells what encodeURIComponent leaves (ECMA-262, section 19.2.6.5).
func unescaped(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-_.!~*'()", c) >= 0
}

// rootTarget undoes RootID. Only the spelling that RootID gives is accepted.
func rootTarget(id string) (target string, ok bool) {
	text, ok := strings.CutPrefix(id, rootIDPrefix)
	if !ok || len(id) > maxRootID {
		return "", false
	}
	target, ok = decodeComponent(text)
	return target, ok && checkTarget(target) == nil
}

// decodeComponent undoes encodeURIComponent. Only the spelling that it gives is accepted.
func decodeComponent(text string) (string, bool) {
	b := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == '%' {
			if i+2 >= len(text) {
				return "", false
			}
			c = nibble(text[i+1])<<4 | nibble(text[i+2])
			i += 2
		}
		b = append(b, c)
	}
	return string(b), encodeComponent(string(b)) == text
}

// nibble reads a hexadecimal digit. What is none reads as something else, which decodeComponent's comparison finds out.
func nibble(c byte) byte {
	if c >= 'A' {
		return c - 'A' + 10
	}
	return c - '0'
}

// RootCapability is the root capability of a URL, as JSON. It is for showing: it is never sent in a request, only named, for
// the server knows the controller.
func RootCapability(target, controller string) stdjson.RawMessage {
	// Marshalling strings fails only where they are not UTF-8; these members cannot be made to.
	doc, err := json.Marshal(struct {
		Context    string `json:"@context"`
		ID         string `json:"id"`
		Controller string `json:"controller"`
		Target     string `json:"invocationTarget"`
	}{contextZCAP, RootID(target), controller, target}, jsontext.AllowInvalidUTF8(true))
	if err != nil {
		panic("auth: a root capability cannot be marshalled: " + err.Error())
	}
	return stdjson.RawMessage(doc)
}
