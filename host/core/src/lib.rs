//! What every layer of Tsugi shares: names, diagnostics with places, digests, and what a plugin may
//! be granted, as plain types.
#![deny(clippy::print_stdout, clippy::print_stderr)]
#![deny(unreachable_pub)]

pub mod channel;
pub mod count;
pub mod diagnostic;
pub mod digest;
pub mod escape;
pub mod file;
pub mod grant;
pub mod limit;
pub mod name;
pub mod pattern;
pub mod role;
pub mod source_text;
