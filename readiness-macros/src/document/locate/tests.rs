//! Each place, in its order, and the message when there is none.

use super::*;

struct Tree(tempfile::TempDir);

impl Tree {
    /// A workspace root with a member at `a/b`.
    fn new() -> Self {
        let tree = Self(tempfile::tempdir().expect("folder"));
        tree.write("Cargo.toml", "[workspace]\nmembers = [\"a/b\"]\n");
        tree.write("a/b/Cargo.toml", "[package]\nname = \"b\"\n");
        tree
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("parent")).expect("folder");
        fs::write(path, text).expect("file");
    }

    fn find(&self) -> Result<PathBuf, String> {
        find(&self.path("a/b"), None, None).map(|located| located.document)
    }
}

#[test]
fn usual_names_up_to_the_workspace_root() {
    let tree = Tree::new();
    let message = tree.find().expect_err("nothing there");
    for place in ["a/b", "a"] {
        let place = tree.path(place).display().to_string();
        assert!(message.contains(&place), "{place} in {message}");
    }
    let above = tree
        .0
        .path()
        .parent()
        .expect("a parent")
        .display()
        .to_string();
    assert!(!message.contains(&format!("{above} ")), "{message}");
    tree.write("readiness.MD", "");
    assert_eq!(tree.find(), Ok(tree.path("readiness.MD")));
    tree.write("CHECKLIST.md", "");
    assert_eq!(tree.find(), Ok(tree.path("CHECKLIST.md")));
    tree.write("a/b/PRODUCTION_READINESS_CHECKLIST.md", "");
    assert_eq!(
        tree.find(),
        Ok(tree.path("a/b/PRODUCTION_READINESS_CHECKLIST.md"))
    );
}

#[test]
fn the_configuration_wins_over_usual_names() {
    let tree = Tree::new();
    tree.write("a/b/CHECKLIST.md", "");
    tree.write(
        "readiness.toml",
        "checklist = \"docs/list.md\"\n[ids]\n\"a/b\" = \"X-1\"\n",
    );
    let message = tree.find().expect_err("the configured file is missing");
    assert!(message.contains("readiness.toml names"), "{message}");
    assert!(message.contains("list.md"), "{message}");

    tree.write("docs/list.md", "");
    let located = find(&tree.path("a/b"), None, None).expect("found");
    assert_eq!(located.document, tree.path("docs/list.md"));
    assert_eq!(located.ids().get("a/b").map(String::as_str), Some("X-1"));
}

#[test]
fn a_configuration_without_a_checklist_has_one_beside_it() {
    let tree = Tree::new();
    tree.write("a/readiness.toml", "[gate]\nminimum = 95\n");
    tree.write("CHECKLIST.md", "");
    let message = tree.find().expect_err("none beside it");
    assert!(message.contains("names no checklist"), "{message}");
    tree.write("a/checklist.md", "");
    assert_eq!(tree.find(), Ok(tree.path("a/checklist.md")));
}

#[test]
fn the_environment_wins_over_everything() {
    let tree = Tree::new();
    tree.write("readiness.toml", "checklist = \"one.md\"\n");
    tree.write("one.md", "");
    tree.write("other/two.md", "");
    tree.write("other/readiness.toml", "checklist = \"two.md\"\n");
    let start = tree.path("a/b");
    let config = Some(tree.path("other/readiness.toml"));
    let found = find(&start, config.clone(), None).expect("found");
    assert_eq!(found.document, tree.path("other/two.md"));
    let found = find(&start, config, Some(tree.path("one.md"))).expect("found");
    assert_eq!(found.document, tree.path("one.md"));
    let message = find(&start, None, Some(tree.path("none.md"))).expect_err("missing");
    assert!(
        message.starts_with("READINESS_CHECKLIST names"),
        "{message}"
    );
    let message = find(&start, Some(tree.path("none.toml")), None).expect_err("missing");
    assert!(
        message.starts_with("READINESS_CONFIG: cannot read"),
        "{message}"
    );
}

#[test]
fn never_above_a_repository_or_a_crate_of_its_own() {
    let tree = Tree::new();
    tree.write("CHECKLIST.md", "");
    tree.write("a/.git/HEAD", "");
    assert!(
        tree.find().is_err(),
        "the search ends at the repository's root"
    );

    let alone = tempfile::tempdir().expect("folder");
    fs::create_dir_all(alone.path().join("crate")).expect("folder");
    fs::write(alone.path().join("CHECKLIST.md"), "").expect("file");
    assert!(find(&alone.path().join("crate"), None, None).is_err());
}

#[test]
fn a_broken_configuration_is_named_with_its_line() {
    let tree = Tree::new();
    tree.write("readiness.toml", "checklist = \"x.md\"\n\n[gate\n");
    let message = tree.find().expect_err("broken");
    assert!(message.contains("readiness.toml:3: "), "{message}");
}
