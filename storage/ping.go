package storage

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// pingEvery is how long an answer of Ping stands. Anybody may ask whether the server is ready; nobody can thereby make
// it write more often.
const pingEvery = time.Second

type pingRow struct {
	One      int
	PingedAt int64
}

func (pingRow) TableName() string { return "pings" }

var replacePing = clause.OnConflict{
	Columns: []clause.Column{{Name: "one"}}, DoUpdates: clause.AssignmentColumns([]string{"pinged_at"}),
}

// Ping answers nil when the database can be written to: it writes a row, at most once a second; calls in between get the
// same answer.
func (db *DB) Ping(ctx context.Context) error {
	db.pinging.Lock()
	defer db.pinging.Unlock()
	if since := time.Since(db.pinged); since >= 0 && since < pingEvery {
		return db.pingedAs
	}
	err := db.write(ctx, "ping", func(tx *gorm.DB) error {
		return tx.Clauses(replacePing).Create(&pingRow{1, time.Now().UnixMicro()}).Error
	})
	if ctx.Err() == nil { // else it tells of the caller, not of the database
		db.pinged, db.pingedAs = time.Now(), err
	}
	return err
}
