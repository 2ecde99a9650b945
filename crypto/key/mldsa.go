package key

import (
	"encoding/asn1"
	"encoding/json"
	"errors"

	"filippo.io/mldsa"
)

// mldsaSet is a parameter set of FIPS 204.
type mldsaSet struct {
	typ    Type
	params mldsa.Parameters
	oid    asn1.ObjectIdentifier
}

var (
	mldsa44Kind = mldsaSet{MLDSA44, mldsa.MLDSA44(), oidMLDSA44}.kind()
	mldsa65Kind = mldsaSet{MLDSA65, mldsa.MLDSA65(), oidMLDSA65}.kind()
	mldsa87Kind = mldsaSet{MLDSA87, mldsa.MLDSA87(), oidMLDSA87}.kind()
)

func (s mldsaSet) kind() kind {
	r := reader{
		parse: s.parse, fromPublic: s.fromPublic, raw: rawBytes,
		jwk: func(j json.RawMessage) (_, _ []byte, err error) {
			return decodeAKP(j, s.params.String(), s.params.PublicKeySize(), mldsa.PrivateKeySize)
		},
		pkcs8: func(der []byte) (_, _ []byte, err error) { return decodeSeedPKCS8(der, s.oid) },
		spki:  func(der []byte) ([]byte, error) { return decodeSPKI(der, s.oid, nil) },
	}
	return kind{
		generate: s.generate, parse: s.parse, fromPublic: s.fromPublic, take: r.take,
		does: []Operation{OpSign, OpVerify}, algorithms: []Algorithm{MLDSA},
	}
}

// mldsaKey signs with pure ML-DSA, hedged (FIPS 204 section 5.2). Its private form is the seed.
type mldsaKey struct {
	mldsaSet
	seed []byte // ours, so that it can be wiped; nil where there is only the public part
	key  *mldsa.PrivateKey
	pub  *mldsa.PublicKey
}

func (s mldsaSet) generate() (material, error) {
	seed := randomBytes(mldsa.PrivateKeySize)
	defer clear(seed)
	return s.parse(seed)
}

func (s mldsaSet) parse(seed []byte) (material, error) {
	if err := checkSize(seed, mldsa.PrivateKeySize); err != nil {
		return nil, err
	}
	k, err := mldsa.NewPrivateKey(s.params, seed)
	if err != nil {
		return nil, errors.New("not a seed")
	}
	return &mldsaKey{s, append([]byte(nil), seed...), k, k.PublicKey()}, nil
}

func (s mldsaSet) fromPublic(raw []byte) (material, error) {
	if err := checkSize(raw, s.params.PublicKeySize()); err != nil {
		return nil, err
	}
	pub, err := mldsa.NewPublicKey(s.params, raw)
	if err != nil {
		return nil, errors.New("not an encoding of a public key (FIPS 204 section 7.2)")
	}
	return &mldsaKey{s, nil, nil, pub}, nil
}

func (k *mldsaKey) private() []byte { return append([]byte(nil), k.seed...) }

func (k *mldsaKey) wipe() {
	clear(k.seed)
	k.key = nil // its memory is the library's
}

func (k *mldsaKey) public() *PublicKey { return &PublicKey{k.typ, k.pub.Bytes()} }

func (k *mldsaKey) jwk() (json.RawMessage, error) {
	return akpJWK(k.params.String(), k.pub.Bytes(), k.seed), nil
}

func (k *mldsaKey) sign(message []byte, o SignOptions) ([]byte, error) {
	if err := o.fits(k.typ, MLDSA); err != nil {
		return nil, err
	}
	return k.key.Sign(nil, message, &mldsa.Options{Context: string(o.Context)})
}

func (k *mldsaKey) verify(message, signature []byte, o SignOptions) (bool, error) {
	if err := o.fits(k.typ, MLDSA); err != nil {
		return false, err
	}
	return mldsa.Verify(k.pub, message, signature, &mldsa.Options{Context: string(o.Context)}) == nil, nil
}
