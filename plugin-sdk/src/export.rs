//! The one line that makes a component of a crate.

/// Exports a plugin's roles and embeds its manifest. Every part but the manifest is optional;
/// their order is fixed. Paths may lead into other modules; `#[scalar]` functions are named as
/// functions, the rest as types.
///
/// ```
/// # use tsugi_plugin::{Batches, Collect, Collected, Error, Inputs, Schema, TableCall, TableSignature};
/// #[tsugi_plugin::scalar]
/// fn shout(text: &str) -> String {
///     text.to_uppercase()
/// }
/// # struct Count;
/// # impl Collected for Count {
/// #     fn signature() -> TableSignature { TableSignature::new("count", "") }
/// #     fn open(_: &TableCall) -> Result<Self, Error> { Ok(Count) }
/// #     fn returns(&self) -> Schema { Schema::new() }
/// #     fn compute(&mut self, _: &Inputs) -> Result<Batches, Error> { Ok(Batches::none()) }
/// # }
///
/// tsugi_plugin::export! {
///     manifest: "plugin.toml",
///     scalar: [shout],
///     table: [Collect<Count>],
/// }
/// ```
///
/// It expands to nothing on other targets than wasm32, whose linkers do not take the export
/// names of components.
#[cfg(not(target_arch = "wasm32"))]
#[macro_export]
macro_rules! export {
    ($($parts:tt)*) => {};
}

/// Exports a plugin's roles and embeds its manifest. Every part but the manifest is optional;
/// their order is fixed.
#[cfg(target_arch = "wasm32")]
#[macro_export]
macro_rules! export {
    (
        manifest: $manifest:literal
        $(, scalar: [$($scalar:ty),* $(,)?])?
        $(, aggregate: [$($aggregate:ty),* $(,)?])?
        $(, table: [$($table:ty),* $(,)?])?
        $(, source: $source:ty)?
        $(, sink: $sink:ty)?
        $(,)?
    ) => {
        const _: () = {
            const BYTES: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/", $manifest));
            #[unsafe(link_section = "tsugi-manifest")]
            #[used]
            static MANIFEST: [u8; BYTES.len()] = *include_bytes!(
                concat!(env!("CARGO_MANIFEST_DIR"), "/", $manifest)
            );

            /// The plugin, for the roles to be exported on.
            struct Plugin;
            $(
                impl $crate::scalar::Functions for Plugin {
                    fn functions() -> Vec<$crate::scalar::Function> {
                        vec![$($crate::scalar::Function::of::<$scalar>()),*]
                    }
                }
                $crate::bindings::scalar::export!(Plugin with_types_in $crate::bindings::scalar);
            )?
            $(
                impl $crate::aggregate::Aggregates for Plugin {
                    fn aggregates() -> Vec<$crate::aggregate::Entry> {
                        vec![$($crate::aggregate::Entry::of::<$aggregate>()),*]
                    }
                }
                $crate::bindings::aggregate::export!(Plugin with_types_in $crate::bindings::aggregate);
            )?
            $(
                impl $crate::table::Tables for Plugin {
                    fn tables() -> Vec<$crate::table::Entry> {
                        vec![$($crate::table::Entry::of::<$table>()),*]
                    }
                }
                $crate::bindings::table::export!(Plugin with_types_in $crate::bindings::table);
            )?
            $(
                impl $crate::source::HasSource for Plugin {
                    type Source = $source;
                }
                $crate::bindings::source::export!(Plugin with_types_in $crate::bindings::source);
            )?
            $(
                impl $crate::sink::HasSink for Plugin {
                    type Sink = $sink;
                }
                $crate::bindings::sink::export!(Plugin with_types_in $crate::bindings::sink);
            )?
        };
    };
}
