package edv

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/mr-tron/base58"

	"twolock/crypto/secret"
)

// hmacType is what vault clients call an HMAC-SHA-256 key.
const hmacType = "Sha256HmacKey2019"

// blinder turns what names a key into what the vault may see. Its key answers to four kinds of input that cannot be mistaken for one
// another: 32-byte hashes; key ids, which have no space in them; one constant of 24 bytes with spaces; and the places of versions, which begin
// with another text with spaces and are longer than either.
type blinder struct {
	key secret.Bytes
	id  string // names the key to the vault; says nothing about it
}

func newBlinder(key []byte) blinder {
	b := blinder{key: append(secret.Bytes(nil), key...)}
	b.id = "urn:twolock:mac:" + multibaseID(b.sum([]byte("twolock vault MAC key id")))
	return b
}

func (b blinder) sum(data []byte) []byte {
	h := hmac.New(sha256.New, b.key)
	h.Write(data)
	return h.Sum(nil)
}

// documentID is where a key lies: known to whoever has the MAC key, random to everybody else.
func (b blinder) documentID(key string) string { return multibaseID(b.sum([]byte(key))) }

// versionID is where a version lies that is not the newest: a function of shelf (16 bytes), version and key id, of which none can be mistaken for
// a part of the next.
func (b blinder) versionID(shelf []byte, version int, key string) string {
	place := append([]byte("twolock vault version document\x00"), shelf...)
	place = binary.BigEndian.AppendUint32(place, uint32(version))
	return multibaseID(b.sum(append(place, key...)))
}

// multibaseID is the form of document ids: base58btc of an identity multihash of 16 bytes.
func multibaseID(sum []byte) string {
	return "z" + base58.Encode(append([]byte{0x00, 0x10}, sum[:16]...))
}

// attribute blinds an attribute and its value (UTF-8) as the vault clients' index version 2 does, so that a client that holds the
// MAC key finds the documents as well. The value is hashed together with the name: equal values of two attributes differ.
func (b blinder) attribute(name, value string) attribute { return hashOf(name, value).blinded(b) }

// pair blinds two attributes as the vault clients' compound index does: it is there where both are.
func (b blinder) pair(first, second hashedAttribute) attribute {
	return hashedAttribute{
		name:  sha256.Sum256(append(first.name[:], second.name[:]...)),
		value: sha256.Sum256(append(first.value[:], second.value[:]...)),
	}.blinded(b)
}

type hashedAttribute struct{ name, value [sha256.Size]byte }

// hashOf hashes the value's canonical JSON (RFC 8785): injective, and of printable ASCII what strconv.Quote makes.
func hashOf(name, value string) hashedAttribute {
	quoted, _ := jsontext.AppendQuote(nil, value) // fails where the value is not UTF-8, which was looked at before
	return hashedAttribute{name: sha256.Sum256([]byte(name)), value: sha256.Sum256(quoted)}
}

func (h hashedAttribute) blinded(b blinder) attribute {
	salted := sha256.Sum256(append(h.name[:], h.value[:]...))
	encode := base64.RawURLEncoding.EncodeToString
	return attribute{Name: encode(b.sum(h.name[:])), Value: encode(b.sum(salted[:]))}
}
