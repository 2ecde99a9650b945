package storage

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrations embed.FS

// versionTable says which migrations were applied.
const versionTable = "schema_versions"

// migrate brings the schema up to date. Servers that start at once wait for each other by the locker, or, without one
// (SQLite: a transaction locks out the others), find the other's work done.
func migrate(ctx context.Context, db *sql.DB, dialect goose.Dialect, locker lock.SessionLocker, checks []Check) error {
	files, err := fs.Sub(schema{dialect}, "migrations")
	if err != nil {
		return err
	}
	options := []goose.ProviderOption{
		goose.WithTableName(versionTable), goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()),
	}
	if locker != nil {
		options = append(options, goose.WithSessionLocker(locker))
	}
	provider, err := goose.NewProvider(dialect, db, files, options...)
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	sources := provider.ListSources()
	newest := sources[len(sources)-1].Version
	before, err := schemaVersion(ctx, db, dialect)
	if err == nil && before > 0 && before < newest {
		err = check(ctx, db, checks)
	}
	for err == nil && before < newest {
		_, failure := provider.Up(ctx)
		var after int64
		if after, err = schemaVersion(ctx, db, dialect); err == nil && after <= before {
			err = errors.Join(failure, ctx.Err(), errors.New("the schema did not change"))
		}
		before = after
	}
	if err == nil && before > newest {
		err = ErrNewer
	}
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// check shows the sealings of the service's secret, which every schema has alike, to who knows whose they should be.
func check(ctx context.Context, db *sql.DB, checks []Check) error {
	rows, err := db.QueryContext(ctx, "SELECT lock_id, sealed FROM service_sealings")
	if err != nil {
		return err
	}
	defer rows.Close()
	sealings := map[string][]byte{}
	for rows.Next() {
		var id string
		var sealed []byte
		if err := rows.Scan(&id, &sealed); err != nil {
			return err
		}
		sealings[id] = sealed
	}
	for _, c := range checks {
		err = errors.Join(err, c(ctx, sealings))
	}
	return errors.Join(rows.Err(), err)
}

// schemaVersion reads how far the schema is; -1 of a database without one. It writes nothing: goose's own question would
// make the table it asks.
func schemaVersion(ctx context.Context, db *sql.DB, dialect goose.Dialect) (int64, error) {
	query := "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = '" + versionTable + "'"
	if dialect == goose.DialectPostgres {
		query = "SELECT count(*) FROM (SELECT to_regclass('" + versionTable + "') AS t) x WHERE t IS NOT NULL"
	}
	var tables int
	if err := db.QueryRowContext(ctx, query).Scan(&tables); err != nil {
		return 0, err
	}
	if tables == 0 {
		return -1, nil
	}
	store, err := database.NewStore(dialect, versionTable)
	if err != nil {
		return 0, err
	}
	version, err := store.GetLatestVersion(ctx, db)
	if errors.Is(err, database.ErrVersionNotFound) {
		return -1, nil
	}
	return version, err
}

// schema is the migrations as the dialect takes them. PostgreSQL must be told to compare identifiers as bytes, for the
// collations of the operating system change from one release to the next and break indexes; SQLite does so anyway and
// knows no collation of that name.
type schema struct{ dialect goose.Dialect }

func (s schema) Open(name string) (fs.File, error) {
	f, err := migrations.Open(name)
	if err != nil || s.dialect == goose.DialectPostgres {
		return f, err
	}
	info, err := f.Stat()
	if err != nil || info.IsDir() {
		return f, err
	}
	defer f.Close()
	text, err := io.ReadAll(f)
	if err != nil {
		return nil, err
	}
	return schemaFile{strings.NewReader(strings.ReplaceAll(string(text), ` COLLATE "C"`, "")), info}, nil
}

type schemaFile struct {
	io.Reader
	info fs.FileInfo
}

func (f schemaFile) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f schemaFile) Close() error               { return nil }
