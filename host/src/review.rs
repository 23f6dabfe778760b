//! `tsugi review`: the messages that wait for a person, and the decisions on them.

use std::collections::BTreeMap;

use super::Ended;
use super::account::login;
use super::args::{self, ReviewDecideArgs, ReviewVerb};
use super::printer::Printer;
use super::ready::{self, Ready};
use super::table::render;
use tsugi_care::store;
use tsugi_care::store::decisions::Verdict;
use tsugi_care::{CareError, DecisionRequest, MessageText, Review, Unknown};
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

/// Most passages that are shown as different from what was sent before.
const DIFFERENCES_MAX: usize = 20;

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

    async fn show(&self, review: &Review, query: &tokio::runtime::Handle) -> Result<(), CareError> {
        let deliveries = &self.open.plan.deliveries;
        let delivery = deliveries
            .iter()
            .find(|delivery| delivery.name.to_string() == review.delivery);
        let delivery = delivery.ok_or_else(|| CareError::NoReview {
            review: review.id.clone(),
        })?;
        let messages =
            tsugi_care::message_texts(self.open, delivery, review, self.warehouse, query).await?;
        if self.printer.is_json() {
            self.printer
                .object(&serde_json::json!({"review": review, "messages": messages}));
            return Ok(());
        }
        let print = |line: &str| self.printer.data(line);
        print(&format!(
            "{} by {}: {}, {}",
            review.incident,
            review.template,
            count(review.messages, "message"),
            review.state.word()
        ));
        for why in review.why.iter().chain(&review.voided) {
            print(&format!("  a person must look: {why}"));
        }
        let writers: Vec<&str> = review.written_by.iter().map(String::as_str).collect();
        if !writers.is_empty() {
            print(&format!(
                "  written by {}, who may not approve it",
                writers.join(", ")
            ));
        }
        if let Some(worth) = review.remedy_most {
            print(&format!("  the dearest remedy is worth {worth}"));
        }
        for group in by_text(&messages) {
            self.show_group(&group);
        }
        let header = [
            "customer", "channel", "language", "fatigue", "decision", "reasons",
        ];
        let rows: Vec<Vec<String>> = messages
            .iter()
            .map(|message| {
                vec![
                    message.customer.clone(),
                    or_dash(message.channel.as_ref()),
                    or_dash(message.language.as_ref()),
                    or_dash(message.fatigue.as_ref()),
                    message.decision.clone(),
                    or_dash(message.reasons.as_ref()),
                ]
            })
            .collect();
        print("");
        self.print_table(&header, &rows);
        Ok(())
    }

    /// Prints a message of those that say the same, in full.
    fn show_group(&self, group: &[&MessageText]) {
        let Some(message) = group.first() else {
            return;
        };
        let (channel, language) = (
            or_dash(message.channel.as_ref()),
            or_dash(message.language.as_ref()),
        );
        let known = match message.was_sent {
            true => "a text that was sent before",
            false => "a text that was never sent",
        };
        self.printer.data("");
        self.printer.data(&format!(
            "{} in {language} over {channel}, {known}; this one goes to {} and uses {}",
            count(group.len(), "message"),
            message.customer,
            or_dash(message.fields_used.as_ref()),
        ));
        if message.shares_hash {
            let what = "its content_hash in the table stands beside another text, too";
            self.printer.data(&format!("  a person must look: {what}"));
        }
        for (before, now) in message.instead.iter().take(DIFFERENCES_MAX) {
            self.printer.data(&format!(
                "  instead of `{before}`, as it was sent before: `{now}`"
            ));
        }
        let body = message.body.as_deref().unwrap_or_default();
        self.printer
            .data(&format!("  | {}", or_dash(message.subject.as_ref())));
        self.printer.data("  |");
        for line in body.lines() {
            self.printer.data(format!("  | {line}").trim_end());
        }
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

/// Messages that say the same in one language over one channel. What few people get comes first: that
/// is where something is hidden.
fn by_text(messages: &[MessageText]) -> Vec<Vec<&MessageText>> {
    let mut groups: BTreeMap<_, Vec<&MessageText>> = BTreeMap::new();
    for message in messages {
        let group = (&message.language, &message.channel, message.variant);
        groups.entry(group).or_default().push(message);
    }
    let mut groups: Vec<_> = groups.into_values().collect();
    groups.sort_by_key(Vec::len);
    groups
}
