//! `tsugi review DIR`: what waits for a person, and a person's yes.

use super::Ended;
use super::args;
use super::printer::Printer;
use super::ready::{self, Ready};
use super::table::drawn;
use crate::run::{self, RunError};
use crate::warehouse::Warehouse;

/// Lists reviews, or approves one.
pub fn main(args: &args::Review, printer: &Printer) -> Result<Ended, RunError> {
    let ready = Ready::new()?;
    let project = ready::load(&args.project)?;
    let query = ready.query();
    ready.run(async {
        if !Warehouse::exists(&project.warehouse) {
            return Err(RunError::NotPublished {
                project: args.project.dir.display().to_string(),
            });
        }
        let open = ready::open(project, printer).await?;
        let warehouse = Warehouse::open(&open.project.warehouse).await?;
        let mut rows = Vec::new();
        for delivery in &open.plan.deliveries {
            for review in run::reviews(&open, delivery, &warehouse, &query).await? {
                if let (Some(wanted), Some(by)) = (&args.approve, &args.by)
                    && *wanted == review.id
                {
                    run::approve(&warehouse, &review, by, &args.note).await?;
                    printer.data(&format!(
                        "approved: {} messages of {} by {by}; an edit of text or audience voids it",
                        review.messages, review.template,
                    ));
                    return Ok(Ended::Done);
                }
                if printer.is_json() {
                    printer.object(&review);
                }
                rows.push(vec![
                    review.id.clone(),
                    review.incident.clone(),
                    review.template.clone(),
                    review.messages.to_string(),
                    review.approved_by.clone().unwrap_or_else(|| "-".into()),
                    review.why.join("; "),
                ]);
            }
        }
        if let Some(wanted) = &args.approve {
            return Err(RunError::NoReview {
                review: wanted.clone(),
            });
        }
        if !printer.is_json() {
            let header = [
                "review",
                "incident",
                "template",
                "messages",
                "approved by",
                "why a person",
            ];
            for line in drawn(&header, &rows) {
                printer.data(&line);
            }
        }
        Ok(Ended::Done)
    })
}
