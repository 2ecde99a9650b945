package key

import (
	"bytes"
	"crypto/ecdh"
	"crypto/hpke"
	"crypto/rand"
	"encoding/asn1"
	"encoding/json"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// curve is what the types that agree on secrets differ in.
type curve struct {
	ecdh.Curve
	typ      Type
	kty, crv string                // of the JWK: RFC 7518 section 6.2, RFC 8037 section 2
	size     int                   // bytes of a private key, of a coordinate and of a secret
	oid      asn1.ObjectIdentifier // names the curve
	spki     string                // what stands before the raw public key in a SubjectPublicKeyInfo: RFC 8410 section 4, RFC 5480 section 2
	kdf      func() hpke.KDF
}

var (
	oidECPublicKey = asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}

	curveX25519 = &curve{ecdh.X25519(), X25519, "OKP", "X25519", 32, asn1.ObjectIdentifier{1, 3, 101, 110},
		"\x30\x2a\x30\x05\x06\x03\x2b\x65\x6e\x03\x21\x00", hpke.HKDFSHA256}
	curveP256 = &curve{ecdh.P256(), ECDHP256, "EC", "P-256", 32, asn1.ObjectIdentifier{1, 2, 840, 10045, 3, 1, 7},
		"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00", hpke.HKDFSHA256}
	curveP384 = &curve{ecdh.P384(), ECDHP384, "EC", "P-384", 48, asn1.ObjectIdentifier{1, 3, 132, 0, 34},
		"\x30\x76\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x22\x03\x62\x00", hpke.HKDFSHA384}
	curveP521 = &curve{ecdh.P521(), ECDHP521, "EC", "P-521", 66, asn1.ObjectIdentifier{1, 3, 132, 0, 35},
		"\x30\x81\x9b\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x23\x03\x81\x86\x00", hpke.HKDFSHA512}

	x25519Kind = curveX25519.kind(OpEncrypt, OpDecrypt, OpWrapKey, OpUnwrapKey, OpSeal, OpOpen, OpDeriveSecret, OpDeriveKey)
	// The types on NIST's curves.
	ecdhP256Kind = curveP256.kind(OpEncrypt, OpDecrypt, OpWrapKey, OpUnwrapKey, OpDeriveSecret, OpDeriveKey)
	ecdhP384Kind = curveP384.kind(OpEncrypt, OpDecrypt, OpWrapKey, OpUnwrapKey, OpDeriveSecret, OpDeriveKey)
	ecdhP521Kind = curveP521.kind(OpEncrypt, OpDecrypt, OpWrapKey, OpUnwrapKey, OpDeriveSecret, OpDeriveKey)
)

func (c *curve) kind(does ...Operation) kind {
	return kind{
		generate: c.generate, parse: c.parse, fromPublic: c.fromPublic, take: c.take,
		does: does, algorithms: []Algorithm{HPKEAES128GCM, HPKEAES256GCM, HPKEChaCha20Poly1305, ECDHESA256KW, ECDH1PUA256KW},
	}
}

// ecdhKey agrees on secrets, and does all that follows from it: agree and derive, HPKE, JOSE's key wrapping; on X25519 NaCl's boxes.
type ecdhKey struct {
	*curve
	key  *ecdh.PrivateKey // nil where there is the public part only
	peer *ecdh.PublicKey  // the public part
}

func (c *curve) generate() (material, error) {
	k, err := c.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	return &ecdhKey{c, k, k.PublicKey()}, nil
}

func (c *curve) parse(b []byte) (material, error) { return c.parsePrivate(b, "raw") }

// parsePrivate returns an *InputError of the field that holds nothing of b.
func (c *curve) parsePrivate(b []byte, field string) (*ecdhKey, error) {
	if len(b) != c.size {
		return nil, inputErrorf(field, "the private key has %d bytes; one of type %s has %d", len(b), c.typ, c.size)
	}
	k, err := c.NewPrivateKey(b)
	if err != nil {
		return nil, inputErrorf(field, "the private key is not between 1 and the order of %s", c.crv)
	}
	return &ecdhKey{c, k, k.PublicKey()}, nil
}

func (c *curve) fromPublic(raw []byte) (material, error) { return c.parsePublic(raw, "publicKey") }

// parsePublic takes the public key of a key of ours: in its one form, and never of low order, where each secret would be zero (RFC 7748 section 6.1).
func (c *curve) parsePublic(raw []byte, field string) (*ecdhKey, error) {
	p, err := c.parsePeer(raw, field)
	if err != nil {
		return nil, err
	}
	if c == curveX25519 {
		if !isCanonicalX25519(raw) {
			// What is encrypted to such a form (HPKE, sealed boxes) is bound to it, and the private key cannot know.
			return nil, inputErrorf(field, "the public key is not reduced modulo 2^255-19")
		}
		any, err := c.NewPrivateKey(make([]byte, c.size)) // a multiple of the cofactor, as all are after clamping
		if err != nil {
			return nil, err
		}
		if _, err := agree(any, p, field); err != nil {
			return nil, err
		}
	}
	return &ecdhKey{c, nil, p}, nil
}

// parsePeer takes another's raw public key. On X25519 it may be of low order: agree refuses it then.
func (c *curve) parsePeer(raw []byte, field string) (*ecdh.PublicKey, error) {
	if want := c.publicSize(); len(raw) != want {
		return nil, inputErrorf(field, "has %d bytes; a public key of type %s has %d", len(raw), c.typ, want)
	}
	p, err := c.NewPublicKey(raw)
	if err != nil {
		return nil, inputErrorf(field, "is not an uncompressed point of %s", c.crv)
	}
	return p, nil
}

func (c *curve) publicSize() int {
	if c == curveX25519 {
		return c.size
	}
	return 1 + 2*c.size
}

// isCanonicalX25519 tells whether raw, little endian, is below 2^255-19.
func isCanonicalX25519(raw []byte) bool {
	if raw[31] != 0x7f {
		return raw[31] < 0x7f
	}
	return raw[0] < 0xed || slices.ContainsFunc(raw[1:31], func(b byte) bool { return b != 0xff })
}

// agree returns the raw secret, which the caller wipes.
func agree(k *ecdh.PrivateKey, peer *ecdh.PublicKey, field string) ([]byte, error) {
	secret, err := k.ECDH(peer)
	if err != nil {
		return nil, inputErrorf(field, "is a point of low order: the secret would be zero")
	}
	return secret, nil
}

func (k *ecdhKey) private() []byte {
	if k.key == nil {
		return nil
	}
	return k.key.Bytes()
}

func (k *ecdhKey) public() *PublicKey { return &PublicKey{k.typ, k.peer.Bytes()} }

// wipe lets go of the key; the copy is crypto/ecdh's, out of reach.
func (k *ecdhKey) wipe() { k.key = nil }

func (k *ecdhKey) agree(peer []byte) ([]byte, error) {
	p, err := k.parsePeer(peer, "publicKey")
	if err != nil {
		return nil, err
	}
	return agree(k.key, p, "publicKey")
}

func (c *curve) take(m Material) (material, error) {
	switch {
	case m.JWK != nil:
		return c.takeJWK(m.JWK, "jwk")
	case m.PKCS8 != nil:
		return c.takePKCS8(m.PKCS8)
	case m.SPKI != nil:
		// The DER form of a public key is one: what stands before the key is the same for all.
		raw, ok := bytes.CutPrefix(m.SPKI, []byte(c.spki))
		if !ok {
			return nil, inputErrorf("spki", "is not the DER of a public key of type %s, with a named curve and an uncompressed point", c.typ)
		}
		return c.parsePublic(raw, "spki")
	}
	return c.parsePrivate(m.Raw, "raw")
}

func (c *curve) takePKCS8(der []byte) (material, error) {
	p, err := readPKCS8(der)
	if err != nil {
		return nil, err
	}
	var k *ecdhKey
	publics := [][]byte{p.public}
	if c == curveX25519 {
		if err := p.is(c.typ, c.oid, nil); err != nil {
			return nil, err
		}
		inner := cryptobyte.String(p.private)
		var private cryptobyte.String
		if !inner.ReadASN1(&private, cbasn1.OCTET_STRING) || !inner.Empty() {
			return nil, inputErrorf("pkcs8", "the private key is not one of RFC 8410 section 7")
		}
		k, err = c.parsePrivate(private, "pkcs8")
	} else {
		if err := p.is(c.typ, oidECPublicKey, c.oid); err != nil {
			return nil, err
		}
		private, public, readErr := readECPrivateKey(p.private, c.oid)
		if readErr != nil {
			return nil, readErr
		}
		publics = append(publics, public)
		k, err = c.parsePrivate(private, "pkcs8")
	}
	if err != nil {
		return nil, err
	}
	for _, public := range publics {
		if public != nil && !bytes.Equal(public, k.peer.Bytes()) {
			return nil, inputErrorf("pkcs8", "the public key is not the private key's")
		}
	}
	return k, nil
}

// takeJWK takes a private or a public key.
func (c *curve) takeJWK(data json.RawMessage, field string) (*ecdhKey, error) {
	m, err := readAgreementJWK(data, field)
	if err != nil {
		return nil, err
	}
	defer clear(m.d)
	raw, err := c.publicOfJWK(m, field)
	if err != nil {
		return nil, err
	}
	if m.d == nil {
		return c.parsePublic(raw, field)
	}
	k, err := c.parsePrivate(m.d, field)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(raw, k.peer.Bytes()) {
		return nil, inputErrorf(field, "the public key is not the private key's")
	}
	return k, nil
}

// publicOfJWK returns the raw public key, its form checked and no more.
func (c *curve) publicOfJWK(m *agreementJWK, field string) ([]byte, error) {
	switch {
	case m.kty != c.kty || m.crv != c.crv:
		return nil, inputErrorf(field, "kty and crv of type %s are %q and %q", c.typ, c.kty, c.crv)
	case len(m.x) != c.size || c.kty == "EC" && len(m.y) != c.size:
		return nil, inputErrorf(field, "each coordinate of type %s has %d bytes", c.typ, c.size)
	case c.kty == "OKP":
		return m.x, nil
	}
	return slices.Concat([]byte{4}, m.x, m.y), nil
}
