package keystore

import (
	"context"
	"fmt"
	"strconv"

	"twolock/auth"
	"twolock/crypto/key"
	"twolock/crypto/secret"
)

// use is the frame of every operation with a key: the gate, the record, the two locks; then do has the opened key.
// version is nil for the newest.
func (s *Service) use(ctx context.Context, caller *auth.Caller, action, url string, version *int, shares []secret.Bytes, do func(k *key.Key, version int) error) error {
	op, err := s.atKey(ctx, caller, action, "key", url)
	if err != nil {
		return err
	}
	o, err := s.opener(op.record, shares)
	if err != nil {
		return err
	}
	r, err := s.findKey(ctx, op)
	if err != nil {
		return err
	}
	if r.State != KeyEnabled {
		return Errorf(KeyUnusable, "key: is %s", r.State)
	}
	if version != nil && *version != r.Version {
		return Errorf(BadUserInput, "version: the key has version %d", r.Version)
	}
	k, release, err := s.openKey(ctx, o, r)
	if err != nil {
		return err
	}
	defer release()
	return inputError(do(k, r.Version))
}

// openKey opens a key with the user's lock, unless the cache has it open by the same shares.
func (s *Service) openKey(ctx context.Context, o *opener, r *KeyRecord) (*key.Key, func(), error) {
	name := "key/" + r.Keystore + "/" + r.ID + "/" + strconv.Itoa(r.Version) + "/" + o.name + "/" + string(r.Sealed)
	v, release, err := s.opened.use(ctx, name, o.ttl, func(ctx context.Context) (wiper, error) {
		userLock, release, err := s.useUserLock(ctx, o, false)
		if err != nil {
			return nil, err
		}
		defer release()
		plain, err := userLock.Open(r.Sealed, keyLabel(*r))
		if err != nil {
			return nil, lockError(err)
		}
		defer clear(plain)
		k, err := key.Parse(r.Type, plain)
		if err != nil {
			return nil, fmt.Errorf("key %s of keystore %s: %w", r.ID, r.Keystore, err)
		}
		return k, nil
	})
	if err != nil {
		return nil, nil, err
	}
	return v.(*key.Key), release, nil
}

// Sign signs a message.
func (s *Service) Sign(ctx context.Context, caller *auth.Caller, in SignInput) (out *SignPayload, err error) {
	err = s.use(ctx, caller, actionSign, in.Key, nil, in.SecretShares, func(k *key.Key, version int) error {
		signature, err := k.Sign(in.Message, signOptions(in.MessageType, in.Algorithm, in.Encoding))
		out = &SignPayload{signature, version}
		return err
	})
	return answer(out, err)
}

// Verify tells whether a signature is the key's.
func (s *Service) Verify(ctx context.Context, caller *auth.Caller, in VerifyInput) (out *VerifyPayload, err error) {
	err = s.use(ctx, caller, actionVerify, in.Key, in.Version, in.SecretShares, func(k *key.Key, version int) error {
		valid, err := k.Verify(in.Message, in.Signature, signOptions(in.MessageType, in.Algorithm, in.Encoding))
		out = &VerifyPayload{valid, versionIf(valid, version)}
		return err
	})
	return answer(out, err)
}

func signOptions(m key.MessageType, a *key.SignatureAlgorithm, e key.SignatureEncoding) key.SignOptions {
	o := key.SignOptions{Message: m, Encoding: e}
	if a != nil {
		o.Algorithm = *a
	}
	return o
}

// Encrypt seals a plaintext.
func (s *Service) Encrypt(ctx context.Context, caller *auth.Caller, in EncryptInput) (out *EncryptPayload, err error) {
	err = s.use(ctx, caller, actionEncrypt, in.Key, nil, in.SecretShares, func(k *key.Key, version int) error {
		ciphertext, nonce, err := k.Encrypt(in.Plaintext, key.EncryptOptions{AAD: in.AAD})
		out = &EncryptPayload{ciphertext, nonce, version}
		return err
	})
	return answer(out, err)
}

// Decrypt opens a ciphertext.
func (s *Service) Decrypt(ctx context.Context, caller *auth.Caller, in DecryptInput) (out *DecryptPayload, err error) {
	err = s.use(ctx, caller, actionDecrypt, in.Key, in.Version, in.SecretShares, func(k *key.Key, version int) error {
		plaintext, err := k.Decrypt(in.Ciphertext, in.Nonce, key.EncryptOptions{AAD: in.AAD})
		out = &DecryptPayload{plaintext, version}
		return err
	})
	return answer(out, err)
}

// ComputeMac authenticates data.
func (s *Service) ComputeMac(ctx context.Context, caller *auth.Caller, in ComputeMacInput) (out *ComputeMacPayload, err error) {
	err = s.use(ctx, caller, actionComputeMac, in.Key, nil, in.SecretShares, func(k *key.Key, version int) error {
		code, err := k.ComputeMAC(in.Data)
		out = &ComputeMacPayload{code, version}
		return err
	})
	return answer(out, err)
}

// VerifyMac tells whether an authentication code is the key's.
func (s *Service) VerifyMac(ctx context.Context, caller *auth.Caller, in VerifyMacInput) (out *VerifyMacPayload, err error) {
	err = s.use(ctx, caller, actionVerifyMac, in.Key, in.Version, in.SecretShares, func(k *key.Key, version int) error {
		valid, err := k.VerifyMAC(in.Data, in.Mac)
		out = &VerifyMacPayload{valid, versionIf(valid, version)}
		return err
	})
	return answer(out, err)
}

func versionIf(valid bool, version int) *int {
	if !valid {
		return nil
	}
	return &version
}

// answer drops a payload that was half made.
func answer[T any](out *T, err error) (*T, error) {
	if err != nil {
		return nil, err
	}
	return out, nil
}
