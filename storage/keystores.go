package storage

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"

	"twolock/keystore"
)

type keystoreRow struct {
	ID              string
	Controller      string
	UserLock        string
	VaultURL        *string
	VaultCapability []byte
	VaultExpiresAt  *int64
	Request         []byte
	CreatedAt       int64 `gorm:"autoCreateTime:false"`
	Revision        int64
	Tag             []byte
}

func (keystoreRow) TableName() string { return "keystores" }

type sealingRow struct {
	KeystoreID string
	LockID     string
	Sealed     []byte
}

func (sealingRow) TableName() string { return "keystore_sealings" }

type verifierRow struct {
	KeystoreID string
	Verifier   []byte
}

func (verifierRow) TableName() string { return "keystore_verifiers" }

// sealedKeystore is a keystore joined with one of its sealings, and its verifier if it has one.
type sealedKeystore struct {
	ID              string
	Controller      string
	UserLock        string
	VaultURL        *string
	VaultCapability []byte
	VaultExpiresAt  *int64
	Request         []byte
	CreatedAt       int64
	Revision        int64
	Tag             []byte
	LockID          *string
	Sealed          []byte
	Verifier        []byte
}

const (
	selectKeystore = `SELECT k.id, k.controller, k.user_lock, k.vault_url, k.vault_capability, k.vault_expires_at, k.request,
		k.created_at, k.revision, k.tag, s.lock_id, s.sealed, v.verifier FROM `
	joinSealings = ` k LEFT JOIN keystore_sealings s ON s.keystore_id = k.id
		LEFT JOIN keystore_verifiers v ON v.keystore_id = k.id `
)

// records gathers the rows of each keystore, which must follow each other.
func records(rows []sealedKeystore) []keystore.Record {
	var all []keystore.Record
	for _, r := range rows {
		if len(all) == 0 || all[len(all)-1].ID != r.ID {
			k := keystore.Record{
				ID: r.ID, Controller: r.Controller, UserLock: keystore.UserLock(r.UserLock), Request: r.Request,
				CreatedAt: moment(r.CreatedAt), Revision: r.Revision, Sealed: map[string][]byte{}, Verifier: r.Verifier,
				Tag: r.Tag,
			}
			if r.VaultURL != nil && r.VaultExpiresAt != nil {
				k.Vault = &keystore.VaultRecord{
					URL: *r.VaultURL, Capability: r.VaultCapability, Expires: moment(*r.VaultExpiresAt),
				}
			}
			all = append(all, k)
		}
		if r.LockID != nil {
			all[len(all)-1].Sealed[*r.LockID] = r.Sealed
		}
	}
	return all
}

// InsertKeystore adds a keystore with revision 1, its sealings and, where given, its verifier, all or nothing.
// keystore.ErrExists when the id is taken.
func (db *DB) InsertKeystore(ctx context.Context, r keystore.Record) error {
	if err := checkKeystore(r); err != nil {
		return err
	}
	row := keystoreRow{
		ID: r.ID, Controller: r.Controller, UserLock: string(r.UserLock), Request: r.Request,
		CreatedAt: r.CreatedAt.UnixMicro(), Revision: 1, Tag: r.Tag,
	}
	if v := r.Vault; v != nil {
		expires := v.Expires.UnixMicro()
		row.VaultURL, row.VaultCapability, row.VaultExpiresAt = &v.URL, v.Capability, &expires
	}
	var sealings []sealingRow
	for _, id := range slices.Sorted(maps.Keys(r.Sealed)) {
		sealings = append(sealings, sealingRow{r.ID, id, r.Sealed[id]})
	}
	return db.write(ctx, "insert keystore", func(tx *gorm.DB) error {
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		if err := tx.Create(&sealings).Error; err != nil {
			return err
		}
		if r.Verifier == nil {
			return nil
		}
		return tx.Create(&verifierRow{r.ID, r.Verifier}).Error
	})
}

func checkKeystore(r keystore.Record) error {
	err := errors.Join(checkIDs(r.ID), checkText("a controller", r.Controller), checkText("a user lock", string(r.UserLock)),
		checkOptional("a request", r.Request), checkBlob("a tag", r.Tag), checkSealings(r.Sealed))
	if r.Revision > 1 {
		err = errors.Join(err, errors.New("storage: a new keystore's revision is above 1"))
	}
	if r.Verifier != nil {
		err = errors.Join(err, checkVerifier(r.Verifier))
	}
	if r.Vault != nil {
		err = errors.Join(err, checkText("a vault's URL", r.Vault.URL), checkBlob("a vault's capability", r.Vault.Capability))
	}
	return err
}

func checkVerifier(v []byte) error {
	if len(v) != 32 {
		return fmt.Errorf("storage: a verifier has %d bytes, must have 32", len(v))
	}
	return nil
}

// Keystore returns a keystore with all its sealings. keystore.ErrNotFound when there is none.
func (db *DB) Keystore(ctx context.Context, id string) (keystore.Record, error) {
	if err := checkIDs(id); err != nil {
		return keystore.Record{}, err
	}
	found, err := db.keystores(ctx, "read keystore", func(tx *gorm.DB) *gorm.DB {
		return tx.Raw(selectKeystore+`keystores`+joinSealings+`WHERE k.id = ?`, id)
	})
	switch {
	case err != nil:
		return keystore.Record{}, err
	case len(found) == 0:
		return keystore.Record{}, fmt.Errorf("storage: read keystore: %w", keystore.ErrNotFound)
	}
	return found[0], nil
}

func (db *DB) keystores(ctx context.Context, what string, query func(*gorm.DB) *gorm.DB) ([]keystore.Record, error) {
	var rows []sealedKeystore
	err := db.read(ctx, what, func(tx *gorm.DB) *gorm.DB { return query(tx).Scan(&rows) })
	if err != nil {
		return nil, err
	}
	return records(rows), nil
}

// ExpiringVaults lists up to limit (1 to 1000) keystores whose vault capability expires between two moments,
// the first included, soonest first.
func (db *DB) ExpiringVaults(ctx context.Context, from, before time.Time, limit int) ([]keystore.Record, error) {
	if err := checkLimit(limit); err != nil {
		return nil, err
	}
	return db.keystores(ctx, "list expiring vaults", func(tx *gorm.DB) *gorm.DB {
		return tx.Raw(selectKeystore+`(SELECT * FROM keystores WHERE vault_expires_at >= ? AND vault_expires_at < ?
			ORDER BY vault_expires_at, id LIMIT ?)`+joinSealings+`ORDER BY k.vault_expires_at, k.id`, from.UnixMicro(), before.UnixMicro(), limit)
	})
}

// UnsealedBy lists up to limit (1 to 1000) keystores with ids after the one given that the lock has not sealed, by id.
func (db *DB) UnsealedBy(ctx context.Context, lockID, after string, limit int) ([]keystore.Record, error) {
	err := errors.Join(checkText("a lock's id", lockID), checkLimit(limit))
	if after != "" {
		err = errors.Join(err, checkIDs(after))
	}
	if err != nil {
		return nil, err
	}
	return db.keystores(ctx, "list keystores without a sealing", func(tx *gorm.DB) *gorm.DB {
		return tx.Raw(selectKeystore+`(SELECT * FROM keystores u WHERE u.id > ? AND NOT EXISTS
			(SELECT 1 FROM keystore_sealings x WHERE x.keystore_id = u.id AND x.lock_id = ?)
			ORDER BY u.id LIMIT ?)`+joinSealings+`ORDER BY k.id`, after, lockID, limit)
	})
}

// AddSealing adds a sealing by a further server lock. keystore.ErrExists when the keystore has one by that lock,
// keystore.ErrNotFound when there is no such keystore.
func (db *DB) AddSealing(ctx context.Context, store, lockID string, sealed []byte) error {
	if err := errors.Join(checkIDs(store), checkSealings(map[string][]byte{lockID: sealed})); err != nil {
		return err
	}
	return db.write(ctx, "add sealing", func(tx *gorm.DB) error {
		return tx.Create(&sealingRow{store, lockID, sealed}).Error
	})
}

// PinVerifier sets the 32-byte verifier if there is none and returns the one that stands then, the same to all who race.
// keystore.ErrNotFound when there is no such keystore.
func (db *DB) PinVerifier(ctx context.Context, store string, verifier []byte) ([]byte, error) {
	if err := errors.Join(checkIDs(store), checkVerifier(verifier)); err != nil {
		return nil, err
	}
	var standing []verifierRow
	err := db.write(ctx, "pin verifier", func(tx *gorm.DB) error {
		// On a conflict PostgreSQL waits for whoever is before us; the statement after it then sees what they committed.
		err := tx.Clauses(keepFirst).Create(&verifierRow{store, verifier}).Error
		if err != nil {
			return err
		}
		return tx.Where("keystore_id = ?", store).Find(&standing).Error
	})
	if err != nil {
		return nil, err
	}
	if len(standing) != 1 {
		return nil, errors.New("storage: pin verifier: none stands")
	}
	return standing[0].Verifier, nil
}

// ListKeystores returns up to limit (1 to 1000) keystores after the position, by age and then id: all of them, or a controller's.
func (db *DB) ListKeystores(ctx context.Context, controller string, after keystore.Position, limit int) ([]keystore.Record, error) {
	if err := checkLimit(limit); err != nil {
		return nil, err
	}
	at := after.CreatedAt.UnixMicro()
	return db.keystores(ctx, "list keystores", func(tx *gorm.DB) *gorm.DB {
		if controller == "" {
			return tx.Raw(selectKeystore+`(SELECT * FROM keystores WHERE (created_at, id) > (?, ?)
				ORDER BY created_at, id LIMIT ?)`+joinSealings+`ORDER BY k.created_at, k.id`, at, after.ID, limit)
		}
		return tx.Raw(selectKeystore+`(SELECT * FROM keystores WHERE controller = ? AND (created_at, id) > (?, ?)
			ORDER BY created_at, id LIMIT ?)`+joinSealings+`ORDER BY k.created_at, k.id`, controller, at, after.ID, limit)
	})
}

// UpdateController replaces the controller and the tag, and the capability and expiry where the keystore has a vault. keystore.ErrStale when the
// record's revision is not the stored one.
func (db *DB) UpdateController(ctx context.Context, r keystore.Record) error {
	err := errors.Join(checkIDs(r.ID), checkText("a controller", r.Controller), checkBlob("a tag", r.Tag))
	if r.Vault != nil {
		err = errors.Join(err, checkBlob("a vault's capability", r.Vault.Capability))
	}
	if err != nil {
		return err
	}
	return db.write(ctx, "update controller", func(tx *gorm.DB) error {
		var rows []keystoreRow
		if err := tx.Where("id = ?", r.ID).Find(&rows).Error; err != nil {
			return err
		}
		switch {
		case len(rows) == 0:
			return keystore.ErrNotFound
		case (rows[0].VaultURL == nil) != (r.Vault == nil), r.Vault != nil && *rows[0].VaultURL != r.Vault.URL:
			return errors.New("the keystore's vault is another")
		}
		row := tx.Model(&keystoreRow{}).Where("id = ? AND revision = ?", r.ID, r.Revision)
		var done *gorm.DB
		if r.Vault == nil {
			done = row.Updates(map[string]any{"controller": r.Controller, "tag": r.Tag, "revision": r.Revision + 1})
		} else {
			done = row.Updates(map[string]any{
				"controller": r.Controller, "tag": r.Tag, "revision": r.Revision + 1,
				"vault_capability": r.Vault.Capability, "vault_expires_at": r.Vault.Expires.UnixMicro(),
			})
		}
		if done.Error == nil && done.RowsAffected == 0 {
			return keystore.ErrStale
		}
		return done.Error
	})
}

// UpdateVault replaces the capability and expiry of the keystore's vault and counts the revision up. The vault stays the
// one it is. keystore.ErrStale when revision is not the stored one, keystore.ErrNotFound when there is no such keystore.
func (db *DB) UpdateVault(ctx context.Context, r keystore.Record) error {
	if r.Vault == nil {
		return errors.New("storage: update vault: there is none")
	}
	v := *r.Vault
	if err := errors.Join(checkIDs(r.ID), checkBlob("a tag", r.Tag), checkBlob("a vault's capability", v.Capability)); err != nil {
		return err
	}
	return db.write(ctx, "update vault", func(tx *gorm.DB) error {
		var rows []keystoreRow
		// The row is locked on PostgreSQL by the update alone: what is read here only tells which refusal is due.
		if err := tx.Where("id = ?", r.ID).Find(&rows).Error; err != nil {
			return err
		}
		switch {
		case len(rows) == 0:
			return keystore.ErrNotFound
		case rows[0].VaultURL == nil:
			return errors.New("the keystore has no vault")
		case *rows[0].VaultURL != v.URL:
			return errors.New("the keystore's vault is another")
		}
		done := tx.Model(&keystoreRow{}).Where("id = ? AND revision = ?", r.ID, r.Revision).Updates(map[string]any{
			"vault_capability": v.Capability, "vault_expires_at": v.Expires.UnixMicro(), "revision": r.Revision + 1, "tag": r.Tag,
		})
		if done.Error == nil && done.RowsAffected == 0 {
			return keystore.ErrStale
		}
		return done.Error
	})
}
