//! What the attribute stands on: a free function whose parameters can be acquired by type.
//!
//! The function's tokens are kept as they came. The body is never parsed: it is the compiler's.

use std::collections::HashSet;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::spanned::Spanned as _;
use syn::{
    Attribute, Error, FnArg, Ident, LitStr, Meta, Result, Safety, Signature, Type, Visibility,
};

use crate::options::Options;
use crate::site::Site;

/// A function that can be a check.
pub(crate) struct Function {
    /// The item without any further `#[requirement]`, to be put out again.
    pub(crate) tokens: TokenStream,
    /// The further `#[requirement(..)]`s on it, in source order: span, position, contents. They are
    /// expanded together with the first, because only then can they be numbered.
    pub(crate) further: Vec<(Span, Site, TokenStream)>,
    pub(crate) name: Ident,
    pub(crate) is_async: bool,
    /// Whether it is a `fn()`: it takes nothing, gives nothing back and is called as Rust calls.
    pub(crate) is_plain: bool,
    pub(crate) parameters: Vec<Parameter>,
    /// Where to complain about what it returns.
    pub(crate) output: Span,
    /// Signature and body: what the check is, without attributes, documentation and visibility.
    pub(crate) check: TokenStream,
}

/// One parameter.
pub(crate) struct Parameter {
    /// What is acquired.
    pub(crate) ty: Type,
    /// How it is handed over.
    pub(crate) passing: Passing,
}

/// How an acquired value reaches the function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Passing {
    Value,
    Reference,
    MutableReference,
}

impl Function {
    /// Reads the item under the attribute.
    pub(crate) fn parse(item: TokenStream) -> Result<Self> {
        let (attributes, visibility, check, signature) = parts.parse2(item.clone())?;
        refuse(&signature)?;
        let further = attributes
            .iter()
            .filter(|attribute| is_requirement(attribute))
            .map(contents)
            .collect::<Result<Vec<_>>>()?;
        let tokens = if further.is_empty() {
            item
        } else {
            let kept = attributes
                .iter()
                .filter(|attribute| !is_requirement(attribute));
            quote! { #(#kept)* #visibility #check }
        };
        let output = match &signature.output {
            syn::ReturnType::Default => signature.ident.span(),
            syn::ReturnType::Type(_, ty) => ty.span(),
        };
        let is_plain = signature.asyncness.is_none()
            && signature.inputs.is_empty()
            && matches!(signature.output, syn::ReturnType::Default)
            && signature.abi.is_none();
        let parameters = signature.inputs.iter().filter_map(Parameter::of).collect();
        Ok(Self {
            tokens,
            further,
            is_async: signature.asyncness.is_some(),
            is_plain,
            name: signature.ident,
            parameters,
            output,
            check,
        })
    }
}

impl Parameter {
    fn of(input: &FnArg) -> Option<Self> {
        let FnArg::Typed(input) = input else {
            return None;
        };
        let mut ty = &*input.ty;
        let mut passing = Passing::Value;
        loop {
            match ty {
                // A macro's `$t:ty` comes in a group of its own.
                Type::Group(group) => ty = &group.elem,
                Type::Paren(paren) => ty = &paren.elem,
                Type::Reference(reference) if passing == Passing::Value => {
                    passing = match reference.mutability {
                        Some(_) => Passing::MutableReference,
                        None => Passing::Reference,
                    };
                    ty = &reference.elem;
                }
                _ => break,
            }
        }
        Some(Self {
            ty: ty.clone(),
            passing,
        })
    }

    /// Whether it is a type that no resource can be: the author meant one of the arguments.
    pub(crate) fn is_unsized(&self) -> bool {
        match &self.ty {
            Type::Slice(_) => true,
            Type::Path(path) => path.path.is_ident("str"),
            _ => false,
        }
    }

    /// Whether it is written as the trial's context, which is no resource to replace.
    pub(crate) fn is_context(&self) -> bool {
        let Type::Path(path) = &self.ty else {
            return false;
        };
        path.path
            .segments
            .last()
            .is_some_and(|segment| segment.ident == "Context" && segment.arguments.is_empty())
    }
}

type Parts = (Vec<Attribute>, Visibility, TokenStream, Signature);

fn parts(input: ParseStream) -> Result<Parts> {
    let attributes = input.call(Attribute::parse_outer)?;
    let visibility = input.parse()?;
    let check: TokenStream = input.fork().parse()?;
    if !starts_function(&input.fork()) {
        return Err(input.error("a check is a function: `#[requirement]` goes on a `fn`"));
    }
    let signature = Signature::parse(input)?;
    if !input.peek(syn::token::Brace) {
        return Err(input.error("a check is a function with a body"));
    }
    input.parse::<TokenStream>()?;
    Ok((attributes, visibility, check, signature))
}

/// Whether a function begins here; consumes what it looks at.
fn starts_function(input: ParseStream) -> bool {
    while input.peek(syn::Token![const])
        || input.peek(syn::Token![async])
        || input.peek(syn::Token![unsafe])
        || input.peek(syn::Token![extern])
        || input.peek(syn::LitStr)
    {
        if input.parse::<proc_macro2::TokenTree>().is_err() {
            return false;
        }
    }
    input.peek(syn::Token![fn])
}

/// Functions that nobody could call with acquired resources.
fn refuse(signature: &Signature) -> Result<()> {
    if let Some(receiver) = signature.receiver() {
        return Err(Error::new(
            receiver.span(),
            "a check is a free function: a method has no value to be called on",
        ));
    }
    if let Some(parameter) = signature.generics.params.first() {
        return Err(Error::new(
            parameter.span(),
            "a check cannot be generic: its parameters are acquired by their type",
        ));
    }
    if let Some(input) = signature.inputs.iter().find_map(implied_generic) {
        return Err(Error::new(
            input,
            "a check cannot take `impl Trait`: its parameters are acquired by their type",
        ));
    }
    if let Some(constness) = &signature.constness {
        return Err(Error::new(
            constness.span(),
            "a check cannot be `const`: it observes",
        ));
    }
    if let Safety::Unsafe(keyword) = &signature.safety {
        return Err(Error::new(
            keyword.span(),
            "a check cannot be `unsafe`: nothing could vouch for the call",
        ));
    }
    if let Some(abi) = &signature.abi {
        return Err(Error::new(
            abi.span(),
            "a check cannot be `extern`: it is called from Rust",
        ));
    }
    if let Some(variadic) = &signature.variadic {
        return Err(Error::new(variadic.span(), "a check cannot be variadic"));
    }
    Ok(())
}

fn implied_generic(input: &FnArg) -> Option<Span> {
    match Parameter::of(input)?.ty {
        Type::ImplTrait(implied) => Some(implied.impl_token.span()),
        _ => None,
    }
}

/// By the last segment: `#[requirement]`, `#[readiness::requirement]`.
fn is_requirement(attribute: &Attribute) -> bool {
    let path = attribute.path();
    path.segments
        .last()
        .is_some_and(|segment| segment.ident == "requirement")
}

fn contents(attribute: &Attribute) -> Result<(Span, Site, TokenStream)> {
    let span = attribute.pound_token.span;
    let tokens = match &attribute.meta {
        Meta::List(list) => list.tokens.clone(),
        // `#[requirement]` has no contents; that no id is there is for the options to say.
        Meta::Path(_) => TokenStream::new(),
        Meta::NameValue(pair) => {
            return Err(Error::new(
                pair.eq_token.span(),
                "the id goes in parentheses: `#[requirement(\"HLTH-001\")]`",
            ));
        }
    };
    Ok((attribute.path().span(), Site::of(span), tokens))
}

/// Numbers the attributes that carry arguments, in source order, where there are several.
pub(crate) fn number_cases(checks: &mut [(Options, Site)]) {
    let with_args = |(options, _): &&mut (Options, Site)| options.args.is_some();
    if checks.iter_mut().filter(with_args).count() < 2 {
        return;
    }
    for (number, (options, _)) in (1..).zip(checks.iter_mut().filter(with_args)) {
        options.case = Some(number);
    }
}

/// Ids that several attributes without arguments give: their trials would have one name.
pub(crate) fn repeated(checks: &[(Options, Site)]) -> Vec<Error> {
    let mut seen = HashSet::new();
    let plain = checks.iter().filter(|(options, _)| options.args.is_none());
    plain
        .flat_map(|(options, _)| &options.ids)
        .filter(|id| !seen.insert(id.value()))
        .map(twice)
        .collect()
}

fn twice(id: &LitStr) -> Error {
    Error::new(
        id.span(),
        format!(
            "`{}` is registered twice by this function; give each its own `args(..)`, or leave \
             one out",
            id.value()
        ),
    )
}

impl ToTokens for Passing {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Passing::Value => {}
            Passing::Reference => quote!(&).to_tokens(tokens),
            Passing::MutableReference => quote!(&mut).to_tokens(tokens),
        }
    }
}
