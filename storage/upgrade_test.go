package storage_test

import (
	"database/sql"
	"os"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/pressly/goose/v3"

	"twolock/crypto/key"
	"twolock/keystore"
	"twolock/storage/storagetest"
)

// initial makes a database as the program did when there was the first migration alone.
func initial(t *testing.T, dsn string) *sql.DB {
	t.Helper()
	const name = "00001_initial.sql"
	text, err := os.ReadFile("migrations/" + name)
	if err != nil {
		t.Fatal(err)
	}
	dialect := goose.DialectPostgres
	if strings.HasPrefix(dsn, "sqlite:") {
		dialect, text = goose.DialectSQLite3, []byte(strings.ReplaceAll(string(text), ` COLLATE "C"`, ""))
	}
	db := raw(t, dsn)
	provider, err := goose.NewProvider(dialect, db, fstest.MapFS{name: {Data: text}}, goose.WithTableName("schema_versions"),
		goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	return db
}

// Rows as the first version of the program wrote them. Bytes are x'…' here, as SQLite has it.
const firstRows = `
	INSERT INTO keystores VALUES ('z1', 'did:key:z6MkA', 'SHAMIR', NULL, NULL, NULL, x'a1a1', 1900000000000001, 1, x'b1b1');
	INSERT INTO keystores VALUES ('z2', 'did:key:z6MkB', 'LOCAL', 'https://vault.example/edvs/1', x'7b7d', 1900000000000099, NULL, 1900000000000002, 3, x'b2b2');
	INSERT INTO keystore_sealings VALUES ('z1', 'local:1', x'c1c1');
	INSERT INTO keystore_sealings VALUES ('z1', 'local:2', x'c2c2');
	INSERT INTO keystore_sealings VALUES ('z2', 'local:1', x'c3c3');
	INSERT INTO keystore_verifiers VALUES ('z1', x'd1d1');
	INSERT INTO keys VALUES ('z1', 'zk1', 'ED25519', 'ENABLED', 1, 0, x'e1e1', 1900000000000003);
	INSERT INTO keys VALUES ('z1', 'zk2', 'AES_256_GCM', 'ENABLED', 1, 4, NULL, 1900000000000004);
	INSERT INTO key_versions VALUES ('z1', 'zk1', 1, x'f1f1', x'0101', x'0202', 1900000000000003);
	INSERT INTO key_versions VALUES ('z1', 'zk2', 1, NULL, x'0303', x'0404', 1900000000000004);
	INSERT INTO revocations VALUES ('z1', 'did:key:z6MkA', 'urn:uuid:1', 'did:key:z6MkA', 1900000000000005, 1900000000000006);`

func TestFirstDatabaseIsUpgraded(t *testing.T) {
	at := func(micros int64) time.Time { return time.UnixMicro(1900000000000000 + micros).UTC() }
	keystores := []keystore.Record{
		{
			ID: "z1", Controller: "did:key:z6MkA", UserLock: keystore.UserLockShamir, Request: []byte{0xa1, 0xa1}, CreatedAt: at(1), Revision: 1,
			State: keystore.KeyEnabled, Sealed: map[string][]byte{"local:1": {0xc1, 0xc1}, "local:2": {0xc2, 0xc2}}, Verifier: []byte{0xd1, 0xd1}, Tag: []byte{0xb1, 0xb1},
		}, {
			ID: "z2", Controller: "did:key:z6MkB", UserLock: keystore.UserLockLocal, CreatedAt: at(2), Revision: 3, State: keystore.KeyEnabled,
			Vault:  &keystore.VaultRecord{URL: "https://vault.example/edvs/1", Capability: []byte("{}"), Expires: at(99)},
			Sealed: map[string][]byte{"local:1": {0xc3, 0xc3}}, Tag: []byte{0xb2, 0xb2},
		},
	}
	meta := keystore.KeyMeta{Revision: 1, Newest: 1, Oldest: 1, State: keystore.KeyEnabled}
	keys := []keystore.KeyRecord{
		{
			Keystore: "z1", ID: "zk1", Type: key.Ed25519, Request: []byte{0xe1, 0xe1}, CreatedAt: at(3), KeyMeta: meta, KeyVersion: keystore.KeyVersion{
				Version: 1, PublicKey: []byte{0xf1, 0xf1}, Sealed: []byte{1, 1}, VersionCreatedAt: at(3), Tag: []byte{2, 2},
			},
		}, {
			Keystore: "z1", ID: "zk2", Type: key.AES256GCM, MaxChain: 4, CreatedAt: at(4), KeyMeta: meta, KeyVersion: keystore.KeyVersion{
				Version: 1, Sealed: []byte{3, 3}, VersionCreatedAt: at(4), Tag: []byte{4, 4},
			},
		},
	}
	for name, fresh := range databases {
		t.Run(name, func(t *testing.T) {
			dsn := fresh(t)
			beside := initial(t, dsn)
			rows := firstRows
			if name == "PostgreSQL" {
				rows = strings.ReplaceAll(rows, "x'", `'\x`)
			}
			execute(t, beside, rows)

			db := open(t, dsn)
			for _, want := range keystores {
				if got, err := db.Keystore(t.Context(), want.ID); err != nil || !reflect.DeepEqual(got, want) {
					t.Errorf("Keystore: got %+v, error %v; want %+v", got, err, want)
				}
			}
			if got, err := db.ListKeystores(t.Context(), keystore.KeystoreFilter{}, keystore.KeystorePosition{}, 10); err != nil || !reflect.DeepEqual(got.Records, keystores) {
				t.Errorf("ListKeystores: got %+v, error %v; want %+v", got, err, keystores)
			}
			for _, want := range keys {
				if got, err := db.Key(t.Context(), "z1", want.ID); err != nil || !reflect.DeepEqual(got, want) {
					t.Errorf("Key: got %+v, error %v; want %+v", got, err, want)
				}
			}
			for what, filter := range map[string]keystore.KeyFilter{"all": {}, "enabled": {State: keystore.KeyEnabled}} {
				if got := list(t, db, "z1", filter, 1); !reflect.DeepEqual(got, keys) {
					t.Errorf("ListKeys, %s: got %+v, want %+v", what, got, keys)
				}
			}
			if revoked, err := db.Revoked(t.Context(), "z1", []keystore.Link{{Delegator: "did:key:z6MkA", Capability: "urn:uuid:1"}}); err != nil || !revoked {
				t.Errorf("Revoked: got %v, error %v; want true", revoked, err)
			}
			far := storagetest.Moment(1_000_000_000)
			if due, err := db.DueKeys(t.Context(), far, 10); err != nil || len(due) != 0 {
				t.Errorf("DueKeys: got %v, error %v; want none", due, err)
			}
			if due, err := db.DueKeystores(t.Context(), far, 10); err != nil || len(due) != 0 {
				t.Errorf("DueKeystores: got %v, error %v; want none", due, err)
			}

			// What there was goes on as what is new.
			rotated := keys[0]
			rotated.Revision, rotated.Newest, rotated.MetaTag, rotated.Label, rotated.KeyVersion = 2, 2, storagetest.Digest(), storagetest.Label(), storagetest.Version(2)
			if err := db.UpdateKey(t.Context(), rotated, &rotated.KeyVersion); err != nil {
				t.Fatalf("UpdateKey: %v", err)
			}
			if got, err := db.KeyNamed(t.Context(), "z1", rotated.Name); err != nil || !reflect.DeepEqual(got, rotated) {
				t.Errorf("KeyNamed: got %+v, error %v; want %+v", got, err, rotated)
			}
			if got, err := db.KeyVersion(t.Context(), "z1", "zk1", 1); err != nil || !reflect.DeepEqual(got, keys[0].KeyVersion) {
				t.Errorf("KeyVersion: got %+v, error %v; want %+v", got, err, keys[0].KeyVersion)
			}
			if n, err := db.ReserveMessages(t.Context(), "z1", "zk2", 1, 64, 1<<32); err != nil || n != 64 {
				t.Errorf("ReserveMessages: got %d, error %v; want 64", n, err)
			}
			if err := db.AddUses(t.Context(), "z1", "zk2", []keystore.Usage{{Version: 1, Uses: 3, LastUsedAt: at(0)}}); err != nil {
				t.Errorf("AddUses: %v", err)
			}
			today := keystore.DayOf(at(0))
			if got, err := db.DailyUses(t.Context(), "z1", "zk2", today, today); err != nil || got[today] != 3 {
				t.Errorf("DailyUses: got %v, error %v; want 3 today", got, err)
			}
			if err := db.DeleteKeystore(t.Context(), "z1", 1); err != nil {
				t.Errorf("DeleteKeystore: %v", err)
			}
		})
	}
}
