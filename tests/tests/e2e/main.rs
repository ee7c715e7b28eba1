//! End to end: real compilers, real runners, real documents.
//!
//! | module | shows |
//! |---|---|
//! | `ui` | every misuse of the attribute is a compile error at the right place |

mod ui;
