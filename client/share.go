package client

import "twolock/crypto/lock"

// NewShares draws a secret and splits it into shares, any two of which make a SHAMIR keystore's lock: one to keep, one for the Auth server, further
// ones for recovery. 2 to 16 shares of 33 bytes; the secret itself is forgotten.
func NewShares(n int) ([][]byte, error) {
	secret := lock.Generate32()
	defer clear(secret)
	return SplitSecret(secret, n, 2)
}

// SplitSecret splits a secret of 32 bytes so that any threshold of the shares give it back, in HashiCorp Vault's format: 32 y bytes, then x.
func SplitSecret(secret []byte, shares, threshold int) ([][]byte, error) {
	return lock.SplitSecret(secret, shares, threshold)
}

// JoinShares returns the 32 bytes that the shares give. It cannot tell whether that is the secret that was split: wrong shares, or too few, give other bytes.
func JoinShares(shares [][]byte) ([]byte, error) { return lock.JoinShares(shares) }
