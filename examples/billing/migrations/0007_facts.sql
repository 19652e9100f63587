-- What is known of a subscription, a customer or a payment becomes one JSON document, in the column `facts`. The other
-- columns are derived from it with every event, so that they can be searched. `{}` is what is known before the first event.
--
-- The texts are ids, statuses and email addresses of Stripe, so only quotes and backslashes need an escape in JSON.

-- subscriptions: the snapshots and invoices move from tables of their own.
CREATE TABLE subscriptions_0007 (
    id          TEXT PRIMARY KEY,
    livemode    BIGINT NOT NULL CHECK (livemode IN (0, 1)),
    customer_id TEXT,
    email       TEXT,
    status      TEXT,
    created     BIGINT,
    -- When the newest event that sets or confirms the status was created.
    changed_at  BIGINT,
    facts       TEXT NOT NULL DEFAULT '{}'
);
INSERT INTO subscriptions_0007 (id, livemode, customer_id, email, status, created, changed_at, facts)
    SELECT id, livemode, customer_id, email, status, created, changed_at,
        '{"customer_id":' || CASE WHEN customer_id IS NULL OR customer_told_at IS NULL THEN 'null' ELSE
            '{"moment":{"at":' || CAST(customer_told_at AS TEXT)
            || ',"event_id":"' || REPLACE(REPLACE(COALESCE(customer_told_by, ''), '\', '\\'), '"', '\"')
            || '"},"value":"' || REPLACE(REPLACE(customer_id, '\', '\\'), '"', '\"') || '"}' END
        || ',"email":' || CASE WHEN email IS NULL OR email_told_at IS NULL THEN 'null' ELSE
            '{"moment":{"at":' || CAST(email_told_at AS TEXT)
            || ',"event_id":"' || REPLACE(REPLACE(COALESCE(email_told_by, ''), '\', '\\'), '"', '\"')
            || '"},"value":"' || REPLACE(REPLACE(email, '\', '\\'), '"', '\"') || '"}' END
        || ',"checkout":' || CASE WHEN checkout_at IS NULL THEN 'null' ELSE
            '{"moment":{"at":' || CAST(checkout_at AS TEXT)
            || ',"event_id":"' || REPLACE(REPLACE(COALESCE(checkout_event_id, ''), '\', '\\'), '"', '\"')
            || '"},"value":null}' END
        || ',"snapshots":[' || COALESCE((SELECT STRING_AGG(
            '{"event_id":"' || REPLACE(REPLACE(event_id, '\', '\\'), '"', '\"')
            || '","at":' || CAST(event_at AS TEXT)
            || ',"kind":"' || kind
            || '","status":"' || REPLACE(REPLACE(s.status, '\', '\\'), '"', '\"')
            || '","latest_invoice_id":'
            || COALESCE('"' || REPLACE(REPLACE(latest_invoice_id, '\', '\\'), '"', '\"') || '"', 'null')
            || ',"has_pending_update":' || CASE has_pending_update WHEN 1 THEN 'true' ELSE 'false' END
            || ',"facts":{"price_id":'
            || COALESCE('"' || REPLACE(REPLACE(s.price_id, '\', '\\'), '"', '\"') || '"', 'null')
            -- Before migration 4, only the plan's price was stored.
            || ',"prices":' || COALESCE(s.prices,
                '["' || REPLACE(REPLACE(s.price_id, '\', '\\'), '"', '\"') || '"]', '[]')
            || ',"current_period_end":' || COALESCE(CAST(s.current_period_end AS TEXT), 'null')
            || ',"cancel_at_period_end":'
            || CASE s.cancel_at_period_end WHEN 1 THEN 'true' WHEN 0 THEN 'false' ELSE 'null' END
            || ',"cancel_at":' || COALESCE(CAST(s.cancel_at AS TEXT), 'null')
            || ',"canceled_at":' || COALESCE(CAST(s.canceled_at AS TEXT), 'null')
            || ',"created":' || COALESCE(CAST(s.created AS TEXT), 'null')
            || '},"previous":' || previous || '}', ',')
            FROM subscription_snapshots AS s WHERE s.subscription_id = subscriptions.id), '')
        || '],"invoices":{' || COALESCE((SELECT STRING_AGG(
            '"' || REPLACE(REPLACE(i.id, '\', '\\'), '"', '\"')
            || '":{"created":' || COALESCE(CAST(i.created AS TEXT), 'null')
            || ',"is_first":' || CASE is_first WHEN 1 THEN 'true' WHEN 0 THEN 'false' ELSE 'null' END
            || ',"paid_at":' || COALESCE(CAST(paid_at AS TEXT), 'null')
            || ',"failed_at":' || COALESCE(CAST(failed_at AS TEXT), 'null') || '}', ',')
            FROM subscription_invoices AS i WHERE i.subscription_id = subscriptions.id), '')
        || '}}'
    FROM subscriptions;
DROP TABLE subscription_snapshots;
DROP TABLE subscription_invoices;
DROP TABLE subscriptions;
ALTER TABLE subscriptions_0007 RENAME TO subscriptions;
CREATE INDEX subscriptions_of_customer ON subscriptions (customer_id);
CREATE INDEX subscriptions_of_email ON subscriptions (email);

-- customers: the address in the customer's own events, and the one in checkout sessions and invoices.
CREATE TABLE customers_0007 (
    customer_id TEXT PRIMARY KEY,
    livemode    BIGINT NOT NULL CHECK (livemode IN (0, 1)),
    -- In lower case. NULL if none is known, or if it was removed.
    email       TEXT,
    facts       TEXT NOT NULL DEFAULT '{}'
);
INSERT INTO customers_0007 (customer_id, livemode, email, facts)
    SELECT customer_id, livemode, email,
        '{"own":' || CASE WHEN own_at IS NULL THEN 'null' ELSE
            '{"at":' || CAST(own_at AS TEXT)
            || ',"is_update":' || CASE own_is_update WHEN 1 THEN 'true' ELSE 'false' END
            || ',"email":' || COALESCE('"' || REPLACE(REPLACE(own_email, '\', '\\'), '"', '\"') || '"', 'null')
            || '}' END
        || ',"observed":' || CASE WHEN told_at IS NULL OR told_as_of IS NULL OR told_email IS NULL THEN 'null' ELSE
            '{"at":' || CAST(told_at AS TEXT) || ',"as_of":' || CAST(told_as_of AS TEXT)
            || ',"email":"' || REPLACE(REPLACE(told_email, '\', '\\'), '"', '\"') || '"}' END
        || '}'
    FROM customers;
DROP TABLE customers;
ALTER TABLE customers_0007 RENAME TO customers;
CREATE INDEX customers_of_email ON customers (email);

-- credit_payments: the refunds and disputes of a payment, by id.
ALTER TABLE credit_payments ADD COLUMN facts TEXT NOT NULL DEFAULT '{}';
UPDATE credit_payments SET facts = '{' || COALESCE((SELECT STRING_AGG(
        '"' || REPLACE(REPLACE(id, '\', '\\'), '"', '\"')
        || '":{"kind":"' || kind || '","cents":' || CAST(cents AS TEXT)
        || CASE kind
            WHEN 'refund' THEN ',"failed_at":' || COALESCE(CAST(said_at AS TEXT), 'null')
            WHEN 'dispute' THEN ',"decided_at":' || COALESCE(CAST(said_at AS TEXT), '0')
                || ',"lost":' || CASE lost WHEN 1 THEN 'true' ELSE 'false' END
            ELSE ',"reported_at":' || COALESCE(CAST(said_at AS TEXT), '0')
        END || '}', ',')
    FROM credit_reversals AS r
    WHERE r.livemode = credit_payments.livemode AND r.payment_id = credit_payments.payment_id), '') || '}';
DROP TABLE credit_reversals;
