package edv_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"testing"

	"github.com/mr-tron/base58"

	"twolock/storage/edv"
	"twolock/storage/storagetest"
)

// Attributes are blinded as an unmodified client did in a recorded session, in which content.keyId was "k1".
func TestBlindAttributeVector(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("jwe", "testdata", "edv-client-transcript.json"))
	if err != nil {
		t.Fatal(err)
	}
	var session struct {
		MAC string `json:"hmacKeyB64url"`
		Log []struct {
			Body struct {
				Indexed []struct {
					Attributes []struct{ Name, Value string }
				}
			}
		}
	}
	if err := json.Unmarshal(data, &session); err != nil {
		t.Fatal(err)
	}
	mac, err := base64.RawURLEncoding.DecodeString(session.MAC)
	if err != nil {
		t.Fatal(err)
	}
	want := session.Log[1].Body.Indexed[0].Attributes[0]
	if name, value := edv.BlindAttribute(mac, "content.keyId", "k1"); name != want.Name || value != want.Value {
		t.Errorf("content.keyId = k1 is blinded to %s = %s, want %s = %s", name, value, want.Name, want.Value)
	}
	if name, value := edv.BlindAttribute(mac, "content.other", "k1"); name == want.Name || value == want.Value {
		t.Error("equal values of two attributes look the same to the vault")
	}
}

// A document's id is z + base58btc(0x00 0x10 || HMAC-SHA-256(MAC key, key id)[:16]).
func TestDocumentID(t *testing.T) {
	w := newWorld(t)
	o := w.options(t)
	rec := &recorder{next: w.client.Transport}
	o.HTTP = &http.Client{Transport: rec}
	k := storagetest.KeyRecord(o.Keystore)
	if _, err := open(t, o).Key(t.Context(), k.Keystore, k.ID); err == nil {
		t.Fatal("a key that was never made is there")
	}
	mac := hmac.New(sha256.New, o.MAC)
	mac.Write([]byte(k.ID))
	want := "z" + base58.Encode(append([]byte{0, 16}, mac.Sum(nil)[:16]...))
	if got := path.Base(rec.path[0]); got != want {
		t.Errorf("the document's id is %s, want %s", got, want)
	}
}

// A version's document has the id z + base58btc(0x00 0x10 || HMAC-SHA-256(MAC key, text, 0x00, shelf, version in 4 bytes, key id)[:16]).
func TestVersionDocumentID(t *testing.T) {
	w := newWorld(t)
	v, _, h, o := w.hooked(t)
	k, older := storagetest.FullKeyRecord(o.Keystore) // 5, 6 and 7
	if err := v.InsertKey(t.Context(), k, older...); err != nil {
		t.Fatal(err)
	}
	found := 0
	for id := range h.documents {
		content, _, _ := w.stored(t, o, id)
		if content["kind"] != "version" {
			continue
		}
		found++
		shelf, err := base64.RawURLEncoding.DecodeString(content["shelf"].(string))
		if err != nil || len(shelf) != 16 {
			t.Fatalf("the shelf is %v", content["shelf"])
		}
		number := content["version"].(map[string]any)["version"].(float64)
		mac := hmac.New(sha256.New, o.MAC)
		mac.Write([]byte("twolock vault version document\x00"))
		mac.Write(shelf)
		mac.Write([]byte{0, 0, 0, byte(number)})
		mac.Write([]byte(k.ID))
		if want := "z" + base58.Encode(append([]byte{0, 16}, mac.Sum(nil)[:16]...)); id != want {
			t.Errorf("version %v is in the document %s, want %s", number, id, want)
		}
	}
	if found != 2 {
		t.Errorf("%d versions have a document, want 2", found)
	}
}
