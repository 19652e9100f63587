-- $1: key; $2: token; $3: lease in milliseconds
UPDATE stripe_webhook_claims
SET leased_until = (extract(epoch FROM clock_timestamp()) * 1000)::bigint + $3, lease = $3
WHERE event_key = $1
    AND token = $2
    AND leased_until > (extract(epoch FROM clock_timestamp()) * 1000)::bigint
