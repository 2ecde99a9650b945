package wycheproof

import "strings"

// Choice is what we do where the vectors leave it open, by the beginning of the file's name and the flag, and why.
type Choice struct {
	File, Flag string
	Take       bool
	Why        string
}

// Choices are all of them: the first that fits a case decides.
var Choices = []Choice{
	{"rsa_signature_", "MissingNull", false, "a DigestInfo without its NULL is refused: RFC 8017 section 9.2 lets signers write one form only"},
	{"aes_wrap", "ShortKey", false, "8 bytes are no key, and RFC 3394 section 2 wraps two semiblocks or more"},

	{"x25519", "ZeroSharedSecret", false, "a point of low order: a secret that everybody knows is none (RFC 7748 section 6.1)"},
	{"x25519", "LowOrderPublic", false, "the same"},
	{"x25519_", "NonCanonicalPublic", false, "an imported key has one form: what is encrypted to another one is bound to it, and does not decrypt"},
	{"x25519", "NonCanonicalPublic", true, "a peer's key is reduced, and its bit 255 masked: RFC 7748 section 5 says implementations must"},
	{"x25519", "Twist", true, "points of the twist are safe with X25519 (RFC 7748 section 7)"},
	{"x25519", "SmallPublicKey", true, "a small coordinate that is not of low order"},
	{"x25519", "SpecialPublicKey", true, "a point like another"},
	{"x25519", "EdgeCaseShared", true, "a secret like another"},
	{"x25519", "EdgeCaseMultiplication", true, "a secret like another"},

	{"ecdh_", "CompressedPoint", false, "points are uncompressed: one form each"},
	{"ecdh_", "CompressedPublic", false, "the same"},
	{"ecdh_", "InvalidAsn", false, "DER has one encoding, and no other is taken"},
	{"ecdh_", "InvalidPem", false, "the same, in PEM"},
	{"ecdh_", "UnnamedCurve", false, "curves are named: explicit parameters are an attack (CVE-2020-0601)"},
	{"ecdh_", "UnusedParam", false, "the same"},
	{"ecdh_", "ModifiedGenerator", false, "the same"},
	{"ecdh_", "ModifiedCofactor", false, "the same"},
	{"ecdh_", "ModifiedCurveParameter", false, "the same"},
	{"ecdh_", "NoCofactor", false, "the same"},
	{"ecdh_", "WrongOrder", false, "the same"},
}

// Choose returns what must come of a case of a file: Valid or Invalid. False where it is acceptable and no choice is made.
func Choose(file string, c Case) (Result, bool) {
	if c.Result != Acceptable {
		return c.Result, true
	}
	for _, choice := range Choices {
		if strings.HasPrefix(file, choice.File) && c.Has(choice.Flag) {
			if choice.Take {
				return Valid, true
			}
			return Invalid, true
		}
	}
	return c.Result, false
}
