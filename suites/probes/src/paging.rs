//! Paged lists: complete, without gaps or overlaps, within their bounds.
//!
//! [`walk`] looks at the pages; the judgements are pure functions over them. The list's contract:
//! `{data, total, page, page_size, has_more}`, newest first.

use std::collections::BTreeMap;
use std::time::Duration;

use readiness::{Error, Result, Verdict};

use crate::http::{Client, HttpReply, Json, shown};

/// A page that takes longer is being computed from what lies before it.
const PROMPT: Duration = Duration::from_secs(2);

/// A page that was asked for.
#[derive(Debug, Clone)]
pub struct Page {
    /// Its number, from 1.
    pub number: u64,
    /// What came back.
    pub reply: HttpReply,
}

/// Pages of a list, all of one size.
#[derive(Debug, Clone)]
pub struct Walk {
    /// What they were asked to hold.
    pub size: u64,
    /// In the order asked.
    pub pages: Vec<Page>,
}

/// Which pages to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// All of them, at most so many, and the one after the last.
    All(u64),
    /// The first three, the last, and the one after it.
    Ends,
}

/// Looks at pages of `path`; how many there are is what the first page says.
///
/// ```ignore
/// let walk = paging::walk(&api, "/orders", 50, paging::Which::Ends).await?;
/// Ok(paging::consistent(&walk, "id", paging::Which::Ends)?)
/// ```
///
/// # Errors
/// Those of the exchanges.
pub async fn walk(client: &Client, path: &str, size: u64, which: Which) -> Result<Walk> {
    let size = size.max(1);
    let separator = if path.contains('?') { '&' } else { '?' };
    let ask = async |number: u64| -> Result<Page> {
        let path = format!("{path}{separator}page_size={size}&page={number}");
        let reply = client.get(&path).await?;
        Ok(Page { number, reply })
    };
    let first = ask(1).await?;
    // How to go on is not a judgement; the judgements read `total` again, and that is noted.
    let last = first.reply.raw_total().div_ceil(size).max(1);
    let numbers: Vec<u64> = match which {
        Which::All(most) => (2..=last.min(most)).chain([last + 1]).collect(),
        Which::Ends => {
            let mut numbers = vec![2, 3, last, last + 1];
            numbers.retain(|number| *number > 1 && *number <= last + 1);
            numbers.sort_unstable();
            numbers.dedup();
            numbers
        }
    };
    let mut pages = vec![first];
    for number in numbers {
        pages.push(ask(number).await?);
    }
    Ok(Walk { size, pages })
}

impl Walk {
    /// Whether the totals of the pages differ: rows arrived while we looked. Not a judgement.
    pub fn moved(&self) -> bool {
        let first = self.pages.first().map(|page| page.reply.raw_total());
        self.pages
            .iter()
            .any(|page| Some(page.reply.raw_total()) != first)
    }
}

/// Every page is what its number says: full but for the last, `has_more` right, no row twice; the
/// page after the last is empty; and if all pages were looked at, they hold `total` rows.
///
/// # Errors
/// A finding if a page is not a 200 with such a list.
pub fn consistent(walk: &Walk, key: &str, which: Which) -> Result<Verdict> {
    let mut seen: BTreeMap<String, u64> = BTreeMap::new();
    let mut rows = 0;
    let mut total = None;
    for Page { number, reply } in &walk.pages {
        let body = listing(reply, *number)?;
        let stated = count(&body.get("total")).map_err(|e| e.context(format!("page {number}")))?;
        let whole = *total.get_or_insert(stated);
        if stated != whole {
            return Ok(Verdict::Fail(format!(
                "page {number} says that there are {stated} rows, the first page says {whole}"
            )));
        }
        let items = body.get("data").items()?;
        let before = number.saturating_sub(1).saturating_mul(walk.size);
        let wanted = whole.saturating_sub(before).min(walk.size);
        if items.len() as u64 != wanted {
            return Ok(Verdict::Fail(format!(
                "page {number} of {whole} rows has {} rows, {wanted} were expected",
                items.len()
            )));
        }
        let more = body.get("has_more");
        if more.as_bool() != Some(before.saturating_add(walk.size) < whole) {
            return Ok(Verdict::Fail(format!(
                "has_more of page {number} is {}",
                shown(&more)
            )));
        }
        for item in &items {
            let field = item.get(key);
            let id = field.str()?;
            if let Some(earlier) = seen.insert(id.to_owned(), *number) {
                return Ok(Verdict::Fail(format!(
                    "{key} {} is on page {earlier} and on page {number}",
                    shown(&field)
                )));
            }
            rows += 1;
        }
    }
    let whole = total.unwrap_or(0);
    if matches!(which, Which::All(_)) && rows != whole {
        return Ok(Verdict::Fail(format!(
            "all pages hold {rows} rows, total is {whole}"
        )));
    }
    Ok(Verdict::Pass)
}

/// No value of `key` twice on one page.
///
/// # Errors
/// A finding if the reply is not a 200 with a list of rows that have the key.
pub fn distinct(reply: &HttpReply, key: &str) -> Result<Verdict> {
    let body = listing(reply, 1)?;
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for (at, item) in body.get("data").items()?.iter().enumerate() {
        let field = item.get(key);
        if let Some(earlier) = seen.insert(field.str()?.to_owned(), at) {
            return Ok(Verdict::Fail(format!(
                "{key} {} is in rows {} and {} of one page of {}",
                shown(&field),
                earlier + 1,
                at + 1,
                body.get("page_size").as_i64().unwrap_or(0)
            )));
        }
    }
    Ok(Verdict::Pass)
}

/// A page of `largest` rows is served.
pub fn largest_page(reply: &HttpReply, largest: u64) -> Verdict {
    match reply.status() {
        200 => Verdict::Pass,
        status => Verdict::Fail(format!(
            "a page of {largest} rows is answered with {status}"
        )),
    }
}

/// A page of more rows than `largest` is refused, or cut to it and says so.
///
/// # Errors
/// A finding if a 200 is not a list; unavailable if the list is too short to tell.
pub fn beyond_largest(reply: &HttpReply, asked: u64, largest: u64) -> Result<Verdict> {
    let status = reply.status();
    if (400..500).contains(&status) {
        return Ok(Verdict::Pass);
    }
    if status != 200 {
        return Ok(Verdict::Fail(format!(
            "a page of {asked} rows is answered with {status}"
        )));
    }
    let body = reply.json()?;
    let rows = body.get("data").items()?.len() as u64;
    if rows > largest {
        return Ok(Verdict::Fail(format!(
            "a page of {asked} rows has {rows}, {largest} are the most"
        )));
    }
    let stated = body.get("page_size");
    if count(&stated)? > largest {
        return Ok(Verdict::Fail(format!(
            "page_size {asked} is accepted as {}",
            shown(&stated)
        )));
    }
    if count(&body.get("total"))? <= largest {
        return Err(Error::unavailable(format!(
            "the list has no more than {largest} rows, so its largest page cannot be told"
        )));
    }
    Ok(Verdict::Pass)
}

/// The last page number is served, promptly.
pub fn last_page(reply: &HttpReply, last: u64) -> Verdict {
    match reply.status() {
        200 => promptly(reply, last),
        status => Verdict::Fail(format!("page {last} is answered with {status}")),
    }
}

/// A page number beyond the last is refused, promptly, as the caller's mistake.
pub fn beyond_last_page(reply: &HttpReply, asked: u64) -> Verdict {
    match reply.status() {
        400..=499 => promptly(reply, asked),
        status => Verdict::Fail(format!(
            "page {asked} is answered with {status} instead of 4xx"
        )),
    }
}

fn promptly(reply: &HttpReply, page: u64) -> Verdict {
    let elapsed = reply.elapsed();
    if elapsed < PROMPT {
        return Verdict::Pass;
    }
    Verdict::Fail(format!(
        "page {page} takes {} ms, 2000 are allowed",
        elapsed.as_millis()
    ))
}

fn listing(reply: &HttpReply, number: u64) -> Result<Json> {
    match reply.status() {
        200 => reply.json(),
        status => Err(Error::finding(format!(
            "page {number} is answered with {status}"
        ))),
    }
}

fn count(place: &Json) -> Result<u64> {
    u64::try_from(place.i64()?)
        .map_err(|_| Error::finding(format!("{} is {}", place.place(), shown(place))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(number: u64, ids: &[&str], total: u64, has_more: bool) -> Page {
        let rows: Vec<_> = ids
            .iter()
            .map(|id| serde_json::json!({ "id": id }))
            .collect();
        let body = serde_json::json!({ "data": rows, "total": total, "page": number,
            "page_size": 2, "has_more": has_more });
        let reply = HttpReply::new(200, Vec::new(), String::new());
        Page {
            number,
            reply: reply.with_body(body.to_string().as_bytes(), false),
        }
    }

    fn judged(pages: Vec<Page>) -> bool {
        let walk = Walk { size: 2, pages };
        matches!(consistent(&walk, "id", Which::All(9)), Ok(Verdict::Pass))
    }

    #[test]
    fn pages_fit_together() {
        let good = || {
            vec![
                page(1, &["a", "b"], 3, true),
                page(2, &["c"], 3, false),
                page(3, &[], 3, false),
            ]
        };
        assert!(judged(good()));
        let with = |at: usize, other: Page| {
            let mut pages = good();
            pages[at] = other;
            judged(pages)
        };
        assert!(!with(1, page(2, &["b"], 3, false)), "overlap");
        assert!(!with(0, page(1, &["a"], 3, true)), "short page");
        assert!(!with(1, page(2, &["c"], 3, true)), "has_more always");
        assert!(
            !with(2, page(3, &["d"], 3, false)),
            "rows after the last page"
        );
        assert!(!with(1, page(2, &["c"], 4, false)), "another total");
        assert!(!with(1, page(2, &[], 3, false)), "gap");
    }

    #[test]
    fn a_row_twice_on_a_page() {
        assert_eq!(
            distinct(&page(1, &["a", "b"], 2, false).reply, "id").unwrap(),
            Verdict::Pass
        );
        assert_ne!(
            distinct(&page(1, &["a", "a"], 2, false).reply, "id").unwrap(),
            Verdict::Pass
        );
    }

    #[test]
    fn bounds_have_two_sides() {
        let status = |status| HttpReply::new(status, Vec::new(), String::new());
        assert_eq!(last_page(&status(200), 9), Verdict::Pass);
        assert_ne!(last_page(&status(400), 9), Verdict::Pass);
        assert_eq!(beyond_last_page(&status(400), 10), Verdict::Pass);
        assert_ne!(beyond_last_page(&status(200), 10), Verdict::Pass);
        assert_ne!(beyond_last_page(&status(500), 10), Verdict::Pass);
        let slow = status(400).with_elapsed(Duration::from_secs(3));
        assert_ne!(beyond_last_page(&slow, 10), Verdict::Pass);
    }

    #[test]
    fn a_page_too_large_is_refused_or_cut() {
        let of = |rows: usize, stated: u64, total: u64| {
            let rows: Vec<_> = (0..rows).collect();
            let body = serde_json::json!({ "data": rows, "page_size": stated, "total": total });
            let reply = HttpReply::new(200, Vec::new(), String::new());
            beyond_largest(&reply.with_body(body.to_string().as_bytes(), false), 5, 3)
        };
        assert_eq!(of(3, 3, 9).unwrap(), Verdict::Pass);
        assert_ne!(of(4, 3, 9).unwrap(), Verdict::Pass);
        assert_ne!(of(3, 5, 9).unwrap(), Verdict::Pass);
        assert!(of(3, 3, 3).is_err());
    }
}
