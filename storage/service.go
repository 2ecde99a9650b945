package storage

import (
	"context"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"
)

type serviceRow struct {
	One       int
	CreatedAt int64 `gorm:"autoCreateTime:false"`
}

func (serviceRow) TableName() string { return "service" }

type serviceSealingRow struct {
	Service int
	LockID  string
	Sealed  []byte
}

func (serviceSealingRow) TableName() string { return "service_sealings" }

// ServiceSealings returns the sealings of the service's secret by lock id; empty on a new database.
func (db *DB) ServiceSealings(ctx context.Context) (map[string][]byte, error) {
	var rows []serviceSealingRow
	err := db.read(ctx, "read service sealings", func(tx *gorm.DB) *gorm.DB {
		return tx.Where("service = ?", 1).Find(&rows)
	})
	if err != nil {
		return nil, err
	}
	sealings := make(map[string][]byte, len(rows))
	for _, r := range rows {
		sealings[r.LockID] = r.Sealed
	}
	return sealings, nil
}

// InsertServiceSealings writes the set if there is none, all or nothing. keystore.ErrExists when there is one: two servers
// that start at once both try to insert the one row of the service, and the database lets one of them.
func (db *DB) InsertServiceSealings(ctx context.Context, sealings map[string][]byte) error {
	if err := checkSealings(sealings); err != nil {
		return err
	}
	var rows []serviceSealingRow
	for _, id := range slices.Sorted(maps.Keys(sealings)) {
		rows = append(rows, serviceSealingRow{1, id, sealings[id]})
	}
	return db.write(ctx, "insert service sealings", func(tx *gorm.DB) error {
		if err := tx.Create(&serviceRow{1, time.Now().UnixMicro()}).Error; err != nil {
			return err
		}
		return tx.Create(&rows).Error
	})
}

// AddServiceSealing adds one to the set. keystore.ErrExists when the lock has one, keystore.ErrNotFound when the set is empty.
func (db *DB) AddServiceSealing(ctx context.Context, lockID string, sealed []byte) error {
	if err := checkSealings(map[string][]byte{lockID: sealed}); err != nil {
		return err
	}
	return db.write(ctx, "add service sealing", func(tx *gorm.DB) error {
		return tx.Create(&serviceSealingRow{1, lockID, sealed}).Error
	})
}

// RemoveServiceSealing deletes the sealing by a lock that is retired, and tells whether it did: not while none of the other locks has one, or a
// keystore has one by this lock. What is deleted is erased as with DeleteKey.
func (db *DB) RemoveServiceSealing(ctx context.Context, lockID string, others []string) (removed bool, err error) {
	if err := checkRetired(lockID, others); err != nil {
		return false, err
	}
	err = db.write(ctx, "remove service sealing", func(tx *gorm.DB) error {
		if tx.Name() == "postgres" { // as in RemoveSealings
			var held []int
			if err := tx.Raw(`SELECT one FROM service FOR NO KEY UPDATE`).Scan(&held).Error; err != nil {
				return err
			}
		}
		deleted := tx.Exec(`DELETE FROM service_sealings WHERE lock_id = ? AND EXISTS (SELECT 1 FROM service_sealings o WHERE o.lock_id IN ?)
			AND NOT EXISTS (SELECT 1 FROM keystore_sealings s WHERE s.lock_id = ?)`, lockID, others, lockID)
		removed = deleted.RowsAffected > 0
		return deleted.Error
	})
	if err == nil && removed {
		db.erases.ask()
	}
	return removed && err == nil, err
}
