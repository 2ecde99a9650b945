package key

import (
	"crypto/rand"
	"crypto/subtle"

	"golang.org/x/crypto/blake2b"
	"golang.org/x/crypto/nacl/box"
)

const (
	boxNonceSize = 24
	boxKeySize   = 32
)

// zeroBoxKey is what a point of low order gives with every private key: a key that everybody knows. Package box takes it; libsodium and we do not.
var zeroBoxKey = func() (k [boxKeySize]byte) {
	box.Precompute(&k, new([boxKeySize]byte), new([boxKeySize]byte))
	return
}()

// boxKey is NaCl's crypto_box_beforenm. The caller wipes it.
func (k *ecdhKey) boxKey(field string, peer []byte) (*[boxKeySize]byte, error) {
	if _, err := k.peerOf(field, peer); err != nil {
		return nil, err
	}
	private := (*[boxKeySize]byte)(k.key.Bytes())
	defer clear(private[:])
	shared := new([boxKeySize]byte)
	box.Precompute(shared, (*[boxKeySize]byte)(peer), private)
	if subtle.ConstantTimeCompare(shared[:], zeroBoxKey[:]) == 1 {
		return nil, &InputError{field, errLowOrder.Error()}
	}
	return shared, nil
}

func (k *ecdhKey) seal(plaintext, recipient []byte) (ciphertext, nonce []byte, err error) {
	if recipient == nil {
		out, err := box.SealAnonymous(nil, plaintext, (*[boxKeySize]byte)(k.peer.Bytes()), rand.Reader)
		return out, []byte{}, err
	}
	shared, err := k.boxKey("recipientPublicKey", recipient)
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
	if _, err := k.reducedPeerOf("senderPublicKey", sender); err != nil {
		return nil, err
	}
	shared, err := k.boxKey("senderPublicKey", sender)
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
	shared, err := k.boxKey("ciphertext", ciphertext[:boxKeySize])
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
