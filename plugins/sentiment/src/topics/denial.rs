//! Whether a defect is denied or only supposed in English and German: what stands around it in its clause.

use super::context::is_again;
use super::span::Span;

/// What a language says no with, and what keeps a "no" from reaching the defect.
pub(super) struct Denials {
    before: &'static [&'static str],
    /// A word ends so when it denies ("hasn't").
    ending: &'static str,
    /// Between a denial and a defect, these show that something else is denied.
    stops: &'static [&'static str],
    /// Directly behind a denial, these take it for themselves ("not only", "nicht mehr").
    takes: &'static [&'static str],
    /// In front of a defect, these make it a fear or a condition.
    supposes: &'static [&'static str],
    /// Behind a defect, these deny it; with how they may be kept from it.
    behind: &'static [&'static str],
    behind_stops: &'static [&'static str],
    /// Directly behind the defect.
    protects: &'static [&'static str],
    and: &'static [&'static str],
}

pub(super) const ENGLISH: Denials = Denials {
    before: &[
        "no", "not", "never", "without", "none", "zero", "neither", "nor", "cannot", "hardly",
        "lack", "absence", "isnt", "didnt", "hasnt", "havent", "wont", "doesnt", "dont", "wasnt",
    ],
    ending: "n't",
    stops: &[
        "because",
        "but",
        "since",
        "as",
        "that",
        "when",
        "after",
        "though",
        "although",
        "so",
        "believe",
        "until",
        "till",
        "before",
        "who",
        "which",
        "why",
        "how",
        "expect",
        "expected",
        "think",
        "thought",
        "imagine",
        "buy",
        "wear",
        "walk",
        "use",
        "recommend",
        "last",
        "lasted",
        "fit",
        "where",
        "while",
        "then",
        "yet",
        "already",
        "due",
        "with",
        "want",
        "accept",
        "tolerate",
        "understand",
        "sell",
        "ship",
    ],
    takes: &[
        "only",
        "just",
        "even",
        "sure",
        "happy",
        "impressed",
        "amused",
        "satisfied",
        "pleased",
        "good",
        "great",
        "acceptable",
        "wearable",
        "worth",
        "surprised",
        "again",
        "longer",
        "wonder",
        "idea",
        "doubt",
        "matter",
        "surprise",
        "way",
        "joke",
        "reason",
        "use",
        "help",
        "response",
        "reply",
        "one",
        "point",
        "chance",
        "long",
        "much",
        "durable",
        "kidding",
        "cool",
        "ok",
        "okay",
        "to",
    ],
    supposes: &[
        "if", "might", "may", "whether", "afraid", "worried", "fear", "prevent", "prevents",
        "avoid", "resist", "resists", "against", "unless",
    ],
    behind: &[],
    behind_stops: &[],
    protects: &["free", "resistant", "resistance", "proof"],
    and: &["and"],
};

pub(super) const GERMAN: Denials = Denials {
    before: &[
        "nicht",
        "nie",
        "niemals",
        "kein",
        "keine",
        "keinen",
        "keiner",
        "keinem",
        "keines",
        "keinerlei",
        "ohne",
        "weder",
        "nichts",
        "ned",
        "net",
    ],
    ending: "\u{0}",
    stops: &[
        "aber",
        "weil",
        "dass",
        "da",
        "obwohl",
        "sondern",
        "als",
        "nachdem",
        "denn",
        "bevor",
        "bis",
        "glauben",
        "fassen",
        "erwartet",
        "gedacht",
        "wenn",
        "wo",
        "warum",
        "wieso",
        "trotz",
        "mit",
        "wegen",
        "schon",
        "bereits",
        "empfehlen",
        "kaufen",
        "tragen",
        "laufen",
    ],
    takes: &[
        "nur",
        "mehr",
        "einmal",
        "mal",
        "lange",
        "gut",
        "schoen",
        "zufrieden",
        "zu",
        "tragbar",
        "gerechnet",
        "erst",
        "ganz",
        "umsonst",
        "besonders",
        "viel",
        "oft",
        "ahnung",
        "wunder",
        "frage",
        "zweifel",
        "lust",
        "chance",
        "reaktion",
        "antwort",
        "ersatz",
        "grund",
        "verlass",
    ],
    supposes: &[
        "falls",
        "ob",
        "befuerchte",
        "angst",
        "gegen",
        "verhindert",
        "koennte",
        "koennten",
    ],
    behind: &[
        "nicht", "nie", "keine", "keinen", "keiner", "kein", "niemals",
    ],
    behind_stops: &[
        "und",
        "aber",
        "weil",
        "dass",
        "da",
        "obwohl",
        "sondern",
        "als",
        "nachdem",
        "denn",
        "kann",
        "konnte",
        "koennen",
        "darf",
        "soll",
        "sollte",
        "will",
        "werde",
        "wurde",
        "bekomme",
        "bekam",
        "darueber",
        "damit",
        "wasserdicht",
        "dicht",
        "wie",
        "oder",
        "trotz",
        "bei",
        "nach",
    ],
    protects: &["frei", "fest", "sicher", "schutz", "resistent"],
    and: &["und"],
};

/// Words looked at before and behind a defect.
const REACH: usize = 6;
const SUPPOSED_REACH: usize = 4;
/// No look-up goes further than this, in bytes: words may be of any length.
const REACH_BYTES: usize = 160;

impl Denials {
    /// Whether `defect` is denied or only supposed. `others` are all defects of the text, `part` the part it belongs to.
    pub(super) fn hold(
        &self,
        text: &str,
        defect: Span,
        part: Option<Span>,
        others: &[Span],
    ) -> bool {
        self.before(text, defect, part, others)
            || self.behind(text, defect)
            || self.protected(text, defect)
    }

    fn before(&self, text: &str, defect: Span, part: Option<Span>, others: &[Span]) -> bool {
        let mut end = defect.begin;
        let floor = end.saturating_sub(REACH_BYTES);
        let mut nearer = "";
        for step in 0..REACH {
            let Some((begin, word_end)) = word_before(text, end, floor) else {
                return false;
            };
            let gap = text.get(word_end..end).unwrap_or_default();
            let listed = near(others, word_end)
                .iter()
                .any(|other| other.end == word_end && *other != defect);
            if gap.contains(['.', '!', '?', ';', ':', '(', ')', '\n'])
                || (gap.contains(',') && !listed)
            {
                return false;
            }
            let word = text.get(begin..word_end).unwrap_or_default();
            if self.stops.contains(&word) {
                return false;
            }
            if self.and.contains(&word) {
                // "no cracks and tears", but not "did not fit and cracked".
                let joins = near(others, begin)
                    .iter()
                    .any(|other| text.get(other.end..begin) == Some(" "));
                if !joins {
                    return false;
                }
            }
            let is_part = part.is_some_and(|part| begin < part.end && part.begin < word_end);
            if step < SUPPOSED_REACH && self.supposes.contains(&word) {
                return !is_again(text, defect.end);
            }
            if self.before.contains(&word) || word.ends_with(self.ending) {
                let crosses_part =
                    part.is_some_and(|part| part.begin > begin && part.end <= defect.begin);
                let adjacent = crosses_part
                    && step <= 2
                    && matches!(
                        word,
                        "no" | "without" | "zero" | "ohne" | "keine" | "kein" | "keinerlei"
                    );
                return !self.takes.contains(&nearer) && (!crosses_part || adjacent);
            }
            if !is_part {
                nearer = word;
            }
            end = begin;
        }
        false
    }

    fn behind(&self, text: &str, defect: Span) -> bool {
        let mut at = defect.end;
        let limit = (at + REACH_BYTES).min(text.len());
        for _ in 0..REACH - 2 {
            let Some((begin, end)) = word_behind(text, at, limit) else {
                return false;
            };
            let gap = text.get(at..begin).unwrap_or_default();
            if gap.contains(['.', '!', '?', ';', ':', ',', '(', ')', '\n']) {
                return false;
            }
            let word = text.get(begin..end).unwrap_or_default();
            if self.behind_stops.contains(&word) {
                return false;
            }
            if self.behind.contains(&word) {
                let next = word_behind(text, end, limit)
                    .and_then(|(begin, end)| text.get(begin..end))
                    .unwrap_or_default();
                return !self.takes.contains(&next);
            }
            at = end;
        }
        false
    }

    fn protected(&self, text: &str, defect: Span) -> bool {
        let rest = text.get(defect.end..).unwrap_or_default();
        let rest = rest.strip_prefix(['-', ' ']).unwrap_or(rest);
        self.protects.iter().any(|word| rest.starts_with(word))
    }
}

/// The last few spans that begin before `at`; `spans` are in order.
fn near(spans: &[Span], at: usize) -> &[Span] {
    let end = spans.partition_point(|span| span.begin < at);
    spans.get(end.saturating_sub(8)..end).unwrap_or_default()
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '\''
}

fn word_before(text: &str, end: usize, floor: usize) -> Option<(usize, usize)> {
    let before = text.get(..end)?;
    let word_end = before.rfind(is_word).filter(|&at| at >= floor)?;
    let word_end = word_end + before.get(word_end..)?.chars().next()?.len_utf8();
    let floor = (floor..=word_end).find(|&at| text.is_char_boundary(at))?;
    let begin = text
        .get(floor..word_end)?
        .char_indices()
        .rev()
        .take_while(|&(_, c)| is_word(c))
        .last()?
        .0;
    Some((floor + begin, word_end))
}

fn word_behind(text: &str, at: usize, limit: usize) -> Option<(usize, usize)> {
    let limit = (at..=limit).rev().find(|&at| text.is_char_boundary(at))?;
    let window = text.get(at..limit)?;
    let begin = window.find(is_word)?;
    let rest = window.get(begin..)?;
    let len = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
    Some((at + begin, at + begin + len))
}
