//! Names and types as the generated code writes them.
use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::quote;

/// The name without `r#`.
pub(crate) fn plain_name(name: &str) -> String {
    name.strip_prefix("r#").unwrap_or(name).to_owned()
}

/// The type with every named lifetime elided: the generated code is outside the function
/// that declares it.
pub(crate) fn without_lifetimes(tokens: TokenStream) -> TokenStream {
    let mut after_tick = false;
    tokens
        .into_iter()
        .map(|tree| match tree {
            TokenTree::Group(group) => {
                let mut plain = Group::new(group.delimiter(), without_lifetimes(group.stream()));
                plain.set_span(group.span());
                TokenTree::Group(plain)
            }
            TokenTree::Punct(punct) => {
                after_tick = punct.as_char() == '\'';
                TokenTree::Punct(punct)
            }
            TokenTree::Ident(ident) if std::mem::take(&mut after_tick) && ident != "static" => {
                TokenTree::Ident(Ident::new("_", ident.span()))
            }
            other => other,
        })
        .collect()
}

/// The type with the struct's own lifetime made `'static`, for the builder, which borrows
/// nothing.
pub(crate) fn with_static(written: &syn::Type, lifetime: Option<&syn::Lifetime>) -> TokenStream {
    let Some(lifetime) = lifetime else {
        return quote!(#written);
    };
    replace(quote!(#written), &lifetime.ident.to_string())
}

fn replace(tokens: TokenStream, lifetime: &str) -> TokenStream {
    let mut after_tick = false;
    tokens
        .into_iter()
        .map(|tree| match tree {
            TokenTree::Group(group) => TokenTree::Group(Group::new(
                group.delimiter(),
                replace(group.stream(), lifetime),
            )),
            TokenTree::Punct(punct) => {
                after_tick = punct.as_char() == '\'';
                TokenTree::Punct(punct)
            }
            TokenTree::Ident(ident) if std::mem::take(&mut after_tick) && ident == lifetime => {
                TokenTree::Ident(Ident::new("static", ident.span()))
            }
            other => other,
        })
        .collect()
}
