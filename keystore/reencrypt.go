package keystore

import (
	"context"

	"twolock/auth"
	"twolock/crypto/key"
	"twolock/crypto/secret"
)

// reencryption is a key that decrypts and one that encrypts: of one keystore, often the same.
type reencryption struct{ from, to *use }

// reencryption begins at the key, or at both: the capability must reach each.
func (s *Service) reencryption(ctx context.Context, caller *auth.Caller, source string, destination *string, shares []secret.Bytes, items int) (*reencryption, error) {
	decrypts := wanted{action: actionReencrypt, operation: key.OpDecrypt, of: key.EncryptionAlgorithms(), shares: shares, items: items}
	encrypts := decrypts
	encrypts.operation = key.OpEncrypt
	if destination == nil || *destination == source {
		u, err := s.use(ctx, caller, "key", source, encrypts)
		if err != nil {
			return nil, err
		}
		if err := permitted(u.record, decrypts); err != nil {
			u.end()
			return nil, err
		}
		return &reencryption{u, u}, nil
	}
	from, err := s.use(ctx, caller, "key", source, decrypts)
	if err != nil {
		return nil, err
	}
	to, err := s.use(ctx, caller, "destinationKey", *destination, encrypts)
	if err == nil && to.record.Keystore != from.record.Keystore {
		to.end()
		err = Errorf(BadUserInput, "destinationKey: is of another keystore than key")
	}
	if err != nil {
		from.end()
		return nil, err
	}
	return &reencryption{from, to}, nil
}

func (r *reencryption) end() {
	r.from.end()
	r.to.end() // of one key, there is nothing left
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

// text writes what is optional, for a digest.
func text(s *string) string {
	if s == nil {
		return ""
	}
	return "=" + *s
}
