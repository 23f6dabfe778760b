//! `region_scan`: the circle of neighbouring regions with the clearest excess of cases over what
//! its population makes expected (Kulldorff 1997).

use super::place::Place;
use super::{Chance, Dealer, Most};
use crate::input::{InputError, Place as RowPlace};
use crate::stats::ratio::excess_llr;

/// Regions one call may hold: every one needs the list of its neighbours.
pub(crate) const REGIONS_MAX: usize = 4_000;

/// The arguments of `region_scan`, checked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Options {
    /// A circle holds at most this share of the population.
    pub population_max: f64,
    /// A circle needs so many cases.
    pub minimum_cases: u64,
    /// Clusters returned at most.
    pub clusters_max: usize,
    /// How p is simulated.
    pub chance: Chance,
}

/// A region with its cases and its population.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Region {
    pub name: String,
    pub place: Place,
    pub cases: u64,
    /// People, or units shipped: what cases are to be expected from.
    pub population: f64,
}

/// A circle of regions with more cases than expected.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cluster {
    /// The region in its middle.
    pub centre: String,
    /// All its regions, the centre first, then by distance.
    pub regions: Vec<String>,
    /// From the centre to the farthest.
    pub radius: f64,
    pub cases: u64,
    pub expected: f64,
    pub population: f64,
    /// The log likelihood ratio.
    pub llr: f64,
    /// How often chance gives a circle as clear as this anywhere.
    pub p_value: f64,
}

/// The clusters, and the sums they were found in.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answer {
    /// Clusters that share no region, the clearest first.
    pub clusters: Vec<Cluster>,
    pub regions: usize,
    pub cases: u64,
    pub population: f64,
}

/// Takes regions row by row.
#[derive(Debug, Default)]
pub(crate) struct RegionReader {
    regions: Vec<Region>,
}

impl RegionReader {
    /// Adds one region.
    ///
    /// # Errors
    /// [`InputError`] for a population that is not above 0, a count that is none, too many rows.
    pub(crate) fn push(
        &mut self,
        name: Option<&str>,
        place: impl FnOnce(&RowPlace<'_>) -> Result<Place, InputError>,
        cases: Option<f64>,
        population: Option<f64>,
    ) -> Result<(), InputError> {
        let row = self.regions.len() as u64 + 1;
        let name = name.ok_or(InputError::NullUnit {
            row,
            column: "region".to_owned(),
        })?;
        let about = [("region", Some(name))];
        let at = RowPlace { row, about: &about };
        if self.regions.len() >= REGIONS_MAX {
            return Err(InputError::TooMuch {
                what: "regions",
                limit: REGIONS_MAX,
                hint: "Put small regions together",
            });
        }
        self.regions.push(Region {
            name: name.to_owned(),
            place: place(&at)?,
            cases: at.count("cases", cases)?,
            population: at.above_zero("population", population)?,
        });
        Ok(())
    }

    /// The regions by name.
    ///
    /// # Errors
    /// [`InputError::Twice`] names a region that has two rows.
    pub(crate) fn finish(mut self) -> Result<Vec<Region>, InputError> {
        self.regions
            .sort_by(|left, right| left.name.cmp(&right.name));
        for (row, pair) in (2_u64..).zip(self.regions.windows(2)) {
            if let [left, right] = pair
                && left.name == right.name
            {
                return Err(InputError::Twice {
                    row,
                    what: "region",
                    name: left.name.clone(),
                });
            }
        }
        Ok(self.regions)
    }
}

/// The circles around every region: neighbours by distance, as far as the population allows. A
/// circle may end only where the next neighbour is farther away.
struct Circles {
    /// Neighbours of all centres, one list after another; the lowest bit says that a circle may
    /// end here, the others are the region.
    neighbours: Vec<u32>,
    starts: Vec<usize>,
}

impl Circles {
    fn around(regions: &[Region], population_max: f64) -> Self {
        let mut circles = Self {
            neighbours: Vec::new(),
            starts: vec![0],
        };
        for centre in regions {
            let mut by_distance: Vec<(f64, u32)> = regions
                .iter()
                .zip(0_u32..)
                .map(|(region, number)| (centre.place.distance(&region.place), number))
                .collect();
            by_distance
                .sort_by(|left, right| left.0.total_cmp(&right.0).then(left.1.cmp(&right.1)));
            let mut inside = 0.0;
            for (at, (distance, number)) in by_distance.iter().enumerate() {
                inside += regions
                    .get(*number as usize)
                    .map_or(0.0, |region| region.population);
                if inside > population_max {
                    break;
                }
                let next = by_distance.get(at + 1).map(|next| next.0);
                let ends = next.is_none_or(|next| next > *distance);
                circles.neighbours.push(number << 1 | u32::from(ends));
            }
            circles.starts.push(circles.neighbours.len());
        }
        circles
    }

    fn of_centres(&self) -> impl Iterator<Item = &[u32]> {
        self.starts.windows(2).map(|pair| match pair {
            [from, to] => self.neighbours.get(*from..*to).unwrap_or_default(),
            _ => &[],
        })
    }

    /// The largest log likelihood ratio of any circle with these cases.
    fn most(&self, cases: &[u32], expected: &[f64], total: f64, minimum: u64) -> f64 {
        let mut most = Most::new(total);
        for circle in self.of_centres() {
            let (mut inside, mut awaited) = (0_u64, 0.0);
            for neighbour in circle {
                let region = (neighbour >> 1) as usize;
                inside += u64::from(cases.get(region).copied().unwrap_or(0));
                awaited += expected.get(region).copied().unwrap_or(0.0);
                if neighbour & 1 == 1 && inside >= minimum {
                    most.offer(inside as f64, awaited);
                }
            }
        }
        most.best
    }
}

struct Found {
    centre: usize,
    length: usize,
    llr: f64,
}

/// Looks at every circle around every region.
///
/// # Errors
/// [`InputError::TooMuch`] when the simulations would take too long.
pub(crate) fn region_scan(regions: &[Region], options: &Options) -> Result<Answer, InputError> {
    let cases: u64 = regions.iter().map(|region| region.cases).sum();
    let population: f64 = regions.iter().map(|region| region.population).sum();
    let mut answer = Answer {
        clusters: Vec::new(),
        regions: regions.len(),
        cases,
        population,
    };
    if regions.len() < 2 || cases == 0 {
        return Ok(answer);
    }
    let circles = Circles::around(regions, options.population_max * population);
    options
        .chance
        .affordable(circles.neighbours.len() as f64 + 8.0 * cases as f64)?;
    let found = best_circles(regions, &circles, cases, population, options.minimum_cases);
    let chosen = apart(found, &circles, options.clusters_max, regions.len());
    if chosen.is_empty() {
        return Ok(answer);
    }
    let simulated = simulate(regions, &circles, cases, population, options);
    for one in chosen {
        let mut cluster = describe(regions, &circles, &one, cases, population);
        cluster.p_value = options.chance.p_value(&simulated, cluster.llr);
        answer.clusters.push(cluster);
    }
    Ok(answer)
}

/// The clearest circle around each region.
fn best_circles(
    regions: &[Region],
    circles: &Circles,
    cases: u64,
    population: f64,
    minimum: u64,
) -> Vec<Found> {
    let mut found = Vec::new();
    for (centre, circle) in circles.of_centres().enumerate() {
        let (mut inside, mut people) = (0_u64, 0.0);
        let mut best = Found {
            centre,
            length: 0,
            llr: 0.0,
        };
        for (at, neighbour) in circle.iter().enumerate() {
            if let Some(region) = regions.get((neighbour >> 1) as usize) {
                inside += region.cases;
                people += region.population;
            }
            if neighbour & 1 == 0 || inside < minimum {
                continue;
            }
            let llr = excess_llr(inside, cases, people / population);
            if llr > best.llr {
                (best.length, best.llr) = (at + 1, llr);
            }
        }
        if best.length > 0 {
            found.push(best);
        }
    }
    found
}

/// The clearest of them that share no region.
fn apart(mut found: Vec<Found>, circles: &Circles, most: usize, regions: usize) -> Vec<Found> {
    found.sort_by(|left, right| {
        right
            .llr
            .total_cmp(&left.llr)
            .then(left.centre.cmp(&right.centre))
    });
    let mut used = vec![false; regions];
    let mut chosen = Vec::new();
    for one in found {
        if chosen.len() >= most {
            break;
        }
        let members = members(circles, &one);
        if members
            .iter()
            .any(|region| used.get(*region) == Some(&true))
        {
            continue;
        }
        for region in members {
            if let Some(slot) = used.get_mut(region) {
                *slot = true;
            }
        }
        chosen.push(one);
    }
    chosen
}

fn members(circles: &Circles, found: &Found) -> Vec<usize> {
    let circle = circles.of_centres().nth(found.centre).unwrap_or_default();
    let inside = circle.iter().take(found.length);
    inside.map(|neighbour| (neighbour >> 1) as usize).collect()
}

fn describe(
    regions: &[Region],
    circles: &Circles,
    found: &Found,
    cases: u64,
    population: f64,
) -> Cluster {
    let inside: Vec<&Region> = members(circles, found)
        .into_iter()
        .filter_map(|region| regions.get(region))
        .collect();
    let people: f64 = inside.iter().map(|region| region.population).sum();
    let radius = match (regions.get(found.centre), inside.last()) {
        (Some(centre), Some(last)) => centre.place.distance(&last.place),
        _ => 0.0,
    };
    Cluster {
        centre: regions
            .get(found.centre)
            .map(|region| region.name.clone())
            .unwrap_or_default(),
        regions: inside.iter().map(|region| region.name.clone()).collect(),
        radius,
        cases: inside.iter().map(|region| region.cases).sum(),
        expected: people / population * cases as f64,
        population: people,
        llr: found.llr,
        p_value: 1.0,
    }
}

fn simulate(
    regions: &[Region],
    circles: &Circles,
    cases: u64,
    population: f64,
    options: &Options,
) -> Vec<f64> {
    let shares: Vec<f64> = regions
        .iter()
        .map(|region| region.population / population)
        .collect();
    let expected: Vec<f64> = shares.iter().map(|share| share * cases as f64).collect();
    let mut dealer = Dealer::new(&shares, options.chance.seed);
    let mut dealt = vec![0; regions.len()];
    (0..options.chance.simulations)
        .map(|_| {
            dealer.deal(cases, &mut dealt);
            circles.most(&dealt, &expected, cases as f64, options.minimum_cases)
        })
        .collect()
}
