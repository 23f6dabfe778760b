//! `tsugi brief DIR`: what to know before speaking with one customer, and who looked it up.

use super::Ended;
use super::account::login;
use super::args;
use super::printer::Printer;
use super::ready::{self, Ready};
use super::table::render;
use tsugi_care::store;
use tsugi_care::store::lookups::Lookup;
use tsugi_care::{BriefKey, BriefRow, CareError};
use tsugi_pipeline::run::RunError;
use tsugi_pipeline::store::Warehouse;

/// Shows a brief, or who looked whom up.
pub(crate) fn main(args: &args::BriefArgs, printer: &Printer) -> Result<Ended, CareError> {
    let ready = Ready::without_queries()?;
    let project = ready::load_to_read(&args.project)?;
    ready.run(async {
        let (warehouse, snapshot) = ready::published(&project, &args.project.dir).await?;
        let (Some((key, value)), Some(by), Some(why)) = (wanted(args), &args.by, &args.why) else {
            log(&warehouse, printer).await?;
            return Ok(Ended::Done);
        };
        let mut found = tsugi_care::brief(&project.tables, &snapshot, key, value)?;
        let names = found.iter().filter_map(|row| row.first());
        let names: Vec<String> = names.map(|(_, name)| name.clone()).collect();
        let lookup = Lookup {
            at: String::new(),
            kind: key.word().to_owned(),
            value: value.to_owned(),
            found: (!names.is_empty()).then(|| names.join(", ")),
            by: by.clone(),
            login: login(),
            why: why.clone(),
        };
        store::lookups::log_lookup(&warehouse, &lookup).await?;
        if found.is_empty() {
            let word = key.word();
            printer.line(&format!("nothing is known of the {word} `{value}`"));
            return Ok(Ended::Failed);
        }
        for (row, customer) in found.iter_mut().zip(&names) {
            // A note counts at once: it is younger than anything published.
            if key != BriefKey::Incident
                && let Some(notes) = tsugi_care::noted(&warehouse, customer).await?
            {
                row.push(("noted_by_staff".to_owned(), notes));
            }
        }
        for (number, row) in found.iter().enumerate() {
            if number > 0 && !printer.is_json() {
                printer.data("");
            }
            show(row, printer);
        }
        Ok(Ended::Done)
    })
}

fn wanted(args: &args::BriefArgs) -> Option<(BriefKey, &str)> {
    let all = [
        (BriefKey::Customer, &args.customer),
        (BriefKey::Phone, &args.phone),
        (BriefKey::Serial, &args.serial),
        (BriefKey::Incident, &args.incident),
    ];
    all.into_iter()
        .find_map(|(key, value)| Some((key, value.as_deref()?)))
}

fn show(row: &BriefRow, printer: &Printer) {
    if printer.is_json() {
        let object: serde_json::Map<_, _> = row
            .iter()
            .map(|(name, words)| (name.clone(), words.clone().into()))
            .collect();
        printer.object(&object);
        return;
    }
    let rows: Vec<Vec<String>> = row
        .iter()
        .map(|(name, words)| vec![name.replace('_', " "), words.clone()])
        .collect();
    for line in render(&[], &rows) {
        printer.data(&line);
    }
}

async fn log(warehouse: &Warehouse, printer: &Printer) -> Result<(), RunError> {
    let lookups = store::lookups::load_lookups(warehouse).await?;
    if printer.is_json() {
        lookups.iter().for_each(|lookup| printer.object(lookup));
        return Ok(());
    }
    let header = ["at", "by", "account", "looked for", "found", "why"];
    let rows: Vec<Vec<String>> = lookups
        .into_iter()
        .map(|lookup| {
            vec![
                lookup.at,
                lookup.by,
                lookup.login,
                format!("{} {}", lookup.kind, lookup.value),
                lookup.found.unwrap_or_else(|| "-".into()),
                lookup.why,
            ]
        })
        .collect();
    for line in render(&header, &rows) {
        printer.data(&line);
    }
    Ok(())
}
