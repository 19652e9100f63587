-- One row, which each health check writes: a disk that is full, or a database that may only be read, still answers a SELECT.
CREATE TABLE health_checks (
    id         BIGINT PRIMARY KEY CHECK (id = 1),
    checked_at BIGINT NOT NULL
);
