//! The tokens that register a check.
//!
//! ```text
//! const _: () = {
//!     fn __readiness_check(cx: &::readiness::__private::Context) -> … { … }
//!     ::readiness::__private::submit! {
//!         ::readiness::__private::Registration {
//!             timeout: ::readiness::__private::Option::Some(…),
//!             ..::readiness::__private::registration(&["HLTH-001"], …, Body::Sync(…))
//!         }
//!     }
//! };
//! ```
//!
//! Every path starts at the runtime crate. Locals are hygienic and items have a prefix of ours, so
//! nothing here can meet a name of the user's. What is emitted is what costs compile time, which is
//! why options that were not given leave no trace.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{Error, Expr, ExprPath, Result};

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

    let ids = &options.ids;
    let function = check.name.unraw().to_string();
    let [package, version, manifest_dir] =
        ["CARGO_PKG_NAME", "CARGO_PKG_VERSION", "CARGO_MANIFEST_DIR"].map(variable);
    let Site { file, line, column } = site;
    let digest = digest(check, options);
    let body = call.body("__readiness_check", None);
    let run = call.variant("__readiness_check");
    let plain = quote! {
        #private::registration(
            &[#(#ids),*], #private::module_path!(), #function,
            #package, #version, #manifest_dir, #file, #line, #column, #digest, #run
        )
    };

    let control = match &options.control {
        Some(control) => Some(call.control(control)?),
        None => None,
    };
    let set = settings(options, &call, &private);
    let registration = if set.is_empty() {
        plain
    } else {
        quote!(#private::Registration { #set ..#plain })
    };
    Ok(quote! {
        const _: () = {
            #body
            #control
            #private::submit! { #registration }
        };
    })
}

/// Cargo's name for what is being compiled; empty under other build systems that do not say.
fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}

/// Of the function and the arguments: two cases are two checks.
fn digest(check: &Function, options: &Options) -> String {
    let mut digest = Digest::new().tokens(&check.check);
    for value in options.args.iter().flat_map(|args| &args.values) {
        digest = digest.tokens(&quote!((#value)));
    }
    digest.hex()
}

/// The fields that the attribute's options set, each with its comma.
fn settings(options: &Options, call: &Call<'_>, private: &TokenStream) -> TokenStream {
    let some = |value: TokenStream| quote!(#private::Option::Some(#value));
    let mut set = TokenStream::new();
    let texts = [
        ("exclusive", &options.exclusive),
        ("shared", &options.shared),
        ("ignore", &options.ignore),
        ("no_proof", &options.no_proof),
    ];
    for (name, text) in texts {
        if let Some(text) = text {
            let (name, value) = (format_ident!("{name}"), some(quote!(#text)));
            set.extend(quote!(#name: #value,));
        }
    }
    if let Some(args) = &options.args {
        let text = &args.text;
        set.extend(quote!(arguments: #text,));
    }
    if let Some(case) = options.case {
        let case = some(quote!(#case));
        set.extend(quote!(case: #case,));
    }
    if let Some(phase) = &options.phase {
        set.extend(quote!(phase: #private::Phase::#phase,));
    }
    if let Some(limit) = options.timeout_ms {
        let limit = some(quote!(#private::Duration::from_millis(#limit)));
        set.extend(quote!(timeout: #limit,));
    }
    if let Some(retries) = options.retries {
        set.extend(quote!(retries: #retries,));
    }
    if options.control.is_some() {
        let control = some(call.variant("__readiness_control"));
        set.extend(quote!(control: #control,));
    }
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

    /// What the registration says of the function that `body` calls `name`.
    fn variant(&self, name: &str) -> TokenStream {
        let private = self.private;
        let kind = format_ident!("{}", if self.check.is_async { "Async" } else { "Sync" });
        let name = format_ident!("{name}", span = Span::mixed_site());
        quote!(#private::Body::#kind(#name))
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
