//! SQLite files of ours: created when they are missing, their version checked.

use std::path::Path;

use ducklake::Error;
use ducklake::sqlite::Database;

/// The version of the tables, as SQLite's `user_version` has it.
const VERSION: i64 = 1;

/// A kind of file.
pub(super) struct Kind {
    /// A table that every file of this kind has.
    pub(super) first: &'static str,
    /// What it is, for the error about another file.
    pub(super) expected: &'static str,
    /// Creates its tables.
    pub(super) create: &'static str,
    /// Creates those that came after its first version, where they are missing.
    pub(super) later: &'static str,
}

pub(super) async fn open(path: &Path, kind: &Kind) -> Result<Database, Error> {
    let database = Database::open(path.to_owned()).await?;
    if version(&database).await? == 0 {
        create(&database, kind).await?;
    }
    match version(&database).await? {
        VERSION => {}
        found => {
            return Err(Error::Version {
                path: database.path().to_owned(),
                found: found.to_string(),
                known: "1",
            });
        }
    }
    // In one statement, because every command waits for it.
    sqlx::raw_sql(kind.later)
        .execute(database.pool())
        .await
        .map_err(|source| database.failed("create the tables", source))?;
    Ok(database)
}

async fn version(database: &Database) -> Result<i64, Error> {
    sqlx::query_scalar("PRAGMA user_version")
        .fetch_one(database.pool())
        .await
        .map_err(|source| database.failed("read the version", source))
}

async fn create(database: &Database, kind: &Kind) -> Result<(), Error> {
    let failed = |source| database.failed("create the tables", source);
    let begun = database.write_first(kind.first, kind.expected).await?;
    let Some(mut transaction) = begun else {
        return Ok(());
    };
    for statements in [kind.create, "PRAGMA user_version = 1"] {
        sqlx::raw_sql(statements)
            .execute(&mut *transaction)
            .await
            .map_err(failed)?;
    }
    database.commit(transaction).await
}
