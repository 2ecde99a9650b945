package auth

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Identity is an Ed25519 key pair that signs requests and delegations. However it is formatted, logged or encoded, its DID comes out.
// Safe for concurrent use.
type Identity struct {
	private ed25519.PrivateKey
	did     string
}

// NewIdentity makes a random identity.
func NewIdentity() (*Identity, error) {
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		return nil, fmt.Errorf("identity: %w", err)
	}
	return newIdentity(private), nil
}

// IdentityFromSeed makes the identity of a 32-byte seed (RFC 8032 section 5.1.5: the private key).
func IdentityFromSeed(seed []byte) (*Identity, error) {
	if len(seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("identity: the seed must have %d bytes, not %d", ed25519.SeedSize, len(seed))
	}
	return newIdentity(ed25519.NewKeyFromSeed(seed)), nil
}

func newIdentity(private ed25519.PrivateKey) *Identity {
	public := private.Public().(ed25519.PublicKey)
	return &Identity{private, didKeyPrefix + encodeMultikey(codecEd25519Public, public)}
}

// DID names the identity: did:key:z6Mk….
func (id *Identity) DID() string { return id.did }

// KeyID names its key: did:key:z6Mk…#z6Mk….
func (id *Identity) KeyID() string { return id.did + "#" + id.multikey() }

func (id *Identity) multikey() string { return id.did[len(didKeyPrefix):] }

// Sign returns the 64-byte Ed25519 signature of message.
func (id *Identity) Sign(message []byte) []byte { return ed25519.Sign(id.private, message) }

// Format writes the DID for every verb of package fmt.
func (id Identity) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, id.did) }

// MarshalText gives the DID to encoding/json and the like. MarshalFile writes the secret.
func (id Identity) MarshalText() ([]byte, error) { return []byte(id.did), nil }

// LogValue gives the DID to structured logs.
func (id Identity) LogValue() slog.Value { return slog.StringValue(id.did) }

// keyFile is an Ed25519VerificationKey2020 key pair, the form in which the JavaScript ZCAP libraries export one.
type keyFile struct {
	Context    string `json:"@context,omitzero"`
	ID         string `json:"id"`
	Type       string `json:"type"`
	Controller string `json:"controller,omitzero"`
	Public     string `json:"publicKeyMultibase"`
	Private    string `json:"privateKeyMultibase"`
}

const (
	keyFileType    = "Ed25519VerificationKey2020"
	contextEd25519 = "https://w3id.org/security/suites/ed25519-2020/v1"
	maxKeyFile     = 4096
)

// MarshalFile writes the identity, secret included, as an Ed25519VerificationKey2020 key pair in JSON: what ParseIdentity reads.
func (id *Identity) MarshalFile() ([]byte, error) {
	file, err := json.Marshal(keyFile{
		Context:    contextEd25519,
		ID:         id.KeyID(),
		Type:       keyFileType,
		Controller: id.did,
		Public:     id.multikey(),
		Private:    encodeMultikey(codecEd25519Private, id.private),
	}, jsontext.WithIndent("  "))
	if err != nil {
		return nil, errors.New("identity: cannot be written as JSON")
	}
	return append(file, '\n'), nil
}

// ParseIdentity reads a key pair of at most 4 KiB: {"id":…,"type":"Ed25519VerificationKey2020","publicKeyMultibase":"z6Mk…",
// "privateKeyMultibase":"zrv…"}, with "@context" and "controller" or without. It refuses a pair whose halves, id or controller do
// not match. Its errors quote nothing of the file.
func ParseIdentity(file []byte) (*Identity, error) {
	if len(file) > maxKeyFile {
		return nil, fmt.Errorf("identity: more than %d bytes", maxKeyFile)
	}
	var f keyFile
	if err := json.Unmarshal(file, &f, json.RejectUnknownMembers(true)); err != nil {
		return nil, errors.New("identity: must be a JSON object with id, type, publicKeyMultibase and privateKeyMultibase, " +
			"each once, and nothing unknown")
	}
	if f.Type != keyFileType {
		return nil, errors.New("identity: type must be " + keyFileType)
	}
	if f.Context != "" && f.Context != contextEd25519 {
		return nil, errors.New("identity: @context must be " + contextEd25519)
	}
	if len(f.Private) > maxDID {
		return nil, errors.New("identity: privateKeyMultibase is too long")
	}
	private, err := decodeMultikey(f.Private, codecEd25519Private, ed25519.PrivateKeySize)
	if err != nil {
		return nil, errors.New("identity: privateKeyMultibase must be an Ed25519 key pair (zrv…)")
	}
	defer clear(private)
	id, err := IdentityFromSeed(private[:ed25519.SeedSize])
	if err != nil {
		return nil, err
	}
	switch {
	// A private half with another's public one would leak the private scalar through the signatures it makes.
	case !bytes.Equal(id.private, private):
		return nil, errors.New("identity: the public part of privateKeyMultibase is not that of its private part")
	case f.Public != id.multikey():
		return nil, errors.New("identity: publicKeyMultibase does not belong to privateKeyMultibase")
	case f.ID != id.did && f.ID != id.KeyID():
		return nil, errors.New("identity: id must be the key's own did:key")
	case f.Controller != "" && f.Controller != id.did:
		return nil, errors.New("identity: controller must be the key's own did:key")
	}
	return id, nil
}
