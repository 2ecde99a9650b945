package edv

import (
	"bytes"
	"errors"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"twolock/storage/edv/jwe"
)

// document is what the vault stores (Encrypted Data Vaults 0.1, section 3.2). Indexed is an array of indexEntry, which is written and not
// read again.
type document struct {
	ID       string         `json:"id"`
	Sequence int64          `json:"sequence"`
	Indexed  jsontext.Value `json:"indexed"`
	JWE      jsontext.Value `json:"jwe"`
}

type indexEntry struct {
	HMAC       hmacRef     `json:"hmac"`
	Sequence   int64       `json:"sequence"`
	Attributes []attribute `json:"attributes"`
}

type hmacRef struct {
	ID   string `json:"id"`
	Type string `json:"type"`
}

type attribute struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Unique bool   `json:"unique,omitzero"`
}

// query asks for the documents whose attributes have these blinded values.
type query struct {
	Index  string              `json:"index"`
	Equals []map[string]string `json:"equals"`
	Limit  int                 `json:"limit"`
	// Count asks for how many there are, and nothing of them.
	Count bool `json:"count,omitzero"`
}

type queryAnswer struct {
	Documents documents `json:"documents"`
	// HasMore tells whether the limit cut documents off.
	HasMore *bool `json:"hasMore"`
	Count   *int  `json:"count"`
}

// documents are read one by one and no more than a listing may have: an answer of a few megabytes can hold millions of empty ones.
type documents []document

var errTooMany = errors.New("more documents than asked for")

func (d *documents) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	if dec.PeekKind() != '[' {
		return errMalformed
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	*d = documents{}
	for dec.PeekKind() != ']' {
		if len(*d) > MaxKeys {
			return errTooMany
		}
		var one document
		if err := json.UnmarshalDecode(dec, &one); err != nil {
			return err
		}
		*d = append(*d, one)
	}
	_, err := dec.ReadToken()
	return err
}

// What is indexed of a key's document, and of no other: its keystore, so that keys can be listed, and, of a key that has a name, keystore and name
// together, which the vault lets only one document have.
const (
	keystoreAttribute = "content.keystore"
	nameAttribute     = "content.name"
)

// cabinet makes and reads documents. It knows the secrets and no network.
type cabinet struct {
	recipient *jwe.Recipient
	blinder   blinder
}

// filed is a document as it lies in the vault: of a key, of a version, or of neither: deleted, or not there at all (sequence -1).
type filed struct {
	sequence int64
	jwe      jsontext.Value
	key      *keyContent
	version  *versionContent
	damage   error // why it cannot be read; then it is of neither
}

// absent is the document that is not there: what follows it is a new one, of sequence 0.
var absent = filed{sequence: -1}

// maxSequence is the last one that clients in JavaScript can count up from.
const maxSequence = 1<<53 - 2

var (
	errMalformed = errors.New("the vault's answer is not a document")
	errSwapped   = errors.New("the vault answered with another document than the one asked for")
)

// fileKey writes the document of a key, with the sequence.
func (c cabinet) fileKey(k *keyContent, sequence int64) (document, error) {
	inKeystore := hashOf(keystoreAttribute, k.Keystore)
	attributes := []attribute{inKeystore.blinded(c.blinder)}
	if k.Name != "" {
		named := c.blinder.pair(inKeystore, hashOf(nameAttribute, k.Name))
		named.Unique = true
		attributes = append(attributes, named)
	}
	return c.file(c.keyID(k.ID), sequence, plaintext{Content: k}, attributes...)
}

func (c cabinet) fileVersion(v *versionContent, sequence int64) (document, error) {
	return c.file(c.versionID(v.place, v.Version.Version), sequence, plaintext{Content: v})
}

// fileTombstone writes what vault clients leave of a document that they delete: nothing in it, nothing to find it by.
func (c cabinet) fileTombstone(id string, sequence int64) (document, error) {
	return c.file(id, sequence, plaintext{Content: struct{}{}, Meta: meta{Deleted: true}})
}

func (c cabinet) file(id string, sequence int64, p plaintext, attributes ...attribute) (document, error) {
	if sequence > maxSequence {
		return document{}, errors.New("sequence: the document was changed too often")
	}
	data, err := json.Marshal(p)
	if err != nil {
		return document{}, err
	}
	sealed, err := c.recipient.Encrypt(data)
	if err != nil {
		return document{}, err
	}
	entry := indexEntry{HMAC: hmacRef{ID: c.blinder.id, Type: hmacType}, Sequence: sequence, Attributes: attributes}
	if attributes == nil {
		entry.Attributes = []attribute{}
	}
	indexed, err := json.Marshal([]indexEntry{entry})
	if err != nil {
		return document{}, err
	}
	return document{ID: id, Sequence: sequence, Indexed: indexed, JWE: sealed}, nil
}

func (c cabinet) keyID(id string) string { return c.blinder.documentID(id) }

func (c cabinet) versionID(p place, version int) string {
	return c.blinder.versionID(p.Shelf, version, p.ID)
}

// read opens the document of that id as the vault gave it. A document that is not what it must be comes with its damage; an error means that
// the answer is no document.
func (c cabinet) read(answer []byte, keystoreID, id string) (filed, error) {
	var doc document
	if err := json.Unmarshal(answer, &doc, json.RejectUnknownMembers(true)); err != nil || doc.Sequence < 0 {
		return filed{}, errMalformed
	}
	if doc.ID != id {
		return filed{}, errSwapped
	}
	return c.open(doc, keystoreID), nil
}

// open decrypts a document of the keystore and checks that its place is the one its content names: a vault can put any document
// it has under any id. What is deleted names no place: a vault that shows such a one does no more than one that shows nothing.
func (c cabinet) open(doc document, keystoreID string) filed {
	f := filed{sequence: doc.Sequence, jwe: doc.JWE}
	data, err := c.recipient.Decrypt(doc.JWE)
	if err != nil {
		f.damage = err
		return f
	}
	k, v, err := decode(data)
	switch {
	case err != nil:
		f.damage = err
	case k != nil && (k.Keystore != keystoreID || c.keyID(k.ID) != doc.ID),
		v != nil && (v.Keystore != keystoreID || c.versionID(v.place, v.Version.Version) != doc.ID):
		f.damage = errSwapped
	default:
		f.key, f.version = k, v
	}
	return f
}

// sameMessage tells whether two encrypted messages are one: everything in them is random.
func sameMessage(a, b jsontext.Value) bool {
	a, b = a.Clone(), b.Clone()
	return a.Canonicalize() == nil && b.Canonicalize() == nil && bytes.Equal(a, b)
}

func (c cabinet) keystoreQuery(keystoreID string, limit int) ([]byte, error) {
	return c.query(c.blinder.attribute(keystoreAttribute, keystoreID), limit, false)
}

func (c cabinet) countQuery(keystoreID string, limit int) ([]byte, error) {
	return c.query(c.blinder.attribute(keystoreAttribute, keystoreID), limit, true)
}

func (c cabinet) nameQuery(keystoreID, name string, limit int) ([]byte, error) {
	return c.query(c.blinder.pair(hashOf(keystoreAttribute, keystoreID), hashOf(nameAttribute, name)), limit, false)
}

func (c cabinet) query(a attribute, limit int, count bool) ([]byte, error) {
	return json.Marshal(query{Index: c.blinder.id, Equals: []map[string]string{{a.Name: a.Value}}, Limit: limit, Count: count})
}
