// Package keystore is the domain: keystores, keys, what may be done with them and by whom.
//
// A key opens only when two locks open. The server's lock seals each keystore's secrets; among them is the user's lock, or what
// makes it together with shares that the server does not have. The user's lock seals the keys. Whoever holds the database alone,
// or the server's lock alone, opens nothing; of a SHAMIR keystore, not even both together open anything.
//
// What is not sealed is tagged (tag.go): whoever writes to the database can destroy, and bring back what was there before, but not make anything up.
//
// Every operation begins at one gate, Service.begin: it authorizes the caller, writes the audit entry and finds the keystore.
// Storage, locks, the vault and the Auth server are reached through interfaces stated here (store.go).
package keystore

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"twolock/auth"
	"twolock/crypto/key"
	"twolock/crypto/lock"
)

// Options are what a Service is made of. All but SecondShare, Operators, Adding, Retiring, KeyTypes, the cache's bounds and what is only shown are required.
type Options struct {
	// Base is the service's URL without a slash at its end, such as https://kms.example.
	Base    string
	Version string
	Store   Store
	// Locks are the server's locks. What is sealed is sealed under each; the first that opens it is used.
	Locks []Lock
	// Adding are the ids of those locks that may be new to the database, Retiring those of other locks whose sealings are to go.
	Adding      map[string]bool
	Retiring    []string
	SecondShare SecondShare // nil: no Auth server
	Vaults      Vaults
	Journal     Journal
	// Operators are the DIDs that the service's root capability belongs to, beside the enrolled ones.
	Operators        []string
	OpenRegistration bool
	// KeyTypes are the types of keys that can be made; nil: all.
	KeyTypes []key.Type
	// RSAPerMinute is how many RSA keys of 2048 bits a keystore may make in a minute; larger ones count for more, those that are imported or restored for less.
	RSAPerMinute int
	// CacheTTL and CacheEntries bound the cache of opened secrets; 0 turns it off. What was opened with a share is kept for
	// a minute at most, so that the Auth server's word is soon asked for again.
	CacheTTL     time.Duration
	CacheEntries int
	Now          func() time.Time
	Log          *slog.Logger
	// DatabaseKind and Settings are shown to operators. Settings hold no secret.
	DatabaseKind DatabaseKind
	Settings     []Setting
}

// Vaults opens the vaults of users. storage/edv is the one there is.
type Vaults interface {
	// CheckURL tells why a vault cannot be at the URL; the text is for the caller.
	CheckURL(url string) error
	// Open makes the store of one keystore's keys; no request is made.
	Open(VaultAccess) (Vault, error)
}

// Vault keeps the keys of one keystore.
type Vault interface {
	Keys
	Counter
}

// VaultAccess is what it takes to use a vault. The keys must not be kept beyond the store's use.
type VaultAccess struct {
	Keystore   string // short id
	URL        string
	Capability *auth.Capability
	Identity   *auth.Identity // the service's, which the capability is delegated to
	Recipient  []byte         // X25519 private key, 32 bytes
	MAC        []byte         // HMAC-SHA-256 key, 32 bytes
	Note       func(ok bool)  // to be told of each request to the vault, whether it was answered as a vault that is well does
}

// Service is the key management service. Safe for concurrent use.
type Service struct {
	Options
	base     string
	started  time.Time
	identity *auth.Identity
	opened   *cache // secrets
	records  *cache // what the database says, for a second at most
	tagKey   []byte // authenticates records
	// revocations names the cached answers about revocations, which one that is made here makes old.
	revocations generation
	shareMAC    []byte // names cache entries by the shares they were opened with; drawn at each start
	uses        *uses
	blocks      blocks
	rsa         *rsa
	rooms       rooms
	holder      string // names this server in a lease; drawn at each start
	prunedTo    Day    // the housekeeping's own: all DailyUses before it were forgotten
	watch       *watch
	gaveShare   atomic.Bool // the Auth server, since the start
	activity    *activity
}

// recordTTL is how long a change made through another server may take to be seen here: less than a second, with what a request takes.
const recordTTL = 900 * time.Millisecond

// Open makes the service and checks each server lock against the database before anything is written. On a new database it
// makes the service's own secret. *LockError when a lock is not the database's, *lock.UnavailableError when none could be asked.
func Open(ctx context.Context, o Options) (*Service, error) {
	s := &Service{
		Options:  o,
		base:     o.Base,
		started:  o.Now().UTC(),
		opened:   newCache(o.CacheEntries, o.Now),
		records:  newCache(max(o.CacheEntries, 1000), o.Now),
		shareMAC: lock.Generate32(),
		uses:     newUses(o.Now),
		rsa:      newRSA(o.RSAPerMinute, o.Now),
		holder:   newID(),
		watch:    newWatch(),
		activity: &activity{now: o.Now},
	}
	seed, err := s.openService(ctx)
	if err != nil {
		return nil, err
	}
	defer clear(seed)
	if err := s.deriveKeys(seed); err != nil {
		return nil, err
	}
	return s, nil
}

// deriveKeys makes the service's identity and its tag key from its secret.
func (s *Service) deriveKeys(secret []byte) error {
	seed, err := derive(secret, identityInfo)
	if err != nil {
		return err
	}
	defer clear(seed)
	if s.identity, err = auth.IdentityFromSeed(seed); err != nil {
		return fmt.Errorf("service identity: %w", err)
	}
	s.tagKey, err = derive(secret, tagInfo)
	return err
}

// Info is public.
func (s *Service) Info() *ServiceInfo {
	return &ServiceInfo{Name: "twolock", Version: s.Version, DID: s.identity.DID(), KeyTypes: s.keyTypes(nil), AuthServer: s.SecondShare != nil}
}

// Ready answers nil when the database takes writes. What else some keystores need, AWS KMS, the Auth server, vaults, is not asked: the others go on without.
func (s *Service) Ready(ctx context.Context) error { return s.Store.Ping(ctx) }

// Run looks after what is due, the counts, the caches and the vaults' capabilities until the context ends; then it writes the counts and drops what is
// opened. It must end after the last request: what is used later is not counted.
func (s *Service) Run(ctx context.Context) {
	sweep := time.NewTicker(time.Second)
	defer sweep.Stop()
	hourly := time.NewTicker(time.Hour)
	defer hourly.Stop()
	// What may wait for a disk or a vault does not hold up the sweeping of secrets.
	var background sync.WaitGroup
	every := func(d time.Duration, do func(context.Context)) {
		background.Go(func() {
			t := time.NewTicker(d)
			defer t.Stop()
			for {
				select {
				case <-ctx.Done():
					return
				case <-t.C:
					s.guarded(ctx, do)
				}
			}
		})
	}
	every(flushEvery, s.flushUses)
	every(housekeepingEvery, s.keepHouse)
	every(housekeepingEvery, s.keepKeystores)
	background.Go(func() { s.runWatch(ctx) })
	background.Go(func() { s.runLocks(ctx) })
	s.warnOfExpiringVaults(ctx)
	s.prune(ctx)
	for {
		select {
		case <-ctx.Done():
			background.Wait()
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), loadTimeout)
			s.guarded(last, s.flushUses)
			cancel()
			s.opened.close()
			s.records.close()
			return
		case <-sweep.C:
			s.opened.sweep()
			s.records.sweep()
		case <-hourly.C:
			s.warnOfExpiringVaults(ctx)
			s.prune(ctx)
		}
	}
}

// guarded runs what no request's recover is above.
func (s *Service) guarded(ctx context.Context, do func(context.Context)) {
	if err := contained(func() error { do(ctx); return nil }); err != nil {
		s.Log.Error("in the background", "error", err)
	}
}
