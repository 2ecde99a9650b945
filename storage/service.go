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
