//! Every role at its worst: answers that are not what was promised, descriptions no function can
//! have, and entries that do not come back.

mod attack;
mod flows;
mod forge;
mod functions;
mod signs;

use tsugi_plugin::bindings::imports::tsugi::plugin::types::{Error, Recovery, Scope};

/// Implements every role, by hand where the SDK would not let it lie.
pub struct Evil;

// The manifest alone: the roles are exported below.
tsugi_plugin::export! { manifest: "plugin.toml" }

#[cfg(target_arch = "wasm32")]
const _: () = {
    use tsugi_plugin::bindings::{aggregate, scalar, sink, source, table};
    scalar::export!(Evil with_types_in scalar);
    aggregate::export!(Evil with_types_in aggregate);
    table::export!(Evil with_types_in table);
    source::export!(Evil with_types_in source);
    sink::export!(Evil with_types_in sink);
};

/// An error as long as the attack wants it.
pub fn failing() -> Error {
    let long = if attack::is("error_huge") {
        "no ".repeat(1 << 19)
    } else {
        "no".to_owned()
    };
    Error {
        recovery: Recovery::GiveUp,
        scope: Scope::Run,
        code: long.clone(),
        message: long.clone(),
        detail: Some(long.clone()),
        retry_after_ms: Some(u32::MAX),
        at: Some(long.clone()),
        extra: vec![(long.clone(), long)],
    }
}
