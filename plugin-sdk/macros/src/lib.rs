//! The attribute and derive macros of tsugi-plugin; documented where it re-exports them.
mod names;
mod record;
mod row;
mod scalar;

use proc_macro::TokenStream;

/// Makes a SQL scalar function of a plain function. The types of its parameters and of its
/// result come from the signature, its documentation from the doc comment.
///
/// Parameters may be `bool`, integers, floats, `&str`, `String`, `&[u8]`, `Vec<u8>`, `Date`,
/// `Timestamp`, lists of these as `Vec`, a `#[derive(Record)]` struct, or an `Option` of any;
/// the result any of them, or a `Result` whose error fails the row and leaves a null. A null
/// for a parameter that is no `Option` gives null without a call.
///
/// Arguments: `name = "…"` when SQL should know it by another name, as overloads need;
/// `volatility = "immutable" | "stable" | "volatile"`, where `immutable` is the default.
#[proc_macro_attribute]
pub fn scalar(arguments: TokenStream, item: TokenStream) -> TokenStream {
    scalar::expand(arguments.into(), item.into())
        .unwrap_or_else(|error| error.into_compile_error())
        .into()
}

/// Makes columns of the named fields of a struct: as a parameter or the result of a scalar function,
/// as the state or the result of an aggregate, as a row that a table function answers with. The
/// struct may borrow with one lifetime.
#[proc_macro_derive(Record)]
pub fn record(item: TokenStream) -> TokenStream {
    record::expand(item.into())
        .unwrap_or_else(|error| error.into_compile_error())
        .into()
}

/// Reads a row of a relation into the named fields of a struct: see the trait of this name.
#[proc_macro_derive(Row, attributes(row))]
pub fn row(item: TokenStream) -> TokenStream {
    row::expand(item.into())
        .unwrap_or_else(|error| error.into_compile_error())
        .into()
}
