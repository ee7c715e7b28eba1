//! A dashboard server, asked for the dashboards about a service and what their panels read.

use std::collections::BTreeSet;

use readiness::{Context, Error, Result, Unavailable, Verdict};
use serde_json::{Value, json};

use super::{Outlook, encoded};
use crate::http::{Bounds, Client, HttpReply, Identity, Transport};
use crate::prometheus::Expression;

/// Dashboards, and panels of one, that are looked at.
const MAX_LIST: usize = 50;
/// Rows within rows that are looked into.
const DEEPEST: usize = 3;
/// Characters of a text that are kept.
const SHOWN: usize = 1_000;
/// What a query about a latency percentile holds: a quantile of a histogram, or the label that a
/// summary has.
const PERCENTILE: [&str; 2] = ["histogram_quantile", "quantile="];

/// A Grafana that is asked.
#[derive(Debug, Clone)]
pub struct Grafana {
    client: Client,
    token: Option<String>,
}

impl Grafana {
    /// The server at `url`, with a service account's token where it asks for one.
    ///
    /// # Errors
    /// [`Unavailable`] if no client can be made.
    pub fn at(cx: &Context, url: &str, token: Option<String>) -> Result<Grafana, Unavailable> {
        if let Some(token) = &token {
            cx.secret(token);
        }
        let transport = Transport::new(Bounds::default())?;
        let url = url.trim_end_matches('/');
        Ok(Grafana {
            client: Client::new(cx, url, &transport, Identity::anonymous()),
            token,
        })
    }

    /// The same under replay: it serves recordings and has no way out.
    pub fn replayed(cx: &Context) -> Grafana {
        Grafana {
            client: Client::replayed(cx, "grafana"),
            token: None,
        }
    }

    /// The dashboards that are named or tagged with `name`, in any case: a list of `title` and
    /// `queries` (of their panels).
    ///
    /// # Errors
    /// Unavailable if the server cannot be reached or does not let us in.
    pub async fn dashboards(&self, name: &str) -> Result<Outlook> {
        let cx = self.client.context();
        cx.observe(format!("dashboards about {name}"), || async {
            let found = self.data("/api/search?type=dash-db&limit=500").await?;
            let wanted = name.to_lowercase();
            let about = |one: &&Value| {
                let texts = one["tags"].as_array().into_iter().flatten();
                texts
                    .chain([&one["title"]])
                    .filter_map(Value::as_str)
                    .any(|text| text.to_lowercase().contains(&wanted))
            };
            let mut seen = Vec::new();
            let all = found.as_array().cloned().unwrap_or_default();
            for one in all.iter().filter(about).take(MAX_LIST) {
                let uid = one["uid"].as_str().unwrap_or_default();
                let path = format!("/api/dashboards/uid/{}", encoded(uid));
                let whole = self.data(&path).await?;
                let mut queries = Vec::new();
                collect(&whole["dashboard"]["panels"], DEEPEST, &mut queries);
                seen.push(json!({ "title": short(&one["title"]), "queries": queries }));
            }
            Ok(Outlook::new(json!({ "dashboards": seen })))
        })
        .await
    }

    async fn data(&self, path: &str) -> Result<Value> {
        let mut request = self.client.request("GET", path);
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let reply: HttpReply = request.exchange().await?;
        match reply.status() {
            401 | 403 => {
                return Err(Error::unavailable(
                    "Grafana does not let us in: set `grafana.token_env` under [target] in \
                     readiness.toml to a variable with a service account's token (role Viewer)",
                ));
            }
            200 => {}
            status => {
                return Err(Error::unavailable(format!("Grafana answers with {status}")));
            }
        }
        serde_json::from_str(reply.text())
            .map_err(|_| Error::unavailable("what answers at `grafana.url` is no Grafana: no JSON"))
    }
}

/// The expressions of panels, and of panels within rows.
fn collect(panels: &Value, depth: usize, queries: &mut Vec<String>) {
    for panel in panels.as_array().into_iter().flatten().take(MAX_LIST) {
        let targets = panel["targets"].as_array().into_iter().flatten();
        let expressions = targets.filter_map(|target| target["expr"].as_str());
        let room = MAX_LIST.saturating_sub(queries.len());
        queries.extend(
            expressions
                .filter(|text| !text.trim().is_empty())
                .map(|text| text.chars().take(SHOWN).collect())
                .take(room),
        );
        if depth > 0 {
            collect(&panel["panels"], depth - 1, queries);
        }
    }
}

fn short(value: &Value) -> String {
    let text = value.as_str().unwrap_or_default();
    text.chars().take(SHOWN).collect()
}

/// The metrics that the panels of [`Grafana::dashboards`] read, each once.
pub fn metrics_of(seen: &Outlook) -> Vec<String> {
    let mut metrics = BTreeSet::new();
    for dashboard in seen.get("dashboards").items().unwrap_or_default() {
        for query in dashboard.get("queries").items().unwrap_or_default() {
            let expression = Expression::scan(query.as_str().unwrap_or_default());
            metrics.extend(expression.metrics().map(str::to_owned));
        }
    }
    metrics.into_iter().collect()
}

/// Whether there is a dashboard, with panels, one of them about a latency percentile.
///
/// # Errors
/// A finding if a fact is missing.
pub fn shown(seen: &Outlook, name: &str) -> Result<Verdict> {
    let dashboards = seen.get("dashboards").items()?;
    if dashboards.is_empty() {
        return Ok(Verdict::Fail(format!(
            "no dashboard is named or tagged {name}"
        )));
    }
    let mut panels = 0;
    for dashboard in &dashboards {
        for query in dashboard.get("queries").items()? {
            panels += 1;
            let query = query.str()?;
            if PERCENTILE.iter().any(|word| query.contains(word)) {
                return Ok(Verdict::Pass);
            }
        }
    }
    Ok(Verdict::Fail(if panels == 0 {
        format!("the dashboards about {name} have no panel that reads anything")
    } else {
        format!("none of {panels} panels about {name} shows a latency percentile")
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outlook(queries: &[&str]) -> Outlook {
        Outlook::new(json!({ "dashboards": [{ "title": "API", "queries": queries }] }))
    }

    #[test]
    fn panels_within_rows_are_found() {
        let panels = json!([
            { "targets": [{ "expr": "up" }, { "expr": " " }, { "rawSql": "SELECT 1" }] },
            { "type": "row", "panels": [{ "targets": [{ "expr": "rate(hits_total[5m])" }] }] },
        ]);
        let mut queries = Vec::new();
        collect(&panels, DEEPEST, &mut queries);
        assert_eq!(queries, ["up", "rate(hits_total[5m])"]);
        assert_eq!(
            metrics_of(&outlook(&["up", "rate(hits_total[5m]) / up"])),
            ["hits_total", "up"]
        );
    }

    #[test]
    fn each_fault_names_what_was_seen() {
        let good = "histogram_quantile(0.95, rate(latency_bucket[5m]))";
        assert_eq!(
            shown(&outlook(&["up", good]), "api").unwrap(),
            Verdict::Pass
        );
        for (seen, words) in [
            (Outlook::new(json!({ "dashboards": [] })), "no dashboard"),
            (outlook(&[]), "have no panel"),
            (outlook(&["up"]), "none of 1 panels"),
        ] {
            let Verdict::Fail(reason) = shown(&seen, "api").unwrap() else {
                panic!("{words}")
            };
            assert!(reason.contains(words), "{reason}");
        }
    }
}
