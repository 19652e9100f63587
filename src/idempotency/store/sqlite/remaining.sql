-- $1: key. Milliseconds until the claim expires; NULL if the event is finished.
SELECT leased_until - CAST(unixepoch('subsec') * 1000 AS INTEGER)
FROM stripe_webhook_claims
WHERE event_key = $1
