//! Testing many hypotheses at once: the false discovery rate.

/// q-values after Benjamini and Hochberg 1995, in the order of `p_values`, when `tested` hypotheses
/// were tested in all. Those that are not in `p_values` count as p = 1, so that pairs without any
/// event need not be stored to be counted.
pub fn benjamini_hochberg(p_values: &[f64], tested: u64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    let p_at = |at: usize| p_values.get(at).copied().unwrap_or(1.0);
    order.sort_by(|&left, &right| p_at(left).total_cmp(&p_at(right)).then(left.cmp(&right)));
    let tested = (tested as f64).max(p_values.len() as f64);
    let mut q_values = vec![1.0; p_values.len()];
    let mut least: f64 = 1.0;
    for (below, &at) in order.iter().enumerate().rev() {
        least = least.min(p_at(at) * (tested / (below + 1) as f64));
        if let Some(q) = q_values.get_mut(at) {
            *q = least;
        }
    }
    q_values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_paper_rejects_four() {
        // Benjamini and Hochberg 1995, section 3.1: 15 p-values, four rejected at 0.05.
        let p = [
            0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262,
            0.5719, 0.6528, 0.7590, 1.0,
        ];
        let q = benjamini_hochberg(&p, 15);
        assert_eq!(q.iter().filter(|q| **q < 0.05).count(), 4);
        assert!((q[3] - 0.0095 * 15.0 / 4.0).abs() < 1e-12);
        assert!(q.windows(2).all(|pair| pair[0] <= pair[1]));
    }

    #[test]
    fn hypotheses_without_events_count() {
        let all = benjamini_hochberg(&[0.01, 1.0, 1.0, 1.0], 4);
        assert_eq!(all[0], benjamini_hochberg(&[0.01], 4)[0]);
        assert_eq!(benjamini_hochberg(&[0.03], 1_000), [1.0]);
        assert!(benjamini_hochberg(&[], 10).is_empty());
    }

    #[test]
    fn the_order_of_the_hypotheses_does_not_matter() {
        assert_eq!(
            benjamini_hochberg(&[0.2, 0.01, 0.03], 3),
            [0.2, 0.03, 0.045]
        );
    }
}
