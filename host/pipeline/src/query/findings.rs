//! Every finding about one query, each at its place. A planner reports one error and stops: the
//! expression that it is about is taken out, and the rest is planned again.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use super::error::QueryError;
use super::failure::UnknownName;
use super::parse::Parsed;
use super::pieces::{Node, named, nodes, without};
use super::session::Session;
use crate::plan::facts::{ModelFacts, TableUse};
use tsugi_core::diagnostic::{Diagnostic, Explain, Place, did_you_mean, nearest};
use tsugi_core::source_text::SourceText;

/// Findings of one file; what is wrong in more places is wrong in one way.
const FINDINGS_MAX: usize = 20;
/// How often one file is planned, and for how long, to find the places of its findings.
const PROBES_MAX: usize = 400;
const PROBES_TIME_MAX: Duration = Duration::from_secs(3);

/// The findings of a query of which the first is known.
pub(super) async fn findings(
    text: &SourceText,
    parsed: &Parsed,
    facts: &ModelFacts,
    session: &Session,
    first: QueryError,
) -> Vec<Diagnostic> {
    let mut search = Search {
        session,
        facts,
        probes: 0,
        started: Instant::now(),
    };
    let (mut found, mut error, mut rest) = (Vec::new(), first, named(parsed));
    loop {
        let culprit = search.culprit(&rest, &error).await;
        let own = error.place().filter(|place| place.line > 0);
        let is_placed = own.is_some();
        let place = own.or(culprit
            .as_ref()
            .map(|found| parsed.place(found.smallest.span)));
        // What follows from a removed expression is no finding of its own.
        if place.is_none() && !found.is_empty() {
            return found;
        }
        let message = error.to_string();
        found.push(at(text, &suggesting(error, facts, session), place));
        let Some(culprit) = culprit.filter(|_| found.len() < FINDINGS_MAX) else {
            return found;
        };
        let removed = match is_placed {
            true => &culprit.smallest,
            false => &culprit.whole,
        };
        rest = without(&rest, removed);
        match search.probe(&rest).await {
            Err(next) if next.to_string().contains("Null") || follows(&next, &found) => {
                return found;
            }
            // A form that is not supported shows in each of its parts.
            Err(next) if next.to_string() == message && message.contains("not supported") => {
                return found;
            }
            Err(next) => error = next,
            Ok(()) => return found,
        }
    }
}

/// The place of the expression that an error without a place is about.
pub(crate) async fn place_of(
    session: &Session,
    parsed: &Parsed,
    error: &QueryError,
) -> Option<Place> {
    let facts = ModelFacts {
        tables: parsed.tables(&session.function_names()).ok()?,
        ..ModelFacts::default()
    };
    let mut search = Search {
        session,
        facts: &facts,
        probes: 0,
        started: Instant::now(),
    };
    let found = search.culprit(&named(parsed), error).await?;
    Some(parsed.place(found.smallest.span)).filter(|place| place.line > 0)
}

/// Whether a column is missing only because the one that was meant by an earlier finding is.
fn follows(error: &QueryError, found: &[Diagnostic]) -> bool {
    let Some(UnknownName::Column(missing)) = error.unknown_name() else {
        return false;
    };
    let meant = format!("`{missing}`");
    found
        .iter()
        .filter_map(|one| one.hint.as_ref())
        .any(|hint| hint.contains(&meant))
}

/// What an error is about.
struct Culprit {
    /// The whole expression of a clause.
    whole: Node,
    /// The part of it without which the error is gone.
    smallest: Node,
}

impl Culprit {
    fn of(node: &Node) -> Self {
        let (whole, smallest) = (node.clone(), node.clone());
        Self { whole, smallest }
    }
}

/// Plans one query of a project over and over.
struct Search<'s> {
    session: &'s Session,
    facts: &'s ModelFacts,
    probes: usize,
    started: Instant,
}

impl Search<'_> {
    async fn probe(&mut self, parsed: &Parsed) -> Result<(), QueryError> {
        self.probes += 1;
        let plan = self.session.plan(parsed).await?;
        self.session.verify(&plan).await
    }

    /// The smallest expression without which the query has not this error.
    async fn culprit(&mut self, parsed: &Parsed, error: &QueryError) -> Option<Culprit> {
        let unknown = |used: &TableUse| !self.session.knows(&used.table);
        if self.facts.tables.iter().any(unknown) {
            return None;
        }
        let nodes = nodes(parsed.sql());
        let place = error.place().filter(|place| place.line > 0);
        let is_there = |node: &Node| place.as_ref().is_none_or(|place| node.has(place));
        let is_gone =
            |left: &Option<QueryError>| !left.as_ref().is_some_and(|left| is_same(left, error));
        let mut found: Option<(Culprit, Option<QueryError>)> = None;
        let mut range = 0..nodes.len();
        while range.start < range.end && self.may_probe() {
            let node = nodes.get(range.start)?;
            range.start = node.end;
            if !is_there(node) {
                continue;
            }
            let left = self.probe(&without(parsed, node)).await.err();
            found = match found {
                None if is_gone(&left) => Some((Culprit::of(node), left)),
                // A part is to blame when the query is as good without it as without the whole.
                Some((mut culprit, without_whole)) if is_alike(&left, &without_whole) => {
                    culprit.smallest = node.clone();
                    Some((culprit, without_whole))
                }
                other => {
                    found = other;
                    continue;
                }
            };
            range = node.number + 1..node.end;
        }
        found.map(|(culprit, _)| culprit)
    }

    fn may_probe(&self) -> bool {
        self.probes < PROBES_MAX && self.started.elapsed() < PROBES_TIME_MAX
    }
}

fn is_alike(one: &Option<QueryError>, other: &Option<QueryError>) -> bool {
    match (one, other) {
        (None, None) => true,
        (Some(one), Some(other)) => is_same(one, other),
        _ => false,
    }
}

fn is_same(one: &QueryError, other: &QueryError) -> bool {
    one.to_string() == other.to_string() && one.place() == other.place()
}

/// The same error; of a column that is not there with the nearest ones that are.
fn suggesting(error: QueryError, facts: &ModelFacts, session: &Session) -> QueryError {
    let Some(UnknownName::Column(missing)) = error.unknown_name() else {
        return error;
    };
    let known: BTreeSet<String> = facts
        .tables
        .iter()
        .flat_map(|used| session.columns_of(&used.table))
        .collect();
    let near = nearest(missing, known.iter().map(String::as_str));
    // DataFusion's own hint lists every name; the nearest ones are shorter.
    let suggested = match near.contains(&missing) {
        true => Some("FROM has no such table".to_owned()),
        false => did_you_mean(&near),
    };
    match error {
        QueryError::Sql {
            message,
            place,
            hint,
        } => QueryError::Sql {
            message: message.replace('\'', "`"),
            place,
            hint: suggested.or(hint.map(|hint| hint.replace('\'', "`"))),
        },
        other => other,
    }
}

/// An error at a place of a file, with the line it is about; without a place at its first line of
/// SQL.
pub(super) fn at(text: &SourceText, error: &dyn Explain, place: Option<Place>) -> Diagnostic {
    let Some(Place { line, column, .. }) = place.filter(|place| place.line > 0) else {
        let start = first_word(text.body());
        return text.diagnostic(&word_at(text, start), error);
    };
    text.diagnostic(
        &word_at(text, text.offset(line.into(), column.into())),
        error,
    )
}

/// The word that begins at an offset.
fn word_at(text: &SourceText, start: usize) -> std::ops::Range<usize> {
    let word = text.body().get(start..).unwrap_or_default();
    let length = word.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '$');
    let length = length.unwrap_or(word.len()).max(1);
    start..(start + length).min(text.body().len())
}

/// The offset of the first line that is no comment and not empty.
fn first_word(body: &str) -> usize {
    let mut offset = 0;
    for line in body.split_inclusive('\n') {
        let trimmed = line.trim_start();
        if !trimmed.is_empty() && !trimmed.starts_with("--") {
            return offset + (line.len() - trimmed.len());
        }
        offset += line.len();
    }
    0
}
