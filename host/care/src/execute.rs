//! Runs with the rules about people: rows that may not land are left out, and snapshots that still
//! show rows older than their retention expire.

use tokio::runtime::Handle;

use super::rows::{Rules, expire_old};
use tsugi_core::name::RunId;
use tsugi_pipeline::run::{self, OpenProject, Report, RunError, Watch};
use tsugi_pipeline::store::Warehouse;

pub(super) async fn execute(
    open: &OpenProject,
    warehouse: &Warehouse,
    query: &Handle,
    watch: &dyn Watch,
) -> Result<Report, RunError> {
    let as_of = open.project.as_of.to_string();
    let run = warehouse.begin_run(RunId::new(), Some(&as_of)).await?;
    let rules = match Rules::read(open, warehouse).await {
        Ok(rules) => rules,
        Err(error) => {
            // The first failure is the cause; a second one from ending the run would hide it.
            let _ = run.failed().await;
            return Err(error);
        }
    };
    let mut report = run::execute(open, run, &rules, query, watch).await?;
    report.expired = expire_old(open, warehouse).await?;
    // What is published is published, whatever becomes of older snapshots.
    match warehouse.expire_by(open.project.keep).await {
        Ok(expired) => report.tidied = expired.snapshots,
        Err(error) => {
            let line =
                format!("older snapshots could not expire: {error}; the next run tries again");
            report.changes.insert(line);
        }
    }
    Ok(report)
}
