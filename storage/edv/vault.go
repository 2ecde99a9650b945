package edv

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"twolock/auth"
	"twolock/crypto/secret"
	"twolock/keystore"
	"twolock/storage/edv/jwe"
)

// MaxKeys is how many keys of a keystore can be listed: a vault's query gives no more at a time and no way to go on. keystore.MaxVaultKeys, how many
// can be made, is less.
const MaxKeys = 1000

// What capabilities call reading and writing documents. Asking for documents is reading, although it is a POST.
const (
	actionRead  = "read"
	actionWrite = "write"
)

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
// pass; a write that failed with one may have been stored all the same. Doing it again answers then: an insert ErrExists, an update ErrStale, a
// deletion ErrNotFound; uses and reserved messages are counted twice.
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

// bound gives a call its deadline, however many requests it takes.
func bound(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, Deadline)
}

// mine checks that a call is about this vault's keystore and a key that can be.
func (v *Vault) mine(keystoreID, id string) error {
	if keystoreID != v.keystore {
		return errOtherKeystore
	}
	return checkName("id", id)
}

var errOtherKeystore = errors.New("keystore: this vault keeps the keys of another")
