//! What is said in words: limits near their tier's name, prices, and a guide's headings.

use readiness::Verdict;
use readiness::observation::json::Json;

use crate::http::shown;
use crate::rate_limit::Window;

/// What is promised to a tier: its name, requests a window, webhooks.
#[derive(Debug, Clone)]
pub struct Limits {
    /// The tier's name.
    pub tier: String,
    /// Requests by window.
    pub requests: Vec<(Window, u32)>,
    /// How many webhooks.
    pub webhooks: Option<u32>,
}

/// Every limit is stated near its tier's name, and no other number in its place.
pub fn limits_documented(text: &str, limits: &Limits) -> Verdict {
    let near: Vec<&str> = segments(text)
        .filter(|part| names(part, &limits.tier))
        .collect();
    if near.is_empty() {
        return Verdict::Fail(format!("the {} tier is not mentioned", limits.tier));
    }
    for (window, limit) in &limits.requests {
        let stated: Vec<u64> = near
            .iter()
            .flat_map(|part| stated_for(part, *window))
            .collect();
        let unit = window.name();
        match stated.iter().find(|number| **number != u64::from(*limit)) {
            Some(number) => {
                return Verdict::Fail(format!(
                    "the {} tier is said to have {number} requests a {unit}, not {limit}",
                    limits.tier
                ));
            }
            None if stated.is_empty() => {
                return Verdict::Fail(format!(
                    "the limit of the {} tier a {unit} is not stated",
                    limits.tier
                ));
            }
            None => {}
        }
    }
    Verdict::Pass
}

/// The row of a price table that names the tier holds all of its figures.
pub fn priced(page: &str, limits: &Limits, watchlists: bool) -> Verdict {
    let rows = page.split("<tr").map(plain_text);
    let Some(row) = rows.into_iter().find(|row| names(row, &limits.tier)) else {
        return Verdict::Fail(format!("the prices lack the {} tier", limits.tier));
    };
    let numbers: Vec<u64> = numbers(&row).map(|(number, _)| number).collect();
    let wanted = limits
        .requests
        .iter()
        .map(|(_, limit)| *limit)
        .chain(limits.webhooks);
    for figure in wanted {
        if !numbers.contains(&u64::from(figure)) {
            return Verdict::Fail(format!(
                "the prices of the {} tier do not hold the figure {figure}",
                limits.tier
            ));
        }
    }
    let says = |word: &str| names(&row, word);
    if watchlists && (says("no") || says("none")) || !watchlists && says("yes") {
        return Verdict::Fail(format!(
            "the prices say something else about watchlists of the {} tier",
            limits.tier
        ));
    }
    Verdict::Pass
}

/// The topics that a deployment guide has to have a heading for, each with words that name it.
const TOPICS: [(&str, &[&str]); 5] = [
    (
        "prerequisites",
        &["prerequisite", "requirement", "before you"],
    ),
    ("configuration", &["configur", "environment", "settings"]),
    ("deploying", &["deploy", "install", "roll out", "rollout"]),
    ("verifying", &["verif", "smoke", "check", "validat"]),
    (
        "rolling back",
        &["rollback", "roll back", "rolling back", "revert"],
    ),
];
/// A guide that was not touched for longer is a guide to something else.
const FRESH_DAYS: i64 = 365;

/// A guide, summed up as `{"headings": [..], "mentioned": [..], "age_days": 3}`, has a heading for
/// every topic, mentions every variable and was changed within a year.
pub fn guide(summary: &Json, variables: &[String]) -> Verdict {
    let texts = |field: &str| -> Vec<String> {
        let items = summary.get(field).items().unwrap_or_default();
        items
            .iter()
            .filter_map(|item| item.as_str().map(str::to_lowercase))
            .collect()
    };
    let headings = texts("headings");
    let has = |words: &[&str]| {
        headings
            .iter()
            .any(|heading| words.iter().any(|word| heading.contains(word)))
    };
    if let Some((topic, _)) = TOPICS.iter().find(|(_, words)| !has(words)) {
        return Verdict::Fail(format!("the guide has no heading about {topic}"));
    }
    let mentioned = texts("mentioned");
    if let Some(name) = variables
        .iter()
        .find(|name| !mentioned.contains(&name.to_lowercase()))
    {
        return Verdict::Fail(format!("the guide does not mention {name}"));
    }
    let age = summary.get("age_days");
    match age.as_i64() {
        Some(days) if days <= FRESH_DAYS => Verdict::Pass,
        Some(days) => Verdict::Fail(format!("the guide was last changed {days} days ago")),
        None => Verdict::Fail(format!("the age of the guide is {}", shown(&age))),
    }
}

/// The text of a page: tags become spaces, the usual entities characters.
pub fn plain_text(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut inside = false;
    for c in html.chars() {
        match c {
            '<' => inside = true,
            '>' => {
                inside = false;
                out.push(' ');
            }
            _ if inside => {}
            _ => out.push(c),
        }
    }
    out.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&nbsp;", " ")
        .replace("&amp;", "&")
}

/// Sentences, lines and table rows.
fn segments(text: &str) -> impl Iterator<Item = &str> {
    text.split(['\n', '\r'])
        .flat_map(|line| line.split(". "))
        .filter(|part| !part.trim().is_empty())
}

/// Whether a word is in a text, alone and in any case.
fn names(text: &str, word: &str) -> bool {
    text.split(|c: char| !c.is_ascii_alphanumeric())
        .any(|part| part.eq_ignore_ascii_case(word))
}

/// The numbers that stand before a window's name: `35 requests per minute`, `35/min`.
fn stated_for(text: &str, window: Window) -> Vec<u64> {
    let short = match window {
        Window::Minute => "min",
        Window::Hour => "hr",
        Window::Day => "day",
    };
    numbers(text)
        .filter(|(_, rest)| {
            let unit = rest
                .split(|c: char| !c.is_ascii_alphabetic())
                .filter(|word| !word.is_empty())
                .take(4)
                .find(|word| {
                    ["minute", "min", "hour", "hr", "day"]
                        .iter()
                        .any(|unit| word.to_lowercase().starts_with(unit))
                });
            unit.is_some_and(|unit| {
                let unit = unit.to_lowercase();
                unit.starts_with(window.name()) || unit == short
            })
        })
        .map(|(number, _)| number)
        .collect()
}

/// Every whole number of a text, thousands separated or not, with what follows it.
fn numbers(text: &str) -> impl Iterator<Item = (u64, &str)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let start = rest.find(|c: char| c.is_ascii_digit())?;
            let from = &rest[start..];
            let bytes = from.as_bytes();
            let mut end = 0;
            while end < bytes.len() {
                let digit = bytes[end].is_ascii_digit();
                let group = matches!(bytes[end], b',' | b'_')
                    && bytes.len() > end + 3
                    && bytes[end + 1..end + 4].iter().all(u8::is_ascii_digit)
                    && bytes.get(end + 4).is_none_or(|next| !next.is_ascii_digit());
                if !digit && !group {
                    break;
                }
                end += 1;
            }
            rest = &from[end..];
            let digits: String = from[..end].chars().filter(char::is_ascii_digit).collect();
            if let Ok(number) = digits.parse() {
                return Some((number, rest));
            }
        }
    })
}
