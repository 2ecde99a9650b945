package key

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"

	"github.com/mr-tron/base58"
)

// PublicKey is the public part of a key.
type PublicKey struct {
	typ Type
	raw []byte
}

// ParsePublic returns the public key whose Bytes gave raw. The point is checked to be on the curve.
func ParsePublic(t Type, raw []byte) (*PublicKey, error) {
	p := &PublicKey{t, raw}
	switch t {
	case Ed25519:
		if err := checkSize(raw, ed25519.PublicKeySize); err != nil {
			return nil, fmt.Errorf("parse public %s: %w", t, err)
		}
	case ECDSAP256:
		if _, err := p.ecdsa(); err != nil {
			return nil, fmt.Errorf("parse public %s: %w", t, err)
		}
	default:
		return nil, fmt.Errorf("%s has no public key", t)
	}
	return p, nil
}

// Bytes returns the raw form: 32 bytes for Ed25519, the uncompressed SEC 1 point for P-256.
func (p *PublicKey) Bytes() []byte { return p.raw }

// SPKI returns the DER SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7).
func (p *PublicKey) SPKI() ([]byte, error) {
	if p.typ == Ed25519 {
		return x509.MarshalPKIXPublicKey(ed25519.PublicKey(p.raw))
	}
	k, err := p.ecdsa()
	if err != nil {
		return nil, err
	}
	return x509.MarshalPKIXPublicKey(k)
}

// PEM returns the SPKI in PEM (RFC 7468).
func (p *PublicKey) PEM() (string, error) {
	der, err := p.SPKI()
	if err != nil {
		return "", err
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), nil
}

// JWK returns the JSON Web Key (RFC 7517, RFC 8037).
func (p *PublicKey) JWK() (json.RawMessage, error) {
	b64 := base64.RawURLEncoding.EncodeToString
	if p.typ == Ed25519 {
		return json.Marshal(map[string]string{"kty": "OKP", "crv": "Ed25519", "x": b64(p.raw)})
	}
	return json.Marshal(map[string]string{"kty": "EC", "crv": "P-256", "x": b64(p.raw[1 : 1+p256Size]), "y": b64(p.raw[1+p256Size:])})
}

// Multikey returns z + base58btc of the multicodec prefix and the key (W3C Controlled Identifiers, section 2.2.2);
// P-256 points are compressed there.
func (p *PublicKey) Multikey() string {
	prefix, k := []byte{0xed, 0x01}, p.raw
	if p.typ == ECDSAP256 {
		prefix, k = []byte{0x80, 0x24}, compress(p.raw)
	}
	return "z" + base58.Encode(append(prefix, k...))
}

// compress turns an uncompressed SEC 1 point into the compressed form (SEC 1 section 2.3.3).
func compress(point []byte) []byte {
	return append([]byte{0x02 | point[len(point)-1]&1}, point[1:1+p256Size]...)
}

func (p *PublicKey) ecdsa() (*ecdsa.PublicKey, error) {
	return ecdsa.ParseUncompressedPublicKey(elliptic.P256(), p.raw)
}
