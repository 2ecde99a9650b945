package proof_test

import (
	"path/filepath"
	"slices"
	"testing"
)

// The largest answer of a batch, 1,000 signatures of ML_DSA_87, is made in time and is one that the client takes.
func TestLargestBatch(t *testing.T) {
	s := start(t, "sqlite:"+filepath.Join(t.TempDir(), "twolock.db"))
	k, err := s.create("ML_DSA_87", nil)
	if err != nil {
		t.Fatal(err)
	}
	var out struct {
		SignBatch struct {
			Results []struct{ Signature *string }
		}
	}
	const query = `mutation($input: SignBatchInput!) { signBatch(input: $input) { results { signature version error { code message } } } }`
	if err := s.client.Do(t.Context(), k.ID, "sign", query, input{"input": input{"key": k.ID, "messages": slices.Repeat([]string{""}, 1000)}}, &out); err != nil {
		t.Fatal(err)
	}
	if got := len(out.SignBatch.Results); got != 1000 {
		t.Errorf("%d results", got)
	}
	for i, r := range out.SignBatch.Results {
		if r.Signature == nil {
			t.Fatalf("item %d has no signature", i)
		}
	}
}
