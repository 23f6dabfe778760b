//! The aggregates as SQL sees them. Their states are sums, so parts merge in any order.

use crate::stats::finite;
use crate::stats::intervals::{garwood, wilson};
use crate::stats::ratio::compare;
use crate::stats::strata::Strata;
use tsugi_plugin::{Aggregate, Error, Record};

/// Counts stay exact in a float up to here.
const COUNT_MAX: f64 = 9_007_199_254_740_992.0;

/// Amounts of one row end here, so that neither their sums nor the squares of these become infinite.
const AMOUNT_MAX: f64 = 1e100;

/// An amount of at least 0; null counts as 0, as in `sum`.
fn amount(function: &str, name: &str, value: Option<f64>) -> Result<f64, Error> {
    let value = value.unwrap_or(0.0);
    if (0.0..=AMOUNT_MAX).contains(&value) {
        return Ok(value);
    }
    let message = format!(
        "{function}: {name} is {value}; it must be a finite number of at least 0 (and at most 1e100)"
    );
    Err(Error::give_up("bad-number", message).detail("net returns out, or filter such rows, first"))
}

/// A whole count of at least 0; null counts as 0.
fn count(function: &str, name: &str, value: Option<f64>) -> Result<i64, Error> {
    let value = amount(function, name, value)?;
    if value.fract() == 0.0 && value < COUNT_MAX {
        return Ok(value as i64);
    }
    let message = format!("{function}: {name} is {value}; it must be a whole count below 2^53");
    Err(Error::give_up("not-whole", message).detail("count events, do not weight them"))
}

/// Adds counts. Sums beyond 2^63 stop there; no honest count comes near.
fn add(total: &mut i64, more: i64) {
    *total = total.saturating_add(more);
}

/// `event_rate(events, exposure)`: events per unit of exposure with the exact interval of Garwood
/// 1936.
#[derive(Clone, Default, Record)]
pub struct EventRate {
    events: i64,
    exposure: f64,
}

/// What [`EventRate`] answers.
#[derive(Clone, Debug, PartialEq, Record)]
pub struct RateAnswer {
    pub events: i64,
    pub exposure: f64,
    /// Events per unit of exposure; null without exposure.
    pub rate: Option<f64>,
    /// Lower 95 % limit.
    pub low: Option<f64>,
    /// Upper 95 % limit.
    pub high: Option<f64>,
}

impl Aggregate for EventRate {
    const NAME: &'static str = "event_rate";
    const DOC: &'static str =
        "Events per unit of exposure with the exact 95 % interval (Garwood 1936).";
    const PARAMS: &'static [&'static str] = &["events", "exposure"];
    type Args<'a> = (Option<f64>, Option<f64>);
    type State = Self;
    type Output = RateAnswer;

    fn update(&mut self, (events, exposure): Self::Args<'_>) -> Result<(), Error> {
        add(&mut self.events, count(Self::NAME, "events", events)?);
        self.exposure += amount(Self::NAME, "exposure", exposure)?;
        Ok(())
    }

    fn merge(&mut self, other: Self) -> Result<(), Error> {
        add(&mut self.events, other.events);
        self.exposure += other.exposure;
        Ok(())
    }

    fn state(&self) -> Self {
        self.clone()
    }

    fn result(&self) -> RateAnswer {
        let interval = garwood(self.events as f64, self.exposure);
        RateAnswer {
            events: self.events,
            exposure: self.exposure,
            rate: if self.exposure > 0.0 {
                finite(self.events as f64 / self.exposure)
            } else {
                None
            },
            low: interval.low,
            high: interval.high,
        }
    }
}

/// `proportion(hits, n)`: a share with the score interval of Wilson 1927.
#[derive(Clone, Default, Record)]
pub struct Proportion {
    hits: i64,
    n: i64,
}

/// What [`Proportion`] and [`FlagProportion`] answer.
#[derive(Clone, Debug, PartialEq, Record)]
pub struct ShareAnswer {
    pub hits: i64,
    pub n: i64,
    /// Hits per trial; null without trials.
    pub share: Option<f64>,
    /// Lower 95 % limit.
    pub low: Option<f64>,
    /// Upper 95 % limit.
    pub high: Option<f64>,
}

impl Aggregate for Proportion {
    const NAME: &'static str = "proportion";
    const DOC: &'static str =
        "The share of hits with its 95 % interval (Wilson 1927), from counts.";
    const PARAMS: &'static [&'static str] = &["hits", "n"];
    type Args<'a> = (Option<f64>, Option<f64>);
    type State = Self;
    type Output = ShareAnswer;

    fn update(&mut self, (hits, n): Self::Args<'_>) -> Result<(), Error> {
        let (hits, n) = (count(Self::NAME, "hits", hits)?, count(Self::NAME, "n", n)?);
        if hits > n {
            let message = format!(
                "{}: {hits} hits of {n}; there cannot be more hits than trials",
                Self::NAME
            );
            return Err(Error::give_up("more-hits-than-trials", message)
                .detail("look for a join that repeats rows"));
        }
        self.merge(Self { hits, n })
    }

    fn merge(&mut self, other: Self) -> Result<(), Error> {
        add(&mut self.hits, other.hits);
        add(&mut self.n, other.n);
        Ok(())
    }

    fn state(&self) -> Self {
        self.clone()
    }

    fn result(&self) -> ShareAnswer {
        let (hits, n) = (self.hits, self.n);
        let interval = wilson(hits as f64, n as f64);
        ShareAnswer {
            hits,
            n,
            share: (n > 0).then(|| hits as f64 / n as f64),
            low: interval.low,
            high: interval.high,
        }
    }
}

/// `proportion(flag)`: the share of rows that are true, over rows that are not null.
#[derive(Clone, Default)]
pub struct FlagProportion(Proportion);

impl Aggregate for FlagProportion {
    const NAME: &'static str = "proportion";
    const DOC: &'static str =
        "The share of rows that are true with its 95 % interval (Wilson 1927).";
    const PARAMS: &'static [&'static str] = &["flag"];
    type Args<'a> = (bool,);
    type State = Proportion;
    type Output = ShareAnswer;

    fn update(&mut self, (flag,): (bool,)) -> Result<(), Error> {
        self.0.merge(Proportion {
            hits: i64::from(flag),
            n: 1,
        })
    }

    fn merge(&mut self, other: Proportion) -> Result<(), Error> {
        self.0.merge(other)
    }

    fn state(&self) -> Proportion {
        self.0.clone()
    }

    fn result(&self) -> ShareAnswer {
        self.0.result()
    }
}

/// `rate_ratio(events, exposure, in_group)`: the rate of the group over that of the rest.
#[derive(Clone, Default, Record)]
pub struct RateRatio {
    events: i64,
    exposure: f64,
    rest_events: i64,
    rest_exposure: f64,
}

/// What [`RateRatio`] and [`MantelHaenszel`] answer.
#[derive(Clone, Debug, PartialEq, Record)]
pub struct RatioAnswer {
    /// The ratio; null when it would be infinite or there is nothing to compare.
    pub ratio: Option<f64>,
    /// Lower 95 % limit.
    pub low: Option<f64>,
    /// Upper 95 % limit; null when there is none.
    pub high: Option<f64>,
    /// One-sided p that the group's rate is higher.
    pub p: Option<f64>,
}

impl Aggregate for RateRatio {
    const NAME: &'static str = "rate_ratio";
    const DOC: &'static str =
        "The rate of a group over the rate of the rest, with 95 % interval and exact one-sided p.";
    const PARAMS: &'static [&'static str] = &["events", "exposure", "in_group"];
    type Args<'a> = (Option<f64>, Option<f64>, bool);
    type State = Self;
    type Output = RatioAnswer;

    fn update(&mut self, (events, exposure, in_group): Self::Args<'_>) -> Result<(), Error> {
        let events = count(Self::NAME, "events", events)?;
        let exposure = amount(Self::NAME, "exposure", exposure)?;
        if in_group {
            self.merge(Self {
                events,
                exposure,
                ..Self::default()
            })
        } else {
            self.merge(Self {
                rest_events: events,
                rest_exposure: exposure,
                ..Self::default()
            })
        }
    }

    fn merge(&mut self, other: Self) -> Result<(), Error> {
        add(&mut self.events, other.events);
        add(&mut self.rest_events, other.rest_events);
        self.exposure += other.exposure;
        self.rest_exposure += other.rest_exposure;
        Ok(())
    }

    fn state(&self) -> Self {
        self.clone()
    }

    fn result(&self) -> RatioAnswer {
        let (x, rest) = (self.events.unsigned_abs(), self.rest_events.unsigned_abs());
        match compare(x, self.exposure, rest, self.rest_exposure, 1.0) {
            Some(found) => RatioAnswer {
                ratio: found.ratio,
                low: found.interval.low,
                high: found.interval.high,
                p: finite(found.p),
            },
            None => RatioAnswer {
                ratio: None,
                low: None,
                high: None,
                p: None,
            },
        }
    }
}

/// `mantel_haenszel(events, exposure, rest_events, rest_exposure)`: one row a stratum, one common
/// rate ratio.
#[derive(Clone, Default)]
pub struct MantelHaenszel(Strata);

/// The sums of [`MantelHaenszel`].
#[derive(Clone, Record)]
pub struct StrataSums {
    here: f64,
    rest: f64,
    variance: f64,
    excess: f64,
    strata: i64,
}

impl Aggregate for MantelHaenszel {
    const NAME: &'static str = "mantel_haenszel";
    const DOC: &'static str = "The common rate ratio over strata, one row a stratum (Mantel and Haenszel 1959; interval of Greenland and Robins 1985).";
    const PARAMS: &'static [&'static str] = &["events", "exposure", "rest_events", "rest_exposure"];
    type Args<'a> = (Option<f64>, Option<f64>, Option<f64>, Option<f64>);
    type State = StrataSums;
    type Output = RatioAnswer;

    fn update(
        &mut self,
        (events, exposure, rest_events, rest_exposure): Self::Args<'_>,
    ) -> Result<(), Error> {
        let count = |name, value| count(Self::NAME, name, value).map(|count| count as f64);
        let amount = |name, value| amount(Self::NAME, name, value);
        self.0.add(
            count("events", events)?,
            amount("exposure", exposure)?,
            count("rest_events", rest_events)?,
            amount("rest_exposure", rest_exposure)?,
        );
        Ok(())
    }

    fn merge(&mut self, other: StrataSums) -> Result<(), Error> {
        let StrataSums {
            here,
            rest,
            variance,
            excess,
            strata,
        } = other;
        self.0.merge(&Strata {
            here,
            rest,
            variance,
            excess,
            strata: strata.unsigned_abs(),
        });
        Ok(())
    }

    fn state(&self) -> StrataSums {
        let Strata {
            here,
            rest,
            variance,
            excess,
            strata,
        } = self.0;
        StrataSums {
            here,
            rest,
            variance,
            excess,
            strata: i64::try_from(strata).unwrap_or(i64::MAX),
        }
    }

    fn result(&self) -> RatioAnswer {
        let answer = self.0.answer();
        RatioAnswer {
            ratio: answer.ratio,
            low: answer.interval.low,
            high: answer.interval.high,
            p: answer.p,
        }
    }
}
