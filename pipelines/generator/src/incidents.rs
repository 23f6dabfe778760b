//! What goes wrong for whom: one incident is one person's trouble with one pair, however many texts follow.

use chrono::{Datelike, NaiveDate};

use crate::business::{AS_OF, CLASSIC, FIRST_DAY, REGIONS, plus};
use crate::dice::{Dice, Stream};
use crate::lots::Lots;
use crate::people::Customer;
use crate::sales::Line;
use crate::shipping::Shipment;
use crate::{Options, Plant};

/// Complaints about cracked soles per pair of a bad lot in cold regions.
pub const CRACK_RATE_COLD: f64 = 0.12;
/// Complaints about cracked soles per pair of a bad lot elsewhere.
pub const CRACK_RATE_MILD: f64 = 0.04;
/// Complaints about cracked soles per pair of any other lot.
pub const CRACK_RATE_GOOD: f64 = 0.0025;
/// The same where the plant is weak.
pub const CRACK_RATE_QUIET: f64 = 0.00025;
/// Complaints about cracked soles in the suspect period where the plant is weak.
pub const WEAK_CRACKS: usize = 4;

/// Other troubles: topic, complaints per pair, days after delivery from and to.
const TROUBLES: [(&str, f64, i64, i64); 6] = [
    ("sole_unglued", 0.0038, 20, 150),
    ("heel_torn", 0.0038, 30, 150),
    ("wrong_size", 0.0130, 1, 14),
    ("refund", 0.0062, 10, 40),
    ("box_damaged", 0.0062, 0, 4),
    ("late_delivery", 0.0040, 0, 3),
];

/// One person's trouble.
#[derive(Clone, Debug)]
pub struct Incident {
    pub topic: &'static str,
    /// Position of the order line; none when the pair was bought before the data begins.
    pub line: Option<usize>,
    /// True lot of the pair.
    pub lot: Option<usize>,
    /// Position of the customer; none for an anonymous buyer.
    pub customer: Option<usize>,
    /// Position in `PRODUCTS`.
    pub product: usize,
    /// Position in `REGIONS`.
    pub region: usize,
    /// Day of the first text.
    pub on: NaiveDate,
    /// Days since delivery, or days late.
    pub days: i64,
    /// One of the few complaints of a weak plant, which are always traceable.
    pub thin: bool,
}

/// Draws the incidents in order of line.
pub fn draw(
    options: &Options,
    lines: &[Line],
    lots: &Lots,
    shipments: &[Shipment],
    suspects: &[usize],
    customers: &[Customer],
) -> Vec<Incident> {
    let mut dice = Dice::new(options.seed, Stream::Incidents);
    let mut found = Vec::new();
    for (position, line) in lines.iter().enumerate() {
        let shipment = &shipments[position];
        if shipment.late_days >= 3 && dice.chance(if shipment.late_days > 6 { 0.38 } else { 0.12 })
        {
            push_late(position, line, lots, shipment, &mut found, &mut dice);
            continue;
        }
        let Some(delivered) = shipment.delivered_on else {
            continue;
        };
        for (lot, pairs) in &lots.of_line[position] {
            for _ in 0..*pairs {
                let suspect = suspects.binary_search(lot).is_ok();
                let drawn = trouble(options.plant, suspect, REGIONS[line.region].cold, &mut dice);
                let Some((topic, from, to)) = drawn else {
                    continue;
                };
                let to = to.min((AS_OF - delivered).num_days());
                if to >= from {
                    let days = dice.between(from, to);
                    let wait = if topic == "late_delivery" {
                        dice.between(2, 6)
                    } else {
                        days
                    };
                    found.push(of_line(
                        topic,
                        position,
                        line,
                        *lot,
                        plus(delivered, days),
                        wait,
                    ));
                }
            }
        }
    }
    if options.plant == Plant::Weak {
        thin(lines, lots, shipments, suspects, &mut found, &mut dice);
    }
    old_pairs(options.scale, customers, &mut found, &mut dice);
    found
}

fn of_line(
    topic: &'static str,
    position: usize,
    line: &Line,
    lot: usize,
    on: NaiveDate,
    days: i64,
) -> Incident {
    Incident {
        topic,
        line: Some(position),
        lot: Some(lot),
        customer: line.customer,
        product: line.product,
        region: line.region,
        on,
        days,
        thin: false,
    }
}

fn push_late(
    position: usize,
    line: &Line,
    lots: &Lots,
    shipment: &Shipment,
    found: &mut Vec<Incident>,
    dice: &mut Dice,
) {
    let on = plus(
        shipment.shipped_on,
        3 + dice.between(1, shipment.late_days + 2),
    )
    .min(AS_OF);
    found.push(of_line(
        "late_delivery",
        position,
        line,
        lots.of_line[position][0].0,
        on,
        shipment.late_days,
    ));
}

/// The trouble of one pair, with the days in which it shows.
fn trouble(
    plant: Plant,
    suspect: bool,
    cold: bool,
    dice: &mut Dice,
) -> Option<(&'static str, i64, i64)> {
    let crack = match (plant, suspect, cold) {
        (Plant::Strong, true, true) => CRACK_RATE_COLD,
        (Plant::Strong, true, false) => CRACK_RATE_MILD,
        // In the thin case the complaints of the period are planted one by one.
        (Plant::Weak, true, _) => 0.0,
        // And hardly anything elsewhere: four against a loud background would be no evidence.
        (Plant::Weak, false, _) => CRACK_RATE_QUIET,
        _ => CRACK_RATE_GOOD,
    };
    let mut point = dice.unit() - crack;
    if point < 0.0 {
        return Some(("sole_crack", 25, 140));
    }
    for (topic, rate, from, to) in TROUBLES {
        point -= rate;
        if point < 0.0 {
            return Some((topic, from, to));
        }
    }
    None
}

/// Exactly four complaints about pairs of the suspect period, by four people.
fn thin(
    lines: &[Line],
    lots: &Lots,
    shipments: &[Shipment],
    suspects: &[usize],
    found: &mut Vec<Incident>,
    dice: &mut Dice,
) {
    let mut candidates: Vec<usize> = (0..lines.len())
        .filter(|p| {
            let long_enough = shipments[*p]
                .delivered_on
                .is_some_and(|d| (AS_OF - d).num_days() >= 30);
            let parts = &lots.of_line[*p];
            let busy = found.iter().any(|i| i.line == Some(*p));
            long_enough
                && !busy
                && lines[*p].customer.is_some()
                && parts.len() == 1
                && suspects.binary_search(&parts[0].0).is_ok()
                && shipments[*p].bin.is_none()
        })
        .collect();
    let mut people = Vec::new();
    while people.len() < WEAK_CRACKS && !candidates.is_empty() {
        let position = candidates.remove(dice.below(candidates.len()));
        let (line, customer) = (&lines[position], lines[position].customer);
        if people.contains(&customer) {
            continue;
        }
        people.push(customer);
        let Some(delivered) = shipments[position].delivered_on else {
            continue;
        };
        let days = dice.between(25, 140.min((AS_OF - delivered).num_days()));
        let mut incident = of_line(
            "sole_crack",
            position,
            line,
            lots.of_line[position][0].0,
            plus(delivered, days),
            days,
        );
        incident.thin = true;
        found.push(incident);
    }
}

/// Pairs of the old model, bought years before the data begins, whose foam has rotted.
fn old_pairs(scale: f64, customers: &[Customer], found: &mut Vec<Incident>, dice: &mut Dice) {
    for _ in 0..(95.0 * scale).round() as usize {
        let customer = dice.below(customers.len());
        let on = plus(FIRST_DAY, dice.between(0, (AS_OF - FIRST_DAY).num_days()));
        let days = 365 * dice.between(4, 8) + dice.between(0, 300);
        found.push(Incident {
            topic: "hydrolysis",
            line: None,
            lot: None,
            customer: Some(customer),
            product: CLASSIC,
            region: customers[customer].region,
            on,
            days,
            thin: false,
        });
    }
}

/// November to March.
pub fn is_winter(date: NaiveDate) -> bool {
    matches!(date.month(), 11 | 12 | 1..=3)
}
