//! `tsugi show DIR TABLE`: one table with its columns, what it reads and what reads it.

use super::Ended;
use super::args;
use super::printer::Printer;
use super::ready::{self, Ready};
use super::table::render;
use tsugi_core::count::count;
use tsugi_core::name::TableName;
use tsugi_pipeline::query::Depth;
use tsugi_pipeline::run::{ItemColumn, ItemKind, Neighbours, OpenProject, RunError};
use tsugi_pipeline::store::{RunRecord, Snapshot, Warehouse};

/// Shows one table or view.
pub(crate) fn main(args: &args::TableArgs, printer: &Printer) -> Result<Ended, RunError> {
    let ready = Ready::new()?;
    let project = ready::load(&args.project)?;
    ready.run(async {
        let open = ready::open(project, printer, Depth::Types).await?;
        let table = &args.table;
        let kind = open.kind_of(table)?;
        let published = match ready::published_if_any(&open.project).await? {
            Some((warehouse, snapshot)) => Publication::of(&warehouse, &snapshot, table).await?,
            None => None,
        };
        let shown = Shown {
            table,
            kind,
            columns: open.columns(table),
            neighbours: open.neighbours(table),
            published,
        };
        match printer.is_json() {
            true => printer.object(&shown.json(&open)),
            false => shown.print(&open, printer),
        }
        Ok(Ended::Done)
    })
}

/// How a table is published now.
struct Publication {
    rows: u64,
    snapshot: i64,
    /// The run that made it, where one of this warehouse did.
    run: Option<RunRecord>,
}

impl Publication {
    async fn of(
        warehouse: &Warehouse,
        snapshot: &Snapshot,
        table: &TableName,
    ) -> Result<Option<Self>, RunError> {
        let Some(found) = snapshot.tables.get(table) else {
            return Ok(None);
        };
        let steps = warehouse.steps(snapshot).await?;
        let maker = steps.get(table).map(|step| step.run);
        let mut runs = warehouse.runs().await?.into_iter();
        Ok(Some(Self {
            rows: found.rows(),
            snapshot: found.changed_in.0,
            run: runs.find(|run| Some(run.run) == maker),
        }))
    }

    fn sentence(&self) -> String {
        let made = match &self.run {
            Some(run) => {
                let at = run.finished_at.as_deref().unwrap_or_default();
                let at = at.split('.').next().unwrap_or_default().replace(' ', "T");
                format!("made at {at}Z by the run {}", run.run)
            }
            None => "made by another program than a run".to_owned(),
        };
        let (rows, snapshot) = (count(self.rows, "row"), self.snapshot);
        format!("{rows} since snapshot {snapshot}, {made}")
    }
}

struct Shown<'s> {
    table: &'s TableName,
    kind: ItemKind,
    columns: Vec<ItemColumn>,
    neighbours: Neighbours,
    published: Option<Publication>,
}

impl Shown<'_> {
    fn json(&self, open: &OpenProject) -> serde_json::Value {
        let published = self.published.as_ref().map(|published| {
            serde_json::json!({
                "rows": published.rows,
                "snapshot": published.snapshot,
                "run": published.run.as_ref().map(|run| run.run),
                "made_at": published.run.as_ref().and_then(|run| run.finished_at.clone()),
            })
        });
        serde_json::json!({
            "table": self.table,
            "kind": self.kind,
            "description": open.described(self.table),
            "file": open.file_of(self.table),
            "published": published,
            "columns": self.columns,
            "reads": self.neighbours.reads,
            "read_by": self.neighbours.read_by,
        })
    }

    fn print(&self, open: &OpenProject, printer: &Printer) {
        let file = open.file_of(self.table);
        let file = file.map(|file| format!(" of {file}")).unwrap_or_default();
        printer.data(&format!("{}  {}{file}", self.table, self.kind.word()));
        if let Some(words) = open.described(self.table).filter(|words| !words.is_empty()) {
            printer.data(&words);
        }
        printer.data(&match &self.published {
            Some(published) => published.sentence(),
            None if self.kind == ItemKind::View => {
                "planned into its readers, never published".into()
            }
            None => "not published yet".to_owned(),
        });
        let names = |names: &std::collections::BTreeSet<String>| match names.is_empty() {
            true => "nothing".to_owned(),
            false => names.iter().cloned().collect::<Vec<_>>().join(", "),
        };
        printer.data(&format!("reads    {}", names(&self.neighbours.reads)));
        printer.data(&format!("read by  {}", names(&self.neighbours.read_by)));
        printer.data("");
        let rows: Vec<Vec<String>> = self.columns.iter().map(line).collect();
        for line in render(&["column", "type", "", "what it holds"], &rows) {
            printer.data(&line);
        }
    }
}

fn line(column: &ItemColumn) -> Vec<String> {
    let personal = if column.personal { "personal" } else { "" };
    vec![
        column.name.clone(),
        column.kind.clone(),
        personal.to_owned(),
        column.description.clone(),
    ]
}
