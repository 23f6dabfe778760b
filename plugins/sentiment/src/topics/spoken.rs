//! Which languages a text is read by, and denial behind Japanese defects.

use super::rules::Tongue;
use super::span::{NEIGHBOURS, Span};
use crate::grammar_ja;
use crate::language::{Language, detect, primary};

/// The languages whose rules a text is read by: the one stated, the one found, and Japanese wherever kana stand.
pub(super) struct Spoken {
    stated: String,
    found: Language,
    japanese: bool,
}

impl Spoken {
    pub(super) fn of(text: &str, lang: &str) -> Self {
        let japanese = text
            .chars()
            .any(|c| matches!(c, '\u{3041}'..='\u{30ff}' | '\u{ff66}'..='\u{ff9f}'));
        Self {
            stated: primary(lang),
            found: detect(text),
            japanese,
        }
    }

    pub(super) fn includes(&self, lang: &str) -> bool {
        lang.is_empty()
            || lang == self.stated
            || lang == self.found.tag()
            || (self.japanese && lang == "ja")
    }

    /// A term for all languages takes its grammar from the text.
    pub(super) fn tongue(&self, term: Tongue) -> Tongue {
        match (term, self.found) {
            (Tongue::Any, Language::German) => Tongue::German,
            (Tongue::Any, _) => Tongue::English,
            (term, _) => term,
        }
    }
}

/// Follows a list of defects ("ひび割れや剥がれはありません"), and over the part that may stand behind it, to the denial.
pub(super) fn denied_in_japanese(
    mut end: usize,
    part: Option<Span>,
    text: &str,
    defects: &[Span],
) -> bool {
    for _ in 0..NEIGHBOURS {
        let (said, rest) = text.split_at_checked(end).unwrap_or((text, ""));
        if said.ends_with('た') && rest.starts_with('ら') {
            return true;
        }
        let (turned, stopped) = grammar_ja::follow(rest, false);
        match turned {
            grammar_ja::After::Denied(_) | grammar_ja::After::Supposed => return true,
            grammar_ja::After::Hedged => return false,
            grammar_ja::After::Plain => {}
        }
        let behind_part = part
            .filter(|part| part.begin == end + stopped)
            .map(|part| part.end);
        match behind_part.or_else(|| next_listed(end, rest, defects)) {
            Some(next) => end = next,
            None => return false,
        }
    }
    false
}

/// The end of the defect that stands next in a list.
fn next_listed(end: usize, rest: &str, defects: &[Span]) -> Option<usize> {
    let stem = if rest.starts_with('れ') {
        'れ'.len_utf8()
    } else {
        0
    };
    let list = rest.get(stem..)?;
    ["", "も、", "や", "も", "と", "、", "・", "とか", "または"]
        .iter()
        .find_map(|joiner| {
            let begin = end + stem + list.strip_prefix(joiner).map(|_| joiner.len())?;
            let at = defects.partition_point(|defect| defect.begin < begin);
            let same = defects
                .get(at..)
                .unwrap_or_default()
                .iter()
                .take_while(|defect| defect.begin == begin);
            same.map(|defect| defect.end).max()
        })
}
