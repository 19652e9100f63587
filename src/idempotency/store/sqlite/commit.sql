-- $1: key; $2: token
UPDATE stripe_webhook_claims
SET leased_until = NULL, changed_at = CAST(unixepoch('subsec') * 1000 AS INTEGER)
WHERE event_key = $1
    AND token = $2
    AND leased_until > CAST(unixepoch('subsec') * 1000 AS INTEGER)
