package storage

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"

	"twolock/crypto/key"
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
	State           string
	DeleteAt        *int64
	Name            string
	Description     string
	Tags            *string
	KeyTypes        *string
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

const (
	selectKeystore = `SELECT k.id, k.controller, k.user_lock, k.vault_url, k.vault_capability, k.vault_expires_at, k.request,
		k.created_at, k.revision, k.state, k.delete_at, k.name, k.description, k.tags, k.key_types, k.tag, s.lock_id, s.sealed, v.verifier FROM `
	joinSealings = ` k LEFT JOIN keystore_sealings s ON s.keystore_id = k.id
		LEFT JOIN keystore_verifiers v ON v.keystore_id = k.id `
)

// keystore reads a keystore joined with one of its sealings, and its verifier if it has one. One that cannot be read comes with Damage.
func (f *fields) keystore() (r keystore.Record, lockID string, sealed []byte) {
	r = keystore.Record{ID: field[string](f), Controller: field[string](f), UserLock: keystore.UserLock(field[string](f)), Sealed: map[string][]byte{}}
	url, capability, expires := optional[string](f), optional[[]byte](f), f.moment()
	if url != "" {
		r.Vault = &keystore.VaultRecord{URL: url, Capability: capability, Expires: expires}
	}
	r.Request, r.CreatedAt, r.Revision, r.State = optional[[]byte](f), moment(field[int64](f)), field[int64](f), keystore.KeyState(field[string](f))
	if checkState(r.State) != nil {
		f.spoil()
	}
	r.DeleteAt = f.moment()
	r.Label = keystore.Label{Name: field[string](f), Description: field[string](f), Tags: list[keystore.Tag](f)}
	r.KeyTypes, r.Tag = list[key.Type](f), optional[[]byte](f)
	lockID, sealed, r.Verifier = optional[string](f), optional[[]byte](f), optional[[]byte](f)
	if f.bad != "" {
		r = keystore.Record{ID: r.ID, CreatedAt: r.CreatedAt, Sealed: map[string][]byte{}, Damage: f.bad + " cannot be read"}
	}
	return r, lockID, sealed
}

// InsertKeystore adds a keystore with revision 1, its sealings and, where given, its verifier, all or nothing.
// keystore.ErrExists when the id is taken, keystore.ErrDeleted when it was.
func (db *DB) InsertKeystore(ctx context.Context, r keystore.Record) error {
	if err := checkKeystore(r); err != nil {
		return err
	}
	row, err := newKeystoreRow(r)
	if err != nil {
		return err
	}
	row.Revision = 1
	var sealings []sealingRow
	for _, id := range slices.Sorted(maps.Keys(r.Sealed)) {
		sealings = append(sealings, sealingRow{r.ID, id, r.Sealed[id]})
	}
	return db.write(ctx, "insert keystore", func(tx *gorm.DB) error {
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		// After the insert, which waits for a deletion that is under way.
		var deleted []int
		if err := tx.Raw(`SELECT 1 FROM deleted_keystores WHERE id = ?`, r.ID).Scan(&deleted).Error; err != nil {
			return err
		}
		if len(deleted) > 0 {
			return keystore.ErrDeleted
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

func newKeystoreRow(r keystore.Record) (keystoreRow, error) {
	row := keystoreRow{
		ID: r.ID, Controller: r.Controller, UserLock: string(r.UserLock), Request: r.Request, CreatedAt: r.CreatedAt.UnixMicro(),
		Revision: r.Revision, State: string(r.State), DeleteAt: micros(r.DeleteAt), Name: r.Name, Description: r.Description, Tag: r.Tag,
	}
	if v := r.Vault; v != nil {
		expires := v.Expires.UnixMicro()
		row.VaultURL, row.VaultCapability, row.VaultExpiresAt = &v.URL, v.Capability, &expires
	}
	var errs [2]error
	row.Tags, errs[0] = pack(r.Tags)
	row.KeyTypes, errs[1] = pack(r.KeyTypes)
	return row, errors.Join(errs[:]...)
}

func checkKeystore(r keystore.Record) error {
	err := errors.Join(checkIDs(r.ID), checkText("a user lock", string(r.UserLock)), checkOptional("a request", r.Request), checkSealings(r.Sealed),
		checkChanging(r))
	if r.Revision > 1 {
		err = errors.Join(err, errors.New("storage: a new keystore's revision is above 1"))
	}
	if r.Verifier != nil {
		err = errors.Join(err, checkVerifier(r.Verifier))
	}
	return err
}

// checkChanging looks at what UpdateKeystore writes.
func checkChanging(r keystore.Record) error {
	err := errors.Join(checkText("a controller", r.Controller), checkState(r.State), checkLabel(r.Label), checkList("a list of types", r.KeyTypes),
		checkBlob("a tag", r.Tag))
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

// Keystore returns a keystore with all its sealings. keystore.ErrNotFound when there is none, keystore.ErrDamaged when it cannot be read.
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
	case found[0].Damage != "":
		return keystore.Record{}, fmt.Errorf("storage: read keystore %s: %w: %s", id, keystore.ErrDamaged, found[0].Damage)
	}
	return found[0], nil
}

// keystores gathers the rows of each keystore, which must follow each other.
func (db *DB) keystores(ctx context.Context, what string, query func(*gorm.DB) *gorm.DB) ([]keystore.Record, error) {
	var all []keystore.Record
	err := db.rows(ctx, what, query, func(f *fields) {
		r, lockID, sealed := f.keystore()
		if r.ID == "" {
			return // nobody can ask for it
		}
		if len(all) == 0 || all[len(all)-1].ID != r.ID {
			all = append(all, r)
		}
		if lockID != "" {
			all[len(all)-1].Sealed[lockID] = sealed
		}
	})
	return all, err
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

// PinVerifier sets the record's 32-byte verifier if there is none, and its tag and revision with it, and returns the verifier that stands then, the same to
// all who race. keystore.ErrStale when there is none and the record's revision is not the one after the stored one, keystore.ErrNotFound when there is no
// such keystore.
func (db *DB) PinVerifier(ctx context.Context, r keystore.Record) ([]byte, error) {
	if err := errors.Join(checkIDs(r.ID), checkVerifier(r.Verifier), checkBlob("a tag", r.Tag)); err != nil {
		return nil, err
	}
	var standing []verifierRow
	err := db.write(ctx, "pin verifier", func(tx *gorm.DB) error {
		// On a conflict PostgreSQL waits for whoever is before us; the statement after it then sees what they committed.
		pinned := tx.Clauses(keepFirst).Create(&verifierRow{r.ID, r.Verifier})
		if pinned.Error != nil {
			return pinned.Error
		}
		if pinned.RowsAffected == 1 {
			tagged := tx.Exec(`UPDATE keystores SET tag = ?, revision = ? WHERE id = ? AND revision = ?`, r.Tag, r.Revision, r.ID, r.Revision-1)
			if tagged.Error != nil {
				return tagged.Error
			}
			if tagged.RowsAffected == 0 {
				return keystore.ErrStale
			}
		}
		return tx.Where("keystore_id = ?", r.ID).Find(&standing).Error
	})
	if err != nil {
		return nil, err
	}
	if len(standing) != 1 {
		return nil, errors.New("storage: pin verifier: none stands")
	}
	return standing[0].Verifier, nil
}

const updateKeystore = `UPDATE keystores SET controller = ?, vault_capability = ?, vault_expires_at = ?, state = ?, delete_at = ?, name = ?,
	description = ?, tags = ?, key_types = ?, tag = ?, revision = ? WHERE id = ? AND revision = ? AND vault_url IS NOT DISTINCT FROM ?
	AND EXISTS (SELECT 1 FROM keystore_sealings s WHERE s.keystore_id = keystores.id)`

// UpdateKeystore replaces all that changes of a keystore: controller, the vault's capability and expiry, state, deletion, label, key types and tag.
// The vault stays the one it is. keystore.ErrStale when the record's revision is not the one after the stored one, keystore.ErrNotFound when
// there is no such keystore, or it is being deleted.
func (db *DB) UpdateKeystore(ctx context.Context, r keystore.Record) error {
	err := errors.Join(checkIDs(r.ID), checkChanging(r))
	if r.Revision < 1 {
		err = errors.Join(err, errors.New("storage: a keystore's revision is below 1"))
	}
	if err != nil {
		return err
	}
	row, err := newKeystoreRow(r)
	if err != nil {
		return err
	}
	return db.write(ctx, "update keystore", func(tx *gorm.DB) error {
		done := tx.Exec(updateKeystore, row.Controller, row.VaultCapability, row.VaultExpiresAt, row.State, row.DeleteAt, row.Name,
			row.Description, row.Tags, row.KeyTypes, row.Tag, row.Revision, row.ID, r.Revision-1, row.VaultURL)
		if done.Error != nil || done.RowsAffected > 0 {
			return done.Error
		}
		var found []keystoreRow
		if err := tx.Where("id = ?", r.ID).Find(&found).Error; err != nil {
			return err
		}
		switch {
		case len(found) == 0:
			return keystore.ErrNotFound
		case found[0].Revision != r.Revision-1:
			return keystore.ErrStale
		case (found[0].VaultURL == nil) != (row.VaultURL == nil), row.VaultURL != nil && *found[0].VaultURL != *row.VaultURL:
			return errors.New("the keystore's vault is another")
		}
		return keystore.ErrNotFound // without a sealing it is being deleted
	})
}

// deleteBatch is how many rows of a keystore's keys one statement deletes.
const deleteBatch = 1000

// DeleteKeystore deletes a keystore and all that belongs to it; what was sealed is erased as with DeleteKey. What stays is that there was one of this id. keystore.ErrStale when the revision is
// not the stored one, keystore.ErrNotFound when there is no such keystore.
//
// One of up to a thousand keys goes at once. Of a larger one the keystore's own secrets go first, without which nothing in it can be opened or changed;
// then its keys, a thousand at a time, so that others can write in between; and the keystore last. When that is interrupted, it is done again.
func (db *DB) DeleteKeystore(ctx context.Context, id string, revision int64) error {
	if err := checkIDs(id); err != nil {
		return err
	}
	for {
		more := false
		err := db.writeAgain(ctx, "delete keystore", func(tx *gorm.DB) (err error) {
			more, err = deleteSome(tx, id, revision)
			return err
		})
		if err != nil {
			return err
		}
		db.erases.ask()
		if !more {
			return nil
		}
	}
}

// The order is that of what belongs to what. The usage goes with its version, and what is counted of the days meanwhile with its key.
const (
	deleteVersions = `DELETE FROM key_versions WHERE (keystore_id, key_id, version) IN
		(SELECT keystore_id, key_id, version FROM key_versions WHERE keystore_id = ? LIMIT ?)`
	deleteTags = `DELETE FROM key_tags WHERE (keystore_id, name, value, created_at, key_id) IN
		(SELECT keystore_id, name, value, created_at, key_id FROM key_tags WHERE keystore_id = ? LIMIT ?)`
	deleteDays = `DELETE FROM key_usage_days WHERE (keystore_id, key_id, day) IN
		(SELECT keystore_id, key_id, day FROM key_usage_days WHERE keystore_id = ? LIMIT ?)`
	deleteKeys = `DELETE FROM keys WHERE (keystore_id, id) IN (SELECT keystore_id, id FROM keys WHERE keystore_id = ? LIMIT ?)`
)

// deleteSome deletes a keystore, or some of what belongs to it and tells that there is more.
func deleteSome(tx *gorm.DB, id string, revision int64) (more bool, err error) {
	holding := tx.Raw(`SELECT 1 FROM keystores WHERE id = ? AND revision = ?`, id, revision)
	if tx.Name() == "postgres" { // who puts something into the keystore, or changes it, waits and finds it gone; SQLite has one writer anyway
		holding = tx.Raw(`SELECT 1 FROM keystores WHERE id = ? AND revision = ? FOR UPDATE`, id, revision)
	}
	var held []int
	if err := holding.Scan(&held).Error; err != nil {
		return false, err
	}
	if len(held) == 0 {
		return false, missed(tx.Raw(`SELECT 1 FROM keystores WHERE id = ?`, id))
	}
	for _, row := range []any{&sealingRow{}, &revocationRow{}, &condemnedRow{}} {
		if err := tx.Where("keystore_id = ?", id).Delete(row).Error; err != nil {
			return false, err
		}
	}
	for _, done := range []func() *gorm.DB{
		func() *gorm.DB { return tx.Exec(deleteVersions, id, deleteBatch) },
		func() *gorm.DB { return tx.Exec(deleteTags, id, deleteBatch) },
		func() *gorm.DB { return tx.Exec(deleteDays, id, deleteBatch) },
		func() *gorm.DB { return tx.Exec(deleteKeys, id, deleteBatch) },
	} {
		if some := done(); some.Error != nil || some.RowsAffected == deleteBatch {
			return true, some.Error
		}
	}
	// To the end, for without it the record would not be believed, and the deletion not be ended.
	if err := tx.Where("keystore_id = ?", id).Delete(&verifierRow{}).Error; err != nil {
		return false, err
	}
	if err := tx.Exec(`INSERT INTO deleted_keystores (id, deleted_at) VALUES (?, ?)`, id, time.Now().UnixMicro()).Error; err != nil {
		return false, err
	}
	return false, tx.Where("id = ?", id).Delete(&keystoreRow{}).Error
}

// DueKeystores lists up to limit (1 to 1000) keystores that are to be woken by now, soonest first.
func (db *DB) DueKeystores(ctx context.Context, now time.Time, limit int) ([]keystore.DueKeystore, error) {
	if err := checkLimit(limit); err != nil {
		return nil, err
	}
	var all []keystore.DueKeystore
	err := db.rows(ctx, "list due keystores", func(tx *gorm.DB) *gorm.DB {
		return tx.Raw(`SELECT id, wake_at FROM keystores WHERE wake_at <= ? ORDER BY wake_at, id LIMIT ?`, now.UnixMicro(), limit)
	}, func(f *fields) {
		if d := (keystore.DueKeystore{ID: field[string](f), WakeAt: f.moment()}); f.bad == "" {
			all = append(all, d)
		}
	})
	return all, err
}

// WakeBy sets the keystore's wake time; an earlier one comes a microsecond sooner. keystore.ErrNotFound when there is no such keystore.
func (db *DB) WakeBy(ctx context.Context, id string, at time.Time) error {
	err := checkIDs(id)
	if at.IsZero() {
		err = errors.Join(err, errors.New("storage: a wake time is none"))
	}
	if err != nil {
		return err
	}
	return db.write(ctx, "set wake time", func(tx *gorm.DB) error {
		set := tx.Exec(`UPDATE keystores SET wake_at = CASE WHEN wake_at IS NULL OR wake_at > ? THEN ? ELSE wake_at - 1 END WHERE id = ?`,
			at.UnixMicro(), at.UnixMicro(), id)
		if set.Error == nil && set.RowsAffected == 0 {
			return keystore.ErrNotFound
		}
		return set.Error
	})
}

// MoveWake sets the wake time to another (zero: none) if it is the one given (zero: none), and tells whether it was.
func (db *DB) MoveWake(ctx context.Context, id string, from, to time.Time) (bool, error) {
	if err := checkIDs(id); err != nil {
		return false, err
	}
	moved := false
	err := db.write(ctx, "move wake time", func(tx *gorm.DB) error {
		set := tx.Exec(`UPDATE keystores SET wake_at = ? WHERE id = ? AND wake_at IS NOT DISTINCT FROM ?`, micros(to), id, micros(from))
		moved = set.RowsAffected > 0
		return set.Error
	})
	return moved && err == nil, err
}

// Lease gives the named lease to the holder until a time, if it is free, has ended by now, or is the holder's own, and tells whether. It is one
// statement: of all who ask at once one gets it.
func (db *DB) Lease(ctx context.Context, name, holder string, now, until time.Time) (bool, error) {
	if err := errors.Join(checkText("a lease's name", name), checkText("a lease's holder", holder)); err != nil {
		return false, err
	}
	got := false
	err := db.write(ctx, "take lease", func(tx *gorm.DB) error {
		set := tx.Exec(`INSERT INTO leases AS l (name, holder, ends_at) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE
			SET holder = excluded.holder, ends_at = excluded.ends_at WHERE l.holder = excluded.holder OR l.ends_at <= ?`,
			name, holder, until.UnixMicro(), now.UnixMicro())
		got = set.RowsAffected > 0
		return set.Error
	})
	return got && err == nil, err
}
