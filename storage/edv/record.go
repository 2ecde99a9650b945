package edv

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"math"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"twolock/crypto/key"
	"twolock/keystore"
)

// plaintext is what a document holds once it is decrypted. Of a deleted one the content is {}: what vault clients leave of what they delete.
type plaintext struct {
	Content any  `json:"content"`
	Meta    meta `json:"meta"`
}

type meta struct {
	Deleted bool `json:"deleted,omitzero"`
}

// The kinds of documents.
const (
	kindKey     = "key"
	kindVersion = "version"
)

// place is what a document says of where it belongs, for a vault may answer with another one than was asked for.
type place struct {
	Kind     string `json:"kind"`
	Keystore string `json:"keystore"`
	ID       string `json:"id"` // of the key
	// Shelf, 16 bytes, is where the documents of the key's older versions stand: drawn when the key is inserted, so that what a deleted key, or
	// an insert that was cut off, left under the same id is never taken for a version of this one.
	Shelf blob `json:"shelf"`
}

// keyContent is a key with its newest version. The older ones have a document each.
type keyContent struct {
	place
	Type       key.Type  `json:"type"`
	MaxChain   int       `json:"maxChain,omitzero"`
	PublicOnly bool      `json:"publicOnly,omitzero"`
	Exportable bool      `json:"exportable,omitzero"`
	Request    blob      `json:"request,omitzero"`
	CreatedAt  time.Time `json:"createdAt"`

	Revision       int64             `json:"revision"`
	Newest         int               `json:"newest"`
	Oldest         int               `json:"oldest"`
	State          keystore.KeyState `json:"state"`
	DeleteAt       time.Time         `json:"deleteAt,omitzero"`
	Name           string            `json:"name,omitzero"`
	Description    string            `json:"description,omitzero"`
	Tags           []keystore.Tag    `json:"tags,omitzero"`
	Operations     []key.Operation   `json:"operations,omitzero"`
	Algorithms     []key.Algorithm   `json:"algorithms,omitzero"`
	MinVerify      int               `json:"minVerify,omitzero"`
	MinDecrypt     int               `json:"minDecrypt,omitzero"`
	RotationPeriod int64             `json:"rotationPeriod,omitzero"` // seconds
	RotateAt       time.Time         `json:"rotateAt,omitzero"`
	MetaTag        blob              `json:"metaTag,omitzero"`

	Version version `json:"version"` // the newest
	Usage   usage   `json:"usage,omitzero"`
	Days    days    `json:"days,omitzero"`
	// Swept is the first version whose document may be in the vault; those below were emptied.
	Swept int `json:"swept"`
	// Leaving: its deletion was begun, and nothing but its end can follow.
	Leaving bool `json:"leaving,omitzero"`

	older []version // of a document of the first form, which had them all in it
}

// versionContent is a version that is not the newest any more.
type versionContent struct {
	place
	Version version `json:"version"`
	Usage   usage   `json:"usage,omitzero"`
}

type version struct {
	Version   int       `json:"version"`
	PublicKey blob      `json:"publicKey,omitzero"`
	Sealed    blob      `json:"sealed"`
	Request   blob      `json:"request,omitzero"`
	CreatedAt time.Time `json:"createdAt,omitzero"`
	Tag       blob      `json:"tag,omitzero"`
}

// usage only grows.
type usage struct {
	Messages   int64     `json:"messages,omitzero"`
	Uses       int64     `json:"uses,omitzero"`
	LastUsedAt time.Time `json:"lastUsedAt,omitzero"`
}

// firstForm is a key as the first program wrote it: every version in one document, the state in each.
type firstForm struct {
	Keystore string `json:"keystore"`
	ID       string `json:"id"`
	Versions []struct {
		Version   int               `json:"version"`
		Type      key.Type          `json:"type"`
		State     keystore.KeyState `json:"state"`
		MaxChain  int               `json:"maxChain,omitzero"`
		PublicKey blob              `json:"publicKey,omitzero"`
		Sealed    blob              `json:"sealed"`
		Request   blob              `json:"request,omitzero"`
		Tag       blob              `json:"tag,omitzero"`
		CreatedAt time.Time         `json:"createdAt"`
	} `json:"versions"` // oldest first
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

// checkName takes what document ids are made from: printable ASCII that JSON does not escape.
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

// The length of a shelf in bytes.
const shelfSize = 16

func newShelf() blob {
	b := make(blob, shelfSize)
	_, _ = rand.Read(b) // never fails
	return b
}

// newKey is the content of a key's first document.
func newKey(r *keystore.KeyRecord) (*keyContent, error) {
	if err := checkName("keystore", r.Keystore); err != nil {
		return nil, err
	}
	if err := checkName("id", r.ID); err != nil {
		return nil, err
	}
	switch {
	case r.Version < 1 || r.Version > math.MaxInt32:
		return nil, errors.New("version: must be 1 or more")
	case r.Newest != r.Version:
		return nil, errors.New("newest: must be the record's version")
	case r.Revision < 1:
		return nil, errors.New("revision: must be 1 or more")
	}
	k := &keyContent{
		place: place{Kind: kindKey, Keystore: r.Keystore, ID: r.ID, Shelf: newShelf()},
		Type:  r.Type, MaxChain: r.MaxChain, PublicOnly: r.PublicOnly, Exportable: r.Exportable, Request: r.Request, CreatedAt: r.CreatedAt.UTC(),
		Version: versionOf(&r.KeyVersion), Swept: r.Oldest,
	}
	return k, k.setMeta(&r.KeyMeta)
}

func versionOf(v *keystore.KeyVersion) version {
	return version{
		Version: v.Version, PublicKey: v.PublicKey, Sealed: v.Sealed, Request: v.VersionRequest, CreatedAt: v.VersionCreatedAt.UTC(), Tag: v.Tag,
	}
}

func (k *keyContent) setMeta(m *keystore.KeyMeta) error {
	switch {
	case m.Oldest < 1 || m.Oldest > m.Newest:
		return errors.New("oldest: must be 1 to the newest version")
	case !utf8.ValidString(m.Name):
		return errors.New("name: must be UTF-8")
	case m.RotationPeriod%time.Second != 0:
		return errors.New("rotation period: must be whole seconds")
	}
	k.Revision, k.Newest, k.Oldest, k.State, k.DeleteAt = m.Revision, m.Newest, m.Oldest, m.State, m.DeleteAt.UTC()
	k.Name, k.Description, k.Tags, k.Operations, k.Algorithms = m.Name, m.Description, m.Tags, m.Operations, m.Algorithms
	k.MinVerify, k.MinDecrypt, k.MetaTag = m.MinVerify, m.MinDecrypt, m.MetaTag
	k.RotationPeriod, k.RotateAt = int64(m.RotationPeriod/time.Second), m.RotateAt.UTC()
	return k.check() // what would not be read is not written
}

// updated is the key after an update, which must fit what is there. The key itself stays as it is.
func (k *keyContent) updated(r *keystore.KeyRecord, added *keystore.KeyVersion) (*keyContent, error) {
	next := *k
	next.older = nil
	switch {
	case r.Oldest < k.Oldest:
		return nil, errors.New("oldest: must not go back")
	case added == nil && r.Newest != k.Newest:
		return nil, errors.New("newest: must stay, as no version is added")
	case added != nil && (added.Version != k.Newest+1 || r.Newest != added.Version):
		return nil, errors.New("version: must follow the newest")
	case added != nil:
		next.Version, next.Usage = versionOf(added), usage{}
	}
	return &next, next.setMeta(&r.KeyMeta)
}

func (k *keyContent) record() keystore.KeyRecord {
	return keystore.KeyRecord{
		Keystore: k.Keystore, ID: k.ID, Type: k.Type, MaxChain: k.MaxChain, PublicOnly: k.PublicOnly, Exportable: k.Exportable,
		Request: k.Request, CreatedAt: k.CreatedAt.UTC(),
		KeyMeta: keystore.KeyMeta{
			Revision: k.Revision, Newest: k.Newest, Oldest: k.Oldest, State: k.State, DeleteAt: k.DeleteAt.UTC(),
			Label:      keystore.Label{Name: k.Name, Description: k.Description, Tags: k.Tags},
			Operations: k.Operations, Algorithms: k.Algorithms, MinVerify: k.MinVerify, MinDecrypt: k.MinDecrypt,
			RotationPeriod: time.Duration(k.RotationPeriod) * time.Second, RotateAt: k.RotateAt.UTC(), MetaTag: k.MetaTag,
		},
		KeyVersion: k.Version.record(),
	}
}

// equal compares all but what the store itself counts: usage, days, and what was swept.
func (k *keyContent) equal(other *keyContent) bool {
	a, b := *k, *other
	for _, c := range []*keyContent{&a, &b} {
		c.Usage, c.Days, c.Swept = usage{}, nil, 0
	}
	x, err := json.Marshal(&a)
	y, err2 := json.Marshal(&b)
	return err == nil && err2 == nil && bytes.Equal(x, y)
}

// readable tells whether the key is one to everybody but who deletes it. A key that leaves and was announced to (DeleteAt) is still shown, for
// nobody uses it and its end must be found; one that leaves without notice is not: it must not be used with some of its versions gone.
func (k *keyContent) readable() bool { return k != nil && (!k.Leaving || !k.DeleteAt.IsZero()) }

// has tells whether the key has the version.
func (k *keyContent) has(n int) bool { return k.Oldest <= n && n <= k.Newest }

func (v *version) record() keystore.KeyVersion {
	return keystore.KeyVersion{
		Version: v.Version, PublicKey: v.PublicKey, Sealed: v.Sealed, VersionRequest: v.Request, VersionCreatedAt: v.CreatedAt.UTC(), Tag: v.Tag,
	}
}

// same compares what makes a version this one: its sealed bytes, each sealing of which is unique.
func (v *version) same(w *version) bool {
	return v.Version == w.Version && bytes.Equal(v.Sealed, w.Sealed) && bytes.Equal(v.PublicKey, w.PublicKey) && bytes.Equal(v.Tag, w.Tag)
}

// atLeast is the greater of two counts of one version, one of which may have been taken earlier.
func (u usage) atLeast(other usage) usage {
	u.Messages, u.Uses = max(u.Messages, other.Messages), max(u.Uses, other.Uses)
	if other.LastUsedAt.After(u.LastUsedAt) {
		u.LastUsedAt = other.LastUsedAt
	}
	return u
}

func (u usage) plus(uses int64, last time.Time) usage {
	u.Uses += uses
	if last = last.UTC(); last.After(u.LastUsedAt) {
		u.LastUsedAt = last
	}
	return u
}

func (u usage) record(version int) keystore.Usage {
	return keystore.Usage{Version: version, Messages: u.Messages, Uses: u.Uses, LastUsedAt: u.LastUsedAt.UTC()}
}

var (
	errNoRecord   = errors.New("the document holds no key record")
	errIncomplete = errors.New("the key record is not complete")
)

// decode reads what a document held: a key, a version, or neither of a deleted one. Its errors quote nothing.
func decode(data []byte) (k *keyContent, v *versionContent, err error) {
	var content jsontext.Value
	p := plaintext{Content: &content}
	if err := json.Unmarshal(data, &p, json.RejectUnknownMembers(true)); err != nil || content.Kind() != '{' {
		return nil, nil, errNoRecord
	}
	if p.Meta.Deleted {
		if json.Unmarshal(content, &struct{}{}, json.RejectUnknownMembers(true)) != nil {
			return nil, nil, errNoRecord
		}
		return nil, nil, nil
	}
	var is struct {
		Kind string `json:"kind"`
	}
	if json.Unmarshal(content, &is) != nil {
		return nil, nil, errNoRecord
	}
	switch is.Kind {
	case kindKey:
		k = &keyContent{}
		if json.Unmarshal(content, k, json.RejectUnknownMembers(true)) != nil {
			return nil, nil, errNoRecord
		}
		return k, nil, k.check()
	case kindVersion:
		v = &versionContent{}
		if json.Unmarshal(content, v, json.RejectUnknownMembers(true)) != nil {
			return nil, nil, errNoRecord
		}
		return nil, v, v.check()
	case "":
		k, err = decodeFirstForm(content)
		return k, nil, err
	}
	return nil, nil, errNoRecord
}

func (p *place) complete() bool { return p.Keystore != "" && p.ID != "" && len(p.Shelf) == shelfSize }

func (u *usage) ok() bool { return u.Messages >= 0 && u.Uses >= 0 }

func (k *keyContent) check() error {
	if !k.complete() || !k.Usage.ok() || !k.Days.ok() || k.Revision < 1 || k.RotationPeriod < 0 || k.RotationPeriod > math.MaxInt64/int64(time.Second) {
		return errIncomplete
	}
	if k.Newest != k.Version.Version || k.Oldest < 1 || k.Oldest > k.Newest || k.Newest > math.MaxInt32 || k.Swept < 1 || k.Swept > k.Newest+1 {
		return errors.New("the key record's versions are out of order")
	}
	return nil
}

func (v *versionContent) check() error {
	if !v.complete() || !v.Usage.ok() || v.Version.Version < 1 || v.Version.Version > math.MaxInt32 {
		return errIncomplete
	}
	return nil
}

// decodeFirstForm reads a key of the first program as one of today's whose document was not changed yet. Its shelf is the same for whoever reads it.
func decodeFirstForm(data []byte) (*keyContent, error) {
	var f firstForm
	if json.Unmarshal(data, &f, json.RejectUnknownMembers(true)) != nil {
		return nil, errNoRecord
	}
	if f.Keystore == "" || f.ID == "" || len(f.Versions) == 0 {
		return nil, errIncomplete
	}
	k := &keyContent{
		place:     place{Kind: kindKey, Keystore: f.Keystore, ID: f.ID, Shelf: make(blob, shelfSize)},
		CreatedAt: f.Versions[0].CreatedAt, Revision: 1, Oldest: 1, Swept: 1,
	}
	for _, v := range f.Versions {
		if v.Version <= k.Newest || v.Version > math.MaxInt32 {
			return nil, errors.New("the key record's versions are out of order")
		}
		if k.Newest > 0 {
			k.older = append(k.older, k.Version)
		}
		k.Type, k.State, k.MaxChain, k.Newest, k.Request = v.Type, v.State, v.MaxChain, v.Version, v.Request
		k.Version = version{Version: v.Version, PublicKey: v.PublicKey, Sealed: v.Sealed, CreatedAt: v.CreatedAt, Tag: v.Tag}
	}
	return k, nil
}
