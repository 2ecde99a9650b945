package storage_test

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"twolock/crypto/key"
	"twolock/keystore"
	"twolock/storage/storagetest"
)

// fill puts n keys into a keystore by SQL: each has a type, a state and tags that many others have, one in a thousand those that few have.
// The key number i is made at Moment(i) and has the id z followed by i in nine digits. One of them has many versions.
func fill(tb testing.TB, dsn, store string, n, versions int) {
	tb.Helper()
	db := raw(tb, dsn)
	numbers := func(n int) string {
		return fmt.Sprintf("WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < %d) SELECT ", n)
	}
	const id = "'z' || substr(CAST(1000000000 + i AS TEXT), 2)"
	at := fmt.Sprintf("%d + i", storagetest.Moment(0).UnixMicro())
	sealed := storagetest.Bytes(93)
	mark := map[bool]string{true: "?", false: "$1"}[strings.HasPrefix(dsn, "sqlite:")]
	run := func(statement string, args ...any) {
		tb.Helper()
		if len(args) > 0 && mark == "?" {
			args = append(args, args...)
		}
		if _, err := db.ExecContext(context.Background(), statement, args...); err != nil {
			tb.Fatalf("%s: %v", statement, err)
		}
	}
	run("INSERT INTO keys (keystore_id, id, type, state, version, max_chain, created_at, name, delete_at, due_at) " + numbers(n) + "'" + store + "', " + id +
		", CASE WHEN i % 1000 = 1 THEN 'HMAC_SHA256' WHEN i % 2 = 0 THEN 'ED25519' ELSE 'AES_256_GCM' END, " +
		"CASE WHEN i % 1000 = 2 THEN 'DISABLED' ELSE 'ENABLED' END, CASE WHEN i = 1 THEN " + fmt.Sprint(versions) + " ELSE 1 END, 0, " + at + ", 'name ' || i, " +
		"CASE WHEN i % 1000 = 3 THEN " + at + " END, CASE WHEN i % 1000 = 3 THEN " + at + " END FROM s")
	run("INSERT INTO key_versions (keystore_id, key_id, version, sealed, tag, created_at) "+numbers(n)+"'"+store+"', "+id+", 1, "+mark+", "+mark+", "+at+
		" FROM s", sealed)
	if versions > 1 {
		run("INSERT INTO key_versions (keystore_id, key_id, version, sealed, tag, created_at) "+numbers(versions-1)+"'"+store+"', 'z000000001', i + 1, "+
			mark+", "+mark+", "+at+" FROM s", sealed)
	}
	run("INSERT INTO key_tags (keystore_id, name, value, created_at, key_id) " + numbers(n) + "'" + store +
		"', 'env', CASE WHEN i % 1000 = 4 THEN 'rare' ELSE 'prod' END, " + at + ", " + id + " FROM s")
	run("INSERT INTO key_usage (keystore_id, key_id, version, messages, granted, uses) " + numbers(n) + "'" + store + "', " + id + ", 1, 1, 1, 1 FROM s")
	run("INSERT INTO key_usage_days (keystore_id, key_id, day, uses) " + numbers(n) + "'" + store + "', " + id + ", 20000 + i % 90, 1 FROM s")
	run("ANALYZE")
}

// fillKeystores puts n keystores in by SQL, of which some are rare in each respect. The keystore number i is made at Moment(i).
func fillKeystores(tb testing.TB, dsn string, n int) {
	tb.Helper()
	db := raw(tb, dsn)
	at := storagetest.Moment(0).UnixMicro()
	const id = "'z' || substr(CAST(1000000000 + i AS TEXT), 2)"
	numbers := fmt.Sprintf("WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < %d)", n)
	for _, statement := range []string{
		fmt.Sprintf(`INSERT INTO keystores (id, controller, user_lock, created_at, revision, tag, name, state, delete_at, vault_url, vault_capability, vault_expires_at) %s
			SELECT %s, 'did:example:' || (i %% 100), 'LOCAL', %d + i, 1, 't', CASE WHEN i %% 3 = 0 THEN '' ELSE 'team ' || (i %% 10) || ' ' || i END,
			CASE WHEN i %% 1000 = 2 THEN 'DISABLED' ELSE 'ENABLED' END, CASE WHEN i %% 1000 = 3 THEN %d + i END, CASE WHEN i %% 500 = 1 THEN 'https://vault.example/edvs/' || i END,
			CASE WHEN i %% 500 = 1 THEN CAST('t' AS BYTEA) END, CASE WHEN i %% 500 = 1 THEN i END FROM s`, numbers, id, at, at),
		fmt.Sprintf(`INSERT INTO keystore_sealings (keystore_id, lock_id, sealed) %s SELECT %s, 'local:1', 's' FROM s`, numbers, id),
		fmt.Sprintf(`INSERT INTO keystore_verifiers (keystore_id, verifier) %s SELECT %s, 'v' FROM s WHERE i %% 2 = 0`, numbers, id),
		"ANALYZE",
	} {
		if _, err := db.ExecContext(context.Background(), statement); err != nil {
			tb.Fatalf("%s: %v", statement, err)
		}
	}
}

// keystoreFilters are those of an operator over what fillKeystores puts in.
var keystoreFilters = func() map[string]keystore.KeystoreFilter {
	yes, no := true, false
	return map[string]keystore.KeystoreFilter{
		"all":                                {},
		"a controller":                       {Controller: "did:example:7"},
		"enabled":                            {State: keystore.KeyEnabled},
		"disabled":                           {State: keystore.KeyDisabled},
		"pending deletion":                   {State: keystore.KeyPendingDeletion},
		"with a vault":                       {Vault: &yes},
		"without a vault":                    {Vault: &no},
		"a name":                             {NamePrefix: "team"},
		"a rare name":                        {NamePrefix: "team 7 17"},
		"disabled, without a vault":          {State: keystore.KeyDisabled, Vault: &no},
		"enabled, with a vault":              {State: keystore.KeyEnabled, Vault: &yes},
		"a controller's disabled ones":       {State: keystore.KeyDisabled, Controller: "did:example:7"},
		"a name, disabled, of a controller":  {NamePrefix: "team", State: keystore.KeyDisabled, Controller: "did:example:7"},
		"a controller, in vaults, that none": {Controller: "did:example:7", Vault: &yes},
		"a tag":                              {Tag: &keystore.Tag{Name: "env", Value: "prod"}},
		"a controller's, with a tag":         {Tag: &keystore.Tag{Name: "env", Value: "prod"}, Controller: "did:example:7"},
	}
}()

// filters of listings over what fill puts in, each of which most keys pass, or few.
var filters = map[string]keystore.KeyFilter{
	"all":              {},
	"a type":           {Type: key.AES256GCM},
	"a rare type":      {Type: key.HMACSHA256},
	"enabled":          {State: keystore.KeyEnabled},
	"disabled":         {State: keystore.KeyDisabled},
	"pending deletion": {State: keystore.KeyPendingDeletion},
	"a tag":            {Tag: &keystore.Tag{Name: "env", Value: "prod"}},
	"a rare tag":       {Tag: &keystore.Tag{Name: "env", Value: "rare"}},
	"a tag that none":  {Tag: &keystore.Tag{Name: "env", Value: "none"}},
}

// No read looks at more rows than it returns: however many keys, versions and keystores there are, an index leads to them.
func TestReadsFollowAnIndex(t *testing.T) {
	for name, fresh := range databases {
		t.Run(name, func(t *testing.T) {
			dsn := fresh(t)
			db := open(t, dsn)
			r, other := storagetest.Record(), storagetest.Record()
			for _, r := range []keystore.Record{r, other} {
				if err := db.InsertKeystore(t.Context(), r); err != nil {
					t.Fatalf("InsertKeystore: %v", err)
				}
			}
			beside := raw(t, dsn)
			execute(t, beside, "INSERT INTO keystores (id, controller, user_lock, created_at, revision, tag, wake_at) "+
				"WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 3000) "+
				"SELECT 'z' || i, 'did:example:a', 'LOCAL', i, 1, '', CASE WHEN i % 10 = 0 THEN i END FROM s")
			fillKeystores(t, dsn, 60_000) // of which few are cheaper read whole
			fill(t, dsn, r.ID, 20_000, 3000)
			fill(t, dsn, other.ID, 3000, 1)
			for _, id := range []string{r.ID, other.ID} {
				execute(t, beside, "INSERT INTO condemned_keys (keystore_id, key_id, delete_at, tag) WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 3000) "+
					"SELECT '"+id+"', 'z' || i, i, CAST('t' AS BYTEA) FROM s")
			}
			execute(t, beside, "ANALYZE")

			if name == "PostgreSQL" { // which, of rows that it knows to be few, gathers all and then sorts them
				beside.SetMaxOpenConns(1)
				execute(t, beside, "SET enable_bitmapscan = off")
			}
			var statements []string
			var values [][]any
			err := db.Watch(func(statement string, with []any) {
				statements, values = append(statements, statement), append(values, with)
			})
			if err != nil {
				t.Fatal(err)
			}
			const one = "z000000001"
			middle := keystore.Position{CreatedAt: storagetest.Moment(10_000), ID: "z000010000"}
			reads := map[string]func(context.Context) error{
				"Key":           func(ctx context.Context) error { _, err := db.Key(ctx, r.ID, one); return err },
				"KeyNamed":      func(ctx context.Context) error { _, err := db.KeyNamed(ctx, r.ID, "name 7"); return err },
				"KeyVersion":    func(ctx context.Context) error { _, err := db.KeyVersion(ctx, r.ID, one, 1500); return err },
				"KeyVersions":   func(ctx context.Context) error { _, err := db.KeyVersions(ctx, r.ID, one, 1500, 50); return err },
				"KeyUsage":      func(ctx context.Context) error { _, err := db.KeyUsage(ctx, r.ID, one, []int{1, 2, 3}); return err },
				"DailyUses":     func(ctx context.Context) error { _, err := db.DailyUses(ctx, r.ID, one, 20_000, 20_089); return err },
				"DueKeys":       func(ctx context.Context) error { _, err := db.DueKeys(ctx, storagetest.Moment(15_000), 10); return err },
				"CondemnedKeys": func(ctx context.Context) error { _, err := db.CondemnedKeys(ctx, r.ID, 10); return err },
				"UnsealedBy": func(ctx context.Context) error {
					_, _, err := db.UnsealedBy(ctx, "local:1", "z000010000", 10)
					return err
				},
				"UnsealedBy, a new lock": func(ctx context.Context) error {
					_, _, err := db.UnsealedBy(ctx, "local:2", "z000010000", 10)
					return err
				},
				"DueKeystores": func(ctx context.Context) error { _, err := db.DueKeystores(ctx, storagetest.Moment(0), 10); return err },
			}
			for filter, f := range keystoreFilters {
				for page, after := range map[string]keystore.KeystorePosition{"first": {}, "middle": {Name: "team 5", CreatedAt: storagetest.Moment(10_000), ID: "z000010000"}} {
					reads["ListKeystores, "+filter+", "+page] = func(ctx context.Context) error {
						_, err := db.ListKeystores(ctx, f, after, 50)
						return err
					}
				}
			}
			for filter, f := range filters {
				for page, after := range map[string]keystore.Position{"first": {}, "middle": middle} {
					reads["ListKeys, "+filter+", "+page] = func(ctx context.Context) error {
						_, err := db.ListKeys(ctx, r.ID, f, after, 51)
						return err
					}
				}
			}
			for what, read := range reads {
				statements, values = nil, nil
				if err := read(t.Context()); err != nil {
					t.Errorf("%s: %v", what, err)
				}
				if len(statements) == 0 {
					t.Errorf("%s: no statement was seen", what)
				}
				for i, statement := range statements {
					plan := explain(t, beside, name, statement, values[i])
					if bad := astray.FindString(plan); bad != "" {
						t.Errorf("%s: the plan has %q:\n%s\n%s", what, bad, statement, plan)
					}
					if strings.HasPrefix(what, "List") && !strings.Contains(plan, "keys_of_no_time") && !strings.Contains(statement, " IN (") && !onward.MatchString(plan) {
						t.Errorf("%s: the plan does not begin where the page does:\n%s\n%s", what, statement, plan)
					}
				}
			}
		})
	}
}

var (
	// astray is what a plan that reads too much has: a walk over a table or a whole index, or what is put in order only then.
	astray = regexp.MustCompile(`(?m)Seq Scan|Bitmap|Sort|Hash Join|Merge Join|Materialize|^SCAN .*|TEMP B-TREE`)
	// onward is what the plan of a page has: it begins behind the position, or at it.
	onward = regexp.MustCompile(`Index Cond: .*(created_at|name)|SEARCH .*(created_at|name)[>,]|SEARCH .*\((created_at|name),|Index Cond.*ROW`)
)

func explain(t *testing.T, db *sql.DB, database, statement string, values []any) string {
	t.Helper()
	explain := map[string]string{"SQLite": "EXPLAIN QUERY PLAN ", "PostgreSQL": "EXPLAIN "}[database]
	rows, err := db.QueryContext(t.Context(), explain+statement, values...)
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	defer rows.Close()
	var plan strings.Builder
	for rows.Next() {
		var id, parent, unused int
		var line string
		if database == "SQLite" {
			err = rows.Scan(&id, &parent, &unused, &line)
		} else {
			err = rows.Scan(&line)
		}
		if err != nil {
			t.Fatal(err)
		}
		plan.WriteString(line + "\n")
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return plan.String()
}
