CREATE TABLE IF NOT EXISTS stripe_webhook_claims (
    event_key TEXT NOT NULL PRIMARY KEY,
    token BIGINT NOT NULL,
    leased_until BIGINT, -- Unix milliseconds; NULL: finished
    created_at BIGINT NOT NULL -- Unix milliseconds
);
CREATE INDEX IF NOT EXISTS stripe_webhook_claims_created_at ON stripe_webhook_claims (created_at);
