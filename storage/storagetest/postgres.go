package storagetest

import (
	"context"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"twolock/storage/storagetest/cluster"
)

// PostgresVariable names the environment variable with the postgres:// URL of a running cluster where databases may be
// made. Without it the first call of Postgres in a process starts a cluster, which ends with the process.
const PostgresVariable = "TWOLOCK_TEST_POSTGRES"

var shared = sync.OnceValues(func() (string, error) {
	if dsn := os.Getenv(PostgresVariable); dsn != "" {
		return dsn, nil
	}
	c, err := cluster.Start()
	if err != nil {
		return "", err
	}
	return c.DSN("postgres"), nil
})

// Postgres returns the postgres:// URL of an empty database, removed when the test ends. Where there is no PostgreSQL
// the test fails: a suite that skips half of what it promises looks like one that passed.
func Postgres(tb testing.TB) string {
	tb.Helper()
	dsn, err := shared()
	if err != nil {
		tb.Fatalf("a PostgreSQL for tests: %v", err)
	}
	name := "t" + strings.ToLower(ID())
	run := func(statement string) {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		conn, err := pgx.Connect(ctx, dsn)
		if err != nil {
			tb.Fatalf("connect to the PostgreSQL for tests: %v", err)
		}
		defer conn.Close(ctx)
		if _, err := conn.Exec(ctx, statement); err != nil {
			tb.Fatalf("%s: %v", statement, err)
		}
	}
	run("CREATE DATABASE " + name)
	tb.Cleanup(func() { run("DROP DATABASE " + name + " WITH (FORCE)") })

	u, err := url.Parse(dsn)
	if err != nil {
		tb.Fatalf("%s is not a URL", PostgresVariable)
	}
	u.Path = "/" + name
	return u.String()
}
