//! End to end: real compilers, real runners, real documents.
//!
//! | module | shows |
//! |---|---|
//! | `aborting` | test targets without unwinding |
//! | `attempts` | limits, retries, ignored checks |
//! | `bad_input` | unusable documents, journals and folders: a named error, nothing lost |
//! | `book` | its pages, its links, and the options that it lists |
//! | `crashes` | processes that die, with one trial in flight and with several |
//! | `five` | a project of a user's own under every runner |
//! | `forms` | every form of the attribute, and exactly what it registers |
//! | `groups` | exclusion and shared looks, across threads and across processes |
//! | `guards` | what a trial, a row and a merged record cost, in instructions |
//! | `isolated` | what `--isolate` adds to `cargo test` |
//! | `outcomes` | every outcome, from a check or a statement to its cell |
//! | `public_api` | the reviewed public API of the libraries |
//! | `resources` | what is acquired is given back |
//! | `refusals` | what keeps a build or a run from starting |
//! | `runs` | partial runs, a run inside of a run, 10,000 trials |
//! | `shards` | parts of a run, in any order: our own, nextest's, Bazel's |
//! | `tutorial` | the tutorial of the book, command by command |
//! | `services` | what a run starts once for all of its processes |
//! | `ui` | every misuse of the attribute is a compile error at the right place |

#![expect(clippy::print_stderr, reason = "a test says what it skips")]

mod aborting;
mod attempts;
mod bad_input;
mod book;
mod crashes;
mod five;
mod forms;
mod groups;
mod guards;
mod isolated;
mod outcomes;
mod public_api;
mod refusals;
mod resources;
mod runs;
mod services;
mod shards;
mod tutorial;
mod ui;
