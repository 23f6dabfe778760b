//! Names of a pipeline as the lake has them: tables, and the run that made a snapshot.

use tsugi_core::name::{RunId, TableName};

/// A table of a pipeline as the lake names it.
pub fn lake_name(table: &TableName) -> ducklake::LakeTableName {
    ducklake::LakeTableName::new(table.schema.as_str(), table.name.as_str())
}

/// What a snapshot carries of the run that made it; [`run_of`] reads it.
pub(super) fn extra_info(run: RunId) -> String {
    serde_json::json!({ "run": run.to_string() }).to_string()
}

/// The run in the `extra_info` of a snapshot; none for other clients.
pub(super) fn run_of(extra_info: &str) -> Option<RunId> {
    let extra: serde_json::Value = serde_json::from_str(extra_info).ok()?;
    extra.get("run")?.as_str()?.parse().ok()
}
