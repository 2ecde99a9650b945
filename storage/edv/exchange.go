package edv

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"

	"twolock/auth"
)

// answer is what the vault said.
type answer struct {
	status int
	body   []byte
}

// The bounds on what is read, in bytes.
const (
	maxDocument = 1 << 20
	maxListing  = 8 << 20
	// maxAside bounds a body that nobody reads, so that the connection can be used again.
	maxAside = 8 << 10
)

// exchange signs a request with the vault's capability, sends it once and reads the body of a 200 up to limit bytes. Limit 0: the body
// does not matter.
// ambiguous: the vault may have acted on the request although there is an error.
func (v *Vault) exchange(ctx context.Context, method, path, action string, body []byte, limit int64) (
	got answer, ambiguous bool, err error,
) {
	var r io.Reader
	if body != nil {
		r = bytes.NewReader(body)
	}
	req, err := http.NewRequestWithContext(ctx, method, v.url+path, r)
	if err != nil {
		return answer{}, false, unavailable(false, "the request to the vault could not be made", err)
	}
	req.Header.Set("Accept", "application/json")
	invocation := auth.Invocation{RootTarget: v.capability.RootTarget(), Capability: v.capability, Action: action}
	if err := auth.SignRequest(req, body, v.identity, invocation, v.now()); err != nil {
		return answer{}, false, unavailable(false, "the request to the vault could not be signed", err)
	}
	resp, err := v.http.Do(req)
	if err != nil {
		failure, ambiguous := lost(err)
		return answer{}, ambiguous, failure
	}
	defer resp.Body.Close()
	got.status = resp.StatusCode
	if got.status != http.StatusOK || limit == 0 {
		_, _ = io.CopyN(io.Discard, resp.Body, maxAside)
		return got, got.status >= 500, nil
	}
	got.body, err = io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if err != nil {
		failure, ambiguous := lost(err)
		return answer{}, ambiguous, failure
	}
	if int64(len(got.body)) > limit {
		return answer{}, false, malformed(errors.New("longer than allowed"))
	}
	return got, false, nil
}
