package storage

import (
	"context"
	"errors"
	"maps"
	"slices"

	"gorm.io/gorm"

	"twolock/keystore"
)

type usageRow struct {
	KeystoreID string
	KeyID      string
	Version    int64
	Messages   int64
	Uses       int64
	LastUsedAt *int64
}

func (usageRow) TableName() string { return "key_usage" }

// reserve grants what is left below the limit. What was granted is kept beside the sum, for there is no other way to return it that both databases
// have: a statement returns what a row became, not what it was.
const reserve = `INSERT INTO key_usage AS u (keystore_id, key_id, version, messages, granted, uses) VALUES (?, ?, ?, ?, ?, 0)
	ON CONFLICT (keystore_id, key_id, version) DO UPDATE SET
		messages = u.messages + CASE WHEN ? - u.messages >= excluded.granted THEN excluded.granted ELSE ? - u.messages END,
		granted = CASE WHEN ? - u.messages >= excluded.granted THEN excluded.granted ELSE ? - u.messages END
	WHERE u.messages < ? RETURNING granted`

// ReserveMessages counts n (1 or more) more messages of a version, or as many as are left below the limit, and returns how many. It is one statement:
// however many servers ask at once, what they get is together no more than the limit. keystore.ErrNotFound when there is no such version.
func (db *DB) ReserveMessages(ctx context.Context, store, id string, version int, n, limit int64) (int64, error) {
	err := checkIDs(store, id)
	if n < 1 || limit < 0 {
		err = errors.Join(err, errors.New("storage: messages to reserve, or their limit, are negative or none"))
	}
	if err != nil {
		return 0, err
	}
	if limit == 0 {
		return 0, nil
	}
	first := min(n, limit)
	var granted []int64
	err = db.write(ctx, "reserve messages", func(tx *gorm.DB) error {
		return tx.Raw(reserve, store, id, int64(version), first, first, limit, limit, limit, limit, limit).Find(&granted).Error
	})
	if err != nil || len(granted) == 0 {
		return 0, err
	}
	return granted[0], nil
}

const addUses = `INSERT INTO key_usage AS u (keystore_id, key_id, version, messages, granted, uses, last_used_at)
	SELECT keystore_id, key_id, version, 0, 0, CAST(? AS BIGINT), CAST(? AS BIGINT) FROM key_versions WHERE keystore_id = ? AND key_id = ? AND version = ?
	ON CONFLICT (keystore_id, key_id, version) DO UPDATE SET uses = u.uses + excluded.uses,
		last_used_at = CASE WHEN u.last_used_at >= excluded.last_used_at OR excluded.last_used_at IS NULL THEN u.last_used_at ELSE excluded.last_used_at END`

const addDay = `INSERT INTO key_usage_days AS u (keystore_id, key_id, day, uses)
	SELECT keystore_id, id, CAST(? AS BIGINT), CAST(? AS BIGINT) FROM keys WHERE keystore_id = ? AND id = ?
	ON CONFLICT (keystore_id, key_id, day) DO UPDATE SET uses = u.uses + excluded.uses`

// AddUses adds to the usage of each version, all or nothing: Uses to what is there, LastUsedAt if it is later. Messages are passed over, and so is a
// version that is not there. The key's days get all uses.
func (db *DB) AddUses(ctx context.Context, store, id string, uses []keystore.Usage) error {
	if err := checkIDs(store, id); err != nil {
		return err
	}
	if len(uses) > maxRows {
		return errors.New("storage: there are more than 1000 versions to count")
	}
	for _, u := range uses {
		if u.Uses < 0 {
			return errors.New("storage: uses to add are negative")
		}
	}
	if len(uses) == 0 {
		return nil
	}
	// Servers that add to the same versions take them in one order, and none waits for another that waits for it.
	uses = slices.Clone(uses)
	slices.SortFunc(uses, func(a, b keystore.Usage) int { return a.Version - b.Version })
	days := map[keystore.Day]int64{}
	for _, u := range uses {
		if u.Uses > 0 && !u.LastUsedAt.IsZero() {
			days[keystore.DayOf(u.LastUsedAt)] += u.Uses
		}
	}
	return db.writeAgain(ctx, "add uses", func(tx *gorm.DB) error {
		for _, u := range uses {
			if err := tx.Exec(addUses, u.Uses, micros(u.LastUsedAt), store, id, int64(u.Version)).Error; err != nil {
				return err
			}
		}
		// After the versions, as a deletion takes them.
		for _, day := range slices.Sorted(maps.Keys(days)) {
			if err := tx.Exec(addDay, int64(day), days[day], store, id).Error; err != nil {
				return err
			}
		}
		return nil
	})
}

// KeyUsage returns the usage of the versions (at most 1000), those never used left out.
func (db *DB) KeyUsage(ctx context.Context, store, id string, versions []int) (map[int]keystore.Usage, error) {
	if err := checkIDs(store, id); err != nil {
		return nil, err
	}
	if len(versions) > maxRows {
		return nil, errLimit
	}
	all := map[int]keystore.Usage{}
	for some := range slices.Chunk(versions, 100) {
		var rows []usageRow
		err := db.read(ctx, "read usage", func(tx *gorm.DB) *gorm.DB {
			return tx.Where("keystore_id = ? AND key_id = ? AND version IN ?", store, id, some).Find(&rows)
		})
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			u := keystore.Usage{Version: int(r.Version), Messages: r.Messages, Uses: r.Uses}
			if r.LastUsedAt != nil {
				u.LastUsedAt = moment(*r.LastUsedAt)
			}
			all[u.Version] = u
		}
	}
	return all, nil
}

// DailyUses returns how often the key was used on each day from first to last (at most keystore.UsageDays), days without uses left out.
func (db *DB) DailyUses(ctx context.Context, store, id string, first, last keystore.Day) (map[keystore.Day]int64, error) {
	err := checkIDs(store, id)
	if last-first >= keystore.UsageDays {
		err = errors.Join(err, errors.New("storage: there are more than 90 days to read"))
	}
	if err != nil {
		return nil, err
	}
	var rows []struct{ Day, Uses int64 }
	err = db.read(ctx, "read daily uses", func(tx *gorm.DB) *gorm.DB {
		return tx.Raw(`SELECT day, uses FROM key_usage_days WHERE keystore_id = ? AND key_id = ? AND day BETWEEN ? AND ?`,
			store, id, int64(first), int64(last)).Scan(&rows)
	})
	if err != nil {
		return nil, err
	}
	all := map[keystore.Day]int64{}
	for _, r := range rows {
		all[keystore.Day(r.Day)] = r.Uses
	}
	return all, nil
}

// PruneDailyUses forgets up to limit (1 to 1000) counts of days before the one given.
func (db *DB) PruneDailyUses(ctx context.Context, before keystore.Day, limit int) (int, error) {
	if err := checkLimit(limit); err != nil {
		return 0, err
	}
	pruned := 0
	err := db.write(ctx, "prune daily uses", func(tx *gorm.DB) error {
		done := tx.Exec(`DELETE FROM key_usage_days WHERE (keystore_id, key_id, day) IN
			(SELECT keystore_id, key_id, day FROM key_usage_days WHERE day < ? ORDER BY day LIMIT ?)`, int64(before), limit)
		pruned = int(done.RowsAffected)
		return done.Error
	})
	return pruned, err
}
