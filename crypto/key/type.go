package key

// Type names a kind of key, as the schema's KeyType does.
type Type string

// The types there are so far.
const (
	Ed25519    Type = "ED25519"
	ECDSAP256  Type = "ECDSA_P256"
	AES256GCM  Type = "AES_256_GCM"
	HMACSHA256 Type = "HMAC_SHA256"
)
