//! Placeholder.

/// Registers a check.
#[proc_macro_attribute]
pub fn requirement(
    _options: proc_macro::TokenStream,
    item: proc_macro::TokenStream,
) -> proc_macro::TokenStream {
    item
}
