//! Roles: the part of a sign-off box that says who signs, and the name of the role's files.

use crate::digest::{hex, sha256};

/// Longest name of a role's files, in bytes, without what tells doubtful names apart.
const MOST_STEM: usize = 60;

/// The role of a sign-off box: its text up to a dash, a colon or a line to write on.
///
/// `Engineering Lead - All technical requirements met` and `Engineering Lead: ______` are both of
/// the role `Engineering Lead`.
pub fn of_box(text: &str) -> &str {
    let ends = [" - ", " – ", " — ", ":", "__", " ("];
    let end = ends.iter().filter_map(|end| text.find(end)).min();
    let role = end.map_or(text, |end| &text[..end]).trim();
    if role.is_empty() { text.trim() } else { role }
}

/// The name of the files of a role, without extension: letters and digits in lower case, joined by
/// hyphens. A role that has other characters, or is long, gets a part of its hash behind it, so that
/// only roles that differ in case alone share a name; a document with two of those cannot be signed.
pub fn file_stem(role: &str) -> String {
    let mut stem = String::new();
    for c in role.chars() {
        if c.is_ascii_alphanumeric() {
            stem.push(c.to_ascii_lowercase());
        } else if !stem.is_empty() && !stem.ends_with('-') {
            stem.push('-');
        }
    }
    stem.truncate(MOST_STEM);
    let stem = stem.trim_end_matches('-');
    let plain = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric());
    if role.len() <= MOST_STEM && role.split(' ').all(plain) {
        return stem.to_owned();
    }
    let hash = hex(&sha256(role.as_bytes())[..4]);
    format!("{stem}-{hash}").trim_start_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_role_ends_where_the_form_begins() {
        for (text, role) in [
            (
                "Engineering Lead - All technical requirements met",
                "Engineering Lead",
            ),
            ("Engineering Lead — done", "Engineering Lead"),
            ("Security Team: Security review approved", "Security Team"),
            ("Developer: _________________ Date: _______", "Developer"),
            ("QA __________", "QA"),
            (
                "Security review approval (if required)",
                "Security review approval",
            ),
            ("Technical lead approval", "Technical lead approval"),
            ("Co-Founder", "Co-Founder"),
            (": odd", ": odd"),
        ] {
            assert_eq!(of_box(text), role, "{text}");
        }
    }

    #[test]
    fn names_of_files_are_plain_and_roles_that_differ_in_more_than_case_share_none() {
        assert_eq!(file_stem("Engineering Lead"), "engineering-lead");
        assert_eq!(file_stem("DevOps"), "devops");
        let roles = [
            "Engineering Lead",
            "Engineering-Lead",
            "Engineering  Lead",
            "QA",
            "../../etc/passwd",
            "Überprüfung",
            "检查",
            "审查",
            &"Very ".repeat(30),
            &format!("{}X", "Very ".repeat(30)),
        ];
        let stems: std::collections::BTreeSet<_> = roles.iter().map(|r| file_stem(r)).collect();
        assert_eq!(stems.len(), roles.len(), "{stems:?}");
        for stem in stems {
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            assert!(
                stem.chars().all(plain) && !stem.is_empty() && stem.len() < 80,
                "{stem}"
            );
        }
    }
}
