//! `#[derive(Record)]`: a struct as columns, both ways.
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Error, Fields, Result};

use crate::names::{plain_name, with_static};

pub(crate) fn expand(item: TokenStream) -> Result<TokenStream> {
    let input: DeriveInput = syn::parse2(item)?;
    let Data::Struct(body) = &input.data else {
        return Err(Error::new(input.span(), "a record is a struct"));
    };
    let Fields::Named(fields) = &body.fields else {
        return Err(Error::new(
            input.span(),
            "a record is a struct with named fields",
        ));
    };
    if fields.named.is_empty() {
        return Err(Error::new(input.span(), "a record has at least one field"));
    }
    if let Some(bad) = input.generics.type_params().next() {
        return Err(Error::new(bad.span(), "a record has no type parameters"));
    }
    if let Some(second) = input.generics.lifetimes().nth(1) {
        return Err(Error::new(
            second.span(),
            "a record borrows with at most one lifetime",
        ));
    }
    let parts = Parts {
        name: &input.ident,
        vis: &input.vis,
        lifetime: input
            .generics
            .lifetimes()
            .next()
            .map(|found| &found.lifetime),
        idents: fields
            .named
            .iter()
            .filter_map(|field| field.ident.as_ref())
            .collect(),
        types: fields.named.iter().map(|field| &field.ty).collect(),
    };
    let (typed, record) = (parts.typed(), parts.record());
    let (read, write) = (parts.read(), parts.write());
    Ok(quote! {
        const _: () = {
            #typed
            #record
            #read
            #write
        };
    })
}

struct Parts<'p> {
    name: &'p syn::Ident,
    vis: &'p syn::Visibility,
    lifetime: Option<&'p syn::Lifetime>,
    idents: Vec<&'p syn::Ident>,
    types: Vec<&'p syn::Type>,
}

impl Parts<'_> {
    /// The struct with its lifetime, if it has one.
    fn own(&self) -> (TokenStream, TokenStream) {
        let (name, lifetime) = (self.name, self.lifetime);
        match lifetime {
            Some(lifetime) => (quote!(<#lifetime>), quote!(#name<#lifetime>)),
            None => (quote!(), quote!(#name)),
        }
    }

    fn names(&self) -> Vec<String> {
        self.idents
            .iter()
            .map(|ident| plain_name(&ident.to_string()))
            .collect()
    }

    fn typed(&self) -> TokenStream {
        let ((generics, own), names, types) = (self.own(), self.names(), &self.types);
        quote! {
            impl #generics ::tsugi_plugin::typed::Typed for #own {
                fn data_type() -> ::tsugi_plugin::DataType {
                    ::tsugi_plugin::DataType::Struct(::std::vec![
                        #(<#types as ::tsugi_plugin::typed::Typed>::field(#names)),*
                    ])
                }
            }
        }
    }

    /// The lifetime of the columns, and the trait that reads them.
    fn from(&self) -> (TokenStream, TokenStream) {
        let from = match self.lifetime {
            Some(lifetime) => quote!(#lifetime),
            None => quote!('columns),
        };
        let read = quote!(::tsugi_plugin::typed::Read<#from>);
        (from, read)
    }

    fn record(&self) -> TokenStream {
        let ((_, own), (from, read)) = (self.own(), self.from());
        let (names, types, idents) = (self.names(), &self.types, &self.idents);
        quote! {
            impl<#from> ::tsugi_plugin::typed::Record<#from> for #own {
                type Fields = (#(<#types as #read>::View,)*);

                fn bind_fields(
                    find: &mut dyn ::core::ops::FnMut(&str) -> ::core::result::Result<
                        ::tsugi_plugin::Column<#from>,
                        ::tsugi_plugin::Error,
                    >,
                ) -> ::core::result::Result<Self::Fields, ::tsugi_plugin::Error> {
                    ::core::result::Result::Ok((#(<#types as #read>::bind(find(#names)?)?,)*))
                }

                #[inline]
                fn read(fields: &Self::Fields, row: usize) -> ::core::option::Option<Self> {
                    let (#(#idents,)*) = fields;
                    ::core::option::Option::Some(Self {
                        #(#idents: <#types as #read>::get(#idents, row)?,)*
                    })
                }

                fn missing(
                    fields: &Self::Fields,
                    row: usize,
                ) -> ::core::option::Option<&'static str> {
                    let (#(#idents,)*) = fields;
                    #(if <#types as #read>::get(#idents, row).is_none() {
                        return ::core::option::Option::Some(#names);
                    })*
                    ::core::option::Option::None
                }
            }
        }
    }

    fn read(&self) -> TokenStream {
        let ((_, own), (from, read)) = (self.own(), self.from());
        let (types, idents) = (&self.types, &self.idents);
        quote! {
            impl<#from> #read for #own {
                type View = (
                    ::tsugi_plugin::view::Nulls<#from>,
                    <Self as ::tsugi_plugin::typed::Record<#from>>::Fields,
                );

                fn bind(
                    column: ::tsugi_plugin::Column<#from>,
                ) -> ::core::result::Result<Self::View, ::tsugi_plugin::Error> {
                    let fields = <Self as ::tsugi_plugin::typed::Record<#from>>::bind_fields(
                        &mut |name| column.child(name),
                    )?;
                    ::core::result::Result::Ok((column.null_view(), fields))
                }

                #[inline]
                fn nulls(view: &Self::View) -> ::tsugi_plugin::view::Nulls<#from> {
                    view.0
                }

                fn dense(view: &Self::View) -> bool {
                    let (#(#idents,)*) = &view.1;
                    view.0.count() == 0 #(&& <#types as #read>::dense(#idents))*
                }

                #[inline]
                fn raw(view: &Self::View, row: usize) -> ::core::option::Option<Self> {
                    <Self as ::tsugi_plugin::typed::Record<#from>>::read(&view.1, row)
                }
            }
        }
    }

    fn write(&self) -> TokenStream {
        let (generics, own) = self.own();
        let (types, idents, vis) = (&self.types, &self.idents, self.vis);
        let statics: Vec<_> = types
            .iter()
            .map(|written| with_static(written, self.lifetime))
            .collect();
        let builders: Vec<_> = statics
            .iter()
            .map(|written| quote!(<#written as ::tsugi_plugin::typed::Write>::Builder))
            .collect();
        let builder = format_ident!("{}Builder", self.name);
        quote! {
            #[doc(hidden)]
            #vis struct #builder {
                validity: ::tsugi_plugin::builders::Validity,
                fields: (#(#builders,)*),
            }

            impl ::tsugi_plugin::builders::Builder for #builder {
                fn with_capacity(rows: usize) -> Self {
                    Self {
                        validity: ::core::default::Default::default(),
                        fields: (#(
                            <#builders as ::tsugi_plugin::builders::Builder>::with_capacity(rows),
                        )*),
                    }
                }

                fn push_null(&mut self) {
                    self.validity.push_null();
                    let (#(#idents,)*) = &mut self.fields;
                    #(::tsugi_plugin::typed::absent::<#statics>(#idents);)*
                }

                fn push_filler(&mut self) {
                    self.validity.push_valid();
                    let (#(#idents,)*) = &mut self.fields;
                    #(::tsugi_plugin::typed::absent::<#statics>(#idents);)*
                }

                fn finish(self) -> ::tsugi_plugin::Array {
                    let (#(#idents,)*) = self.fields;
                    self.validity.structure(::std::vec![
                        #(::tsugi_plugin::builders::Builder::finish(#idents)),*
                    ])
                }
            }

            impl #generics ::tsugi_plugin::typed::Write for #own {
                type Builder = #builder;

                #[inline]
                fn write(self, to: &mut Self::Builder) {
                    let (#(#idents,)*) = &mut to.fields;
                    #(::tsugi_plugin::typed::Write::write(self.#idents, #idents);)*
                    to.validity.push_valid();
                }
            }
        }
    }
}
