package key

import (
	"bytes"
	"encoding/asn1"
	"errors"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// maxDER bounds a DER form, in bytes: an RSA-4096 private key takes 2.4 KiB, a public key of ML-DSA-87 2.6 KiB.
const maxDER = 16 << 10

// The algorithms of keys. crypto/x509 does not know all of them.
var (
	oidEC        = asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}          // id-ecPublicKey, RFC 5480; the curve is the parameter
	oidRSA       = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}      // rsaEncryption, RFC 8017; the parameter is NULL
	oidX25519    = asn1.ObjectIdentifier{1, 3, 101, 110}                  // RFC 8410
	oidEd25519   = asn1.ObjectIdentifier{1, 3, 101, 112}                  //
	oidMLKEM768  = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 4, 2}  // RFC 9935
	oidMLKEM1024 = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 4, 3}  //
	oidMLDSA44   = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 3, 17} // RFC 9881
	oidMLDSA65   = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 3, 18} //
	oidMLDSA87   = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 3, 19} //

	curveP256      = asn1.ObjectIdentifier{1, 2, 840, 10045, 3, 1, 7} // RFC 5480 section 2.1.1.1
	curveP384      = asn1.ObjectIdentifier{1, 3, 132, 0, 34}          //
	curveP521      = asn1.ObjectIdentifier{1, 3, 132, 0, 35}          //
	curveSecp256k1 = asn1.ObjectIdentifier{1, 3, 132, 0, 10}          // SEC 2 section A.2.1
)

// algorithmDER is the AlgorithmIdentifier of an algorithm as DER (RFC 5280 section 4.1.1.2). There is one way to write it, so comparing bytes is reading it.
func algorithmDER(oid, curve asn1.ObjectIdentifier) []byte {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(oid)
		switch {
		case curve != nil:
			b.AddASN1ObjectIdentifier(curve)
		case oid.Equal(oidRSA):
			b.AddASN1NULL()
		}
	})
	return b.BytesOrPanic() // of constants
}

// encodeSPKI writes a SubjectPublicKeyInfo.
func encodeSPKI(oid, curve asn1.ObjectIdentifier, public []byte) ([]byte, error) {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddBytes(algorithmDER(oid, curve))
		b.AddASN1BitString(public)
	})
	return b.Bytes()
}

var (
	errSPKI      = errors.New("must be one SubjectPublicKeyInfo in DER, and nothing after it")
	errPKCS8     = errors.New("must be one unencrypted PrivateKeyInfo in DER, and nothing after it")
	errAlgorithm = errors.New("is a key of another type: the algorithm differs")
)

// decodeSPKI returns the key's bytes from a SubjectPublicKeyInfo of the algorithm.
func decodeSPKI(der []byte, oid, curve asn1.ObjectIdentifier) ([]byte, error) {
	s := cryptobyte.String(der)
	var info, algorithm cryptobyte.String
	var public []byte
	if len(der) > maxDER || !s.ReadASN1(&info, cbasn1.SEQUENCE) || !s.Empty() || !info.ReadASN1Element(&algorithm, cbasn1.SEQUENCE) ||
		!info.ReadASN1BitStringAsBytes(&public) || !info.Empty() {
		return nil, errSPKI
	}
	if !bytes.Equal(algorithm, algorithmDER(oid, curve)) {
		return nil, errAlgorithm
	}
	return public, nil
}

// decodePKCS8 returns what the privateKey of a PrivateKeyInfo of the algorithm has (RFC 5958 section 2), and the public key where it has one. Both alias der.
// Attributes are skipped.
func decodePKCS8(der []byte, oid, curve asn1.ObjectIdentifier) (private, public []byte, err error) {
	s := cryptobyte.String(der)
	var info, algorithm, key, attributes, bits cryptobyte.String
	var version int
	var hasAttributes, hasPublic bool
	if len(der) > maxDER || !s.ReadASN1(&info, cbasn1.SEQUENCE) || !s.Empty() || !info.ReadASN1Integer(&version) || version < 0 || version > 1 ||
		!info.ReadASN1Element(&algorithm, cbasn1.SEQUENCE) || !info.ReadASN1(&key, cbasn1.OCTET_STRING) ||
		!info.ReadOptionalASN1(&attributes, &hasAttributes, cbasn1.Tag(0).ContextSpecific().Constructed()) ||
		!info.ReadOptionalASN1(&bits, &hasPublic, cbasn1.Tag(1).ContextSpecific()) || !info.Empty() ||
		hasPublic && (version != 1 || len(bits) < 1 || bits[0] != 0) {
		return nil, nil, notPKCS8(der)
	}
	if !bytes.Equal(algorithm, algorithmDER(oid, curve)) {
		return nil, nil, errAlgorithm
	}
	if hasPublic {
		public = bits[1:] // after the count of unused bits
	}
	return key, public, nil
}

// notPKCS8 says what is no PrivateKeyInfo: openssl genpkey -outform DER writes the forms before PKCS #8, whose PEM would say so.
func notPKCS8(der []byte) error {
	s := cryptobyte.String(der)
	var key cryptobyte.String
	var version int
	if !s.ReadASN1(&key, cbasn1.SEQUENCE) || !s.Empty() || !key.ReadASN1Integer(&version) || version < 0 || version > 1 {
		return errPKCS8
	}
	form := ""
	switch {
	case key.PeekASN1Tag(cbasn1.INTEGER): // the modulus
		form = "PKCS #1"
	case key.PeekASN1Tag(cbasn1.OCTET_STRING): // the scalar
		form = "SEC 1"
	default:
		return errPKCS8
	}
	return errorf("is a %s key, not PKCS #8: openssl pkcs8 -topk8 -nocrypt -inform DER -outform DER makes one of it", form)
}

// decodeECPKCS8 returns the scalar and, where there is one, the point of an EC key in PKCS #8 (RFC 5915). size is the scalar's.
func decodeECPKCS8(der []byte, curve asn1.ObjectIdentifier, size int) (public, private []byte, err error) {
	inner, public, err := decodePKCS8(der, oidEC, curve)
	if err != nil {
		return nil, nil, err
	}
	s := cryptobyte.String(inner)
	var key, scalar, params, wrapped cryptobyte.String
	var version int
	var hasParams, hasPublic bool
	if !s.ReadASN1(&key, cbasn1.SEQUENCE) || !s.Empty() || !key.ReadASN1Integer(&version) || version != 1 || !key.ReadASN1(&scalar, cbasn1.OCTET_STRING) ||
		!key.ReadOptionalASN1(&params, &hasParams, cbasn1.Tag(0).ContextSpecific().Constructed()) ||
		!key.ReadOptionalASN1(&wrapped, &hasPublic, cbasn1.Tag(1).ContextSpecific().Constructed()) || !key.Empty() {
		return nil, nil, errors.New("must hold one ECPrivateKey (RFC 5915) in DER")
	}
	if hasParams {
		var oid asn1.ObjectIdentifier
		if !params.ReadASN1ObjectIdentifier(&oid) || !params.Empty() || !oid.Equal(curve) {
			return nil, nil, errors.New("names another curve inside than outside")
		}
	}
	if hasPublic {
		var point []byte
		if !wrapped.ReadASN1BitStringAsBytes(&point) || !wrapped.Empty() || public != nil && !bytes.Equal(public, point) {
			return nil, nil, errMismatch
		}
		public = point
	}
	if len(scalar) != size {
		return nil, nil, errors.New("the scalar has the wrong length")
	}
	return public, bytes.Clone(scalar), nil
}

// decodeOctetsPKCS8 returns the private part of a key whose PKCS #8 holds it as an OCTET STRING in the OCTET STRING (RFC 8410 section 7).
func decodeOctetsPKCS8(der []byte, oid asn1.ObjectIdentifier) (public, private []byte, err error) {
	inner, public, err := decodePKCS8(der, oid, nil)
	if err != nil {
		return nil, nil, err
	}
	s := cryptobyte.String(inner)
	var key cryptobyte.String
	if !s.ReadASN1(&key, cbasn1.OCTET_STRING) || !s.Empty() {
		return nil, nil, errors.New("must hold the private key as one OCTET STRING")
	}
	return public, bytes.Clone(key), nil
}

// decodeSeedPKCS8 returns the seed of an ML-DSA or ML-KEM key (RFC 9881 section 6, RFC 9935 section 6): of the three forms, the one that is the seed alone.
func decodeSeedPKCS8(der []byte, oid asn1.ObjectIdentifier) (public, private []byte, err error) {
	inner, public, err := decodePKCS8(der, oid, nil)
	if err != nil {
		return nil, nil, err
	}
	s := cryptobyte.String(inner)
	var seed cryptobyte.String
	if !s.ReadASN1(&seed, cbasn1.Tag(0).ContextSpecific()) || !s.Empty() {
		return nil, nil, errors.New("must hold the seed: the expanded form cannot be taken, as no seed can be found from it")
	}
	return public, bytes.Clone(seed), nil
}
