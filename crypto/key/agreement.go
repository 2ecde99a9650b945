package key

import (
	"crypto/ecdh"
	"crypto/hpke"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// agreement is what the types that agree on secrets differ in.
type agreement struct {
	ecdh.Curve
	publicForm
	typ        Type
	size       int             // bytes of a private key, a coordinate, a secret
	publicSize int             // bytes of a raw public key
	kdf        func() hpke.KDF // goes with the KEM, at its strength
}

var (
	agreementX25519 = &agreement{ecdh.X25519(), publicForms[X25519], X25519, 32, 32, hpke.HKDFSHA256}
	agreementP256   = &agreement{ecdh.P256(), publicForms[ECDHP256], ECDHP256, 32, 65, hpke.HKDFSHA256}
	agreementP384   = &agreement{ecdh.P384(), publicForms[ECDHP384], ECDHP384, 48, 97, hpke.HKDFSHA384}
	agreementP521   = &agreement{ecdh.P521(), publicForms[ECDHP521], ECDHP521, 66, 133, hpke.HKDFSHA512}

	x25519Kind   = agreementX25519.kind(OpEncrypt, OpDecrypt, OpWrapKey, OpUnwrapKey, OpSeal, OpOpen, OpDeriveSecret, OpDeriveKey)
	ecdhP256Kind = agreementP256.kind(OpEncrypt, OpDecrypt, OpWrapKey, OpUnwrapKey, OpDeriveSecret, OpDeriveKey)
	ecdhP384Kind = agreementP384.kind(OpEncrypt, OpDecrypt, OpWrapKey, OpUnwrapKey, OpDeriveSecret, OpDeriveKey)
	ecdhP521Kind = agreementP521.kind(OpEncrypt, OpDecrypt, OpWrapKey, OpUnwrapKey, OpDeriveSecret, OpDeriveKey)
)

func (c *agreement) kind(does ...Operation) kind {
	r := reader{parse: c.parse, fromPublic: c.fromPublic, jwk: c.decodeJWK, pkcs8: c.decodePKCS8, spki: c.publicForm.decode, raw: rawBytes}
	return kind{
		generate: c.generate, parse: c.parse, fromPublic: c.fromPublic, take: r.take,
		does: does, algorithms: []Algorithm{HPKEAES128GCM, HPKEAES256GCM, HPKEChaCha20Poly1305, ECDHESA256KW, ECDH1PUA256KW},
	}
}

// joseAgreements is what a JWK's alg may say: the raw secret is good for each.
var joseAgreements = []string{
	"ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A192KW", "ECDH-ES+A256KW", "ECDH-1PU", "ECDH-1PU+A128KW", "ECDH-1PU+A192KW", "ECDH-1PU+A256KW",
}

func (c *agreement) decodeJWK(jwk json.RawMessage) (public, private []byte, err error) {
	if c.curve == nil {
		return decodeOKP(jwk, c.name, joseAgreements...)
	}
	return decodeEC(jwk, c.name, c.size, joseAgreements...)
}

func (c *agreement) decodePKCS8(der []byte) (public, private []byte, err error) {
	if c.curve == nil {
		return decodeOctetsPKCS8(der, c.oid)
	}
	return decodeECPKCS8(der, c.curve, c.size)
}

func (c *agreement) encodeJWK(public, private []byte) json.RawMessage {
	if c.curve == nil {
		return okpJWK(c.name, public, private)
	}
	return ecJWK(c.name, public, private)
}

// ecdhKey agrees on secrets, and does all that follows from it: it derives, encrypts with HPKE, wraps as JOSE does and, on X25519, makes NaCl's boxes.
type ecdhKey struct {
	*agreement
	key  *ecdh.PrivateKey // nil where there is the public part only
	peer *ecdh.PublicKey  // the public part
}

func (c *agreement) generate() (material, error) {
	k, err := c.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	return &ecdhKey{c, k, k.PublicKey()}, nil
}

func (c *agreement) parse(b []byte) (material, error) {
	if err := checkSize(b, c.size); err != nil {
		return nil, err
	}
	k, err := c.NewPrivateKey(b)
	if err != nil {
		return nil, fmt.Errorf("the private key is not between 1 and the order of %s", c.name)
	}
	return &ecdhKey{c, k, k.PublicKey()}, nil
}

// fromPublic takes the public part of a key of ours: in its one form, and not of low order, where each secret would be zero (RFC 7748 section 6.1).
func (c *agreement) fromPublic(raw []byte) (material, error) {
	p, err := c.parsePeer(raw)
	if err != nil {
		return nil, err
	}
	if c.curve == nil {
		if !isCanonicalX25519(raw) {
			// What is encrypted to another form (HPKE, sealed boxes) is bound to it, and the private key cannot know.
			return nil, errNotReduced
		}
		some, err := c.NewPrivateKey(make([]byte, c.size)) // a multiple of the cofactor, as clamping makes each
		if err != nil {
			return nil, err
		}
		if _, err := some.ECDH(p); err != nil {
			return nil, errLowOrder
		}
	}
	return &ecdhKey{c, nil, p}, nil
}

var (
	errLowOrder   = errors.New("is a point of low order: the secret would be zero")
	errNotReduced = errors.New("the public key is not reduced modulo 2^255-19")
)

// parsePeer takes another's raw public key. On X25519 it may be of low order and not reduced, as RFC 7748 section 5 has it: agree refuses the former.
func (c *agreement) parsePeer(raw []byte) (*ecdh.PublicKey, error) {
	if len(raw) != c.publicSize {
		return nil, fmt.Errorf("has %d bytes; a public key of type %s has %d", len(raw), c.typ, c.publicSize)
	}
	p, err := c.NewPublicKey(raw)
	if err != nil {
		return nil, fmt.Errorf("is not an uncompressed point of %s", c.name)
	}
	return p, nil
}

// peerOf is parsePeer for a field.
func (c *agreement) peerOf(field string, raw []byte) (*ecdh.PublicKey, error) {
	p, err := c.parsePeer(raw)
	if err != nil {
		return nil, &InputError{field, err.Error()}
	}
	return p, nil
}

// reducedPeerOf is peerOf for a key that comes with what was wrapped or sealed. Nothing authenticates its spelling, so only the one that senders write is
// taken: with another, a changed message would open.
func (c *agreement) reducedPeerOf(field string, raw []byte) (*ecdh.PublicKey, error) {
	p, err := c.peerOf(field, raw)
	if err == nil && c.curve == nil && !isCanonicalX25519(raw) {
		return nil, &InputError{field, errNotReduced.Error()}
	}
	return p, err
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
		return nil, &InputError{field, errLowOrder.Error()}
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

func (k *ecdhKey) jwk() (json.RawMessage, error) {
	private := k.private()
	defer clear(private)
	return k.encodeJWK(k.peer.Bytes(), private), nil
}

// wipe lets go of the key; the copy is crypto/ecdh's, out of reach.
func (k *ecdhKey) wipe() { k.key = nil }

func (k *ecdhKey) agree(peer []byte) ([]byte, error) {
	p, err := k.peerOf("publicKey", peer)
	if err != nil {
		return nil, err
	}
	return agree(k.key, p, "publicKey")
}
