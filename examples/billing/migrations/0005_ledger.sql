-- A customer's email address: what the customer's own events say, and what checkout sessions and invoices say, each the
-- newest. `email` is what follows from both.
CREATE TABLE customers_0005 (
    customer_id   TEXT PRIMARY KEY,
    livemode      BIGINT NOT NULL CHECK (livemode IN (0, 1)),
    -- In lower case. NULL if none is known, or if it was removed.
    email         TEXT,
    -- customer.created and customer.updated: when the newest was created, which of the two it is, and its address.
    own_at        BIGINT,
    own_is_update BIGINT CHECK (own_is_update IN (0, 1)),
    own_email     TEXT,
    -- Checkout sessions and invoices: when the newest event was created, and as of when it has the address.
    told_at       BIGINT,
    told_as_of    BIGINT,
    told_email    TEXT
);
INSERT INTO customers_0005 (customer_id, livemode, email, told_at, told_as_of, told_email)
    SELECT customer_id, livemode, email, seen_at, seen_at, email FROM customers;
DROP TABLE customers;
ALTER TABLE customers_0005 RENAME TO customers;
CREATE INDEX customers_of_email ON customers (email);

-- The ledger. A balance is the sum of its rows, and nothing else moves money. A top-up is positive and there once for its
-- checkout session; what takes its credits back, or gives them back again, has the same session and payment.
CREATE TABLE credit_transactions_0005 (
    id          TEXT PRIMARY KEY,
    livemode    BIGINT NOT NULL CHECK (livemode IN (0, 1)),
    -- NULL in rows that an app adds itself, such as for credits that were spent.
    session_id  TEXT,
    -- The payment intent. NULL in top-ups from before this migration: their refunds are not found.
    payment_id  TEXT,
    -- In a top-up: what was paid, in cents, with tax.
    paid        BIGINT,
    event_id    TEXT NOT NULL,
    customer_id TEXT,
    email       TEXT,
    amount      BIGINT NOT NULL CHECK (amount <> 0),
    reason      TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    CHECK (reason <> 'credits_topup' OR (amount > 0 AND session_id IS NOT NULL))
);
INSERT INTO credit_transactions_0005
    (id, livemode, session_id, event_id, customer_id, email, amount, reason, created_at)
    SELECT id, livemode, session_id, event_id, customer_id, email, amount, reason, created_at FROM credit_transactions;
DROP TABLE credit_transactions;
ALTER TABLE credit_transactions_0005 RENAME TO credit_transactions;
CREATE UNIQUE INDEX credit_topup_of_session ON credit_transactions (session_id) WHERE reason = 'credits_topup';
CREATE INDEX credit_transactions_of_customer ON credit_transactions (customer_id);
CREATE INDEX credit_transactions_of_email ON credit_transactions (email);
CREATE INDEX credit_transactions_of_payment ON credit_transactions (payment_id);

-- A row for each payment that has bought credits or was reversed. It is locked by each event about the payment.
CREATE TABLE credit_payments (
    livemode     BIGINT NOT NULL CHECK (livemode IN (0, 1)),
    payment_id   TEXT NOT NULL,
    -- When the last reversal came while no top-up of the payment was known. NULL once one is: then the row is kept.
    unmatched_at BIGINT,
    PRIMARY KEY (livemode, payment_id)
);
CREATE INDEX credit_payments_unmatched ON credit_payments (unmatched_at);

-- What events say of a payment's refunds and disputes.
CREATE TABLE credit_reversals (
    livemode   BIGINT NOT NULL,
    payment_id TEXT NOT NULL,
    -- The refund's, the dispute's, or that of the charge whose refunds are summed up.
    id         TEXT NOT NULL,
    kind       TEXT NOT NULL CHECK (kind IN ('refunds_of_charge', 'refund', 'dispute')),
    cents      BIGINT NOT NULL CHECK (cents >= 0),
    -- When the sum was told, the refund failed, or the dispute was decided. NULL for a refund that has not failed.
    said_at    BIGINT,
    -- Whether a dispute is lost. NULL for the others.
    lost       BIGINT CHECK (lost IN (0, 1)),
    PRIMARY KEY (livemode, payment_id, id),
    FOREIGN KEY (livemode, payment_id) REFERENCES credit_payments (livemode, payment_id) ON DELETE CASCADE
);
