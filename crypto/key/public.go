package key

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/binary"
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

// publicForm is what a type's public key is called by others.
type publicForm struct {
	oid, curve asn1.ObjectIdentifier
	kty, name  string // of a JWK; the name is its crv, or the alg of an AKP
	codec      uint64 // of multiformats' table, the multicodec
}

// decode is a reader's spki.
func (f publicForm) decode(spki []byte) ([]byte, error) { return decodeSPKI(spki, f.oid, f.curve) }

// publicForms has every asymmetric type.
var publicForms = map[Type]publicForm{
	Ed25519:        {oidEd25519, nil, "OKP", "Ed25519", 0xed},
	ECDSAP256:      {oidEC, curveP256, "EC", "P-256", 0x1200},
	ECDSAP384:      {oidEC, curveP384, "EC", "P-384", 0x1201},
	ECDSAP521:      {oidEC, curveP521, "EC", "P-521", 0x1202},
	ECDSASecp256k1: {oidEC, curveSecp256k1, "EC", "secp256k1", 0xe7},
	RSA2048:        {oidRSA, nil, "RSA", "", 0x1205},
	RSA3072:        {oidRSA, nil, "RSA", "", 0x1205},
	RSA4096:        {oidRSA, nil, "RSA", "", 0x1205},
	MLDSA44:        {oidMLDSA44, nil, "AKP", "ML-DSA-44", 0x1210},
	MLDSA65:        {oidMLDSA65, nil, "AKP", "ML-DSA-65", 0x1211},
	MLDSA87:        {oidMLDSA87, nil, "AKP", "ML-DSA-87", 0x1212},
	X25519:         {oidX25519, nil, "OKP", "X25519", 0xec},
	ECDHP256:       {oidEC, curveP256, "EC", "P-256", 0x1200},
	ECDHP384:       {oidEC, curveP384, "EC", "P-384", 0x1201},
	ECDHP521:       {oidEC, curveP521, "EC", "P-521", 0x1202},
	MLKEM768:       {oidMLKEM768, nil, "AKP", "ML-KEM-768", 0x120c},
	MLKEM1024:      {oidMLKEM1024, nil, "AKP", "ML-KEM-1024", 0x120d},
}

// ParsePublic returns the public key whose Bytes gave raw. It is checked as FromPublic does.
func ParsePublic(t Type, raw []byte) (*PublicKey, error) {
	k, err := FromPublic(t, raw)
	if err != nil {
		return nil, err
	}
	return k.Public(), nil
}

// Bytes returns the raw form: 32 bytes for Ed25519 and X25519; the uncompressed SEC 1 point for P-256, P-384, P-521 and secp256k1; the encodings of FIPS 203 and 204
// for ML-KEM and ML-DSA; PKCS #1 DER for RSA.
func (p *PublicKey) Bytes() []byte { return p.raw }

// SPKI returns the DER SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7).
func (p *PublicKey) SPKI() ([]byte, error) {
	f := publicForms[p.typ]
	return encodeSPKI(f.oid, f.curve, p.raw)
}

// PEM returns the SPKI in PEM (RFC 7468).
func (p *PublicKey) PEM() (string, error) {
	der, err := p.SPKI()
	if err != nil {
		return "", err
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), nil
}

// JWK returns the JSON Web Key (RFC 7517): of kty EC and RSA (RFC 7518), OKP (RFC 8037), AKP (RFC 9964).
func (p *PublicKey) JWK() (json.RawMessage, error) {
	f := publicForms[p.typ]
	switch f.kty {
	case "EC":
		return ecJWK(f.name, p.raw, nil), nil
	case "OKP":
		return okpJWK(f.name, p.raw, nil), nil
	case "AKP":
		return akpJWK(f.name, p.raw, nil), nil
	}
	k, err := p.rsa()
	if err != nil {
		return nil, err
	}
	return rsaJWK(k, nil), nil
}

// Multikey returns z + base58btc of the multicodec prefix and the key (W3C Controlled Identifiers, section 2.2.2);
// points are compressed there. Every type has a codec.
func (p *PublicKey) Multikey() string {
	f, k := publicForms[p.typ], p.raw
	if f.kty == "EC" {
		k = compress(p.raw)
	}
	return "z" + base58.Encode(append(binary.AppendUvarint(nil, f.codec), k...))
}

// compress turns an uncompressed SEC 1 point into the compressed form (SEC 1 section 2.3.3).
func compress(point []byte) []byte {
	return append([]byte{0x02 | point[len(point)-1]&1}, point[1:1+len(point)/2]...)
}

func (p *PublicKey) rsa() (*rsa.PublicKey, error) {
	k, err := x509.ParsePKCS1PublicKey(p.raw)
	if err != nil {
		return nil, fmt.Errorf("public %s: %w", p.typ, err)
	}
	return k, nil
}
