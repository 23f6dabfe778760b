//! German: a lexicon and rules of our own: inflected forms, compounds by their last part, denial before and behind, "aber".

use std::sync::OnceLock;

use crate::clauses::{DENIAL_REACH, Grammar, Known, Token};
use crate::fold::Folded;
use crate::words::{OwnedWords, rows};

/// What German adds to the rules of clauses.
pub(crate) const GRAMMAR: Grammar = Grammar {
    look_up,
    is_denied,
    contrasts: &["aber", "jedoch", "allerdings", "doch", "trotzdem"],
    excess: &["zu", "allzu", "z"],
    openers: &[
        "aber",
        "jedoch",
        "allerdings",
        "sondern",
        "obwohl",
        "weil",
        "dass",
    ],
    plain: &[
        ("guten", "tag"),
        ("guten", "morgen"),
        ("guten", "abend"),
        ("gute", "nacht"),
        ("schoenen", "tag"),
        ("schoenen", "abend"),
        ("schoenes", "wochenende"),
        ("schoene", "gruesse"),
        ("freundliche", "gruesse"),
        ("freundlichen", "gruessen"),
        ("beste", "gruesse"),
        ("besten", "gruessen"),
        ("1", "klasse"),
        ("2", "klasse"),
        ("erste", "klasse"),
        ("ersten", "klasse"),
        ("erster", "klasse"),
        ("zweite", "klasse"),
        ("zweiten", "klasse"),
        ("zweiter", "klasse"),
        ("klasse", "abteil"),
        ("die", "weichen"),
    ],
};

/// The shortest head that is looked for in a compound, in bytes.
const HEAD_MIN_BYTES: usize = 5;
/// Longer words are not taken apart: they are not words.
const COMPOUND_MAX_BYTES: usize = 60;

const ADJECTIVE_ENDS: &str = " e er es en em ere erer eres eren erem ste ster stes sten stem est este ester estes esten estem";
const NOUN_ENDS: &str = " s es n en e er ern se";
const VERB_ENDS: &str = "en e st t est et te test ten tet ete etest eten end ende enden";
const DENIALS: &str = "nicht nie niemals kein keine keinen keiner keinem keines keinerlei ohne weder nichts nirgends mitnichten ned net nich nöd nid nüd koa koan \
    keineswegs kaum";

fn lexicon() -> &'static OwnedWords<Known> {
    static LEXICON: OnceLock<OwnedWords<Known>> = OnceLock::new();
    LEXICON.get_or_init(|| {
        let mut words = OwnedWords::<Known>::default();
        for row in rows(include_str!("lexicon/de.tsv")) {
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
                let word = Folded::new(word);
                for form in forms(class, word.text()) {
                    let known = words.entry(form.into_boxed_str()).or_default();
                    match class {
                        "b" => known.factor = value,
                        "w" => known.missed = value,
                        "m" => known.measures = true,
                        _ if known.valence == 0.0 => known.valence = value,
                        _ => {}
                    }
                    known.heads |= class == "s";
                }
            }
        }
        for word in DENIALS.split_whitespace() {
            words.entry(word.into()).or_default().denies = true;
        }
        words
    })
}

fn forms(class: &str, word: &str) -> Vec<String> {
    let with = |stem: &str, ends: &str| -> Vec<String> {
        ends.split(' ').map(|end| format!("{stem}{end}")).collect()
    };
    match class {
        "a" | "m" => {
            let mut forms = with(word, ADJECTIVE_ENDS);
            if let Some(stem) = word.strip_suffix('e') {
                forms.extend(with(stem, ADJECTIVE_ENDS));
            }
            // teuer → teure, miserabel → miserable
            for (end, short) in [("er", "r"), ("el", "l")] {
                if let Some(stem) = word.strip_suffix(end) {
                    forms.extend(with(&format!("{stem}{short}"), "e er es en em"));
                }
            }
            forms
        }
        "n" | "s" | "w" => with(word, NOUN_ENDS),
        "v" => {
            let stem = word
                .strip_suffix("en")
                .or_else(|| word.strip_suffix('n'))
                .unwrap_or(word);
            let mut forms = with(stem, VERB_ENDS);
            forms.push(word.to_owned());
            forms.extend(["t", "et", "en"].map(|end| format!("ge{stem}{end}")));
            forms
        }
        _ => vec![word.to_owned()],
    }
}

fn look_up(word: &str) -> Known {
    let lexicon = lexicon();
    if let Some(known) = lexicon.get(word) {
        return *known;
    }
    if word.len() < HEAD_MIN_BYTES + 2 || word.len() > COMPOUND_MAX_BYTES {
        return Known::default();
    }
    for strong in ["super", "mega", "ultra", "hyper", "ober", "sau"] {
        if let Some(known) = word
            .strip_prefix(strong)
            .and_then(|rest| lexicon.get(rest))
            .filter(|known| known.valence != 0.0)
        {
            return Known {
                valence: known.valence * 1.25,
                ..*known
            };
        }
    }
    (2..=word.len() - HEAD_MIN_BYTES)
        .filter_map(|at| lexicon.get(word.get(at..)?))
        .find(|known| known.heads)
        .copied()
        .unwrap_or_default()
}

/// Whether a denial stands in reach before the word, or behind it as with verbs ("gefällt mir nicht").
fn is_denied(tokens: &[Token<'_>], at: usize) -> bool {
    let Some(token) = tokens.get(at) else {
        return false;
    };
    let same = |at: usize| tokens.get(at).filter(|other| other.clause == token.clause);
    for step in 1..=DENIAL_REACH {
        let Some(before) = at.checked_sub(step).and_then(same) else {
            break;
        };
        if before.known.denies {
            let only = at.checked_sub(step - 1).and_then(same);
            return !only.is_some_and(|next| matches!(next.text, "nur" | "zuletzt" | "umsonst"));
        }
        if before.known.valence != 0.0 && before.known.factor == 0.0 {
            break;
        }
    }
    for step in 1..=DENIAL_REACH {
        let Some(behind) = same(at + step) else { break };
        if behind.known.denies && behind.text != "ohne" && behind.text != "kaum" {
            let next = same(at + step + 1);
            let other = next.is_some_and(|next| {
                matches!(next.text, "nur" | "mehr" | "einmal" | "mal") || next.known.valence != 0.0
            });
            return !other;
        }
        if behind.known.valence != 0.0
            || matches!(behind.text, "und" | "oder" | "sondern" | "weil" | "dass")
        {
            break;
        }
    }
    false
}
