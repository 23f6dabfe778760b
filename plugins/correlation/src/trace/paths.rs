//! The proof of a score: the shortest way from a station, a lot or a delivery to what is marked, or
//! from what is marked to it, one row a delivery.

use super::graph::{Graph, Links};
use super::net::NONE;
use super::pools::Kind;
use super::{Direction, Marked};
use std::collections::VecDeque;

/// One delivery of one path.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Step {
    /// Which path, from 1.
    pub path: u64,
    /// `station`, `lot` or `delivery`.
    pub origin_kind: &'static str,
    /// Where the path begins.
    pub origin: String,
    /// `station`, `lot` or `delivery`.
    pub destination_kind: &'static str,
    pub destination: String,
    /// The weight of what is marked.
    pub weight: f64,
    /// Which delivery of the path, from 1.
    pub step: u64,
    /// How many deliveries the path has.
    pub steps: u64,
    pub delivery: String,
    pub lot: Option<String>,
    pub sender: String,
    pub recipient: String,
    pub sent: Option<String>,
    pub arrived: Option<String>,
    /// How much it was.
    pub quantity: Option<f64>,
    /// What links it to the delivery before.
    pub because: String,
}

/// The other end of the paths: its kind, its name, and the nodes at which it is found.
pub(crate) struct End {
    pub(super) kind: &'static str,
    pub(super) name: String,
    pub(super) nodes: Vec<u32>,
}

/// Gives out the paths of one mark after the other.
pub(crate) struct Paths {
    links: Links,
    direction: Direction,
    marks: Vec<Marked>,
    ends: Vec<End>,
    mark: usize,
    end: usize,
    paths_found: u64,
    found: Found,
    /// Rows that are found and not yet returned.
    ready: VecDeque<Step>,
}

/// The shortest ways from one mark.
#[derive(Default)]
struct Found {
    /// The node one step nearer to the mark.
    nearer: Vec<u32>,
    steps: Vec<u32>,
}

const UNSEEN: u32 = u32::MAX;

impl Paths {
    /// Paths between each mark and each end.
    pub(crate) fn new(
        graph: &Graph,
        direction: Direction,
        marks: Vec<Marked>,
        ends: Vec<End>,
    ) -> Self {
        let links = graph.links(direction == Direction::Backward);
        let mut paths = Self {
            links,
            direction,
            marks,
            ends,
            mark: 0,
            end: 0,
            paths_found: 0,
            found: Found::default(),
            ready: VecDeque::new(),
        };
        paths.search(graph);
        paths
    }

    /// Walks from the current mark to everything, fewest deliveries first. Nodes are numbered in the
    /// order of names, so that the way among equals does not depend on the order of rows.
    fn search(&mut self, graph: &Graph) {
        let nodes = self.links.nodes();
        self.found = Found {
            nearer: vec![UNSEEN; nodes],
            steps: vec![UNSEEN; nodes],
        };
        let Some(mark) = self.marks.get(self.mark) else {
            return;
        };
        let mut waiting = VecDeque::new();
        for &node in mark.from(self.direction) {
            if let Some(steps) = self.found.steps.get_mut(node as usize) {
                *steps = u32::from(graph.delivery(node).is_some());
                waiting.push_back(node);
            }
        }
        while let Some(node) = waiting.pop_front() {
            let so_far = self.found.steps.get(node as usize).copied().unwrap_or(0);
            for &next in self.links.from(node) {
                let more = u32::from(graph.delivery(next).is_some());
                let at = next as usize;
                let (Some(steps), Some(nearer)) =
                    (self.found.steps.get_mut(at), self.found.nearer.get_mut(at))
                else {
                    continue;
                };
                if so_far + more < *steps {
                    (*steps, *nearer) = (so_far + more, node);
                    if more == 0 {
                        waiting.push_front(next);
                    } else {
                        waiting.push_back(next);
                    }
                }
            }
        }
    }

    /// The next row; none when all were found.
    pub(crate) fn next_step(&mut self, graph: &Graph) -> Option<Step> {
        while self.ready.is_empty() && self.mark < self.marks.len() {
            match self.ends.get(self.end) {
                Some(end) => {
                    let mut path = self.path(graph, end);
                    self.paths_found += u64::from(!path.is_empty());
                    for step in &mut path {
                        step.path = self.paths_found;
                    }
                    self.ready.extend(path);
                    self.end += 1;
                }
                None => {
                    (self.mark, self.end) = (self.mark + 1, 0);
                    self.search(graph);
                }
            }
        }
        self.ready.pop_front()
    }

    /// The shortest path between the current mark and this end; empty when there is none.
    fn path(&self, graph: &Graph, end: &End) -> Vec<Step> {
        let steps = |node: &u32| self.found.steps.get(*node as usize).copied();
        let reached = end
            .nodes
            .iter()
            .copied()
            .filter(|node| steps(node).is_some_and(|steps| steps != UNSEEN && steps > 0))
            .min_by_key(|node| (steps(node), *node));
        let (Some(first), Some(mark)) = (reached, self.marks.get(self.mark)) else {
            return Vec::new();
        };
        let mut way = vec![first];
        let mut at = first;
        while let Some(&next) = self.found.nearer.get(at as usize) {
            if next == UNSEEN || way.len() > self.links.nodes() {
                break;
            }
            way.push(next);
            at = next;
        }
        if self.direction == Direction::Forward {
            way.reverse();
        }
        let ((origin_kind, origin), (destination_kind, destination)) = match self.direction {
            Direction::Backward => ((end.kind, &end.name), (mark.kind, &mark.name)),
            Direction::Forward => ((mark.kind, &mark.name), (end.kind, &end.name)),
        };
        let steps = way
            .iter()
            .filter(|node| graph.delivery(**node).is_some())
            .count() as u64;
        let mut rows: Vec<Step> = Vec::new();
        let mut between: Vec<u32> = Vec::new();
        for node in way {
            let Some(delivery) = graph.delivery(node) else {
                between.push(node);
                continue;
            };
            let because = because(graph, &between, rows.is_empty());
            between.clear();
            let step = rows.len() as u64 + 1;
            let Some(mut row) = described(graph, delivery) else {
                continue;
            };
            (row.origin_kind, row.origin) = (origin_kind, origin.clone());
            (row.destination_kind, row.destination) = (destination_kind, destination.clone());
            (row.weight, row.step, row.steps, row.because) = (mark.weight, step, steps, because);
            rows.push(row);
        }
        rows
    }
}

/// The row of a delivery, without its place in a path.
fn described(graph: &Graph, number: u32) -> Option<Step> {
    let delivery = graph.net.deliveries.get(number as usize)?;
    Some(Step {
        path: 0,
        origin_kind: "",
        origin: String::new(),
        destination_kind: "",
        destination: String::new(),
        weight: 0.0,
        step: 0,
        steps: 0,
        delivery: graph.net.ids.get(number as usize)?.to_string(),
        lot: graph.lot(delivery.lot).map(|lot| lot.to_string()),
        sender: graph.station(delivery.sender).to_string(),
        recipient: graph.station(delivery.recipient).to_string(),
        sent: delivery.sent.text(),
        arrived: delivery.arrived.text(),
        quantity: delivery.quantity,
        because: String::new(),
    })
}

/// What the nodes between two deliveries say.
fn because(graph: &Graph, between: &[u32], first: bool) -> String {
    if first {
        return "the path begins here".to_owned();
    }
    let mut kinds: Vec<(u32, Kind)> = Vec::new();
    for pool in between.iter().filter_map(|node| graph.pool(*node)) {
        if kinds.last() != Some(&(pool.station, pool.kind)) {
            kinds.push((pool.station, pool.kind));
        }
    }
    let lots: Vec<String> = kinds
        .iter()
        .filter_map(|(_, kind)| match kind {
            Kind::Lot(lot) if *lot != NONE => graph.lot(*lot).map(|lot| lot.to_string()),
            _ => None,
        })
        .collect();
    let mixed = kinds.iter().find_map(|(station, kind)| match kind {
        Kind::Station => Some(format!("{} mixes its lots", graph.station(*station))),
        Kind::Deliveries => Some(format!(
            "deliveries were mixed at {}",
            graph.station(*station)
        )),
        Kind::Lot(_) => None,
    });
    match (mixed, lots.as_slice()) {
        (None, []) => "recorded link".to_owned(),
        (None, [lot]) => format!("same lot {lot}"),
        (None, _) => format!("lot {}", lots.join(" went into lot ")),
        (Some(mixed), []) => mixed,
        (Some(mixed), _) => format!("{mixed}; lot {}", lots.join(" went into lot ")),
    }
}
