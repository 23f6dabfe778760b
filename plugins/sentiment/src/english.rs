//! English: the rules of VADER (Hutto & Gilbert, ICWSM 2014) over its lexicon, in our own code; see NOTICE.

mod known;
mod service;
mod tokens;

use crate::emphasis::but_weights;
use crate::tally::Tally;
use crate::words::normalize;
use tokens::{BOOST, Token, spell_emoji, tokens};

const CAPITALS: f64 = 0.733;
const DENIED: f64 = -0.74;

const DAMPER_PAIRS: [[&str; 2]; 3] = [["just", "enough"], ["kind", "of"], ["sort", "of"]];
const SPECIAL_CASES: [(&[&str], f64); 8] = [
    (&["the", "shit"], 3.0),
    (&["the", "bomb"], 3.0),
    (&["bad", "ass"], 1.5),
    (&["bus", "stop"], 0.0),
    (&["yeah", "right"], -2.0),
    (&["kiss", "of", "death"], -1.5),
    (&["to", "die", "for"], 3.0),
    (&["beating", "heart"], 3.5),
];

/// One word at least of each idiom and pair.
const IDIOM_WORDS: &str = "shit bomb ass stop right death die heart enough kind sort";

/// VADER's four figures.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Polarity {
    /// Share of the weight that is negative.
    pub negative: f64,
    /// Share of the weight that is neutral.
    pub neutral: f64,
    /// Share of the weight that is positive.
    pub positive: f64,
    /// The score in -1..1.
    pub compound: f64,
}

/// VADER's figures for `text`, not rounded.
#[must_use]
pub fn polarity(text: &str) -> Polarity {
    let spelled = spell_emoji(text);
    let text = spelled.trim();
    figures(&valences(&tokens(text)), text)
}

/// Scores `text`; `collect` also names the words that decided.
pub(crate) fn read(text: &str, collect: bool) -> Tally {
    let spelled = spell_emoji(text);
    let text = spelled.trim();
    let tokens = tokens(text);
    let valences = valences(&tokens);
    let mut tally = Tally::default();
    let (mut units, mut decided) = (0, false);
    tally.turned = tokens.iter().any(|token| token.known.contrasts);
    let mut more = 0.0;
    for (at, (token, valence)) in tokens.iter().zip(&valences).enumerate() {
        units += 1;
        let (said, turned) = if token.known.service.is_any() {
            service::read(&tokens, at)
        } else {
            (0.0, false)
        };
        if said != 0.0 {
            more += said;
            decided = true;
            tally.turned |= turned;
            if collect {
                tally.words.push(token.text());
            }
        } else if token.known.valence.is_some() && *valence != 0.0 {
            decided = true;
            tally.turned |= token
                .known
                .valence
                .is_some_and(|rated| rated * valence < 0.0);
            if collect {
                tally.words.push(token.text());
            }
        }
        if token.ends_sentence {
            tally.sentence(units, decided);
            (units, decided) = (0, false);
        }
    }
    tally.sentence(units, decided);
    if tally.understood > 0 {
        tally.score = Some(if more == 0.0 {
            compound(&valences, text)
        } else {
            normalize(valences.iter().sum::<f64>() + more)
        });
    }
    tally
}

fn valences(tokens: &[Token<'_>]) -> Vec<f64> {
    if tokens.iter().all(|token| token.known.valence.is_none()) {
        return vec![0.0; tokens.len()];
    }
    let capitals = tokens.iter().filter(|token| token.capitals).count();
    let some_capitals = capitals > 0 && capitals < tokens.len();
    let mut valences: Vec<f64> = (0..tokens.len())
        .map(|at| valence(tokens, at, some_capitals))
        .collect();
    if let Some(but) = tokens.iter().position(|token| token.known.contrasts) {
        but_weights(&mut valences, but);
    }
    valences
}

fn valence(tokens: &[Token<'_>], at: usize, some_capitals: bool) -> f64 {
    let back = |steps: usize| at.checked_sub(steps).and_then(|at| tokens.get(at));
    let Some(token) = tokens.get(at) else {
        return 0.0;
    };
    let Some(rated) = token.known.valence else {
        return 0.0;
    };
    if token.known.booster != 0.0
        || (token.is("kind") && tokens.get(at + 1).is_some_and(|next| next.is("of")))
    {
        return 0.0;
    }
    let mut valence = rated;
    if token.is("no")
        && tokens
            .get(at + 1)
            .is_some_and(|next| next.known.valence.is_some())
    {
        valence = 0.0;
    }
    let is_no = |steps| back(steps).is_some_and(|token| token.is("no"));
    if is_no(1)
        || is_no(2)
        || (is_no(3) && back(1).is_some_and(|token| token.is("or") || token.is("nor")))
    {
        valence = rated * DENIED;
    }
    if token.capitals && some_capitals {
        valence += if valence > 0.0 { CAPITALS } else { -CAPITALS };
    }
    for distance in 1..=3 {
        let Some(before) = back(distance) else { break };
        if before.known.valence.is_some() {
            continue;
        }
        valence += scalar(before, valence, some_capitals) * [1.0, 0.95, 0.9][distance - 1];
        valence *= denial(tokens, at, distance);
        if distance == 3 {
            valence = special_cases(tokens, at, valence);
        }
    }
    least(tokens, at, valence)
}

fn scalar(before: &Token<'_>, valence: f64, some_capitals: bool) -> f64 {
    let mut scalar = before.known.booster;
    if scalar == 0.0 {
        return 0.0;
    }
    if valence < 0.0 {
        scalar = -scalar;
    }
    if before.capitals && some_capitals {
        scalar += if valence > 0.0 { CAPITALS } else { -CAPITALS };
    }
    scalar
}

/// What a denial `distance` words before the word at `at` multiplies its valence by.
fn denial(tokens: &[Token<'_>], at: usize, distance: usize) -> f64 {
    let is = |steps: usize, words: &[&str]| {
        at.checked_sub(steps)
            .and_then(|at| tokens.get(at))
            .is_some_and(|token| words.iter().any(|word| token.is(word)))
    };
    let so = ["so", "this"];
    let denies = at
        .checked_sub(distance)
        .and_then(|at| tokens.get(at))
        .is_some_and(|token| token.denies);
    // "never" and "without" are denials themselves.
    if !denies && distance != 3 {
        return 1.0;
    }
    let (intensified, doubtless) = match distance {
        2 => (
            is(2, &["never"]) && is(1, &so),
            is(2, &["without"]) && is(1, &["doubt"]),
        ),
        3 => (
            (is(3, &["never"]) && is(2, &so)) || is(1, &so),
            is(3, &["without"]) && (is(2, &["doubt"]) || is(1, &["doubt"])),
        ),
        _ => (false, false),
    };
    match (intensified, doubtless, denies) {
        (true, _, _) => 1.25,
        (_, true, _) | (_, _, false) => 1.0,
        (_, _, true) => DENIED,
    }
}

/// Idioms around the word at `at`, and the two-word dampers before it. Called with at least three words before it.
fn special_cases(tokens: &[Token<'_>], at: usize, mut valence: f64) -> f64 {
    let near = tokens.get(at - 3..(at + 3).min(tokens.len()));
    if !near
        .unwrap_or_default()
        .iter()
        .any(|token| token.known.marks_idiom)
    {
        return valence;
    }
    let is = |from: usize, to: usize, words: &[&str]| {
        tokens.get(from..to).is_some_and(|tokens| {
            tokens.len() == words.len()
                && tokens.iter().zip(words).all(|(token, word)| token.is(word))
        })
    };
    let find = |from: usize, to: usize| {
        SPECIAL_CASES
            .iter()
            .find(|(words, _)| is(from, to, words))
            .map(|&(_, v)| v)
    };
    let spans = [
        (at - 1, at + 1),
        (at - 2, at + 1),
        (at - 2, at),
        (at - 3, at),
        (at - 3, at - 1),
    ];
    if let Some(found) = spans.iter().find_map(|&(from, to)| find(from, to)) {
        valence = found;
    }
    for to in [at + 2, at + 3] {
        valence = find(at, to).unwrap_or(valence);
    }
    for (from, to) in [(at - 3, at - 1), (at - 2, at)] {
        if DAMPER_PAIRS.iter().any(|pair| is(from, to, pair)) {
            valence -= BOOST;
        }
    }
    valence
}

fn least(tokens: &[Token<'_>], at: usize, valence: f64) -> f64 {
    let back = |steps: usize| at.checked_sub(steps).and_then(|at| tokens.get(at));
    let denied = back(1).is_some_and(|token| token.known.valence.is_none() && token.is("least"))
        && !back(2).is_some_and(|token| token.is("at") || token.is("very"));
    if denied { valence * DENIED } else { valence }
}

fn figures(valences: &[f64], text: &str) -> Polarity {
    if valences.is_empty() {
        return Polarity::default();
    }
    let emphasis = emphasis(text);
    // One is added to each word's weight, since a neutral word counts as one.
    let mut positive: f64 = valences.iter().filter(|&&v| v > 0.0).map(|v| v + 1.0).sum();
    let mut negative: f64 = valences.iter().filter(|&&v| v < 0.0).map(|v| 1.0 - v).sum();
    let neutral = valences
        .iter()
        .filter(|&&v| v == 0.0)
        .map(|_| 1.0)
        .sum::<f64>();
    if positive > negative {
        positive += emphasis;
    } else if negative > positive {
        negative += emphasis;
    }
    let total = positive + negative + neutral;
    Polarity {
        negative: negative / total,
        neutral: neutral / total,
        positive: positive / total,
        compound: compound(valences, text),
    }
}

/// The score of a text whose words have these valences.
fn compound(valences: &[f64], text: &str) -> f64 {
    let sum: f64 = valences.iter().sum();
    normalize(if sum == 0.0 {
        0.0
    } else {
        sum + emphasis(text).copysign(sum)
    })
}

/// What exclamation and question marks add to the weight of a text.
fn emphasis(text: &str) -> f64 {
    let (mut exclaimed, mut questions) = (0_usize, 0_usize);
    for chunk in text.as_bytes().chunks(128) {
        let add = |mark: u8| move |sum: u8, byte: &u8| sum.wrapping_add(u8::from(*byte == mark));
        let count = |mark: u8| chunk.iter().fold(0, add(mark));
        exclaimed += usize::from(count(b'!'));
        questions += usize::from(count(b'?'));
    }
    let exclaimed = [0.0, 0.292, 0.584, 0.876, 1.168][exclaimed.min(4)];
    exclaimed + [0.0, 0.0, 0.36, 0.54, 0.96][questions.min(4)]
}
