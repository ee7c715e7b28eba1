//! What an error must not tell strangers: traces, source paths, exception classes, queries, hosts.
//!
//! An absence check needs a positive control: [`proven_patterns`] runs every detector over a sample
//! that it has to find, so that a detector that finds nothing at all is found itself.

use readiness::Verdict;

use crate::headers::quoted;
use crate::http::HttpReply;

/// A detector with samples that it has to find.
struct Pattern {
    what: &'static str,
    finds: fn(&str) -> bool,
    samples: &'static [&'static str],
}

const PATTERNS: &[Pattern] = &[
    Pattern {
        what: "a stack frame",
        finds: stack_frame,
        samples: &[
            "  File \"/app/api/main.py\", line 88, in list_exploits",
            "    at com.example.Api.list(Api.java:42)",
            "    at list (/srv/app/server.js:10:5)",
            "goroutine 12 [running]:",
            "   3: api::list\n             at src/api.rs:20:9",
            "at decode (src/web/trigger.rs:52)",
        ],
    },
    Pattern {
        what: "the path of a source file",
        finds: source_path,
        samples: &[
            "in /app/api/main.py:88",
            "(src/web/errors.rs:12)",
            "C:\\app\\Program.cs:7",
        ],
    },
    Pattern {
        what: "an exception class",
        finds: exception_class,
        samples: &[
            "Traceback (most recent call last)",
            "sqlalchemy.exc.OperationalError",
            "java.lang.NullPointerException",
            "thread 'main' panicked at",
        ],
    },
    Pattern {
        what: "a database query",
        finds: query,
        samples: &[
            "SELECT tx_hash FROM exploits WHERE chain = $1",
            "insert into users (name) values ('a')",
            "syntax error at or near \"FROM\"",
        ],
    },
    Pattern {
        what: "the address of a store",
        finds: store_address,
        samples: &[
            "postgresql://app@db.internal:5432/app",
            "redis://cache:6379/0",
            "FATAL: password authentication failed for user \"app\"",
        ],
    },
];

/// The body of an error tells nothing about the inside.
pub fn leaks_nothing(reply: &HttpReply) -> Verdict {
    let text = reply.text();
    // JSON hides line breaks and quotes behind escapes.
    let plain = text
        .replace("\\n", "\n")
        .replace("\\\"", "\"")
        .replace("\\\\", "\\");
    match PATTERNS.iter().find(|pattern| (pattern.finds)(&plain)) {
        Some(pattern) => Verdict::Fail(format!("it shows {}: `{}`", pattern.what, quoted(text))),
        None => Verdict::Pass,
    }
}

/// Every detector finds its own samples: what makes "found nothing" mean something.
pub fn proven_patterns() -> Verdict {
    for pattern in PATTERNS {
        if let Some(sample) = pattern
            .samples
            .iter()
            .find(|sample| !(pattern.finds)(sample))
        {
            return Verdict::Fail(format!(
                "the detector for {} misses `{sample}`",
                pattern.what
            ));
        }
    }
    Verdict::Pass
}

const SOURCES: [&str; 12] = [
    ".py", ".rs", ".java", ".kt", ".js", ".ts", ".go", ".rb", ".php", ".cs", ".cpp", ".scala",
];

fn stack_frame(text: &str) -> bool {
    let framed = |line: &str| {
        let line = line.trim_start();
        let at = line.strip_prefix("at ").is_some_and(source_path);
        let file = line.starts_with("File \"") && line.contains("\", line ");
        at || file || line.starts_with("goroutine ")
    };
    text.lines().any(framed)
}

/// A name with the ending of a source file, then a line number, or a rooted path to one.
fn source_path(text: &str) -> bool {
    SOURCES.iter().any(|ending| {
        text.match_indices(ending).any(|(at, _)| {
            let after = &text[at + ending.len()..];
            let before = text[..at].chars().next_back();
            let named = before.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
            let mut rest = after.chars();
            let numbered =
                rest.next() == Some(':') && rest.next().is_some_and(|c| c.is_ascii_digit());
            let line = after.starts_with("\", line ");
            named && (numbered || line)
        })
    })
}

fn exception_class(text: &str) -> bool {
    let word = |word: &str| {
        let dotted = word.matches('.').count() >= 1;
        let class = word.trim_end_matches([':', ',', '"', ')', '.']);
        dotted && (class.ends_with("Exception") || class.ends_with("Error"))
    };
    text.contains("Traceback (most recent call last)")
        || text.contains("panicked at")
        || text.split_whitespace().any(word)
}

fn query(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let both = |first: &str, second: &str| {
        lower
            .find(first)
            .is_some_and(|at| lower[at..].contains(second))
    };
    both("select ", " from ")
        || both("insert into ", " values")
        || both("update ", " set ")
        || both("delete from ", " where ")
        || lower.contains("syntax error at or near")
}

fn store_address(text: &str) -> bool {
    const SCHEMES: [&str; 7] = [
        "postgres://",
        "postgresql://",
        "redis://",
        "rediss://",
        "mysql://",
        "mongodb://",
        "amqp://",
    ];
    SCHEMES.iter().any(|scheme| text.contains(scheme))
        || text.contains("password authentication failed for user")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_detector_finds_its_samples() {
        assert_eq!(proven_patterns(), Verdict::Pass);
    }

    #[test]
    fn plain_errors_are_not_taken_for_leaks() {
        for body in [
            r#"{"error":"not_found","detail":"there is nothing at this address"}"#,
            r#"{"error":"invalid_request","detail":"page must be 1 to 10000"}"#,
            r#"{"error":"internal_error","request_id":"req-12"}"#,
            r#"{"error":"rate_limit_exceeded","message":"select another tier"}"#,
        ] {
            let reply = HttpReply::new(400, Vec::new(), String::new());
            let verdict = leaks_nothing(&reply.with_body(body.as_bytes(), false));
            assert_eq!(verdict, Verdict::Pass, "{body}");
        }
    }
}
