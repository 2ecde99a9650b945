package storage

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"twolock/keystore"
)

// maxLinks is how many links Revoked takes: chains are shorter.
const maxLinks = 10

// revocationsOf is the table of a keystore's revocations, or of the service's, which has no keystore to belong to, with the condition on its rows.
func revocationsOf(store string) (table, where string, args []any, err error) {
	if store == "" {
		return "service_revocations", "", nil, nil
	}
	return "revocations", "keystore_id = ? AND ", []any{store}, checkIDs(store)
}

// InsertRevocation writes a revocation; one that is there stays as it is. keystore.ErrNotFound when there is no such keystore.
func (db *DB) InsertRevocation(ctx context.Context, r keystore.Revocation) error {
	table, _, of, err := revocationsOf(r.Keystore)
	err = errors.Join(err, checkText("a delegator", r.Delegator), checkText("a capability's id", r.Capability), checkText("a revoker", r.Revoker))
	if err != nil {
		return err
	}
	columns, marks := "delegator, capability_id, revoker, revoked_at, expires_at", "?, ?, ?, ?, ?"
	if len(of) > 0 {
		columns, marks = "keystore_id, "+columns, "?, "+marks
	}
	return db.write(ctx, "insert revocation", func(tx *gorm.DB) error {
		return tx.Exec("INSERT INTO "+table+" ("+columns+") VALUES ("+marks+") ON CONFLICT DO NOTHING",
			append(of, r.Delegator, r.Capability, r.Revoker, r.RevokedAt.UnixMicro(), r.Expires.UnixMicro())...).Error
	})
}

// Revoked tells whether any of the links (1 to 10) was revoked in the keystore.
func (db *DB) Revoked(ctx context.Context, store string, links []keystore.Link) (bool, error) {
	table, where, args, err := revocationsOf(store)
	if len(links) < 1 || len(links) > maxLinks {
		err = errors.Join(err, errors.New("storage: there must be 1 to 10 links"))
	}
	if err != nil {
		return false, err
	}
	for i := range maxLinks { // a short chain's last link fills up what is left
		l := links[min(i, len(links)-1)]
		args = append(args, l.Delegator, l.Capability)
	}
	var found []int
	err = db.read(ctx, "read revocations", func(tx *gorm.DB) *gorm.DB {
		return tx.Raw(`SELECT 1 FROM `+table+` WHERE `+where+`(delegator, capability_id) IN
			((?, ?), (?, ?), (?, ?), (?, ?), (?, ?), (?, ?), (?, ?), (?, ?), (?, ?), (?, ?)) LIMIT 1`, args...).Scan(&found)
	})
	return len(found) > 0, err
}

// ListRevocations returns up to limit (1 to 1000) revocations after the position, by age and then capability.
func (db *DB) ListRevocations(ctx context.Context, store string, after keystore.Position, limit int) ([]keystore.Revocation, error) {
	table, where, args, err := revocationsOf(store)
	if err := errors.Join(err, checkLimit(limit)); err != nil {
		return nil, err
	}
	var rows []struct {
		Delegator, CapabilityID, Revoker string
		RevokedAt, ExpiresAt             int64
	}
	err = db.read(ctx, "list revocations", func(tx *gorm.DB) *gorm.DB {
		return tx.Raw(`SELECT delegator, capability_id, revoker, revoked_at, expires_at FROM `+table+`
			WHERE `+where+`(revoked_at, capability_id) > (?, ?) ORDER BY revoked_at, capability_id LIMIT ?`,
			append(args, after.CreatedAt.UnixMicro(), after.ID, limit)...).Scan(&rows)
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
