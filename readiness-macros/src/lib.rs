//! The `#[requirement]` attribute of the `readiness` crate. Use it from there.
//!
//! The attribute leaves its function as it is, submits one static registration for each set of
//! arguments, and checks every id against the checklist while compiling. It emits names of
//! `readiness::__private` only, so nothing that a crate defines or hides can change what it means.
//!
//! | module | question it answers |
//! |---|---|
//! | `options` | what was written between the parentheses of the attribute |
//! | `function` | what it was written on, and whether that can be a check |
//! | `expand` | the tokens that register it |
//! | `document` | whether the checklist has the ids |
//! | `digest` | a fingerprint of the check that outlives reformatting |

use proc_macro2::TokenStream;

mod digest;
mod document;
mod expand;
mod function;
mod nearest;
mod options;
mod site;

/// Registers a function as a check of one or more requirements of the checklist.
///
/// ```ignore
/// use readiness::{Context, Result, Verdict, ensure, requirement};
///
/// #[requirement("HLTH-001", timeout = "5s")]
/// async fn answers(cx: &Context, http: Http) -> Result {
///     let reply = http.get("/health").await?;
///     ensure!(reply.status() == 200, "status {}", reply.status());
///     Ok(())
/// }
///
/// #[requirement("PCI-001", args("4111-1111-1111-1111"))]
/// #[requirement("PCI-002", args("CVV: 123"))]
/// fn is_redacted(logs: Logs, secret: &str) -> Verdict {
///     logs.without(secret)
/// }
/// ```
///
/// The function stays an ordinary function. It may be synchronous or asynchronous and returns `()`,
/// `Verdict`, or a `Result` of either.
///
/// # Parameters
///
/// A parameter asks for a resource by its type: `T` or `&T` for one of the trial, `Arc<T>` for one
/// of the run, `Context` or `&Context` for the trial's context. The last parameters, as many as
/// `args(..)` has values, take those values in order.
///
/// # Options
///
/// | option | meaning |
/// |---|---|
/// | `"ID"`, more of them | the requirements; one trial each |
/// | `args(1, "two")` | values for the last parameters; several attributes with their own `args` are several cases |
/// | `exclusive = "name"` | no other trial of this group runs at the same time, in any process |
/// | `shared = "name"` | runs beside other readers of the group, never beside an exclusive one |
/// | `phase = "probe"` | `probe`, `write`, `disrupt`, `burst` or `load`: earlier phases run first; `aside` runs beside all but the load |
/// | `timeout = "30s"` | limit of one attempt, in `ms`, `s`, `m` or `h` |
/// | `retries = 2` | how often a failure is tried again; a pass on a retry counts as a warning |
/// | `ignore = "reason"` | not run unless ignored trials are asked for |
/// | `control = path` | a function that gives a known-bad value for the first resource; the check must fail on it |
/// | `no_proof = "reason"` | why a pass of this check cannot be shown to be able to fail |
/// | `crate = path` | where the `readiness` crate is, if not at `::readiness` |
///
/// # Ids
///
/// While compiling, each id is looked up in the checklist: the file that `READINESS_CHECKLIST`
/// names, else the `checklist` of `readiness.toml` (`READINESS_CONFIG`, or the nearest one from the
/// crate's directory up to the workspace root), else `CHECKLIST.md`,
/// `PRODUCTION_READINESS_CHECKLIST.md` or `READINESS.md` in the same places. The document is read
/// and not tracked: rewriting it does not recompile the tests, and what is looked up here is looked
/// up again when the tests start.
#[proc_macro_attribute]
pub fn requirement(
    options: proc_macro::TokenStream,
    item: proc_macro::TokenStream,
) -> proc_macro::TokenStream {
    let site = site::Site::of(proc_macro2::Span::call_site());
    register(options.into(), &item.into(), site).into()
}

/// The expansion: the item as it was, then registrations or errors.
///
/// The item comes out even if something is wrong, so that a misuse gives one error and not a second
/// one for every use of the function.
fn register(options: TokenStream, item: &TokenStream, site: site::Site) -> TokenStream {
    let check = match function::Function::parse(item.clone()) {
        Ok(check) => check,
        Err(error) => {
            let error = error.into_compile_error();
            return quote::quote! { #item #error };
        }
    };
    let mut errors = Vec::new();
    let mut checks = Vec::new();
    let first = (proc_macro2::Span::call_site(), site, options);
    for (span, site, tokens) in std::iter::once(first).chain(check.further.iter().cloned()) {
        match options::Options::parse(tokens, span) {
            Ok(options) => checks.push((options, site)),
            Err(error) => errors.push(error),
        }
    }
    function::number_cases(&mut checks);
    let mut registrations = TokenStream::new();
    for (options, site) in &checks {
        errors.extend(document::unknown_ids(&options.ids));
        match expand::registration(&check, options, site) {
            Ok(tokens) => registrations.extend(tokens),
            Err(error) => errors.push(error),
        }
    }
    errors.extend(function::repeated(&checks));
    let function = &check.tokens;
    let Some(error) = errors.into_iter().reduce(|mut all, error| {
        all.combine(error);
        all
    }) else {
        return quote::quote! { #function #registrations };
    };
    let error = error.into_compile_error();
    quote::quote! { #function #error }
}
