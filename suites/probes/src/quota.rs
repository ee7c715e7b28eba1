//! How many objects of a kind an account may have: exactly as many as promised.
//!
//! [`fill`] makes own objects up to the limit and one more, lists them, removes one and makes
//! another in its place; whatever it made is removed at the end of the trial, however that ends.
//! The judgements are pure functions over what came back.

use readiness::{Error, Result, Verdict};
use serde_json::Value;

use crate::http::{Client, HttpReply, shown};

/// What came back.
#[derive(Debug, Clone)]
pub struct Filled {
    /// The list before anything was made.
    pub before: HttpReply,
    /// One reply for each object that is promised.
    pub created: Vec<HttpReply>,
    /// The reply to one more.
    pub beyond: HttpReply,
    /// The list with everything in it.
    pub listed: HttpReply,
    /// The reply to another one after one was removed; `None` where nothing could be removed.
    pub again: Option<HttpReply>,
    /// The reply to one more with everything in its place again, and the list after it: somebody
    /// else who uses the same places shows here at the latest.
    pub last: HttpReply,
    /// The list in the end.
    pub in_the_end: HttpReply,
}

/// The routes of a kind of object.
#[derive(Debug, Clone, Copy)]
pub struct Shelf<'a> {
    /// Where objects are listed and made; one of them is at `path/id`.
    pub path: &'a str,
    /// The field of the list's body that holds the objects.
    pub field: &'a str,
}

/// Fills a shelf with `most` objects and tries one more.
///
/// ```ignore
/// let filled = quota::fill(&api, shelf, 2, |n| json!({ "url": format!("https://a.example/{n}") })).await?;
/// Ok(quota::exactly(&filled, shelf, 2)?)
/// ```
///
/// # Errors
/// Those of the exchanges; unavailable if other objects occupy places already.
pub async fn fill(
    client: &Client,
    shelf: Shelf<'_>,
    most: usize,
    object: impl Fn(usize) -> Value,
) -> Result<Filled> {
    let before = client.get(shelf.path).await?;
    let occupied = before.raw_list_len(shelf.field);
    if occupied > 0 {
        return Err(Error::unavailable(format!(
            "{occupied} objects of others are at {}: their places cannot be told from a limit",
            shelf.path
        )));
    }
    let mut created = Vec::new();
    for number in 1..=most {
        created.push(create(client, shelf, number, &object).await?);
    }
    let beyond = create(client, shelf, most + 1, &object).await?;
    let label = "with everything in it";
    let listed = client
        .request("GET", shelf.path)
        .label(label)
        .send()
        .await?;
    let first = created.first().and_then(HttpReply::raw_id);
    let again = match first {
        None => None,
        Some(id) => {
            let path = format!("{}/{id}", shelf.path);
            client
                .request("DELETE", &path)
                .label("freed")
                .send()
                .await?;
            Some(create(client, shelf, most + 2, &object).await?)
        }
    };
    let last = create(client, shelf, most + 3, &object).await?;
    let label = "in the end";
    let in_the_end = client
        .request("GET", shelf.path)
        .label(label)
        .send()
        .await?;
    let filled = Filled {
        before,
        created,
        beyond,
        listed,
        again,
        last,
        in_the_end,
    };
    if is_disturbed(&filled, shelf) {
        return Err(Error::unavailable(format!(
            "others make objects at {} at the same time: their places cannot be told from a limit",
            shelf.path
        )));
    }
    Ok(filled)
}

/// Something was refused or is missing, and somebody else was there: objects that are not ours
/// are listed, or there is room where there was none before.
fn is_disturbed(filled: &Filled, shelf: Shelf<'_>) -> bool {
    let mut made: Vec<&HttpReply> = filled.created.iter().collect();
    made.extend([&filled.beyond, &filled.last]);
    made.extend(&filled.again);
    let own: Vec<String> = made.iter().filter_map(|reply| reply.raw_id()).collect();
    let is_ours = |id: &String| own.contains(id);
    let foreign = [&filled.listed, &filled.in_the_end]
        .iter()
        .any(|list| !list.raw_list_ids(shelf.field).iter().all(is_ours));
    let refused = |reply: &HttpReply| reply.raw_status() != 201;
    let odd = filled.created.iter().any(refused)
        || filled.again.as_ref().is_some_and(refused)
        || filled.listed.raw_list_len(shelf.field) != filled.created.len();
    // We free nothing before the list: what makes room until then was taken by others.
    let is_full = |reply: &&HttpReply| matches!(reply.raw_status(), 400..=428 | 430..=499);
    let asked = filled.created.iter().chain([&filled.beyond]);
    let room_again = asked
        .skip_while(|reply| !is_full(reply))
        .any(|reply| !refused(reply));
    let room_in_the_end = !refused(&filled.last) && filled.created.iter().any(refused);
    odd && (foreign || room_again || room_in_the_end)
}

async fn create(
    client: &Client,
    shelf: Shelf<'_>,
    number: usize,
    object: &impl Fn(usize) -> Value,
) -> Result<HttpReply> {
    let request = client.request("POST", shelf.path).json(&object(number));
    let reply = request.label(&format!("number {number}")).send().await?;
    if let Some(id) = reply.raw_id() {
        remove_at_the_end(client, &format!("{}/{id}", shelf.path));
    }
    Ok(reply)
}

/// Removes an own object when the trial ends, after a panic and a timeout too.
pub fn remove_at_the_end(client: &Client, path: &str) {
    let cx = client.context();
    if cx.is_replay() {
        return;
    }
    let (own, path) = (client.clone(), path.to_owned());
    cx.on_release(async move {
        // It may be gone already, and there is nobody left to tell.
        drop(own.request("DELETE", &path).exchange().await);
    });
}

/// All that are promised are made with 201, listed, and one more is refused with a reason; a removed
/// one makes place for another.
///
/// # Errors
/// A finding if the list is not JSON with the objects.
pub fn exactly(filled: &Filled, shelf: Shelf<'_>, most: usize) -> Result<Verdict> {
    if let Some(failure) = up_to(filled, shelf, most)? {
        return Ok(failure);
    }
    let status = filled.beyond.status();
    if !(400..500).contains(&status) || status == 429 {
        return Ok(Verdict::Fail(format!(
            "number {} is answered with {status}",
            most + 1
        )));
    }
    let error = filled.beyond.json()?.get("error");
    if error.as_str().is_none_or(|text| text.trim().is_empty()) {
        return Ok(Verdict::Fail(format!(
            "number {} is refused with error {}",
            most + 1,
            shown(&error)
        )));
    }
    match filled.again.as_ref().map(HttpReply::status) {
        Some(201) => Ok(Verdict::Pass),
        Some(status) => Ok(Verdict::Fail(format!(
            "after one was removed the next is answered with {status}"
        ))),
        None => Ok(Verdict::Fail(
            "what was made has no id, so it cannot be removed".to_owned(),
        )),
    }
}

/// All that are promised are made and listed; one more may be refused, or accepted with a warning,
/// but is no server error.
///
/// # Errors
/// A finding if the list is not JSON with the objects.
pub fn at_least(filled: &Filled, shelf: Shelf<'_>, most: usize) -> Result<Verdict> {
    if let Some(failure) = up_to(filled, shelf, most)? {
        return Ok(failure);
    }
    Ok(match filled.beyond.status() {
        200 | 201 => Verdict::Warn(format!("number {} is accepted, too", most + 1)),
        status @ 400..=499 if status != 429 => Verdict::Pass,
        status => Verdict::Fail(format!("number {} is answered with {status}", most + 1)),
    })
}

fn up_to(filled: &Filled, shelf: Shelf<'_>, most: usize) -> Result<Option<Verdict>> {
    let fail = |reason: String| Ok(Some(Verdict::Fail(reason)));
    for (at, reply) in filled.created.iter().enumerate() {
        if reply.status() != 201 {
            return fail(format!(
                "number {} of {most} is answered with {}",
                at + 1,
                reply.status()
            ));
        }
    }
    let listed = filled.listed.json()?.get(shelf.field).items()?.len();
    // One too many is in the list as well; that it was made is for its own reply to tell.
    let extra = usize::from(filled.beyond.raw_id().is_some());
    if listed != most + extra {
        return fail(format!("{most} were made, {listed} are listed"));
    }
    Ok(None)
}

/// A secret is shown once, when its object is made, and never again.
///
/// # Errors
/// A finding if a reply is not JSON.
pub fn secret_shown_once(filled: &Filled, shelf: Shelf<'_>, field: &str) -> Result<Verdict> {
    for reply in &filled.created {
        let secret = reply.json()?.get(field);
        if secret.as_str().is_none_or(|text| text.trim().is_empty()) {
            return Ok(Verdict::Fail(format!(
                "{field} of a new object is {}",
                shown(&secret)
            )));
        }
    }
    for item in filled.listed.json()?.get(shelf.field).items()? {
        if !item.get(field).is_absent() {
            return Ok(Verdict::Fail(format!("{field} is in the list")));
        }
    }
    Ok(Verdict::Pass)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHELF: Shelf<'_> = Shelf {
        path: "/w",
        field: "w",
    };

    fn reply(status: u16, body: &str) -> HttpReply {
        HttpReply::new(status, Vec::new(), String::new()).with_body(body.as_bytes(), false)
    }

    fn filled() -> Filled {
        Filled {
            before: reply(200, r#"{"w":[]}"#),
            created: vec![
                reply(201, r#"{"id":"1","secret":"s"}"#),
                reply(201, r#"{"id":"2","secret":"t"}"#),
            ],
            beyond: reply(409, r#"{"error":"full"}"#),
            listed: reply(200, r#"{"w":[{"id":"1"},{"id":"2"}]}"#),
            again: Some(reply(201, r#"{"id":"3"}"#)),
            last: reply(409, r#"{"error":"full"}"#),
            in_the_end: reply(200, r#"{"w":[{"id":"2"},{"id":"3"}]}"#),
        }
    }

    #[test]
    fn places_that_others_took_are_no_limit() {
        let disturbed = |change: fn(&mut Filled)| {
            let mut filled = filled();
            change(&mut filled);
            is_disturbed(&filled, SHELF)
        };
        assert!(!disturbed(|_| ()));
        // A limit that is too low refuses to the end, and lists nobody else's.
        assert!(!disturbed(|f| {
            f.created[1] = reply(409, "{}");
            f.listed = reply(200, r#"{"w":[{"id":"1"}]}"#);
            f.in_the_end = reply(200, r#"{"w":[{"id":"3"}]}"#);
        }));
        assert!(disturbed(|f| {
            f.created[1] = reply(409, "{}");
            f.listed = reply(200, r#"{"w":[{"id":"1"},{"id":"other"}]}"#);
        }));
        assert!(disturbed(|f| {
            f.created[1] = reply(409, "{}");
            f.last = reply(201, r#"{"id":"9"}"#);
        }));
        // The place of the first became free while the others were made: somebody left. A server that
        // stumbles is nobody else.
        let first_is = |status| {
            let mut filled = filled();
            filled.created[0] = reply(status, "{}");
            filled.beyond = reply(201, r#"{"id":"4"}"#);
            filled.listed = reply(200, r#"{"w":[{"id":"2"},{"id":"4"}]}"#);
            filled.in_the_end = reply(200, r#"{"w":[{"id":"4"},{"id":"3"}]}"#);
            is_disturbed(&filled, SHELF)
        };
        assert!(first_is(409) && !first_is(500));
        assert!(disturbed(|f| {
            f.again = Some(reply(409, "{}"));
            f.in_the_end = reply(200, r#"{"w":[{"id":"2"},{"id":"other"}]}"#);
        }));
    }

    fn passes(change: impl Fn(&mut Filled)) -> bool {
        let mut filled = filled();
        change(&mut filled);
        matches!(exactly(&filled, SHELF, 2), Ok(Verdict::Pass))
    }

    #[test]
    fn exactly_as_many_as_promised() {
        assert!(passes(|_| ()));
        assert!(!passes(|f| f.created[1] = reply(409, "{}")), "too few");
        assert!(
            !passes(|f| f.beyond = reply(201, r#"{"id":"3"}"#)),
            "too many"
        );
        assert!(!passes(|f| f.beyond = reply(500, "{}")), "server error");
        assert!(!passes(|f| f.beyond = reply(409, "{}")), "without a reason");
        assert!(
            !passes(|f| f.listed = reply(200, r#"{"w":[{"id":"1"}]}"#)),
            "not listed"
        );
        assert!(
            !passes(|f| f.again = Some(reply(409, "{}"))),
            "place not freed"
        );
    }

    #[test]
    fn no_upper_bound_is_a_warning() {
        let mut more = filled();
        more.beyond = reply(201, r#"{"id":"3"}"#);
        more.listed = reply(200, r#"{"w":[{"id":"1"},{"id":"2"},{"id":"3"}]}"#);
        assert!(matches!(at_least(&more, SHELF, 2), Ok(Verdict::Warn(_))));
        assert_eq!(at_least(&filled(), SHELF, 2).unwrap(), Verdict::Pass);
    }

    #[test]
    fn a_secret_is_shown_once() {
        assert_eq!(
            secret_shown_once(&filled(), SHELF, "secret").unwrap(),
            Verdict::Pass
        );
        let mut listed = filled();
        listed.listed = reply(200, r#"{"w":[{"id":"1","secret":"s"}]}"#);
        assert_ne!(
            secret_shown_once(&listed, SHELF, "secret").unwrap(),
            Verdict::Pass
        );
        let mut never = filled();
        never.created[0] = reply(201, r#"{"id":"1"}"#);
        assert_ne!(
            secret_shown_once(&never, SHELF, "secret").unwrap(),
            Verdict::Pass
        );
    }
}
