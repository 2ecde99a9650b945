package key

import (
	"crypto/aes"
	"crypto/cipher"
	"errors"
)

const (
	xaesNonceSize = 24
	gcmNonceSize  = 12
	gcmTagSize    = 16
)

// xaes is XAES-256-GCM (c2sp.org/XAES-256-GCM): half of a 192-bit nonce and the key make the key of one message, for AES-256-GCM with the other half.
// So any number of messages may have random nonces.
type xaes struct {
	block cipher.Block
	k1    [aes.BlockSize]byte // CMAC's subkey for whole blocks (SP 800-38B section 6.1)
}

func newXAES(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	x := &xaes{block: block}
	block.Encrypt(x.k1[:], x.k1[:])
	var carry byte // k1 doubles as a polynomial over GF(2), modulo x^128 + x^7 + x^2 + x + 1
	for i := len(x.k1) - 1; i >= 0; i-- {
		x.k1[i], carry = x.k1[i]<<1|carry, x.k1[i]>>7
	}
	x.k1[len(x.k1)-1] ^= -carry & 0x87
	return x, nil
}

// message returns the AEAD of one message: its key is CMAC, in SP 800-108's counter mode, of the nonce's first half under the label X.
func (x *xaes) message(nonce []byte) cipher.AEAD {
	if len(nonce) != xaesNonceSize {
		panic("key: XAES-256-GCM nonce of another length")
	}
	var key [32]byte
	defer clear(key[:])
	for i := range 2 {
		m := key[i*aes.BlockSize : (i+1)*aes.BlockSize]
		m[1], m[2] = byte(i+1), 'X'
		copy(m[4:], nonce[:gcmNonceSize])
		for j := range m {
			m[j] ^= x.k1[j]
		}
		x.block.Encrypt(m, m)
	}
	gcm, err := newGCM(key[:])
	if err != nil {
		panic("key: AES-256-GCM takes no 32 bytes") // cannot be
	}
	return gcm
}

func (*xaes) NonceSize() int { return xaesNonceSize }
func (*xaes) Overhead() int  { return gcmTagSize }

func (x *xaes) Seal(dst, nonce, plaintext, aad []byte) []byte {
	return x.message(nonce).Seal(dst, nonce[gcmNonceSize:], plaintext, aad)
}

func (x *xaes) Open(dst, nonce, ciphertext, aad []byte) ([]byte, error) {
	if len(nonce) != xaesNonceSize {
		return nil, errors.New("wrong nonce length")
	}
	return x.message(nonce).Open(dst, nonce[gcmNonceSize:], ciphertext, aad)
}
