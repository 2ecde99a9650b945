package storagetest

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"twolock/crypto/key"
	"twolock/keystore"
)

// Keys runs the contract of keystore.Keys. Each call of open returns an empty store and the short ids of the keystores
// that exist in it: two where a store serves several, one where it serves that keystore alone (a vault).
func Keys(t *testing.T, open func(t *testing.T) (keystore.Keys, []string)) {
	for _, c := range []struct {
		name string
		run  func(*testing.T, keystore.Keys, []string)
	}{
		{"what was inserted comes back", keyComesBack},
		{"what comes back is the caller's own", keyIsACopy},
		{"a second insert finds the first", keyExists},
		{"what is not there is not found", keyNotFound},
		{"listing is ordered and paged", keysListed},
		{"keystores are apart", keystoresApart},
		{"an unknown keystore has no keys", unknownKeystore},
		{"an empty id is refused", emptyKeyIDs},
		{"one of many racing inserts wins", keyRace},
		{"concurrent inserts all stay", keyLoad},
		{"a cancelled insert writes nothing", keyCancelled},
	} {
		t.Run(c.name, func(t *testing.T) {
			keys, keystores := open(t)
			if len(keystores) == 0 {
				t.Fatal("open returned no keystore")
			}
			c.run(t, keys, keystores)
		})
	}
}

func keyComesBack(t *testing.T, keys keystore.Keys, keystores []string) {
	ctx := t.Context()
	signing := KeyRecord(keystores[0])
	symmetric := KeyRecord(keystores[0])
	symmetric.Type, symmetric.State, symmetric.PublicKey = key.AES256GCM, keystore.KeyDisabled, nil
	long := KeyRecord(keystores[0])
	long.PublicKey, long.Sealed = Bytes(2048), Bytes(4096)

	for _, want := range []keystore.KeyRecord{signing, symmetric, long} {
		if err := keys.InsertKey(ctx, want); err != nil {
			t.Fatalf("InsertKey(%s): %v", want.Type, err)
		}
		got, err := keys.Key(ctx, want.Keystore, want.ID)
		if err != nil {
			t.Fatalf("Key(%s): %v", want.Type, err)
		}
		sameKey(t, "Key", got, want)
		got, err = keys.KeyVersion(ctx, want.Keystore, want.ID, 1)
		if err != nil {
			t.Fatalf("KeyVersion(%s, 1): %v", want.Type, err)
		}
		sameKey(t, "KeyVersion", got, want)
	}
}

func keyIsACopy(t *testing.T, keys keystore.Keys, keystores []string) {
	ctx := t.Context()
	k := KeyRecord(keystores[0])
	given := k
	given.PublicKey, given.Sealed = bytes.Clone(k.PublicKey), bytes.Clone(k.Sealed)
	if err := keys.InsertKey(ctx, given); err != nil {
		t.Fatalf("InsertKey: %v", err)
	}
	clear(given.PublicKey)
	clear(given.Sealed)
	for range 2 {
		got, err := keys.Key(ctx, k.Keystore, k.ID)
		if err != nil {
			t.Fatalf("Key: %v", err)
		}
		sameKey(t, "after the caller wiped its own slices", got, k)
		clear(got.PublicKey)
		clear(got.Sealed)
	}
}

func keyExists(t *testing.T, keys keystore.Keys, keystores []string) {
	ctx := t.Context()
	first := KeyRecord(keystores[0])
	if err := keys.InsertKey(ctx, first); err != nil {
		t.Fatalf("InsertKey: %v", err)
	}
	second := KeyRecord(keystores[0])
	second.ID = first.ID
	for what, k := range map[string]keystore.KeyRecord{"another key": second, "the same again": first} {
		if err := keys.InsertKey(ctx, k); !errors.Is(err, keystore.ErrExists) {
			t.Errorf("InsertKey of %s under a taken id: got %v, want ErrExists", what, err)
		}
	}
	got, err := keys.Key(ctx, first.Keystore, first.ID)
	if err != nil {
		t.Fatalf("Key: %v", err)
	}
	sameKey(t, "after the refused inserts", got, first)
}

func keyNotFound(t *testing.T, keys keystore.Keys, keystores []string) {
	ctx := t.Context()
	k := KeyRecord(keystores[0])
	if err := keys.InsertKey(ctx, k); err != nil {
		t.Fatalf("InsertKey: %v", err)
	}
	if _, err := keys.Key(ctx, k.Keystore, ID()); !errors.Is(err, keystore.ErrNotFound) {
		t.Errorf("Key with a fresh id: got %v, want ErrNotFound", err)
	}
	if _, err := keys.KeyVersion(ctx, k.Keystore, ID(), 1); !errors.Is(err, keystore.ErrNotFound) {
		t.Errorf("KeyVersion with a fresh id: got %v, want ErrNotFound", err)
	}
	for _, version := range []int{2, 0, -1} {
		if _, err := keys.KeyVersion(ctx, k.Keystore, k.ID, version); !errors.Is(err, keystore.ErrNotFound) {
			t.Errorf("KeyVersion %d of a key with version 1: got %v, want ErrNotFound", version, err)
		}
	}
}

func keysListed(t *testing.T, keys keystore.Keys, keystores []string) {
	ctx, store := t.Context(), keystores[0]
	if got, err := keys.ListKeys(ctx, store, keystore.Position{}, 5); err != nil || len(got) != 0 {
		t.Fatalf("ListKeys of an empty keystore: got %d keys, error %v; want none", len(got), err)
	}
	var want []keystore.KeyRecord
	for i := range 11 {
		k := KeyRecord(store)
		k.CreatedAt = Moment(i / 4) // several keys of one moment: the id decides
		want = append(want, k)
	}
	for i := len(want) - 1; i >= 0; i-- { // the order of insertion must not matter
		if err := keys.InsertKey(ctx, want[i]); err != nil {
			t.Fatalf("InsertKey: %v", err)
		}
	}
	slices.SortFunc(want, func(a, b keystore.KeyRecord) int {
		if c := a.CreatedAt.Compare(b.CreatedAt); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	for _, limit := range []int{1, 3, 11, 100} {
		var got []keystore.KeyRecord
		after := keystore.Position{}
		for range len(want) + 2 {
			page, err := keys.ListKeys(ctx, store, after, limit)
			if err != nil {
				t.Fatalf("ListKeys: %v", err)
			}
			if len(page) > limit {
				t.Fatalf("ListKeys with limit %d: got %d keys", limit, len(page))
			}
			if len(page) == 0 {
				break
			}
			got = append(got, page...)
			last := page[len(page)-1]
			after = keystore.Position{CreatedAt: last.CreatedAt, ID: last.ID}
		}
		if len(got) != len(want) {
			t.Fatalf("pages of %d: got %d keys in all, want %d", limit, len(got), len(want))
		}
		for i := range want {
			sameKey(t, "listed", got[i], want[i])
		}
	}
	for _, limit := range []int{0, -1} {
		if got, _ := keys.ListKeys(ctx, store, keystore.Position{}, limit); len(got) != 0 {
			t.Errorf("ListKeys with limit %d: got %d keys, want none", limit, len(got))
		}
	}
}

func keystoresApart(t *testing.T, keys keystore.Keys, keystores []string) {
	if len(keystores) < 2 {
		return // a store for one keystore alone
	}
	ctx := t.Context()
	a, b := KeyRecord(keystores[0]), KeyRecord(keystores[1])
	b.ID = a.ID
	onlyA := KeyRecord(keystores[0])
	for _, k := range []keystore.KeyRecord{a, b, onlyA} {
		if err := keys.InsertKey(ctx, k); err != nil {
			t.Fatalf("InsertKey: %v", err)
		}
	}
	for _, want := range []keystore.KeyRecord{a, b} {
		got, err := keys.Key(ctx, want.Keystore, want.ID)
		if err != nil {
			t.Fatalf("Key: %v", err)
		}
		sameKey(t, "one id in two keystores", got, want)
		got, err = keys.KeyVersion(ctx, want.Keystore, want.ID, 1)
		if err != nil {
			t.Fatalf("KeyVersion: %v", err)
		}
		sameKey(t, "one id in two keystores", got, want)
	}
	if _, err := keys.Key(ctx, keystores[1], onlyA.ID); !errors.Is(err, keystore.ErrNotFound) {
		t.Errorf("Key of the first keystore asked of the second: got %v, want ErrNotFound", err)
	}
	if _, err := keys.KeyVersion(ctx, keystores[1], onlyA.ID, 1); !errors.Is(err, keystore.ErrNotFound) {
		t.Errorf("KeyVersion of the first keystore asked of the second: got %v, want ErrNotFound", err)
	}
	for i, want := range []int{2, 1} {
		got, err := keys.ListKeys(ctx, keystores[i], keystore.Position{}, 10)
		if err != nil || len(got) != want {
			t.Errorf("ListKeys of keystore %d: got %d keys, error %v; want %d", i, len(got), err, want)
		}
		for _, k := range got {
			if k.Keystore != keystores[i] {
				t.Errorf("ListKeys of %s: got a key of %s", keystores[i], k.Keystore)
			}
		}
	}
}

func unknownKeystore(t *testing.T, keys keystore.Keys, keystores []string) {
	ctx := t.Context()
	k := KeyRecord(keystores[0])
	if err := keys.InsertKey(ctx, k); err != nil {
		t.Fatalf("InsertKey: %v", err)
	}
	stranger := ID()
	if got, err := keys.Key(ctx, stranger, k.ID); err == nil || got.Sealed != nil {
		t.Errorf("Key asked of an unknown keystore: got %v and error %v, want an error alone", got.ID, err)
	}
	if got, err := keys.KeyVersion(ctx, stranger, k.ID, 1); err == nil || got.Sealed != nil {
		t.Errorf("KeyVersion asked of an unknown keystore: got %v and error %v, want an error alone", got.ID, err)
	}
	if got, _ := keys.ListKeys(ctx, stranger, keystore.Position{}, 10); len(got) != 0 {
		t.Errorf("ListKeys of an unknown keystore: got %d keys, want none", len(got))
	}
	lost := KeyRecord(stranger)
	if err := keys.InsertKey(ctx, lost); err == nil {
		t.Error("InsertKey into an unknown keystore succeeded")
	}
}

func emptyKeyIDs(t *testing.T, keys keystore.Keys, keystores []string) {
	ctx := t.Context()
	k := KeyRecord(keystores[0])
	if err := keys.InsertKey(ctx, k); err != nil {
		t.Fatalf("InsertKey: %v", err)
	}
	// An empty id must never mean "any": that shows one keystore's keys to another.
	for _, id := range [][2]string{{"", k.ID}, {k.Keystore, ""}, {"", ""}} {
		if got, err := keys.Key(ctx, id[0], id[1]); err == nil || got.Sealed != nil {
			t.Errorf("Key(%q, %q): got a key or no error", id[0], id[1])
		}
		if got, err := keys.KeyVersion(ctx, id[0], id[1], 1); err == nil || got.Sealed != nil {
			t.Errorf("KeyVersion(%q, %q): got a key or no error", id[0], id[1])
		}
		nameless := KeyRecord(id[0])
		nameless.ID = id[1]
		if err := keys.InsertKey(ctx, nameless); err == nil {
			t.Errorf("InsertKey(%q, %q): no error", id[0], id[1])
		}
	}
	if got, err := keys.ListKeys(ctx, "", keystore.Position{}, 10); err == nil || len(got) != 0 {
		t.Errorf("ListKeys of keystore \"\": got %d keys, error %v; want an error", len(got), err)
	}
}

func keyRace(t *testing.T, keys keystore.Keys, keystores []string) {
	ctx, id := t.Context(), ID()
	var wg sync.WaitGroup
	var mu sync.Mutex
	var won []keystore.KeyRecord
	for range 8 {
		wg.Go(func() {
			k := KeyRecord(keystores[0])
			k.ID = id
			switch err := keys.InsertKey(ctx, k); {
			case err == nil:
				mu.Lock()
				won = append(won, k)
				mu.Unlock()
			case !errors.Is(err, keystore.ErrExists):
				t.Errorf("InsertKey of a racing key: got %v, want nil or ErrExists", err)
			}
		})
	}
	wg.Wait()
	if len(won) != 1 {
		t.Fatalf("%d of 8 racing inserts were acknowledged, want 1", len(won))
	}
	got, err := keys.Key(ctx, keystores[0], id)
	if err != nil {
		t.Fatalf("Key: %v", err)
	}
	sameKey(t, "the winner", got, won[0])
}

func keyLoad(t *testing.T, keys keystore.Keys, keystores []string) {
	ctx := t.Context()
	inserted := make([]keystore.KeyRecord, 48)
	var wg sync.WaitGroup
	for w := range 6 {
		wg.Go(func() {
			for i := w; i < len(inserted); i += 6 {
				inserted[i] = KeyRecord(keystores[0])
				if err := keys.InsertKey(ctx, inserted[i]); err != nil {
					t.Errorf("InsertKey: %v", err)
				}
			}
		})
	}
	wg.Wait()
	for _, want := range inserted {
		got, err := keys.Key(ctx, want.Keystore, want.ID)
		if err != nil {
			t.Fatalf("Key after concurrent inserts: %v", err)
		}
		sameKey(t, "after concurrent inserts", got, want)
	}
}

func keyCancelled(t *testing.T, keys keystore.Keys, keystores []string) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	k := KeyRecord(keystores[0])
	began := time.Now()
	if err := keys.InsertKey(ctx, k); err == nil {
		t.Error("InsertKey under a cancelled context succeeded")
	}
	if _, err := keys.Key(ctx, k.Keystore, k.ID); err == nil || errors.Is(err, keystore.ErrNotFound) {
		t.Errorf("Key under a cancelled context: got %v, want the context's error", err)
	}
	if d := time.Since(began); d > 2*time.Second {
		t.Errorf("refusing under a cancelled context took %v", d)
	}
	if _, err := keys.Key(t.Context(), k.Keystore, k.ID); !errors.Is(err, keystore.ErrNotFound) {
		t.Errorf("Key after the cancelled insert: got %v, want ErrNotFound", err)
	}
}
