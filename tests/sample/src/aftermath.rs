//! What comes back: returns and warranty claims.

use chrono::NaiveDate;

use crate::business::{AS_OF, plus};
use crate::dice::{Dice, Stream};
use crate::incidents::Incident;
use crate::table::Table;
use crate::world::World;
use crate::{Options, Plant};

/// erp/returns.csv and erp/warranty_claims.csv.
pub fn tables(
    options: &Options,
    world: &World,
    incidents: &[Incident],
    suspects: &[usize],
) -> [Table; 2] {
    let mut dice = Dice::new(options.seed, Stream::Aftermath);
    let mut returned: Vec<(NaiveDate, usize, &str)> = Vec::new();
    let mut claimed: Vec<(NaiveDate, usize, &str)> = Vec::new();
    let mut troubled = vec![false; world.lines.len()];
    for incident in incidents {
        let Some(line) = incident.line else { continue };
        troubled[line] = true;
        let (back, claim, reason) = chances(incident.topic);
        let on = plus(incident.on, dice.between(3, 20));
        if dice.chance(back) {
            returned.push((on, line, reason));
        } else if dice.chance(claim) {
            claimed.push((on, line, reason));
        }
    }
    for (position, line) in world.lines.iter().enumerate() {
        let (Some(delivered), false) = (world.shipments[position].delivered_on, troubled[position])
        else {
            continue;
        };
        let bad = options.plant == Plant::Strong
            && world.lots.of_line[position]
                .iter()
                .any(|(l, _)| suspects.contains(l));
        if dice.chance(0.035) {
            let reason = ["wrong_size", "not_liked", "damaged_on_arrival"]
                [dice.weighted(&[0.5, 0.42, 0.08])];
            returned.push((plus(delivered, dice.between(2, 25)), position, reason));
        } else if bad && dice.chance(0.02 * f64::from(line.quantity)) {
            // Some people bring a broken pair back and write nothing.
            returned.push((
                plus(delivered, dice.between(30, 150)),
                position,
                "sole_defect",
            ));
        } else if dice.chance(0.003) {
            let reason = ["upper_defect", "sole_defect", "seam_defect"][dice.below(3)];
            claimed.push((plus(delivered, dice.between(20, 200)), position, reason));
        }
    }
    [
        table(
            "returns",
            [
                "return_id",
                "order_id",
                "order_line",
                "quantity",
                "reason",
                "returned_on",
            ]
            .as_slice(),
            "RT",
            returned,
            world,
        ),
        table(
            "warranty_claims",
            [
                "claim_id",
                "order_id",
                "order_line",
                "quantity",
                "reason",
                "claimed_on",
            ]
            .as_slice(),
            "WC",
            claimed,
            world,
        ),
    ]
}

/// Chance of a return, chance of a claim where nothing is returned, and the reason in the record.
fn chances(topic: &str) -> (f64, f64, &'static str) {
    match topic {
        "sole_crack" => (0.55, 0.7, "sole_defect"),
        "sole_unglued" => (0.35, 0.5, "sole_defect"),
        "heel_torn" => (0.3, 0.45, "upper_defect"),
        "wrong_size" => (0.65, 0.0, "wrong_size"),
        "refund" => (0.8, 0.0, "not_liked"),
        "box_damaged" => (0.12, 0.0, "damaged_on_arrival"),
        "late_delivery" => (0.15, 0.0, "arrived_late"),
        _ => (0.0, 0.0, "other"),
    }
}

fn table(
    name: &'static str,
    header: &'static [&'static str],
    prefix: &str,
    mut rows: Vec<(NaiveDate, usize, &str)>,
    world: &World,
) -> Table {
    let mut table = Table::new("erp", name, header);
    rows.retain(|r| r.0 <= AS_OF);
    rows.sort();
    // A line comes back once, however many pairs of it gave trouble.
    let mut seen = vec![false; world.lines.len()];
    for (on, position, reason) in rows {
        let line = &world.lines[position];
        if std::mem::replace(&mut seen[position], true) {
            continue;
        }
        let id = format!("{prefix}-{:05}", table.rows.len() + 1);
        table.push([
            id.as_str(),
            &line.order,
            &line.number.to_string(),
            "1",
            reason,
            &on.to_string(),
        ]);
    }
    table
}
