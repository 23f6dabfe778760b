//! What wit-bindgen makes of the contract in `wit/`: one module a world, sharing the types.
//!
//! Plugins never name these; [`export!`](crate::export) does.
#![allow(missing_docs, unused_qualifications)]
#![allow(clippy::all, reason = "generated code")]

/// The types and the host's imports, generated once and shared by every role.
pub mod imports {
    wit_bindgen::generate!({
        inline: "
            package tsugi:sdk;
            world imports {
                import tsugi:plugin/types@0.1.0;
                import tsugi:plugin/log@0.1.0;
                import tsugi:plugin/report@0.1.0;
                import tsugi:plugin/inputs@0.1.0;
                import tsugi:plugin/outputs@0.1.0;
                import tsugi:plugin/http@0.1.0;
                import tsugi:plugin/mail@0.1.0;
            }
        ",
        path: "../wit",
        additional_derives: [PartialEq],
        generate_all,
        generate_unused_types: true,
    });
}

pub mod scalar {
    wit_bindgen::generate!({
        world: "tsugi:plugin/scalar-plugin",
        path: "../wit",
        pub_export_macro: true,
        additional_derives: [PartialEq],
        with: {
            "tsugi:plugin/types@0.1.0": crate::bindings::imports::tsugi::plugin::types,
            "tsugi:plugin/log@0.1.0": crate::bindings::imports::tsugi::plugin::log,
        },
    });
}

pub mod aggregate {
    wit_bindgen::generate!({
        world: "tsugi:plugin/aggregate-plugin",
        path: "../wit",
        pub_export_macro: true,
        additional_derives: [PartialEq],
        with: {
            "tsugi:plugin/types@0.1.0": crate::bindings::imports::tsugi::plugin::types,
            "tsugi:plugin/log@0.1.0": crate::bindings::imports::tsugi::plugin::log,
        },
    });
}

pub mod table {
    wit_bindgen::generate!({
        world: "tsugi:plugin/table-plugin",
        path: "../wit",
        pub_export_macro: true,
        additional_derives: [PartialEq],
        with: {
            "tsugi:plugin/types@0.1.0": crate::bindings::imports::tsugi::plugin::types,
            "tsugi:plugin/log@0.1.0": crate::bindings::imports::tsugi::plugin::log,
        },
    });
}

pub mod source {
    wit_bindgen::generate!({
        world: "tsugi:plugin/source-plugin",
        path: "../wit",
        pub_export_macro: true,
        additional_derives: [PartialEq],
        with: {
            "tsugi:plugin/types@0.1.0": crate::bindings::imports::tsugi::plugin::types,
            "tsugi:plugin/log@0.1.0": crate::bindings::imports::tsugi::plugin::log,
            "tsugi:plugin/report@0.1.0": crate::bindings::imports::tsugi::plugin::report,
            "tsugi:plugin/inputs@0.1.0": crate::bindings::imports::tsugi::plugin::inputs,
            "tsugi:plugin/http@0.1.0": crate::bindings::imports::tsugi::plugin::http,
        },
    });
}

pub mod sink {
    wit_bindgen::generate!({
        world: "tsugi:plugin/sink-plugin",
        path: "../wit",
        pub_export_macro: true,
        additional_derives: [PartialEq],
        with: {
            "tsugi:plugin/types@0.1.0": crate::bindings::imports::tsugi::plugin::types,
            "tsugi:plugin/log@0.1.0": crate::bindings::imports::tsugi::plugin::log,
            "tsugi:plugin/report@0.1.0": crate::bindings::imports::tsugi::plugin::report,
            "tsugi:plugin/outputs@0.1.0": crate::bindings::imports::tsugi::plugin::outputs,
            "tsugi:plugin/http@0.1.0": crate::bindings::imports::tsugi::plugin::http,
            "tsugi:plugin/mail@0.1.0": crate::bindings::imports::tsugi::plugin::mail,
        },
    });
}
