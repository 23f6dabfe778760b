//! Where material may change from what came to what left: a lot at a station, a station that mixes
//! everything, or deliveries that were mixed there.
//!
//! In time order a pool holds one node for each moment at which something entered it. What entered
//! early can leave whenever what entered later can, so each moment leads to the next one, and a way
//! out hangs on the latest moment before it: the number of links grows with the deliveries, not with
//! the pairs of them.

use super::net::{Doubt, NONE, Net};
use super::when::Span;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// What a pool is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// A lot at a station.
    Lot(u32),
    /// Everything at a station.
    Station,
    /// The deliveries of a station that are marked as mixed.
    Deliveries,
}

pub(crate) struct Pool {
    pub(super) station: u32,
    pub(super) kind: Kind,
    /// When it came in, and the delivery.
    ins: Vec<(i64, u32)>,
    /// Until when it may have left, and the delivery.
    outs: Vec<(i64, u32)>,
    /// Pools that are fed from this one.
    into: Vec<(u32, Span)>,
    times: BTreeSet<i64>,
}

/// All pools by station and kind.
pub(crate) struct Pools {
    pub(super) all: Vec<Pool>,
    by_key: BTreeMap<(u32, Kind), u32>,
    ordered: bool,
}

impl Pools {
    /// Finds every pool, and when something enters it.
    pub(crate) fn of(net: &Net, ordered: bool) -> Self {
        let mut pools = Self {
            all: Vec::new(),
            by_key: BTreeMap::new(),
            ordered,
        };
        pools.fill(net);
        pools.link_lots(net);
        pools.mix_deliveries(net);
        pools.spread_times();
        pools
    }

    fn pool(&mut self, station: u32, kind: Kind) -> u32 {
        *self.by_key.entry((station, kind)).or_insert_with(|| {
            self.all.push(Pool {
                station,
                kind,
                ins: Vec::new(),
                outs: Vec::new(),
                into: Vec::new(),
                times: BTreeSet::new(),
            });
            self.all.len() as u32 - 1
        })
    }

    fn enter(&mut self, pool: u32, arrived: Span, delivery: u32) {
        let at = if self.ordered {
            arrived.first
        } else {
            i64::MIN
        };
        if let Some(pool) = self.all.get_mut(pool as usize) {
            pool.ins.push((at, delivery));
            pool.times.insert(at);
        }
    }

    fn leave(&mut self, pool: u32, sent: Span, delivery: u32) {
        let until = if self.ordered { sent.last } else { i64::MAX };
        if let Some(pool) = self.all.get_mut(pool as usize) {
            pool.outs.push((until, delivery));
        }
    }

    fn feed(&mut self, from: u32, into: u32, at: Span) {
        let at = if self.ordered { at } else { Span::ANY };
        if let Some(pool) = self.all.get_mut(from as usize) {
            pool.into.push((into, at));
        }
    }

    /// Lots and mixing stations. A station that sends nothing on changes nothing.
    fn fill(&mut self, net: &Net) {
        let mut sends = vec![false; net.stations.len()];
        for delivery in &net.deliveries {
            if let Some(flag) = sends.get_mut(delivery.sender as usize) {
                *flag = true;
            }
        }
        let sends = |station: u32| sends.get(station as usize) == Some(&true);
        let mixes = |station: u32| net.mixes.get(station as usize) == Some(&true);
        for (number, delivery) in (0..).zip(&net.deliveries) {
            if sends(delivery.recipient) {
                if delivery.lot != NONE {
                    let pool = self.pool(delivery.recipient, Kind::Lot(delivery.lot));
                    self.enter(pool, delivery.arrived, number);
                }
                if mixes(delivery.recipient) {
                    let pool = self.pool(delivery.recipient, Kind::Station);
                    self.enter(pool, delivery.arrived, number);
                }
            }
            if delivery.lot != NONE {
                let pool = self.pool(delivery.sender, Kind::Lot(delivery.lot));
                self.leave(pool, delivery.sent, number);
            }
            if mixes(delivery.sender) {
                let pool = self.pool(delivery.sender, Kind::Station);
                self.leave(pool, delivery.sent, number);
            }
        }
    }

    /// A lot that went into another one, at each station where there is something of the first.
    fn link_lots(&mut self, net: &Net) {
        let mut at = 0;
        while let Some(pool) = self.all.get(at) {
            let (station, kind) = (pool.station, pool.kind);
            if let Kind::Lot(lot) = kind {
                let first = net.lot_links.partition_point(|link| link.lot < lot);
                let links = net.lot_links.iter().skip(first);
                for link in links.take_while(|link| link.lot == lot) {
                    if link.station == NONE || link.station == station {
                        let into = self.pool(station, Kind::Lot(link.into));
                        self.feed(at as u32, into, link.at);
                    }
                }
            }
            at += 1;
        }
    }

    /// Mixed deliveries of a station share what follows each of them.
    fn mix_deliveries(&mut self, net: &Net) {
        for (number, delivery) in (0_u32..).zip(&net.deliveries) {
            if !delivery.mixes {
                continue;
            }
            let pool = self.pool(delivery.recipient, Kind::Deliveries);
            self.enter(pool, delivery.arrived, number);
            let first = net.next.partition_point(|(from, _)| *from < number);
            let links = net.next.iter().skip(first);
            for &(_, next) in links.take_while(|(from, _)| *from == number) {
                if let Some(next_delivery) = net.deliveries.get(next as usize) {
                    self.leave(pool, next_delivery.sent, next);
                }
            }
            let lot = (delivery.recipient, Kind::Lot(delivery.lot));
            if let Some(&into) = self.by_key.get(&lot) {
                self.feed(pool, into, Span::ANY);
            }
        }
    }

    /// What enters a pool enters the pools that are fed from it, then or later.
    fn spread_times(&mut self) {
        let mut waiting: VecDeque<(u32, i64)> = VecDeque::new();
        for (number, pool) in (0..).zip(&self.all) {
            waiting.extend(pool.times.iter().map(|&time| (number, time)));
        }
        while let Some((number, time)) = waiting.pop_front() {
            let into = self
                .all
                .get(number as usize)
                .map(|pool| pool.into.clone())
                .unwrap_or_default();
            for (target, at) in into {
                let entered = time.max(at.first);
                let target_pool = self.all.get_mut(target as usize);
                if time <= at.last && target_pool.is_some_and(|pool| pool.times.insert(entered)) {
                    waiting.push_back((target, entered));
                }
            }
        }
    }

    /// The nodes that all pools need.
    pub(crate) fn nodes(&self) -> usize {
        self.all.iter().map(|pool| pool.times.len()).sum()
    }

    /// Writes the links through the pools, whose nodes begin at `base`; gives for each node its
    /// pool. A way out that nothing had entered yet becomes a doubt.
    pub(crate) fn write(&self, base: u32, links: &mut Vec<(u32, u32)>, net: &mut Net) -> Vec<u32> {
        let mut bases = Vec::with_capacity(self.all.len());
        let mut owners = Vec::with_capacity(self.nodes());
        for (number, pool) in (0_u32..).zip(&self.all) {
            bases.push(base + owners.len() as u32);
            owners.extend(std::iter::repeat_n(number, pool.times.len()));
        }
        let times: Vec<Vec<i64>> = self
            .all
            .iter()
            .map(|pool| pool.times.iter().copied().collect())
            .collect();
        for ((pool, own), start) in self.all.iter().zip(&times).zip(&bases) {
            let node = |moment: usize| start + moment as u32;
            for moment in 1..own.len() {
                links.push((node(moment - 1), node(moment)));
            }
            for (at, delivery) in &pool.ins {
                if let Ok(moment) = own.binary_search(at) {
                    links.push((*delivery, node(moment)));
                }
            }
            for (until, delivery) in &pool.outs {
                match own.partition_point(|at| at <= until) {
                    0 if own.is_empty() => {}
                    0 => doubt_early(net, pool, *delivery),
                    moments => links.push((node(moments - 1), *delivery)),
                }
            }
            for (target, at) in &pool.into {
                let (Some(theirs), Some(their_start)) =
                    (times.get(*target as usize), bases.get(*target as usize))
                else {
                    continue;
                };
                for (moment, time) in own.iter().enumerate().take_while(|(_, t)| **t <= at.last) {
                    if let Ok(entered) = theirs.binary_search(&(*time).max(at.first)) {
                        links.push((node(moment), their_start + entered as u32));
                    }
                }
                if own.first().is_some_and(|first| *first > at.last) {
                    doubt_use(net, pool, self.all.get(*target as usize));
                }
            }
        }
        owners
    }
}

/// A lot that left before any of it had come. Mixing is an assumption, so there it is no doubt.
fn doubt_early(net: &mut Net, pool: &Pool, delivery: u32) {
    let Kind::Lot(lot) = pool.kind else {
        return;
    };
    let (Some(lot), Some(station)) = (
        net.lots.get(lot as usize).cloned(),
        net.stations.get(pool.station as usize).cloned(),
    ) else {
        return;
    };
    let Some(name) = net.ids.get(delivery as usize).cloned() else {
        return;
    };
    let reason = format!(
        "Delivery {name} left {station} with lot {lot} before anything of that lot, or of what went into it, had come; it is traced no further back."
    );
    net.doubt(Doubt {
        kind: "left before receipt",
        delivery: Some(name),
        next: None,
        lot: Some(lot),
        station: Some(station),
        reason,
    });
}

/// A lot that was used before any of it had come.
fn doubt_use(net: &mut Net, pool: &Pool, target: Option<&Pool>) {
    let (Kind::Lot(lot), Some(Kind::Lot(into))) = (pool.kind, target.map(|pool| pool.kind)) else {
        return;
    };
    let name = |lot: u32| net.lots.get(lot as usize).cloned();
    let station = net.stations.get(pool.station as usize).cloned();
    let (Some(lot), Some(into), Some(station)) = (name(lot), name(into), station) else {
        return;
    };
    let reason = format!(
        "At {station} lot {lot} went into lot {into} before anything of lot {lot} had come; the link is left out."
    );
    net.doubt(Doubt {
        kind: "used before receipt",
        delivery: None,
        next: None,
        lot: Some(lot),
        station: Some(station),
        reason,
    });
}
