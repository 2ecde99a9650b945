package storagetest

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"twolock/crypto/key"
	"twolock/keystore"
)

// Store runs the contract of keystore.Store, that of keystore.Keys with it. Each call of open returns two handles on one
// empty database, as two servers have them; they may be the same where the store serves one process only.
func Store(t *testing.T, open func(t *testing.T) (a, b keystore.Store)) {
	t.Run("keys", func(t *testing.T) {
		Keys(t, func(t *testing.T) (keystore.Keys, []string) {
			s, _ := open(t)
			first, second := Record(), Record()
			insert(t, s, first)
			insert(t, s, second)
			return s, []string{first.ID, second.ID}
		})
	})
	for _, c := range []struct {
		name string
		run  func(t *testing.T, a, b keystore.Store)
	}{
		{"a keystore comes back", keystoreComesBack},
		{"a second keystore under the id finds the first", keystoreExists},
		{"a refused keystore left nothing", keystoreRefused},
		{"an unknown keystore is not found", keystoreNotFound},
		{"an empty keystore id is refused", emptyKeystoreIDs},
		{"of racing keystores one wins", keystoreRace},
		{"the first verifier stands", verifierPinned},
		{"of racing verifiers one wins", verifierRace},
		{"a keystore is updated by revision", keystoreUpdated},
		{"of racing keystore updates one wins", keystoreUpdateRace},
		{"a keystore is deleted with all that it has", keystoreDeleted},
		{"a keystore is deleted while it is used", keystoreDeletedInUse},
		{"of racing names one wins", nameRace},
		{"keys that are due are found, soonest first", keysDue},
		{"keystores that are due are found, soonest first", keystoresDue},
		{"a wake time", wakeTime},
		{"damaged keys that are to be deleted", keysCondemned},
		{"a lease has one holder", lease},
		{"of racing holders one gets the lease", leaseRace},
		{"expiring vaults are listed soonest first", vaultsExpire},
		{"keystores are listed by age", keystoresListed},
		{"keystores are listed by filter", keystoresFiltered},
		{"keystores, keys and vaults are counted", counted},
		{"revocations", revocations},
		{"daily uses are forgotten", dailyUsesPruned},
		{"keystores that a lock has not sealed", sealingsAdded},
		{"a retired lock's sealings are deleted where another is", sealingsRemoved},
		{"of locks that are retired for each other's sake one stays", retiredRace},
		{"the service's sealings are written once", serviceSealed},
		{"of racing services one wins", serviceRace},
		{"an operator enrols once", operatorEnrols},
		{"of racing enrolments one wins", enrolmentRace},
		{"operators are added and removed", operatorsChange},
		{"of operators who remove each other one stays", removalRace},
		{"ping", ping},
		{"what one server writes the other reads", bothSee},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, b := open(t)
			c.run(t, a, b)
		})
	}
}

func insert(t *testing.T, s keystore.Store, r keystore.Record) {
	t.Helper()
	if err := s.InsertKeystore(t.Context(), r); err != nil {
		t.Fatalf("InsertKeystore: %v", err)
	}
}

func read(t *testing.T, s keystore.Store, id string) keystore.Record {
	t.Helper()
	r, err := s.Keystore(t.Context(), id)
	if err != nil {
		t.Fatalf("Keystore: %v", err)
	}
	return r
}

// sameRecord compares all fields; nil and empty are not the same, and times must be equal and in UTC.
func sameRecord(t *testing.T, what string, got, want keystore.Record) {
	t.Helper()
	what += ": keystore " + want.ID
	if (got.Vault == nil) != (want.Vault == nil) {
		t.Errorf("%s: got vault %v, want %v", what, got.Vault, want.Vault)
	} else if got.Vault != nil {
		same(t, what+": vault", *got.Vault, *want.Vault)
	}
	got.Vault, want.Vault = nil, nil
	same(t, what, got, want)
}

func keystoreComesBack(t *testing.T, a, b keystore.Store) {
	plain := Record()
	plain.UserLock, plain.Request = keystore.UserLockLocal, nil
	full := Record()
	full.Verifier, full.Vault = Digest(), VaultRecord(Moment(5))
	full.State, full.DeleteAt, full.Label, full.KeyTypes = keystore.KeyDisabled, Moment(99), Label(), []key.Type{key.HMACSHA256, key.Ed25519}
	none := Record()
	none.KeyTypes = []key.Type{} // of which no key can be made is not one of which all can
	for what, want := range map[string]keystore.Record{"plain": plain, "with everything": full, "for keys of no type": none} {
		insert(t, a, want)
		sameRecord(t, what, read(t, b, want.ID), want)
	}
}

func keystoreExists(t *testing.T, a, b keystore.Store) {
	first := Record()
	insert(t, a, first)
	second := Record()
	second.ID, second.Verifier = first.ID, Digest()
	second.Sealed = map[string][]byte{"local:another": Bytes(80)}
	if err := b.InsertKeystore(t.Context(), second); !errors.Is(err, keystore.ErrExists) {
		t.Errorf("InsertKeystore under a taken id: got %v, want ErrExists", err)
	}
	sameRecord(t, "after the refused insert", read(t, a, first.ID), first)
}

func keystoreRefused(t *testing.T, a, _ keystore.Store) {
	for what, spoil := range map[string]func(*keystore.Record){
		"without a sealing":       func(r *keystore.Record) { r.Sealed = nil },
		"with an empty sealing":   func(r *keystore.Record) { r.Sealed["local:2"] = nil },
		"with a short verifier":   func(r *keystore.Record) { r.Verifier = Bytes(31) },
		"with a vault of nowhere": func(r *keystore.Record) { r.Vault = &keystore.VaultRecord{Capability: []byte("{}")} },
		"without a controller":    func(r *keystore.Record) { r.Controller = "" },
		"without a state":         func(r *keystore.Record) { r.State = "" },
	} {
		r := Record()
		spoil(&r)
		if err := a.InsertKeystore(t.Context(), r); err == nil || errors.Is(err, keystore.ErrExists) {
			t.Errorf("InsertKeystore %s: got %v, want an error of its own", what, err)
		}
		if _, err := a.Keystore(t.Context(), r.ID); !errors.Is(err, keystore.ErrNotFound) {
			t.Errorf("Keystore after a refused insert %s: got %v, want ErrNotFound", what, err)
		}
	}
}

func keystoreNotFound(t *testing.T, a, _ keystore.Store) {
	ctx := t.Context()
	insert(t, a, Record())
	if _, err := a.Keystore(ctx, ID()); !errors.Is(err, keystore.ErrNotFound) {
		t.Errorf("Keystore: got %v, want ErrNotFound", err)
	}
	if v, err := a.PinVerifier(ctx, Pinned(Record())); !errors.Is(err, keystore.ErrNotFound) || v != nil {
		t.Errorf("PinVerifier: got %x and %v, want ErrNotFound", v, err)
	}
	unknown := Record()
	unknown.Revision = 2
	if err := a.UpdateKeystore(ctx, unknown); !errors.Is(err, keystore.ErrNotFound) {
		t.Errorf("UpdateKeystore: got %v, want ErrNotFound", err)
	}
	if err := a.DeleteKeystore(ctx, ID(), 1); !errors.Is(err, keystore.ErrNotFound) {
		t.Errorf("DeleteKeystore: got %v, want ErrNotFound", err)
	}
	if err := a.WakeBy(ctx, ID(), Moment(1)); !errors.Is(err, keystore.ErrNotFound) {
		t.Errorf("WakeBy: got %v, want ErrNotFound", err)
	}
	if was, err := a.MoveWake(ctx, ID(), time.Time{}, Moment(1)); was || err != nil {
		t.Errorf("MoveWake: got %v, error %v; want false", was, err)
	}
	if err := a.AddSealing(ctx, ID(), "local:2", Bytes(80)); !errors.Is(err, keystore.ErrNotFound) {
		t.Errorf("AddSealing: got %v, want ErrNotFound", err)
	}
	if err := a.InsertKey(ctx, KeyRecord(ID())); !errors.Is(err, keystore.ErrNotFound) {
		t.Errorf("InsertKey: got %v, want ErrNotFound", err)
	}
}

func emptyKeystoreIDs(t *testing.T, a, _ keystore.Store) {
	ctx := t.Context()
	before := Record()
	before.Vault = VaultRecord(Moment(1))
	insert(t, a, before)
	nameless := Record()
	nameless.ID = ""
	_, keystoreErr := a.Keystore(ctx, "")
	_, pinErr := a.PinVerifier(ctx, Pinned(nameless))
	_, moveErr := a.MoveWake(ctx, "", time.Time{}, Moment(1))
	_, condemnErr := a.CondemnKey(ctx, keystore.CondemnedKey{ID: ID(), DeleteAt: Moment(1), Tag: Digest()})
	_, condemnedErr := a.CondemnedKeys(ctx, "", 10)
	update := nameless
	update.Revision, update.Vault = 2, VaultRecord(Moment(9))
	for what, err := range map[string]error{
		"InsertKeystore": a.InsertKeystore(ctx, nameless),
		"Keystore":       keystoreErr,
		"PinVerifier":    pinErr,
		"UpdateKeystore": a.UpdateKeystore(ctx, update),
		"DeleteKeystore": a.DeleteKeystore(ctx, "", 1),
		"WakeBy":         a.WakeBy(ctx, "", Moment(1)),
		"MoveWake":       moveErr,
		"CondemnKey":     condemnErr,
		"CondemnedKeys":  condemnedErr,
		"PardonKey":      a.PardonKey(ctx, "", ID()),
		"AddSealing":     a.AddSealing(ctx, "", "local:2", Bytes(80)),
	} {
		if err == nil || errors.Is(err, keystore.ErrNotFound) {
			t.Errorf("%s of keystore \"\": got %v, want a refusal", what, err)
		}
	}
	sameRecord(t, "another keystore after calls with an empty id", read(t, a, before.ID), before)
}

// race runs what on both handles, n times each, all at once.
func race(a, b keystore.Store, n int, what func(s keystore.Store)) {
	var wg sync.WaitGroup
	start := make(chan struct{})
	for _, s := range []keystore.Store{a, b} {
		for range n {
			wg.Go(func() {
				<-start
				what(s)
			})
		}
	}
	close(start)
	wg.Wait()
}

// winners gathers what was acknowledged.
type winners[T any] struct {
	mu  sync.Mutex
	all []T
}

// note counts v where err is nil; any error but lost is a failure.
func (w *winners[T]) note(t *testing.T, what string, v T, err, lost error) {
	switch {
	case err == nil:
		w.mu.Lock()
		w.all = append(w.all, v)
		w.mu.Unlock()
	case !errors.Is(err, lost):
		t.Errorf("%s in a race: got %v, want nil or %v", what, err, lost)
	}
}

func (w *winners[T]) one(t *testing.T, what string) T {
	t.Helper()
	if len(w.all) != 1 {
		t.Fatalf("%s: %d were acknowledged, want 1", what, len(w.all))
	}
	return w.all[0]
}

func keystoreRace(t *testing.T, a, b keystore.Store) {
	id := ID()
	var won winners[keystore.Record]
	race(a, b, 4, func(s keystore.Store) {
		r := Record()
		r.ID, r.Verifier = id, Digest()
		won.note(t, "InsertKeystore", r, s.InsertKeystore(t.Context(), r), keystore.ErrExists)
	})
	sameRecord(t, "the winner", read(t, a, id), won.one(t, "InsertKeystore"))
}

// Pinned is a record with a verifier, as it is pinned.
func Pinned(r keystore.Record) keystore.Record {
	r.Verifier, r.Tag = Digest(), Digest()
	r.Revision++
	return r
}

func verifierPinned(t *testing.T, a, b keystore.Store) {
	ctx, r := t.Context(), Record()
	insert(t, a, r)
	stale := Pinned(r)
	stale.Revision++
	if got, err := b.PinVerifier(ctx, stale); !errors.Is(err, keystore.ErrStale) || got != nil {
		t.Errorf("PinVerifier of a record that was changed: got %x, error %v; want ErrStale", got, err)
	}
	sameRecord(t, "after a refused PinVerifier", read(t, a, r.ID), r)
	want := Pinned(r)
	first := want.Verifier
	for i, s := range []keystore.Store{a, b, a} {
		p := want
		if i > 0 {
			p = Pinned(r)
		}
		if got, err := s.PinVerifier(ctx, p); err != nil || !bytes.Equal(got, first) {
			t.Errorf("PinVerifier, call %d: got %x, error %v; want %x", i+1, got, err, first)
		}
	}
	sameRecord(t, "after PinVerifier", read(t, b, r.ID), want)
	given := Record()
	given.Verifier = Digest()
	insert(t, a, given)
	if got, err := b.PinVerifier(ctx, Pinned(given)); err != nil || !bytes.Equal(got, given.Verifier) {
		t.Errorf("PinVerifier of a keystore made with one: got %x, error %v; want %x", got, err, given.Verifier)
	}
	want.Verifier = Bytes(16)
	if got, err := a.PinVerifier(ctx, want); err == nil {
		t.Errorf("PinVerifier with 16 bytes: got %x, want an error", got)
	}
}

func verifierRace(t *testing.T, a, b keystore.Store) {
	r := Record()
	insert(t, a, r)
	var won winners[string]
	race(a, b, 6, func(s keystore.Store) {
		v, err := s.PinVerifier(t.Context(), Pinned(r))
		won.note(t, "PinVerifier", string(v), err, nil)
	})
	stands := string(read(t, a, r.ID).Verifier)
	if len(won.all) != 12 || len(stands) != sha256.Size {
		t.Fatalf("12 racing PinVerifier: %d answered, the verifier has %d bytes", len(won.all), len(stands))
	}
	for _, v := range won.all {
		if v != stands {
			t.Errorf("a racing PinVerifier returned %x, but %x stands", v, stands)
		}
	}
}

func keystoreUpdated(t *testing.T, a, b keystore.Store) {
	ctx, r, vault, other := t.Context(), Record(), Record(), Record()
	vault.Vault = VaultRecord(Moment(5))
	other.Vault = VaultRecord(Moment(5))
	for _, r := range []keystore.Record{r, vault, other} {
		insert(t, a, r)
	}
	if err := a.WakeBy(ctx, vault.ID, Moment(3)); err != nil {
		t.Fatalf("WakeBy: %v", err)
	}
	for what, want := range map[string]keystore.Record{"plain": r, "with a vault": vault} {
		first := want
		want.Controller, want.State, want.DeleteAt, want.Label, want.KeyTypes = "did:key:z6Mk"+ID(), keystore.KeyDisabled, Moment(70), Label(), []key.Type{key.Ed25519}
		want.Tag, want.Revision = Digest(), 2
		if want.Vault != nil {
			want.Vault = &keystore.VaultRecord{URL: want.Vault.URL, Capability: []byte(`{"id":"second"}`), Expires: Moment(50)}
		}
		given := want // what does not change of a keystore stays, whatever the record says
		given.UserLock, given.Request, given.CreatedAt, given.Sealed, given.Verifier = keystore.UserLockLocal, Digest(), Moment(9), nil, Digest()
		if err := a.UpdateKeystore(ctx, given); err != nil {
			t.Fatalf("UpdateKeystore, %s: %v", what, err)
		}
		sameRecord(t, "after the update, "+what, read(t, b, want.ID), want)

		for _, revision := range []int64{1, 2, 4, 0, -1} {
			late := want
			late.Revision, late.Controller = revision, "did:example:late"
			if err := b.UpdateKeystore(ctx, late); revision >= 1 && !errors.Is(err, keystore.ErrStale) || err == nil {
				t.Errorf("UpdateKeystore of revision 2 to %d, %s: got %v, want ErrStale", revision, what, err)
			}
		}
		elsewhere := want
		elsewhere.Revision, elsewhere.Vault = 3, VaultRecord(Moment(60))
		if err := a.UpdateKeystore(ctx, elsewhere); err == nil {
			t.Errorf("UpdateKeystore, %s, gave another vault, where its keys are not", what)
		}
		if without := want; want.Vault != nil {
			without.Revision, without.Vault = 3, nil
			if err := a.UpdateKeystore(ctx, without); err == nil {
				t.Error("UpdateKeystore took a keystore's vault away")
			}
		}
		sameRecord(t, "after the refused updates, "+what, read(t, a, want.ID), want)

		first.Revision = 3
		if err := b.UpdateKeystore(ctx, first); err != nil {
			t.Fatalf("UpdateKeystore back, %s: %v", what, err)
		}
		sameRecord(t, "after an update that takes all away, "+what, read(t, a, first.ID), first)
	}
	sameRecord(t, "another keystore after the updates", read(t, b, other.ID), other)
	due, err := b.DueKeystores(ctx, Moment(3), 10) // the wake time is no part of the record
	if err != nil || len(due) != 1 || due[0].ID != vault.ID {
		t.Errorf("DueKeystores after the updates: got %v, error %v; want the one to be woken", due, err)
	}
}

func keystoreUpdateRace(t *testing.T, a, b keystore.Store) {
	r := Record()
	r.Vault = VaultRecord(Moment(5))
	insert(t, a, r)
	var won winners[keystore.Record]
	race(a, b, 4, func(s keystore.Store) {
		next := r
		next.Revision, next.Label, next.Tag = 2, Label(), Digest()
		next.Vault = &keystore.VaultRecord{URL: r.Vault.URL, Capability: []byte(ID()), Expires: Moment(7)}
		won.note(t, "UpdateKeystore", next, s.UpdateKeystore(t.Context(), next), keystore.ErrStale)
	})
	sameRecord(t, "after the race", read(t, b, r.ID), won.one(t, "UpdateKeystore"))
}

func keystoreDeleted(t *testing.T, a, b keystore.Store) {
	ctx := t.Context()
	fill := func(r keystore.Record) []keystore.KeyRecord {
		r.Verifier = Digest()
		insert(t, a, r)
		k, older := FullKeyRecord(r.ID)
		insertKey(t, a, k, older...)
		plain := KeyRecord(r.ID)
		insertKey(t, a, plain)
		if err := a.AddUses(ctx, r.ID, k.ID, []keystore.Usage{{Version: 5, Uses: 1, LastUsedAt: Moment(1)}}); err != nil {
			t.Fatalf("AddUses: %v", err)
		}
		if _, err := a.ReserveMessages(ctx, r.ID, k.ID, 7, 10, 100); err != nil {
			t.Fatalf("ReserveMessages: %v", err)
		}
		err := a.InsertRevocation(ctx, keystore.Revocation{Keystore: r.ID, Delegator: "did:key:d", Capability: "urn:uuid:c", Revoker: "did:key:r", RevokedAt: Moment(0), Expires: Moment(1)}, 1)
		if err != nil {
			t.Fatalf("InsertRevocation: %v", err)
		}
		return []keystore.KeyRecord{k, plain}
	}
	r, other := Record(), Record()
	gone, kept := fill(r), fill(other)
	for _, revision := range []int64{0, 2} {
		if err := b.DeleteKeystore(ctx, r.ID, revision); !errors.Is(err, keystore.ErrStale) {
			t.Errorf("DeleteKeystore of revision 1 as %d: got %v, want ErrStale", revision, err)
		}
	}
	isKey(t, "after the refused deletion", b, gone[0])
	if err := b.DeleteKeystore(ctx, r.ID, 1); err != nil {
		t.Fatalf("DeleteKeystore: %v", err)
	}
	if _, err := a.Keystore(ctx, r.ID); !errors.Is(err, keystore.ErrNotFound) {
		t.Errorf("Keystore after DeleteKeystore: got %v, want ErrNotFound", err)
	}
	if err := a.DeleteKeystore(ctx, r.ID, 1); !errors.Is(err, keystore.ErrNotFound) {
		t.Errorf("DeleteKeystore again: got %v, want ErrNotFound", err)
	}
	for _, k := range gone {
		isGone(t, "after DeleteKeystore", a, k, 1, 5, 6, 7)
	}
	if got, err := a.ListRevocations(ctx, r.ID, keystore.Position{}, 10); err != nil || len(got) != 0 {
		t.Errorf("ListRevocations after DeleteKeystore: got %d, error %v; want none", len(got), err)
	}
	for _, k := range kept {
		isKey(t, "another keystore's after DeleteKeystore", a, k)
	}
	if got, err := a.ListRevocations(ctx, other.ID, keystore.Position{}, 10); err != nil || len(got) != 1 {
		t.Errorf("ListRevocations of another keystore: got %d, error %v; want 1", len(got), err)
	}
	if got, err := b.DueKeys(ctx, Moment(1_000_000_000), 10); err != nil || len(got) != 1 || got[0].Keystore != other.ID {
		t.Errorf("DueKeys after DeleteKeystore: got %v, error %v; want the other keystore's", got, err)
	}

	anew := Record()
	for _, s := range []keystore.Store{a, b} {
		anew.ID = r.ID
		if err := s.InsertKeystore(ctx, anew); !errors.Is(err, keystore.ErrDeleted) {
			t.Errorf("InsertKeystore under the id of one that was deleted: got %v, want ErrDeleted", err)
		}
		if _, err := s.Keystore(ctx, r.ID); !errors.Is(err, keystore.ErrNotFound) {
			t.Errorf("Keystore after the refused InsertKeystore: got %v, want ErrNotFound", err)
		}
	}
}

func dailyUsesPruned(t *testing.T, a, b keystore.Store) {
	ctx, r := t.Context(), Record()
	insert(t, a, r)
	first, second := KeyRecord(r.ID), KeyRecord(r.ID)
	today := keystore.DayOf(Moment(0))
	for _, k := range []keystore.KeyRecord{first, second} {
		insertKey(t, a, k)
		for day := range 5 {
			if err := a.AddUses(ctx, r.ID, k.ID, []keystore.Usage{{Version: 1, Uses: 3, LastUsedAt: Moment(0).AddDate(0, 0, -day)}}); err != nil {
				t.Fatalf("AddUses: %v", err)
			}
		}
	}
	for i, want := range []int{3, 1, 0} {
		if n, err := b.PruneDailyUses(ctx, today-2, 3); n != want || err != nil {
			t.Errorf("PruneDailyUses, call %d: got %d, error %v; want %d", i+1, n, err, want)
		}
	}
	for _, k := range []keystore.KeyRecord{first, second} {
		isUsedDaily(t, "after pruning", a, k, map[keystore.Day]int64{today: 3, today - 1: 3, today - 2: 3})
		isUsed(t, a, k, map[int]keystore.Usage{1: {Version: 1, Uses: 15, LastUsedAt: Moment(0)}})
	}
	for _, limit := range []int{0, -1, 1001} {
		if _, err := b.PruneDailyUses(ctx, today, limit); err == nil {
			t.Errorf("PruneDailyUses of %d: no error", limit)
		}
	}
}

// keystoreDeletedInUse: what others write into the keystore while it goes either goes with it or is refused.
func keystoreDeletedInUse(t *testing.T, a, b keystore.Store) {
	ctx, r := t.Context(), Record()
	insert(t, a, r)
	k := KeyRecord(r.ID)
	insertKey(t, a, k)
	stop, begun := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	var once sync.Once
	for i := range 6 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				var err error
				switch i % 3 {
				case 0:
					err = b.InsertKey(ctx, KeyRecord(r.ID))
				case 1:
					_, err = b.ReserveMessages(ctx, r.ID, k.ID, 1, 1, 1<<32)
				case 2:
					err = b.AddUses(ctx, r.ID, k.ID, []keystore.Usage{{Version: 1, Uses: 1, LastUsedAt: Moment(1)}})
				}
				if err != nil && !errors.Is(err, keystore.ErrNotFound) {
					t.Errorf("writing into a keystore that goes: got %v, want nil or ErrNotFound", err)
				}
				once.Do(func() { close(begun) })
			}
		})
	}
	<-begun
	time.Sleep(50 * time.Millisecond)
	err := a.DeleteKeystore(ctx, r.ID, 1)
	close(stop)
	wg.Wait()
	if err != nil {
		t.Fatalf("DeleteKeystore: %v", err)
	}
	if got, err := a.ListKeys(ctx, r.ID, keystore.KeyFilter{}, keystore.Position{}, 10); err != nil || len(got) != 0 {
		t.Errorf("ListKeys after DeleteKeystore: got %d, error %v; want none", len(got), err)
	}
	isGone(t, "after DeleteKeystore", b, k, 1)
}

func nameRace(t *testing.T, a, b keystore.Store) {
	r := Record()
	insert(t, a, r)
	var won winners[keystore.KeyRecord]
	race(a, b, 4, func(s keystore.Store) {
		k := KeyRecord(r.ID)
		k.Name = "the one"
		won.note(t, "InsertKey", k, s.InsertKey(t.Context(), k), keystore.ErrNameTaken)
	})
	isKey(t, "the winner", b, won.one(t, "InsertKey"))

	// Racing retries of one request: those that lose must find what the first made, not a taken name.
	var same winners[keystore.KeyRecord]
	again := KeyRecord(r.ID)
	again.Name = "retried"
	race(a, b, 4, func(s keystore.Store) {
		same.note(t, "InsertKey", again, s.InsertKey(t.Context(), again), keystore.ErrExists)
	})
	isKey(t, "the winner", b, same.one(t, "InsertKey"))
}

func keysDue(t *testing.T, a, b keystore.Store) {
	ctx := t.Context()
	r, second := Record(), Record()
	insert(t, a, r)
	insert(t, a, second)
	never := KeyRecord(r.ID)
	insertKey(t, a, never)
	due := map[keystore.DueKey]time.Time{}
	put := func(store string, rotate, remove int) keystore.KeyRecord {
		k := KeyRecord(store)
		if rotate > 0 {
			k.RotationPeriod, k.RotateAt = time.Hour, Moment(rotate)
		}
		if remove > 0 {
			k.DeleteAt = Moment(remove)
		}
		insertKey(t, a, k)
		due[keystore.DueKey{Keystore: store, ID: k.ID}] = k.Due()
		return k
	}
	put(r.ID, 50, 0)
	put(r.ID, 10, 40) // what is to go is not rotated
	put(second.ID, 0, 30)
	put(r.ID, 30, 0)
	moved := put(second.ID, 20, 0)
	is := func(what string, now, limit int) {
		t.Helper()
		got, err := b.DueKeys(ctx, Moment(now), limit)
		if err != nil {
			t.Fatalf("DueKeys: %v", err)
		}
		n := 0
		for _, at := range due {
			if !at.After(Moment(now)) {
				n++
			}
		}
		if len(got) != min(n, limit) {
			t.Errorf("%s: DueKeys at %d, limit %d: got %d, want %d", what, now, limit, len(got), min(n, limit))
		}
		var last time.Time
		for _, d := range got {
			at, ok := due[d]
			if !ok || at.After(Moment(now)) || at.Before(last) {
				t.Errorf("%s: DueKeys at %d, limit %d: got a key due at %v after one due at %v", what, now, limit, at, last)
			}
			last = at
		}
	}
	for _, now := range []int{0, 9, 19, 20, 30, 40, 50, 1000} {
		is("as inserted", now, 100)
	}
	is("as inserted", 40, 2)
	moved.Revision, moved.RotateAt = 2, Moment(60)
	never.Revision, never.DeleteAt = 2, Moment(5)
	for _, k := range []keystore.KeyRecord{moved, never} {
		if err := a.UpdateKey(ctx, k, nil); err != nil {
			t.Fatalf("UpdateKey: %v", err)
		}
		due[keystore.DueKey{Keystore: k.Keystore, ID: k.ID}] = k.Due()
	}
	for _, now := range []int{4, 5, 20, 59, 60} {
		is("as updated", now, 100)
	}
	if err := a.Postpone(ctx, r.ID, never.ID, Moment(70)); err != nil {
		t.Fatalf("Postpone: %v", err)
	}
	due[keystore.DueKey{Keystore: r.ID, ID: never.ID}] = Moment(70)
	for _, now := range []int{4, 5, 69, 70} {
		is("as postponed", now, 100)
	}
	if err := a.Hasten(ctx, r.ID, Moment(4)); err != nil { // it is not due by itself
		t.Fatalf("Hasten: %v", err)
	}
	is("as hastened too early", 69, 100)
	if err := a.Hasten(ctx, r.ID, Moment(6)); err != nil {
		t.Fatalf("Hasten: %v", err)
	}
	due[keystore.DueKey{Keystore: r.ID, ID: never.ID}] = Moment(6)
	for _, now := range []int{4, 5, 6, 69} {
		is("as hastened", now, 100)
	}
	if err := a.Postpone(ctx, r.ID, ID(), Moment(70)); !errors.Is(err, keystore.ErrNotFound) {
		t.Errorf("Postpone of a key that is not there: got %v, want ErrNotFound", err)
	}
	if err := a.DeleteKey(ctx, r.ID, never.ID, 2); err != nil {
		t.Fatalf("DeleteKey: %v", err)
	}
	delete(due, keystore.DueKey{Keystore: r.ID, ID: never.ID})
	is("after one is deleted", 1000, 100)
}

func keystoresDue(t *testing.T, a, b keystore.Store) {
	ctx := t.Context()
	insert(t, a, Record()) // never
	put := func(wake int) keystore.DueKeystore {
		r := Record()
		insert(t, a, r)
		if a.WakeBy(ctx, r.ID, Moment(wake)) != nil {
			t.Fatal("WakeBy failed")
		}
		return keystore.DueKeystore{ID: r.ID, WakeAt: Moment(wake)}
	}
	want := []keystore.DueKeystore{put(10), put(20), put(30), put(40), put(50)}
	for now, n := range map[int]int{9: 0, 10: 1, 20: 2, 39: 3, 40: 4, 1000: 5} {
		for _, limit := range []int{1, 3, 100} {
			got, err := b.DueKeystores(ctx, Moment(now), limit)
			if err != nil || !slices.Equal(got, want[:min(n, limit)]) {
				t.Errorf("DueKeystores at %d, limit %d: got %v, error %v; want %v", now, limit, got, err, want[:min(n, limit)])
			}
		}
	}
	if err := a.DeleteKeystore(ctx, want[0].ID, 1); err != nil {
		t.Fatalf("DeleteKeystore: %v", err)
	}
	if got, err := b.DueKeystores(ctx, Moment(20), 100); err != nil || !slices.Equal(got, want[1:2]) {
		t.Errorf("DueKeystores after one is deleted: got %v, error %v; want %v", got, err, want[1:2])
	}
}

func wakeTime(t *testing.T, a, b keystore.Store) {
	ctx, r := t.Context(), Record()
	insert(t, a, r)
	is := func(what string, want time.Time) {
		t.Helper()
		got, err := b.DueKeystores(ctx, Moment(1_000_000), 10)
		if err != nil || len(got) > 1 || len(got) == 0 && !want.IsZero() || len(got) == 1 && got[0] != (keystore.DueKeystore{ID: r.ID, WakeAt: want}) {
			t.Errorf("%s: got %v, error %v; want a wake time of %v", what, got, err, want)
		}
	}
	move := func(from, to time.Time, want bool) {
		t.Helper()
		if was, err := b.MoveWake(ctx, r.ID, from, to); err != nil || was != want {
			t.Errorf("MoveWake from %v to %v: got %v, error %v; want %v", from, to, was, err, want)
		}
	}
	for _, c := range []struct{ at, want int }{{50, 50}, {60, 49}, {49, 48}, {40, 40}} {
		if err := a.WakeBy(ctx, r.ID, Moment(c.at)); err != nil {
			t.Fatalf("WakeBy: %v", err)
		}
		is("after WakeBy", Moment(c.want))
	}
	move(Moment(50), Moment(70), false)
	is("after a refused MoveWake", Moment(40))
	move(time.Time{}, Moment(70), false)
	is("after a refused MoveWake from none", Moment(40))
	move(Moment(40), Moment(70), true)
	is("after MoveWake", Moment(70))
	move(Moment(70), time.Time{}, true)
	is("after MoveWake to none", time.Time{})
	move(Moment(70), Moment(80), false)
	move(time.Time{}, Moment(80), true)
	is("after MoveWake from none", Moment(80))
	sameRecord(t, "the keystore's record", read(t, a, r.ID), r)

	var won winners[int]
	race(a, b, 4, func(s keystore.Store) {
		if was, err := s.MoveWake(ctx, r.ID, Moment(80), Moment(90)); was || err != nil {
			won.note(t, "MoveWake", 0, err, nil)
		}
	})
	won.one(t, "MoveWake")
}

func lease(t *testing.T, a, b keystore.Store) {
	ctx := t.Context()
	for i, c := range []struct {
		store        keystore.Store
		name, holder string
		now, until   int
		want         bool
	}{
		{a, "rotation", "a", 0, 10, true},
		{b, "rotation", "b", 1, 11, false},
		{b, "rotation", "b", 9, 19, false},
		{a, "rotation", "a", 5, 15, true}, // renewed
		{b, "rotation", "b", 10, 20, false},
		{b, "cleaning", "b", 10, 20, true}, // another lease
		{b, "rotation", "b", 15, 25, true}, // ended by then
		{a, "rotation", "a", 16, 26, false},
		{b, "rotation", "b", 16, 16, true}, // given up
		{a, "rotation", "a", 16, 26, true},
	} {
		got, err := c.store.Lease(ctx, c.name, c.holder, Moment(c.now), Moment(c.until))
		if err != nil || got != c.want {
			t.Errorf("Lease %d (%s of %s at %d): got %v, error %v; want %v", i+1, c.name, c.holder, c.now, got, err, c.want)
		}
	}
	for _, c := range [][2]string{{"", "a"}, {"rotation", ""}} {
		if got, err := a.Lease(ctx, c[0], c[1], Moment(0), Moment(1)); err == nil {
			t.Errorf("Lease(%q, %q): got %v, want an error", c[0], c[1], got)
		}
	}
}

func leaseRace(t *testing.T, a, b keystore.Store) {
	for round := range 3 { // the first time there is no lease, then there is one that has ended
		var won winners[string]
		race(a, b, 4, func(s keystore.Store) {
			holder := ID()
			if got, err := s.Lease(t.Context(), "rotation", holder, Moment(round*10), Moment(round*10+10)); got || err != nil {
				won.note(t, "Lease", holder, err, nil)
			}
		})
		won.one(t, "Lease")
	}
}

func vaultsExpire(t *testing.T, a, b keystore.Store) {
	ctx := t.Context()
	insert(t, a, Record()) // no vault: never listed
	var want []keystore.Record
	for _, minute := range []int{30, 10, 20, 10} {
		r := Record()
		r.Vault = VaultRecord(Moment(minute))
		insert(t, a, r)
		want = append(want, r)
	}
	slices.SortFunc(want, func(x, y keystore.Record) int {
		if c := x.Vault.Expires.Compare(y.Vault.Expires); c != 0 {
			return c
		}
		return strings.Compare(x.ID, y.ID)
	})
	for _, c := range []struct{ from, before, limit, want int }{
		{0, 30, 100, 3}, {0, 31, 100, 4}, {0, 10, 100, 0}, {0, 11, 100, 2}, {0, 31, 2, 2}, {0, 31, 3, 3}, {20, 31, 100, 2}, {21, 31, 100, 1}, {31, 40, 100, 0},
	} {
		got, err := b.ExpiringVaults(ctx, Moment(c.from), Moment(c.before), c.limit)
		if err != nil || len(got) != c.want {
			t.Fatalf("ExpiringVaults before %d, limit %d: got %d, error %v; want %d", c.before, c.limit, len(got), err, c.want)
		}
		due := slices.DeleteFunc(slices.Clone(want), func(r keystore.Record) bool { return r.Vault.Expires.Before(Moment(c.from)) })
		for i := range got {
			sameRecord(t, "expiring", got[i], due[i])
		}
	}
}

func sealingsAdded(t *testing.T, a, b keystore.Store) {
	ctx := t.Context()
	const added = "local:recovery"
	var want []string
	for i := range 5 {
		r := Record()
		if i == 4 {
			r.Sealed[added] = Bytes(80)
		} else {
			want = append(want, r.ID)
		}
		insert(t, a, r)
	}
	slices.Sort(want)
	counts := func(what string, want int) {
		t.Helper()
		if n, err := b.CountUnsealed(ctx, added); err != nil || n != int64(want) {
			t.Errorf("CountUnsealed %s: got %d, error %v; want %d", what, n, err, want)
		}
	}
	counts("of 5, of which 1 is sealed", 4)
	if got := unsealed(t, b, added, 3); !slices.Equal(got, want) {
		t.Errorf("UnsealedBy: got %v, want %v", got, want)
	}

	r := read(t, a, want[0])
	blob := Bytes(90)
	if err := a.AddSealing(ctx, r.ID, added, blob); err != nil {
		t.Fatalf("AddSealing: %v", err)
	}
	if err := b.AddSealing(ctx, r.ID, added, Bytes(90)); !errors.Is(err, keystore.ErrExists) {
		t.Errorf("AddSealing by a lock that has sealed: got %v, want ErrExists", err)
	}
	r.Sealed = maps.Clone(r.Sealed)
	r.Sealed[added] = blob
	sameRecord(t, "after AddSealing", read(t, b, r.ID), r)
	counts("after one was added", 3)
	if got := unsealed(t, a, added, 10); !slices.Equal(got, want[1:]) {
		t.Errorf("UnsealedBy after one was added: got %v, want %v", got, want[1:])
	}
	for what, err := range map[string]error{
		"UnsealedBy of no lock":            second(a.UnsealedBy(ctx, "", "", 1)),
		"UnsealedBy after what is no id":   second(a.UnsealedBy(ctx, added, "a'b", 1)),
		"UnsealedBy of more than a page":   second(a.UnsealedBy(ctx, added, "", 1001)),
		"CountUnsealed of no lock":         first(a.CountUnsealed(ctx, "")),
		"RemoveSealings of no lock":        first(a.RemoveSealings(ctx, "", []string{added}, "", 1)),
		"RemoveSealings with no other":     first(a.RemoveSealings(ctx, added, nil, "", 1)),
		"RemoveSealings with itself":       first(a.RemoveSealings(ctx, added, []string{"local:1", added}, "", 1)),
		"RemoveSealings of none at a time": first(a.RemoveSealings(ctx, added, []string{"local:1"}, "", 0)),
		"RemoveServiceSealing, no other":   first(a.RemoveServiceSealing(ctx, added, nil)),
	} {
		if err == nil {
			t.Errorf("%s succeeded", what)
		}
	}
}

func first[T any](_ T, err error) error          { return err }
func second[T, U any](_ T, _ U, err error) error { return err }

// unsealed reads all pages of the keystores that a lock has not sealed.
func unsealed(t *testing.T, s keystore.Store, lockID string, limit int) (all []string) {
	t.Helper()
	for after, page := "", 0; page < 100; page++ {
		ids, end, err := s.UnsealedBy(t.Context(), lockID, after, limit)
		if err != nil || len(ids) > limit {
			t.Fatalf("UnsealedBy: got %d of %d, error %v", len(ids), limit, err)
		}
		all = append(all, ids...)
		if end == "" {
			return all
		}
		after = end
	}
	t.Fatal("UnsealedBy: there is no last page")
	return nil
}

// sealedBy makes a keystore with sealings by the locks.
func sealedBy(t *testing.T, s keystore.Store, locks ...string) keystore.Record {
	t.Helper()
	r := Record()
	r.Sealed = map[string][]byte{}
	for _, id := range locks {
		r.Sealed[id] = Bytes(80)
	}
	insert(t, s, r)
	return r
}

func sealingsRemoved(t *testing.T, a, b keystore.Store) {
	ctx := t.Context()
	var both, alone []keystore.Record
	for range 4 {
		both = append(both, sealedBy(t, a, "local:old", "local:new", "local:third"))
	}
	alone = append(alone, sealedBy(t, a, "local:old"), sealedBy(t, a, "local:old", "local:third"))
	others := sealedBy(t, a, "local:new")
	if err := a.InsertServiceSealings(ctx, map[string][]byte{"local:old": Bytes(60), "local:new": Bytes(60)}); err != nil {
		t.Fatalf("InsertServiceSealings: %v", err)
	}
	remove := func(s keystore.Store) (removed, kept int) {
		t.Helper()
		for after, page := "", 0; page < 100; page++ {
			got, err := s.RemoveSealings(ctx, "local:old", []string{"local:new", "local:absent"}, after, 2)
			if err != nil || got.Removed+got.Kept > 2 {
				t.Fatalf("RemoveSealings: got %+v, error %v", got, err)
			}
			removed, kept = removed+got.Removed, kept+got.Kept
			if got.End == "" {
				return removed, kept
			}
			after = got.End
		}
		t.Fatal("RemoveSealings: there is no last page")
		return 0, 0
	}
	if removed, kept := remove(b); removed != 4 || kept != 2 {
		t.Errorf("RemoveSealings: %d were removed, %d kept; want 4 and 2", removed, kept)
	}
	for i, r := range both {
		both[i].Sealed = map[string][]byte{"local:new": r.Sealed["local:new"], "local:third": r.Sealed["local:third"]}
	}
	for _, want := range slices.Concat(both, alone, []keystore.Record{others}) {
		sameRecord(t, "after RemoveSealings", read(t, a, want.ID), want)
	}
	if removed, err := a.RemoveServiceSealing(ctx, "local:old", []string{"local:new"}); err != nil || removed {
		t.Errorf("RemoveServiceSealing while keystores are sealed: got %v, error %v; want false", removed, err)
	}
	for _, r := range alone {
		if err := a.AddSealing(ctx, r.ID, "local:new", Bytes(80)); err != nil {
			t.Fatalf("AddSealing: %v", err)
		}
	}
	if removed, kept := remove(a); removed != 2 || kept != 0 {
		t.Errorf("RemoveSealings, later: %d were removed, %d kept; want 2 and 0", removed, kept)
	}
	if removed, err := a.RemoveServiceSealing(ctx, "local:old", []string{"local:third"}); err != nil || removed {
		t.Errorf("RemoveServiceSealing while no other opens the service: got %v, error %v; want false", removed, err)
	}
	for _, want := range []bool{true, false} {
		if removed, err := b.RemoveServiceSealing(ctx, "local:old", []string{"local:new"}); err != nil || removed != want {
			t.Errorf("RemoveServiceSealing: got %v, error %v; want %v", removed, err, want)
		}
	}
	if left, err := a.ServiceSealings(ctx); err != nil || len(left) != 1 || left["local:new"] == nil {
		t.Errorf("ServiceSealings after it: %d, error %v; want that of the other lock", len(left), err)
	}
}

// Of two locks that are retired at once, each for the other's sake, one stays.
func retiredRace(t *testing.T, a, b keystore.Store) {
	ctx := t.Context()
	if err := a.InsertServiceSealings(ctx, map[string][]byte{"local:1": Bytes(60), "local:2": Bytes(60)}); err != nil {
		t.Fatalf("InsertServiceSealings: %v", err)
	}
	for range 30 {
		var all []keystore.Record
		for range 5 {
			all = append(all, sealedBy(t, a, "local:1", "local:2"))
		}
		race(a, b, 1, func(s keystore.Store) {
			lock, other := "local:1", "local:2"
			if s == b {
				lock, other = other, lock
			}
			if _, err := s.RemoveSealings(ctx, lock, []string{other}, "", 100); err != nil {
				t.Errorf("RemoveSealings: %v", err)
			}
		})
		for _, r := range all {
			if got := read(t, a, r.ID); len(got.Sealed) != 1 {
				t.Fatalf("after both locks were retired at once %d sealings are left, want 1", len(got.Sealed))
			}
		}
		if err := a.DeleteKeystore(ctx, all[0].ID, 1); err != nil { // and what is deleted takes no sealing any more
			t.Fatalf("DeleteKeystore: %v", err)
		}
		if err := b.AddSealing(ctx, all[0].ID, "local:3", Bytes(80)); !errors.Is(err, keystore.ErrNotFound) {
			t.Fatalf("AddSealing to what was deleted: got %v, want ErrNotFound", err)
		}
		for _, r := range all[1:] {
			if err := a.DeleteKeystore(ctx, r.ID, 1); err != nil {
				t.Fatalf("DeleteKeystore: %v", err)
			}
		}
	}
	for range 30 {
		race(a, b, 1, func(s keystore.Store) {
			lock, other := "local:1", "local:2"
			if s == b {
				lock, other = other, lock
			}
			if _, err := s.RemoveServiceSealing(ctx, lock, []string{other}); err != nil {
				t.Errorf("RemoveServiceSealing: %v", err)
			}
		})
		left, err := a.ServiceSealings(ctx)
		if err != nil || len(left) != 1 {
			t.Fatalf("after both locks were retired at once %d service sealings are left, error %v; want 1", len(left), err)
		}
		for _, lock := range []string{"local:1", "local:2"} {
			if err := a.AddServiceSealing(ctx, lock, Bytes(60)); err != nil && !errors.Is(err, keystore.ErrExists) {
				t.Fatalf("AddServiceSealing: %v", err)
			}
		}
	}
}

func serviceSealed(t *testing.T, a, b keystore.Store) {
	ctx := t.Context()
	is := func(what string, want map[string][]byte) {
		t.Helper()
		got, err := b.ServiceSealings(ctx)
		if err != nil || !maps.EqualFunc(got, want, bytes.Equal) {
			t.Errorf("ServiceSealings %s: got %d, error %v; want %d with equal bytes", what, len(got), err, len(want))
		}
	}
	is("of a new database", nil)
	if err := a.AddServiceSealing(ctx, "local:1", Bytes(60)); !errors.Is(err, keystore.ErrNotFound) {
		t.Errorf("AddServiceSealing to an empty set: got %v, want ErrNotFound", err)
	}
	for what, set := range map[string]map[string][]byte{"nothing": nil, "an empty sealing": {"local:1": Bytes(60), "local:2": nil}} {
		if err := a.InsertServiceSealings(ctx, set); err == nil {
			t.Errorf("InsertServiceSealings of %s succeeded", what)
		}
	}
	is("after refused inserts", nil)

	set := map[string][]byte{"local:1": Bytes(60), "aws-kms:arn:aws:kms:eu-west-1:111122223333:key/1": Bytes(180)}
	if err := a.InsertServiceSealings(ctx, set); err != nil {
		t.Fatalf("InsertServiceSealings: %v", err)
	}
	if err := b.InsertServiceSealings(ctx, map[string][]byte{"local:9": Bytes(60)}); !errors.Is(err, keystore.ErrExists) {
		t.Errorf("InsertServiceSealings into a set: got %v, want ErrExists", err)
	}
	is("after a second insert", set)

	set["local:2"] = Bytes(60)
	if err := a.AddServiceSealing(ctx, "local:2", set["local:2"]); err != nil {
		t.Fatalf("AddServiceSealing: %v", err)
	}
	if err := b.AddServiceSealing(ctx, "local:2", Bytes(60)); !errors.Is(err, keystore.ErrExists) {
		t.Errorf("AddServiceSealing by a lock that has sealed: got %v, want ErrExists", err)
	}
	is("after one was added", set)
}

func serviceRace(t *testing.T, a, b keystore.Store) {
	var won winners[map[string][]byte]
	race(a, b, 4, func(s keystore.Store) {
		// Other locks each: no lock's row stands in the way of another's.
		set := map[string][]byte{"local:" + ID(): Bytes(60), "local:" + ID(): Bytes(60)}
		won.note(t, "InsertServiceSealings", set, s.InsertServiceSealings(t.Context(), set), keystore.ErrExists)
	})
	got, err := b.ServiceSealings(t.Context())
	if want := won.one(t, "InsertServiceSealings"); err != nil || !maps.EqualFunc(got, want, bytes.Equal) {
		t.Errorf("ServiceSealings after the race: got %d, error %v; want the winner's %d", len(got), err, len(want))
	}
}

func operatorEnrols(t *testing.T, a, b keystore.Store) {
	ctx := t.Context()
	const did, stranger = "did:key:z6MkOperator", "did:key:z6MkStranger"
	is := func(did string, want, any bool) {
		t.Helper()
		if got, err := b.IsOperator(ctx, did); err != nil || got != want {
			t.Errorf("IsOperator(%s): got %v, error %v; want %v", did, got, err, want)
		}
		got, err := b.ListOperators(ctx, 10)
		if err != nil || (len(got) > 0) != any {
			t.Errorf("ListOperators: got %v, error %v; want any: %v", got, err, any)
		}
		for _, o := range got {
			if o.DID == "" || time.Since(o.EnrolledAt) > time.Hour || o.EnrolledAt.Location() != time.UTC {
				t.Errorf("ListOperators: got %+v, want who was enrolled just now", o)
			}
		}
	}
	open := func(want []byte) {
		t.Helper()
		got, err := b.Enrolment(ctx)
		if want == nil && errors.Is(err, keystore.ErrNotFound) {
			err = nil
		}
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("Enrolment: got %x, error %v; want %x", got, err, want)
		}
	}
	is(did, false, false)
	open(nil)
	first, second := Digest(), Digest()
	if err := a.EnrolOperator(ctx, first, did); !errors.Is(err, keystore.ErrNotFound) {
		t.Errorf("EnrolOperator when no token is open: got %v, want ErrNotFound", err)
	}
	for _, token := range [][]byte{first, second} {
		if err := a.SetEnrolment(ctx, token); err != nil {
			t.Fatalf("SetEnrolment: %v", err)
		}
	}
	open(second)
	if err := b.EnrolOperator(ctx, first, did); !errors.Is(err, keystore.ErrNotFound) {
		t.Errorf("EnrolOperator with a replaced token: got %v, want ErrNotFound", err)
	}
	open(second)
	is(did, false, false)
	if err := b.EnrolOperator(ctx, second, did); err != nil {
		t.Fatalf("EnrolOperator: %v", err)
	}
	is(did, true, true)
	open(nil)
	if err := a.EnrolOperator(ctx, second, stranger); !errors.Is(err, keystore.ErrNotFound) {
		t.Errorf("EnrolOperator with a spent token: got %v, want ErrNotFound", err)
	}
	is(stranger, false, true)

	third := Digest()
	if err := a.SetEnrolment(ctx, third); err != nil {
		t.Fatalf("SetEnrolment: %v", err)
	}
	if err := a.EnrolOperator(ctx, third, did); err != nil {
		t.Errorf("EnrolOperator of an operator: got %v, want nil", err)
	}
	if err := a.SetEnrolment(ctx, nil); err == nil {
		t.Error("SetEnrolment without a hash succeeded")
	}
	if err := a.EnrolOperator(ctx, nil, stranger); err == nil {
		t.Error("EnrolOperator without a hash succeeded")
	}
	if got, err := a.IsOperator(ctx, ""); err == nil || got {
		t.Errorf("IsOperator(\"\"): got %v, error %v; want a refusal", got, err)
	}
}

func enrolmentRace(t *testing.T, a, b keystore.Store) {
	token := Digest()
	if err := a.SetEnrolment(t.Context(), token); err != nil {
		t.Fatalf("SetEnrolment: %v", err)
	}
	var won winners[string]
	race(a, b, 4, func(s keystore.Store) {
		did := "did:key:" + ID()
		won.note(t, "EnrolOperator", did, s.EnrolOperator(t.Context(), token, did), keystore.ErrNotFound)
	})
	if did := won.one(t, "EnrolOperator"); did != "" {
		if is, err := b.IsOperator(t.Context(), did); err != nil || !is {
			t.Errorf("IsOperator of the winner: got %v, error %v; want true", is, err)
		}
	}
}

func operatorsChange(t *testing.T, a, b keystore.Store) {
	ctx := t.Context()
	one, two := "did:key:"+ID(), "did:key:"+ID()
	are := func(want ...string) {
		t.Helper()
		for _, did := range []string{one, two} {
			if got, err := b.IsOperator(ctx, did); err != nil || got != slices.Contains(want, did) {
				t.Errorf("IsOperator(%s): got %v, error %v; want %v", did, got, err, want)
			}
		}
		if got, err := b.ListOperators(ctx, 10); err != nil || len(got) != len(want) {
			t.Errorf("ListOperators: got %v, error %v; want %v", got, err, want)
		}
	}
	for _, anotherStays := range []bool{false, true} {
		if err := a.RemoveOperator(ctx, one, anotherStays); !errors.Is(err, keystore.ErrNotFound) {
			t.Errorf("RemoveOperator of nobody: got %v, want ErrNotFound", err)
		}
	}
	for _, did := range []string{one, one, two} {
		if err := a.AddOperator(ctx, did); err != nil {
			t.Errorf("AddOperator: %v", err)
		}
	}
	are(one, two)
	if err := b.RemoveOperator(ctx, one, true); err != nil {
		t.Errorf("RemoveOperator: %v", err)
	}
	are(two)
	if err := b.RemoveOperator(ctx, two, true); !errors.Is(err, keystore.ErrLast) {
		t.Errorf("RemoveOperator of the last: got %v, want ErrLast", err)
	}
	are(two)
	if err := b.RemoveOperator(ctx, two, false); err != nil {
		t.Errorf("RemoveOperator of the last, where none must stay: %v", err)
	}
	are()
	if err := errors.Join(a.AddOperator(ctx, ""), a.RemoveOperator(ctx, "", false)); err == nil {
		t.Error("AddOperator and RemoveOperator take an empty DID")
	}
}

func removalRace(t *testing.T, a, b keystore.Store) {
	ctx := t.Context()
	for range 10 {
		var dids []string
		for range 4 {
			did := "did:key:" + ID()
			dids = append(dids, did)
			if err := a.AddOperator(ctx, did); err != nil {
				t.Fatalf("AddOperator: %v", err)
			}
		}
		next := make(chan string, len(dids))
		for _, did := range dids {
			next <- did
		}
		race(a, b, len(dids)/2, func(s keystore.Store) {
			if err := s.RemoveOperator(ctx, <-next, true); err != nil && !errors.Is(err, keystore.ErrLast) {
				t.Errorf("RemoveOperator in a race: got %v, want nil or ErrLast", err)
			}
		})
		left, err := a.ListOperators(ctx, 10)
		if err != nil || len(left) != 1 {
			t.Fatalf("after the race: %v, error %v; want one operator", left, err)
		}
		if err := a.RemoveOperator(ctx, left[0].DID, false); err != nil {
			t.Fatal(err)
		}
	}
}

func ping(t *testing.T, a, b keystore.Store) {
	for _, s := range []keystore.Store{a, b, a} {
		if err := s.Ping(t.Context()); err != nil {
			t.Errorf("Ping: %v", err)
		}
	}
}

// bothSee: what was acknowledged to one caller is there for whoever hears of it, at once.
func bothSee(t *testing.T, a, b keystore.Store) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	r := Record()
	insert(t, a, r)
	for range 50 {
		k := KeyRecord(r.ID)
		if err := a.InsertKey(ctx, k); err != nil {
			t.Fatalf("InsertKey: %v", err)
		}
		got, err := b.Key(ctx, k.Keystore, k.ID)
		if err != nil {
			t.Fatalf("Key on the other handle right after InsertKey: %v", err)
		}
		sameKey(t, "on the other handle", got, k)
	}
}

func revocations(t *testing.T, a, b keystore.Store) {
	r, other := Record(), Record()
	insert(t, a, r)
	insert(t, a, other)
	// The service's are as a keystore's, and neither's are the other's.
	for name, id := range map[string][2]string{"of a keystore": {r.ID, other.ID}, "of a keystore, beside the service": {r.ID, ""}, "of the service": {"", r.ID}} {
		t.Run(name, func(t *testing.T) { revocationsOf(t, a, b, id[0], id[1]) })
	}
	if err := a.InsertRevocation(t.Context(), keystore.Revocation{Keystore: ID(), Delegator: "d", Capability: "c", Revoker: "r", RevokedAt: Moment(0), Expires: Moment(1)}, 1); !errors.Is(err, keystore.ErrNotFound) {
		t.Errorf("InsertRevocation for no keystore: got %v, want ErrNotFound", err)
	}
	for _, id := range []string{r.ID, other.ID, ""} { // each counts its own
		for i, want := range []error{nil, nil, keystore.ErrFull, keystore.ErrFull, nil, nil} {
			v := keystore.Revocation{Keystore: id, Delegator: "d", Capability: fmt.Sprint("urn:uuid:", i), Revoker: "r", RevokedAt: Moment(0), Expires: Moment(1), Through: "did:key:z6Mkt"}
			switch i {
			case 4:
				v.Through = "did:key:z6Mku"
			case 5:
				v.Capability = "urn:uuid:0" // as it is
			}
			if err := []keystore.Store{a, b}[i%2].InsertRevocation(t.Context(), v, 2); !errors.Is(err, want) {
				t.Errorf("InsertRevocation %d in %q of at most two through one: got %v, want %v", i, id, err, want)
			}
		}
		if got, err := b.ListRevocations(t.Context(), id, keystore.Position{}, 10); err != nil || len(got) != 3 {
			t.Errorf("after what was too many in %q: %v, error %v; want three", id, got, err)
		}
	}
	if _, err := a.Revoked(t.Context(), r.ID, nil); err == nil {
		t.Error("Revoked without links: no error")
	}
}

// revocationsOf leaves no revocation behind.
func revocationsOf(t *testing.T, a, b keystore.Store, id, other string) {
	ctx := t.Context()
	link := func(n string) keystore.Link {
		return keystore.Link{Delegator: "did:key:z6Mk" + n, Capability: "urn:uuid:" + n}
	}
	revoked := func(id string, links ...keystore.Link) bool {
		t.Helper()
		is, err := b.Revoked(ctx, id, links)
		if err != nil {
			t.Fatalf("Revoked: %v", err)
		}
		return is
	}
	var want []keystore.Revocation
	for i, n := range []string{"c", "a", "b"} {
		v := keystore.Revocation{Keystore: id, Delegator: link(n).Delegator, Capability: link(n).Capability, Revoker: "did:key:z6Mkr",
			RevokedAt: Moment(i), Expires: Moment(100 + 10*i)}
		if revoked(id, link("x"), link(n)) {
			t.Errorf("%s is revoked before it was", n)
		}
		for range 2 { // a second time changes nothing
			if err := a.InsertRevocation(ctx, v, 1); err != nil {
				t.Fatalf("InsertRevocation: %v", err)
			}
			v.RevokedAt = Moment(1000)
		}
		v.RevokedAt = Moment(i)
		want = append(want, v)
	}
	mixed := keystore.Link{Delegator: link("a").Delegator, Capability: link("b").Capability}
	if !revoked(id, link("x"), link("y"), link("b")) || !revoked(id, link("a")) || revoked(id, link("x")) || revoked(other, link("a")) || revoked(id, mixed) {
		t.Error("Revoked does not tell one keystore, delegator or capability from another")
	}
	list := func(id string, after keystore.Position, limit int) []keystore.Revocation {
		t.Helper()
		got, err := b.ListRevocations(ctx, id, after, limit)
		if err != nil {
			t.Fatalf("ListRevocations: %v", err)
		}
		return got
	}
	if got := list(id, keystore.Position{}, 100); !slices.Equal(got, want) {
		t.Errorf("listed %v, want %v", got, want)
	}
	if got := list(id, keystore.Position{CreatedAt: want[0].RevokedAt, ID: want[0].Capability}, 1); !slices.Equal(got, want[1:2]) {
		t.Errorf("listed after the first, one: %v, want %v", got, want[1:2])
	}
	if got := list(other, keystore.Position{}, 100); len(got) != 0 {
		t.Errorf("another keystore lists %v", got)
	}
	if n, err := a.PruneRevocations(ctx, Moment(111), 1); n != 1 || err != nil {
		t.Errorf("PruneRevocations, one at most: %d, %v", n, err)
	}
	if n, err := a.PruneRevocations(ctx, Moment(111), 100); n != 1 || err != nil {
		t.Errorf("PruneRevocations, the rest: %d, %v", n, err)
	}
	if got := list(id, keystore.Position{}, 100); !slices.Equal(got, want[2:]) || revoked(id, link("c")) {
		t.Errorf("after pruning: %v, want %v", got, want[2:])
	}
	if n, err := a.PruneRevocations(ctx, Moment(1000), 100); n != 1 || err != nil || revoked(id, link("b")) {
		t.Errorf("PruneRevocations, what is left: %d, %v", n, err)
	}
}

func keystoresListed(t *testing.T, a, b keystore.Store) {
	ctx := t.Context()
	controller := "did:key:z6Mk" + ID()
	var want []keystore.Record
	for i := range 5 {
		r := Record()
		r.CreatedAt = Moment(500_000_000 + i/2) // later than all others, some at once
		if i%2 == 0 {
			r.Controller = controller
		}
		insert(t, a, r)
		want = append(want, r)
	}
	slices.SortFunc(want, func(x, y keystore.Record) int {
		if c := x.CreatedAt.Compare(y.CreatedAt); c != 0 {
			return c
		}
		return strings.Compare(x.ID, y.ID)
	})
	early := keystore.KeystorePosition{CreatedAt: Moment(500_000_000 - 1), ID: ID()}
	got := listed(t, b, keystore.KeystoreFilter{}, early, 2)
	if len(got) != len(want) {
		t.Fatalf("listed %d keystores, want %d", len(got), len(want))
	}
	for i := range got {
		sameRecord(t, "listed", got[i], want[i])
	}
	theirs := listed(t, b, keystore.KeystoreFilter{Controller: controller}, keystore.KeystorePosition{}, 100)
	if len(theirs) != 3 {
		t.Fatalf("ListKeystores of one controller: got %d; want 3", len(theirs))
	}
	for _, r := range theirs {
		if r.Controller != controller {
			t.Errorf("ListKeystores of one controller lists %s", r.Controller)
		}
	}
	page, err := b.ListKeystores(ctx, keystore.KeystoreFilter{}, early, 5)
	if err != nil || page.More || len(page.Records) != 5 {
		t.Errorf("a page of all five: got %d, more: %v, error %v; want five and no more", len(page.Records), page.More, err)
	}
}

// listed turns the pages of a listing until there are no more.
func listed(t *testing.T, s keystore.Store, filter keystore.KeystoreFilter, after keystore.KeystorePosition, limit int) (all []keystore.Record) {
	t.Helper()
	for range 10_000 {
		page, err := s.ListKeystores(t.Context(), filter, after, limit)
		if err != nil {
			t.Fatalf("ListKeystores(%+v): %v", filter, err)
		}
		if len(page.Records) > limit {
			t.Fatalf("ListKeystores(%+v): %d are more than %d", filter, len(page.Records), limit)
		}
		all = append(all, page.Records...)
		if !page.More {
			return all
		}
		after = page.End
	}
	t.Fatalf("ListKeystores(%+v) has no end", filter)
	return nil
}

// Every filter finds exactly those that pass it, each once, whatever the size of the page.
func keystoresFiltered(t *testing.T, a, b keystore.Store) {
	controller, prefix := "did:key:z6Mk"+ID(), "é%_"+ID()
	tag := keystore.Tag{Name: `é"<%_\` + ID(), Value: "v'"}
	var all []keystore.Record
	for i := range 24 {
		r := Record()
		r.CreatedAt = Moment(600_000_000 + i/3)
		if i%2 == 0 {
			r.Controller = controller
		}
		r.Name = prefix + []string{"", "b", "a", "\U0010ffff", "a%"}[i%5]
		if i%7 == 0 {
			r.Name = strings.ToUpper(prefix)
		}
		if i%11 == 0 {
			r.Name = ""
		}
		switch i % 3 {
		case 1:
			r.State = keystore.KeyDisabled
		case 2:
			r.DeleteAt = Moment(900_000_000)
		}
		if i%4 == 0 {
			r.Vault = VaultRecord(Moment(800_000_000 + i))
		}
		r.Tags = [][]keystore.Tag{nil, {tag}, {{Name: "a", Value: "b"}, tag}, {{Name: tag.Name, Value: tag.Value + "x"}}, {{Name: "a", Value: `{"name":"` + tag.Name + `","value":"` + tag.Value + `"}`}}}[i%5]
		insert(t, a, r)
		all = append(all, r)
	}
	yes, no := true, false
	for _, prefixed := range []string{"", prefix, prefix + "a", prefix + "\U0010ffff", prefix + "none"} {
		for _, of := range []string{"", controller} {
			for _, state := range []keystore.KeyState{"", keystore.KeyEnabled, keystore.KeyDisabled, keystore.KeyPendingDeletion} {
				for i, vault := range []*bool{nil, &yes, &no, nil, &yes} {
					f := keystore.KeystoreFilter{Controller: of, NamePrefix: prefixed, State: state, Vault: vault}
					if i > 2 {
						f.Tag = &tag
					}
					var want []keystore.Record
					for _, r := range all {
						is := r.State
						if !r.DeleteAt.IsZero() {
							is = keystore.KeyPendingDeletion
						}
						if strings.HasPrefix(r.Name, prefixed) && (of == "" || r.Controller == of) && (state == "" || is == state) && (vault == nil || *vault == (r.Vault != nil)) && (f.Tag == nil || slices.Contains(r.Tags, tag)) {
							want = append(want, r)
						}
					}
					slices.SortFunc(want, func(x, y keystore.Record) int {
						if prefixed != "" {
							return cmp.Or(strings.Compare(x.Name, y.Name), strings.Compare(x.ID, y.ID))
						}
						return cmp.Or(x.CreatedAt.Compare(y.CreatedAt), strings.Compare(x.ID, y.ID))
					})
					for _, size := range []int{1, 3, 100} {
						var after keystore.KeystorePosition
						if prefixed == "" {
							after.CreatedAt = Moment(600_000_000 - 1)
						}
						got := listed(t, b, f, after, size)
						if !slices.EqualFunc(got, want, func(x, y keystore.Record) bool { return x.ID == y.ID }) {
							t.Errorf("filter %+v, pages of %d: got %d keystores, want these %d in their order", f, size, len(got), len(want))
						}
					}
				}
			}
		}
	}
	for what, f := range map[string]keystore.KeystoreFilter{"a state that there is not": {State: "?"}, "a name that is no text": {NamePrefix: "\xff"}, "a tag without a name": {Tag: &keystore.Tag{}}} {
		if _, err := b.ListKeystores(t.Context(), f, keystore.KeystorePosition{}, 10); err == nil {
			t.Errorf("%s: no error", what)
		}
	}
}

// Counts grow by what is added, and by nothing else.
func counted(t *testing.T, a, b keystore.Store) {
	count := func() keystore.Counts {
		t.Helper()
		c, err := b.Count(t.Context(), Moment(700_000_000), Moment(700_000_100))
		if err != nil {
			t.Fatalf("Count: %v", err)
		}
		return c
	}
	before := count()
	for i := range 6 {
		r := Record()
		switch i {
		case 1:
			r.State = keystore.KeyDisabled
		case 2:
			r.State, r.DeleteAt = keystore.KeyDisabled, Moment(900_000_000)
		case 3:
			r.Vault = VaultRecord(Moment(700_000_000)) // the first that ends soon
		case 4:
			r.Vault = VaultRecord(Moment(700_000_100)) // not soon any more
		case 5:
			r.Vault = VaultRecord(Moment(699_999_999))
		}
		insert(t, a, r)
		if i != 0 {
			continue
		}
		for j := range 5 {
			k := KeyRecord(r.ID)
			switch j {
			case 1:
				k.State = keystore.KeyDisabled
			case 2:
				k.DeleteAt = Moment(900_000_000)
			case 3:
				k.Type = key.AES256GCM
			case 4:
				k.State, k.DeleteAt = keystore.KeyDisabled, Moment(900_000_000)
			}
			if err := a.InsertKey(t.Context(), k); err != nil {
				t.Fatalf("InsertKey: %v", err)
			}
		}
	}
	after := count()
	for state, want := range map[keystore.KeyState]int64{keystore.KeyEnabled: 4, keystore.KeyDisabled: 1, keystore.KeyPendingDeletion: 1} {
		if got := after.Keystores[state] - before.Keystores[state]; got != want {
			t.Errorf("keystores %s: %d more, want %d", state, got, want)
		}
	}
	if got := []int64{after.Vaults - before.Vaults, after.Ending - before.Ending, after.Ended - before.Ended}; !slices.Equal(got, []int64{3, 1, 1}) {
		t.Errorf("vaults, those that end soon, those that have ended: %v more, want [3 1 1]", got)
	}
	of := func(c keystore.Counts, typ key.Type, state keystore.KeyState) (n int64) {
		for _, k := range c.Keys {
			if k.Type == typ && k.State == state {
				n += k.Count
			}
		}
		return n
	}
	for _, w := range []struct {
		typ   key.Type
		state keystore.KeyState
		want  int64
	}{{key.Ed25519, keystore.KeyEnabled, 1}, {key.Ed25519, keystore.KeyDisabled, 1}, {key.Ed25519, keystore.KeyPendingDeletion, 2}, {key.AES256GCM, keystore.KeyEnabled, 1}, {key.AES256GCM, keystore.KeyDisabled, 0}} {
		if got := of(after, w.typ, w.state) - of(before, w.typ, w.state); got != w.want {
			t.Errorf("keys %s %s: %d more, want %d", w.typ, w.state, got, w.want)
		}
	}
}

func keysCondemned(t *testing.T, a, b keystore.Store) {
	ctx := t.Context()
	r, other := Record(), Record()
	insert(t, a, r)
	insert(t, a, other)
	condemned := func(store string, n int) keystore.CondemnedKey {
		return keystore.CondemnedKey{Keystore: store, ID: ID(), DeleteAt: Moment(n), Tag: Digest()}
	}
	late, soon, foreign := condemned(r.ID, 9), condemned(r.ID, 3), condemned(other.ID, 1)
	foreign.ID = late.ID
	for _, c := range []keystore.CondemnedKey{late, soon, foreign} {
		got, err := a.CondemnKey(ctx, c)
		if err != nil {
			t.Fatalf("CondemnKey: %v", err)
		}
		same(t, "CondemnKey", got, c)
	}
	again := late
	again.DeleteAt, again.Tag = Moment(1), Digest()
	if got, err := b.CondemnKey(ctx, again); err != nil {
		t.Errorf("CondemnKey again: %v", err)
	} else {
		same(t, "what was noted first", got, late)
	}
	listed := func(store string, limit int, want ...keystore.CondemnedKey) {
		t.Helper()
		got, err := b.CondemnedKeys(ctx, store, limit)
		if err != nil || len(got) != len(want) {
			t.Fatalf("CondemnedKeys: got %d, error %v; want %d", len(got), err, len(want))
		}
		for i := range want {
			same(t, "CondemnedKeys", got[i], want[i])
		}
	}
	listed(r.ID, 10, soon, late)
	listed(r.ID, 1, soon)
	if err := b.PardonKey(ctx, r.ID, late.ID); err != nil {
		t.Errorf("PardonKey: %v", err)
	}
	if err := b.PardonKey(ctx, r.ID, late.ID); !errors.Is(err, keystore.ErrNotFound) {
		t.Errorf("PardonKey again: got %v, want ErrNotFound", err)
	}
	listed(r.ID, 10, soon)
	if _, err := a.CondemnKey(ctx, condemned(ID(), 1)); !errors.Is(err, keystore.ErrNotFound) {
		t.Errorf("CondemnKey in an unknown keystore: got %v, want ErrNotFound", err)
	}
	if err := a.DeleteKeystore(ctx, r.ID, r.Revision); err != nil {
		t.Errorf("DeleteKeystore with a condemned key: %v", err)
	}
	listed(r.ID, 10)
	listed(other.ID, 10, foreign)
}
