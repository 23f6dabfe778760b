//! Whom a channel trusts: the public authorities, or those of a file that its grant names.

use std::path::Path;

use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::{CertificateError, Error, RootCertStore};

use super::address::failed;
use super::wire::{PluginError, Recovery};
use tsugi_core::file::read_bounded;

/// Largest file of authorities: the public ones together are a fifth of it.
const FILE_MAX_BYTES: u64 = 1024 * 1024;

/// The certificates of a file, each of which can be an authority.
pub(super) fn authorities(file: &Path) -> Result<Vec<CertificateDer<'static>>, PluginError> {
    let wrong = |why: String| {
        let what = format!("the authorities in {}: {why}", file.display());
        failed(Recovery::FixConfig, "bad-authorities", what, false)
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

/// A server whose certificate proves nothing. No word was said to it yet.
pub(super) fn untrusted(place: &str, error: &Error) -> PluginError {
    let what = format!("{place} cannot be trusted: {error}");
    let mut told = failed(Recovery::Retry, "no-trust", what, false);
    if matches!(
        error,
        Error::InvalidCertificate(CertificateError::UnknownIssuer)
    ) {
        let hint = "if it is an authority of your own, add to the grant: ca = \"AUTHORITY.pem\"";
        told.detail = Some(hint.to_owned());
    }
    told
}

/// The failure of a handshake inside an error of input and output.
pub(super) fn within(error: &std::io::Error) -> Option<&Error> {
    error.get_ref()?.downcast_ref()
}
