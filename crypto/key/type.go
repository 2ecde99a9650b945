package key

// Type names a kind of key, as the schema's KeyType does.
type Type string

// The types of keys.
const (
	Ed25519    Type = "ED25519"     // RFC 8032
	ECDSAP256  Type = "ECDSA_P256"  // FIPS 186-5 with SHA-256
	AES256GCM  Type = "AES_256_GCM" // SP 800-38D, 96-bit random nonces, 128-bit tags
	HMACSHA256 Type = "HMAC_SHA256" // RFC 2104, 32-byte keys
)

// Types lists every type, in the schema's order.
func Types() []Type { return []Type{Ed25519, ECDSAP256, AES256GCM, HMACSHA256} }

// SignatureAlgorithm names a way to sign, as the schema does.
type SignatureAlgorithm string

// The signature algorithms.
const (
	EdDSA SignatureAlgorithm = "EDDSA"
	ECDSA SignatureAlgorithm = "ECDSA"
)

// SignatureEncoding names the form of an ECDSA signature.
type SignatureEncoding string

// The forms.
const (
	IEEEP1363 SignatureEncoding = "IEEE_P1363" // r || s, each as long as the curve's order
	DER       SignatureEncoding = "DER"        // ASN.1 SEQUENCE of r and s
)

// MessageType says whether a message comes hashed.
type MessageType string

// Whether it does.
const (
	Raw    MessageType = "RAW"
	Digest MessageType = "DIGEST"
)
