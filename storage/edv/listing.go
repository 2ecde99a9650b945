package edv

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"

	"twolock/keystore"
)

// KeyNamed implements keystore.Keys: one request.
func (v *Vault) KeyNamed(ctx context.Context, keystoreID, name string) (keystore.KeyRecord, error) {
	if keystoreID != v.keystore || name == "" || !utf8.ValidString(name) {
		return keystore.KeyRecord{}, keystore.ErrNotFound
	}
	ctx, cancel := bound(ctx)
	defer cancel()
	found, err := v.named(ctx, name)
	if err != nil {
		return keystore.KeyRecord{}, err
	}
	for _, f := range found {
		switch {
		case f.damage != nil:
			return keystore.KeyRecord{}, damaged(f.damage)
		case f.key != nil && f.key.Name != name: // an older document, or one the vault was not asked for
			return keystore.KeyRecord{}, damaged(errSwapped)
		case f.key.readable():
			return f.key.record(), nil
		}
	}
	return keystore.KeyRecord{}, keystore.ErrNotFound
}

// named returns the document that has the name, if there is one. That the vault lets several have it is an error.
func (v *Vault) named(ctx context.Context, name string) ([]filed, error) {
	body, err := v.cabinet.nameQuery(v.keystore, name, 2)
	if err != nil {
		return nil, err
	}
	found, more, err := v.query(ctx, body, 2)
	if err != nil {
		return nil, err
	}
	if more || len(found) > 1 {
		return nil, unavailable(false, "the vault lets several keys have one name", nil)
	}
	var all []filed
	for _, doc := range found {
		all = append(all, v.cabinet.open(doc, v.keystore))
	}
	return all, nil
}

// query asks for documents and reads what the vault answers. more: there are, or may be, more than the limit.
func (v *Vault) query(ctx context.Context, body []byte, limit int) (found documents, more bool, err error) {
	got, _, err := v.exchange(ctx, http.MethodPost, "/documents/query", actionRead, body, maxListing)
	if err != nil {
		return nil, false, err
	}
	if got.status != http.StatusOK {
		return nil, false, v.refused(got.status)
	}
	var answer queryAnswer
	err = json.Unmarshal(got.body, &answer, json.RejectUnknownMembers(true))
	found = answer.Documents
	switch {
	case errors.Is(err, errTooMany):
		return nil, true, nil
	case err != nil:
		return nil, false, malformed(errors.New("not the answer to a query"))
	case len(found) > limit, len(found) == limit && answer.HasMore == nil, answer.HasMore != nil && *answer.HasMore:
		return nil, true, nil
	}
	seen := make(map[string]bool, len(found))
	for _, doc := range found {
		if !documentID(doc.ID) {
			return nil, false, malformed(errors.New("a document has no id"))
		}
		if seen[doc.ID] {
			return nil, false, malformed(errors.New("a document comes twice"))
		}
		seen[doc.ID] = true
	}
	return found, false, nil
}

// ListKeys implements keystore.Keys: one request, for all keys, which are filtered and put in order here: a vault cannot sort what it
// cannot read. More than MaxKeys keys are an error.
//
// Documents that cannot be read come first in the first page, their URL being their Damage. They have no position to go on from, so one readable
// key has a place in that page whatever comes before it: a page that ends with a damaged one is the last. What has no place there stays unseen until
// others are repaired.
func (v *Vault) ListKeys(ctx context.Context, keystoreID string, filter keystore.KeyFilter, after keystore.Position, limit int) ([]keystore.KeyRecord, error) {
	if keystoreID != v.keystore {
		return nil, errOtherKeystore
	}
	if limit < 1 {
		return nil, nil
	}
	ctx, cancel := bound(ctx)
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
	found, more, err := v.query(ctx, body, MaxKeys)
	if err != nil {
		return nil, err
	}
	if more {
		return nil, unavailable(false, "the vault holds more than 1000 keys of this keystore, too many to list", nil)
	}
	var keys, broken []keystore.KeyRecord
	for _, doc := range found {
		switch f := v.cabinet.open(doc, v.keystore); {
		case f.damage != nil || f.version != nil:
			broken = append(broken, keystore.KeyRecord{Keystore: v.keystore, Damage: v.url + "/documents/" + doc.ID})
		case f.key != nil && passes(f.key, filter):
			if k := f.key.record(); comparePositions(position(k), after) > 0 {
				keys = append(keys, k)
			}
		}
	}
	slices.SortFunc(keys, func(a, b keystore.KeyRecord) int { return comparePositions(position(a), position(b)) })
	if (after != keystore.Position{}) {
		broken = nil
	}
	slices.SortFunc(broken, func(a, b keystore.KeyRecord) int { return strings.Compare(a.Damage, b.Damage) })
	broken = broken[:min(len(broken), limit-min(1, len(keys)))]
	return append(broken, keys[:min(len(keys), limit-len(broken))]...), nil
}

// listings bounds what all listings of the process hold in memory at once: each may be an answer of 8 MiB and what it decrypts to.
var listings = make(chan struct{}, 4)

// documentID tells whether a vault's text is one that a document may have as its id.
func documentID(id string) bool {
	return len(id) > 1 && len(id) <= 64 && strings.IndexFunc(id, func(c rune) bool {
		return (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z')
	}) < 0
}

func passes(k *keyContent, f keystore.KeyFilter) bool {
	pending := !k.DeleteAt.IsZero()
	switch {
	case f.Type != "" && k.Type != f.Type,
		f.State == keystore.KeyPendingDeletion && !pending,
		f.State != "" && f.State != keystore.KeyPendingDeletion && (pending || k.State != f.State),
		f.Tag != nil && !slices.Contains(k.Tags, *f.Tag):
		return false
	}
	return true
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
