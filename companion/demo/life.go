package main

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"twolock/client"
)

// life is what happens to a key between its creation and its end: a new version, while what the old one signed still verifies; a deletion, which is
// taken back in time. signature is by the first version.
func (u *user) life(signature string) error {
	if err := u.rotate(); err != nil {
		return err
	}
	newer, err := u.sign()
	if err != nil {
		return err
	}
	if newer == signature {
		return errors.New("the key was rotated and signs as before")
	}
	if err := u.verify(signature, 1); err != nil {
		return err
	}
	if err := u.verify(newer, 2); err != nil {
		return err
	}
	if err := u.delete(); err != nil {
		return err
	}
	again, err := u.sign()
	if err != nil {
		return err
	}
	if again != newer {
		return errors.New("the key's deletion was cancelled, but it does not sign as before")
	}
	return nil
}

func (u *user) rotate() error {
	in, share := u.withShares(map[string]any{"key": u.key})
	u.out.arrow("alice", "twolock", "rotateKey{key%s}", share)
	var out struct {
		RotateKey struct {
			Key struct {
				Version   int
				PublicKey struct{ Bytes string }
			}
		}
	}
	err := u.do(u.key, "rotateKey", "mutation($input: RotateKeyInput!) { rotateKey(input: $input) { key { version publicKey { bytes } } } }", in, &out)
	if err != nil {
		return err
	}
	k := out.RotateKey.Key
	public, err := base64.RawURLEncoding.DecodeString(k.PublicKey.Bytes)
	if err != nil || len(public) != ed25519.PublicKeySize || k.Version != 2 {
		return fmt.Errorf("rotateKey did not return version 2, but %d, and its public key", k.Version)
	}
	u.public = public
	u.out.arrow("twolock", "alice", "version 2 and its public key")
	return nil
}

// verify asks which version a signature is by.
func (u *user) verify(signature string, by int) error {
	in, share := u.withShares(map[string]any{"key": u.key, "message": base64.RawURLEncoding.EncodeToString([]byte(message)), "signature": signature})
	u.out.arrow("alice", "twolock", "verify{message, signature%s}", share)
	var out struct {
		Verify struct {
			Valid   bool
			Version *int
		}
	}
	if err := u.do(u.key, "verify", "mutation($input: VerifyInput!) { verify(input: $input) { valid version } }", in, &out); err != nil {
		return err
	}
	if v := out.Verify; !v.Valid || v.Version == nil || *v.Version != by {
		return fmt.Errorf("verify did not say that the signature is by version %d", by)
	}
	u.out.arrow("twolock", "alice", "valid, by version %d", by)
	return nil
}

// delete begins the key's deletion, sees that it cannot be used, and cancels it.
func (u *user) delete() error {
	u.out.arrow("alice", "twolock", "deleteKey{key, 7 days}")
	var out struct {
		DeleteKey struct{ Key struct{ DeletesAt time.Time } }
	}
	err := u.do(u.key, "deleteKey", "mutation($input: DeleteKeyInput!) { deleteKey(input: $input) { key { deletesAt } } }",
		map[string]any{"key": u.key, "windowDays": 7}, &out)
	if err != nil {
		return err
	}
	ends := out.DeleteKey.Key.DeletesAt
	if left := time.Until(ends); left < 6*24*time.Hour || left > 8*24*time.Hour {
		return fmt.Errorf("deleteKey returned %s instead of a time in 7 days", ends)
	}
	u.out.arrow("twolock", "alice", "gone at %s, unless it is cancelled", ends.Format(time.DateOnly))
	_, err = u.sign()
	if refused, ok := errors.AsType[client.Errors](err); !ok || refused.Code() != "KEY_UNUSABLE" {
		return fmt.Errorf("a key that is to be deleted was answered %v instead of KEY_UNUSABLE", err)
	}
	u.out.arrow("twolock", "alice", "KEY_UNUSABLE")
	u.out.arrow("alice", "twolock", "cancelKeyDeletion{key}")
	err = u.do(u.key, "cancelKeyDeletion", "mutation($input: CancelKeyDeletionInput!) { cancelKeyDeletion(input: $input) { key { state } } }", map[string]any{"key": u.key}, nil)
	if err != nil {
		return err
	}
	u.out.arrow("twolock", "alice", "the key is as it was")
	return nil
}
