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
