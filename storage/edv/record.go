package edv

import (
	"encoding/base64"
	"errors"
	"math"
	"time"

	"github.com/go-json-experiment/json"

	"twolock/crypto/key"
	"twolock/keystore"
)

// plaintext is what a document holds once it is decrypted.
type plaintext struct {
	Content content  `json:"content"`
	Meta    struct{} `json:"meta"`
}

// content is a key. It names its place, for a vault may answer with another document than the one asked for.
type content struct {
	Keystore string    `json:"keystore"`
	ID       string    `json:"id"`
	Versions []version `json:"versions"` // oldest first
}

type version struct {
	Version   int               `json:"version"`
	Type      key.Type          `json:"type"`
	State     keystore.KeyState `json:"state"`
	MaxChain  int               `json:"maxChain,omitzero"`
	PublicKey blob              `json:"publicKey,omitzero"`
	Sealed    blob              `json:"sealed"`
	Request   blob              `json:"request,omitzero"`
	Tag       blob              `json:"tag,omitzero"`
	CreatedAt time.Time         `json:"createdAt"`
}

// blob is bytes as base64url. Nil is left out, as no bytes at all and an empty string are not the same.
type blob []byte

func (b blob) MarshalText() ([]byte, error) {
	return base64.RawURLEncoding.AppendEncode(nil, b), nil
}

func (b *blob) UnmarshalText(text []byte) (err error) {
	out := make([]byte, base64.RawURLEncoding.DecodedLen(len(text)))
	n, err := base64.RawURLEncoding.Strict().Decode(out, text)
	*b = out[:n]
	return err
}

// maxName bounds short ids.
const maxName = 128

// checkName takes what the blinded index and the document id are made from: printable ASCII that JSON does not escape.
func checkName(field, s string) error {
	if s == "" || len(s) > maxName {
		return errors.New(field + ": must be 1 to 128 characters")
	}
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c > '~' || c == '"' || c == '\\' {
			return errors.New(field + ": contains a character that ids do not have")
		}
	}
	return nil
}

func encodeRecord(r keystore.KeyRecord) ([]byte, error) {
	if err := checkName("keystore", r.Keystore); err != nil {
		return nil, err
	}
	if err := checkName("id", r.ID); err != nil {
		return nil, err
	}
	if r.Version < 1 {
		return nil, errors.New("version: must be 1 or more")
	}
	return json.Marshal(plaintext{Content: content{
		Keystore: r.Keystore,
		ID:       r.ID,
		Versions: []version{{
			Version:   r.Version,
			Type:      r.Type,
			State:     r.State,
			MaxChain:  r.MaxChain,
			PublicKey: r.PublicKey,
			Sealed:    r.Sealed,
			Request:   r.Request,
			Tag:       r.Tag,
			CreatedAt: r.CreatedAt.UTC(),
		}},
	}})
}

// decodeContent reads what encodeRecord wrote. Its errors quote nothing.
func decodeContent(data []byte) (content, error) {
	var p plaintext
	if err := json.Unmarshal(data, &p, json.RejectUnknownMembers(true)); err != nil {
		return content{}, errors.New("the document holds no key record")
	}
	if p.Content.Keystore == "" || p.Content.ID == "" || len(p.Content.Versions) == 0 {
		return content{}, errors.New("the key record is not complete")
	}
	last := 0
	for _, v := range p.Content.Versions {
		if v.Version <= last || v.Version > math.MaxInt32 {
			return content{}, errors.New("the key record's versions are out of order")
		}
		last = v.Version
	}
	return p.Content, nil
}

func (c content) newest() keystore.KeyRecord { return c.record(c.Versions[len(c.Versions)-1]) }

func (c content) version(n int) (keystore.KeyRecord, error) {
	for _, v := range c.Versions {
		if v.Version == n {
			return c.record(v), nil
		}
	}
	return keystore.KeyRecord{}, keystore.ErrNotFound
}

func (c content) record(v version) keystore.KeyRecord {
	return keystore.KeyRecord{
		Keystore:  c.Keystore,
		ID:        c.ID,
		Version:   v.Version,
		Type:      v.Type,
		State:     v.State,
		MaxChain:  v.MaxChain,
		PublicKey: v.PublicKey,
		Sealed:    v.Sealed,
		Request:   v.Request,
		Tag:       v.Tag,
		CreatedAt: v.CreatedAt.UTC(),
	}
}
