//! What no version of this program makes in a ledger: it would write while the program writes, and be signed with it.

use sqlx::sqlite::SqliteConnection;

/// The first trigger or view of the file, in words.
pub(super) async fn strange(
    connection: &mut SqliteConnection,
) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT type || ' `' || name || '`' FROM main.sqlite_master WHERE type IN ('trigger', 'view') ORDER BY name LIMIT 1",
    )
    .fetch_optional(connection)
    .await
}
