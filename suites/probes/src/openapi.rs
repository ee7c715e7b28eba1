//! Documentation: does it say what the service does? The `OpenAPI` document for programs, the page for
//! people, the prices, the guide. Pure functions over what was read.

mod prose;

use readiness::{Error, Result, Verdict};

pub use prose::{Limits, guide, limits_documented, plain_text, priced};

use crate::http::{HttpReply, Json, shown};
use crate::{about, worst};

/// The page is there, is HTML, and leads to the document at `document_path`.
pub fn page(reply: &HttpReply, document_path: &str) -> Verdict {
    if reply.status() != 200 {
        return Verdict::Fail(format!("the page is answered with {}", reply.status()));
    }
    match reply.header("content-type") {
        Some(kind) if kind.trim_start().starts_with("text/html") => {}
        other => {
            let kind = crate::headers::quoted(other.unwrap_or("none"));
            return Verdict::Fail(format!("the page has the content type `{kind}`, not HTML"));
        }
    }
    if reply.text().contains(document_path) {
        Verdict::Pass
    } else {
        Verdict::Fail(format!("the page does not lead to {document_path}"))
    }
}

/// A document that was read.
#[derive(Debug, Clone)]
pub struct Document(Json);

impl Document {
    /// Reads an `OpenAPI` 3 document.
    ///
    /// # Errors
    /// A finding if it is not one.
    pub fn read(reply: &HttpReply) -> Result<Document> {
        if reply.status() != 200 {
            return Err(Error::finding(format!(
                "the OpenAPI document is answered with {}",
                reply.status()
            )));
        }
        let document = reply.json()?;
        let version = document.get("openapi");
        if !version
            .as_str()
            .is_some_and(|version| version.starts_with("3."))
        {
            return Err(Error::finding(format!(
                "openapi is {}, not 3.x",
                shown(&version)
            )));
        }
        Ok(Document(document))
    }

    /// Each of these paths is documented. Names of parameters do not matter.
    pub fn has_paths(&self, wanted: &[&str]) -> Verdict {
        let paths = self.0.get("paths");
        let known: Vec<String> = paths.keys().into_iter().map(nameless).collect();
        match wanted.iter().find(|path| !known.contains(&nameless(path))) {
            Some(path) => Verdict::Fail(format!("{path} is not documented")),
            None => Verdict::Pass,
        }
    }

    /// The documented paths that can be asked for as they are: `GET`, without a parameter inside.
    /// A choice of what to look at, which no judgement depends on.
    pub fn plain_gets(&self) -> Vec<String> {
        let paths = self.0.get("paths");
        let Some(known) = paths.peek().and_then(|paths| paths.as_object()) else {
            return Vec::new();
        };
        let plain = known
            .iter()
            .filter(|(path, item)| !path.contains('{') && item["get"].is_object());
        plain.map(|(path, _)| path.clone()).collect()
    }

    /// All documented operations, as method in capitals and path. A choice of what to look at, which
    /// no judgement depends on.
    pub fn operations(&self) -> Vec<(String, String)> {
        const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];
        let paths = self.0.get("paths");
        let Some(known) = paths.peek().and_then(|paths| paths.as_object()) else {
            return Vec::new();
        };
        let of_path = |(path, item): (&String, &serde_json::Value)| {
            let methods = METHODS.iter().filter(|method| item[**method].is_object());
            let operation = |method: &&str| (method.to_uppercase(), path.clone());
            methods.map(operation).collect::<Vec<_>>()
        };
        known.iter().flat_map(of_path).collect()
    }

    /// A bearer scheme and a key in the header `X-API-Key` are declared.
    pub fn has_key_schemes(&self) -> Verdict {
        let schemes = self.0.at("/components/securitySchemes");
        let mut bearer = false;
        let mut names = Vec::new();
        for name in schemes.keys() {
            let scheme = schemes.get(name);
            match scheme.get("type").as_str() {
                Some("http") => {
                    bearer |= scheme
                        .get("scheme")
                        .as_str()
                        .is_some_and(|s| s.eq_ignore_ascii_case("bearer"));
                }
                Some("apiKey") if scheme.get("in").as_str() == Some("header") => {
                    names.extend(scheme.get("name").as_str().map(str::to_owned));
                }
                _ => {}
            }
        }
        if !bearer {
            return Verdict::Fail("no bearer scheme is documented".to_owned());
        }
        if names
            .iter()
            .any(|name| name.eq_ignore_ascii_case("x-api-key"))
        {
            return Verdict::Pass;
        }
        Verdict::Fail(format!("no key in X-API-Key is documented, but {names:?}"))
    }

    /// Each of these operations, as method and path, is documented to need a credential.
    pub fn are_protected(&self, operations: &[(&str, &str)]) -> Verdict {
        worst(operations.iter().map(|(method, path)| {
            let operation = self.operation(method, path);
            let needed = operation.get("security").items().unwrap_or_default();
            let names_one = needed.iter().any(|choice| !choice.keys().is_empty());
            let optional = needed.iter().any(|choice| choice.keys().is_empty());
            if names_one && !optional {
                Verdict::Pass
            } else {
                Verdict::Fail(format!(
                    "{method} {path} is not documented to need a credential"
                ))
            }
        }))
    }

    /// The operation documents a reply with `status`, whose schema the observed body obeys and which
    /// holds a text `error`.
    pub fn documents_error(&self, method: &str, path: &str, status: u16, seen: &Json) -> Verdict {
        let subject = format!("{status} of {method} {path}");
        let reply = self
            .operation(method, path)
            .get("responses")
            .get(&status.to_string());
        if !reply.exists() {
            return Verdict::Fail(format!("{subject} is not documented"));
        }
        let schema = self.resolved(&reply.at("/content/application~1json/schema"));
        let error = schema.at("/properties/error/type");
        if error.as_str() != Some("string") {
            let shown = shown(&error);
            return Verdict::Fail(format!(
                "{subject}: error is documented as {shown}, not a string"
            ));
        }
        let required = schema.get("required").items().unwrap_or_default();
        let lacking = required
            .iter()
            .filter_map(|name| name.as_str().map(str::to_owned))
            .find(|name| !seen.get(name).exists());
        match lacking {
            Some(name) => about(
                &subject,
                Verdict::Fail(format!(
                    "{} is documented as required and was not there",
                    name.escape_debug()
                )),
            ),
            None => Verdict::Pass,
        }
    }

    /// Whether a reply with `status` is documented anywhere with these headers.
    pub fn documents_headers(&self, method: &str, path: &str, status: u16, names: &[&str]) -> bool {
        let reply = self
            .operation(method, path)
            .get("responses")
            .get(&status.to_string());
        let headers = reply.get("headers");
        let known: Vec<String> = headers.keys().into_iter().map(str::to_lowercase).collect();
        names
            .iter()
            .all(|name| known.contains(&name.to_lowercase()))
    }

    /// The prose of the whole document.
    pub fn description(&self) -> String {
        self.0
            .at("/info/description")
            .as_str()
            .unwrap_or("")
            .to_owned()
    }

    fn operation(&self, method: &str, path: &str) -> Json {
        let paths = self.0.get("paths");
        let named = paths
            .keys()
            .into_iter()
            .find(|known| nameless(known) == nameless(path));
        paths.get(named.unwrap_or(path)).get(&method.to_lowercase())
    }

    /// A schema, through one reference into the same document.
    fn resolved(&self, schema: &Json) -> Json {
        match schema
            .get("$ref")
            .as_str()
            .and_then(|text| text.strip_prefix('#'))
        {
            Some(pointer) => self.0.at(pointer),
            None => schema.clone(),
        }
    }
}

/// A path without the names of its parameters.
fn nameless(path: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for c in path.chars() {
        match c {
            '{' => {
                inside = true;
                out.push('{');
            }
            '}' => {
                inside = false;
                out.push('}');
            }
            _ if inside => {}
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests;
