//! What the columns of a table mean, decided by the whole header row.
//!
//! Headers match exactly, after normalisation. A column that the table needs as its requirement
//! but that has an unknown header is taken as such, because a checklist may call its subject
//! anything; a status column may not.

use crate::inline::{Plain, collapse, plain};
use crate::status::symbol::{Found, pictograph_at};

const STATUS: &[&str] = &[
    "status",
    "result",
    "state",
    "current status",
    "current state",
    "outcome",
    "verdict",
    "verified",
    "compliance",
    "compliant",
    "implemented",
    "implementation status",
    "done",
    "tested",
    "test status",
    "test result",
    "fixed",
    "pass/fail",
    "ready",
    "ready?",
    "checkbox",
    "statut",
    "estado",
    "статус",
    "状态",
];
const ID: &[&str] = &[
    "#",
    "id",
    "no",
    "no.",
    "code",
    "control",
    "key",
    "ref",
    "test id",
    "risk id",
    "issue id",
    "section",
    "requirement id",
    "req",
    "req id",
    "req-id",
    "req_id",
    "br-id",
    "tsc id",
    "cwe",
    "article",
];
/// Strongest first: of two candidates the one that stands earlier here is the requirement.
const REQUIREMENT: &[&str] = &[
    "requirement",
    "description",
    "item",
    "check",
    "criterion",
    "criteria",
    "control",
    "feature",
    "component",
    "task",
    "action",
    "issue",
    "aspect",
    "area",
    "metric",
    "scenario",
    "gate",
    "category",
    "title",
    "test",
];
const TEST: &[&str] = &[
    "tests",
    "test case",
    "test cases",
    "test case(s)",
    "test file",
    "verification",
    "verification method",
    "validation",
    "validation method",
    "command",
    "how to verify",
    "verified by",
    "coverage",
    "test",
];
const NOTES: &[&str] = &[
    "notes",
    "note",
    "comments",
    "comment",
    "remarks",
    "details",
    "finding",
    "findings",
    "finding(s)",
    "gap",
    "rationale",
];
const EVIDENCE: &[&str] = &[
    "evidence",
    "proof",
    "file",
    "location",
    "source",
    "document",
    "reference",
    "link",
    "module",
];
const OWNER: &[&str] = &["owner", "responsible", "assignee", "reviewer", "role"];
const PRIORITY: &[&str] = &["priority", "severity", "impact", "risk level", "required"];
const DUE: &[&str] = &[
    "due",
    "target",
    "target date",
    "date",
    "eta",
    "milestone",
    "phase",
];

/// The columns of a table by what they hold; all counted from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Roles {
    pub status: Option<usize>,
    /// Several columns could be the status; these are the first two.
    pub ambiguous: Option<(usize, usize)>,
    pub id: Option<usize>,
    pub requirement: Option<usize>,
    pub test: Option<usize>,
    pub notes: Option<usize>,
    pub evidence: Option<usize>,
    pub owner: Option<usize>,
    pub priority: Option<usize>,
    pub due: Option<usize>,
    /// No header names a requirement or an id: the requirement is what is left.
    pub guessed: bool,
}

/// Which columns the document itself names, by a `readiness:config` comment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Named {
    pub status: Option<String>,
    pub id: Option<String>,
    pub requirement: Option<String>,
}

/// Whether a header names a status.
pub(crate) fn is_status(header: &str) -> bool {
    STATUS.contains(&header)
}

/// Whether one of these headers names a requirement or an id.
pub(crate) fn has_subject(headers: &[String]) -> bool {
    let names =
        |header: &String| ID.contains(&header.as_str()) || REQUIREMENT.contains(&header.as_str());
    headers.iter().any(names)
}

/// A header in the form in which headers are compared.
pub(crate) fn normalize(header: &str) -> String {
    let text = plain(header, Plain::Slug);
    let mut clean = String::with_capacity(text.len());
    let mut rest = &*text;
    while let Some(c) = rest.chars().next() {
        let symbol = if c.is_ascii() {
            None
        } else {
            pictograph_at(rest)
        };
        let length = symbol.map_or(c.len_utf8(), Found::length);
        if symbol.is_none() {
            clean.extend(c.to_lowercase());
        }
        rest = &rest[length..];
    }
    collapse(&clean).into_owned()
}

/// Decides what each column holds. `ordinal` says whether a column's cells are 1, 2, 3 and so on.
pub(crate) fn decide(headers: &[String], named: &Named, ordinal: impl Fn(usize) -> bool) -> Roles {
    let mut roles = Roles::default();
    let find = |name: &Option<String>| {
        let name = normalize(name.as_deref()?);
        headers.iter().position(|header| *header == name)
    };
    decide_status(headers, find(&named.status), &mut roles);
    let taken = |column: usize, roles: &Roles| {
        roles.status == Some(column)
            || roles
                .ambiguous
                .is_some_and(|(a, b)| a == column || b == column)
    };
    roles.id = find(&named.id).or_else(|| decide_id(headers, &roles, &taken, ordinal));
    roles.requirement = find(&named.requirement).or_else(|| {
        REQUIREMENT.iter().find_map(|name| {
            headers
                .iter()
                .enumerate()
                .find(|(column, header)| {
                    header == name && roles.id != Some(*column) && !taken(*column, &roles)
                })
                .map(|(column, _)| column)
        })
    });
    let free = |names: &[&str], roles: &Roles, used: &[Option<usize>]| {
        headers.iter().enumerate().position(|(column, header)| {
            names.contains(&header.as_str())
                && !taken(column, roles)
                && roles.id != Some(column)
                && roles.requirement != Some(column)
                && !used.contains(&Some(column))
        })
    };
    roles.test = free(TEST, &roles, &[]);
    roles.notes = free(NOTES, &roles, &[roles.test]);
    roles.evidence = free(EVIDENCE, &roles, &[]);
    roles.owner = free(OWNER, &roles, &[]);
    roles.priority = free(PRIORITY, &roles, &[]);
    roles.due = free(DUE, &roles, &[]);
    fallback(headers, &mut roles);
    roles
}

fn decide_status(headers: &[String], named: Option<usize>, roles: &mut Roles) {
    if named.is_some() {
        roles.status = named;
        return;
    }
    let mut candidates =
        (0..headers.len()).filter(|&column| STATUS.contains(&headers[column].as_str()));
    let (first, second) = (candidates.next(), candidates.next());
    let Some((first, second)) = first.zip(second) else {
        roles.status = first;
        return;
    };
    let mut exact = (0..headers.len()).filter(|&column| headers[column] == "status");
    match (exact.next(), exact.next()) {
        (Some(column), None) => roles.status = Some(column),
        _ => roles.ambiguous = Some((first, second)),
    }
}

fn decide_id(
    headers: &[String],
    roles: &Roles,
    taken: &impl Fn(usize, &Roles) -> bool,
    ordinal: impl Fn(usize) -> bool,
) -> Option<usize> {
    let candidates: Vec<usize> = (0..headers.len())
        .filter(|&column| ID.contains(&headers[column].as_str()) && !taken(column, roles))
        .filter(|&column| headers[column] != "#" || !ordinal(column))
        .collect();
    // `control` beside another id column is the requirement.
    let sure = candidates
        .iter()
        .copied()
        .find(|&column| headers[column] != "control");
    sure.or_else(|| {
        // Alone it is the id only if something else can be the requirement.
        let control = candidates.first().copied()?;
        let other = headers
            .iter()
            .any(|h| h != "control" && REQUIREMENT.contains(&h.as_str()));
        other.then_some(control)
    })
}

/// A table with a status and neither id nor requirement: its subject has a header of its own.
fn fallback(headers: &[String], roles: &mut Roles) {
    let has_status = roles.status.is_some() || roles.ambiguous.is_some();
    if !has_status || roles.requirement.is_some() || roles.id.is_some() {
        return;
    }
    let used = |column: usize| {
        [
            roles.status,
            roles.test,
            roles.notes,
            roles.evidence,
            roles.owner,
            roles.priority,
            roles.due,
        ]
        .contains(&Some(column))
            || roles
                .ambiguous
                .is_some_and(|(a, b)| a == column || b == column)
    };
    roles.guessed = true;
    roles.requirement = (0..headers.len())
        .find(|&column| !used(column))
        .or_else(|| {
            (0..headers.len()).find(|&c| {
                roles.status != Some(c) && !roles.ambiguous.is_some_and(|(a, b)| a == c || b == c)
            })
        });
    // What is the requirement is not written.
    roles.notes = roles.notes.filter(|_| roles.notes != roles.requirement);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roles(header: &str) -> Roles {
        let headers: Vec<String> = header.split('|').map(normalize).collect();
        decide(&headers, &Named::default(), |_| true)
    }

    #[test]
    fn the_columns_of_common_headers() {
        let seed = roles("ID | Requirement | Test | Status | Notes");
        assert_eq!(
            (seed.id, seed.requirement, seed.test),
            (Some(0), Some(1), Some(2))
        );
        assert_eq!((seed.status, seed.notes), (Some(3), Some(4)));
        let first = roles("Done | Check | Evidence");
        assert_eq!(
            (first.status, first.requirement, first.evidence),
            (Some(0), Some(1), Some(2))
        );
        assert_eq!(roles("**Test** | ✅ Result").requirement, Some(0));
        assert_eq!(roles("Test | Requirement | Result").test, Some(0));
    }

    #[test]
    fn an_ordinal_column_is_no_id() {
        let ordinal = roles("# | Item | Status");
        assert_eq!((ordinal.id, ordinal.requirement), (None, Some(1)));
        let headers: Vec<String> = ["#", "Item", "Status"]
            .iter()
            .map(|h| normalize(h))
            .collect();
        assert_eq!(decide(&headers, &Named::default(), |_| false).id, Some(0));
    }

    #[test]
    fn control_is_an_id_or_a_requirement() {
        assert_eq!(roles("ID | Control | Status").requirement, Some(1));
        assert_eq!(roles("Control | Description | Status").id, Some(0));
        let alone = roles("Control | Status");
        assert_eq!((alone.id, alone.requirement), (None, Some(0)));
    }

    #[test]
    fn two_status_columns_are_ambiguous_unless_one_is_called_status() {
        let two = roles("Area | Implemented | Validated | Verified");
        assert_eq!((two.status, two.ambiguous), (None, Some((1, 3))));
        let one = roles("Done | Item | Status");
        assert_eq!((one.status, one.ambiguous), (Some(2), None));
        let headers: Vec<String> = ["area", "implemented", "verified"]
            .iter()
            .map(|h| normalize(h))
            .collect();
        let named = Named {
            status: Some("Verified".into()),
            ..Named::default()
        };
        assert_eq!(decide(&headers, &named, |_| true).status, Some(2));
    }

    #[test]
    fn an_unknown_subject_is_the_requirement() {
        assert_eq!(roles("Capability | Required | Status").requirement, Some(0));
        assert_eq!(roles("Phase | Tasks | Status").requirement, Some(1));
        assert_eq!(roles("Role | Status").requirement, Some(0));
    }
}
