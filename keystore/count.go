package keystore

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// Messages under random nonces are counted, for a version may encrypt 2^32 of them at most (SP 800-38D section 8.3), by all servers together. A server
// takes a block of messages from the store and counts that down by itself: one write for each block, and what a server that ends does not use is lost.
const messageBlock = 1 << 16

// blocks are what this server has taken and not yet used.
type blocks struct {
	mu   sync.Mutex
	left map[string]*block // by version
}

type block struct {
	turn chan struct{} // of size 1: held while the store is asked
	left int64
}

func (b *blocks) of(name string) *block {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.left == nil {
		b.left = map[string]*block{}
	}
	one := b.left[name]
	if one == nil {
		if len(b.left) >= maxBlocks { // a key that is used again takes a new one
			for other := range b.left {
				delete(b.left, other)
				break
			}
		}
		one = &block{turn: make(chan struct{}, 1)}
		b.left[name] = one
	}
	return one
}

const maxBlocks = 100_000

// reserve counts n messages of the newest version before they are encrypted, where the type has a limit. KEY_UNUSABLE when they are too many. The version
// is opened first: who has the wrong share writes nothing.
func (u *use) reserve(n int64) error {
	limit := u.record.Type.MaxMessages()
	if limit == 0 {
		return nil
	}
	if _, _, err := u.newest(); err != nil {
		return err
	}
	b := u.service.blocks.of(versionName(u.record.Keystore, u.record.ID, u.record.Newest))
	enough, err := b.take(u.ctx, n, func() (int64, error) { return u.takeBlock(limit) })
	if err != nil {
		return err
	}
	if !enough {
		return Errorf(KeyUnusable, "key: version %d has encrypted as many messages as are safe with nonces of 96 bits: rotate the key, or use XAES_256_GCM", u.record.Newest)
	}
	return nil
}

// take takes n messages, with more of them where there are too few, and tells whether there were enough.
func (b *block) take(ctx context.Context, n int64, more func() (int64, error)) (bool, error) {
	select {
	case b.turn <- struct{}{}:
		defer func() { <-b.turn }()
	case <-ctx.Done():
		return false, ctx.Err()
	}
	if b.left < n {
		got, err := more()
		if err != nil {
			return false, err
		}
		b.left += got
	}
	if b.left < n {
		return false, nil
	}
	b.left -= n
	return true, nil
}

func (u *use) takeBlock(limit int64) (int64, error) {
	ring, release, err := u.service.useRing(u.ctx, u.opener.record)
	if err != nil {
		return 0, err
	}
	defer release()
	n, err := ring.store.ReserveMessages(u.ctx, u.record.Keystore, u.record.ID, u.record.Newest, messageBlock, limit)
	if err != nil {
		return 0, ring.explain(err, u.record.ID)
	}
	return n, nil
}

func versionName(keystore, id string, version int) string {
	return keystore + "/" + id + "/" + strconv.Itoa(version)
}

// uses are what is counted of the keys' uses and not yet written: they are written together, every so often, and at the end.
type uses struct {
	now func() time.Time
	mu  sync.Mutex
	// byKey is by keystore and key, then by version and day.
	byKey map[DueKey]map[versionDay]*Usage
	held  map[DueKey]*holding // while somebody reads or writes them
}

type versionDay struct {
	version int
	day     Day
}

func (v versionDay) compare(w versionDay) int {
	return cmp.Or(cmp.Compare(v.version, w.version), cmp.Compare(v.day, w.day))
}

func newUses(now func() time.Time) *uses {
	return &uses{now: now, byKey: map[DueKey]map[versionDay]*Usage{}, held: map[DueKey]*holding{}}
}

func (u *uses) add(keystore, id string, version int, n int64) {
	now := u.now().UTC().Truncate(time.Microsecond)
	u.mu.Lock()
	defer u.mu.Unlock()
	at, on := DueKey{keystore, id}, versionDay{version, DayOf(now)}
	counted := u.byKey[at]
	if counted == nil {
		counted = map[versionDay]*Usage{}
		u.byKey[at] = counted
	}
	one := counted[on]
	if one == nil {
		one = &Usage{Version: version}
		counted[on] = one
	}
	one.Uses += n
	one.LastUsedAt = now
}

// keys are the keys that have uses to be written.
func (u *uses) keys() []DueKey {
	u.mu.Lock()
	defer u.mu.Unlock()
	return slices.Collect(maps.Keys(u.byKey))
}

// take empties what is counted of a key.
func (u *uses) take(at DueKey) map[versionDay]*Usage {
	u.mu.Lock()
	defer u.mu.Unlock()
	taken := u.byKey[at]
	delete(u.byKey, at)
	return taken
}

// holding is what keeps a key's uses from being written while they are read: in between they are neither here nor there, or in both places.
type holding struct {
	sync.RWMutex
	users int
}

// hold returns a key's holding, which the caller locks, and what to call when it is done with it.
func (u *uses) hold(at DueKey) (h *holding, done func()) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if h = u.held[at]; h == nil {
		h = &holding{}
		u.held[at] = h
	}
	h.users++
	return h, func() {
		u.mu.Lock()
		defer u.mu.Unlock()
		if h.users--; h.users == 0 {
			delete(u.held, at)
		}
	}
}

// put brings back what could not be written.
func (u *uses) put(at DueKey, counted map[versionDay]*Usage) {
	u.mu.Lock()
	defer u.mu.Unlock()
	there := u.byKey[at]
	if there == nil {
		u.byKey[at] = counted
		return
	}
	for on, v := range counted {
		if one := there[on]; one != nil {
			one.Uses += v.Uses
		} else {
			there[on] = v
		}
	}
}

// pending returns what is not yet written of a key's uses, by version and by day.
func (u *uses) pending(keystore, id string) (map[int]Usage, map[Day]int64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	versions, days := map[int]Usage{}, map[Day]int64{}
	for on, v := range u.byKey[DueKey{keystore, id}] {
		one := versions[on.version]
		one.Version, one.Uses = on.version, one.Uses+v.Uses
		if v.LastUsedAt.After(one.LastUsedAt) {
			one.LastUsedAt = v.LastUsedAt
		}
		versions[on.version] = one
		days[on.day] += v.Uses
	}
	return versions, days
}

// flushEvery is how often uses are written: within a minute they are to be seen everywhere.
const flushEvery = 20 * time.Second

// flushUses writes the uses that were counted: to the database first, then to vaults, which may be slow. What cannot be written is kept for the next time. A vault
// that does not answer is not asked for each of its keys: other keystores' uses would wait for that.
func (s *Service) flushUses(ctx context.Context) {
	var inDatabase, inVaults []DueKey
	for _, at := range s.uses.keys() {
		if r, err := s.findRecord(ctx, at.Keystore); err == nil && r.Vault != nil {
			inVaults = append(inVaults, at)
		} else {
			inDatabase = append(inDatabase, at)
		}
	}
	var away sync.Map // keystores
	for _, all := range [][]DueKey{inDatabase, inVaults} {
		var g errgroup.Group
		g.SetLimit(flushAtOnce)
		for _, at := range all {
			g.Go(func() error {
				if _, is := away.Load(at.Keystore); is {
					return nil
				}
				if CodeOf(s.flushKey(ctx, at)) == UpstreamUnavailable {
					away.Store(at.Keystore, true)
				}
				return nil
			})
		}
		_ = g.Wait()
	}
}

func (s *Service) flushKey(ctx context.Context, at DueKey) error {
	h, done := s.uses.hold(at)
	defer done()
	h.Lock()
	defer h.Unlock()
	counted := s.uses.take(at)
	if len(counted) == 0 {
		return nil
	}
	err := contained(func() error { return s.writeUses(ctx, at, counted) })
	if err != nil {
		s.Log.Warn("the uses of a key were not written yet", "keystore", at.Keystore, "key", at.ID, "error", err)
		s.uses.put(at, counted)
	}
	return err
}

// usage returns how much versions were used: what the store has, and what this server counted since. While the key's uses are being written it waits, so that
// what one server answers never falls.
func (g *ring) usage(ctx context.Context, r *KeyRecord, versions []int) (stored, pending map[int]Usage, err error) {
	h, done := g.service.uses.hold(DueKey{r.Keystore, r.ID})
	defer done()
	h.RLock()
	defer h.RUnlock()
	if stored, err = g.store.KeyUsage(ctx, r.Keystore, r.ID, versions); err != nil {
		return nil, nil, g.explain(err, r.ID)
	}
	pending, _ = g.service.uses.pending(r.Keystore, r.ID)
	return stored, pending, nil
}

// flushAtOnce is how many keys' uses are on their way at once: a database commits them together. countsAtOnce is how many counts of one key are.
const (
	flushAtOnce  = 16
	countsAtOnce = 500
)

// writeUses writes the uses of a key. Those that are written leave counted, so that none is counted twice.
func (s *Service) writeUses(ctx context.Context, at DueKey, counted map[versionDay]*Usage) error {
	r, err := s.findRecord(ctx, at.Keystore)
	if isGone(err) {
		return nil
	}
	if err != nil {
		return err
	}
	ring, release, err := s.useRing(ctx, r)
	if err != nil {
		return err
	}
	defer release()
	for some := range slices.Chunk(slices.SortedFunc(maps.Keys(counted), versionDay.compare), countsAtOnce) {
		list := make([]Usage, len(some))
		for i, on := range some {
			list[i] = *counted[on]
		}
		if err := ring.store.AddUses(ctx, at.Keystore, at.ID, list); isGone(err) {
			return nil
		} else if err != nil {
			return err
		}
		for _, on := range some {
			delete(counted, on)
		}
	}
	return nil
}
