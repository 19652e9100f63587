-- $1: age in milliseconds; $2: maximum number of rows
DELETE FROM stripe_webhook_claims
WHERE event_key IN (
    SELECT event_key
    FROM stripe_webhook_claims
    WHERE changed_at < (extract(epoch FROM clock_timestamp()) * 1000)::bigint - $1
        AND (
            leased_until IS NULL
            OR leased_until <= (extract(epoch FROM clock_timestamp()) * 1000)::bigint
        )
    ORDER BY changed_at
    LIMIT $2
    FOR UPDATE SKIP LOCKED
)
