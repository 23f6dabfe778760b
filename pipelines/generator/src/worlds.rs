//! Small businesses with a planted cause, as lots and counts: what a supplier delivered when, which lots were made of it,
//! what was sold of them where and on which day, and who complained when. Thousands of them can be judged in minutes.

use crate::dice::{Dice, Stream};

/// The last day.
pub const DAYS: u32 = 540;
/// What is complained about, and how often a unit is; cracks are the planted topic.
pub const TOPICS: [(&str, f64); 5] = [
    ("crack", 0.002),
    ("glue", 0.002),
    ("heel", 0.001),
    ("size", 0.008),
    ("colour", 0.003),
];
/// Kinds of parts with their factor, and the suppliers that deliver them.
pub const PARTS: [(&str, &[&str]); 4] = [
    ("outsole", &["S1 M1", "S2 M2"]),
    ("midsole", &["S3 M3"]),
    ("upper", &["S4 M4", "S5 M5"]),
    ("heel", &["S1 M6"]),
];
const PRODUCTS: usize = 8;
const REGIONS: usize = 12;

/// What is planted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A bad time of one supplier's material without a record.
    NoRecord,
    /// The same with records of its begin and end that are three weeks early and six weeks late.
    ShiftedRecord,
    /// The same with one record, of an innocent change in the middle of it.
    InnocentRecord,
    /// Good, then bad for two months, then good, and the material is in every lot.
    GoodBadGood,
    /// Two bad times of one material.
    TwoWindows,
    /// The bad time begins with the first delivery.
    AtTheStart,
    /// The bad time lasts to the end.
    AtTheEnd,
    /// One lot of 14 units, most of them bad.
    SmallLot,
    /// Two materials of one supplier are bad at once.
    TwoMaterials,
    /// A third of all lots take a part from two deliveries.
    MixedLots,
    /// The bad product is sold in one region only.
    OneRegion,
    /// A young bad lot, and old lots that had far more time to fail.
    YoungAndOld,
    Nothing,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::NoRecord,
        Self::ShiftedRecord,
        Self::InnocentRecord,
        Self::GoodBadGood,
        Self::TwoWindows,
        Self::AtTheStart,
        Self::AtTheEnd,
        Self::SmallLot,
        Self::TwoMaterials,
        Self::MixedLots,
        Self::OneRegion,
        Self::YoungAndOld,
        Self::Nothing,
    ];
}

/// A finished lot.
#[derive(Clone, Debug)]
pub struct Lot {
    pub name: String,
    /// The product, from 0; products 0 to 3 take the first supplier's part of each kind.
    pub product: usize,
    /// The plant, 0 or 1.
    pub plant: usize,
    /// Day of production.
    pub made: u32,
    /// By kind of part: the day of the delivery that the largest share is from, and of the other one where it is mixed.
    pub parts: [(u32, Option<u32>); PARTS.len()],
    /// A part of it is from a bad delivery.
    pub bad: bool,
}

impl Lot {
    /// The supplier and material of a kind of part.
    pub fn series(&self, part: usize) -> &'static str {
        let (_, suppliers) = PARTS[part];
        suppliers[usize::from(self.product >= PRODUCTS / 2).min(suppliers.len() - 1)]
    }
}

/// A sold unit.
#[derive(Clone, Debug)]
pub struct Unit {
    /// Place of its lot.
    pub lot: usize,
    /// Where it was sold, from 0.
    pub region: usize,
    /// Day of the sale.
    pub sold: u32,
    /// Complaints: place of the topic, and the day.
    pub complaints: Vec<(usize, u32)>,
}

/// A business.
#[derive(Clone, Debug)]
pub struct Small {
    /// In order of production.
    pub lots: Vec<Lot>,
    /// What was sold up to the last day.
    pub units: Vec<Unit>,
    /// The supplier's materials that are bad at some time.
    pub planted: Vec<&'static str>,
    /// Recorded changes of suppliers' materials: kind of part, supplier and material, and day.
    pub records: Vec<(usize, &'static str, u32)>,
}

/// Deliveries from the first day to the last that are bad: kind of part, supplier, and days.
fn bad_times(kind: Kind, dice: &mut Dice) -> Vec<(usize, usize, u32, u32)> {
    let from = 120 + dice.below(150) as u32;
    let one = |from, to| vec![(0, 0, from, to)];
    match kind {
        Kind::Nothing => Vec::new(),
        Kind::AtTheStart => one(0, 60),
        Kind::AtTheEnd => one(400, DAYS),
        Kind::TwoWindows => vec![(0, 0, 90, 130), (0, 0, 280, 330)],
        Kind::TwoMaterials => vec![(0, 0, from, from + 50), (3, 0, from, from + 50)],
        Kind::SmallLot => one(from, from),
        Kind::YoungAndOld => one(360, 385),
        Kind::NoRecord
        | Kind::ShiftedRecord
        | Kind::InnocentRecord
        | Kind::GoodBadGood
        | Kind::MixedLots
        | Kind::OneRegion => one(from, from + 55),
    }
}

/// What was recorded of changes, right or wrong, beside these bad times.
fn records(kind: Kind, times: &[(usize, usize, u32, u32)]) -> Vec<(usize, &'static str, u32)> {
    let days = |from: u32, to: u32| match kind {
        Kind::ShiftedRecord => vec![from - 21, to + 42],
        Kind::InnocentRecord => vec![(from + to) / 2],
        _ => Vec::new(),
    };
    let of = |&(part, supplier, from, to): &(usize, usize, u32, u32)| {
        let series = PARTS[part].1[supplier];
        days(from, to)
            .into_iter()
            .map(move |day| (part, series, day))
    };
    times.iter().flat_map(of).collect()
}

/// Days of delivery of every supplier's material.
fn deliveries(dice: &mut Dice) -> Vec<Vec<Vec<u32>>> {
    let mut days = |_: &&str| {
        let mut day = dice.below(8) as u32;
        let mut days = Vec::new();
        while day < DAYS {
            days.push(day);
            day += 9 + dice.below(8) as u32;
        }
        days
    };
    PARTS
        .iter()
        .map(|(_, suppliers)| suppliers.iter().map(&mut days).collect())
        .collect()
}

/// A business in which this is planted.
pub fn small(seed: u64, kind: Kind) -> Small {
    let mut dice = Dice::new(seed, Stream::Lots);
    let deliveries = deliveries(&mut dice);
    let times = bad_times(kind, &mut dice);
    let mut small = Small {
        lots: Vec::new(),
        units: Vec::new(),
        planted: times
            .iter()
            .map(|(part, supplier, ..)| PARTS[*part].1[*supplier])
            .collect(),
        records: records(kind, &times),
    };
    let mut made = 14;
    while made + 10 < DAYS {
        // Where every lot has the material there is no other supplier to compare with.
        let products = if kind == Kind::GoodBadGood {
            PRODUCTS / 2
        } else {
            PRODUCTS
        };
        let product = dice.below(products);
        let (lot, share) = lot(
            small.lots.len(),
            (kind, product, made),
            &deliveries,
            &times,
            &mut dice,
        );
        small.lots.push(lot);
        sell(&mut small, share, kind, &mut dice);
        made += 2 + dice.below(5) as u32;
    }
    if kind == Kind::SmallLot {
        small_lot(&mut small, &deliveries, &mut dice);
    }
    small
}

/// A lot and the share of it that is of bad parts.
fn lot(
    at: usize,
    (kind, product, made): (Kind, usize, u32),
    deliveries: &[Vec<Vec<u32>>],
    times: &[(usize, usize, u32, u32)],
    dice: &mut Dice,
) -> (Lot, f64) {
    let mut good = 1.0;
    let mut parts = [(0, None); PARTS.len()];
    let half = usize::from(product >= PRODUCTS / 2);
    for (part, slot) in parts.iter_mut().enumerate() {
        let supplier = half.min(deliveries[part].len() - 1);
        let days = &deliveries[part][supplier];
        let latest = days
            .partition_point(|day| day + 3 <= made)
            .saturating_sub(1);
        let mixed = kind == Kind::MixedLots && latest > 0 && dice.chance(0.33);
        let (main, other) = (days[latest], mixed.then(|| days[latest - 1]));
        *slot = (main, other);
        let is_bad = |day: u32| {
            let times = times.iter();
            kind != Kind::SmallLot
                && times
                    .clone()
                    .any(|t| (t.0, t.1) == (part, supplier) && (t.2..=t.3).contains(&day))
        };
        let share = match other {
            Some(other) => {
                0.7 * f64::from(u8::from(is_bad(main))) + 0.3 * f64::from(u8::from(is_bad(other)))
            }
            None => f64::from(u8::from(is_bad(main))),
        };
        good *= 1.0 - share;
    }
    let lot = Lot {
        name: format!("L{at:04}"),
        product,
        plant: product % 2,
        made,
        parts,
        bad: good < 1.0,
    };
    (lot, 1.0 - good)
}

/// Sells the units of the newest lot.
fn sell(small: &mut Small, share: f64, kind: Kind, dice: &mut Dice) {
    let at = small.lots.len() - 1;
    let (made, bad) = (small.lots[at].made, small.lots[at].bad);
    let count = 90 + dice.below(130);
    let rate = if kind == Kind::YoungAndOld {
        0.09
    } else {
        0.05
    };
    for _ in 0..count {
        let region = match kind {
            Kind::OneRegion if bad => 3,
            _ => (dice.unit() * dice.unit() * REGIONS as f64) as usize,
        };
        let sold = made + 4 + dice.below(70) as u32;
        unit(small, (at, region, sold), share * rate, dice);
    }
}

/// One lot of 14 units from a delivery of its own.
fn small_lot(small: &mut Small, deliveries: &[Vec<Vec<u32>>], dice: &mut Dice) {
    let middle = small.lots.len() / 3;
    let mut lot = small.lots[middle].clone();
    lot.product = 0;
    lot.plant = 0;
    lot.bad = true;
    lot.name = "L9999".into();
    let days = &deliveries[0][0];
    let latest = days
        .partition_point(|day| day + 3 <= lot.made)
        .saturating_sub(1);
    lot.parts[0] = (days[latest] + 1, None);
    let made = lot.made;
    small.lots.push(lot);
    for _ in 0..14 {
        let sold = made + 4 + dice.below(40) as u32;
        unit(small, (small.lots.len() - 1, 0, sold), 0.6, dice);
    }
}

/// A unit, if it was sold by the last day, with the complaints that came by then.
fn unit(small: &mut Small, (lot, region, sold): (usize, usize, u32), extra: f64, dice: &mut Dice) {
    let mut complaints = Vec::new();
    for (topic, (_, rate)) in TOPICS.iter().enumerate() {
        let rate = rate + if topic == 0 { extra } else { 0.0 };
        // The chance and the delay are drawn whether needed or not, so that worlds differ only in what is planted.
        let (fails, delay) = (dice.unit() < rate, dice.unit() + dice.unit() + dice.unit());
        let day = sold + 3 + (delay * 50.0) as u32;
        if fails && day <= DAYS {
            complaints.push((topic, day));
        }
    }
    if sold <= DAYS {
        small.units.push(Unit {
            lot,
            region,
            sold,
            complaints,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_world_has_what_is_planted_and_the_same_each_time() {
        for kind in Kind::ALL {
            for seed in 0..5 {
                let world = small(seed, kind);
                let bad = world.lots.iter().filter(|lot| lot.bad).count();
                assert_eq!(
                    bad == 0,
                    kind == Kind::Nothing,
                    "{kind:?} {seed}: {bad} bad lots"
                );
                assert!(bad * 3 < world.lots.len(), "{kind:?} {seed}: {bad}");
                assert!(world.lots.len() > 90 && world.units.len() > 9_000);
                let cracks = |bad: bool| {
                    let units = world
                        .units
                        .iter()
                        .filter(|unit| world.lots[unit.lot].bad == bad);
                    let (count, cracked) = units.fold((0, 0), |(all, some), unit| {
                        (
                            all + 1,
                            some + unit.complaints.iter().filter(|one| one.0 == 0).count(),
                        )
                    });
                    f64::from(cracked as u32) / f64::from(count.max(1))
                };
                // What was made last has had little time to fail.
                let times = if kind == Kind::AtTheEnd { 1.0 } else { 4.0 };
                assert!(
                    bad == 0 || cracks(true) > times * cracks(false),
                    "{kind:?} {seed}"
                );
                let again = small(seed, kind);
                assert_eq!(format!("{:?}", again.units), format!("{:?}", world.units));
            }
        }
    }
}
