//! `tsugi query DIR "SQL"`: the published tables, with the functions of the plugins.

use std::sync::Arc;

use super::Ended;
use super::args;
use super::printer::Printer;
use super::ready::{self, Ready};
use super::rows::encoded;
use crate::run::{self, RunError};

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
        let (warehouse, _) = ready::published(&project, &args.dir).await?;
        let built = ready::built(&project, printer)?;
        let session = run::session(&*ready::sandbox()?, &project, &built, ready::now_ms())?;
        let session = Arc::new(session);
        let (schema, rows) =
            run::ask(&session, &warehouse, &project.vars, &args.sql, &runtime).await?;
        printer.bytes(&encoded(args.format, &schema, &rows)?);
        Ok(Ended::Done)
    })
}
