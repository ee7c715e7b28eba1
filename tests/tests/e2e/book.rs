//! The book hangs together: every page is in its table of contents, every link leads somewhere, and the page
//! about the attribute lists the options that the macro takes.

use std::fs;
use std::path::{Path, PathBuf};

fn book() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/src")
}

fn pages(folder: &Path) -> Vec<PathBuf> {
    let mut pages = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder of the book") {
        let path = entry.expect("an entry of it").path();
        if path.is_dir() {
            pages.extend(self::pages(&path));
        } else if path.extension().is_some_and(|extension| extension == "md") {
            pages.push(path);
        }
    }
    pages.sort();
    pages
}

/// Targets of `[text](target)` outside of code, without fragments.
fn links(page: &str) -> Vec<String> {
    let mut links = Vec::new();
    let mut fenced = false;
    for line in page.lines() {
        fenced ^= line.starts_with("```");
        let prose = line.split('`').step_by(2).filter(|_| !fenced);
        // A link's text may be code, so its target may stand at the begin of the next piece.
        for piece in prose {
            for after in piece.split("](").skip(1) {
                let target = after.split(')').next().unwrap_or_default();
                links.push(target.split('#').next().unwrap_or_default().to_owned());
            }
        }
    }
    links.retain(|link| !link.is_empty() && !link.contains("://") && !link.starts_with("mailto:"));
    links
}

#[test]
fn every_page_is_listed_and_every_link_leads_somewhere() {
    let root = book();
    let contents = fs::read_to_string(root.join("SUMMARY.md")).unwrap();
    let mut checked = 0;
    let mut wrong = Vec::new();
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    for page in pages(&root).into_iter().chain([readme]) {
        let text = fs::read_to_string(&page).unwrap();
        for link in links(&text) {
            checked += 1;
            if !page.with_file_name(&link).exists() {
                wrong.push(format!("{}: {link} is not there", page.display()));
            }
        }
        if let Ok(name) = page.strip_prefix(&root)
            && !name.ends_with("SUMMARY.md")
            && !contents.contains(&format!("({})", name.display()))
        {
            wrong.push(format!("{} is not in SUMMARY.md", name.display()));
        }
    }
    assert!(checked > 20, "{checked} links");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_page_about_the_attribute_lists_its_options() {
    let page = fs::read_to_string(book().join("reference/attribute.md")).unwrap();
    let listed: Vec<_> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .collect();
    // What the compiler says about an option that is like no other.
    let said = include_str!("../../ui/misuse/unknown-option.stderr");
    let (_, options) = said
        .split_once("; there are `")
        .expect("a list of the options");
    let said = options
        .split('\n')
        .next()
        .unwrap_or_default()
        .trim_end_matches('`');
    assert_eq!(listed, said.split("`, `").collect::<Vec<_>>());
}
