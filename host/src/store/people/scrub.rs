//! What leads to one person, taken out of texts, and out of everything that the run store holds.

use std::collections::{BTreeMap, BTreeSet};

use ducklake::sqlite::Database;
use ducklake::{Claim, Error};
use sqlx::{AssertSqlSafe, Row as _};

use crate::store::error::WarehouseError;
use crate::store::warehouse::Warehouse;

/// Replaces a person in texts that are retained.
const BLANK: &str = "[forgotten]";
/// A value shorter than this is found by chance.
const VALUE_MIN_CHARS: usize = 5;
/// A longer one is a whole text, not a name.
const VALUE_MAX_CHARS: usize = 80;
/// A bare number shorter than this is found by chance in texts.
const NUMBER_MIN_CHARS: usize = 8;

/// What leads to one person: their id, and values of personal columns that only they have.
#[derive(Clone, Debug)]
pub struct Scrub {
    id: String,
    is_in_texts: bool,
    values: BTreeSet<String>,
}

/// How many cells lead to a person, by table.
pub type Scrubbed = BTreeMap<String, u64>;

impl Scrub {
    /// A person by their id alone.
    pub fn new(id: &str) -> Self {
        let is_number = id.chars().all(|c| c.is_ascii_digit());
        Self {
            id: id.to_owned(),
            is_in_texts: !is_number || id.len() >= NUMBER_MIN_CHARS,
            values: BTreeSet::new(),
        }
    }

    /// The id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whether the id is looked for inside of longer texts; a short number is not.
    pub fn is_in_texts(&self) -> bool {
        self.is_in_texts
    }

    /// Adds a value of theirs, unless it is too short to lead to a person, or a whole text.
    pub fn add(&mut self, value: &str) {
        let value = value.trim();
        let length = value.chars().count();
        if (VALUE_MIN_CHARS..=VALUE_MAX_CHARS).contains(&length) && value != self.id {
            self.values.insert(value.to_owned());
        }
    }

    /// Whether there is a value beside the id.
    pub fn has_values(&self) -> bool {
        !self.values.is_empty()
    }

    /// The values that stand in a text.
    pub fn values_in(&self, text: &str) -> Vec<String> {
        let found = self.values.iter();
        let found = found.filter(|value| find(text, value, 0).is_some());
        found.cloned().collect()
    }

    /// Gives up a value that others have too.
    pub fn drop_shared(&mut self, value: &str) {
        self.values.remove(value);
    }

    /// Whether a text leads to them.
    pub fn is_in(&self, text: &str) -> bool {
        text == self.id
            || self.is_in_texts && find(text, &self.id, 0).is_some()
            || self
                .values
                .iter()
                .any(|value| find(text, value, 0).is_some())
    }

    /// Whether bytes hold the id.
    pub fn is_in_bytes(&self, bytes: &[u8]) -> bool {
        self.is_in_texts && has(bytes, self.id.as_bytes())
    }

    /// Whether the key of a record has the id as one of its values.
    fn is_in_key(&self, key: &str) -> bool {
        values(key).is_some_and(|values| values.values().any(|value| *value == self.id))
    }

    /// The key of a record with `label` in the place of the id.
    fn replaced_key(&self, key: &str, label: &str) -> Option<String> {
        let mut values = values(key)?;
        for value in values.values_mut().filter(|value| **value == self.id) {
            label.clone_into(value);
        }
        let clean = serde_json::to_string(&values).ok()?;
        self.replaced(&clean, label).or(Some(clean))
    }

    /// A text without what leads to them; none when nothing does.
    pub fn without(&self, text: &str) -> Option<String> {
        self.replaced(text, BLANK)
    }

    fn replaced(&self, text: &str, label: &str) -> Option<String> {
        if text == self.id {
            return Some(label.to_owned());
        }
        if !self.is_in(text) {
            return None;
        }
        let mut clean = match self.is_in_texts {
            true => replace(text, &self.id, label),
            false => text.to_owned(),
        };
        // The longest first: a name may be a part of an address.
        let mut values: Vec<&String> = self.values.iter().collect();
        values.sort_by_key(|value| std::cmp::Reverse(value.len()));
        for value in values {
            clean = replace(&clean, value, BLANK);
        }
        Some(clean)
    }
}

/// The values of the key of a record, by column.
fn values(key: &str) -> Option<BTreeMap<String, String>> {
    serde_json::from_str(key).ok()
}

/// Where a word begins that is not a part of a longer one.
fn find(text: &str, word: &str, from: usize) -> Option<usize> {
    let found = text.get(from..)?.match_indices(word);
    found.map(|(at, _)| from + at).find(|at| {
        let before = text
            .get(..*at)
            .and_then(|before| before.chars().next_back());
        let after = text
            .get(at + word.len()..)
            .and_then(|after| after.chars().next());
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    })
}

fn replace(text: &str, word: &str, label: &str) -> String {
    let (mut clean, mut from) = (String::with_capacity(text.len()), 0);
    while let Some(at) = find(text, word, from) {
        clean.push_str(text.get(from..at).unwrap_or_default());
        clean.push_str(label);
        from = at + word.len();
    }
    clean.push_str(text.get(from..).unwrap_or_default());
    clean
}

/// What leads to a person in the run store: cells by table.
///
/// # Errors
/// What the database says.
pub async fn found_in_state(
    warehouse: &Warehouse,
    scrub: &Scrub,
) -> Result<Scrubbed, WarehouseError> {
    let mut found = Scrubbed::new();
    for cell in cells(warehouse.state(), scrub).await? {
        *found.entry(cell.table).or_default() += 1;
    }
    Ok(found)
}

/// Removes a person from the run store. Their id becomes `label`, so that it is still known that a
/// message was sent; answers of channels about them and hashes of their messages are deleted. A
/// checkpoint that has them is deleted too, so that its stream is read whole.
///
/// # Errors
/// What the database says; nothing has changed then.
pub async fn scrub_state(
    warehouse: &Warehouse,
    _claim: &Claim,
    scrub: &Scrub,
    label: &str,
) -> Result<(), WarehouseError> {
    let failed = |source| warehouse.state().failed("forget a person", source);
    let found = cells(warehouse.state(), scrub).await?;
    let mut transaction = warehouse.state().write().await?;
    for statement in [
        "UPDATE intent SET content_hash = 'forgotten', detail = NULL WHERE customer = ?1",
        "UPDATE decision SET review = 'forgotten' WHERE verdict = 'settle' AND instr(about, ' to ' || ?1 || ' of ') > 0",
    ] {
        sqlx::query(statement)
            .bind(&scrub.id)
            .execute(&mut *transaction)
            .await
            .map_err(failed)?;
    }
    for cell in found {
        let is_key = cell.is_record_key();
        let Cell {
            table,
            column,
            row,
            text,
        } = cell;
        let query = match text {
            Some(text) if is_key => sqlx::query(
                "UPDATE record_intent SET key = ?2, content_hash = 'forgotten', detail = NULL WHERE rowid = ?1",
            )
            .bind(row)
            .bind(scrub.replaced_key(&text, label)),
            Some(text) => {
                let sql = format!("UPDATE \"{table}\" SET \"{column}\" = ?2 WHERE rowid = ?1");
                let query = sqlx::query(AssertSqlSafe(sql)).bind(row);
                query.bind(scrub.replaced(&text, label))
            }
            None => {
                let sql = format!("DELETE FROM \"{table}\" WHERE rowid = ?1");
                sqlx::query(AssertSqlSafe(sql)).bind(row)
            }
        };
        query.execute(&mut *transaction).await.map_err(failed)?;
    }
    Ok(warehouse.state().commit(transaction).await?)
}

/// Writes both SQLite files anew, so that nothing stays in pages that are free.
///
/// # Errors
/// When another program has one of them open.
pub async fn vacuum(warehouse: &Warehouse, _claim: &Claim) -> Result<(), WarehouseError> {
    for database in [warehouse.lake().catalogue(), warehouse.state()] {
        database.vacuum().await?;
    }
    Ok(())
}

/// Where a person still stands in the SQLite files: by cell, and in bytes that no cell has.
///
/// # Errors
/// What the databases and the disk say.
pub async fn left_in_databases(
    warehouse: &Warehouse,
    scrub: &Scrub,
) -> Result<Vec<String>, WarehouseError> {
    let mut left = Vec::new();
    for database in [warehouse.lake().catalogue(), warehouse.state()] {
        let name = |path: &std::path::Path| {
            path.file_name()
                .map(|name| name.to_string_lossy().into_owned())
        };
        let file = name(database.path()).unwrap_or_default();
        let found = cells(database, scrub).await?.into_iter();
        left.extend(found.map(|cell| format!("{file}: {}.{}", cell.table, cell.column)));
        for ending in ["", "-wal"] {
            let path = database.path().with_file_name(format!("{file}{ending}"));
            let bytes = match std::fs::read(&path) {
                Ok(bytes) => bytes,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                Err(source) => return Err(Error::io("read", &path, source).into()),
            };
            if scrub.is_in_bytes(&bytes) {
                left.push(format!("{file}{ending}: free pages"));
            }
        }
    }
    left.dedup();
    Ok(left)
}

/// Whether bytes have a word that no further digit follows; what stands before is unknown, for
/// values lie side by side.
fn has(bytes: &[u8], word: &[u8]) -> bool {
    let Some(first) = word.first() else {
        return false;
    };
    let starts = bytes.iter().enumerate().filter(|(_, byte)| *byte == first);
    starts.map(|(at, _)| at).any(|at| {
        let rest = bytes.get(at..).unwrap_or_default();
        rest.strip_prefix(word)
            .is_some_and(|after| !after.first().is_some_and(u8::is_ascii_digit))
    })
}

/// A cell that leads to a person; one of bytes has no text.
struct Cell {
    table: String,
    column: String,
    row: i64,
    text: Option<String>,
}

impl Cell {
    /// Whether it is the key of a record in the ledger, in which an id is found by its column.
    fn is_record_key(&self) -> bool {
        self.table == "record_intent" && self.column == "key"
    }
}

async fn cells(database: &Database, scrub: &Scrub) -> Result<Vec<Cell>, Error> {
    let failed = |source| database.failed("look for a person", source);
    let columns: Vec<(String, String)> = sqlx::query_as(
        "SELECT t.name, c.name FROM sqlite_master t JOIN pragma_table_info(t.name) c
         WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' ORDER BY 1, c.cid",
    )
    .fetch_all(database.pool())
    .await
    .map_err(failed)?;
    let mut found = Vec::new();
    for (table, column) in columns {
        let sql = format!(
            "SELECT rowid, \"{column}\", typeof(\"{column}\") FROM \"{table}\" WHERE typeof(\"{column}\") IN ('text', 'blob')"
        );
        let rows = sqlx::query(AssertSqlSafe(sql))
            .fetch_all(database.pool())
            .await;
        for row in rows.map_err(failed)? {
            let id: i64 = row.try_get(0).map_err(failed)?;
            let kind: String = row.try_get(2).map_err(failed)?;
            let text = match kind.as_str() {
                "text" => Some(row.try_get_unchecked::<String, _>(1).map_err(failed)?),
                _ => None,
            };
            let cell = Cell {
                table: table.clone(),
                column: column.clone(),
                row: id,
                text,
            };
            let is_found = match &cell.text {
                Some(key) if cell.is_record_key() => scrub.is_in(key) || scrub.is_in_key(key),
                Some(text) => scrub.is_in(text),
                None => {
                    let bytes: Vec<u8> = row.try_get_unchecked(1).map_err(failed)?;
                    scrub.is_in_bytes(&bytes)
                }
            };
            if is_found {
                found.push(cell);
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_words_are_taken_out_and_parts_of_longer_ones_stay() {
        let mut scrub = Scrub::new("C-0007");
        scrub.add("Urschla Honigtau");
        scrub.add("de");
        scrub.add("honigtau@post.example");
        let clean = |text: &str| scrub.without(text);
        assert_eq!(clean("C-0007").as_deref(), Some("[forgotten]"));
        assert_eq!(
            clean("to C-0007 (Urschla Honigtau, honigtau@post.example)").as_deref(),
            Some("to [forgotten] ([forgotten], [forgotten])")
        );
        assert_eq!(clean("C-00071, XC-0007, Urschla, de"), None);
        assert_eq!(
            scrub.values_in("Urschla Honigtau said"),
            ["Urschla Honigtau"]
        );
        scrub.drop_shared("Urschla Honigtau");
        assert!(!scrub.is_in("Urschla Honigtau") && scrub.is_in("honigtau@post.example"));
        let short = Scrub::new("42");
        let key = r#"{"account":"42","day":"42 pairs"}"#;
        assert!(!short.is_in(key) && short.is_in_key(key));
        assert_eq!(
            short.replaced_key(key, "forgotten:1").as_deref(),
            Some(r#"{"account":"forgotten:1","day":"42 pairs"}"#)
        );
        assert!(short.is_in("42") && !short.is_in("42 pairs"));
        assert!(has(b"xC-0007sole", b"C-0007") && !has(b"C-00071", b"C-0007"));
    }
}
