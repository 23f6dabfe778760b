//! The files of the supply side: receipts, inspections, consumption and the 4M changes.

use chrono::NaiveDate;

use crate::business::{
    CULPRIT, K7, MATERIALS, SECOND_SOURCE, SUPPLIERS, SUPPLY_LINES, cents, day, plus,
};
use crate::dice::{Dice, Stream};
use crate::lots::Lots;
use crate::supply::{CHANGE_ID, Supply};
use crate::table::Table;
use crate::{Options, Plant};

impl Supply {
    /// erp/receipts.csv, erp/inspections.csv, erp/consumption.csv and erp/changes.csv.
    pub fn tables(&self, options: &Options, lots: &Lots) -> Vec<Table> {
        let mut dice = Dice::new(options.seed.wrapping_add(1 << 32), Stream::Supply);
        let (receipts, inspections) = self.incoming(options, &mut dice);
        let mut consumption = Table::new(
            "erp",
            "consumption",
            &[
                "production_order_id",
                "component_lot",
                "material_id",
                "quantity",
            ],
        );
        for one in &self.uses {
            let receipt = &self.receipts[one.receipt];
            let order = &lots.lots[one.lot].production_order;
            consumption.push([
                order.as_str(),
                &receipt.component_lot,
                MATERIALS[receipt.material].0,
                &format!("{:.2}", one.amount),
            ]);
        }
        vec![receipts, inspections, consumption, self.changes()]
    }

    fn incoming(&self, options: &Options, dice: &mut Dice) -> (Table, Table) {
        let mut receipts = Table::new(
            "erp",
            "receipts",
            &[
                "receipt_id",
                "supplier_id",
                "material_id",
                "component_lot",
                "quantity",
                "unit_cost",
                "received_on",
            ],
        );
        let mut inspections = Table::new(
            "erp",
            "inspections",
            &[
                "inspection_id",
                "receipt_id",
                "component_lot",
                "inspected",
                "rejected",
                "inspected_on",
                "result",
            ],
        );
        for (position, r) in self.receipts.iter().enumerate() {
            let (_, _, _, per_pair, unit_cost) = SUPPLY_LINES[r.supply_line];
            let spare = f64::from(options.scale.sqrt() as f32) * per_pair * 60.0;
            let quantity = ((r.used * (1.05 + 0.15 * dice.unit()) + spare) / 5.0).ceil() * 5.0;
            let cost = cents(unit_cost + dice.between(-unit_cost / 40, unit_cost / 40));
            receipts.push([
                r.id.as_str(),
                SUPPLIERS[r.supplier].0,
                MATERIALS[r.material].0,
                &r.component_lot,
                &format!("{quantity:.0}"),
                &cost,
                &r.received_on.to_string(),
            ]);
            let inspected = dice.between(8, 12) * 10;
            let bad = self.suspect_receipts.contains(&position) && options.plant != Plant::None;
            let (rate, result) = if r.rejected {
                (0.12, "rejected")
            } else {
                (if bad { 0.016 } else { 0.008 }, "accepted")
            };
            let rejected = (0..inspected).filter(|_| dice.chance(rate)).count();
            let on = plus(r.received_on, dice.between(0, 1));
            inspections.push([
                format!("IN-{:04}", position + 1).as_str(),
                &r.id,
                &r.component_lot,
                &inspected.to_string(),
                &rejected.to_string(),
                &on.to_string(),
                result,
            ]);
        }
        (receipts, inspections)
    }

    /// The changes; all but two are innocent, and one stands close to the guilty one.
    fn changes(&self) -> Table {
        let header = &[
            "change_id",
            "kind",
            "supplier_id",
            "material_id",
            "effective_on",
            "note",
        ];
        let mut table = Table::new("erp", "changes", header);
        let mut rows = INNOCENT_CHANGES.to_vec();
        let near = plus(self.changed_on, 5);
        rows.extend([
            (
                CHANGE_ID,
                "material",
                CULPRIT,
                K7,
                self.changed_on,
                "Plasticiser from another source, same data sheet",
            ),
            (
                "CH-008",
                "material",
                0,
                2,
                near,
                "New colour pigment in the foam",
            ),
            (
                "CH-009",
                "material",
                CULPRIT,
                K7,
                self.restored_on,
                "Back to the former plasticiser",
            ),
        ]);
        rows.sort_by_key(|r| (r.4, r.0));
        for (id, kind, supplier, material, on, note) in rows {
            let (supplier, material) = (SUPPLIERS[supplier].0, MATERIALS[material].0);
            table.push([id, kind, supplier, material, &on.to_string(), note]);
        }
        table
    }
}

/// Id, kind, supplier, material, day, note.
type Change = (
    &'static str,
    &'static str,
    usize,
    usize,
    NaiveDate,
    &'static str,
);

/// Changes that did no harm.
#[rustfmt::skip]
const INNOCENT_CHANGES: [Change; 10] = [
    ("CH-001", "man", 0, 2, day(2025, 4, 14), "New shift leader at the foam line"),
    ("CH-002", "machine", 3, 7, day(2025, 5, 6), "Press 4 replaced"),
    ("CH-003", "method", 6, 3, day(2025, 6, 2), "Curing time raised from 40 to 45 minutes"),
    ("CH-004", "material", 7, 8, day(2025, 6, 20), "Recycled board for shoeboxes"),
    ("CH-005", "man", SECOND_SOURCE, 1, day(2025, 7, 7), "Two new mixers trained"),
    ("CH-006", "machine", CULPRIT, K7, day(2025, 5, 19), "Kneader overhauled"),
    ("CH-010", "method", 1, 4, day(2025, 10, 20), "Dyeing at 60 instead of 70 degrees"),
    ("CH-011", "machine", SECOND_SOURCE, 1, day(2025, 11, 10), "Second extruder started"),
    ("CH-012", "material", 5, 5, day(2025, 12, 1), "Hides from a second tannery"),
    ("CH-013", "man", CULPRIT, K7, day(2026, 1, 12), "New head of quality"),
];
