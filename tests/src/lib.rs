//! What the end-to-end tests are made of: generated cargo projects, the commands that run them, and
//! what has to be taken out of their output before two runs can be compared.

pub mod document;
pub mod normal;
pub mod project;
pub mod ran;
pub mod runner;
pub mod step;
pub mod toolchain;

pub use project::Project;
pub use ran::Ran;
pub use runner::Runner;
pub use step::Step;
