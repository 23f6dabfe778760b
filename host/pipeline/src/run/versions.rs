//! Which versions execute a plan, and what a person should know when they have changed.

use datafusion::DATAFUSION_VERSION;
use datafusion::arrow::ARROW_VERSION;

use crate::store::{Warehouse, WarehouseError};

/// `tsugi 0.1.0 with DataFusion 55.2.0 and Arrow 59.3.2`.
pub(super) fn made_by() -> String {
    format!(
        "tsugi {} with DataFusion {DATAFUSION_VERSION} and Arrow {ARROW_VERSION}",
        env!("CARGO_PKG_VERSION")
    )
}

/// Why the published tables are made again, when other versions made them.
pub(super) async fn upgraded(warehouse: &Warehouse) -> Result<Option<String>, WarehouseError> {
    let Some(last) = warehouse.last_published().await? else {
        return Ok(None);
    };
    // A rollback publishes what runs made before it, and has no audit of its own.
    let Some(audit) = last.audit else {
        return Ok(None);
    };
    let (before, now) = (audit.get("made_by").and_then(|by| by.as_str()), made_by());
    if before == Some(&now) {
        return Ok(None);
    }
    // Audits of the first versions name the host alone.
    let before = match (before, audit.get("host").and_then(|host| host.as_str())) {
        (Some(by), _) => by.to_owned(),
        (None, Some(host)) => format!("tsugi {host}"),
        (None, None) => "another version".to_owned(),
    };
    Ok(Some(format!(
        "every table is made again: {before} made the published ones, and this is {now}"
    )))
}
