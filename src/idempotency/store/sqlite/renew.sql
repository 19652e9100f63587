-- $1: key; $2: token; $3: lease in milliseconds
UPDATE stripe_webhook_claims
SET leased_until = CAST(unixepoch('subsec') * 1000 AS INTEGER) + $3, lease = $3
WHERE event_key = $1
    AND token = $2
    AND leased_until > CAST(unixepoch('subsec') * 1000 AS INTEGER)
