-- What operators look for and count. Both PostgreSQL and SQLite take this file; the first one says how.
-- A listing of keystores is read along an index that begins with what it is filtered by and goes on in the listing's order.

-- +goose Up
CREATE INDEX keystores_by_name ON keystores (name, id) WHERE name <> '';
CREATE INDEX keystores_by_state ON keystores (state, created_at, id) WHERE delete_at IS NULL;
CREATE INDEX keystores_pending_deletion ON keystores (created_at, id) WHERE delete_at IS NOT NULL;
CREATE INDEX keystores_with_vault ON keystores (created_at, id) WHERE vault_url IS NOT NULL;
CREATE INDEX keystores_without_vault ON keystores (created_at, id) WHERE vault_url IS NULL;

-- For counting keys: all of a million in a fifth of a second, where the table alone takes seven.
CREATE INDEX keys_by_kind ON keys (type, state, delete_at);
