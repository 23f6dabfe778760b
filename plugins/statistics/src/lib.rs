//! The probability that several plugins share: exact upper tails, and what remains of them when many hypotheses are
//! tested at once. Pure functions of numbers; each names the paper its formula comes from.

pub mod multiple;
pub mod tails;
