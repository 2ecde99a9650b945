package edv

import (
	"context"
	"errors"
	"slices"

	"golang.org/x/sync/errgroup"

	"twolock/keystore"
)

// A key's document decides: which versions there are, where they lie, what the newest one is. It is replaced as a whole, and only by what follows
// the document that was read. So of two who change a key at once one comes second, and looks again.
//
// A rotation writes two documents, the outgoing version's own first. Cut off between the two, it leaves the key as it was: the version is still the
// newest, and its copy is nothing that anybody reads, until the next rotation finds it there and brings its usage up to date. Nothing is lost,
// because the key's document loses a version only by the write that follows the one of the version's own document.
//
// A deletion writes "leaving" into the key's document first, from which there is no way back, then empties the versions' documents, and the key's
// last. Cut off in the middle, it leaves a key that is on its way out and knows what is left of it: DeleteKey again goes on from there.

// InsertKey implements keystore.Keys: one request, unless it gets no clear answer or finds something there. With older versions, one to look whether
// the key is there, and one for each version. Those that an insert leaves behind when it is cut off before the key's own document are found by
// nobody. As many go in as the vault takes within Deadline; add the rest with UpdateKey.
func (v *Vault) InsertKey(ctx context.Context, r keystore.KeyRecord, older ...keystore.KeyVersion) error {
	if r.Keystore != v.keystore {
		return errOtherKeystore
	}
	k, err := newKey(&r)
	if err != nil {
		return err
	}
	k.Usage.Messages = r.Messages
	if err := checkOlder(k, older); err != nil {
		return err
	}
	ctx, cancel := bound(ctx)
	defer cancel()
	there := absent
	if len(older) > 0 {
		if there, err = v.getKey(ctx, k.ID); err != nil {
			return err
		}
		if there.key != nil {
			return keystore.ErrExists
		}
		if err := v.fileOlder(ctx, k, older); err != nil {
			return err
		}
	}
	var tried []int64 // sequence
	err = settle(ctx, there, func(now filed, doubt bool) error {
		switch {
		case now.key != nil && doubt && slices.Equal(now.key.Shelf, k.Shelf): // ours, whatever became of it since
			return nil
		case now.key != nil:
			return keystore.ErrExists
		case slices.Contains(tried, now.sequence): // then it is not the place that is taken
			if err := v.nameIsFree(ctx, k); err != nil {
				return err
			}
		}
		tried = append(tried, now.sequence)
		return v.putKey(ctx, k, now)
	})
	if len(older) > 0 && (errors.Is(err, keystore.ErrExists) || errors.Is(err, keystore.ErrNameTaken)) {
		_ = v.emptyVersions(ctx, k, k.Oldest, k.Newest) // what stays is found by nobody
	}
	return err
}

func checkOlder(k *keyContent, older []keystore.KeyVersion) error {
	seen := map[int]bool{}
	for _, o := range older {
		if o.Version < k.Oldest || o.Version >= k.Newest || seen[o.Version] {
			return errors.New("older: must be versions from the oldest to the newest, each once")
		}
		seen[o.Version] = true
	}
	if len(older) != k.Newest-k.Oldest {
		return errors.New("older: must be every version from the oldest to the newest")
	}
	return nil
}

func (v *Vault) fileOlder(ctx context.Context, k *keyContent, older []keystore.KeyVersion) error {
	return each(ctx, len(older), func(ctx context.Context, i int) error {
		_, err := v.fileVersion(ctx, k, versionOf(&older[i]), usage{}, absent)
		return err
	})
}

// each calls do for 0 to n-1, a few at a time, until one fails.
func each(ctx context.Context, n int, do func(ctx context.Context, i int) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for i := range n {
		group.Go(func() error { return do(ctx, i) })
	}
	return group.Wait()
}

// nameIsFree looks why the vault refused a key though nothing that was seen speaks against it. nil: its name was another's and is free by now.
func (v *Vault) nameIsFree(ctx context.Context, k *keyContent) error {
	if k.Name == "" {
		return errContradiction
	}
	found, err := v.named(ctx, k.Name)
	if err != nil {
		return err
	}
	for _, f := range found {
		switch {
		case f.key != nil && f.key.ID == k.ID:
			return errContradiction
		case f.key != nil || f.damage != nil:
			return keystore.ErrNameTaken
		}
	}
	return nil
}

// Key implements keystore.Keys: one request.
func (v *Vault) Key(ctx context.Context, keystoreID, id string) (keystore.KeyRecord, error) {
	if v.mine(keystoreID, id) != nil {
		return keystore.KeyRecord{}, keystore.ErrNotFound
	}
	ctx, cancel := bound(ctx)
	defer cancel()
	got, err := v.getKey(ctx, id)
	if err != nil {
		return keystore.KeyRecord{}, err
	}
	if !got.key.readable() {
		return keystore.KeyRecord{}, keystore.ErrNotFound
	}
	return got.key.record(), nil
}

// UpdateKey implements keystore.Keys: two requests, and one more when a version is added. Each version that falls below Oldest takes two more,
// and one for 64 of them. A vault that fails while these are emptied does not undo the update: they belong to the key no more, and the next update
// that the key gets, or its deletion, goes on emptying.
func (v *Vault) UpdateKey(ctx context.Context, r keystore.KeyRecord, added *keystore.KeyVersion) error {
	if v.mine(r.Keystore, r.ID) != nil {
		return keystore.ErrNotFound
	}
	ctx, cancel := bound(ctx)
	defer cancel()
	there, err := v.getKey(ctx, r.ID)
	if err != nil {
		return err
	}
	var written filed
	outgoing := absent // the own document of what is the newest version so far
	var tried []int64  // sequence
	err = settle(ctx, there, func(now filed, doubt bool) error {
		switch {
		case now.key == nil || now.key.Leaving:
			return keystore.ErrNotFound
		case doubt && now.key.Revision == r.Revision && now.key.equal(written.key):
			written = now
			return nil
		case doubt && now.key.Revision > r.Revision:
			return errUnknown
		case now.key.Revision != r.Revision-1:
			return keystore.ErrStale
		}
		next, err := now.key.updated(&r, added)
		if err != nil {
			return err
		}
		if slices.Contains(tried, now.sequence) {
			if err := v.nameIsFree(ctx, next); err != nil {
				return err
			}
		}
		tried = append(tried, now.sequence)
		if err := v.fileInner(ctx, now.key); err != nil {
			return err
		}
		if added != nil {
			if outgoing, err = v.fileVersion(ctx, now.key, now.key.Version, now.key.Usage, outgoing); err != nil {
				return err
			}
		}
		written = filed{sequence: now.sequence + 1, key: next}
		return v.putKey(ctx, next, now)
	})
	if err == nil && written.key.Swept < written.key.Oldest {
		_, _ = v.sweep(ctx, written, written.key.Oldest-1)
	}
	return err
}

// fileInner writes the versions that a document of the first form has in it beside the newest.
func (v *Vault) fileInner(ctx context.Context, k *keyContent) error {
	return each(ctx, len(k.older), func(ctx context.Context, i int) error {
		_, err := v.fileVersion(ctx, k, k.older[i], usage{}, absent)
		return err
	})
}

// fileVersion writes a version's own document, or sees to it that the one that is there counts no less. It takes what was seen there last and returns
// what is there then.
//
// What is there was written by a rotation that was cut off, or by one that is faster: then its usage may have grown since, and this one,
// whose count is older, must not take it back. Where a version was emptied, the key's document has moved on, and whoever writes it next learns so.
func (v *Vault) fileVersion(ctx context.Context, k *keyContent, ver version, used usage, there filed) (filed, error) {
	at := k.place
	at.Kind = kindVersion
	err := settle(ctx, there, func(now filed, _ bool) error {
		there = now
		content := versionContent{place: at, Version: ver, Usage: used}
		if now.version != nil {
			if !now.version.Version.same(&ver) {
				return damaged(errors.New("another version is where this one belongs"))
			}
			content.Usage = used.atLeast(now.version.Usage)
			if content.Usage == now.version.Usage {
				return nil
			}
		} else if now.sequence != absent.sequence {
			return nil
		}
		there = filed{sequence: now.sequence + 1, version: &content}
		return v.putVersion(ctx, &content, now)
	})
	return there, err
}

// DeleteKey implements keystore.Keys: four requests, and two more for each older version (and one for 64 of them). Several hundred versions take longer
// than Deadline; then the error is retryable, and the same call again goes on where this one ended. Key and ListKeys show a key whose deletion
// was announced (DeleteAt) until it has ended; ListKeys shows the others too, so that they are found. UpdateKey calls back neither.
func (v *Vault) DeleteKey(ctx context.Context, keystoreID, id string, revision int64) error {
	if v.mine(keystoreID, id) != nil {
		return keystore.ErrNotFound
	}
	ctx, cancel := bound(ctx)
	defer cancel()
	there, err := v.getKey(ctx, id)
	switch {
	case err != nil:
		return err
	case there.key == nil:
		return keystore.ErrNotFound
	case there.key.Revision != revision:
		return keystore.ErrStale
	}
	if there, err = v.change(ctx, there, func(k *keyContent) error {
		if k.Revision != revision {
			return keystore.ErrStale
		}
		k.Leaving = true
		return nil
	}); err != nil {
		return err
	}
	// The newest version too: a rotation that was cut off, or is under way, has a copy of it.
	if there, err = v.sweep(ctx, there, there.key.Newest); err != nil {
		return err
	}
	shelf := there.key.Shelf
	return settle(ctx, there, func(now filed, _ bool) error {
		if now.key == nil || !slices.Equal(now.key.Shelf, shelf) { // somebody else deleted it, too
			return nil
		}
		return v.putTombstone(ctx, v.cabinet.keyID(id), now)
	})
}

// change changes a key's document, but for its revision: what is no update but for the store itself.
// ErrNotFound when the key is not there any more, or not this one.
func (v *Vault) change(ctx context.Context, there filed, change func(k *keyContent) error) (now filed, err error) {
	shelf := there.key.Shelf
	err = settle(ctx, there, func(was filed, _ bool) error {
		if was.key == nil || !slices.Equal(was.key.Shelf, shelf) {
			return keystore.ErrNotFound
		}
		next := *was.key
		if err := change(&next); err != nil {
			return err
		}
		if len(was.key.older) == 0 && next.equal(was.key) && next.Usage == was.key.Usage && slices.Equal(next.Days, was.key.Days) && next.Swept == was.key.Swept {
			now = was
			return nil
		}
		if err := v.fileInner(ctx, was.key); err != nil {
			return err
		}
		next.older = nil
		now = filed{sequence: was.sequence + 1, key: &next}
		return v.putKey(ctx, &next, was)
	})
	return now, err
}

// sweepAtOnce is how many versions are emptied before the key's document says so.
const sweepAtOnce = 64

// sweep empties the documents of the key's versions up to last, of those that may be there. It returns the key's document as it is then.
func (v *Vault) sweep(ctx context.Context, there filed, last int) (filed, error) {
	for there.key != nil && there.key.Swept <= last {
		end := min(there.key.Swept+sweepAtOnce, last+1)
		if err := v.emptyVersions(ctx, there.key, there.key.Swept, end); err != nil {
			return there, err
		}
		if end > there.key.Newest { // all of a key that leaves: what its document becomes next says so
			return there, nil
		}
		var err error
		if there, err = v.change(ctx, there, func(k *keyContent) error {
			k.Swept = max(k.Swept, end)
			return nil
		}); err != nil {
			return there, err
		}
	}
	return there, nil
}

// emptyVersions empties the documents of versions from first to before end.
func (v *Vault) emptyVersions(ctx context.Context, k *keyContent, first, end int) error {
	return each(ctx, end-first, func(ctx context.Context, i int) error {
		return v.emptyVersion(ctx, k, first+i)
	})
}

// emptyVersion leaves a tombstone where a version's document is, whether it can be read or not. Where the newest has none it leaves one as well:
// a rotation that is under way somewhere then finds the place taken, instead of putting a copy where nobody would look for it any more.
func (v *Vault) emptyVersion(ctx context.Context, k *keyContent, n int) error {
	id := v.cabinet.versionID(k.place, n)
	there, err := absent, error(nil)
	if n < k.Newest {
		if there, err = v.get(ctx, id); err != nil || there.sequence == absent.sequence {
			return err
		}
	}
	for range attempts {
		if there.sequence != absent.sequence && there.version == nil && there.damage == nil {
			return nil
		}
		err := v.putTombstone(ctx, id, there)
		c, ok := errors.AsType[*conflict](err)
		if !ok {
			return err
		}
		there = c.now
	}
	return unavailable(true, "others keep changing the document in the vault", nil)
}

// DestroyKey implements keystore.Keys: of a key that can be read as DeleteKey does; of another, two requests. The document says where those of the older
// versions are, so that what cannot be read leaves them behind, with nothing that tells whose they are.
func (v *Vault) DestroyKey(ctx context.Context, keystoreID, id string) error {
	if v.mine(keystoreID, id) != nil {
		return keystore.ErrNotFound
	}
	ctx, cancel := bound(ctx)
	defer cancel()
	there, err := v.get(ctx, v.cabinet.keyID(id))
	for range attempts {
		switch {
		case err != nil:
			return err
		case there.key != nil:
			return v.DeleteKey(ctx, keystoreID, id, there.key.Revision)
		case there.damage == nil:
			return keystore.ErrNotFound
		}
		err = v.putTombstone(ctx, v.cabinet.keyID(id), there)
		c, ok := errors.AsType[*conflict](err)
		if !ok {
			return err
		}
		there, err = c.now, nil
	}
	return unavailable(true, "others keep changing the document in the vault", nil)
}
