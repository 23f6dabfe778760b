//! How "but" moves the weight of a sentence to what follows it, as VADER does it, in time linear in the text.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

/// Halves the valences before the word at `but` and raises those after it by half.
///
/// VADER finds the valence to change by its value, so of equal ones the first that is left is changed; scores
/// equal its own only when that is kept.
pub(crate) fn but_weights(valences: &mut [f64], but: usize) {
    let mut places: HashMap<u64, BinaryHeap<Reverse<usize>>> = HashMap::new();
    for (at, valence) in valences
        .iter()
        .enumerate()
        .filter(|(_, valence)| **valence != 0.0)
    {
        places
            .entry(valence.to_bits())
            .or_default()
            .push(Reverse(at));
    }
    for at in 0..valences.len() {
        let Some(&value) = valences.get(at) else {
            continue;
        };
        if value == 0.0 {
            continue;
        }
        let Some(first) = places
            .get(&value.to_bits())
            .and_then(|places| places.peek())
            .map(|&Reverse(first)| first)
        else {
            continue;
        };
        let weight = match first.cmp(&but) {
            std::cmp::Ordering::Less => 0.5,
            std::cmp::Ordering::Equal => continue,
            std::cmp::Ordering::Greater => 1.5,
        };
        if let Some(places) = places.get_mut(&value.to_bits()) {
            places.pop();
        }
        if let Some(valence) = valences.get_mut(first) {
            *valence = value * weight;
        }
        places
            .entry((value * weight).to_bits())
            .or_default()
            .push(Reverse(first));
    }
}

#[cfg(test)]
mod tests {
    use super::but_weights;

    #[test]
    fn what_follows_but_weighs_more() {
        let mut valences = [2.0, 0.0, -1.0];
        but_weights(&mut valences, 1);
        assert_eq!(valences, [1.0, 0.0, -1.5]);
    }

    #[test]
    fn equal_valences_change_in_the_order_vader_finds_them() {
        // The second 2.0 is found at its own place only once the first has changed.
        let mut valences = [2.0, 2.0, 0.0, 1.0];
        but_weights(&mut valences, 2);
        // 2 → 1 and 2 → 1, then the last 1.0 is found at the first place, which is halved again.
        assert_eq!(valences, [0.5, 1.0, 0.0, 1.0]);
    }
}
