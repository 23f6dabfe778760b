//! `tsugi plan DIR`: what a run would make now, and why.

use super::Ended;
use super::args;
use super::printer::Printer;
use super::ready::{self, Ready};
use super::table::render;
use tsugi_core::count::count;
use tsugi_pipeline::query::Depth;
use tsugi_pipeline::run::{DueTable, RunError};

/// Most inputs that a line names.
const NAMED_MAX: usize = 3;

/// Compares the project with what is published; nothing is run.
pub(crate) fn main(args: &args::ProjectArgs, printer: &Printer) -> Result<Ended, RunError> {
    let ready = Ready::new()?;
    let project = ready::load(args)?;
    ready.run(async {
        let open = ready::open(project, printer, Depth::Types).await?;
        let published = ready::published_if_any(&open.project).await?;
        let warehouse = published.as_ref().map(|(warehouse, _)| warehouse);
        let due = open.due(warehouse).await?;
        let tables = open.tables_of_a_run();
        if printer.is_json() {
            printer.object(&serde_json::json!({ "event": "plan", "tables": tables, "make": due }));
            return Ok(Ended::Done);
        }
        let rows: Vec<Vec<String>> = due.iter().map(line).collect();
        for line in render(&[], &rows) {
            printer.data(&line);
        }
        printer.data(&match due.len() {
            0 => format!("nothing to make: {} as published", count(tables, "table")),
            made => format!(
                "{} to make, {} as published",
                count(made, "table"),
                tables - made
            ),
        });
        Ok(Ended::Done)
    })
}

fn line(due: &DueTable) -> Vec<String> {
    let mut why = due.why.clone();
    if !due.reads.is_empty() {
        let mut names: Vec<String> = due.reads.iter().map(ToString::to_string).collect();
        if names.len() > NAMED_MAX {
            let more = names.len() - NAMED_MAX;
            names.truncate(NAMED_MAX);
            names.push(format!("{more} more"));
        }
        why.push(format!("it reads {}", names.join(", ")));
    }
    vec![due.table.to_string(), why.join("; ")]
}
