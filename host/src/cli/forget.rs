//! `tsugi forget DIR PERSON`: takes one person out of everything that was published, sent or logged.

use super::Ended;
use super::account::login;
use super::args;
use super::printer::Printer;
use super::ready::{self, Ready};
use super::table::drawn;
use crate::care::{self, CareError, Forget, Traces};
use crate::warehouse::Remembered;

/// Places of one kind that are listed one by one.
const LISTED_MAX: usize = 20;

/// Forgets one person, or says where they stand.
pub fn main(args: &args::Forget, printer: &Printer) -> Result<Ended, CareError> {
    let ready = Ready::new()?;
    let project = ready::load(&args.project)?;
    let query = ready.query();
    ready.run(async {
        let (warehouse, _) = ready::published(&project, &args.project.dir).await?;
        let asked = Forget {
            person: &args.person,
            asked: Remembered {
                at: String::new(),
                by: args.by.clone(),
                login: login(),
                why: args.why.clone(),
            },
            dry_run: args.dry_run,
        };
        let told = care::forget(&project, &warehouse, &asked, &query, printer).await?;
        if printer.is_json() {
            printer.object(
                &serde_json::json!({"event": "forgotten", "dry_run": args.dry_run, "told": told}),
            );
        } else {
            say(&told, args, printer);
        }
        Ok(match told.left.is_empty() {
            true => Ended::Done,
            false => Ended::Failed,
        })
    })
}

fn say(told: &Traces, args: &args::Forget, printer: &Printer) {
    if let Some(at) = &told.before {
        printer.data(&format!("{} was forgotten before, at {at}", args.person));
    }
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut row = |place: String, count: u64, what: &str| {
        rows.push(vec![place, count.to_string(), what.to_owned()]);
    };
    told.rows
        .iter()
        .for_each(|(table, count)| row(table.to_string(), *count, "rows"));
    for (table, count) in &told.texts {
        row(table.to_string(), *count, "texts in rows of others");
    }
    if told.older_files > 0 {
        row("older snapshots".into(), told.older_files, "files");
    }
    told.outbox
        .iter()
        .for_each(|(file, count)| row(file.clone(), *count, "lines"));
    for (table, count) in &told.store {
        row(format!("state.sqlite: {table}"), *count, "entries");
    }
    for line in drawn(&["where", "how many", "of what"], &rows) {
        printer.data(&line);
    }
    if args.dry_run {
        printer.data("nothing was changed; without --dry-run this is taken out");
    } else {
        let (files, expired) = (told.verified_files, told.expired);
        printer.data(&format!(
            "taken out; {expired} older snapshots expired; looked again in {files} Parquet files, both databases and the outboxes"
        ));
    }
    list(
        "STILL THERE, run this again or report it",
        &told.left,
        printer,
    );
    list(
        "still in files that belong to you; delete these lines there",
        &told.inputs,
        printer,
    );
    list("could not be looked into", &told.unseen, printer);
    if !args.dry_run {
        let dir = args.project.dir.display();
        printer.data(&format!(
            "tables made of these are made anew by: tsugi run {dir}"
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
