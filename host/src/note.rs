//! `tsugi note DIR`: what staff promised, did or know, or want held, kept in the ledger.

use super::Ended;
use super::account::login;
use super::args;
use super::printer::Printer;
use super::ready::{self, Ready};
use tsugi_care::CareError;
use tsugi_care::store::notes::{NoteKind, StaffNote};

/// Records one note.
pub(crate) fn main(args: &args::NoteArgs, printer: &Printer) -> Result<Ended, CareError> {
    let ready = Ready::without_queries()?;
    let project = ready::load_to_read(&args.project)?;
    ready.run(async {
        let (warehouse, snapshot) = ready::published(&project, &args.project.dir).await?;
        let (kind, text) = written(args);
        let note = StaffNote {
            at: String::new(),
            kind,
            customer: args.customer.trim().to_owned(),
            serial: args
                .serial
                .as_deref()
                .map(|serial| serial.trim().to_owned()),
            value: args.value,
            until: args.until.map(|day| day.to_string()),
            note: text.to_owned(),
            by: args.by.clone(),
            login: login(),
        };
        tsugi_care::note(&project, &warehouse, &snapshot, &note).await?;
        if printer.is_json() {
            printer.object(&note);
        } else {
            printer.data(&format!(
                "noted: {} for {}; `brief` shows it now, the next run counts it",
                kind.word(),
                note.customer
            ));
        }
        Ok(Ended::Done)
    })
}

/// The kind of the note and its words; the arguments have exactly one.
fn written(args: &args::NoteArgs) -> (NoteKind, &str) {
    let all = [
        (NoteKind::Promise, &args.promise),
        (NoteKind::Done, &args.done),
        (NoteKind::Fact, &args.fact),
        (NoteKind::Hold, &args.hold),
        (NoteKind::Release, &args.release),
    ];
    let mut given = all
        .into_iter()
        .filter_map(|(kind, text)| Some((kind, text.as_deref()?)));
    given.next().unwrap_or((NoteKind::Fact, ""))
}
