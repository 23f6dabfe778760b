//! Japanese: a lexicon and rules of our own, without a tokenizer: the longest known words are found in one pass, and what
//! follows each is read for denial, wish and condition.

use std::collections::HashSet;
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, Anchored, Input, MatchKind, StartKind};

use crate::fold::{Folded, is_katakana};
use crate::grammar_ja::{After, after, is_ending};
use crate::tally::Tally;
use crate::words::{normalize, rows};

/// What a denied good word, and a denied bad word, keep of their valence.
const DENIED_GOOD: f64 = -0.85;
const DENIED_BAD: f64 = -0.6;
/// Adjectives of at least this valence judge, others measure; what too much of a measure is worth.
const PLEASURE: f64 = 2.0;
const TOO_MUCH: f64 = -2.4;
/// How far a factor word reaches, in bytes of folded text (10 characters).
const FACTOR_REACH_BYTES: usize = 30;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Adjective,
    Word,
    Phrase,
    Missed,
    Factor,
    Contrast,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    kind: Kind,
    value: f64,
}

struct Lexicon {
    entries: Vec<Entry>,
    find: AhoCorasick,
}

fn lexicon() -> Option<&'static Lexicon> {
    static LEXICON: OnceLock<Option<Lexicon>> = OnceLock::new();
    LEXICON.get_or_init(build).as_ref()
}

fn build() -> Option<Lexicon> {
    let (mut entries, mut patterns, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
    for row in rows(include_str!("lexicon/ja.tsv")) {
        let mut columns = row.split('\t');
        let (Some(class), Some(value), Some(words)) =
            (columns.next(), columns.next(), columns.next())
        else {
            continue;
        };
        let Ok(value) = value.parse() else { continue };
        for word in words.split_whitespace() {
            let word = Folded::new(word);
            let (kind, forms) = forms(class, word.text());
            for form in forms {
                let value = if kind == Kind::Adjective {
                    excess(&form, value)
                } else {
                    value
                };
                if seen.insert(form.clone()) {
                    patterns.push(form);
                    entries.push(Entry { kind, value });
                }
            }
        }
    }
    let find = AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .start_kind(StartKind::Both)
        .build(&patterns)
        .ok()?;
    Some(Lexicon { entries, find })
}

/// Too much of a measure is bad (大きすぎる); too much of a pleasure is praise (美味しすぎる).
fn excess(form: &str, value: f64) -> f64 {
    let exceeds = form.ends_with("すぎ") || form.ends_with("過ぎ");
    if exceeds && value < PLEASURE {
        value.min(TOO_MUCH)
    } else {
        value
    }
}

/// The forms of `word` to look for, by the class of its row.
fn forms(class: &str, word: &str) -> (Kind, Vec<String>) {
    let with = |stem: &str, ends: &str| ends.split(' ').map(|end| format!("{stem}{end}")).collect();
    match class {
        "a" => {
            let stem = word.strip_suffix('い').unwrap_or(word);
            (
                Kind::Adjective,
                with(
                    stem,
                    "い いっ いー ー かっ く け さ そう すぎ 過ぎ ぃ がっ げ み め",
                ),
            )
        }
        "g" => {
            let mut chars = word.chars();
            let ends = match chars.next_back() {
                Some('う') => "う わ い え お っ",
                Some('く') => "く か き け こ い",
                Some('ぐ') => "ぐ が ぎ げ ご い",
                Some('す') => "す さ し せ そ",
                Some('つ') => "つ た ち て と っ",
                Some('ぬ') => "ぬ な に ね の ん",
                Some('ぶ') => "ぶ ば び べ ぼ ん",
                Some('む') => "む ま み め も ん",
                Some('る') => "る ら り れ ろ っ",
                _ => return (Kind::Word, vec![word.to_owned()]),
            };
            (Kind::Word, with(chars.as_str(), ends))
        }
        "v" => {
            let stem = word.strip_suffix('る').unwrap_or(word);
            // できる has its own denial できない, which the reader of what follows finds.
            (
                Kind::Word,
                vec![stem.strip_suffix("でき").unwrap_or(stem).to_owned()],
            )
        }
        "w" => (Kind::Missed, vec![word.to_owned()]),
        "b" => (Kind::Factor, vec![word.to_owned()]),
        "c" => (Kind::Contrast, vec![word.to_owned()]),
        "f" => (Kind::Phrase, vec![word.to_owned()]),
        _ => (Kind::Word, vec![word.to_owned()]),
    }
}

/// A word that may decide, as it stands in the folded text.
#[derive(Clone, Copy, Debug)]
struct Hit {
    begin: usize,
    end: usize,
    entry: Entry,
    factor: f64,
    sentence: usize,
    /// What a later contrast in the same sentence leaves of it.
    weight: f64,
    turned: After,
}

impl Hit {
    fn valence(&self) -> f64 {
        let value = self.entry.value * self.factor;
        match (self.entry.kind, self.turned) {
            (Kind::Missed, After::Denied(_)) => value,
            (Kind::Missed, _) => 0.0,
            (Kind::Phrase, _) | (_, After::Plain) => value,
            (_, After::Denied(_)) => value * if value > 0.0 { DENIED_GOOD } else { DENIED_BAD },
            // "If it were wider": a mild complaint; "if it breaks" says nothing.
            (Kind::Adjective, After::Supposed) if value > 0.0 => value * -0.5,
            (_, After::Supposed) => 0.0,
            (_, After::Hedged) => value * 0.2,
        }
    }
}

/// Scores `text`; `collect` also names the words that decided.
pub(crate) fn read(text: &str, collect: bool) -> Tally {
    let mut tally = Tally::default();
    let Some(lexicon) = lexicon() else {
        return tally;
    };
    let folded = Folded::new(text);
    let (mut hits, sentences) = hits(lexicon, &folded, text);
    share_denials(folded.text(), &mut hits);
    let mut decided = vec![false; sentences.len()];
    let mut sum = 0.0;
    for hit in &hits {
        let valence = hit.valence();
        if valence == 0.0 {
            continue;
        }
        sum += valence * hit.weight;
        tally.turned |= hit.turned != After::Plain || hit.weight != 1.0;
        if let Some(decided) = decided.get_mut(hit.sentence) {
            *decided = true;
        }
        if collect {
            let end = if let After::Denied(more) = hit.turned {
                hit.end + more
            } else {
                hit.end
            };
            let span = folded.origin(hit.begin)..folded.origin(end);
            tally
                .words
                .extend(text.get(span).map(|word| word.trim().to_owned()));
        }
    }
    for (length, decided) in sentences.into_iter().zip(decided) {
        tally.sentence(length, decided);
    }
    if tally.understood > 0 {
        let marks = folded
            .text()
            .bytes()
            .filter(|&byte| byte == b'!')
            .count()
            .min(4);
        let emphasis = [0.0, 0.3, 0.6, 0.9, 1.2]
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

/// All words found, and the length of each sentence in bytes.
fn hits(lexicon: &Lexicon, folded: &Folded, original: &str) -> (Vec<Hit>, Vec<usize>) {
    let text = folded.text();
    let (mut hits, mut sentences): (Vec<Hit>, Vec<usize>) = (Vec::new(), Vec::new());
    let (mut at, mut sentence_begin, mut sentence_first_hit) = (0, 0, 0);
    let mut factor: Option<(usize, f64)> = None;
    loop {
        let found = lexicon.find.find(
            Input::new(text)
                .range(at..text.len())
                .anchored(Anchored::No),
        );
        let begin = found.map_or(text.len(), |found| found.start());
        for end in sentence_ends(text, at, begin) {
            sentences.push(end - sentence_begin);
            (sentence_begin, sentence_first_hit, factor) = (end, hits.len(), None);
        }
        let Some(found) = found else { break };
        if !stands_alone(folded, original, found.start(), found.end()) {
            at = begin
                + text
                    .get(begin..)
                    .and_then(|rest| rest.chars().next())
                    .map_or(1, char::len_utf8);
            continue;
        }
        at = found.end();
        let Some(&entry) = lexicon.entries.get(found.pattern().as_usize()) else {
            continue;
        };
        match entry.kind {
            Kind::Factor => {
                factor = Some((at, factor.map_or(1.0, |(_, factor)| factor) * entry.value))
            }
            Kind::Contrast => {
                factor = None;
                hits.iter_mut()
                    .skip(sentence_first_hit)
                    .for_each(|hit| hit.weight *= entry.value);
            }
            _ => {
                let near = factor.filter(|&(end, _)| begin - end <= FACTOR_REACH_BYTES);
                factor = None;
                let turned = if entry.kind == Kind::Phrase {
                    After::Plain
                } else {
                    after(text.get(at..).unwrap_or_default(), true)
                };
                hits.push(Hit {
                    begin,
                    end: at,
                    entry,
                    factor: near.map_or(1.0, |(_, factor)| factor.clamp(0.3, 2.0)),
                    sentence: sentences.len(),
                    weight: 1.0,
                    turned,
                });
            }
        }
    }
    if text.len() > sentence_begin {
        sentences.push(text.len() - sentence_begin);
    }
    (hits, sentences)
}

/// The places behind each end of a sentence in `text[from..to]`.
fn sentence_ends(text: &str, from: usize, to: usize) -> impl Iterator<Item = usize> {
    let between = text.get(from..to).unwrap_or_default();
    between
        .char_indices()
        .filter(|&(_, c)| matches!(c, '。' | '!' | '?' | '\n' | '♪'))
        .map(move |(at, c)| from + at + c.len_utf8())
}

/// A word does not begin or end inside a run of katakana: リスク is not in クリスクリン.
fn stands_alone(folded: &Folded, original: &str, begin: usize, end: usize) -> bool {
    let first = folded.origin(begin);
    let after = folded.origin(end);
    if is_ending(
        original.get(first..after).unwrap_or_default(),
        original.get(..first).unwrap_or_default(),
    ) {
        return false;
    }
    let around = |at: usize| {
        let (before, behind) = original.split_at_checked(at).unwrap_or((original, ""));
        (before.chars().next_back(), behind.chars().next())
    };
    let cuts = |(before, behind): (Option<char>, Option<char>)| {
        before.is_some_and(is_katakana) && behind.is_some_and(is_katakana) && behind != Some('ー')
    };
    !cuts(around(first)) && !cuts(around(after))
}

/// "お金も希望もない": of words joined by も or や, the denial of the last one holds for all.
fn share_denials(text: &str, hits: &mut [Hit]) {
    for at in (0..hits.len().saturating_sub(1)).rev() {
        let (Some(&hit), Some(&next)) = (hits.get(at), hits.get(at + 1)) else {
            continue;
        };
        let joined = matches!(
            text.get(hit.end..next.begin),
            Some("も" | "や" | "も、" | "と" | "とか" | "・")
        );
        // "丁寧な対応ではなかった": what is said of a missing thing is missing with it.
        let said_of = next.entry.kind == Kind::Missed
            && matches!(text.get(hit.end..next.begin), Some("" | "な" | "の"));
        if (joined || said_of)
            && hit.turned == After::Plain
            && hit.entry.kind != Kind::Phrase
            && next.turned != After::Plain
        {
            let denied = if let After::Denied(_) = next.turned {
                After::Denied(0)
            } else {
                next.turned
            };
            if let Some(hit) = hits.get_mut(at) {
                hit.turned = denied;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// (good − bad) / (good + bad), counting words: the measure in which the published pairs are given.
    fn balance(text: &str) -> f64 {
        let folded = Folded::new(text);
        let (mut hits, _) = hits(lexicon().unwrap(), &folded, text);
        share_denials(folded.text(), &mut hits);
        let signs: Vec<f64> = hits
            .iter()
            .map(Hit::valence)
            .filter(|v| *v != 0.0)
            .map(f64::signum)
            .collect();
        signs.iter().sum::<f64>() / signs.len() as f64
    }

    #[test]
    fn the_two_published_sentences_come_out_as_published() {
        assert!((balance("遅刻したけど楽しかったし嬉しかった。") - 1.0 / 3.0).abs() < 1e-9);
        assert_eq!(balance("すごく充実した！"), 1.0);
        assert_eq!(balance("お金も希望もない！"), -1.0);
        let read = read("お金も希望もない！", true);
        assert_eq!(read.words, ["お金", "希望もない"]);
    }

    #[test]
    fn no_word_is_found_inside_a_run_of_katakana() {
        assert_eq!(read("リピスクのミスト", false).score, None);
    }
}
