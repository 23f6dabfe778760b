//! The exact test of a share that rose, and the control of false discoveries among many such tests.

/// ln n! for n from 0 to the largest count of texts.
pub struct Factorials(Vec<f64>);

impl Factorials {
    /// For counts up to `most`.
    #[must_use]
    pub fn up_to(most: usize) -> Self {
        let mut sum = 0.0;
        let logarithms = (0..=most).map(|n| {
            if n > 1 {
                sum += (n as f64).ln();
            }
            sum
        });
        Self(logarithms.collect())
    }

    fn of(&self, n: u32) -> f64 {
        self.0.get(n as usize).copied().unwrap_or(f64::INFINITY)
    }

    /// P(X ≥ `hits`) when `all_hits` texts of `texts + others` carry the term and chance alone decides which of them are
    /// among the `texts` (Fisher 1935, one side). 1 when the share among `texts` is not the higher one.
    #[must_use]
    pub fn rose(&self, hits: u32, texts: u32, all_hits: u32, others: u32) -> f64 {
        let (total, most) = (texts + others, texts.min(all_hits));
        let expected = f64::from(texts) * f64::from(all_hits) / f64::from(total.max(1));
        if f64::from(hits) <= expected || hits > most {
            return 1.0;
        }
        let choose = |n: u32, k: u32| self.of(n) - self.of(k) - self.of(n - k.min(n));
        let first =
            choose(all_hits, hits) + choose(total - all_hits, texts - hits) - choose(total, texts);
        let (mut term, mut sum) = (first.exp(), first.exp());
        for k in hits..most {
            let unmarked = f64::from(total - all_hits) - f64::from(texts - k) + 1.0;
            term *= f64::from(all_hits - k) / f64::from(k + 1) * f64::from(texts - k) / unmarked;
            sum += term;
            if term < sum * 1e-18 {
                break;
            }
        }
        sum.clamp(0.0, 1.0)
    }
}

/// q-values (Benjamini & Hochberg 1995) of p-values in rising order, when `tested` questions were asked.
#[must_use]
pub fn q_values(sorted: &[f64], tested: usize) -> Vec<f64> {
    let mut q_values = vec![1.0; sorted.len()];
    let mut least: f64 = 1.0;
    for (at, (p, q)) in sorted.iter().zip(&mut q_values).enumerate().rev() {
        least = least.min(p * tested as f64 / (at + 1) as f64);
        *q = least;
    }
    q_values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_equal_what_counting_gives() {
        let factorials = Factorials::up_to(500);
        // The lady tasting tea: all four right 1/70, three or more 17/70.
        assert!((factorials.rose(4, 4, 4, 4) - 1.0 / 70.0).abs() < 1e-12);
        assert!((factorials.rose(3, 4, 4, 4) - 17.0 / 70.0).abs() < 1e-12);
        assert_eq!(factorials.rose(2, 4, 4, 4), 1.0);
        assert_eq!(factorials.rose(0, 0, 0, 0), 1.0);
        // All texts are recent: nothing can have risen.
        assert_eq!(factorials.rose(9, 9, 9, 0), 1.0);
        // Seven of 27 reports against nine of 1,247: 8.42949e-9 by an independent reckoning.
        let large = Factorials::up_to(1_274);
        assert!((large.rose(7, 27, 16, 1_247) / 8.42949e-9 - 1.0).abs() < 1e-5);
    }

    #[test]
    fn the_example_of_the_paper_rejects_four() {
        let p = [
            0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262,
            0.5719, 0.6528, 0.7590, 1.0,
        ];
        let q = q_values(&p, 15);
        assert_eq!(q.iter().filter(|q| **q <= 0.05).count(), 4);
    }
}
