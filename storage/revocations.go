package storage

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"twolock/keystore"
)

// revocationRow is for deleting those of a keystore.
type revocationRow struct{}

func (revocationRow) TableName() string { return "revocations" }

// maxLinks is how many links Revoked takes: chains are shorter.
const maxLinks = 10

// A keystore's revocations belong to it; the service's have a table of their own, for there is no keystore that they belong to.
const (
	insertRevocation = `INSERT INTO revocations (delegator, capability_id, revoker, revoked_at, expires_at, through, keystore_id)
		VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
	insertServiceRevocation = `INSERT INTO service_revocations (delegator, capability_id, revoker, revoked_at, expires_at, through)
		VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`

	countThrough        = `SELECT COUNT(*) FROM revocations WHERE through = ? AND keystore_id = ?`
	countServiceThrough = `SELECT COUNT(*) FROM service_revocations WHERE through = ?`

	anyLink        = `(delegator, capability_id) IN ((?, ?), (?, ?), (?, ?), (?, ?), (?, ?), (?, ?), (?, ?), (?, ?), (?, ?), (?, ?))`
	revoked        = `SELECT 1 FROM revocations WHERE ` + anyLink + ` AND keystore_id = ? LIMIT 1`
	serviceRevoked = `SELECT 1 FROM service_revocations WHERE ` + anyLink + ` LIMIT 1`

	selectRevocations      = `SELECT delegator, capability_id, revoker, revoked_at, expires_at FROM `
	afterRevocation        = `(revoked_at, capability_id) > (?, ?) ORDER BY revoked_at, capability_id LIMIT ?`
	listRevocations        = selectRevocations + `revocations WHERE keystore_id = ? AND ` + afterRevocation
	listServiceRevocations = selectRevocations + `service_revocations WHERE ` + afterRevocation
)

// InsertRevocation writes a revocation; one that is there stays as it is. keystore.ErrNotFound when there is no such keystore, keystore.ErrFull when limit
// (1 or more) came through the same DID.
func (db *DB) InsertRevocation(ctx context.Context, r keystore.Revocation, limit int) error {
	err := errors.Join(checkPlace(r.Keystore), checkText("a delegator", r.Delegator), checkText("a capability's id", r.Capability), checkText("a revoker", r.Revoker))
	if limit < 1 {
		err = errors.Join(err, errors.New("storage: a limit is below 1"))
	}
	var through *string
	if r.Through != "" {
		through, err = &r.Through, errors.Join(err, checkText("a DID", r.Through))
	}
	if err != nil {
		return err
	}
	args := []any{r.Delegator, r.Capability, r.Revoker, r.RevokedAt.UnixMicro(), r.Expires.UnixMicro(), through}
	return db.write(ctx, "insert revocation", func(tx *gorm.DB) error {
		var done, count *gorm.DB
		if r.Keystore == "" {
			done, count = tx.Exec(insertServiceRevocation, args...), tx.Raw(countServiceThrough, through)
		} else {
			done, count = tx.Exec(insertRevocation, append(args, r.Keystore)...), tx.Raw(countThrough, through, r.Keystore)
		}
		if done.Error != nil || done.RowsAffected == 0 || through == nil {
			return done.Error
		}
		var n int
		if err := count.Scan(&n).Error; err != nil {
			return err
		}
		if n > limit {
			return keystore.ErrFull
		}
		return nil
	})
}

// Revoked tells whether any of the links (1 to 10) was revoked in the keystore.
func (db *DB) Revoked(ctx context.Context, store string, links []keystore.Link) (bool, error) {
	err := checkPlace(store)
	if len(links) < 1 || len(links) > maxLinks {
		err = errors.Join(err, errors.New("storage: there must be 1 to 10 links"))
	}
	if err != nil {
		return false, err
	}
	var args []any
	for i := range maxLinks { // a short chain's last link fills up what is left
		l := links[min(i, len(links)-1)]
		args = append(args, l.Delegator, l.Capability)
	}
	var found []int
	err = db.read(ctx, "read revocations", func(tx *gorm.DB) *gorm.DB {
		if store == "" {
			return tx.Raw(serviceRevoked, args...).Scan(&found)
		}
		return tx.Raw(revoked, append(args, store)...).Scan(&found)
	})
	return len(found) > 0, err
}

// ListRevocations returns up to limit (1 to 1000) revocations after the position, by age and then capability.
func (db *DB) ListRevocations(ctx context.Context, store string, after keystore.Position, limit int) ([]keystore.Revocation, error) {
	if err := errors.Join(checkPlace(store), checkLimit(limit)); err != nil {
		return nil, err
	}
	var rows []struct {
		Delegator, CapabilityID, Revoker string
		RevokedAt, ExpiresAt             int64
	}
	err := db.read(ctx, "list revocations", func(tx *gorm.DB) *gorm.DB {
		if store == "" {
			return tx.Raw(listServiceRevocations, after.CreatedAt.UnixMicro(), after.ID, limit).Scan(&rows)
		}
		return tx.Raw(listRevocations, store, after.CreatedAt.UnixMicro(), after.ID, limit).Scan(&rows)
	})
	if err != nil {
		return nil, err
	}
	all := make([]keystore.Revocation, len(rows))
	for i, r := range rows {
		all[i] = keystore.Revocation{Keystore: store, Delegator: r.Delegator, Capability: r.CapabilityID, Revoker: r.Revoker,
			RevokedAt: moment(r.RevokedAt), Expires: moment(r.ExpiresAt)}
	}
	return all, nil
}

// checkPlace checks what a revocation is of: a keystore, or, empty, the service.
func checkPlace(store string) error {
	if store == "" {
		return nil
	}
	return checkIDs(store)
}

// PruneRevocations forgets up to limit (1 to 1000) revocations whose capability ended before the moment.
func (db *DB) PruneRevocations(ctx context.Context, before time.Time, limit int) (int, error) {
	if err := checkLimit(limit); err != nil {
		return 0, err
	}
	pruned := 0
	err := db.write(ctx, "prune revocations", func(tx *gorm.DB) error {
		done := tx.Exec(`DELETE FROM revocations WHERE (keystore_id, delegator, capability_id) IN
			(SELECT keystore_id, delegator, capability_id FROM revocations WHERE expires_at < ? ORDER BY expires_at LIMIT ?)`, before.UnixMicro(), limit)
		pruned = int(done.RowsAffected)
		if done.Error != nil || pruned == limit {
			return done.Error
		}
		done = tx.Exec(`DELETE FROM service_revocations WHERE (delegator, capability_id) IN
			(SELECT delegator, capability_id FROM service_revocations WHERE expires_at < ? ORDER BY expires_at LIMIT ?)`, before.UnixMicro(), limit-pruned)
		pruned += int(done.RowsAffected)
		return done.Error
	})
	return pruned, err
}
