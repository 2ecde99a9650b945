package auth

import (
	"crypto/ed25519"
	"errors"
	"strings"

	"twolock/crypto/edwards"
)

const (
	didKeyPrefix = "did:key:"
	// maxDID bounds a DID before its base58 is decoded, which takes time quadratic in its length.
	maxDID = 128
	// signatureSize is that of both kinds of key.
	signatureSize = 64
)

// keyKind tells kinds of keys apart.
type keyKind uint8

const (
	kindEd25519 keyKind = iota + 1
	kindP256
)

func (k keyKind) String() string {
	if k == kindP256 {
		return "P-256"
	}
	return "Ed25519"
}

// PublicKey is a key that verifies signatures: Ed25519 or P-256. The zero value verifies nothing.
type PublicKey struct {
	kind keyKind
	raw  [p256PointSize]byte // as in the DID
}

// Verify tells whether signature is this key's over message: Ed25519 (RFC 8032, without context), or ECDSA on P-256 with SHA-256, r || s
// of 32 bytes each (IEEE P1363), never DER. Of an ECDSA signature, anybody can make a second one, (r, n-s), and WebCrypto and HSMs make
// either: both are accepted. So a signature's bytes identify nothing; whoever remembers what was signed remembers the message.
func (k PublicKey) Verify(message, signature []byte) bool {
	if len(signature) != signatureSize {
		return false
	}
	switch k.kind {
	case kindEd25519:
		return ed25519.Verify(k.raw[:ed25519.PublicKeySize], message, signature)
	case kindP256:
		return verifyP256(k.raw, message, signature)
	}
	return false
}

// Bytes returns the 32 bytes of an Ed25519 key (RFC 8032 section 5.1.5), or the 33 of a P-256 key (SEC 1 section 2.3.3, compressed).
func (k PublicKey) Bytes() []byte {
	if k.kind == kindP256 {
		return k.raw[:]
	}
	return k.raw[:ed25519.PublicKeySize]
}

// ParseDID returns the key that a did:key names: Ed25519 (did:key:z6Mk…) or P-256 (did:key:zDn…). It refuses encodings that are not
// canonical, that are no point of the curve, and the points of small order, under which anybody can make signatures that
// verify. No fragment: "did:key:z…#z…" names a verification method, not a DID.
func ParseDID(did string) (PublicKey, error) {
	k, err := parseDIDKey(did)
	if err != nil {
		return PublicKey{}, err
	}
	if k.kind == kindEd25519 && !edwards.IsOnCurve([32]byte(k.raw[:32])) || k.kind == kindP256 && pointP256(k.raw) == nil {
		return PublicKey{}, errors.New("DID: the key is not a point of the curve")
	}
	return k, nil
}

// parseDIDKey is ParseDID without the search for a point, which Verify does for itself.
func parseDIDKey(did string) (PublicKey, error) {
	text, ok := strings.CutPrefix(did, didKeyPrefix)
	if !ok {
		return PublicKey{}, errors.New("DID: must be a did:key")
	}
	if len(did) > maxDID {
		return PublicKey{}, errors.New("DID: too long")
	}
	codec, raw, err := decodeMultikey(text)
	if err != nil {
		return PublicKey{}, errors.New("DID: " + err.Error())
	}
	var k PublicKey
	copy(k.raw[:], raw)
	switch codec {
	case codecEd25519Public:
		k.kind = kindEd25519
		if !edwards.IsCanonical([32]byte(raw)) {
			return PublicKey{}, errors.New("DID: the key's encoding is not canonical")
		}
		if edwards.IsSmallOrder([32]byte(raw)) {
			return PublicKey{}, errors.New("DID: the key has small order")
		}
	case codecP256Public:
		k.kind = kindP256
		if !canonicalP256(k.raw) {
			return PublicKey{}, errors.New("DID: the key's encoding is not canonical")
		}
	default:
		return PublicKey{}, errors.New("DID: the key is neither Ed25519 (did:key:z6Mk…) nor P-256 (did:key:zDn…), the kinds supported")
	}
	return k, nil
}

// parseDIDURL takes a DID or the verification method that a did:key has ("did:key:z…#z…") and returns the DID.
func parseDIDURL(url string) (did string, key PublicKey, err error) {
	did, fragment, found := strings.Cut(url, "#")
	if key, err = parseDIDKey(did); err != nil {
		return "", PublicKey{}, err
	}
	if found && fragment != did[len(didKeyPrefix):] {
		return "", PublicKey{}, errors.New("DID: the fragment is not the key's own")
	}
	return did, key, nil
}
