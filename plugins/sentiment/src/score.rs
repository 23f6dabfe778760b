//! The score of a text in -1..1, its language, and the words that decided.

use crate::fold::is_katakana;
use crate::language::{self, Language};
use crate::tally::Tally;
use crate::{
    chinese, clauses, english, german, grammar_ja, japanese, learned, portuguese, romance,
};

/// Below this the score counts as negative, above its mirror as positive (VADER's thresholds).
const NEUTRAL: f64 = 0.05;

/// So many words are shown of those that a model weighed.
const WORDS_MAX: usize = 3;

/// The sentiment of a text, and what explains it.
#[derive(Clone, Debug, PartialEq)]
pub struct Sentiment {
    /// -1 (bad) to 1 (good); none when no word was understood.
    pub score: Option<f64>,
    /// `positive`, `neutral`, `negative`, or `unknown` when no word was understood.
    pub label: &'static str,
    /// The language the text was read as: the one given, or the one found (`und` when none was).
    pub language: String,
    /// Share of the text, by length, that stands in sentences of which at least one word was understood.
    pub coverage: f64,
    /// The words that decided, as they stand in the text.
    pub words: Vec<String>,
}

/// The score of `text` alone: -1..1, or none when nothing was understood.
///
/// `lang` is a BCP 47 tag such as `ja` or `de-CH`; empty means that the language is to be found.
#[must_use]
pub fn score(text: &str, lang: &str) -> Option<f64> {
    decide(text, language::of(text, lang), false).score
}

/// What the lexicon and rules of `language` say of `text`, and whether a denial or a contrast turned it; none where they
/// know no word, or where there are none.
#[must_use]
pub fn lexicon_score(text: &str, language: Language) -> (Option<f64>, bool) {
    let tally = tally(text, language, false);
    (tally.score, tally.turned)
}

/// The score of `text` with all that explains it. `lang` as for [`score`].
#[must_use]
pub fn read(text: &str, lang: &str) -> Sentiment {
    let found = language::of(text, lang);
    let language = match found {
        Language::Other if !lang.trim().is_empty() => language::primary(lang),
        found => found.tag().to_owned(),
    };
    let tally = decide(text, found, true);
    let coverage = if tally.length == 0 {
        0.0
    } else {
        tally.understood as f64 / tally.length as f64
    };
    Sentiment {
        score: tally.score,
        label: label(tally.score),
        language,
        coverage,
        words: tally.words,
    }
}

/// The word for a score.
#[must_use]
pub fn label(score: Option<f64>) -> &'static str {
    match score {
        None => "unknown",
        Some(score) if score >= NEUTRAL => "positive",
        Some(score) if score <= -NEUTRAL => "negative",
        Some(_) => "neutral",
    }
}

/// The run of katakana or of han that an n-gram stands in; nothing where it is only hiragana and marks, which explain
/// nothing. In other scripts the place itself.
fn whole(text: &str, begin: usize, end: usize) -> (usize, usize) {
    let is_run = |c: char| is_katakana(c) || ('\u{3400}'..='\u{9fff}').contains(&c);
    let gram = text.get(begin..end).unwrap_or_default();
    if !gram.chars().any(is_run) {
        let is_kana = gram.chars().any(|c| ('\u{3041}'..='\u{309f}').contains(&c));
        return if is_kana {
            (begin, begin)
        } else {
            (begin, end)
        };
    }
    let sizes = |c: char| c.len_utf8();
    let extends = |first: Option<char>, next: char| {
        first.is_some_and(|first| is_run(first) && is_katakana(first) == is_katakana(next))
            && is_run(next)
    };
    let (before, behind) = (text.get(..begin), text.get(end..));
    let before = before.unwrap_or_default().chars().rev();
    let more = before
        .take_while(|c| extends(gram.chars().next(), *c))
        .map(sizes);
    let begin = begin - more.sum::<usize>();
    let behind = behind.unwrap_or_default().chars();
    let more = behind
        .take_while(|c| extends(gram.chars().next_back(), *c))
        .map(sizes);
    (begin, end + more.sum::<usize>())
}

/// What lexicon and rules say, weighed together with the shipped model of the language where there is one.
fn decide(text: &str, language: Language, collect: bool) -> Tally {
    let mut tally = tally(text, language, collect);
    let Some(model) = learned::of(language) else {
        return tally;
    };
    if language == Language::Japanese && grammar_ja::is_enquiry(text) {
        return Tally {
            length: tally.length,
            ..Tally::default()
        };
    }
    // A time, a price or a question is no opinion.
    let asks = language == Language::Japanese && grammar_ja::is_request(text);
    if tally.score.is_none() && !text.contains(char::is_alphabetic) {
        return self::tally(text, Language::Other, collect);
    }
    if tally.score.is_none() && asks {
        return tally;
    }
    learned::with_reader(|reader| {
        let found = model.find(reader, text, language, collect);
        let lexicon = tally.score;
        let share = learned::share(found.grams, tally.turned);
        let margin = model.margin(found.margin * share, lexicon);
        tally.score = model.score(margin, lexicon);
        // A plain fact, a greeting or a question is no praise, although its words may stand in praise as well.
        let is_weak = |score: &f64| {
            let is_sure = *score >= learned::weak(language);
            *score > 0.0 && (!is_sure || only_asks(text) || is_short(text, language))
        };
        if lexicon.is_none() && tally.score.as_ref().is_some_and(is_weak) {
            tally.score = None;
        }
        if tally.score.is_none() {
            tally.understood = 0;
            return;
        }
        let known = tally.length as f64 * f64::from(found.known) / f64::from(found.grams.max(1));
        tally.understood = tally.understood.max(known as usize);
        // The words of the lexicon explain the score where it has any that speak for this side.
        let explained = lexicon.is_some_and(|lexicon| lexicon * margin > 0.0);
        if collect && !explained {
            for (begin, end) in model.words(reader, text, language, margin, WORDS_MAX) {
                let (begin, end) = if language == Language::Japanese {
                    whole(text, begin, end)
                } else {
                    (begin, end)
                };
                let word = text.get(begin..end).unwrap_or_default().trim();
                if !word.is_empty() && tally.words.iter().all(|known| !known.contains(word)) {
                    tally.words.push(word.to_owned());
                }
            }
        }
    });
    tally
}

/// Whether a text of separate words has fewer than four of them.
fn is_short(text: &str, language: Language) -> bool {
    let is_word = |word: &&str| word.contains(char::is_alphabetic);
    !matches!(language, Language::Japanese | Language::Chinese)
        && text.split_whitespace().filter(is_word).take(4).count() < 4
}

/// Whether a text ends as a question and holds no other sentence.
fn only_asks(text: &str) -> bool {
    let ends = |c: char| matches!(c, '.' | '!' | '。' | '！' | '…');
    let ended = text.trim_end_matches(|c: char| !c.is_alphanumeric() && c != '?' && c != '？');
    let Some(question) = ended.strip_suffix(['?', '？']) else {
        return false;
    };
    !question.contains(ends)
}

fn tally(text: &str, language: Language, collect: bool) -> Tally {
    match language {
        Language::Japanese => japanese::read(text, collect),
        Language::German => clauses::read(&german::GRAMMAR, text, collect),
        Language::Portuguese => clauses::read(&portuguese::GRAMMAR, text, collect),
        Language::English => english::read(text, collect),
        Language::Chinese => chinese::read(text, collect),
        Language::French => clauses::read(&romance::FRENCH, text, collect),
        Language::Italian => clauses::read(&romance::ITALIAN, text, collect),
        Language::Spanish => clauses::read(&romance::SPANISH, text, collect),
        // Signs of feeling alone are of every language.
        Language::Other if !text.contains(char::is_alphabetic) => {
            clauses::read(&german::GRAMMAR, text, collect)
        }
        // A language that no rules read is not scored by the rules of another.
        Language::Other => Tally {
            length: text.chars().count(),
            ..Tally::default()
        },
    }
}
