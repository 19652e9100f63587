-- $1: key; $2: lease in milliseconds. Returns the token if the claim is granted.
INSERT INTO stripe_webhook_claims (event_key, token, leased_until, changed_at, lease)
VALUES (
    $1,
    1,
    CAST(unixepoch('subsec') * 1000 AS INTEGER) + $2,
    CAST(unixepoch('subsec') * 1000 AS INTEGER),
    $2
)
ON CONFLICT (event_key) DO UPDATE SET
    token = token + 1,
    leased_until = excluded.leased_until,
    changed_at = excluded.changed_at,
    lease = excluded.lease
WHERE leased_until <= excluded.changed_at
    -- The clock was set back by a lease or more.
    OR leased_until - excluded.changed_at >= 2 * lease
RETURNING token
