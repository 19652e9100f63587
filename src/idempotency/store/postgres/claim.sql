-- $1: key; $2: lease in milliseconds. Returns the token if the claim is granted, else
-- the milliseconds until the other claim expires (NULL: the event is finished).
WITH clock AS (
    SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now
), claimed AS (
    INSERT INTO stripe_webhook_claims AS claims (event_key, token, leased_until, changed_at, lease)
    SELECT $1, 1, now + $2, now, $2 FROM clock
    ON CONFLICT (event_key) DO UPDATE SET
        token = claims.token + 1,
        leased_until = excluded.leased_until,
        changed_at = excluded.changed_at,
        lease = excluded.lease
    WHERE claims.leased_until <= excluded.changed_at
        -- The clock was set back by a lease or more.
        OR claims.leased_until - excluded.changed_at >= 2 * claims.lease
    RETURNING token
)
SELECT token, NULL::bigint FROM claimed
UNION ALL
SELECT NULL, leased_until - now
FROM stripe_webhook_claims, clock
WHERE event_key = $1 AND NOT EXISTS (SELECT FROM claimed)
