package keystore

import (
	"context"
	"strconv"

	"twolock/auth"
	"twolock/crypto/key"
	"twolock/crypto/secret"
)

// reencryption is a key that decrypts and one that encrypts: of one keystore, often the same.
type reencryption struct{ from, to *use }

// reencryption begins at both keys: the capability must reach each.
func (s *Service) reencryption(ctx context.Context, caller *auth.Caller, source string, destination *string, shares []secret.Bytes) (*reencryption, error) {
	if destination == nil {
		destination = &source
	}
	a, err := s.keyAt("key", source)
	if err != nil {
		return nil, err
	}
	b, err := s.keyAt("destinationKey", *destination)
	if err != nil {
		return nil, err
	}
	if a.keystore != b.keystore {
		return nil, Errorf(BadUserInput, "destinationKey: is of another keystore than key")
	}
	w := wanted{action: actionReencrypt, operation: key.OpDecrypt, of: key.EncryptionAlgorithms(), shares: shares}
	from, err := s.use(ctx, caller, "key", source, w)
	if err != nil {
		return nil, err
	}
	w.operation = key.OpEncrypt
	to, err := s.use(ctx, caller, "destinationKey", *destination, w)
	if err != nil {
		from.end()
		return nil, err
	}
	return &reencryption{from, to}, nil
}

func (r *reencryption) end() {
	r.from.end()
	r.to.end()
}

func (r *reencryption) do(in ReencryptItem) (*ReencryptPayload, error) {
	plain, err := r.from.decrypt(DecryptItem{Ciphertext: in.Ciphertext, Nonce: in.Nonce, AAD: in.AAD, Version: in.Version}, EncryptionOptions{})
	if err != nil {
		return nil, err
	}
	defer clear(plain.Plaintext)
	aad := in.AAD
	if in.DestinationAad != nil {
		aad = in.DestinationAad
	}
	sealed, err := r.to.encrypt(plain.Plaintext, key.EncryptOptions{AAD: aad})
	if err != nil {
		return nil, err
	}
	return &ReencryptPayload{sealed.Ciphertext, sealed.Nonce, plain.Version, sealed.Version}, nil
}

func dataKeyWanted(shares []secret.Bytes) wanted {
	return wanted{action: actionGenerateDataKey, operation: key.OpEncrypt, of: key.EncryptionAlgorithms(), shares: shares}
}

// versionText and text write what is optional, for a digest.
func versionText(version *int) string {
	if version == nil {
		return ""
	}
	return strconv.Itoa(*version)
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return "=" + *s
}
