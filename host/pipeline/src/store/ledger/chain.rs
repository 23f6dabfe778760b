//! The chain of the ledger: every write adds a link with the digests of the rows that it changed, under
//! the hash of the link before, signed by the account that wrote.

use ducklake::sqlite::{Database, now_text};
use sha2::{Digest as _, Sha256};
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, FromRow, Row as _, Sqlite, Transaction};
use tsugi_core::digest::hex;

use super::head::ChainHead;
use super::mismatch::ChainFinding;
use super::schema::strange;
use super::signer::Signer;
use crate::store::error::WarehouseError;
use crate::store::warehouse::Warehouse;

/// The purpose of a link that covers every row there is: the first one, or one that began anew.
pub(super) const BEGIN: &str = "begin";

/// The triggers of a table: on INSERT, UPDATE and DELETE.
const TRIGGERS: usize = 3;

impl Warehouse {
    /// A transaction that writes to the ledger.
    ///
    /// # Errors
    /// Database errors, and a key of this account that cannot be used.
    pub async fn write_ledger(&self) -> Result<LedgerWrite<'_>, WarehouseError> {
        let database = self.ledger_database().await?;
        LedgerWrite::begin(database, self.signing().signer()?).await
    }
}

/// One link, as it stands in the ledger.
#[derive(Clone, Debug)]
pub(super) struct Link {
    pub(super) number: i64,
    pub(super) at: String,
    pub(super) purpose: String,
    /// SHA-256 over its changes, in hexadecimal.
    pub(super) changes: String,
    /// The hash of the link before; empty in the first one.
    pub(super) previous: String,
    pub(super) account: String,
    pub(super) key: String,
    pub(super) signature: String,
}

impl FromRow<'_, SqliteRow> for Link {
    fn from_row(row: &SqliteRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            number: row.try_get("number")?,
            at: row.try_get("at")?,
            purpose: row.try_get("purpose")?,
            changes: row.try_get("changes")?,
            previous: row.try_get("previous")?,
            account: row.try_get("account")?,
            key: row.try_get("key")?,
            signature: row.try_get("signature")?,
        })
    }
}

impl Link {
    /// What is signed, and what the next link names.
    pub(super) fn hash(&self) -> [u8; 32] {
        let number = self.number.to_string();
        let mut hasher = Sha256::new();
        for part in [
            "tsugi ledger 1",
            &number,
            &self.at,
            &self.purpose,
            &self.changes,
            &self.previous,
            &self.account,
            &self.key,
        ] {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        hasher.finalize().into()
    }
}

/// A row that came or went, as a digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) added: bool,
    pub(super) digest: [u8; 32],
}

impl Change {
    pub(super) fn of(added: bool, row: &str) -> Self {
        Self {
            added,
            digest: Sha256::digest(row).into(),
        }
    }
}

/// SHA-256 over changes in their order, in hexadecimal.
pub(super) fn digest_of(changes: &[Change]) -> String {
    let mut hasher = Sha256::new();
    for change in changes {
        hasher.update([u8::from(change.added)]);
        hasher.update(change.digest);
    }
    hex(&hasher.finalize())
}

/// A transaction of the ledger that ends with a link of the chain.
pub struct LedgerWrite<'w> {
    database: &'w Database,
    signer: &'w Signer,
    transaction: Transaction<'static, Sqlite>,
}

impl<'w> LedgerWrite<'w> {
    pub(super) async fn begin(
        database: &'w Database,
        signer: &'w Signer,
    ) -> Result<Self, WarehouseError> {
        let mut transaction = database.write().await?;
        let failed = |source| database.failed("watch what is written", source);
        if let Some(found) = strange(&mut transaction).await.map_err(failed)? {
            return Err(database
                .damaged(ChainFinding::Strange { found }.to_string())
                .into());
        }
        watch(&mut transaction).await.map_err(failed)?;
        Ok(Self {
            database,
            signer,
            transaction,
        })
    }

    /// Where the statements of this transaction run.
    pub fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.transaction
    }

    /// Adds the link and ends the transaction; all is on the disk when this returns. Without a change
    /// there is no link.
    ///
    /// # Errors
    /// Database errors.
    pub async fn commit(mut self, purpose: &str) -> Result<(), WarehouseError> {
        let linked = self.link(purpose).await;
        let linked =
            linked.map_err(|source| self.database.failed("add a link to the chain", source))?;
        self.finish(linked).await
    }

    /// What is on the disk is remembered, not what might have been.
    async fn finish(self, linked: Option<Linked>) -> Result<(), WarehouseError> {
        self.database.commit(self.transaction).await?;
        if let Some(Linked { first, head }) = linked {
            self.signer.note(self.database.path(), &first, &head);
        }
        Ok(())
    }

    /// Begins the chain anew with every row there is: a person has looked at what did not fit.
    pub(super) async fn begin_anew(mut self) -> Result<(), WarehouseError> {
        let begun = async {
            // What an index says that its table does not is not taken over.
            sqlx::query("REINDEX")
                .execute(&mut *self.transaction)
                .await?;
            let changes = all_rows(&mut self.transaction).await?;
            let last = last_link(&mut self.transaction).await?;
            self.append(last, BEGIN, &changes).await
        };
        let begun = begun.await;
        let begun = begun.map_err(|source| self.database.failed("begin the chain anew", source))?;
        self.finish(Some(begun)).await
    }

    async fn link(&mut self, purpose: &str) -> Result<Option<Linked>, sqlx::Error> {
        let noted: Vec<(bool, String)> =
            sqlx::query_as("SELECT added, content FROM chain_noted ORDER BY id")
                .fetch_all(&mut *self.transaction)
                .await?;
        if noted.is_empty() {
            return Ok(None);
        }
        sqlx::query("DELETE FROM chain_noted")
            .execute(&mut *self.transaction)
            .await?;
        let last = last_link(&mut self.transaction).await?;
        let linked = match last {
            // A ledger from before there were chains begins its own with all that it has.
            None => {
                let changes = all_rows(&mut self.transaction).await?;
                self.append(None, BEGIN, &changes).await
            }
            last => {
                let changes = noted.iter().map(|(added, row)| Change::of(*added, row));
                let changes: Vec<Change> = changes.collect();
                self.append(last, purpose, &changes).await
            }
        };
        linked.map(Some)
    }

    async fn append(
        &mut self,
        last: Option<Link>,
        purpose: &str,
        changes: &[Change],
    ) -> Result<Linked, sqlx::Error> {
        let mut link = Link {
            number: last.as_ref().map_or(1, |last| last.number + 1),
            at: now_text(),
            purpose: purpose.to_owned(),
            changes: digest_of(changes),
            previous: last.map(|last| hex(&last.hash())).unwrap_or_default(),
            account: self.signer.account().to_owned(),
            key: self.signer.public_key(),
            signature: String::new(),
        };
        let head = ChainHead {
            number: link.number,
            hash: hex(&link.hash()),
        };
        link.signature = self.signer.sign(&link.hash());
        sqlx::query(
            "INSERT INTO chain(number, at, purpose, changes, previous, account, key, signature)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(link.number)
        .bind(link.at)
        .bind(link.purpose)
        .bind(link.changes)
        .bind(link.previous)
        .bind(link.account)
        .bind(link.key)
        .bind(link.signature)
        .execute(&mut *self.transaction)
        .await?;
        for (position, change) in (0_i64..).zip(changes) {
            sqlx::query(
                "INSERT INTO chain_change(link, position, added, digest) VALUES (?, ?, ?, ?)",
            )
            .bind(link.number)
            .bind(position)
            .bind(change.added)
            .bind(change.digest.as_slice())
            .execute(&mut *self.transaction)
            .await?;
        }
        let first = first_hash(&mut self.transaction).await?;
        Ok(Linked {
            first: first.unwrap_or_default(),
            head,
        })
    }
}

/// What was added to the chain.
struct Linked {
    /// The hash of the first link.
    first: String,
    head: ChainHead,
}

/// The hash of the first link, by which a ledger is known wherever it lies.
pub(super) async fn first_hash(
    connection: &mut SqliteConnection,
) -> Result<Option<String>, sqlx::Error> {
    let first: Option<Link> = sqlx::query_as("SELECT * FROM chain WHERE number = 1")
        .fetch_optional(connection)
        .await?;
    Ok(first.map(|first| hex(&first.hash())))
}

async fn last_link(connection: &mut SqliteConnection) -> Result<Option<Link>, sqlx::Error> {
    sqlx::query_as("SELECT * FROM chain ORDER BY number DESC LIMIT 1")
        .fetch_optional(connection)
        .await
}

/// Every row of the ledger as it stands.
async fn all_rows(connection: &mut SqliteConnection) -> Result<Vec<Change>, sqlx::Error> {
    let mut changes = Vec::new();
    for table in tables(connection).await? {
        let rows: Vec<String> = sqlx::query_scalar(AssertSqlSafe(table.select()))
            .fetch_all(&mut *connection)
            .await?;
        changes.extend(rows.iter().map(|row| Change::of(true, row)));
    }
    Ok(changes)
}

/// A table of the ledger that the chain covers.
pub(super) struct ChainedTable {
    pub(super) name: String,
    columns: Vec<String>,
}

impl ChainedTable {
    /// The expression of one row as one text, with the types of its values.
    fn row(&self, prefix: &str) -> String {
        let columns = self.columns.iter().map(|column| {
            let value = format!("{prefix}\"{column}\"");
            format!(", typeof({value}), CASE typeof({value}) WHEN 'blob' THEN hex({value}) ELSE {value} END")
        });
        format!("json_array('{}'{})", self.name, columns.collect::<String>())
    }

    /// The query for all of its rows.
    pub(super) fn select(&self) -> String {
        format!("SELECT {} FROM main.\"{}\"", self.row(""), self.name)
    }

    fn triggers(&self) -> String {
        let name = &self.name;
        let note = |added: u8, prefix: &str| {
            format!(
                "INSERT INTO chain_noted(added, content) VALUES ({added}, {});",
                self.row(prefix)
            )
        };
        let (new, old) = (note(1, "NEW."), note(0, "OLD."));
        let trigger = |event: &str, what: &str| {
            format!(
                "CREATE TEMP TRIGGER \"chain_{event}_{name}\" AFTER {event} ON main.\"{name}\" BEGIN {what} END;"
            )
        };
        [
            trigger("INSERT", &new),
            trigger("DELETE", &old),
            trigger("UPDATE", &format!("{old} {new}")),
        ]
        .concat()
    }
}

/// The tables that the chain covers: all but its own.
pub(super) async fn tables(
    connection: &mut SqliteConnection,
) -> Result<Vec<ChainedTable>, sqlx::Error> {
    let rows: Vec<(String, String)> = sqlx::query_as(
        "SELECT t.name, c.name FROM main.sqlite_master t JOIN pragma_table_info(t.name) c
         WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name NOT IN ('chain', 'chain_change')
         ORDER BY t.name, c.cid",
    )
    .fetch_all(connection)
    .await?;
    let mut tables: Vec<ChainedTable> = Vec::new();
    for (name, column) in rows {
        match tables.last_mut().filter(|table| table.name == name) {
            Some(table) => table.columns.push(column),
            None => tables.push(ChainedTable {
                name,
                columns: vec![column],
            }),
        }
    }
    Ok(tables)
}

/// Notes what this connection changes in the ledger from now on. Triggers see what any statement does, so
/// that none can forget to say it.
async fn watch(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let tables = tables(connection).await?;
    let watched: i64 =
        sqlx::query_scalar("SELECT count(*) FROM temp.sqlite_master WHERE type = 'trigger'")
            .fetch_one(&mut *connection)
            .await?;
    let mut statements = String::from(
        "CREATE TEMP TABLE IF NOT EXISTS chain_noted(id INTEGER PRIMARY KEY, added INTEGER NOT NULL, content TEXT NOT NULL);
         DELETE FROM chain_noted;",
    );
    if usize::try_from(watched) != Ok(TRIGGERS * tables.len()) {
        for table in &tables {
            for event in ["INSERT", "DELETE", "UPDATE"] {
                let name = &table.name;
                statements += &format!("DROP TRIGGER IF EXISTS temp.\"chain_{event}_{name}\";");
            }
            statements += &table.triggers();
        }
    }
    sqlx::raw_sql(AssertSqlSafe(statements))
        .execute(connection)
        .await?;
    Ok(())
}
