package key

import (
	"crypto"
	_ "crypto/sha256" // for crypto.Hash
	_ "crypto/sha512" //
	"slices"
)

// maxContext is FIPS 204 section 5.2's.
const maxContext = 255

// fits refuses the options that a key of the type does not have, so that none is left out silently.
func (o SignOptions) fits(t Type, algorithms ...Algorithm) error {
	switch algorithm := algorithms[0]; {
	case o.Algorithm != "" && !slices.Contains(algorithms, o.Algorithm):
		return inputErrorf("algorithm", "a key of type %s signs with %s, not %s", t, list(algorithms), o.Algorithm)
	case o.Message != "" && o.Message != Raw && o.Message != Digest:
		return inputErrorf("messageType", "%q is neither RAW nor DIGEST", o.Message)
	case o.Message == Digest && (algorithm == EdDSA || algorithm == MLDSA):
		return inputErrorf("messageType", "%s signs the message itself: DIGEST is for ECDSA and RSA", algorithm)
	case o.Encoding != "" && o.Encoding != IEEEP1363 && o.Encoding != DER:
		return inputErrorf("encoding", "%q is neither IEEE_P1363 nor DER", o.Encoding)
	case o.Encoding == DER && algorithm != ECDSA:
		return inputErrorf("encoding", "a signature of a key of type %s has one form: DER is for ECDSA", t)
	case o.Context != nil && algorithm != MLDSA:
		return inputErrorf("context", "is for ML-DSA; a key of type %s takes none", t)
	case len(o.Context) > maxContext:
		return inputErrorf("context", "has %d bytes, more than %d", len(o.Context), maxContext)
	}
	return nil
}

// digest hashes the message, or takes it for the hash.
func (o SignOptions) digest(h crypto.Hash, message []byte) ([]byte, error) {
	if o.Message != Digest {
		d := h.New()
		d.Write(message)
		return d.Sum(nil), nil
	}
	if len(message) != h.Size() {
		return nil, inputErrorf("message", "has %d bytes; a %s digest has %d", len(message), h, h.Size())
	}
	return message, nil
}

// list is names with commas and a last "and".
func list[T ~string](names []T) string {
	var out string
	for i, n := range names {
		switch {
		case i > 0 && i == len(names)-1:
			out += " and "
		case i > 0:
			out += ", "
		}
		out += string(n)
	}
	return out
}
