//! A component that is evil in every role: each attack ends in its own typed error, nothing of
//! what was forged is used, and the next call is answered.

mod answers;
mod apart;
mod attacks;
mod binary;
mod bombs;
mod cache;
mod compile;
mod resources;
mod stage;
mod ways;
