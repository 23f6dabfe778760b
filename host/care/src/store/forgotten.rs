//! Forgotten persons: a salted hash of each, so that later runs refuse their rows.

use std::collections::BTreeMap;
use tsugi_core::digest::hex;

use ducklake::Claim;
use ducklake::sqlite::{Database, now_text};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use sqlx::sqlite::SqliteConnection;

use super::spelling::{folded, has_no_blanks};
use super::tables::ledger;
use tsugi_pipeline::store::Warehouse;
use tsugi_pipeline::store::WarehouseError;

/// Replaces the id of a person where the record of what was done must remain.
const LABEL: &str = "forgotten:";
/// The block of SHA-256, as HMAC pads its key.
const BLOCK_BYTES: usize = 64;

/// One request, without the name of the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ForgetRequest {
    /// When, in UTC.
    pub at: String,
    /// The operator, by name.
    pub by: String,
    /// The account of the machine.
    pub login: String,
    pub why: String,
}

/// All forgotten persons.
#[derive(Clone, Debug, Default)]
pub struct Forgotten {
    salt: Vec<u8>,
    hashes: BTreeMap<String, ForgetRequest>,
}

impl Forgotten {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    /// When and why a person was forgotten, if they were, in whatever spelling of their id.
    pub fn find(&self, person: &str) -> Option<&ForgetRequest> {
        let known = self.hashes.get(&self.hash(person));
        known.or_else(|| self.hashes.get(&self.spelled_hash(person)))
    }

    /// Whether a text has the id of a forgotten person as a word of its own.
    pub(crate) fn is_named_in(&self, text: &str) -> bool {
        // Where words have no blanks between them, an id ends where another script begins.
        let character = |c: char| c.is_alphanumeric() && !has_no_blanks(c);
        let part = |c: char| character(c) || "-_.@:/\u{2010}\u{2011}－＿".contains(c);
        let mut words = text
            .split(|c: char| !part(c))
            .filter(|word| !word.is_empty());
        !self.is_empty() && words.any(|word| self.find(word).is_some())
    }

    /// What replaces the id of a person in the ledger.
    pub fn label(&self, person: &str) -> String {
        // Ids that were forgotten before spellings counted have the hash of what was typed.
        let typed = self.hash(person);
        match self.hashes.contains_key(&typed) {
            true => format!("{LABEL}{typed}"),
            false => format!("{LABEL}{}", self.spelled_hash(person)),
        }
    }

    /// The hash of an id in one spelling.
    fn spelled_hash(&self, person: &str) -> String {
        let characters: String = folded(person).into_iter().collect();
        self.hash(&characters)
    }

    /// HMAC with SHA-256 (RFC 2104) of the id under the salt of this warehouse.
    fn hash(&self, person: &str) -> String {
        let keyed = |pad: u8| {
            let mut block = [pad; BLOCK_BYTES];
            block
                .iter_mut()
                .zip(&self.salt)
                .for_each(|(byte, salt)| *byte ^= salt);
            Sha256::new().chain_update(block)
        };
        let inner = keyed(0x36).chain_update(person.trim()).finalize();
        hex(&keyed(0x5c).chain_update(inner).finalize())
    }
}

/// Loads all forgotten persons.
///
/// # Errors
/// Database errors.
pub async fn load_forgotten(warehouse: &Warehouse) -> Result<Forgotten, WarehouseError> {
    load(ledger(warehouse).await?).await
}

/// Records that a person is forgotten: from now on no run lets rows about them in. A second
/// request for the same person changes nothing.
///
/// # Errors
/// Database errors.
pub(crate) async fn record_forgotten(
    warehouse: &Warehouse,
    _claim: &Claim,
    person: &str,
    request: &ForgetRequest,
) -> Result<Forgotten, WarehouseError> {
    let ledger = ledger(warehouse).await?;
    let failed = |source| ledger.failed("record who is forgotten", source);
    let mut write = warehouse.write_ledger().await?;
    // SQLite's own generator: ChaCha20 with a seed of the operating system.
    sqlx::query(
        "INSERT INTO salt(value) SELECT randomblob(32) WHERE NOT EXISTS (SELECT 1 FROM salt)",
    )
    .execute(write.connection())
    .await
    .map_err(failed)?;
    let salt = salt(write.connection()).await.map_err(failed)?;
    let hash = Forgotten {
        salt: salt.unwrap_or_default(),
        ..Forgotten::default()
    }
    .spelled_hash(person);
    sqlx::query(
        "INSERT OR IGNORE INTO forgotten(hash, at, asked_by, login, reason) VALUES (?, ?, ?, ?, ?)",
    )
    .bind(hash)
    .bind(now_text())
    .bind(&request.by)
    .bind(&request.login)
    .bind(&request.why)
    .execute(write.connection())
    .await
    .map_err(failed)?;
    write.commit("forgetting").await?;
    load(ledger).await
}

async fn load(ledger: &Database) -> Result<Forgotten, WarehouseError> {
    let failed = |source| ledger.failed("read who is forgotten", source);
    let mut connection = ledger.pool().acquire().await.map_err(failed)?;
    let salt = salt(&mut connection).await.map_err(failed)?;
    let rows: Vec<(String, String, String, String, String)> =
        sqlx::query_as("SELECT hash, at, asked_by, login, reason FROM forgotten")
            .fetch_all(&mut *connection)
            .await
            .map_err(failed)?;
    let request = |(hash, at, by, login, why)| (hash, ForgetRequest { at, by, login, why });
    Ok(Forgotten {
        salt: salt.unwrap_or_default(),
        hashes: rows.into_iter().map(request).collect(),
    })
}

async fn salt(connection: &mut SqliteConnection) -> Result<Option<Vec<u8>>, sqlx::Error> {
    sqlx::query_scalar("SELECT value FROM salt")
        .fetch_optional(connection)
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_rfc_4231() {
        let forgotten = Forgotten {
            salt: b"Jefe".to_vec(),
            ..Forgotten::default()
        };
        assert_eq!(
            format!(
                "forgotten:{}",
                forgotten.hash("what do ya want for nothing?")
            ),
            "forgotten:5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_eq!(forgotten.label("C-0007"), forgotten.label(" ｃ-0007"));
    }
}
