package storage

import (
	"context"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"twolock/keystore"
)

var (
	// keepFirst makes an insert leave what is there as it is.
	keepFirst = clause.OnConflict{DoNothing: true}
	// replaceEnrolment makes an insert take the place of the open token.
	replaceEnrolment = clause.OnConflict{
		Columns: []clause.Column{{Name: "one"}}, DoUpdates: clause.AssignmentColumns([]string{"token_hash", "created_at"}),
	}
)

type operatorRow struct {
	DID        string `gorm:"column:did"`
	EnrolledAt int64
}

func (operatorRow) TableName() string { return "operators" }

type enrolmentRow struct {
	One       int
	TokenHash []byte
	CreatedAt int64 `gorm:"autoCreateTime:false"`
}

func (enrolmentRow) TableName() string { return "enrolments" }

// IsOperator tells whether the DID was enrolled.
func (db *DB) IsOperator(ctx context.Context, did string) (bool, error) {
	if err := checkText("a DID", did); err != nil {
		return false, err
	}
	var rows []operatorRow
	err := db.read(ctx, "read operator", func(tx *gorm.DB) *gorm.DB { return tx.Where("did = ?", did).Find(&rows) })
	return err == nil && len(rows) == 1, err
}

// ListOperators returns up to limit (1 to 1000) enrolled operators, in the order of their enrolment.
func (db *DB) ListOperators(ctx context.Context, limit int) ([]keystore.Enrolled, error) {
	if err := checkLimit(limit); err != nil {
		return nil, err
	}
	var rows []operatorRow
	err := db.read(ctx, "read operators", func(tx *gorm.DB) *gorm.DB {
		return tx.Raw(`SELECT did, enrolled_at FROM operators ORDER BY enrolled_at, did LIMIT ?`, limit).Scan(&rows)
	})
	if err != nil {
		return nil, err
	}
	all := make([]keystore.Enrolled, len(rows))
	for i, r := range rows {
		all[i] = keystore.Enrolled{DID: r.DID, EnrolledAt: moment(r.EnrolledAt)}
	}
	return all, nil
}

// SetEnrolment replaces the open enrolment token, if any, by the one with this SHA-256.
func (db *DB) SetEnrolment(ctx context.Context, tokenHash []byte) error {
	if err := checkTokenHash(tokenHash); err != nil {
		return err
	}
	return db.write(ctx, "set enrolment", func(tx *gorm.DB) error {
		return tx.Clauses(replaceEnrolment).
			Create(&enrolmentRow{1, tokenHash, time.Now().UnixMicro()}).Error
	})
}

// Enrolment returns the SHA-256 of the enrolment token that is open. keystore.ErrNotFound when none is.
func (db *DB) Enrolment(ctx context.Context) ([]byte, error) {
	var open []enrolmentRow
	if err := db.read(ctx, "read enrolment", func(tx *gorm.DB) *gorm.DB { return tx.Find(&open) }); err != nil {
		return nil, err
	}
	if len(open) == 0 {
		return nil, keystore.ErrNotFound
	}
	return open[0].TokenHash, nil
}

// EnrolOperator spends the token and enrols the DID, all or nothing. keystore.ErrNotFound when no such token is open.
func (db *DB) EnrolOperator(ctx context.Context, tokenHash []byte, did string) error {
	if err := errors.Join(checkTokenHash(tokenHash), checkText("a DID", did)); err != nil {
		return err
	}
	return db.write(ctx, "enrol operator", func(tx *gorm.DB) error {
		spent := tx.Where("token_hash = ?", tokenHash).Delete(&enrolmentRow{})
		if spent.Error != nil {
			return spent.Error
		}
		if spent.RowsAffected != 1 {
			return keystore.ErrNotFound
		}
		return tx.Clauses(keepFirst).Create(&operatorRow{did, time.Now().UnixMicro()}).Error
	})
}

// AddOperator enrols the DID, where it is not yet.
func (db *DB) AddOperator(ctx context.Context, did string) error {
	if err := checkText("a DID", did); err != nil {
		return err
	}
	return db.write(ctx, "add operator", func(tx *gorm.DB) error {
		return tx.Clauses(keepFirst).Create(&operatorRow{did, time.Now().UnixMicro()}).Error
	})
}

// RemoveOperator takes an enrolled operator away. keystore.ErrNotFound when it is not enrolled, keystore.ErrLast when another must stay and there is none.
func (db *DB) RemoveOperator(ctx context.Context, did string, anotherStays bool) error {
	if err := checkText("a DID", did); err != nil {
		return err
	}
	return db.write(ctx, "remove operator", func(tx *gorm.DB) error {
		enrolled := tx.Raw(`SELECT did FROM operators`)
		if tx.Name() == "postgres" { // two that remove each other take turns; SQLite has one writer anyway
			enrolled = tx.Raw(`SELECT did FROM operators FOR UPDATE`)
		}
		var dids []string
		if err := enrolled.Scan(&dids).Error; err != nil {
			return err
		}
		switch {
		case !slices.Contains(dids, did):
			return keystore.ErrNotFound
		case anotherStays && len(dids) == 1:
			return keystore.ErrLast
		}
		return tx.Where("did = ?", did).Delete(&operatorRow{}).Error
	})
}

func checkTokenHash(h []byte) error {
	if len(h) != 32 {
		return errors.New("storage: a token's hash must have 32 bytes")
	}
	return nil
}
