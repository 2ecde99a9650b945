package edv

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/go-json-experiment/json"

	"twolock/keystore"
)

// parallel is how many requests a call has under way at a time, where it takes many.
const parallel = 8

// attempts is how often a change is made anew when others change the document at the same time.
const attempts = 50

// conflict is the error of a write that the vault refused because of what it has: another document than the one the write was to follow, or
// another one with a unique attribute of it.
type conflict struct {
	now filed // at the write's place
	// doubt: the write was sent twice, and may be what that document followed.
	doubt bool
}

func (*conflict) Error() string { return "the vault has something else there" }

// get reads a document. It answers absent where there is none, and a filed with damage where it is not what it must be.
func (v *Vault) get(ctx context.Context, id string) (filed, error) {
	got, _, err := v.exchange(ctx, http.MethodGet, "/documents/"+id, actionRead, nil, maxDocument)
	switch {
	case err != nil:
		return filed{}, err
	case got.status == http.StatusNotFound:
		return absent, nil
	case got.status != http.StatusOK:
		return filed{}, v.refused(got.status)
	}
	f, err := v.cabinet.read(got.body, v.keystore, id)
	if err != nil {
		return filed{}, malformed(err)
	}
	return f, nil
}

// put writes a document whose sequence follows that of the one in its place. A write without a clear answer is sent once more; what came of it then
// is for the vault to show: a write that only seemed to fail has not failed. *conflict tells what is there instead.
func (v *Vault) put(ctx context.Context, d document) error {
	body, err := json.Marshal(d)
	if err != nil {
		return err
	}
	path := "/documents"
	if d.Sequence > 0 {
		path += "/" + d.ID
	}
	first, cancel := context.WithTimeout(ctx, untilHalf(ctx))
	refused, ambiguous, err := v.send(first, path, body)
	cancel()
	if err == nil && !refused || ambiguous && ctx.Err() != nil {
		return err
	}
	doubt := ambiguous
	if doubt {
		refused, ambiguous, err = v.send(ctx, path, body)
	}
	if !refused && !ambiguous {
		return err
	}
	now, failed := v.get(ctx, d.ID)
	switch {
	case failed == nil && doubt && now.sequence == d.Sequence && sameMessage(now.jwe, d.JWE):
		return nil
	case err != nil:
		return err
	case failed != nil:
		return failed
	}
	return &conflict{now, doubt}
}

// send sends a document once. refused: the vault has another. ambiguous: it may be stored although there is an error.
func (v *Vault) send(ctx context.Context, path string, body []byte) (refused, ambiguous bool, err error) {
	got, ambiguous, err := v.exchange(ctx, http.MethodPost, path, actionWrite, body, 0)
	if err != nil {
		return false, ambiguous, err
	}
	switch got.status {
	case http.StatusCreated, http.StatusOK, http.StatusNoContent:
		return false, false, nil
	case http.StatusConflict:
		return true, false, nil
	case http.StatusNotFound:
		if path != "/documents" { // what was to be replaced is not there any more
			return true, false, nil
		}
	}
	return false, ambiguous, v.refused(got.status)
}

// untilHalf is half of the time that is left.
func untilHalf(ctx context.Context) time.Duration {
	deadline, _ := ctx.Deadline() // every call has one
	return time.Until(deadline) / 2
}

func (v *Vault) getKey(ctx context.Context, id string) (filed, error) {
	return whole(v.get(ctx, v.cabinet.keyID(id)))
}

func (v *Vault) getVersion(ctx context.Context, k *keyContent, version int) (filed, error) {
	return whole(v.get(ctx, v.cabinet.versionID(k.place, version)))
}

// whole makes damage an error.
func whole(f filed, err error) (filed, error) {
	if err == nil && f.damage != nil {
		err = damaged(f.damage)
	}
	return f, err
}

// putKey writes a key over the document that is there.
func (v *Vault) putKey(ctx context.Context, k *keyContent, there filed) error {
	d, err := v.cabinet.fileKey(k, there.sequence+1)
	if err != nil {
		return err
	}
	return v.put(ctx, d)
}

func (v *Vault) putVersion(ctx context.Context, c *versionContent, there filed) error {
	d, err := v.cabinet.fileVersion(c, there.sequence+1)
	if err != nil {
		return err
	}
	return v.put(ctx, d)
}

// putTombstone empties the document that is there, or takes the place where none is.
func (v *Vault) putTombstone(ctx context.Context, id string, there filed) error {
	d, err := v.cabinet.fileTombstone(id, there.sequence+1)
	if err != nil {
		return err
	}
	return v.put(ctx, d)
}

// settle calls change with the document as it is, then, each time somebody else was faster, as it is by then. At once: each time somebody's change
// was made, so there is an end to it, and what was just read is out of date a moment later.
func settle(ctx context.Context, there filed, change func(there filed, doubt bool) error) error {
	doubt := false
	for range attempts {
		if there.damage != nil {
			return damaged(there.damage)
		}
		err := change(there, doubt)
		c, ok := errors.AsType[*conflict](err)
		if !ok {
			return err
		}
		if ctx.Err() != nil {
			break
		}
		there, doubt = c.now, doubt || c.doubt
	}
	return unavailable(true, "others keep changing the document in the vault", ctx.Err())
}

var errContradiction = unavailable(false, "the vault says both that it has something else there and that it does not", nil)

// errUnknown: an update may have been made, or not, and what followed it hides which.
var errUnknown error = &keystore.Error{
	Code: keystore.UpstreamUnavailable, Upstream: "vault", Retryable: true, Message: "the vault does not tell whether the update was made",
}
