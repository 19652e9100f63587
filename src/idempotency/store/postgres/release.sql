-- $1: key; $2: token. Keeps the row, and with it the last token.
UPDATE stripe_webhook_claims
SET leased_until = 0
WHERE event_key = $1 AND token = $2 AND leased_until IS NOT NULL
