-- $1: age in milliseconds; $2: maximum number of rows
DELETE FROM stripe_webhook_claims
WHERE event_key IN (
    SELECT event_key
    FROM stripe_webhook_claims
    WHERE changed_at < CAST(unixepoch('subsec') * 1000 AS INTEGER) - $1
        AND (leased_until IS NULL OR leased_until <= CAST(unixepoch('subsec') * 1000 AS INTEGER))
    ORDER BY changed_at
    LIMIT $2
)
