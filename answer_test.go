package main

import (
	"context"
	"testing"
)

// The largest answer of a batch is one that the client takes.
func TestLargestBatch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := start(t, at("", w.flags("local"))...)
	u := &user{t: t, c: as(w.alice), keystore: w.keystore(n, "LOCAL", false)}
	key, err := u.create("ML_DSA_87")
	must(t, err)
	var out struct {
		SignBatch struct {
			Results []struct{ Signature *string }
		}
	}
	must(t, u.c.Do(context.Background(), key, "sign", "mutation($input: SignBatchInput!) { signBatch(input: $input) { results { signature version error { code message } } } }",
		input(map[string]any{"key": key, "messages": make([]string, 1000)}), &out))
	for i, r := range out.SignBatch.Results {
		if r.Signature == nil {
			t.Fatalf("item %d has no signature", i)
		}
	}
	if got := len(out.SignBatch.Results); got != 1000 {
		t.Errorf("%d results", got)
	}
}
