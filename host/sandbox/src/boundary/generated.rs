//! The records of the contract, generated from `wit/`.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "generated code, of which only the records are used"
)]

wasmtime::component::bindgen!({
    path: "../../wit",
    inline: "
        package tsugi:host;

        world everything {
            import tsugi:plugin/log@0.1.0;
            import tsugi:plugin/report@0.1.0;
            import tsugi:plugin/inputs@0.1.0;
            import tsugi:plugin/http@0.1.0;
            import tsugi:plugin/mail@0.1.0;
            export tsugi:plugin/scalar@0.1.0;
            export tsugi:plugin/aggregate@0.1.0;
            export tsugi:plugin/table@0.1.0;
            export tsugi:plugin/source@0.1.0;
            export tsugi:plugin/sink@0.1.0;
            export tsugi:plugin/sink-terms@0.1.0;
        }
    ",
    additional_derives: [PartialEq],
});
