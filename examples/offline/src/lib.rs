//! A nightly export job: what it would run with. The job itself is not the point of the example.

/// Statements that bring the export's tables to their present form, in order, by file name.
pub const MIGRATIONS: &[(&str, &str)] = &[
    (
        "0001_orders.sql",
        "CREATE TABLE orders (id BIGINT PRIMARY KEY, at TIMESTAMPTZ NOT NULL);",
    ),
    (
        "0002_customers.sql",
        "CREATE TABLE customers (id BIGINT PRIMARY KEY);",
    ),
    (
        "0003_order_customer.sql",
        "ALTER TABLE orders ADD COLUMN customer BIGINT;",
    ),
];
