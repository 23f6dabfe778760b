//! The verdicts. None of them claims more than the numbers allow: only a named person confirms a
//! cause.

/// What a comparison allows to be claimed, the strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Verdict {
    /// Clear after asking every question, and not the shadow of another.
    Leading,
    /// Clear, and inside a leading suspect whose rate it shares.
    PartOf,
    /// Noticeable, but too weak or too few to decide alone.
    NeedsPerson,
    /// A suspect inside it has the excess: without that part nothing unusual remains.
    ExplainedByPart,
    /// The excess is gone without the cells of a leading suspect.
    Explained,
    /// Nothing that chance would not bring among so many questions.
    NoEvidence,
}

impl Verdict {
    /// The verdict as the output has it.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Leading => "leading suspect",
            Self::PartOf => "part of a suspect",
            Self::NeedsPerson => "suspect, needs a person",
            Self::ExplainedByPart => "explained by its part",
            Self::Explained => "explained by another",
            Self::NoEvidence => "no evidence",
        }
    }
}

/// Fewer complaints than this never raise a suspicion.
pub(crate) const COMPLAINTS_MIN: u64 = 3;
