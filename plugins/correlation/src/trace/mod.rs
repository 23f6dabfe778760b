//! `trace`: through deliveries and lots from what is marked (incidents, complaints, a suspect lot)
//! back to what they have in common and on to everyone concerned, after FoodChain-Lab (Weiser and
//! others 2016, PLoS ONE 11(3): e0151977).

pub(crate) mod graph;
pub(crate) mod net;
pub(crate) mod paths;
pub(crate) mod pools;
pub(crate) mod reach;
pub(crate) mod when;

use crate::input::InputError;
use crate::stats::finite;
use graph::Graph;
use net::{Doubt, Net};
use paths::{End, Paths, Step};
use reach::{Groups, Mark};
use std::collections::HashMap;
use std::rc::Rc;

/// Omitted links that become rows.
pub(crate) const DOUBTS_MAX: usize = 1 << 16;

/// Marked stations and deliveries one call may hold: each 64 of them cost one pass over all links.
pub(crate) const MARKS_MAX: usize = 1 << 16;

/// The rows to return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Report {
    /// How much of the marked weight each station, lot and delivery leads to.
    Scores,
    /// The deliveries that lead there.
    Paths,
    /// The links that could not be used.
    Doubts,
}

/// Which way paths are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    /// From what is marked back to where it may have come from.
    Backward,
    /// From what is marked on to where it may have gone.
    Forward,
}

/// The arguments of `trace`, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Options {
    pub report: Report,
    /// Whether dates count.
    pub ordered: bool,
    /// Which way paths are looked for.
    pub direction: Direction,
    /// Only paths whose other end is this station, lot or delivery.
    pub at: Option<String>,
}

impl Options {
    /// Checks the arguments.
    ///
    /// # Errors
    /// [`InputError::BadOption`] names the argument and what it must be.
    pub(crate) fn parse(
        report: Option<&str>,
        ordered: bool,
        direction: Option<&str>,
        at: Option<&str>,
    ) -> Result<Self, InputError> {
        let wrong = |option, given: &str, words: &str| InputError::BadOption {
            option,
            given: format!("'{given}'"),
            reason: format!("it must be one of {words}"),
        };
        Ok(Self {
            report: match report.unwrap_or("scores") {
                "scores" => Report::Scores,
                "paths" => Report::Paths,
                "doubts" => Report::Doubts,
                other => return Err(wrong("report", other, "'scores', 'paths' and 'doubts'")),
            },
            ordered,
            direction: match direction.unwrap_or("backward") {
                "backward" => Direction::Backward,
                "forward" => Direction::Forward,
                other => return Err(wrong("direction", other, "'backward' and 'forward'")),
            },
            at: at.map(str::to_owned),
        })
    }
}

/// Something marked, with its name.
#[derive(Clone, Debug)]
pub(crate) struct Marked {
    kind: &'static str,
    name: String,
    weight: f64,
    /// Where it is found by what leads to it, and by what it leads to.
    arriving: u32,
    leaving: u32,
}

impl Marked {
    fn from(&self, direction: Direction) -> &[u32] {
        std::slice::from_ref(match direction {
            Direction::Backward => &self.arriving,
            Direction::Forward => &self.leaving,
        })
    }
}

/// One station, lot or delivery.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Score {
    /// Place in the answer, from 1: by score, then by what is exposed.
    pub rank: u64,
    /// `station`, `lot` or `delivery`.
    pub kind: &'static str,
    pub name: Rc<str>,
    /// Who sent it, for lots and deliveries.
    pub sender: Option<Rc<str>>,
    /// Who got it, for deliveries.
    pub recipient: Option<Rc<str>>,
    pub weight: f64,
    /// The marked weight it leads to, of all: weights above 0 less those below, over the larger of
    /// both sums. `None` when nothing is marked.
    pub score: Option<f64>,
    /// The same of the weights above 0 alone.
    pub score_positive: Option<f64>,
    /// The same of the weights below 0 alone, without their sign.
    pub score_negative: Option<f64>,
    /// The score over the largest of any station or delivery.
    pub normalized: Option<f64>,
    /// The marked weight that leads to it, counted as the score is.
    pub exposed: Option<f64>,
    /// Omitted links about it.
    pub doubts: u64,
}

/// The rows of a report, in order.
pub(crate) enum Answer {
    /// The rows of `report => 'scores'`.
    Scores(std::vec::IntoIter<Score>),
    /// The rows of `report => 'paths'`.
    Paths(Box<PathRows>),
    /// The rows of `report => 'doubts'`.
    Doubts(std::vec::IntoIter<Doubt>),
}

/// Finds the rows of `report => 'paths'` one by one.
pub(crate) struct PathRows {
    graph: Graph,
    paths: Paths,
}

impl Iterator for PathRows {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        self.paths.next_step(&self.graph)
    }
}

/// Traces everything and makes the report of the options.
///
/// # Errors
/// [`InputError::TooMuch`] when there is more than one call may hold.
pub(crate) fn trace(net: Net, options: &Options) -> Result<Answer, InputError> {
    let graph = Graph::of(net, options.ordered)?;
    Ok(match options.report {
        Report::Doubts => Answer::Doubts(graph.net.doubts.into_iter()),
        Report::Scores => Answer::Scores(scores(&graph)?.into_iter()),
        Report::Paths => {
            let (marks, ends) = (marked(&graph)?, ends(&graph, options));
            let paths = Paths::new(&graph, options.direction, marks, ends);
            Answer::Paths(Box::new(PathRows { graph, paths }))
        }
    })
}

/// Every station and delivery with a weight, in order.
fn marked(graph: &Graph) -> Result<Vec<Marked>, InputError> {
    let stations = (0_u32..)
        .zip(&graph.net.weights)
        .map(|(at, weight)| Marked {
            kind: "station",
            name: graph.station(at).to_string(),
            weight: *weight,
            arriving: graph.arriving(at),
            leaving: graph.leaving(at),
        });
    let deliveries = (0_u32..).zip(graph.net.deliveries.iter().zip(&graph.net.ids));
    let deliveries = deliveries.map(|(at, (delivery, id))| Marked {
        kind: "delivery",
        name: id.to_string(),
        weight: delivery.weight,
        arriving: at,
        leaving: at,
    });
    let marks: Vec<Marked> = stations
        .chain(deliveries)
        .filter(|mark| mark.weight != 0.0)
        .collect();
    if marks.len() > MARKS_MAX {
        return Err(InputError::TooMuch {
            what: "stations and deliveries with a weight",
            limit: MARKS_MAX,
            hint: "Give the weight to lots or stations instead of single deliveries, or trace a part",
        });
    }
    Ok(marks)
}

/// The other ends of paths: what `at` names, else every station.
fn ends(graph: &Graph, options: &Options) -> Vec<End> {
    let station = |at: u32| End {
        kind: "station",
        name: graph.station(at).to_string(),
        nodes: vec![match options.direction {
            Direction::Backward => graph.leaving(at),
            Direction::Forward => graph.arriving(at),
        }],
    };
    let Some(name) = options.at.as_deref() else {
        return (0..graph.net.stations.len() as u32).map(station).collect();
    };
    let place = |names: &[Rc<str>]| {
        let found = names.binary_search_by(|other| other.as_ref().cmp(name));
        found.ok().map(|at| at as u32)
    };
    let mut ends: Vec<End> = place(&graph.net.stations)
        .map(station)
        .into_iter()
        .collect();
    if let Some(lot) = place(&graph.net.lots) {
        let of_lot = (0_u32..).zip(&graph.net.deliveries);
        ends.push(End {
            kind: "lot",
            name: name.to_owned(),
            nodes: of_lot
                .filter(|(_, delivery)| delivery.lot == lot)
                .map(|(at, _)| at)
                .collect(),
        });
    }
    if let Some(delivery) = place(&graph.net.ids) {
        ends.push(End {
            kind: "delivery",
            name: name.to_owned(),
            nodes: vec![delivery],
        });
    }
    ends
}

fn scores(graph: &Graph) -> Result<Vec<Score>, InputError> {
    let marks: Vec<Mark> = marked(graph)?
        .iter()
        .map(|mark| Mark {
            weight: mark.weight,
            nodes: vec![mark.arriving, mark.leaving],
        })
        .collect();
    let links = graph.links(false);
    let groups = Groups::of(&links);
    let (leads_to, comes_from) = (
        groups.reach(&links, &marks, false),
        groups.reach(&links, &marks, true),
    );
    let total = |sign: f64| {
        marks
            .iter()
            .map(|mark| (mark.weight * sign).max(0.0))
            .sum::<f64>()
    };
    let (above, below) = (total(1.0), total(-1.0));
    let part = |found: f64, of: f64| if of > 0.0 { finite(found / of) } else { None };
    let doubts = doubts_by_name(&graph.net.doubts);
    let mut rows: Vec<Score> = everything(graph)
        .map(|(mut row, from, to)| {
            let (ups, downs) = groups.weight(&leads_to, from);
            row.score = part(ups - downs, above.max(below));
            (row.score_positive, row.score_negative) = (part(ups, above), part(downs, below));
            let (ups, downs) = groups.weight(&comes_from, to);
            row.exposed = part(ups - downs, above.max(below));
            let key = (row.kind, Rc::clone(&row.name));
            row.doubts = doubts.get(&key).copied().unwrap_or(0);
            row
        })
        .collect();
    let scored = rows.iter().filter(|row| row.kind != "lot");
    let largest = scored
        .filter_map(|row| row.score)
        .fold(0.0, |most: f64, score| most.max(score.abs()));
    for row in &mut rows {
        row.normalized = row.score.and_then(|score| part(score, largest));
    }
    rows.sort_by(|left, right| {
        let key = |value: Option<f64>| value.unwrap_or(0.0);
        key(right.score)
            .total_cmp(&key(left.score))
            .then(key(right.exposed).total_cmp(&key(left.exposed)))
            .then(left.kind.cmp(right.kind).reverse())
            .then(left.name.cmp(&right.name))
            .then(left.sender.cmp(&right.sender))
    });
    for (row, rank) in rows.iter_mut().zip(1..) {
        row.rank = rank;
    }
    Ok(rows)
}

/// How many links about each station, lot and delivery were omitted.
fn doubts_by_name(doubts: &[Doubt]) -> HashMap<(&'static str, Rc<str>), u64> {
    let mut counts = HashMap::new();
    for doubt in doubts {
        let names = [
            ("delivery", &doubt.delivery),
            ("delivery", &doubt.next),
            ("lot", &doubt.lot),
            ("station", &doubt.station),
        ];
        for (kind, name) in names {
            if let Some(name) = name {
                *counts.entry((kind, Rc::clone(name))).or_default() += 1;
            }
        }
    }
    counts
}

/// Every station, lot and delivery without its scores, with the nodes that tell what it leads to
/// and what leads to it.
fn everything(graph: &Graph) -> impl Iterator<Item = (Score, u32, u32)> {
    let blank = |kind, name, weight| Score {
        rank: 0,
        kind,
        name,
        sender: None,
        recipient: None,
        weight,
        score: None,
        score_positive: None,
        score_negative: None,
        normalized: None,
        exposed: None,
        doubts: 0,
    };
    let stations = (0_u32..).zip(&graph.net.weights).map(move |(at, weight)| {
        let row = blank("station", graph.station(at), *weight);
        (row, graph.leaving(at), graph.arriving(at))
    });
    let lots = graph.sent_lots.iter().enumerate();
    let lots = lots.filter_map(move |(at, (sender, lot))| {
        let mut row = blank("lot", graph.lot(*lot)?, 0.0);
        row.sender = Some(graph.station(*sender));
        Some((row, graph.lot_node(at), graph.lot_gathered(at)))
    });
    let deliveries = (0_u32..).zip(graph.net.deliveries.iter().zip(&graph.net.ids));
    let deliveries = deliveries.map(move |(at, (delivery, id))| {
        let mut row = blank("delivery", Rc::clone(id), delivery.weight);
        row.sender = Some(graph.station(delivery.sender));
        row.recipient = Some(graph.station(delivery.recipient));
        (row, at, at)
    });
    stations.chain(lots).chain(deliveries)
}
