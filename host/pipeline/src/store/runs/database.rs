//! The file of the run store: created when it is missing, its version checked.

use std::path::Path;

use ducklake::Error;
use ducklake::sqlite::Database;

/// The file of the run store in the warehouse folder.
const FILE: &str = "state.sqlite";
/// The version of its tables, as SQLite's `user_version` has it.
const VERSION: i64 = 1;

/// Opens the run store and the ledger, creating them when they are missing.
pub(in crate::store) async fn open(folder: &Path) -> Result<Database, Error> {
    let database = Database::open(folder.join(FILE)).await?;
    if version(&database).await? == 0 {
        create(&database).await?;
    }
    // Later tables, in one statement, because every command waits for it.
    sqlx::raw_sql(include_str!("state_later.sql"))
        .execute(database.pool())
        .await
        .map_err(|source| database.failed("create the tables", source))?;
    match version(&database).await? {
        VERSION => Ok(database),
        found => Err(Error::Version {
            path: database.path().to_owned(),
            found: found.to_string(),
            known: "1",
        }),
    }
}

async fn version(database: &Database) -> Result<i64, Error> {
    sqlx::query_scalar("PRAGMA user_version")
        .fetch_one(database.pool())
        .await
        .map_err(|source| database.failed("read the version", source))
}

async fn create(database: &Database) -> Result<(), Error> {
    let failed = |source| database.failed("create the tables", source);
    let Some(mut transaction) = database.write_first("intent", "run store").await? else {
        return Ok(());
    };
    sqlx::raw_sql(include_str!("state.sql"))
        .execute(&mut *transaction)
        .await
        .map_err(failed)?;
    sqlx::query("PRAGMA user_version = 1")
        .execute(&mut *transaction)
        .await
        .map_err(failed)?;
    database.commit(transaction).await
}
