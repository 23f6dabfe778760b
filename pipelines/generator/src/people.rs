//! The customers, and what the brand may send them and has sent them.

use chrono::NaiveDate;

use crate::business::{AS_OF, FIRST_DAY, REGIONS, day, plus};
use crate::dice::{Dice, Stream};
use crate::names;
use crate::table::Table;

#[derive(Clone, Debug)]
pub struct Customer {
    pub id: String,
    /// Invented name.
    pub name: String,
    /// What the person signs with on platforms.
    pub author: String,
    /// Address under `.example`.
    pub email: String,
    /// Number that cannot be dialled or is reserved for fiction.
    pub phone: String,
    /// ja, en, de or blank when unknown.
    pub language: &'static str,
    /// IANA zone or blank when unknown.
    pub time_zone: &'static str,
    /// Position in `REGIONS`.
    pub region: usize,
    /// email, sms or post.
    pub channel: &'static str,
    /// Store or adviser who looks after the person.
    pub owner: String,
    /// May be written to at all.
    pub addressable: bool,
    /// Always read by a human before anything is sent.
    pub important: bool,
    /// Day the record was made.
    pub created_at: NaiveDate,
}

impl Customer {
    /// The language the person writes in, also where the record does not say.
    pub fn writes(&self) -> &'static str {
        match (self.language, REGIONS[self.region].country) {
            ("", "JP") => "ja",
            ("", _) => "de",
            (known, _) => known,
        }
    }
}

/// Makes the customers; `created_at` is settled once the sales are known.
pub fn customers(seed: u64, scale: f64) -> Vec<Customer> {
    let mut dice = Dice::new(seed, Stream::People);
    let weights: Vec<f64> = REGIONS.iter().map(|r| r.weight).collect();
    let count = (6000.0 * scale).round() as usize;
    (0..count)
        .map(|i| customer(i, dice.weighted(&weights), &mut dice))
        .collect()
}

fn customer(i: usize, region: usize, dice: &mut Dice) -> Customer {
    let country = REGIONS[region].country;
    let spoken = match country {
        "JP" => ["ja", "en"][dice.weighted(&[0.95, 0.05])],
        "CH" => ["de", "en"][dice.weighted(&[0.84, 0.16])],
        _ => ["de", "en"][dice.weighted(&[0.92, 0.08])],
    };
    let (name, latin) = names::person(spoken, dice);
    let time_zone = match country {
        "JP" => "Asia/Tokyo",
        "CH" => "Europe/Zurich",
        _ => "Europe/Berlin",
    };
    let place: String = REGIONS[region]
        .place
        .chars()
        .take(3)
        .filter(char::is_ascii_alphabetic)
        .collect();
    let owner = if dice.chance(0.7) {
        format!("ST-{}", place.to_uppercase())
    } else {
        format!("AD-{:02}", 1 + dice.below(12))
    };
    Customer {
        id: format!("C-{:06}", i + 1),
        author: format!(
            "{}{}",
            latin.split('.').next_back().unwrap_or_default(),
            10 + dice.below(90)
        ),
        email: format!(
            "{latin}.{}@{}.example",
            i + 1,
            dice.pick(&["mail", "postfach", "tegami", "letterbox"])
        ),
        phone: names::phone(country, i),
        name,
        // English writers in Japan or Germany are always recorded; only the common language of a country may be missing.
        language: if spoken != "en" && dice.chance(0.04) {
            ""
        } else {
            spoken
        },
        time_zone: if dice.chance(0.06) { "" } else { time_zone },
        region,
        channel: ["email", "sms", "post"][dice.weighted(&[0.8, 0.12, 0.08])],
        owner,
        addressable: !dice.chance(0.05),
        important: dice.chance(0.06),
        created_at: plus(day(2021, 6, 1), dice.between(0, 1390)),
    }
}

/// crm/customers.csv.
pub fn table(customers: &[Customer]) -> Table {
    let mut table = Table::new(
        "crm",
        "customers",
        &[
            "customer_id",
            "name",
            "email",
            "phone",
            "language",
            "time_zone",
            "country",
            "region",
            "channel",
            "owner",
            "addressable",
            "value_class",
            "created_at",
        ],
    );
    for c in customers {
        let region = &REGIONS[c.region];
        let (addressable, value) = (
            if c.addressable { "true" } else { "false" },
            if c.important { "important" } else { "standard" },
        );
        let created = c.created_at.to_string();
        table.push([
            &c.id,
            c.name.as_str(),
            &c.email,
            &c.phone,
            c.language,
            c.time_zone,
            region.country,
            region.name,
            c.channel,
            &c.owner,
            addressable,
            value,
            &created,
        ]);
    }
    table
}

/// crm/consents.csv: what people said about advertisements, with where it is written down.
pub fn consents(seed: u64, customers: &[Customer]) -> Table {
    let mut table = Table::new(
        "crm",
        "consents",
        &[
            "consent_id",
            "customer_id",
            "purpose",
            "channel",
            "state",
            "at",
            "proof",
        ],
    );
    let mut dice = Dice::new(seed.wrapping_add(1 << 32), Stream::People);
    for c in customers {
        if !dice.chance(0.72) {
            continue;
        }
        let first = ["granted", "refused", "unconfirmed"][dice.weighted(&[0.72, 0.16, 0.12])];
        let mut at = c.created_at;
        let mut states = vec![first];
        if first == "granted" && dice.chance(0.12) {
            states.push("refused");
        } else if first == "unconfirmed" && dice.chance(0.3) {
            states.push("granted");
        }
        for state in states {
            let proof = match state {
                "unconfirmed" => String::new(),
                "granted" => format!(
                    "{}-{:05}",
                    dice.pick(&["form", "double-opt-in", "store-card"]),
                    dice.below(100_000)
                ),
                _ => format!(
                    "{}-{:05}",
                    dice.pick(&["letter", /* by post */ "unsubscribe-link", "call"]),
                    dice.below(100_000)
                ),
            };
            let id = format!("CN-{:06}", table.len() + 1);
            table.push([
                id.as_str(),
                &c.id,
                "advertisement",
                c.channel,
                state,
                &at.to_string(),
                &proof,
            ]);
            at = plus(at, dice.between(20, 300)).min(AS_OF);
        }
    }
    table
}

/// crm/sends.csv: what was sent before.
pub fn sends(seed: u64, customers: &[Customer]) -> Table {
    let mut table = Table::new(
        "crm",
        "sends",
        &[
            "send_id",
            "customer_id",
            "channel",
            "purpose",
            "template",
            "sent_at",
            "outcome",
        ],
    );
    let mut dice = Dice::new(seed.wrapping_add(2 << 32), Stream::People);
    let mut rows = Vec::new();
    for (position, c) in customers.iter().enumerate() {
        // A few people have been written to far too often in the last weeks.
        let weary = dice.chance(0.02);
        let count = if weary {
            dice.between(5, 8)
        } else {
            dice.between(0, 2)
        };
        for _ in 0..count {
            let from = if weary {
                plus(AS_OF, -21)
            } else {
                c.created_at.max(FIRST_DAY)
            };
            let at = plus(from, dice.between(0, (AS_OF - from).num_days()));
            let (purpose, template) = *dice.pick(&[
                ("advertisement", "spring-news"),
                ("advertisement", "members-week"),
                ("advertisement", "new-colours"),
                ("transaction", "order-confirmation"),
                ("service", "care-tips"),
            ]);
            let outcome = ["delivered", "opened", "bounced", "unsubscribed"]
                [dice.weighted(&[0.55, 0.38, 0.05, 0.02])];
            rows.push((at, position, purpose, template, outcome));
        }
    }
    rows.sort();
    for (at, position, purpose, template, outcome) in rows {
        let c = &customers[position];
        let id = format!("SD-{:06}", table.len() + 1);
        table.push([
            id.as_str(),
            &c.id,
            c.channel,
            purpose,
            template,
            &at.to_string(),
            outcome,
        ]);
    }
    table
}
