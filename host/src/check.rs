//! `tsugi check DIR`: everything that is wrong, and nothing run.

use super::Ended;
use super::args;
use super::printer::Printer;
use super::ready::{self, Ready};
use tsugi_core::count::count;
use tsugi_pipeline::query::Depth;
use tsugi_pipeline::run::RunError;

/// Opens the project and stops there.
pub(crate) fn main(args: &args::ProjectArgs, printer: &Printer) -> Result<Ended, RunError> {
    let ready = Ready::new()?;
    let project = ready::load(args)?;
    ready.run(async {
        let open = ready::open(project, printer, Depth::Execution).await?;
        let pages = open.page_findings().await;
        if !pages.is_empty() {
            return Err(RunError::Project(pages));
        }
        let plan = &open.plan;
        let (models, reads) = (plan.steps.len(), plan.reads.len());
        if printer.is_json() {
            printer.object(&serde_json::json!({"event": "checked", "plan": plan}));
        } else {
            let views = match plan.views.len() {
                0 => String::new(),
                views => format!(", {}", count(views, "view")),
            };
            printer.data(&format!(
                "ok: {}{views}, {} of sources and seeds, {}, {}",
                count(models, "model"),
                count(reads, "table"),
                count(open.components.len(), "plugin"),
                count(plan.checks.len(), "check"),
            ));
        }
        Ok(Ended::Done)
    })
}
