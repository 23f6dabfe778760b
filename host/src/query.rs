//! `tsugi query DIR "SQL"`: the published tables, with the functions of the plugins.

use std::io::Read as _;
use std::path::PathBuf;
use std::sync::Arc;

use super::Ended;
use super::account::login;
use super::args;
use super::printer::Printer;
use super::ready::{self, Ready};
use super::rows::{CellStyle, Encoder};
use tsugi_care::GUARDS;
use tsugi_care::store;
use tsugi_care::store::lookups::Lookup;
use tsugi_core::count::count;
use tsugi_core::diagnostic::Diagnostic;
use tsugi_core::source_text::SourceText;
use tsugi_pipeline::project::Project;
use tsugi_pipeline::query::{Request, Session};
use tsugi_pipeline::run::{self, Published, RowStream, RunError};
use tsugi_pipeline::store::Warehouse;

/// Rows that a person gets who named no number.
const ROWS_OF_A_PERSON: usize = 100;
/// Longest SQL from standard input, in bytes.
const SQL_MAX_BYTES: u64 = 16 << 20;

/// Answers one query.
pub(crate) fn main(args: &args::QueryArgs, printer: &Printer) -> Result<Ended, RunError> {
    let ready = Ready::new()?;
    let (file, sql) = sql(args.file.as_ref(), args.sql.as_deref())?;
    let place = args::ProjectArgs {
        dir: args.dir.clone(),
        env: args.env.clone(),
        json: false,
    };
    let project = ready::load_to_read(&place)?;
    let request = Request::new(&file, &sql)?;
    let runtime = ready.query();
    ready.run(async {
        let (warehouse, _) = ready::published(&project, &args.dir).await?;
        let cut = Cut::new(args.limit);
        let start = async |session: &Arc<Session>| {
            if let Some(parsed) = request.parsed() {
                run::refuse_views(&project, session, parsed)?;
            }
            let published = Published {
                session,
                warehouse: &warehouse,
                query: &runtime,
                redact: GUARDS.redact,
            };
            published
                .answer(&project, &request, cut.fetched(), args.show_personal)
                .await
        };
        // A query that names no function of a plugin needs none of them to be there.
        let plain = Arc::new(run::plain_session(&project)?);
        let rows = match start(&plain).await {
            Err(error) if error.is_compile() => match with_plugins(&project, printer).await {
                Ok(Some(session)) => {
                    let again = start(&Arc::new(session)).await;
                    again.map_err(|error| run::with_unread(&project, error, Vec::new()))?
                }
                Ok(None) => return Err(run::with_unread(&project, error, Vec::new())),
                Err(failed) => return Err(run::with_unread(&project, error, failed.findings())),
            },
            other => other?,
        };
        let mut printing = Printing {
            printer,
            encoder: None,
            cut,
            printed: 0,
            is_cut: false,
        };
        printing.print(args, &sql, rows, &warehouse).await?;
        Ok(Ended::Done)
    })
}

/// A session with the functions of all plugins that can be read; none where there is none.
pub(crate) async fn with_plugins(
    project: &Project,
    printer: &Printer,
) -> Result<Option<Session>, RunError> {
    if project.plugins.is_empty() {
        return Ok(None);
    }
    let built = ready::built(project, printer)?;
    let session = run::session(&*ready::sandbox()?, project, &built).await?;
    Ok(Some(session))
}

/// The SQL of a file or an argument, with the name that errors call it by; `-` is standard input.
pub(crate) fn sql(file: Option<&PathBuf>, sql: Option<&str>) -> Result<(String, String), RunError> {
    if let Some(path) = file {
        let name = path.display().to_string();
        let text = SourceText::read(path, &name)
            .map_err(|error| RunError::Project(vec![Diagnostic::of(&error)]))?;
        return Ok((name, text.body().to_owned()));
    }
    match sql.unwrap_or_default() {
        "-" => {
            let failed = |reason: String| RunError::File {
                path: "standard input".into(),
                reason,
            };
            let mut text = String::new();
            let read = std::io::stdin()
                .lock()
                .take(SQL_MAX_BYTES + 1)
                .read_to_string(&mut text);
            match read.map_err(|error| failed(error.to_string()))? as u64 {
                bytes if bytes > SQL_MAX_BYTES => {
                    Err(failed(format!("it has more than {SQL_MAX_BYTES} bytes")))
                }
                _ => Ok(("standard input".to_owned(), text)),
            }
        }
        sql => Ok(("SQL".to_owned(), sql.to_owned())),
    }
}

/// Prints rows that hide what is personal.
pub(crate) async fn print_masked(
    printer: &Printer,
    format: args::Format,
    limit: usize,
    mut rows: RowStream,
) -> Result<(), RunError> {
    let style = CellStyle {
        raw: false,
        bom: false,
        terminal: Printer::is_read_by_a_person(),
    };
    let mut printing = Printing {
        printer,
        encoder: Some(Encoder::new(format, &rows.schema, style)?),
        cut: Cut::of_ours(limit),
        printed: 0,
        is_cut: false,
    };
    let mut wants_more = true;
    while wants_more && let Some(batch) = rows.next().await? {
        wants_more = printing.batch(&batch)?;
    }
    printing.end(wants_more)
}

/// How many rows are printed.
struct Cut {
    rows_max: Option<usize>,
    /// Whether the user is to know that there are more.
    is_ours: bool,
}

impl Cut {
    fn new(limit: Option<usize>) -> Self {
        let (rows_max, is_ours) = match limit {
            Some(0) => (None, false),
            Some(rows) => (Some(rows), false),
            None if Printer::is_read_by_a_person() => (Some(ROWS_OF_A_PERSON), true),
            None => (None, false),
        };
        Self { rows_max, is_ours }
    }

    /// A limit that the user did not ask for, 0 for none.
    fn of_ours(limit: usize) -> Self {
        Self {
            rows_max: (limit > 0).then_some(limit),
            is_ours: limit > 0,
        }
    }

    /// How many the query is to find: one more, where the user is to know of it.
    fn fetched(&self) -> Option<usize> {
        let more = usize::from(self.is_ours);
        self.rows_max.map(|rows| rows.saturating_add(more))
    }
}

/// Rows on their way to standard output.
struct Printing<'p> {
    printer: &'p Printer,
    encoder: Option<Encoder>,
    cut: Cut,
    printed: usize,
    /// Whether there was a row too many.
    is_cut: bool,
}

impl Printing<'_> {
    async fn print(
        &mut self,
        args: &args::QueryArgs,
        sql: &str,
        mut rows: RowStream,
        warehouse: &Warehouse,
    ) -> Result<(), RunError> {
        let personal = rows.personal();
        let shown = match (args.show_personal, &args.by, &args.why) {
            (true, Some(by), Some(why)) => Some((by, why)),
            _ => None,
        };
        if shown.is_none() && !personal.is_empty() {
            self.printer.line(&format!(
                "masked as personal: {}; to see it, add --show-personal --by NAME --why TEXT",
                personal.join(", ")
            ));
            rows = rows.redacted();
        }
        let style = CellStyle {
            raw: args.raw,
            bom: args.bom,
            terminal: Printer::is_read_by_a_person(),
        };
        self.encoder = Some(Encoder::new(args.format, &rows.schema, style)?);
        // The log has who looks before anything is seen.
        let (first, second) = match rows.next().await? {
            None => (None, None),
            first => (first, rows.next().await?),
        };
        if let (Some((by, why)), false) = (shown, personal.is_empty()) {
            let seen = first.as_ref().map_or(0, |batch| batch.num_rows());
            let seen = match second {
                Some(_) => format!("more than {}", count(seen, "row")),
                None => count(seen, "row"),
            };
            let lookup = Lookup {
                at: String::new(),
                kind: "query".into(),
                value: sql.to_owned(),
                found: Some(format!("{} of {seen}", personal.join(", "))),
                by: by.clone(),
                login: login(),
                why: why.clone(),
            };
            store::lookups::log_lookup(warehouse, &lookup).await?;
        }
        let mut wants_more = true;
        for batch in [first, second].into_iter().flatten() {
            wants_more = wants_more && self.batch(&batch)?;
        }
        while wants_more && let Some(batch) = rows.next().await? {
            wants_more = self.batch(&batch)?;
        }
        self.end(wants_more)
    }

    /// Prints a batch; whether more is wanted.
    fn batch(&mut self, batch: &arrow::array::RecordBatch) -> Result<bool, RunError> {
        let room = self
            .cut
            .rows_max
            .map_or(usize::MAX, |max| max - self.printed);
        let fitting = batch.slice(0, batch.num_rows().min(room));
        self.printed += fitting.num_rows();
        self.is_cut |= batch.num_rows() > room;
        let Some(encoder) = &mut self.encoder else {
            return Ok(false);
        };
        let printer = self.printer;
        encoder.rows(&fitting, &mut |part| printer.write(part))
    }

    fn end(&mut self, wants_more: bool) -> Result<(), RunError> {
        if let (true, Some(encoder)) = (wants_more, self.encoder.take()) {
            self.printer.write(&encoder.end()?);
        }
        if self.is_cut && self.cut.is_ours {
            let printed = self.printed;
            self.printer
                .line(&format!("first {printed} of more rows; --limit 0 for all"));
        }
        Ok(())
    }
}
