package storage

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"gorm.io/gorm"

	"twolock/keystore"
)

// keyRow is a key without its versions.
type keyRow struct {
	KeystoreID     string
	ID             string
	Type           string
	State          string
	Version        int64 // the newest
	MaxChain       int64
	Request        []byte
	CreatedAt      int64 `gorm:"autoCreateTime:false"`
	Name           *string
	Description    string
	Tags           *string
	PublicOnly     int64
	Exportable     int64
	Operations     *string
	Algorithms     *string
	Revision       int64
	Oldest         int64
	DeleteAt       *int64
	MinVerify      int64
	MinDecrypt     int64
	RotationPeriod int64
	RotateAt       *int64
	MetaTag        []byte
	DueAt          *int64
}

func (keyRow) TableName() string { return "keys" }

type keyVersionRow struct {
	KeystoreID string
	KeyID      string
	Version    int64
	PublicKey  []byte
	Sealed     []byte
	Request    []byte
	Tag        []byte
	CreatedAt  int64 `gorm:"autoCreateTime:false"`
}

func (keyVersionRow) TableName() string { return "key_versions" }

type keyTagRow struct {
	KeystoreID string
	Name       string
	Value      string
	CreatedAt  int64 `gorm:"autoCreateTime:false"`
	KeyID      string
}

func (keyTagRow) TableName() string { return "key_tags" }

// moment is the inverse of time.Time.UnixMicro, in UTC.
func moment(micros int64) time.Time { return time.UnixMicro(micros).UTC() }

// micros is NULL for the zero time.
func micros(t time.Time) *int64 {
	if t.IsZero() {
		return nil
	}
	n := t.UnixMicro()
	return &n
}

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// newKeyRow makes the row of a key, and that of its KeyMeta with it.
func newKeyRow(k keystore.KeyRecord) (keyRow, error) {
	row := keyRow{
		KeystoreID: k.Keystore, ID: k.ID, Type: string(k.Type), State: string(k.State), Version: int64(k.Newest), MaxChain: int64(k.MaxChain),
		Request: k.Request, CreatedAt: k.CreatedAt.UnixMicro(), Description: k.Description, PublicOnly: bit(k.PublicOnly), Exportable: bit(k.Exportable),
		Revision: k.Revision, Oldest: int64(k.Oldest), DeleteAt: micros(k.DeleteAt), MinVerify: int64(k.MinVerify), MinDecrypt: int64(k.MinDecrypt),
		RotationPeriod: int64(k.RotationPeriod / time.Second), RotateAt: micros(k.RotateAt), MetaTag: k.MetaTag, DueAt: micros(k.Due()),
	}
	if k.Name != "" {
		row.Name = &k.Name
	}
	var errs [3]error
	row.Tags, errs[0] = pack(k.Tags)
	row.Operations, errs[1] = pack(k.Operations)
	row.Algorithms, errs[2] = pack(k.Algorithms)
	return row, errors.Join(errs[:]...)
}

func versionRow(store, id string, v keystore.KeyVersion) keyVersionRow {
	return keyVersionRow{store, id, int64(v.Version), v.PublicKey, v.Sealed, v.VersionRequest, v.Tag, v.VersionCreatedAt.UnixMicro()}
}

// insertTags adds the rows by which listings find a key.
func insertTags(tx *gorm.DB, k keystore.KeyRecord, created int64) error {
	if len(k.Tags) == 0 {
		return nil
	}
	rows := make([]keyTagRow, len(k.Tags))
	for i, t := range k.Tags {
		rows[i] = keyTagRow{k.Keystore, t.Name, t.Value, created, k.ID}
	}
	return tx.Create(&rows).Error
}

// insertBatch is how many versions are written by one statement.
const insertBatch = 500

// InsertKey adds a key with its newest version and any number of older ones, all or nothing. keystore.ErrExists when the id is taken,
// keystore.ErrNameTaken when the name is another key's, keystore.ErrNotFound when there is no such keystore.
func (db *DB) InsertKey(ctx context.Context, k keystore.KeyRecord, older ...keystore.KeyVersion) error {
	if err := checkKey(k, older); err != nil {
		return err
	}
	row, err := newKeyRow(k)
	if err != nil {
		return err
	}
	versions := make([]keyVersionRow, 0, len(older)+1)
	for _, v := range append(older[:len(older):len(older)], k.KeyVersion) {
		versions = append(versions, versionRow(k.Keystore, k.ID, v))
	}
	err = db.write(ctx, "insert key", func(tx *gorm.DB) error {
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		for some := range slices.Chunk(versions, insertBatch) {
			if err := tx.Create(&some).Error; err != nil {
				return err
			}
		}
		if k.Messages > 0 {
			err := tx.Exec(`INSERT INTO key_usage (keystore_id, key_id, version, messages, granted, uses) VALUES (?, ?, ?, ?, 0, 0)`,
				k.Keystore, k.ID, int64(k.Version), k.Messages).Error
			if err != nil {
				return err
			}
		}
		return insertTags(tx, k, row.CreatedAt)
	})
	// Where a request is done again both the id and the name are taken, and by which of the two it fails is the database's choice.
	if errors.Is(err, keystore.ErrNameTaken) {
		if there, failure := db.hasKey(ctx, k.Keystore, k.ID); failure != nil {
			return failure
		} else if there {
			return fmt.Errorf("storage: insert key: %w", keystore.ErrExists)
		}
	}
	return err
}

func (db *DB) hasKey(ctx context.Context, store, id string) (bool, error) {
	var found []int
	err := db.read(ctx, "read key", func(tx *gorm.DB) *gorm.DB {
		return tx.Raw(`SELECT 1 FROM keys WHERE keystore_id = ? AND id = ?`, store, id).Scan(&found)
	})
	return len(found) > 0, err
}

const selectKey = `SELECT ` + keyColumns + ` FROM keys k ` + newestVersion + ` `

// Key returns the key with its newest version. keystore.ErrNotFound when there is no such key in this keystore, keystore.ErrDamaged when it cannot
// be read.
func (db *DB) Key(ctx context.Context, store, id string) (keystore.KeyRecord, error) {
	if err := checkIDs(store, id); err != nil {
		return keystore.KeyRecord{}, err
	}
	return db.key(ctx, store, func(tx *gorm.DB) *gorm.DB {
		return tx.Raw(selectKey+`WHERE k.keystore_id = ? AND k.id = ?`, store, id)
	})
}

// KeyNamed returns the key of that name as Key does; of one that cannot be read, the id.
func (db *DB) KeyNamed(ctx context.Context, store, name string) (keystore.KeyRecord, error) {
	err := checkIDs(store)
	if name == "" {
		err = errors.Join(err, errors.New("storage: a name is empty"))
	}
	if err := errors.Join(err, checkLine("a name", name, maxName)); err != nil {
		return keystore.KeyRecord{}, err
	}
	return db.key(ctx, store, func(tx *gorm.DB) *gorm.DB {
		return tx.Raw(selectKey+`WHERE k.keystore_id = ? AND k.name = ?`, store, name)
	})
}

func (db *DB) key(ctx context.Context, store string, query func(*gorm.DB) *gorm.DB) (keystore.KeyRecord, error) {
	found := false
	var r keystore.KeyRecord
	err := db.rows(ctx, "read key", query, func(f *fields) { found, r = true, f.key(store) })
	switch {
	case err != nil:
		return keystore.KeyRecord{}, err
	case !found:
		return keystore.KeyRecord{}, fmt.Errorf("storage: read key: %w", keystore.ErrNotFound)
	case r.Damage != "":
		return keystore.KeyRecord{Keystore: store, ID: r.ID}, fmt.Errorf("storage: read key %s: %w: %s", r.ID, keystore.ErrDamaged, r.Damage)
	}
	return r, nil
}

// KeyVersion returns one version. keystore.ErrNotFound when there is none, keystore.ErrDamaged when it cannot be read.
func (db *DB) KeyVersion(ctx context.Context, store, id string, version int) (keystore.KeyVersion, error) {
	if err := checkIDs(store, id); err != nil {
		return keystore.KeyVersion{}, err
	}
	all, err := db.versions(ctx, store, id, func(tx *gorm.DB) *gorm.DB {
		return tx.Raw(`SELECT `+versionColumns+` FROM key_versions v WHERE v.keystore_id = ? AND v.key_id = ? AND v.version = ?`, store, id, int64(version))
	})
	if err != nil {
		return keystore.KeyVersion{}, err
	}
	if len(all) == 0 {
		return keystore.KeyVersion{}, fmt.Errorf("storage: read key version: %w", keystore.ErrNotFound)
	}
	return all[0], nil
}

// KeyVersions returns up to limit (1 to 1000) versions below the one given (0: from the newest on), newest first. keystore.ErrDamaged when one of
// them cannot be read, with those before it.
func (db *DB) KeyVersions(ctx context.Context, store, id string, below, limit int) ([]keystore.KeyVersion, error) {
	if err := errors.Join(checkIDs(store, id), checkLimit(limit)); err != nil {
		return nil, err
	}
	if below == 0 {
		below = math.MaxInt
	}
	return db.versions(ctx, store, id, func(tx *gorm.DB) *gorm.DB {
		return tx.Raw(`SELECT `+versionColumns+` FROM key_versions v WHERE v.keystore_id = ? AND v.key_id = ? AND v.version < ?
			ORDER BY v.version DESC LIMIT ?`, store, id, int64(below), limit)
	})
}

func (db *DB) versions(ctx context.Context, store, id string, query func(*gorm.DB) *gorm.DB) ([]keystore.KeyVersion, error) {
	var all []keystore.KeyVersion
	var damaged error
	err := db.rows(ctx, "read key versions", query, func(f *fields) {
		v := f.version()
		if f.bad != "" && damaged == nil {
			damaged = fmt.Errorf("storage: read key versions: %w: %s of version %d of key %s cannot be read", keystore.ErrDamaged, f.bad, v.Version, id)
		}
		if damaged == nil {
			all = append(all, v)
		}
	})
	if err != nil {
		return nil, err
	}
	return all, damaged
}

const updateKey = `UPDATE keys SET state = ?, version = ?, name = ?, description = ?, tags = ?, operations = ?, algorithms = ?, revision = ?, oldest = ?,
	delete_at = ?, min_verify = ?, min_decrypt = ?, rotation_period = ?, rotate_at = ?, meta_tag = ?, due_at = ?
	WHERE keystore_id = ? AND id = ? AND revision = ? RETURNING created_at`

// UpdateKey replaces the key's KeyMeta, adds a version where one is given, and deletes those below Oldest, all or nothing. What it deletes is erased
// as with DeleteKey. keystore.ErrStale when the record's revision is not the one after the stored one, keystore.ErrNotFound when there is no
// such key, keystore.ErrNameTaken when the name is another key's.
func (db *DB) UpdateKey(ctx context.Context, k keystore.KeyRecord, added *keystore.KeyVersion) error {
	err := errors.Join(checkIDs(k.Keystore, k.ID), checkMeta(k.KeyMeta))
	if added != nil {
		err = errors.Join(err, checkVersion(k.KeyMeta, *added, k.Newest))
		if added.Version != k.Newest {
			err = errors.Join(err, errors.New("storage: the version to add is not the key's newest"))
		}
	}
	if err != nil {
		return err
	}
	row, err := newKeyRow(k)
	if err != nil {
		return err
	}
	trimmed := false
	err = db.write(ctx, "update key", func(tx *gorm.DB) error {
		var created []int64
		err := tx.Raw(updateKey, row.State, row.Version, row.Name, row.Description, row.Tags, row.Operations, row.Algorithms, row.Revision, row.Oldest,
			row.DeleteAt, row.MinVerify, row.MinDecrypt, row.RotationPeriod, row.RotateAt, row.MetaTag, row.DueAt,
			k.Keystore, k.ID, k.Revision-1).Find(&created).Error
		if err != nil {
			return err
		}
		if len(created) == 0 {
			return missed(tx.Raw(`SELECT 1 FROM keys WHERE keystore_id = ? AND id = ?`, k.Keystore, k.ID))
		}
		if err := tx.Where("keystore_id = ? AND key_id = ?", k.Keystore, k.ID).Delete(&keyTagRow{}).Error; err != nil {
			return err
		}
		if err := insertTags(tx, k, created[0]); err != nil {
			return err
		}
		if err := addVersion(tx, k, added); err != nil {
			return err
		}
		if k.Oldest == 1 {
			return nil
		}
		done := tx.Where("keystore_id = ? AND key_id = ? AND version < ?", k.Keystore, k.ID, row.Oldest).Delete(&keyVersionRow{})
		trimmed = done.RowsAffected > 0
		return done.Error
	})
	if err == nil && trimmed {
		db.erases.ask()
	}
	return err
}

// addVersion adds the newest version, or makes sure that it is there.
func addVersion(tx *gorm.DB, k keystore.KeyRecord, added *keystore.KeyVersion) error {
	if added != nil {
		row := versionRow(k.Keystore, k.ID, *added)
		return tx.Create(&row).Error
	}
	var found []int
	err := tx.Raw(`SELECT 1 FROM key_versions WHERE keystore_id = ? AND key_id = ? AND version = ?`, k.Keystore, k.ID, int64(k.Newest)).Scan(&found).Error
	if err == nil && len(found) == 0 {
		err = errors.New("the key's newest version would be one that is not there")
	}
	return err
}

// missed tells why a write found no row with its id and revision, by a query for its id alone.
func missed(query *gorm.DB) error {
	var found []int
	if err := query.Scan(&found).Error; err != nil {
		return err
	}
	if len(found) == 0 {
		return keystore.ErrNotFound
	}
	return keystore.ErrStale
}

// DeleteKey deletes the key, its versions and its usage. keystore.ErrStale when the revision is not the stored one, keystore.ErrNotFound when there
// is no such key.
//
// No row is left. What was sealed is off SQLite's files within half a minute: freed space is overwritten, a file of up to 32 MiB is written anew, and the
// write-ahead log is moved into it and cut to nothing; where another program, such as a backup, reads on, that is tried again every half minute. In a
// larger file a piece of one key in a thousand may stay until something takes its place, or somebody runs VACUUM.
// PostgreSQL keeps a deleted row until VACUUM, which is started at once, or a minute after the last one, and its bytes in the table's file until
// something takes their place; its write-ahead log, its standbys and every backup keep them too. The disk itself may, whatever the database does.
func (db *DB) DeleteKey(ctx context.Context, store, id string, revision int64) error {
	if err := checkIDs(store, id); err != nil {
		return err
	}
	err := db.write(ctx, "delete key", func(tx *gorm.DB) error {
		// Who else changes the key waits, and finds it gone.
		held := tx.Exec(`UPDATE keys SET revision = revision WHERE keystore_id = ? AND id = ? AND revision = ?`, store, id, revision)
		if held.Error != nil {
			return held.Error
		}
		if held.RowsAffected == 0 {
			return missed(tx.Raw(`SELECT 1 FROM keys WHERE keystore_id = ? AND id = ?`, store, id))
		}
		return deleteKey(tx, store, id)
	})
	if err == nil {
		db.erases.ask()
	}
	return err
}

// DestroyKey deletes a key as DeleteKey does, whatever is in its row. keystore.ErrNotFound when there is no such key.
func (db *DB) DestroyKey(ctx context.Context, store, id string) error {
	if err := checkIDs(store, id); err != nil {
		return err
	}
	err := db.write(ctx, "destroy key", func(tx *gorm.DB) error {
		held := tx.Exec(`UPDATE keys SET id = id WHERE keystore_id = ? AND id = ?`, store, id)
		if held.Error == nil && held.RowsAffected == 0 {
			return keystore.ErrNotFound
		}
		return errors.Join(held.Error, deleteKey(tx, store, id))
	})
	if err == nil {
		db.erases.ask()
	}
	return err
}

// deleteKey deletes a key's row and what belongs to it. The usage goes with its version.
func deleteKey(tx *gorm.DB, store, id string) error {
	if err := tx.Where("keystore_id = ? AND key_id = ?", store, id).Delete(&keyVersionRow{}).Error; err != nil {
		return err
	}
	if err := tx.Where("keystore_id = ? AND key_id = ?", store, id).Delete(&keyTagRow{}).Error; err != nil {
		return err
	}
	return tx.Where("keystore_id = ? AND id = ?", store, id).Delete(&keyRow{}).Error
}
