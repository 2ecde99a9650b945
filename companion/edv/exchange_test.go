package edv_test

import (
	"bytes"
	"crypto/ecdh"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/mr-tron/base58"

	"twolock/auth"
	"twolock/keystore"
	vault "twolock/storage/edv"
	"twolock/storage/storagetest"
)

// An unmodified client that has the keys reads and finds what the vault store wrote, and the store reads what the client wrote.
func TestUnmodifiedClientAndStore(t *testing.T) {
	s := startTLS(t)
	url, _ := s.create(t)
	service := newIdentity(t)
	capability, err := s.owner.Delegate(auth.Delegation{
		RootTarget: url, Controller: service.DID(), Target: url, Actions: []string{"read", "write"}, Expires: time.Now().Add(time.Hour),
	}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	secrets := vault.NewSecrets()
	o := vault.Options{
		Keystore: storagetest.ID(), URL: url, Capability: capability, Identity: service, Recipient: secrets.Recipient, MAC: secrets.MAC,
		RecipientID: "urn:twolock:test#recipient", HTTP: &http.Client{Transport: s.listener.Client().Transport},
	}
	store, err := vault.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	first, second := storagetest.KeyRecord(o.Keystore), storagetest.KeyRecord(o.Keystore)
	first.Name = "Müller's 鍵 \"<&>\" \\ \u2028 😀"
	second.KeyVersion, second.Newest, second.MetaTag = storagetest.Version(2), 2, nil // beside an older one
	older := storagetest.Version(1)
	if err := store.InsertKey(t.Context(), first); err != nil {
		t.Fatal(err)
	}

	encode := base64.RawURLEncoding.EncodeToString
	// As the first program wrote them.
	type version struct {
		Version   int    `json:"version"`
		Type      string `json:"type"`
		State     string `json:"state"`
		MaxChain  int    `json:"maxChain"`
		PublicKey string `json:"publicKey"`
		Sealed    string `json:"sealed"`
		Request   string `json:"request"`
		CreatedAt string `json:"createdAt"`
		Tag       string `json:"tag"`
	}
	versionOf := func(v keystore.KeyVersion) version {
		return version{v.Version, string(second.Type), string(second.State), second.MaxChain, encode(v.PublicKey), encode(v.Sealed), encode(second.Request),
			second.CreatedAt.Format(time.RFC3339Nano), encode(v.Tag)}
	}
	written := map[string]any{
		"keystore": o.Keystore, "id": second.ID, "versions": []version{versionOf(older), versionOf(second.KeyVersion)},
	}
	file, err := s.owner.MarshalFile()
	if err != nil {
		t.Fatal(err)
	}
	input, err := json.Marshal(map[string]any{
		"vault": url, "user": json.RawMessage(file), "recipient": agreementKey(t, o.RecipientID, secrets.Recipient), "mac": encode(secrets.MAC),
		"read": documentID(secrets.MAC, first.ID), "write": documentID(secrets.MAC, second.ID),
		"content": written,
	})
	if err != nil {
		t.Fatal(err)
	}

	var read struct {
		Content  json.RawMessage
		Meta     *struct{}
		Sequence int
		Type     string
		Found    []string
		Named    []string
	}
	output := node(t, s, input, "exchange.mjs")
	if err := json.Unmarshal([]byte(output), &read); err != nil {
		t.Fatal(err)
	}
	var content map[string]any
	if err := json.Unmarshal(read.Content, &content); err != nil {
		t.Fatal(err)
	}
	if shelf, _ := content["shelf"].(string); len(shelf) != 22 {
		t.Errorf("the client read the shelf %v, want 16 bytes as base64url", content["shelf"])
	}
	delete(content, "shelf")
	want := map[string]any{
		"kind": "key", "keystore": o.Keystore, "id": first.ID, "type": string(first.Type), "maxChain": 3., "request": encode(first.Request),
		"createdAt": first.CreatedAt.Format(time.RFC3339Nano), "revision": 1., "newest": 1., "oldest": 1., "swept": 1., "state": "ENABLED",
		"name": first.Name, "metaTag": encode(first.MetaTag), "version": map[string]any{
			"version": 1., "publicKey": encode(first.PublicKey), "sealed": encode(first.Sealed), "tag": encode(first.Tag),
			"createdAt": first.VersionCreatedAt.Format(time.RFC3339Nano),
		},
	}
	if !reflect.DeepEqual(content, want) || read.Meta == nil || read.Sequence != 0 {
		t.Errorf("the client read %s, want %s", output, mustMarshal(t, want))
	}
	if !slices.Equal(read.Found, []string{first.ID}) || read.Type != "Sha256HmacKey2019" {
		t.Errorf("the client found %v by an index of type %q, want the key", read.Found, read.Type)
	}
	if !slices.Equal(read.Named, []string{first.ID}) {
		t.Errorf("the client found %v by name, want the key", read.Named)
	}

	got, err := store.Key(t.Context(), o.Keystore, second.ID)
	if err != nil {
		t.Fatalf("reading what the client wrote: %v", err)
	}
	second.VersionCreatedAt, second.VersionRequest = second.CreatedAt, nil // which the first program did not keep
	if !reflect.DeepEqual(got, second) {
		t.Errorf("of the client's document Key gives %+v, want %+v", got, second)
	}
	isOlder := func(what string) {
		t.Helper()
		v, err := store.KeyVersion(t.Context(), o.Keystore, second.ID, 1)
		if err != nil || !bytes.Equal(v.Sealed, older.Sealed) || !bytes.Equal(v.Tag, older.Tag) {
			t.Errorf("%s: KeyVersion 1 gives %+v, %v; want the older one", what, v, err)
		}
	}
	isOlder("of the client's document")
	listed, err := store.ListKeys(t.Context(), o.Keystore, keystore.KeyFilter{}, keystore.Position{}, 10)
	if err != nil || len(listed) != 2 {
		t.Errorf("ListKeys: %d keys, %v; want both", len(listed), err)
	}

	// The store changes what the client wrote, and each finds what the other deleted to be gone.
	second.Revision, second.Description = 2, "changed"
	if err := store.UpdateKey(t.Context(), second, nil); err != nil {
		t.Fatalf("updating what the client wrote: %v", err)
	}
	if got, err := store.Key(t.Context(), o.Keystore, second.ID); err != nil || !reflect.DeepEqual(got, second) {
		t.Errorf("after the update Key gives %+v, %v; want %+v", got, err, second)
	}
	isOlder("after the update")
	if err := store.DeleteKey(t.Context(), o.Keystore, first.ID, 1); err != nil {
		t.Fatal(err)
	}
	input, err = json.Marshal(map[string]any{
		"vault": url, "user": json.RawMessage(file), "recipient": agreementKey(t, o.RecipientID, secrets.Recipient), "mac": encode(secrets.MAC),
		"deleted": documentID(secrets.MAC, first.ID), "delete": documentID(secrets.MAC, second.ID),
	})
	if err != nil {
		t.Fatal(err)
	}
	node(t, s, input, "deletion.mjs")
	if _, err := store.Key(t.Context(), o.Keystore, second.ID); !errors.Is(err, keystore.ErrNotFound) {
		t.Errorf("what the client deleted: %v, want ErrNotFound", err)
	}
	if err := store.InsertKey(t.Context(), first); err != nil {
		t.Errorf("InsertKey of what was deleted: %v", err)
	}
}

func mustMarshal(t *testing.T, v any) []byte {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// agreementKey is an X25519 key pair as the clients export one.
func agreementKey(t *testing.T, id string, private []byte) map[string]string {
	t.Helper()
	k, err := ecdh.X25519().NewPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]string{
		"id": id, "type": "X25519KeyAgreementKey2020", "controller": "urn:twolock:test",
		"publicKeyMultibase":  "z" + base58.Encode(append([]byte{0xec, 0x01}, k.PublicKey().Bytes()...)),
		"privateKeyMultibase": "z" + base58.Encode(append([]byte{0x82, 0x26}, private...)),
	}
}

func documentID(mac []byte, key string) string {
	h := hmac.New(sha256.New, mac)
	h.Write([]byte(key))
	return "z" + base58.Encode(append([]byte{0, 16}, h.Sum(nil)[:16]...))
}
