package keystore

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"

	"twolock/auth"
	"twolock/crypto/key"
)

const maxBatch = 1000

// batch runs an operation on every item, on all processors. An item's error is its own; what stops one stops no other.
func batch(ctx context.Context, items int, do func(i int, out *Result) error) (*BatchPayload, error) {
	results := make([]Result, items)
	one := func(i int) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := inputError(do(i, &results[i]))
		if e, ok := errors.AsType[*Error](err); ok {
			results[i] = Result{Error: &ItemError{string(e.Code), e.Message}}
			return nil
		}
		return err // ours, and the request's: it is not told, but logged
	}
	workers := min(runtime.GOMAXPROCS(0), (items+minShare-1)/minShare)
	if workers < 2 {
		for i := range items {
			if err := one(i); err != nil {
				return nil, tooLong(err)
			}
		}
		return &BatchPayload{results}, nil
	}
	var next atomic.Int64
	failed := make([]error, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			failed[w] = contained(func() error {
				for {
					from := int(next.Add(minShare)) - minShare
					if from >= items {
						return nil
					}
					for i := from; i < min(from+minShare, items); i++ {
						if err := one(i); err != nil {
							next.Store(int64(items)) // nobody goes on
							return err
						}
					}
				}
			})
		})
	}
	wg.Wait()
	if err := errors.Join(failed...); err != nil {
		return nil, tooLong(err)
	}
	return &BatchPayload{results}, nil
}

// tooLong tells a caller whose request ran out of time what to do.
func tooLong(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return &Error{Code: RateLimited, Retryable: true, Message: "the batch took too long: send fewer items at a time", Err: err}
	}
	return err
}

// minShare is how many items a worker takes at a time.
const minShare = 8

// checkBatch refuses a batch of nothing, or too much.
func checkBatch(field string, n int) error {
	if n < 1 || n > maxBatch {
		return Errorf(BadUserInput, "%s: are %d instead of 1 to %d", field, n, maxBatch)
	}
	return nil
}

// batchOf runs a batch with one key. reserves says that each item encrypts a message.
func (s *Service) batchOf(ctx context.Context, caller *auth.Caller, url string, w wanted, field string, items int, reserves bool, do func(u *use, i int, out *Result) error) (*BatchPayload, error) {
	w.items = items
	u, err := s.use(ctx, caller, "key", url, w)
	if err != nil {
		return nil, err
	}
	defer u.end()
	if err := checkBatch(field, items); err != nil {
		return nil, err
	}
	if _, _, err := u.newest(); err != nil { // the request's, and not every item's: the locks are asked once
		return nil, err
	}
	if reserves {
		if err := u.reserve(int64(items)); err != nil {
			return nil, err
		}
	}
	return batch(ctx, items, func(i int, out *Result) error { return do(u, i, out) })
}

// SignBatch signs messages.
func (s *Service) SignBatch(ctx context.Context, caller *auth.Caller, in SignBatchInput) (*BatchPayload, error) {
	w, o := in.wanted(actionSign, key.OpSign), in.options()
	w.shares = in.SecretShares
	return s.batchOf(ctx, caller, in.Key, w, "messages", len(in.Messages), false, func(u *use, i int, out *Result) error {
		p, err := u.sign(in.Messages[i], o)
		if err == nil {
			out.Signature, out.Version = p.Signature, &p.Version
		}
		return err
	})
}

// VerifyBatch verifies signatures.
func (s *Service) VerifyBatch(ctx context.Context, caller *auth.Caller, in VerifyBatchInput) (*BatchPayload, error) {
	w, o := in.wanted(actionVerify, key.OpVerify), in.options()
	w.shares = in.SecretShares
	return s.batchOf(ctx, caller, in.Key, w, "items", len(in.Items), false, func(u *use, i int, out *Result) error {
		p, err := u.verify(in.Items[i], o)
		if err == nil {
			out.Valid, out.Version = &p.Valid, p.Version
		}
		return err
	})
}

// EncryptBatch seals plaintexts.
func (s *Service) EncryptBatch(ctx context.Context, caller *auth.Caller, in EncryptBatchInput) (*BatchPayload, error) {
	w := in.wanted(actionEncrypt, key.OpEncrypt)
	w.shares = in.SecretShares
	return s.batchOf(ctx, caller, in.Key, w, "items", len(in.Items), true, func(u *use, i int, out *Result) error {
		p, err := u.encrypt(in.Items[i].Plaintext, in.options(in.Items[i].AAD))
		if err == nil {
			out.Ciphertext, out.Nonce, out.Version = p.Ciphertext, p.Nonce, &p.Version
		}
		return err
	})
}

// DecryptBatch opens ciphertexts.
func (s *Service) DecryptBatch(ctx context.Context, caller *auth.Caller, in DecryptBatchInput) (*BatchPayload, error) {
	w := in.wanted(actionDecrypt, key.OpDecrypt)
	w.shares = in.SecretShares
	return s.batchOf(ctx, caller, in.Key, w, "items", len(in.Items), false, func(u *use, i int, out *Result) error {
		p, err := u.decrypt(in.Items[i], in.EncryptionOptions)
		if err == nil {
			out.Plaintext, out.Version = p.Plaintext, &p.Version
		}
		return err
	})
}

// ComputeMacBatch authenticates data.
func (s *Service) ComputeMacBatch(ctx context.Context, caller *auth.Caller, in ComputeMacBatchInput) (*BatchPayload, error) {
	w := wanted{action: actionComputeMac, operation: key.OpComputeMAC, shares: in.SecretShares}
	return s.batchOf(ctx, caller, in.Key, w, "data", len(in.Data), false, func(u *use, i int, out *Result) error {
		p, err := u.computeMac(in.Data[i])
		if err == nil {
			out.Mac, out.Version = p.Mac, &p.Version
		}
		return err
	})
}

// VerifyMacBatch verifies authentication codes.
func (s *Service) VerifyMacBatch(ctx context.Context, caller *auth.Caller, in VerifyMacBatchInput) (*BatchPayload, error) {
	w := wanted{action: actionVerifyMac, operation: key.OpVerifyMAC, shares: in.SecretShares}
	return s.batchOf(ctx, caller, in.Key, w, "items", len(in.Items), false, func(u *use, i int, out *Result) error {
		p, err := u.verifyMac(in.Items[i])
		if err == nil {
			out.Valid, out.Version = &p.Valid, p.Version
		}
		return err
	})
}

// GenerateDataKeyBatch draws keys for the caller and encrypts them.
func (s *Service) GenerateDataKeyBatch(ctx context.Context, caller *auth.Caller, in GenerateDataKeyBatchInput) (*BatchPayload, error) {
	w := in.wanted(actionGenerateDataKey, key.OpEncrypt)
	w.shares = in.SecretShares
	return s.batchOf(ctx, caller, in.Key, w, "items", len(in.Items), true, func(u *use, i int, out *Result) error {
		if err := checkLength(in.Length); err != nil {
			return err
		}
		p, err := u.dataKey(in.options(in.Items[i].AAD), in.Length, in.WithPlaintext)
		if err == nil {
			out.Plaintext, out.Ciphertext, out.Nonce, out.Version = p.Plaintext, p.Ciphertext, p.Nonce, &p.Version
		}
		return err
	})
}

// ReencryptBatch reencrypts ciphertexts.
func (s *Service) ReencryptBatch(ctx context.Context, caller *auth.Caller, in ReencryptBatchInput) (*BatchPayload, error) {
	r, err := s.reencryption(ctx, caller, in.Key, in.ReencryptOptions, in.SecretShares, len(in.Items))
	if err != nil {
		return nil, err
	}
	defer r.end()
	if err := checkBatch("items", len(in.Items)); err != nil {
		return nil, err
	}
	for _, u := range []*use{r.from, r.to} {
		if _, _, err := u.newest(); err != nil {
			return nil, err
		}
	}
	if err := r.to.reserve(int64(len(in.Items))); err != nil {
		return nil, err
	}
	return batch(ctx, len(in.Items), func(i int, out *Result) error {
		p, err := r.do(in.Items[i])
		if err == nil {
			out.Ciphertext, out.Nonce, out.SourceVersion, out.Version = p.Ciphertext, p.Nonce, &p.SourceVersion, &p.Version
		}
		return err
	})
}
