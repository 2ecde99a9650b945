package main

import (
	"database/sql"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"
)

// database is the server's own, looked at and changed behind the server's back.
type database struct {
	*sql.DB
	postgres bool
}

func (w *world) open(t testing.TB) *database {
	t.Helper()
	driver, source := "pgx", w.database
	if path, ok := strings.CutPrefix(w.database, "sqlite:"); ok {
		driver, source = "sqlite", "file:"+path+"?_pragma=busy_timeout(5000)"
	}
	db, err := sql.Open(driver, source)
	must(t, err)
	t.Cleanup(func() { db.Close() })
	return &database{db, driver == "pgx"}
}

// query has its ? as the database wants them.
func (d *database) query(q string) string {
	for i := 1; d.postgres && strings.Contains(q, "?"); i++ {
		q = strings.Replace(q, "?", "$"+strconv.Itoa(i), 1)
	}
	return q
}

func (d *database) count(t testing.TB, q string, args ...any) (n int) {
	t.Helper()
	must(t, d.QueryRow(d.query(q), args...).Scan(&n))
	return n
}

func (d *database) change(t testing.TB, q string, args ...any) {
	t.Helper()
	r, err := d.Exec(d.query(q), args...)
	if err != nil {
		t.Fatalf("%s: %v", q, err)
	}
	if n, _ := r.RowsAffected(); n == 0 {
		t.Fatalf("%s: no rows", q)
	}
}

// sealed are all sealed bytes of a key's versions.
func (d *database) sealed(t testing.TB, url string) (all map[int][]byte) {
	t.Helper()
	rows, err := d.Query(d.query("SELECT version, sealed FROM key_versions WHERE key_id = ?"), lastPart(url))
	must(t, err)
	defer rows.Close()
	all = map[int][]byte{}
	for rows.Next() {
		var v int
		var b []byte
		must(t, rows.Scan(&v, &b))
		all[v] = b
	}
	must(t, rows.Err())
	return all
}

// belongings counts all rows of a key.
func (d *database) belongings(t testing.TB, url string) int {
	t.Helper()
	id := lastPart(url)
	n := d.count(t, "SELECT COUNT(*) FROM keys WHERE id = ?", id)
	for _, table := range []string{"key_versions", "key_tags", "key_usage", "key_usage_days"} {
		n += d.count(t, "SELECT COUNT(*) FROM "+table+" WHERE key_id = ?", id)
	}
	return n
}

// onDisk tells whether bytes are in SQLite's files.
func (w *world) onDisk(t testing.TB, what []byte) bool {
	t.Helper()
	found := false
	for _, name := range []string{"twolock.db", "twolock.db-wal"} {
		b, err := os.ReadFile(filepath.Join(w.dir, name))
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		found = found || strings.Contains(string(b), string(what))
	}
	return found
}
