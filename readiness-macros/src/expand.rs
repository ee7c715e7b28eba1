//! The tokens that register a check.
//!
//! ```text
//! const _: () = {
//!     fn __readiness_check(cx: &::readiness::__private::Context) -> … { … }
//!     ::readiness::__private::submit! {
//!         ::readiness::__private::Packed("…", …::module_path!(), "…", …::Check::Sync(…))
//!     }
//! };
//! ```
//!
//! A `fn f()` is registered as it is, `Check::Plain(f)`, without an erased function.
//!
//! Every path starts at the runtime crate. Locals are hygienic and items have a prefix of ours, so
//! nothing here can meet a name of the user's. What is emitted is what costs compile time: all that is
//! known here goes into two texts, which the runtime's module `packed` takes apart.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{Error, Expr, ExprPath, LitStr, Result};

use crate::digest::Digest;
use crate::function::{Function, Parameter};
use crate::options::Options;
use crate::site::Site;

/// The registration of `check` with one attribute's `options`.
pub(crate) fn registration(
    check: &Function,
    options: &Options,
    site: &Site,
) -> Result<TokenStream> {
    let krate = options
        .krate
        .as_ref()
        .map_or_else(|| quote!(::readiness), |path| quote!(#path));
    let private = quote!(#krate::__private);
    let call = Call::new(check, options, &private)?;

    let of_crate = of_crate(site);
    let of_check = of_check(check, options, site);
    let erased = || call.body("__readiness_check", None);
    let (body, control, run) = match &options.control {
        // There is nothing to erase, and an erased function is a fifth of what an attribute costs.
        None if check.is_plain => {
            let function = &check.name;
            (None, None, quote!(#private::Check::Plain(#function)))
        }
        None => (
            Some(erased()),
            None,
            call.variant("Check", "__readiness_check"),
        ),
        Some(control) => {
            let body = call.variant("Body", "__readiness_check");
            let bad = call.variant("Body", "__readiness_control");
            let run = quote!(#private::Check::Controlled(#body, #bad));
            (Some(erased()), Some(call.control(control)?), run)
        }
    };
    Ok(quote! {
        const _: () = {
            #body
            #control
            #private::submit! {
                #private::Packed(#of_crate, #private::module_path!(), #of_check, #run)
            }
        };
    })
}

/// What all checks of a file have in common.
fn of_crate(site: &Site) -> String {
    let [package, version, manifest_dir] =
        ["CARGO_PKG_NAME", "CARGO_PKG_VERSION", "CARGO_MANIFEST_DIR"].map(variable);
    fields([package, version, manifest_dir, site.file.clone()])
}

/// What is the check's own.
fn of_check(check: &Function, options: &Options, site: &Site) -> String {
    let ids: Vec<String> = options.ids.iter().map(LitStr::value).collect();
    let mut all = vec![
        ids.join("\u{1}"),
        check.name.unraw().to_string(),
        site.line.to_string(),
        site.column.to_string(),
        digest(check, options),
    ];
    all.extend(settings(options));
    fields(all)
}

/// One text of several; a NUL of the user's own would end a field too early.
fn fields(all: impl IntoIterator<Item = String>) -> String {
    let all: Vec<String> = all
        .into_iter()
        .map(|field| field.replace('\0', "\u{fffd}"))
        .collect();
    all.join("\0")
}

/// Cargo's name for what is being compiled; empty under other build systems that do not say.
fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}

/// Of the function, the arguments and the version of the crate: two cases are two checks.
fn digest(check: &Function, options: &Options) -> String {
    let mut digest = Digest::new().tokens(&check.check);
    for value in options.args.iter().flat_map(|args| &args.values) {
        digest = digest.tokens(&quote!((#value)));
    }
    digest.version(&variable("CARGO_PKG_VERSION")).hex()
}

/// The options that were given, each with its letter.
fn settings(options: &Options) -> Vec<String> {
    let mut set = Vec::new();
    let mut put = |letter: char, value: Option<String>| {
        set.extend(value.map(|value| format!("{letter}{value}")));
    };
    let text = |literal: &Option<LitStr>| literal.as_ref().map(LitStr::value);
    put('a', options.args.as_ref().map(|args| args.text.clone()));
    put('c', options.case.map(|case| case.to_string()));
    put('x', text(&options.exclusive));
    put('s', text(&options.shared));
    let phase = options.phase.as_ref();
    put('p', phase.map(|phase| phase.to_string().to_lowercase()));
    put('t', options.timeout_ms.map(|limit| limit.to_string()));
    put('r', options.retries.map(|retries| retries.to_string()));
    put('i', text(&options.ignore));
    put('n', text(&options.no_proof));
    set
}

/// A local. Hygiene keeps it apart from the user's locals, the prefix from a `static` or a unit
/// struct, which a pattern would match instead of binding.
fn local(name: &str) -> Ident {
    format_ident!("__readiness_{name}", span = Span::mixed_site())
}

/// How the function is called.
struct Call<'a> {
    check: &'a Function,
    private: &'a TokenStream,
    /// Parameters that are acquired; the rest take `values`.
    acquired: &'a [Parameter],
    values: Vec<&'a Expr>,
}

impl<'a> Call<'a> {
    fn new(check: &'a Function, options: &'a Options, private: &'a TokenStream) -> Result<Self> {
        let values: Vec<_> = options.args.iter().flat_map(|args| &args.values).collect();
        let takes = check.parameters.len();
        let Some(acquired) = takes.checked_sub(values.len()) else {
            return Err(Error::new(
                values[takes].span(),
                match takes {
                    0 => format!("`{}` has no parameter that could take this", check.name),
                    1 => format!("`{}` has only one parameter", check.name),
                    more => format!("`{}` has only {more} parameters", check.name),
                },
            ));
        };
        let acquired = &check.parameters[..acquired];
        if let Some(parameter) = acquired.iter().find(|parameter| parameter.is_unsized()) {
            return Err(Error::new(
                parameter.ty.span(),
                "this cannot be acquired: it takes a value of the attribute's `args(..)`",
            ));
        }
        Ok(Self {
            check,
            private,
            acquired,
            values,
        })
    }

    /// Which acquired parameter a control stands in for.
    fn replaceable(&self) -> Option<usize> {
        self.acquired
            .iter()
            .position(|parameter| !parameter.is_context())
    }

    /// The erased function on the value of a `control` instead of the first resource.
    fn control(&self, control: &ExprPath) -> Result<TokenStream> {
        if self.replaceable().is_none() {
            return Err(Error::new(
                control.span(),
                format!(
                    "a control stands in for the check's first resource, and `{}` has none",
                    self.check.name
                ),
            ));
        }
        Ok(self.body("__readiness_control", Some(control)))
    }

    /// What the registration says of the function that `body` calls `name`: a variant of `of`.
    fn variant(&self, of: &str, name: &str) -> TokenStream {
        let private = self.private;
        let kind = format_ident!("{}", if self.check.is_async { "Async" } else { "Sync" });
        let name = format_ident!("{name}", span = Span::mixed_site());
        let of = format_ident!("{of}");
        quote!(#private::#of::#kind(#name))
    }

    /// The erased function, called `name`. It is a function and not a closure because that is
    /// quicker to compile by a sixth of the whole.
    fn body(&self, name: &str, control: Option<&ExprPath>) -> TokenStream {
        let name = format_ident!("{name}", span = Span::mixed_site());
        let private = self.private;
        let cx = local("cx");
        let names: Vec<_> = (0..self.acquired.len())
            .map(|n| local(&format!("parameter{n}")))
            .collect();
        let replaced = control.and(self.replaceable());
        let acquisitions =
            names
                .iter()
                .zip(self.acquired)
                .enumerate()
                .map(|(n, (name, parameter))| {
                    let control = control.filter(|_| replaced == Some(n));
                    self.acquisition(name, parameter, &cx, control)
                });
        let passed = self.acquired.iter().zip(&names).map(|(parameter, name)| {
            let passing = parameter.passing;
            quote!(#passing #name)
        });
        let values = &self.values;
        let arguments = quote!(#(#passed,)* #(#values),*);

        // At the return type, so that a type that is no answer is pointed out there.
        let at = Span::mixed_site().located_at(self.check.output);
        let mut function = self.check.name.clone();
        function.set_span(function.span().located_at(self.check.output));
        if self.check.is_async {
            let answer = quote_spanned!(at=> #private::answer(#function(#arguments).await));
            quote! {
                fn #name(#cx: #private::Context) -> #private::CheckFuture {
                    #private::Box::pin(async move {
                        let #cx = &#cx;
                        #(#acquisitions)*
                        #answer
                    })
                }
            }
        } else {
            let answer = quote_spanned!(at=> #private::answer(#function(#arguments)));
            quote! {
                fn #name(#cx: &#private::Context) -> #private::CheckResult {
                    #(#acquisitions)*
                    #answer
                }
            }
        }
    }

    /// `let name = …;` for one parameter.
    fn acquisition(
        &self,
        name: &Ident,
        parameter: &Parameter,
        cx: &Ident,
        control: Option<&ExprPath>,
    ) -> TokenStream {
        let Parameter { ty, passing } = parameter;
        let private = self.private;
        let mutable = (*passing == crate::function::Passing::MutableReference).then(|| quote!(mut));
        if let Some(control) = control {
            return if self.check.is_async {
                quote!(let #mutable #name = #private::control::<#ty, _>(#control, #cx).await;)
            } else {
                quote!(let #mutable #name = #private::control_now::<#ty, _>(#control, #cx);)
            };
        }
        // At the parameter's type, so that one that is no resource is pointed out there.
        let at = Span::mixed_site().located_at(ty.span());
        let obtained = if self.check.is_async {
            quote_spanned!(at=> #private::obtain::<#ty>(#cx).await)
        } else {
            quote_spanned!(at=> #private::obtain_now::<#ty>(#cx))
        };
        let value = local("value");
        quote_spanned! {at=>
            let #mutable #name = match #obtained {
                #private::Result::Ok(#value) => #value,
                #private::Result::Err(#value) => return #value,
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use proc_macro2::TokenTree;

    use super::*;

    fn count(tokens: TokenStream) -> usize {
        let one = |tree| match tree {
            TokenTree::Group(group) => 1 + count(group.stream()),
            _ => 1,
        };
        tokens.into_iter().map(one).sum()
    }

    fn emitted(options: &str, check: &str) -> usize {
        let options = options.parse().expect("tokens");
        let options = Options::parse(options, Span::call_site()).expect("options");
        let check = Function::parse(check.parse().expect("tokens")).expect("a check");
        let tokens = registration(&check, &options, &Site::default()).expect("an expansion");
        count(tokens)
    }

    /// What an attribute emits is what it costs to compile, a thousand times in a large suite. Seconds
    /// differ from machine to machine and tokens do not: a change that is worth more of them changes
    /// the number here, and says why. Options cost none, they stand in a literal.
    #[test]
    fn an_attribute_emits_so_many_tokens() {
        let plain = emitted("\"A-1\"", "fn f() {}");
        let all = "\"A-1\", \"A-2\", exclusive = \"g\", timeout = \"30s\", retries = 2, no_proof = \"why\"";
        assert_eq!(emitted(all, "fn f() {}"), plain);
        let resources = "async fn f(a: A, b: &B) -> Result { g(a, b).await }";
        let counts = [
            plain,
            emitted("\"A-1\"", "fn f(cx: &Context) -> Result { g(cx) }"),
            emitted("\"A-1\"", resources),
        ];
        assert_eq!(counts, [58, 159, 247]);
    }
}
