//! The names of the contract in `wit/`.

/// The version of `tsugi:plugin` that this host speaks.
pub const CONTRACT_VERSION: &str = "0.1.0";
/// The package, as it precedes the name of an interface.
pub(crate) const PACKAGE: &str = "tsugi:plugin/";

/// The full name of an interface of the contract.
pub(crate) fn interface(name: &str) -> String {
    format!("{PACKAGE}{name}@{CONTRACT_VERSION}")
}
