//! What `check!` shows, and how it reads its condition.

use std::sync::Arc;

use super::*;
use crate::config::Config;
use crate::redact::Redactor;
use crate::run::{ProveSettings, Run};

/// The parts that `code` notes.
fn parts(code: impl FnOnce()) -> Vec<(String, bool, Option<String>)> {
    let config = Config::default();
    let settings = ProveSettings::from_config(&config);
    let folder = std::path::PathBuf::new();
    let run = Run::new(
        folder,
        "r".into(),
        Arc::new(config),
        Redactor::default(),
        settings,
    );
    let cx = Context::for_trial(&run, "t", "T-1");
    let entered = cx.enter();
    code();
    drop(entered);
    let part = |part: Part| (part.name, part.held, part.detail);
    cx.parts().into_iter().map(part).collect()
}

fn broken(name: &str, detail: Option<&str>) -> (String, bool, Option<String>) {
    (name.to_owned(), false, detail.map(str::to_owned))
}

struct Opaque(u8);

impl PartialEq for Opaque {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

#[test]
fn comparisons_show_their_values() {
    let (a, list) = (3, [1u8, 2]);
    let noted = parts(|| {
        check!(a == 4, "of {}", a);
        check!(a != 3);
        check!(a < 3, "less");
        check!(a > 3);
        check!(a <= 2);
        check!(a >= 4);
        check!(list.iter().map(|n| u32::from(*n)).sum::<u32>() == 4, "sum");
        check!("a b" == "c, d", "texts");
        check!(Opaque(1) == Opaque(2), "opaque");
        check!(list.len() + 1 == a + 1, "precedence");
    });
    let expected = [
        broken("of 3", Some("3 == 4 does not hold")),
        broken("a != 3", Some("3 != 3 does not hold")),
        broken("less", Some("3 < 3 does not hold")),
        broken("a > 3", Some("3 > 3 does not hold")),
        broken("a <= 2", Some("3 <= 2 does not hold")),
        broken("a >= 4", Some("3 >= 4 does not hold")),
        broken("sum", None),
        broken("texts", Some("\"a b\" == \"c, d\" does not hold")),
        broken("opaque", Some("(not shown) == (not shown) does not hold")),
        broken("precedence", Some("3 == 4 does not hold")),
    ];
    assert_eq!(noted, expected);
}

/// Splitting at a comparison must never change what a condition means.
#[test]
fn other_conditions_are_taken_as_a_whole() {
    let (t, f, n) = (true, false, 2_i64);
    let noted = parts(|| {
        assert!(check!(f || n == 2, "or"));
        assert!(!check!(f && n == 2, "and"));
        assert!(check!(n == 2 && t, "and behind"));
        assert!(check!(n == 3 || t, "or behind"));
        assert!(check!(!f, "not"));
        assert!(check!(matches!(n, 1 | 2), "matches"));
        assert!(check!(if t { n == 2 } else { f }, "if"));
        assert!(check!([1, 2].iter().any(|m| m * 2 == n * 2), "closure"));
        assert!(check!((1..3).contains(&n), "range"));
        let m = 2_i32;
        #[expect(clippy::cast_lossless, reason = "the form is what is tested")]
        {
            assert!(check!(m as i64 == n, "cast"));
        }
        assert!(check!(<i64 as Default>::default() == 0, "path"));
        assert!(check!(t));
    });
    assert!(
        noted.iter().all(|part| part.1 == (part.0 != "and")),
        "{noted:?}"
    );
    assert_eq!(noted.len(), 12);
}

#[test]
fn large_values_are_cut_and_not_built() {
    let large = vec![u64::MAX; 1_000_000];
    let noted = parts(|| {
        check!(large == Vec::<u64>::new(), "large");
        check!(large.len() == 0, "length");
        check!(large == [0_u64; 0], "slice");
    });
    let detail = noted[2].2.as_ref().unwrap();
    assert!(detail.len() < 300 && detail.contains('…'), "{detail}");
}

#[test]
#[should_panic(expected = "lost: 1 == 2 does not hold (noted on a thread that runs no check)")]
fn without_a_check_a_broken_part_panics() {
    check!(1 == 1, "fine");
    check!(1 == 2, "lost");
}

#[test]
fn parts_are_bounded_and_the_broken_ones_are_kept() {
    let noted = parts(|| {
        for n in 0..5_000 {
            check!(n != 4_999, "part {n}");
        }
    });
    assert_eq!(noted.len(), 201);
    assert_eq!(noted[200].0, "part 4999");
}

#[test]
fn ensure_names_its_condition() {
    fn of(n: u8) -> crate::Result<()> {
        ensure!(n > 3);
        Ok(())
    }
    assert!(of(4).is_ok());
    let error = of(3).unwrap_err();
    assert_eq!(error.to_string(), "n > 3 does not hold");
    assert_eq!(error.class(), crate::error::Class::Finding);
}
