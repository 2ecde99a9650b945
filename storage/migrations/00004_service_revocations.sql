-- Delegated capabilities for the service itself that are valid no more, until they end by themselves. Both PostgreSQL and SQLite take this file; the first one says how.

-- +goose Up
CREATE TABLE service_revocations (
    delegator     TEXT COLLATE "C" NOT NULL,
    capability_id TEXT COLLATE "C" NOT NULL,
    revoker       TEXT COLLATE "C" NOT NULL,
    revoked_at    BIGINT NOT NULL,
    expires_at    BIGINT NOT NULL,
    PRIMARY KEY (delegator, capability_id)
);

CREATE INDEX service_revocations_by_age ON service_revocations (revoked_at, capability_id);
CREATE INDEX service_revocations_by_expiry ON service_revocations (expires_at);
