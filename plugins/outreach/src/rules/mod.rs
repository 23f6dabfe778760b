//! The rules of a run: their types and values, where each applies, and the options of the call.

pub(crate) mod caps;
pub(crate) mod clock;
pub(crate) mod defaults;
pub(crate) mod hours;
pub(crate) mod normalize;
pub(crate) mod rule_types;
pub(crate) mod rulebook;
pub(crate) mod settings;
pub(crate) mod zones;
