//! The imports of a guest: inert WASI stubs, logs and reports, granted files, HTTP and mail.

mod address;
mod channel;
mod failure;
mod files;
mod http;
mod mail;
mod redact;
mod report;
mod trust;
pub(crate) mod wasi;

use wasmtime::Result;
use wasmtime::component::Linker;

use crate::instance::state::State;

/// Defines every import. `hosted` instances reach what was granted, pure ones only log and report.
///
/// What is not granted is linked too, as a call that stops the guest with a denial: a component may
/// have a role that needs files beside one that does not.
pub(crate) fn add_to_linker(linker: &mut Linker<State>, hosted: bool) -> Result<()> {
    wasi::add_to_linker(linker)?;
    report::add_to_linker(linker)?;
    files::add_to_linker(linker, hosted)?;
    channel::add_to_linker(linker, hosted)
}
