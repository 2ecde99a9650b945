package key

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/asn1"
	"encoding/json"
	"errors"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// ecdsaCurve is a type's curve, and what goes with it.
type ecdsaCurve struct {
	typ   Type
	curve elliptic.Curve // nil for secp256k1
	size  int            // of a coordinate and of a scalar, in bytes
	hash  crypto.Hash
	oid   asn1.ObjectIdentifier
	crv   string // in a JWK (RFC 7518 section 6.2.1.1, RFC 8812 section 3.1)
	alg   string
}

var (
	p256      = &ecdsaCurve{ECDSAP256, elliptic.P256(), 32, crypto.SHA256, curveP256, "P-256", "ES256"}
	p384      = &ecdsaCurve{ECDSAP384, elliptic.P384(), 48, crypto.SHA384, curveP384, "P-384", "ES384"}
	p521      = &ecdsaCurve{ECDSAP521, elliptic.P521(), 66, crypto.SHA512, curveP521, "P-521", "ES512"}
	secp256k1 = &ecdsaCurve{ECDSASecp256k1, nil, 32, crypto.SHA256, curveSecp256k1, "secp256k1", "ES256K"}

	ecdsaP256Kind      = p256.kind(p256.generate, p256.parse, p256.fromPublic)
	ecdsaP384Kind      = p384.kind(p384.generate, p384.parse, p384.fromPublic)
	ecdsaP521Kind      = p521.kind(p521.generate, p521.parse, p521.fromPublic)
	ecdsaSecp256k1Kind = secp256k1.kind(generateSecp256k1, parseSecp256k1, publicSecp256k1)
)

func (c *ecdsaCurve) kind(generate func() (material, error), parse, fromPublic func([]byte) (material, error)) kind {
	r := reader{
		parse: parse, fromPublic: fromPublic, raw: rawBytes,
		jwk:   func(j json.RawMessage) (_, _ []byte, err error) { return decodeEC(j, c.crv, c.size, c.alg) },
		pkcs8: func(der []byte) (_, _ []byte, err error) { return decodeECPKCS8(der, c.oid, c.size) },
		spki:  func(der []byte) ([]byte, error) { return decodeSPKI(der, oidEC, c.oid) },
	}
	return kind{
		generate: generate, parse: parse, fromPublic: fromPublic, take: r.take,
		does: []Operation{OpSign, OpVerify}, algorithms: []Algorithm{ECDSA},
	}
}

// ecdsaKey signs with ECDSA on a curve of NIST's. The nonce is drawn as FIPS 186-5 has it, hedged with the key and the message.
type ecdsaKey struct {
	*ecdsaCurve
	key *ecdsa.PrivateKey // nil where there is only the public part
	pub *ecdsa.PublicKey
	raw []byte // the uncompressed point
}

func (c *ecdsaCurve) of(k *ecdsa.PrivateKey, err error) (material, error) {
	if err != nil {
		return nil, errors.New("not a scalar from 1 to below the curve's order, with all its bytes")
	}
	raw, err := k.PublicKey.Bytes()
	return &ecdsaKey{c, k, &k.PublicKey, raw}, err
}

func (c *ecdsaCurve) generate() (material, error) {
	return c.of(ecdsa.GenerateKey(c.curve, rand.Reader))
}

func (c *ecdsaCurve) parse(scalar []byte) (material, error) {
	return c.of(ecdsa.ParseRawPrivateKey(c.curve, scalar))
}

var errPoint = errors.New("not an uncompressed point of the curve (SEC 1 section 2.3.3)")

func (c *ecdsaCurve) fromPublic(raw []byte) (material, error) {
	pub, err := ecdsa.ParseUncompressedPublicKey(c.curve, raw)
	if err != nil {
		return nil, errPoint
	}
	return &ecdsaKey{c, nil, pub, append([]byte(nil), raw...)}, nil
}

// private cannot fail for a key on the curve, which generate and parse alone make. What crypto/ecdsa returns is the memory it signs from, whatever its
// documentation leaves open: the caller, who wipes, must not have it.
func (k *ecdsaKey) private() []byte {
	if k.key == nil {
		return nil
	}
	b, err := k.key.Bytes()
	if err != nil {
		panic("key: ECDSA private key not encodable")
	}
	return bytes.Clone(b)
}

func (k *ecdsaKey) wipe() {
	if k.key != nil {
		//lint:ignore SA1019 overwriting is the one use left for D
		clear(k.key.D.Bits())
	}
}

func (k *ecdsaKey) public() *PublicKey { return &PublicKey{k.typ, k.raw} }

func (k *ecdsaKey) jwk() (json.RawMessage, error) {
	d := k.private()
	defer clear(d)
	return ecJWK(k.crv, k.raw, d), nil
}

func (k *ecdsaKey) sign(message []byte, o SignOptions) ([]byte, error) {
	digest, err := k.digest(message, o)
	if err != nil {
		return nil, err
	}
	der, err := ecdsa.SignASN1(rand.Reader, k.key, digest)
	if err != nil || o.Encoding == DER {
		return der, err
	}
	out, ok := p1363OfDER(der, k.size)
	if !ok {
		return nil, errors.New("the signature made is not DER")
	}
	return out, nil
}

func (k *ecdsaKey) verify(message, signature []byte, o SignOptions) (bool, error) {
	digest, err := k.digest(message, o)
	if err != nil {
		return false, err
	}
	if o.Encoding != DER {
		if len(signature) != 2*k.size {
			return false, nil
		}
		signature = derOfP1363(signature)
	}
	return ecdsa.VerifyASN1(k.pub, digest, signature), nil
}

func (c *ecdsaCurve) digest(message []byte, o SignOptions) ([]byte, error) {
	if err := o.fits(c.typ, ECDSA); err != nil {
		return nil, err
	}
	return o.digest(c.hash, message)
}

// derOfP1363 writes r || s as an ASN.1 SEQUENCE of both. It does not look at them.
func derOfP1363(rs []byte) []byte {
	r, s := trimZeros(rs[:len(rs)/2]), trimZeros(rs[len(rs)/2:])
	size := 0
	for _, n := range [][]byte{r, s} {
		size += 2 + len(n) + int(n[0]>>7)
	}
	out := append(make([]byte, 0, size+3), byte(cbasn1.SEQUENCE))
	if size > 0x7f { // P-521
		out = append(out, 0x81)
	}
	out = append(out, byte(size))
	for _, n := range [][]byte{r, s} {
		out = append(out, byte(cbasn1.INTEGER), byte(len(n))+n[0]>>7)
		if n[0]>>7 == 1 {
			out = append(out, 0) // or it were negative
		}
		out = append(out, n...)
	}
	return out
}

// trimZeros leaves the last byte.
func trimZeros(b []byte) []byte {
	for len(b) > 1 && b[0] == 0 {
		b = b[1:]
	}
	return b
}

// p1363OfDER reads a SEQUENCE of r and s, in DER and nothing else, and writes them as size bytes each.
func p1363OfDER(der []byte, size int) ([]byte, bool) {
	in := cryptobyte.String(der)
	var seq cryptobyte.String
	var r, s []byte
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !in.Empty() || !seq.ReadASN1Integer(&r) || !seq.ReadASN1Integer(&s) || !seq.Empty() ||
		len(r) > size || len(s) > size {
		return nil, false
	}
	out := make([]byte, 2*size)
	copy(out[size-len(r):], r)
	copy(out[2*size-len(s):], s)
	return out, true
}
