package key

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"

	"twolock/crypto/edwards"
)

var ed25519Reader = reader{
	parse: parseEd25519, fromPublic: publicEd25519, raw: rawBytes,
	jwk:   func(j json.RawMessage) (_, _ []byte, err error) { return decodeOKP(j, "Ed25519", "EdDSA", "Ed25519") },
	pkcs8: func(der []byte) (_, _ []byte, err error) { return decodeOctetsPKCS8(der, oidEd25519) },
	spki:  func(der []byte) ([]byte, error) { return decodeSPKI(der, oidEd25519, nil) },
}

var ed25519Kind = kind{
	generate: generateEd25519, parse: parseEd25519, fromPublic: publicEd25519, take: ed25519Reader.take,
	does: []Operation{OpSign, OpVerify}, algorithms: []Algorithm{EdDSA},
}

// ed25519Key signs as RFC 8032 says, without context or prehash.
type ed25519Key struct {
	key ed25519.PrivateKey // nil where there is only the public part
	pub ed25519.PublicKey
}

func generateEd25519() (material, error) {
	pub, k, err := ed25519.GenerateKey(nil)
	return &ed25519Key{k, pub}, err
}

func parseEd25519(seed []byte) (material, error) {
	if err := checkSize(seed, ed25519.SeedSize); err != nil {
		return nil, err
	}
	k := ed25519.NewKeyFromSeed(seed)
	return &ed25519Key{k, k.Public().(ed25519.PublicKey)}, nil
}

// publicEd25519 asks more than ed25519.Verify does, which panics on a wrong length, and takes a point of small order: under it, anybody can make signatures that
// verify.
func publicEd25519(raw []byte) (material, error) {
	if err := checkSize(raw, ed25519.PublicKeySize); err != nil {
		return nil, err
	}
	switch k := [32]byte(raw); {
	case !edwards.IsCanonical(k):
		return nil, errors.New("the encoding is not canonical")
	case edwards.IsSmallOrder(k):
		return nil, errors.New("the point has small order")
	case !edwards.IsOnCurve(k):
		return nil, errors.New("not a point of the curve")
	}
	return &ed25519Key{pub: append(ed25519.PublicKey(nil), raw...)}, nil
}

func (k *ed25519Key) private() []byte {
	if k.key == nil {
		return nil
	}
	return k.key.Seed()
}

func (k *ed25519Key) wipe()              { clear(k.key) }
func (k *ed25519Key) public() *PublicKey { return &PublicKey{Ed25519, k.pub} }
func (k *ed25519Key) jwk() (json.RawMessage, error) {
	seed := k.private()
	defer clear(seed)
	return okpJWK("Ed25519", k.pub, seed), nil
}

func (k *ed25519Key) sign(message []byte, o SignOptions) ([]byte, error) {
	if err := o.fits(Ed25519, EdDSA); err != nil {
		return nil, err
	}
	return ed25519.Sign(k.key, message), nil
}

func (k *ed25519Key) verify(message, signature []byte, o SignOptions) (bool, error) {
	if err := o.fits(Ed25519, EdDSA); err != nil {
		return false, err
	}
	return ed25519.Verify(k.pub, message, signature), nil
}
