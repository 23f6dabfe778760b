//! French, Italian and Spanish: small lexicons of our own, words by their beginnings, and the rules of clauses.

use std::sync::OnceLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::clauses::{DENIAL_REACH, Grammar, Known, Token};
use crate::words::{OwnedWords, rows};

/// The shortest beginning that a file may name, in bytes.
const STEM_MIN_BYTES: usize = 3;
const WORD_MAX_BYTES: usize = 40;

/// What French adds to the rules of clauses.
pub(crate) const FRENCH: Grammar = Grammar {
    look_up: |word| {
        static LEXICON: OnceLock<Lexicon> = OnceLock::new();
        let build = || {
            let denials = "ne n pas jamais aucun aucune sans rien ni non";
            Lexicon::new(include_str!("lexicon/fr.tsv"), denials)
        };
        LEXICON.get_or_init(build).look_up(word)
    },
    is_denied,
    contrasts: &[
        "mais",
        "cependant",
        "pourtant",
        "neanmoins",
        "toutefois",
        "sauf",
    ],
    excess: &["trop"],
    openers: &["mais", "car", "parce", "puisque", "alors"],
    plain: &[
        ("bonne", "journee"),
        ("bonne", "journée"),
        ("bonne", "soiree"),
        ("bonne", "soirée"),
        ("bonne", "nuit"),
        ("bon", "matin"),
    ],
};

/// What Italian adds.
pub(crate) const ITALIAN: Grammar = Grammar {
    look_up: |word| {
        static LEXICON: OnceLock<Lexicon> = OnceLock::new();
        let build = || {
            let denials = "non mai nessun nessuno nessuna senza ne niente nulla neanche nemmeno";
            Lexicon::new(include_str!("lexicon/it.tsv"), denials)
        };
        LEXICON.get_or_init(build).look_up(word)
    },
    is_denied,
    contrasts: &[
        "ma",
        "pero",
        "però",
        "tuttavia",
        "purtroppo",
        "invece",
        "tranne",
    ],
    excess: &["troppo"],
    openers: &["ma", "pero", "però", "perche", "perché", "quindi"],
    plain: &[
        ("buon", "giorno"),
        ("buona", "serata"),
        ("buona", "sera"),
        ("buona", "notte"),
        ("buona", "giornata"),
    ],
};

/// What Spanish adds.
pub(crate) const SPANISH: Grammar = Grammar {
    look_up: |word| {
        static LEXICON: OnceLock<Lexicon> = OnceLock::new();
        let build = || {
            let denials = "no nunca jamas sin ni ningun ninguna ninguno nada tampoco";
            Lexicon::new(include_str!("lexicon/es.tsv"), denials)
        };
        LEXICON.get_or_init(build).look_up(word)
    },
    is_denied,
    contrasts: &["pero", "aunque", "sin-embargo", "excepto", "salvo"],
    excess: &["demasiado", "muy"],
    openers: &["pero", "porque", "pues", "aunque"],
    plain: &[
        ("buenos", "dias"),
        ("buenos", "días"),
        ("buenas", "tardes"),
        ("buenas", "noches"),
        ("buen", "dia"),
        ("buen", "día"),
    ],
};

/// Whole words, and beginnings of words.
struct Lexicon {
    words: OwnedWords<Known>,
    stems: OwnedWords<Known>,
}

impl Lexicon {
    fn new(file: &'static str, denials: &str) -> Self {
        let (mut words, mut stems) = (OwnedWords::default(), OwnedWords::default());
        for row in rows(file) {
            let mut columns = row.split('\t');
            let (Some(class), Some(value), Some(list)) =
                (columns.next(), columns.next(), columns.next())
            else {
                continue;
            };
            let Ok(value) = value.parse::<f64>() else {
                continue;
            };
            for word in list.split_whitespace() {
                let (table, word): (&mut OwnedWords<Known>, _) = match word.strip_suffix('*') {
                    Some(stem) => (&mut stems, stem),
                    None => (&mut words, word),
                };
                let known = table.entry(word.into()).or_default();
                match class {
                    "b" => known.factor = value,
                    "w" => known.missed = value,
                    "m" => known.measures = true,
                    _ if known.valence == 0.0 => known.valence = value,
                    _ => {}
                }
            }
        }
        for word in denials.split_whitespace() {
            words.entry(word.into()).or_default().denies = true;
        }
        Self { words, stems }
    }

    fn look_up(&self, word: &str) -> Known {
        // What the fold makes of ä, ö and ü does not matter here: these languages do not write them.
        let plain: String;
        let word = if word.is_ascii() {
            word
        } else {
            plain = word.nfd().filter(|&c| !is_combining_mark(c)).collect();
            &plain
        };
        let mut known = self.words.get(word).copied().unwrap_or_default();
        if known.valence == 0.0 && !known.denies && word.len() <= WORD_MAX_BYTES {
            let ends = (STEM_MIN_BYTES..=word.len()).rev();
            let stem = ends
                .filter_map(|end| self.stems.get(word.get(..end)?))
                .next();
            known.valence = stem.map_or(0.0, |stem| stem.valence);
        }
        known
    }
}

/// Whether a denial stands in reach before the word, or right behind it ("marche pas").
fn is_denied(tokens: &[Token<'_>], at: usize) -> bool {
    let Some(token) = tokens.get(at) else {
        return false;
    };
    let same = |at: usize| tokens.get(at).filter(|other| other.clause == token.clause);
    if same(at + 1).is_some_and(|next| matches!(next.text, "pas" | "jamais" | "mai" | "nunca")) {
        return true;
    }
    for step in 1..=DENIAL_REACH {
        let Some(before) = at.checked_sub(step).and_then(same) else {
            return false;
        };
        if before.known.denies {
            // "non solo", "pas seulement", "no solo" deny nothing.
            let only = at.checked_sub(step - 1).and_then(same);
            return !only.is_some_and(|next| matches!(next.text, "solo" | "sólo" | "seulement"));
        }
        if before.known.valence != 0.0 && before.known.factor == 0.0 {
            return false;
        }
    }
    false
}
