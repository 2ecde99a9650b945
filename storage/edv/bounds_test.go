package edv_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"

	"twolock/auth"
	"twolock/keystore"
	"twolock/storage/edv"
)

// A vault is its user's: what it answers must not take more memory than it is long, a few times over.
func TestAnswersTakeBoundedMemory(t *testing.T) {
	many := func(open, one, end string, size int) []byte {
		return append(append([]byte(open), bytes.Repeat([]byte(one+","), (size-len(open)-len(one)-len(end))/(len(one)+1))...), one+end...)
	}
	const listing, document = 8 << 20, 1 << 20
	for what, answer := range map[string][]byte{
		"empty documents":  many(`{"hasMore":false,"documents":[`, `{}`, `]}`, listing-100),
		"index entries":    many(`{"hasMore":false,"documents":[{"id":"z","sequence":0,"indexed":[`, `{}`, `],"jwe":{}}]}`, listing-100),
		"index attributes": many(`{"hasMore":false,"documents":[{"id":"z","sequence":0,"indexed":[{"attributes":[`, `{}`, `]}],"jwe":{}}]}`, listing-100),
	} {
		if got := allocated(t, answer, func(v *edv.Vault, id string) error {
			_, err := v.ListKeys(t.Context(), id, keystore.KeyFilter{}, keystore.Position{}, 10)
			return err
		}); got > 12*len(answer) {
			t.Errorf("a listing of %d bytes of %s allocated %d", len(answer), what, got)
		}
	}
	for what, answer := range map[string][]byte{
		"recipients":    many(`{"id":"z","sequence":0,"indexed":[],"jwe":{"protected":"eyJlbmMiOiJYQzIwUCJ9","recipients":[`, `{}`, `]}}`, document-100),
		"index entries": many(`{"id":"z","sequence":0,"indexed":[`, `{}`, `],"jwe":{}}`, document-100),
	} {
		if got := allocated(t, answer, func(v *edv.Vault, id string) error {
			_, err := v.Key(t.Context(), id, id)
			return err
		}); got > 12*len(answer) {
			t.Errorf("a document of %d bytes of %s allocated %d", len(answer), what, got)
		}
	}
}

// allocated is how many bytes reading the answer allocates; it must be refused.
func allocated(t *testing.T, answer []byte, read func(v *edv.Vault, keystore string) error) int {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(answer)
	}))
	defer server.Close()
	w := newWorld(t)
	o := w.options(t)
	o.URL = server.URL + "/edvs/z19xExampleEdv"
	o.Capability = w.delegate(t, func(d *auth.Delegation) { d.RootTarget, d.Target = o.URL, o.URL })
	v, id := open(t, o), o.Keystore
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	err := read(v, id)
	runtime.ReadMemStats(&after)
	if err == nil {
		t.Error("a hostile answer was taken")
	}
	return int(after.TotalAlloc - before.TotalAlloc)
}
