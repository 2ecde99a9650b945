package edv_test

import (
	"bytes"
	"crypto/ecdh"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
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
	second.Version = 2 // beside an older one
	if err := store.InsertKey(t.Context(), first); err != nil {
		t.Fatal(err)
	}

	type version struct {
		Version   int    `json:"version"`
		Type      string `json:"type"`
		State     string `json:"state"`
		PublicKey string `json:"publicKey"`
		Sealed    string `json:"sealed"`
		Request   string `json:"request"`
		CreatedAt string `json:"createdAt"`
	}
	type content struct {
		Keystore string    `json:"keystore"`
		ID       string    `json:"id"`
		Versions []version `json:"versions"`
	}
	encode := base64.RawURLEncoding.EncodeToString
	versionOf := func(k keystore.KeyRecord) version {
		return version{k.Version, string(k.Type), string(k.State), encode(k.PublicKey), encode(k.Sealed), encode(k.Request),
			k.CreatedAt.Format(time.RFC3339Nano)}
	}
	older := versionOf(first)
	file, err := s.owner.MarshalFile()
	if err != nil {
		t.Fatal(err)
	}
	input, err := json.Marshal(map[string]any{
		"vault": url, "user": json.RawMessage(file), "recipient": agreementKey(t, o.RecipientID, secrets.Recipient), "mac": encode(secrets.MAC),
		"read": documentID(secrets.MAC, first.ID), "write": documentID(secrets.MAC, second.ID),
		"content": content{o.Keystore, second.ID, []version{older, versionOf(second)}},
	})
	if err != nil {
		t.Fatal(err)
	}

	var read struct {
		Content  content
		Meta     *struct{}
		Sequence int
		Type     string
		Found    []string
	}
	output := node(t, s, input, "exchange.mjs")
	if err := json.Unmarshal([]byte(output), &read); err != nil {
		t.Fatal(err)
	}
	want := content{o.Keystore, first.ID, []version{versionOf(first)}}
	if got, _ := json.Marshal(read.Content); string(got) != string(mustMarshal(t, want)) || read.Meta == nil || read.Sequence != 0 {
		t.Errorf("the client read %s, want %s", output, mustMarshal(t, want))
	}
	if len(read.Found) != 1 || read.Found[0] != first.ID || read.Type != "Sha256HmacKey2019" {
		t.Errorf("the client found %v by an index of type %q, want the key", read.Found, read.Type)
	}

	got, err := store.Key(t.Context(), o.Keystore, second.ID)
	if err != nil {
		t.Fatalf("reading what the client wrote: %v", err)
	}
	if got.Version != 2 || !bytes.Equal(got.Sealed, second.Sealed) || !got.CreatedAt.Equal(second.CreatedAt) || got.ID != second.ID {
		t.Errorf("of the client's document Key gives %+v, want %+v", got, second)
	}
	got, err = store.KeyVersion(t.Context(), o.Keystore, second.ID, 1)
	if err != nil || !bytes.Equal(got.Sealed, first.Sealed) {
		t.Errorf("of the client's document KeyVersion 1 gives %+v, %v; want the older one", got, err)
	}
	listed, err := store.ListKeys(t.Context(), o.Keystore, keystore.KeyFilter{}, keystore.Position{}, 10)
	if err != nil || len(listed) != 2 {
		t.Errorf("ListKeys: %d keys, %v; want both", len(listed), err)
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
