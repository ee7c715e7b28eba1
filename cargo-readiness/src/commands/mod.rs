//! One module per subcommand: what it does, from options to exit code.

pub(crate) mod ack;
pub(crate) mod adopt;
pub(crate) mod check;
pub(crate) mod diff;
pub(crate) mod expiring;
pub(crate) mod explain;
pub(crate) mod gate;
pub(crate) mod history;
pub(crate) mod import;
pub(crate) mod init;
pub(crate) mod list;
pub(crate) mod merge;
pub(crate) mod new;
pub(crate) mod nextest_config;
pub(crate) mod people;
pub(crate) mod prove;
pub(crate) mod report;
pub(crate) mod run;
pub(crate) mod shell;
pub(crate) mod sign;
pub(crate) mod verify;
