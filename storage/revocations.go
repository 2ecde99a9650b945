package storage

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"twolock/keystore"
)

type revocationRow struct {
	KeystoreID   string
	Delegator    string
	CapabilityID string
	Revoker      string
	RevokedAt    int64
	ExpiresAt    int64
}

func (revocationRow) TableName() string { return "revocations" }

// maxLinks is how many links Revoked takes: chains are shorter.
const maxLinks = 10

// InsertRevocation writes a revocation; one that is there stays as it is. keystore.ErrNotFound when there is no such keystore.
func (db *DB) InsertRevocation(ctx context.Context, r keystore.Revocation) error {
	err := errors.Join(checkIDs(r.Keystore), checkText("a delegator", r.Delegator), checkText("a capability's id", r.Capability), checkText("a revoker", r.Revoker))
	if err != nil {
		return err
	}
	return db.write(ctx, "insert revocation", func(tx *gorm.DB) error {
		return tx.Clauses(keepFirst).Create(&revocationRow{
			r.Keystore, r.Delegator, r.Capability, r.Revoker, r.RevokedAt.UnixMicro(), r.Expires.UnixMicro(),
		}).Error
	})
}

// Revoked tells whether any of the links (1 to 10) was revoked in the keystore.
func (db *DB) Revoked(ctx context.Context, store string, links []keystore.Link) (bool, error) {
	err := checkIDs(store)
	if len(links) < 1 || len(links) > maxLinks {
		err = errors.Join(err, errors.New("storage: there must be 1 to 10 links"))
	}
	if err != nil {
		return false, err
	}
	args := []any{store}
	for i := range maxLinks { // a short chain's last link fills up what is left
		l := links[min(i, len(links)-1)]
		args = append(args, l.Delegator, l.Capability)
	}
	var found []int
	err = db.read(ctx, "read revocations", func(tx *gorm.DB) *gorm.DB {
		return tx.Raw(`SELECT 1 FROM revocations WHERE keystore_id = ? AND (delegator, capability_id) IN
			((?, ?), (?, ?), (?, ?), (?, ?), (?, ?), (?, ?), (?, ?), (?, ?), (?, ?), (?, ?)) LIMIT 1`, args...).Scan(&found)
	})
	return len(found) > 0, err
}

// ListRevocations returns up to limit (1 to 1000) revocations after the position, by age and then capability.
func (db *DB) ListRevocations(ctx context.Context, store string, after keystore.Position, limit int) ([]keystore.Revocation, error) {
	if err := errors.Join(checkIDs(store), checkLimit(limit)); err != nil {
		return nil, err
	}
	var rows []revocationRow
	err := db.read(ctx, "list revocations", func(tx *gorm.DB) *gorm.DB {
		return tx.Raw(`SELECT keystore_id, delegator, capability_id, revoker, revoked_at, expires_at FROM revocations
			WHERE keystore_id = ? AND (revoked_at, capability_id) > (?, ?) ORDER BY revoked_at, capability_id LIMIT ?`,
			store, after.CreatedAt.UnixMicro(), after.ID, limit).Scan(&rows)
	})
	if err != nil {
		return nil, err
	}
	all := make([]keystore.Revocation, len(rows))
	for i, r := range rows {
		all[i] = keystore.Revocation{Keystore: r.KeystoreID, Delegator: r.Delegator, Capability: r.CapabilityID, Revoker: r.Revoker,
			RevokedAt: moment(r.RevokedAt), Expires: moment(r.ExpiresAt)}
	}
	return all, nil
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
		return done.Error
	})
	return pruned, err
}
