//! What people say, read from the phrase files, with the slots filled in the words of each language.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use serde::Deserialize;

use crate::Error;
use crate::business::{PRODUCTS, REGIONS};
use crate::dice::Dice;
use crate::incidents::is_winter;

/// Languages of the sample.
pub const LANGUAGES: [&str; 3] = ["ja", "en", "de"];
/// Topics of complaints.
pub const TOPICS: [&str; 8] = [
    "sole_crack",
    "sole_unglued",
    "heel_torn",
    "late_delivery",
    "wrong_size",
    "refund",
    "box_damaged",
    "hydrolysis",
];

/// Words that belong to cold days, and words that belong to the turn of the year.
const COLD_WORDS: [&str; 14] = [
    "snow",
    "frost",
    "slush",
    "cold!!",
    "minus f",
    "winter",
    "Schnee",
    "kalt",
    "Winter",
    "雪",
    "寒",
    "氷点下",
    "冬",
    "凍",
];
const YEAR_END_WORDS: [&str; 6] = [
    "Christmas",
    "holidays",
    "Weihnachten",
    "クリスマス",
    "年末",
    "年明け",
];

/// A text that looks like a complaint of some topic and is not, or is of another.
#[derive(Clone, Debug, Deserialize)]
pub struct Lookalike {
    /// True topics, separated by a bar; mostly none.
    pub topics: String,
    /// 1, 0 or -1.
    pub sign: i64,
    /// The sentences.
    pub phrases: Vec<String>,
}

/// The phrases of one language.
#[derive(Clone, Debug, Deserialize)]
pub struct Voice {
    /// Sentences by topic and by use (`positive`, `opener`, `lot_note` and so on).
    #[serde(flatten)]
    pub pools: BTreeMap<String, Vec<String>>,
    /// Subject lines by topic.
    pub subjects: BTreeMap<String, Vec<String>>,
    /// What staff write, by topic.
    pub staff: BTreeMap<String, Vec<String>>,
    /// Texts that mislead.
    pub lookalike: Vec<Lookalike>,
}

/// The phrases of all languages.
#[derive(Clone, Debug)]
pub struct Phrases(BTreeMap<&'static str, Voice>);

/// What the slots of a phrase stand for.
#[derive(Clone, Debug)]
pub struct Slots {
    /// Day of writing.
    pub on: NaiveDate,
    /// Days since delivery, days late or days since the last text.
    pub days: i64,
    /// Position in `REGIONS`.
    pub region: usize,
    /// Position in `PRODUCTS`.
    pub product: usize,
    /// Lot as the person types it.
    pub lot: String,
    /// Day by which something is needed.
    pub date: Option<NaiveDate>,
}

impl Phrases {
    /// Reads the phrase files that are part of this program.
    pub fn load() -> Result<Self, Error> {
        let files = [
            include_str!("../phrases/ja.toml"),
            include_str!("../phrases/en.toml"),
            include_str!("../phrases/de.toml"),
        ];
        let mut voices = BTreeMap::new();
        for (language, text) in LANGUAGES.into_iter().zip(files) {
            let voice = toml::from_str(text).map_err(|e| Error::Phrases {
                language,
                reason: e.to_string(),
            })?;
            voices.insert(language, voice);
        }
        let phrases = Phrases(voices);
        phrases.check()?;
        Ok(phrases)
    }

    fn check(&self) -> Result<(), Error> {
        let uses = [
            "positive", "neutral", "negative", "opener", "closer", "followup", "lot_note", "urgent",
        ];
        for (language, voice) in &self.0 {
            let missing = |name: &str| Error::Phrases {
                language,
                reason: format!("no phrases under {name}"),
            };
            for name in TOPICS.into_iter().chain(uses) {
                if voice.pools.get(name).is_none_or(Vec::is_empty) {
                    return Err(missing(name));
                }
            }
            for name in TOPICS.into_iter().chain(["other"]) {
                if voice.subjects.get(name).is_none_or(Vec::is_empty) {
                    return Err(missing(&format!("subjects.{name}")));
                }
            }
            for name in ["sole_crack", "other"] {
                if voice.staff.get(name).is_none_or(Vec::is_empty) {
                    return Err(missing(&format!("staff.{name}")));
                }
            }
            if voice.lookalike.is_empty() || voice.lookalike.iter().any(|l| l.phrases.is_empty()) {
                return Err(missing("lookalike"));
            }
        }
        Ok(())
    }

    /// The phrases of a language; German where the language is not one of the sample's.
    pub fn voice(&self, language: &str) -> &Voice {
        self.0.get(language).unwrap_or(&self.0["de"])
    }

    /// A sentence of a pool that fits the season, with its slots filled.
    pub fn say(&self, language: &str, pool: &str, slots: &Slots, dice: &mut Dice) -> String {
        one(&self.voice(language).pools[pool], language, slots, dice)
    }

    /// A subject line.
    pub fn subject(&self, language: &str, topic: &str, dice: &mut Dice) -> String {
        let subjects = &self.voice(language).subjects;
        dice.pick(subjects.get(topic).unwrap_or(&subjects["other"]))
            .clone()
    }

    /// A staff note.
    pub fn staff(&self, language: &str, topic: &str, slots: &Slots, dice: &mut Dice) -> String {
        one(&self.voice(language).staff[topic], language, slots, dice)
    }

    /// A text that misleads, with its true topics and sign.
    pub fn lookalike(
        &self,
        language: &str,
        slots: &Slots,
        dice: &mut Dice,
    ) -> (String, String, i64) {
        let groups = &self.voice(language).lookalike;
        let weights: Vec<f64> = groups.iter().map(|g| g.phrases.len() as f64).collect();
        let group = &groups[dice.weighted(&weights)];
        (
            one(&group.phrases, language, slots, dice),
            group.topics.clone(),
            group.sign,
        )
    }
}

fn one(pool: &[String], language: &str, slots: &Slots, dice: &mut Dice) -> String {
    let mut phrase = dice.pick(pool);
    for _ in 0..24 {
        if in_season(phrase, slots.on) {
            break;
        }
        phrase = dice.pick(pool);
    }
    fill(phrase, language, slots)
}

fn in_season(phrase: &str, on: NaiveDate) -> bool {
    let year_end =
        matches!(on.month(), 12 | 1) || !YEAR_END_WORDS.iter().any(|w| phrase.contains(w));
    year_end && (is_winter(on) || !COLD_WORDS.iter().any(|w| phrase.contains(w)))
}

fn fill(phrase: &str, language: &str, slots: &Slots) -> String {
    if !phrase.contains('{') {
        return phrase.to_owned();
    }
    let region = &REGIONS[slots.region];
    let place = if language == "ja" {
        region.place_ja
    } else {
        region.place
    };
    phrase
        .replace("{age}", &age(language, slots.days))
        .replace("{days}", &slots.days.max(2).to_string())
        .replace("{years}", &(slots.days / 365).max(4).to_string())
        .replace("{place}", place)
        .replace("{product}", PRODUCTS[slots.product].name)
        .replace("{lot}", &slots.lot)
        .replace(
            "{date}",
            &slots.date.map(|d| date(language, d)).unwrap_or_default(),
        )
}

fn age(language: &str, days: i64) -> String {
    let (count, months) = if days >= 60 {
        (days / 30, true)
    } else {
        ((days / 7).max(2), false)
    };
    match (language, months) {
        ("ja", true) => format!("{count}か月"),
        ("ja", false) => format!("{count}週間"),
        ("en", true) => format!("{count} months"),
        ("en", false) => format!("{count} weeks"),
        (_, true) => format!("{count} Monaten"),
        (_, false) => format!("{count} Wochen"),
    }
}

fn date(language: &str, date: NaiveDate) -> String {
    match language {
        "ja" => format!("{}月{}日", date.month(), date.day()),
        "en" => date.format("%-d %B").to_string(),
        _ => format!("{}.{}.", date.day(), date.month()),
    }
}

/// The lot as people type it: copied, in small letters, without the dash, or in full width on a Japanese keyboard.
pub fn typed_lot(lot: &str, language: &str, dice: &mut Dice) -> (String, bool) {
    if language == "ja" && dice.chance(0.6) {
        let wide = lot.chars().map(|c| {
            if ('!'..='~').contains(&c) {
                char::from_u32(c as u32 + 0xFEE0).unwrap_or(c)
            } else {
                c
            }
        });
        return (wide.collect(), true);
    }
    let typed = match dice.weighted(&[0.6, 0.2, 0.2]) {
        0 => lot.to_owned(),
        1 => lot.to_lowercase(),
        _ => lot.replace('-', " "),
    };
    (typed, false)
}
