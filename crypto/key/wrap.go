package key

import (
	"cmp"
	"slices"

	"twolock/crypto/keywrap"
)

const (
	minWrapped = 16 // bytes of a key
	maxWrapped = keywrap.MaxKey
)

// fits refuses the options of keys that agree on a key first, and returns the algorithm: what is asked for, or what the wrapped key says (w may be nil), or
// the first.
func (o WrapOptions) fits(w *WrappedKey, algorithms ...Algorithm) (Algorithm, error) {
	for _, n := range []struct {
		name string
		is   bool
	}{
		{"recipientPublicKey", o.Recipient != nil}, {"senderPublicKey", o.Sender != nil}, {"apu", o.APU != nil}, {"apv", o.APV != nil}, {"tag", o.Tag != nil},
		{"epk", w != nil && w.EPK != nil}, {"ephemeralKey", o.EphemeralKey != nil},
	} {
		if n.is {
			return "", inputErrorf(n.name, "is for ECDH keys")
		}
	}
	algorithm := o.Algorithm
	if w != nil {
		if w.Algorithm != "" && algorithm != "" && w.Algorithm != algorithm {
			return "", inputErrorf("algorithm", "the key was wrapped with %s, not %s", w.Algorithm, algorithm)
		}
		algorithm = cmp.Or(algorithm, w.Algorithm)
	}
	algorithm = cmp.Or(algorithm, algorithms[0])
	if !slices.Contains(algorithms, algorithm) {
		return "", inputErrorf("algorithm", "the key wraps with %s, not %s", list(algorithms), algorithm)
	}
	return algorithm, nil
}

// checkWrapped refuses what cannot be a key to wrap: RFC 3394 takes no less than two semiblocks, the others take anything.
func checkWrapped(plain []byte, least int) error {
	if len(plain) < least || len(plain) > maxWrapped {
		return inputErrorf("keyToWrap", "has %d bytes instead of %d to %d", len(plain), least, maxWrapped)
	}
	return nil
}

func (k *aesKey) wrap(plain []byte, o WrapOptions) (*WrappedKey, error) {
	algorithm, err := o.fits(nil, AESKW, AESKWP)
	if err != nil {
		return nil, err
	}
	do, least := keywrap.Wrap, minWrapped
	if algorithm == AESKWP {
		do, least = keywrap.WrapPadded, 1
	}
	if err := checkWrapped(plain, least); err != nil {
		return nil, err
	}
	if algorithm == AESKW && len(plain)%8 != 0 {
		return nil, inputErrorf("keyToWrap", "has %d bytes; AES_KW takes steps of 8, AES_KWP any", len(plain))
	}
	wrapped, err := do(k.key, plain)
	if err != nil {
		return nil, err
	}
	return &WrappedKey{Algorithm: algorithm, EncryptedKey: wrapped}, nil
}

func (k *aesKey) unwrap(w *WrappedKey, o WrapOptions) ([]byte, error) {
	algorithm, err := o.fits(w, AESKW, AESKWP)
	if err != nil {
		return nil, err
	}
	do := keywrap.Unwrap
	if algorithm == AESKWP {
		do = keywrap.UnwrapPadded
	}
	plain, err := do(k.key, w.EncryptedKey)
	if err != nil {
		return nil, Mismatchf("wrappedKey", "does not open with this key by %s", algorithm)
	}
	return plain, nil
}
