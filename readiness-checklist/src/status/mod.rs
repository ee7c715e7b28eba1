//! Statuses as people write them: symbols (also mis-decoded ones), words, legends.

pub(crate) mod form;
mod legend;
mod reading;
pub(crate) mod symbol;
mod vocabulary;

pub(crate) use form::Form;
pub(crate) use legend::{Entry, Legend};
pub(crate) use reading::{Look, Reading, box_at, read};
pub(crate) use vocabulary::{is_skip_word, word_state};
