//! Chinese: a lexicon of our own, the longest known words in one pass; what stands before each is read for denial.

use std::collections::HashSet;
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, MatchKind};

use crate::fold::Folded;
use crate::tally::Tally;
use crate::words::{normalize, rows};

const DENIED: f64 = -0.8;
/// How far before a word its denial or its factor may end, in bytes (4 characters).
const REACH_BYTES: usize = 12;
const DENIALS: [&str; 18] = [
    "不",
    "没",
    "沒",
    "没有",
    "沒有",
    "无",
    "無",
    "未",
    "不是",
    "不太",
    "不够",
    "不夠",
    "并不",
    "不算",
    "别",
    "不会",
    "不是很",
    "没那么",
];

#[derive(Clone, Copy, Debug)]
enum Kind {
    Word,
    Factor,
    Contrast,
}

struct Lexicon {
    entries: Vec<(Kind, f64)>,
    find: AhoCorasick,
}

fn lexicon() -> Option<&'static Lexicon> {
    static LEXICON: OnceLock<Option<Lexicon>> = OnceLock::new();
    LEXICON.get_or_init(build).as_ref()
}

fn build() -> Option<Lexicon> {
    let (mut entries, mut patterns, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
    for row in rows(include_str!("lexicon/zh.tsv")) {
        let Some((value, words)) = row.split_once('\t') else {
            continue;
        };
        let (kind, value) = if let Some(value) = value.strip_prefix('b') {
            (Kind::Factor, value)
        } else if let Some(value) = value.strip_prefix('c') {
            (Kind::Contrast, value)
        } else {
            (Kind::Word, value)
        };
        let Ok(value) = value.parse() else { continue };
        for word in words.split_whitespace() {
            if seen.insert(word) {
                patterns.push(word);
                entries.push((kind, value));
            }
        }
    }
    let find = AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .build(&patterns)
        .ok()?;
    Some(Lexicon { entries, find })
}

/// Scores `text`; `collect` also names the words that decided.
pub(crate) fn read(text: &str, collect: bool) -> Tally {
    let mut tally = Tally::default();
    let Some(lexicon) = lexicon() else {
        return tally;
    };
    let folded = Folded::new(text);
    let said = folded.text();
    let (mut sum, mut clause_sum) = (0.0, 0.0);
    let (mut begin, mut decided, mut last) = (0, false, 0);
    let mut factor: Option<(usize, f64)> = None;
    for found in lexicon.find.find_iter(said) {
        let Some(&(kind, value)) = lexicon.entries.get(found.pattern().as_usize()) else {
            continue;
        };
        let between = said.get(last..found.start()).unwrap_or_default();
        if let Some(at) = between.rfind(['。', '!', '?', '\n', ';', '~']) {
            tally.sentence(last + at - begin, decided);
            sum += clause_sum;
            (begin, decided, clause_sum, factor) = (last + at, false, 0.0, None);
        }
        last = found.end();
        match kind {
            Kind::Factor => factor = Some((found.end(), value)),
            Kind::Contrast => {
                clause_sum *= value;
                tally.turned |= clause_sum != 0.0;
            }
            Kind::Word if value == 0.0 => {}
            Kind::Word => {
                let near = factor.filter(|(end, _)| found.start() - end <= REACH_BYTES);
                let mut valence = value * near.map_or(1.0, |(_, factor)| factor);
                if is_denied(said, found.start()) {
                    valence *= DENIED;
                    tally.turned = true;
                }
                factor = None;
                clause_sum += valence;
                decided = true;
                if collect {
                    let span = folded.origin(found.start())..folded.origin(found.end());
                    tally.words.extend(text.get(span).map(str::to_owned));
                }
            }
        }
    }
    tally.sentence(said.len() - begin, decided);
    sum += clause_sum;
    if tally.understood > 0 {
        tally.score = Some(normalize(sum));
    }
    tally
}

/// Whether a denial stands right before the place, or before one word of degree.
fn is_denied(text: &str, at: usize) -> bool {
    let mut before = text.get(..at).unwrap_or_default();
    for degree in [
        "很", "太", "那么", "那麼", "特别", "非常", "怎么", "啥", "什么", "任何", "一点", "是",
        "有",
    ] {
        if let Some(shorter) = before.strip_suffix(degree) {
            before = shorter;
            break;
        }
    }
    let denies = DENIALS.iter().any(|word| before.ends_with(word));
    // 是不是, 要不要, 特别 end like a denial and are none; so does what stands behind 不但.
    denies
        && ![
            "特别", "分别", "区别", "是不", "好不", "要不", "能不", "会不",
        ]
        .iter()
        .any(|word| before.ends_with(word))
}
