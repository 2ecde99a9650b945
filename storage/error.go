package storage

import (
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"

	"twolock/keystore"
)

// keysByName is the index that keeps the names of a keystore's keys unique.
const keysByName = "keys_by_name"

// explain says what was being done, translates what the domain knows, and keeps values out: PostgreSQL's messages may
// quote them.
func explain(what string, err error) error {
	refusal, refused := errors.AsType[*pgconn.PgError](err)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, gorm.ErrDuplicatedKey):
		if err = keystore.ErrExists; refused && refusal.ConstraintName == keysByName {
			err = keystore.ErrNameTaken
		}
	case errors.Is(err, gorm.ErrForeignKeyViolated): // what the row belongs to is not there
		err = keystore.ErrNotFound
	default:
		if refused {
			err = fmt.Errorf("PostgreSQL answered %s, SQLSTATE %s", refusal.SeverityUnlocalized, refusal.Code)
		}
	}
	return fmt.Errorf("storage: %s: %w", what, err)
}
