//! `tsugi preview DIR MODEL`: rows of what is not published yet.

use super::Ended;
use super::args::{self, Format};
use super::printer::Printer;
use super::query::{print_masked, sql};
use super::ready::{self, Ready};
use super::state;
use tsugi_core::name::TableName;
use tsugi_pipeline::query::Depth;
use tsugi_pipeline::run::RunError;
use tsugi_pipeline::store::Warehouse;

/// Makes what the query reads, publishes nothing, and prints its rows.
pub(crate) fn main(args: &args::PreviewArgs, printer: &Printer) -> Result<Ended, RunError> {
    let ready = Ready::new()?;
    let (file, text) = match args.what.parse::<TableName>() {
        Ok(table) => ("SQL".to_owned(), format!("SELECT * FROM {table}")),
        Err(_) => sql(None, Some(&args.what))?,
    };
    let project = ready::load(&args.project)?;
    let query = ready.query();
    ready.run(async {
        let open = ready::open(project, printer, Depth::Types).await?;
        let preview = open.preview(&file, &text).await?;
        let warehouse = Warehouse::open(&open.project.warehouse).await?;
        warehouse.sign_with(state::signer);
        tsugi_care::preview(&preview, &open, &warehouse, &query, printer).await?;
        let fetched = (args.limit > 0).then(|| args.limit.saturating_add(1));
        let rows = preview.rows(&open, &warehouse, &query, fetched).await?;
        let personal = rows.personal();
        if !personal.is_empty() {
            printer.line(&format!("masked as personal: {}", personal.join(", ")));
        }
        let format = match printer.is_json() {
            true => Format::Json,
            false => args.format,
        };
        print_masked(printer, format, args.limit, rows).await?;
        Ok(Ended::Done)
    })
}
