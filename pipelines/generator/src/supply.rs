//! Receipts, inspections, what went into which lot, and the 4M changes: here the cause is planted.

use chrono::NaiveDate;

use crate::business::{AS_OF, CULPRIT, K7, PRODUCTS, SECOND_SOURCE, SUPPLY_LINES, day, plus};
use crate::dice::{Dice, Stream};
use crate::lots::Lots;
use crate::{Options, Plant};

/// One receipt of one component lot.
#[derive(Clone, Debug)]
pub struct Receipt {
    pub id: String,
    /// Position in `SUPPLIERS`.
    pub supplier: usize,
    /// Position in `MATERIALS`.
    pub material: usize,
    /// Id of the supplier's lot.
    pub component_lot: String,
    /// Day it arrived.
    pub received_on: NaiveDate,
    /// Position in `SUPPLY_LINES`.
    pub(crate) supply_line: usize,
    /// Sent back by incoming inspection, so never used.
    pub(crate) rejected: bool,
    /// Amount used in production.
    pub(crate) used: f64,
}

/// One use of a component lot.
#[derive(Clone, Debug)]
pub(crate) struct Use {
    pub(crate) lot: usize,
    pub(crate) receipt: usize,
    pub(crate) amount: f64,
}

/// The supply side, and the period in which the culprit's compound differs.
#[derive(Clone, Debug)]
pub struct Supply {
    /// Receipts by day.
    pub receipts: Vec<Receipt>,
    pub(crate) uses: Vec<Use>,
    /// Day the change at the supplier took effect.
    pub changed_on: NaiveDate,
    /// Day the supplier went back.
    pub restored_on: NaiveDate,
    /// Receipts of the culprit in the period, whether or not anything is planted.
    pub suspect_receipts: Vec<usize>,
    /// Finished lots made with them.
    pub suspect_lots: Vec<usize>,
}

/// Id of the change that starts the period.
pub const CHANGE_ID: &str = "CH-007";

/// Plans the supply for the finished lots. The day of the change is drawn anew until the period holds a fair number of
/// lots, since in a small business a few weeks can pass without any.
pub fn plan(options: &Options, lots: &Lots) -> Supply {
    let mut dice = Dice::new(options.seed, Stream::Supply);
    let count = lots.lots.len() as f64;
    let fair =
        ((count * 0.04).round().max(3.0) as usize)..=((count * 0.055).round().max(4.0) as usize);
    let mut supply = attempt(options.plant, &mut dice, lots);
    for _ in 0..200 {
        if fair.contains(&supply.0)
            && (options.plant != Plant::Weak || (110..=260).contains(&supply.1.sold(lots)))
        {
            break;
        }
        supply = attempt(options.plant, &mut dice, lots);
    }
    supply.1
}

/// One draw of the supply, with the number of lots that its full period holds.
fn attempt(plant: Plant, dice: &mut Dice, lots: &Lots) -> (usize, Supply) {
    let changed_on = plus(day(2025, 7, 28), dice.between(0, 35));
    let restored_on = plus(changed_on, dice.between(49, 53));
    let mut receipts = receipts(changed_on, restored_on, dice);
    let uses = uses(lots, &receipts, dice);
    for one in &uses {
        receipts[one.receipt].used += one.amount;
    }
    let period: Vec<usize> = (0..receipts.len())
        .filter(|r| in_period(&receipts[*r], changed_on, restored_on))
        .collect();
    let mut supply = Supply {
        receipts,
        uses,
        changed_on,
        restored_on,
        suspect_receipts: period,
        suspect_lots: Vec::new(),
    };
    supply.suspect_lots = supply.made_with(&supply.suspect_receipts);
    let full = supply.suspect_lots.len();
    if plant == Plant::Weak {
        supply.shorten(lots);
    }
    (full, supply)
}

fn in_period(receipt: &Receipt, changed_on: NaiveDate, restored_on: NaiveDate) -> bool {
    receipt.material == K7
        && receipt.supplier == CULPRIT
        && receipt.received_on >= changed_on
        && receipt.received_on < restored_on
}

fn receipts(changed_on: NaiveDate, restored_on: NaiveDate, dice: &mut Dice) -> Vec<Receipt> {
    let mut found = Vec::new();
    for (supply_line, (material, supplier, interval, _, _)) in SUPPLY_LINES.iter().enumerate() {
        let mut date = plus(day(2025, 1, 8), dice.between(0, interval / 2));
        while date <= plus(AS_OF, -5) {
            let (mut received_on, mut rejected) = (date, dice.chance(0.02));
            if *supplier == CULPRIT {
                // The change reaches the plant a few days after it took effect, and ends as it began.
                for turn in [changed_on, restored_on] {
                    if (0..3).contains(&(received_on - turn).num_days()) {
                        received_on = plus(turn, 3);
                    }
                }
                rejected = false;
            }
            found.push(Receipt {
                id: String::new(),
                supplier: *supplier,
                material: *material,
                component_lot: String::new(),
                received_on,
                supply_line,
                rejected,
                used: 0.0,
            });
            date = plus(date, interval + dice.between(-interval / 5, interval / 5));
        }
    }
    found.sort_by_key(|r| (r.received_on, r.supply_line));
    for (i, receipt) in found.iter_mut().enumerate() {
        receipt.id = format!("RC-{:04}", i + 1);
        receipt.component_lot = format!("C{}-{:03}", receipt.received_on.format("%y%m"), i + 1);
    }
    found
}

/// What each finished lot is made of.
fn uses(lots: &Lots, receipts: &[Receipt], dice: &mut Dice) -> Vec<Use> {
    let mut second_source_turn = dice.below(4);
    let mut found = Vec::new();
    // By supply line, in order of day, but for those that were sent back.
    let mut usable = vec![Vec::new(); SUPPLY_LINES.len()];
    for (at, receipt) in receipts.iter().enumerate().filter(|(_, r)| !r.rejected) {
        usable[receipt.supply_line].push(at);
    }
    let mut order: Vec<usize> = (0..lots.lots.len()).collect();
    order.sort_by_key(|l| (lots.lots[*l].started_on, *l));
    for lot in order {
        let made = &lots.lots[lot];
        let product = &PRODUCTS[made.product];
        let k7_supplier = if product.k7 {
            second_source_turn += 1;
            if second_source_turn.is_multiple_of(4) {
                SECOND_SOURCE
            } else {
                CULPRIT
            }
        } else {
            CULPRIT
        };
        for (supply_line, (material, supplier, _, per_pair, _)) in SUPPLY_LINES.iter().enumerate() {
            let needed = match (*material, supply_line) {
                (K7, _) => product.k7 && *supplier == k7_supplier,
                (1, _) => !product.k7,
                (4, _) => !product.leather,
                (5, _) => product.leather,
                (7, _) => made.product != 7,
                _ => true,
            };
            if needed {
                let amount = f64::from(made.quantity) * per_pair;
                let taken = take(
                    amount,
                    made.started_on,
                    receipts,
                    &usable[supply_line],
                    *material != K7,
                    dice,
                );
                found.extend(taken.into_iter().map(|(receipt, amount)| Use {
                    lot,
                    receipt,
                    amount,
                }));
            }
        }
    }
    found
}

/// Takes the amount from the newest receipt that was there in time, sometimes with the one before it, where deliveries
/// `run_over` into each other; each receipt with its amount.
fn take(
    amount: f64,
    started_on: NaiveDate,
    receipts: &[Receipt],
    usable: &[usize],
    run_over: bool,
    dice: &mut Dice,
) -> Vec<(usize, f64)> {
    let ready = usable.partition_point(|r| receipts[*r].received_on <= plus(started_on, -2));
    let Some((newest, earlier)) = usable[..ready].split_last() else {
        return Vec::new();
    };
    // The compound of a sole is taken from one batch of the mixer; other materials run over from one delivery to the next.
    let two = run_over && dice.chance(0.3);
    match earlier.last() {
        Some(before) if two => {
            let share = 0.2 + 0.6 * dice.unit();
            vec![(*before, amount * share), (*newest, amount * (1.0 - share))]
        }
        _ => vec![(*newest, amount)],
    }
}

impl Supply {
    /// Finished lots in which any of the receipts was used, in order.
    pub fn made_with(&self, receipts: &[usize]) -> Vec<usize> {
        let mut lots: Vec<usize> = self
            .uses
            .iter()
            .filter(|u| receipts.contains(&u.receipt))
            .map(|u| u.lot)
            .collect();
        lots.sort_unstable();
        lots.dedup();
        lots
    }

    /// Pairs sold from the suspect lots.
    fn sold(&self, lots: &Lots) -> u32 {
        self.suspect_lots.iter().map(|l| lots.lots[*l].sold).sum()
    }

    /// Keeps only as much of the period as a thin signal needs: the run of receipts whose lots sold closest to 180 pairs,
    /// at any scale.
    fn shorten(&mut self, lots: &Lots) {
        let all = self.suspect_receipts.clone();
        let mut best: Option<(u32, Vec<usize>)> = None;
        for start in 0..all.len() {
            for end in start + 1..=all.len() {
                let run = all[start..end].to_vec();
                let sold: u32 = self
                    .made_with(&run)
                    .iter()
                    .map(|l| lots.lots[*l].sold)
                    .sum();
                let distance = sold.abs_diff(180);
                if sold > 0 && best.as_ref().is_none_or(|(d, _)| distance < *d) {
                    best = Some((distance, run));
                }
            }
        }
        let Some((_, run)) = best else { return };
        if let (Some(first), Some(last)) = (run.first(), run.last()) {
            self.changed_on = plus(self.receipts[*first].received_on, -3);
            self.restored_on = plus(self.receipts[*last].received_on, 2);
        }
        self.suspect_lots = self.made_with(&run);
        self.suspect_receipts = run;
    }
}

impl Supply {
    /// First and last day on which suspect lots were received.
    pub fn period(&self) -> (String, String) {
        let mut days: Vec<NaiveDate> = self
            .suspect_receipts
            .iter()
            .map(|r| self.receipts[*r].received_on)
            .collect();
        days.sort_unstable();
        let text = |day: Option<&NaiveDate>| day.map(NaiveDate::to_string).unwrap_or_default();
        (text(days.first()), text(days.last()))
    }
}
