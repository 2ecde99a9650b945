package lock

import (
	"errors"
	"fmt"

	"github.com/hashicorp/vault/shamir"
)

// A share of a 32-byte secret is 33 bytes: 32 y bytes, then the x byte (the format of HashiCorp Vault).
const (
	SecretLength = 32
	ShareLength  = SecretLength + shamir.ShareOverhead

	// MinShares and MaxShares bound what SplitSecret makes and JoinShares takes.
	MinShares = 2
	MaxShares = 16
)

// ShareError says which share cannot be joined and why, never what is in it.
type ShareError struct {
	Index  int // from 0, in the order given; -1 when it is about their number
	Reason string
}

func (e *ShareError) Error() string {
	if e.Index < 0 {
		return "shares: " + e.Reason
	}
	return fmt.Sprintf("shares[%d]: %s", e.Index, e.Reason)
}

// SplitSecret splits a secret of 32 bytes so that any threshold of the shares give it back and fewer tell nothing about it:
// 2 <= threshold <= shares <= 16.
func SplitSecret(secret []byte, shares, threshold int) ([][]byte, error) {
	switch {
	case len(secret) != SecretLength:
		return nil, fmt.Errorf("secret has %d bytes, %d are needed", len(secret), SecretLength)
	case shares < MinShares || shares > MaxShares:
		return nil, fmt.Errorf("shares is %d, %d to %d are allowed", shares, MinShares, MaxShares)
	case threshold < MinShares || threshold > shares:
		return nil, fmt.Errorf("threshold is %d, %d to the number of shares (%d) are allowed", threshold, MinShares, shares)
	}
	return shamir.Split(secret, shares, threshold)
}

// JoinShares returns the 32 bytes that the shares give, or a *ShareError. It cannot tell whether that is the secret that was
// split: wrong shares, or too few of them, give other bytes and no error. Compare DeriveUserLock's verifier before use.
//
// What it does refuse would be worse than wrong: a share with x = 0 is the secret itself by definition of the polynomial, so
// that whoever sent it would choose the result whatever the other shares are.
func JoinShares(shares [][]byte) ([]byte, error) {
	if len(shares) < MinShares || len(shares) > MaxShares {
		return nil, &ShareError{-1, fmt.Sprintf("%d given, %d to %d are needed", len(shares), MinShares, MaxShares)}
	}
	var seen [256]int // x to position from 1
	for i, s := range shares {
		if reason := shareFault(s); reason != "" {
			return nil, &ShareError{i, reason}
		}
		x := s[ShareLength-1]
		if first := seen[x]; first != 0 {
			return nil, &ShareError{i, fmt.Sprintf("has the same x as shares[%d]", first-1)}
		}
		seen[x] = i + 1
	}
	secret, err := shamir.Combine(shares)
	if err != nil {
		return nil, &ShareError{-1, "cannot be combined"}
	}
	return secret, nil
}

// CheckShare tells what is wrong with a share by itself: its length, or x = 0. Nil does not mean that it is a right one.
func CheckShare(s []byte) error {
	if reason := shareFault(s); reason != "" {
		return errors.New(reason)
	}
	return nil
}

// shareFault says what is wrong with a share by itself; "" when nothing is.
func shareFault(s []byte) string {
	if len(s) != ShareLength {
		return fmt.Sprintf("has %d bytes, %d are needed", len(s), ShareLength)
	}
	if s[ShareLength-1] == 0 {
		return "has x = 0"
	}
	return ""
}
