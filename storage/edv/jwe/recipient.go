// Package jwe encrypts small messages to one X25519 key, in the one form that Encrypted Data Vault clients write:
// a JSON Web Encryption (RFC 7516, general JSON serialization) with one recipient, ECDH-ES+A256KW (RFC 7518 section 4.6)
// over X25519 (RFC 8037) and XChaCha20-Poly1305 ("XC20P").
//
// It protects a message from whoever stores it. It does not say who wrote it: whoever knows the recipient's public key
// can write one. The kid must therefore not give the public key away where that matters.
package jwe

import (
	"bytes"
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/crypto/chacha20poly1305"

	"twolock/crypto/concatkdf"
	"twolock/crypto/keywrap"
)

const (
	algorithm = "ECDH-ES+A256KW"
	// protectedHeader is base64url({"enc":"XC20P"}). One form only: what is not written is not read, so neither another
	// algorithm nor "zip" nor "crit" can be asked for.
	protectedHeader = "eyJlbmMiOiJYQzIwUCJ9"

	keySize     = 32
	wrappedSize = keySize + keywrap.Overhead
	// MaxMessage bounds a serialized message, in bytes.
	MaxMessage = 1 << 20
	maxKid     = 2048
)

// ErrOpen: the message was not encrypted to this recipient, or was changed since. It says no more on purpose.
var ErrOpen = keywrap.ErrOpen

var b64 = base64.RawURLEncoding.Strict()

// Recipient is the key messages are encrypted to. Safe for concurrent use; redacted when printed.
type Recipient struct {
	kid     string
	apv     string
	private *ecdh.PrivateKey
}

// Format shows the id only, whatever the verb.
func (r *Recipient) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "jwe.Recipient("+r.kid+")") }

// NewRecipient takes the key's id (1 to 2048 bytes, public) and its 32-byte X25519 private key, which it copies.
func NewRecipient(kid string, private []byte) (*Recipient, error) {
	if kid == "" || len(kid) > maxKid {
		return nil, errors.New("recipient id: must be 1 to 2048 bytes")
	}
	k, err := ecdh.X25519().NewPrivateKey(private)
	if err != nil {
		return nil, errors.New("recipient key: must be 32 bytes")
	}
	return &Recipient{kid: kid, apv: b64.EncodeToString([]byte(kid)), private: k}, nil
}

// ID is the recipient's kid.
func (r *Recipient) ID() string { return r.kid }

type message struct {
	Protected  string     `json:"protected"`
	Recipients recipients `json:"recipients"`
	IV         string     `json:"iv"`
	Ciphertext string     `json:"ciphertext"`
	Tag        string     `json:"tag"`
}

type recipientPart struct {
	Header       header `json:"header"`
	EncryptedKey string `json:"encrypted_key"`
}

type header struct {
	KID string       `json:"kid"`
	Alg string       `json:"alg"`
	EPK ephemeralKey `json:"epk"`
	APU string       `json:"apu"`
	APV string       `json:"apv"`
}

type ephemeralKey struct {
	KTY string `json:"kty"`
	CRV string `json:"crv"`
	X   string `json:"x"`
}

// Encrypt returns the JSON serialization of plaintext encrypted to the recipient. Everything random is fresh.
func (r *Recipient) Encrypt(plaintext []byte) ([]byte, error) {
	ephemeral, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	shared, err := ephemeral.ECDH(r.private.PublicKey())
	if err != nil {
		return nil, err
	}
	defer clear(shared)
	apu := ephemeral.PublicKey().Bytes()
	kek := concatkdf.Key(shared, concatkdf.Info{Algorithm: algorithm, APU: apu, APV: []byte(r.kid)}, keySize)
	defer clear(kek)
	cek := make([]byte, keySize)
	defer clear(cek)
	_, _ = rand.Read(cek) // never fails
	wrapped, err := keywrap.Wrap(kek, cek)
	if err != nil {
		return nil, err
	}
	aead, err := chacha20poly1305.NewX(cek)
	if err != nil {
		return nil, err
	}
	iv := make([]byte, aead.NonceSize())
	_, _ = rand.Read(iv)
	sealed := aead.Seal(nil, iv, plaintext, []byte(protectedHeader))
	body, tag := sealed[:len(plaintext)], sealed[len(plaintext):]
	x := b64.EncodeToString(apu)
	out, err := json.Marshal(message{
		Protected: protectedHeader,
		Recipients: recipients{{
			Header: header{
				KID: r.kid, Alg: algorithm, EPK: ephemeralKey{KTY: "OKP", CRV: "X25519", X: x}, APU: x, APV: r.apv,
			},
			EncryptedKey: b64.EncodeToString(wrapped),
		}},
		IV:         b64.EncodeToString(iv),
		Ciphertext: b64.EncodeToString(body),
		Tag:        b64.EncodeToString(tag),
	})
	if err != nil {
		return nil, err
	}
	if len(out) > MaxMessage {
		return nil, errors.New("message: longer than 1 MiB")
	}
	return out, nil
}

// recipients stop at the second one: a message of a megabyte can name hundreds of thousands.
type recipients []recipientPart

var errRecipients = errors.New("recipients: there must be exactly one")

func (r *recipients) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	if dec.PeekKind() != '[' {
		return errRecipients
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() != ']' {
		if len(*r) > 0 {
			return errRecipients
		}
		var one recipientPart
		if err := json.UnmarshalDecode(dec, &one); err != nil {
			return err
		}
		*r = append(*r, one)
	}
	_, err := dec.ReadToken()
	return err
}

// Decrypt opens a message that was encrypted to this recipient and to nobody else. It answers ErrOpen when the message
// has the right form and does not open, an error that names the member when it has another form.
func (r *Recipient) Decrypt(data []byte) ([]byte, error) {
	if len(data) > MaxMessage {
		return nil, errors.New("message: longer than 1 MiB")
	}
	var m message
	if err := json.Unmarshal(data, &m, json.RejectUnknownMembers(true)); errors.Is(err, errRecipients) {
		return nil, errRecipients
	} else if err != nil {
		return nil, errors.New("message: not the JSON of an encrypted message")
	}
	if m.Protected != protectedHeader {
		return nil, errors.New(`protected: must be {"enc":"XC20P"}`)
	}
	if len(m.Recipients) != 1 {
		return nil, errRecipients
	}
	h := m.Recipients[0].Header
	switch {
	case h.KID != r.kid:
		return nil, errors.New("kid: the message is for another recipient")
	case h.Alg != algorithm:
		return nil, errors.New("alg: must be ECDH-ES+A256KW")
	case h.EPK.KTY != "OKP" || h.EPK.CRV != "X25519":
		return nil, errors.New("epk: must be an OKP key on X25519")
	case h.APU != h.EPK.X:
		return nil, errors.New("apu: must be the ephemeral key")
	case h.APV != r.apv:
		return nil, errors.New("apv: must be the recipient's id")
	}
	apu, err := fixed("epk.x", h.EPK.X, keySize)
	if err != nil {
		return nil, err
	}
	wrapped, err := fixed("encrypted_key", m.Recipients[0].EncryptedKey, wrappedSize)
	if err != nil {
		return nil, err
	}
	iv, err := fixed("iv", m.IV, chacha20poly1305.NonceSizeX)
	if err != nil {
		return nil, err
	}
	tag, err := fixed("tag", m.Tag, chacha20poly1305.Overhead)
	if err != nil {
		return nil, err
	}
	body, err := decode("ciphertext", m.Ciphertext)
	if err != nil {
		return nil, err
	}

	epk, err := ecdh.X25519().NewPublicKey(apu)
	if err != nil {
		return nil, errors.New("epk.x: not a public key")
	}
	shared, err := r.private.ECDH(epk)
	if err != nil { // the shared secret would be all zero: a point of low order (RFC 7748 section 6.1)
		return nil, errors.New("epk.x: a point of low order")
	}
	defer clear(shared)
	kek := concatkdf.Key(shared, concatkdf.Info{Algorithm: algorithm, APU: apu, APV: []byte(r.kid)}, keySize)
	defer clear(kek)
	cek, err := keywrap.Unwrap(kek, wrapped)
	if err != nil {
		return nil, err
	}
	defer clear(cek)
	aead, err := chacha20poly1305.NewX(cek)
	if err != nil {
		return nil, err
	}
	sealed := append(bytes.Clone(body), tag...)
	plaintext, err := aead.Open(sealed[:0], iv, sealed, []byte(protectedHeader))
	if err != nil {
		return nil, ErrOpen
	}
	return plaintext, nil
}

// decode takes canonical base64url without padding. The decoder skips line breaks, hence the check of the length.
func decode(name, s string) ([]byte, error) {
	b, err := b64.DecodeString(s)
	if err != nil || b64.EncodedLen(len(b)) != len(s) {
		return nil, errors.New(name + ": must be base64url without padding")
	}
	return b, nil
}

func fixed(name, s string, n int) ([]byte, error) {
	if len(s) != b64.EncodedLen(n) {
		return nil, errors.New(name + ": has the wrong length")
	}
	return decode(name, s)
}
