//! What `init` brings along: a checklist, its configuration, a first check, a CI workflow.

use readiness_checklist::Checklist;
use toml_edit::Value;

use super::check::skeleton;

/// A checklist for any service, for those who have none yet.
pub(crate) const CHECKLIST: &str = include_str!("templates/CHECKLIST.md");

/// The checks of [`CHECKLIST`]: one that looks at something every cargo workspace has.
pub(crate) const CHECKS: &str = include_str!("templates/checks.rs");

/// A workflow for GitHub Actions.
pub(crate) const WORKFLOW: &str = include_str!("templates/workflow.yml");

/// The configuration of the checklist of that file name. The gate is written out only where the
/// document does not state its own.
pub(crate) fn configuration(file_name: &str, checklist: &Checklist) -> String {
    let name = Value::from(file_name);
    let gate = if checklist.minimum_score().is_some() {
        ""
    } else {
        "\n[gate]\nminimum = 95  # percent of the items that apply\n"
    };
    format!("checklist = {name}\n{gate}")
}

/// The test target for a checklist that was there before: one skeleton, for its first item.
pub(crate) fn target(checklist: &Checklist, document: &str) -> String {
    let mut text = format!(
        "//! The checks behind {document}: `cargo readiness new ID` adds the skeleton of another one.\n\n\
         readiness::main!();\n"
    );
    if let Some(first) = checklist.items().first() {
        text.push('\n');
        text.push_str(&skeleton(first, document, ""));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_starter_is_a_checklist_without_a_finding() {
        let checklist = Checklist::parse(CHECKLIST.as_bytes().to_vec()).unwrap();
        assert!(checklist.items().len() >= 9);
        assert_eq!(checklist.diagnostics(), []);
        for id in CHECKS.split("requirement(\"").skip(1) {
            let id = id.split('"').next().unwrap();
            assert!(checklist.item(id).is_some(), "{id}");
        }
        assert_eq!(configuration("A.md", &checklist), "checklist = \"A.md\"\n");
    }
}
