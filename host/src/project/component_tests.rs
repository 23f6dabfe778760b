//! Tests of [`super`] on components written in the binary format by hand.
