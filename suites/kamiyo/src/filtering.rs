//! FILT: a filter leaves what matches, all of it, and nothing else.
//!
//! Judged against the newest 500 rows without a filter, which all of these rows share.

use std::collections::BTreeMap;
use std::sync::Arc;

use readiness::{Context, Error, Result, Unavailable, Verdict, requirement};
use readiness_probes::filters::{self, Filtered, Row};
use readiness_probes::http::{Client, HttpReply};
use readiness_probes::{about, worst};

use crate::provoked::encoded;
use crate::shared;
use crate::target::Target;

/// What filters are judged against.
struct Sample {
    rows: Vec<Row>,
    /// How many rows there are without a filter.
    total: u64,
    client: Client,
}

impl Sample {
    async fn take(cx: &Context, target: &Target) -> Result<Sample> {
        let newest = shared::newest_rows(cx, target).await?;
        let newest = Filtered::read(&newest)?;
        let least = shared::least_rows(cx);
        if newest.rows().len() < least {
            return Err(Error::unavailable(format!(
                "{} rows are too few to judge filters by, {least} are needed (`data.min_rows`)",
                newest.rows().len()
            )));
        }
        Ok(Sample {
            rows: newest.rows().to_vec(),
            total: newest.total()?,
            client: target.keyed(cx)?,
        })
    }

    async fn ask(&self, query: &str) -> Result<HttpReply> {
        self.client
            .get(&format!("/exploits?page_size=500&{query}"))
            .await
    }

    async fn filtered(&self, query: &str) -> Result<Filtered> {
        let reply = self.ask(query).await?;
        Filtered::read(&reply).map_err(|error| error.context(query))
    }

    fn holds(&self, found: &Filtered, matches: impl Fn(&Row) -> bool) -> Result<Verdict> {
        filters::holds(found, &self.rows, self.total, matches)
    }

    /// The chains of the sample, the commonest first.
    fn chains(&self) -> Vec<String> {
        commonest(self.rows.iter().map(Row::chain))
    }

    /// An amount of the sample with as many above it as below.
    fn median(&self) -> Result<f64, Unavailable> {
        let mut amounts: Vec<f64> = self.rows.iter().filter_map(Row::amount).collect();
        amounts.sort_by(f64::total_cmp);
        let median = amounts.get(amounts.len() / 2).copied();
        match median {
            Some(median) if amounts.first().is_some_and(|least| *least < median) => Ok(median),
            _ => Err(Unavailable::new("all amounts of the sample are equal")),
        }
    }
}

#[requirement("FILT-001")]
async fn by_chain(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let sample = Sample::take(&cx, &target).await?;
    let listed = shared::chains(&cx, &target).await?.json()?;
    let chains = sample.chains();
    if chains.len() < 2 {
        return Err(Unavailable::new("the sample has fewer than two chains").into());
    }
    let mut verdicts = Vec::new();
    for chain in &chains[..2] {
        let query = format!("chain={}", encoded(chain));
        let reply = sample.ask(&query).await?;
        let found = Filtered::read(&reply).map_err(|error| error.context(&query))?;
        let same = |row: &Row| row.chain().eq_ignore_ascii_case(chain);
        verdicts.push(about(&query, sample.holds(&found, same)?));
        for entry in listed.get("chains").items()? {
            if entry.get("chain").as_str() == Some(chain.as_str()) {
                let count = entry.get("exploit_count").i64()?;
                verdicts.push(about(&query, filters::total_is(&reply, count)?));
            }
        }
    }
    let swapped = format!("chain={}", encoded(&swap_case(&chains[0])));
    let other_case = sample.filtered(&swapped).await?;
    if other_case.rows().is_empty() {
        verdicts.push(Verdict::Warn(format!(
            "{swapped}: the case of letters matters"
        )));
    }
    let nothing = sample.ask("chain=readiness-no-such-chain").await?;
    verdicts.push(about("an unknown chain", filters::finds_nothing(&nothing)));
    Ok(worst(verdicts))
}

#[requirement("FILT-002")]
async fn by_amount(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let sample = Sample::take(&cx, &target).await?;
    let least = sample.median()?;
    let query = format!("min_amount={least}");
    let found = sample.filtered(&query).await?;
    let enough = |row: &Row| row.amount().is_some_and(|amount| amount >= least);
    let negative = sample.ask("min_amount=-1").await?;
    Ok(worst([
        about(&query, sample.holds(&found, enough)?),
        about("min_amount=-1", filters::refused(&negative)),
    ]))
}

#[requirement("FILT-003")]
async fn by_protocol(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let sample = Sample::take(&cx, &target).await?;
    let part = middle_part(&sample)?;
    let query = format!("protocol={}", encoded(&swap_case(&part)));
    let found = sample.filtered(&query).await?;
    let wanted = part.to_lowercase();
    let contains = |row: &Row| row.protocol().to_lowercase().contains(&wanted);
    Ok(about(&query, sample.holds(&found, contains)?))
}

#[requirement("FILT-004")]
async fn by_date(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let sample = Sample::take(&cx, &target).await?;
    let times: Vec<_> = sample.rows.iter().filter_map(Row::at).collect();
    // The newest rows come first: a window from the middle of the sample to a quarter from its top.
    let (Some(end), Some(start)) = (times.get(times.len() / 4), times.get(times.len() / 2)) else {
        return Err(Unavailable::new("the rows of the sample have no times").into());
    };
    let (from, to) = date_parameters(&cx);
    let query = format!(
        "{from}={}&{to}={}",
        encoded(&start.to_string()),
        encoded(&end.to_string())
    );
    let found = sample.filtered(&query).await?;
    let inside = |row: &Row| row.at().is_some_and(|at| at >= *start && at <= *end);
    let reversed = format!(
        "{from}={}&{to}={}",
        encoded(&end.to_string()),
        encoded(&start.to_string())
    );
    let backwards = sample.ask(&reversed).await?;
    let document = sample.client.get("/openapi.json").await?;
    Ok(worst([
        about(&query, sample.holds(&found, inside)?),
        about(
            "a window that ends before it starts",
            filters::finds_nothing(&backwards),
        ),
        documented(&document, &from),
        documented(&document, &to),
    ]))
}

#[requirement("FILT-005")]
async fn combined(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let sample = Sample::take(&cx, &target).await?;
    let least = sample.median()?;
    let chain = sample.chains().into_iter().find(|chain| {
        let (above, below): (Vec<_>, Vec<_>) = sample
            .rows
            .iter()
            .filter(|row| row.chain() == *chain && row.amount().is_some())
            .partition(|row| row.amount() >= Some(least));
        !above.is_empty() && !below.is_empty()
    });
    let Some(chain) = chain else {
        return Err(Unavailable::new("no chain of the sample has amounts on both sides").into());
    };
    let same_chain = |row: &Row| row.chain().eq_ignore_ascii_case(&chain);
    let enough = |row: &Row| row.amount().is_some_and(|amount| amount >= least);
    let protocols = commonest(
        sample
            .rows
            .iter()
            .filter(|row| same_chain(row) && enough(row))
            .map(Row::protocol),
    );
    let Some(protocol) = protocols.first() else {
        return Err(Unavailable::new("the sample holds no combination of filters").into());
    };
    let wanted = protocol.to_lowercase();
    let same_protocol = |row: &Row| row.protocol().to_lowercase().contains(&wanted);
    let times = sample
        .rows
        .iter()
        .filter(|row| same_chain(row) && enough(row) && same_protocol(row));
    let Some(start) = times.filter_map(Row::at).min() else {
        return Err(Unavailable::new("the rows of the sample have no times").into());
    };
    let by_chain = format!("chain={}", encoded(&chain));
    let by_protocol = format!("protocol={}", encoded(protocol));
    let (from, _) = date_parameters(&cx);
    let all = format!(
        "{by_chain}&min_amount={least}&{by_protocol}&{from}={}",
        encoded(&start.to_string())
    );
    let and_amount = format!("{by_chain}&min_amount={least}");
    let and_protocol = format!("{by_chain}&{by_protocol}");
    let (first, second, third) = (
        sample.filtered(&and_amount).await?,
        sample.filtered(&and_protocol).await?,
        sample.filtered(&all).await?,
    );
    Ok(worst([
        about(
            &and_amount,
            sample.holds(&first, |row| same_chain(row) && enough(row))?,
        ),
        about(
            &and_protocol,
            sample.holds(&second, |row| same_chain(row) && same_protocol(row))?,
        ),
        about(
            &all,
            sample.holds(&third, |row| {
                same_chain(row) && enough(row) && same_protocol(row) && row.at() >= Some(start)
            })?,
        ),
    ]))
}

/// `filters.date_from` and `filters.date_to`: what the target calls the ends of a window.
fn date_parameters(cx: &Context) -> (String, String) {
    let named = |path: &str, default: &str| cx.setting(path).as_str().unwrap_or(default).to_owned();
    (
        named("filters.date_from", "start_date"),
        named("filters.date_to", "end_date"),
    )
}

/// The parameter is one that the public document of the list names.
fn documented(document: &HttpReply, name: &str) -> Verdict {
    let Ok(body) = document.json() else {
        return Verdict::Warn(format!(
            "/openapi.json is not there to say whether {name} is meant"
        ));
    };
    let parameters = body.at("/paths/~1exploits/get/parameters");
    let named = parameters.items().is_ok_and(|parameters| {
        parameters
            .iter()
            .any(|parameter| parameter.get("name").as_str() == Some(name))
    });
    if named {
        Verdict::Pass
    } else {
        Verdict::Fail(format!(
            "the public document of /exploits names no parameter {name}; if there is no filter by \
             date, declare the row not applicable"
        ))
    }
}

/// A part from the middle of a protocol's name that not all protocols contain.
fn middle_part(sample: &Sample) -> Result<String, Unavailable> {
    let names = commonest(sample.rows.iter().map(Row::protocol));
    let parts = names
        .iter()
        .filter(|name| name.is_ascii() && name.len() >= 5)
        .map(|name| {
            let quarter = name.len() / 4;
            name[quarter..name.len() - quarter].to_owned()
        });
    let in_some = |part: &String| {
        let wanted = part.to_lowercase();
        names
            .iter()
            .any(|name| !name.to_lowercase().contains(&wanted))
    };
    let letters = |part: &String| part.chars().all(|c| c.is_ascii_alphabetic());
    parts
        .filter(letters)
        .find(in_some)
        .ok_or_else(|| Unavailable::new("the sample has one protocol only"))
}

/// Texts by how often they occur, the commonest first, equals in order.
fn commonest(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for text in texts.filter(|text| !text.trim().is_empty()) {
        *counts.entry(text).or_default() += 1;
    }
    let mut counted: Vec<_> = counts.into_iter().collect();
    counted.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counted.into_iter().map(|(text, _)| text).collect()
}

fn swap_case(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_ascii_lowercase() {
                c.to_ascii_uppercase()
            } else {
                c.to_ascii_lowercase()
            }
        })
        .collect()
}
