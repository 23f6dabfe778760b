//! `#[scalar]`: a function beside a type of its name that binds, loops and writes.
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::parse::Parser;
use syn::spanned::Spanned;
use syn::{Attribute, Error, FnArg, ItemFn, LitStr, Pat, Result, ReturnType};

use crate::names::{plain_name, without_lifetimes};

pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let function: ItemFn = syn::parse2(item)?;
    let options = Options::parse(arguments)?;
    let signature = &function.sig;
    if let Some(bad) = [
        signature.asyncness.map(|token| token.span),
        signature.unsafety.map(|token| token.span),
        signature.generics.type_params().next().map(Spanned::span),
        signature.generics.const_params().next().map(Spanned::span),
    ]
    .into_iter()
    .flatten()
    .next()
    {
        let what = "a scalar function is plain: not async, not unsafe, without type parameters";
        return Err(Error::new(bad, what));
    }
    let writes = signature.inputs.last().is_some_and(is_text);
    let returns = match &signature.output {
        _ if writes => quote!(::std::string::String),
        ReturnType::Type(_, returns) => without_lifetimes(quote!(#returns)),
        ReturnType::Default => {
            let what = "a scalar function returns a value, or writes it: `to: &mut TextWriter`";
            return Err(Error::new(signature.span(), what));
        }
    };
    let (names, types) = parameters(&function, writes)?;
    let (ident, vis) = (&signature.ident, &function.vis);
    let sql_name = options
        .name
        .unwrap_or_else(|| plain_name(&ident.to_string()));
    let volatility = options.volatility;
    let doc = doc(&function.attrs);
    let evaluate = if writes {
        evaluate_texts(ident, &types)
    } else {
        evaluate(ident, &types, &returns)
    };

    Ok(quote! {
        #[cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]
        #function

        #[doc(hidden)]
        #[allow(non_camel_case_types, dead_code)]
        #vis struct #ident {}

        impl ::tsugi_plugin::scalar::Scalar for #ident {
            fn signature() -> ::tsugi_plugin::scalar::Signature {
                ::tsugi_plugin::scalar::signature::<#returns>(
                    #sql_name,
                    &[#((#names, <#types as ::tsugi_plugin::typed::Typed>::data_type())),*],
                    #volatility,
                    #doc,
                )
            }

            #evaluate
        }
    })
}

/// Two loops: one over columns without nulls, which the compiler can turn into blocks, and one
/// that looks at every row.
fn evaluate(ident: &syn::Ident, types: &[TokenStream], returns: &TokenStream) -> TokenStream {
    let args: Vec<_> = (0..types.len())
        .map(|at| format_ident!("arg{at}"))
        .collect();
    let values: Vec<_> = (0..types.len())
        .map(|at| format_ident!("value{at}"))
        .collect();
    let places = 0..types.len();
    quote! {
        #[allow(unreachable_patterns)]
        fn evaluate(
            args: &::tsugi_plugin::scalar::Arguments<'_>,
        ) -> ::core::result::Result<::tsugi_plugin::scalar::Evaluated, ::tsugi_plugin::Error> {
            let rows = args.rows();
            #(let #args = args.bind::<#types>(#places)?;)*
            let mut results = ::tsugi_plugin::scalar::Results::<#returns>::with_capacity(rows);
            if true #(&& #args.dense())* {
                results.fill(rows, |row| #ident(#(#args.at(row)),*));
            } else {
                for row in 0..rows {
                    match (#(#args.get(row),)*) {
                        (#(::core::option::Option::Some(#values),)*) => {
                            results.push(row, #ident(#(#values),*));
                        }
                        _ => results.push_null(),
                    }
                }
            }
            ::core::result::Result::Ok(results.finish())
        }
    }
}

/// As [`evaluate`], for a function that writes its text into the column.
fn evaluate_texts(ident: &syn::Ident, types: &[TokenStream]) -> TokenStream {
    let named = |what: &str| -> Vec<_> {
        (0..types.len())
            .map(|at| format_ident!("{what}{at}"))
            .collect()
    };
    let (args, values, places) = (named("arg"), named("value"), 0..types.len());
    quote! {
        #[allow(unreachable_patterns)]
        fn evaluate(
            args: &::tsugi_plugin::scalar::Arguments<'_>,
        ) -> ::core::result::Result<::tsugi_plugin::scalar::Evaluated, ::tsugi_plugin::Error> {
            let rows = args.rows();
            #(let #args = args.bind::<#types>(#places)?;)*
            let mut texts = ::tsugi_plugin::text::Texts::with_capacity(rows);
            if true #(&& #args.dense())* {
                for row in 0..rows {
                    texts.write(row, |to| #ident(#(#args.at(row),)* to));
                }
            } else {
                for row in 0..rows {
                    match (#(#args.get(row),)*) {
                        (#(::core::option::Option::Some(#values),)*) => {
                            texts.write(row, |to| #ident(#(#values,)* to));
                        }
                        _ => texts.push_null(),
                    }
                }
            }
            ::core::result::Result::Ok(texts.finish())
        }
    }
}

/// Whether a parameter is `&mut TextWriter`.
fn is_text(input: &FnArg) -> bool {
    let FnArg::Typed(input) = input else {
        return false;
    };
    let syn::Type::Reference(reference) = &*input.ty else {
        return false;
    };
    let syn::Type::Path(path) = &*reference.elem else {
        return false;
    };
    let last = path.path.segments.last();
    reference.mutability.is_some() && last.is_some_and(|last| last.ident == "TextWriter")
}

struct Options {
    name: Option<String>,
    volatility: String,
}

impl Options {
    fn parse(arguments: TokenStream) -> Result<Self> {
        let mut options = Self {
            name: None,
            volatility: "immutable".to_owned(),
        };
        let parser = syn::meta::parser(|meta| {
            if meta.path.is_ident("name") {
                options.name = Some(meta.value()?.parse::<LitStr>()?.value());
            } else if meta.path.is_ident("volatility") {
                let volatility: LitStr = meta.value()?.parse()?;
                if !["immutable", "stable", "volatile"].contains(&volatility.value().as_str()) {
                    let what = "volatility is immutable, stable or volatile";
                    return Err(Error::new(volatility.span(), what));
                }
                options.volatility = volatility.value();
            } else {
                return Err(meta.error("expected `name` or `volatility`"));
            }
            Ok(())
        });
        parser.parse2(arguments)?;
        Ok(options)
    }
}

/// Names and types of what SQL passes: all parameters, without the text that is written to.
fn parameters(function: &ItemFn, writes: bool) -> Result<(Vec<String>, Vec<TokenStream>)> {
    let mut found = (Vec::new(), Vec::new());
    let passed = function.sig.inputs.len() - usize::from(writes);
    for input in function.sig.inputs.iter().take(passed) {
        let FnArg::Typed(input) = input else {
            return Err(Error::new(input.span(), "a scalar function has no self"));
        };
        let Pat::Ident(name) = &*input.pat else {
            let what = "a parameter needs a name, because SQL shows it";
            return Err(Error::new(input.pat.span(), what));
        };
        let data_type = &input.ty;
        found.0.push(plain_name(&name.ident.to_string()));
        found.1.push(without_lifetimes(quote!(#data_type)));
    }
    Ok(found)
}

/// The doc comment as lines without the blank that follows `///`.
pub(crate) fn doc(attributes: &[Attribute]) -> String {
    let mut lines = Vec::new();
    for attribute in attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("doc"))
    {
        if let syn::Meta::NameValue(pair) = &attribute.meta
            && let syn::Expr::Lit(literal) = &pair.value
            && let syn::Lit::Str(line) = &literal.lit
        {
            let line = line.value();
            lines.push(line.strip_prefix(' ').unwrap_or(&line).to_owned());
        }
    }
    lines.join("\n")
}
