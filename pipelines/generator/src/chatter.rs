//! Texts that follow from no incident: praise, questions, grumbling, texts that mislead, staff notes and duplicates.

use crate::business::{AS_OF, FIRST_DAY, PRODUCTS, REGIONS, plus};
use crate::dice::Dice;
use crate::incidents::Incident;
use crate::phrases::{Phrases, Slots};
use crate::texts::{Kind, WrittenText};
use crate::voices::{OWN_PLATFORM, POST_PLATFORMS, REVIEW_PLATFORMS, Traps, status, touch};
use crate::world::World;

/// The share of buyers to whom nothing happened that writes all the same.
const WRITERS: f64 = 0.108;
/// About the share of order lines of known buyers to whom nothing happened and whose pair has been there for some days.
const CONTENT: f64 = 0.8;

/// Writes the texts of buyers to whom nothing happened: about as many as are wanted.
pub fn buyers(
    world: &World,
    incidents: &[Incident],
    wanted: Option<usize>,
    phrases: &Phrases,
    dice: &mut Dice,
    traps: &mut Traps,
) -> Vec<WrittenText> {
    let share = match wanted {
        Some(wanted) => wanted as f64 / world.lines.len() as f64 / CONTENT,
        None => WRITERS,
    };
    let mut troubled = vec![false; world.lines.len()];
    for line in incidents.iter().filter_map(|i| i.line) {
        troubled[line] = true;
    }
    let mut texts = Vec::new();
    for (position, line) in world.lines.iter().enumerate() {
        let delivered = world.shipments[position].delivered_on;
        let (Some(delivered), Some(_), false) = (delivered, line.customer, troubled[position])
        else {
            continue;
        };
        let room = (AS_OF - delivered).num_days();
        if room < 5 || !dice.chance(share) {
            continue;
        }
        let days = dice.between(5, room.min(180));
        let mut written = blank(world, position, dice);
        written.created_at = plus(delivered, days);
        let language = world.language(line.customer, line.region);
        let slots = Slots {
            on: written.created_at,
            days,
            region: line.region,
            product: line.product,
            lot: String::new(),
            date: None,
        };
        content(&mut written, language, &slots, phrases, dice, traps);
        texts.push(written);
    }
    texts
}

fn blank(world: &World, position: usize, dice: &mut Dice) -> WrittenText {
    let line = &world.lines[position];
    let kind = [Kind::Review, Kind::Post, Kind::Ticket][dice.weighted(&[0.76, 0.16, 0.08])];
    let own = dice.chance(0.72);
    let platform = match kind {
        Kind::Review if own => OWN_PLATFORM,
        Kind::Review => REVIEW_PLATFORMS[dice.below(3)],
        Kind::Post => POST_PLATFORMS[dice.below(3)],
        _ => "",
    };
    let named = match kind {
        Kind::Review => own,
        Kind::Post => dice.chance(0.35),
        _ => true,
    };
    let ordered = match kind {
        Kind::Review => own,
        Kind::Post => false,
        _ => dice.chance(0.5),
    };
    WrittenText {
        kind,
        platform: platform.to_owned(),
        author: line
            .customer
            .map(|c| world.customers[c].author.clone())
            .unwrap_or_default(),
        customer: line.customer.filter(|_| named),
        order: Some(position).filter(|_| ordered),
        product: Some(line.product),
        region: line.region,
        language: if dice.chance(0.02) {
            ""
        } else {
            world.language(line.customer, line.region)
        },
        rating: 3,
        ticket_type: "",
        status: "",
        subject: String::new(),
        text: String::new(),
        needed_by: None,
        created_at: AS_OF,
        topics: Vec::new(),
        sign: 0,
        lot: Some(world.lots.of_line[position][0].0),
        incident: None,
    }
}

/// Chooses what the buyer says.
fn content(
    written: &mut WrittenText,
    language: &str,
    slots: &Slots,
    phrases: &Phrases,
    dice: &mut Dice,
    traps: &mut Traps,
) {
    let choice = dice.weighted(if written.kind == Kind::Ticket {
        &[0.1, 0.45, 0.25, 0.2]
    } else {
        &[0.68, 0.11, 0.14, 0.07]
    });
    let mut sentences = Vec::new();
    match choice {
        3 => {
            let (text, topics, sign) = phrases.lookalike(language, slots, dice);
            sentences.push(text);
            written.sign = sign;
            written.topics = topics
                .split('|')
                .filter(|t| !t.is_empty())
                .map(str::to_owned)
                .collect();
            traps.lookalikes += 1;
        }
        drawn => {
            let (pool, sign) = [("positive", 1), ("neutral", 0), ("negative", -1)][drawn];
            written.sign = sign;
            sentences.push(phrases.say(language, pool, slots, dice));
            if sign != 0 && dice.chance(0.35) {
                let more = phrases.say(language, pool, slots, dice);
                if !sentences.contains(&more) {
                    sentences.push(more);
                }
            }
        }
    }
    written.rating = match written.sign {
        1 => dice.between(4, 5),
        0 => dice.between(3, 4),
        _ => dice.between(1, 3),
    };
    if written.kind == Kind::Ticket {
        written.ticket_type = ["other", "other", "quality", "delivery"][dice.below(4)];
        written.status = status(written.created_at, dice);
        written.subject = phrases.subject(language, "other", dice);
        sentences.insert(0, phrases.say(language, "opener", slots, dice));
    }
    let text = sentences.join(if language == "ja" { "" } else { " " });
    written.text = touch(written.kind, language, text, dice);
}

/// Copies some reviews to another platform: the same author and words, with other marks and spaces.
pub fn duplicates(texts: &mut Vec<WrittenText>, dice: &mut Dice, traps: &mut Traps) {
    let originals: Vec<usize> = (0..texts.len())
        .filter(|l| texts[*l].platform == OWN_PLATFORM)
        .collect();
    for position in originals {
        if !dice.chance(0.06) {
            continue;
        }
        let mut copy = texts[position].clone();
        copy.platform = (*dice.pick(&REVIEW_PLATFORMS)).to_owned();
        copy.created_at = plus(copy.created_at, dice.between(0, 3)).min(AS_OF);
        copy.order = None;
        if dice.chance(0.8) {
            copy.customer = None;
        }
        copy.text = match dice.below(4) {
            0 => copy
                .text
                .replace(". ", ".  ")
                .replace('。', "。 ")
                .trim_end()
                .to_owned(),
            1 => copy.text.trim_end_matches(['.', '。']).to_owned(),
            2 => copy.text.replace(',', " ,").replace('、', ","),
            _ => format!("{}!!", copy.text.trim_end_matches(['.', '。', '!'])),
        };
        traps.duplicates += 1;
        texts.push(copy);
    }
}

/// What staff write on ordinary days.
pub fn staff(world: &World, scale: f64, phrases: &Phrases, dice: &mut Dice) -> Vec<WrittenText> {
    let weights: Vec<f64> = REGIONS.iter().map(|r| r.weight).collect();
    (0..(170.0 * scale).round() as usize)
        .map(|_| {
            let region = dice.weighted(&weights);
            let product = dice.below(PRODUCTS.len());
            let on = plus(FIRST_DAY, dice.between(0, (AS_OF - FIRST_DAY).num_days()));
            note(world, region, product, on, "other", phrases, dice)
        })
        .collect()
}

/// Staff in cold places see cracks before the first buyer of a bad lot writes.
pub fn early_staff(
    world: &World,
    incidents: &[Incident],
    bad: &[usize],
    scale: f64,
    phrases: &Phrases,
    dice: &mut Dice,
    traps: &mut Traps,
) -> Vec<WrittenText> {
    let first_text = incidents
        .iter()
        .filter(|i| i.topic == "sole_crack" && i.lot.is_some_and(|l| bad.binary_search(&l).is_ok()))
        .map(|i| i.on)
        .min();
    let first_pair = (0..world.lines.len())
        .filter(|p| {
            world.lots.of_line[*p]
                .iter()
                .any(|(l, _)| bad.binary_search(l).is_ok())
        })
        .filter_map(|p| world.shipments[p].delivered_on)
        .min();
    let (Some(first_text), Some(first_pair)) = (first_text, first_pair) else {
        return Vec::new();
    };
    let room = (first_text - first_pair).num_days() - 1;
    let cold: Vec<usize> = (0..REGIONS.len()).filter(|r| REGIONS[*r].cold).collect();
    (0..(6.0 * scale).round().max(3.0) as usize)
        .map(|i| {
            traps.early_notes += 1;
            let product = world.lots.lots[bad[i % bad.len()]].product;
            let on = plus(first_pair, dice.between((room / 2).min(8), room.max(1)));
            note(
                world,
                cold[i * 2 % cold.len()],
                product,
                on,
                "sole_crack",
                phrases,
                dice,
            )
        })
        .collect()
}

fn note(
    world: &World,
    region: usize,
    product: usize,
    on: chrono::NaiveDate,
    topic: &str,
    phrases: &Phrases,
    dice: &mut Dice,
) -> WrittenText {
    let language = world.language(None, region);
    let slots = Slots {
        on,
        days: 30,
        region,
        product,
        lot: String::new(),
        date: None,
    };
    let text = phrases.staff(language, topic, &slots, dice);
    let crack = topic == "sole_crack";
    WrittenText {
        kind: Kind::Note,
        platform: world.store(region),
        author: world.staff(region, dice),
        customer: None,
        order: None,
        product: Some(product),
        region,
        language,
        rating: 0,
        ticket_type: "",
        status: "",
        subject: String::new(),
        text,
        needed_by: None,
        created_at: on,
        topics: if crack {
            vec![topic.to_owned()]
        } else {
            Vec::new()
        },
        sign: if crack { -1 } else { 0 },
        lot: None,
        incident: None,
    }
}
