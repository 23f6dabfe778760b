//! `tsugi query DIR "SQL"`: the published tables, with the functions of the plugins.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use super::Ended;
use super::account::login;
use super::args::{self, Format};
use super::printer::Printer;
use super::ready::{self, Ready};
use crate::run::{self, RunError};
use crate::warehouse::Lookup;

/// Answers one query.
pub fn main(args: &args::Query, printer: &Printer) -> Result<Ended, RunError> {
    let ready = Ready::new()?;
    let place = args::Project {
        dir: args.dir.clone(),
        env: args.env.clone(),
        json: false,
    };
    let project = ready::load(&place)?;
    let runtime = ready.query();
    ready.run(async {
        let warehouse = ready::published(&project, &args.dir).await?;
        let built = ready::built(&project, printer)?;
        let session = run::session(&*ready::sandbox()?, &project, &built, ready::now_ms())?;
        let session = Arc::new(session);
        let mut answer =
            run::ask(&session, &warehouse, &project.vars, &args.sql, &runtime).await?;
        let personal = answer.personal();
        if let (true, Some(by), Some(why)) = (args.show_personal, &args.by, &args.why) {
            let lookup = Lookup {
                at: String::new(),
                kind: "query".into(),
                value: args.sql.clone(),
                found: Some(format!("{} of {} rows", personal.join(", "), answer.len())),
                by: by.clone(),
                login: login(),
                why: why.clone(),
            };
            if !personal.is_empty() {
                warehouse.log_lookup(&lookup).await?;
            }
        } else if !personal.is_empty() {
            printer.line(&format!(
                "not shown, for it is about persons: {}; whoever must see it adds --show-personal --by NAME --why TEXT",
                personal.join(", ")
            ));
            answer = answer.masked()?;
        }
        print(printer, args.format, &answer.schema, &answer.rows)?;
        Ok(Ended::Done)
    })
}

fn print(
    printer: &Printer,
    format: Format,
    schema: &SchemaRef,
    rows: &[RecordBatch],
) -> Result<(), RunError> {
    let failed = |error: arrow::error::ArrowError| RunError::Host(error.to_string());
    let mut out = Vec::new();
    match format {
        Format::Table => {
            let empty = [RecordBatch::new_empty(Arc::clone(schema))];
            let rows = if rows.is_empty() { &empty[..] } else { rows };
            let drawn = arrow::util::pretty::pretty_format_batches(rows).map_err(failed)?;
            printer.data(&drawn.to_string());
            return Ok(());
        }
        Format::Csv => {
            let mut writer = arrow::csv::WriterBuilder::new()
                .with_header(true)
                .build(&mut out);
            // A result without rows still has its header.
            writer
                .write(&RecordBatch::new_empty(Arc::clone(schema)))
                .map_err(failed)?;
            for batch in rows {
                writer.write(batch).map_err(failed)?;
            }
        }
        Format::Json => {
            let mut writer = arrow::json::WriterBuilder::new()
                .with_explicit_nulls(true)
                .build::<_, arrow::json::writer::LineDelimited>(&mut out);
            for batch in rows {
                writer.write(batch).map_err(failed)?;
            }
            writer.finish().map_err(failed)?;
        }
        Format::Arrow => {
            let mut writer =
                arrow::ipc::writer::StreamWriter::try_new(&mut out, schema).map_err(failed)?;
            for batch in rows {
                writer.write(batch).map_err(failed)?;
            }
            writer.finish().map_err(failed)?;
        }
    }
    printer.bytes(&out);
    Ok(())
}
