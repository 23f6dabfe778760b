//! Probability for several plugins: exact upper tails, and their correction when many hypotheses are tested at
//! once. Pure functions of numbers; each names the paper its formula comes from.

pub mod multiple;
pub mod tails;
