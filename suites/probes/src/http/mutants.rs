//! How a reply can be altered: the mutation operators of the kind `http`.
//!
//! | facet | operators |
//! |---|---|
//! | status | moved within its class; to 2xx, 3xx, 4xx and 429 |
//! | a header | dropped, emptied, altered |
//! | that a header or a body is absent, as it must be | planted |
//! | JSON | the operators of the runtime's JSON view |
//! | the body as text | with a trace at its end, emptied, cut in half |
//! | elapsed | ×10 |
//! | everything (gross) | 500, empty body, connection error |

use std::collections::BTreeSet;

use readiness::observation::json::{Alteration, alterations};
use readiness::observation::{Altered, Facet, Mutant, Observation, Reads, is_secret_name};

use super::HttpReply;
use super::body::{Body, boundary};
use crate::headers::quoted;

impl Observation for HttpReply {
    const KIND: &'static str = "http";

    fn attach(&mut self, reads: Reads) {
        self.set_reads(reads);
    }

    fn same(&self, other: &Self) -> bool {
        self.status == other.status
            && self.headers == other.headers
            && self.body.same(&other.body)
            && self.elapsed_us == other.elapsed_us
            && self.incomplete == other.incomplete
    }

    fn mutants(&self, read: &BTreeSet<Facet>) -> Vec<Mutant<Self>> {
        let mut mutants = self.fine_mutants(read);
        mutants.extend(self.gross_mutants());
        mutants
    }
}

impl HttpReply {
    /// One alteration of one facet each.
    pub(crate) fn fine_mutants(&self, read: &BTreeSet<Facet>) -> Vec<Mutant<HttpReply>> {
        let mut mutants = Vec::new();
        for Facet(facet) in read {
            match facet.split_once(' ').unwrap_or((facet, "")) {
                ("status", _) => mutants.extend(self.status_mutants()),
                ("header", name) => mutants.extend(self.header_mutants(name)),
                ("no-header", name) => mutants.extend(self.planted_header(name)),
                ("no-body", _) => mutants.extend(self.planted_body()),
                ("body", _) => mutants.extend(self.body_mutants()),
                ("json", _) => mutants.push(self.not_json()),
                ("elapsed", _) => mutants.extend(self.elapsed_mutant()),
                _ => {}
            }
        }
        mutants.extend(self.json_mutants(read));
        mutants
    }

    fn status_mutants(&self) -> Vec<Mutant<HttpReply>> {
        let within = match self.status {
            200 => 203,
            404 => 410,
            429 => 428,
            503 => 502,
            // The first of the class, or its neighbour.
            other if other % 100 == 0 => other + 1,
            other => other - other % 100,
        };
        [
            ("status-within-class", within),
            ("status-2xx", 200),
            ("status-3xx", 302),
            ("status-4xx", 404),
            ("status-429", 429),
        ]
        .into_iter()
        .filter(|&(operator, to)| to != self.status && !self.is_same_move(operator, to))
        .map(|(operator, to)| {
            let altered = HttpReply {
                status: to,
                ..self.clone()
            };
            fine(
                operator,
                "status",
                format!("the status is {to} instead of {}", self.status),
                altered,
            )
        })
        .collect()
    }

    /// Moving a 2xx to 200 is the move within the class under another name.
    fn is_same_move(&self, operator: &str, to: u16) -> bool {
        operator != "status-within-class" && to != 429 && to / 100 == self.status / 100
    }

    fn header_mutants(&self, name: &str) -> Vec<Mutant<HttpReply>> {
        let facet = format!("header {name}");
        let first = self.headers.iter().find(|(known, _)| known == name);
        let Some((_, value)) = first else {
            return Vec::new();
        };
        let mut mutants = Vec::new();
        let mut dropped = self.clone();
        dropped.headers.to_mut().retain(|(known, _)| known != name);
        mutants.push(fine(
            "header-dropped",
            &facet,
            format!("{name} is missing"),
            dropped,
        ));
        if !value.is_empty() {
            let emptied = self.with_header(name, |_| String::new());
            mutants.push(fine(
                "header-emptied",
                &facet,
                format!("{name} is empty"),
                emptied,
            ));
        }
        let altered = self.with_header(name, another);
        let words = if is_secret_name(name) {
            format!("{name} has another value")
        } else {
            let (now, was) = (quoted(&another(value)), quoted(value));
            format!("{name} is `{now}` instead of `{was}`")
        };
        mutants.push(fine("header-altered", &facet, words, altered));
        mutants
    }

    /// Only where it was asked whether the header is absent: a check that looks at it if it is there
    /// would otherwise count as one that demands something.
    fn planted_header(&self, name: &str) -> Option<Mutant<HttpReply>> {
        if self.raw_header(name).is_some() {
            return None;
        }
        let mut planted = self.clone();
        planted
            .headers
            .to_mut()
            .push((name.to_owned(), "*".to_owned()));
        let facet = format!("no-header {name}");
        let words = format!("there is a {name} of `*`");
        Some(fine("header-planted", &facet, words, planted))
    }

    fn planted_body(&self) -> Option<Mutant<HttpReply>> {
        let planted = |reply: &HttpReply| reply.with_text("unexpected".to_owned());
        let is_empty = self.body.as_str().is_empty();
        is_empty.then(|| made("body-planted", "no-body", "there is a body", planted))
    }

    fn with_header(&self, name: &str, change: impl Fn(&str) -> String) -> HttpReply {
        let mut altered = self.clone();
        for (known, value) in altered.headers.to_mut() {
            if known == name {
                *value = change(value);
            }
        }
        altered
    }

    fn body_mutants(&self) -> Vec<Mutant<HttpReply>> {
        if self.body.as_str().is_empty() {
            return Vec::new();
        }
        let leaking = |reply: &HttpReply| {
            let trace = "Traceback (most recent call last):\n  File \"/app/main.py\", line 1";
            reply.with_text(format!("{}\n{trace}", reply.body.as_str()))
        };
        let halved = |reply: &HttpReply| {
            let text = reply.body.as_str();
            reply.with_text(text[..boundary(text, text.len() / 2)].to_owned())
        };
        let half = "the second half of the body is missing";
        vec![
            made("body-leaks", "body", "the body shows a trace", leaking),
            made("body-emptied", "body", "the body is empty", |reply| {
                reply.with_text(String::new())
            }),
            made("body-halved", "body", half, halved),
        ]
    }

    fn with_text(&self, text: String) -> HttpReply {
        HttpReply {
            body: Body::new(text),
            ..self.clone()
        }
    }

    fn not_json(&self) -> Mutant<HttpReply> {
        let page = self.with_text("<!doctype html><title>Oops</title>".to_owned());
        fine(
            "not-json",
            "json",
            "the body is a page for people".to_owned(),
            page,
        )
    }

    /// The runtime's alterations of what was read of the JSON.
    fn json_mutants(&self, read: &BTreeSet<Facet>) -> Vec<Mutant<HttpReply>> {
        let Some(value) = self.body.json() else {
            return Vec::new();
        };
        let mutant = |alteration: Alteration| {
            let (operator, facet) = (alteration.operator, alteration.facet.clone());
            let words = alteration.words.clone();
            let altered = Altered::made(move |reply: &HttpReply| HttpReply {
                body: reply.body.altered(&alteration),
                ..reply.clone()
            });
            Mutant::fine(operator, facet, words, altered)
        };
        let all = alterations(&value, "body", read);
        all.into_iter().map(mutant).collect()
    }

    fn elapsed_mutant(&self) -> Option<Mutant<HttpReply>> {
        // An exchange that took no time at all cannot be ten times slower.
        let elapsed_us = self.elapsed_us.max(1).saturating_mul(10);
        let words = format!("it takes {} ms", elapsed_us / 1_000);
        let slow = HttpReply {
            elapsed_us,
            ..self.clone()
        };
        (elapsed_us != self.elapsed_us).then(|| fine("elapsed-x10", "elapsed", words, slow))
    }

    fn gross_mutants(&self) -> Vec<Mutant<HttpReply>> {
        let broken = HttpReply {
            status: 500,
            ..self.with_text(String::new())
        };
        let mut mutants = vec![
            Mutant::gross("server-error", "the server answers with 500", broken),
            Mutant::gross(
                "connection-error",
                "the connection breaks",
                Altered::Failure,
            ),
        ];
        if !self.body.as_str().is_empty() {
            let empty = self.with_text(String::new());
            mutants.push(Mutant::gross("empty-body", "the body is empty", empty));
        }
        mutants
    }
}

fn fine(
    operator: &'static str,
    facet: &str,
    words: String,
    altered: HttpReply,
) -> Mutant<HttpReply> {
    Mutant::fine(operator, Facet(facet.to_owned()), words, altered)
}

/// An alteration of a body, which may be large: made when it is tried.
fn made(
    operator: &'static str,
    facet: &str,
    words: &str,
    make: impl Fn(&HttpReply) -> HttpReply + Send + Sync + 'static,
) -> Mutant<HttpReply> {
    let facet = Facet(facet.to_owned());
    Mutant::fine(operator, facet, words, Altered::made(make))
}

/// A value that means something else: the next number, or a first word that nobody knows.
fn another(value: &str) -> String {
    match value.trim().parse::<u64>() {
        Ok(number) => number.wrapping_add(1).to_string(),
        Err(_) => format!("x{value}"),
    }
}
