//! `#[derive(Row)]`: a struct that is read from the columns of a relation by name.
use proc_macro2::TokenStream;
use quote::quote;
use syn::spanned::Spanned;
use syn::{Attribute, Data, DeriveInput, Error, Fields, LitStr, Result, Type};

use crate::names::{plain_name, with_static};

#[derive(Default)]
struct RowAttributes {
    optional: bool,
    required: bool,
    rest: bool,
    name: Option<String>,
}

impl RowAttributes {
    fn read(written: &[Attribute]) -> Result<Self> {
        let mut attributes = Self::default();
        for attribute in written.iter().filter(|one| one.path().is_ident("row")) {
            attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("optional") {
                    attributes.optional = true;
                } else if meta.path.is_ident("required") {
                    attributes.required = true;
                } else if meta.path.is_ident("rest") {
                    attributes.rest = true;
                } else if meta.path.is_ident("name") {
                    attributes.name = Some(meta.value()?.parse::<LitStr>()?.value());
                } else {
                    return Err(
                        meta.error("a row knows `optional`, `required`, `rest` and `name = \"…\"`")
                    );
                }
                Ok(())
            })?;
        }
        Ok(attributes)
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
    let attributes = RowAttributes::read(&field.attrs)?;
    if attributes.optional && !is_option(&field.ty) {
        let message = "a column that may be absent is read as an `Option`";
        return Err(Error::new(field.ty.span(), message));
    }
    let kind = match attributes.rest {
        true => Kind::Rest,
        false
            if attributes.optional
                || all_optional && !attributes.required && is_option(&field.ty) =>
        {
            Kind::Optional
        }
        false => Kind::Column,
    };
    Ok(Some(Field {
        ident,
        ty: &field.ty,
        name: attributes
            .name
            .unwrap_or_else(|| plain_name(&ident.to_string())),
        kind,
    }))
}

pub(crate) fn expand(item: TokenStream) -> Result<TokenStream> {
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
    let all_optional = RowAttributes::read(&input.attrs)?.optional;
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

/// The code of all fields, one entry a field.
#[derive(Default)]
struct Code {
    /// Types of the views.
    views: Vec<TokenStream>,
    binds: Vec<TokenStream>,
    gets: Vec<TokenStream>,
    /// Checks for nulls, of fields that are no `Option`.
    nulls: Vec<TokenStream>,
    expects: Vec<TokenStream>,
}

impl Code {
    fn of(fields: &[Field<'_>], lifetime: Option<&syn::Lifetime>, from: &TokenStream) -> Self {
        let from_column = quote!(::tsugi_plugin::FromColumn<#from>);
        let names: Vec<_> = fields.iter().map(|field| field.name.as_str()).collect();
        let mut code = Self::default();
        for field in fields {
            let (ident, ty, name) = (field.ident, field.ty, &field.name);
            let fixed = with_static(ty, lifetime);
            match field.kind {
                Kind::Column => {
                    let get = quote!(<#ty as #from_column>::get(#ident, row));
                    code.views.push(quote!(<#ty as #from_column>::View));
                    code.binds.push(quote!(columns.column::<#ty>(#name)?));
                    code.gets.push(quote!(#get?));
                    code.nulls.push(quote! {
                        if #get.is_none() {
                            return ::core::option::Option::Some(#name);
                        }
                    });
                    let expects = quote!(::tsugi_plugin::row::Expected::column);
                    code.expects.push(quote!(#expects::<#fixed>(#name)));
                }
                Kind::Optional => {
                    let view = quote!(<#ty as #from_column>::View);
                    code.views.push(quote!(::core::option::Option<#view>));
                    code.binds.push(quote!(columns.optional::<#ty>(#name)?));
                    let present = quote!(::tsugi_plugin::row::present);
                    code.gets
                        .push(quote!(#present::<#ty>(#ident, row).flatten()));
                    let expects = quote!(::tsugi_plugin::row::Expected::optional);
                    code.expects.push(quote!(#expects::<#fixed>(#name)));
                }
                Kind::Rest => {
                    let column = quote!(::tsugi_plugin::Column<#from>);
                    code.views.push(quote!(::std::rc::Rc<[#column]>));
                    code.binds.push(quote!(columns.rest(&[#(#names),*])));
                    code.gets
                        .push(quote!(::tsugi_plugin::Rest::new(#ident, row)));
                }
            }
        }
        code
    }
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
    let idents: Vec<_> = fields.iter().map(|field| field.ident).collect();
    let Code {
        views,
        binds,
        gets,
        nulls,
        expects,
    } = Code::of(fields, lifetime, &from);
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
