package auth

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// keyFile is a key pair in the forms in which the JavaScript ZCAP libraries export one: Ed25519VerificationKey2020 has privateKeyMultibase,
// Multikey has secretKeyMultibase.
type keyFile struct {
	Context    string `json:"@context,omitzero"`
	ID         string `json:"id"`
	Type       string `json:"type"`
	Controller string `json:"controller,omitzero"`
	Public     string `json:"publicKeyMultibase"`
	Private    string `json:"privateKeyMultibase,omitzero"`
	Secret     string `json:"secretKeyMultibase,omitzero"`
}

const (
	keyFileEd25519  = "Ed25519VerificationKey2020"
	keyFileMultikey = "Multikey"
	contextEd25519  = "https://w3id.org/security/suites/ed25519-2020/v1"
	contextMultikey = "https://w3id.org/security/multikey/v1"
	maxKeyFile      = 4096
)

// MarshalFile writes the identity, secret included, as a key pair in JSON that ParseIdentity reads: Ed25519VerificationKey2020, or Multikey
// for P-256.
func (id *Identity) MarshalFile() ([]byte, error) {
	f := keyFile{ID: id.KeyID(), Controller: id.did, Public: id.multikey()}
	if id.p256 != nil {
		scalar, err := id.p256.Bytes()
		if err != nil {
			return nil, errors.New("identity: cannot be written")
		}
		defer clear(scalar)
		f.Context, f.Type, f.Secret = contextMultikey, keyFileMultikey, encodeMultikey(codecP256Private, scalar)
	} else {
		f.Context, f.Type, f.Private = contextEd25519, keyFileEd25519, encodeMultikey(codecEd25519Private, id.ed25519)
	}
	file, err := json.Marshal(f, jsontext.WithIndent("  "))
	if err != nil {
		return nil, errors.New("identity: cannot be written as JSON")
	}
	return append(file, '\n'), nil
}

// ParseIdentity reads a key pair of at most 4 KiB, with "@context" and "controller" or without:
// {"id":…,"type":"Ed25519VerificationKey2020","publicKeyMultibase":"z6Mk…","privateKeyMultibase":"zrv…"}, or
// {"id":…,"type":"Multikey","publicKeyMultibase":"zDn…","secretKeyMultibase":"z42…"}, P-256 or Ed25519. It refuses a pair whose halves,
// id or controller do not match. Its errors quote nothing of the file.
func ParseIdentity(file []byte) (*Identity, error) {
	if len(file) > maxKeyFile {
		return nil, fmt.Errorf("identity: more than %d bytes", maxKeyFile)
	}
	var f keyFile
	if err := json.Unmarshal(file, &f, json.RejectUnknownMembers(true)); err != nil {
		return nil, errors.New("identity: must be a JSON object with id, type, publicKeyMultibase and " +
			"privateKeyMultibase or secretKeyMultibase, each once, and nothing unknown")
	}
	var context, member, secret, other string
	switch f.Type {
	case keyFileEd25519:
		context, member, secret, other = contextEd25519, "privateKeyMultibase", f.Private, f.Secret
	case keyFileMultikey:
		context, member, secret, other = contextMultikey, "secretKeyMultibase", f.Secret, f.Private
	default:
		return nil, errors.New("identity: type must be " + keyFileEd25519 + " or " + keyFileMultikey)
	}
	if other != "" {
		return nil, fmt.Errorf("identity: the secret of type %s must be in %s", f.Type, member)
	}
	if f.Context != "" && f.Context != context {
		return nil, errors.New("identity: @context must be " + context)
	}
	if len(secret) > maxDID {
		return nil, fmt.Errorf("identity: %s is too long", member)
	}
	id, err := identityOfMultikey(member, secret, f.Type == keyFileMultikey)
	if err != nil {
		return nil, err
	}
	switch {
	case f.Public != id.multikey():
		return nil, fmt.Errorf("identity: publicKeyMultibase does not belong to %s", member)
	case f.ID != id.did && f.ID != id.KeyID():
		return nil, errors.New("identity: id must be the key's own did:key")
	case f.Controller != "" && f.Controller != id.did:
		return nil, errors.New("identity: controller must be the key's own did:key")
	}
	return id, nil
}

// identityOfMultikey makes the identity of a secret that a file's member has.
func identityOfMultikey(member, secret string, p256 bool) (*Identity, error) {
	codec, raw, err := decodeMultikey(secret)
	defer clear(raw)
	switch {
	case err == nil && codec == codecEd25519Private:
		id, err := IdentityFromSeed(raw[:ed25519.SeedSize])
		if err != nil {
			return nil, err
		}
		// A private half with another's public one would leak the private scalar through the signatures it makes.
		if !bytes.Equal(id.ed25519, raw) {
			return nil, fmt.Errorf("identity: the public part of %s is not that of its private part", member)
		}
		return id, nil
	case err == nil && codec == codecP256Private && p256:
		private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), raw)
		if err != nil {
			return nil, fmt.Errorf("identity: %s is not a P-256 scalar: it must be 1 to the group's order less 1", member)
		}
		return p256Identity(private), nil
	case p256:
		return nil, fmt.Errorf("identity: %s must be a P-256 secret key (z42…) or an Ed25519 key pair (zrv…)", member)
	}
	return nil, fmt.Errorf("identity: %s must be an Ed25519 key pair (zrv…)", member)
}
