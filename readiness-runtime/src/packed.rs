//! A registration as the attribute emits it: two texts, the module and the erased function.
//!
//! What is emitted is what costs compile time, and a literal costs next to nothing. So everything
//! that is known while expanding stands in texts, and is taken apart once, when a test target starts:
//!
//! ```text
//! of the crate     package NUL version NUL manifest directory NUL file
//! of the check     ids, separated by U+0001 NUL function NUL line NUL column NUL digest
//!                  and for each option  NUL letter value
//! ```
//!
//! | letter | option | letter | option |
//! |---|---|---|---|
//! | `a` | the arguments as written | `t` | timeout, in milliseconds |
//! | `c` | number of the case | `r` | retries |
//! | `x` | exclusive | `i` | ignored, with the reason |
//! | `s` | shared | `n` | no proof, with the reason |
//! | `p` | phase | | |
//!
//! The macro and this module are of one version: cargo resolves them together.

use std::time::Duration;

use crate::context::Context;
use crate::registry::{Body, CheckFuture, Phase, Registration};
use crate::verdict::CheckResult;

/// What the attribute submits: text of the crate, module, text of the check, function.
#[derive(Debug)]
pub struct Packed(
    pub &'static str,
    pub &'static str,
    pub &'static str,
    pub Check,
);

/// The erased function, and that on the negative control where there is one.
#[derive(Debug, Clone, Copy)]
pub enum Check {
    /// The check itself, where it takes nothing and gives nothing back.
    Plain(fn()),
    /// A blocking one.
    Sync(fn(&Context) -> CheckResult),
    /// An asynchronous one.
    Async(fn(Context) -> CheckFuture),
    /// One with a control.
    Controlled(Body, Body),
}

inventory::collect!(Packed);

/// Every registration that was linked into this process, in no order.
pub(crate) fn all() -> Vec<Registration> {
    let mut known = OfCrate::default();
    let mut all = Vec::new();
    for packed in inventory::iter::<Packed> {
        all.push(unpacked(packed, &mut known));
    }
    all
}

/// The text of the crate that was taken apart last: those of one file are alike.
#[derive(Default)]
struct OfCrate {
    text: &'static str,
    package: &'static str,
    version: &'static str,
    manifest_dir: &'static str,
    file: &'static str,
}

fn unpacked(packed: &'static Packed, known: &mut OfCrate) -> Registration {
    let &Packed(of_crate, module, of_check, check) = packed;
    if known.text != of_crate {
        let mut fields = Fields(Some(of_crate));
        *known = OfCrate {
            text: of_crate,
            package: fields.text(),
            version: fields.text(),
            manifest_dir: fields.text(),
            file: fields.text(),
        };
    }
    let (body, control) = match check {
        Check::Plain(check) => (Body::Plain(check), None),
        Check::Sync(check) => (Body::Sync(check), None),
        Check::Async(check) => (Body::Async(check), None),
        Check::Controlled(body, control) => (body, Some(control)),
    };
    let mut fields = Fields(Some(of_check));
    let mut registration = Registration {
        ids: ids(fields.text()),
        module,
        function: fields.text(),
        package: known.package,
        version: known.version,
        manifest_dir: known.manifest_dir,
        file: known.file,
        line: small(fields.text()),
        column: small(fields.text()),
        case: None,
        arguments: "",
        exclusive: None,
        shared: None,
        phase: Phase::Probe,
        timeout: None,
        retries: 0,
        ignore: None,
        no_proof: None,
        control,
        digest: fields.text(),
        body,
    };
    while let Some(option) = fields.next() {
        set(&mut registration, option);
    }
    registration
}

fn set(registration: &mut Registration, option: &'static str) {
    let Some((letter, value)) = option.split_at_checked(1) else {
        return;
    };
    match letter {
        "a" => registration.arguments = value,
        "c" => registration.case = Some(small(value)),
        "x" => registration.exclusive = Some(value),
        "s" => registration.shared = Some(value),
        "p" => registration.phase = phase(value),
        "t" => registration.timeout = Some(Duration::from_millis(number(value))),
        "r" => registration.retries = small(value),
        "i" => registration.ignore = Some(value),
        "n" => registration.no_proof = Some(value),
        _ => {}
    }
}

/// Registrations live as long as the process, and so do their ids.
fn ids(text: &'static str) -> &'static [&'static str] {
    if text.contains('\u{1}') {
        return text.split('\u{1}').collect::<Vec<_>>().leak();
    }
    vec![text].leak()
}

fn phase(name: &str) -> Phase {
    match name {
        "aside" => Phase::Aside,
        "write" => Phase::Write,
        "disrupt" => Phase::Disrupt,
        "burst" => Phase::Burst,
        "load" => Phase::Load,
        _ => Phase::Probe,
    }
}

fn small(digits: &str) -> u32 {
    u32::try_from(number(digits)).unwrap_or(u32::MAX)
}

/// Digits of our own macro. A loop, because this runs unoptimised for every check.
fn number(digits: &str) -> u64 {
    let mut number = 0_u64;
    let mut rest = digits.as_bytes();
    while let [digit, further @ ..] = rest {
        number = number
            .wrapping_mul(10)
            .wrapping_add(u64::from(digit.wrapping_sub(b'0')));
        rest = further;
    }
    number
}

/// The fields of a text, one by one.
struct Fields(Option<&'static str>);

impl Fields {
    fn next(&mut self) -> Option<&'static str> {
        let rest = self.0?;
        let bytes = rest.as_bytes();
        let mut end = 0;
        while end < bytes.len() && bytes[end] != 0 {
            end += 1;
        }
        self.0 = rest.get(end + 1..);
        Some(&rest[..end])
    }

    fn text(&mut self) -> &'static str {
        self.next().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(_: &Context) -> CheckResult {
        CheckResult::Passed
    }

    fn of(text: &'static str, check: Check) -> Registration {
        let of_crate = "suite\u{0}0.1.0\u{0}/suite\u{0}src/limits.rs";
        let packed = Packed(of_crate, "suite::limits", text, check);
        unpacked(Box::leak(Box::new(packed)), &mut OfCrate::default())
    }

    #[test]
    fn a_plain_check() {
        let plain = of("A-1\0is_429\x007\x0013\0d1", Check::Sync(passes));
        assert_eq!(plain.ids, ["A-1"]);
        assert_eq!(
            [plain.package, plain.version, plain.manifest_dir, plain.file],
            ["suite", "0.1.0", "/suite", "src/limits.rs"]
        );
        assert_eq!(plain.trial_name("A-1"), "A-1::limits::is_429");
        assert_eq!((plain.line, plain.column, plain.digest), (7, 13, "d1"));
        assert_eq!((plain.phase, plain.retries), (Phase::Probe, 0));
        let none = [plain.exclusive, plain.shared, plain.ignore, plain.no_proof];
        assert_eq!(none, [None; 4]);
        assert!(plain.case.is_none() && plain.timeout.is_none() && plain.control.is_none());
        assert_eq!(plain.arguments, "");
    }

    #[test]
    fn every_option() {
        let all =
            "A-1\u{1}A-2\0f\x001\x002\0d\0a1, \"ä\"\0c2\0xone\0sall\0pburst\0t30000\0r3\0ilater\0n";
        let body = Body::Sync(passes);
        let all = of(all, Check::Controlled(body, body));
        assert_eq!(all.ids, ["A-1", "A-2"]);
        assert_eq!((all.arguments, all.case), ("1, \"ä\"", Some(2)));
        assert_eq!((all.exclusive, all.shared), (Some("one"), Some("all")));
        assert_eq!((all.phase, all.retries), (Phase::Burst, 3));
        assert_eq!(all.timeout, Some(Duration::from_secs(30)));
        assert_eq!((all.ignore, all.no_proof), (Some("later"), Some("")));
        assert!(all.control.is_some());
    }
}
