package edv

import (
	"context"
	"errors"
	"slices"

	"twolock/keystore"
)

// KeyVersion implements keystore.Keys: one request for the newest version, two for another.
func (v *Vault) KeyVersion(ctx context.Context, keystoreID, id string, n int) (keystore.KeyVersion, error) {
	if v.mine(keystoreID, id) != nil {
		return keystore.KeyVersion{}, keystore.ErrNotFound
	}
	ctx, cancel := bound(ctx)
	defer cancel()
	got, err := v.getKey(ctx, id)
	if err != nil {
		return keystore.KeyVersion{}, err
	}
	if !got.key.readable() || !got.key.has(n) {
		return keystore.KeyVersion{}, keystore.ErrNotFound
	}
	return v.versionOf(ctx, got.key, n)
}

// maxVersions is how many versions KeyVersions returns at most, whatever its limit.
const maxVersions = 100

// KeyVersions implements keystore.Keys: one request, and one for each version that is not the newest. At most 100 at a time.
func (v *Vault) KeyVersions(ctx context.Context, keystoreID, id string, below, limit int) ([]keystore.KeyVersion, error) {
	if err := v.mine(keystoreID, id); err != nil || limit < 1 {
		return nil, err
	}
	ctx, cancel := bound(ctx)
	defer cancel()
	got, err := v.getKey(ctx, id)
	if err != nil || !got.key.readable() {
		return nil, err
	}
	k := got.key
	first := k.Newest
	if below > 0 {
		first = min(first, below-1)
	}
	n := min(limit, maxVersions, first-k.Oldest+1)
	if n < 1 {
		return nil, nil
	}
	versions := make([]keystore.KeyVersion, n)
	err = each(ctx, n, func(ctx context.Context, i int) (err error) {
		versions[i], err = v.versionOf(ctx, k, first-i)
		if errors.Is(err, keystore.ErrNotFound) {
			return nil
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(versions, func(v keystore.KeyVersion) bool { return v.Version == 0 }), nil
}

// versionOf returns a version that the key's document, as it was just read, has. ErrNotFound when it was trimmed since.
func (v *Vault) versionOf(ctx context.Context, k *keyContent, n int) (keystore.KeyVersion, error) {
	if n == k.Newest {
		return k.Version.record(), nil
	}
	for i := range k.older {
		if k.older[i].Version == n {
			return k.older[i].record(), nil
		}
	}
	got, err := v.getVersion(ctx, k, n)
	if err != nil {
		return keystore.KeyVersion{}, err
	}
	if got.version != nil {
		return got.version.Version.record(), nil
	}
	now, err := v.getKey(ctx, k.ID)
	switch {
	case err != nil:
		return keystore.KeyVersion{}, err
	case !now.key.readable(), !slices.Equal(now.key.Shelf, k.Shelf), !now.key.has(n):
		return keystore.KeyVersion{}, keystore.ErrNotFound
	}
	return keystore.KeyVersion{}, damaged(errors.New("the vault does not have a version that the key has"))
}
