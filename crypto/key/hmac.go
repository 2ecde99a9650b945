package key

import (
	"bytes"
	"crypto"
	"crypto/hmac"
	"encoding/json"
)

const (
	minHMACKey = 16 // bytes; RFC 2104 section 3 wants more than these, and RFC 7518 section 3.2 as many as the hash, but others have made keys, too
	maxHMACKey = 1024
)

// hmacHash is a type's hash.
type hmacHash struct {
	crypto.Hash
	alg string
}

var (
	hmacSHA256Kind = hmacHash{crypto.SHA256, "HS256"}.kind()
	hmacSHA384Kind = hmacHash{crypto.SHA384, "HS384"}.kind()
	hmacSHA512Kind = hmacHash{crypto.SHA512, "HS512"}.kind()
)

func (h hmacHash) kind() kind {
	r := reader{
		parse: h.parse, raw: rawBytes, others: "jwk or raw",
		jwk: func(j json.RawMessage) (_, private []byte, err error) {
			private, err = decodeOct(j, h.alg)
			return nil, private, err
		},
	}
	return kind{generate: h.generate, parse: h.parse, take: r.take, does: []Operation{OpComputeMAC, OpVerifyMAC, OpDeriveKey}}
}

// hmacKey computes HMAC (RFC 2104), and is the input keying material of HKDF-SHA-256 (RFC 5869).
type hmacKey struct {
	hmacHash
	key []byte
}

func (h hmacHash) generate() (material, error) { return &hmacKey{h, randomBytes(h.Size())}, nil }

func (h hmacHash) parse(b []byte) (material, error) {
	if len(b) < minHMACKey || len(b) > maxHMACKey {
		return nil, errorf("%d bytes instead of %d to %d", len(b), minHMACKey, maxHMACKey)
	}
	return &hmacKey{h, bytes.Clone(b)}, nil
}

func (k *hmacKey) private() []byte               { return bytes.Clone(k.key) }
func (k *hmacKey) wipe()                         { clear(k.key) }
func (k *hmacKey) public() *PublicKey            { return nil }
func (k *hmacKey) jwk() (json.RawMessage, error) { return octJWK(k.key), nil }

func (k *hmacKey) mac(data []byte) []byte {
	h := hmac.New(k.New, k.key)
	h.Write(data)
	return h.Sum(nil)
}

func macEqual(a, b []byte) bool { return hmac.Equal(a, b) }

func (k *hmacKey) derive(o DeriveOptions) ([]byte, error) {
	if o.Peer != nil {
		return nil, inputErrorf("publicKey", "is for ECDH keys; an HMAC key is itself what is derived from")
	}
	return derive(k.key, o)
}
