use super::super::testing::{closed, finished, started, text};
use super::*;
use crate::journal::lines::MAX_LINE;
use crate::journal::record::TrialOutcome;

fn problems(bytes: &[u8]) -> Vec<(usize, ProblemKind)> {
    let run = read(bytes, Path::new("some/p.jsonl")).unwrap();
    run.problems().map(|p| (p.line, p.kind)).collect()
}

fn whole() -> String {
    text(
        "p",
        &[],
        &[
            started("A-1::f", 1, 1),
            finished("A-1::f", 1, 1, TrialOutcome::Passed),
            closed(),
        ],
    )
}

#[test]
fn a_whole_journal_has_no_problems() {
    let run = read(whole().as_bytes(), Path::new("p.jsonl")).unwrap();
    assert_eq!(run.problems().count(), 0);
    let process = run.processes().next().unwrap();
    assert_eq!(process.attempts().len(), 1);
    assert!(process.closed().is_some());
}

#[test]
fn cut_anywhere_only_the_last_line_is_lost() {
    let text = whole();
    let lines: Vec<usize> = text.match_indices('\n').map(|(i, _)| i).collect();
    for end in 1..text.len() {
        let run = read(&text.as_bytes()[..end], Path::new("p.jsonl")).unwrap();
        // A record is whole as soon as its last brace is there, with or without the line's end.
        let complete = lines.iter().filter(|&&newline| newline <= end).count();
        let torn = end > lines[complete.saturating_sub(1)] + 1 || complete == 0;
        let expected_attempts = usize::from(complete >= 3);
        let attempts = run.processes().map(|p| p.attempts().len()).sum::<usize>();
        assert_eq!(attempts, expected_attempts, "cut at {end}");
        let has_torn = run.problems().any(|p| p.kind == ProblemKind::Torn);
        assert_eq!(has_torn, torn, "cut at {end}");
    }
}

#[test]
fn a_newer_format_is_refused_with_its_version() {
    let newer = whole().replacen("\"format\":1", "\"format\":7", 1);
    // A future header may lack every field that we know of.
    let unknown = "{\"record\":\"header\",\"format\":7,\"something\":[]}\n";
    for text in [newer.as_str(), unknown] {
        let error = read(text.as_bytes(), Path::new("some/p.jsonl")).unwrap_err();
        assert_eq!(error.code(), "journal-newer");
        let message = error.to_string();
        assert!(
            message.contains("format 7") && message.contains("p.jsonl"),
            "{message}"
        );
    }
}

#[test]
fn unknown_fields_are_ignored() {
    let text = whole().replace("\"attempt\":1", "\"attempt\":1,\"colour\":\"red\"");
    assert_eq!(problems(text.as_bytes()), []);
}

#[test]
fn damage_in_the_middle_is_reported_and_the_rest_counts() {
    let text = whole();
    let mut lines: Vec<&[u8]> = text.as_bytes().split_inclusive(|&b| b == b'\n').collect();
    lines.insert(2, b"\xff\xfe not utf-8\n");
    lines.insert(3, b"{\"record\":\"unheard-of\"}\n");
    lines.insert(4, b"\n");
    let bytes = lines.concat();
    assert_eq!(
        problems(&bytes),
        [(3, ProblemKind::Malformed), (4, ProblemKind::Malformed)]
    );
    let run = read(bytes.as_slice(), Path::new("p.jsonl")).unwrap();
    assert!(run.processes().next().unwrap().closed().is_some());
}

#[test]
fn an_endless_line_is_bounded() {
    let mut bytes = whole().into_bytes();
    let last = bytes.len();
    bytes.extend(std::iter::repeat_n(b'x', MAX_LINE * 2));
    bytes.push(b'\n');
    bytes.extend_from_slice(&whole().as_bytes()[..1]);
    let run = read(bytes.as_slice(), Path::new("p.jsonl")).unwrap();
    let kinds: Vec<_> = run.problems().map(|p| p.kind).collect();
    assert_eq!(kinds, [ProblemKind::TooLong, ProblemKind::Torn]);
    assert!(last > 0);
}

#[test]
fn without_a_header_nothing_counts() {
    assert_eq!(problems(b""), [(0, ProblemKind::NoHeader)]);
    let text = whole();
    let headless = text.split_once('\n').unwrap().1;
    let run = read(headless.as_bytes(), Path::new("p.jsonl")).unwrap();
    assert!(run.is_empty());
    assert_eq!(problems(headless.as_bytes()), [(0, ProblemKind::NoHeader)]);
}

#[test]
fn a_file_joined_to_itself_is_itself_and_to_another_is_cut() {
    let twice = whole() + &whole();
    assert_eq!(problems(twice.as_bytes()), []);
    let other = whole() + &whole().replace("\"process\":\"p\"", "\"process\":\"q\"");
    assert_eq!(
        problems(other.as_bytes()),
        [(6, ProblemKind::ForeignHeader)]
    );
}

#[test]
fn a_missing_folder_is_an_empty_run() {
    let dir = tempfile::tempdir().unwrap();
    assert!(read_folder(&dir.path().join("none")).unwrap().is_empty());
    std::fs::write(dir.path().join("p.jsonl"), whole()).unwrap();
    std::fs::write(dir.path().join("notes.txt"), "not ours").unwrap();
    std::fs::create_dir(dir.path().join("odd.jsonl")).unwrap();
    let run = read_folder(dir.path()).unwrap();
    assert_eq!(run.processes().count(), 1);
    assert_eq!(run.problems().count(), 0);
}
