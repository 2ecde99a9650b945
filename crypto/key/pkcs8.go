package key

import (
	"encoding/asn1"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// pkcs8 is a OneAsymmetricKey of RFC 5958. What it holds is the memory it was read from.
type pkcs8 struct {
	algorithm asn1.ObjectIdentifier
	params    []byte // DER
	private   []byte
	public    []byte // nil where it is absent
}

// readPKCS8 reads strict DER. crypto/x509 ignores the public key that may come along, and what follows the key.
func readPKCS8(der []byte) (*pkcs8, error) {
	in := cryptobyte.String(der)
	var seq, algorithm, private cryptobyte.String
	var version int
	p := &pkcs8{}
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !in.Empty() || !seq.ReadASN1Integer(&version) || version < 0 || version > 1 ||
		!seq.ReadASN1(&algorithm, cbasn1.SEQUENCE) || !algorithm.ReadASN1ObjectIdentifier(&p.algorithm) ||
		!seq.ReadASN1(&private, cbasn1.OCTET_STRING) || !seq.SkipOptionalASN1(cbasn1.Tag(0).ContextSpecific().Constructed()) {
		return nil, inputErrorf("pkcs8", "is not the DER of a private key (RFC 5958)")
	}
	var public cryptobyte.String
	var has bool
	if !seq.ReadOptionalASN1(&public, &has, cbasn1.Tag(1).ContextSpecific()) || !seq.Empty() || has && version == 0 {
		return nil, inputErrorf("pkcs8", "is not the DER of a private key (RFC 5958)")
	}
	if has {
		var unused uint8
		if !public.ReadUint8(&unused) || unused != 0 {
			return nil, inputErrorf("pkcs8", "the public key is not in whole bytes")
		}
		p.public = public
	}
	p.params, p.private = algorithm, private
	return p, nil
}

// is refuses another type's key. params nil: the algorithm has none.
func (p *pkcs8) is(t Type, algorithm, params asn1.ObjectIdentifier) error {
	in := cryptobyte.String(p.params)
	var got asn1.ObjectIdentifier
	if !p.algorithm.Equal(algorithm) || params != nil && (!in.ReadASN1ObjectIdentifier(&got) || !got.Equal(params)) || !in.Empty() {
		return inputErrorf("pkcs8", "is not a key of type %s", t)
	}
	return nil
}

// readECPrivateKey reads an ECPrivateKey (RFC 5915) on the named curve; public is nil where it is absent.
func readECPrivateKey(der []byte, curve asn1.ObjectIdentifier) (private, public []byte, err error) {
	bad := inputErrorf("pkcs8", "the private key is not one of RFC 5915, on the curve that is named outside")
	in := cryptobyte.String(der)
	var seq, scalar, params, point cryptobyte.String
	var version int
	var hasParams, hasPoint bool
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !in.Empty() || !seq.ReadASN1Integer(&version) || version != 1 ||
		!seq.ReadASN1(&scalar, cbasn1.OCTET_STRING) ||
		!seq.ReadOptionalASN1(&params, &hasParams, cbasn1.Tag(0).ContextSpecific().Constructed()) ||
		!seq.ReadOptionalASN1(&point, &hasPoint, cbasn1.Tag(1).ContextSpecific().Constructed()) || !seq.Empty() {
		return nil, nil, bad
	}
	if hasParams {
		var named asn1.ObjectIdentifier
		if !params.ReadASN1ObjectIdentifier(&named) || !params.Empty() || !named.Equal(curve) {
			return nil, nil, bad
		}
	}
	if hasPoint && (!point.ReadASN1BitStringAsBytes(&public) || !point.Empty()) {
		return nil, nil, bad
	}
	return scalar, public, nil
}
