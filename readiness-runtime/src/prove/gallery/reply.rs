//! A service and its replies: a kind of observation as a user would write one.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::context::Context;
use crate::error::Result;
use crate::observation::json::{Json, alterations};
use crate::observation::{Facet, Mutant, Observation, Reads, Strength};

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

    fn mutant(&self, facet: &Facet, operator: &'static str, words: String) -> Mutant<Self> {
        Mutant {
            operator,
            facet: facet.clone(),
            words,
            strength: Strength::Fine,
            altered: Some(self.clone()),
        }
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

impl Observation for Reply {
    const KIND: &'static str = "reply";

    fn attach(&mut self, reads: Reads) {
        self.reads = reads;
    }

    fn mutants(&self, read: &BTreeSet<Facet>) -> Vec<Mutant<Self>> {
        let mut mutants = Vec::new();
        for facet in read {
            if facet.0 == "status" {
                for status in [204, 302, 404, 429, 200]
                    .into_iter()
                    .filter(|s| *s != self.status)
                {
                    let words = format!("the reply is {status}");
                    let mut mutant = self.mutant(facet, "status", words);
                    mutant.altered = Some(Self {
                        status,
                        ..self.clone()
                    });
                    mutants.push(mutant);
                }
            }
            if let Some(name) = facet.0.strip_prefix("header ")
                && let Some((_, value)) = self.headers.iter().find(|(other, _)| other == name)
            {
                let changed = format!("{value}9");
                let values = [
                    (None, "is missing"),
                    (Some(""), "is empty"),
                    (Some(changed.as_str()), "is another"),
                ];
                for (value, words) in values {
                    let mut mutant = self.mutant(facet, "header", format!("{name} {words}"));
                    mutant.altered = Some(self.with_header(name, value));
                    mutants.push(mutant);
                }
            }
        }
        for alteration in alterations(&self.body, "body", read) {
            let words = alteration.words.clone();
            let mut mutant = self.mutant(&alteration.facet, alteration.operator, words);
            mutant.altered = Some(Self {
                body: alteration.apply(&self.body),
                ..self.clone()
            });
            mutants.push(mutant);
        }
        let everything = Facet("everything".to_owned());
        let broken = Mutant {
            strength: Strength::Gross,
            altered: Some(Self {
                status: 500,
                body: Value::Null,
                ..self.clone()
            }),
            ..self.mutant(&everything, "broken", "the reply is 500".to_owned())
        };
        let refused = Mutant {
            strength: Strength::Gross,
            altered: None,
            ..self.mutant(
                &everything,
                "refused",
                "the connection is refused".to_owned(),
            )
        };
        mutants.extend([broken, refused]);
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
