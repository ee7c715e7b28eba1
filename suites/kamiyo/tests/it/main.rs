//! Tests of the suite itself: its document, and each of its checks under its own faults.

mod absent;
mod budget;
mod document;
mod matrix;
mod suite;
