package key

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"errors"
	"math/big"
)

// minRSAExponent is the least that FIPS 186-5 section A.1.1 takes; the greatest is Go's.
const (
	minRSAExponent = 65537
	maxRSAExponent = 1<<31 - 1
	oaepOverhead   = 2*sha256.Size + 2
)

// rsaSize is a type's length of the modulus.
type rsaSize struct {
	typ  Type
	bits int
}

var (
	rsa2048Kind = rsaSize{RSA2048, 2048}.kind()
	rsa3072Kind = rsaSize{RSA3072, 3072}.kind()
	rsa4096Kind = rsaSize{RSA4096, 4096}.kind()
)

var (
	rsaSignatures = []Algorithm{RSAPSSSHA256, RSAPSSSHA384, RSAPSSSHA512, RSAPKCS1SHA256, RSAPKCS1SHA384, RSAPKCS1SHA512}
	// rsaJWKAlgs are those of RFC 7518 that these keys are used with; not those with SHA-1.
	rsaJWKAlgs = []string{"PS256", "PS384", "PS512", "RS256", "RS384", "RS512", "RSA-OAEP-256"}
	rsaHashes  = map[Algorithm]crypto.Hash{
		RSAPSSSHA256: crypto.SHA256, RSAPSSSHA384: crypto.SHA384, RSAPSSSHA512: crypto.SHA512,
		RSAPKCS1SHA256: crypto.SHA256, RSAPKCS1SHA384: crypto.SHA384, RSAPKCS1SHA512: crypto.SHA512,
	}
)

func (s rsaSize) kind() kind {
	r := reader{
		parse: s.parse, fromPublic: s.fromPublic, check: checkRSA, others: "jwk, pkcs8 or spki", jwk: s.decodeJWK,
		pkcs8: func(der []byte) (public, private []byte, err error) {
			inner, public, err := decodePKCS8(der, oidRSA, nil)
			return public, bytes.Clone(inner), err
		},
		spki: func(der []byte) ([]byte, error) { return decodeSPKI(der, oidRSA, nil) },
	}
	return kind{
		generate: s.generate, parse: s.parse, fromPublic: s.fromPublic, take: r.take,
		does:       []Operation{OpSign, OpVerify, OpEncrypt, OpDecrypt, OpWrapKey, OpUnwrapKey},
		algorithms: append(rsaSignatures[:len(rsaSignatures):len(rsaSignatures)], RSAOAEPSHA256, RSAOAEP256),
	}
}

// rsaKey signs with PSS and PKCS #1 v1.5, and encrypts with OAEP (RFC 8017). Its private form is a PKCS #1 RSAPrivateKey in DER.
type rsaKey struct {
	rsaSize
	key *rsa.PrivateKey // nil where there is only the public part
	pub *rsa.PublicKey
	raw []byte // PKCS #1 RSAPublicKey in DER
}

func (s rsaSize) of(k *rsa.PrivateKey) material {
	return &rsaKey{s, k, &k.PublicKey, x509.MarshalPKCS1PublicKey(&k.PublicKey)}
}

func (s rsaSize) generate() (material, error) {
	k, err := rsa.GenerateKey(rand.Reader, s.bits)
	if err != nil {
		return nil, err
	}
	return s.of(k), nil
}

func (s rsaSize) parse(der []byte) (material, error) {
	k, err := x509.ParsePKCS1PrivateKey(der) // validates and precomputes
	if err != nil {
		return nil, errors.New("not a sound RSA private key in PKCS #1: " + rsaFault(der))
	}
	if len(k.Primes) != 2 {
		return nil, errPrimes
	}
	if err := s.checkPublic(&k.PublicKey); err != nil {
		return nil, err
	}
	return s.of(k), nil
}

var errPrimes = errors.New("RSA keys of more than two primes are not supported")

// rsaFault says what a private key lacks, where it is the form; the library's own words may hold numbers.
func rsaFault(der []byte) string {
	if len(der) == 0 {
		return "it is empty"
	}
	return "its numbers do not belong together, or are not in DER"
}

func (s rsaSize) checkPublic(k *rsa.PublicKey) error {
	switch {
	case k.N.BitLen() != s.bits:
		return errorf("the modulus has %d bits instead of %d", k.N.BitLen(), s.bits)
	case k.N.Bit(0) == 0:
		return errors.New("the modulus is even")
	case k.E < minRSAExponent || k.E > maxRSAExponent || k.E%2 == 0:
		return errors.New("weak: the public exponent must be odd, from 65537 to below 2^31")
	}
	return nil
}

// fromPublic looks at what is cheap to look at: the rest is checkRSA's.
func (s rsaSize) fromPublic(raw []byte) (material, error) {
	k, err := x509.ParsePKCS1PublicKey(raw)
	if err != nil || !bytes.Equal(x509.MarshalPKCS1PublicKey(k), raw) {
		return nil, errors.New("not an RSAPublicKey of PKCS #1 in DER, with an exponent below 2^31")
	}
	if err := s.checkPublic(k); err != nil {
		return nil, err
	}
	return &rsaKey{s, nil, k, bytes.Clone(raw)}, nil
}

// checkRSA looks at what came from outside: at the modulus, and at the primes where they are there. It takes up to a tenth of a second.
func checkRSA(m material) error {
	k := m.(*rsaKey)
	if k.key != nil {
		for _, p := range k.key.Primes {
			if p.BitLen() != k.bits/2 {
				return errors.New("weak: the primes must be half as long as the modulus")
			}
			if !p.ProbablyPrime(8) {
				return errors.New("weak: a factor is not a prime")
			}
		}
	}
	return checkModulus(k.pub.N)
}

func (k *rsaKey) private() []byte {
	if k.key == nil {
		return nil
	}
	return x509.MarshalPKCS1PrivateKey(k.key)
}

func (k *rsaKey) wipe() {
	if k.key == nil {
		return
	}
	for _, n := range append([]*big.Int{k.key.D, k.key.Precomputed.Dp, k.key.Precomputed.Dq, k.key.Precomputed.Qinv}, k.key.Primes...) {
		clear(n.Bits())
	}
}

func (k *rsaKey) public() *PublicKey { return &PublicKey{k.typ, k.raw} }

func (k *rsaKey) algorithm(message []byte, o SignOptions) (a Algorithm, h crypto.Hash, digest []byte, err error) {
	if err := o.fits(k.typ, rsaSignatures...); err != nil {
		return "", 0, nil, err
	}
	a = o.Algorithm
	if a == "" {
		a = RSAPSSSHA256
	}
	h = rsaHashes[a]
	digest, err = o.digest(h, message)
	return a, h, digest, err
}

// pss has the salt as long as the hash. The zero value would mean any length on verifying.
var pss = &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}

func (a Algorithm) isPSS() bool { return a == RSAPSSSHA256 || a == RSAPSSSHA384 || a == RSAPSSSHA512 }

func (k *rsaKey) sign(message []byte, o SignOptions) ([]byte, error) {
	a, h, digest, err := k.algorithm(message, o)
	switch {
	case err != nil:
		return nil, err
	case a.isPSS():
		return rsa.SignPSS(rand.Reader, k.key, h, digest, pss)
	}
	return rsa.SignPKCS1v15(nil, k.key, h, digest)
}

func (k *rsaKey) verify(message, signature []byte, o SignOptions) (bool, error) {
	a, h, digest, err := k.algorithm(message, o)
	switch {
	case err != nil:
		return false, err
	case a.isPSS():
		return rsa.VerifyPSS(k.pub, h, digest, signature, pss) == nil, nil
	}
	return rsa.VerifyPKCS1v15(k.pub, h, digest, signature) == nil, nil
}

func (k *rsaKey) encrypt(plaintext []byte, o EncryptOptions) (ciphertext, nonce []byte, err error) {
	if err := o.fits(RSAOAEPSHA256); err != nil {
		return nil, nil, err
	}
	if most := k.bits/8 - oaepOverhead; len(plaintext) > most {
		return nil, nil, inputErrorf("plaintext", "has %d bytes; a key of type %s encrypts at most %d", len(plaintext), k.typ, most)
	}
	ciphertext, err = rsa.EncryptOAEP(sha256.New(), rand.Reader, k.pub, plaintext, o.AAD)
	return ciphertext, []byte{}, err
}

func (k *rsaKey) decrypt(ciphertext, nonce []byte, o EncryptOptions) ([]byte, error) {
	if err := o.fits(RSAOAEPSHA256); err != nil {
		return nil, err
	}
	if len(nonce) != 0 {
		return nil, inputErrorf("nonce", "RSA has none: must be empty")
	}
	plaintext, err := rsa.DecryptOAEP(sha256.New(), nil, k.key, ciphertext, o.AAD)
	if err != nil {
		return nil, Mismatchf("ciphertext", "does not open with this key and aad")
	}
	return plaintext, nil
}

func (k *rsaKey) wrap(plain []byte, o WrapOptions) (*WrappedKey, error) {
	if _, err := o.fits(nil, RSAOAEP256); err != nil {
		return nil, err
	}
	if err := checkWrapped(plain, 1); err != nil {
		return nil, err
	}
	if most := k.bits/8 - oaepOverhead; len(plain) > most {
		return nil, inputErrorf("keyToWrap", "has %d bytes; a key of type %s wraps at most %d", len(plain), k.typ, most)
	}
	wrapped, err := rsa.EncryptOAEP(sha256.New(), rand.Reader, k.pub, plain, nil)
	return &WrappedKey{Algorithm: RSAOAEP256, EncryptedKey: wrapped}, err
}

func (k *rsaKey) unwrap(w *WrappedKey, o WrapOptions) ([]byte, error) {
	if _, err := o.fits(w, RSAOAEP256); err != nil {
		return nil, err
	}
	plain, err := rsa.DecryptOAEP(sha256.New(), nil, k.key, w.EncryptedKey, nil)
	if err != nil {
		return nil, Mismatchf("wrappedKey", "does not open with this key by RSA_OAEP_256")
	}
	return plain, nil
}

// rsaJWK writes an RSA key (RFC 7518 section 6.3).
func rsaJWK(pub *rsa.PublicKey, key *rsa.PrivateKey) json.RawMessage {
	m := []jwkMember{{name: "e", bytes: big.NewInt(int64(pub.E)).Bytes()}, {name: "kty", text: "RSA"}, {name: "n", bytes: pub.N.Bytes()}}
	if key != nil {
		for _, n := range rsaPrivateMembers(key) {
			b := n.number.Bytes()
			defer clear(b)
			m = append(m, jwkMember{name: n.name, bytes: b})
		}
	}
	return encodeJWK(m...)
}

type rsaMember struct {
	name   string
	number *big.Int
}

func rsaPrivateMembers(k *rsa.PrivateKey) []rsaMember {
	return []rsaMember{
		{"d", k.D}, {"p", k.Primes[0]}, {"q", k.Primes[1]}, {"dp", k.Precomputed.Dp}, {"dq", k.Precomputed.Dq}, {"qi", k.Precomputed.Qinv},
	}
}

func (k *rsaKey) jwk() (json.RawMessage, error) { return rsaJWK(k.pub, k.key), nil }

// decodeJWK reads an RSA key, and writes it as PKCS #1.
func (s rsaSize) decodeJWK(raw json.RawMessage) (public, private []byte, err error) {
	m, err := decodeJWK(raw, jwkForm{
		kty: "RSA", algs: rsaJWKAlgs, public: []string{"n", "e"}, private: []string{"d", "p", "q"}, optional: []string{"dp", "dq", "qi"},
	})
	if err != nil {
		return nil, nil, err
	}
	defer m.wipe()
	number := map[string]*big.Int{}
	for name, b := range m {
		if len(b) == 0 || b[0] == 0 {
			return nil, nil, errorf("%s: must be a number above 0, without a zero byte before it", name)
		}
		if len(b) > s.bits/8 {
			return nil, nil, errorf("%s: is longer than the modulus may be", name)
		}
		number[name] = new(big.Int).SetBytes(b)
	}
	if e := number["e"]; !e.IsInt64() || e.Int64() > maxRSAExponent {
		return nil, nil, errors.New("weak: the public exponent must be odd, from 65537 to below 2^31")
	}
	pub := rsa.PublicKey{N: number["n"], E: int(number["e"].Int64())}
	public = x509.MarshalPKCS1PublicKey(&pub)
	if m["d"] == nil {
		return public, nil, nil
	}
	key := &rsa.PrivateKey{PublicKey: pub, D: number["d"], Primes: []*big.Int{number["p"], number["q"]}}
	key.Precompute()
	if key.Validate() != nil {
		return nil, nil, errors.New("n, e, d, p and q do not belong together")
	}
	for _, n := range rsaPrivateMembers(key)[3:] {
		if given := number[n.name]; given != nil && given.Cmp(n.number) != 0 {
			return nil, nil, errorf("%s: is not that of d, p and q", n.name)
		}
	}
	return public, x509.MarshalPKCS1PrivateKey(key), nil
}
