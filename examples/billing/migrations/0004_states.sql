-- The state of a subscription follows from what is known of it, whatever the order of its events: these tables and columns
-- hold what is known. status, price_id, current_period_end, cancel_at_period_end, canceled_at, created and changed_at of
-- subscriptions are derived from it with every event, so that they can be searched.

ALTER TABLE subscriptions ADD COLUMN prices TEXT; -- A JSON list. NULL: only price_id is known.
ALTER TABLE subscriptions ADD COLUMN cancel_at BIGINT;
-- When the newest event was created that tells the customer or the email address, and its id.
ALTER TABLE subscriptions ADD COLUMN customer_told_at BIGINT;
ALTER TABLE subscriptions ADD COLUMN customer_told_by TEXT;
ALTER TABLE subscriptions ADD COLUMN email_told_at BIGINT;
ALTER TABLE subscriptions ADD COLUMN email_told_by TEXT;
-- The newest settled checkout session's event.
ALTER TABLE subscriptions ADD COLUMN checkout_at BIGINT;
ALTER TABLE subscriptions ADD COLUMN checkout_event_id TEXT;

-- The newest customer.subscription.* events: several only if they were created in one second.
CREATE TABLE subscription_snapshots (
    subscription_id      TEXT NOT NULL REFERENCES subscriptions (id),
    event_id             TEXT NOT NULL,
    event_at             BIGINT NOT NULL,
    kind                 TEXT NOT NULL CHECK (kind IN ('created', 'updated', 'deleted')),
    status               TEXT NOT NULL,
    latest_invoice_id    TEXT,
    has_pending_update   BIGINT NOT NULL CHECK (has_pending_update IN (0, 1)),
    price_id             TEXT,
    prices               TEXT,
    current_period_end   BIGINT,
    cancel_at_period_end BIGINT CHECK (cancel_at_period_end IN (0, 1)),
    cancel_at            BIGINT,
    canceled_at          BIGINT,
    created              BIGINT,
    -- What the subscription was before, as far as it changed: a JSON object.
    previous             TEXT NOT NULL,
    PRIMARY KEY (subscription_id, event_id)
);

-- Every invoice that was paid or whose payment failed: a snapshot that arrives later can name any of them as its latest.
CREATE TABLE subscription_invoices (
    subscription_id TEXT NOT NULL REFERENCES subscriptions (id),
    id              TEXT NOT NULL,
    created         BIGINT,
    is_first        BIGINT CHECK (is_first IN (0, 1)),
    paid_at         BIGINT,
    failed_at       BIGINT,
    PRIMARY KEY (subscription_id, id)
);

-- What was known so far becomes the newest snapshot. Its event is not known, and has an id that sorts before all others.
INSERT INTO subscription_snapshots (subscription_id, event_id, event_at, kind, status, has_pending_update, price_id,
        current_period_end, cancel_at_period_end, canceled_at, created, previous)
    SELECT id, '', COALESCE(changed_at, snapshot_at), 'updated', status, 0, price_id,
        current_period_end, cancel_at_period_end, canceled_at, created, '{}'
    FROM subscriptions WHERE status IS NOT NULL AND snapshot_at IS NOT NULL;
-- Without a snapshot, only payments have told a status.
UPDATE subscriptions SET checkout_at = COALESCE(changed_at, 0), checkout_event_id = ''
    WHERE snapshot_at IS NULL AND status = 'active';
INSERT INTO subscription_invoices (subscription_id, id, is_first, failed_at)
    SELECT id, '', 0, COALESCE(changed_at, 0) FROM subscriptions WHERE snapshot_at IS NULL AND status = 'past_due';
UPDATE subscriptions SET customer_told_at = COALESCE(changed_at, 0), customer_told_by = '' WHERE customer_id IS NOT NULL;
UPDATE subscriptions SET email_told_at = COALESCE(changed_at, 0), email_told_by = '' WHERE email IS NOT NULL;

ALTER TABLE subscriptions DROP COLUMN snapshot_at;
