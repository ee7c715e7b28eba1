//! Reading back what will be written: the last guard before a changed document is handed over.
//!
//! What replaces the inside of a cell or of a box cannot change what the lines are. A new line can, if
//! the document holds a construction that nobody thought of: the same items have to be found again, or
//! nothing is written. No document is known that ends here, so tests and fuzzers treat it as a defect.

use super::{Edit, Rewrite};
use crate::checklist::Checklist;
use crate::diagnostic::{Code, Diagnostic};
use crate::item::Item;
use crate::source::Span;

/// The rewrite, or the document as it was where it would be read differently afterwards.
pub(super) fn verified(checklist: &Checklist, rewrite: Rewrite) -> Rewrite {
    let Some(line) = rewrite.edits.iter().find(|edit| adds_lines(edit)) else {
        return rewrite;
    };
    if reads_alike(checklist, &rewrite.bytes) {
        return rewrite;
    }
    debug_assert!(false, "read differently afterwards: {:?}", rewrite.edits);
    refused(checklist, &rewrite.diagnostics, line)
}

/// The document as it was.
fn refused(checklist: &Checklist, found: &[Diagnostic], line: &Edit) -> Rewrite {
    let at = Span::new(line.span.start, line.span.end);
    let message = "with a line more, this document would be read differently; nothing is written";
    let hint = "report it with the document; until then make the surroundings of this line simpler";
    let fault = Diagnostic::new(Code::WriteUnsafe, line.line, at, message.to_owned(), hint);
    Rewrite {
        bytes: checklist.bytes().to_vec(),
        edits: Vec::new(),
        diagnostics: [found, &[fault]].concat(),
    }
}

fn adds_lines(edit: &Edit) -> bool {
    edit.text.iter().any(|byte| matches!(byte, b'\n' | b'\r'))
}

/// Whether these bytes hold the same items in the same places, and could be written again.
fn reads_alike(checklist: &Checklist, bytes: &[u8]) -> bool {
    let place = |item: &Item| (item.parent(), item.depth());
    let alike = |(old, new): (&Item, &Item)| {
        old.id() == new.id() && place(old) == place(new) && old.section() == new.section()
    };
    Checklist::parse_with(bytes.to_vec(), &checklist.options).is_ok_and(|after| {
        let (old, new) = (checklist.items(), after.items());
        old.len() == new.len() && !after.has_file_error() && old.iter().zip(new).all(alike)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rewrite::EditKind;

    const DOCUMENT: &str = "## One\n\n- [ ] A-1 a\n  - [ ] A-2 b\n";

    fn document() -> Checklist {
        Checklist::parse(DOCUMENT.into()).unwrap()
    }

    /// A rewrite to this text, by one edit.
    fn to(after: &str) -> Rewrite {
        let edit = Edit {
            span: 0..DOCUMENT.len(),
            text: after.as_bytes().into(),
            what: EditKind::Region,
            line: 1,
        };
        Rewrite {
            bytes: after.into(),
            edits: vec![edit],
            diagnostics: Vec::new(),
        }
    }

    #[test]
    fn a_document_with_the_same_items_is_handed_over() {
        let after = "## One\n\nmore\n\n- [x] A-1 a\n  - new\n  - [ ] A-2 b\n";
        assert_eq!(verified(&document(), to(after)), to(after));
    }

    #[test]
    fn a_document_that_would_be_read_differently_is_a_defect_and_left_alone() {
        for after in [
            "## One\n\n- [ ] A-1 a\n",
            "## One\n\n- [ ] A-1 a\n  - [ ] A-3 b\n",
            "## One\n\n- [ ] A-1 a\n- [ ] A-2 b\n",
            "## Two\n\n- [ ] A-1 a\n  - [ ] A-2 b\n",
            "<!-- readiness:begin tally -->\n## One\n\n- [ ] A-1 a\n  - [ ] A-2 b\n",
        ] {
            assert!(!reads_alike(&document(), after.as_bytes()), "{after}");
            let refused = refused(&document(), &[], &to(after).edits[0]);
            assert_eq!(refused.bytes, DOCUMENT.as_bytes());
            assert!(refused.edits.is_empty() && refused.is_refused());
            assert_eq!(refused.diagnostics[0].code, Code::WriteUnsafe);
        }
    }
}
