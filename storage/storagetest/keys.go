package storagetest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
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
		{"an empty list is not none", emptyLists},
		{"names are unique", namesUnique},
		{"versions are paged newest first", versionsPaged},
		{"an update replaces all", keyUpdated},
		{"of racing updates one wins", updateRace},
		{"a version is added", versionAdded},
		{"versions are trimmed", versionsTrimmed},
		{"what is deleted leaves nothing", keyDeleted},
		{"listing is filtered", keysFiltered},
		{"messages are reserved up to the limit", messagesReserved},
		{"uses are counted", usesCounted},
		{"uses are counted by day", usesCountedByDay},
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

func insertKey(t *testing.T, keys keystore.Keys, r keystore.KeyRecord, older ...keystore.KeyVersion) {
	t.Helper()
	if err := keys.InsertKey(t.Context(), r, older...); err != nil {
		t.Fatalf("InsertKey(%s): %v", r.Type, err)
	}
}

// isKey checks that the key and its newest version are what is wanted, asked in every way there is.
func isKey(t *testing.T, what string, keys keystore.Keys, want keystore.KeyRecord) {
	t.Helper()
	got, err := keys.Key(t.Context(), want.Keystore, want.ID)
	if err != nil {
		t.Fatalf("%s: Key: %v", what, err)
	}
	sameKey(t, what+": Key", got, want)
	isVersion(t, what, keys, want, want.KeyVersion)
	if want.Name == "" {
		return
	}
	if got, err = keys.KeyNamed(t.Context(), want.Keystore, want.Name); err != nil {
		t.Fatalf("%s: KeyNamed: %v", what, err)
	}
	sameKey(t, what+": KeyNamed", got, want)
}

func isVersion(t *testing.T, what string, keys keystore.Keys, of keystore.KeyRecord, want keystore.KeyVersion) {
	t.Helper()
	got, err := keys.KeyVersion(t.Context(), of.Keystore, of.ID, want.Version)
	if err != nil {
		t.Fatalf("%s: KeyVersion %d: %v", what, want.Version, err)
	}
	same(t, what+": KeyVersion", got, want)
}

// isGone checks that nothing can be read of a key.
func isGone(t *testing.T, what string, keys keystore.Keys, r keystore.KeyRecord, versions ...int) {
	t.Helper()
	ctx := t.Context()
	if _, err := keys.Key(ctx, r.Keystore, r.ID); !errors.Is(err, keystore.ErrNotFound) {
		t.Errorf("%s: Key: got %v, want ErrNotFound", what, err)
	}
	if r.Name != "" {
		if _, err := keys.KeyNamed(ctx, r.Keystore, r.Name); !errors.Is(err, keystore.ErrNotFound) {
			t.Errorf("%s: KeyNamed: got %v, want ErrNotFound", what, err)
		}
	}
	for _, v := range versions {
		if _, err := keys.KeyVersion(ctx, r.Keystore, r.ID, v); !errors.Is(err, keystore.ErrNotFound) {
			t.Errorf("%s: KeyVersion %d: got %v, want ErrNotFound", what, v, err)
		}
	}
	if got, err := keys.KeyVersions(ctx, r.Keystore, r.ID, 0, 100); err != nil || len(got) != 0 {
		t.Errorf("%s: KeyVersions: got %d, error %v; want none", what, len(got), err)
	}
	if got, err := keys.KeyUsage(ctx, r.Keystore, r.ID, append(versions, 1)); err != nil || len(got) != 0 {
		t.Errorf("%s: KeyUsage: got %d, error %v; want none", what, len(got), err)
	}
	isUsedDaily(t, what, keys, r, nil)
}

func keyComesBack(t *testing.T, keys keystore.Keys, keystores []string) {
	signing := KeyRecord(keystores[0])
	symmetric := KeyRecord(keystores[0])
	symmetric.Type, symmetric.State, symmetric.PublicKey, symmetric.Request, symmetric.MaxChain = key.AES256GCM, keystore.KeyDisabled, nil, nil, 0
	ancient := KeyRecord(keystores[0]) // as from before there were tags of the key itself
	ancient.MetaTag = nil
	long := KeyRecord(keystores[0])
	long.PublicKey, long.Sealed = Bytes(2048), Bytes(4096)
	full, older := FullKeyRecord(keystores[0])
	again, others := FullKeyRecord(keystores[0])
	again.Name = ""

	for _, c := range []struct {
		what  string
		want  keystore.KeyRecord
		older []keystore.KeyVersion
	}{
		{"signing", signing, nil}, {"symmetric", symmetric, nil}, {"without a tag of its own", ancient, nil}, {"long", long, nil},
		{"with everything", full, older}, {"with everything but a name", again, others},
	} {
		insertKey(t, keys, c.want, c.older...)
		isKey(t, c.what, keys, c.want)
		for _, v := range c.older {
			isVersion(t, c.what, keys, c.want, v)
		}
	}
}

// A key that may do nothing must not come back as one that may do all.
func emptyLists(t *testing.T, keys keystore.Keys, keystores []string) {
	k := KeyRecord(keystores[0])
	k.Operations, k.Algorithms = []key.Operation{}, []key.Algorithm{}
	insertKey(t, keys, k)
	isKey(t, "with no operation", keys, k)
}

func keyIsACopy(t *testing.T, keys keystore.Keys, keystores []string) {
	ctx := t.Context()
	k := KeyRecord(keystores[0])
	given := k
	given.PublicKey, given.Sealed = bytes.Clone(k.PublicKey), bytes.Clone(k.Sealed)
	insertKey(t, keys, given)
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
		v, err := keys.KeyVersion(ctx, k.Keystore, k.ID, 1)
		if err != nil {
			t.Fatalf("KeyVersion: %v", err)
		}
		same(t, "after the caller wiped its own slices", v, k.KeyVersion)
		clear(v.PublicKey)
		clear(v.Sealed)
	}
}

func namesUnique(t *testing.T, keys keystore.Keys, keystores []string) {
	ctx, store := t.Context(), keystores[0]
	named := func(name string) keystore.KeyRecord {
		k := KeyRecord(store)
		k.Name = name
		return k
	}
	first := named("signing")
	insertKey(t, keys, first)
	insertKey(t, keys, named("")) // no name is not a name
	insertKey(t, keys, named(""))
	insertKey(t, keys, named("Signing")) // names are compared as they are written
	second := named("signing")
	if err := keys.InsertKey(ctx, second); !errors.Is(err, keystore.ErrNameTaken) {
		t.Errorf("InsertKey under a taken name: got %v, want ErrNameTaken", err)
	}
	isGone(t, "after the refused insert", keys, keystore.KeyRecord{Keystore: store, ID: second.ID}, 1)
	// Whoever tries again what was done must learn that it was.
	if err := keys.InsertKey(ctx, first); !errors.Is(err, keystore.ErrExists) {
		t.Errorf("InsertKey of the same key again: got %v, want ErrExists", err)
	}
	if _, err := keys.KeyNamed(ctx, store, "nobody"); !errors.Is(err, keystore.ErrNotFound) {
		t.Errorf("KeyNamed of a name that nothing has: got %v, want ErrNotFound", err)
	}
	if got, err := keys.KeyNamed(ctx, store, ""); err == nil {
		t.Errorf("KeyNamed(\"\"): got %s, want an error", got.ID)
	}

	second.Name = "sealing"
	insertKey(t, keys, second)
	renamed := second
	renamed.Name, renamed.Revision, renamed.Description = "signing", 2, "never written"
	if err := keys.UpdateKey(ctx, renamed, nil); !errors.Is(err, keystore.ErrNameTaken) {
		t.Errorf("UpdateKey to a taken name: got %v, want ErrNameTaken", err)
	}
	isKey(t, "after the refused update", keys, second)
	isKey(t, "the other after the refused update", keys, first)

	first.Name, first.Revision = "signing, formerly", 2
	if err := keys.UpdateKey(ctx, first, nil); err != nil {
		t.Fatalf("UpdateKey to another name: %v", err)
	}
	if err := keys.UpdateKey(ctx, renamed, nil); err != nil { // the name is free now
		t.Fatalf("UpdateKey to a name that was given up: %v", err)
	}
	isKey(t, "renamed", keys, first)
	isKey(t, "with the other's former name", keys, renamed)
	if len(keystores) > 1 {
		elsewhere := named("signing")
		elsewhere.Keystore = keystores[1]
		insertKey(t, keys, elsewhere)
		isKey(t, "the name in another keystore", keys, elsewhere)
		isKey(t, "the name in this keystore", keys, renamed)
	}
}

func versionsPaged(t *testing.T, keys keystore.Keys, keystores []string) {
	ctx, store := t.Context(), keystores[0]
	k := KeyRecord(store)
	k.Newest, k.Oldest, k.KeyVersion = 12, 2, Version(12)
	var older []keystore.KeyVersion
	for v := 2; v < 12; v++ {
		older = append(older, Version(v))
	}
	insertKey(t, keys, k, older...)
	want := append(slices.Clone(older), k.KeyVersion)
	slices.Reverse(want)
	for _, limit := range []int{1, 4, 11, 100} {
		var got []keystore.KeyVersion
		for below := 0; len(got) <= len(want); below = got[len(got)-1].Version {
			page, err := keys.KeyVersions(ctx, store, k.ID, below, limit)
			if err != nil || len(page) > limit {
				t.Fatalf("KeyVersions below %d, limit %d: got %d, error %v", below, limit, len(page), err)
			}
			if len(page) == 0 {
				break
			}
			got = append(got, page...)
		}
		if len(got) != len(want) {
			t.Fatalf("pages of %d: got %d versions in all, want %d", limit, len(got), len(want))
		}
		for i := range want {
			same(t, "versions", got[i], want[i])
		}
	}
	if got, err := keys.KeyVersions(ctx, store, ID(), 0, 10); err != nil || len(got) != 0 {
		t.Errorf("KeyVersions of an unknown key: got %d, error %v; want none", len(got), err)
	}
}

func keyUpdated(t *testing.T, keys keystore.Keys, keystores []string) {
	ctx, store := t.Context(), keystores[0]
	plain := KeyRecord(store)
	other := KeyRecord(store)
	insertKey(t, keys, plain)
	insertKey(t, keys, other)
	template, _ := FullKeyRecord(store)

	// To everything, and back to nothing. What is not KeyMeta stays, whatever the record says.
	want := plain
	want.KeyMeta = template.KeyMeta
	want.Revision, want.Newest, want.Oldest, want.MinVerify, want.MinDecrypt = 2, 1, 1, 1, 1
	given := want
	given.Type, given.MaxChain, given.Exportable, given.CreatedAt, given.KeyVersion = key.AES256GCM, 9, true, Moment(77), Version(1)
	if err := keys.UpdateKey(ctx, given, nil); err != nil {
		t.Fatalf("UpdateKey: %v", err)
	}
	isKey(t, "after the update", keys, want)
	isKey(t, "another key after the update", keys, other)

	for _, revision := range []int64{1, 2, 4, 0, -1} {
		late, added := want, Version(2)
		late.Revision, late.Newest, late.Description = revision, 2, "late"
		if err := keys.UpdateKey(ctx, late, &added); revision >= 1 && !errors.Is(err, keystore.ErrStale) || err == nil {
			t.Errorf("UpdateKey of revision 2 to %d: got %v, want ErrStale", revision, err)
		}
	}
	lost := want
	lost.ID, lost.Name, lost.Revision = ID(), "", 3
	if err := keys.UpdateKey(ctx, lost, nil); !errors.Is(err, keystore.ErrNotFound) {
		t.Errorf("UpdateKey of no key: got %v, want ErrNotFound", err)
	}
	isKey(t, "after the refused updates", keys, want)
	if got, err := keys.KeyVersions(ctx, store, want.ID, 0, 10); err != nil || len(got) != 1 {
		t.Errorf("KeyVersions after the refused updates: got %d, error %v; want 1", len(got), err)
	}

	bare := plain
	bare.Revision, bare.MetaTag = 3, Digest()
	if err := keys.UpdateKey(ctx, bare, nil); err != nil {
		t.Fatalf("UpdateKey: %v", err)
	}
	isKey(t, "after an update that takes all away", keys, bare)
}

func updateRace(t *testing.T, keys keystore.Keys, keystores []string) {
	k := KeyRecord(keystores[0])
	insertKey(t, keys, k)
	for round := range 3 {
		var won winners[keystore.KeyRecord]
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				next := k
				next.Revision, next.Newest, next.MetaTag, next.KeyVersion = k.Revision+1, k.Newest+1, Digest(), Version(k.Newest+1)
				next.Label = Label()
				won.note(t, "UpdateKey", next, keys.UpdateKey(t.Context(), next, &next.KeyVersion), keystore.ErrStale)
			})
		}
		wg.Wait()
		k = won.one(t, "UpdateKey")
		isKey(t, "the winner", keys, k)
		if got, err := keys.KeyVersions(t.Context(), k.Keystore, k.ID, 0, 100); err != nil || len(got) != round+2 {
			t.Errorf("KeyVersions after race %d: got %d, error %v; want %d", round+1, len(got), err, round+2)
		}
	}
}

func versionAdded(t *testing.T, keys keystore.Keys, keystores []string) {
	k := KeyRecord(keystores[0])
	insertKey(t, keys, k)
	want := k
	want.Revision, want.Newest, want.RotationPeriod, want.RotateAt, want.KeyVersion = 2, 2, time.Hour, Moment(3_600_000), Version(2)
	if err := keys.UpdateKey(t.Context(), want, &want.KeyVersion); err != nil {
		t.Fatalf("UpdateKey: %v", err)
	}
	isKey(t, "with its second version", keys, want) // CreatedAt is the key's, not the version's
	isVersion(t, "with its second version", keys, want, k.KeyVersion)

	by := want // a version made by hand, whose request is not known
	by.Revision, by.Newest, by.KeyVersion = 3, 3, Version(3)
	by.PublicKey, by.VersionRequest = nil, nil
	if err := keys.UpdateKey(t.Context(), by, &by.KeyVersion); err != nil {
		t.Fatalf("UpdateKey: %v", err)
	}
	isKey(t, "with its third version", keys, by)
	isVersion(t, "with its third version", keys, by, want.KeyVersion)

	twice, second := by, Version(2)
	twice.Revision = 4
	if err := keys.UpdateKey(t.Context(), twice, &second); err == nil {
		t.Error("UpdateKey replaced a version that was there")
	}
	isKey(t, "after the refused update", keys, by)
	isVersion(t, "after the refused update", keys, by, want.KeyVersion)
}

func versionsTrimmed(t *testing.T, keys keystore.Keys, keystores []string) {
	ctx := t.Context()
	k, older := FullKeyRecord(keystores[0]) // 5, 6 and 7
	other, others := FullKeyRecord(keystores[0])
	for _, r := range []keystore.KeyRecord{k, other} {
		insertKey(t, keys, r, map[string][]keystore.KeyVersion{k.ID: older, other.ID: others}[r.ID]...)
		err := keys.AddUses(ctx, r.Keystore, r.ID, []keystore.Usage{{Version: 5, Uses: 5, LastUsedAt: Moment(5)}, {Version: 6, Uses: 6, LastUsedAt: Moment(6)}})
		if err != nil {
			t.Fatalf("AddUses: %v", err)
		}
	}
	// A new version comes and two go at once.
	k.Revision, k.Newest, k.Oldest, k.KeyVersion = 13, 8, 7, Version(8)
	if err := keys.UpdateKey(ctx, k, &k.KeyVersion); err != nil {
		t.Fatalf("UpdateKey: %v", err)
	}
	isKey(t, "after trimming", keys, k)
	for _, v := range []int{5, 6} {
		if _, err := keys.KeyVersion(ctx, k.Keystore, k.ID, v); !errors.Is(err, keystore.ErrNotFound) {
			t.Errorf("KeyVersion %d after trimming to 7: got %v, want ErrNotFound", v, err)
		}
	}
	if got, err := keys.KeyVersions(ctx, k.Keystore, k.ID, 0, 10); err != nil || len(got) != 2 || got[1].Version != 7 {
		t.Errorf("KeyVersions after trimming: got %d, error %v; want 8 and 7", len(got), err)
	}
	if got, err := keys.KeyUsage(ctx, k.Keystore, k.ID, []int{5, 6, 7, 8}); err != nil || len(got) != 0 {
		t.Errorf("KeyUsage after trimming: got %v, error %v; want none", got, err)
	}
	isKey(t, "another key after trimming", keys, other)
	isVersion(t, "another key after trimming", keys, other, others[0])
	if got, err := keys.KeyUsage(ctx, other.Keystore, other.ID, []int{5, 6, 7}); err != nil || got[5].Uses != 5 || got[6].Uses != 6 {
		t.Errorf("KeyUsage of another key after trimming: got %v, error %v; want 5 and 6", got, err)
	}
}

func keyDeleted(t *testing.T, keys keystore.Keys, keystores []string) {
	ctx, store := t.Context(), keystores[0]
	k, older := FullKeyRecord(store)
	other, others := FullKeyRecord(store)
	insertKey(t, keys, k, older...)
	insertKey(t, keys, other, others...)
	for _, id := range []string{k.ID, other.ID} {
		if err := keys.AddUses(ctx, store, id, []keystore.Usage{{Version: 5, Uses: 5, LastUsedAt: Moment(5)}}); err != nil {
			t.Fatalf("AddUses: %v", err)
		}
		if got, err := keys.ReserveMessages(ctx, store, id, 7, 10, 100); err != nil || got != 10 {
			t.Fatalf("ReserveMessages: got %d, error %v; want 10", got, err)
		}
	}
	for _, revision := range []int64{k.Revision - 1, k.Revision + 1, 0} {
		if err := keys.DeleteKey(ctx, store, k.ID, revision); !errors.Is(err, keystore.ErrStale) {
			t.Errorf("DeleteKey of revision %d as %d: got %v, want ErrStale", k.Revision, revision, err)
		}
	}
	isKey(t, "after the refused deletions", keys, k)
	if err := keys.DeleteKey(ctx, store, k.ID, k.Revision); err != nil {
		t.Fatalf("DeleteKey: %v", err)
	}
	isGone(t, "after DeleteKey", keys, k, 5, 6, 7)
	if err := keys.DeleteKey(ctx, store, k.ID, k.Revision); !errors.Is(err, keystore.ErrNotFound) {
		t.Errorf("DeleteKey again: got %v, want ErrNotFound", err)
	}
	next := k
	next.Revision++
	if err := keys.UpdateKey(ctx, next, nil); !errors.Is(err, keystore.ErrNotFound) {
		t.Errorf("UpdateKey after DeleteKey: got %v, want ErrNotFound", err)
	}
	// Uses that come late bring nothing back.
	if err := keys.AddUses(ctx, store, k.ID, []keystore.Usage{{Version: 7, Uses: 1, LastUsedAt: Moment(9)}}); err != nil {
		t.Errorf("AddUses after DeleteKey: %v", err)
	}
	if got, err := keys.ReserveMessages(ctx, store, k.ID, 7, 1, 100); !errors.Is(err, keystore.ErrNotFound) {
		t.Errorf("ReserveMessages after DeleteKey: got %d, error %v; want ErrNotFound", got, err)
	}
	if got, err := keys.ListKeys(ctx, store, keystore.KeyFilter{Tag: &k.Tags[0]}, keystore.Position{}, 10); err != nil || len(got) != 1 || got[0].ID != other.ID {
		t.Errorf("ListKeys by tag after DeleteKey: got %d, error %v; want the other key", len(got), err)
	}
	isKey(t, "another key after DeleteKey", keys, other)
	isVersion(t, "another key after DeleteKey", keys, other, others[0])
	// Whatever its revision.
	third, olders := FullKeyRecord(store)
	third.Name, third.Tags = "third", nil
	insertKey(t, keys, third, olders...)
	if err := keys.DestroyKey(ctx, store, third.ID); err != nil {
		t.Errorf("DestroyKey: %v", err)
	}
	isGone(t, "after DestroyKey", keys, third, 5, 6, 7)
	if err := keys.DestroyKey(ctx, store, third.ID); !errors.Is(err, keystore.ErrNotFound) {
		t.Errorf("DestroyKey again: got %v, want ErrNotFound", err)
	}
	isKey(t, "another key after DestroyKey", keys, other)

	anew := KeyRecord(store)
	anew.ID, anew.Name = k.ID, k.Name
	insertKey(t, keys, anew)
	isKey(t, "under the id and the name that are free again", keys, anew)
	if got, err := keys.KeyUsage(ctx, store, anew.ID, []int{1, 5, 6, 7}); err != nil || len(got) != 0 {
		t.Errorf("KeyUsage of the new key: got %v, error %v; want none", got, err)
	}
	isUsedDaily(t, "the new key", keys, anew, nil)
	isUsedDaily(t, "another key after DeleteKey", keys, other, map[keystore.Day]int64{keystore.DayOf(Moment(5)): 5})
}

func keysFiltered(t *testing.T, keys keystore.Keys, keystores []string) {
	ctx, store := t.Context(), keystores[0]
	prod, red := keystore.Tag{Name: "env", Value: "prod"}, keystore.Tag{Name: "colour", Value: "red"}
	var all []keystore.KeyRecord
	for i := range 24 {
		k := KeyRecord(store)
		k.CreatedAt = Moment(i / 3)
		if i%2 == 0 {
			k.Type, k.PublicKey = key.AES256GCM, nil
		}
		if i%3 == 0 {
			k.State = keystore.KeyDisabled
		}
		if i%4 == 0 {
			k.DeleteAt = Moment(1_000_000)
		}
		switch i % 5 {
		case 1:
			k.Tags = []keystore.Tag{red, prod}
		case 2:
			k.Tags = []keystore.Tag{prod}
		case 3:
			k.Tags = []keystore.Tag{{Name: "env", Value: "prod2"}, {Name: "prod", Value: "env"}}
		}
		all = append(all, k)
	}
	for i := len(all) - 1; i >= 0; i-- {
		insertKey(t, keys, all[i])
	}
	if len(keystores) > 1 {
		elsewhere := KeyRecord(keystores[1])
		elsewhere.Tags = []keystore.Tag{red, prod}
		insertKey(t, keys, elsewhere)
	}
	sortKeys(all)
	filters := func(what string) {
		t.Helper()
		for _, typ := range []key.Type{"", key.AES256GCM, key.Ed25519, key.HMACSHA256} {
			for _, state := range []keystore.KeyState{"", keystore.KeyEnabled, keystore.KeyDisabled, keystore.KeyPendingDeletion} {
				for _, tag := range []*keystore.Tag{nil, &prod, &red, {Name: "env"}, {Name: "prod", Value: "prod"}} {
					filter := keystore.KeyFilter{Type: typ, State: state, Tag: tag}
					var want []keystore.KeyRecord
					for _, k := range all {
						pending := !k.DeleteAt.IsZero()
						if (typ == "" || k.Type == typ) && (tag == nil || slices.Contains(k.Tags, *tag)) &&
							(state == "" || pending == (state == keystore.KeyPendingDeletion) && (pending || k.State == state)) {
							want = append(want, k)
						}
					}
					isListed(t, fmt.Sprintf("%s, filter %s %s %v", what, typ, state, tag), keys, store, filter, 3, want)
				}
			}
		}
	}
	filters("as inserted")

	// A key that changes moves to where the filters find it.
	for i := range all {
		if i%3 != 1 {
			continue
		}
		k := &all[i]
		k.Revision = 2
		switch i % 4 {
		case 0:
			k.Tags, k.State = nil, keystore.KeyDisabled
		case 1:
			k.Tags, k.DeleteAt = []keystore.Tag{red}, Moment(2_000_000)
		case 2:
			k.Tags, k.DeleteAt = []keystore.Tag{prod}, time.Time{}
		default:
			k.State = keystore.KeyEnabled
		}
		if err := keys.UpdateKey(ctx, *k, nil); err != nil {
			t.Fatalf("UpdateKey: %v", err)
		}
	}
	filters("as updated")
}

func sortKeys(all []keystore.KeyRecord) {
	slices.SortFunc(all, func(a, b keystore.KeyRecord) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), strings.Compare(a.ID, b.ID))
	})
}

// isListed checks that the pages of a listing hold what is wanted, in its order.
func isListed(t *testing.T, what string, keys keystore.Keys, store string, filter keystore.KeyFilter, limit int, want []keystore.KeyRecord) {
	t.Helper()
	var got []keystore.KeyRecord
	for after := (keystore.Position{}); len(got) <= len(want); {
		page, err := keys.ListKeys(t.Context(), store, filter, after, limit)
		if err != nil {
			t.Fatalf("%s: ListKeys: %v", what, err)
		}
		if len(page) > limit {
			t.Fatalf("%s: ListKeys with limit %d: got %d keys", what, limit, len(page))
		}
		if len(page) == 0 {
			break
		}
		got = append(got, page...)
		after = keystore.Position{CreatedAt: page[len(page)-1].CreatedAt, ID: page[len(page)-1].ID}
	}
	if len(got) != len(want) {
		t.Fatalf("%s, pages of %d: got %d keys in all, want %d", what, limit, len(got), len(want))
	}
	for i := range want {
		sameKey(t, what+": listed", got[i], want[i])
	}
}

func messagesReserved(t *testing.T, keys keystore.Keys, keystores []string) {
	ctx, store := t.Context(), keystores[0]
	k := KeyRecord(store)
	k.Newest, k.KeyVersion = 2, Version(2)
	insertKey(t, keys, k, Version(1))
	for i, c := range []struct{ version, n, limit, want int64 }{
		{1, 10, 100, 10}, {2, 5, 100, 5}, {1, 80, 100, 80}, {1, 30, 100, 10}, {1, 1, 100, 0}, {1, 7, 99, 0}, {1, 7, 105, 5}, {1, 7, 106, 1},
		{2, 1000, 20, 15}, {2, 1 << 40, 1 << 32, 1<<32 - 20}, {2, 1, 0, 0},
	} {
		if got, err := keys.ReserveMessages(ctx, store, k.ID, int(c.version), c.n, c.limit); err != nil || got != c.want {
			t.Errorf("ReserveMessages, call %d (version %d, %d of %d): got %d, error %v; want %d", i+1, c.version, c.n, c.limit, got, err, c.want)
		}
	}
	for _, version := range []int{3, 0} {
		if got, err := keys.ReserveMessages(ctx, store, k.ID, version, 1, 10); !errors.Is(err, keystore.ErrNotFound) {
			t.Errorf("ReserveMessages of version %d: got %d, error %v; want ErrNotFound", version, got, err)
		}
	}
	for _, n := range []int64{0, -1} {
		if got, err := keys.ReserveMessages(ctx, store, k.ID, 2, n, 1<<40); err == nil {
			t.Errorf("ReserveMessages of %d: got %d, want an error", n, got)
		}
	}
	isUsed(t, keys, k, map[int]keystore.Usage{1: {Version: 1, Messages: 106}, 2: {Version: 2, Messages: 1 << 32}})

	// Many at once get no more than the limit, and all of it.
	raced := KeyRecord(store)
	insertKey(t, keys, raced)
	const limit = 100
	var granted atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 3 {
				n, err := keys.ReserveMessages(ctx, store, raced.ID, 1, 7, limit)
				if err != nil || n < 0 || n > 7 {
					t.Errorf("ReserveMessages in a race: got %d, error %v", n, err)
				}
				granted.Add(n)
			}
		})
	}
	wg.Wait()
	if granted.Load() != limit {
		t.Errorf("%d messages were granted in a race, want the limit, %d", granted.Load(), limit)
	}
	isUsed(t, keys, raced, map[int]keystore.Usage{1: {Version: 1, Messages: limit}})
}

func isUsed(t *testing.T, keys keystore.Keys, of keystore.KeyRecord, want map[int]keystore.Usage) {
	t.Helper()
	got, err := keys.KeyUsage(t.Context(), of.Keystore, of.ID, []int{1, 2, 3, 4})
	if err != nil || len(got) != len(want) {
		t.Fatalf("KeyUsage: got %v, error %v; want %v", got, err, want)
	}
	for v, w := range want {
		same(t, fmt.Sprintf("usage of version %d", v), got[v], w)
	}
}

func usesCounted(t *testing.T, keys keystore.Keys, keystores []string) {
	ctx, store := t.Context(), keystores[0]
	k := KeyRecord(store)
	k.Newest, k.KeyVersion = 3, Version(3)
	insertKey(t, keys, k, Version(1), Version(2))
	isUsed(t, keys, k, nil)
	add := func(uses ...keystore.Usage) {
		t.Helper()
		if err := keys.AddUses(ctx, store, k.ID, uses); err != nil {
			t.Fatalf("AddUses: %v", err)
		}
	}
	add(keystore.Usage{Version: 3, Uses: 5, LastUsedAt: Moment(50)}, keystore.Usage{Version: 1, Uses: 1, LastUsedAt: Moment(10)},
		keystore.Usage{Version: 4, Uses: 9, LastUsedAt: Moment(99)}) // there is no 4
	add(keystore.Usage{Version: 3, Uses: 2, LastUsedAt: Moment(40)}) // an older time does not count
	add(keystore.Usage{Version: 1, Uses: 3, LastUsedAt: Moment(11)})
	add()
	if n, err := keys.ReserveMessages(ctx, store, k.ID, 3, 64, 1<<32); err != nil || n != 64 {
		t.Fatalf("ReserveMessages: got %d, error %v; want 64", n, err)
	}
	want := map[int]keystore.Usage{
		1: {Version: 1, Uses: 4, LastUsedAt: Moment(11)},
		3: {Version: 3, Uses: 7, LastUsedAt: Moment(50), Messages: 64},
	}
	isUsed(t, keys, k, want)
	if got, err := keys.KeyUsage(ctx, store, k.ID, []int{2, 3}); err != nil || len(got) != 1 || got[3].Uses != 7 {
		t.Errorf("KeyUsage of versions 2 and 3: got %v, error %v; want that of 3", got, err)
	}
	if got, err := keys.KeyUsage(ctx, store, k.ID, nil); err != nil || len(got) != 0 {
		t.Errorf("KeyUsage of no version: got %v, error %v; want none", got, err)
	}
	if err := keys.AddUses(ctx, store, ID(), []keystore.Usage{{Version: 1, Uses: 1, LastUsedAt: Moment(1)}}); err != nil {
		t.Errorf("AddUses of an unknown key: %v", err)
	}

	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() {
			for j := range 3 {
				at := Moment(100 + 10*i + j)
				// In either order: neither may wait for the other for ever.
				uses := []keystore.Usage{{Version: 1, Uses: 1, LastUsedAt: at}, {Version: 2, Uses: 2, LastUsedAt: at}}
				if i%2 == 1 {
					slices.Reverse(uses)
				}
				if err := keys.AddUses(ctx, store, k.ID, uses); err != nil {
					t.Errorf("AddUses at once: %v", err)
				}
			}
		})
	}
	wg.Wait()
	want[1] = keystore.Usage{Version: 1, Uses: 4 + 18, LastUsedAt: Moment(152)}
	want[2] = keystore.Usage{Version: 2, Uses: 36, LastUsedAt: Moment(152)}
	isUsed(t, keys, k, want)
}

// isUsedDaily checks on which of the UsageDays around Moment(0) the key was used how often.
func isUsedDaily(t *testing.T, what string, keys keystore.Keys, of keystore.KeyRecord, want map[keystore.Day]int64) {
	t.Helper()
	first := keystore.DayOf(Moment(0)) - 30
	got, err := keys.DailyUses(t.Context(), of.Keystore, of.ID, first, first+keystore.UsageDays-1)
	if err != nil || !maps.Equal(got, want) {
		t.Errorf("%s: DailyUses: got %v, error %v; want %v", what, got, err, want)
	}
}

func usesCountedByDay(t *testing.T, keys keystore.Keys, keystores []string) {
	ctx, store := t.Context(), keystores[0]
	k, other := KeyRecord(store), KeyRecord(store)
	k.Newest, k.KeyVersion = 3, Version(3)
	insertKey(t, keys, k, Version(1), Version(2))
	insertKey(t, keys, other)
	today := keystore.DayOf(Moment(0))
	at := func(days int) time.Time { return Moment(0).AddDate(0, 0, days) }
	add := func(uses ...keystore.Usage) {
		t.Helper()
		if err := keys.AddUses(ctx, store, k.ID, uses); err != nil {
			t.Fatalf("AddUses: %v", err)
		}
	}
	isUsedDaily(t, "an unused key", keys, k, nil)
	// A version comes once for each day, in any order; its last use is the later.
	add(keystore.Usage{Version: 3, Uses: 5, LastUsedAt: at(0)}, keystore.Usage{Version: 1, Uses: 1, LastUsedAt: at(0)},
		keystore.Usage{Version: 3, Uses: 7, LastUsedAt: at(-1)}, keystore.Usage{Version: 1, Uses: 2, LastUsedAt: at(-2)})
	add(keystore.Usage{Version: 2, Uses: 20, LastUsedAt: at(-1)})                           // of a version that is not the newest alone
	add(keystore.Usage{Version: 4, Uses: 100, LastUsedAt: at(0)})                           // of one that is not there any more
	add(keystore.Usage{Version: 3, Uses: 1}, keystore.Usage{Version: 3, LastUsedAt: at(1)}) // without a time, and without uses
	isUsed(t, keys, k, map[int]keystore.Usage{
		1: {Version: 1, Uses: 3, LastUsedAt: at(0)}, 2: {Version: 2, Uses: 20, LastUsedAt: at(-1)}, 3: {Version: 3, Uses: 13, LastUsedAt: at(1)},
	})
	want := map[keystore.Day]int64{today: 106, today - 1: 27, today - 2: 2}
	isUsedDaily(t, "a used key", keys, k, want)
	isUsedDaily(t, "another key", keys, other, nil)
	if got, err := keys.DailyUses(ctx, store, k.ID, today-1, today-1); err != nil || !maps.Equal(got, map[keystore.Day]int64{today - 1: 27}) {
		t.Errorf("DailyUses of one day: got %v, error %v; want 27", got, err)
	}
	// A day ends with its last microsecond.
	midnight := Moment(0).Truncate(24 * time.Hour)
	add(keystore.Usage{Version: 3, Uses: 1, LastUsedAt: midnight.Add(-time.Microsecond)}, keystore.Usage{Version: 3, Uses: 2, LastUsedAt: midnight})
	want[today-1], want[today] = 28, 108
	isUsedDaily(t, "around midnight", keys, k, want)

	// They are the key's, whatever becomes of its versions.
	k.Revision, k.Newest, k.Oldest, k.KeyVersion = k.Revision+1, 4, 3, Version(4)
	if err := keys.UpdateKey(ctx, k, &k.KeyVersion); err != nil {
		t.Fatalf("UpdateKey: %v", err)
	}
	isUsedDaily(t, "after rotating and trimming", keys, k, want)
	add(keystore.Usage{Version: 4, Uses: 1, LastUsedAt: at(0)}, keystore.Usage{Version: 1, Uses: 1, LastUsedAt: at(0)})
	want[today] += 2

	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() {
			for range 3 {
				uses := []keystore.Usage{{Version: 4, Uses: 1, LastUsedAt: at(0)}, {Version: 3, Uses: 2, LastUsedAt: at(-1)}}
				if i%2 == 1 {
					slices.Reverse(uses)
				}
				if err := keys.AddUses(ctx, store, k.ID, uses); err != nil {
					t.Errorf("AddUses at once: %v", err)
				}
			}
		})
	}
	wg.Wait()
	want[today], want[today-1] = want[today]+18, want[today-1]+36
	isUsedDaily(t, "after many at once", keys, k, want)

	// Every day that can be asked for is there.
	for day := range keystore.UsageDays {
		if err := keys.AddUses(ctx, store, other.ID, []keystore.Usage{{Version: 1, Uses: int64(day) + 1, LastUsedAt: at(day)}}); err != nil {
			t.Fatalf("AddUses: %v", err)
		}
	}
	got, err := keys.DailyUses(ctx, store, other.ID, today, today+keystore.UsageDays-1)
	if err != nil || len(got) != keystore.UsageDays || got[today] != 1 || got[today+keystore.UsageDays-1] != keystore.UsageDays {
		t.Errorf("DailyUses of %d days: got %d, error %v", keystore.UsageDays, len(got), err)
	}
	if got, err := keys.DailyUses(ctx, store, ID(), today, today); err != nil || len(got) != 0 {
		t.Errorf("DailyUses of an unknown key: got %v, error %v; want none", got, err)
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
	if got, err := keys.ListKeys(ctx, store, keystore.KeyFilter{}, keystore.Position{}, 5); err != nil || len(got) != 0 {
		t.Fatalf("ListKeys of an empty keystore: got %d keys, error %v; want none", len(got), err)
	}
	var want []keystore.KeyRecord
	for i := range 11 {
		k := KeyRecord(store)
		if i == 5 {
			var older []keystore.KeyVersion
			k, older = FullKeyRecord(store) // listed once, with the newest of its versions
			k.CreatedAt = Moment(1)
			insertKey(t, keys, k, older...)
		}
		k.CreatedAt = Moment(i / 4) // several keys of one moment: the id decides
		want = append(want, k)
	}
	for i := len(want) - 1; i >= 0; i-- { // the order of insertion must not matter
		if i != 5 {
			insertKey(t, keys, want[i])
		}
	}
	sortKeys(want)
	for _, limit := range []int{1, 3, 11, 100} {
		isListed(t, "all", keys, store, keystore.KeyFilter{}, limit, want)
	}
	for _, limit := range []int{0, -1} {
		if got, _ := keys.ListKeys(ctx, store, keystore.KeyFilter{}, keystore.Position{}, limit); len(got) != 0 {
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
		isVersion(t, "one id in two keystores", keys, want, want.KeyVersion)
	}
	if _, err := keys.Key(ctx, keystores[1], onlyA.ID); !errors.Is(err, keystore.ErrNotFound) {
		t.Errorf("Key of the first keystore asked of the second: got %v, want ErrNotFound", err)
	}
	if _, err := keys.KeyVersion(ctx, keystores[1], onlyA.ID, 1); !errors.Is(err, keystore.ErrNotFound) {
		t.Errorf("KeyVersion of the first keystore asked of the second: got %v, want ErrNotFound", err)
	}
	for i, want := range []int{2, 1} {
		got, err := keys.ListKeys(ctx, keystores[i], keystore.KeyFilter{}, keystore.Position{}, 10)
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
		t.Errorf("KeyVersion asked of an unknown keystore: got version %d and error %v, want an error alone", got.Version, err)
	}
	if got, _ := keys.ListKeys(ctx, stranger, keystore.KeyFilter{}, keystore.Position{}, 10); len(got) != 0 {
		t.Errorf("ListKeys of an unknown keystore: got %d keys, want none", len(got))
	}
	if got, err := keys.KeyNamed(ctx, stranger, "name"); err == nil || got.Sealed != nil {
		t.Errorf("KeyNamed asked of an unknown keystore: got %v and error %v, want an error alone", got.ID, err)
	}
	if got, _ := keys.KeyVersions(ctx, stranger, k.ID, 0, 10); len(got) != 0 {
		t.Errorf("KeyVersions asked of an unknown keystore: got %d, want none", len(got))
	}
	if got, _ := keys.KeyUsage(ctx, stranger, k.ID, []int{1}); len(got) != 0 {
		t.Errorf("KeyUsage asked of an unknown keystore: got %v, want none", got)
	}
	if got, _ := keys.DailyUses(ctx, stranger, k.ID, 0, 1); len(got) != 0 {
		t.Errorf("DailyUses asked of an unknown keystore: got %v, want none", got)
	}
	if n, err := keys.ReserveMessages(ctx, stranger, k.ID, 1, 1, 10); err == nil || n != 0 {
		t.Errorf("ReserveMessages in an unknown keystore: got %d and error %v, want an error alone", n, err)
	}
	moved := k
	moved.Keystore, moved.Revision = stranger, 2
	if err := keys.UpdateKey(ctx, moved, nil); err == nil {
		t.Error("UpdateKey in an unknown keystore succeeded")
	}
	if err := keys.DeleteKey(ctx, stranger, k.ID, 1); err == nil {
		t.Error("DeleteKey in an unknown keystore succeeded")
	}
	if err := keys.DestroyKey(ctx, stranger, k.ID); err == nil {
		t.Error("DestroyKey in an unknown keystore succeeded")
	}
	isKey(t, "after calls that name another keystore", keys, k)
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
		if got, err := keys.KeyVersions(ctx, id[0], id[1], 0, 10); err == nil || len(got) != 0 {
			t.Errorf("KeyVersions(%q, %q): got versions or no error", id[0], id[1])
		}
		if got, err := keys.KeyUsage(ctx, id[0], id[1], []int{1}); err == nil || len(got) != 0 {
			t.Errorf("KeyUsage(%q, %q): got usage or no error", id[0], id[1])
		}
		if got, err := keys.DailyUses(ctx, id[0], id[1], 0, 1); err == nil || len(got) != 0 {
			t.Errorf("DailyUses(%q, %q): got uses or no error", id[0], id[1])
		}
		if _, err := keys.ReserveMessages(ctx, id[0], id[1], 1, 1, 10); err == nil {
			t.Errorf("ReserveMessages(%q, %q): no error", id[0], id[1])
		}
		if err := keys.AddUses(ctx, id[0], id[1], []keystore.Usage{{Version: 1, Uses: 1}}); err == nil {
			t.Errorf("AddUses(%q, %q): no error", id[0], id[1])
		}
		if err := keys.DeleteKey(ctx, id[0], id[1], 1); err == nil {
			t.Errorf("DeleteKey(%q, %q): no error", id[0], id[1])
		}
		if err := keys.DestroyKey(ctx, id[0], id[1]); err == nil {
			t.Errorf("DestroyKey(%q, %q): no error", id[0], id[1])
		}
		changed := k
		changed.Keystore, changed.ID, changed.Revision = id[0], id[1], 2
		if err := keys.UpdateKey(ctx, changed, nil); err == nil {
			t.Errorf("UpdateKey(%q, %q): no error", id[0], id[1])
		}
		nameless := KeyRecord(id[0])
		nameless.ID = id[1]
		if err := keys.InsertKey(ctx, nameless); err == nil {
			t.Errorf("InsertKey(%q, %q): no error", id[0], id[1])
		}
	}
	isKey(t, "after calls with empty ids", keys, k)
	if got, err := keys.KeyNamed(ctx, "", "name"); err == nil || got.Sealed != nil {
		t.Error("KeyNamed of keystore \"\": got a key or no error")
	}
	if got, err := keys.ListKeys(ctx, "", keystore.KeyFilter{}, keystore.Position{}, 10); err == nil || len(got) != 0 {
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
