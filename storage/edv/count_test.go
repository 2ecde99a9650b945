package edv_test

import (
	"testing"

	vaultserver "twolock/companion/edv"
	"twolock/keystore"
	"twolock/storage/storagetest"
)

// Keys are counted, those of this keystore, but neither their versions nor what was deleted.
func TestCountKeys(t *testing.T) {
	w := newWorld(t)
	v, id := w.open(t)
	other, otherID := w.open(t)
	insert := func(v keystore.Keys, id string, older int) keystore.KeyRecord {
		t.Helper()
		k, versions := storagetest.FullKeyRecord(id)
		if older == 0 {
			k = storagetest.KeyRecord(id)
			versions = nil
		}
		if err := v.InsertKey(t.Context(), k, versions...); err != nil {
			t.Fatal(err)
		}
		return k
	}
	is := func(want int) {
		t.Helper()
		if got, err := v.CountKeys(t.Context(), id); err != nil || got != want {
			t.Errorf("CountKeys: %d, %v; want %d", got, err, want)
		}
	}
	is(0)
	k := insert(v, id, 0)
	insert(v, id, 2)
	insert(other, otherID, 0)
	is(2)
	if err := v.DeleteKey(t.Context(), id, k.ID, k.Revision); err != nil {
		t.Fatal(err)
	}
	is(1)
	answer := func(body string) (int, error) {
		w.server.Inject(vaultserver.Query, vaultserver.Fault{Kind: vaultserver.Garbage, Body: body, Times: 1})
		return v.CountKeys(t.Context(), id)
	}
	// A vault that does not count sends what there is.
	for body, want := range map[string]int{
		`{"documents":[]}`: 0, `{"count":0}`: 0, `{"count":7000}`: 7000,
		`{"hasMore":true,"documents":[{"id":"z1","sequence":0,"indexed":[],"jwe":{}}]}`: 1,
	} {
		if got, err := answer(body); err != nil || got != want {
			t.Errorf("CountKeys answered with %s: %d, %v; want %d", body, got, err, want)
		}
	}
	for _, body := range []string{`{}`, `{"count":-1}`, `{"count":"1"}`, `{"count":1.5}`, `{"count":1,"documents":[]}`, `[]`, `1`} {
		_, err := answer(body)
		expectVault(t, "CountKeys answered with "+body, err, false, "cannot be used")
	}
}
