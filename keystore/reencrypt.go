package keystore

import (
	"context"
	"errors"

	"twolock/auth"
	"twolock/crypto/key"
	"twolock/crypto/secret"
)

// reencryption is a key that decrypts and one that encrypts: of one keystore, often the same.
type reencryption struct {
	from, to *use
	ReencryptOptions
}

// destination is how to encrypt: with the same key as it was encrypted before, with another as is usual there, unless it is said.
func (o ReencryptOptions) destination(same bool) EncryptionOptions {
	to := EncryptionOptions{o.DestinationAlgorithm, o.DestinationInfo}
	if same && to.Algorithm == nil {
		to.Algorithm = o.Algorithm
	}
	if same && to.Info == nil {
		to.Info = o.Info
	}
	return to
}

// reencryption begins at the key, or at both: the capability must reach each.
func (s *Service) reencryption(ctx context.Context, caller *auth.Caller, source string, o ReencryptOptions, shares []secret.Bytes, items int) (*reencryption, error) {
	same := o.DestinationKey == nil || *o.DestinationKey == source
	decrypts, encrypts := o.wanted(actionReencrypt, key.OpDecrypt), o.destination(same).wanted(actionReencrypt, key.OpEncrypt)
	decrypts.shares, decrypts.items = shares, items
	encrypts.shares, encrypts.items = shares, items
	if same {
		u, err := s.use(ctx, caller, "key", source, encrypts)
		if err != nil {
			return nil, err
		}
		if err := permitted(u.record, decrypts); err != nil {
			u.end()
			return nil, err
		}
		return &reencryption{u, u, o}, nil
	}
	from, err := s.use(ctx, caller, "key", source, decrypts)
	if err != nil {
		return nil, err
	}
	to, err := s.use(ctx, caller, "destinationKey", *o.DestinationKey, encrypts)
	if err == nil && to.record.Keystore != from.record.Keystore {
		to.end()
		err = Errorf(BadUserInput, "destinationKey: is of another keystore than key")
	}
	if err != nil {
		from.end()
		return nil, err
	}
	return &reencryption{from, to, o}, nil
}

func (r *reencryption) end() {
	r.from.end()
	r.to.end() // of one key, there is nothing left
}

func (r *reencryption) do(in ReencryptItem) (*ReencryptPayload, error) {
	plain, err := r.from.decrypt(DecryptItem{Ciphertext: in.Ciphertext, Nonce: in.Nonce, AAD: in.AAD, Version: in.Version}, r.EncryptionOptions)
	if err != nil {
		return nil, err
	}
	defer clear(plain.Plaintext)
	aad := in.AAD
	if in.DestinationAad != nil {
		aad = in.DestinationAad
	}
	sealed, err := r.to.encrypt(plain.Plaintext, r.destination(r.to == r.from).options(aad))
	if err != nil {
		return nil, r.destinationError(err)
	}
	return &ReencryptPayload{sealed.Ciphertext, sealed.Nonce, plain.Version, sealed.Version}, nil
}

// destinationError names the field that encryption does not take.
func (r *reencryption) destinationError(err error) error {
	bad, ok := errors.AsType[*key.InputError](err)
	switch {
	case ok && bad.Field == "algorithm" && r.DestinationAlgorithm != nil:
		return &key.InputError{Field: "destinationAlgorithm", Reason: bad.Reason}
	case ok && bad.Field == "info" && r.DestinationInfo != nil:
		return &key.InputError{Field: "destinationInfo", Reason: bad.Reason}
	}
	return err
}

// text writes what is optional, for a digest.
func text(s *string) string {
	if s == nil {
		return ""
	}
	return "=" + *s
}
