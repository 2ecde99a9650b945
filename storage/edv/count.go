package edv

import (
	"context"
	"errors"
	"net/http"

	"github.com/go-json-experiment/json"

	"twolock/keystore"
)

var _ keystore.Counter = (*Vault)(nil)

// CountKeys implements keystore.Counter: one request. A vault that does not count sends documents, which are counted here.
func (v *Vault) CountKeys(ctx context.Context, keystoreID string) (int, error) {
	if keystoreID != v.keystore {
		return 0, errOtherKeystore
	}
	ctx, cancel := bound(ctx)
	defer cancel()
	body, err := v.cabinet.countQuery(keystoreID, keystore.MaxVaultKeys)
	if err != nil {
		return 0, err
	}
	got, _, err := v.exchange(ctx, http.MethodPost, "/documents/query", actionRead, body, maxListing)
	if err != nil {
		return 0, err
	}
	if got.status != http.StatusOK {
		return 0, v.refused(got.status)
	}
	var answer queryAnswer
	err = json.Unmarshal(got.body, &answer, json.RejectUnknownMembers(true))
	switch {
	case errors.Is(err, errTooMany):
		return MaxKeys + 1, nil
	case err != nil, (answer.Count == nil) == (answer.Documents == nil), answer.Count != nil && *answer.Count < 0:
		return 0, malformed(errors.New("not the answer to a query that counts"))
	case answer.Count == nil:
		return len(answer.Documents), nil
	}
	return *answer.Count, nil
}
