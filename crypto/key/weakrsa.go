package key

import (
	"errors"
	"math/big"
)

const (
	// smallFactors: SP 800-89 section 5.3.3 divides by the primes below 752.
	smallFactors = 752
	// fermatRounds is what the CA/Browser Forum's Baseline Requirements, section 6.1.1.3, ask of an authority.
	fermatRounds = 100
	// rocaPrimes bounds the primes of the ROCA test; up to here a good modulus is taken for a bad one once in 2^80.
	rocaPrimes = 167
)

// checkModulus refuses what is known to be no good: a modulus that is prime or has small factors, one whose factors are so close to each other that Fermat's method
// finds them, and those of a broken generator (ROCA, CVE-2017-15361). It cannot find all that are weak.
func checkModulus(n *big.Int) error {
	inGroup := true
	for p := int64(3); p < smallFactors; p += 2 {
		if !big.NewInt(p).ProbablyPrime(0) {
			continue
		}
		rest := new(big.Int).Mod(n, big.NewInt(p)).Int64()
		if rest == 0 {
			return errors.New("weak: the modulus has a small factor")
		}
		if p <= rocaPrimes && inGroup {
			inGroup = isPower(rest, minRSAExponent, p)
		}
	}
	switch {
	case inGroup:
		return errors.New("weak: the key is of a broken generator (ROCA, CVE-2017-15361)")
	case n.ProbablyPrime(0):
		return errors.New("weak: the modulus is a prime")
	case isFermat(n):
		return errors.New("weak: the factors are too close to each other")
	}
	return nil
}

// isPower tells whether x is a power of g modulo p.
func isPower(x, g, p int64) bool {
	for y, i := int64(1), int64(0); i < p; i++ {
		if y == x {
			return true
		}
		y = y * (g % p) % p
	}
	return false
}

// isFermat tells whether n = a² - b² for one of the least a that it can be for.
func isFermat(n *big.Int) bool {
	a := new(big.Int).Sqrt(n)
	var bb, b big.Int
	for range fermatRounds {
		if bb.Sub(bb.Mul(a, a), n); bb.Sign() >= 0 {
			// A square is one modulo 63 and 65, too: that saves nearly all roots.
			if squares[new(big.Int).Mod(&bb, mod4095).Int64()] && b.Mul(b.Sqrt(&bb), &b).Cmp(&bb) == 0 {
				return true
			}
		}
		a.Add(a, big.NewInt(1))
	}
	return false
}

var (
	mod4095 = big.NewInt(4095)
	squares = func() (is [4095]bool) {
		for i := range is {
			is[i*i%len(is)] = true
		}
		return is
	}()
)
