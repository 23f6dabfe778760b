//! Finding topics in a text: all words of all rules in one pass, then part and defect brought together.

use std::collections::HashMap;

use super::defect::{Defect, denied};
use super::rules::{Role, Rules, Tongue, Use};
use super::span::{Measure, NEIGHBOURS, Span, around, snippet};
use crate::fold::Folded;

/// The widest gap between the two pieces of an alternative.
const PIECES_WORDS: u32 = 4;
const PIECES_CHARACTERS: u32 = 10;

/// A topic found in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<'r> {
    /// The rule's topic.
    pub topic: &'r str,
    /// The rule's severity.
    pub severity: &'r str,
    /// The part as it stands in the text; none where the rule names none.
    pub part: Option<String>,
    /// The defect as it stands in the text.
    pub defect: String,
    /// The place in the text with a few words around it.
    pub snippet: String,
    /// The text says that it is not so, or only fears it.
    pub negated: bool,
}

#[derive(Default, Debug)]
pub(super) struct RuleSpans {
    parts: Vec<Span>,
    defects: Vec<Defect>,
    excludes: Vec<Span>,
    /// Excludes that cancel the rule for the whole text, unless they are denied themselves.
    cancels: Vec<Defect>,
}

#[derive(Clone, Copy, Debug)]
struct Candidate {
    rule: usize,
    part: Option<Span>,
    defect: Defect,
    gap: u32,
}

/// An alternative in two pieces, and where each of them stands.
#[derive(Debug)]
pub(super) struct Pieces {
    pub used: Use,
    pub tongue: Tongue,
    pub spans: [Vec<Span>; 2],
}

/// Memory that is kept from text to text.
#[derive(Default, Debug)]
pub struct Scratch {
    pub(super) folded: Folded,
    pub(super) rules: Vec<RuleSpans>,
    pub(super) touched: Vec<usize>,
    /// The pieces found of each alternative that has two.
    pub(super) pieces: HashMap<usize, Pieces>,
    measure: Measure,
    defects: Vec<Span>,
    candidates: Vec<Candidate>,
    /// Where words of the rules stand as they are written.
    pub(super) exact: Vec<Span>,
}

impl Rules {
    /// The topics of `text`, at most one of each; those denied in the text come with `negated` set.
    ///
    /// `lang` is the language as the row states it; a blank or wrong one does no harm, since the text is looked at too.
    pub fn find<'r>(&'r self, text: &str, lang: &str, scratch: &mut Scratch) -> Vec<Found<'r>> {
        scratch.folded.fill(text);
        scratch
            .rules
            .resize_with(self.rules.len(), RuleSpans::default);
        for rule in scratch.touched.drain(..) {
            if let Some(spans) = scratch.rules.get_mut(rule) {
                spans.parts.clear();
                spans.defects.clear();
                spans.excludes.clear();
                spans.cancels.clear();
            }
        }
        scratch.pieces.clear();
        self.collect(text, lang, scratch);
        if scratch.touched.is_empty() {
            return Vec::new();
        }
        scratch.measure.fill(scratch.folded.text());
        join_pieces(scratch);
        self.pair(scratch);
        self.compete(scratch);
        self.choose(text, scratch)
    }

    /// Each defect with the nearest part of its rule, unless an exclude stands in the way.
    fn pair(&self, scratch: &mut Scratch) {
        scratch.candidates.clear();
        scratch.defects.clear();
        for &at in &scratch.touched {
            let (Some(rule), Some(spans)) = (self.rules.get(at), scratch.rules.get_mut(at)) else {
                continue;
            };
            spans.parts.sort_unstable();
            spans.excludes.sort_unstable();
            spans.defects.sort_unstable_by_key(|defect| defect.span);
            scratch
                .defects
                .extend(spans.defects.iter().map(|defect| defect.span));
            let text = scratch.folded.text();
            if spans
                .cancels
                .iter()
                .take(NEIGHBOURS)
                .any(|&cancel| !denied(cancel, None, text, &[]))
            {
                continue;
            }
            for &defect in &spans.defects {
                let part = nearest(&spans.parts, defect, &scratch.measure);
                let (part, gap) = match part {
                    Some((part, gap)) if gap <= rule.max_gap => (Some(part), gap),
                    _ if rule.needs_part => continue,
                    _ => (None, 0),
                };
                if !excluded(&spans.excludes, part, defect, gap, &scratch.measure) {
                    scratch.candidates.push(Candidate {
                        rule: at,
                        part,
                        defect,
                        gap,
                    });
                }
            }
        }
        scratch.defects.sort_unstable();
        scratch.defects.dedup();
        scratch
            .candidates
            .sort_by_key(|candidate| candidate.defect.span);
    }

    /// A defect belongs to the part that stands nearest to it, and to the longest words that name it.
    fn compete(&self, scratch: &mut Scratch) {
        let topic = |candidate: &Candidate| {
            self.rules
                .get(candidate.rule)
                .map(|rule| rule.topic.as_str())
        };
        let all = &scratch.candidates;
        let kept: Vec<Candidate> = all
            .iter()
            .enumerate()
            .filter(|&(at, one)| {
                let rivals = all
                    .get(at.saturating_sub(2 * NEIGHBOURS)..(at + 2 * NEIGHBOURS).min(all.len()));
                !rivals.unwrap_or_default().iter().any(|rival| {
                    let (ours, theirs) = (one.defect.span, rival.defect.span);
                    if topic(rival) == topic(one) || !ours.overlaps(theirs) {
                        return false;
                    }
                    let holds =
                        theirs.begin <= ours.begin && ours.end <= theirs.end && theirs != ours;
                    let nearer = one.part.is_some() && rival.part.is_some() && rival.gap < one.gap;
                    holds
                        || (nearer
                            && !(ours.begin <= theirs.begin
                                && theirs.end <= ours.end
                                && theirs != ours))
                })
            })
            .map(|(_, one)| *one)
            .collect();
        scratch.candidates = kept;
    }

    /// The best match of each topic: one that is not denied, then the closest, then the first.
    fn choose<'r>(&'r self, original: &str, scratch: &Scratch) -> Vec<Found<'r>> {
        let mut best: Vec<(&str, bool, Candidate)> = Vec::new();
        let mut by_topic: HashMap<&str, usize> = HashMap::new();
        for candidate in &scratch.candidates {
            let Some(rule) = self.rules.get(candidate.rule) else {
                continue;
            };
            let known = by_topic
                .get(rule.topic.as_str())
                .and_then(|&at| best.get_mut(at));
            if known
                .as_ref()
                .is_some_and(|(_, negated, known)| !negated && known.gap <= candidate.gap)
            {
                continue;
            }
            let negated = denied(
                candidate.defect,
                candidate.part,
                scratch.folded.text(),
                &scratch.defects,
            );
            match known {
                Some(known) if (negated, candidate.gap) < (known.1, known.2.gap) => {
                    *known = (rule.topic.as_str(), negated, *candidate);
                }
                Some(_) => {}
                None => {
                    by_topic.insert(rule.topic.as_str(), best.len());
                    best.push((rule.topic.as_str(), negated, *candidate));
                }
            }
        }
        let shown = |span: Span| {
            let span = scratch.folded.origin(span.begin)..scratch.folded.origin(span.end);
            original.get(span).unwrap_or_default().trim().to_owned()
        };
        best.into_iter()
            .map(|(topic, negated, candidate)| Found {
                topic,
                severity: self
                    .rules
                    .get(candidate.rule)
                    .map_or("", |rule| rule.severity.as_str()),
                part: candidate.part.map(shown),
                defect: shown(candidate.defect.span),
                snippet: snippet(
                    original,
                    &scratch.folded,
                    candidate.part,
                    candidate.defect.span,
                ),
                negated,
            })
            .collect()
    }
}

impl RuleSpans {
    pub(super) fn add(&mut self, span: Span, tongue: Tongue, role: Role, marked: bool) {
        match role {
            Role::Part => self.parts.push(span),
            Role::Defect => self.defects.push(Defect {
                span,
                tongue,
                marked,
            }),
            Role::Exclude if marked => self.cancels.push(Defect {
                span,
                tongue,
                marked: false,
            }),
            Role::Exclude => self.excludes.push(span),
        }
    }
}

/// Alternatives in two pieces become one span where the second piece follows the first closely.
fn join_pieces(scratch: &mut Scratch) {
    for Pieces {
        used,
        tongue,
        spans: [firsts, seconds],
    } in scratch.pieces.values_mut()
    {
        firsts.sort_unstable();
        seconds.sort_unstable();
        let reach = if *tongue == Tongue::Japanese {
            PIECES_CHARACTERS
        } else {
            PIECES_WORDS
        };
        for &first in firsts.iter() {
            let next = seconds.partition_point(|second| second.begin < first.end);
            let Some(&second) = seconds.get(next) else {
                break;
            };
            if scratch.measure.gap(first, second, *tongue) > reach
                || !scratch.measure.same_sentence(first, second)
            {
                continue;
            }
            if let Some(spans) = scratch.rules.get_mut(used.rule) {
                spans.add(
                    Span {
                        begin: first.begin,
                        end: second.end,
                    },
                    *tongue,
                    used.role,
                    used.marked,
                );
            }
        }
    }
}

fn nearest(parts: &[Span], defect: Defect, measure: &Measure) -> Option<(Span, u32)> {
    around(parts, defect.span)
        .iter()
        .filter(|part| !part.overlaps(defect.span))
        .map(|&part| (part, measure.gap(part, defect.span, defect.tongue)))
        .min_by_key(|&(_, gap)| gap)
}

/// An exclude cancels a match that it overlaps, or when it stands nearer to the defect than the part does; where there
/// is no part, anywhere in the sentence.
fn excluded(
    excludes: &[Span],
    part: Option<Span>,
    defect: Defect,
    gap: u32,
    measure: &Measure,
) -> bool {
    let overlaps_part = part.is_some_and(|part| {
        around(excludes, part)
            .iter()
            .any(|&exclude| exclude.overlaps(part))
    });
    overlaps_part
        || around(excludes, defect.span).iter().any(|&exclude| {
            exclude.overlaps(defect.span)
                || (measure.same_sentence(exclude, defect.span)
                    && (part.is_none() || measure.gap(exclude, defect.span, defect.tongue) < gap))
        })
}
