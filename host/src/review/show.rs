//! `tsugi review show`: all that a sink would get, as far as a person can look through it.

use std::collections::BTreeMap;

use super::{ReviewQueue, or_dash};
use tsugi_care::{CareError, MessageText, Review};
use tsugi_core::count::count;

/// Most passages that are shown as different from what was sent before.
const DIFFERENCES_MAX: usize = 20;
/// Values of a place or column that are shown.
const VALUES_MAX: usize = 20;

/// The values of a place or a column, each with how many messages have it.
type Values<'m> = BTreeMap<&'m str, usize>;

impl ReviewQueue<'_> {
    pub(super) async fn show(
        &self,
        review: &Review,
        query: &tokio::runtime::Handle,
    ) -> Result<(), CareError> {
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
        print(&self.authors(review));
        if let Some(worth) = review.remedy_most {
            print(&format!("  the dearest remedy is worth {worth}"));
        }
        for group in by_text(&messages) {
            self.show_group(&group);
        }
        self.show_beside(&messages);
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
        for (at, values) in slots(group).iter().enumerate() {
            self.printer
                .data(&format!("  differs, place {}: {}", at + 1, some_of(values)));
        }
        let body = message.body.as_deref().unwrap_or_default();
        self.printer
            .data(&format!("  | {}", or_dash(message.subject.as_ref())));
        self.printer.data("  |");
        for line in body.lines() {
            self.printer.data(format!("  | {line}").trim_end());
        }
    }

    /// Who wrote the text. A name that is none of the people who decide keeps none of them from approving it.
    fn authors(&self, review: &Review) -> String {
        let writers: Vec<&str> = review.written_by.iter().map(String::as_str).collect();
        if writers.is_empty() {
            return "  a person must look: no author is written, so that every person may approve it"
                .to_owned();
        }
        let people = &self.open.project.people;
        let unknown = tsugi_care::unknown_authors(people, review);
        let writers = writers.join(", ");
        match unknown.is_empty() {
            true => format!("  written by {writers}, who may not approve it"),
            false => format!(
                "  a person must look: written by {writers}; {} stands under no such name in [people], so that every person there may approve it",
                unknown.join(", ")
            ),
        }
    }

    /// What else a sink gets: columns beside the text.
    fn show_beside(&self, messages: &[MessageText]) {
        let mut columns: BTreeMap<&str, Values<'_>> = BTreeMap::new();
        for (column, value) in messages.iter().flat_map(|message| &message.beside) {
            *columns.entry(column).or_default().entry(value).or_default() += 1;
        }
        if columns.is_empty() {
            return;
        }
        self.printer.data("");
        self.printer.data("beside the text");
        for (column, values) in &columns {
            let of = match values.values().sum::<usize>() {
                all if all == messages.len() => String::new(),
                some => format!(", in {}", count(some, "message")),
            };
            self.printer
                .data(&format!("  {column}: {}{of}", some_of(values)));
        }
    }
}

/// What stands in each place where people differ.
fn slots<'m>(group: &[&'m MessageText]) -> Vec<Values<'m>> {
    let mut places: Vec<Values<'m>> = Vec::new();
    for message in group {
        for (at, value) in message.slots.iter().enumerate() {
            if places.len() <= at {
                places.resize_with(at + 1, Values::new);
            }
            if let Some(place) = places.get_mut(at) {
                *place.entry(value).or_default() += 1;
            }
        }
    }
    places
}

/// What a value looks like: its words, and whether it has digits or signs.
type Shape = (usize, bool, bool);

fn shape(value: &str) -> Shape {
    let is_sign = |c: char| !c.is_alphanumeric() && !c.is_whitespace() && !"-'’・".contains(c);
    (
        value.split_whitespace().count(),
        value.contains(|c: char| c.is_numeric()),
        value.contains(is_sign),
    )
}

/// Values as a reviewer reads them: all where they are few, else the least usual first, since that is where
/// something is hidden: of a shape that few have, then those that few messages have, then the longest.
fn some_of(values: &Values<'_>) -> String {
    let mut shapes: BTreeMap<Shape, usize> = BTreeMap::new();
    for value in values.keys() {
        *shapes.entry(shape(value)).or_default() += 1;
    }
    let mut ordered: Vec<(&str, usize)> = values
        .iter()
        .map(|(value, times)| (*value, *times))
        .collect();
    ordered.sort_by_key(|(value, times)| {
        let alike = shapes.get(&shape(value)).copied().unwrap_or(0);
        (alike, *times, usize::MAX - value.chars().count())
    });
    let shown = ordered
        .iter()
        .take(VALUES_MAX)
        .map(|(value, times)| match times {
            1 => format!("`{value}`"),
            times => format!("`{value}` ({times} times)"),
        });
    let shown = shown.collect::<Vec<_>>().join(", ");
    match ordered.len() {
        all if all > VALUES_MAX => format!("{all} values, the least usual first: {shown}, …"),
        _ => shown,
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
