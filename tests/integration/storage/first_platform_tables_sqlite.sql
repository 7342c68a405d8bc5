-- The platform's tables as the first version made them. Never changed: upgrades are tested from here.

CREATE TABLE dougong_applied_plan (
    id VARCHAR(36) NOT NULL,
    at VARCHAR(23) NOT NULL,
    "by" VARCHAR(36) NOT NULL,
    reason TEXT,
    status TEXT NOT NULL,
    base TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    digest TEXT NOT NULL,
    body TEXT NOT NULL,
    "before" TEXT,
    done_at VARCHAR(23),
    PRIMARY KEY (id)
);

CREATE TABLE dougong_catalog_state (
    one SMALLINT NOT NULL,
    fingerprint TEXT NOT NULL,
    at VARCHAR(23) NOT NULL,
    PRIMARY KEY (one)
);

CREATE TABLE dougong_change (
    id VARCHAR(36) NOT NULL,
    at VARCHAR(23) NOT NULL,
    actor VARCHAR(36) NOT NULL,
    reason TEXT,
    door TEXT NOT NULL,
    request TEXT,
    PRIMARY KEY (id)
);

CREATE INDEX ix_dougong_change_at ON dougong_change (at);

CREATE TABLE dougong_credential (
    user VARCHAR(36) NOT NULL,
    hash TEXT NOT NULL,
    failed INTEGER DEFAULT '0' NOT NULL,
    locked_until VARCHAR(23),
    changed_at VARCHAR(23) NOT NULL,
    PRIMARY KEY (user)
);

CREATE TABLE dougong_definition_file (
    layer TEXT NOT NULL,
    path TEXT NOT NULL,
    text TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    "by" VARCHAR(36) NOT NULL,
    at VARCHAR(23) NOT NULL,
    PRIMARY KEY (layer, path)
);

CREATE TABLE dougong_idempotency (
    user VARCHAR(36) NOT NULL,
    "key" TEXT NOT NULL,
    at VARCHAR(23) NOT NULL,
    fingerprint TEXT NOT NULL,
    status INTEGER,
    body BLOB,
    headers TEXT,
    PRIMARY KEY (user, "key")
);

CREATE INDEX ix_dougong_idempotency_at ON dougong_idempotency (at);

CREATE TABLE dougong_installed_name (
    id VARCHAR(36) NOT NULL,
    object VARCHAR(36),
    name TEXT NOT NULL,
    physical TEXT NOT NULL,
    columns TEXT DEFAULT '[]' NOT NULL,
    retired_at VARCHAR(23),
    PRIMARY KEY (id)
);

CREATE INDEX ix_dougong_installed_name_object ON dougong_installed_name (object);

CREATE TABLE dougong_instance_setting (
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (name)
);

CREATE TABLE dougong_outbox (
    id VARCHAR(36) NOT NULL,
    at VARCHAR(23) NOT NULL,
    queue TEXT NOT NULL,
    topic TEXT NOT NULL,
    body TEXT NOT NULL,
    lease_until VARCHAR(23),
    lease_by TEXT,
    attempts INTEGER DEFAULT '0' NOT NULL,
    done_at VARCHAR(23),
    error TEXT,
    PRIMARY KEY (id)
);

CREATE INDEX ix_dougong_outbox_open ON dougong_outbox (queue, id) WHERE done_at is null;

CREATE TABLE dougong_plan_step (
    "plan" VARCHAR(36) NOT NULL,
    position INTEGER NOT NULL,
    status TEXT NOT NULL,
    at VARCHAR(23) NOT NULL,
    detail TEXT,
    PRIMARY KEY ("plan", position)
);

CREATE TABLE dougong_sequence (
    name TEXT NOT NULL,
    period TEXT NOT NULL,
    last BIGINT NOT NULL,
    PRIMARY KEY (name, period)
);

CREATE TABLE dougong_session (
    hash TEXT NOT NULL,
    user VARCHAR(36) NOT NULL,
    created_at VARCHAR(23) NOT NULL,
    expires_at VARCHAR(23) NOT NULL,
    seen_at VARCHAR(23) NOT NULL,
    csrf TEXT NOT NULL,
    PRIMARY KEY (hash)
);

CREATE INDEX ix_dougong_session_user ON dougong_session (user);

CREATE TABLE dougong_token (
    id VARCHAR(36) NOT NULL,
    hash TEXT NOT NULL,
    user VARCHAR(36) NOT NULL,
    name TEXT NOT NULL,
    scope TEXT,
    created_at VARCHAR(23) NOT NULL,
    expires_at VARCHAR(23),
    used_at VARCHAR(23),
    revoked_at VARCHAR(23),
    PRIMARY KEY (id),
    UNIQUE (hash)
);

CREATE INDEX ix_dougong_token_user ON dougong_token (user);
