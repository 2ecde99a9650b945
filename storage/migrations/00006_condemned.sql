-- Keys whose records are damaged, and that are to be deleted: they cannot say so themselves. Both PostgreSQL and SQLite take this file; the first one says how.

-- +goose Up
CREATE TABLE condemned_keys (
    keystore_id TEXT COLLATE "C" NOT NULL REFERENCES keystores (id),
    key_id      TEXT COLLATE "C" NOT NULL,
    delete_at   BIGINT NOT NULL,
    tag         BYTEA NOT NULL, -- authenticates the row
    PRIMARY KEY (keystore_id, key_id)
);

CREATE INDEX condemned_keys_by_time ON condemned_keys (keystore_id, delete_at, key_id);
