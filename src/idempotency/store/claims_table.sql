CREATE TABLE IF NOT EXISTS stripe_webhook_claims (
    event_key TEXT NOT NULL PRIMARY KEY,
    token BIGINT NOT NULL,
    leased_until BIGINT, -- Unix milliseconds; NULL: finished
    changed_at BIGINT NOT NULL, -- Unix milliseconds: claimed last, or finished
    lease BIGINT -- milliseconds: how long the claim was made or renewed for
);
CREATE INDEX IF NOT EXISTS stripe_webhook_claims_changed_at ON stripe_webhook_claims (changed_at);
