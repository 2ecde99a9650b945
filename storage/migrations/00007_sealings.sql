-- What a server lock has sealed, and what it has not. Both PostgreSQL and SQLite take this file; the first one says how.

-- +goose Up
CREATE INDEX keystore_sealings_by_lock ON keystore_sealings (lock_id, keystore_id);
