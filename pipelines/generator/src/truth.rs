//! What is true and stands in no export: bad lots, suspects, affected lines, and the places of broken rows.

use crate::business::SUPPLIERS;
use crate::business::{CULPRIT, K7, MATERIALS, PRODUCTS};
use crate::supply::{CHANGE_ID, Supply};
use crate::table::{Place, Table};
use crate::world::World;

/// truth_bad_lots: the lots made with the suspect receipts; empty where nothing is planted.
pub fn bad_lots(world: &World, bad: &[usize]) -> Table {
    let mut table = Table::new(
        "",
        "truth_bad_lots",
        &["finished_lot", "product_id", "quantity", "sold"],
    );
    for lot in bad.iter().map(|l| &world.lots.lots[*l]) {
        table.push([
            lot.id.as_str(),
            PRODUCTS[lot.product].id,
            &lot.quantity.to_string(),
            &lot.sold.to_string(),
        ]);
    }
    table
}

/// truth_suspects: one row for each component lot of the period.
pub fn suspects(supply: &Supply, planted: bool) -> Table {
    let header = &[
        "supplier_id",
        "material_id",
        "period_from",
        "period_to",
        "component_lot",
        "received_on",
        "used",
        "change_id",
    ];
    let mut table = Table::new("", "truth_suspects", header);
    let receipts: Vec<usize> = if planted {
        supply.suspect_receipts.clone()
    } else {
        Vec::new()
    };
    let (from, to) = supply.period();
    for receipt in receipts {
        let used = !supply.made_with(&[receipt]).is_empty();
        let r = &supply.receipts[receipt];
        table.push([
            SUPPLIERS[CULPRIT].0,
            MATERIALS[K7].0,
            &from,
            &to,
            &r.component_lot,
            &r.received_on.to_string(),
            if used { "true" } else { "false" },
            CHANGE_ID,
        ]);
    }
    table
}

/// truth_affected: certain where an exact row names a bad lot, possible where only rows of a mixed bin do.
pub fn affected(world: &World, bad: &[usize]) -> Table {
    let mut table = Table::new(
        "",
        "truth_affected",
        &["customer_id", "order_id", "order_line", "certainty"],
    );
    for (position, line) in world.lines.iter().enumerate() {
        let Some(certainty) = certainty(world, position, bad) else {
            continue;
        };
        let customer = line.customer.map_or("", |c| world.customers[c].id.as_str());
        table.push([customer, &line.order(), &line.number.to_string(), certainty]);
    }
    table
}

/// Whether the order line at a position is affected: certainly, possibly, or not.
pub(crate) fn certainty(world: &World, position: usize, bad: &[usize]) -> Option<&'static str> {
    let is_bad = |lot: &usize| bad.binary_search(lot).is_ok();
    match &world.shipments[position].bin {
        Some(bin) => bin.iter().any(is_bad).then_some("possible"),
        None => {
            let mut lots = world.lots.of_line[position].iter();
            lots.any(|(lot, _)| is_bad(lot)).then_some("certain")
        }
    }
}

/// truth_defects: the broken rows as they stand in the written files.
pub fn defects(places: &[Place]) -> Table {
    let mut table = Table::new("", "truth_defects", &["file", "line", "kind"]);
    for place in places {
        table.push([place.file.as_str(), &place.line.to_string(), place.kind]);
    }
    table
}
