-- The kind of each delivery, and the snapshot event of the same fact that a thin event names. Before this migration, thin
-- events were stored with their own type names.
ALTER TABLE deliveries ADD COLUMN kind TEXT NOT NULL DEFAULT 'snapshot' CHECK (kind IN ('snapshot', 'thin'));
ALTER TABLE deliveries ADD COLUMN snapshot_event TEXT;
UPDATE deliveries SET kind = 'thin' WHERE event_type LIKE 'v1.%' OR event_type LIKE 'v2.%';
-- For the portal, which asks for them every other second.
CREATE INDEX deliveries_failed_thin ON deliveries (id) WHERE kind = 'thin' AND outcome = 'failed';

-- The key of an event no longer has its account: a thin event of the own account may name the account, and the snapshot
-- event of the same fact does not. Ids of events are unique across accounts. Records before this migration are kept, so
-- that no event has its effect again: `event/{account}/{id}` becomes `id/{id}`.
--
-- The table is the library's, which creates it after the migrations of a new database.
CREATE TABLE IF NOT EXISTS stripe_webhook_events (
    event_key TEXT NOT NULL PRIMARY KEY,
    recorded_at BIGINT NOT NULL
);
-- The id is what follows the last slash: RTRIM removes all other characters at the end.
INSERT INTO stripe_webhook_events (event_key, recorded_at)
    SELECT 'id/' || SUBSTR(event_key, LENGTH(RTRIM(event_key, REPLACE(event_key, '/', ''))) + 1), recorded_at
    FROM stripe_webhook_events WHERE event_key LIKE 'event/%'
    ON CONFLICT (event_key) DO NOTHING;
DELETE FROM stripe_webhook_events WHERE event_key LIKE 'event/%';
