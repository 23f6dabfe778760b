//! Shipments and stock: exact picks, lines filled from two lots, and mixed bins.

use chrono::NaiveDate;

use crate::business::{AS_OF, LATE_CARRIER, LATE_FROM, LATE_TO, REGIONS, SITES, carriers, plus};
use crate::dice::{Dice, Stream};
use crate::lots::Lots;
use crate::sales::Line;
use crate::table::Table;

/// How one order line left the house.
#[derive(Clone, Debug)]
pub struct Shipment {
    /// Carrier, or `counter` for goods handed over in a store.
    pub carrier: &'static str,
    /// Day it left.
    pub shipped_on: NaiveDate,
    /// Day it arrived; none while it is still on the road.
    pub delivered_on: Option<NaiveDate>,
    /// Days behind schedule.
    pub late_days: i64,
    /// Lots that the record names when the pick came from a mixed bin; the true one is among them.
    pub bin: Option<Vec<usize>>,
}

pub fn ship(seed: u64, lines: &[Line], lots: &Lots) -> Vec<Shipment> {
    let mut dice = Dice::new(seed, Stream::Shipping);
    let mut neighbours = vec![Vec::new(); lots.lots.len()];
    for product in 0..crate::business::PRODUCTS.len() {
        let of_product = lots.of_product(product);
        for (i, lot) in of_product.iter().enumerate() {
            let near = [i.checked_sub(1), Some(i + 1)];
            neighbours[*lot] = near
                .into_iter()
                .flatten()
                .filter_map(|n| of_product.get(n).copied())
                .collect();
        }
    }
    lines
        .iter()
        .zip(&lots.of_line)
        .map(|(line, parts)| one(line, parts, lots, &neighbours, &mut dice))
        .collect()
}

fn one(
    line: &Line,
    parts: &[(usize, u32)],
    lots: &Lots,
    neighbours: &[Vec<usize>],
    dice: &mut Dice,
) -> Shipment {
    let counter = line.channel == "store";
    let (shipped_on, carrier) = if counter {
        (line.ordered_on, "counter")
    } else {
        let choices = carriers(REGIONS[line.region].country);
        let weights: Vec<f64> = choices.iter().map(|c| c.1).collect();
        (
            plus(line.ordered_on, dice.between(1, 3)).min(AS_OF),
            choices[dice.weighted(&weights)].0,
        )
    };
    let mut late_days = if !counter && dice.chance(0.02) {
        dice.between(3, 7)
    } else {
        0
    };
    if carrier == LATE_CARRIER && (LATE_FROM..=LATE_TO).contains(&shipped_on) {
        late_days = dice.between(7, 16);
    }
    let arrival = if counter {
        shipped_on
    } else {
        plus(shipped_on, dice.between(1, 3) + late_days)
    };
    let bin = if !counter && parts.len() == 1 && dice.chance(0.06) {
        bin(parts[0].0, shipped_on, lots, neighbours, dice)
    } else {
        None
    };
    Shipment {
        carrier,
        shipped_on,
        delivered_on: (arrival <= AS_OF).then_some(arrival),
        late_days,
        bin,
    }
}

/// The lots that shared a bin with the true one: neighbours that were already made.
fn bin(
    lot: usize,
    shipped_on: NaiveDate,
    lots: &Lots,
    neighbours: &[Vec<usize>],
    dice: &mut Dice,
) -> Option<Vec<usize>> {
    let mut near: Vec<usize> = neighbours[lot]
        .iter()
        .copied()
        .filter(|l| lots.lots[*l].produced_on <= plus(shipped_on, -2))
        .collect();
    if near.len() > 1 && dice.chance(0.75) {
        near.remove(dice.below(near.len()));
    }
    if near.is_empty() {
        return None;
    }
    near.push(lot);
    near.sort_unstable();
    Some(near)
}

/// erp/shipments.csv.
pub fn table(lines: &[Line], lots: &Lots, shipments: &[Shipment]) -> Table {
    let mut table = Table::new(
        "erp",
        "shipments",
        &[
            "shipment_id",
            "order_id",
            "order_line",
            "finished_lot",
            "quantity",
            "pick",
            "carrier",
            "shipped_on",
            "delivered_on",
        ],
    );
    for (position, (line, shipment)) in lines.iter().zip(shipments).enumerate() {
        let rows: Vec<(usize, u32, &str)> = match &shipment.bin {
            Some(bin) => bin.iter().map(|l| (*l, line.quantity, "mixed")).collect(),
            None => lots.of_line[position]
                .iter()
                .map(|(l, n)| (*l, *n, "exact"))
                .collect(),
        };
        let delivered = shipment
            .delivered_on
            .map(|d| d.to_string())
            .unwrap_or_default();
        for (lot, quantity, pick) in rows {
            let id = format!("SH-{:06}", table.len() + 1);
            table.push([
                id.as_str(),
                &line.order(),
                &line.number.to_string(),
                &lots.lots[lot].id,
                &quantity.to_string(),
                pick,
                shipment.carrier,
                &shipment.shipped_on.to_string(),
                &delivered,
            ]);
        }
    }
    table
}

/// erp/stock.csv: what was made and not sold, by site. Returned pairs are not put back.
pub fn stock(seed: u64, lots: &Lots) -> Table {
    let mut table = Table::new(
        "erp",
        "stock",
        &["site", "finished_lot", "quantity", "as_of"],
    );
    let mut dice = Dice::new(seed.wrapping_add(1 << 32), Stream::Shipping);
    for lot in &lots.lots {
        let mut left = lot.quantity - lot.sold;
        let sites = 1 + dice.below(3);
        for n in 0..sites {
            let share = if n + 1 == sites {
                left
            } else {
                dice.below(left as usize + 1) as u32
            };
            if share > 0 {
                let site = SITES[(lot.product * 2 + n * 2 + sites) % SITES.len()].0;
                table.push([
                    site,
                    lot.id.as_str(),
                    &share.to_string(),
                    &AS_OF.to_string(),
                ]);
            }
            left -= share;
        }
    }
    table
}
