-- How often a key was used on each of the last days. Both PostgreSQL and SQLite take this file; the first one says how.

-- +goose Up
-- Who counts while the key is being deleted must not be in the way: hence the cascade.
CREATE TABLE key_usage_days (
    keystore_id TEXT COLLATE "C" NOT NULL,
    key_id      TEXT COLLATE "C" NOT NULL,
    day         BIGINT NOT NULL, -- days since 1970-01-01, UTC
    uses        BIGINT NOT NULL CHECK (uses >= 0),
    PRIMARY KEY (keystore_id, key_id, day),
    FOREIGN KEY (keystore_id, key_id) REFERENCES keys (keystore_id, id) ON DELETE CASCADE
);

CREATE INDEX key_usage_days_by_day ON key_usage_days (day);
