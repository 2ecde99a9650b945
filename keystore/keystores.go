package keystore

import (
	"bytes"
	"context"
	"crypto/hmac"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"twolock/auth"
	"twolock/crypto/lock"
)

// CreateKeystore makes a keystore: its secrets are drawn, sealed under each server lock, and saved; a retry with the same
// idempotency key and input returns what the first call made.
func (s *Service) CreateKeystore(ctx context.Context, caller *auth.Caller, in CreateKeystoreInput) (*CreateKeystorePayload, error) {
	var r *Record
	_, err := s.beginChecked(ctx, caller, actionCreateKeystore, place{}, func() (made place, err error) {
		if r, err = s.newRecord(caller, in); err != nil {
			return place{}, err
		}
		return place{keystore: r.ID}, nil
	})
	if err != nil {
		return nil, err
	}
	if in.IdempotencyKey != nil {
		if first, err := s.readRecord(ctx, r.ID); err == nil {
			return s.repeatKeystore(ctx, caller, first, r, in)
		} else if !errors.Is(err, ErrNotFound) {
			return nil, err
		}
	}
	if r.Vault != nil {
		if err := s.tryVault(ctx, "vault.url", "vault.capability", r.Vault); err != nil {
			return nil, err
		}
	}
	if err := s.sealRecord(ctx, r, in); err != nil {
		return nil, err
	}
	err = s.Store.InsertKeystore(ctx, *r)
	if errors.Is(err, ErrExists) && in.IdempotencyKey != nil { // a retry overtook the first call
		first, err := s.readRecord(ctx, r.ID)
		if err != nil {
			return nil, err
		}
		return s.repeatKeystore(ctx, caller, first, r, in)
	}
	if errors.Is(err, ErrDeleted) && in.IdempotencyKey != nil {
		return nil, errDeleted
	}
	if err != nil {
		return nil, err
	}
	if r.Vault != nil {
		s.rooms.isNew(r.ID, s.Now())
	}
	return s.keystorePayload(r), nil
}

// newRecord checks the input and makes the record, but for its secrets.
func (s *Service) newRecord(caller *auth.Caller, in CreateKeystoreInput) (*Record, error) {
	if _, err := auth.ParseDID(in.Controller); err != nil {
		return nil, Errorf(BadUserInput, "controller: %v", err)
	}
	if len(in.SecretShares) == 1 && caller.DID != in.Controller {
		return nil, Errorf(BadUserInput, "secretShares: the Auth server's share is fetched for the controller alone; give two shares, or none")
	}
	r := &Record{ID: newID(), Controller: in.Controller, UserLock: in.UserLock, CreatedAt: s.now(), Revision: 1, State: KeyEnabled}
	if in.IdempotencyKey != nil {
		if err := checkIdempotencyKey(*in.IdempotencyKey); err != nil {
			return nil, err
		}
		if caller.DID == "" {
			return nil, Errorf(BadUserInput, "idempotencyKey: needs a signed request, for it is the caller's own")
		}
		r.ID = derivedID("keystore", caller.DID, in.Controller, *in.IdempotencyKey)
	}
	if in.UserLock == UserLockLocal || len(in.SecretShares) > 0 {
		if _, err := s.opener(r, in.SecretShares); err != nil {
			return nil, err
		}
	}
	if in.Vault != nil {
		if err := s.Vaults.CheckURL(in.Vault.URL); err != nil {
			return nil, Errorf(BadUserInput, "vault.url: %v", err)
		}
		v, err := s.checkVault("vault.capability", in.Vault.URL, in.Vault.Capability, in.Controller)
		if err != nil {
			return nil, err
		}
		r.Vault = v
	}
	if err := r.Label.apply(in.LabelInput); err != nil {
		return nil, err
	}
	var err error
	if r.KeyTypes, err = restrict("keyTypes", s.keyTypes(nil), in.KeyTypes); err != nil {
		return nil, err
	}
	input := []any{in.Controller, in.UserLock, in.Vault, len(in.SecretShares) > 0}
	if r.Label.says() || r.KeyTypes != nil { // what says no more than before has the digest that it had
		input = append(input, r.Label, r.KeyTypes)
	}
	r.Request, err = digest(input...)
	return r, err
}

// sealRecord draws the secrets and seals them; shares that were given pin the user's lock.
func (s *Service) sealRecord(ctx context.Context, r *Record, in CreateKeystoreInput) error {
	x := newSecrets(r.Vault != nil)
	defer x.Wipe()
	if len(in.SecretShares) > 0 {
		k, verifier, err := s.deriveUserLock(ctx, r, in.SecretShares, x.user())
		if err != nil {
			return err
		}
		k.Wipe()
		r.Verifier = verifier
	}
	var err error
	r.Sealed, err = s.seal(ctx, x.encoded, keystoreLabel(r.ID))
	r.Tag = s.recordTag(r)
	return err
}

// repeatKeystore answers a retry: with the first result, if it asks for the same. Who made the keystore for another may not read what became of it: they
// are answered while it is what they asked for.
func (s *Service) repeatKeystore(ctx context.Context, caller *auth.Caller, first, again *Record, in CreateKeystoreInput) (*CreateKeystorePayload, error) {
	if !bytes.Equal(first.Request, again.Request) {
		return nil, errIdempotency
	}
	if over(first.DeleteAt, s.Now()) { // though nobody has cleared it away
		return nil, errDeleted
	}
	again.CreatedAt, again.Verifier = first.CreatedAt, first.Verifier
	if first.Controller != in.Controller || caller.DID != in.Controller && !hmac.Equal(s.recordTag(first), s.recordTag(again)) {
		return nil, Errorf(Conflict, "idempotencyKey: the keystore that was made with it was changed since")
	}
	if len(in.SecretShares) > 0 {
		x, release, err := s.useSecrets(ctx, first)
		if err != nil {
			return nil, err
		}
		defer release()
		k, verifier, err := s.deriveUserLock(ctx, first, in.SecretShares, x.user())
		if err != nil {
			return nil, err
		}
		k.Wipe()
		if !lock.CheckVerifier(verifier, first.Verifier) {
			return nil, errIdempotency
		}
	}
	return s.keystorePayload(first), nil
}

var (
	errIdempotency = Errorf(Conflict, "idempotencyKey: was used with another input")
	errDeleted     = Errorf(Conflict, "idempotencyKey: the keystore that was made with it was deleted; its URL is not used again")
)

const maxIdempotencyKey = 128

func checkIdempotencyKey(k string) error {
	if k == "" || len(k) > maxIdempotencyKey {
		return Errorf(BadUserInput, "idempotencyKey: has %d bytes instead of 1 to %d", len(k), maxIdempotencyKey)
	}
	return nil
}

func (s *Service) keystorePayload(r *Record) *CreateKeystorePayload {
	return &CreateKeystorePayload{
		Keystore:         s.keystore(r),
		RootCapabilities: []json.RawMessage{auth.RootCapability(s.keystoreURL(r.ID), r.Controller)},
	}
}

// Keystore returns a keystore by its URL.
func (s *Service) Keystore(ctx context.Context, caller *auth.Caller, url string) (*Keystore, error) {
	op, err := s.atKeystore(ctx, caller, actionRead, "id", url)
	if err != nil {
		return nil, err
	}
	return s.keystore(op.record), nil
}

func (s *Service) keystore(r *Record) *Keystore {
	k := &Keystore{
		ID: s.keystoreURL(r.ID), Controller: r.Controller, UserLock: r.UserLock, CreatedAt: r.CreatedAt, State: stateOf(r.State, r.DeleteAt), DeletesAt: moment(r.DeleteAt),
		Name: optional(r.Name), Description: optional(r.Description), Tags: append([]Tag{}, r.Tags...), KeyTypes: s.keyTypes(r),
	}
	if r.Vault != nil {
		k.VaultURL, k.VaultCapabilityExpires = &r.Vault.URL, &r.Vault.Expires
	}
	return k
}

// now is the clock in the precision of the stores.
func (s *Service) now() time.Time { return s.Now().UTC().Truncate(time.Microsecond) }

// checkVault reads a vault's capability. It must be delegated to this service by the keystore's controller: else one could
// make the service write into another's vault.
func (s *Service) checkVault(field, url string, capability json.RawMessage, controller string) (*VaultRecord, error) {
	c, err := auth.ParseCapability(capability)
	if err != nil {
		return nil, Errorf(BadUserInput, "%s: %v", field, err)
	}
	bad := func(format string, args ...any) error {
		return Errorf(BadUserInput, field+": "+format, args...)
	}
	documents := url + "/documents"
	switch {
	case c.Controller() != s.identity.DID():
		return nil, bad("is delegated to %s instead of this service, %s", c.Controller(), s.identity.DID())
	case c.Delegator() != controller:
		return nil, bad("is delegated by %s instead of the keystore's controller, %s", c.Delegator(), controller)
	case c.Target() != documents:
		return nil, bad("is for %s instead of %s", c.Target(), documents)
	case c.RootTarget() != url:
		return nil, bad("has its root at %s, which is not the vault", c.RootTarget())
	case !c.Allows(actionRead) || !c.Allows(actionWrite):
		return nil, bad("does not allow read and write")
	case !c.Expires().After(s.Now()):
		return nil, bad("expired at %s", c.Expires().UTC().Format(time.RFC3339))
	}
	if err := c.VerifyProofs(); err != nil {
		return nil, bad("%v", err)
	}
	return &VaultRecord{URL: url, Capability: c.JSON(), Expires: c.Expires().UTC()}, nil
}

// tryVault asks a vault how many keys it has of a keystore that is nobody's, so that a wrong URL, a capability that the vault does not take and a vault that is
// away are found out before anything is stored. One request, which changes nothing and tells the vault nothing. Not a document that is not there: of that a
// vault says the same (404) as a server without such a vault. Writing is not tried: checkVault saw that the capability allows it, and a vault that lets
// it be read with has checked the whole chain.
//
// urlField and capabilityField are the inputs' names; urlField is empty where the URL is not one of them.
func (s *Service) tryVault(ctx context.Context, urlField, capabilityField string, v *VaultRecord) error {
	x := newSecrets(true)
	defer x.Wipe()
	nobody := newID()
	vault, err := s.openVault(nobody, v, x)
	if err != nil {
		return err
	}
	_, err = vault.CountKeys(ctx, nobody)
	refused, ok := errors.AsType[*Error](err)
	switch {
	case !ok:
		return err
	case errors.Is(err, ErrRefused):
		return &Error{Code: BadUserInput, Err: refused.Err, Message: capabilityField +
			": the vault refuses it: check that its chain begins with the vault's controller and that it was not revoked, and the vault's clock"}
	case urlField == "":
		return err
	}
	told := *refused
	told.Message = urlField + ": " + refused.Message
	if !refused.Retryable { // then it is the URL that is wrong
		told.Code, told.Upstream = BadUserInput, ""
	}
	return &told
}

// changeKeystore begins an action at a keystore and changes it.
func (s *Service) changeKeystore(ctx context.Context, caller *auth.Caller, action, url string, change func(r *Record) error) (*KeystorePayload, error) {
	op, err := s.atKeystore(ctx, caller, action, "keystore", url)
	if err != nil {
		return nil, err
	}
	r, err := s.readRecord(ctx, op.at.keystore) // its revision now, not a second ago
	if err != nil {
		return nil, err
	}
	if r.Controller != op.record.Controller {
		return nil, errChanged // by whom the caller is not known to be allowed
	}
	rested := stateOf(r.State, r.DeleteAt) != KeyEnabled
	err = change(r)
	if errors.Is(err, errUnchanged) {
		return &KeystorePayload{s.keystore(r)}, nil
	}
	if err != nil {
		return nil, err
	}
	r.Revision++
	if !r.DeleteAt.IsZero() { // said before it is so, that no crash makes it forgotten
		if err := s.Store.WakeBy(ctx, r.ID, r.DeleteAt); err != nil {
			return nil, err
		}
	}
	r.Tag = s.recordTag(r)
	if err := s.Store.UpdateKeystore(ctx, *r); errors.Is(err, ErrStale) {
		return nil, errChanged
	} else if err != nil {
		return nil, err
	}
	s.records.drop("keystore/" + r.ID)
	if rested && stateOf(r.State, r.DeleteAt) == KeyEnabled {
		if err := s.hasten(ctx, r); err != nil { // it is late then, not forgotten
			s.Log.Warn("what became due while a keystore rested waits for its turn", "keystore", r.ID, "error", err)
		}
	}
	return &KeystorePayload{s.keystore(r)}, nil
}

// hasten has what is due of a keystore done soon.
func (s *Service) hasten(ctx context.Context, r *Record) error {
	if r.Vault != nil {
		return s.Store.WakeBy(ctx, r.ID, s.now())
	}
	return s.Store.Hasten(ctx, r.ID, s.now())
}

var errChanged = &Error{Code: Conflict, Message: "the keystore was changed in the meantime: read it and try again", Retryable: true}

// UpdateVaultCapability puts a new capability in the place of the one the keystore's vault is used with.
func (s *Service) UpdateVaultCapability(ctx context.Context, caller *auth.Caller, in UpdateVaultCapabilityInput) (*KeystorePayload, error) {
	return s.changeKeystore(ctx, caller, actionWrite, in.Keystore, func(r *Record) error {
		if r.Vault == nil {
			return Errorf(BadUserInput, "keystore: keeps its keys in the server's database, not in a vault")
		}
		v, err := s.checkVault("capability", r.Vault.URL, in.Capability, r.Controller)
		if err != nil {
			return err
		}
		r.Vault = v
		return s.tryVault(ctx, "", "capability", v)
	})
}

// UpdateKeystore changes what people call a keystore and which types can be made in it, or gives it another controller. What the old one delegated dies
// with it; the capability for a vault was the old one's too, so a new one must come with it.
func (s *Service) UpdateKeystore(ctx context.Context, caller *auth.Caller, in UpdateKeystoreInput) (*KeystorePayload, error) {
	return s.changeKeystore(ctx, caller, actionWrite, in.Keystore, func(r *Record) error {
		if err := r.Label.apply(in.LabelInput); err != nil {
			return err
		}
		if in.KeyTypes != nil {
			types, err := restrict("keyTypes", s.keyTypes(nil), in.KeyTypes)
			if err != nil {
				return err
			}
			r.KeyTypes = types
		}
		if in.Controller != nil && len(caller.Chain()) > 0 {
			return Errorf(Forbidden, "controller: only the controller gives a keystore away, not whom it delegated to")
		}
		return s.setController(ctx, r, in)
	})
}

func (s *Service) setController(ctx context.Context, r *Record, in UpdateKeystoreInput) error {
	if in.Controller == nil {
		if in.VaultCapability != nil {
			return Errorf(BadUserInput, "vaultCapability: goes with another controller; updateVaultCapability replaces it alone")
		}
		return nil
	}
	if _, err := auth.ParseDID(*in.Controller); err != nil {
		return Errorf(BadUserInput, "controller: %v", err)
	}
	switch {
	case r.Vault == nil && in.VaultCapability != nil:
		return Errorf(BadUserInput, "vaultCapability: the keystore keeps its keys in the server's database, not in a vault")
	case r.Vault != nil && in.VaultCapability == nil:
		return Errorf(BadUserInput, "vaultCapability: needed, delegated by the new controller, for the keystore has a vault")
	case r.Vault != nil:
		v, err := s.checkVault("vaultCapability", r.Vault.URL, in.VaultCapability, *in.Controller)
		if err != nil {
			return err
		}
		if err := s.tryVault(ctx, "", "vaultCapability", v); err != nil {
			return err
		}
		r.Vault = v
	}
	r.Controller = *in.Controller
	return nil
}

// EnableKeystore lets the keys of a keystore be used again.
func (s *Service) EnableKeystore(ctx context.Context, caller *auth.Caller, in KeystoreInput) (*KeystorePayload, error) {
	return s.changeKeystore(ctx, caller, actionEnableKeystore, in.Keystore, func(r *Record) error { return r.setState(KeyEnabled) })
}

// DisableKeystore forbids the use of its keys until it is enabled.
func (s *Service) DisableKeystore(ctx context.Context, caller *auth.Caller, in KeystoreInput) (*KeystorePayload, error) {
	return s.changeKeystore(ctx, caller, actionDisableKeystore, in.Keystore, func(r *Record) error { return r.setState(KeyDisabled) })
}

func (r *Record) setState(to KeyState) error {
	return setState("keystore", "cancelKeystoreDeletion", &r.State, r.DeleteAt, to)
}

// DeleteKeystore schedules the end of a keystore and all its keys.
func (s *Service) DeleteKeystore(ctx context.Context, caller *auth.Caller, in DeleteKeystoreInput) (*KeystorePayload, error) {
	return s.changeKeystore(ctx, caller, actionDeleteKeystore, in.Keystore, func(r *Record) error { return s.scheduleDeletion(&r.DeleteAt, in.WindowDays) })
}

// CancelKeystoreDeletion keeps a keystore that was to be deleted.
func (s *Service) CancelKeystoreDeletion(ctx context.Context, caller *auth.Caller, in KeystoreInput) (*KeystorePayload, error) {
	return s.changeKeystore(ctx, caller, actionCancelKeystoreDeletion, in.Keystore, func(r *Record) error { return cancelDeletion(&r.DeleteAt) })
}

// Keystores lists keystores for an operator: all of them, or those that pass the filter. Their keys are not the operator's to see.
func (s *Service) Keystores(ctx context.Context, caller *auth.Caller, controller *string, filter *KeystoreFilterInput, first *int, after *string) (*KeystoreConnection, error) {
	if _, err := s.begin(ctx, caller, actionRead, place{}); err != nil {
		return nil, err
	}
	n, err := pageSize(first)
	if err != nil {
		return nil, err
	}
	f, id, err := s.keystoresFilter(controller, filter)
	if err != nil {
		return nil, err
	}
	from, err := keystorePosition(after, f.NamePrefix != "")
	if err != nil {
		return nil, err
	}
	var page KeystorePage
	if id == "" {
		page, err = s.Store.ListKeystores(ctx, f, from, n)
	} else if after == nil {
		page, err = s.oneKeystore(ctx, id, f)
	}
	if err != nil {
		return nil, err
	}
	c := &KeystoreConnection{Edges: []*KeystoreEdge{}, Nodes: []*Keystore{}, Damaged: []string{}}
	for i := range page.Records {
		r := &page.Records[i]
		if s.checkRecord(r) != nil { // nobody's
			c.Damaged = append(c.Damaged, s.keystoreURL(r.ID))
			continue
		}
		k := s.keystore(r)
		at := KeystorePosition{CreatedAt: r.CreatedAt, ID: r.ID}
		if f.NamePrefix != "" {
			at = KeystorePosition{Name: r.Name, ID: r.ID}
		}
		c.Nodes = append(c.Nodes, k)
		c.Edges = append(c.Edges, &KeystoreEdge{Cursor: keystoreCursor(at), Node: k})
	}
	c.PageInfo = pageInfo(c.Edges, func(e *KeystoreEdge) *string { return &e.Cursor }, after != nil, page.More)
	if page.More { // which may be further on than the last one that is shown
		end := keystoreCursor(page.End)
		c.PageInfo.EndCursor = &end
	}
	return c, nil
}

// keystoresFilter reads a filter. id is not empty where one keystore is looked for.
func (s *Service) keystoresFilter(controller *string, in *KeystoreFilterInput) (f KeystoreFilter, id string, err error) {
	if in == nil {
		in = &KeystoreFilterInput{}
	}
	field := "controller"
	if in.Controller != nil {
		if controller != nil && *controller != *in.Controller {
			return f, "", Errorf(BadUserInput, "filter.controller: is another than controller")
		}
		field, controller = "filter.controller", in.Controller
	}
	if controller != nil {
		if _, err := auth.ParseDID(*controller); err != nil {
			return f, "", Errorf(BadUserInput, "%s: %v", field, err)
		}
		f.Controller = *controller
	}
	if in.NamePrefix != nil {
		if err := checkText("filter.namePrefix", *in.NamePrefix, maxName); err != nil {
			return f, "", err
		}
		f.NamePrefix = *in.NamePrefix
	}
	if in.State != nil {
		f.State = *in.State
	}
	f.Vault = in.Vault
	if f.Tag = in.Tag; f.Tag != nil {
		if _, err := checkTags([]Tag{*f.Tag}); err != nil {
			return f, "", Errorf(BadUserInput, "filter.tag: is none that a keystore can have")
		}
	}
	if in.ID != nil {
		id = *in.ID
		if !isID(id) {
			at, err := s.keystoreAt("filter.id", id)
			if err != nil {
				return f, "", err
			}
			id = at.keystore
		}
	}
	return f, id, nil
}

// oneKeystore is a page of the one keystore, if it is there and passes.
func (s *Service) oneKeystore(ctx context.Context, id string, f KeystoreFilter) (KeystorePage, error) {
	r, err := s.Store.Keystore(ctx, id)
	if errors.Is(err, ErrNotFound) {
		return KeystorePage{}, nil
	}
	if errors.Is(err, ErrDamaged) { // whether it passes cannot be told
		return KeystorePage{Records: []Record{{ID: id, Damage: err.Error()}}}, nil
	}
	if err != nil {
		return KeystorePage{}, err
	}
	if f.Controller != "" && r.Controller != f.Controller || !strings.HasPrefix(r.Name, f.NamePrefix) || f.State != "" && stateOf(r.State, r.DeleteAt) != f.State ||
		f.Vault != nil && *f.Vault != (r.Vault != nil) || f.Tag != nil && !slices.Contains(r.Tags, *f.Tag) {
		return KeystorePage{}, nil
	}
	return KeystorePage{Records: []Record{r}}, nil
}

// vaultNotice is how long before its end a vault's capability is warned of.
const vaultNotice = 7 * 24 * time.Hour

func (s *Service) warnOfExpiringVaults(ctx context.Context) {
	records, err := s.Store.ExpiringVaults(ctx, s.Now(), s.Now().Add(vaultNotice), 100)
	if err != nil {
		s.Log.Error("vault capabilities not looked at", "error", err)
		return
	}
	for _, r := range records {
		if r.Damage != "" {
			continue
		}
		s.Log.Warn("the capability for a keystore's vault ends soon: its controller should put a new one in place with updateVaultCapability",
			"keystore", r.ID, "controller", r.Controller, "expires", r.Vault.Expires)
	}
}

// useKeys returns the store of the keystore's keys: the database, or the vault, opened for this use.
func (s *Service) useKeys(ctx context.Context, r *Record) (Keys, func(), error) {
	if r.Vault == nil {
		return s.Store, func() {}, nil
	}
	x, release, err := s.useSecrets(ctx, r)
	if err != nil {
		return nil, nil, err
	}
	keys, err := s.openVault(r.ID, r.Vault, x)
	if err != nil {
		release()
		return nil, nil, err
	}
	return keys, release, nil
}

func (s *Service) openVault(keystore string, v *VaultRecord, x *secrets) (Vault, error) {
	c, err := auth.ParseCapability(v.Capability)
	if err != nil {
		return nil, fmt.Errorf("stored vault capability: %w", err)
	}
	vault, err := s.Vaults.Open(VaultAccess{Keystore: keystore, URL: v.URL, Capability: c, Identity: s.identity, Recipient: x.recipient(), MAC: x.mac(), Note: s.activity.noteVault})
	if err != nil {
		return nil, fmt.Errorf("open vault: %w", err)
	}
	return vault, nil
}
