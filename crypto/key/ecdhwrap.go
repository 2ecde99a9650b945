package key

import (
	"crypto/ecdh"
	"crypto/rand"
	"encoding/json"
	"errors"
	"slices"

	"twolock/crypto/concatkdf"
	"twolock/crypto/keywrap"
)

const (
	kekSize = 32
	// maxPartyInfo bounds APU and APV: a DID URL fits, in bytes.
	maxPartyInfo = 4096
	// maxContentTag is above the tag of every content encryption of JOSE.
	maxContentTag = 64
)

// joseName: alg of the header, which the key-encryption key is bound to (RFC 7518 section 4.6.2, AlgorithmID).
func (k *ecdhKey) joseName(a Algorithm) (string, error) {
	switch a {
	case "", ECDHESA256KW:
		return "ECDH-ES+A256KW", nil
	case ECDH1PUA256KW:
		return "ECDH-1PU+A256KW", nil
	}
	return "", inputErrorf("algorithm", "a key of type %s wraps with %s or %s, not %s", k.typ, ECDHESA256KW, ECDH1PUA256KW, a)
}

// kdfInfo is what the key-encryption key is bound to. An empty tag is none.
func (o WrapOptions) kdfInfo(alg string) (concatkdf.Info, error) {
	info := concatkdf.Info{Algorithm: alg, APU: o.APU, APV: o.APV}
	if len(o.APU) > maxPartyInfo {
		return info, inputErrorf("apu", "has %d bytes, more than %d", len(o.APU), maxPartyInfo)
	}
	if len(o.APV) > maxPartyInfo {
		return info, inputErrorf("apv", "has %d bytes, more than %d", len(o.APV), maxPartyInfo)
	}
	if len(o.Tag) == 0 {
		return info, nil
	}
	if o.Algorithm != ECDH1PUA256KW {
		return info, inputErrorf("tag", "goes with %s only", ECDH1PUA256KW)
	}
	if len(o.Tag) > maxContentTag {
		return info, inputErrorf("tag", "has %d bytes, more than %d", len(o.Tag), maxContentTag)
	}
	info.Tag = o.Tag
	return info, nil
}

// wrap is RFC 7518 section 4.6 with key wrapping or, where this key is the sender too, draft-madden-jose-ecdh-1pu-04. One key-encryption key wraps one key.
func (k *ecdhKey) wrap(plain []byte, o WrapOptions) (*WrappedKey, error) {
	alg, err := k.joseName(o.Algorithm)
	if err != nil {
		return nil, err
	}
	info, err := o.kdfInfo(alg)
	if err != nil {
		return nil, err
	}
	if o.Sender != nil {
		return nil, inputErrorf("senderPublicKey", "is for unwrapping: who wraps is the sender")
	}
	if len(plain) < 16 || len(plain)%8 != 0 || len(plain) > keywrap.MaxKey {
		return nil, inputErrorf("keyToWrap", "has %d bytes; AES key wrap takes 16 to %d, in steps of 8", len(plain), keywrap.MaxKey)
	}
	recipient := k.peer
	if o.Recipient != nil {
		if recipient, err = k.peerOf("recipientPublicKey", o.Recipient); err != nil {
			return nil, err
		}
	}
	ephemeral, err := k.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	z, err := agree(ephemeral, recipient, "recipientPublicKey") // Ze
	if err != nil {
		return nil, err
	}
	defer func() { clear(z) }()
	if o.Algorithm == ECDH1PUA256KW {
		if o.Recipient == nil {
			return nil, inputErrorf("recipientPublicKey", "must be given with %s: this key is the sender", ECDH1PUA256KW)
		}
		if k.key == nil {
			return nil, inputErrorf("algorithm", "%s needs the sender's private part, and this key has none", ECDH1PUA256KW)
		}
		if z, err = addStatic(z, k.key, recipient, "recipientPublicKey"); err != nil {
			return nil, err
		}
	}
	kek := concatkdf.Key(z, info, kekSize)
	defer clear(kek)
	wrapped, err := keywrap.Wrap(kek, plain)
	if err != nil {
		return nil, err
	}
	if o.Algorithm == "" {
		o.Algorithm = ECDHESA256KW
	}
	return &WrappedKey{o.Algorithm, wrapped, k.encodeJWK(ephemeral.PublicKey().Bytes(), nil)}, nil
}

// addStatic makes Ze || Zs of Ze, and wipes Ze.
func addStatic(ze []byte, k *ecdh.PrivateKey, peer *ecdh.PublicKey, field string) ([]byte, error) {
	defer clear(ze)
	zs, err := agree(k, peer, field)
	if err != nil {
		return nil, err
	}
	defer clear(zs)
	return slices.Concat(ze, zs), nil
}

func (k *ecdhKey) unwrap(w *WrappedKey, o WrapOptions) ([]byte, error) {
	if o.Algorithm == "" {
		o.Algorithm = w.Algorithm
	}
	if w.Algorithm != "" && w.Algorithm != o.Algorithm {
		return nil, inputErrorf("algorithm", "is %s, and the key was wrapped with %s", o.Algorithm, w.Algorithm)
	}
	alg, err := k.joseName(o.Algorithm)
	if err != nil {
		return nil, err
	}
	info, err := o.kdfInfo(alg)
	if err != nil {
		return nil, err
	}
	if o.Recipient != nil {
		return nil, inputErrorf("recipientPublicKey", "is for wrapping: who unwraps is the recipient")
	}
	if is1PU := o.Algorithm == ECDH1PUA256KW; is1PU != (o.Sender != nil) {
		return nil, inputErrorf("senderPublicKey", "goes with %s, and only with it", ECDH1PUA256KW)
	}
	ephemeral, err := k.readEPK(w.EPK)
	if err != nil {
		return nil, err
	}
	z, err := agree(k.key, ephemeral, "epk") // Ze
	if err != nil {
		return nil, err
	}
	defer func() { clear(z) }()
	if o.Sender != nil {
		sender, err := k.reducedPeerOf("senderPublicKey", o.Sender)
		if err != nil {
			return nil, err
		}
		if z, err = addStatic(z, k.key, sender, "senderPublicKey"); err != nil {
			return nil, err
		}
	}
	kek := concatkdf.Key(z, info, kekSize)
	defer clear(kek)
	plain, err := keywrap.Unwrap(kek, w.EncryptedKey)
	if err != nil {
		return nil, Mismatchf("wrappedKey", "does not open with this key and these inputs")
	}
	return plain, nil
}

// readEPK reads a stranger's ephemeral key: on the curve, or an attacker would learn the private key from what unwraps (RFC 7518 section 8.1).
func (k *ecdhKey) readEPK(jwk json.RawMessage) (*ecdh.PublicKey, error) {
	if jwk == nil {
		return nil, inputErrorf("epk", "must be given")
	}
	raw, private, err := k.decodeJWK(jwk)
	if bad, ok := errors.AsType[*InputError](err); ok {
		return nil, &InputError{"epk", bad.Reason}
	} else if err != nil {
		return nil, err
	}
	if private != nil {
		clear(private)
		return nil, inputErrorf("epk", "has a private part")
	}
	return k.reducedPeerOf("epk", raw)
}
