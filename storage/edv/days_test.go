package edv_test

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"

	"twolock/keystore"
	"twolock/storage/storagetest"
)

func manyDays(n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf(`{"day":%d,"uses":1}`, i)
	}
	return strings.Join(all, ",")
}

// A key that is rotated while its uses are counted: they are counted where the version is by then, and their day once.
func TestRotationDuringCount(t *testing.T) {
	w := newWorld(t)
	v, plain, h, o := w.hooked(t)
	ctx := t.Context()
	k := storagetest.KeyRecord(o.Keystore)
	if err := v.InsertKey(ctx, k); err != nil {
		t.Fatal(err)
	}
	var once sync.Once
	h.before = func(r *http.Request, _ []byte) {
		if r.Method == http.MethodPost {
			once.Do(func() {
				next := rotated(k)
				if err := plain.UpdateKey(ctx, next, &next.KeyVersion); err != nil {
					t.Error(err)
				}
			})
		}
	}
	at := storagetest.Moment(0)
	if err := v.AddUses(ctx, k.Keystore, k.ID, []keystore.Usage{{Version: 1, Uses: 7, LastUsedAt: at}}); err != nil {
		t.Fatal(err)
	}
	if got, err := v.KeyUsage(ctx, k.Keystore, k.ID, []int{1, 2}); err != nil || len(got) != 1 || got[1].Uses != 7 {
		t.Errorf("KeyUsage: %v, %v; want 7 of version 1", got, err)
	}
	day := keystore.DayOf(at)
	if got, err := v.DailyUses(ctx, k.Keystore, k.ID, day, day); err != nil || got[day] != 7 {
		t.Errorf("DailyUses: %v, %v; want 7", got, err)
	}
}

// A document does not grow: what is older than anybody can ask for is forgotten, and a server whose clock was wrong once does no lasting harm.
func TestOldDaysAreForgotten(t *testing.T) {
	w := newWorld(t)
	v, _, _, o := w.hooked(t)
	ctx := t.Context()
	k := storagetest.KeyRecord(o.Keystore)
	if err := v.InsertKey(ctx, k); err != nil {
		t.Fatal(err)
	}
	first := keystore.DayOf(storagetest.Moment(0))
	add := func(days ...int) {
		t.Helper()
		for _, n := range days {
			if err := v.AddUses(ctx, k.Keystore, k.ID, []keystore.Usage{{Version: 1, Uses: 1, LastUsedAt: storagetest.Moment(0).AddDate(0, 0, n)}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	has := func(what string, want ...int) {
		t.Helper()
		days := map[keystore.Day]int64{}
		for _, n := range want {
			days[first+keystore.Day(n)] = 1
		}
		if got, err := v.DailyUses(ctx, k.Keystore, k.ID, 0, 1<<30); err != nil || !maps.Equal(got, days) {
			t.Errorf("%s: got %v, %v; want %v", what, got, err, days)
		}
	}
	add(0, 1, 89)
	has("within 90 days", 0, 1, 89)
	add(90)
	has("after 90 days", 1, 89, 90)
	add(4000)
	has("a clock that is ahead", 4000)
	for n := 91; n <= 181; n++ {
		add(n)
	}
	want := []int{4000}
	for n := 181; len(want) < keystore.UsageDays; n-- {
		want = append(want, n)
	}
	has("one more than fit", want...)
}
