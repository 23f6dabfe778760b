//! What changed, and when: the newest days against the days before, changepoints in a series, and
//! the effect of a change that only some went through.

pub(crate) mod effect;
pub(crate) mod points;
pub(crate) mod recent;
