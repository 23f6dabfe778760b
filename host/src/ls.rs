//! `tsugi ls DIR`: what a project has.

use super::Ended;
use super::args;
use super::printer::Printer;
use super::ready::{self, Ready};
use super::table::render;
use tsugi_core::count::grouped;
use tsugi_pipeline::query::Depth;
use tsugi_pipeline::run::{Item, ItemKind, RunError};

/// Lists every table, view, check, delivery, function and variable.
pub(crate) fn main(args: &args::LsArgs, printer: &Printer) -> Result<Ended, RunError> {
    let ready = Ready::new()?;
    let project = ready::load(&args.project)?;
    ready.run(async {
        let open = ready::open(project, printer, Depth::Types).await?;
        let published = ready::published_if_any(&open.project).await?;
        let snapshot = published.as_ref().map(|(_, snapshot)| snapshot);
        let kinds: Vec<ItemKind> = args.kind.iter().map(|one| one.kind()).collect();
        let mut items = open.items(snapshot);
        items.retain(|item| kinds.is_empty() || kinds.contains(&item.kind));
        if printer.is_json() {
            items.iter().for_each(|item| printer.object(item));
            return Ok(Ended::Done);
        }
        let rows: Vec<Vec<String>> = items.iter().map(line).collect();
        for line in render(&["kind", "name", "rows", "what it is"], &rows) {
            printer.data(&line);
        }
        Ok(Ended::Done)
    })
}

fn line(item: &Item) -> Vec<String> {
    vec![
        item.kind.word().to_owned(),
        item.name.clone(),
        item.rows.map(grouped).unwrap_or_default(),
        item.description.clone(),
    ]
}
