package auth

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
)

// Identity is an Ed25519 or P-256 key pair that signs requests and delegations. However it is formatted, logged or encoded, its DID
// comes out. Safe for concurrent use.
type Identity struct {
	ed25519 ed25519.PrivateKey // nil where p256 is not
	p256    *ecdsa.PrivateKey
	did     string
}

// NewIdentity makes a random Ed25519 identity.
func NewIdentity() (*Identity, error) {
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		return nil, fmt.Errorf("identity: %w", err)
	}
	return ed25519Identity(private), nil
}

// NewP256Identity makes a random P-256 identity.
func NewP256Identity() (*Identity, error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("identity: %w", err)
	}
	return p256Identity(private), nil
}

// IdentityFromSeed makes the Ed25519 identity of a 32-byte seed (RFC 8032 section 5.1.5: the private key).
func IdentityFromSeed(seed []byte) (*Identity, error) {
	if len(seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("identity: the seed must have %d bytes, not %d", ed25519.SeedSize, len(seed))
	}
	return ed25519Identity(ed25519.NewKeyFromSeed(seed)), nil
}

func ed25519Identity(private ed25519.PrivateKey) *Identity {
	public := private.Public().(ed25519.PublicKey)
	return &Identity{ed25519: private, did: didKeyPrefix + encodeMultikey(codecEd25519Public, public)}
}

func p256Identity(private *ecdsa.PrivateKey) *Identity {
	point := compressP256(&private.PublicKey)
	return &Identity{p256: private, did: didKeyPrefix + encodeMultikey(codecP256Public, point[:])}
}

// DID names the identity: did:key:z6Mk… (Ed25519) or did:key:zDn… (P-256).
func (id *Identity) DID() string { return id.did }

// KeyID names its key: did:key:z…#z….
func (id *Identity) KeyID() string { return id.did + "#" + id.multikey() }

func (id *Identity) multikey() string { return id.did[len(didKeyPrefix):] }

// Sign returns the 64-byte signature of message that PublicKey.Verify verifies.
func (id *Identity) Sign(message []byte) []byte {
	if id.p256 != nil {
		return signP256(id.p256, message)
	}
	return ed25519.Sign(id.ed25519, message)
}

// Format writes the DID for every verb of package fmt.
func (id Identity) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, id.did) }

// MarshalText gives the DID to encoding/json and the like. MarshalFile writes the secret.
func (id Identity) MarshalText() ([]byte, error) { return []byte(id.did), nil }

// LogValue gives the DID to structured logs.
func (id Identity) LogValue() slog.Value { return slog.StringValue(id.did) }
