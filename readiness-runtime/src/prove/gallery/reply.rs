//! A service and its replies: a kind of observation as a user would write one.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::context::Context;
use crate::error::Result;
use crate::observation::json::{Json, alterations};
use crate::observation::{Altered, Facet, Mutant, Observation, Reads};

/// What a request was answered with.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Value,
    #[serde(skip)]
    reads: Reads,
}

impl Reply {
    pub(crate) fn status(&self) -> u16 {
        self.reads.note("status");
        self.status
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.reads.note(format!("header {name}"));
        let found = self.headers.iter().find(|(other, _)| other == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Whether a header is absent, as it must be.
    pub(crate) fn lacks_header(&self, name: &str) -> bool {
        self.reads.note(format!("no-header {name}"));
        self.headers.iter().all(|(other, _)| other != name)
    }

    /// All headers whose names begin so.
    pub(crate) fn headers(&self, prefix: &str) -> Vec<(&str, &str)> {
        let found = self
            .headers
            .iter()
            .filter(|(name, _)| name.starts_with(prefix));
        found
            .map(|(name, value)| {
                self.reads.note(format!("header {name}"));
                (name.as_str(), value.as_str())
            })
            .collect()
    }

    pub(crate) fn json(&self) -> Json {
        Json::tracked(self.body.clone().into(), self.reads.clone(), "body")
    }

    fn with_header(&self, name: &str, value: Option<&str>) -> Self {
        let mut altered = self.clone();
        altered.headers.retain(|(other, _)| other != name);
        altered
            .headers
            .extend(value.map(|value| (name.to_owned(), value.to_owned())));
        altered
    }
}

impl Reply {
    fn of_status(&self, facet: &Facet) -> Vec<Mutant<Self>> {
        let others = [204, 302, 404, 429, 200].into_iter();
        let mutant = |status: u16| {
            let altered = Self {
                status,
                ..self.clone()
            };
            Mutant::fine(
                "status",
                facet.clone(),
                format!("the reply is {status}"),
                altered,
            )
        };
        others.filter(|s| *s != self.status).map(mutant).collect()
    }

    fn of_header(&self, facet: &Facet, name: &str) -> Vec<Mutant<Self>> {
        let Some((_, value)) = self.headers.iter().find(|(other, _)| other == name) else {
            return Vec::new();
        };
        let changed = format!("{value}9");
        let values = [
            (None, "is missing"),
            (Some(""), "is empty"),
            (Some(changed.as_str()), "is another"),
        ];
        let mutant = |(value, words)| {
            let words = format!("{name} {words}");
            Mutant::fine(
                "header",
                facet.clone(),
                words,
                self.with_header(name, value),
            )
        };
        values.map(mutant).into()
    }
}

impl Observation for Reply {
    const KIND: &'static str = "reply";

    fn attach(&mut self, reads: Reads) {
        self.reads = reads;
    }

    fn mutants(&self, read: &BTreeSet<Facet>) -> Vec<Mutant<Self>> {
        let mut mutants = Vec::new();
        for facet in read {
            if facet.0 == "status" {
                mutants.extend(self.of_status(facet));
            }
            if let Some(name) = facet.0.strip_prefix("header ") {
                mutants.extend(self.of_header(facet, name));
            }
            if let Some(name) = facet.0.strip_prefix("no-header ") {
                let altered = self.with_header(name, Some("planted"));
                let words = format!("there is a {name}");
                mutants.push(Mutant::fine("planted", facet.clone(), words, altered));
            }
        }
        for alteration in alterations(&self.body, "body", read) {
            let (operator, facet) = (alteration.operator, alteration.facet.clone());
            let words = alteration.words.clone();
            let made = Altered::made(move |reply: &Self| Self {
                body: alteration.apply(&reply.body),
                ..reply.clone()
            });
            mutants.push(Mutant::fine(operator, facet, words, made));
        }
        let broken = Self {
            status: 500,
            body: Value::Null,
            ..self.clone()
        };
        mutants.push(Mutant::gross("broken", "the reply is 500", broken));
        let refused = "the connection is refused";
        mutants.push(Mutant::gross("refused", refused, Altered::Failure));
        mutants
    }

    fn same(&self, other: &Self) -> bool {
        self.status == other.status && self.headers == other.headers && self.body == other.body
    }
}

/// How often the service was asked: a replay must not.
pub(crate) static ASKED: AtomicU32 = AtomicU32::new(0);

/// Request number `number` for a path.
pub(crate) async fn get(cx: &Context, path: &str, number: u32) -> Result<Reply> {
    cx.observe(format!("GET {path}"), || async move {
        ASKED.fetch_add(1, Ordering::SeqCst);
        Ok(answer(path, number))
    })
    .await
}

/// [`get`] for blocking checks.
pub(crate) fn get_now(cx: &Context, path: &str) -> Result<Reply> {
    cx.observe_now(format!("GET {path}"), || Ok(answer(path, 1)))
}

/// The service: right below `/exploits`; `/bare` has no headers, `/empty` no rows, `/unlimited` no
/// limit.
fn answer(path: &str, number: u32) -> Reply {
    let limited = path != "/unlimited" && number > 10;
    let row = |number: u32| {
        json!({
            "tx_hash": format!("0x{number:064x}"),
            "chain": if number.is_multiple_of(2) { "ethereum" } else { "solana" },
            "amount_usd": f64::from(number) * 1_000.5,
            "timestamp": format!("2026-11-{:02}T10:00:00Z", 28 - number),
            "recovery_status": null,
        })
    };
    let rows: Vec<_> = (1..=8).map(row).collect();
    let body = match path {
        _ if limited => json!({"error": "rate limited"}),
        "/empty" => json!({"data": [], "total": 0}),
        "/health" => json!({"status": "healthy", "uptime": 12}),
        _ => json!({"data": rows, "total": 8, "has_more": false}),
    };
    let remaining = 10u32.saturating_sub(number).to_string();
    let headers = match path {
        "/bare" => Vec::new(),
        _ => vec![
            ("content-type", "application/json"),
            ("x-frame-options", "DENY"),
            ("x-ratelimit-limit", "10"),
            ("x-ratelimit-remaining", remaining.as_str()),
            ("retry-after", "42"),
        ],
    };
    Reply {
        status: if limited { 429 } else { 200 },
        headers: headers
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        body,
        reads: Reads::default(),
    }
}
