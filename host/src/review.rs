//! `tsugi review`: the messages that wait for a person, and the decisions on them.

mod show;

use super::Ended;
use super::account::login;
use super::args::{self, ReviewDecideArgs, ReviewVerb};
use super::printer::Printer;
use super::ready::{self, Ready};
use super::table::render;
use tsugi_care::store;
use tsugi_care::store::decisions::Verdict;
use tsugi_care::{CareError, DecisionRequest, Review, Unknown};
use tsugi_core::count::count;
use tsugi_pipeline::plan::DeliveryContract;
use tsugi_pipeline::query::Depth;
use tsugi_pipeline::run::OpenProject;
use tsugi_pipeline::store::{LedgerKey, Warehouse};

/// Runs one verb of `tsugi review`.
pub(crate) fn main(args: &args::ReviewArgs, printer: &Printer) -> Result<Ended, CareError> {
    let ready = Ready::new()?;
    let place = args.verb.project();
    let project = ready::load(place)?;
    let query = ready.query();
    ready.run(async {
        let (warehouse, _) = ready::published(&project, &place.dir).await?;
        let open = ready::open(project, printer, Depth::Types).await?;
        let queue = ReviewQueue {
            printer,
            open: &open,
            warehouse: &warehouse,
            reviews: all(&open, &warehouse, &query).await?,
            unknown: tsugi_care::unknown(&warehouse).await?,
        };
        match &args.verb {
            ReviewVerb::List(_) => queue.list(),
            ReviewVerb::Log(_) => queue.log().await?,
            ReviewVerb::Show(show) => {
                let review = queue.find(&show.review)?;
                queue.show(review, &query).await?;
            }
            ReviewVerb::Approve(decide) => queue.decide(Verdict::Approve, decide, None).await?,
            ReviewVerb::Reject(decide) => queue.decide(Verdict::Reject, decide, None).await?,
            ReviewVerb::Assign(assign) => {
                let to = Some(assign.to.as_str());
                queue.decide(Verdict::Assign, &assign.decide, to).await?;
            }
            ReviewVerb::Settle(settle) => queue.settle(&settle.decide, settle.arrived).await?,
        }
        Ok(Ended::Done)
    })
}

async fn all(
    open: &OpenProject,
    warehouse: &Warehouse,
    query: &tokio::runtime::Handle,
) -> Result<Vec<Review>, CareError> {
    let mut reviews = Vec::new();
    let deliveries = open.plan.deliveries.iter();
    let of_messages =
        deliveries.filter(|step| matches!(step.contract, DeliveryContract::Messages { .. }));
    for delivery in of_messages {
        reviews.extend(tsugi_care::reviews(open, delivery, warehouse, query).await?);
    }
    Ok(reviews)
}

/// Everything a person can decide on now.
struct ReviewQueue<'d> {
    printer: &'d Printer,
    open: &'d OpenProject,
    warehouse: &'d Warehouse,
    reviews: Vec<Review>,
    unknown: Vec<Unknown>,
}

/// Finds by the beginning of an id; nothing when none or several match. Two deliveries of one text
/// to one audience have one review.
fn find_by_prefix<'a, T>(all: &'a [T], id: fn(&T) -> &str, typed: &str) -> Option<&'a T> {
    let mut fitting = all.iter().filter(|one| id(one).starts_with(typed));
    let first = fitting.next()?;
    let is_one = fitting.all(|other| id(other) == id(first));
    (is_one && !typed.is_empty()).then_some(first)
}

fn or_dash(text: Option<&String>) -> String {
    text.cloned().unwrap_or_else(|| "-".into())
}

impl ReviewQueue<'_> {
    fn find(&self, typed: &str) -> Result<&Review, CareError> {
        find_by_prefix(&self.reviews, |review| &review.id, typed).ok_or_else(|| {
            CareError::NoReview {
                review: typed.to_owned(),
            }
        })
    }

    fn print_table(&self, header: &[&str], rows: &[Vec<String>]) {
        for line in render(header, rows) {
            self.printer.data(&line);
        }
    }

    fn list(&self) {
        if self.printer.is_json() {
            for review in &self.reviews {
                self.printer.object(review);
            }
            for unknown in &self.unknown {
                self.printer.object(unknown);
            }
            return;
        }
        let header = [
            "review",
            "incident",
            "template",
            "messages",
            "state",
            "by",
            "assigned to",
            "why a person",
        ];
        let rows: Vec<Vec<String>> = self
            .reviews
            .iter()
            .map(|review| {
                vec![
                    tsugi_care::short(&review.id).to_owned(),
                    review.incident.clone(),
                    review.template.clone(),
                    review.messages.to_string(),
                    review.state.word().to_owned(),
                    or_dash(review.decided_by.as_ref()),
                    or_dash(review.assigned_to.as_ref()),
                    review
                        .why
                        .iter()
                        .chain(&review.voided)
                        .cloned()
                        .collect::<Vec<_>>()
                        .join("; "),
                ]
            })
            .collect();
        self.print_table(&header, &rows);
        self.list_unknown();
    }

    /// Rows without a receipt: messages, then records.
    fn list_unknown(&self) {
        let (mut messages, mut records) = (Vec::new(), Vec::new());
        for unknown in &self.unknown {
            let id = tsugi_care::short(&unknown.id).to_owned();
            let at = unknown.at.clone();
            let known = "no receipt came".to_owned();
            match &unknown.key {
                LedgerKey::Message(key) => messages.push(vec![
                    id,
                    key.incident.clone(),
                    key.template_version.clone(),
                    key.customer.clone(),
                    at,
                    known,
                ]),
                LedgerKey::Record(key) => {
                    let columns = unknown.key.to_string();
                    records.push(vec![id, key.delivery().to_owned(), columns, at, known]);
                }
            }
        }
        let of_messages = [
            "message",
            "incident",
            "template",
            "customer",
            "handed over",
            "what is known",
        ];
        let of_records = ["record", "delivery", "key", "handed over", "what is known"];
        for (header, rows) in [(&of_messages[..], messages), (&of_records[..], records)] {
            if !rows.is_empty() {
                self.printer.data("");
                self.print_table(header, &rows);
            }
        }
    }

    async fn log(&self) -> Result<(), CareError> {
        let decisions = store::decisions::load_decisions(self.warehouse, None).await?;
        if self.printer.is_json() {
            decisions
                .iter()
                .for_each(|decision| self.printer.object(decision));
            return Ok(());
        }
        let header = [
            "at", "decision", "on", "by", "account", "to", "about", "note",
        ];
        let rows: Vec<Vec<String>> = decisions
            .iter()
            .map(|decision| {
                vec![
                    decision.at.clone(),
                    decision.verdict.to_string(),
                    tsugi_care::short(&decision.review).to_owned(),
                    decision.by.clone(),
                    decision.login.clone(),
                    or_dash(decision.to.as_ref()),
                    decision.about.clone(),
                    decision.note.clone(),
                ]
            })
            .collect();
        self.print_table(&header, &rows);
        Ok(())
    }

    async fn decide(
        &self,
        verdict: Verdict,
        decide: &ReviewDecideArgs,
        to: Option<&str>,
    ) -> Result<(), CareError> {
        let review = self.find(&decide.on.review)?;
        let login = login();
        let request = DecisionRequest {
            verdict,
            by: &decide.by,
            login: &login,
            to,
            note: &decide.note,
        };
        tsugi_care::decide(&self.open.project.people, self.warehouse, review, &request).await?;
        let messages = count(review.messages, "message");
        let (template, by) = (&review.template, &decide.by);
        self.printer.data(&match (verdict, to) {
            (Verdict::Approve, _) => format!(
                "approved: {messages} of {template} by {by}; an edit of text or audience voids it"
            ),
            (Verdict::Reject, _) => format!(
                "rejected: {messages} of {template} by {by}; an edit of text or audience opens the review again"
            ),
            (_, to) => format!("{} is now with {}", tsugi_care::short(&review.id), to.unwrap_or_default()),
        });
        Ok(())
    }

    async fn settle(&self, decide: &ReviewDecideArgs, arrived: bool) -> Result<(), CareError> {
        let typed = &decide.on.review;
        let found = find_by_prefix(&self.unknown, |message| &message.id, typed);
        let message = found.ok_or_else(|| CareError::NoReview {
            review: typed.clone(),
        })?;
        let login = login();
        let request = DecisionRequest {
            verdict: Verdict::Settle,
            by: &decide.by,
            login: &login,
            to: None,
            note: &decide.note,
        };
        let people = &self.open.project.people;
        tsugi_care::settle(people, self.warehouse, message, arrived, &request).await?;
        let what = match arrived {
            true => "arrived; it is not sent again",
            false => "is lost; the next delivery sends it",
        };
        self.printer.data(&match &message.key {
            LedgerKey::Message(key) => {
                format!("{} to {}: {what}", key.template_version, key.customer)
            }
            LedgerKey::Record(key) => format!("{} of {}: {what}", message.key, key.delivery()),
        });
        Ok(())
    }
}
