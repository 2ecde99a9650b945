package storage_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"twolock/crypto/key"
	"twolock/keystore"
	"twolock/storage/storagetest"
)

// Rows that somebody else wrote, or a disk spoiled. SQLite keeps whatever it is given, PostgreSQL what fits the type.
var damages = []struct {
	what string
	set  string // of the statement that does it
	// The tables that can be damaged so.
	table              string
	postgres           bool
	noPlace, noVersion bool
}{
	{"text for a number", "max_chain = 'three'", "keys", false, false, false},
	{"text for the newest version", "version = 'one'", "keys", false, false, false},
	{"bytes for a type", "type = x'ff00'", "keys", false, false, false},
	{"no state that there is", "state = 'GARBAGE'", "keys", true, false, false},
	{"bytes for a state", "state = x'00'", "keys", false, false, false},
	{"text for a time", "rotate_at = 'tomorrow'", "keys", false, false, false},
	{"text for a revision", "revision = 'x'", "keys", false, false, false},
	{"a negative period", "rotation_period = -1", "keys", true, false, false},
	{"text for when it was made", "created_at = 'yesterday'", "keys", false, true, false},
	{"a fraction for when it was made", "created_at = created_at + 0.5", "keys", false, false, false},
	{"made in the year 12000", "created_at = 316516464000000000", "keys", true, true, false},
	{"garbage for tags", "tags = '[{'", "keys", true, false, false},
	{"tags that are no tags", `tags = '[{"name":"a","value":"b","x":1}]'`, "keys", true, false, false},
	{"null for operations", "operations = 'null'", "keys", true, false, false},
	{"bytes for algorithms", "algorithms = x'5b5d'", "keys", false, false, false},
	{"a newest version that is not there", "version = 7", "keys", true, false, false},
	{"text for what is sealed", "sealed = 'open'", "key_versions", false, false, false},
	{"nothing sealed", "sealed = ''", "key_versions", true, false, false},
	{"NULL sealed", "sealed = NULL", "key_versions", true, false, false},
	{"no tag", "tag = ''", "key_versions", true, false, false},
	{"text for a version's time", "created_at = 'now'", "key_versions", false, false, false},
	{"another version", "version = 5", "key_versions", true, false, true},
}

func TestListingSurvivesDamage(t *testing.T) {
	for name, fresh := range databases {
		t.Run(name, func(t *testing.T) {
			for _, c := range damages {
				if name == "PostgreSQL" && !c.postgres {
					continue
				}
				t.Run(c.what, func(t *testing.T) {
					dsn := fresh(t)
					open(t, dsn)
					beside := raw(t, dsn)
					allowNullSealed(t, dsn)
					db := open(t, dsn)
					r := storagetest.Record()
					if err := db.InsertKeystore(t.Context(), r); err != nil {
						t.Fatalf("InsertKeystore: %v", err)
					}
					tag := keystore.Tag{Name: "env", Value: "prod"}
					var keys []keystore.KeyRecord
					for i := range 5 {
						k := storagetest.KeyRecord(r.ID)
						k.CreatedAt, k.Name, k.Tags = storagetest.Moment(10*i), "key "+storagetest.ID(), []keystore.Tag{tag}
						if err := db.InsertKey(t.Context(), k); err != nil {
							t.Fatalf("InsertKey: %v", err)
						}
						keys = append(keys, k)
					}
					bad := keys[2]
					column := map[string]string{"keys": "id", "key_versions": "key_id"}[c.table]
					execute(t, beside, "UPDATE "+c.table+" SET "+c.set+" WHERE "+column+" = '"+bad.ID+"'")

					want := slices.Clone(keys)
					want[2] = keystore.KeyRecord{Keystore: r.ID, ID: bad.ID, CreatedAt: bad.CreatedAt}
					inPlace := slices.Clone(want) // among the keys of a tag
					if c.noPlace {
						want[2].CreatedAt = time.Time{} // before all
						slices.SortFunc(want, func(a, b keystore.KeyRecord) int { return a.CreatedAt.Compare(b.CreatedAt) })
					}
					for _, filter := range []keystore.KeyFilter{
						{}, {Type: key.Ed25519}, {State: keystore.KeyEnabled}, {Tag: &tag}, {Tag: &tag, Type: key.Ed25519, State: keystore.KeyEnabled},
					} {
						if strings.HasPrefix(c.set, "type =") && filter.Type != "" {
							continue // by its type it cannot be told to be wanted
						}
						for _, limit := range []int{1, 2, 5, 100} {
							got, want := list(t, db, r.ID, filter, limit), want
							if filter.Tag != nil {
								want = inPlace
							}
							if len(got) != len(want) {
								t.Fatalf("filter %v, pages of %d: got %d keys, want %d", filter, limit, len(got), len(want))
							}
							for i := range got {
								if want[i].ID == bad.ID {
									if got[i].Damage == "" {
										t.Errorf("filter %v: a damaged key came without Damage", filter)
									}
									got[i].Damage = ""
								}
								if d := got[i].CreatedAt.Sub(want[i].CreatedAt); want[i].ID == bad.ID && d == time.Microsecond {
									got[i].CreatedAt = want[i].CreatedAt
								}
								if !reflect.DeepEqual(got[i], want[i]) {
									t.Errorf("filter %v: got %+v where one is damaged, want %+v", filter, got[i], want[i])
								}
							}
						}
					}
					_, err := db.Key(t.Context(), r.ID, bad.ID)
					_, named := db.KeyNamed(t.Context(), r.ID, bad.Name)
					for _, err := range []error{err, named} {
						if !errors.Is(err, keystore.ErrDamaged) || errors.Is(err, keystore.ErrNotFound) || err == nil || !strings.Contains(err.Error(), bad.ID) {
							t.Errorf("Key of a damaged one: got %v, want ErrDamaged with its id", err)
						}
					}
					_, err = db.KeyVersion(t.Context(), r.ID, bad.ID, 1)
					switch wanted := map[bool]error{true: keystore.ErrNotFound, false: keystore.ErrDamaged}[c.noVersion]; {
					case c.table == "keys":
						if err != nil {
							t.Errorf("KeyVersion of an intact version: %v", err)
						}
					case !errors.Is(err, wanted):
						t.Errorf("KeyVersion of a damaged one: got %v, want %v", err, wanted)
					}
					if got, err := db.Key(t.Context(), r.ID, keys[1].ID); err != nil || !reflect.DeepEqual(got, keys[1]) {
						t.Errorf("Key of an intact one: got %+v, error %v", got, err)
					}
					// What is damaged can still be got rid of.
					if err := db.DeleteKeystore(t.Context(), r.ID, 1); err != nil {
						t.Errorf("DeleteKeystore: %v", err)
					}
				})
			}
		})
	}
}

// allowNullSealed takes away what keeps a database from such damage.
func allowNullSealed(t *testing.T, dsn string) {
	t.Helper()
	beside := raw(t, dsn)
	if !strings.HasPrefix(dsn, "sqlite:") {
		execute(t, beside, "ALTER TABLE key_versions ALTER COLUMN sealed DROP NOT NULL")
		return
	}
	beside.SetMaxOpenConns(1)
	execute(t, beside, "PRAGMA writable_schema = 1")
	execute(t, beside, "UPDATE sqlite_master SET sql = replace(sql, 'sealed      BYTEA NOT NULL', 'sealed BYTEA') WHERE name = 'key_versions'")
	execute(t, beside, "UPDATE sqlite_master SET sql = replace(sql, 'CHECK (revision >= 1)', '') WHERE name = 'keys'")
	execute(t, beside, "PRAGMA writable_schema = RESET")
}

// list reads all pages of a listing.
func list(t *testing.T, db keystore.Keys, store string, filter keystore.KeyFilter, limit int) []keystore.KeyRecord {
	t.Helper()
	var all []keystore.KeyRecord
	for after := (keystore.Position{}); len(all) < 1000; {
		page, err := db.ListKeys(t.Context(), store, filter, after, limit)
		if err != nil {
			t.Fatalf("ListKeys: %v", err)
		}
		if len(page) == 0 {
			break
		}
		all = append(all, page...)
		after = keystore.Position{CreatedAt: page[len(page)-1].CreatedAt, ID: page[len(page)-1].ID}
	}
	return all
}
