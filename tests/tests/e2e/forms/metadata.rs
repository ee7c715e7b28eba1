//! The registered metadata, compared field by field with what stands in the source.

use std::time::Duration;

use readiness::registry::{Body, Phase};
use readiness::{Context, requirement};

use super::registered;

const PLAIN_LINE: u32 = line!() + 1;
#[requirement("FORM-002")]
fn plain() {}

#[test]
fn of_a_plain_check() {
    let all = registered("metadata", "plain");
    let [r] = all[..] else {
        panic!("one registration, not {all:?}")
    };
    assert_eq!(r.ids, ["FORM-002"]);
    assert_eq!(r.module, module_path!());
    assert_eq!(
        (r.package, r.version),
        ("readiness-tests", env!("CARGO_PKG_VERSION"))
    );
    assert_eq!(r.manifest_dir, env!("CARGO_MANIFEST_DIR"));
    assert_eq!((r.file, r.line, r.column), (file!(), PLAIN_LINE, 1));
    assert_eq!((r.case, r.arguments), (None, ""));
    assert_eq!((r.exclusive, r.shared), (None, None));
    assert_eq!((r.phase, r.timeout, r.retries), (Phase::Probe, None, 0));
    assert_eq!((r.ignore, r.no_proof), (None, None));
    assert!(r.control.is_none());
    assert!(matches!(r.body, Body::Plain(_)));
    assert_eq!(r.trial_name("FORM-002"), "FORM-002::forms::metadata::plain");
}

#[requirement(
    "FORM-001",
    "FORM-002",
    exclusive = "the database",
    phase = "burst",
    timeout = "1500ms",
    retries = 2,
    ignore = "until the store is there",
    no_proof = "looks at nothing that could be altered"
)]
async fn with_every_option(_: Context) {}

#[test]
fn of_every_option() {
    let all = registered("metadata", "with_every_option");
    let [r] = all[..] else {
        panic!("one registration, not {all:?}")
    };
    assert_eq!(r.ids, ["FORM-001", "FORM-002"]);
    assert_eq!((r.exclusive, r.shared), (Some("the database"), None));
    assert_eq!(r.phase, Phase::Burst);
    assert_eq!(r.timeout, Some(Duration::from_millis(1500)));
    assert_eq!(r.retries, 2);
    assert_eq!(r.ignore, Some("until the store is there"));
    assert_eq!(r.no_proof, Some("looks at nothing that could be altered"));
    assert!(matches!(r.body, Body::Async(_)));
}

#[requirement("FORM-002", args("4111-1111-1111-1111", &[1, 2]))]
#[requirement("FORM-001", args("CVV: 123", &[3]), shared = "readers", timeout = "2m")]
#[readiness::requirement("FORM-002", args(concat!("a", "b"), &[]))]
fn cases(_: &Context, _secret: &str, _numbers: &[u8]) {}

#[test]
fn of_several_cases() {
    let all = registered("metadata", "cases");
    let names: Vec<_> = all.iter().map(|r| r.trial_name(r.ids[0])).collect();
    assert_eq!(
        names,
        [
            "FORM-002::forms::metadata::cases::case-1",
            "FORM-001::forms::metadata::cases::case-2",
            "FORM-002::forms::metadata::cases::case-3",
        ]
    );
    assert_eq!(all[0].arguments, "\"4111-1111-1111-1111\", &[1, 2]");
    assert_eq!(all[1].arguments, "\"CVV: 123\", &[3]");
    assert_eq!(
        (all[1].shared, all[1].timeout),
        (Some("readers"), Some(Duration::from_secs(120)))
    );
    assert_eq!(
        (all[0].shared, all[0].timeout),
        (None, None),
        "options belong to one attribute"
    );
    assert_eq!(
        (all[0].line + 1, all[0].line + 2),
        (all[1].line, all[2].line)
    );
}

#[requirement("FORM-002", args(1))]
fn one_case(_: u8) {}

#[test]
fn a_single_case_has_no_number() {
    let all = registered("metadata", "one_case");
    assert_eq!(
        all[0].trial_name("FORM-002"),
        "FORM-002::forms::metadata::one_case"
    );
    assert_eq!(all[0].arguments, "1");
}

mod twin {
    use readiness::requirement;

    /// Documented, laid out and named like its sibling in `other`.
    #[requirement("FORM-002")]
    pub(super) fn same() -> Result<(), String> {
        let one = 1; // a comment
        if one == 1 {
            Ok(())
        } else {
            Err("not one".to_owned())
        }
    }

    #[requirement("FORM-002", args(1))]
    #[requirement("FORM-002", args(2))]
    fn cases(_: u8) {}
}

mod other {
    use readiness::requirement;

    #[requirement("FORM-001", timeout = "3s")]
    #[rustfmt::skip]
    fn same() -> Result<(), String> {
        let one = 1;
        if one == 1 { Ok(()) }
        else { Err("not one".to_owned()) }
    }

    #[requirement("FORM-002")]
    fn differs() -> Result<(), String> {
        let one = 1;
        if one == 2 {
            Ok(())
        } else {
            Err("not one".to_owned())
        }
    }
}

#[test]
fn the_digest_is_of_the_check_and_its_arguments() {
    let digest = |module, function, n: usize| registered(module, function)[n].digest;
    let same = digest("metadata::twin", "same", 0);
    assert_eq!(
        same,
        digest("metadata::other", "same", 0),
        "layout, options and place are not the check"
    );
    assert_ne!(same, digest("metadata::other", "differs", 0), "the body is");
    let (one, two) = (
        digest("metadata::twin", "cases", 0),
        digest("metadata::twin", "cases", 1),
    );
    assert_ne!(one, two, "and so are the arguments");
    assert!(
        same.len() == 32 && same.bytes().all(|b| b.is_ascii_hexdigit()),
        "{same}"
    );
    assert_eq!(twin::same(), Ok(()), "the function stays callable");
}
