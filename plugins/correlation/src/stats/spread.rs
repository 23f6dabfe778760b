//! Are counts more spread out than chance alone would make them?

/// Below this many units, or events in all, the spread cannot be judged.
const UNITS_MIN: usize = 20;

/// A spread up to this is treated as chance.
const DISPERSION_MIN: f64 = 1.5;

/// How many standard errors above 1 the spread must lie to be called clear.
const ERRORS_MIN: f64 = 3.0;

/// The Pearson dispersion of event counts over units with exposure (McCullagh and Nelder 1989),
/// when it is clearly above 1: over 1.5, and at least three standard errors above what Poisson
/// counts of these means would give. `None` when the counts look like Poisson counts or are too
/// few to tell.
pub(crate) fn clear_dispersion(units: &[(u64, f64)]) -> Option<f64> {
    let events: u64 = units.iter().map(|(x, _)| x).sum();
    let exposure: f64 = units.iter().map(|(_, e)| e).sum();
    if units.len() < UNITS_MIN || (events as usize) < UNITS_MIN || exposure <= 0.0 {
        return None;
    }
    let rate = events as f64 / exposure;
    let freedom = (units.len() - 1) as f64;
    let (mut pearson, mut variance) = (0.0, 0.0);
    for &(x, e) in units {
        let mean = rate * e;
        pearson += (x as f64 - mean).powi(2) / mean;
        // Var((X - μ)² / μ) = 2 + 1/μ for a Poisson count.
        variance += 2.0 + 1.0 / mean;
    }
    let dispersion = pearson / freedom;
    let error = variance.sqrt() / freedom;
    (dispersion > DISPERSION_MIN && dispersion - 1.0 > ERRORS_MIN * error).then_some(dispersion)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn even_counts_are_not_overdispersed_and_lumpy_ones_are() {
        let even: Vec<_> = (0..60).map(|i| (8 + i % 5, 100.0)).collect();
        assert_eq!(clear_dispersion(&even), None);
        let lumpy: Vec<_> = (0..60)
            .map(|i| (if i % 4 == 0 { 34 } else { 2 }, 100.0))
            .collect();
        // mean 10, squared deviations 576 in a quarter and 64 in the rest: 192 / 10 × 60 / 59.
        let found = clear_dispersion(&lumpy).unwrap();
        assert!((found - 19.2 * 60.0 / 59.0).abs() < 1e-9, "{found}");
    }

    #[test]
    fn too_little_is_not_judged() {
        assert_eq!(clear_dispersion(&[(40, 1.0), (0, 1.0)]), None);
        assert_eq!(clear_dispersion(&vec![(0, 1.0); 100]), None);
        assert_eq!(clear_dispersion(&[]), None);
    }
}
