//! Finished lots, and which pairs of which order line come from which lot.
//!
//! Sales are cut into lots in the order in which they happened, with some jitter, so that neighbouring lots of a product
//! are sold at the same time: a lot is then made some days before its first pair is ordered.

use chrono::NaiveDate;

use crate::Options;
use crate::business::{AS_OF, PRODUCTS, plus};
use crate::dice::{Dice, Stream};
use crate::sales::Line;
use crate::table::Table;

/// A finished lot.
#[derive(Clone, Debug)]
pub struct Lot {
    /// Id, such as L2509-041.
    pub id: String,
    /// Production order id.
    pub production_order: String,
    /// Position in `PRODUCTS`.
    pub product: usize,
    /// Pairs sold.
    pub sold: u32,
    /// Pairs made.
    pub quantity: u32,
    /// Day production began.
    pub started_on: NaiveDate,
    /// Day production ended.
    pub produced_on: NaiveDate,
}

/// The lots in order of production, and for every line the lots of its pairs: (position of the lot, pairs).
#[derive(Clone, Debug)]
pub struct Lots {
    /// Finished lots.
    pub lots: Vec<Lot>,
    /// By line: one or two lots with their pairs.
    pub of_line: Vec<Vec<(usize, u32)>>,
}

impl Lots {
    /// Lots of the same product, in order of production.
    pub fn of_product(&self, product: usize) -> Vec<usize> {
        (0..self.lots.len())
            .filter(|l| self.lots[*l].product == product)
            .collect()
    }
}

/// Cuts the sales into lots.
pub fn plan(options: &Options, lines: &[Line]) -> Lots {
    let mut dice = Dice::new(options.seed, Stream::Lots);
    let total: u32 = lines.iter().map(|l| l.quantity).sum();
    // Lots grow with the business as well as in number, so that a small sample still has lots that say something.
    let target = match options.lots {
        Some(lots) => f64::from(lots),
        None => (128.0 * options.scale.sqrt()).round().max(36.0),
    };
    let per_lot = f64::from(total) / target;
    let mut lots: Vec<Lot> = Vec::new();
    let mut of_line = vec![Vec::new(); lines.len()];
    for product in 0..PRODUCTS.len() {
        cut(product, per_lot, lines, &mut lots, &mut of_line, &mut dice);
    }
    for product in [0, 3] {
        lots.push(unsold(product, per_lot, &mut dice));
    }
    in_order(lots, of_line)
}

/// Gives the pairs of one product to consecutive lots.
fn cut(
    product: usize,
    per_lot: f64,
    lines: &[Line],
    lots: &mut Vec<Lot>,
    of_line: &mut [Vec<(usize, u32)>],
    dice: &mut Dice,
) {
    let mut queue: Vec<(i64, usize)> = Vec::new();
    for (position, line) in lines
        .iter()
        .enumerate()
        .filter(|(_, l)| l.product == product)
    {
        queue.push((
            i64::from(line.ordered_on.to_epoch_days()) * 24 + dice.bell(0.0, 120.0) as i64,
            position,
        ));
    }
    queue.sort_unstable();
    let units: u32 = queue.iter().map(|(_, p)| lines[*p].quantity).sum();
    let count = (f64::from(units) / per_lot).round().max(2.0) as usize;
    let first = lots.len();
    let mut sold = vec![0_u32; count];
    let mut earliest = vec![AS_OF; count];
    let mut used = 0_u32;
    for (_, position) in queue {
        let at = |used: u32| {
            ((f64::from(used) / f64::from(units) * count as f64) as usize).min(count - 1)
        };
        let quantity = lines[position].quantity;
        let (from, to) = (at(used), at(used + quantity - 1));
        used += quantity;
        let divide = quantity > 1 && (from != to || dice.chance(0.15));
        let other = if from + 1 < count {
            from + 1
        } else {
            from.saturating_sub(1)
        };
        let parts = if divide {
            vec![(from, quantity - 1), (other, 1)]
        } else {
            vec![(from, quantity)]
        };
        for (lot, pairs) in &parts {
            sold[*lot] += pairs;
            earliest[*lot] = earliest[*lot].min(lines[position].ordered_on);
        }
        of_line[position] = parts
            .into_iter()
            .map(|(lot, pairs)| (first + lot, pairs))
            .collect();
    }
    for (sold, earliest) in sold.into_iter().zip(earliest) {
        let rest = 2 + (f64::from(sold) * (0.04 + 0.1 * dice.unit())) as u32;
        let produced_on = plus(earliest, -dice.between(8, 20));
        let started_on = plus(produced_on, -dice.between(3, 6));
        lots.push(Lot {
            id: String::new(),
            production_order: String::new(),
            product,
            sold,
            quantity: sold + rest,
            started_on,
            produced_on,
        });
    }
}

/// A lot made in the last days, of which nothing is sold yet.
fn unsold(product: usize, per_lot: f64, dice: &mut Dice) -> Lot {
    let produced_on = plus(AS_OF, -dice.between(2, 9));
    let quantity = (per_lot * 1.05) as u32;
    Lot {
        id: String::new(),
        production_order: String::new(),
        product,
        sold: 0,
        quantity,
        started_on: plus(produced_on, -4),
        produced_on,
    }
}

/// Sorts lots by day of production and names them in that order.
fn in_order(lots: Vec<Lot>, of_line: Vec<Vec<(usize, u32)>>) -> Lots {
    let mut order: Vec<usize> = (0..lots.len()).collect();
    order.sort_by_key(|l| (lots[*l].produced_on, *l));
    let mut place = vec![0; lots.len()];
    let mut sorted = Vec::with_capacity(lots.len());
    for (new, old) in order.into_iter().enumerate() {
        place[old] = new;
        let mut lot = lots[old].clone();
        lot.id = format!("L{}-{:03}", lot.produced_on.format("%y%m"), new + 1);
        lot.production_order = format!("MO-{:04}", new + 1);
        sorted.push(lot);
    }
    let of_line = of_line
        .into_iter()
        .map(|parts| parts.into_iter().map(|(l, n)| (place[l], n)).collect())
        .collect();
    Lots {
        lots: sorted,
        of_line,
    }
}

/// erp/production_orders.csv and erp/finished_lots.csv.
pub fn tables(lots: &[Lot]) -> [Table; 2] {
    let mut orders = Table::new(
        "erp",
        "production_orders",
        &[
            "production_order_id",
            "product_id",
            "plant",
            "quantity",
            "started_on",
            "finished_on",
        ],
    );
    let mut finished = Table::new(
        "erp",
        "finished_lots",
        &[
            "finished_lot",
            "production_order_id",
            "product_id",
            "quantity",
            "produced_on",
        ],
    );
    for lot in lots {
        let product = PRODUCTS[lot.product].id;
        let plant = if lot.product % 2 == 0 {
            "Aizu plant"
        } else {
            "Vogtland plant"
        };
        let (quantity, started, produced) = (
            lot.quantity.to_string(),
            lot.started_on.to_string(),
            lot.produced_on.to_string(),
        );
        orders.push([
            lot.production_order.as_str(),
            product,
            plant,
            &quantity,
            &started,
            &produced,
        ]);
        finished.push([
            lot.id.as_str(),
            &lot.production_order,
            product,
            &quantity,
            &produced,
        ]);
    }
    [orders, finished]
}
