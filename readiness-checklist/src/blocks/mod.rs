//! The block structure of a document, as GitHub Flavored Markdown defines it.
//!
//! One pass over the lines gives an [`Outline`]: headings, paragraphs, tables and list items in
//! document order, each with the bytes it stands on, and the comments that may be markers. What a
//! block *means* (item, legend, claim) is decided elsewhere.
//!
//! Ignored regions end here: front matter, fences, indented code and comments produce no blocks.

mod comment;
mod cursor;
mod html;
mod leaves;
#[cfg(test)]
mod oracle;
mod outline;
mod parser;
mod scan;
#[cfg(test)]
mod tests;

pub(crate) use comment::{Comment, code_spans, line_comments};
pub(crate) use html::tag_length;
pub(crate) use outline::{Block, ListItem, Outline, TextLine, Unclosed};
pub(crate) use parser::parse;
pub(crate) use scan::{delimiter_row, ends_table};
