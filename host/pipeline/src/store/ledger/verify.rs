//! Whether the ledger is as it was left: the chain is whole, it is the one that this host remembers, its
//! signatures are those of known keys, and its rows are those that the chain has.

use std::collections::{BTreeMap, BTreeSet};

use futures::TryStreamExt as _;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use sqlx::AssertSqlSafe;
use sqlx::sqlite::SqliteConnection;
use tsugi_core::digest::hex;

use super::chain::{BEGIN, Change, Link, digest_of, first_hash, tables};
use super::head::ChainHead;
use super::intents::Ledger;
use super::mismatch::ChainFinding;
use super::schema::strange;
use super::signer::is_signed;
use crate::store::error::WarehouseError;

/// What a host remembers of a ledger, outside of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainMemory {
    /// The last link that it has verified.
    pub head: Option<ChainHead>,
    /// The last link that this account wrote, in whatever command; kept apart, since it was not verified.
    #[serde(skip)]
    pub written: Option<ChainHead>,
    /// The keys that it has seen, by account; a blank one is none.
    #[serde(default)]
    pub keys: BTreeMap<String, BTreeSet<String>>,
}

/// A ledger that was looked through.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct VerifiedChain {
    /// The last link; none in an empty ledger and in one of before there were chains.
    pub head: Option<ChainHead>,
    /// The keys in it, by account.
    pub keys: BTreeMap<String, BTreeSet<String>>,
    pub findings: Vec<ChainFinding>,
}

impl VerifiedChain {
    /// What a host remembers that accepts the ledger as it is.
    pub fn remembered(&self, memory: &ChainMemory) -> ChainMemory {
        let mut keys = memory.keys.clone();
        for (account, found) in &self.keys {
            keys.entry(account.clone())
                .or_default()
                .extend(found.iter().cloned());
        }
        ChainMemory {
            head: self.head.clone(),
            written: self.head.clone(),
            keys,
        }
    }

    /// Whether only a new beginning makes the ledger whole.
    fn must_begin_anew(&self) -> bool {
        self.findings.iter().any(|finding| {
            matches!(
                finding,
                ChainFinding::Broken { .. }
                    | ChainFinding::NotSigned { .. }
                    | ChainFinding::Rows { .. }
                    | ChainFinding::Damaged { .. }
            )
        })
    }
}

impl Ledger<'_> {
    /// The hash of the first link, by which the ledger is known wherever it lies; none before there is one.
    ///
    /// # Errors
    /// Database errors.
    pub async fn first_hash(&self) -> Result<Option<String>, WarehouseError> {
        let mut transaction = self.database.read().await?;
        let first = first_hash(&mut transaction).await;
        Ok(first.map_err(|source| self.database.failed("read the first link", source))?)
    }

    /// Compares the ledger with its chain, and the chain with what is remembered of it. Signatures of links
    /// before the remembered one were verified when it was remembered.
    ///
    /// # Errors
    /// Database errors.
    pub async fn verify(&self, memory: &ChainMemory) -> Result<VerifiedChain, WarehouseError> {
        let mut transaction = self.database.read().await?;
        let verified = verify(&mut transaction, memory).await;
        Ok(verified.map_err(|source| self.database.failed("verify the chain", source))?)
    }

    /// Accepts the ledger as it is. Where its chain does not fit, it begins anew, signed by this account.
    ///
    /// # Errors
    /// Database errors.
    pub async fn accept(&self, memory: &ChainMemory) -> Result<ChainMemory, WarehouseError> {
        let mut verified = self.verify(memory).await?;
        if verified.must_begin_anew() {
            self.write().await?.begin_anew().await?;
            verified = self.verify(&verified.remembered(memory)).await?;
        }
        Ok(verified.remembered(memory))
    }
}

async fn verify(
    connection: &mut SqliteConnection,
    memory: &ChainMemory,
) -> Result<VerifiedChain, sqlx::Error> {
    let mut walk = Walk {
        memory,
        verified: VerifiedChain::default(),
        previous: String::new(),
        expected: Fingerprint::new(),
        begun: 0,
    };
    let links: Vec<Link> = sqlx::query_as("SELECT * FROM chain ORDER BY number")
        .fetch_all(&mut *connection)
        .await?;
    for link in &links {
        let changes = changes_of(connection, link.number).await?;
        walk.link(link, &changes);
    }
    let remembered = [&memory.head, &memory.written];
    let remembered = remembered
        .into_iter()
        .flatten()
        .map(|head| head.number)
        .max()
        .unwrap_or(0);
    let last = links.last().map_or(0, |link| link.number);
    if last < remembered {
        let cut = ChainFinding::Cut { last, remembered };
        walk.verified.findings.push(cut);
    }
    if !links.is_empty() {
        let mut found = walk.expected.empty();
        for table in tables(connection).await? {
            let sql = table.select();
            let mut rows =
                sqlx::query_scalar::<_, String>(AssertSqlSafe(sql)).fetch(&mut *connection);
            while let Some(row) = rows.try_next().await? {
                found.add(&Change::of(true, &row));
            }
        }
        if found.sum != walk.expected.sum {
            let rows = different_rows(connection, walk.begun).await?;
            walk.verified.findings.push(rows);
        }
    }
    let strange = strange(connection).await?;
    let strange = strange.map(|found| ChainFinding::Strange { found });
    let damage = damage(connection).await?;
    walk.verified
        .findings
        .extend(strange.into_iter().chain(damage));
    Ok(walk.verified)
}

/// Whether indexes and tables say the same: what was sent before is looked up in an index, and the chain
/// covers the rows of tables.
async fn damage(connection: &mut SqliteConnection) -> Result<Option<ChainFinding>, sqlx::Error> {
    let found: Vec<String> = sqlx::query_scalar("PRAGMA integrity_check(1)")
        .fetch_all(connection)
        .await?;
    let found = found.into_iter().find(|line| line != "ok");
    Ok(found.map(|found| ChainFinding::Damaged { found }))
}

async fn changes_of(
    connection: &mut SqliteConnection,
    link: i64,
) -> Result<Vec<Change>, sqlx::Error> {
    let rows: Vec<(bool, Vec<u8>)> =
        sqlx::query_as("SELECT added, digest FROM chain_change WHERE link = ? ORDER BY position")
            .bind(link)
            .fetch_all(connection)
            .await?;
    let change = |(added, digest): (bool, Vec<u8>)| Change {
        added,
        // One of another length fits no row.
        digest: digest.try_into().unwrap_or_default(),
    };
    Ok(rows.into_iter().map(change).collect())
}

/// Which rows make the difference, once it is known that there is one.
async fn different_rows(
    connection: &mut SqliteConnection,
    begun: i64,
) -> Result<ChainFinding, sqlx::Error> {
    let mut expected: BTreeMap<[u8; 32], i64> = BTreeMap::new();
    let links: Vec<i64> =
        sqlx::query_scalar("SELECT number FROM chain WHERE number >= ? ORDER BY number")
            .bind(begun)
            .fetch_all(&mut *connection)
            .await?;
    for link in links {
        for change in changes_of(connection, link).await? {
            *expected.entry(change.digest).or_default() += if change.added { 1 } else { -1 };
        }
    }
    let (mut unsigned, mut hasher) = (BTreeMap::new(), Sha256::new());
    for table in tables(connection).await? {
        let rows: Vec<String> = sqlx::query_scalar(AssertSqlSafe(table.select()))
            .fetch_all(&mut *connection)
            .await?;
        for row in rows {
            let digest = Change::of(true, &row).digest;
            let left = expected.entry(digest).or_default();
            *left -= 1;
            if *left < 0 {
                hasher.update(digest);
                *unsigned.entry(table.name.clone()).or_default() += 1;
            }
        }
    }
    let missing = expected.values().filter(|left| **left > 0).count();
    Ok(ChainFinding::Rows {
        unsigned,
        missing,
        digest: hex(&hasher.finalize()),
    })
}

/// The way through the links of a chain.
struct Walk<'m> {
    memory: &'m ChainMemory,
    verified: VerifiedChain,
    /// The hash of the last link.
    previous: String,
    /// The rows that the links leave.
    expected: Fingerprint,
    /// The link with which the chain began last.
    begun: i64,
}

impl Walk<'_> {
    fn link(&mut self, link: &Link, changes: &[Change]) {
        let (number, hash) = (link.number, link.hash());
        let remembered = self.memory.head.as_ref();
        let is_new = remembered.is_none_or(|head| number > head.number);
        let begins = link.purpose == BEGIN;
        let follows = link.previous == self.previous
            && number
                == self
                    .verified
                    .head
                    .as_ref()
                    .map_or(1, |head| head.number + 1);
        let mut findings = Vec::new();
        // A new beginning says by itself that what was before does not fit.
        if !follows && !begins || digest_of(changes) != link.changes {
            findings.push(ChainFinding::Broken { number });
        }
        let known = [&self.memory.head, &self.memory.written];
        let mut known = known.into_iter().flatten();
        if known.any(|head| head.number == number && head.hash != hex(&hash)) {
            findings.push(ChainFinding::Replaced { number });
        }
        if is_new {
            if !is_signed(&link.key, &hash, &link.signature) {
                let account = link.account.clone();
                findings.push(ChainFinding::NotSigned { number, account });
            }
            findings.extend(self.new_key(link));
            if begins && number > 1 {
                findings.push(ChainFinding::BegunAnew {
                    number,
                    account: link.account.clone(),
                    at: link.at.clone(),
                });
            }
        }
        if begins {
            self.expected.sum = 0;
            self.begun = number;
            let is_broken = |finding: &ChainFinding| {
                matches!(
                    finding,
                    ChainFinding::Broken { .. } | ChainFinding::NotSigned { .. }
                )
            };
            // What was broken before was looked at by the person who began anew; the beginning itself is a finding.
            self.verified.findings.retain(|finding| !is_broken(finding));
        }
        changes.iter().for_each(|change| self.expected.add(change));
        let keys = self.verified.keys.entry(link.account.clone()).or_default();
        keys.insert(link.key.clone());
        self.verified.findings.extend(findings);
        self.previous = hex(&hash);
        self.verified.head = Some(ChainHead {
            number,
            hash: self.previous.clone(),
        });
    }

    /// The finding that the account of a link is known by other keys alone.
    fn new_key(&self, link: &Link) -> Option<ChainFinding> {
        let known = |keys: &BTreeMap<String, BTreeSet<String>>| keys.get(&link.account).cloned();
        let remembered = known(&self.memory.keys).unwrap_or_default();
        let seen = known(&self.verified.keys).unwrap_or_default();
        let is_known = remembered.contains(&link.key) || seen.contains(&link.key);
        let has_other = !remembered.is_empty() || !seen.is_empty();
        (has_other && !is_known).then(|| ChainFinding::NewKey {
            number: link.number,
            account: link.account.clone(),
            key: link.key.clone(),
        })
    }
}

/// A sum over rows, equal for the same rows in any order. Its key is new each time, so that no other rows
/// can be made of the same sum.
struct Fingerprint {
    key: [u8; 16],
    sum: u128,
}

impl Fingerprint {
    fn new() -> Self {
        Self {
            key: uuid::Uuid::new_v4().into_bytes(),
            sum: 0,
        }
    }

    /// Another one under the same key.
    fn empty(&self) -> Self {
        Self { sum: 0, ..*self }
    }

    fn add(&mut self, change: &Change) {
        let hash = Sha256::new()
            .chain_update(self.key)
            .chain_update(change.digest)
            .finalize();
        let (half, _) = hash.split_at(16);
        let part = u128::from_le_bytes(half.try_into().unwrap_or_default());
        self.sum = match change.added {
            true => self.sum.wrapping_add(part),
            false => self.sum.wrapping_sub(part),
        };
    }
}
