//! Surroundings that break a careless expansion: hidden names, no prelude, names of our own locals,
//! a renamed runtime, code written by other macros.

use super::registered;

mod shadowed {
    #![allow(dead_code, reason = "they only have to be in the way")]

    pub enum Option {}
    pub enum Result {}
    pub struct Box;
    pub struct Duration;
    pub struct Registration;
    pub trait Future {}
    pub mod core {}
    pub mod std {}
    pub mod alloc {}
    pub mod readiness {}
    #[allow(non_snake_case, reason = "a function in place of a variant")]
    pub fn Some() {}
    #[allow(non_snake_case, reason = "a function in place of a variant")]
    pub fn Ok() {}
    #[allow(non_snake_case, reason = "a function in place of a variant")]
    pub fn Err() {}
    #[allow(
        non_upper_case_globals,
        reason = "a pattern of this name would match and not bind"
    )]
    pub static cx: u8 = 0;
    #[allow(
        non_upper_case_globals,
        reason = "a pattern of this name would match and not bind"
    )]
    pub const value: u8 = 0;
    #[allow(unused_macros, reason = "it only has to be in the way")]
    macro_rules! module_path {
        () => {
            compile_error!("the user's own")
        };
    }
    #[allow(unused_macros, reason = "it only has to be in the way")]
    macro_rules! submit {
        ($($t:tt)*) => {
            compile_error!("the user's own")
        };
    }

    #[::readiness::requirement("FORM-003", timeout = "1s", args(1))]
    pub fn check(context: &::readiness::Context, _: u8) {
        let _ = context;
    }

    #[::readiness::requirement("FORM-003")]
    pub async fn later(_: &::readiness::Context) -> ::readiness::Result {
        ::std::result::Result::Ok(())
    }
}

#[test]
fn names_in_the_way() {
    assert_eq!(registered("weird::shadowed", "check").len(), 1);
    assert_eq!(registered("weird::shadowed", "later").len(), 1);
}

#[no_implicit_prelude]
mod bare {
    #[::readiness::requirement("FORM-003", retries = 1)]
    fn check(_: ::readiness::Context) -> ::readiness::Result<::readiness::Verdict> {
        ::std::result::Result::Ok(::readiness::Verdict::Pass)
    }

    #[::readiness::requirement("FORM-003")]
    async fn later() {}
}

#[test]
fn no_prelude() {
    assert_eq!(registered("weird::bare", "check").len(), 1);
    assert_eq!(registered("weird::bare", "later").len(), 1);
}

mod renamed {
    pub(super) mod inner {
        pub(in super::super) use ::readiness as ready;
    }

    #[super::inner_of_renamed::requirement("FORM-003", crate = super::inner_of_renamed)]
    fn check() {}

    #[super::inner_of_renamed::requirement("FORM-003", crate = inner::ready)]
    fn by_a_relative_path() {}
}

use renamed::inner::ready as inner_of_renamed;

#[test]
fn a_renamed_runtime() {
    assert_eq!(registered("weird::renamed", "check").len(), 1);
    assert_eq!(registered("weird::renamed", "by_a_relative_path").len(), 1);
}

macro_rules! family {
    ($($name:ident: $id:literal, $ty:ty, $arg:expr;)*) => {$(
        #[readiness::requirement($id, args($arg))]
        fn $name(_: readiness::Context, _: $ty) {}
    )*};
}

mod written_by_macros {
    family! {
        one: "FORM-003", u8, 1;
        two: "FORM-003", &str, "two";
        three: "FORM-003", (u8, &[u8]), (3, &[]);
    }
}

#[test]
fn code_of_other_macros() {
    for function in ["one", "two", "three"] {
        assert_eq!(
            registered("weird::written_by_macros", function).len(),
            1,
            "{function}"
        );
    }
}

mod odd_names {
    #[readiness::requirement("FORM-003")]
    pub(super) fn r#match() {}

    #[readiness::requirement("FORM-003")]
    fn cx(cx: readiness::Context) {
        drop(cx);
    }

    #[readiness::requirement("FORM-003")]
    async fn requirement() {}

    #[readiness::requirement("FORM-003")]
    fn prüfung() {}
}

#[test]
fn odd_names_of_functions() {
    for function in ["match", "cx", "requirement", "prüfung"] {
        assert_eq!(
            registered("weird::odd_names", function).len(),
            1,
            "{function}"
        );
    }
    odd_names::r#match();
}

mod nested {
    pub(super) fn outer() {
        #[readiness::requirement("FORM-003")]
        fn inside_of_a_function() {}
        inside_of_a_function();
    }

    #[cfg_attr(all(), readiness::requirement("FORM-003", args(1)))]
    #[readiness::requirement("FORM-003", args(2))]
    #[cfg_attr(any(), readiness::requirement("FORM-003", args(3)))]
    #[allow(clippy::needless_pass_by_value, reason = "an attribute between ours")]
    fn behind_conditions(_: u8) {}
}

#[test]
fn nested_and_conditional() {
    nested::outer();
    assert_eq!(registered("weird::nested", "inside_of_a_function").len(), 1);
    let cases = registered("weird::nested", "behind_conditions");
    let numbers: Vec<_> = cases.iter().map(|r| (r.case, r.arguments)).collect();
    assert_eq!(numbers, [(Some(1), "1"), (Some(2), "2")]);
}
