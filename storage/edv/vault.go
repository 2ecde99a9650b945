package edv

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"twolock/auth"
	"twolock/crypto/secret"
	"twolock/keystore"
	"twolock/storage/edv/jwe"
)

// MaxKeys is how many keys of a keystore can be listed: a vault's query gives no more at a time and no way to go on.
const MaxKeys = 1000

// What capabilities call reading and writing documents. Asking for documents is reading, although it is a POST.
const (
	actionRead  = "read"
	actionWrite = "write"
)

// firstTry is how long an insert waits before it is sent again, within Deadline.
const firstTry = Deadline / 2

// Options say which vault, and with which keys.
type Options struct {
	// Keystore is the short id of the keystore whose keys are kept. A Vault serves that one alone.
	Keystore string
	// URL is the vault's, as CheckURL takes it. It is the target of the vault's root capability.
	URL string
	// Capability lets Identity read and write the vault's documents. Its target is URL or URL/documents.
	Capability *auth.Capability
	Identity   *auth.Identity
	// Recipient and MAC are the keystore's Secrets. Open copies them.
	Recipient, MAC secret.Bytes
	// RecipientID names the recipient key in every document (kid). Public; it must not tell the public key.
	RecipientID string
	// HTTP sends the requests; nil: NewHTTPClient(false). Redirects are not followed whatever it says.
	HTTP *http.Client
	Now  func() time.Time // nil: time.Now
}

// Vault keeps the keys of one keystore in its user's vault. It is a keystore.Keys and safe for concurrent use.
//
// Its errors beside those of keystore.Keys are *keystore.Error, UPSTREAM_UNAVAILABLE of "vault". Retryable ones may
// pass; an insert that failed with one may have been stored, and doing it again with the same id answers ErrExists then.
type Vault struct {
	keystore   string
	url        string
	capability *auth.Capability
	identity   *auth.Identity
	cabinet    cabinet
	http       *http.Client
	now        func() time.Time
}

var _ keystore.Keys = (*Vault)(nil)

// Open checks that the options fit together. It sends nothing, and does not look at the capability's expiry: a vault whose
// capability expired is opened, and says so when it is used. Errors begin with the option's name in lower case.
func Open(o Options) (*Vault, error) {
	if err := checkName("keystore", o.Keystore); err != nil {
		return nil, err
	}
	if err := CheckURL(o.URL, true); err != nil { // the client keeps requests off this machine
		return nil, fmt.Errorf("url: %w", err)
	}
	if o.Identity == nil {
		return nil, errors.New("identity: is missing")
	}
	if err := checkCapability(o.Capability, o.URL, o.Identity.DID()); err != nil {
		return nil, fmt.Errorf("capability: %w", err)
	}
	recipient, err := jwe.NewRecipient(o.RecipientID, o.Recipient)
	if err != nil {
		return nil, err
	}
	if len(o.MAC) != keySize {
		return nil, errors.New("mac: must be 32 bytes")
	}
	v := &Vault{
		keystore: o.Keystore, url: o.URL, capability: o.Capability, identity: o.Identity, now: o.Now,
		cabinet: cabinet{recipient: recipient, blinder: newBlinder(o.MAC)},
	}
	client := http.Client{}
	if o.HTTP != nil {
		client = *o.HTTP
	} else {
		client = *NewHTTPClient(false)
	}
	client.CheckRedirect = noRedirect
	v.http = &client
	if v.now == nil {
		v.now = time.Now
	}
	return v, nil
}

func checkCapability(c *auth.Capability, url, did string) error {
	switch {
	case c == nil:
		return errors.New("is missing")
	case c.RootTarget() != url:
		return errors.New("its root must be the vault's URL")
	case c.Target() != url && c.Target() != url+"/documents":
		return errors.New("its target must be the vault's URL, or that followed by /documents")
	case c.Controller() != did:
		return errors.New("it must be delegated to " + did)
	case !c.Allows(actionRead) || !c.Allows(actionWrite):
		return errors.New("it must allow read and write")
	}
	return nil
}

// Format shows which vault, and no key, whatever the verb.
func (v *Vault) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "edv.Vault("+v.url+")") }

// InsertKey implements keystore.Keys: one request unless it gets no clear answer. Then the same document is sent once more,
// and a vault that has it by then is asked whether it is this one.
func (v *Vault) InsertKey(ctx context.Context, r keystore.KeyRecord) error {
	if r.Keystore != v.keystore {
		return errOtherKeystore
	}
	record, err := encodeRecord(r)
	if err != nil {
		return err
	}
	body, err := v.cabinet.file(r.Keystore, r.ID, record)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, Deadline)
	defer cancel()

	first, cancelFirst := context.WithTimeout(ctx, firstTry)
	ambiguous, err := v.insert(first, body)
	cancelFirst()
	if !ambiguous || ctx.Err() != nil {
		return err
	}
	_, err = v.insert(ctx, body)
	if !errors.Is(err, keystore.ErrExists) {
		return err
	}
	stored, err := v.fetch(ctx, r.ID)
	if err != nil {
		if errors.Is(err, keystore.ErrNotFound) {
			return unavailable(false, "the vault says both that the key is there and that it is not", nil)
		}
		return err
	}
	if ours, err := decodeContent(record); err != nil || !sameContent(ours, stored) {
		return keystore.ErrExists
	}
	return nil
}

// insert sends a new document once. ambiguous: it may be stored although there is an error.
func (v *Vault) insert(ctx context.Context, body []byte) (ambiguous bool, err error) {
	got, ambiguous, err := v.exchange(ctx, http.MethodPost, "/documents", actionWrite, body, 0)
	if err != nil {
		return ambiguous, err
	}
	switch got.status {
	case http.StatusCreated, http.StatusOK, http.StatusNoContent:
		return false, nil
	case http.StatusConflict:
		return false, keystore.ErrExists
	}
	return ambiguous, v.refused(got.status)
}

// sameContent compares what makes a key this key: its sealed bytes, each sealing of which is unique.
func sameContent(a, b content) bool {
	return a.ID == b.ID && slices.EqualFunc(a.Versions, b.Versions, func(x, y version) bool {
		return x.Version == y.Version && x.Type == y.Type && bytes.Equal(x.Sealed, y.Sealed) && bytes.Equal(x.PublicKey, y.PublicKey)
	})
}

// Key implements keystore.Keys: one request.
func (v *Vault) Key(ctx context.Context, keystoreID, id string) (keystore.KeyRecord, error) {
	got, err := v.key(ctx, keystoreID, id)
	if err != nil {
		return keystore.KeyRecord{}, err
	}
	return got.newest(), nil
}

// KeyVersion implements keystore.Keys: one request.
func (v *Vault) KeyVersion(ctx context.Context, keystoreID, id string, version int) (keystore.KeyRecord, error) {
	got, err := v.key(ctx, keystoreID, id)
	if err != nil {
		return keystore.KeyRecord{}, err
	}
	return got.version(version)
}

func (v *Vault) key(ctx context.Context, keystoreID, id string) (content, error) {
	if keystoreID != v.keystore || checkName("id", id) != nil {
		return content{}, keystore.ErrNotFound
	}
	ctx, cancel := context.WithTimeout(ctx, Deadline)
	defer cancel()
	return v.fetch(ctx, id)
}

// fetch reads the document of a key.
func (v *Vault) fetch(ctx context.Context, id string) (content, error) {
	path := "/documents/" + v.cabinet.blinder.documentID(id)
	got, _, err := v.exchange(ctx, http.MethodGet, path, actionRead, nil, maxDocument)
	switch {
	case err != nil:
		return content{}, err
	case got.status == http.StatusNotFound:
		return content{}, keystore.ErrNotFound
	case got.status != http.StatusOK:
		return content{}, v.refused(got.status)
	}
	c, err := v.cabinet.read(got.body, v.keystore, id)
	if err != nil {
		return content{}, malformed(err)
	}
	return c, nil
}

// ListKeys implements keystore.Keys: one request, for all keys, which are put in order here: a vault cannot sort what it
// cannot read. More than MaxKeys keys are an error.
func (v *Vault) ListKeys(ctx context.Context, keystoreID string, after keystore.Position, limit int) ([]keystore.KeyRecord, error) {
	if keystoreID != v.keystore {
		return nil, errOtherKeystore
	}
	if limit < 1 {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, Deadline)
	defer cancel()
	select {
	case listings <- struct{}{}:
		defer func() { <-listings }()
	case <-ctx.Done():
		return nil, unavailable(true, "too many listings at once", ctx.Err())
	}
	body, err := v.cabinet.keystoreQuery(keystoreID, MaxKeys)
	if err != nil {
		return nil, err
	}
	got, _, err := v.exchange(ctx, http.MethodPost, "/documents/query", actionRead, body, maxListing)
	if err != nil {
		return nil, err
	}
	if got.status != http.StatusOK {
		return nil, v.refused(got.status)
	}
	keys, err := v.listing(got.body)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(keys, func(a, b keystore.KeyRecord) int { return comparePositions(position(a), position(b)) })
	from, _ := slices.BinarySearchFunc(keys, after, func(k keystore.KeyRecord, after keystore.Position) int {
		if comparePositions(position(k), after) <= 0 {
			return -1
		}
		return 1
	})
	return slices.Clone(keys[from:min(len(keys), from+limit)]), nil
}

// listings bounds what all listings of the process hold in memory at once: each may be an answer of 4 MiB and what it decrypts to.
var listings = make(chan struct{}, 8)

// listing reads the answer to a query: the newest version of each key, in the vault's order.
func (v *Vault) listing(body []byte) ([]keystore.KeyRecord, error) {
	var found queryAnswer
	err := json.Unmarshal(body, &found, json.RejectUnknownMembers(true))
	if err != nil && !errors.Is(err, errTooMany) {
		return nil, malformed(errors.New("not the answer to a query"))
	}
	if err != nil || len(found.Documents) > MaxKeys || len(found.Documents) == MaxKeys && found.HasMore == nil ||
		found.HasMore != nil && *found.HasMore {
		return nil, unavailable(false, "the vault holds more than 1000 keys of this keystore, too many to list", nil)
	}
	keys := make([]keystore.KeyRecord, 0, len(found.Documents))
	seen := make(map[string]bool, len(found.Documents))
	for _, doc := range found.Documents {
		if seen[doc.ID] {
			return nil, malformed(errors.New("a document comes twice"))
		}
		seen[doc.ID] = true
		c, err := v.cabinet.open(doc, v.keystore)
		if err != nil {
			return nil, malformed(err)
		}
		keys = append(keys, c.newest())
	}
	return keys, nil
}

func position(k keystore.KeyRecord) keystore.Position {
	return keystore.Position{CreatedAt: k.CreatedAt, ID: k.ID}
}

func comparePositions(a, b keystore.Position) int {
	if c := a.CreatedAt.Compare(b.CreatedAt); c != 0 {
		return c
	}
	return strings.Compare(a.ID, b.ID)
}

var errOtherKeystore = errors.New("keystore: this vault keeps the keys of another")
