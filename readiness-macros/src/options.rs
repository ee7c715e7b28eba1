//! What stands between the parentheses: ids and options, each refused at its own span if it is
//! unknown, repeated, malformed or at odds with another.

use std::collections::HashSet;

use proc_macro2::{Span, TokenStream};
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::{Error, Expr, ExprPath, Ident, Lit, LitStr, Path, Result, Token};

use crate::nearest::nearest;
use crate::site::written;

/// Every option, as it is written.
const OPTIONS: [&str; 10] = [
    "args",
    "exclusive",
    "shared",
    "phase",
    "timeout",
    "retries",
    "ignore",
    "control",
    "no_proof",
    "crate",
];

/// The phases, in the order in which they run; `aside` runs beside those that follow it.
const PHASES: [&str; 6] = ["probe", "aside", "write", "disrupt", "burst", "load"];

/// The contents of `args(..)`: at least one value.
pub(crate) struct Args {
    pub(crate) values: Punctuated<Expr, Token![,]>,
    /// As written.
    pub(crate) text: String,
}

/// One attribute's contents.
#[derive(Default)]
pub(crate) struct Options {
    /// At least one, no two alike, none empty.
    pub(crate) ids: Vec<LitStr>,
    /// Values for the last parameters.
    pub(crate) args: Option<Args>,
    /// Number among the function's attributes with arguments, from 1; set once all are known.
    pub(crate) case: Option<u32>,
    pub(crate) exclusive: Option<LitStr>,
    pub(crate) shared: Option<LitStr>,
    /// One of [`PHASES`], with a capital: the variant's name.
    pub(crate) phase: Option<Ident>,
    pub(crate) timeout_ms: Option<u64>,
    pub(crate) retries: Option<u32>,
    pub(crate) ignore: Option<LitStr>,
    pub(crate) control: Option<ExprPath>,
    pub(crate) no_proof: Option<LitStr>,
    /// Where the `readiness` crate is.
    pub(crate) krate: Option<Path>,
}

impl Options {
    /// Reads the tokens of one attribute; `site` is where to say that something is missing.
    pub(crate) fn parse(tokens: TokenStream, site: Span) -> Result<Self> {
        let options = (|input: ParseStream| Self::read(input)).parse2(tokens)?;
        if options.ids.is_empty() {
            return Err(Error::new(
                site,
                "no requirement: write its id, as in `#[requirement(\"HLTH-001\")]`",
            ));
        }
        if let (Some(_), Some(shared)) = (&options.exclusive, &options.shared) {
            return Err(Error::new(
                shared.span(),
                "a trial is either `exclusive` or `shared` in a group, not both",
            ));
        }
        Ok(options)
    }

    fn read(input: ParseStream) -> Result<Self> {
        let mut options = Self::default();
        let mut seen = HashSet::new();
        while !input.is_empty() {
            if input.peek(Ident::peek_any) {
                let name = input.call(Ident::parse_any)?;
                if !seen.insert(name.to_string()) {
                    return Err(Error::new(name.span(), format!("`{name}` is given twice")));
                }
                options.option(&name, input)?;
            } else {
                let id = id(input)?;
                if options.ids.iter().any(|other| other.value() == id.value()) {
                    let message = format!("`{}` is given twice", id.value());
                    return Err(Error::new(id.span(), message));
                }
                options.ids.push(id);
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(options)
    }

    fn option(&mut self, name: &Ident, input: ParseStream) -> Result<()> {
        match name.to_string().as_str() {
            "args" => self.args = Some(args(name, input)?),
            "exclusive" => self.exclusive = Some(text(name, "the group's name", input)?),
            "shared" => self.shared = Some(text(name, "the group's name", input)?),
            "phase" => self.phase = Some(phase(&text(name, "a phase", input)?)?),
            "timeout" => self.timeout_ms = Some(timeout(&text(name, "30s", input)?)?),
            "retries" => {
                equals(name, "2", input)?;
                self.retries = Some(retries(input)?);
            }
            "ignore" => self.ignore = Some(text(name, "the reason", input)?),
            "no_proof" => self.no_proof = Some(text(name, "the reason", input)?),
            "control" => {
                equals(name, "path::to::function", input)?;
                let no_path = "`control` is the path of a function: `control = leaking_log`";
                self.control = Some(input.parse().map_err(|e| Error::new(e.span(), no_path))?);
            }
            "crate" => {
                equals(name, "path", input)?;
                self.krate = Some(input.call(Path::parse_mod_style)?);
            }
            unknown => return Err(Error::new(name.span(), unknown_option(unknown))),
        }
        Ok(())
    }
}

fn unknown_option(name: &str) -> String {
    match nearest(name, &OPTIONS) {
        Some(near) => format!("there is no option `{name}`; did you mean `{near}`?"),
        None => format!(
            "there is no option `{name}`; there are `{}`",
            OPTIONS.join("`, `")
        ),
    }
}

/// A requirement's id. What a valid one looks like is the checklist's grammar to say.
fn id(input: ParseStream) -> Result<LitStr> {
    let id = match input.parse::<Lit>() {
        Ok(Lit::Str(id)) => id,
        Ok(other) => {
            return Err(Error::new(
                other.span(),
                "an id is a string: `\"HLTH-001\"`",
            ));
        }
        Err(error) => {
            return Err(Error::new(
                error.span(),
                "expected the id of a requirement, as a string, or an option",
            ));
        }
    };
    let value = id.value();
    if value.is_empty() {
        return Err(Error::new(id.span(), "the id of the requirement is empty"));
    }
    if !readiness_checklist::valid_id(&value) {
        return Err(Error::new(
            id.span(),
            format!("no checklist can have the id `{}`", value.escape_debug()),
        ));
    }
    Ok(id)
}

fn equals(name: &Ident, example: &str, input: ParseStream) -> Result<()> {
    if input.peek(Token![=]) {
        input.parse::<Token![=]>()?;
        return Ok(());
    }
    Err(Error::new(
        name.span(),
        format!("`{name}` needs a value: `{name} = {example}`"),
    ))
}

/// `name = "text"`, where the text says something.
fn text(name: &Ident, what: &str, input: ParseStream) -> Result<LitStr> {
    equals(name, &format!("\"{what}\""), input)?;
    let text: LitStr = input.parse().map_err(|error| {
        Error::new(
            error.span(),
            format!("`{name}` is text: `{name} = \"{what}\"`"),
        )
    })?;
    if text.value().trim().is_empty() {
        return Err(Error::new(
            text.span(),
            format!("`{name}` is empty: `{name} = \"{what}\"`"),
        ));
    }
    Ok(text)
}

fn retries(input: ParseStream) -> Result<u32> {
    let number: Lit = input.parse()?;
    let whole = match &number {
        Lit::Int(number) => number.base10_parse().ok(),
        _ => None,
    };
    whole.ok_or_else(|| {
        let message = "`retries` is how often to try again: `retries = 2`";
        Error::new(number.span(), message)
    })
}

fn args(name: &Ident, input: ParseStream) -> Result<Args> {
    if !input.peek(syn::token::Paren) {
        return Err(Error::new(
            name.span(),
            "`args` takes values in parentheses: `args(1, \"two\")`",
        ));
    }
    let content;
    syn::parenthesized!(content in input);
    let text = written(&content.fork().parse()?);
    let values = Punctuated::parse_terminated(&content)?;
    if values.is_empty() {
        return Err(Error::new(
            name.span(),
            "`args()` has no values: leave it out, or give one for each of the last parameters",
        ));
    }
    Ok(Args { values, text })
}

fn phase(text: &LitStr) -> Result<Ident> {
    let value = text.value();
    if !PHASES.contains(&value.as_str()) {
        let hint = match nearest(&value, &PHASES) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are `{}`", PHASES.join("`, `")),
        };
        return Err(Error::new(
            text.span(),
            format!("there is no phase `{}`; {hint}", value.escape_debug()),
        ));
    }
    let (first, rest) = value.split_at(1);
    Ok(Ident::new(
        &format!("{}{rest}", first.to_ascii_uppercase()),
        Span::mixed_site(),
    ))
}

/// Milliseconds of `500ms`, `30s`, `2m`, `1h`.
fn timeout(text: &LitStr) -> Result<u64> {
    let value = text.value();
    milliseconds(&value).ok_or_else(|| {
        Error::new(
            text.span(),
            format!(
                "`{}` is not a time limit: write a whole number above zero and its unit, as in \
                 `500ms`, `30s`, `2m` or `1h`",
                value.escape_debug()
            ),
        )
    })
}

fn milliseconds(value: &str) -> Option<u64> {
    let digits = value.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = value.split_at(digits);
    let factor = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return None,
    };
    let number: u64 = number.parse().ok()?;
    number.checked_mul(factor).filter(|limit| *limit > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_limits() {
        assert_eq!(milliseconds("500ms"), Some(500));
        assert_eq!(milliseconds("30s"), Some(30_000));
        assert_eq!(milliseconds("2m"), Some(120_000));
        assert_eq!(milliseconds("1h"), Some(3_600_000));
        for bad in [
            "",
            "30",
            "s",
            "0s",
            "-1s",
            "1.5s",
            "30 s",
            "30sec",
            "99999999999999999999s",
        ] {
            assert_eq!(milliseconds(bad), None, "{bad:?}");
        }
        assert_eq!(milliseconds("18446744073709551615h"), None);
    }

    fn parse(text: &str) -> Result<Options> {
        Options::parse(text.parse().expect("tokens"), Span::call_site())
    }

    fn message(text: &str) -> String {
        parse(text).err().expect("an error").to_string()
    }

    #[test]
    fn everything_at_once() {
        let options = parse(
            r#""A-1", args(1, "two",), "B-2", exclusive = "db", phase = "burst", timeout = "30s",
               retries = 2, ignore = "not yet", control = bad::log, no_proof = "why", crate = r::x,"#,
        )
        .expect("valid");
        let ids: Vec<_> = options.ids.iter().map(LitStr::value).collect();
        assert_eq!(ids, ["A-1", "B-2"]);
        assert_eq!(options.args.map(|args| args.values.len()), Some(2));
        assert_eq!(
            options.phase.map(|phase| phase.to_string()).as_deref(),
            Some("Burst")
        );
        assert_eq!(
            (options.timeout_ms, options.retries),
            (Some(30_000), Some(2))
        );
        assert!(options.control.is_some() && options.krate.is_some());
    }

    #[test]
    fn no_two_answers_to_one_question() {
        assert_eq!(message(r#""A", "A""#), "`A` is given twice");
        assert_eq!(
            message(r#""A", retries = 1, retries = 1"#),
            "`retries` is given twice"
        );
        assert!(message(r#""A", exclusive = "x", shared = "x""#).contains("not both"));
    }

    #[test]
    fn a_slip_gets_the_nearest_option() {
        assert!(message(r#""A", timout = "1s""#).contains("did you mean `timeout`"));
        assert!(message(r#""A", phase = "brust""#).contains("did you mean `burst`"));
    }
}
