//! What speaks beside people: sensors of connected pairs, and assistants that answer questions about the brand.

use chrono::NaiveDate;

use crate::Options;
use crate::business::{AS_OF, PRODUCTS, day, plus};
use crate::dice::{Dice, Stream};
use crate::table::Table;
use crate::world::World;

/// Assistants, invented ones.
pub const ENGINES: [&str; 3] = ["Askhollow", "Kikimimi", "Fragwinkel"];
/// The share of order lines of known customers whose pair has a sensor.
const CONNECTED: f64 = 0.02;
/// The day from which assistants repeat what buyers write.
const REPEATED_FROM: NaiveDate = day(2026, 2, 1);
/// The question, the first answer, and the answer once the cracks are known: language, then these three.
const ANSWERS: [(&str, &str, &str, &str); 6] = [
    (
        "en",
        "Is Morihane durable?",
        "Yes. Morihane is known for soles that last for years.",
        "Opinions differ. Morihane promises years, and some buyers write of cracked soles in the first winter.",
    ),
    (
        "en",
        "Which walking shoe is good in the snow?",
        "Many name the winter line of Morihane.",
        "Many name the winter line of Morihane; look at reports from cold regions first.",
    ),
    (
        "ja",
        "モリハネの靴は丈夫ですか。",
        "はい。長く履ける靴底で知られています。",
        "評価は分かれています。長持ちするという声と、最初の冬に靴底が割れたという声があります。",
    ),
    (
        "ja",
        "雪道に向く靴は。",
        "モリハネの冬用が人気です。",
        "モリハネの冬用が人気ですが、寒い地方の口コミも見てください。",
    ),
    (
        "de",
        "Sind Schuhe von Morihane haltbar?",
        "Ja, Morihane ist für langlebige Sohlen bekannt.",
        "Die Meinungen gehen auseinander: Morihane verspricht Jahre, einige Käufer schreiben von gerissenen Sohlen im ersten Winter.",
    ),
    (
        "de",
        "Welcher Schuh taugt im Schnee?",
        "Oft genannt wird die Winterreihe von Morihane.",
        "Oft genannt wird die Winterreihe von Morihane; Berichte aus kalten Gegenden sollte man vorher lesen.",
    ),
];

/// crm/device_signals.csv and crm/assistant_answers.csv.
pub fn tables(options: &Options, world: &World, suspects: &[usize]) -> [Table; 2] {
    let mut dice = Dice::new(options.seed, Stream::Signals);
    [
        signals(world, suspects, &mut dice),
        answers(!suspects.is_empty(), &mut dice),
    ]
}

fn signals(world: &World, suspects: &[usize], dice: &mut Dice) -> Table {
    let mut readings = Vec::new();
    let mut devices = 0;
    for (position, line) in world.lines.iter().enumerate() {
        let (Some(customer), Some(delivered)) =
            (line.customer, world.shipments[position].delivered_on)
        else {
            continue;
        };
        if !dice.chance(CONNECTED) {
            continue;
        }
        devices += 1;
        let bad = world.lots.of_line[position]
            .iter()
            .any(|(lot, _)| suspects.binary_search(lot).is_ok());
        // A sole that is about to crack bends more with every week; a sound one does not.
        let mut flex = dice.between(18, 26);
        for week in [2, 6, 12] {
            flex += if bad {
                dice.between(6, 14)
            } else {
                dice.between(0, 2)
            };
            let on = plus(delivered, week * 7 + dice.between(0, 3));
            if on <= AS_OF {
                readings.push((on, devices, customer, line.product, flex));
            }
        }
    }
    readings.sort_unstable();
    let mut table = Table::new("crm", "device_signals", &SIGNALS);
    for (number, (on, device, customer, product, flex)) in readings.into_iter().enumerate() {
        table.push([
            format!("DS-{:05}", number + 1),
            format!("DV-{device:05}"),
            world.customers[customer].id.clone(),
            PRODUCTS[product].id.to_owned(),
            "sole_flex".to_owned(),
            flex.to_string(),
            "degrees".to_owned(),
            on.to_string(),
        ]);
    }
    table
}

fn answers(planted: bool, dice: &mut Dice) -> Table {
    let mut table = Table::new("crm", "assistant_answers", &ANSWER_COLUMNS);
    let mut number = 0;
    for month in [10, 11, 12, 1, 2, 3] {
        let first = day(if month > 3 { 2025 } else { 2026 }, month, 1);
        for engine in ENGINES {
            for (language, question, before, after) in ANSWERS {
                number += 1;
                let on = plus(first, dice.between(0, 26));
                let text = if planted && on >= REPEATED_FROM {
                    after
                } else {
                    before
                };
                table.push([
                    &format!("AA-{number:05}"),
                    engine,
                    language,
                    question,
                    text,
                    &on.to_string(),
                ]);
            }
        }
    }
    table
}

const SIGNALS: [&str; 8] = [
    "signal_id",
    "device_id",
    "customer_id",
    "product_id",
    "signal",
    "value",
    "unit",
    "measured_at",
];
const ANSWER_COLUMNS: [&str; 6] = [
    "answer_id",
    "engine",
    "language",
    "question",
    "text",
    "asked_on",
];
