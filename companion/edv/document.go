package edv

import (
	"net/http"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/mr-tron/base58"
)

// config describes a vault.
type config struct {
	ID              string `json:"id,omitzero"`
	Sequence        int64  `json:"sequence"`
	Controller      string `json:"controller"`
	KeyAgreementKey *ref   `json:"keyAgreementKey"`
	HMAC            *ref   `json:"hmac"`
	ReferenceID     string `json:"referenceId,omitzero"`
	MeterID         string `json:"meterId,omitzero"` // taken and ignored: nobody pays here
}

type ref struct {
	ID   string `json:"id"`
	Type string `json:"type"`
}

// document is what a vault stores. What the server does not need to understand stays as it came.
type document struct {
	ID       string  `json:"id"`
	Sequence *int64  `json:"sequence"`
	Indexed  []entry `json:"indexed,omitzero"`
	JWE      *sealed `json:"jwe"`
}

type entry struct {
	HMAC       *ref        `json:"hmac"`
	Sequence   *int64      `json:"sequence"`
	Attributes []attribute `json:"attributes"`
}

type attribute struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Unique bool   `json:"unique,omitzero"`
}

type sealed struct {
	Protected  string      `json:"protected"`
	Recipients []recipient `json:"recipients"`
	IV         string      `json:"iv"`
	Ciphertext string      `json:"ciphertext"`
	Tag        string      `json:"tag"`
}

type recipient struct {
	Header       map[string]jsontext.Value `json:"header"`
	EncryptedKey string                    `json:"encrypted_key"`
}

// query asks for documents by blinded attributes.
type query struct {
	Index  string              `json:"index"`
	Equals []map[string]string `json:"equals"`
	Has    []string            `json:"has"`
	Limit  *int                `json:"limit"`
	Count  bool                `json:"count"`
}

const (
	maxText       = 1024 // of an id, attribute or value
	maxEntries    = 16
	maxAttributes = 256 // of one entry
	maxTerms      = 64  // of a query, and of each of its alternatives
	maxLimit      = 1000
	maxSequence   = 1<<53 - 2 // the last one that clients in JavaScript can count up from
)

func decode(body []byte, v any) error {
	if err := json.Unmarshal(body, v, json.RejectUnknownMembers(true)); err != nil {
		return refuse(http.StatusBadRequest, "the body is not the JSON this request takes")
	}
	return nil
}

func bad(message string) error { return refuse(http.StatusBadRequest, message) }

func text(s string) bool { return s != "" && len(s) <= maxText }

func (r *ref) ok() bool { return r != nil && text(r.ID) && text(r.Type) }

func parseConfig(body []byte) (config, error) {
	var c config
	if err := decode(body, &c); err != nil {
		return config{}, err
	}
	switch {
	case c.ID != "":
		return config{}, bad("id: the server gives it")
	case c.Sequence != 0:
		return config{}, bad("sequence: must be 0")
	case !text(c.Controller):
		return config{}, bad("controller: is missing or too long")
	case !c.KeyAgreementKey.ok():
		return config{}, bad("keyAgreementKey: needs id and type")
	case !c.HMAC.ok():
		return config{}, bad("hmac: needs id and type")
	case len(c.ReferenceID) > maxText || len(c.MeterID) > maxText:
		return config{}, bad("referenceId, meterId: too long")
	}
	return c, nil
}

func parseDocument(body []byte) (*document, error) {
	d := &document{}
	if err := decode(body, d); err != nil {
		return nil, err
	}
	if !isID(d.ID) {
		return nil, bad("id: must be the multibase base58 form of 16 bytes")
	}
	if err := checkSequence(d.Sequence); err != nil {
		return nil, err
	}
	if j := d.JWE; j == nil || j.Protected == "" || j.IV == "" || j.Ciphertext == "" || j.Tag == "" {
		return nil, bad("jwe: needs protected, recipients, iv, ciphertext and tag")
	}
	if n := len(d.JWE.Recipients); n == 0 || n > maxEntries {
		return nil, bad("jwe.recipients: must be 1 to 16")
	}
	for _, r := range d.JWE.Recipients {
		if r.Header["kid"] == nil || r.Header["alg"] == nil || r.EncryptedKey == "" {
			return nil, bad("jwe.recipients: each needs a header with kid and alg, and an encrypted_key")
		}
	}
	if len(d.Indexed) > maxEntries {
		return nil, bad("indexed: too many entries")
	}
	for i := range d.Indexed {
		if err := d.Indexed[i].check(); err != nil {
			return nil, err
		}
	}
	return d, nil
}

func (e *entry) check() error {
	if !e.HMAC.ok() {
		return bad("hmac: needs id and type")
	}
	if err := checkSequence(e.Sequence); err != nil {
		return err
	}
	if e.Attributes == nil || len(e.Attributes) > maxAttributes {
		return bad("attributes: missing or too many")
	}
	for _, a := range e.Attributes {
		if !text(a.Name) || !text(a.Value) {
			return bad("attributes: each needs a name and a value")
		}
	}
	return nil
}

func checkSequence(n *int64) error {
	if n == nil || *n < 0 || *n > maxSequence {
		return bad("sequence: must be a whole number from 0")
	}
	return nil
}

func isID(id string) bool {
	encoded, ok := strings.CutPrefix(id, "z")
	if !ok || len(encoded) > 32 {
		return false
	}
	b, err := base58.Decode(encoded)
	return err == nil && len(b) == 18 && b[0] == 0 && b[1] == 16
}

func parseQuery(body []byte) (query, error) {
	var q query
	if err := decode(body, &q); err != nil {
		return query{}, err
	}
	switch {
	case !text(q.Index):
		return query{}, bad("index: is missing or too long")
	case (q.Equals == nil) == (q.Has == nil):
		return query{}, bad("equals, has: give one of them")
	case q.Has == nil && len(q.Equals) == 0, q.Equals == nil && len(q.Has) == 0,
		len(q.Equals) > maxTerms || len(q.Has) > maxTerms:
		return query{}, bad("equals, has: must be 1 to 64")
	case q.Limit != nil && (*q.Limit < 1 || *q.Limit > maxLimit):
		return query{}, bad("limit: must be 1 to 1000")
	}
	for _, alternative := range q.Equals {
		if len(alternative) == 0 || len(alternative) > maxTerms {
			return query{}, bad("equals: each must name 1 to 64 attributes")
		}
		for name, value := range alternative {
			if !text(name) || !text(value) {
				return query{}, bad("equals: each attribute needs a name and a value")
			}
		}
	}
	return q, nil
}
