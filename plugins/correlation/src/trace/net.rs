//! The input of `trace`: deliveries, what links them, and the stations between which they went.

use super::when::Span;
use crate::input::{InputError, Place, Texts};
use std::collections::HashMap;
use std::rc::Rc;

/// Deliveries one call may hold.
pub(crate) const DELIVERIES_MAX: usize = 1 << 19;

/// Links one call may hold.
pub(crate) const LINKS_MAX: usize = 1 << 20;

/// No lot, and every station.
pub(crate) const NONE: u32 = u32::MAX;

/// A delivery as it arrives.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct DeliveryRow<'a> {
    pub delivery: Option<&'a str>,
    pub sender: Option<&'a str>,
    pub recipient: Option<&'a str>,
    /// The lot it is of.
    pub lot: Option<&'a str>,
    /// When it left; when it is not known, the arrival counts.
    pub sent: Option<Span>,
    /// When it came; when it is not known, the day of sending counts.
    pub arrived: Option<Span>,
    /// How much; carried along.
    pub quantity: Option<f64>,
    /// Its weight as an incident; below 0 speaks against.
    pub weight: Option<f64>,
    /// Whether it was mixed with the other mixed deliveries of its recipient.
    pub mixes: bool,
}

/// A link as it arrives.
#[derive(Clone, Copy, Debug)]
pub(crate) enum LinkRow<'a> {
    /// What came with one delivery left with the next.
    Delivery {
        delivery: Option<&'a str>,
        next: Option<&'a str>,
    },
    /// One lot went into another.
    Lot {
        lot: Option<&'a str>,
        /// What was made of it.
        into: Option<&'a str>,
        /// Where; everywhere when it is not known.
        station: Option<&'a str>,
        at: Option<Span>,
    },
}

/// A delivery with its names as numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Delivery {
    pub(super) sender: u32,
    pub(super) recipient: u32,
    pub(super) lot: u32,
    pub(super) mixes: bool,
    pub(super) sent: Span,
    pub(super) arrived: Span,
    pub(super) quantity: Option<f64>,
    pub(super) weight: f64,
}

/// One lot into another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LotLink {
    pub(super) lot: u32,
    pub(super) into: u32,
    pub(super) station: u32,
    pub(super) at: Span,
}

/// A link that cannot be used, and why.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Doubt {
    /// A short word for the kind.
    pub kind: &'static str,
    /// The delivery it is about.
    pub delivery: Option<Rc<str>>,
    /// The delivery that should follow.
    pub next: Option<Rc<str>>,
    /// The lot it is about.
    pub lot: Option<Rc<str>>,
    pub station: Option<Rc<str>>,
    pub reason: String,
}

/// Collects the three relations; the deliveries must come first.
#[derive(Default)]
pub(crate) struct NetReader {
    ids: Texts,
    names: Texts,
    lots: Texts,
    deliveries: Vec<Delivery>,
    stations: HashMap<u32, (f64, bool)>,
    next: Vec<(u32, u32)>,
    lot_links: Vec<LotLink>,
    doubts: Vec<Doubt>,
    rows_seen: [u64; 3],
}

/// Everything that arrived, in an order that does not depend on the order of arrival.
pub(crate) struct Net {
    pub(super) ids: Vec<Rc<str>>,
    pub(super) stations: Vec<Rc<str>>,
    pub(super) lots: Vec<Rc<str>>,
    pub(super) deliveries: Vec<Delivery>,
    pub(super) weights: Vec<f64>,
    pub(super) mixes: Vec<bool>,
    pub(super) next: Vec<(u32, u32)>,
    pub(super) lot_links: Vec<LotLink>,
    pub(super) doubts: Vec<Doubt>,
}

impl Net {
    /// Keeps a doubt, as long as there is room for more.
    pub(super) fn doubt(&mut self, doubt: Doubt) {
        if self.doubts.len() < super::DOUBTS_MAX {
            self.doubts.push(doubt);
        }
    }
}

fn named<'a>(row: u64, column: &str, value: Option<&'a str>) -> Result<&'a str, InputError> {
    value.ok_or_else(|| InputError::NullUnit {
        row,
        column: column.to_owned(),
    })
}

/// A weight may be negative, but is a number.
fn weight(place: Place<'_>, value: Option<f64>) -> Result<f64, InputError> {
    let value = value.unwrap_or(0.0);
    // What speaks against has the same bounds as what speaks for.
    place.amount("weight", Some(value.abs())).map(|_| value)
}

impl NetReader {
    /// Adds a delivery.
    ///
    /// # Errors
    /// Names the row when a name is null, a delivery is there twice, the quantity is negative, the
    /// weight is no number, or there is too much.
    pub(crate) fn delivery(&mut self, row: DeliveryRow<'_>) -> Result<(), InputError> {
        self.rows_seen[0] += 1;
        let at = self.rows_seen[0];
        let id = named(at, "delivery", row.delivery)?;
        let sender = self.names.number(named(at, "sender", row.sender)?)?;
        let recipient = self.names.number(named(at, "recipient", row.recipient)?)?;
        let about = [("delivery", Some(id))];
        let place = Place {
            row: at,
            about: &about,
        };
        let quantity = match row.quantity {
            Some(_) => Some(place.amount("quantity", row.quantity)?),
            None => None,
        };
        if self.deliveries.len() >= DELIVERIES_MAX {
            return Err(InputError::TooMuch {
                what: "deliveries",
                limit: DELIVERIES_MAX,
                hint: "Put together those of one lot, sender, recipient and day with GROUP BY, or trace a part",
            });
        }
        let number = self.ids.number(id)?;
        if (number as usize) < self.deliveries.len() {
            return Err(InputError::Twice {
                row: at,
                what: "delivery",
                name: id.to_owned(),
            });
        }
        let lot = row.lot.map_or(Ok(NONE), |lot| self.lots.number(lot))?;
        self.deliveries.push(Delivery {
            sender,
            recipient,
            lot,
            mixes: row.mixes,
            sent: row.sent.or(row.arrived).unwrap_or(Span::ANY),
            arrived: row.arrived.or(row.sent).unwrap_or(Span::ANY),
            quantity,
            weight: weight(place, row.weight)?,
        });
        Ok(())
    }

    /// Adds a link. One that names a delivery or a lot which no delivery has becomes a doubt.
    ///
    /// # Errors
    /// Names the row when a name is null, or when there are too many.
    pub(crate) fn link(&mut self, row: LinkRow<'_>) -> Result<(), InputError> {
        self.rows_seen[1] += 1;
        let at = self.rows_seen[1];
        if self.next.len() + self.lot_links.len() >= LINKS_MAX {
            return Err(InputError::TooMuch {
                what: "links",
                limit: LINKS_MAX,
                hint: "Leave out repeated links with SELECT DISTINCT, or trace a part",
            });
        }
        match row {
            LinkRow::Delivery { delivery, next } => {
                let (delivery, next) = (named(at, "delivery", delivery)?, named(at, "next", next)?);
                match (self.ids.find(delivery), self.ids.find(next)) {
                    (Some(from), Some(to)) => self.next.push((from, to)),
                    (from, _) => {
                        let unknown = if from.is_none() { delivery } else { next };
                        self.doubt(Doubt {
                            kind: "unknown delivery",
                            delivery: Some(delivery.into()),
                            next: Some(next.into()),
                            reason: format!("A link names delivery {unknown}, which is not among the deliveries; the link is left out."),
                            ..Doubt::default()
                        });
                    }
                }
            }
            LinkRow::Lot {
                lot,
                into,
                station,
                at: when,
            } => {
                let lot = self.lots.number(named(at, "lot", lot)?)?;
                let into = self.lots.number(named(at, "into_lot", into)?)?;
                let station = station.map_or(Ok(NONE), |name| self.names.number(name))?;
                let at = when.unwrap_or(Span::ANY);
                self.lot_links.push(LotLink {
                    lot,
                    into,
                    station,
                    at,
                });
            }
        }
        Ok(())
    }

    /// Adds what is known of a station.
    ///
    /// # Errors
    /// Names the row when the name is null or there twice, or the weight is no number.
    pub(crate) fn station(
        &mut self,
        name: Option<&str>,
        heavy: Option<f64>,
        mixes: bool,
    ) -> Result<(), InputError> {
        self.rows_seen[2] += 1;
        let row = self.rows_seen[2];
        let name = named(row, "station", name)?;
        let about = [("station", Some(name))];
        let heavy = weight(Place { row, about: &about }, heavy)?;
        let station = self.names.number(name)?;
        if self.stations.insert(station, (heavy, mixes)).is_some() {
            return Err(InputError::Twice {
                row,
                what: "station",
                name: name.to_owned(),
            });
        }
        Ok(())
    }

    /// The number of the next row of a relation: deliveries, links, stations.
    pub(crate) fn row(&self, relation: usize) -> u64 {
        self.rows_seen.get(relation).map_or(1, |seen| seen + 1)
    }

    fn doubt(&mut self, doubt: Doubt) {
        if self.doubts.len() < super::DOUBTS_MAX {
            self.doubts.push(doubt);
        }
    }

    /// Everything, with names in ascending order.
    pub(crate) fn finish(self) -> Net {
        let (ids, new_id) = self.ids.sorted();
        let (stations, new_station) = self.names.sorted();
        let (lots, new_lot) = self.lots.sorted();
        let new = |numbers: &[u32], old: u32| numbers.get(old as usize).copied().unwrap_or(NONE);
        let renamed = |delivery: &Delivery| Delivery {
            sender: new(&new_station, delivery.sender),
            recipient: new(&new_station, delivery.recipient),
            lot: new(&new_lot, delivery.lot),
            ..*delivery
        };
        let mut numbered: Vec<(u32, Delivery)> = (0..)
            .zip(&self.deliveries)
            .map(|(old, delivery)| (new(&new_id, old), renamed(delivery)))
            .collect();
        numbered.sort_unstable_by_key(|(number, _)| *number);
        let mut next: Vec<(u32, u32)> = self
            .next
            .iter()
            .map(|&(from, to)| (new(&new_id, from), new(&new_id, to)))
            .collect();
        next.sort_unstable();
        next.dedup();
        let mut lot_links: Vec<LotLink> = self
            .lot_links
            .iter()
            .map(|link| LotLink {
                lot: new(&new_lot, link.lot),
                into: new(&new_lot, link.into),
                station: new(&new_station, link.station),
                at: link.at,
            })
            .collect();
        lot_links.sort_unstable_by_key(|link| {
            (
                link.lot,
                link.into,
                link.station,
                link.at.first,
                link.at.last,
            )
        });
        let (mut weights, mut mixes) = (vec![0.0; stations.len()], vec![false; stations.len()]);
        for (old, (heavy, mixing)) in self.stations {
            let at = new(&new_station, old) as usize;
            if let (Some(slot), Some(flag)) = (weights.get_mut(at), mixes.get_mut(at)) {
                (*slot, *flag) = (heavy, mixing);
            }
        }
        let mut doubts = self.doubts;
        doubts.sort_by(|left, right| {
            (&left.delivery, &left.next).cmp(&(&right.delivery, &right.next))
        });
        Net {
            ids,
            stations,
            lots,
            deliveries: numbered.into_iter().map(|(_, delivery)| delivery).collect(),
            weights,
            mixes,
            next,
            lot_links,
            doubts,
        }
    }
}
