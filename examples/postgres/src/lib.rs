//! The tables of a shop: what the checks of this example look at.

/// Run once on an empty database.
pub const SCHEMA: &str = "
CREATE TABLE customers (id BIGINT PRIMARY KEY, email TEXT NOT NULL UNIQUE);
CREATE TABLE orders (id BIGINT PRIMARY KEY, customer BIGINT NOT NULL REFERENCES customers, at TIMESTAMPTZ NOT NULL);
CREATE INDEX orders_by_time ON orders (at);
GRANT SELECT, INSERT ON customers, orders TO PUBLIC;
";
