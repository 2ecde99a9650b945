package key

import "slices"

// Type names a kind of key, as the schema's KeyType does.
type Type string

// The types of keys.
const (
	Ed25519           Type = "ED25519"            // RFC 8032
	ECDSAP256         Type = "ECDSA_P256"         // FIPS 186-5 with SHA-256
	ECDSAP384         Type = "ECDSA_P384"         // FIPS 186-5 with SHA-384
	ECDSAP521         Type = "ECDSA_P521"         // FIPS 186-5 with SHA-512
	ECDSASecp256k1    Type = "ECDSA_SECP256K1"    // SEC 2, RFC 8812, with SHA-256
	RSA2048           Type = "RSA_2048"           // RFC 8017: PSS, PKCS #1 v1.5 signatures, OAEP
	RSA3072           Type = "RSA_3072"           //
	RSA4096           Type = "RSA_4096"           //
	MLDSA44           Type = "ML_DSA_44"          // FIPS 204
	MLDSA65           Type = "ML_DSA_65"          //
	MLDSA87           Type = "ML_DSA_87"          //
	AES128GCM         Type = "AES_128_GCM"        // SP 800-38D, 96-bit random nonces, 128-bit tags
	AES256GCM         Type = "AES_256_GCM"        //
	XAES256GCM        Type = "XAES_256_GCM"       // C2SP XAES-256-GCM: 192-bit random nonces
	ChaCha20Poly1305  Type = "CHACHA20_POLY1305"  // RFC 8439, 96-bit random nonces
	XChaCha20Poly1305 Type = "XCHACHA20_POLY1305" // draft-irtf-cfrg-xchacha-03, 192-bit random nonces
	HMACSHA256        Type = "HMAC_SHA256"        // RFC 2104
	HMACSHA384        Type = "HMAC_SHA384"        //
	HMACSHA512        Type = "HMAC_SHA512"        //
	X25519            Type = "X25519"             // RFC 7748
	ECDHP256          Type = "ECDH_P256"          // SP 800-56A
	ECDHP384          Type = "ECDH_P384"          //
	ECDHP521          Type = "ECDH_P521"          //
	MLKEM768          Type = "ML_KEM_768"         // FIPS 203
	MLKEM1024         Type = "ML_KEM_1024"        //
)

// kinds is all that is known of each type. A type that is not here yet cannot be made.
var kinds = map[Type]kind{
	Ed25519:           ed25519Kind,
	ECDSAP256:         ecdsaP256Kind,
	ECDSAP384:         ecdsaP384Kind,
	ECDSAP521:         ecdsaP521Kind,
	ECDSASecp256k1:    ecdsaSecp256k1Kind,
	RSA2048:           rsa2048Kind,
	RSA3072:           rsa3072Kind,
	RSA4096:           rsa4096Kind,
	MLDSA44:           mldsa44Kind,
	MLDSA65:           mldsa65Kind,
	MLDSA87:           mldsa87Kind,
	AES128GCM:         aes128GCMKind,
	AES256GCM:         aes256GCMKind,
	XAES256GCM:        xaesKind,
	ChaCha20Poly1305:  chachaKind,
	XChaCha20Poly1305: xchachaKind,
	HMACSHA256:        hmacSHA256Kind,
	HMACSHA384:        hmacSHA384Kind,
	HMACSHA512:        hmacSHA512Kind,
	X25519:            x25519Kind,
	ECDHP256:          ecdhP256Kind,
	ECDHP384:          ecdhP384Kind,
	ECDHP521:          ecdhP521Kind,
	MLKEM768:          mlkem768Kind,
	MLKEM1024:         mlkem1024Kind,
}

// order is the schema's.
var order = []Type{
	Ed25519, ECDSAP256, ECDSAP384, ECDSAP521, ECDSASecp256k1, RSA2048, RSA3072, RSA4096, MLDSA44, MLDSA65, MLDSA87,
	AES128GCM, AES256GCM, XAES256GCM, ChaCha20Poly1305, XChaCha20Poly1305, HMACSHA256, HMACSHA384, HMACSHA512,
	X25519, ECDHP256, ECDHP384, ECDHP521, MLKEM768, MLKEM1024,
}

// Types lists every type, in the schema's order.
func Types() []Type {
	return slices.DeleteFunc(slices.Clone(order), func(t Type) bool { _, ok := kinds[t]; return !ok })
}

// Operations lists what a key of the type can do, with its private part.
func (t Type) Operations() []Operation { return slices.Clone(kinds[t].does) }

// Algorithms lists the algorithms that its operations take a choice of, or a single one. Of those of an operation, the first is its default.
func (t Type) Algorithms() []Algorithm { return slices.Clone(kinds[t].algorithms) }

// IsSymmetric tells whether the type has no public key.
func (t Type) IsSymmetric() bool { return kinds[t].fromPublic == nil }

// MaxMessages is how many messages one version of a key may encrypt under random nonces; 0 where the nonces are long enough for any number.
// SP 800-38D section 8.3: 2^32 with 96 bits.
func (t Type) MaxMessages() int64 {
	switch t {
	case AES128GCM, AES256GCM, ChaCha20Poly1305:
		return 1 << 32
	}
	return 0
}

// SecretSize is how many bytes a generated key of a symmetric type has, the only ones for all but HMAC; 0 of the others.
func (t Type) SecretSize() int {
	switch t {
	case AES128GCM:
		return 16
	case AES256GCM, XAES256GCM, ChaCha20Poly1305, XChaCha20Poly1305, HMACSHA256:
		return 32
	case HMACSHA384:
		return 48
	case HMACSHA512:
		return 64
	}
	return 0
}

// Operation is something that a key can do, as the schema's KeyOperation names it.
type Operation string

// The operations.
const (
	OpSign         Operation = "SIGN"
	OpVerify       Operation = "VERIFY"
	OpEncrypt      Operation = "ENCRYPT"
	OpDecrypt      Operation = "DECRYPT"
	OpComputeMAC   Operation = "COMPUTE_MAC"
	OpVerifyMAC    Operation = "VERIFY_MAC"
	OpWrapKey      Operation = "WRAP_KEY"
	OpUnwrapKey    Operation = "UNWRAP_KEY"
	OpSeal         Operation = "SEAL"
	OpOpen         Operation = "OPEN"
	OpEncapsulate  Operation = "ENCAPSULATE"
	OpDecapsulate  Operation = "DECAPSULATE"
	OpDeriveSecret Operation = "DERIVE_SECRET"
	OpDeriveKey    Operation = "DERIVE_KEY"
)

// Operations lists every operation, in the schema's order.
func Operations() []Operation {
	return []Operation{
		OpSign, OpVerify, OpEncrypt, OpDecrypt, OpComputeMAC, OpVerifyMAC, OpWrapKey, OpUnwrapKey,
		OpSeal, OpOpen, OpEncapsulate, OpDecapsulate, OpDeriveSecret, OpDeriveKey,
	}
}

// IsPublic tells whether the operation takes the public part of an asymmetric key alone.
func (o Operation) IsPublic() bool {
	switch o {
	case OpVerify, OpEncrypt, OpWrapKey, OpSeal, OpEncapsulate:
		return true
	}
	return false
}

// field is the operation's field in the schema.
func (o Operation) field() string {
	return map[Operation]string{
		OpSign: "sign", OpVerify: "verify", OpEncrypt: "encrypt", OpDecrypt: "decrypt", OpComputeMAC: "computeMac", OpVerifyMAC: "verifyMac",
		OpWrapKey: "wrapKey", OpUnwrapKey: "unwrapKey", OpSeal: "seal", OpOpen: "open", OpEncapsulate: "encapsulate", OpDecapsulate: "decapsulate",
		OpDeriveSecret: "deriveSecret", OpDeriveKey: "deriveKey",
	}[o]
}

// Algorithm names a way to do an operation. The schema has an enum for the algorithms of each operation, and one of all, for restrictions.
type Algorithm string

// SignatureAlgorithm names a way to sign, as the schema does.
type SignatureAlgorithm = Algorithm

// The signature algorithms.
const (
	EdDSA          Algorithm = "EDDSA"            // RFC 8032
	ECDSA          Algorithm = "ECDSA"            // FIPS 186-5, the hash by the curve
	RSAPSSSHA256   Algorithm = "RSA_PSS_SHA256"   // RFC 8017 section 8.1, MGF1 with the same hash, a salt as long as the hash
	RSAPSSSHA384   Algorithm = "RSA_PSS_SHA384"   //
	RSAPSSSHA512   Algorithm = "RSA_PSS_SHA512"   //
	RSAPKCS1SHA256 Algorithm = "RSA_PKCS1_SHA256" // RFC 8017 section 8.2
	RSAPKCS1SHA384 Algorithm = "RSA_PKCS1_SHA384" //
	RSAPKCS1SHA512 Algorithm = "RSA_PKCS1_SHA512" //
	MLDSA          Algorithm = "ML_DSA"           // FIPS 204, pure
)

// The encryption algorithms.
const (
	AEAD                 Algorithm = "AEAD"                   // the type's own
	RSAOAEPSHA256        Algorithm = "RSA_OAEP_SHA256"        // RFC 8017 section 7.1, the label is the additional data
	HPKEAES128GCM        Algorithm = "HPKE_AES_128_GCM"       // RFC 9180, base mode
	HPKEAES256GCM        Algorithm = "HPKE_AES_256_GCM"       //
	HPKEChaCha20Poly1305 Algorithm = "HPKE_CHACHA20_POLY1305" //
)

// The key wrapping algorithms.
const (
	AESKW         Algorithm = "AES_KW"          // RFC 3394
	AESKWP        Algorithm = "AES_KWP"         // RFC 5649
	RSAOAEP256    Algorithm = "RSA_OAEP_256"    // RFC 7518 section 4.3
	ECDHESA256KW  Algorithm = "ECDH_ES_A256KW"  // RFC 7518 section 4.6
	ECDH1PUA256KW Algorithm = "ECDH_1PU_A256KW" // draft-madden-jose-ecdh-1pu-04
)

// SignatureAlgorithms, EncryptionAlgorithms and WrapAlgorithms list the algorithms in the schema's order; Algorithms lists all.
func SignatureAlgorithms() []Algorithm {
	return []Algorithm{EdDSA, ECDSA, RSAPSSSHA256, RSAPSSSHA384, RSAPSSSHA512, RSAPKCS1SHA256, RSAPKCS1SHA384, RSAPKCS1SHA512, MLDSA}
}

func EncryptionAlgorithms() []Algorithm {
	return []Algorithm{AEAD, RSAOAEPSHA256, HPKEAES128GCM, HPKEAES256GCM, HPKEChaCha20Poly1305}
}

func WrapAlgorithms() []Algorithm {
	return []Algorithm{AESKW, AESKWP, RSAOAEP256, ECDHESA256KW, ECDH1PUA256KW}
}

func Algorithms() []Algorithm {
	return slices.Concat(SignatureAlgorithms(), EncryptionAlgorithms(), WrapAlgorithms())
}

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
