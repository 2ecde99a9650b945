package keystore_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"twolock/crypto/key"
	"twolock/keystore"
	"twolock/storage/storagetest"
)

// With several conditions, a page looks at a bounded number of keys, and all pages together have all keys that pass, each once, in order.
func TestCombinedFilters(t *testing.T) {
	s, h := open(t)
	r := storagetest.Record()
	tag, other := keystore.Tag{Name: "env", Value: "prod"}, keystore.Tag{Name: "env", Value: "test"}
	var keys []keystore.KeyRecord
	for i := range 3500 {
		k := storagetest.KeyRecord(r.ID)
		k.CreatedAt, k.Type, k.Name, k.State, k.Tags = storagetest.Moment(i), key.Ed25519, "", keystore.KeyEnabled, []keystore.Tag{tag}
		switch {
		case i%1700 == 1699: // few, and far from each other
			k.Type, k.State = key.HMACSHA256, keystore.KeyDisabled
		case i%500 == 7:
			k.Type, k.Tags = key.HMACSHA256, []keystore.Tag{other}
		case i%100 == 3:
			k.State, k.DeleteAt = keystore.KeyDisabled, storagetest.Moment(1<<20)
		case i%4 == 1:
			k.State = keystore.KeyDisabled
		}
		if i%700 == 5 {
			k.Name = fmt.Sprint("rare ", i)
		}
		keys = append(keys, k)
	}
	if err := s.InsertTagged(t.Context(), r, keys...); err != nil {
		t.Fatal(err)
	}
	state := func(k keystore.KeyRecord) keystore.KeyState {
		if !k.DeleteAt.IsZero() {
			return keystore.KeyPendingDeletion
		}
		return k.State
	}
	short := 0
	for _, f := range []keystore.KeyFilter{
		{}, {Type: key.HMACSHA256}, {Tag: &tag, Type: key.HMACSHA256}, {Tag: &tag, State: keystore.KeyPendingDeletion}, {Tag: &other, State: keystore.KeyDisabled},
		{Type: key.HMACSHA256, State: keystore.KeyDisabled}, {Type: key.Ed25519, State: keystore.KeyEnabled}, {Type: key.HMACSHA256, State: keystore.KeyEnabled},
		{NamePrefix: "rare"}, {NamePrefix: "rare 7"}, {NamePrefix: "Rare"}, {NamePrefix: "rare", State: keystore.KeyDisabled},
		{Tag: &tag, Type: key.HMACSHA256, State: keystore.KeyDisabled}, {Tag: &tag, Type: key.HMACSHA256, State: keystore.KeyEnabled}, {Type: key.AES256GCM, State: keystore.KeyEnabled},
	} {
		var want, got []string
		for _, k := range keys {
			if (f.Type == "" || k.Type == f.Type) && (f.State == "" || state(k) == f.State) && (f.Tag == nil || slices.Contains(k.Tags, *f.Tag)) && strings.HasPrefix(k.Name, f.NamePrefix) {
				want = append(want, k.ID)
			}
		}
		for after, more := (keystore.Position{}), true; more; {
			h.listed = 0
			found, end, again, err := s.Search(t.Context(), r, f, after, 100)
			if err != nil {
				t.Fatal(err)
			}
			if h.listed > 1000 {
				t.Errorf("%+v: a page looked at %d keys", f, h.listed)
			}
			if again && end == after {
				t.Fatalf("%+v: a page that goes on ends where it began", f)
			}
			if again && len(found) < 100 {
				short++
			}
			for _, k := range found {
				got = append(got, k.ID)
			}
			after, more = end, again
		}
		if !slices.Equal(got, want) {
			t.Errorf("%+v: %d keys are listed, want %d, in order", f, len(got), len(want))
		}
	}
	if short == 0 {
		t.Error("no page was short: too few keys to tell")
	}
}
