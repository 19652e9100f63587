-- $1: key
INSERT INTO stripe_webhook_events (event_key, recorded_at)
VALUES ($1, unixepoch())
ON CONFLICT DO NOTHING
