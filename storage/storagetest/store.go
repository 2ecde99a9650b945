package storagetest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

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
		{"a vault is updated by revision", vaultUpdated},
		{"of racing vault updates one wins", vaultRace},
		{"expiring vaults are listed soonest first", vaultsExpire},
		{"keystores are listed by age", keystoresListed},
		{"a controller is updated by revision", controllerUpdated},
		{"revocations", revocations},
		{"keystores that a lock has not sealed", sealingsAdded},
		{"the service's sealings are written once", serviceSealed},
		{"of racing services one wins", serviceRace},
		{"an operator enrols once", operatorEnrols},
		{"of racing enrolments one wins", enrolmentRace},
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

func sameRecord(t *testing.T, what string, got, want keystore.Record) {
	t.Helper()
	if got.ID != want.ID || got.Controller != want.Controller || got.UserLock != want.UserLock || got.Revision != want.Revision {
		t.Errorf("%s: got %s, %s, %s, revision %d; want %s, %s, %s, revision %d", what, got.ID, got.Controller, got.UserLock,
			got.Revision, want.ID, want.Controller, want.UserLock, want.Revision)
	}
	if !bytes.Equal(got.Request, want.Request) || (got.Request == nil) != (want.Request == nil) {
		t.Errorf("%s: got request %x, want %x", what, got.Request, want.Request)
	}
	if !bytes.Equal(got.Tag, want.Tag) {
		t.Errorf("%s: got tag %x, want %x", what, got.Tag, want.Tag)
	}
	if !bytes.Equal(got.Verifier, want.Verifier) || (got.Verifier == nil) != (want.Verifier == nil) {
		t.Errorf("%s: got verifier %x, want %x", what, got.Verifier, want.Verifier)
	}
	if !maps.EqualFunc(got.Sealed, want.Sealed, bytes.Equal) {
		t.Errorf("%s: got sealings by %v, want %v with equal bytes", what,
			slices.Sorted(maps.Keys(got.Sealed)), slices.Sorted(maps.Keys(want.Sealed)))
	}
	sameTime(t, what+": created", got.CreatedAt, want.CreatedAt)
	switch {
	case (got.Vault == nil) != (want.Vault == nil):
		t.Errorf("%s: got vault %v, want %v", what, got.Vault, want.Vault)
	case got.Vault != nil:
		if got.Vault.URL != want.Vault.URL || !bytes.Equal(got.Vault.Capability, want.Vault.Capability) {
			t.Errorf("%s: got vault %s, %s; want %s, %s", what, got.Vault.URL, got.Vault.Capability, want.Vault.URL, want.Vault.Capability)
		}
		sameTime(t, what+": vault expires", got.Vault.Expires, want.Vault.Expires)
	}
}

func keystoreComesBack(t *testing.T, a, b keystore.Store) {
	plain := Record()
	plain.UserLock, plain.Request = keystore.UserLockLocal, nil
	full := Record()
	full.Verifier, full.Vault = Digest(), VaultRecord(Moment(5))
	for what, want := range map[string]keystore.Record{"plain": plain, "with everything": full} {
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
	if v, err := a.PinVerifier(ctx, ID(), Digest()); !errors.Is(err, keystore.ErrNotFound) || v != nil {
		t.Errorf("PinVerifier: got %x and %v, want ErrNotFound", v, err)
	}
	if err := a.UpdateVault(ctx, keystore.Record{ID: ID(), Revision: 1, Vault: VaultRecord(Moment(1)), Tag: Digest()}); !errors.Is(err, keystore.ErrNotFound) {
		t.Errorf("UpdateVault: got %v, want ErrNotFound", err)
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
	_, pinErr := a.PinVerifier(ctx, "", Digest())
	for what, err := range map[string]error{
		"InsertKeystore": a.InsertKeystore(ctx, nameless),
		"Keystore":       keystoreErr,
		"PinVerifier":    pinErr,
		"UpdateVault":    a.UpdateVault(ctx, keystore.Record{Revision: 1, Vault: VaultRecord(Moment(9)), Tag: Digest()}),
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

func verifierPinned(t *testing.T, a, b keystore.Store) {
	ctx, r, first := t.Context(), Record(), Digest()
	insert(t, a, r)
	for i, s := range []keystore.Store{a, b, a} {
		v := first
		if i > 0 {
			v = Digest()
		}
		if got, err := s.PinVerifier(ctx, r.ID, v); err != nil || !bytes.Equal(got, first) {
			t.Errorf("PinVerifier, call %d: got %x, error %v; want %x", i+1, got, err, first)
		}
	}
	if got := read(t, b, r.ID); !bytes.Equal(got.Verifier, first) {
		t.Errorf("Keystore after PinVerifier: got verifier %x, want %x", got.Verifier, first)
	}
	given := Record()
	given.Verifier = Digest()
	insert(t, a, given)
	if got, err := b.PinVerifier(ctx, given.ID, Digest()); err != nil || !bytes.Equal(got, given.Verifier) {
		t.Errorf("PinVerifier of a keystore made with one: got %x, error %v; want %x", got, err, given.Verifier)
	}
	if got, err := a.PinVerifier(ctx, r.ID, Bytes(16)); err == nil {
		t.Errorf("PinVerifier with 16 bytes: got %x, want an error", got)
	}
}

func verifierRace(t *testing.T, a, b keystore.Store) {
	r := Record()
	insert(t, a, r)
	var won winners[string]
	race(a, b, 6, func(s keystore.Store) {
		v, err := s.PinVerifier(t.Context(), r.ID, Digest())
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

func vaultUpdated(t *testing.T, a, b keystore.Store) {
	ctx, r := t.Context(), Record()
	r.Vault = VaultRecord(Moment(5))
	other := Record()
	other.Vault = VaultRecord(Moment(5))
	insert(t, a, r)
	insert(t, a, other)

	next := keystore.VaultRecord{URL: r.Vault.URL, Capability: []byte(`{"id":"second"}`), Expires: Moment(50)}
	update := func(s keystore.Store, id string, revision int64, v keystore.VaultRecord, tag []byte) error {
		return s.UpdateVault(ctx, keystore.Record{ID: id, Revision: revision, Vault: &v, Tag: tag})
	}
	want := r
	want.Vault, want.Revision, want.Tag = &next, 2, Digest()
	if err := update(a, r.ID, 1, next, want.Tag); err != nil {
		t.Fatalf("UpdateVault: %v", err)
	}
	sameRecord(t, "after the update", read(t, b, r.ID), want)
	sameRecord(t, "another keystore after the update", read(t, b, other.ID), other)

	late := next
	late.Capability = []byte(`{"id":"late"}`)
	for _, revision := range []int64{1, 3, 0, -1} {
		if err := update(b, r.ID, revision, late, Digest()); !errors.Is(err, keystore.ErrStale) {
			t.Errorf("UpdateVault of revision 2 as %d: got %v, want ErrStale", revision, err)
		}
	}
	elsewhere := *VaultRecord(Moment(60))
	if err := update(a, r.ID, 2, elsewhere, Digest()); err == nil {
		t.Error("UpdateVault moved the keystore to another vault, where its keys are not")
	}
	sameRecord(t, "after the refused updates", read(t, a, r.ID), want)

	plain := Record()
	insert(t, a, plain)
	if err := update(a, plain.ID, 1, next, Digest()); err == nil {
		t.Error("UpdateVault gave a vault to a keystore without one")
	}
	sameRecord(t, "a keystore without a vault", read(t, a, plain.ID), plain)
}

func vaultRace(t *testing.T, a, b keystore.Store) {
	r := Record()
	r.Vault = VaultRecord(Moment(5))
	insert(t, a, r)
	var won winners[string]
	race(a, b, 4, func(s keystore.Store) {
		v := keystore.VaultRecord{URL: r.Vault.URL, Capability: []byte(ID()), Expires: Moment(7)}
		won.note(t, "UpdateVault", string(v.Capability), s.UpdateVault(t.Context(), keystore.Record{ID: r.ID, Revision: 1, Vault: &v, Tag: Digest()}), keystore.ErrStale)
	})
	got := read(t, b, r.ID)
	if want := won.one(t, "UpdateVault"); string(got.Vault.Capability) != want || got.Revision != 2 {
		t.Errorf("after the race: got capability %s, revision %d; want %s, 2", got.Vault.Capability, got.Revision, want)
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
	var want []keystore.Record
	for i := range 5 {
		r := Record()
		if i == 3 {
			r.Verifier = Digest()
		}
		if i == 4 {
			r.Sealed[added] = Bytes(80)
		} else {
			want = append(want, r)
		}
		insert(t, a, r)
	}
	slices.SortFunc(want, func(x, y keystore.Record) int { return strings.Compare(x.ID, y.ID) })
	after := ""
	for i := 0; i < len(want); {
		got, err := b.UnsealedBy(ctx, added, after, 3)
		if err != nil || len(got) != min(3, len(want)-i) {
			t.Fatalf("UnsealedBy after %d: got %d, error %v; want %d", i, len(got), err, min(3, len(want)-i))
		}
		for _, r := range got {
			sameRecord(t, "unsealed", r, want[i])
			after = r.ID
			i++
		}
	}
	if got, err := b.UnsealedBy(ctx, added, after, 3); err != nil || len(got) != 0 {
		t.Errorf("UnsealedBy after the last: got %d, error %v; want none", len(got), err)
	}

	r := want[0]
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
	if got, err := a.UnsealedBy(ctx, added, "", 10); err != nil || len(got) != len(want)-1 {
		t.Errorf("UnsealedBy after one was added: got %d, error %v; want %d", len(got), err, len(want)-1)
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
		if got, err := b.ListOperators(ctx, 10); err != nil || (len(got) > 0) != any {
			t.Errorf("ListOperators: got %v, error %v; want any: %v", got, err, any)
		}
	}
	is(did, false, false)
	first, second := Digest(), Digest()
	if err := a.EnrolOperator(ctx, first, did); !errors.Is(err, keystore.ErrNotFound) {
		t.Errorf("EnrolOperator when no token is open: got %v, want ErrNotFound", err)
	}
	for _, token := range [][]byte{first, second} {
		if err := a.SetEnrolment(ctx, token); err != nil {
			t.Fatalf("SetEnrolment: %v", err)
		}
	}
	if err := b.EnrolOperator(ctx, first, did); !errors.Is(err, keystore.ErrNotFound) {
		t.Errorf("EnrolOperator with a replaced token: got %v, want ErrNotFound", err)
	}
	is(did, false, false)
	if err := b.EnrolOperator(ctx, second, did); err != nil {
		t.Fatalf("EnrolOperator: %v", err)
	}
	is(did, true, true)
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
	ctx, r, other := t.Context(), Record(), Record()
	insert(t, a, r)
	insert(t, a, other)
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
		v := keystore.Revocation{Keystore: r.ID, Delegator: link(n).Delegator, Capability: link(n).Capability, Revoker: "did:key:z6Mkr",
			RevokedAt: Moment(i), Expires: Moment(100 + 10*i)}
		if revoked(r.ID, link("x"), link(n)) {
			t.Errorf("%s is revoked before it was", n)
		}
		for range 2 { // a second time changes nothing
			if err := a.InsertRevocation(ctx, v); err != nil {
				t.Fatalf("InsertRevocation: %v", err)
			}
			v.RevokedAt = Moment(1000)
		}
		v.RevokedAt = Moment(i)
		want = append(want, v)
	}
	mixed := keystore.Link{Delegator: link("a").Delegator, Capability: link("b").Capability}
	if !revoked(r.ID, link("x"), link("y"), link("b")) || !revoked(r.ID, link("a")) || revoked(r.ID, link("x")) || revoked(other.ID, link("a")) || revoked(r.ID, mixed) {
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
	if got := list(r.ID, keystore.Position{}, 100); !slices.Equal(got, want) {
		t.Errorf("listed %v, want %v", got, want)
	}
	if got := list(r.ID, keystore.Position{CreatedAt: want[0].RevokedAt, ID: want[0].Capability}, 1); !slices.Equal(got, want[1:2]) {
		t.Errorf("listed after the first, one: %v, want %v", got, want[1:2])
	}
	if got := list(other.ID, keystore.Position{}, 100); len(got) != 0 {
		t.Errorf("another keystore lists %v", got)
	}
	if n, err := a.PruneRevocations(ctx, Moment(111), 1); n != 1 || err != nil {
		t.Errorf("PruneRevocations, one at most: %d, %v", n, err)
	}
	if n, err := a.PruneRevocations(ctx, Moment(111), 100); n != 1 || err != nil {
		t.Errorf("PruneRevocations, the rest: %d, %v", n, err)
	}
	if got := list(r.ID, keystore.Position{}, 100); !slices.Equal(got, want[2:]) || revoked(r.ID, link("c")) {
		t.Errorf("after pruning: %v, want %v", got, want[2:])
	}
	if err := a.InsertRevocation(ctx, keystore.Revocation{Keystore: ID(), Delegator: "d", Capability: "c", Revoker: "r", RevokedAt: Moment(0), Expires: Moment(1)}); !errors.Is(err, keystore.ErrNotFound) {
		t.Errorf("InsertRevocation for no keystore: got %v, want ErrNotFound", err)
	}
	if _, err := a.Revoked(ctx, r.ID, nil); err == nil {
		t.Error("Revoked without links: no error")
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
	var got []keystore.Record
	after := keystore.Position{CreatedAt: Moment(500_000_000 - 1), ID: ID()}
	for {
		page, err := b.ListKeystores(ctx, "", after, 2)
		if err != nil {
			t.Fatalf("ListKeystores: %v", err)
		}
		if len(page) == 0 {
			break
		}
		got = append(got, page...)
		after = keystore.Position{CreatedAt: page[len(page)-1].CreatedAt, ID: page[len(page)-1].ID}
	}
	if len(got) != len(want) {
		t.Fatalf("listed %d keystores, want %d", len(got), len(want))
	}
	for i := range got {
		sameRecord(t, "listed", got[i], want[i])
	}
	theirs, err := b.ListKeystores(ctx, controller, keystore.Position{}, 100)
	if err != nil || len(theirs) != 3 {
		t.Fatalf("ListKeystores of one controller: got %d, %v; want 3", len(theirs), err)
	}
	for _, r := range theirs {
		if r.Controller != controller {
			t.Errorf("ListKeystores of one controller lists %s", r.Controller)
		}
	}
}

func controllerUpdated(t *testing.T, a, b keystore.Store) {
	ctx, r, vault := t.Context(), Record(), Record()
	vault.Vault = VaultRecord(Moment(5))
	insert(t, a, r)
	insert(t, a, vault)
	want := r
	want.Controller, want.Tag = "did:key:z6Mk"+ID(), Digest()
	if err := a.UpdateController(ctx, want); err != nil {
		t.Fatalf("UpdateController: %v", err)
	}
	if err := b.UpdateController(ctx, want); !errors.Is(err, keystore.ErrStale) {
		t.Errorf("UpdateController as revision 1 again: got %v, want ErrStale", err)
	}
	want.Revision = 2
	sameRecord(t, "after the update", read(t, b, r.ID), want)

	moved := vault
	moved.Controller, moved.Tag = "did:key:z6Mk"+ID(), Digest()
	moved.Vault = &keystore.VaultRecord{URL: vault.Vault.URL, Capability: []byte(`{"id":"second"}`), Expires: Moment(50)}
	without := moved
	without.Vault = nil
	if err := a.UpdateController(ctx, without); err == nil {
		t.Error("UpdateController took a keystore's vault away")
	}
	if err := a.UpdateController(ctx, moved); err != nil {
		t.Fatalf("UpdateController with a vault: %v", err)
	}
	moved.Revision = 2
	sameRecord(t, "after the update, with a vault", read(t, b, vault.ID), moved)
	if err := a.UpdateController(ctx, Record()); !errors.Is(err, keystore.ErrNotFound) {
		t.Errorf("UpdateController of no keystore: got %v, want ErrNotFound", err)
	}
}
