-- The portal's sessions. The cookie's token is not here: only its hash is.
CREATE TABLE sessions (
    token_hash TEXT PRIMARY KEY,
    expires_at BIGINT NOT NULL,
    -- What the next page is to say, as JSON.
    flash      TEXT
);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);
