package keystore

import (
	"context"
	"encoding/json"

	"twolock/auth"
	"twolock/crypto/jwe"
	"twolock/crypto/key"
	"twolock/crypto/secret"
)

// ImportKey takes a key from outside: private, secret, or public.
func (s *Service) ImportKey(ctx context.Context, caller *auth.Caller, in ImportKeyInput) (*KeyPayload, error) {
	op, err := s.atNewKey(ctx, caller, actionImportKey, in.Keystore, in.IdempotencyKey)
	if err != nil {
		return nil, err
	}
	if (in.Wrapped == nil) != (in.UnwrappingKey == nil) {
		return nil, Errorf(BadUserInput, "wrapped, unwrappingKey: are given together or not at all")
	}
	given := 0
	for _, is := range []bool{in.JWK != nil, in.Pkcs8 != nil, in.Spki != nil, in.Raw != nil, in.Wrapped != nil} {
		if is {
			given++
		}
	}
	if given != 1 {
		return nil, Errorf(BadUserInput, "input: exactly one of jwk, pkcs8, spki, raw and wrapped must be given, not %d", given)
	}
	options, err := digest("import", in.Type, in.KeyOptions)
	if err != nil {
		return nil, err
	}
	// Keyed, so that nobody who reads it can try keys on it.
	request := s.tagOf([]byte("import request"), options, in.JWK, in.Pkcs8, in.Spki, in.Raw, []byte(text(in.Wrapped)), []byte(text(in.UnwrappingKey)))
	n, err := s.newKey(op, in.Type, in.KeyOptions, in.IdempotencyKey != nil, in.SecretShares, request)
	if err != nil {
		return nil, err
	}
	if again, err := s.repeatKey(ctx, n); again != nil || err != nil {
		return again, err
	}
	return s.addKey(ctx, n, func() (*key.Key, error) {
		material := key.Material{JWK: json.RawMessage(in.JWK), PKCS8: in.Pkcs8, SPKI: in.Spki, Raw: in.Raw}
		if in.Wrapped == nil {
			return s.importMaterial(ctx, op.at.keystore, in.Type, material, 1)
		}
		jwk, err := s.unwrapJWE(ctx, caller, op, "wrapped", *in.Wrapped, *in.UnwrappingKey, in.SecretShares)
		if err != nil {
			return nil, err
		}
		defer clear(jwk)
		material.JWK = jwk
		return s.importMaterial(ctx, op.at.keystore, in.Type, material, 1)
	})
}

// unwrapJWE opens a JWE with a key of the keystore at which an operation has begun. field is the JWE's, for the error.
func (s *Service) unwrapJWE(ctx context.Context, caller *auth.Caller, op *operation, field, compact, url string, shares []secret.Bytes) (json.RawMessage, error) {
	message, err := jwe.Parse(compact)
	if err != nil {
		return nil, Errorf(BadUserInput, "%s: %v", field, err)
	}
	at, err := s.keyAt("unwrappingKey", url)
	if err != nil {
		return nil, err
	}
	if at.keystore != op.at.keystore {
		return nil, Errorf(BadUserInput, "unwrappingKey: is a key of another keystore")
	}
	if !caller.MayDo(actionUnwrapKey) {
		return nil, Errorf(Forbidden, "unwrappingKey: needs a capability that allows %q too", actionUnwrapKey)
	}
	algorithm := message.Algorithm()
	u, err := s.useAt(ctx, &operation{caller: caller, at: at, record: op.record}, wanted{field: "unwrappingKey", operation: key.OpUnwrapKey, of: key.WrapAlgorithms(), algorithm: &algorithm, shares: shares})
	if err != nil {
		return nil, err
	}
	defer u.end()
	if err := s.audit(caller, actionUnwrapKey, at, 0); err != nil {
		return nil, err
	}
	out, err := byAny(u, nil, key.OpUnwrapKey, func(k *key.Key, _ int) (*[]byte, error) {
		plain, err := message.Open(k.Unwrap)
		return &plain, err
	})
	if CodeOf(err) == BadUserInput {
		return nil, Errorf(BadUserInput, "%s: does not open with the unwrappingKey", field)
	}
	if err != nil {
		return nil, err
	}
	return *out, nil
}
