//! German: a lexicon and rules of our own: inflected forms, compounds by their last part, denial before and behind, "aber".

use std::sync::OnceLock;

use crate::fold::Folded;
use crate::score::Tally;
use crate::words::{OwnedWords, normalize, rows};

const DENIED: f64 = -0.74;
/// Words between a denial and what it denies.
const DENIAL_REACH: usize = 4;
/// The shortest head that is looked for in a compound, in bytes.
const HEAD_MIN_BYTES: usize = 5;
/// Longer words are not taken apart: they are not words.
const COMPOUND_MAX_BYTES: usize = 60;

const ADJECTIVE_ENDS: &str = " e er es en em ere erer eres eren erem ste ster stes sten stem est este ester estes esten estem";
const NOUN_ENDS: &str = " s es n en e er ern se";
const VERB_ENDS: &str = "en e st t est et te test ten tet ete etest eten end ende enden";
const DENIALS: &str = "nicht nie niemals kein keine keinen keiner keinem keines keinerlei ohne weder nichts nirgends mitnichten ned net nich \
    keineswegs kaum";

#[derive(Clone, Copy, Default)]
struct Known {
    valence: f64,
    factor: f64,
    denies: bool,
    heads: bool,
}

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
        "a" => {
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
        "n" | "s" => with(word, NOUN_ENDS),
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

struct Token<'t> {
    begin: usize,
    text: &'t str,
    known: Known,
    /// Counts up at each mark that ends a clause, and at "aber".
    clause: usize,
    sentence: usize,
}

/// Scores `text`; `collect` also names the words that decided.
pub(crate) fn read(text: &str, collect: bool) -> Tally {
    let folded = Folded::new(text);
    let tokens = tokens(folded.text());
    let mut tally = Tally::default();
    let mut sum = 0.0;
    let (mut length, mut decided, mut sentence) = (0, false, 0);
    // The sum before the last "aber" of the sentence, which weighs less than what follows it.
    let mut sentence_sum = 0.0;
    for (at, token) in tokens.iter().enumerate() {
        if token.sentence != sentence {
            tally.sentence(length, decided);
            sum += sentence_sum;
            (length, decided, sentence, sentence_sum) = (0, false, token.sentence, 0.0);
        }
        length += 1;
        if matches!(
            token.text,
            "aber" | "jedoch" | "allerdings" | "doch" | "trotzdem"
        ) {
            sentence_sum *= 0.5;
        }
        if token.known.valence == 0.0 || (token.known.factor != 0.0 && strengthens(&tokens, at)) {
            continue;
        }
        sentence_sum += valence(&tokens, at);
        decided = true;
        if collect {
            let span = folded.origin(token.begin)..folded.origin(token.begin + token.text.len());
            tally.words.extend(text.get(span).map(str::to_owned));
        }
    }
    tally.sentence(length, decided);
    sum += sentence_sum;
    if tally.understood > 0 {
        let marks = text.bytes().filter(|&byte| byte == b'!').count().min(4);
        let emphasis = [0.0, 0.292, 0.584, 0.876, 1.168]
            .get(marks)
            .copied()
            .unwrap_or_default();
        tally.score = Some(normalize(if sum == 0.0 {
            0.0
        } else {
            sum + f64::copysign(emphasis, sum)
        }));
    }
    tally
}

/// Whether the word at `at` only strengthens the next one ("richtig gut", "super bequem").
fn strengthens(tokens: &[Token<'_>], at: usize) -> bool {
    let clause = tokens.get(at).map(|token| token.clause);
    tokens
        .get(at + 1)
        .is_some_and(|next| Some(next.clause) == clause && next.known.valence != 0.0)
}

fn valence(tokens: &[Token<'_>], at: usize) -> f64 {
    let Some(token) = tokens.get(at) else {
        return 0.0;
    };
    let mut valence = token.known.valence;
    let near = |step: isize| {
        at.checked_add_signed(step)
            .and_then(|at| tokens.get(at))
            .filter(|other| other.clause == token.clause)
    };
    for (step, share) in [(-1, 1.0), (-2, 0.7)] {
        if let Some(before) = near(step).filter(|before| before.known.factor != 0.0) {
            valence *= 1.0 + (before.known.factor - 1.0) * share;
        }
    }
    if is_denied(tokens, at) {
        valence * DENIED
    } else {
        valence
    }
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

fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let (mut clause, mut sentence) = (0, 0);
    let mut word_begin = None;
    for (at, c) in text.char_indices().chain([(text.len(), '\n')]) {
        if c.is_alphanumeric() {
            word_begin.get_or_insert(at);
            continue;
        }
        if let Some(begin) = word_begin.take() {
            let word = text.get(begin..at).unwrap_or_default();
            if matches!(
                word,
                "aber" | "jedoch" | "allerdings" | "sondern" | "obwohl" | "weil" | "dass"
            ) {
                clause += 1;
            }
            tokens.push(Token {
                begin,
                text: word,
                known: look_up(word),
                clause,
                sentence,
            });
        }
        match c {
            '.' | '!' | '?' | '\n' => {
                clause += 1;
                sentence += 1;
            }
            ',' | ';' | ':' | '(' | ')' => clause += 1,
            c if !c.is_ascii() => {
                let end = (at + c.len_utf8()).min(text.len());
                let sign = text.get(at..end).unwrap_or_default();
                let known = lexicon().get(sign).copied().unwrap_or_default();
                if known.valence != 0.0 {
                    tokens.push(Token {
                        begin: at,
                        text: sign,
                        known,
                        clause,
                        sentence,
                    });
                }
            }
            _ => {}
        }
    }
    tokens
}
