//! Word by word and clause by clause: what the rules of German, Portuguese, French, Italian and Spanish share.

use crate::fold::Folded;
use crate::tally::Tally;
use crate::words::normalize;

const DENIED: f64 = -0.74;
const TOO_MUCH: f64 = -2.4;
/// Words between a denial and what it denies.
pub(crate) const DENIAL_REACH: usize = 4;

/// What a lexicon knows of a word.
#[derive(Clone, Copy, Default)]
pub(crate) struct Known {
    pub valence: f64,
    /// What it multiplies the next word's valence by; 0 for none.
    pub factor: f64,
    pub denies: bool,
    /// It heads compounds: Problem in Lieferproblem.
    pub heads: bool,
    /// Its valence where it is denied, of words that are else neutral: an answer, a parcel.
    pub missed: f64,
    /// A measure, which is bad where there is too much of it: small, late, loud.
    pub measures: bool,
}

/// What a language adds to the shared rules.
pub(crate) struct Grammar {
    pub look_up: fn(&str) -> Known,
    /// Whether the word at this place is denied.
    pub is_denied: fn(&[Token<'_>], usize) -> bool,
    /// Words that make less of what stood before them in the sentence ("aber", "mas").
    pub contrasts: &'static [&'static str],
    /// Words that make a measure too much of it ("zu").
    pub excess: &'static [&'static str],
    /// Words that open a clause.
    pub openers: &'static [&'static str],
    /// Two words that say nothing together: greetings, polite requests, classes of a train.
    pub plain: &'static [(&'static str, &'static str)],
}

impl Grammar {
    /// Whether the word at `at` is part of two words that say nothing.
    fn is_plain(&self, tokens: &[Token<'_>], at: usize) -> bool {
        let text = |at: Option<usize>| {
            let token = at.and_then(|at| tokens.get(at));
            token.map_or("", |token| token.text)
        };
        let pairs = [
            (text(Some(at)), text(at.checked_add(1))),
            (text(at.checked_sub(1)), text(Some(at))),
        ];
        pairs.iter().any(|pair| self.plain.contains(pair))
    }
}

/// A word of a text.
pub(crate) struct Token<'t> {
    begin: usize,
    pub text: &'t str,
    pub known: Known,
    /// Counts up at each mark that ends a clause, and at words that open one.
    pub clause: usize,
    sentence: usize,
}

/// Scores `text`; `collect` also names the words that decided.
pub(crate) fn read(grammar: &Grammar, text: &str, collect: bool) -> Tally {
    let folded = Folded::new(text);
    let tokens = tokens(grammar, folded.text());
    let mut tally = Tally::default();
    let mut sum = 0.0;
    let (mut length, mut decided, mut sentence) = (0, false, 0);
    // The sum before the last contrast of the sentence, which weighs less than what follows it.
    let mut sentence_sum = 0.0;
    for (at, token) in tokens.iter().enumerate() {
        if token.sentence != sentence {
            tally.sentence(length, decided);
            sum += sentence_sum;
            (length, decided, sentence, sentence_sum) = (0, false, token.sentence, 0.0);
        }
        length += 1;
        if grammar.contrasts.contains(&token.text) {
            sentence_sum *= 0.5;
            tally.turned |= sentence_sum != 0.0;
        }
        let Some(valence) = decides(grammar, &tokens, at) else {
            continue;
        };
        sentence_sum += valence;
        tally.turned |= valence * token.known.valence <= 0.0;
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

/// What the word at `at` adds to the sum; none where it says nothing.
fn decides(grammar: &Grammar, tokens: &[Token<'_>], at: usize) -> Option<f64> {
    let token = tokens.get(at)?;
    if grammar.is_plain(tokens, at) {
        return None;
    }
    let before = at.checked_sub(1).and_then(|at| tokens.get(at));
    let known = token.known;
    if known.measures
        && before.is_some_and(|b| b.clause == token.clause && grammar.excess.contains(&b.text))
    {
        let is_denied = at > 0 && (grammar.is_denied)(tokens, at - 1);
        return Some(if is_denied { -0.5 * TOO_MUCH } else { TOO_MUCH });
    }
    if known.missed != 0.0 && (grammar.is_denied)(tokens, at) {
        return Some(known.missed);
    }
    if known.valence == 0.0 || (known.factor != 0.0 && strengthens(tokens, at)) {
        return None;
    }
    Some(valence(grammar, tokens, at))
}

fn valence(grammar: &Grammar, tokens: &[Token<'_>], at: usize) -> f64 {
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
    if (grammar.is_denied)(tokens, at) {
        valence * DENIED
    } else {
        valence
    }
}

fn tokens<'t>(grammar: &Grammar, text: &'t str) -> Vec<Token<'t>> {
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
            if grammar.openers.contains(&word) {
                clause += 1;
            }
            tokens.push(Token {
                begin,
                text: word,
                known: (grammar.look_up)(word),
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
                let known = (grammar.look_up)(sign);
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
