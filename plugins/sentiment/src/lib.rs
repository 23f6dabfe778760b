//! Scores what customers say and sorts it into topics.
