//! The prior of the gamma-Poisson shrinker, fitted to all counts at once by maximum likelihood.
//!
//! The likelihood is that of R openEBGM: counts of at least 1, each component truncated by itself
//! (DuMouchel and Pregibon 2001); or, with zeros, the plain one (DuMouchel 1999, as in R PhViD).

use super::minimize::{Minimum, Point, minimize};
use super::shrink::Prior;
use statrs::function::gamma::{digamma, ln_gamma};

/// Fewer counts than this say too little about a mixture of two distributions.
pub(crate) const COUNTS_MIN: usize = 50;

/// No parameter may be larger: beyond, the counts are as good as even and the fit runs away.
pub(crate) const PARAMETER_MAX: f64 = 100.0;

/// Points that one count may keep after squashing, about: without zeros, and with them, where the
/// many small expectations decide.
const POINTS_MAX: (usize, usize) = (250, 1000);

/// Fewer points of one count than this are not squashed, nor into fewer bins than the second.
const SQUASH_MIN: (usize, usize) = (500, 50);

/// With more bins than this in all, the searches run over about so many, and only the last one over all.
const COARSE_ABOVE: usize = 8_000;
const COARSE_BINS: usize = 2_000;

/// Where the search begins: the first two as in openEBGM's documentation, the third as in
/// DuMouchel 1999.
const STARTS: [[f64; 5]; 3] = [
    [0.2, 0.1, 2.0, 4.0, 1.0 / 3.0],
    [0.1, 0.1, 10.0, 10.0, 0.2],
    [0.2, 0.06, 1.4, 1.8, 0.1],
];

/// How near a second search must end for the first to be believed, as in openEBGM's `autoHyper`.
const NEAR: Point = [0.05, 0.05, 0.2, 0.2, 0.025];

/// Counts with the same expectation, after squashing.
struct Bin {
    ln_expected: f64,
    expected: f64,
    weight: f64,
}

/// All bins of one count.
struct Level {
    count: f64,
    bins: Vec<Bin>,
}

/// The prior that makes the counts most likely, from pairs of count and expected count. Without
/// zeros among them (`truncated`) only counts of at least 1 are used. `None` when there are too few,
/// when the search runs beyond [`PARAMETER_MAX`], or when no two of three searches agree.
pub(crate) fn fit(mut counts: Vec<(u64, f64)>, truncated: bool) -> Option<Prior> {
    counts.retain(|(count, expected)| {
        expected.is_finite() && *expected > 0.0 && (*count > 0 || !truncated)
    });
    if counts.len() < COUNTS_MIN {
        return None;
    }
    counts.sort_unstable_by(|left, right| left.0.cmp(&right.0).then(left.1.total_cmp(&right.1)));
    let points = if truncated {
        POINTS_MAX.0
    } else {
        POINTS_MAX.1
    };
    let levels: Vec<Level> = counts
        .chunk_by(|left, right| left.0 == right.0)
        .map(|level| squash(level, points))
        .collect();
    let slope_max = 1e-8 * counts.len() as f64;
    let search = |levels: &[Level], from: Point| {
        let end = minimize(from, slope_max, |at| likelihood(levels, at, truncated))?;
        settled(&end).map(|prior| (prior, end.value))
    };
    let bins: usize = levels.iter().map(|level| level.bins.len()).sum();
    let coarse = (bins > COARSE_ABOVE).then(|| coarser(&levels, bins.div_ceil(COARSE_BINS)));
    let searched = coarse.as_deref().unwrap_or(&levels);
    let mut found: Vec<(Prior, f64)> = Vec::with_capacity(STARTS.len());
    for start in &STARTS {
        found.extend(search(searched, Prior::of(start)?.to_point()));
        let Some(prior) = agreed(&found) else {
            continue;
        };
        // A search more could only find the same top, or another one alone, which would not count.
        return match coarse {
            Some(_) => search(&levels, prior.to_point()).map(|(prior, _)| prior),
            None => Some(prior),
        };
    }
    None
}

/// Neighbours of each level put together again, so many at a time: near enough to find a top, from
/// which the last search begins.
fn coarser(levels: &[Level], size: usize) -> Vec<Level> {
    let merge = |bins: &[Bin]| {
        let weight: f64 = bins.iter().map(|bin| bin.weight).sum();
        let expected = bins
            .iter()
            .map(|bin| bin.weight * bin.expected)
            .sum::<f64>()
            / weight;
        Bin {
            ln_expected: expected.ln(),
            expected,
            weight,
        }
    };
    let level = |level: &Level| Level {
        count: level.count,
        bins: level.bins.chunks(size).map(merge).collect(),
    };
    levels.iter().map(level).collect()
}

/// The likelihood can have more than one top: the highest that two searches find counts.
fn agreed(found: &[(Prior, f64)]) -> Option<Prior> {
    let agree = found.iter().enumerate().filter(|(at, (one, _))| {
        let mut others = found.iter().enumerate().filter(|(other, _)| other != at);
        others.any(|(_, (other, _))| near(one, other))
    });
    let best = agree.min_by(|left, right| left.1.1.total_cmp(&right.1.1))?;
    Some(best.1.0)
}

fn near(one: &Prior, other: &Prior) -> bool {
    let pairs = one.numbers().into_iter().zip(other.numbers());
    pairs
        .zip(NEAR)
        .all(|((one, two), near)| (one - two).abs() < near)
}

fn settled(end: &Minimum) -> Option<Prior> {
    let prior = Prior::from_point(&end.at)?;
    let [a1, b1, a2, b2, _] = prior.numbers();
    [a1, b1, a2, b2]
        .iter()
        .all(|number| *number < PARAMETER_MAX)
        .then_some(prior)
}

/// Puts counts of nearly the same expectation together, at the mean of it; the largest
/// expectations, which differ most, stay (DuMouchel and Pregibon 2001). Counts of 1 go into bins
/// of 100 and counts of 2 into bins of 10, as in openEBGM's documentation; all others only where
/// there are very many of them.
fn squash(counts: &[(u64, f64)], points: usize) -> Level {
    let count = counts.first().map_or(0, |pair| pair.0);
    let (least, kept_bins) = match count {
        1 => (100, 1),
        2 => (10, 2),
        _ => (1, 1),
    };
    let size = (counts.len() / points).max(least);
    let squashed = counts.len().saturating_sub(kept_bins * size);
    let enough = counts.len() >= SQUASH_MIN.0 && squashed / size >= SQUASH_MIN.1;
    let (together, alone) = counts.split_at(if enough && size > 1 { squashed } else { 0 });
    let bin = |pairs: &[(u64, f64)]| {
        let weight = pairs.len() as f64;
        let expected = pairs.iter().map(|pair| pair.1).sum::<f64>() / weight;
        Bin {
            ln_expected: expected.ln(),
            expected,
            weight,
        }
    };
    Level {
        count: count as f64,
        bins: together
            .chunks(size)
            .chain(alone.chunks(1))
            .map(bin)
            .collect(),
    }
}

/// One component at one level.
struct Component {
    alpha: f64,
    beta: f64,
    ln_beta: f64,
    /// What does not depend on the expected count.
    constant: f64,
    /// ψ(α + n) − ψ(α).
    slope: f64,
}

/// The logarithm of a component's probability, and its slopes by ln α and ln β.
struct Term {
    ln: f64,
    by_alpha: f64,
    by_beta: f64,
}

impl Component {
    fn at(ln_alpha: f64, ln_beta: f64, count: f64) -> Self {
        let (alpha, beta) = (ln_alpha.exp(), ln_beta.exp());
        Self {
            alpha,
            beta,
            ln_beta,
            constant: ln_gamma(alpha + count) - ln_gamma(alpha) - ln_gamma(count + 1.0),
            slope: digamma(alpha + count) - digamma(alpha),
        }
    }

    /// The negative binomial probability, truncated to counts of at least 1 if `truncated`.
    fn term(&self, count: f64, bin: &Bin, truncated: bool) -> Term {
        let ln_share = -(bin.expected / self.beta).ln_1p();
        let share = self.beta / (self.beta + bin.expected);
        let none = self.alpha * ln_share;
        let mut term = Term {
            ln: self.constant + none + count * (bin.ln_expected - self.ln_beta + ln_share),
            by_alpha: self.alpha * (self.slope + ln_share),
            by_beta: self.alpha * (1.0 - share) - count * share,
        };
        if truncated {
            let some = -none.exp_m1();
            let ratio = (1.0 - some) / some;
            term.ln -= some.ln();
            term.by_alpha += ratio * none;
            term.by_beta += ratio * self.alpha * (1.0 - share);
        }
        term
    }
}

/// The negative log likelihood and its slope at ln α1, ln β1, ln α2, ln β2 and the logit of P.
fn likelihood(levels: &[Level], at: &Point, truncated: bool) -> (f64, Point) {
    let [ln_a1, ln_b1, ln_a2, ln_b2, logit] = *at;
    let share = 1.0 / (1.0 + (-logit).exp());
    let (ln_share, ln_rest) = (-(-logit).exp().ln_1p(), -logit.exp().ln_1p());
    let (mut value, mut slope) = (0.0, [0.0; 5]);
    for level in levels {
        let one = Component::at(ln_a1, ln_b1, level.count);
        let two = Component::at(ln_a2, ln_b2, level.count);
        for bin in &level.bins {
            let first = one.term(level.count, bin, truncated);
            let second = two.term(level.count, bin, truncated);
            let gap = (ln_rest + second.ln) - (ln_share + first.ln);
            // ln(e^a + e^b) with the larger one as a factor.
            let less = (-gap.abs()).exp();
            let (both, part) = if gap > 0.0 {
                (ln_rest + second.ln + less.ln_1p(), less / (1.0 + less))
            } else {
                (ln_share + first.ln + less.ln_1p(), 1.0 / (1.0 + less))
            };
            value -= bin.weight * both;
            let (here, there) = (bin.weight * part, bin.weight * (1.0 - part));
            slope[0] -= here * first.by_alpha;
            slope[1] -= here * first.by_beta;
            slope[2] -= there * second.by_alpha;
            slope[3] -= there * second.by_beta;
            slope[4] -= bin.weight * (part - share);
        }
    }
    (value, slope)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slope_is_that_of_the_value() {
        let counts = [(0, 0.3), (0, 2.0), (1, 0.01), (1, 1.5), (3, 0.7), (40, 6.0)];
        let at = [-0.4, 0.2, 0.9, 0.7, -1.1];
        for truncated in [false, true] {
            let levels: Vec<Level> = counts
                .iter()
                .filter(|pair| pair.0 > 0 || !truncated)
                .map(|pair| squash(&[*pair], 250))
                .collect();
            let (_, slope) = likelihood(&levels, &at, truncated);
            for i in 0..5 {
                let moved = |by: f64| {
                    let mut to = at;
                    to[i] += by;
                    likelihood(&levels, &to, truncated).0
                };
                let wanted = (moved(1e-5) - moved(-1e-5)) / 2e-5;
                assert!(
                    (slope[i] - wanted).abs() < 1e-6 * wanted.abs().max(1.0),
                    "{i}: {} {wanted}",
                    slope[i]
                );
            }
        }
    }

    #[test]
    fn even_or_few_counts_have_no_prior() {
        assert_eq!(fit(vec![(1, 1.0); 10], true), None);
        let even: Vec<(u64, f64)> = (0..400).map(|at| (5, 5.0 + f64::from(at) * 1e-3)).collect();
        assert_eq!(fit(even, true), None);
    }

    #[test]
    fn squashing_keeps_the_weight_the_mean_and_the_largest() {
        let counts: Vec<(u64, f64)> = (0..16_040).map(|at| (1, f64::from(at))).collect();
        let level = squash(&counts, 250);
        let weight: f64 = level.bins.iter().map(|bin| bin.weight).sum();
        let mean: f64 = level
            .bins
            .iter()
            .map(|bin| bin.weight * bin.expected)
            .sum::<f64>()
            / weight;
        assert_eq!(
            (level.bins.len(), weight, mean),
            (160 + 100, 16_040.0, 8019.5)
        );
        assert_eq!(level.bins.last().unwrap().expected, 16_039.0);
        assert_eq!(squash(&counts[..499], 250).bins.len(), 499);
    }
}
