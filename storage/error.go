package storage

import (
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"

	"twolock/keystore"
)

// explain says what was being done, translates what the domain knows, and keeps values out: PostgreSQL's messages may
// quote them.
func explain(what string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, gorm.ErrDuplicatedKey):
		err = keystore.ErrExists
	case errors.Is(err, gorm.ErrForeignKeyViolated): // what the row belongs to is not there
		err = keystore.ErrNotFound
	default:
		if refusal, ok := errors.AsType[*pgconn.PgError](err); ok {
			err = fmt.Errorf("PostgreSQL answered %s, SQLSTATE %s", refusal.SeverityUnlocalized, refusal.Code)
		}
	}
	return fmt.Errorf("storage: %s: %w", what, err)
}
