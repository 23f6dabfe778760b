//! A defect named in a text, and whether the text denies it.

use super::context::is_elsewhere;
use super::denial::{ENGLISH, GERMAN};
use super::rules::Tongue;
use super::span::Span;
use super::spoken::denied_in_japanese;

#[derive(Clone, Copy, Debug)]
pub(super) struct Defect {
    pub(super) span: Span,
    pub(super) tongue: Tongue,
    /// The rule says that the words count even where they are denied.
    pub(super) marked: bool,
}

/// Whether the text denies `defect`, asks whether it happens or tells it of another thing; `defects` are all defects of the rule in the text.
pub(super) fn denied(defect: Defect, part: Option<Span>, text: &str, defects: &[Span]) -> bool {
    if !defect.marked && is_elsewhere(text, defect.span) {
        return true;
    }
    match defect.tongue {
        _ if defect.marked => false,
        Tongue::Japanese => denied_in_japanese(defect.span.end, part, text, defects),
        Tongue::German => GERMAN.hold(text, defect.span, part, defects),
        Tongue::English | Tongue::Any => ENGLISH.hold(text, defect.span, part, defects),
    }
}
