// Package jwe carries keys out of the server and into it: JSON Web Encryption (RFC 7516) in the compact serialization, to one public key.
//
// It is small on purpose. Of the key management algorithms it has ECDH-ES+A256KW and RSA-OAEP-256, of the content encryptions A256GCM; it neither
// writes nor reads compression, critical extensions, or references to keys elsewhere. A message is kept from whoever carries it. It does not say who
// wrote it: everybody has the public key.
package jwe

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	stdjson "encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"twolock/crypto/key"
)

const (
	// MaxMessage bounds a message, in bytes.
	MaxMessage = 1 << 20
	maxKeyID   = 2048
	maxType    = 256 // of the content, in bytes

	contentEncryption = "A256GCM"
	contentKeySize    = 32
	nonceSize         = 12
	tagSize           = 16
)

// algorithms is all there is, by the name in the header.
var algorithms = map[string]key.Algorithm{
	"ECDH-ES+A256KW": key.ECDHESA256KW, // RFC 7518 section 4.6
	"RSA-OAEP-256":   key.RSAOAEP256,   // RFC 7518 section 4.3
}

var b64 = base64.RawURLEncoding.Strict()

// header is the protected header; there is no other. What is not a member here is neither written nor read.
type header struct {
	Alg string         `json:"alg"`
	Enc string         `json:"enc"`
	KID string         `json:"kid,omitempty"`
	Typ string         `json:"typ,omitempty"`
	Cty string         `json:"cty,omitempty"`
	EPK jsontext.Value `json:"epk,omitempty"`
	APU string         `json:"apu,omitempty"`
	APV string         `json:"apv,omitempty"`
}

func recipientErrorf(format string, args ...any) error {
	return &key.InputError{Field: "recipient", Reason: fmt.Sprintf(format, args...)}
}

func messageErrorf(format string, args ...any) error {
	return &key.InputError{Field: "jwe", Reason: fmt.Sprintf(format, args...)}
}

// Seal encrypts plaintext to a public JWK: of kty EC on P-256, P-384 or P-521, OKP on X25519, or RSA of 2048, 3072 or 4096 bits. The JWK's kid, where it has
// one, goes into the header, and contentType as cty (RFC 7516 section 4.1.12). *key.InputError of the field recipient when the JWK is private, not sound, or
// says by alg, use or key_ops that it is not for this.
func Seal(recipientJWK stdjson.RawMessage, contentType string, plaintext []byte) (string, error) {
	r, err := readRecipient(recipientJWK)
	if err != nil {
		return "", err
	}
	if len(contentType) > maxType {
		return "", fmt.Errorf("content type: has %d bytes, more than %d", len(contentType), maxType)
	}
	cek := make([]byte, contentKeySize)
	defer clear(cek)
	_, _ = rand.Read(cek) // never fails
	w, err := r.key.Wrap(cek, key.WrapOptions{Algorithm: algorithms[r.alg]})
	if err != nil {
		return "", err
	}
	h, err := json.Marshal(header{Alg: r.alg, Enc: contentEncryption, KID: r.kid, Cty: contentType, EPK: jsontext.Value(w.EPK)})
	if err != nil {
		return "", err
	}
	protected := b64.EncodeToString(h)
	aead, err := contentAEAD(cek)
	if err != nil {
		return "", err
	}
	sealed := aead.Seal(nil, nil, plaintext, []byte(protected)) // nonce || ciphertext || tag
	at := len(sealed) - tagSize
	parts := []string{protected}
	for _, b := range [][]byte{w.EncryptedKey, sealed[:nonceSize], sealed[nonceSize:at], sealed[at:]} {
		parts = append(parts, b64.EncodeToString(b))
	}
	message := strings.Join(parts, ".")
	if len(message) > MaxMessage {
		return "", errors.New("plaintext: the message would be longer than 1 MiB")
	}
	return message, nil
}

// contentAEAD draws the nonce inside, and puts it before the ciphertext.
func contentAEAD(cek []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(cek)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

type recipient struct {
	key      *key.Key
	alg, kid string
}

// jwk has the members that say what a key is and is for; package key reads those that are the key.
type jwk struct {
	Kty    string    `json:"kty"`
	Crv    string    `json:"crv"`
	N      string    `json:"n"`
	KID    string    `json:"kid"`
	Use    string    `json:"use"`
	KeyOps *[]string `json:"key_ops"`
	Alg    string    `json:"alg"`

	D    jsontext.Value `json:"d"`
	P    jsontext.Value `json:"p"`
	Q    jsontext.Value `json:"q"`
	K    jsontext.Value `json:"k"`
	Priv jsontext.Value `json:"priv"`
}

var curves = map[[2]string]key.Type{
	{"OKP", "X25519"}: key.X25519, {"EC", "P-256"}: key.ECDHP256, {"EC", "P-384"}: key.ECDHP384, {"EC", "P-521"}: key.ECDHP521,
}

// rsaSizes: by the length of n in base64url.
var rsaSizes = map[int]key.Type{b64.EncodedLen(256): key.RSA2048, b64.EncodedLen(384): key.RSA3072, b64.EncodedLen(512): key.RSA4096}

func readRecipient(data stdjson.RawMessage) (*recipient, error) {
	var j jwk
	if err := json.Unmarshal(data, &j); err != nil {
		return nil, recipientErrorf("is not a JWK: one JSON object, each member once and of its type")
	}
	for _, v := range []jsontext.Value{j.D, j.P, j.Q, j.K, j.Priv} {
		if v != nil {
			return nil, recipientErrorf("is a private or secret key: give the public part only, and keep this one from others")
		}
	}
	r := &recipient{kid: j.KID, alg: "ECDH-ES+A256KW"}
	// WebCrypto exports the public keys of ECDH with no key_ops at all: the private one has them.
	forThis := func(ops []string) bool {
		return len(ops) == 0 || slices.Contains(ops, "deriveKey") || slices.Contains(ops, "deriveBits")
	}
	typ, ok := curves[[2]string{j.Kty, j.Crv}]
	if !ok && j.Kty == "RSA" {
		r.alg = "RSA-OAEP-256"
		forThis = func(ops []string) bool { return slices.Contains(ops, "wrapKey") || slices.Contains(ops, "encrypt") }
		typ, ok = rsaSizes[len(j.N)]
	}
	switch {
	case !ok:
		return nil, recipientErrorf("must be of kty EC on P-256, P-384 or P-521, OKP on X25519, or RSA of 2048, 3072 or 4096 bits")
	case j.Use != "" && j.Use != "enc":
		return nil, recipientErrorf("use: the key is not for encryption")
	case j.KeyOps != nil && !forThis(*j.KeyOps):
		return nil, recipientErrorf("key_ops: the key is not for encryption")
	case j.Alg != "" && j.Alg != r.alg:
		return nil, recipientErrorf("alg: the key is for another algorithm than %s", r.alg)
	case len(j.KID) > maxKeyID:
		return nil, recipientErrorf("kid: has more than %d bytes", maxKeyID)
	}
	k, err := key.Import(typ, key.Material{JWK: data})
	if bad, ok := errors.AsType[*key.InputError](err); ok {
		return nil, recipientErrorf("%s", bad.Reason)
	} else if err != nil {
		return nil, err
	}
	r.key = k
	return r, nil
}

// Message is an encrypted message, its form checked.
type Message struct {
	header
	protected string
	apu, apv  []byte
	wrapped   []byte
	sealed    []byte // nonce || ciphertext || tag
}

// KeyID returns the kid, empty where there is none. Nobody vouches for it.
func (m *Message) KeyID() string { return m.KID }

// ContentType returns the cty, empty where there is none. Open vouches for it.
func (m *Message) ContentType() string { return m.Cty }

// Algorithm returns how the content key is wrapped: what Open asks for.
func (m *Message) Algorithm() key.Algorithm { return algorithms[m.Alg] }

// Parse reads a message. *key.InputError of the field jwe when it is anything else than what Seal could have written, but for the order of the header's
// members, typ, apu and apv.
func Parse(compact string) (*Message, error) {
	if len(compact) > MaxMessage {
		return nil, messageErrorf("is longer than 1 MiB")
	}
	parts := strings.Split(compact, ".")
	if len(parts) != 5 {
		return nil, messageErrorf("has %d parts; the compact serialization has 5", len(parts))
	}
	var decoded [5][]byte
	for i, name := range []string{"header", "encrypted key", "initialization vector", "ciphertext", "authentication tag"} {
		b, err := decode(parts[i])
		if err != nil {
			return nil, messageErrorf("%s: %v", name, err)
		}
		decoded[i] = b
	}
	if n := len(decoded[2]); n != nonceSize {
		return nil, messageErrorf("initialization vector: has %d bytes; %s has %d", n, contentEncryption, nonceSize)
	}
	if n := len(decoded[4]); n != tagSize {
		return nil, messageErrorf("authentication tag: has %d bytes; %s has %d", n, contentEncryption, tagSize)
	}
	m := &Message{protected: parts[0], wrapped: decoded[1], sealed: slices.Concat(decoded[2:]...)}
	if err := json.Unmarshal(decoded[0], &m.header, json.RejectUnknownMembers(true)); err != nil {
		return nil, headerError(err)
	}
	_, ok := algorithms[m.Alg]
	switch {
	case !ok:
		return nil, messageErrorf("header: alg must be ECDH-ES+A256KW or RSA-OAEP-256")
	case m.Enc != contentEncryption:
		return nil, messageErrorf("header: enc must be %s", contentEncryption)
	case m.Alg == "RSA-OAEP-256" && (m.EPK != nil || m.APU != "" || m.APV != ""):
		return nil, messageErrorf("header: epk, apu and apv do not go with %s", m.Alg)
	case m.Alg != "RSA-OAEP-256" && m.EPK == nil:
		return nil, messageErrorf("header: epk must be there with %s", m.Alg)
	}
	for _, p := range []struct {
		name, text string
		to         *[]byte
	}{{"apu", m.APU, &m.apu}, {"apv", m.APV, &m.apv}} {
		if p.text == "" {
			continue
		}
		b, err := decode(p.text)
		if err != nil {
			return nil, messageErrorf("header: %s: %v", p.name, err)
		}
		*p.to = b
	}
	return m, nil
}

func headerError(err error) error {
	if bad, ok := errors.AsType[*json.SemanticError](err); ok && errors.Is(err, json.ErrUnknownName) {
		// jku, x5u, jwk and the like would let the message choose the key; zip swells; crit is not understood (RFC 7516 section 4.1.13).
		return messageErrorf("header: %.40q is not taken", bad.JSONPointer.LastToken())
	}
	return messageErrorf("header: is not one JSON object, each member once and of its type")
}

var errBase64 = errors.New("must be base64url without padding")

// decode takes the canonical form only. The decoder skips line breaks, hence the check of the length.
func decode(s string) ([]byte, error) {
	b, err := b64.DecodeString(s)
	if err != nil || b64.EncodedLen(len(b)) != len(s) {
		return nil, errBase64
	}
	return b, nil
}

// Open returns the plaintext, which the caller wipes. unwrap is the Unwrap of the recipient's key, or whatever stands before it; its errors come back as they are,
// but for *key.InputError, which becomes one of the field jwe: as does a content that does not open.
func (m *Message) Open(unwrap func(w *key.WrappedKey, o key.WrapOptions) ([]byte, error)) ([]byte, error) {
	a := m.Algorithm()
	cek, err := unwrap(&key.WrappedKey{Algorithm: a, EncryptedKey: m.wrapped, EPK: stdjson.RawMessage(m.EPK)}, key.WrapOptions{Algorithm: a, APU: m.apu, APV: m.apv})
	if bad, ok := errors.AsType[*key.InputError](err); ok {
		if key.IsMismatch(err) { // another version may open it
			return nil, key.Mismatchf("jwe", "%v", bad)
		}
		return nil, messageErrorf("%v", bad)
	} else if err != nil {
		return nil, err
	}
	defer clear(cek)
	if len(cek) != contentKeySize {
		return nil, messageErrorf("the content key has %d bytes; %s takes %d", len(cek), contentEncryption, contentKeySize)
	}
	aead, err := contentAEAD(cek)
	if err != nil {
		return nil, err
	}
	plaintext, err := aead.Open(nil, nil, m.sealed, []byte(m.protected))
	if err != nil {
		return nil, messageErrorf("the content does not open: it was changed")
	}
	return plaintext, nil
}
