//! What several plugins ask of probability: exact upper tails, and what remains of them when many questions are
//! asked at once. Pure functions of numbers; each names the paper its formula comes from.

pub mod multiple;
pub mod tails;
