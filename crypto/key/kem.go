package key

import (
	"crypto"
	"crypto/mlkem"
	"encoding/json"
	"errors"
)

// kem is what the types of ML-KEM (FIPS 203) differ in.
type kem struct {
	publicForm                 // the name is the JWK's alg: draft-ietf-jose-pqc-kem
	typ                        Type
	publicSize, ciphertextSize int
	generateKey                func() (decapsulator, error)
	fromSeed                   func([]byte) (decapsulator, error)
	fromRaw                    func([]byte) (crypto.Encapsulator, error)
}

// decapsulator is a private key of package mlkem; Bytes is the seed.
type decapsulator interface {
	crypto.Decapsulator
	Bytes() []byte
}

var (
	kem768 = &kem{
		publicForms[MLKEM768], MLKEM768, mlkem.EncapsulationKeySize768, mlkem.CiphertextSize768,
		func() (decapsulator, error) { return mlkem.GenerateKey768() },
		func(b []byte) (decapsulator, error) { return mlkem.NewDecapsulationKey768(b) },
		func(b []byte) (crypto.Encapsulator, error) { return mlkem.NewEncapsulationKey768(b) },
	}
	kem1024 = &kem{
		publicForms[MLKEM1024], MLKEM1024, mlkem.EncapsulationKeySize1024, mlkem.CiphertextSize1024,
		func() (decapsulator, error) { return mlkem.GenerateKey1024() },
		func(b []byte) (decapsulator, error) { return mlkem.NewDecapsulationKey1024(b) },
		func(b []byte) (crypto.Encapsulator, error) { return mlkem.NewEncapsulationKey1024(b) },
	}

	mlkem768Kind  = kem768.kind()
	mlkem1024Kind = kem1024.kind()
)

func (c *kem) kind() kind {
	r := reader{
		parse: c.parse, fromPublic: c.fromPublic, raw: rawBytes,
		jwk: func(jwk json.RawMessage) (public, private []byte, err error) {
			return decodeAKP(jwk, c.name, c.publicSize, mlkem.SeedSize)
		},
		pkcs8: func(der []byte) (public, private []byte, err error) { return decodeSeedPKCS8(der, c.oid) },
		spki:  c.publicForm.decode,
	}
	return kind{generate: c.generate, parse: c.parse, fromPublic: c.fromPublic, take: r.take, does: []Operation{OpEncapsulate, OpDecapsulate}}
}

type mlkemKey struct {
	*kem
	key  decapsulator // nil where there is the public part only
	peer crypto.Encapsulator
}

func (c *kem) generate() (material, error) {
	k, err := c.generateKey()
	if err != nil {
		return nil, err
	}
	return &mlkemKey{c, k, k.Encapsulator()}, nil
}

func (c *kem) parse(seed []byte) (material, error) {
	if err := checkSize(seed, mlkem.SeedSize); err != nil {
		return nil, err
	}
	k, err := c.fromSeed(seed)
	if err != nil {
		return nil, err
	}
	return &mlkemKey{c, k, k.Encapsulator()}, nil
}

// fromPublic makes the modulus check of FIPS 203 section 7.2.
func (c *kem) fromPublic(raw []byte) (material, error) {
	if err := checkSize(raw, c.publicSize); err != nil {
		return nil, err
	}
	p, err := c.fromRaw(raw)
	if err != nil {
		return nil, errors.New("the public key has a coefficient that is not reduced modulo 3329")
	}
	return &mlkemKey{c, nil, p}, nil
}

func (k *mlkemKey) private() []byte {
	if k.key == nil {
		return nil
	}
	return k.key.Bytes()
}

func (k *mlkemKey) public() *PublicKey { return &PublicKey{k.typ, k.peer.Bytes()} }

// wipe lets go of the key; the copy is crypto/mlkem's, out of reach.
func (k *mlkemKey) wipe() { k.key = nil }

func (k *mlkemKey) jwk() (json.RawMessage, error) {
	seed := k.private()
	defer clear(seed)
	return akpJWK(k.name, k.peer.Bytes(), seed), nil
}

func (k *mlkemKey) encapsulate() (secret, ciphertext []byte, err error) {
	secret, ciphertext = k.peer.Encapsulate()
	return secret, ciphertext, nil
}

func (k *mlkemKey) decapsulate(ciphertext []byte) ([]byte, error) {
	if len(ciphertext) != k.ciphertextSize {
		return nil, inputErrorf("ciphertext", "has %d bytes; %s has %d", len(ciphertext), k.name, k.ciphertextSize)
	}
	return k.key.Decapsulate(ciphertext)
}
