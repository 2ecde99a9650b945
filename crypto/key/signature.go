package key

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
)

var ed25519Kind = kind{generate: generateEd25519, parse: parseEd25519, does: []Operation{OpSign, OpVerify}, algorithms: []Algorithm{EdDSA}}

// ed25519Key signs as RFC 8032 says, without context or prehash.
type ed25519Key struct{ key ed25519.PrivateKey }

func (k *ed25519Key) jwk() (json.RawMessage, error) { return nil, errors.New("not yet") }

func generateEd25519() (material, error) {
	_, k, err := ed25519.GenerateKey(nil)
	return &ed25519Key{k}, err
}

func parseEd25519(seed []byte) (material, error) {
	if err := checkSize(seed, ed25519.SeedSize); err != nil {
		return nil, err
	}
	return &ed25519Key{ed25519.NewKeyFromSeed(seed)}, nil
}

func (k *ed25519Key) private() []byte { return k.key.Seed() }
func (k *ed25519Key) wipe()           { clear(k.key) }
func (k *ed25519Key) public() *PublicKey {
	return &PublicKey{Ed25519, k.key.Public().(ed25519.PublicKey)}
}

func (k *ed25519Key) sign(message []byte, o SignOptions) ([]byte, error) {
	if err := k.check(o); err != nil {
		return nil, err
	}
	return ed25519.Sign(k.key, message), nil
}

func (k *ed25519Key) verify(message, signature []byte, o SignOptions) (bool, error) {
	if err := k.check(o); err != nil {
		return false, err
	}
	return ed25519.Verify(k.key.Public().(ed25519.PublicKey), message, signature), nil
}

func (*ed25519Key) check(o SignOptions) error {
	switch {
	case o.Algorithm != "" && o.Algorithm != EdDSA:
		return &InputError{"algorithm", fmt.Sprintf("an ED25519 key signs with EDDSA, not %s", o.Algorithm)}
	case o.Message == Digest:
		return &InputError{"messageType", "EDDSA signs the message itself: DIGEST is for ECDSA"}
	case o.Encoding == DER:
		return &InputError{"encoding", "an EDDSA signature has one form: DER is for ECDSA"}
	}
	return nil
}

var ecdsaP256Kind = kind{generate: generateP256, parse: parseP256, does: []Operation{OpSign, OpVerify}, algorithms: []Algorithm{ECDSA}}

func (k *p256Key) jwk() (json.RawMessage, error) { return nil, errors.New("not yet") }

// p256Key signs with ECDSA on P-256 and SHA-256. The nonce is drawn as FIPS 186-5 has it, hedged with the key and the message.
type p256Key struct{ key *ecdsa.PrivateKey }

const p256Size = 32

func generateP256() (material, error) {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	return &p256Key{k}, err
}

func parseP256(scalar []byte) (material, error) {
	k, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar)
	if err != nil {
		return nil, err
	}
	return &p256Key{k}, nil
}

// private and public cannot fail for a key on the curve, which generate and parse alone make.
func (k *p256Key) private() []byte {
	b, err := k.key.Bytes()
	if err != nil {
		panic("key: P-256 private key not encodable")
	}
	return b
}

func (k *p256Key) wipe() {
	//lint:ignore SA1019 overwriting is the one use left for D
	clear(k.key.D.Bits())
}

func (k *p256Key) public() *PublicKey {
	b, err := k.key.PublicKey.Bytes()
	if err != nil {
		panic("key: P-256 public key not encodable")
	}
	return &PublicKey{ECDSAP256, b}
}

func (k *p256Key) sign(message []byte, o SignOptions) ([]byte, error) {
	digest, err := p256Digest(message, o)
	if err != nil {
		return nil, err
	}
	der, err := ecdsa.SignASN1(rand.Reader, k.key, digest)
	if err != nil || o.Encoding == DER {
		return der, err
	}
	var s ecdsaSignature
	if _, err := asn1.Unmarshal(der, &s); err != nil {
		return nil, err
	}
	out := make([]byte, 2*p256Size)
	s.R.FillBytes(out[:p256Size])
	s.S.FillBytes(out[p256Size:])
	return out, nil
}

func (k *p256Key) verify(message, signature []byte, o SignOptions) (bool, error) {
	digest, err := p256Digest(message, o)
	if err != nil {
		return false, err
	}
	if o.Encoding != DER {
		if len(signature) != 2*p256Size {
			return false, nil
		}
		r, s := new(big.Int).SetBytes(signature[:p256Size]), new(big.Int).SetBytes(signature[p256Size:])
		if signature, err = asn1.Marshal(ecdsaSignature{r, s}); err != nil {
			return false, err
		}
	}
	return ecdsa.VerifyASN1(&k.key.PublicKey, digest, signature), nil
}

type ecdsaSignature struct{ R, S *big.Int }

func p256Digest(message []byte, o SignOptions) ([]byte, error) {
	switch {
	case o.Algorithm != "" && o.Algorithm != ECDSA:
		return nil, &InputError{"algorithm", fmt.Sprintf("an ECDSA_P256 key signs with ECDSA, not %s", o.Algorithm)}
	case o.Message != Digest:
		d := sha256.Sum256(message)
		return d[:], nil
	case len(message) != sha256.Size:
		return nil, &InputError{"message", fmt.Sprintf("has %d bytes; a SHA-256 digest has %d", len(message), sha256.Size)}
	}
	return message, nil
}
