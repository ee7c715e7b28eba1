use super::*;

fn entry(at: &str, run: &str) -> Entry {
    Entry {
        format: FORMAT,
        at: at.to_owned(),
        run: run.to_owned(),
        commit: None,
        target: Some("staging".to_owned()),
        version: None,
        partial: false,
        score: (1, 2),
        digest: "sha256:ab".to_owned(),
        items: BTreeMap::from([("passed".to_owned(), vec!["A-1".to_owned()])]),
    }
}

fn line(entry: &Entry) -> String {
    format!("{}\n", serde_json::to_string(entry).unwrap())
}

fn file(bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE_NAME);
    std::fs::write(&path, bytes).unwrap();
    (folder, path)
}

#[test]
fn reading_sorts_by_moment_and_drops_doubles() {
    let (late, early) = (
        entry("2026-11-22T10:00:00Z", "r-2"),
        entry("2026-11-22T10:30:00+01:00", "r-1"),
    );
    let (_folder, path) = file([line(&late), line(&early), line(&late)].concat().as_bytes());
    let history = read(&path).unwrap();
    assert_eq!(history.entries, [early, late]);
    assert_eq!(history.problems, [""; 0]);
}

#[test]
fn hostile_lines_are_named_and_bounded() {
    let good = entry("2026-11-22T10:00:00Z", "r-1");
    let with = |old: &str, new: &str| line(&good).replace(old, new);
    let mut bytes = line(&good).into_bytes();
    for text in [
        with("\"format\":1", "\"format\":2"),
        with("2026-11-22T10:00:00Z", "yesterday"),
        with("[1,2]", "[3,2]"),
        with("[1,2]", "[-1,2]"),
        with("passed", "excellent"),
        "<<<<<<< HEAD\n".to_owned(),
        "[".repeat(100_000) + "\n",
    ] {
        bytes.extend(text.into_bytes());
    }
    bytes.extend(b"\xff\xfe\n");
    bytes.extend(vec![b'x'; 3 * MAX_LINE]);
    let (_folder, path) = file(&bytes);
    let history = read(&path).unwrap();
    assert_eq!(history.entries.len(), 1);
    assert_eq!(history.problems.len(), MOST_PROBLEMS + 1);
    assert!(history.problems[0].starts_with("line 2 is ignored: it has format 2"));
    assert_eq!(history.problems[MOST_PROBLEMS], "4 more lines are ignored");
}

#[test]
fn of_a_long_file_the_newest_lines_are_read() {
    let (old, new) = (
        entry("2026-11-22T10:00:00Z", "r-1"),
        entry("2026-11-23T10:00:00+01:00", "r-2"),
    );
    let (_folder, path) = file([line(&old), line(&new)].concat().as_bytes());
    let room = line(&new).len() as u64 + 5;
    let history = read_last(&path, room).unwrap();
    assert_eq!(history.entries, [new]);
    assert!(history.problems[0].starts_with("only its last "));
    assert_eq!(history.entries[0].day(), "2026-11-23");
    assert_eq!(
        history.entries[0].items().collect::<Vec<_>>(),
        [("A-1", Outcome::Passed)]
    );
}

#[test]
fn a_run_is_added_once_and_behind_a_torn_line() {
    let (_folder, path) = file(b"{\"format\":1,\"at\":");
    let first = entry("2026-11-22T10:00:00Z", "r-1");
    append(&path, &first).unwrap();
    let again = entry("2026-11-23T10:00:00Z", "r-1");
    append(&path, &again).unwrap();
    let changed = Entry {
        digest: "sha256:cd".to_owned(),
        ..again
    };
    append(&path, &changed).unwrap();
    let history = read(&path).unwrap();
    assert_eq!(history.entries, [first, changed]);
    assert_eq!(history.problems.len(), 1);
}
