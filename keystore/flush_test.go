package keystore_test

import (
	"context"
	"encoding/json"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"twolock/auth"
	"twolock/keystore"
	"twolock/storage/storagetest"
)

// awayVault is a vault that answers no more once it is away.
type awayVault struct {
	keystore.Keys
	away  *atomic.Bool
	asked *atomic.Int64
}

func (v awayVault) CheckURL(string) error { return nil }

func (v awayVault) Open(keystore.VaultAccess) (keystore.Vault, error) { return v, nil }

func (v awayVault) CountKeys(context.Context, string) (int, error) { return 0, nil }

func (v awayVault) AddUses(context.Context, string, string, []keystore.Usage) error {
	v.asked.Add(1)
	if v.away.Load() {
		time.Sleep(10 * time.Millisecond)
		return &keystore.Error{Code: keystore.UpstreamUnavailable, Upstream: "vault", Retryable: true, Message: "away"}
	}
	return nil
}

// A vault that does not answer is not asked for every key whose uses are to be written: the uses of other keystores wait for that. They are not lost.
func TestUsesDoNotWaitForAVaultThatIsAway(t *testing.T) {
	s, h := open(t)
	vault := awayVault{h, &atomic.Bool{}, &atomic.Int64{}}
	s.Vaults, s.OpenRegistration = vault, true
	alice, err := auth.NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	url := "https://vault.example/edvs/z1"
	c, err := alice.Delegate(auth.Delegation{
		RootTarget: url, Controller: s.Info().DID, Target: url + "/documents", Actions: []string{"read", "write"}, Expires: time.Now().Add(time.Hour),
	}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	made, err := s.CreateKeystore(t.Context(), &auth.Caller{Target: "http://127.0.0.1:1/graphql"}, keystore.CreateKeystoreInput{
		Controller: alice.DID(), UserLock: keystore.UserLockLocal, Vault: &keystore.VaultInput{URL: url, Capability: json.RawMessage(c.JSON())},
	})
	if err != nil {
		t.Fatal(err)
	}
	id := made.Keystore.ID[strings.LastIndex(made.Keystore.ID, "/")+1:]
	const keys = 200
	for range keys {
		s.Count(id, storagetest.ID(), 1, 1)
	}
	vault.away.Store(true)
	s.FlushUses(t.Context())
	if n := vault.asked.Load(); n == 0 || n > 2*keystore.FlushAtOnce {
		t.Errorf("a vault that is away was asked %d times, want once and by those that were on their way, %d at a time", n, keystore.FlushAtOnce)
	}
	vault.away.Store(false)
	vault.asked.Store(0)
	s.FlushUses(t.Context())
	if n := vault.asked.Load(); n != keys {
		t.Errorf("when it is back it is told of %d keys, want all %d", n, keys)
	}
}
