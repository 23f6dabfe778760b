//! What comes back, and how it is put right: returns, warranty claims, remedies.

use chrono::NaiveDate;

use crate::business::{AS_OF, plus};
use crate::dice::{Dice, Stream};
use crate::incidents::Incident;
use crate::table::Table;
use crate::world::World;
use crate::{Error, Options, Plant, unwritten};

/// erp/returns.csv, erp/warranty_claims.csv and erp/remedies.csv.
pub fn tables(
    options: &Options,
    world: &World,
    incidents: &[Incident],
    suspects: &[usize],
) -> Result<[Table; 3], Error> {
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
                .any(|(l, _)| suspects.binary_search(l).is_ok());
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
    let returns = table("returns", &RETURNS, "RT", returned, world);
    let claims = table("warranty_claims", &CLAIMS, "WC", claimed, world);
    let remedies = remedies(options.seed, &returns, &claims)?;
    Ok([returns, claims, remedies])
}

const RETURNS: [&str; 6] = [
    "return_id",
    "order_id",
    "order_line",
    "quantity",
    "reason",
    "returned_on",
];
const CLAIMS: [&str; 6] = [
    "claim_id",
    "order_id",
    "order_line",
    "quantity",
    "reason",
    "claimed_on",
];
const REMEDIES: [&str; 7] = [
    "remedy_id",
    "order_id",
    "order_line",
    "quantity",
    "kind",
    "promised_on",
    "delivered_on",
];

/// What was promised for each return (the money) and each claim (a new pair), and the day it reached the
/// customer: blank while it is under way, or when it was forgotten.
fn remedies(seed: u64, returns: &Table, claims: &Table) -> Result<Table, Error> {
    let mut dice = Dice::new(seed, Stream::Remedies);
    let mut found: Vec<(NaiveDate, Option<NaiveDate>, [String; 3], &str)> = Vec::new();
    // Days until the promise, days from there to the delivery, share that is forgotten.
    let ways = [
        (returns, "refund", (0, 2), (3, 12), 0.04),
        (claims, "replacement", (1, 5), (7, 28), 0.15),
    ];
    for (table, kind, answer, way, forgotten) in ways {
        for row in table.records().map_err(unwritten(table))? {
            let row = row.map_err(unwritten(table))?;
            let cells = [1, 2, 3].map(|at| row.get(at).unwrap_or_default().to_owned());
            let requested = row.get(5).and_then(|on| on.parse().ok());
            let promised = plus(requested.unwrap_or(AS_OF), dice.between(answer.0, answer.1));
            let delivered = plus(promised, dice.between(way.0, way.1));
            let arrives = !dice.chance(forgotten) && delivered <= AS_OF;
            found.push((promised, arrives.then_some(delivered), cells, kind));
        }
    }
    found.retain(|remedy| remedy.0 <= AS_OF);
    found.sort();
    let mut table = Table::new("erp", "remedies", &REMEDIES);
    for (promised, delivered, [order, line, quantity], kind) in found {
        let id = format!("RM-{:05}", table.len() + 1);
        let delivered = delivered.map(|on| on.to_string()).unwrap_or_default();
        let cells = [
            id.as_str(),
            &order,
            &line,
            &quantity,
            kind,
            &promised.to_string(),
            &delivered,
        ];
        table.push(cells);
    }
    Ok(table)
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
        let id = format!("{prefix}-{:05}", table.len() + 1);
        table.push([
            id.as_str(),
            &line.order(),
            &line.number.to_string(),
            "1",
            reason,
            &on.to_string(),
        ]);
    }
    table
}
