package edv_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"twolock/auth"
	vaultserver "twolock/companion/edv"
	"twolock/crypto/key"
	"twolock/keystore"
	"twolock/storage/edv"
	"twolock/storage/edv/jwe"
	"twolock/storage/storagetest"
)

// hook is a transport that tests look into: before, when a request leaves; after, with its answer, which it may change.
type hook struct {
	next http.RoundTripper

	mu        sync.Mutex
	documents map[string]bool // ids of those that were written
	requests  int
	before    func(r *http.Request, body []byte)
	after     func(r *http.Request, resp *http.Response) (*http.Response, error)
}

func (h *hook) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	var doc struct{ ID string }
	_ = json.Unmarshal(body, &doc)
	h.mu.Lock()
	h.requests++
	if doc.ID != "" {
		h.documents[doc.ID] = true
	}
	before, after := h.before, h.after
	h.mu.Unlock()
	if before != nil {
		before(r, body)
	}
	resp, err := h.next.RoundTrip(r)
	if after != nil && err == nil {
		return after(r, resp)
	}
	return resp, err
}

// hooked opens a vault whose requests go through a hook, and another that sees the same documents without it.
func (w *world) hooked(t testing.TB) (v, plain *edv.Vault, h *hook, o edv.Options) {
	t.Helper()
	o = w.options(t)
	plain = open(t, o)
	h = &hook{next: w.client.Transport, documents: map[string]bool{}}
	o.HTTP = &http.Client{Transport: h}
	return open(t, o), plain, h, o
}

// stored reads a document as its owner can.
func (w *world) stored(t testing.TB, o edv.Options, id string) (content, meta map[string]any, raw map[string]json.RawMessage) {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, w.url+"/documents/"+id, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := auth.SignRequest(req, nil, w.user, auth.Invocation{RootTarget: w.url, Action: "read"}, time.Now()); err != nil {
		t.Fatal(err)
	}
	resp, err := w.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusNotFound {
		return nil, nil, nil
	}
	if err := json.NewDecoder(resp.Body).Decode(&raw); err != nil {
		t.Fatal(err)
	}
	recipient, err := jwe.NewRecipient(o.RecipientID, o.Recipient)
	if err != nil {
		t.Fatal(err)
	}
	data, err := recipient.Decrypt(raw["jwe"])
	if err != nil {
		t.Fatal(err)
	}
	var p struct{ Content, Meta map[string]any }
	if err := json.Unmarshal(data, &p); err != nil {
		t.Fatal(err)
	}
	return p.Content, p.Meta, raw
}

// write puts a document into the vault as its owner can.
func (w *world) write(t testing.TB, path string, doc any) {
	t.Helper()
	body, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequest(http.MethodPost, w.url+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if err := auth.SignRequest(req, body, w.user, auth.Invocation{RootTarget: w.url, Action: "write"}, time.Now()); err != nil {
		t.Fatal(err)
	}
	resp, err := w.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode >= 300 {
		t.Fatalf("writing %s: status %d", path, resp.StatusCode)
	}
}

// isEmptied checks that nothing is left of any document that went through the hook.
func (w *world) isEmptied(t *testing.T, what string, o edv.Options, h *hook) {
	t.Helper()
	for id := range h.documents {
		content, meta, raw := w.stored(t, o, id)
		if len(content) != 0 || raw != nil && meta["deleted"] != true {
			t.Errorf("%s: the document %s still holds %v, %v", what, id, content, meta)
		}
		if bytes.Contains(raw["indexed"], []byte(`"name"`)) {
			t.Errorf("%s: the document %s can still be found: %s", what, id, raw["indexed"])
		}
	}
}

func rotated(k keystore.KeyRecord) keystore.KeyRecord {
	k.Revision, k.Newest = k.Revision+1, k.Newest+1
	k.MetaTag, k.KeyVersion = storagetest.Digest(), storagetest.Version(k.Newest)
	return k
}

func isKey(t *testing.T, what string, v *edv.Vault, want keystore.KeyRecord) {
	t.Helper()
	if got, err := v.Key(t.Context(), want.Keystore, want.ID); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%s: Key gives %+v, %v; want %+v", what, got, err, want)
	}
}

func isVersion(t *testing.T, what string, v *edv.Vault, k keystore.KeyRecord, want keystore.KeyVersion) {
	t.Helper()
	if got, err := v.KeyVersion(t.Context(), k.Keystore, k.ID, want.Version); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%s: KeyVersion %d gives %+v, %v; want %+v", what, want.Version, got, err, want)
	}
}

// The cost of each call, which does not depend on how many versions a key has.
func TestRequestsOfAKeysLife(t *testing.T) {
	w := newWorld(t)
	v, _, h, o := w.hooked(t)
	ctx, store := t.Context(), o.Keystore
	k := storagetest.KeyRecord(store)
	k.Newest, k.KeyVersion, k.Name = 30, storagetest.Version(30), "thirty"
	var older []keystore.KeyVersion
	for n := range 29 {
		older = append(older, storagetest.Version(n+1))
	}
	update := k
	update.Revision, update.Description = 2, "renamed"
	rotation := rotated(update)
	trim := rotation
	trim.Revision, trim.Oldest = 4, 3
	fails := func(err error) {
		t.Helper()
		if err != nil {
			t.Error(err)
		}
	}
	for _, c := range []struct {
		what string
		want int
		call func()
	}{
		{"InsertKey with 29 older versions", 31, func() { fails(v.InsertKey(ctx, k, older...)) }},
		{"Key", 1, func() { isKey(t, "inserted", v, k) }},
		{"KeyNamed", 1, func() { _, err := v.KeyNamed(ctx, store, k.Name); fails(err) }},
		{"KeyVersion of the newest", 1, func() { isVersion(t, "inserted", v, k, k.KeyVersion) }},
		{"KeyVersion of another", 2, func() { isVersion(t, "inserted", v, k, older[0]) }},
		{"KeyVersions, 10 from the newest", 10, func() { _, err := v.KeyVersions(ctx, store, k.ID, 0, 10); fails(err) }},
		{"ListKeys", 1, func() { _, err := v.ListKeys(ctx, store, keystore.KeyFilter{}, keystore.Position{}, 10); fails(err) }},
		{"UpdateKey", 2, func() { fails(v.UpdateKey(ctx, update, nil)) }},
		{"UpdateKey with a version", 3, func() { fails(v.UpdateKey(ctx, rotation, &rotation.KeyVersion)) }},
		{"ReserveMessages of the newest", 2, func() { _, err := v.ReserveMessages(ctx, store, k.ID, 31, 5, 10); fails(err) }},
		{"ReserveMessages of another", 3, func() { _, err := v.ReserveMessages(ctx, store, k.ID, 30, 5, 10); fails(err) }},
		{"AddUses of three", 6, func() {
			at := storagetest.Moment(0)
			fails(v.AddUses(ctx, store, k.ID, []keystore.Usage{{Version: 31, Uses: 1, LastUsedAt: at}, {Version: 30, Uses: 1, LastUsedAt: at}, {Version: 7, Uses: 1, LastUsedAt: at}}))
		}},
		{"AddUses of one on two days", 2, func() {
			at := storagetest.Moment(0)
			fails(v.AddUses(ctx, store, k.ID, []keystore.Usage{{Version: 31, Uses: 1, LastUsedAt: at}, {Version: 31, Uses: 1, LastUsedAt: at.AddDate(0, 0, 1)}}))
		}},
		{"DailyUses", 1, func() { _, err := v.DailyUses(ctx, store, k.ID, 0, 1); fails(err) }},
		{"KeyUsage of three", 3, func() { _, err := v.KeyUsage(ctx, store, k.ID, []int{31, 30, 7}); fails(err) }},
		{"UpdateKey that trims two", 2 + 4 + 1, func() { fails(v.UpdateKey(ctx, trim, nil)) }},
		// The key's document is read, marked and emptied; 28 versions are read and emptied; there is none of the newest.
		{"DeleteKey of 29 versions", 3 + 2*28 + 1, func() { fails(v.DeleteKey(ctx, store, k.ID, 4)) }},
	} {
		before := h.requests
		c.call()
		if got := h.requests - before; got != c.want {
			t.Errorf("%s took %d requests, want %d", c.what, got, c.want)
		}
	}
	w.isEmptied(t, "at last", o, h)
	single := storagetest.KeyRecord(store)
	fails(v.InsertKey(ctx, single))
	before := h.requests
	fails(v.DeleteKey(ctx, store, single.ID, 1))
	if got := h.requests - before; got != 4 {
		t.Errorf("DeleteKey of one version took %d requests, want 4", got)
	}
}

// What an update comes to, by what goes wrong with its requests.
func TestUpdateFaults(t *testing.T) {
	fault := func(k vaultserver.FaultKind, n int) vaultserver.Fault { return vaultserver.Fault{Kind: k, Times: n} }
	status := func(code int) vaultserver.Fault {
		return vaultserver.Fault{Kind: vaultserver.Status, Status: code, Times: 1}
	}
	for _, c := range []struct {
		name      string
		faults    []vaultserver.Fault
		stored    bool // and acknowledged
		retryable bool
		says      string
		updates   int
	}{
		{"500 once", []vaultserver.Fault{fault(vaultserver.Outage, 1)}, true, false, "", 2},
		{"500 after it was stored", []vaultserver.Fault{fault(vaultserver.FailAfter, 1)}, true, false, "", 2},
		{"500 after it was stored, then before", []vaultserver.Fault{fault(vaultserver.FailAfter, 1), fault(vaultserver.Outage, 1)}, true, false, "", 2},
		{"connection lost before", []vaultserver.Fault{fault(vaultserver.Drop, 1)}, true, false, "", 2},
		{"connection lost after it was stored", []vaultserver.Fault{fault(vaultserver.DropAfter, 1)}, true, false, "", 2},
		{"no answer once", []vaultserver.Fault{fault(vaultserver.Hang, 1)}, true, false, "", 2},
		{"500 twice", []vaultserver.Fault{fault(vaultserver.Outage, 2)}, false, true, "failed", 2},
		{"429", []vaultserver.Fault{status(429)}, false, true, "busy", 1},
		{"400", []vaultserver.Fault{status(400)}, false, false, "refused the request", 1},
		{"403", []vaultserver.Fault{status(403)}, false, false, "updateVaultCapability", 1},
		{"409 for no reason", []vaultserver.Fault{status(409)}, false, false, "both", 1},
		{"404 for no reason", []vaultserver.Fault{status(404)}, false, false, "both", 1},
		{"307", []vaultserver.Fault{{Kind: vaultserver.Redirect, Location: "/elsewhere", Times: 1}}, false, false, "redirect", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			v, id := w.open(t)
			k := storagetest.KeyRecord(id)
			if err := v.InsertKey(t.Context(), k); err != nil {
				t.Fatal(err)
			}
			next := rotated(k)
			for _, f := range c.faults {
				w.server.Inject(vaultserver.Update, f)
			}
			err := v.UpdateKey(t.Context(), next, &next.KeyVersion)
			if got := w.server.Requests(vaultserver.Update); got != c.updates {
				t.Errorf("the vault got %d updates, want %d", got, c.updates)
			}
			if !c.stored {
				expectVault(t, "UpdateKey", err, c.retryable, c.says)
				isKey(t, "afterwards", v, k)
				return
			}
			if err != nil {
				t.Errorf("UpdateKey: %v, want success", err)
			}
			isKey(t, "afterwards", v, next)
			isVersion(t, "afterwards", v, next, k.KeyVersion)
		})
	}
}

// An update whose answer was lost is found again behind what others counted since, and is not guessed at behind another update.
func TestUpdateHiddenByAnother(t *testing.T) {
	for what, between := range map[string]func(v *edv.Vault, k keystore.KeyRecord) error{
		"uses": func(v *edv.Vault, k keystore.KeyRecord) error {
			return v.AddUses(t.Context(), k.Keystore, k.ID, []keystore.Usage{{Version: 2, Uses: 1}})
		},
		"an update": func(v *edv.Vault, k keystore.KeyRecord) error {
			k.Revision, k.Description = k.Revision+1, "by another"
			return v.UpdateKey(t.Context(), k, nil)
		},
	} {
		w := newWorld(t)
		v, plain, h, o := w.hooked(t)
		k := storagetest.KeyRecord(o.Keystore)
		if err := v.InsertKey(t.Context(), k); err != nil {
			t.Fatal(err)
		}
		next := rotated(k)
		var lost atomic.Bool
		h.after = func(r *http.Request, resp *http.Response) (*http.Response, error) {
			if r.Method == http.MethodPost && resp.StatusCode == http.StatusNoContent && !lost.Swap(true) {
				resp.Body.Close()
				if err := between(plain, next); err != nil {
					t.Errorf("%s in between: %v", what, err)
				}
				return nil, errors.New("the connection broke")
			}
			return resp, nil
		}
		err := v.UpdateKey(t.Context(), next, &next.KeyVersion)
		if what == "uses" {
			if err != nil {
				t.Errorf("UpdateKey with %s in between: %v, want success", what, err)
			}
			isKey(t, what, v, next)
		} else {
			expectVault(t, "UpdateKey", err, true, "does not tell")
		}
	}
}

// A rotation that is cut off after the outgoing version's own document leaves the key as it was, and the next one goes through.
func TestRotationCutOff(t *testing.T) {
	w := newWorld(t)
	v, id := w.open(t)
	ctx := t.Context()
	k := storagetest.KeyRecord(id)
	if err := v.InsertKey(ctx, k); err != nil {
		t.Fatal(err)
	}
	reserve := func(version int, n int64) {
		t.Helper()
		if got, err := v.ReserveMessages(ctx, id, k.ID, version, n, 1000); err != nil || got != n {
			t.Errorf("ReserveMessages of version %d: %d, %v; want %d", version, got, err, n)
		}
	}
	reserve(1, 10)
	for range 2 {
		w.server.Inject(vaultserver.Update, vaultserver.Fault{Kind: vaultserver.Outage})
		next := rotated(k)
		expectVault(t, "UpdateKey", v.UpdateKey(ctx, next, &next.KeyVersion), true, "failed")
		w.server.Heal()
		isKey(t, "cut off", v, k)
		isVersion(t, "cut off", v, k, k.KeyVersion)
		if got, err := v.KeyVersions(ctx, id, k.ID, 0, 10); err != nil || len(got) != 1 {
			t.Errorf("KeyVersions: %d, %v; want 1", len(got), err)
		}
		reserve(1, 5) // after the copy was made
	}
	next := rotated(k)
	if err := v.UpdateKey(ctx, next, &next.KeyVersion); err != nil {
		t.Fatal(err)
	}
	isKey(t, "rotated", v, next)
	isVersion(t, "rotated", v, next, k.KeyVersion)
	reserve(1, 1)
	reserve(2, 3)
	got, err := v.KeyUsage(ctx, id, k.ID, []int{1, 2})
	if err != nil || got[1].Messages != 21 || got[2].Messages != 3 {
		t.Errorf("KeyUsage: %v, %v; want 21 and 3 messages", got, err)
	}
}

// Messages that are reserved while a rotation is under way are counted in the version's document, wherever the rotation stands.
func TestReservationDuringRotation(t *testing.T) {
	for at := range 3 { // before the outgoing version is written, before the key is, after both
		w := newWorld(t)
		v, plain, h, o := w.hooked(t)
		ctx := t.Context()
		k := storagetest.KeyRecord(o.Keystore)
		if err := v.InsertKey(ctx, k); err != nil {
			t.Fatal(err)
		}
		reserve := func() {
			if got, err := plain.ReserveMessages(ctx, k.Keystore, k.ID, 1, 7, 1000); err != nil || got != 7 {
				t.Errorf("ReserveMessages: %d, %v; want 7", got, err)
			}
		}
		var posts atomic.Int32
		h.before = func(r *http.Request, _ []byte) {
			if r.Method == http.MethodPost && int(posts.Add(1)) == at+1 {
				reserve()
			}
		}
		next := rotated(k)
		if err := v.UpdateKey(ctx, next, &next.KeyVersion); err != nil {
			t.Fatalf("UpdateKey with a reservation before write %d: %v", at+1, err)
		}
		if at == 2 {
			reserve()
		}
		isKey(t, "rotated", v, next)
		if got, err := v.KeyUsage(ctx, k.Keystore, k.ID, []int{1, 2}); err != nil || len(got) != 1 || got[1].Messages != 7 {
			t.Errorf("KeyUsage after a reservation before write %d: %v, %v; want 7 of version 1", at+1, got, err)
		}
	}
}

// The other way round: a reservation whose key is rotated under its hands finds the version where it is by then.
func TestRotationDuringReservation(t *testing.T) {
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
	if got, err := v.ReserveMessages(ctx, k.Keystore, k.ID, 1, 7, 1000); err != nil || got != 7 {
		t.Errorf("ReserveMessages: %d, %v; want 7", got, err)
	}
	if got, err := v.KeyUsage(ctx, k.Keystore, k.ID, []int{1, 2}); err != nil || len(got) != 1 || got[1].Messages != 7 {
		t.Errorf("KeyUsage: %v, %v; want 7 of version 1", got, err)
	}
}

// Two servers rotate a key and count its messages at once: one of each two rotations wins, and no message is lost.
func TestServersRaceOverAKey(t *testing.T) {
	w := newWorld(t)
	o := w.options(t)
	servers := []*edv.Vault{open(t, o), open(t, o)}
	ctx := t.Context()
	k := storagetest.KeyRecord(o.Keystore)
	if err := servers[0].InsertKey(ctx, k); err != nil {
		t.Fatal(err)
	}
	var reserved atomic.Int64
	done := make(chan struct{})
	var counting, rotating sync.WaitGroup
	for _, v := range servers {
		counting.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				now, err := v.Key(ctx, k.Keystore, k.ID)
				if err != nil {
					t.Error(err)
					return
				}
				n, err := v.ReserveMessages(ctx, k.Keystore, k.ID, now.Newest, 3, 1<<40)
				if err != nil {
					t.Error(err)
					return
				}
				reserved.Add(n)
				time.Sleep(2 * time.Millisecond) // so that a rotation, which writes twice, is not outrun for ever
			}
		})
	}
	var won atomic.Int32
	versions := map[int]keystore.KeyVersion{1: k.KeyVersion}
	var mu sync.Mutex
	for _, v := range servers {
		rotating.Go(func() {
			for range 12 {
				now, err := v.Key(ctx, k.Keystore, k.ID)
				if err != nil {
					t.Error(err)
					return
				}
				next := rotated(now)
				switch err := v.UpdateKey(ctx, next, &next.KeyVersion); {
				case err == nil:
					won.Add(1)
					mu.Lock()
					versions[next.Version] = next.KeyVersion
					mu.Unlock()
				case !errors.Is(err, keystore.ErrStale):
					t.Errorf("UpdateKey: %v", err)
				}
			}
		})
	}
	rotating.Wait()
	close(done)
	counting.Wait()
	now, err := servers[0].Key(ctx, k.Keystore, k.ID)
	if err != nil || now.Newest != int(won.Load())+1 || now.Revision != int64(now.Newest) {
		t.Fatalf("Key: newest version %d, revision %d, %v; %d rotations were acknowledged", now.Newest, now.Revision, err, won.Load())
	}
	var all []int
	for n, want := range versions {
		all = append(all, n)
		isVersion(t, "after the race", servers[1], k, want)
	}
	usage, err := servers[1].KeyUsage(ctx, k.Keystore, k.ID, all)
	if err != nil {
		t.Fatal(err)
	}
	var counted int64
	for _, u := range usage {
		counted += u.Messages
	}
	if counted != reserved.Load() {
		t.Errorf("%d messages are counted, %d were reserved", counted, reserved.Load())
	}
	t.Logf("%d rotations, %d messages", won.Load(), counted)
}

// A deletion that is cut off anywhere is finished by the next one; until then the key is whole, or is on its way out.
func TestDeletionCutOff(t *testing.T) {
	for _, announced := range []bool{false, true} {
		for cut := range 8 {
			w := newWorld(t)
			v, _, h, o := w.hooked(t)
			ctx := t.Context()
			k, older := storagetest.FullKeyRecord(o.Keystore) // three versions
			if !announced {
				k.DeleteAt, k.State = time.Time{}, keystore.KeyEnabled
			}
			if err := v.InsertKey(ctx, k, older...); err != nil {
				t.Fatal(err)
			}
			w.server.Inject(vaultserver.Update, vaultserver.Fault{Kind: vaultserver.None, Times: max(cut, 1)})
			if cut == 0 {
				w.server.Heal()
			}
			w.server.Inject(vaultserver.Update, vaultserver.Fault{Kind: vaultserver.Outage})
			err := v.DeleteKey(ctx, o.Keystore, k.ID, k.Revision)
			w.server.Heal()
			what := fmt.Sprintf("announced %v, cut off after %d updates", announced, cut)
			if err == nil {
				if cut < 4 { // leaving, two versions, the key; the newest's copy is new
					t.Errorf("%s: DeleteKey succeeded", what)
				}
				w.isEmptied(t, what, o, h)
				continue
			}
			expectVault(t, what, err, true, "failed")
			listed, err := v.ListKeys(ctx, o.Keystore, keystore.KeyFilter{}, keystore.Position{}, 10)
			if err != nil || len(listed) != 1 || !reflect.DeepEqual(listed[0], k) {
				t.Errorf("%s: ListKeys gives %d keys, %v; want the key, so that it is found", what, len(listed), err)
			}
			_, err = v.Key(ctx, o.Keystore, k.ID)
			if cut == 0 || announced {
				isKey(t, what, v, k)
			} else if !errors.Is(err, keystore.ErrNotFound) {
				t.Errorf("%s: Key: %v, want ErrNotFound", what, err)
			}
			if cut == 0 {
				isVersion(t, what, v, k, older[0])
				isVersion(t, what, v, k, older[1])
			} else {
				back := k
				back.Revision, back.DeleteAt = k.Revision+1, time.Time{}
				if err := v.UpdateKey(ctx, back, nil); !errors.Is(err, keystore.ErrNotFound) {
					t.Errorf("%s: UpdateKey calls the key back: %v, want ErrNotFound", what, err)
				}
			}
			if err := v.DeleteKey(ctx, o.Keystore, k.ID, k.Revision+1); !errors.Is(err, keystore.ErrStale) {
				t.Errorf("%s: DeleteKey of another revision: %v, want ErrStale", what, err)
			}
			if err := v.DeleteKey(ctx, o.Keystore, k.ID, k.Revision); err != nil {
				t.Errorf("%s: DeleteKey again: %v", what, err)
			}
			w.isEmptied(t, what, o, h)
			if err := v.InsertKey(ctx, k, older...); err != nil {
				t.Errorf("%s: InsertKey of what was deleted: %v", what, err)
			}
			isKey(t, what+", restored", v, k)
			isVersion(t, what+", restored", v, k, older[0])
		}
	}
}

// A rotation that is slower than a deletion leaves no copy of the version behind.
func TestDeletionDuringRotation(t *testing.T) {
	for at := range 2 { // before the outgoing version is written, before the key is
		w := newWorld(t)
		v, plain, h, o := w.hooked(t)
		ctx := t.Context()
		k := storagetest.KeyRecord(o.Keystore)
		if err := v.InsertKey(ctx, k); err != nil {
			t.Fatal(err)
		}
		var posts atomic.Int32
		h.before = func(r *http.Request, _ []byte) {
			if r.Method == http.MethodPost && int(posts.Add(1)) == at+1 {
				if err := plain.DeleteKey(ctx, k.Keystore, k.ID, 1); err != nil {
					t.Error(err)
				}
			}
		}
		next := rotated(k)
		if err := v.UpdateKey(ctx, next, &next.KeyVersion); !errors.Is(err, keystore.ErrNotFound) {
			t.Errorf("UpdateKey of a key that is deleted before write %d: %v, want ErrNotFound", at+1, err)
		}
		w.isEmptied(t, fmt.Sprintf("deleted before write %d", at+1), o, h)
	}
}

// An update that calls a key back and a deletion: one of the two is refused, and the key is whole or gone.
func TestUpdateAgainstDeletion(t *testing.T) {
	w := newWorld(t)
	v, plain, h, o := w.hooked(t)
	ctx := t.Context()
	k, older := storagetest.FullKeyRecord(o.Keystore)
	if err := v.InsertKey(ctx, k, older...); err != nil {
		t.Fatal(err)
	}
	back := k
	back.Revision, back.DeleteAt = k.Revision+1, time.Time{}
	var once sync.Once
	h.before = func(r *http.Request, _ []byte) {
		if r.Method == http.MethodPost {
			once.Do(func() {
				if err := plain.UpdateKey(ctx, back, nil); err != nil {
					t.Error(err)
				}
			})
		}
	}
	if err := v.DeleteKey(ctx, k.Keystore, k.ID, k.Revision); !errors.Is(err, keystore.ErrStale) {
		t.Errorf("DeleteKey of a key that was called back: %v, want ErrStale", err)
	}
	isKey(t, "called back", v, back)
	for _, o := range older {
		isVersion(t, "called back", v, back, o)
	}
}

// An insert with older versions that is cut off leaves no key, and the next one does not stumble over it.
func TestRestoreCutOff(t *testing.T) {
	for cut := range 3 {
		w := newWorld(t)
		v, id := w.open(t)
		ctx := t.Context()
		k, older := storagetest.FullKeyRecord(id)
		if cut > 0 {
			w.server.Inject(vaultserver.Insert, vaultserver.Fault{Kind: vaultserver.None, Times: cut})
		}
		w.server.Inject(vaultserver.Insert, vaultserver.Fault{Kind: vaultserver.Outage})
		if err := v.InsertKey(ctx, k, older...); err == nil {
			t.Errorf("InsertKey cut off after %d documents succeeded", cut)
		}
		w.server.Heal()
		if _, err := v.Key(ctx, id, k.ID); !errors.Is(err, keystore.ErrNotFound) {
			t.Errorf("Key: %v, want ErrNotFound", err)
		}
		if _, err := v.KeyVersion(ctx, id, k.ID, 5); !errors.Is(err, keystore.ErrNotFound) {
			t.Errorf("KeyVersion: %v, want ErrNotFound", err)
		}
		again, others := storagetest.FullKeyRecord(id) // sealed anew
		again.ID = k.ID
		if err := v.InsertKey(ctx, again, others...); err != nil {
			t.Errorf("InsertKey again: %v", err)
		}
		isKey(t, "restored", v, again)
		isVersion(t, "restored", v, again, others[0])
	}
}

// Of two restores of one key at once one wins, with its own versions, and the other leaves nothing behind.
func TestRestoresRace(t *testing.T) {
	w := newWorld(t)
	v, plain, h, o := w.hooked(t)
	ctx := t.Context()
	k, older := storagetest.FullKeyRecord(o.Keystore)
	again, others := storagetest.FullKeyRecord(o.Keystore)
	again.ID = k.ID
	var posts atomic.Int32
	h.before = func(r *http.Request, _ []byte) {
		if r.Method == http.MethodPost && posts.Add(1) == 3 { // the key's own
			if err := plain.InsertKey(ctx, again, others...); err != nil {
				t.Error(err)
			}
		}
	}
	if err := v.InsertKey(ctx, k, older...); !errors.Is(err, keystore.ErrExists) {
		t.Errorf("InsertKey: %v, want ErrExists", err)
	}
	isKey(t, "the winner", v, again)
	isVersion(t, "the winner", v, again, others[0])
	isVersion(t, "the winner", v, again, others[1])
	left := 0
	for id := range h.documents {
		if content, _, _ := w.stored(t, o, id); len(content) != 0 {
			left++
		}
	}
	if left != 1 { // the place of the key itself, which is the winner's
		t.Errorf("%d documents of the loser are left, want the key's place alone", left)
	}
}

// An insert whose answer was lost is known again though the key was changed since, and does not take its versions away.
func TestInsertHiddenByAnUpdate(t *testing.T) {
	w := newWorld(t)
	v, plain, h, o := w.hooked(t)
	k, older := storagetest.FullKeyRecord(o.Keystore)
	next := rotated(k)
	var inserts atomic.Int32
	h.after = func(r *http.Request, resp *http.Response) (*http.Response, error) {
		if r.Method == http.MethodPost && inserts.Add(1) == 3 { // the key's own
			resp.Body.Close()
			if err := plain.UpdateKey(t.Context(), next, &next.KeyVersion); err != nil {
				t.Error(err)
			}
			return nil, errors.New("the connection broke")
		}
		return resp, nil
	}
	if err := v.InsertKey(t.Context(), k, older...); err != nil {
		t.Errorf("InsertKey: %v", err)
	}
	isKey(t, "changed since", v, next)
	for _, o := range append(older, k.KeyVersion) {
		isVersion(t, "changed since", v, next, o)
	}
}

// A vault that is slow bounds what one call can do: DeleteKey goes on where it ended.
func TestDeletionOfManyVersions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v, plain, h, o := w.hooked(t)
	ctx := t.Context()
	k := storagetest.KeyRecord(o.Keystore)
	k.Newest, k.KeyVersion = 300, storagetest.Version(300)
	var older []keystore.KeyVersion
	for n := range 299 {
		older = append(older, storagetest.Version(n+1))
	}
	if err := v.InsertKey(ctx, k, older...); err != nil {
		t.Fatal(err)
	}
	var seen []keystore.KeyVersion
	for below := 0; ; below = seen[len(seen)-1].Version {
		page, err := v.KeyVersions(ctx, k.Keystore, k.ID, below, 1000)
		if err != nil || len(page) > 100 {
			t.Fatalf("KeyVersions: %d, %v; want 100 at most", len(page), err)
		}
		if len(page) == 0 {
			break
		}
		seen = append(seen, page...)
	}
	slices.Reverse(seen)
	if !reflect.DeepEqual(seen, append(older, k.KeyVersion)) {
		t.Errorf("KeyVersions: %d versions in pages, want all 300 in order", len(seen))
	}
	h.before = func(*http.Request, []byte) { time.Sleep(60 * time.Millisecond) }
	calls := 0
	for {
		began := time.Now()
		err := v.DeleteKey(ctx, k.Keystore, k.ID, 1)
		if d := time.Since(began); d > edv.Deadline+500*time.Millisecond {
			t.Errorf("DeleteKey took %v", d)
		}
		if calls++; err == nil {
			break
		}
		expectVault(t, "DeleteKey", err, true, "")
		if calls == 5 {
			t.Fatal("DeleteKey comes to no end")
		}
	}
	if calls < 2 {
		t.Errorf("DeleteKey took %d calls: the test is too fast to show anything", calls)
	}
	if _, err := plain.Key(ctx, k.Keystore, k.ID); !errors.Is(err, keystore.ErrNotFound) {
		t.Errorf("Key: %v, want ErrNotFound", err)
	}
	w.isEmptied(t, "at last", o, h)
}

// Trimming that is cut off does not undo the update, and the next update goes on with it.
func TestTrimmingCutOff(t *testing.T) {
	w := newWorld(t)
	v, _, h, o := w.hooked(t)
	ctx := t.Context()
	k, older := storagetest.FullKeyRecord(o.Keystore)
	if err := v.InsertKey(ctx, k, older...); err != nil {
		t.Fatal(err)
	}
	k.Revision, k.Oldest = 13, 7
	w.server.Inject(vaultserver.Update, vaultserver.Fault{Kind: vaultserver.None, Times: 2}) // the key and one version
	w.server.Inject(vaultserver.Update, vaultserver.Fault{Kind: vaultserver.Outage})
	if err := v.UpdateKey(ctx, k, nil); err != nil {
		t.Errorf("UpdateKey: %v", err)
	}
	w.server.Heal()
	isKey(t, "trimmed", v, k)
	for _, n := range []int{5, 6} {
		if _, err := v.KeyVersion(ctx, k.Keystore, k.ID, n); !errors.Is(err, keystore.ErrNotFound) {
			t.Errorf("KeyVersion %d: %v, want ErrNotFound", n, err)
		}
	}
	k.Revision, k.Description = 14, "another update"
	if err := v.UpdateKey(ctx, k, nil); err != nil {
		t.Fatal(err)
	}
	left := 0
	for id := range h.documents {
		if content, _, _ := w.stored(t, o, id); len(content) != 0 {
			left++
		}
	}
	if left != 1 {
		t.Errorf("%d documents are left, want the key's", left)
	}
}

// A vault cannot pass a version off as another, of this key or of another one, nor a key's document as a version's.
func TestSwappedVersions(t *testing.T) {
	w := newWorld(t)
	v, _, h, o := w.hooked(t)
	ctx := t.Context()
	place := map[string]string{} // what a document holds, to its id
	insert := func(name string) keystore.KeyRecord {
		k, older := storagetest.FullKeyRecord(o.Keystore)
		if err := v.InsertKey(ctx, k, older...); err != nil {
			t.Fatal(err)
		}
		for id := range h.documents {
			content, _, _ := w.stored(t, o, id)
			if content["id"] == k.ID {
				number := content["version"].(map[string]any)["version"]
				place[fmt.Sprintf("%s %v %v", name, content["kind"], number)] = id
			}
		}
		return k
	}
	a := insert("a")
	insert("b")
	for _, other := range []string{"a version 6", "b version 5", "a key 7", "b key 7"} {
		for _, relabelled := range []bool{false, true} {
			h.after = func(r *http.Request, resp *http.Response) (*http.Response, error) {
				if path.Base(r.URL.Path) != place["a version 5"] {
					return resp, nil
				}
				resp.Body.Close()
				_, _, raw := w.stored(t, o, place[other])
				if relabelled {
					raw["id"], _ = json.Marshal(place["a version 5"])
				}
				body, _ := json.Marshal(raw)
				resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
				return resp, nil
			}
			got, err := v.KeyVersion(ctx, a.Keystore, a.ID, 5)
			expectVault(t, "KeyVersion answered with "+other, err, false, "another document")
			if got.Sealed != nil || !errors.Is(err, keystore.ErrDamaged) {
				t.Errorf("KeyVersion answered with %s: gives it out, or does not call it damaged: %v", other, err)
			}
			if _, err := v.KeyVersions(ctx, a.Keystore, a.ID, 0, 10); !errors.Is(err, keystore.ErrDamaged) {
				t.Errorf("KeyVersions with one answered with %s: %v, want ErrDamaged", other, err)
			}
			if _, err := v.KeyUsage(ctx, a.Keystore, a.ID, []int{5}); !errors.Is(err, keystore.ErrDamaged) {
				t.Errorf("KeyUsage answered with %s: %v, want ErrDamaged", other, err)
			}
		}
	}
	// A version that the vault withholds is not one that was never there.
	h.after = func(r *http.Request, resp *http.Response) (*http.Response, error) {
		if path.Base(r.URL.Path) == place["a version 5"] {
			resp.StatusCode = http.StatusNotFound
		}
		return resp, nil
	}
	if _, err := v.KeyVersion(ctx, a.Keystore, a.ID, 5); !errors.Is(err, keystore.ErrDamaged) {
		t.Errorf("KeyVersion that is withheld: %v, want ErrDamaged", err)
	}
}

// The vault sees that a key has a name, and neither the name nor which documents are versions of one key.
func TestVaultSeesNoNames(t *testing.T) {
	w := newWorld(t)
	o := w.options(t)
	ctx := t.Context()
	rec := &recorder{next: w.client.Transport}
	o.HTTP = &http.Client{Transport: rec}
	v := open(t, o)
	k, older := storagetest.FullKeyRecord(o.Keystore)
	if err := v.InsertKey(ctx, k, older...); err != nil {
		t.Fatal(err)
	}
	if _, err := v.KeyNamed(ctx, k.Keystore, k.Name); err != nil {
		t.Fatal(err)
	}
	next := rotated(k)
	if err := v.UpdateKey(ctx, next, &next.KeyVersion); err != nil {
		t.Fatal(err)
	}
	wire := string(rec.sent) + strings.Join(rec.path, "\n")
	for _, secret := range []string{k.ID, k.Keystore, k.Name, k.Name[:6], k.Description, "invoices", string(k.Type), "content.name", "deleteAt", "version\""} {
		if strings.Contains(wire, secret) {
			t.Errorf("the vault sees %q", secret)
		}
	}
}

// Documents that the first program wrote are read, and changed into today's form by whatever changes them next.
func TestFirstForm(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "first-form.json"))
	if err != nil {
		t.Fatal(err)
	}
	var documents []map[string]any
	if err := json.Unmarshal(data, &documents); err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 1, 2, 3, 4, 5, 678901000, time.UTC)
	repeat := func(b byte, n int) []byte { return bytes.Repeat([]byte{b}, n) }
	signing := keystore.KeyRecord{
		Keystore: "z19kstore", ID: "z19signing", Type: key.Ed25519, MaxChain: 3, Request: repeat(3, 32), CreatedAt: at,
		KeyMeta:    keystore.KeyMeta{Revision: 1, Newest: 1, Oldest: 1, State: keystore.KeyEnabled},
		KeyVersion: keystore.KeyVersion{Version: 1, PublicKey: repeat(1, 32), Sealed: repeat(2, 93), VersionCreatedAt: at, Tag: repeat(4, 32)},
	}
	at = time.Date(2026, 1, 2, 3, 4, 6, 0, time.UTC)
	sealing := keystore.KeyRecord{
		Keystore: "z19kstore", ID: "z19sealing", Type: key.AES256GCM, CreatedAt: at,
		KeyMeta:    keystore.KeyMeta{Revision: 1, Newest: 1, Oldest: 1, State: keystore.KeyDisabled},
		KeyVersion: keystore.KeyVersion{Version: 1, Sealed: repeat(5, 93), VersionCreatedAt: at, Tag: repeat(6, 32)},
	}
	for what, change := range map[string]func(v *edv.Vault) error{
		"nothing": func(*edv.Vault) error { return nil },
		"update": func(v *edv.Vault) error {
			next := signing
			next.Revision, next.Name, next.MetaTag = 2, "signing", repeat(8, 32)
			return v.UpdateKey(t.Context(), next, nil)
		},
		"rotation": func(v *edv.Vault) error {
			next := rotated(signing)
			return v.UpdateKey(t.Context(), next, &next.KeyVersion)
		},
		"uses": func(v *edv.Vault) error {
			return v.AddUses(t.Context(), signing.Keystore, signing.ID, []keystore.Usage{{Version: 1, Uses: 4}})
		},
		"deletion": func(v *edv.Vault) error { return v.DeleteKey(t.Context(), signing.Keystore, signing.ID, 1) },
	} {
		t.Run(what, func(t *testing.T) {
			w := newWorld(t)
			o := w.options(t)
			o.Keystore, o.Recipient, o.MAC = "z19kstore", repeat(7, 32), repeat(9, 32)
			v := open(t, o)
			for _, d := range documents {
				w.write(t, "/documents", d)
			}
			isKey(t, "as it was written", v, signing)
			isKey(t, "as it was written", v, sealing)
			isVersion(t, "as it was written", v, signing, signing.KeyVersion)
			if got, err := v.ListKeys(t.Context(), o.Keystore, keystore.KeyFilter{State: keystore.KeyDisabled}, keystore.Position{}, 10); err != nil ||
				len(got) != 1 || !reflect.DeepEqual(got[0], sealing) {
				t.Errorf("ListKeys gives %+v, %v; want the one that is disabled", got, err)
			}
			if got, err := v.KeyUsage(t.Context(), o.Keystore, signing.ID, []int{1}); err != nil || len(got) != 0 {
				t.Errorf("KeyUsage gives %v, %v; want none", got, err)
			}
			if err := change(v); err != nil {
				t.Fatal(err)
			}
			content, meta, _ := w.stored(t, o, documents[0]["id"].(string))
			if _, first := content["versions"]; first != (what == "nothing") || what != "nothing" && what != "deletion" && content["kind"] != "key" {
				t.Errorf("the document holds %v", content)
			}
			switch what {
			case "rotation":
				isVersion(t, "rotated", v, signing, signing.KeyVersion)
			case "uses":
				isKey(t, "used", v, signing)
				if got, err := v.KeyUsage(t.Context(), o.Keystore, signing.ID, []int{1}); err != nil || got[1].Uses != 4 {
					t.Errorf("KeyUsage gives %v, %v; want 4", got, err)
				}
			case "update":
				if got, err := v.KeyNamed(t.Context(), o.Keystore, "signing"); err != nil || got.ID != signing.ID {
					t.Errorf("KeyNamed gives %s, %v; want the key", got.ID, err)
				}
			case "deletion":
				if meta["deleted"] != true {
					t.Errorf("the document's meta is %v", meta)
				}
			}
		})
	}
}

// What cannot be read is listed first and does not keep the rest from being listed.
func TestDamagedInAListing(t *testing.T) {
	w := newWorld(t)
	v, _, h, o := w.hooked(t)
	ctx, store := t.Context(), o.Keystore
	var keys []keystore.KeyRecord
	broken := map[string]keystore.KeyRecord{} // by URL
	for n := range 7 {
		clear(h.documents)
		k := storagetest.KeyRecord(store)
		k.CreatedAt = storagetest.Moment(n)
		if err := v.InsertKey(ctx, k); err != nil {
			t.Fatal(err)
		}
		if n%2 == 0 {
			keys = append(keys, k)
			continue
		}
		for id := range h.documents {
			_, _, raw := w.stored(t, o, id)
			raw["sequence"] = json.RawMessage("1")
			raw["indexed"] = bytes.Replace(raw["indexed"], []byte(`"sequence":0`), []byte(`"sequence":1`), 1)
			raw["jwe"] = bytes.Replace(raw["jwe"], []byte(`"ciphertext":"`), []byte(`"ciphertext":"AAAA`), 1)
			w.write(t, "/documents/"+id, raw)
			broken[w.url+"/documents/"+id] = k
		}
	}
	gone := storagetest.KeyRecord(store)
	if err := v.InsertKey(ctx, gone); err != nil {
		t.Fatal(err)
	}
	if err := v.DeleteKey(ctx, store, gone.ID, 1); err != nil {
		t.Fatal(err)
	}
	for url, k := range broken {
		_, err := v.Key(ctx, store, k.ID)
		if expectVault(t, "Key", err, false, "cannot be used"); !errors.Is(err, keystore.ErrDamaged) {
			t.Errorf("Key of %s: %v, want ErrDamaged", url, err)
		}
		defer func() { // one goes at last
			if err := v.DestroyKey(ctx, store, k.ID); err != nil {
				t.Errorf("DestroyKey of %s: %v", url, err)
			}
			if _, err := v.Key(ctx, store, k.ID); !errors.Is(err, keystore.ErrNotFound) {
				t.Errorf("Key of %s that was destroyed: %v, want ErrNotFound", url, err)
			}
			if err := v.DestroyKey(ctx, store, k.ID); !errors.Is(err, keystore.ErrNotFound) {
				t.Errorf("DestroyKey of %s again: %v, want ErrNotFound", url, err)
			}
			if got, err := v.ListKeys(ctx, store, keystore.KeyFilter{}, keystore.Position{}, 100); err != nil ||
				slices.ContainsFunc(got, func(r keystore.KeyRecord) bool { return r.Damage == url }) {
				t.Errorf("%s, which was destroyed, is listed still, or nothing is: %v", url, err)
			}
		}()
	}
	for _, limit := range []int{2, 4, 5, 100} {
		var got []keystore.KeyRecord
		for after := (keystore.Position{}); len(got) < 20; {
			page, err := v.ListKeys(ctx, store, keystore.KeyFilter{Type: key.Ed25519}, after, limit)
			if err != nil || len(page) > limit {
				t.Fatalf("ListKeys with limit %d: %d keys, %v", limit, len(page), err)
			}
			if len(page) == 0 {
				break
			}
			got = append(got, page...)
			after = keystore.Position{CreatedAt: page[len(page)-1].CreatedAt, ID: page[len(page)-1].ID}
		}
		bad := min(3, limit-1)
		if len(got) != bad+len(keys) {
			t.Fatalf("ListKeys with limit %d: %d keys in pages, want %d", limit, len(got), bad+len(keys))
		}
		for i, k := range got {
			switch _, known := broken[k.Damage]; {
			case i < bad && (!known || !reflect.DeepEqual(k, keystore.KeyRecord{Keystore: store, Damage: k.Damage})):
				t.Errorf("limit %d: ListKeys gives %+v, want a damaged one and nothing more of it", limit, k)
			case i >= bad && !reflect.DeepEqual(k, keys[i-bad]):
				t.Errorf("limit %d: ListKeys gives %+v, want %+v", limit, k, keys[i-bad])
			}
		}
	}
}

// Names that a vault could mistake for one another, and a vault that lets two keys have one.
func TestNamesInTheVault(t *testing.T) {
	w := newWorld(t)
	v, _, h, o := w.hooked(t)
	ctx, store := t.Context(), o.Keystore
	names := []string{"a", "A", `a"`, `a\"`, `a\`, "a\\u0022", "ä", "a\u0308", "\ufffd", "😀", "a b", " a", "鍵", `"a"`}
	for _, n := range names {
		k := storagetest.KeyRecord(store)
		k.Name = n
		if err := v.InsertKey(ctx, k); err != nil {
			t.Errorf("InsertKey of %q: %v", n, err)
		}
	}
	for _, n := range names {
		if got, err := v.KeyNamed(ctx, store, n); err != nil || got.Name != n {
			t.Errorf("KeyNamed(%q) gives %q, %v", n, got.Name, err)
		}
	}
	if _, err := v.KeyNamed(ctx, store, "\xff"); !errors.Is(err, keystore.ErrNotFound) {
		t.Errorf("KeyNamed of no UTF-8: %v, want ErrNotFound", err)
	}
	k := storagetest.KeyRecord(store)
	k.Name = "\xff"
	if err := v.InsertKey(ctx, k); err == nil || !strings.HasPrefix(err.Error(), "name:") {
		t.Errorf("InsertKey of no UTF-8: %v, want an error that begins with name:", err)
	}
	// Answered with another key, KeyNamed does not give it out.
	other, err := v.KeyNamed(ctx, store, "A")
	if err != nil {
		t.Fatal(err)
	}
	var answer []byte
	h.after = func(r *http.Request, resp *http.Response) (*http.Response, error) {
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if answer == nil {
			answer = body
		}
		resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(answer)), int64(len(answer))
		return resp, nil
	}
	if got, err := v.KeyNamed(ctx, store, "A"); err != nil || got.ID != other.ID {
		t.Fatal(err)
	}
	_, err = v.KeyNamed(ctx, store, "a")
	expectVault(t, "KeyNamed answered with another key", err, false, "another document")
}

// Each call ends within the deadline, however many requests it takes.
func TestDeadlinesOfAKeysLife(t *testing.T) {
	w := newWorld(t)
	v, id := w.open(t)
	ctx := t.Context()
	k, older := storagetest.FullKeyRecord(id)
	if err := v.InsertKey(ctx, k, older...); err != nil {
		t.Fatal(err)
	}
	next := rotated(k)
	w.server.Inject(vaultserver.Update, vaultserver.Fault{Kind: vaultserver.Hang})
	w.server.Inject(vaultserver.Query, vaultserver.Fault{Kind: vaultserver.Hang})
	var wg sync.WaitGroup
	for what, call := range map[string]func() error{
		"UpdateKey":       func() error { return v.UpdateKey(ctx, next, &next.KeyVersion) },
		"DeleteKey":       func() error { return v.DeleteKey(ctx, id, k.ID, k.Revision) },
		"ReserveMessages": func() error { _, err := v.ReserveMessages(ctx, id, k.ID, 5, 1, 10); return err },
		"AddUses":         func() error { return v.AddUses(ctx, id, k.ID, []keystore.Usage{{Version: 7, Uses: 1}}) },
		"KeyNamed":        func() error { _, err := v.KeyNamed(ctx, id, k.Name); return err },
	} {
		wg.Go(func() {
			began := time.Now()
			expectVault(t, what, call(), true, "in time")
			if d := time.Since(began); d > edv.Deadline+time.Second {
				t.Errorf("%s took %v, want at most %v", what, d, edv.Deadline)
			}
		})
	}
	wg.Wait()
}

func TestUpdateRefuses(t *testing.T) {
	w := newWorld(t)
	v, id := w.open(t)
	ctx := t.Context()
	k, older := storagetest.FullKeyRecord(id)
	for says, change := range map[string]func(k *keystore.KeyRecord, o *[]keystore.KeyVersion){
		"older: must be every": func(_ *keystore.KeyRecord, o *[]keystore.KeyVersion) { *o = (*o)[:1] },
		"older: must be vers":  func(_ *keystore.KeyRecord, o *[]keystore.KeyVersion) { (*o)[0].Version = 7 },
		"oldest:":              func(k *keystore.KeyRecord, _ *[]keystore.KeyVersion) { k.Oldest = 0 },
		"newest:":              func(k *keystore.KeyRecord, _ *[]keystore.KeyVersion) { k.Newest = 8 },
		"revision:":            func(k *keystore.KeyRecord, _ *[]keystore.KeyVersion) { k.Revision = 0 },
		"rotation period:":     func(k *keystore.KeyRecord, _ *[]keystore.KeyVersion) { k.RotationPeriod = time.Millisecond },
	} {
		k, older := k, slices.Clone(older)
		change(&k, &older)
		if err := v.InsertKey(ctx, k, older...); err == nil || !strings.HasPrefix(err.Error(), says) {
			t.Errorf("InsertKey: %v, want an error that begins with %q", err, says)
		}
	}
	if err := v.InsertKey(ctx, k, older...); err != nil {
		t.Fatal(err)
	}
	for says, change := range map[string]func(k *keystore.KeyRecord) *keystore.KeyVersion{
		"oldest: must not go back": func(k *keystore.KeyRecord) *keystore.KeyVersion { k.Oldest = 4; return nil },
		"oldest: must be 1":        func(k *keystore.KeyRecord) *keystore.KeyVersion { k.Oldest = 8; return nil },
		"newest: must stay":        func(k *keystore.KeyRecord) *keystore.KeyVersion { k.Newest = 8; return nil },
		"version: must follow": func(k *keystore.KeyRecord) *keystore.KeyVersion {
			k.Newest, k.KeyVersion = 9, storagetest.Version(9)
			return &k.KeyVersion
		},
	} {
		next := k
		next.Revision++
		added := change(&next)
		if err := v.UpdateKey(ctx, next, added); err == nil || !strings.HasPrefix(err.Error(), says) {
			t.Errorf("UpdateKey: %v, want an error that begins with %q", err, says)
		}
	}
	isKey(t, "after the refused updates", v, k)
}
