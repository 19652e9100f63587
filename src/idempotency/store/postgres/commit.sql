-- $1: key; $2: token
UPDATE stripe_webhook_claims
SET leased_until = NULL, changed_at = (extract(epoch FROM clock_timestamp()) * 1000)::bigint
WHERE event_key = $1
    AND token = $2
    AND leased_until > (extract(epoch FROM clock_timestamp()) * 1000)::bigint
