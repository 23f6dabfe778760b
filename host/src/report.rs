//! `tsugi report DIR --out FOLDER`: the pages of a project as HTML that needs no server and no network.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{Array as _, AsArray as _, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use arrow::error::ArrowError;

use super::Ended;
use super::args;
use super::export::{failed, write_whole};
use super::printer::Printer;
use super::query::with_plugins;
use super::ready::{self, Ready};
use super::rows::{cell, formatters};
use tokio::runtime::Handle;
use tsugi_care::GUARDS;
use tsugi_core::count::count;
use tsugi_pages::{Block, Cell, file_name};
use tsugi_pipeline::project::Project;
use tsugi_pipeline::project::page::{Page, PageBlock, with_language};
use tsugi_pipeline::project::pipeline::Language;
use tsugi_pipeline::query::{QueryError, Request, Session};
use tsugi_pipeline::run::{self, Published, RowStream, RunError};
use tsugi_pipeline::store::{Snapshot, Warehouse};

/// Rows of a block that are shown; a page is for reading.
const ROWS_MAX: usize = 500;

/// The name of the first page beside its own.
const INDEX: &str = "index.html";

/// Writes the pages.
pub(crate) fn main(args: &args::ReportArgs, printer: &Printer) -> Result<Ended, RunError> {
    let ready = Ready::new()?;
    let project = ready::load_to_read(&args.project)?;
    if project.pages.is_empty() {
        return Err(no_pages(&args.project.dir));
    }
    let query = ready.query();
    ready.run(async {
        let (warehouse, snapshot) = ready::published(&project, &args.project.dir).await?;
        let report = described(&project, &warehouse, &snapshot, languages(args, &project)).await?;
        let mut reader = Reader::new(project, warehouse, query, printer)?;
        let mut files = Vec::new();
        for language in &report.languages {
            reader.project.vars = with_language(&reader.project.vars, *language);
            let pages = reader.project.pages.clone();
            let titles = pages.iter().map(|page| {
                let title = page.title.in_language(*language).to_owned();
                (page.name.clone(), title)
            });
            let titles: Vec<(String, String)> = titles.collect();
            for page in &pages {
                let shown = reader.page(page, *language).await?;
                let html = tsugi_pages::page(&report, &titles, &shown, *language);
                files.push((file_name(&report, &page.name, *language), html));
            }
        }
        // What a server and a person open first.
        let is_index = |(name, _): &(String, String)| name == INDEX;
        if let Some((_, html)) = files
            .first()
            .cloned()
            .filter(|_| !files.iter().any(is_index))
        {
            files.push((INDEX.to_owned(), html));
        }
        write(&args.out, &files, printer)?;
        Ok(Ended::Done)
    })
}

fn no_pages(dir: &Path) -> RunError {
    RunError::Query(QueryError::Sql {
        message: format!("{} has no pages", dir.display()),
        place: None,
        hint: Some(
            "write one into `pages/NAME.toml`: `title`, and for each part [[blocks]] with `title` and `sql`"
                .into(),
        ),
    })
}

/// The languages of a report: the one that was reader for, else all that a title is written in, that of
/// the pipeline first.
fn languages(args: &args::ReportArgs, project: &Project) -> Vec<Language> {
    if let Some(lang) = args.lang {
        return vec![lang.into()];
    }
    let written = |language: &Language| {
        let mut pages = project.pages.iter();
        pages.any(|page| page.languages().any(|one| one == *language))
    };
    let first = project.language.unwrap_or(Language::En);
    let others = Language::ALL
        .into_iter()
        .filter(|one| *one != first && written(one));
    std::iter::once(first).chain(others).collect()
}

/// What all pages say of the state that they show.
async fn described(
    project: &Project,
    warehouse: &Warehouse,
    snapshot: &Snapshot,
    languages: Vec<Language>,
) -> Result<tsugi_pages::Report, RunError> {
    let runs = warehouse.runs().await?;
    let run = runs.into_iter().find(|run| Some(run.run) == snapshot.run);
    let at = run.and_then(|run| run.finished_at).unwrap_or_default();
    let at = at.split('.').next().unwrap_or_default();
    Ok(tsugi_pages::Report {
        name: project.name.to_string(),
        description: project.description.clone(),
        as_of: project.as_of.to_string(),
        snapshot: snapshot.info.id.0,
        published_at: format!("{at} UTC"),
        languages,
    })
}

/// What is published, as blocks read it.
struct Reader<'p> {
    project: Project,
    warehouse: Warehouse,
    query: Handle,
    session: Arc<Session>,
    printer: &'p Printer,
    /// Whether the session has the functions of plugins, which few blocks need.
    has_plugins: bool,
}

impl<'p> Reader<'p> {
    fn new(
        project: Project,
        warehouse: Warehouse,
        query: Handle,
        printer: &'p Printer,
    ) -> Result<Self, RunError> {
        let session = Arc::new(run::plain_session(&project)?);
        Ok(Self {
            project,
            warehouse,
            query,
            session,
            printer,
            has_plugins: false,
        })
    }

    async fn page(
        &mut self,
        page: &Page,
        language: Language,
    ) -> Result<tsugi_pages::Page, RunError> {
        let mut blocks = Vec::with_capacity(page.blocks.len());
        for block in &page.blocks {
            blocks.push(self.block(block, language).await?);
        }
        let about = page.about.as_ref();
        Ok(tsugi_pages::Page {
            name: page.name.clone(),
            title: page.title.in_language(language).to_owned(),
            about: about.map(|words| words.in_language(language).to_owned()),
            blocks,
        })
    }

    async fn block(&mut self, block: &PageBlock, language: Language) -> Result<Block, RunError> {
        let request = Request::new(block.sql.file(), block.sql.body())?;
        let rows = match self.rows(&request).await {
            Err(error) if error.is_compile() && !self.has_plugins => {
                let Some(session) = with_plugins(&self.project, self.printer).await? else {
                    return Err(error);
                };
                (self.session, self.has_plugins) = (Arc::new(session), true);
                self.rows(&request).await?
            }
            other => other?,
        };
        let masked = rows.personal();
        let mut rows = rows.redacted();
        let columns = rows.schema.fields().iter();
        let columns = columns.map(|field| field.name().clone()).collect();
        let mut shown = Vec::new();
        while let Some(batch) = rows.next().await? {
            shown.extend(cells(&batch).map_err(unreadable)?);
        }
        let is_cut = shown.len() > ROWS_MAX;
        shown.truncate(ROWS_MAX);
        let about = block.about.as_ref();
        Ok(Block {
            title: block.title.in_language(language).to_owned(),
            about: about.map(|words| words.in_language(language).to_owned()),
            show: block.show,
            scale: block.scale,
            reference: block.reference,
            columns,
            rows: shown,
            is_cut,
            masked,
        })
    }

    async fn rows(&self, request: &Request) -> Result<RowStream, RunError> {
        if let Some(parsed) = request.parsed() {
            run::refuse_views(&self.project, &self.session, parsed)?;
        }
        let published = Published {
            session: &self.session,
            warehouse: &self.warehouse,
            query: &self.query,
            redact: GUARDS.redact,
        };
        let most = Some(ROWS_MAX + 1);
        published.answer(&self.project, request, most, false).await
    }
}

fn unreadable(error: ArrowError) -> RunError {
    RunError::Host(format!("rows cannot be shown: {error}"))
}

/// The rows of a batch: numbers as numbers, everything else as it is printed.
fn cells(batch: &RecordBatch) -> Result<Vec<Vec<Cell>>, ArrowError> {
    let formatters = formatters(batch)?;
    let mut rows = vec![Vec::with_capacity(batch.num_columns()); batch.num_rows()];
    for (column, formatter) in batch.columns().iter().zip(&formatters) {
        let kind = column.data_type();
        let (whole, number) = match kind {
            _ if kind.is_integer() => (Some(cast(column, &DataType::Int64)?), None),
            _ if kind.is_numeric() => (None, Some(cast(column, &DataType::Float64)?)),
            _ => (None, None),
        };
        let whole = whole
            .as_ref()
            .map(|column| column.as_primitive::<Int64Type>());
        let number = number
            .as_ref()
            .map(|column| column.as_primitive::<Float64Type>());
        for (at, row) in rows.iter_mut().enumerate() {
            row.push(match (column.is_null(at), whole, number) {
                (true, ..) => Cell::Null,
                // A number beyond the largest whole one is null after the cast.
                (_, Some(whole), _) if !whole.is_null(at) => Cell::Whole(whole.value(at)),
                (.., Some(number)) => Cell::Number(number.value(at)),
                _ => Cell::Text(cell(formatter, at)?),
            });
        }
    }
    Ok(rows)
}

/// Writes all files, each whole or not at all.
fn write(folder: &Path, files: &[(String, String)], printer: &Printer) -> Result<(), RunError> {
    fs::create_dir_all(folder).map_err(|error| failed(folder, &error.to_string()))?;
    for (name, html) in files {
        let path = folder.join(name);
        write_whole(&path, html.as_bytes())?;
        report_file(&path, html.len(), printer);
    }
    Ok(())
}

fn report_file(path: &Path, bytes: usize, printer: &Printer) {
    let file: PathBuf = path.to_owned();
    match printer.is_json() {
        true => printer.object(&serde_json::json!({"file": file, "bytes": bytes})),
        false => printer.data(&format!("{}  {}", file.display(), count(bytes, "byte"))),
    }
}
