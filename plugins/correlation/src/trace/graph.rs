//! Everything that can be reached from everything, as one graph of numbered nodes: deliveries,
//! arrivals at stations, departures from them, lots as they were sent, and the moments of pools.

use super::net::{Doubt, NONE, Net};
use super::pools::Pools;
use crate::input::InputError;
use std::rc::Rc;

/// Nodes one call may hold.
pub(crate) const NODES_MAX: usize = 1 << 21;

/// Links by the node they leave.
pub(crate) struct Links {
    starts: Vec<u32>,
    heads: Vec<u32>,
}

impl Links {
    /// Sorts links by their first node, or by their second when they are to be walked backward.
    pub(crate) fn of(nodes: usize, links: &[(u32, u32)], backward: bool) -> Self {
        let ends = |link: &(u32, u32)| if backward { (link.1, link.0) } else { *link };
        let mut starts = vec![0_u32; nodes + 1];
        for link in links {
            if let Some(count) = starts.get_mut(ends(link).0 as usize + 1) {
                *count += 1;
            }
        }
        let mut before = 0;
        for start in &mut starts {
            *start += before;
            before = *start;
        }
        let (mut free, mut heads) = (starts.clone(), vec![0_u32; links.len()]);
        for link in links {
            let (tail, head) = ends(link);
            if let Some(slot) = free.get_mut(tail as usize) {
                if let Some(place) = heads.get_mut(*slot as usize) {
                    *place = head;
                }
                *slot += 1;
            }
        }
        Self { starts, heads }
    }

    /// How many nodes there are.
    pub(crate) fn nodes(&self) -> usize {
        self.starts.len() - 1
    }

    /// Where the links of this node lead.
    pub(crate) fn from(&self, node: u32) -> &[u32] {
        let at = node as usize;
        match (self.starts.get(at), self.starts.get(at + 1)) {
            (Some(&first), Some(&end)) => {
                self.heads.get(first as usize..end as usize).unwrap_or(&[])
            }
            _ => &[],
        }
    }
}

/// The graph of a net.
pub(crate) struct Graph {
    pub(super) net: Net,
    pub(super) pools: Pools,
    /// Station and lot of each lot as it was sent, in order.
    pub(super) sent_lots: Vec<(u32, u32)>,
    owners: Vec<u32>,
    links: Vec<(u32, u32)>,
}

impl Graph {
    /// Builds the graph; `ordered` takes the dates into account.
    ///
    /// # Errors
    /// [`InputError::TooMuch`] when it has more nodes than one call may hold.
    pub(crate) fn of(mut net: Net, ordered: bool) -> Result<Self, InputError> {
        let pools = Pools::of(&net, ordered);
        let mut sent_lots: Vec<(u32, u32)> = net
            .deliveries
            .iter()
            .filter(|delivery| delivery.lot != NONE)
            .map(|delivery| (delivery.sender, delivery.lot))
            .collect();
        sent_lots.sort_unstable();
        sent_lots.dedup();
        let fixed = net.deliveries.len() + 2 * net.stations.len() + 2 * sent_lots.len();
        if fixed + pools.nodes() > NODES_MAX {
            return Err(InputError::TooMuch {
                what: "moments at which a lot was received or used",
                limit: NODES_MAX,
                hint: "Trace a part, or without time order (ordered => false)",
            });
        }
        let mut links = recorded(&mut net, ordered);
        let owners = pools.write(fixed as u32, &mut links, &mut net);
        let mut graph = Self {
            net,
            pools,
            sent_lots,
            owners,
            links,
        };
        graph.join_ends();
        graph.links.sort_unstable();
        graph.links.dedup();
        Ok(graph)
    }

    /// Stations to their deliveries and back, lots to theirs.
    fn join_ends(&mut self) {
        for (number, delivery) in (0_u32..).zip(&self.net.deliveries) {
            let leaves = self.leaving(delivery.sender);
            let arrives = self.arriving(delivery.recipient);
            self.links.push((leaves, number));
            self.links.push((number, arrives));
            let key = (delivery.sender, delivery.lot);
            if let Ok(at) = self.sent_lots.binary_search(&key) {
                let (lot, gathered) = (self.lot_node(at), self.lot_gathered(at));
                self.links.push((lot, number));
                self.links.push((number, gathered));
            }
        }
    }

    /// The links to walk along the flow of goods, or against it.
    pub(crate) fn links(&self, backward: bool) -> Links {
        Links::of(self.nodes(), &self.links, backward)
    }

    fn nodes(&self) -> usize {
        self.pool_base() + self.owners.len()
    }

    fn pool_base(&self) -> usize {
        self.net.deliveries.len() + 2 * self.net.stations.len() + 2 * self.sent_lots.len()
    }

    /// The node of everything that comes to a station.
    pub(crate) fn arriving(&self, station: u32) -> u32 {
        self.net.deliveries.len() as u32 + station
    }

    /// The node of everything that leaves a station.
    pub(crate) fn leaving(&self, station: u32) -> u32 {
        (self.net.deliveries.len() + self.net.stations.len()) as u32 + station
    }

    /// The node to which all deliveries of a sent lot lead, by its place in `sent_lots`.
    pub(crate) fn lot_gathered(&self, at: usize) -> u32 {
        self.lot_node(self.sent_lots.len() + at)
    }

    /// The node that leads to all deliveries of a sent lot, by its place in `sent_lots`.
    pub(crate) fn lot_node(&self, at: usize) -> u32 {
        (self.net.deliveries.len() + 2 * self.net.stations.len() + at) as u32
    }

    /// The delivery that a node is.
    pub(crate) fn delivery(&self, node: u32) -> Option<u32> {
        ((node as usize) < self.net.deliveries.len()).then_some(node)
    }

    /// The pool that a node is a moment of.
    pub(crate) fn pool(&self, node: u32) -> Option<&super::pools::Pool> {
        let at = (node as usize).checked_sub(self.pool_base())?;
        self.pools.all.get(*self.owners.get(at)? as usize)
    }

    /// The name of a station.
    pub(crate) fn station(&self, station: u32) -> Rc<str> {
        let name = self.net.stations.get(station as usize);
        name.cloned().unwrap_or_default()
    }

    /// The name of a lot; none when there is none.
    pub(crate) fn lot(&self, lot: u32) -> Option<Rc<str>> {
        self.net.lots.get(lot as usize).cloned()
    }
}

/// The links between deliveries as they arrived. In time order one whose second delivery left
/// before the first came contradicts itself: it is omitted and reported.
fn recorded(net: &mut Net, ordered: bool) -> Vec<(u32, u32)> {
    let (mut accepted, mut refused) = (Vec::with_capacity(net.next.len()), Vec::new());
    for &(from, to) in &net.next {
        let ends = (
            net.deliveries.get(from as usize),
            net.deliveries.get(to as usize),
        );
        match ends {
            (Some(first), Some(second)) if ordered && !first.arrived.may_precede(second.sent) => {
                refused.push((from, to, *first, *second));
            }
            (Some(_), Some(_)) => accepted.push((from, to)),
            _ => {}
        }
    }
    for (from, to, first, second) in refused {
        let name = |at: u32| net.ids.get(at as usize).cloned();
        let (Some(delivery), Some(next)) = (name(from), name(to)) else {
            continue;
        };
        let reason = format!(
            "Delivery {next} left on {}, before delivery {delivery} came on {}; the link is left out.",
            second.sent.text().unwrap_or_default(),
            first.arrived.text().unwrap_or_default(),
        );
        net.doubt(Doubt {
            kind: "left before receipt",
            delivery: Some(delivery),
            next: Some(next),
            lot: net.lots.get(first.lot as usize).cloned(),
            station: net.stations.get(first.recipient as usize).cloned(),
            reason,
        });
    }
    accepted
}
