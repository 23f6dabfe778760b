//! The authorities that a channel trusts: the public ones, or those of a file that its grant names.

use std::path::Path;

use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::{CertificateError, Error, RootCertStore};
use tsugi_core::file::read_bounded;

use super::failure::not_sent;
use crate::boundary::wire::{PluginError, Recovery};

/// Largest file of authorities: the public ones together are a fifth of it.
const FILE_MAX_BYTES: u64 = 1024 * 1024;

/// The certificates of a PEM file, each of which can be an authority.
pub(super) fn authorities(file: &Path) -> Result<Vec<CertificateDer<'static>>, PluginError> {
    let wrong = |why: String| {
        let what = format!("the authorities in {}: {why}", file.display());
        not_sent(Recovery::FixConfig, "bad-authorities", what)
    };
    let pem = read_bounded(file, "the authorities", FILE_MAX_BYTES);
    let pem = pem.map_err(|error| wrong(error.to_string()))?;
    let mut found = Vec::new();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.map_err(|error| wrong(error.to_string()))?;
        let added = RootCertStore::empty().add(certificate.clone());
        added.map_err(|error| wrong(error.to_string()))?;
        found.push(certificate);
    }
    if found.is_empty() {
        return Err(wrong("there is no certificate in PEM form".into()));
    }
    Ok(found)
}

/// The roots of a channel: those of its file alone, or the public ones.
pub(super) fn roots(ca: Option<&Path>) -> Result<RootCertStore, PluginError> {
    let mut roots = RootCertStore::empty();
    match ca {
        Some(file) => drop(roots.add_parsable_certificates(authorities(file)?)),
        None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
    }
    Ok(roots)
}

/// The error for a server whose certificate is not trusted; nothing has been sent to it.
pub(super) fn untrusted(place: &str, error: &Error) -> PluginError {
    let what = format!("{place} cannot be trusted: {error}");
    let mut untrusted = not_sent(Recovery::Retry, "no-trust", what);
    if matches!(
        error,
        Error::InvalidCertificate(CertificateError::UnknownIssuer)
    ) {
        let hint = "if it is an authority of your own, add to the grant: ca = \"AUTHORITY.pem\"";
        untrusted.detail = Some(hint.to_owned());
    }
    untrusted
}

/// The TLS error inside an I/O error.
pub(super) fn tls_error(error: &std::io::Error) -> Option<&Error> {
    error.get_ref()?.downcast_ref()
}
