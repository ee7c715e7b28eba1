//! The journal: what happened in a run, one append-only file per process.

pub mod record;
