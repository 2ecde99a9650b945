-- What stays of a keystore that was deleted. Both PostgreSQL and SQLite take this file; the first one says how.

-- +goose Up
-- An id that was a keystore's is never another's: capabilities that were delegated for it may be valid still, and its revocations are gone.
CREATE TABLE deleted_keystores (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    deleted_at BIGINT NOT NULL
);
