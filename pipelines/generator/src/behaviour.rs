//! What people do rather than write: on the website and in the app, with a public post, in a survey of the staff, and
//! in answer to a message.

use chrono::NaiveDate;

use crate::Options;
use crate::business::{AS_OF, PRODUCTS, REGIONS, day, plus};
use crate::dice::{Dice, Stream};
use crate::incidents::Incident;
use crate::promotion::promises;
use crate::table::Table;
use crate::truth::certainty;
use crate::world::World;

/// From this day on, visitors of the affected products leave their carts more often.
const DOUBTED_FROM: NaiveDate = day(2026, 2, 1);
/// What people type who have seen a crack and have not written yet: language, words.
const SEARCHES: [(&str, &str); 3] = [
    ("ja", "靴底 ひび割れ 交換"),
    ("en", "sole cracked repair"),
    ("de", "Sohle gerissen Garantie"),
];
/// The share of informed buyers who answer, and what they choose.
const ANSWERED: f64 = 0.31;
const CHOICES: [(&str, f64); 3] = [("replacement", 0.55), ("refund", 0.38), ("", 0.07)];
const ANSWERS: [(&str, [&str; 3]); 3] = [
    (
        "ja",
        [
            "新しい靴との交換をお願いします。",
            "返金を希望します。",
            "どうすればよいですか。電話をください。",
        ],
    ),
    (
        "en",
        [
            "A new pair, please.",
            "I would like my money back.",
            "I am not sure what to do. Please call me.",
        ],
    ),
    (
        "de",
        [
            "Bitte ein neues Paar.",
            "Ich möchte das Geld zurück.",
            "Ich weiss nicht recht. Bitte rufen Sie mich an.",
        ],
    ),
];

/// crm/replies.csv, crm/web_events.csv, crm/post_reach.csv and crm/staff_answers.csv.
pub(crate) fn tables(
    options: &Options,
    world: &World,
    incidents: &[Incident],
    bad: &[usize],
    posts: &Table,
) -> [Table; 4] {
    let mut dice = Dice::new(options.seed, Stream::Behaviour);
    [
        replies(world, bad, &mut dice),
        web_events(world, incidents, bad, &mut dice),
        post_reach(posts, &mut dice),
        staff_answers(options.scale, &mut dice),
    ]
}

/// Buyers of bad lots answer in April, after the exports: a run for the end of March sees none of them.
fn replies(world: &World, bad: &[usize], dice: &mut Dice) -> Table {
    let mut found = Vec::new();
    let mut answered = vec![false; world.customers.len()];
    for (position, line) in world.lines.iter().enumerate() {
        let (Some(customer), Some(_)) = (line.customer, certainty(world, position, bad)) else {
            continue;
        };
        if std::mem::replace(&mut answered[customer], true)
            || !world.customers[customer].addressable
        {
            continue;
        }
        if dice.chance(ANSWERED) {
            let choice = dice.weighted(&CHOICES.map(|(_, share)| share));
            let on = plus(AS_OF, dice.between(1, 24));
            let named = dice.chance(0.8);
            found.push((on, position, customer, choice, named));
        }
    }
    found.sort_unstable();
    let mut table = Table::new("crm", "replies", &REPLIES);
    for (number, (on, position, customer, choice, named)) in found.into_iter().enumerate() {
        let person = &world.customers[customer];
        let language = person.writes();
        let texts = ANSWERS.iter().find(|(spoken, _)| *spoken == language);
        let text = texts.map_or("", |(_, texts)| texts[choice]);
        let order = match named {
            true => world.lines[position].order(),
            false => String::new(),
        };
        table.push([
            format!("RP-{:05}", number + 1).as_str(),
            person.id.as_str(),
            &order,
            person.channel,
            CHOICES[choice].0,
            language,
            text,
            &on.to_string(),
        ]);
    }
    table
}

/// One event: day, customer, event, product, words.
type Event = (NaiveDate, usize, &'static str, usize, &'static str);

/// What people did on the website or in the app: before a purchase, without one, and in need of help.
fn visits(world: &World, incidents: &[Incident], bad: &[usize], dice: &mut Dice) -> Vec<Event> {
    let affected = |product: usize| {
        bad.iter()
            .any(|lot| world.lots.lots[*lot].product == product)
    };
    let mut events: Vec<Event> = Vec::new();
    for line in world.lines.iter().filter(|line| line.channel == "online") {
        let Some(customer) = line.customer else {
            continue;
        };
        if dice.chance(0.22) {
            let before = plus(line.ordered_on, -dice.between(0, 4));
            events.push((before, customer, "page_view", line.product, ""));
            events.push((line.ordered_on, customer, "cart_add", line.product, ""));
        }
    }
    // Visits without a purchase.
    for customer in 0..world.customers.len() {
        if !dice.chance(0.2) {
            continue;
        }
        let on = plus(AS_OF, -dice.between(0, 180));
        let product = dice.below(PRODUCTS.len());
        events.push((on, customer, "page_view", product, ""));
        let doubted = on >= DOUBTED_FROM && affected(product);
        if dice.chance(0.4) {
            events.push((on, customer, "cart_add", product, ""));
        }
        if events.last().is_some_and(|event| event.2 == "cart_add")
            && dice.chance(if doubted { 0.8 } else { 0.35 })
        {
            events.push((on, customer, "cart_left", product, ""));
        }
    }
    // Some look for help before they write.
    for incident in incidents.iter().filter(|one| one.topic == "sole_crack") {
        let Some(customer) = incident.customer else {
            continue;
        };
        if dice.chance(0.4) {
            let language = world.customers[customer].writes();
            let words = SEARCHES.iter().find(|(spoken, _)| *spoken == language);
            let on = plus(incident.on, -dice.between(2, 16));
            let words = words.map_or("", |(_, words)| *words);
            events.push((on, customer, "search", incident.product, words));
        }
    }
    events.retain(|event| event.0 <= AS_OF);
    events.sort_unstable();
    events
}

fn web_events(world: &World, incidents: &[Incident], bad: &[usize], dice: &mut Dice) -> Table {
    let mut table = Table::new("crm", "web_events", &EVENTS);
    let events = visits(world, incidents, bad, dice).into_iter();
    for (number, (on, customer, event, product, words)) in events.enumerate() {
        let person = &world.customers[customer];
        // Not everybody is logged in; who looks for help is.
        let known = event != "page_view" || dice.chance(0.7);
        table.push([
            format!("WE-{:06}", number + 1).as_str(),
            if known { person.id.as_str() } else { "" },
            if dice.chance(0.3) { "app" } else { "web" },
            event,
            if event == "search" {
                ""
            } else {
                PRODUCTS[product].id
            },
            REGIONS[person.region].country,
            person.writes(),
            words,
            &on.to_string(),
        ]);
    }
    table
}

/// Most posts are seen by few; a handful runs.
fn post_reach(posts: &Table, dice: &mut Dice) -> Table {
    let mut table = Table::new("crm", "post_reach", &REACH);
    for row in posts.rows() {
        let (Some(id), Some(written)) = (row.get(0), row.get(row.len() - 1)) else {
            continue;
        };
        if !dice.chance(0.5) {
            continue;
        }
        let runs = dice.chance(0.04);
        let (mut views, mut shares) = (dice.between(5, 60), 0);
        for hour in [2, 12, 22] {
            views += match runs {
                true => dice.between(900, 5_000),
                false => dice.between(0, 40),
            };
            shares += match runs {
                true => dice.between(20, 120),
                false => i64::from(dice.chance(0.2)),
            };
            let at = format!("{written}T{hour:02}:00:00");
            table.push([id, &at, &views.to_string(), &shares.to_string()]);
        }
    }
    table
}

/// Stores know what is printed on the box; of the promise of quick delivery few know.
fn staff_answers(scale: f64, dice: &mut Dice) -> Table {
    let mut table = Table::new("crm", "staff_answers", &STAFF);
    let mut number = 0;
    for region in &REGIONS {
        for staff in 0..((3.0 * scale).round() as usize).max(1) {
            let on = plus(day(2026, 3, 2), dice.between(0, 11));
            for claim in promises() {
                number += 1;
                let knows = dice.chance(if claim == "fast_delivery" { 0.35 } else { 0.85 });
                let agrees = dice.chance(if claim == "durable" { 0.5 } else { 0.9 });
                let agrees = if agrees { "true" } else { "false" };
                table.push([
                    format!("SA-{number:05}").as_str(),
                    &format!("{} store", region.place),
                    &format!("{}-{}", region.place, staff + 1),
                    region.country,
                    claim,
                    if knows { "true" } else { "false" },
                    if knows { agrees } else { "" },
                    &on.to_string(),
                ]);
            }
        }
    }
    table
}

const REPLIES: [&str; 8] = [
    "reply_id",
    "customer_id",
    "order_id",
    "channel",
    "choice",
    "language",
    "text",
    "received_at",
];
const EVENTS: [&str; 9] = [
    "event_id",
    "customer_id",
    "channel",
    "event",
    "product_id",
    "country",
    "language",
    "words",
    "happened_at",
];
const REACH: [&str; 4] = ["post_id", "measured_at", "views", "shares"];
const STAFF: [&str; 8] = [
    "answer_id",
    "store",
    "staff",
    "country",
    "claim",
    "knows",
    "agrees",
    "answered_on",
];
