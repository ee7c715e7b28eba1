//! End to end: real compilers, real runners, real documents.
//!
//! | module | shows |
//! |---|---|
//! | `forms` | every form of the attribute, and exactly what it registers |
//! | `ui` | every misuse of the attribute is a compile error at the right place |

mod forms;
mod ui;
