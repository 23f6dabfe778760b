//! The texts that follow from incidents: first texts, second texts, and the ways in which they cannot be traced.

use chrono::NaiveDate;

use crate::business::{AS_OF, plus};
use crate::dice::Dice;
use crate::incidents::Incident;
use crate::phrases::{Phrases, Slots, typed_lot};
use crate::texts::{Kind, WrittenText};
use crate::world::World;

/// The brand's own review page.
pub const OWN_PLATFORM: &str = "morihane.example";
/// Other review pages.
pub const REVIEW_PLATFORMS: [&str; 3] = ["Kutsubanashi", "Schuhgeflüster", "Solegazer"];
/// Where people post.
pub const POST_PLATFORMS: [&str; 3] = ["Saezurin", "Zwitscherfels", "Pingpond"];
const TYPES: [&str; 6] = [
    "quality",
    "delivery",
    "size",
    "refund",
    "packaging",
    "other",
];
/// How a phrase begins that brings its own greeting.
const GREETINGS: [&str; 3] = ["Sehr geehrte", "Dear ", "お世話"];
/// Topics of pairs that broke, after which some want their money back.
const BROKEN: [&str; 4] = ["sole_crack", "sole_unglued", "heel_torn", "wrong_size"];

/// How often each trap was set, for the README and the tests.
#[derive(Clone, Debug, Default)]
pub struct Traps {
    /// Tickets filed under a type that is not theirs.
    pub wrong_type: usize,
    /// Complaint tickets without an order id.
    pub no_order: usize,
    /// Texts that name their lot.
    pub lot_in_text: usize,
    /// Texts that name their lot in full-width letters and digits.
    pub full_width: usize,
    /// Second texts about the same incident.
    pub second_texts: usize,
    /// Reviews that stand on two platforms.
    pub duplicates: usize,
    /// Texts that look like a complaint and are not, or are of another topic.
    pub lookalikes: usize,
    /// Staff notes about cracks before the first text from a buyer of a bad lot.
    pub early_notes: usize,
}

/// Writes the texts of all incidents.
pub fn write(
    world: &World,
    incidents: &[Incident],
    phrases: &Phrases,
    dice: &mut Dice,
    traps: &mut Traps,
) -> Vec<WrittenText> {
    let mut texts = Vec::new();
    for (position, incident) in incidents.iter().enumerate() {
        let first = first_text(world, position, incident, phrases, dice, traps);
        let again = first.kind == Kind::Ticket
            && first.customer.is_some()
            && dice.chance(if incident.thin { 0.5 } else { 0.11 });
        let at = plus(first.created_at, dice.between(5, 16));
        if again && at <= AS_OF {
            traps.second_texts += 1;
            texts.push(second_text(world, &first, incident, at, phrases, dice));
        }
        texts.push(first);
    }
    texts
}

fn first_text(
    world: &World,
    position: usize,
    incident: &Incident,
    phrases: &Phrases,
    dice: &mut Dice,
    traps: &mut Traps,
) -> WrittenText {
    let known = incident.customer.is_some();
    let kind = if incident.thin {
        Kind::Ticket
    } else if known {
        [Kind::Ticket, Kind::Review, Kind::Post][dice.weighted(&[0.56, 0.28, 0.16])]
    } else if incident.topic == "sole_crack" && dice.chance(0.15) {
        Kind::Note
    } else {
        [Kind::Ticket, Kind::Review, Kind::Post][dice.weighted(&[0.45, 0.28, 0.27])]
    };
    let mut written = blank(world, kind, incident, dice);
    written.incident = Some(position);
    let mut slots = slots(incident, incident.on);
    if kind == Kind::Note {
        written.text = phrases.staff(
            world.language(incident.customer, incident.region),
            "sole_crack",
            &slots,
            dice,
        );
        return written;
    }
    let names_lot = trace(&mut written, incident, dice);
    let language = world.language(incident.customer, incident.region);
    let mut sentences = vec![phrases.say(language, incident.topic, &slots, dice)];
    if kind == Kind::Ticket && (incident.thin || dice.chance(0.14)) {
        add(
            &mut sentences,
            phrases.say(language, incident.topic, &slots, dice),
        );
    }
    if let (true, Some(lot)) = (names_lot, incident.lot) {
        let (typed, wide) = typed_lot(&world.lots.lots[lot].id, language, dice);
        slots.lot = typed;
        sentences.push(phrases.say(language, "lot_note", &slots, dice));
        traps.lot_in_text += 1;
        traps.full_width += usize::from(wide);
    }
    if BROKEN.contains(&incident.topic) && !incident.thin && dice.chance(0.14) {
        sentences.push(phrases.say(language, "refund", &slots, dice));
        written.topics.push("refund".to_owned());
    }
    if kind == Kind::Ticket {
        ticket(
            &mut written,
            incident,
            language,
            &mut sentences,
            phrases,
            dice,
            traps,
        );
    }
    written.text = assemble(kind, language, sentences, &slots, phrases, dice);
    written
}

fn add(sentences: &mut Vec<String>, sentence: String) {
    if !sentences.contains(&sentence) {
        sentences.push(sentence);
    }
}

/// The facts of a text that follow from the incident alone.
fn blank(world: &World, kind: Kind, incident: &Incident, dice: &mut Dice) -> WrittenText {
    let language = world.language(incident.customer, incident.region);
    let own = incident.line.is_some() && incident.customer.is_some() && dice.chance(0.75);
    let platform = match kind {
        Kind::Review if own => OWN_PLATFORM.to_owned(),
        Kind::Review => (*dice.pick(&REVIEW_PLATFORMS)).to_owned(),
        Kind::Post => (*dice.pick(&POST_PLATFORMS)).to_owned(),
        Kind::Note => world.store(incident.region),
        Kind::Ticket => String::new(),
    };
    let author = match (kind, incident.customer) {
        (Kind::Note, _) => world.staff(incident.region, dice),
        (_, Some(c)) => world.customers[c].author.clone(),
        _ => world.stranger(language, dice),
    };
    WrittenText {
        kind,
        platform,
        author,
        customer: incident.customer,
        order: incident.line,
        product: Some(incident.product),
        region: incident.region,
        language: if kind != Kind::Note && dice.chance(0.03) {
            ""
        } else {
            language
        },
        rating: dice.between(1, 2),
        ticket_type: "",
        status: "",
        subject: String::new(),
        text: String::new(),
        needed_by: None,
        created_at: incident.on,
        topics: vec![incident.topic.to_owned()],
        sign: -1,
        lot: incident.lot,
        incident: None,
    }
}

/// Takes from the record what its writer left out; true when the text is to name the lot.
fn trace(written: &mut WrittenText, incident: &Incident, dice: &mut Dice) -> bool {
    match written.kind {
        Kind::Review => {
            if written.platform != OWN_PLATFORM {
                written.customer = None;
                written.order = None;
            }
            incident.lot.is_some() && dice.chance(0.03)
        }
        Kind::Post => {
            written.order = None;
            if dice.chance(0.65) {
                written.customer = None;
            }
            if dice.chance(0.1) {
                written.product = None;
            }
            incident.lot.is_some() && dice.chance(0.03)
        }
        Kind::Note => false,
        Kind::Ticket if incident.thin => dice.chance(0.25),
        Kind::Ticket if incident.customer.is_none() || incident.line.is_none() => {
            written.order = None;
            if dice.chance(0.3) {
                written.product = None;
            }
            incident.lot.is_some() && dice.chance(0.35)
        }
        Kind::Ticket => match dice.weighted(&[0.68, 0.1, 0.15, 0.07]) {
            0 => dice.chance(0.1),
            1 => {
                written.order = None;
                true
            }
            2 => {
                written.order = None;
                false
            }
            _ => {
                written.order = None;
                written.customer = None;
                written.product = if dice.chance(0.5) {
                    written.product
                } else {
                    None
                };
                false
            }
        },
    }
}

/// Type, status, subject and date of a complaint ticket.
fn ticket(
    written: &mut WrittenText,
    incident: &Incident,
    language: &str,
    sentences: &mut Vec<String>,
    phrases: &Phrases,
    dice: &mut Dice,
    traps: &mut Traps,
) {
    let right = match incident.topic {
        "late_delivery" => "delivery",
        "wrong_size" => "size",
        "refund" => "refund",
        "box_damaged" => "packaging",
        _ => "quality",
    };
    written.ticket_type = if dice.chance(0.3) {
        TYPES[dice.below(TYPES.len())]
    } else {
        right
    };
    traps.wrong_type += usize::from(written.ticket_type != right);
    traps.no_order += usize::from(written.order.is_none());
    written.subject = phrases.subject(language, incident.topic, dice);
    written.status = status(written.created_at, dice);
    let recent = (AS_OF - written.created_at).num_days() < 30;
    let dated = matches!(incident.topic, "late_delivery" | "wrong_size") && written.order.is_some();
    if dated && dice.chance(if recent { 0.8 } else { 0.08 }) {
        let needed = if recent {
            plus(AS_OF, dice.between(2, 14))
        } else {
            plus(written.created_at, dice.between(5, 20))
        };
        written.needed_by = Some(needed);
        if needed > AS_OF {
            written.status = "open";
        }
        let mut slots = slots(incident, written.created_at);
        slots.date = Some(needed);
        sentences.push(phrases.say(language, "urgent", &slots, dice));
    }
}

/// Old tickets are mostly closed, new ones mostly open.
pub fn status(created_at: NaiveDate, dice: &mut Dice) -> &'static str {
    let recent = (AS_OF - created_at).num_days() < 14;
    ["open", "pending", "closed"][dice.weighted(if recent {
        &[0.6, 0.3, 0.1]
    } else {
        &[0.07, 0.1, 0.83]
    })]
}

fn second_text(
    world: &World,
    first: &WrittenText,
    incident: &Incident,
    at: NaiveDate,
    phrases: &Phrases,
    dice: &mut Dice,
) -> WrittenText {
    let mut written = first.clone();
    let language = world.language(incident.customer, incident.region);
    let mut slots = slots(incident, at);
    let repeated = phrases.say(language, incident.topic, &slots, dice);
    slots.days = (at - first.created_at).num_days();
    written.created_at = at;
    written.topics = vec![incident.topic.to_owned()];
    written.needed_by = None;
    written.status = status(at, dice);
    written.ticket_type = if dice.chance(0.5) {
        first.ticket_type
    } else {
        "other"
    };
    if dice.chance(0.4) {
        written.order = None;
    }
    let sentences = vec![phrases.say(language, "followup", &slots, dice), repeated];
    written.text = assemble(Kind::Ticket, language, sentences, &slots, phrases, dice);
    written
}

fn slots(incident: &Incident, on: NaiveDate) -> Slots {
    Slots {
        on,
        days: incident.days,
        region: incident.region,
        product: incident.product,
        lot: String::new(),
        date: None,
    }
}

/// Puts sentences together as people do on each channel.
pub fn assemble(
    kind: Kind,
    language: &str,
    sentences: Vec<String>,
    slots: &Slots,
    phrases: &Phrases,
    dice: &mut Dice,
) -> String {
    let joint = if language == "ja" { "" } else { " " };
    let mut text = sentences.join(joint);
    let complaint_end = match kind {
        Kind::Ticket => 0.55,
        Kind::Review => 0.3,
        _ => 0.2,
    };
    if dice.chance(complaint_end) {
        text = format!(
            "{text}{joint}{}",
            phrases.say(language, "closer", slots, dice)
        );
    }
    let greets = GREETINGS.iter().any(|g| text.starts_with(g));
    if kind == Kind::Ticket && !greets && dice.chance(0.6) {
        // Some texts keep the blank line between greeting and body.
        let gap = if dice.chance(0.08) { "\n\n" } else { joint };
        text = format!(
            "{}{gap}{text}",
            phrases.say(language, "opener", slots, dice)
        );
    }
    touch(kind, language, text, dice)
}

/// Small habits of writing that change no meaning.
pub fn touch(kind: Kind, language: &str, text: String, dice: &mut Dice) -> String {
    let text = if language != "ja" && kind != Kind::Ticket && dice.chance(0.08) {
        text.to_lowercase()
    } else {
        text
    };
    match dice.weighted(if kind == Kind::Post {
        &[0.7, 0.2, 0.1]
    } else {
        &[0.96, 0.01, 0.03]
    }) {
        1 => format!("{text} #morihane"),
        2 if text.ends_with(['.', '。']) => format!("{}!", text.trim_end_matches(['.', '。'])),
        _ => text,
    }
}
