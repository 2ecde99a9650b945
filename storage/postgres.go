package storage

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
)

const (
	postgresConns  = 24
	connectTimeout = 5 * time.Second
	oldestPostgres = 140000 // as server_version_num has it
)

// What a session asks of PostgreSQL unless the DSN says otherwise, in milliseconds. The server then ends what a client
// that died mid-way would leave behind with its locks.
var postgresSettings = map[string]string{
	"application_name":                    "twolock",
	"statement_timeout":                   "10000",
	"lock_timeout":                        "5000",
	"idle_in_transaction_session_timeout": "20000",
}

func openPostgres(ctx context.Context, dsn string, checks []Check) (*DB, error) {
	config, err := pgx.ParseConfig(dsn)
	if err != nil { // the error quotes the DSN
		return nil, errors.New("storage: the postgres:// URL of the database cannot be read: " +
			"it is postgres://USER:PASSWORD@HOST:PORT/NAME?OPTION=VALUE with special characters percent-encoded")
	}
	config.ConnectTimeout = cmp.Or(config.ConnectTimeout, connectTimeout)
	for name, value := range postgresSettings {
		if _, given := config.RuntimeParams[name]; !given {
			config.RuntimeParams[name] = value
		}
	}
	// What PostgreSQL says here is about the connection and the schema, and the operator needs it.
	if err := migratePostgres(ctx, config, checks); err != nil {
		return nil, fmt.Errorf("storage: open PostgreSQL: %w", err)
	}
	pool := stdlib.OpenDB(*config, stdlib.OptionAfterConnect(verifyPostgres))
	pool.SetMaxOpenConns(postgresConns)
	pool.SetMaxIdleConns(postgresConns)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	pool.SetConnMaxLifetime(30 * time.Minute)
	// pgx keeps prepared statements itself.
	db, err := withGORM(postgres.New(postgres.Config{Conn: pool}), false)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("storage: open PostgreSQL: %w", err), pool.Close())
	}
	e := &eraser{every: time.Minute, run: vacuum(pool)}
	return &DB{reads: db, writes: transactions{db}, erases: e, closes: []func() error{e.close, pool.Close}}, nil
}

// migratePostgres has its own connections: a migration may take longer than a statement of the service, and waits for
// the migration of another server.
func migratePostgres(ctx context.Context, service *pgx.ConnConfig, checks []Check) error {
	config := service.Copy()
	config.RuntimeParams["statement_timeout"] = "0"
	config.RuntimeParams["idle_in_transaction_session_timeout"] = "0"
	pool := stdlib.OpenDB(*config, stdlib.OptionAfterConnect(verifyPostgres))
	defer pool.Close()
	pool.SetMaxOpenConns(2)
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300))
	if err != nil {
		return err
	}
	return migrate(ctx, pool, goose.DialectPostgres, locker, checks)
}

// verifyPostgres looks at each new connection: settings differ by role and database, and change while the server runs.
func verifyPostgres(ctx context.Context, conn *pgx.Conn) error {
	var commit, fsync, readOnly string
	var version int
	err := conn.QueryRow(ctx, "SELECT current_setting('synchronous_commit'), current_setting('fsync'), "+
		"current_setting('server_version_num')::int, current_setting('transaction_read_only')").
		Scan(&commit, &fsync, &version, &readOnly)
	switch {
	case err != nil:
	case version < oldestPostgres:
		err = fmt.Errorf("PostgreSQL %d is too old, must be %d or newer", version/10000, oldestPostgres/10000)
	case commit == "off":
		err = fmt.Errorf("%w: synchronous_commit is off", ErrNotDurable)
	case fsync != "on":
		err = fmt.Errorf("%w: fsync is %s", ErrNotDurable, fsync)
	case readOnly != "off":
		err = errors.New("PostgreSQL is read-only: the server is a standby, or default_transaction_read_only is on")
	}
	if err != nil {
		return errors.Join(err, conn.Close(ctx)) // nobody else will close it
	}
	return nil
}

// transactions writes to PostgreSQL, which takes many writers and groups their commits itself.
type transactions struct{ db *gorm.DB }

// The isolation is named because inserts that wait for each other need to see what the other committed, whatever the
// database's default is. Of two transactions that wait for each other PostgreSQL ends one, of which nothing is left: that one is done again.
func (t transactions) write(ctx context.Context, change func(*gorm.DB) error) error {
	for tries := 1; ; tries++ {
		err := t.db.WithContext(ctx).Transaction(change, &sql.TxOptions{Isolation: sql.LevelReadCommitted})
		if refusal, ok := errors.AsType[*pgconn.PgError](err); !ok || refusal.Code != deadlock || tries == 5 {
			return err
		}
	}
}

const deadlock = "40P01"
