-- $1: key
INSERT INTO stripe_webhook_events (event_key, recorded_at)
VALUES ($1, extract(epoch FROM clock_timestamp())::bigint)
ON CONFLICT DO NOTHING
