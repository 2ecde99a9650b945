package edv

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"

	"github.com/mr-tron/base58"

	"twolock/crypto/secret"
)

// hmacType is what vault clients call an HMAC-SHA-256 key.
const hmacType = "Sha256HmacKey2019"

// blinder turns what names a key into what the vault may see. Its key answers to three kinds of input that cannot be mistaken for one
// another: 32-byte hashes, key ids, and one constant.
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

// multibaseID is the form of document ids: base58btc of an identity multihash of 16 bytes.
func multibaseID(sum []byte) string {
	return "z" + base58.Encode(append([]byte{0x00, 0x10}, sum[:16]...))
}

// attribute blinds an attribute and its value (ASCII) as the vault clients' index version 2 does, so that a client that holds the
// MAC key finds the documents as well. The value is hashed together with the name: equal values of two attributes differ.
func (b blinder) attribute(name, value string) attribute {
	n := sha256.Sum256([]byte(name))
	v := sha256.Sum256([]byte(strconv.Quote(value))) // its canonical JSON, as long as it is printable ASCII
	salted := sha256.Sum256(append(n[:], v[:]...))
	encode := base64.RawURLEncoding.EncodeToString
	return attribute{Name: encode(b.sum(n[:])), Value: encode(b.sum(salted[:]))}
}
