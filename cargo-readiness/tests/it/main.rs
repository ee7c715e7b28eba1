//! The real command on temporary folders with journals written by hand.

mod codes;
mod gate;
mod journals;
mod people;
mod place;
mod report;
