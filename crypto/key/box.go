package key

import (
	"crypto/ecdh"
	"crypto/rand"

	"golang.org/x/crypto/blake2b"
	"golang.org/x/crypto/nacl/box"
	"golang.org/x/crypto/salsa20/salsa"
)

const (
	boxNonceSize = 24
	boxKeySize   = 32
)

// boxKey is NaCl's crypto_box_beforenm: HSalsa20 of what the two keys agree on. Package box takes points of low order, which give a key that
// everybody knows; libsodium and we do not.
func boxKey(k *ecdh.PrivateKey, peer *ecdh.PublicKey, field string) (*[boxKeySize]byte, error) {
	secret, err := agree(k, peer, field)
	if err != nil {
		return nil, err
	}
	defer clear(secret)
	out := (*[boxKeySize]byte)(append([]byte(nil), secret...))
	salsa.HSalsa20(out, new([16]byte), out, &salsa.Sigma)
	return out, nil
}

func (k *ecdhKey) seal(plaintext, recipient []byte) (ciphertext, nonce []byte, err error) {
	if recipient == nil {
		out, err := box.SealAnonymous(nil, plaintext, (*[boxKeySize]byte)(k.peer.Bytes()), rand.Reader)
		return out, []byte{}, err
	}
	p, err := k.peerOf("recipientPublicKey", recipient)
	if err != nil {
		return nil, nil, err
	}
	shared, err := boxKey(k.key, p, "recipientPublicKey")
	if err != nil {
		return nil, nil, err
	}
	defer clear(shared[:])
	n := new([boxNonceSize]byte)
	_, _ = rand.Read(n[:]) // never fails
	return box.SealAfterPrecomputation(nil, plaintext, n, shared), n[:], nil
}

func (k *ecdhKey) open(ciphertext, nonce, sender []byte) ([]byte, error) {
	if sender == nil {
		return k.openAnonymous(ciphertext, nonce)
	}
	if len(nonce) != boxNonceSize {
		return nil, inputErrorf("nonce", "has %d bytes; a box takes %d", len(nonce), boxNonceSize)
	}
	p, err := k.peerOf("senderPublicKey", sender)
	if err != nil {
		return nil, err
	}
	shared, err := boxKey(k.key, p, "senderPublicKey")
	if err != nil {
		return nil, err
	}
	defer clear(shared[:])
	plaintext, ok := box.OpenAfterPrecomputation(nil, ciphertext, (*[boxNonceSize]byte)(nonce), shared)
	if !ok {
		return nil, Mismatchf("ciphertext", "does not open with this key, sender and nonce")
	}
	return plaintext, nil
}

func (k *ecdhKey) openAnonymous(ciphertext, nonce []byte) ([]byte, error) {
	if len(nonce) != 0 {
		return nil, inputErrorf("nonce", "has %d bytes; a sealed box, which has no sender, has none", len(nonce))
	}
	if len(ciphertext) < box.AnonymousOverhead {
		return nil, inputErrorf("ciphertext", "has %d bytes; a sealed box has %d at least", len(ciphertext), box.AnonymousOverhead)
	}
	ephemeral, err := k.peerOf("ciphertext", ciphertext[:boxKeySize])
	if err != nil {
		return nil, err
	}
	shared, err := boxKey(k.key, ephemeral, "ciphertext")
	if err != nil {
		return nil, err
	}
	defer clear(shared[:])
	h, err := blake2b.New(boxNonceSize, nil)
	if err != nil {
		return nil, err
	}
	h.Write(ciphertext[:boxKeySize])
	h.Write(k.peer.Bytes())
	plaintext, ok := box.OpenAfterPrecomputation(nil, ciphertext[boxKeySize:], (*[boxNonceSize]byte)(h.Sum(nil)), shared)
	if !ok {
		return nil, Mismatchf("ciphertext", "does not open with this key")
	}
	return plaintext, nil
}
