//! Whether the units of a suspect share one rate, or some of them carry its excess.

use super::Answer;
use super::cells::Cells;
use crate::scan::Dealer;
use crate::verdict::Verdict;
use statrs::function::gamma::checked_gamma_ur;

/// How often chance is simulated at most, and with which seed.
const DRAWS: usize = 999;
const SEED: u64 = 1;
/// So many simulations as uneven as what was seen settle p (Besag and Clifford 1991).
const HITS: usize = 10;
/// Complaints beyond which the distribution for large counts serves instead of simulations.
const DEALT_MAX: u64 = 5_000;

/// A test of one rate over several units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Evenness {
    /// How many units were compared.
    pub units: u64,
    /// Log likelihood ratio of a rate for each unit against one for all.
    pub llr: f64,
    /// How often chance alone makes one rate look as uneven.
    pub p: f64,
}

/// Holds units with complaints and exposure against one rate for all (Poisson counts, conditional on
/// their sum); `dispersion` is how much more than by chance counts spread anyway. None for one unit, or without
/// complaints.
pub(super) fn evenness(units: &[(u64, f64)], dispersion: f64) -> Option<Evenness> {
    let units: Vec<(u64, f64)> = units.iter().copied().filter(|unit| unit.1 > 0.0).collect();
    let total: u64 = units.iter().map(|unit| unit.0).sum();
    if units.len() < 2 || total == 0 {
        return None;
    }
    let exposure: f64 = units.iter().map(|unit| unit.1).sum();
    let shares: Vec<f64> = units.iter().map(|unit| unit.1 / exposure).collect();
    let llr = against_one_rate(units.iter().map(|unit| unit.0), &shares, total);
    let least = llr / dispersion.max(1.0);
    let p = if total > DEALT_MAX {
        let freedom = (units.len() - 1) as f64;
        // Twice the ratio has about a chi-square distribution (Wilks 1938).
        checked_gamma_ur(freedom / 2.0, least.max(f64::MIN_POSITIVE)).unwrap_or(1.0)
    } else {
        simulated(&shares, total, least)
    };
    Some(Evenness {
        units: units.len() as u64,
        llr,
        p,
    })
}

fn simulated(shares: &[f64], total: u64, least: f64) -> f64 {
    let mut dealer = Dealer::new(shares, SEED);
    let mut dealt = vec![0; shares.len()];
    let (mut draws, mut hits) = (0, 0);
    while draws < DRAWS && hits < HITS {
        dealer.deal(total, &mut dealt);
        let found = against_one_rate(dealt.iter().map(|x| u64::from(*x)), shares, total);
        draws += 1;
        // What differs only by rounding counts as much.
        hits += usize::from(found >= least * (1.0 - 1e-12));
    }
    (hits + 1) as f64 / (draws + 1) as f64
}

/// Σ x ln(x / expected) over the units.
fn against_one_rate(counts: impl Iterator<Item = u64>, shares: &[f64], total: u64) -> f64 {
    let of = |(x, share): (u64, &f64)| match x {
        0 => 0.0,
        x => x as f64 * (x as f64 / (share * total as f64)).ln(),
    };
    counts.zip(shares).map(of).sum::<f64>().max(0.0)
}

impl Answer {
    /// The evenness of a pair, when its verdict makes it a suspect and it has several units.
    pub(super) fn evenness_of(&mut self, pair: u32, verdict: Verdict) -> Option<Evenness> {
        if matches!(verdict, Verdict::Explained | Verdict::NoEvidence) {
            return None;
        }
        let pair = self.pairs.get(pair as usize)?;
        let (topic, value) = (pair.topic as usize, pair.value);
        if self.cells.values.get(value as usize)?.factor == 0 {
            return None;
        }
        let units = match self.cells.units_of(value) {
            Some(units) => {
                let all = units_of_topic(&mut self.units, &self.cells, topic);
                units
                    .iter()
                    .filter_map(|unit| all.get(*unit as usize).copied())
                    .collect()
            }
            None => self.cells.units_within(topic, value),
        };
        let dispersion = self.dispersion.get(topic).copied().unwrap_or(1.0);
        evenness(&units, dispersion)
    }
}

fn units_of_topic<'a>(
    known: &'a mut Vec<Option<Vec<(u64, f64)>>>,
    cells: &Cells,
    topic: usize,
) -> &'a [(u64, f64)] {
    if known.len() <= topic {
        known.resize(topic + 1, None);
    }
    let of_topic = known.get_mut(topic);
    of_topic.map_or(&[], |units| {
        units.get_or_insert_with(|| {
            let tally = cells.tally(topic, &[]);
            tally.complaints.into_iter().zip(tally.shipped).collect()
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_rate_is_even_and_a_part_of_another_rate_is_not() {
        let even: Vec<_> = (0..12).map(|at| (6 + at % 3, 200.0)).collect();
        let found = evenness(&even, 1.0).unwrap();
        assert!(found.p > 0.5 && found.units == 12, "{found:?}");
        // 5 of 12 lots have all of it: the rate of four lots of seven complaints is no chance.
        let uneven: Vec<_> = (0..12)
            .map(|at| (if at < 5 { 9 } else { 0 }, 200.0))
            .collect();
        let found = evenness(&uneven, 1.0).unwrap();
        assert_eq!(found.p, 1.0 / 1000.0);
        // Σ 9 ln(9 / 3.75) over five lots.
        assert!((found.llr - 45.0 * (9.0_f64 / 3.75).ln()).abs() < 1e-9);
        // Where counts spread ten times more than chance anyway, less of it is unusual.
        assert!(evenness(&uneven, 10.0).unwrap().p > 0.01);
    }

    #[test]
    fn simulations_agree_with_the_exact_chance_and_with_large_counts() {
        // Two units, 4 complaints, all in one: 2 of 16 ways.
        let found = evenness(&[(4, 1.0), (0, 1.0)], 1.0).unwrap();
        assert!((found.p - 0.125).abs() < 0.08, "{found:?}");
        // The 5 % point of chi-square with one degree of freedom is 3.841.
        let total = 20_000_u64;
        let x = 10_000 + (3.841_f64.sqrt() * 5_000_f64.sqrt()) as u64;
        let found = evenness(&[(x, 1.0), (total - x, 1.0)], 1.0).unwrap();
        assert!((found.p - 0.05).abs() < 0.002, "{found:?}");
    }

    #[test]
    fn one_unit_or_no_complaint_is_not_judged() {
        assert_eq!(evenness(&[(4, 1.0)], 1.0), None);
        assert_eq!(evenness(&[(4, 1.0), (1, 0.0)], 1.0), None);
        assert_eq!(evenness(&[(0, 1.0), (0, 1.0)], 1.0), None);
    }
}
