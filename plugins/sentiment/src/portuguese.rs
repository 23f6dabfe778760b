//! Portuguese: a small lexicon and rules of our own: inflected forms without accents, denial before the word, "mas".

use std::sync::OnceLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::clauses::{DENIAL_REACH, Grammar, Known, Token};
use crate::words::{OwnedWords, rows};

/// What Portuguese adds to the rules of clauses.
pub(crate) const GRAMMAR: Grammar = Grammar {
    look_up,
    is_denied,
    contrasts: &[
        "mas",
        "porém",
        "porem",
        "contudo",
        "entretanto",
        "todavia",
        "só",
        "exceto",
    ],
    excess: &[],
    openers: &[
        "mas",
        "porém",
        "porem",
        "contudo",
        "entretanto",
        "todavia",
        "porque",
        "pois",
        "embora",
        "apesar",
    ],
    plain: &[
        ("bom", "dia"),
        ("boa", "tarde"),
        ("boa", "noite"),
        ("gostaria", "de"),
        ("gostaria", "que"),
    ],
};

const DENIALS: &str = "nao n nunca jamais nem sem nada nenhum nenhuma tampouco ñ";
/// Endings by conjugation, accents left out: present, both pasts, participle, gerund, conditional, future.
const AR: &str =
    "ar o a as am amos ei ou aram ava avam ando ado ada ados adas aria ariam ara arao e em asse";
const ER: &str =
    "er o e es em emos i eu eram ia iam endo ido ida idos idas eria era erao a am esse";
const IR: &str =
    "ir o e es em imos i iu iram ia iam indo ido ida idos idas iria ira irao a am isse";

fn lexicon() -> &'static OwnedWords<Known> {
    static LEXICON: OnceLock<OwnedWords<Known>> = OnceLock::new();
    LEXICON.get_or_init(|| {
        let mut words = OwnedWords::<Known>::default();
        for row in rows(include_str!("lexicon/pt.tsv")) {
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
                for form in forms(class, &plain(word)) {
                    let known = words.entry(form.into_boxed_str()).or_default();
                    match class {
                        "b" => known.factor = value,
                        "w" => known.missed = value,
                        "m" => known.measures = true,
                        _ if known.valence == 0.0 => known.valence = value,
                        _ => {}
                    }
                }
            }
        }
        for word in DENIALS.split_whitespace() {
            words.entry(word.into()).or_default().denies = true;
        }
        words
    })
}

/// `word` without accents: many people type none.
fn plain(word: &str) -> String {
    word.nfd().filter(|&c| !is_combining_mark(c)).collect()
}

/// The forms of `word` (without accents) to look for, by the class of its row.
fn forms(class: &str, word: &str) -> Vec<String> {
    let with = |stem: &str, ends: &str| -> Vec<String> {
        ends.split(' ').map(|end| format!("{stem}{end}")).collect()
    };
    let by_end = |ends: &[(&str, &str)]| {
        ends.iter()
            .find_map(|(end, forms)| Some(with(word.strip_suffix(end)?, forms)))
    };
    let found = match class {
        "a" => by_end(&[
            ("vel", "vel veis"),
            ("or", "or ora ores oras"),
            (
                "o",
                "o a os as issimo issima issimos issimas inho inha inhos inhas",
            ),
            ("e", "e es issimo issima inho"),
            ("il", "il eis"),
            ("al", "al ais"),
            ("m", "m ns"),
            ("z", "z zes"),
            ("a", "a as"),
        ]),
        "n" => by_end(&[
            ("ao", "ao oes"),
            ("m", "m ns"),
            ("r", "r res"),
            ("l", "l is"),
        ])
        .or_else(|| {
            Some(
                with(word, "@ s")
                    .iter()
                    .map(|form| form.replace('@', ""))
                    .collect(),
            )
        }),
        "v" => by_end(&[("ar", AR), ("er", ER), ("ir", IR)]),
        _ => None,
    };
    found.unwrap_or_else(|| vec![word.to_owned()])
}

fn look_up(word: &str) -> Known {
    let lexicon = lexicon();
    if word.is_ascii() {
        return lexicon.get(word).copied().unwrap_or_default();
    }
    lexicon.get(&*plain(word)).copied().unwrap_or_default()
}

/// Whether a denial stands in reach before the word: "não é bom", "nunca gostei", "sem defeito".
fn is_denied(tokens: &[Token<'_>], at: usize) -> bool {
    let Some(token) = tokens.get(at) else {
        return false;
    };
    let same = |at: usize| tokens.get(at).filter(|other| other.clause == token.clause);
    for step in 1..=DENIAL_REACH {
        let Some(before) = at.checked_sub(step).and_then(same) else {
            return false;
        };
        if before.known.denies {
            let only = at.checked_sub(step - 1).and_then(same);
            return !only
                .is_some_and(|next| matches!(next.text, "só" | "so" | "apenas" | "somente"));
        }
        let other_statement = before.known.valence != 0.0 && before.known.factor == 0.0;
        if other_statement || matches!(before.text, "e" | "que" | "quando") {
            return false;
        }
    }
    false
}
