package key

import "crypto/hpke"

const hpkeTagSize = 16 // of each of the AEADs

// hpkeAEAD: which of RFC 9180 section 7.3 it is. KEM and KDF are the curve's.
func hpkeAEAD(t Type, a Algorithm) (hpke.AEAD, error) {
	switch a {
	case "", HPKEAES256GCM:
		return hpke.AES256GCM(), nil
	case HPKEAES128GCM:
		return hpke.AES128GCM(), nil
	case HPKEChaCha20Poly1305:
		return hpke.ChaCha20Poly1305(), nil
	}
	return nil, inputErrorf("algorithm", "a key of type %s encrypts with %s, %s or %s, not %s", t, HPKEAES256GCM, HPKEAES128GCM, HPKEChaCha20Poly1305, a)
}

// encrypt is HPKE in base mode (RFC 9180 section 6.1), one message to a context: whoever has the public key may have written it.
func (k *ecdhKey) encrypt(plaintext []byte, o EncryptOptions) (ciphertext, nonce []byte, err error) {
	aead, err := hpkeAEAD(k.typ, o.Algorithm)
	if err != nil {
		return nil, nil, err
	}
	public, err := hpke.NewDHKEMPublicKey(k.peer)
	if err != nil {
		return nil, nil, err
	}
	enc, sender, err := hpke.NewSender(public, k.kdf(), aead, o.Info)
	if err != nil {
		return nil, nil, err
	}
	sealed, err := sender.Seal(o.AAD, plaintext)
	if err != nil {
		return nil, nil, err
	}
	return append(enc, sealed...), []byte{}, nil
}

func (k *ecdhKey) decrypt(ciphertext, nonce []byte, o EncryptOptions) ([]byte, error) {
	aead, err := hpkeAEAD(k.typ, o.Algorithm)
	if err != nil {
		return nil, err
	}
	if len(nonce) != 0 {
		return nil, inputErrorf("nonce", "has %d bytes; HPKE has none outside the ciphertext", len(nonce))
	}
	n := k.publicSize
	if least := n + hpkeTagSize; len(ciphertext) < least {
		return nil, inputErrorf("ciphertext", "has %d bytes; the encapsulated key and the tag alone take %d", len(ciphertext), least)
	}
	private, err := hpke.NewDHKEMPrivateKey(k.key)
	if err != nil {
		return nil, err
	}
	recipient, err := hpke.NewRecipient(ciphertext[:n], private, k.kdf(), aead, o.Info)
	if err != nil {
		return nil, inputErrorf("ciphertext", "does not begin with an encapsulated key on %s", k.name)
	}
	plaintext, err := recipient.Open(o.AAD, ciphertext[n:])
	if err != nil {
		return nil, Mismatchf("ciphertext", "does not open with this key, algorithm, info and aad")
	}
	return plaintext, nil
}
