//! Probability for several plugins: exact upper tails, and their correction when many hypotheses are tested at
//! once. Pure functions of numbers; each names the paper its formula comes from.
// Nothing that a file, a plugin or SQL gives may panic; tests may.
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

pub mod multiple;
pub mod tails;
