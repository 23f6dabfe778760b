//! `tsugi query DIR "SQL"`: the published tables, with the functions of the plugins.

use std::sync::Arc;

use super::Ended;
use super::account::login;
use super::args;
use super::printer::Printer;
use super::ready::{self, Ready};
use super::rows::encode;
use tsugi_care::GUARDS;
use tsugi_care::store;
use tsugi_care::store::lookups::Lookup;
use tsugi_core::count::count;
use tsugi_pipeline::run::{self, Published, RunError};

/// Answers one query.
pub(crate) fn main(args: &args::QueryArgs, printer: &Printer) -> Result<Ended, RunError> {
    let ready = Ready::new()?;
    let place = args::ProjectArgs {
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
        run::refuse_views(&project, &session, &args.sql)?;
        let session = Arc::new(session);
        let published = Published {
            session: &session,
            warehouse: &warehouse,
            query: &runtime,
            redact: GUARDS.redact,
        };
        let mut answer = published.query_rows(&project.vars, &args.sql).await?;
        let personal = answer.personal();
        if let (true, Some(by), Some(why)) = (args.show_personal, &args.by, &args.why) {
            let lookup = Lookup {
                at: String::new(),
                kind: "query".into(),
                value: args.sql.clone(),
                found: Some(format!(
                    "{} of {}",
                    personal.join(", "),
                    count(answer.len(), "row")
                )),
                by: by.clone(),
                login: login(),
                why: why.clone(),
            };
            if !personal.is_empty() {
                store::lookups::log_lookup(&warehouse, &lookup).await?;
            }
        } else if !personal.is_empty() {
            printer.line(&format!(
                "masked as personal: {}; to see it, add --show-personal --by NAME --why TEXT",
                personal.join(", ")
            ));
            answer = answer.redacted(GUARDS.redact)?;
        }
        printer.bytes(&encode(args.format, &answer.schema, &answer.rows)?);
        Ok(Ended::Done)
    })
}
