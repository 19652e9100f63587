-- Whether an event was handled with what was fetched for it: the object of a thin event, or the subscription that a
-- snapshot event concerns. Before this migration, only a duplicate thin event was handled without its object.
ALTER TABLE deliveries ADD COLUMN fetched BIGINT NOT NULL DEFAULT 0 CHECK (fetched IN (0, 1));
UPDATE deliveries SET fetched = 1 WHERE kind = 'thin' AND outcome IN ('applied', 'stale');
