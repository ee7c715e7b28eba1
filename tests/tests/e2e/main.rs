//! End to end: real compilers, real runners, real documents.
//!
//! | module | shows |
//! |---|---|
//! | `bad_input` | unusable documents, journals and folders: a named error, nothing lost |
//! | `five` | a project of a user's own under every runner |
//! | `forms` | every form of the attribute, and exactly what it registers |
//! | `outcomes` | every outcome, from a check or a statement to its cell |
//! | `ui` | every misuse of the attribute is a compile error at the right place |

mod bad_input;
mod five;
mod forms;
mod outcomes;
mod ui;
