package edv

import (
	"context"
	"errors"
	"sync"

	"twolock/keystore"
)

// A key's days are in its document. A version's usage is in the document it is in: the key's, as long as it is the newest, then its own. A rotation carries it over. Whoever counts
// meanwhile finds the key's document changed, looks again, and counts where the version is by then.

// ReserveMessages implements keystore.Keys: two requests for the newest version, three for another.
func (v *Vault) ReserveMessages(ctx context.Context, keystoreID, id string, version int, n, limit int64) (int64, error) {
	if v.mine(keystoreID, id) != nil {
		return 0, keystore.ErrNotFound
	}
	if n < 1 {
		return 0, errors.New("messages: must be 1 or more")
	}
	ctx, cancel := bound(ctx)
	defer cancel()
	there, err := v.getKey(ctx, id)
	if err != nil {
		return 0, err
	}
	if !there.key.readable() || !there.key.has(version) {
		return 0, keystore.ErrNotFound
	}
	var granted int64
	if err := v.count(ctx, there, version, func(u *usage) {
		granted = max(0, min(n, limit-u.Messages))
		u.Messages += granted
	}); err != nil {
		return 0, err
	}
	return granted, nil
}

// AddUses implements keystore.Keys: two requests, and two more for each version that is not the newest. Those that were added before one failed stay
// added.
func (v *Vault) AddUses(ctx context.Context, keystoreID, id string, uses []keystore.Usage) error {
	if err := v.mine(keystoreID, id); err != nil || len(uses) == 0 {
		return err
	}
	ctx, cancel := bound(ctx)
	defer cancel()
	there, err := v.getKey(ctx, id)
	if err != nil || !there.key.readable() {
		return err
	}
	versions, daily := map[int]usage{}, map[keystore.Day]int64{}
	for _, u := range uses {
		if there.key.has(u.Version) {
			versions[u.Version] = versions[u.Version].plus(u.Uses, u.LastUsedAt)
		}
		if u.Uses > 0 && !u.LastUsedAt.IsZero() {
			daily[keystore.DayOf(u.LastUsedAt)] += u.Uses
		}
	}
	newest := there.key.Newest
	counts := []func(context.Context) error{func(ctx context.Context) error { return v.addToKey(ctx, there, versions[newest], daily) }}
	for version, u := range versions {
		if version != newest {
			counts = append(counts, func(ctx context.Context) error {
				return v.count(ctx, there, version, func(now *usage) { *now = now.plus(u.Uses, u.LastUsedAt) })
			})
		}
	}
	return each(ctx, len(counts), func(ctx context.Context, i int) error {
		err := counts[i](ctx)
		if errors.Is(err, keystore.ErrNotFound) {
			return nil
		}
		return err
	})
}

// addToKey adds to what the key's document counts: the days, and the usage of what was the newest version when it was read.
func (v *Vault) addToKey(ctx context.Context, there filed, newest usage, daily map[keystore.Day]int64) error {
	add := func(u *usage) { *u = u.plus(newest.Uses, newest.LastUsedAt) }
	version := there.key.Newest
	now, err := v.change(ctx, there, func(k *keyContent) error {
		k.Days = k.Days.plus(daily)
		if k.Newest == version {
			add(&k.Usage)
		}
		return nil
	})
	if err != nil || now.key.Newest == version || newest == (usage{}) {
		return err
	}
	return v.count(ctx, now, version, add) // it has a document of its own by now
}

// count changes the usage of a version that the key, as it was just read, has. add may be called more than once, with what is counted by then.
// ErrNotFound when the version is not there any more.
func (v *Vault) count(ctx context.Context, key filed, version int, add func(u *usage)) error {
	if version == key.key.Newest {
		now, err := v.change(ctx, key, func(k *keyContent) error {
			if k.Newest == version {
				add(&k.Usage)
			}
			return nil
		})
		if err != nil || now.key.Newest == version {
			return err
		}
	}
	if len(key.key.older) > 0 { // of the first form: the version has no document yet
		if _, err := v.change(ctx, key, func(k *keyContent) error { k.older = nil; return nil }); err != nil {
			return err
		}
	}
	there, err := v.getVersion(ctx, key.key, version)
	if err != nil {
		return err
	}
	return settle(ctx, there, func(now filed, _ bool) error {
		if now.version == nil {
			return keystore.ErrNotFound
		}
		next := *now.version
		add(&next.Usage)
		if next.Usage == now.version.Usage {
			return nil
		}
		return v.putVersion(ctx, &next, now)
	})
}

// KeyUsage implements keystore.Keys: one request, and one for each version that is not the newest.
func (v *Vault) KeyUsage(ctx context.Context, keystoreID, id string, versions []int) (map[int]keystore.Usage, error) {
	if err := v.mine(keystoreID, id); err != nil || len(versions) == 0 {
		return nil, err
	}
	ctx, cancel := bound(ctx)
	defer cancel()
	got, err := v.getKey(ctx, id)
	if err != nil || !got.key.readable() {
		return nil, err
	}
	found := map[int]keystore.Usage{}
	var mu sync.Mutex
	add := func(version int, u usage) {
		if u != (usage{}) {
			mu.Lock()
			defer mu.Unlock()
			found[version] = u.record(version)
		}
	}
	return found, each(ctx, len(versions), func(ctx context.Context, i int) error {
		n := versions[i]
		switch {
		case n == got.key.Newest:
			add(n, got.key.Usage)
			return nil
		case !got.key.has(n):
			return nil
		}
		f, err := v.getVersion(ctx, got.key, n)
		if err == nil && f.version != nil {
			add(n, f.version.Usage)
		}
		return err
	})
}
