CREATE TABLE IF NOT EXISTS stripe_webhook_events (
    event_key TEXT NOT NULL PRIMARY KEY,
    recorded_at BIGINT NOT NULL -- Unix seconds
);
CREATE INDEX IF NOT EXISTS stripe_webhook_events_recorded_at ON stripe_webhook_events (recorded_at);
