//! Runs with the rules about people: rows that may not land are left out, and snapshots that still
//! show rows older than their retention expire.

use tokio::runtime::Handle;

use super::rows::{Rules, expire_old};
use tsugi_core::name::RunId;
use tsugi_pipeline::run::{self, OpenProject, Preview, Report, RunError, Watch};
use tsugi_pipeline::store::{Run, Warehouse};

pub(super) async fn execute(
    open: &OpenProject,
    warehouse: &Warehouse,
    query: &Handle,
    watch: &dyn Watch,
) -> Result<Report, RunError> {
    let (run, rules) = begin(open, warehouse).await?;
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

pub(super) async fn preview(
    preview: &Preview,
    open: &OpenProject,
    warehouse: &Warehouse,
    query: &Handle,
    watch: &dyn Watch,
) -> Result<(), RunError> {
    let (run, rules) = begin(open, warehouse).await?;
    run::make(preview, open, run, &rules, query, watch).await
}

/// Begins a run, with the rules about people as they are while it holds the warehouse.
async fn begin<'o>(
    open: &'o OpenProject,
    warehouse: &Warehouse,
) -> Result<(Run, Rules<'o>), RunError> {
    let as_of = open.project.as_of.to_string();
    let run = warehouse.begin_run(RunId::new(), Some(&as_of)).await?;
    match Rules::read(open, warehouse).await {
        Ok(rules) => Ok((run, rules)),
        Err(error) => {
            // The first failure is the cause; a second one from ending the run would hide it.
            let _ = run.failed().await;
            Err(error)
        }
    }
}
