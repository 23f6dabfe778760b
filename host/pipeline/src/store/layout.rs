//! Where things lie in the folder of a warehouse, and the move of older folders to it.
//!
//! `warehouse/` holds what a run can make again: the lake and the run store. `ledger/` holds what
//! nothing can make again: who was written to, decisions, look-ups, the hashes of the forgotten.
//! Until version 0.1 the lake lay in the folder itself, with the ledger inside its run store.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use ducklake::sqlite::Database;
use ducklake::{Error, Lake, Writer};
use sqlx::{AssertSqlSafe, Row as _};

use super::ledger::database as ledger;
use super::runs::database as runs;

/// What can be deleted; the next run makes it again.
const WAREHOUSE: &str = "warehouse";
/// What must not be deleted.
const LEDGER: &str = "ledger";
/// What moves with an older lake. The catalogue is last: while it is there, the move is not done.
const MOVED: [&str; 3] = [runs::FILE, "data", "catalog.sqlite"];
/// The tables of the run store; an older one has those of the ledger too.
const OF_RUNS: [&str; 5] = ["run", "step", "checkpoint", "reading", "passed"];

/// The folder of the ledger.
pub(super) fn ledger_folder(dir: &Path) -> PathBuf {
    dir.join(LEDGER)
}

/// Whether a folder has a warehouse, in this layout or the older one.
pub(super) fn exists(dir: &Path) -> bool {
    Lake::exists(dir.join(WAREHOUSE)) || Lake::exists(dir)
}

/// The folder of the lake, once an older one has been moved there. One that this process may only
/// read stays where it is.
pub(super) async fn lake_folder(dir: &Path, writer: &Writer) -> Result<PathBuf, Error> {
    let folder = dir.join(WAREHOUSE);
    if Lake::exists(&folder) || !Lake::exists(dir) {
        return Ok(folder);
    }
    let old = Lake::open(dir, writer.clone()).await?;
    if old.is_read_only() {
        return Ok(dir.to_owned());
    }
    let _claim = old.claim("moving the warehouse").await?;
    // Another process may have done it meanwhile.
    if Lake::exists(dir) && !Lake::exists(&folder) {
        take_ledger_out(dir).await?;
        move_lake(dir, &folder, &old).await?;
    }
    Ok(folder)
}

/// Moves the tables of the ledger out of an older run store into a file of their own: all of
/// them in one transaction over both files, or none.
async fn take_ledger_out(dir: &Path) -> Result<(), Error> {
    let store = dir.join(runs::FILE);
    if !store.is_file() {
        return Ok(());
    }
    // Brings the file into the journal mode in which SQLite commits to two files at once.
    Database::open(store.clone()).await?.pool().close().await;
    let ledger = ledger::open(&ledger_folder(dir)).await?;
    let failed = |source| ledger.failed("take the ledger over", source);
    let mut connection = ledger.pool().acquire().await.map_err(failed)?;
    sqlx::query("ATTACH DATABASE ? AS old")
        .bind(store.to_string_lossy().into_owned())
        .execute(&mut *connection)
        .await
        .map_err(failed)?;
    let mode: String = sqlx::query_scalar("PRAGMA old.journal_mode")
        .fetch_one(&mut *connection)
        .await
        .map_err(failed)?;
    if mode.eq_ignore_ascii_case("wal") {
        return Err(Error::Busy { path: store });
    }
    let tables = sqlx::query(
        "SELECT name, sql FROM old.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    )
    .fetch_all(&mut *connection)
    .await
    .map_err(failed)?;
    let mut statements = vec!["BEGIN IMMEDIATE".to_owned()];
    for table in &tables {
        let name: String = table.try_get("name").map_err(failed)?;
        if OF_RUNS.contains(&name.as_str()) {
            continue;
        }
        let create: String = table.try_get("sql").map_err(failed)?;
        let create = create.replacen("CREATE TABLE ", "CREATE TABLE IF NOT EXISTS main.", 1);
        statements.push(create);
        statements.push(format!(
            "INSERT OR IGNORE INTO main.\"{name}\" SELECT * FROM old.\"{name}\""
        ));
        statements.push(format!("DROP TABLE old.\"{name}\""));
    }
    statements.push("COMMIT".to_owned());
    for statement in statements {
        sqlx::query(AssertSqlSafe(statement))
            .execute(&mut *connection)
            .await
            .map_err(failed)?;
    }
    drop(connection);
    ledger.pool().close().await;
    Ok(())
}

/// Moves the files of a lake. Called again after an interruption it continues.
async fn move_lake(dir: &Path, folder: &Path, old: &Lake) -> Result<(), Error> {
    old.catalogue().pool().close().await;
    fs::create_dir_all(folder).map_err(|source| Error::io("create", folder, source))?;
    for name in MOVED {
        let (from, to) = (dir.join(name), folder.join(name));
        // Opening the older lake again after an interruption has created an empty folder anew.
        if to.exists() && from.is_dir() {
            fs::remove_dir(&from).map_err(|source| Error::io("remove", &from, source))?;
            continue;
        }
        match fs::rename(&from, &to) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                return Err(Error::io("move", &from, source));
            }
            _ => {}
        }
    }
    let _ = fs::remove_file(dir.join("lock"));
    Ok(())
}
