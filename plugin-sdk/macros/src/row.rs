//! `#[derive(Row)]`: a struct that is read from the columns of a relation by name.
use proc_macro2::TokenStream;
use quote::quote;
use syn::spanned::Spanned;
use syn::{Attribute, Data, DeriveInput, Error, Fields, LitStr, Result, Type};

use crate::names::{plain_name, with_static};

/// What `#[row(…)]` says.
#[derive(Default)]
struct Says {
    optional: bool,
    rest: bool,
    name: Option<String>,
}

impl Says {
    fn read(attributes: &[Attribute]) -> Result<Self> {
        let mut says = Self::default();
        for attribute in attributes.iter().filter(|one| one.path().is_ident("row")) {
            attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("optional") {
                    says.optional = true;
                } else if meta.path.is_ident("rest") {
                    says.rest = true;
                } else if meta.path.is_ident("name") {
                    says.name = Some(meta.value()?.parse::<LitStr>()?.value());
                } else {
                    return Err(meta.error("a row knows `optional`, `rest` and `name = \"…\"`"));
                }
                Ok(())
            })?;
        }
        Ok(says)
    }
}

/// How a field is read.
enum Kind {
    Column,
    Optional,
    Rest,
}

struct Field<'p> {
    ident: &'p syn::Ident,
    ty: &'p Type,
    name: String,
    kind: Kind,
}

fn is_option(ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    let last = path.path.segments.last();
    last.is_some_and(|segment| segment.ident == "Option")
}

fn field<'p>(field: &'p syn::Field, all_optional: bool) -> Result<Option<Field<'p>>> {
    let Some(ident) = &field.ident else {
        return Ok(None);
    };
    let says = Says::read(&field.attrs)?;
    if says.optional && !is_option(&field.ty) {
        let message = "a column that may be absent is read as an `Option`";
        return Err(Error::new(field.ty.span(), message));
    }
    let kind = match says.rest {
        true => Kind::Rest,
        false if says.optional || all_optional && is_option(&field.ty) => Kind::Optional,
        false => Kind::Column,
    };
    Ok(Some(Field {
        ident,
        ty: &field.ty,
        name: says.name.unwrap_or_else(|| plain_name(&ident.to_string())),
        kind,
    }))
}

pub fn expand(item: TokenStream) -> Result<TokenStream> {
    let input: DeriveInput = syn::parse2(item)?;
    let Data::Struct(body) = &input.data else {
        return Err(Error::new(input.span(), "a row is a struct"));
    };
    let Fields::Named(named) = &body.fields else {
        return Err(Error::new(
            input.span(),
            "a row is a struct with named fields",
        ));
    };
    if let Some(bad) = input.generics.type_params().next() {
        return Err(Error::new(bad.span(), "a row has no type parameters"));
    }
    if let Some(second) = input.generics.lifetimes().nth(1) {
        let message = "a row borrows with at most one lifetime";
        return Err(Error::new(second.span(), message));
    }
    let all_optional = Says::read(&input.attrs)?.optional;
    let fields = named.named.iter();
    let fields = fields
        .filter_map(|one| field(one, all_optional).transpose())
        .collect::<Result<Vec<_>>>()?;
    let lifetime = input.generics.lifetimes().next();
    Ok(implementation(
        &input.ident,
        lifetime.map(|found| &found.lifetime),
        &fields,
    ))
}

fn implementation(
    ident: &syn::Ident,
    lifetime: Option<&syn::Lifetime>,
    fields: &[Field<'_>],
) -> TokenStream {
    let (from, own) = match lifetime {
        Some(lifetime) => (quote!(#lifetime), quote!(#ident<#lifetime>)),
        None => (quote!('columns), quote!(#ident)),
    };
    let from_column = quote!(::tsugi_plugin::FromColumn<#from>);
    let idents: Vec<_> = fields.iter().map(|field| field.ident).collect();
    let names: Vec<_> = fields.iter().map(|field| field.name.as_str()).collect();
    let (mut views, mut binds, mut gets, mut nulls, mut expects) =
        (vec![], vec![], vec![], vec![], vec![]);
    for Field {
        ident,
        ty,
        name,
        kind,
    } in fields
    {
        let fixed = with_static(ty, lifetime);
        match kind {
            Kind::Column => {
                views.push(quote!(<#ty as #from_column>::View));
                binds.push(quote!(columns.column::<#ty>(#name)?));
                gets.push(quote!(<#ty as #from_column>::get(#ident, row)?));
                nulls.push(quote! {
                    if <#ty as #from_column>::get(#ident, row).is_none() {
                        return ::core::option::Option::Some(#name);
                    }
                });
                expects.push(quote!(::tsugi_plugin::row::Expected::column::<#fixed>(#name)));
            }
            Kind::Optional => {
                views.push(quote!(::core::option::Option<<#ty as #from_column>::View>));
                binds.push(quote!(columns.optional::<#ty>(#name)?));
                gets.push(quote!(::tsugi_plugin::row::present::<#ty>(#ident, row).flatten()));
                expects.push(quote!(::tsugi_plugin::row::Expected::optional::<#fixed>(#name)));
            }
            Kind::Rest => {
                views.push(quote!(::std::rc::Rc<[::tsugi_plugin::Column<#from>]>));
                binds.push(quote!(columns.rest(&[#(#names),*])));
                gets.push(quote!(::tsugi_plugin::Rest::new(#ident, row)));
            }
        }
    }
    quote! {
        const _: () = {
            impl<#from> ::tsugi_plugin::Row<#from> for #own {
                type View = (#(#views,)*);

                fn expects() -> ::std::vec::Vec<::tsugi_plugin::row::Expected> {
                    ::std::vec![#(#expects),*]
                }

                fn bind(
                    columns: &::tsugi_plugin::row::Columns<#from, '_>,
                ) -> ::core::result::Result<Self::View, ::tsugi_plugin::Error> {
                    ::core::result::Result::Ok((#(#binds,)*))
                }

                #[inline]
                fn get(view: &Self::View, row: usize) -> ::core::option::Option<Self> {
                    let (#(#idents,)*) = view;
                    ::core::option::Option::Some(Self { #(#idents: #gets,)* })
                }

                #[allow(unused_variables, reason = "a field of `Option` is never null")]
                fn null_in(
                    view: &Self::View,
                    row: usize,
                ) -> ::core::option::Option<&'static str> {
                    let (#(#idents,)*) = view;
                    #(#nulls)*
                    ::core::option::Option::None
                }
            }
        };
    }
}
