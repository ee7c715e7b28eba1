//! The report formats: they agree with each other, hold to their schemas, and give no text of a
//! target or a document a way out of its place.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::place::Place;

mod agree;
mod browser;
mod command;
mod schema;
mod schemas;
mod trend;

/// Text that wants to be something else in every format there is.
const HOSTILE: &str = "=1+1 <img src=x onerror=document.title='owned'>\"'&]]>%0A::error::owned|`x`\u{1b}[31m\u{202e}\r\nsecond line </script><script>document.title='owned'</script>";

/// A secret of the reporting machine that a journal of another machine holds in the clear.
const CANARY: &str = "canary-Zq8vW3nT5xK1";

const DOCUMENT: &str = "\
# Shop <b>& Söhne</b>

Minimum Required Score: 60%

## Säle, \"halls\" <i>

| ID | Requirement | Test | Status | Notes |
|----|-------------|------|--------|-------|
| F-1 | It <script>document.title='owned'</script> starts | `a::b` | ⏸️ | |
| F-2 | =cmd() It stops | | ⏸️ | by hand |
| F-3 | It is fast | | ⏸️ | |
| F-4 | It is documented | | ✅ | |

## Rest

- [ ] F-5 It is backed up
- [ ] F-6 It is waived
- [ ] F-7 It is attested
- [ ] F-8 It does not apply
- [ ] F-9 It is excused

## Sign-off

- [ ] Release <b>owner</b>
- [x] Security lead
";

const CONFIG: &str = "\
[[waiver]]
id = \"F-6\"
owner = \"ops@example.com\"
reason = \"until the new limiter ships\"
on = TODAY
expires = \"90d\"

[[not-applicable]]
id = \"F-8\"
reason = \"not offered here\"
";

/// The items that the fixture's document has, and what each comes to: status, outcome, reason.
fn expected() -> Vec<(&'static str, &'static str, &'static str, Option<String>)> {
    vec![
        ("F-1", "PASS", "passed", None),
        ("F-2", "FAIL", "failed", Some(HOSTILE.to_owned())),
        (
            "F-3",
            "WARN",
            "vacuous",
            Some("still passes when the reply is 500".to_owned()),
        ),
        ("F-4", "SKIP", "not-verified", Some("no check".to_owned())),
        (
            "F-5",
            "SKIP",
            "not-verified",
            Some("BACKUP_URL is not set".to_owned()),
        ),
        ("F-6", "WARN", "waived", None),
        ("F-7", "SKIP", "not-verified", Some("no check".to_owned())),
        (
            "F-8",
            "SKIP",
            "not-applicable",
            Some("not offered here".to_owned()),
        ),
        ("F-9", "PASS", "passed", None),
    ]
}

/// A folder with a document, a configuration, and a journal that holds everything a journal can.
fn place() -> Place {
    let place = Place::new().with_env("SHOP_API_TOKEN", CANARY);
    place.write("CHECKLIST.md", DOCUMENT);
    let today = jiff::Timestamp::now().to_string();
    place.write("readiness.toml", CONFIG.replace("TODAY", &today[..10]));
    let trials = [
        ("F-1", "passed", None, Some("proven")),
        ("F-2", "failed", Some(HOSTILE), None),
        ("F-3", "passed", None, Some("vacuous")),
        ("F-5", "unavailable", Some("BACKUP_URL is not set"), None),
        ("F-6", "failed", Some("the limit is missing"), None),
        ("F-9", "passed", None, Some("excused")),
    ];
    let registered: Vec<_> = trials
        .iter()
        .map(|(id, ..)| json!({"trial": trial(id), "id": id, "selected": true, "digest": "d", "source": "src/lib.rs:7"}))
        .collect();
    let mut lines = vec![line(&json!({"record": "registered", "trials": registered}))];
    for (id, outcome, reason, strength) in trials {
        lines.push(line(&json!({"record": "started", "trial": trial(id), "attempt": 1, "at": "2026-11-20T10:00:01.000000Z"})));
        lines.push(line(&finished(id, outcome, reason, strength)));
    }
    lines.push(line(
        &json!({"record": "closed", "at": "2026-11-20T10:00:09.000000Z"}),
    ));
    place.journal(&lines);
    place
}

fn trial(id: &str) -> String {
    format!("{id}::halls::<b>it</b>")
}

fn line(record: &Value) -> String {
    format!("{record}\n")
}

fn finished(id: &str, outcome: &str, reason: Option<&str>, strength: Option<&str>) -> Value {
    let reasons: BTreeMap<_, _> = [
        ("vacuous", "still passes when the reply is 500"),
        ("excused", "a person looks"),
    ]
    .into();
    let proof = strength.map(|strength| {
        json!({
            "strength": strength,
            "reason": reasons.get(strength),
            "fine": {"killed": 1, "survived": 1, "diverged": 0},
            "mutants": [
                {"observation": "http GET / #1", "operator": "no-header", "facet": "header x", "words": HOSTILE,
                 "strength": "fine", "fate": "killed", "reason": HOSTILE},
                {"observation": "http GET / #1", "operator": "server-error", "facet": "everything",
                 "words": "the server answers with 500", "strength": "gross", "fate": "survived",
                 "change": {"at": "/status", "was": "200", "now": "500"}},
            ],
        })
    });
    json!({
        "record": "finished", "trial": trial(id), "id": id, "attempt": 1, "outcome": outcome,
        "reason": reason, "at": "2026-11-20T10:00:02.000000Z", "micros": 12_345, "digest": "d", "proof": proof,
        "parts": [{"name": "a part", "held": false, "detail": HOSTILE}],
        "evidence": [
            {"observation": "http GET /?q=<b> #1",
             "value": {"status": 200, "headers": [["x-token", CANARY], ["x-y", HOSTILE]],
                       "body": format!("{HOSTILE} {CANARY}"), "elapsed_us": 812, "url": "http://127.0.0.1/"},
             "read": ["header x-y"]},
            {"observation": "setting limits", "value": {"minute": 5, "note": HOSTILE}, "truncated": true},
        ],
    })
}

/// All formats of the fixture, by file name.
fn all() -> BTreeMap<String, String> {
    let place = place();
    written(&place)
}

const FORMATS: &str = "html,json,junit,sarif,github,badge,badge-json,csv";

fn written(place: &Place) -> BTreeMap<String, String> {
    place
        .readiness(&["report", "--format", FORMATS, "--output", "out"])
        .exits(0);
    let files = std::fs::read_dir(place.path("out")).unwrap();
    files
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read_to_string(&path).unwrap())
        })
        .collect()
}
