//! An invented shoe business for the tests: finished lots made with suppliers' lots of a month,
//! sold in regions and sent by carriers. Seeded, so every run is the same.

use crate::AttributeTable;
use std::collections::BTreeMap;
use tsugi_plugin::testing::{TableRun, table};
use tsugi_plugin::{Batch, Row, column};

/// The factors of every cell.
pub(super) const FACTORS: &str =
    "finished_lot,supplier_period,supplier,change,carrier,region,product";
/// What is made from what.
pub(super) const NESTED: &str = "finished_lot<supplier_period,supplier_period<supplier";

const TOPICS: [(&str, f64); 8] = [
    ("sole_crack", 0.003),
    ("sole_unglued", 0.002),
    ("heel_torn", 0.001),
    ("hydrolysis", 0.001),
    ("late_delivery", 0.010),
    ("wrong_size", 0.008),
    ("refund", 0.004),
    ("box_damaged", 0.002),
];

/// SplitMix64 (Steele, Lea and Flood 2014): small, and the same everywhere.
pub(super) struct Dice(pub u64);

impl Dice {
    /// A number from 0 up to 1.
    pub(super) fn share(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A whole number below `end`.
    pub(super) fn below(&mut self, end: usize) -> usize {
        (self.share() * end as f64) as usize
    }
}

#[derive(Clone, Copy)]
pub(super) struct Plan {
    /// Finished lots made from the bad supplier period; 0 plants nothing.
    pub bad_lots: usize,
    /// The share of their units whose sole cracks.
    pub bad_rate: f64,
    /// The share elsewhere, for `sole_crack`.
    pub base_rate: f64,
    /// Lots differ by nature: every lot's rate is multiplied by up to this.
    pub unruly: f64,
}

pub(super) const QUIET: Plan = Plan {
    bad_lots: 0,
    bad_rate: 0.0,
    base_rate: 0.003,
    unruly: 1.0,
};

/// One row of the long form.
#[derive(Clone, Debug)]
pub(super) struct CellRow {
    /// Null for shipped units.
    pub topic: Option<&'static str>,
    pub shipped: f64,
    pub complaints: f64,
    pub values: Vec<Option<String>>,
}

/// 130 lots, 8 suppliers, 60 supplier months, 12 products, 15 regions, 4 carriers, 8 topics,
/// about 20,000 units.
pub(super) fn business(seed: u64, plan: Plan) -> Vec<CellRow> {
    let mut dice = Dice(seed.wrapping_mul(0x5851_F42D_4C95_7F2D) ^ 0xA5A5);
    let mut cells: BTreeMap<(Option<&'static str>, Vec<Option<String>>), f64> = BTreeMap::new();
    for lot in 0..130 {
        let bad = lot < plan.bad_lots;
        let period = if bad { 0 } else { 1 + dice.below(59) };
        let supplier = period % 8;
        let product = if bad { lot % 3 } else { dice.below(12) };
        let change = (supplier == 0 && period / 8 >= 4).then(|| "M-2".to_owned());
        let nature = if dice.share() < 0.25 {
            plan.unruly
        } else {
            1.0
        };
        for _ in 0..100 + dice.below(110) {
            let region = (dice.share().powi(2) * 15.0) as usize;
            let carrier = if dice.share() < 0.6 {
                region % 4
            } else {
                dice.below(4)
            };
            let values = vec![
                Some(format!("L{lot:03}")),
                Some(format!("S{supplier}/{period:02}")),
                Some(format!("S{supplier}")),
                change.clone(),
                Some(format!("C{carrier}")),
                Some(format!("R{region:02}")),
                Some(format!("P{product:02}")),
            ];
            for (topic, rate) in TOPICS {
                let crack = topic == "sole_crack";
                let rate = match (crack, bad) {
                    (true, true) => plan.bad_rate,
                    (true, false) => plan.base_rate,
                    _ => rate,
                };
                if dice.share() < rate * nature {
                    *cells.entry((Some(topic), values.clone())).or_default() += 1.0;
                }
            }
            *cells.entry((None, values)).or_default() += 1.0;
        }
    }
    cells
        .into_iter()
        .map(|((topic, values), count)| {
            let (shipped, complaints) = if topic.is_none() {
                (count, 0.0)
            } else {
                (0.0, count)
            };
            CellRow {
                topic,
                shipped,
                complaints,
                values,
            }
        })
        .collect()
}

/// A row of the answer.
#[derive(Clone, Debug, PartialEq, Row)]
pub(super) struct Found {
    /// Place in the answer.
    pub rank: i64,
    pub topic: String,
    pub factor: String,
    pub value: String,
    pub complaints: i64,
    pub shipped: f64,
    /// Complaints per unit.
    pub rate: Option<f64>,
    /// Rate here over rate elsewhere.
    pub rate_ratio: Option<f64>,
    pub rate_ratio_low: Option<f64>,
    pub rate_ratio_high: Option<f64>,
    pub p_value: Option<f64>,
    /// q over all pairs.
    pub q_value: Option<f64>,
    pub llr: f64,
    /// Spread of the background.
    pub dispersion: f64,
    pub pairs_tested: i64,
    pub verdict: String,
    pub explained_by: Option<String>,
    /// What it is part of.
    pub part_of: Option<String>,
    pub reason: String,
}

/// The rows as a batch of the columns that `factors` names.
pub(super) fn cells(rows: &[CellRow], factors: &str) -> Batch {
    let mut columns = vec![
        column("topic", rows.iter().map(|row| row.topic.map(str::to_owned))),
        column("shipped", rows.iter().map(|row| row.shipped)),
        column("complaints", rows.iter().map(|row| row.complaints)),
    ];
    for (at, factor) in factors.split(',').enumerate() {
        columns.push(column(
            factor,
            rows.iter().map(|row| row.values[at].clone()),
        ));
    }
    Batch::new(columns).unwrap()
}

/// `child<parent` between commas as the rows of `nested`.
pub(super) fn nesting(nested: &str) -> Batch {
    let pairs = nested.split(',').map(|pair| pair.split_once('<').unwrap());
    let (children, parents): (Vec<&str>, Vec<&str>) = pairs.unzip();
    Batch::new([column("factor", parents), column("made_into", children)]).unwrap()
}

/// Asks `attribute` with the usual levels, through the mock host.
pub(super) fn ask(rows: &[CellRow], factors: &str, nested: Option<&str>) -> Vec<Found> {
    let mut call = table::<AttributeTable>().input("cells", cells(rows, factors));
    if let Some(nested) = nested {
        call = call.input("nested", nesting(nested));
    }
    found(&call)
}

/// The answer of a call.
pub(super) fn found(call: &TableRun<AttributeTable>) -> Vec<Found> {
    let answer = call.run_cut(1000).unwrap();
    answer
        .read::<Found>()
        .unwrap()
        .map(Result::unwrap)
        .collect()
}

/// The row of one suspect.
pub(super) fn of<'a>(found: &'a [Found], topic: &str, value: &str) -> &'a Found {
    found
        .iter()
        .find(|row| row.topic == topic && row.value == value)
        .unwrap()
}

/// A hand-made row: topic, shipped, complaints and the factor values, where "" is null.
pub(super) fn row(
    topic: Option<&'static str>,
    shipped: f64,
    complaints: f64,
    values: &[&str],
) -> CellRow {
    let values = values
        .iter()
        .map(|value| (!value.is_empty()).then(|| (*value).to_owned()))
        .collect();
    CellRow {
        topic,
        shipped,
        complaints,
        values,
    }
}
