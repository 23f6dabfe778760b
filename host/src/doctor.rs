//! `tsugi doctor DIR`: whether the ledger is as it was left and the plugins are those that were locked.

use std::os::unix::fs::PermissionsExt as _;

use super::Ended;
use super::args;
use super::inspect::Inspection;
use super::printer::Printer;
use super::ready::{self, Ready};
use tsugi_core::count::count;
use tsugi_pipeline::query::Depth;
use tsugi_pipeline::run::RunError;
use tsugi_pipeline::store::short_key;

/// Others than the account and its group may write.
const WRITTEN_BY_OTHERS: u32 = 0o002;

pub(crate) fn main(args: &args::DoctorArgs, printer: &Printer) -> Result<Ended, RunError> {
    let ready = Ready::new()?;
    let project = ready::load(&args.project)?;
    ready.run(async {
        let (warehouse, _) = ready::published(&project, &args.project.dir).await?;
        let mut inspection = Inspection::of(warehouse.ledger().await?, &project).await?;
        if let Some(word) = &args.accept {
            if *word != inspection.word() {
                return Err(RunError::OtherWord {
                    word: word.clone(),
                    project: args.project.dir.display().to_string(),
                });
            }
            inspection.accept().await?;
            inspection = Inspection::of(warehouse.ledger().await?, &project).await?;
        }
        inspection.findings.extend(open_to_others(&inspection));
        report(printer, &inspection, args);
        // The lock is held by every opening; what it finds is an error of its own.
        let open = ready::open(project, printer, Depth::Types).await?;
        if !printer.is_json() {
            let plugins = count(open.components.len(), "plugin");
            printer.data(&format!("plugins: {plugins}, as in pipeline.lock"));
        }
        Ok(match inspection.findings.is_empty() {
            true => Ended::Done,
            false => Ended::Failed,
        })
    })
}

/// Files of the ledger that everybody may write.
fn open_to_others(inspection: &Inspection<'_>) -> Option<String> {
    let file = inspection.ledger.file();
    let places = [Some(file), file.parent()];
    let open = places.into_iter().flatten().find(|place| {
        std::fs::metadata(place)
            .is_ok_and(|found| found.permissions().mode() & WRITTEN_BY_OTHERS != 0)
    });
    open.map(|place| format!("every account may write {}", place.display()))
}

fn report(printer: &Printer, inspection: &Inspection<'_>, args: &args::DoctorArgs) {
    let chain = &inspection.chain;
    let entries = chain.head.as_ref().map_or(0, |head| head.number);
    if printer.is_json() {
        printer.object(&serde_json::json!({
            "event": "inspected",
            "ledger": inspection.ledger.file(),
            "entries": entries,
            "keys": chain.keys,
            "runs": inspection.runs,
            "findings": inspection.findings,
            "word": (!inspection.findings.is_empty()).then(|| inspection.word()),
        }));
        return;
    }
    let entries = count(usize::try_from(entries).unwrap_or(0), "signed entry");
    printer.data(&format!("ledger: {entries}"));
    for (account, keys) in &chain.keys {
        let keys: Vec<&str> = keys.iter().map(|key| short_key(key)).collect();
        printer.data(&format!("  {account} with the key {}", keys.join(", ")));
    }
    let runs = count(inspection.runs, "run");
    printer.data(&format!("outputs: files of {runs}"));
    for finding in &inspection.findings {
        printer.data(&format!("found: {finding}"));
    }
    match inspection.findings.is_empty() {
        true => printer.data("the ledger is as it was left"),
        false => printer.data(&format!(
            "a person must look; what is meant to be so is accepted with: tsugi doctor {} --accept {}",
            args.project.dir.display(),
            inspection.word()
        )),
    }
}
