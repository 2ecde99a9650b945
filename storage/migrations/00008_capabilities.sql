-- What keeps capabilities invalid, and how much of it. Both PostgreSQL and SQLite take this file; the first one says how.

-- +goose Up
-- An id that was a keystore's is never another's: capabilities that were delegated for it may be valid still, and its revocations are gone.
CREATE TABLE deleted_keystores (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    deleted_at BIGINT NOT NULL
);

-- Whom the controller had delegated to, where it did not revoke by itself; for counting them.
ALTER TABLE revocations ADD COLUMN through TEXT COLLATE "C";
CREATE INDEX revocations_through ON revocations (keystore_id, through) WHERE through IS NOT NULL;
ALTER TABLE service_revocations ADD COLUMN through TEXT COLLATE "C";
CREATE INDEX service_revocations_through ON service_revocations (through) WHERE through IS NOT NULL;
