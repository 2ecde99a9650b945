package edv

import (
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
}

type queryAnswer struct {
	Documents documents `json:"documents"`
	// HasMore tells whether the limit cut documents off.
	HasMore *bool `json:"hasMore"`
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

// keystoreAttribute is indexed so that a keystore's documents can be listed.
const keystoreAttribute = "content.keystore"

// cabinet makes and reads documents. It knows the secrets and no network.
type cabinet struct {
	recipient *jwe.Recipient
	blinder   blinder
}

// file writes the document of a new key.
func (c cabinet) file(keystoreID, id string, plaintext []byte) ([]byte, error) {
	sealed, err := c.recipient.Encrypt(plaintext)
	if err != nil {
		return nil, err
	}
	indexed, err := json.Marshal([]indexEntry{{
		HMAC:       hmacRef{ID: c.blinder.id, Type: hmacType},
		Attributes: []attribute{c.blinder.attribute(keystoreAttribute, keystoreID)},
	}})
	if err != nil {
		return nil, err
	}
	return json.Marshal(document{ID: c.blinder.documentID(id), Indexed: indexed, JWE: sealed})
}

var (
	errMalformed = errors.New("the vault's answer is not a document")
	errSwapped   = errors.New("the vault answered with another document than the one asked for")
)

// read opens the document of a key as the vault gave it.
func (c cabinet) read(answer []byte, keystoreID, id string) (content, error) {
	var doc document
	if err := json.Unmarshal(answer, &doc, json.RejectUnknownMembers(true)); err != nil {
		return content{}, errMalformed
	}
	got, err := c.open(doc, keystoreID)
	if err != nil {
		return content{}, err
	}
	if got.ID != id {
		return content{}, errSwapped
	}
	return got, nil
}

// open decrypts a document of the keystore and checks that its place is the one its content names: a vault can put any document
// it has under any id.
func (c cabinet) open(doc document, keystoreID string) (content, error) {
	data, err := c.recipient.Decrypt(doc.JWE)
	if err != nil {
		return content{}, err
	}
	got, err := decodeContent(data)
	if err != nil {
		return content{}, err
	}
	if got.Keystore != keystoreID || c.blinder.documentID(got.ID) != doc.ID {
		return content{}, errSwapped
	}
	return got, nil
}

func (c cabinet) keystoreQuery(keystoreID string, limit int) ([]byte, error) {
	a := c.blinder.attribute(keystoreAttribute, keystoreID)
	return json.Marshal(query{Index: c.blinder.id, Equals: []map[string]string{{a.Name: a.Value}}, Limit: limit})
}
