-- Both PostgreSQL and SQLite take this file. Times are microseconds since 1970 in UTC. Identifiers compare as bytes.
-- Primary keys begin with the keystore, so that tables can be split by keystore.

-- +goose Up
CREATE TABLE keystores (
    id               TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    controller       TEXT COLLATE "C" NOT NULL,
    user_lock        TEXT COLLATE "C" NOT NULL,
    vault_url        TEXT COLLATE "C",
    vault_capability BYTEA,
    vault_expires_at BIGINT,
    request          BYTEA,
    created_at       BIGINT NOT NULL,
    revision         BIGINT NOT NULL CHECK (revision >= 1),
    tag              BYTEA NOT NULL, -- authenticates the row
    CHECK ((vault_url IS NULL) = (vault_capability IS NULL) AND (vault_url IS NULL) = (vault_expires_at IS NULL))
);

CREATE INDEX keystores_by_age ON keystores (created_at, id);
CREATE INDEX keystores_by_controller ON keystores (controller, created_at, id);
CREATE INDEX keystores_by_vault_expiry ON keystores (vault_expires_at, id) WHERE vault_expires_at IS NOT NULL;

-- A keystore's secrets, once under each server lock.
CREATE TABLE keystore_sealings (
    keystore_id TEXT COLLATE "C" NOT NULL REFERENCES keystores (id),
    lock_id     TEXT COLLATE "C" NOT NULL,
    sealed      BYTEA NOT NULL,
    PRIMARY KEY (keystore_id, lock_id)
);

-- One row at most: who comes first pins the verifier.
CREATE TABLE keystore_verifiers (
    keystore_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES keystores (id),
    verifier    BYTEA NOT NULL
);

CREATE TABLE keys (
    keystore_id TEXT COLLATE "C" NOT NULL REFERENCES keystores (id),
    id          TEXT COLLATE "C" NOT NULL,
    type        TEXT COLLATE "C" NOT NULL,
    state       TEXT COLLATE "C" NOT NULL,
    version     BIGINT NOT NULL CHECK (version >= 1), -- the newest
    max_chain   BIGINT NOT NULL CHECK (max_chain >= 0), -- 0: the server's bound
    request     BYTEA,
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (keystore_id, id)
);

CREATE INDEX keys_by_age ON keys (keystore_id, created_at, id);

CREATE TABLE key_versions (
    keystore_id TEXT COLLATE "C" NOT NULL,
    key_id      TEXT COLLATE "C" NOT NULL,
    version     BIGINT NOT NULL CHECK (version >= 1),
    public_key  BYTEA,
    sealed      BYTEA NOT NULL,
    tag         BYTEA NOT NULL, -- authenticates the row and the key's
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (keystore_id, key_id, version),
    FOREIGN KEY (keystore_id, key_id) REFERENCES keys (keystore_id, id)
);

-- Delegated capabilities that are valid no more, until they end by themselves.
CREATE TABLE revocations (
    keystore_id   TEXT COLLATE "C" NOT NULL REFERENCES keystores (id),
    delegator     TEXT COLLATE "C" NOT NULL,
    capability_id TEXT COLLATE "C" NOT NULL,
    revoker       TEXT COLLATE "C" NOT NULL,
    revoked_at    BIGINT NOT NULL,
    expires_at    BIGINT NOT NULL,
    PRIMARY KEY (keystore_id, delegator, capability_id)
);

CREATE INDEX revocations_by_age ON revocations (keystore_id, revoked_at, capability_id);
CREATE INDEX revocations_by_expiry ON revocations (expires_at);

-- The service's own secret. The single row of service is what the first server to start inserts; the second finds it.
CREATE TABLE service (
    one        SMALLINT NOT NULL PRIMARY KEY CHECK (one = 1),
    created_at BIGINT NOT NULL
);

CREATE TABLE service_sealings (
    service SMALLINT NOT NULL REFERENCES service (one),
    lock_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    sealed  BYTEA NOT NULL
);

CREATE TABLE operators (
    did         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    enrolled_at BIGINT NOT NULL
);

-- The one enrolment token that is open, if any.
CREATE TABLE enrolments (
    one        SMALLINT NOT NULL PRIMARY KEY CHECK (one = 1),
    token_hash BYTEA NOT NULL,
    created_at BIGINT NOT NULL
);

-- Written by the readiness check: a database that answers reads may yet refuse writes.
CREATE TABLE pings (
    one       SMALLINT NOT NULL PRIMARY KEY CHECK (one = 1),
    pinged_at BIGINT NOT NULL
);
