//! Measures of a 2×2 table of reports: this unit or another, this topic or another.

use super::intervals::gamma_quantile;
use super::{Interval, TAIL_95, Z_95, finite};
use tsugi_statistics::tails::hypergeometric_upper;

/// Counts of reports: `a` this unit with the topic, `b` this unit without it, `c` other units
/// with the topic, `d` other units without it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TwoByTwo {
    /// This unit, this topic.
    pub a: u64,
    /// This unit, another topic.
    pub b: u64,
    /// Another unit, this topic.
    pub c: u64,
    /// Another unit, another topic.
    pub d: u64,
}

impl TwoByTwo {
    pub(crate) fn total(&self) -> u64 {
        self.a + self.b + self.c + self.d
    }

    /// What `a` would be were unit and topic independent; 0 without reports.
    pub(crate) fn expected(&self) -> f64 {
        let total = self.total() as f64;
        if total == 0.0 {
            0.0
        } else {
            (self.a + self.b) as f64 * (self.a + self.c) as f64 / total
        }
    }

    /// Proportional reporting ratio with its 95 % interval (Evans, Waller and Davis 2001).
    /// The ratio is `None` when it would be infinite (no topic elsewhere) or unknown.
    pub(crate) fn prr(&self) -> (Option<f64>, Interval) {
        let [a, b, c, d] = self.floats();
        let ratio = finite((a / (a + b)) / (c / (c + d)));
        let spread = 1.0 / a - 1.0 / (a + b) + 1.0 / c - 1.0 / (c + d);
        (ratio, log_interval(ratio, spread))
    }

    /// Reporting odds ratio with its 95 % interval (Rothman, Lanes and Sacks 2004); `None` where
    /// an empty cell makes it infinite or unknown.
    pub(crate) fn ror(&self) -> (Option<f64>, Interval) {
        let [a, b, c, d] = self.floats();
        let ratio = finite((a * d) / (b * c));
        (
            ratio,
            log_interval(ratio, 1.0 / a + 1.0 / b + 1.0 / c + 1.0 / d),
        )
    }

    /// Information component log2((a + ½) / (E + ½)) and its lower 95 % limit from the gamma
    /// posterior with shape a + ½ and rate E + ½ (Norén, Hopstadius and Bate 2013).
    pub(crate) fn ic(&self) -> (f64, Option<f64>) {
        let (shape, rate) = (self.a as f64 + 0.5, self.expected() + 0.5);
        let low = gamma_quantile(shape, TAIL_95).and_then(|at| finite((at / rate).log2()));
        ((shape / rate).log2(), low)
    }

    /// Likelihood ratio statistic 2 Σ O ln(O / E) over the four cells (Woolf 1957).
    pub(crate) fn g2(&self) -> f64 {
        let sum: f64 = self
            .cells_and_expected()
            .iter()
            .map(|(seen, expected)| {
                if *seen > 0.0 && *expected > 0.0 {
                    seen * (seen / expected).ln()
                } else {
                    0.0
                }
            })
            .sum();
        (2.0 * sum).max(0.0)
    }

    /// Chi-square with the continuity correction of Yates 1934; 0 when a margin is empty.
    pub(crate) fn yates(&self) -> f64 {
        let [a, b, c, d] = self.floats();
        let margins = (a + b) * (c + d) * (a + c) * (b + d);
        if margins <= 0.0 {
            return 0.0;
        }
        let total = a + b + c + d;
        let gap = ((a * d - b * c).abs() - total / 2.0).max(0.0);
        total * gap * gap / margins
    }

    /// One-sided exact probability of `a` or more (Fisher 1935).
    pub(crate) fn fisher_p(&self) -> f64 {
        hypergeometric_upper(self.a, self.a + self.b, self.a + self.c, self.total())
    }

    fn floats(&self) -> [f64; 4] {
        [self.a as f64, self.b as f64, self.c as f64, self.d as f64]
    }

    fn cells_and_expected(&self) -> [(f64, f64); 4] {
        let [a, b, c, d] = self.floats();
        let total = (a + b + c + d).max(1.0);
        [
            (a, (a + b) * (a + c) / total),
            (b, (a + b) * (b + d) / total),
            (c, (c + d) * (a + c) / total),
            (d, (c + d) * (b + d) / total),
        ]
    }
}

/// The interval of a ratio on the log scale; `None` where the ratio or its spread is not finite.
fn log_interval(ratio: Option<f64>, variance: f64) -> Interval {
    match ratio {
        Some(ratio) if ratio > 0.0 && variance.is_finite() && variance >= 0.0 => {
            let half = Z_95 * variance.sqrt();
            Interval::of(ratio * (-half).exp(), ratio * half.exp())
        }
        _ => Interval::NONE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(got: f64, want: f64, relative: f64) {
        assert!(
            (got - want).abs() <= relative * want.abs(),
            "{got} is not {want}"
        );
    }

    #[test]
    fn cracks_of_da_vinci_part_420179() {
        // MAUDE narratives 2013: (a, b, c, d) = (7, 20, 9, 1238).
        let table = TwoByTwo {
            a: 7,
            b: 20,
            c: 9,
            d: 1238,
        };
        let (prr, interval) = table.prr();
        close(prr.unwrap(), 35.9218, 1e-5);
        close(interval.low.unwrap(), 14.4423, 1e-5);
        close(table.ror().0.unwrap(), 48.1444, 1e-5);
        close(table.ic().0, 3.15999, 1e-5);
        close(table.ic().1.unwrap(), 1.89976, 1e-5);
        close(table.g2(), 34.2718, 1e-5);
        close(table.fisher_p(), 8.42949e-9, 1e-5);
    }

    #[test]
    fn late_delivery_and_low_scores_of_olist() {
        let table = TwoByTwo {
            a: 849,
            b: 739,
            c: 1733,
            d: 16805,
        };
        close(table.prr().0.unwrap(), 5.719_018_577, 1e-9);
        close(table.ror().0.unwrap(), 11.140_462_111, 1e-9);
        close(table.g2(), 1_714.791_066_322, 1e-9);
    }

    #[test]
    fn the_first_seller_of_olist() {
        let table = TwoByTwo {
            a: 24,
            b: 18,
            c: 3049 - 24,
            d: 20836 - 42 - (3049 - 24),
        };
        close(table.expected(), 6.145_997_312, 1e-9);
        close(table.prr().0.unwrap(), 3.928_028_335, 1e-9);
        close(table.prr().1.low.unwrap(), 3.016_698_137, 1e-7);
        close(table.ror().0.unwrap(), 7.832_066_116, 1e-9);
        close(table.g2(), 40.704_045_88, 1e-9);
        close(table.ic().0, 1.882_224_135, 1e-9);
        close(table.ic().1.unwrap(), 1.247_307_189, 1e-8);
        close(table.fisher_p(), 2.045_953_076e-10, 1e-8);
    }

    #[test]
    fn the_lots_of_cobalt_bone_cement() {
        // MAUDE 2017: lot 507830, 6 malfunctions of 6 reports, family 14 of 34; lot 668160, 0 of 3.
        let first = TwoByTwo {
            a: 6,
            b: 0,
            c: 8,
            d: 20,
        };
        close(first.fisher_p(), 0.002_232_873_127, 1e-9);
        close(first.prr().0.unwrap(), 3.5, 1e-12);
        close(first.ic().1.unwrap(), -0.246_297_889_4, 1e-8);
        assert_eq!(first.ror(), (None, Interval::NONE));
        let none = TwoByTwo {
            a: 0,
            b: 3,
            c: 14,
            d: 17,
        };
        assert_eq!(none.prr(), (Some(0.0), Interval::NONE));
        close(none.ic().1.unwrap(), -11.787_068_02, 1e-7);
        assert_eq!(none.fisher_p(), 1.0);
    }

    #[test]
    fn yates_shrinks_the_plain_chi_square() {
        // Worked by hand: 100 × (|20 × 30 - 20 × 30| …) has no gap; a lopsided table has one.
        assert_eq!(
            TwoByTwo {
                a: 20,
                b: 30,
                c: 20,
                d: 30
            }
            .yates(),
            0.0
        );
        // n (|ad - bc| - n/2)² / margins = 40 × (200 - 20)² / (20 × 20 × 20 × 20) = 8.1.
        close(
            TwoByTwo {
                a: 15,
                b: 5,
                c: 5,
                d: 15,
            }
            .yates(),
            8.1,
            1e-12,
        );
        assert_eq!(
            TwoByTwo {
                a: 0,
                b: 0,
                c: 5,
                d: 15
            }
            .yates(),
            0.0
        );
    }

    #[test]
    fn an_empty_table_gives_no_ratio_and_no_nan() {
        let empty = TwoByTwo {
            a: 0,
            b: 0,
            c: 0,
            d: 0,
        };
        assert_eq!(
            (empty.prr().0, empty.ror().0, empty.expected()),
            (None, None, 0.0)
        );
        assert_eq!(
            (empty.g2(), empty.yates(), empty.fisher_p()),
            (0.0, 0.0, 1.0)
        );
    }
}
