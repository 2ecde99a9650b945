-- What a key and a keystore go through after they were made. Both PostgreSQL and SQLite take this file; the first one says how. Lists are JSON.
-- Pages of a listing are read along an index that begins with what they are filtered by and goes on in the listing's order.

-- +goose Up
ALTER TABLE keystores ADD COLUMN state TEXT COLLATE "C" NOT NULL DEFAULT 'ENABLED';
ALTER TABLE keystores ADD COLUMN delete_at BIGINT;
ALTER TABLE keystores ADD COLUMN name TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE keystores ADD COLUMN description TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE keystores ADD COLUMN tags TEXT COLLATE "C"; -- NULL: none
ALTER TABLE keystores ADD COLUMN key_types TEXT COLLATE "C"; -- NULL: all
ALTER TABLE keystores ADD COLUMN wake_at BIGINT; -- when it, or something in its vault, is due

CREATE INDEX keystores_by_wake ON keystores (wake_at, id) WHERE wake_at IS NOT NULL;

ALTER TABLE keys ADD COLUMN name TEXT COLLATE "C"; -- NULL: none
ALTER TABLE keys ADD COLUMN description TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE keys ADD COLUMN tags TEXT COLLATE "C"; -- NULL: none; key_tags has them too, for listings
ALTER TABLE keys ADD COLUMN public_only SMALLINT NOT NULL DEFAULT 0 CHECK (public_only IN (0, 1));
ALTER TABLE keys ADD COLUMN exportable SMALLINT NOT NULL DEFAULT 0 CHECK (exportable IN (0, 1));
ALTER TABLE keys ADD COLUMN operations TEXT COLLATE "C"; -- NULL: all
ALTER TABLE keys ADD COLUMN algorithms TEXT COLLATE "C"; -- NULL: all
ALTER TABLE keys ADD COLUMN revision BIGINT NOT NULL DEFAULT 1 CHECK (revision >= 1);
ALTER TABLE keys ADD COLUMN oldest BIGINT NOT NULL DEFAULT 1 CHECK (oldest >= 1);
ALTER TABLE keys ADD COLUMN delete_at BIGINT;
ALTER TABLE keys ADD COLUMN min_verify BIGINT NOT NULL DEFAULT 0;
ALTER TABLE keys ADD COLUMN min_decrypt BIGINT NOT NULL DEFAULT 0;
ALTER TABLE keys ADD COLUMN rotation_period BIGINT NOT NULL DEFAULT 0; -- seconds
ALTER TABLE keys ADD COLUMN rotate_at BIGINT;
ALTER TABLE keys ADD COLUMN meta_tag BYTEA; -- authenticates the row; NULL: from before there was one
ALTER TABLE keys ADD COLUMN due_at BIGINT; -- delete_at, or rotate_at where there is none; later, where that did not work

CREATE UNIQUE INDEX keys_by_name ON keys (keystore_id, name) WHERE name IS NOT NULL;
CREATE INDEX keys_by_type ON keys (keystore_id, type, created_at, id);
CREATE INDEX keys_by_state ON keys (keystore_id, state, created_at, id) WHERE delete_at IS NULL;
CREATE INDEX keys_pending_deletion ON keys (keystore_id, created_at, id) WHERE delete_at IS NOT NULL;
CREATE INDEX keys_by_due ON keys (due_at, keystore_id, id) WHERE due_at IS NOT NULL;
CREATE INDEX keys_due_in_keystore ON keys (keystore_id, due_at) WHERE due_at IS NOT NULL;
-- Empty, unless somebody else wrote to the database: what no filter by state would find, and what has no place in the order.
CREATE INDEX keys_of_no_state ON keys (keystore_id, created_at, id) WHERE state NOT IN ('ENABLED', 'DISABLED');
CREATE INDEX keys_of_no_time ON keys (keystore_id, id) WHERE created_at > 253402300799999999;

ALTER TABLE key_versions ADD COLUMN request BYTEA;

CREATE TABLE key_tags (
    keystore_id TEXT COLLATE "C" NOT NULL,
    name        TEXT COLLATE "C" NOT NULL,
    value       TEXT COLLATE "C" NOT NULL,
    created_at  BIGINT NOT NULL, -- the key's
    key_id      TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (keystore_id, name, value, created_at, key_id),
    FOREIGN KEY (keystore_id, key_id) REFERENCES keys (keystore_id, id)
);

CREATE INDEX key_tags_by_key ON key_tags (keystore_id, key_id);

-- Who counts while the version is being deleted must not be in the way: hence the cascade.
CREATE TABLE key_usage (
    keystore_id  TEXT COLLATE "C" NOT NULL,
    key_id       TEXT COLLATE "C" NOT NULL,
    version      BIGINT NOT NULL,
    messages     BIGINT NOT NULL CHECK (messages >= 0),
    granted      BIGINT NOT NULL, -- what the last reservation of messages got
    uses         BIGINT NOT NULL CHECK (uses >= 0),
    last_used_at BIGINT,
    PRIMARY KEY (keystore_id, key_id, version),
    FOREIGN KEY (keystore_id, key_id, version) REFERENCES key_versions (keystore_id, key_id, version) ON DELETE CASCADE
);

CREATE TABLE leases (
    name    TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    holder  TEXT COLLATE "C" NOT NULL,
    ends_at BIGINT NOT NULL
);
