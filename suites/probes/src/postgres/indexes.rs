//! Whether a column has an index that queries can use.

use readiness::observation::json::Json;
use readiness::{Error, Result, Verdict};
use serde_json::{Value, json};

use super::database::{ask, literal};
use super::{Database, PgRows};

/// Levels of a query plan that are searched.
const DEPTH: usize = 20;

impl Database {
    /// The indexes of a table, and which of them a query for `column` would use if it may not read
    /// the whole table. Records `table` (whether there is one), `indexes` (`name`, `valid`, `ready`,
    /// `method`, `leading`, `partial`) and `used` (names, for the column itself and in lower case).
    ///
    /// # Errors
    /// Unavailable if the database cannot be reached or the role may not look.
    pub async fn indexes(&self, table: &str, column: &str) -> Result<PgRows> {
        let name = literal(table);
        let catalogue = format!(
            "SELECT json_build_object('table', to_regclass({name}) IS NOT NULL, 'indexes', \
             (SELECT coalesce(json_agg(json_build_object('name', i.relname, 'valid', x.indisvalid, \
              'ready', x.indisready, 'method', m.amname, \
              'leading', replace(pg_get_indexdef(x.indexrelid, 1, true), '\"', ''), \
              'partial', x.indpred IS NOT NULL) ORDER BY i.relname), '[]') \
              FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid \
              JOIN pg_am m ON m.oid = i.relam WHERE x.indrelid = to_regclass({name})))"
        );
        self.observe(
            &format!("indexes on {table} for {column}"),
            async |client| {
                let mut seen = ask(client, &catalogue).await?;
                let mut used = Vec::new();
                if seen["table"] == json!(true) {
                    for (value, term) in terms(table, column) {
                        let explain = format!(
                            "SET LOCAL enable_seqscan = off; EXPLAIN (FORMAT JSON) \
                         SELECT * FROM {table} WHERE {term} = ({value})"
                        );
                        let plan = ask(client, &explain).await?;
                        used.extend(index_in(&plan, DEPTH));
                    }
                }
                seen["used"] = json!(used);
                Ok(seen)
            },
        )
        .await
    }
}

/// A value of the column and what it is compared with: the column itself, and in lower case.
fn terms(table: &str, column: &str) -> [(String, String); 2] {
    let column = identifier(column);
    [
        (
            format!("SELECT {column} FROM {table} LIMIT 1"),
            column.clone(),
        ),
        (
            format!("SELECT lower({column}::text) FROM {table} LIMIT 1"),
            format!("lower({column}::text)"),
        ),
    ]
}

fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The index that a plan looks a condition up in.
fn index_in(plan: &Value, depth: usize) -> Option<String> {
    let depth = depth.checked_sub(1)?;
    match plan {
        Value::Object(node) => {
            // Without a condition the whole index is read, in place of the whole table.
            let name = node
                .get("Index Name")
                .filter(|_| node.contains_key("Index Cond"));
            name.and_then(Value::as_str)
                .map(str::to_owned)
                .or_else(|| node.values().find_map(|value| index_in(value, depth)))
        }
        Value::Array(items) => items.iter().find_map(|item| index_in(item, depth)),
        _ => None,
    }
}

/// Whether `column` leads an index of [`Database::indexes`] that serves every query for it.
///
/// # Errors
/// Unavailable if there is no such table; a finding if a fact is missing.
pub fn index_on(seen: &PgRows, column: &str) -> Result<Verdict> {
    if !seen.get("table").bool()? {
        return Err(Error::unavailable(
            "there is no such table on the role's search path: name it with its schema",
        ));
    }
    let lower = format!("lower({column})");
    let lower_text = format!("lower({column}::text)");
    let mut others = Vec::new();
    let mut best: Option<Verdict> = None;
    for index in seen.get("indexes").items()? {
        let leading = index.get("leading");
        let leading = leading.str()?;
        if ![column, &lower, &lower_text].contains(&leading) {
            others.push(leading.to_owned());
            continue;
        }
        let verdict = serves(&index, seen)?;
        if best.as_ref().is_none_or(|best| rank(&verdict) < rank(best)) {
            best = Some(verdict);
        }
    }
    Ok(best.unwrap_or_else(|| {
        let others = if others.is_empty() {
            "none".to_owned()
        } else {
            others.join(", ")
        };
        Verdict::Fail(format!(
            "no index begins with {column}; leading columns are: {others}"
        ))
    }))
}

/// What one index with the right leading column is good for.
fn serves(index: &Json, seen: &PgRows) -> Result<Verdict> {
    let name = index.get("name");
    let name = name.str()?;
    if !index.get("valid").bool()? {
        return Ok(Verdict::Fail(format!(
            "the index {name} is invalid: rebuild it"
        )));
    }
    if !index.get("ready").bool()? {
        return Ok(Verdict::Fail(format!(
            "the index {name} is not ready: it is still being built"
        )));
    }
    if index.get("partial").bool()? {
        return Ok(Verdict::Warn(format!(
            "the index {name} is partial: it covers some rows only"
        )));
    }
    let method = index.get("method");
    let method = method.str()?;
    if method != "btree" {
        return Ok(Verdict::Warn(format!(
            "the index {name} is of type {method}, not btree"
        )));
    }
    let used = seen.get("used");
    if used.items()?.iter().any(|used| used.as_str() == Some(name)) {
        Ok(Verdict::Pass)
    } else {
        Ok(Verdict::Fail(format!(
            "queries do not use the index {name}"
        )))
    }
}

/// Best first.
fn rank(verdict: &Verdict) -> u8 {
    match verdict {
        Verdict::Pass => 0,
        Verdict::Warn(_) | Verdict::NotApplicable(_) => 1,
        Verdict::Fail(_) => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(name: &str, leading: &str) -> Value {
        json!({"name": name, "leading": leading, "valid": true, "ready": true,
               "method": "btree", "partial": false})
    }

    #[test]
    fn one_good_index_is_enough() {
        let mut invalid = index("old", "chain");
        invalid["valid"] = json!(false);
        let seen = PgRows::new(json!({
            "table": true, "used": ["new"],
            "indexes": [invalid, index("pk", "tx_hash"), index("new", "lower(chain)")],
        }));
        assert_eq!(index_on(&seen, "chain").unwrap(), Verdict::Pass);
    }

    #[test]
    fn an_index_that_no_query_uses_fails() {
        let seen = PgRows::new(json!({
            "table": true, "used": ["pk"], "indexes": [index("chains", "chain")],
        }));
        let expected = Verdict::Fail("queries do not use the index chains".to_owned());
        assert_eq!(index_on(&seen, "chain").unwrap(), expected);
    }

    #[test]
    fn other_types_are_a_warning() {
        let mut brin = index("times", "timestamp");
        brin["method"] = json!("brin");
        let seen = PgRows::new(json!({"table": true, "used": ["times"], "indexes": [brin]}));
        assert!(matches!(
            index_on(&seen, "timestamp").unwrap(),
            Verdict::Warn(_)
        ));
    }

    #[test]
    fn a_plan_is_searched_for_a_condition() {
        let scan =
            json!({"Index Name": "whole", "Plans": [{"Index Name": "hit", "Index Cond": "x"}]});
        assert_eq!(
            index_in(&json!([{"Plan": scan}]), DEPTH),
            Some("hit".to_owned())
        );
        let mut deep = json!({"Index Name": "x", "Index Cond": "x"});
        for _ in 0..DEPTH {
            deep = json!([deep]);
        }
        assert_eq!(index_in(&deep, DEPTH), None);
    }
}
