package keystore

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"strconv"

	"twolock/auth"
	"twolock/crypto/key"
)

// What each operation wants of its key; the shares come with the request.

func (o SignatureOptions) wanted(action string, op key.Operation) wanted {
	return wanted{action: action, operation: op, of: key.SignatureAlgorithms(), algorithm: o.Algorithm}
}

func (o SignatureOptions) options() key.SignOptions {
	return key.SignOptions{Message: o.MessageType, Algorithm: given(o.Algorithm), Encoding: o.Encoding, Context: o.Context}
}

func (o EncryptionOptions) wanted(action string, op key.Operation) wanted {
	return wanted{action: action, operation: op, of: key.EncryptionAlgorithms(), algorithm: o.Algorithm}
}

func (o EncryptionOptions) options(aad []byte) key.EncryptOptions {
	return key.EncryptOptions{Algorithm: given(o.Algorithm), AAD: aad, Info: o.Info}
}

// given is "" for nil: the type's default.
func given(a *key.Algorithm) key.Algorithm {
	if a == nil {
		return ""
	}
	return *a
}

// single runs an operation on one input.
func single[P any](ctx context.Context, s *Service, caller *auth.Caller, url string, w wanted, do func(u *use) (*P, error)) (*P, error) {
	u, err := s.use(ctx, caller, "key", url, w)
	if err != nil {
		return nil, err
	}
	defer u.end()
	out, err := do(u)
	if err != nil {
		return nil, inputError(err)
	}
	return out, nil
}

// byNewest runs what the newest version does, and counts it.
func byNewest[P any](u *use, do func(k *key.Key, version int) (*P, error)) (*P, error) {
	k, version, err := u.newest()
	if err != nil {
		return nil, err
	}
	out, err := do(k, version)
	if err != nil {
		return nil, err
	}
	u.count(version, 1)
	return out, nil
}

// byAny runs what any version may do, on the named version or all of them, and counts it.
func byAny[P any](u *use, named *int, o key.Operation, do func(k *key.Key, version int) (*P, error)) (*P, error) {
	var out *P
	version, ok, err := u.try(named, o, func(k *key.Key, version int) (bool, error) {
		var err error
		out, err = do(k, version)
		return err == nil, err
	})
	if err != nil || !ok {
		return nil, err
	}
	u.count(version, 1)
	return out, nil
}

// valid runs a check, on the named version or all of them, and counts it: by the newest version where none is right.
func (u *use) valid(named *int, o key.Operation, is func(k *key.Key) (bool, error)) (*VerifyPayload, error) {
	version, ok, err := u.try(named, o, func(k *key.Key, _ int) (bool, error) { return is(k) })
	if err != nil {
		return nil, err
	}
	if !ok {
		u.count(u.record.Newest, 1)
		return &VerifyPayload{}, nil
	}
	u.count(version, 1)
	return &VerifyPayload{true, &version}, nil
}

// Sign signs a message.
func (s *Service) Sign(ctx context.Context, caller *auth.Caller, in SignInput) (*SignPayload, error) {
	w := in.wanted(actionSign, key.OpSign)
	w.shares = in.SecretShares
	return single(ctx, s, caller, in.Key, w, func(u *use) (*SignPayload, error) { return u.sign(in.Message, in.options()) })
}

func (u *use) sign(message []byte, o key.SignOptions) (*SignPayload, error) {
	return byNewest(u, func(k *key.Key, version int) (*SignPayload, error) {
		signature, err := k.Sign(message, o)
		return &SignPayload{signature, version}, err
	})
}

// Verify tells whether a signature is the key's.
func (s *Service) Verify(ctx context.Context, caller *auth.Caller, in VerifyInput) (*VerifyPayload, error) {
	w := in.wanted(actionVerify, key.OpVerify)
	w.shares = in.SecretShares
	return single(ctx, s, caller, in.Key, w, func(u *use) (*VerifyPayload, error) { return u.verify(in.VerifyItem, in.options()) })
}

func (u *use) verify(in VerifyItem, o key.SignOptions) (*VerifyPayload, error) {
	return u.valid(in.Version, key.OpVerify, func(k *key.Key) (bool, error) { return k.Verify(in.Message, in.Signature, o) })
}

// Encrypt seals a plaintext.
func (s *Service) Encrypt(ctx context.Context, caller *auth.Caller, in EncryptInput) (*EncryptPayload, error) {
	w := in.wanted(actionEncrypt, key.OpEncrypt)
	w.shares = in.SecretShares
	return single(ctx, s, caller, in.Key, w, func(u *use) (*EncryptPayload, error) {
		if err := u.reserve(1); err != nil {
			return nil, err
		}
		return u.encrypt(in.Plaintext, in.options(in.AAD))
	})
}

// encrypt encrypts one message, which was reserved.
func (u *use) encrypt(plaintext []byte, o key.EncryptOptions) (*EncryptPayload, error) {
	return byNewest(u, func(k *key.Key, version int) (*EncryptPayload, error) {
		ciphertext, nonce, err := k.Encrypt(plaintext, o)
		return &EncryptPayload{ciphertext, nonce, version}, err
	})
}

// Decrypt opens a ciphertext.
func (s *Service) Decrypt(ctx context.Context, caller *auth.Caller, in DecryptInput) (*DecryptPayload, error) {
	w := in.wanted(actionDecrypt, key.OpDecrypt)
	w.shares = in.SecretShares
	return single(ctx, s, caller, in.Key, w, func(u *use) (*DecryptPayload, error) { return u.decrypt(in.DecryptItem, in.EncryptionOptions) })
}

func (u *use) decrypt(in DecryptItem, o EncryptionOptions) (*DecryptPayload, error) {
	return byAny(u, in.Version, key.OpDecrypt, func(k *key.Key, version int) (*DecryptPayload, error) {
		plaintext, err := k.Decrypt(in.Ciphertext, in.Nonce, o.options(in.AAD))
		return &DecryptPayload{plaintext, version}, err
	})
}

// ComputeMac authenticates data.
func (s *Service) ComputeMac(ctx context.Context, caller *auth.Caller, in ComputeMacInput) (*ComputeMacPayload, error) {
	w := wanted{action: actionComputeMac, operation: key.OpComputeMAC, shares: in.SecretShares}
	return single(ctx, s, caller, in.Key, w, func(u *use) (*ComputeMacPayload, error) { return u.computeMac(in.Data) })
}

func (u *use) computeMac(data []byte) (*ComputeMacPayload, error) {
	return byNewest(u, func(k *key.Key, version int) (*ComputeMacPayload, error) {
		code, err := k.ComputeMAC(data)
		return &ComputeMacPayload{code, version}, err
	})
}

// VerifyMac tells whether an authentication code is the key's.
func (s *Service) VerifyMac(ctx context.Context, caller *auth.Caller, in VerifyMacInput) (*VerifyPayload, error) {
	w := wanted{action: actionVerifyMac, operation: key.OpVerifyMAC, shares: in.SecretShares}
	return single(ctx, s, caller, in.Key, w, func(u *use) (*VerifyPayload, error) { return u.verifyMac(in.VerifyMacItem) })
}

func (u *use) verifyMac(in VerifyMacItem) (*VerifyPayload, error) {
	return u.valid(in.Version, key.OpVerifyMAC, func(k *key.Key) (bool, error) { return k.VerifyMAC(in.Data, in.Mac) })
}

// WrapKey wraps a key of the caller's.
func (s *Service) WrapKey(ctx context.Context, caller *auth.Caller, in WrapKeyInput) (*WrapKeyPayload, error) {
	w := wanted{action: actionWrapKey, operation: key.OpWrapKey, of: key.WrapAlgorithms(), algorithm: in.Algorithm, shares: in.SecretShares}
	return single(ctx, s, caller, in.Key, w, func(u *use) (*WrapKeyPayload, error) {
		return byNewest(u, func(k *key.Key, version int) (*WrapKeyPayload, error) {
			o := key.WrapOptions{
				Algorithm: given(in.Algorithm), Recipient: in.RecipientPublicKey, EphemeralKey: in.EphemeralKey, APU: in.Apu, APV: in.Apv, Tag: in.Tag,
			}
			wrapped, err := k.Wrap(in.KeyToWrap, o)
			if err != nil {
				return nil, err
			}
			return &WrapKeyPayload{wrapped.EncryptedKey, wrapped.Algorithm, wrapped.EPK, version}, nil
		})
	})
}

// UnwrapKey opens what was wrapped for the key.
func (s *Service) UnwrapKey(ctx context.Context, caller *auth.Caller, in UnwrapKeyInput) (*UnwrapKeyPayload, error) {
	w := wanted{action: actionUnwrapKey, operation: key.OpUnwrapKey, of: key.WrapAlgorithms(), algorithm: in.Algorithm, shares: in.SecretShares}
	return single(ctx, s, caller, in.Key, w, func(u *use) (*UnwrapKeyPayload, error) {
		wrapped := &key.WrappedKey{Algorithm: given(in.Algorithm), EncryptedKey: in.WrappedKey, EPK: in.EPK}
		o := key.WrapOptions{Algorithm: given(in.Algorithm), Sender: in.SenderPublicKey, APU: in.Apu, APV: in.Apv, Tag: in.Tag}
		return byAny(u, in.Version, key.OpUnwrapKey, func(k *key.Key, version int) (*UnwrapKeyPayload, error) {
			plain, err := k.Unwrap(wrapped, o)
			return &UnwrapKeyPayload{plain, version}, err
		})
	})
}

// Seal seals a plaintext in a NaCl box.
func (s *Service) Seal(ctx context.Context, caller *auth.Caller, in SealInput) (*EncryptPayload, error) {
	w := wanted{action: actionSeal, operation: key.OpSeal, shares: in.SecretShares}
	return single(ctx, s, caller, in.Key, w, func(u *use) (*EncryptPayload, error) {
		return byNewest(u, func(k *key.Key, version int) (*EncryptPayload, error) {
			ciphertext, nonce, err := k.Seal(in.Plaintext, in.RecipientPublicKey)
			return &EncryptPayload{ciphertext, nonce, version}, err
		})
	})
}

// Open opens a NaCl box.
func (s *Service) Open(ctx context.Context, caller *auth.Caller, in OpenInput) (*DecryptPayload, error) {
	w := wanted{action: actionOpen, operation: key.OpOpen, shares: in.SecretShares}
	return single(ctx, s, caller, in.Key, w, func(u *use) (*DecryptPayload, error) {
		return byAny(u, in.Version, key.OpOpen, func(k *key.Key, version int) (*DecryptPayload, error) {
			plaintext, err := k.Open(in.Ciphertext, in.Nonce, in.SenderPublicKey)
			return &DecryptPayload{plaintext, version}, err
		})
	})
}

// Encapsulate draws a shared secret for the key.
func (s *Service) Encapsulate(ctx context.Context, caller *auth.Caller, in EncapsulateInput) (*EncapsulatePayload, error) {
	w := wanted{action: actionEncapsulate, operation: key.OpEncapsulate, shares: in.SecretShares}
	return single(ctx, s, caller, in.Key, w, func(u *use) (*EncapsulatePayload, error) {
		return byNewest(u, func(k *key.Key, version int) (*EncapsulatePayload, error) {
			secret, ciphertext, err := k.Encapsulate()
			return &EncapsulatePayload{secret, ciphertext, version}, err
		})
	})
}

// byNamed runs what the named version does, the newest where none is named, and counts it.
func byNamed[P any](u *use, named *int, o key.Operation, do func(k *key.Key, version int) (*P, error)) (*P, error) {
	k, version, err := u.version(named, o)
	if err != nil {
		return nil, err
	}
	out, err := do(k, version)
	if err != nil {
		return nil, err
	}
	u.count(version, 1)
	return out, nil
}

// Decapsulate returns the shared secret of a ciphertext.
func (s *Service) Decapsulate(ctx context.Context, caller *auth.Caller, in DecapsulateInput) (*DecapsulatePayload, error) {
	w := wanted{action: actionDecapsulate, operation: key.OpDecapsulate, shares: in.SecretShares}
	return single(ctx, s, caller, in.Key, w, func(u *use) (*DecapsulatePayload, error) {
		return byNamed(u, in.Version, key.OpDecapsulate, func(k *key.Key, version int) (*DecapsulatePayload, error) {
			secret, err := k.Decapsulate(in.Ciphertext)
			return &DecapsulatePayload{secret, version}, err
		})
	})
}

// DeriveSecret agrees on a secret with a public key.
func (s *Service) DeriveSecret(ctx context.Context, caller *auth.Caller, in DeriveSecretInput) (*DeriveSecretPayload, error) {
	w := wanted{action: actionDeriveSecret, operation: key.OpDeriveSecret, shares: in.SecretShares}
	return single(ctx, s, caller, in.Key, w, func(u *use) (*DeriveSecretPayload, error) {
		return byNamed(u, in.Version, key.OpDeriveSecret, func(k *key.Key, version int) (*DeriveSecretPayload, error) {
			secret, err := k.Agree(in.PublicKey)
			return &DeriveSecretPayload{secret, version}, err
		})
	})
}

// derivedInfo begins the info of derived keys that stay here, so that no caller is given the same bytes, nor has them as a key of another type.
const derivedInfo = "twolock derived key, version 1\x00"

// DeriveKey derives bytes, or a key of the same keystore.
func (s *Service) DeriveKey(ctx context.Context, caller *auth.Caller, in DeriveKeyInput) (*DeriveKeyPayload, error) {
	w := wanted{action: actionDeriveKey, operation: key.OpDeriveKey, shares: in.SecretShares}
	return single(ctx, s, caller, in.Key, w, func(u *use) (*DeriveKeyPayload, error) {
		switch {
		case (in.Length == nil) == (in.Type == nil):
			return nil, Errorf(BadUserInput, "length, type: exactly one of them must be given")
		case in.Type == nil && in.Name != nil:
			return nil, Errorf(BadUserInput, "name: is for a new key, so for type")
		case in.Type != nil:
			made, err := s.deriveNew(ctx, caller, u, in)
			if err != nil {
				return nil, err
			}
			return &DeriveKeyPayload{Key: made.Key, Version: u.derives(in)}, nil
		case bytes.HasPrefix(in.Info, []byte(derivedInfo)):
			return nil, Errorf(BadUserInput, "info: begins as that of keys which stay here does")
		}
		secret, err := u.derive(in, in.Info, *in.Length)
		return &DeriveKeyPayload{Secret: secret, Version: u.derives(in)}, err
	})
}

// derives is the version that is derived from.
func (u *use) derives(in DeriveKeyInput) int {
	if in.Version != nil {
		return *in.Version
	}
	return u.record.Newest
}

func (u *use) derive(in DeriveKeyInput, info []byte, length int) ([]byte, error) {
	out, err := byNamed(u, in.Version, key.OpDeriveKey, func(k *key.Key, _ int) (*[]byte, error) {
		secret, err := k.Derive(key.DeriveOptions{Peer: in.PublicKey, Salt: in.Salt, Info: info, Length: length})
		return &secret, err
	})
	if err != nil {
		return nil, err
	}
	return *out, nil
}

// deriveNew makes a key of what is derived, for a capability that reaches the keystore. The same input leads to the same key, which is there once.
func (s *Service) deriveNew(ctx context.Context, caller *auth.Caller, u *use, in DeriveKeyInput) (*KeyPayload, error) {
	at := place{keystore: u.record.Keystore}
	from := s.tag("derived key", u.record.ID, strconv.Itoa(u.derives(in)), string(*in.Type), string(in.PublicKey), string(in.Salt), string(in.Info))
	op, err := s.beginMaking(ctx, caller, actionDeriveKey, at, place{at.keystore, derivedID("derived", at.keystore, string(from))})
	if err != nil {
		return nil, err
	}
	if !in.Type.IsSymmetric() {
		return nil, Errorf(BadUserInput, "type: %s is not a symmetric type", *in.Type)
	}
	n, err := s.newKey(op, *in.Type, KeyOptions{LabelInput: LabelInput{Name: in.Name}}, true, in.SecretShares, s.tag("derive request", string(from), text(in.Name)))
	if err != nil {
		return nil, err
	}
	if again, err := s.repeatKey(ctx, n); again != nil || err != nil {
		return again, deriveError(err)
	}
	out, err := s.addKey(ctx, n, func() (*key.Key, error) {
		secret, err := u.derive(in, []byte(derivedInfo+string(*in.Type)+"\x00"+string(in.Info)), in.Type.SecretSize())
		if err != nil {
			return nil, err
		}
		defer clear(secret)
		return key.Parse(*in.Type, secret)
	})
	return out, deriveError(err)
}

func deriveError(err error) error {
	if errors.Is(err, errIdempotency) {
		return Errorf(Conflict, "name: the key that this derives is there already, under another")
	}
	return err
}

// maxRandom is how many bytes one request may ask for.
const maxRandom = 1024

// GenerateDataKey draws a key for the caller and encrypts it.
func (s *Service) GenerateDataKey(ctx context.Context, caller *auth.Caller, in GenerateDataKeyInput) (*GenerateDataKeyPayload, error) {
	w := in.wanted(actionGenerateDataKey, key.OpEncrypt)
	w.shares = in.SecretShares
	return single(ctx, s, caller, in.Key, w, func(u *use) (*GenerateDataKeyPayload, error) {
		if err := checkLength(in.Length); err != nil {
			return nil, err
		}
		if err := u.reserve(1); err != nil {
			return nil, err
		}
		return u.dataKey(in.options(in.AAD), in.Length, in.WithPlaintext)
	})
}

func checkLength(n int) error {
	if n < 1 || n > maxRandom {
		return Errorf(BadUserInput, "length: is %d instead of 1 to %d", n, maxRandom)
	}
	return nil
}

func (u *use) dataKey(o key.EncryptOptions, length int, withPlaintext bool) (*GenerateDataKeyPayload, error) {
	plain := random(length)
	sealed, err := u.encrypt(plain, o)
	if err != nil {
		return nil, err
	}
	out := &GenerateDataKeyPayload{Ciphertext: sealed.Ciphertext, Nonce: sealed.Nonce, Version: sealed.Version}
	if withPlaintext {
		out.Plaintext = plain
	} else {
		clear(plain)
	}
	return out, nil
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails: it ends the program instead
	return b
}

// Reencrypt decrypts with one key or version and encrypts with the newest version of the same key or another.
func (s *Service) Reencrypt(ctx context.Context, caller *auth.Caller, in ReencryptInput) (*ReencryptPayload, error) {
	r, err := s.reencryption(ctx, caller, in.Key, in.ReencryptOptions, in.SecretShares, 0)
	if err != nil {
		return nil, err
	}
	defer r.end()
	if err := r.to.reserve(1); err != nil {
		return nil, err
	}
	out, err := r.do(in.ReencryptItem)
	if err != nil {
		return nil, inputError(err)
	}
	return out, nil
}

// GenerateRandom draws bytes.
func (s *Service) GenerateRandom(ctx context.Context, caller *auth.Caller, in GenerateRandomInput) (*GenerateRandomPayload, error) {
	if _, err := s.atKeystore(ctx, caller, actionGenerateRandom, "keystore", in.Keystore); err != nil {
		return nil, err
	}
	if err := checkLength(in.Length); err != nil {
		return nil, err
	}
	return &GenerateRandomPayload{random(in.Length)}, nil
}
