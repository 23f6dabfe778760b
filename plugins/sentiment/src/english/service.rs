//! What English says of service and products, counted beside VADER's own.

use super::tokens::Token;

const TOO_MUCH: f64 = -2.2;

/// What the word at `at` says of service and products, and whether a denial turned it. A denial holds four words on.
pub(super) fn read(tokens: &[Token<'_>], at: usize) -> (f64, bool) {
    let Some(token) = tokens.get(at) else {
        return (0.0, false);
    };
    let said = token.known.service;
    if !said.is_any() {
        return (0.0, false);
    }
    let back = |steps: usize| at.checked_sub(steps).and_then(|at| tokens.get(at));
    if said.measures && back(1).is_some_and(|before| before.is("too")) {
        return (TOO_MUCH, false);
    }
    let before = (1..=4).map_while(back);
    let denied = before
        .take_while(|token| !token.ends_sentence)
        .any(|token| token.denies || token.is("no"));
    match (denied, said.missed != 0.0) {
        (true, true) => (said.missed, true),
        (true, false) => (said.valence * -0.5, true),
        (false, _) => (said.valence, false),
    }
}
