//! The account that writes to the ledger, and the key that it signs with.

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::OnceLock;

use ring::rand::SystemRandom;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use tsugi_core::digest::hex;

use super::head::ChainHead;
use crate::store::error::WarehouseError;

/// An account of the operating system with a key of its own. It says which account wrote, on a machine that
/// keeps its accounts apart; it does not say which person sat there.
pub struct Signer {
    account: String,
    key: Option<Ed25519KeyPair>,
    note: Option<NoteWritten>,
}

/// Remembers the last link that an account wrote, outside of the ledger: the ledger, the hash of its first
/// link, and the link.
pub type NoteWritten = fn(&Path, &str, &ChainHead);

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({}, {})", self.account, self.public_key())
    }
}

impl Signer {
    /// An account with the key of a PKCS#8 document.
    ///
    /// # Errors
    /// When the document holds no Ed25519 key.
    pub fn new(account: String, pkcs8: &[u8]) -> io::Result<Self> {
        let key = Ed25519KeyPair::from_pkcs8(pkcs8)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.to_string()))?;
        Ok(Self {
            account,
            key: Some(key),
            note: None,
        })
    }

    /// An account without a key, because it has no folder of its own to keep one in.
    pub fn without_key(account: String) -> Self {
        Self {
            account,
            key: None,
            note: None,
        }
    }

    /// Lets every link that this account writes be remembered.
    pub fn noting(mut self, note: NoteWritten) -> Self {
        self.note = Some(note);
        self
    }

    pub(super) fn note(&self, ledger: &Path, first: &str, head: &ChainHead) {
        if let Some(note) = self.note {
            note(ledger, first, head);
        }
    }

    /// A new key, as a PKCS#8 document.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn new_key() -> io::Result<Vec<u8>> {
        Ed25519KeyPair::generate_pkcs8(&SystemRandom::new())
            .map(|document| document.as_ref().to_vec())
            .map_err(|_| io::Error::other("the system gives no random bytes"))
    }

    pub(super) fn account(&self) -> &str {
        &self.account
    }

    /// In hexadecimal; empty without a key.
    pub(super) fn public_key(&self) -> String {
        let key = self.key.as_ref();
        key.map(|key| hex(key.public_key().as_ref()))
            .unwrap_or_default()
    }

    /// In hexadecimal; empty without a key.
    pub(super) fn sign(&self, hash: &[u8]) -> String {
        let key = self.key.as_ref();
        key.map(|key| hex(key.sign(hash).as_ref()))
            .unwrap_or_default()
    }
}

/// Whether a signature is that of a key. What has no key has no signature either.
pub(super) fn is_signed(key: &str, hash: &[u8], signature: &str) -> bool {
    match (bytes(key), bytes(signature)) {
        (Some(key), Some(signature)) if key.is_empty() => signature.is_empty(),
        (Some(key), Some(signature)) => UnparsedPublicKey::new(&ED25519, key)
            .verify(hash, &signature)
            .is_ok(),
        _ => false,
    }
}

/// The bytes of a hexadecimal text.
fn bytes(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .map(|digit| {
            digit
                .to_digit(16)
                .and_then(|digit| u8::try_from(digit).ok())
        })
        .collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    let byte = |pair: &[u8]| pair.iter().fold(0, |byte, digit| byte << 4 | digit);
    Some(digits.chunks(2).map(byte).collect())
}

/// Who signs for a warehouse: loaded at the first write, because a reader needs no key.
#[derive(Debug, Default)]
pub(in crate::store) struct Signing {
    load: OnceLock<fn() -> io::Result<Signer>>,
    signer: OnceLock<Signer>,
}

impl Signing {
    pub(in crate::store) fn load_with(&self, load: fn() -> io::Result<Signer>) {
        // The first one stays: a warehouse has one account that uses it.
        let _ = self.load.set(load);
    }

    pub(in crate::store) fn signer(&self) -> Result<&Signer, WarehouseError> {
        if let Some(signer) = self.signer.get() {
            return Ok(signer);
        }
        let signer = match self.load.get() {
            Some(load) => load().map_err(|source| WarehouseError::NoKey { source })?,
            None => Signer::without_key("unknown".to_owned()),
        };
        Ok(self.signer.get_or_init(|| signer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_of_one_key_and_one_hash() {
        let signer =
            |name: &str| Signer::new(name.to_owned(), &Signer::new_key().unwrap()).unwrap();
        let (alice, bob) = (signer("alice"), signer("bob"));
        let signature = alice.sign(b"a hash");
        let key = alice.public_key();
        assert!(is_signed(&key, b"a hash", &signature));
        let changed = signature.replacen(
            |_| true,
            if signature.starts_with('0') { "1" } else { "0" },
            1,
        );
        for (key, hash, signature) in [
            (key.as_str(), &b"another"[..], signature.as_str()),
            (&bob.public_key(), b"a hash", &signature),
            (&key, b"a hash", &changed),
            (&key, b"a hash", ""),
            (&key, b"a hash", "zz"),
            ("", b"a hash", &signature),
            ("abc", b"a hash", &signature),
        ] {
            assert!(!is_signed(key, hash, signature), "{key} {signature}");
        }
        assert!(is_signed(
            "",
            b"a hash",
            &Signer::without_key("x".into()).sign(b"a hash")
        ));
        assert!(Signer::new("x".into(), b"no key").is_err());
    }
}
