//! `tsugi forget DIR PERSON`: removes one person from everything that was published, sent or logged.

use super::Ended;
use super::account::login;
use super::args;
use super::printer::Printer;
use super::ready::{self, Ready};
use super::table::render;
use tsugi_care::store::forgotten::ForgetRequest;
use tsugi_care::{CareError, Forget, Traces};
use tsugi_core::count::count;

/// Places of one kind that are listed one by one.
const LISTED_MAX: usize = 20;

/// Forgets one person, or reports where they appear.
pub(crate) fn main(args: &args::ForgetArgs, printer: &Printer) -> Result<Ended, CareError> {
    let ready = Ready::new()?;
    let project = ready::load(&args.project)?;
    let query = ready.query();
    ready.run(async {
        let (warehouse, _) = ready::published(&project, &args.project.dir).await?;
        let request = Forget {
            person: &args.person,
            by: ForgetRequest {
                at: String::new(),
                by: args.by.clone(),
                login: login(),
                why: args.why.clone(),
            },
            dry_run: args.dry_run,
        };
        let traces = tsugi_care::forget(&project, &warehouse, &request, &query, printer).await?;
        if printer.is_json() {
            printer.object(
                &serde_json::json!({"event": "forgotten", "dry_run": args.dry_run, "traces": traces}),
            );
        } else {
            report(&traces, args, printer);
        }
        Ok(match traces.remaining.is_empty() {
            true => Ended::Done,
            false => Ended::Failed,
        })
    })
}

fn report(traces: &Traces, args: &args::ForgetArgs, printer: &Printer) {
    if let Some(at) = &traces.before {
        printer.data(&format!("{} was forgotten before, at {at}", args.person));
    }
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut row = |place: String, count: u64, what: &str| {
        rows.push(vec![place, count.to_string(), what.to_owned()]);
    };
    traces
        .rows
        .iter()
        .for_each(|(table, count)| row(table.to_string(), *count, "rows"));
    for (table, count) in &traces.texts {
        row(table.to_string(), *count, "texts in rows of others");
    }
    if traces.older_files > 0 {
        row("older snapshots".into(), traces.older_files, "files");
    }
    traces
        .outbox
        .iter()
        .for_each(|(file, count)| row(file.clone(), *count, "lines"));
    for (table, count) in &traces.store {
        row(format!("recorded: {table}"), *count, "entries");
    }
    for line in render(&["where", "how many", "of what"], &rows) {
        printer.data(&line);
    }
    if args.dry_run {
        printer.data("nothing was changed; without --dry-run this is removed");
    } else {
        let (files, expired) = (traces.verified_files, traces.expired);
        printer.data(&format!(
            "removed; {} expired; verified in {}, all databases and the outboxes",
            count(expired, "older snapshot"),
            count(files, "Parquet file")
        ));
    }
    list(
        "STILL THERE, run this again or report it",
        &traces.remaining,
        printer,
    );
    list(
        "still in files that belong to you; delete these lines there",
        &traces.inputs,
        printer,
    );
    list("could not be read", &traces.unseen, printer);
    list(
        "looks like them and was left: read it with tsugi query, and correct it where it comes from",
        &traces.doubts,
        printer,
    );
    if !args.dry_run {
        let dir = args.project.dir.display();
        printer.data(&format!(
            "rebuild the tables that read these: tsugi run {dir}"
        ));
    }
}

fn list(what: &str, places: &[String], printer: &Printer) {
    if places.is_empty() {
        return;
    }
    printer.data(&format!("{what}:"));
    for place in places.iter().take(LISTED_MAX) {
        printer.data(&format!("  {place}"));
    }
    if places.len() > LISTED_MAX {
        printer.data(&format!(
            "  and {} more, all with --json",
            places.len() - LISTED_MAX
        ));
    }
}
