//! A log aggregator, asked for one record by a word that only it holds.

use std::time::Duration;

use readiness::{Context, Error, Result, Unavailable, Verdict};
use serde_json::{Map, Value, json};

use super::{Outlook, encoded};
use crate::http::{Bounds, Client, HttpReply, Identity, Transport};
use crate::rate_limit::Patience;

/// How long a record may be on its way: two minutes, after which somebody who follows an incident has
/// looked elsewhere.
const LONGEST: Duration = Duration::from_secs(120);
/// Time between two looks.
const PAUSE: Duration = Duration::from_secs(5);
/// Records that are asked for: one too many is enough to tell.
const LIMIT: usize = 5;
/// Characters of a label that are kept.
const SHOWN: usize = 200;

/// Whose interface is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Product {
    Loki,
    Elasticsearch,
}

/// A log aggregator.
#[derive(Debug, Clone)]
pub struct Aggregator {
    client: Client,
    product: Product,
    labels: Vec<String>,
}

impl Aggregator {
    /// The one at `loki:http://host:3100`, or at `elasticsearch:http://host:9200/index`. `labels` are
    /// the names that its records are told apart by, the first of them on every record.
    ///
    /// # Errors
    /// [`Unavailable`] if it is neither, or no label is named.
    pub fn at(cx: &Context, place: &str, labels: &[&str]) -> Result<Aggregator, Unavailable> {
        let (product, url) = match place.split_once(':') {
            Some(("loki", url)) => (Product::Loki, url),
            Some(("elasticsearch", url)) => (Product::Elasticsearch, url),
            _ => {
                return Err(Unavailable::new(format!(
                    "`{}` is no log aggregator that can be asked: it takes `loki:URL` or \
                     `elasticsearch:URL/INDEX`",
                    place.escape_debug()
                )));
            }
        };
        if labels.is_empty() {
            return Err(Unavailable::new(
                "set `log.labels` under [target] in readiness.toml to what the records of this \
                 deployment are labelled with, e.g. { service = \"api\" }",
            ));
        }
        let transport = Transport::new(Bounds::default())?;
        let url = url.trim_end_matches('/');
        Ok(Aggregator {
            client: Client::new(cx, url, &transport, Identity::anonymous()),
            product,
            labels: labels.iter().map(|&label| label.to_owned()).collect(),
        })
    }

    /// The same under replay: it serves recordings and has no way out.
    pub fn replayed(cx: &Context) -> Aggregator {
        Aggregator {
            client: Client::replayed(cx, "aggregator"),
            product: Product::Loki,
            labels: Vec::new(),
        }
    }

    /// Looks for the records that hold `word`, again and again for two minutes or until there is one:
    /// `count`, `waited_s`, `labels` (of the first one).
    ///
    /// # Errors
    /// Unavailable if the aggregator cannot be reached.
    pub async fn find(&self, word: &str, patience: &Patience) -> Result<Outlook> {
        let cx = self.client.context();
        cx.observe("a record in the aggregator", || async {
            let mut waited = Duration::ZERO;
            loop {
                let found = match self.product {
                    Product::Loki => self.in_loki(word).await?,
                    Product::Elasticsearch => self.in_elasticsearch(word).await?,
                };
                if !found.is_empty() || waited >= LONGEST {
                    return Ok(Outlook::new(json!({
                        "count": found.len(),
                        "waited_s": waited.as_secs(),
                        "labels": found.first().cloned().unwrap_or_default(),
                    })));
                }
                patience.wait(PAUSE).await;
                waited += PAUSE;
            }
        })
        .await
    }

    /// The labels of each record.
    async fn in_loki(&self, word: &str) -> Result<Vec<Value>> {
        let first = self.labels.first().map_or("service", String::as_str);
        // A selector must not be empty; the label is there whatever its value is.
        let query = format!("{{{first}=~\".+\"}} |= \"{}\"", quotable(word));
        let path = format!(
            "/loki/api/v1/query_range?limit={LIMIT}&query={}",
            encoded(&query)
        );
        let body = answered(&self.client.request("GET", &path).exchange().await?, "Loki")?;
        let streams = body["data"]["result"].as_array().cloned();
        let streams = streams.ok_or_else(|| {
            Error::unavailable("what answers at the aggregator's address is no Loki")
        })?;
        let of_stream = |stream: &Value| {
            let labels = self.kept(|name| stream["stream"].get(name));
            let records = stream["values"].as_array().map_or(0, Vec::len);
            vec![labels; records]
        };
        Ok(streams.iter().flat_map(of_stream).take(LIMIT).collect())
    }

    async fn in_elasticsearch(&self, word: &str) -> Result<Vec<Value>> {
        let body = json!({
            "size": LIMIT,
            "query": { "query_string": { "query": format!("\"{}\"", quotable(word)) } },
        });
        let asked = self.client.request("POST", "/_search").json(&body);
        let body = answered(&asked.exchange().await?, "Elasticsearch")?;
        let hits = body["hits"]["hits"].as_array().cloned();
        let hits = hits.ok_or_else(|| {
            Error::unavailable("what answers at the aggregator's address is no Elasticsearch")
        })?;
        // `service.name` is a field of that name, or one within another.
        let of_hit = |hit: &Value| {
            let source = &hit["_source"];
            self.kept(|name| {
                let within = format!("/{}", name.replace('.', "/"));
                source.get(name).or_else(|| source.pointer(&within))
            })
        };
        Ok(hits.iter().map(of_hit).collect())
    }

    /// The labels that matter, as texts.
    fn kept<'v>(&self, value: impl Fn(&str) -> Option<&'v Value>) -> Value {
        let pairs = self.labels.iter().filter_map(|name| {
            let text: String = value(name)?.as_str()?.chars().take(SHOWN).collect();
            Some((name.clone(), Value::from(text)))
        });
        Value::Object(pairs.collect::<Map<_, _>>())
    }
}

/// A word inside of a quoted text.
fn quotable(word: &str) -> String {
    word.chars()
        .filter(|c| !c.is_control() && !matches!(c, '"' | '\\'))
        .collect()
}

fn answered(reply: &HttpReply, product: &str) -> Result<Value> {
    serde_json::from_str(reply.text()).map_err(|_| {
        Error::unavailable(format!(
            "what answers at the aggregator's address is no {product}: status {}, no JSON",
            reply.status()
        ))
    })
}

/// Whether the record of [`Aggregator::find`] is there once, with these labels.
///
/// # Errors
/// A finding if a fact is missing.
pub fn collected(found: &Outlook, labels: &[(&str, &str)]) -> Result<Verdict> {
    match crate::seen::count(&found.get("count"))? {
        0 => {
            return Ok(Verdict::Fail(format!(
                "a record of the service is not in the aggregator after {} s",
                LONGEST.as_secs()
            )));
        }
        1 => {}
        many => {
            return Ok(Verdict::Fail(format!(
                "one record of the service is in the aggregator {many} times"
            )));
        }
    }
    let there = found.get("labels");
    for (name, wanted) in labels {
        let value = there.get(name);
        match value.as_str() {
            Some(value) if value == *wanted => {}
            Some(other) => {
                return Ok(Verdict::Fail(format!(
                    "the record is labelled {name} = {}, not {wanted}",
                    other.escape_debug()
                )));
            }
            None => {
                return Ok(Verdict::Fail(format!("the record has no label {name}")));
            }
        }
    }
    Ok(Verdict::Pass)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(count: u64, service: &str) -> Verdict {
        let found = Outlook::new(json!({
            "count": count, "waited_s": 5, "labels": { "service": service },
        }));
        collected(&found, &[("service", "api")]).unwrap()
    }

    #[test]
    fn each_fault_names_what_was_seen() {
        assert_eq!(judged(1, "api"), Verdict::Pass);
        for (count, service, words) in [
            (0, "api", "after 120 s"),
            (2, "api", "2 times"),
            (1, "billing\n", "service = billing\\n, not api"),
        ] {
            let Verdict::Fail(reason) = judged(count, service) else {
                panic!("{words}")
            };
            assert!(reason.contains(words), "{reason}");
        }
        let bare = Outlook::new(json!({ "count": 1, "waited_s": 0, "labels": {} }));
        let Verdict::Fail(reason) = collected(&bare, &[("service", "api")]).unwrap() else {
            panic!()
        };
        assert!(reason.contains("no label service"), "{reason}");
    }

    #[test]
    fn a_word_cannot_leave_its_quotes() {
        assert_eq!(quotable("a\"} |= \\b\n"), "a} |= b");
    }
}
