package keystore

import (
	"context"
	"time"

	"twolock/crypto/lock"
)

// For the tests of the cache, which stand outside as all others do.
type (
	Cache = cache
	Wiper = wiper
)

func NewCache(size int, now func() time.Time) *Cache { return newCache(size, now) }

func (c *cache) Use(ctx context.Context, id string, ttl time.Duration, load func(context.Context) (Wiper, error)) (Wiper, func(), error) {
	return c.use(ctx, id, ttl, load)
}
func (c *cache) Drop(id string) { c.drop(id) }
func (c *cache) Sweep()         { c.sweep() }
func (c *cache) Close()         { c.close() }

// IsID and DerivedID are for the tests of identifiers.
func IsID(s string) bool               { return isID(s) }
func NewID() string                    { return newID() }
func DerivedID(parts ...string) string { return derivedID(parts...) }

// KeyLabel is what a key is sealed under.
func KeyLabel(r KeyRecord) lock.Label { return keyLabel(&r, r.Version) }

// NewActivity makes an activity by a clock; Note and Read are its own.
func NewActivity(now func() time.Time) (note func(time.Duration, int, ...Code), read func(since time.Time) *Activity) {
	a := &activity{now: now}
	return func(took time.Duration, operations int, errors ...Code) { a.note(took, operations, errors) }, a.read
}

// For the test of what a backup looks like.
type (
	Backup        = backup
	BackupVersion = backupVersion
)

func BackupTag(tagKey []byte, b *Backup) ([]byte, error) {
	return (&Service{tagKey: tagKey}).backupTag(b)
}

func ParseBackup(plain []byte, now time.Time) (*Backup, error) {
	return (&Service{Options: Options{Now: func() time.Time { return now }}}).parseBackup(plain)
}

func EncodeBackup(b *Backup) ([]byte, error) { return b.encode() }

// FlushAtOnce is how many keys' uses are written at once.
const FlushAtOnce = flushAtOnce

// For the tests of what a service does in the background. InsertTagged puts in a keystore, and its keys if any, as the service writes them.
func (s *Service) InsertTagged(ctx context.Context, r Record, keys ...KeyRecord) error {
	r.Tag = s.recordTag(&r)
	if err := s.Store.InsertKeystore(ctx, r); err != nil {
		return err
	}
	for _, k := range keys {
		var older []KeyVersion
		for v := k.Oldest; v < k.Newest; v++ {
			one := k.KeyVersion
			one.Version = v
			one.Tag = s.versionTag(&k, &one)
			older = append(older, one)
		}
		k.MetaTag, k.Tag = s.metaTag(&k), s.versionTag(&k, &k.KeyVersion)
		if err := s.Store.InsertKey(ctx, k, older...); err != nil {
			return err
		}
	}
	return nil
}
func (s *Service) UpdateTagged(ctx context.Context, r Record) error {
	r.Revision++
	r.Tag = s.recordTag(&r)
	return s.Store.UpdateKeystore(ctx, r)
}
func (s *Service) RemoveKeystore(ctx context.Context, r Record) error {
	return s.removeKeystore(ctx, &r)
}
func (s *Service) KeepKey(ctx context.Context, r Record, id string) (done bool, err error) {
	return s.keepKey(ctx, &r, id)
}
func (s *Service) RemoveDamaged(ctx context.Context, r Record, c CondemnedKey) error {
	return s.removeDamaged(ctx, &r, c)
}
func (s *Service) Count(keystore, id string, version int, n int64) {
	s.uses.add(keystore, id, version, n)
}
func (s *Service) FlushUses(ctx context.Context) { s.flushUses(ctx) }
func (s *Service) Used(ctx context.Context, r Record, k KeyRecord, version int) (int64, error) {
	ring := &ring{s, &r, s.Store}
	stored, pending, err := ring.usage(ctx, &k, []int{version})
	return stored[version].Uses + pending[version].Uses, err
}

func (s *Service) Search(ctx context.Context, r Record, f KeyFilter, after Position, n int) (found []KeyRecord, end Position, more bool, err error) {
	return (&ring{s, &r, s.Store}).search(ctx, f, after, n)
}

// TakeMessages takes messages of one version's block.
func TakeMessages() func(ctx context.Context, n int64, more func() (int64, error)) (bool, error) {
	return (&blocks{}).of("version").take
}

// Opened is the cache of opened secrets; RecordTag and KeyTags are what authenticates records.
func (s *Service) Opened() *Cache            { return s.opened }
func (s *Service) RecordTag(r Record) []byte { return s.recordTag(&r) }
func (s *Service) KeyTags(r KeyRecord) (meta, version []byte) {
	return s.metaTag(&r), s.versionTag(&r, &r.KeyVersion)
}
