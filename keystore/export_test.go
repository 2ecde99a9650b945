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
