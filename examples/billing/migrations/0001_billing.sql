-- One set of statements for SQLite and Postgres: TEXT and BIGINT alone, times in Unix seconds, truth as 0 or 1. Ids that
-- have to sort by time are UUIDv7 texts.
--
-- `livemode` keeps test and live money apart in one database.

CREATE TABLE subscriptions (
    id                   TEXT PRIMARY KEY,
    livemode             BIGINT NOT NULL CHECK (livemode IN (0, 1)),
    customer_id          TEXT,
    email                TEXT,
    status               TEXT,
    price_id             TEXT,
    current_period_end   BIGINT,
    cancel_at_period_end BIGINT CHECK (cancel_at_period_end IN (0, 1)),
    canceled_at          BIGINT,
    created              BIGINT,
    -- When the newest customer.subscription.* event that was applied was created.
    snapshot_at          BIGINT,
    -- When the newest event of any type that was applied was created.
    changed_at           BIGINT
);
CREATE INDEX subscriptions_of_customer ON subscriptions (customer_id);
CREATE INDEX subscriptions_of_email ON subscriptions (email);

-- Which email address a customer has, in lower case: what the newest event said.
CREATE TABLE customers (
    customer_id TEXT PRIMARY KEY,
    livemode    BIGINT NOT NULL CHECK (livemode IN (0, 1)),
    email       TEXT NOT NULL,
    seen_at     BIGINT NOT NULL
);
CREATE INDEX customers_of_email ON customers (email);

-- The ledger. A balance is the sum of its rows, and nothing else moves money.
CREATE TABLE credit_transactions (
    id          TEXT PRIMARY KEY,
    livemode    BIGINT NOT NULL CHECK (livemode IN (0, 1)),
    session_id  TEXT NOT NULL UNIQUE,
    event_id    TEXT NOT NULL,
    customer_id TEXT,
    email       TEXT,
    amount      BIGINT NOT NULL CHECK (amount > 0),
    reason      TEXT NOT NULL,
    created_at  BIGINT NOT NULL
);
CREATE INDEX credit_transactions_of_customer ON credit_transactions (customer_id);
CREATE INDEX credit_transactions_of_email ON credit_transactions (email);

-- Every verified delivery, repeated ones included.
CREATE TABLE deliveries (
    id          TEXT PRIMARY KEY,
    event_id    TEXT NOT NULL,
    event_type  TEXT NOT NULL,
    livemode    BIGINT NOT NULL CHECK (livemode IN (0, 1)),
    received_at BIGINT NOT NULL,
    outcome     TEXT NOT NULL,
    reason      TEXT,
    secret_id   TEXT NOT NULL
);
-- Tells when a secret was last used.
CREATE INDEX deliveries_by_secret ON deliveries (secret_id, received_at);

-- Requests that were turned away come from anybody, so they are counted and not kept one by one.
CREATE TABLE refusals (
    kind         TEXT NOT NULL,
    minute       BIGINT NOT NULL,
    count        BIGINT NOT NULL CHECK (count > 0),
    last_message TEXT NOT NULL,
    last_at      BIGINT NOT NULL,
    PRIMARY KEY (kind, minute)
);

-- A row for each mode, which is locked by whoever changes its secrets: so that two who do at once see each other's.
CREATE TABLE signing_secret_locks (
    livemode BIGINT PRIMARY KEY CHECK (livemode IN (0, 1))
);

CREATE TABLE signing_secrets (
    livemode BIGINT NOT NULL CHECK (livemode IN (0, 1)),
    -- The fingerprint that deliveries name the secret by.
    id       TEXT NOT NULL,
    secret   TEXT NOT NULL,
    added_at BIGINT NOT NULL,
    -- A UUIDv7, so that secrets of one second have an order, too.
    ordinal  TEXT NOT NULL,
    PRIMARY KEY (livemode, id)
);
