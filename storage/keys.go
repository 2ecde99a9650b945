package storage

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"twolock/crypto/key"
	"twolock/keystore"
)

// keyRow is a key without its versions.
type keyRow struct {
	KeystoreID string
	ID         string
	Type       string
	State      string
	Version    int64 // the newest
	MaxChain   int64
	Request    []byte
	CreatedAt  int64 `gorm:"autoCreateTime:false"`
}

func (keyRow) TableName() string { return "keys" }

type keyVersionRow struct {
	KeystoreID string
	KeyID      string
	Version    int64
	PublicKey  []byte
	Sealed     []byte
	Tag        []byte
	CreatedAt  int64 `gorm:"autoCreateTime:false"`
}

func (keyVersionRow) TableName() string { return "key_versions" }

// versionedKey is a row of the two joined.
type versionedKey struct {
	KeystoreID string
	ID         string
	Version    int64
	Type       string
	State      string
	MaxChain   int64
	PublicKey  []byte
	Sealed     []byte
	Request    []byte
	Tag        []byte
	CreatedAt  int64
}

const selectKey = `SELECT k.keystore_id, k.id, v.version, k.type, k.state, k.max_chain, v.public_key, v.sealed, k.request, v.tag, k.created_at
	FROM keys k JOIN key_versions v ON v.keystore_id = k.keystore_id AND v.key_id = k.id `

func (r versionedKey) record() keystore.KeyRecord {
	return keystore.KeyRecord{
		Keystore: r.KeystoreID, ID: r.ID, Version: int(r.Version), Type: key.Type(r.Type), State: keystore.KeyState(r.State), MaxChain: int(r.MaxChain),
		PublicKey: r.PublicKey, Sealed: r.Sealed, Request: r.Request, Tag: r.Tag, CreatedAt: moment(r.CreatedAt),
	}
}

// moment is the inverse of time.Time.UnixMicro, in UTC.
func moment(micros int64) time.Time { return time.UnixMicro(micros).UTC() }

// InsertKey adds a key's first version. keystore.ErrExists when the id is taken, keystore.ErrNotFound when there is no
// such keystore; nothing was written then.
func (db *DB) InsertKey(ctx context.Context, k keystore.KeyRecord) error {
	if err := checkKey(k); err != nil {
		return err
	}
	created := k.CreatedAt.UnixMicro()
	return db.write(ctx, "insert key", func(tx *gorm.DB) error {
		err := tx.Create(&keyRow{
			KeystoreID: k.Keystore, ID: k.ID, Type: string(k.Type), State: string(k.State),
			Version: int64(k.Version), MaxChain: int64(k.MaxChain), Request: k.Request, CreatedAt: created,
		}).Error
		if err != nil {
			return err
		}
		return tx.Create(&keyVersionRow{
			KeystoreID: k.Keystore, KeyID: k.ID, Version: int64(k.Version),
			PublicKey: k.PublicKey, Sealed: k.Sealed, Tag: k.Tag, CreatedAt: created,
		}).Error
	})
}

func checkKey(k keystore.KeyRecord) error {
	if k.Version < 1 {
		return errors.New("storage: a key's version is below 1")
	}
	return errors.Join(checkIDs(k.Keystore, k.ID), checkText("a key's type", string(k.Type)),
		checkText("a key's state", string(k.State)), checkOptional("a public key", k.PublicKey),
		checkBlob("a sealed key", k.Sealed), checkOptional("a request", k.Request), checkBlob("a tag", k.Tag))
}

// Key returns the newest version. keystore.ErrNotFound when there is no such key in this keystore.
func (db *DB) Key(ctx context.Context, store, id string) (keystore.KeyRecord, error) {
	return db.key(ctx, store, id, func(tx *gorm.DB) *gorm.DB {
		return tx.Raw(selectKey+`WHERE k.keystore_id = ? AND k.id = ? AND v.version = k.version`, store, id)
	})
}

// KeyVersion returns one version. keystore.ErrNotFound when there is no such version.
func (db *DB) KeyVersion(ctx context.Context, store, id string, version int) (keystore.KeyRecord, error) {
	return db.key(ctx, store, id, func(tx *gorm.DB) *gorm.DB {
		return tx.Raw(selectKey+`WHERE k.keystore_id = ? AND k.id = ? AND v.version = ?`, store, id, int64(version))
	})
}

func (db *DB) key(ctx context.Context, store, id string, query func(*gorm.DB) *gorm.DB) (keystore.KeyRecord, error) {
	if err := checkIDs(store, id); err != nil {
		return keystore.KeyRecord{}, err
	}
	var rows []versionedKey
	err := db.read(ctx, "read key", func(tx *gorm.DB) *gorm.DB { return query(tx).Scan(&rows) })
	switch {
	case err != nil:
		return keystore.KeyRecord{}, err
	case len(rows) == 0:
		return keystore.KeyRecord{}, fmt.Errorf("storage: read key: %w", keystore.ErrNotFound)
	}
	return rows[0].record(), nil
}

// ListKeys returns up to limit (1 to 1000) keys after the position, by age and then id, the newest version of each.
// An unknown keystore has none.
func (db *DB) ListKeys(ctx context.Context, store string, after keystore.Position, limit int) ([]keystore.KeyRecord, error) {
	if err := errors.Join(checkIDs(store), checkLimit(limit)); err != nil {
		return nil, err
	}
	if after.ID != "" {
		if err := checkIDs(after.ID); err != nil {
			return nil, err
		}
	}
	var rows []versionedKey
	err := db.read(ctx, "list keys", func(tx *gorm.DB) *gorm.DB {
		return tx.Raw(selectKey+`WHERE k.keystore_id = ? AND v.version = k.version AND (k.created_at, k.id) > (?, ?)
			ORDER BY k.created_at, k.id LIMIT ?`, store, after.CreatedAt.UnixMicro(), after.ID, limit).Scan(&rows)
	})
	if err != nil {
		return nil, err
	}
	keys := make([]keystore.KeyRecord, len(rows))
	for i, r := range rows {
		keys[i] = r.record()
	}
	return keys, nil
}
