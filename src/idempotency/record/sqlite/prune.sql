-- $1: age in seconds; $2: maximum number of rows
DELETE FROM stripe_webhook_events
WHERE event_key IN (
    SELECT event_key
    FROM stripe_webhook_events
    WHERE recorded_at < unixepoch() - $1
    ORDER BY recorded_at
    LIMIT $2
)
