//! Farrington's method, as first published (Farrington, Andrews, Beale and Catchpole 1996) and as
//! improved (Noufaily, Enki, Farrington, Garthwaite, Andrews and Charlett 2013): a regression on
//! the same season of the years before, with past surges weighted down.

use super::limits::{Mean, Power, Threshold, limits};
use super::point::{Abstention, Point};
use crate::series::Series;
use crate::stats::discrete::student_two_sided;
use crate::stats::glm::{Design, Fit, poisson};

/// The arguments of both forms.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Farrington {
    pub form: Form,
    /// Years back.
    pub years: usize,
    /// Periods to each side of the same period in a year before.
    pub half_window: usize,
    /// Periods in a year.
    pub year_length: usize,
    /// Chance of an alarm when nothing happens; the first form takes half of it for its upper side.
    pub alpha: f64,
    /// Standardised residuals above this are weighted down by their square.
    pub reweight_above: f64,
    /// Whether a trend may be fitted.
    pub trend: bool,
    /// The trend stays when its p-value is below this.
    pub trend_alpha: f64,
    /// An alarm needs so many events …
    pub minimum_cases: usize,
    /// … in so many periods, the judged one included.
    pub minimum_cases_periods: usize,
}

/// What tells the two forms apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Form {
    /// The same periods of the years before, and nothing else.
    Classic(Power),
    /// All periods since, in seasons; without the last ones.
    Flexible {
        /// Levels that a year is cut into; 1 takes only the same periods of the years before.
        seasons: usize,
        /// Periods just before that are omitted, so that a beginning surge does not hide itself.
        past_excluded: usize,
        /// How the limit is set.
        threshold: Threshold,
    },
}

/// The trend needs so many years.
const TREND_YEARS_MIN: usize = 3;

/// Periods of the baseline with the season of each.
struct Baseline {
    periods: Vec<usize>,
    seasons: Vec<usize>,
    counts: Vec<f64>,
    offset: Vec<f64>,
}

struct Model {
    fit: Fit,
    /// The working dispersion of the fit, at least 1.
    dispersion: f64,
    /// What the error of the prediction is scaled with.
    error_scale: f64,
    /// What the error of the trend is scaled with: the plain dispersion, below 1 too.
    trend_scale: f64,
}

impl Farrington {
    /// Periods that must lie before a judged one.
    pub(crate) fn reach(&self) -> usize {
        self.years * self.year_length + self.half_window
    }

    pub(crate) fn judge(&self, series: &Series, at: usize) -> Point {
        let observed = series.count(at);
        let Some(count) = observed else {
            return Point::abstain(None, Abstention::NoCount);
        };
        if at < self.reach() {
            return Point::abstain(observed, Abstention::Short(self.reach()));
        }
        self.judged(series, at, count)
            .unwrap_or_else(|why| Point::abstain(observed, why))
    }

    fn judged(&self, series: &Series, at: usize, count: f64) -> Result<Point, Abstention> {
        let from = (at + 1).saturating_sub(self.minimum_cases_periods);
        let lately = series.window(from, at + 1).ok_or(Abstention::Gap)?;
        if lately.iter().sum::<f64>() < self.minimum_cases as f64 {
            return Err(Abstention::Few {
                cases: self.minimum_cases,
                periods: self.minimum_cases_periods,
            });
        }
        let baseline = self.baseline(series, at)?;
        let (model, with_trend) = self.model(&baseline, series, at)?;
        let row = baseline.row(at, with_trend, self.season_now());
        let log = model.fit.predict(&row) + series.population(at).ln();
        let mean = Mean {
            log,
            log_error: (model.fit.variance(&row) * model.error_scale).sqrt(),
            dispersion: model.dispersion,
        };
        let (threshold, alpha) = match self.form {
            Form::Classic(power) => (Threshold::Delta(power), self.alpha / 2.0),
            Form::Flexible { threshold, .. } => (threshold, self.alpha),
        };
        let found = limits(threshold, mean, alpha, count).ok_or(Abstention::NoLimit)?;
        let alarm = count > found.upper;
        Ok(Point::judged(count, log.exp(), found.upper, alarm).chance(found.chance))
    }

    /// The model with a trend where one is wanted and holds, else without.
    fn model(
        &self,
        baseline: &Baseline,
        series: &Series,
        at: usize,
    ) -> Result<(Model, bool), Abstention> {
        if self.trend && self.years >= TREND_YEARS_MIN {
            let with_trend = self.fitted(baseline, true);
            if let Ok(model) = with_trend {
                let row = baseline.row(at, true, self.season_now());
                let expected = (model.fit.predict(&row) + series.population(at).ln()).exp();
                let most = baseline.counts.iter().copied().fold(0.0, f64::max);
                if expected <= most && self.trend_is_clear(&model) {
                    return Ok((model, true));
                }
            }
        }
        Ok((self.fitted(baseline, false)?, false))
    }

    fn trend_is_clear(&self, model: &Model) -> bool {
        let mut only_trend = vec![0.0; model.fit.coefficients.len()];
        if let Some(slot) = only_trend.get_mut(1) {
            *slot = 1.0;
        }
        let error = (model.fit.variance(&only_trend) * model.trend_scale).sqrt();
        let t = model.fit.predict(&only_trend) / error;
        student_two_sided(t, model.fit.freedom).is_some_and(|p| p < self.trend_alpha)
    }

    /// Fits once, weights past surges down, fits again.
    fn fitted(&self, baseline: &Baseline, trend: bool) -> Result<Model, Abstention> {
        let design = baseline.design(trend);
        let counts = &baseline.counts;
        let offset = Some(baseline.offset.as_slice());
        let first = poisson(&design, counts, None, offset).map_err(|_| Abstention::NoFit)?;
        let dispersion = first.dispersion(counts, &first.weights).max(1.0);
        let weights = self.weights(&first, counts, dispersion);
        let fit =
            poisson(&design, counts, Some(&weights), offset).map_err(|_| Abstention::NoFit)?;
        let plain = fit.dispersion(counts, &fit.weights);
        let dispersion = plain.max(1.0);
        // The improved form scales its errors by the prior weights alone, as `surveillance` does.
        let (error_scale, trend_scale) = match self.form {
            Form::Classic(_) => (dispersion, plain),
            Form::Flexible { .. } => {
                let prior = fit.dispersion(counts, &weights);
                (prior, prior)
            }
        };
        if !error_scale.is_finite() || !dispersion.is_finite() {
            return Err(Abstention::NoFit);
        }
        Ok(Model {
            fit,
            dispersion,
            error_scale,
            trend_scale,
        })
    }

    /// Weights from Anscombe's standardised residuals, with mean 1 (Farrington 1996 §3.6).
    fn weights(&self, fit: &Fit, counts: &[f64], dispersion: f64) -> Vec<f64> {
        let residuals = counts.iter().zip(&fit.means).zip(&fit.leverage);
        let small: Vec<f64> = residuals
            .map(|((y, mean), leverage)| {
                let raw = 1.5 * (y.cbrt().powi(2) * mean.powf(-1.0 / 6.0) - mean.sqrt());
                let residual = raw / (dispersion * (1.0 - leverage)).sqrt();
                if residual > self.reweight_above {
                    residual.powi(-2)
                } else {
                    1.0
                }
            })
            .collect();
        let scale = small.len() as f64 / small.iter().sum::<f64>();
        small.iter().map(|weight| weight * scale).collect()
    }

    fn season_now(&self) -> usize {
        match self.form {
            Form::Classic(_) => 1,
            Form::Flexible { seasons, .. } => seasons,
        }
    }

    fn baseline(&self, series: &Series, at: usize) -> Result<Baseline, Abstention> {
        let (seasons, past_excluded) = match self.form {
            Form::Classic(_) => (1, 0),
            Form::Flexible {
                seasons,
                past_excluded,
                ..
            } => (seasons, past_excluded),
        };
        let mut season_of = vec![0_usize; at + 1];
        let mut mark = |from: usize, to: usize, season: usize| {
            if let Some(slots) = season_of.get_mut(from..to) {
                slots.fill(season);
            }
        };
        let half = self.half_window;
        for year in (1..=self.years).rev() {
            let then = at - year * self.year_length;
            mark(then - half, then + half + 1, seasons);
            // The periods up to the next year's window are shared among the other seasons, the
            // first ones taking what does not divide.
            let next = then + self.year_length;
            let mut from = then + half + 1;
            let remaining = (next - half).saturating_sub(from);
            for season in 1..seasons {
                let extra = usize::from(season <= remaining % (seasons - 1));
                let to = from + remaining / (seasons - 1) + extra;
                mark(from, to, season);
                from = to;
            }
        }
        if matches!(self.form, Form::Flexible { .. }) {
            mark(at - half.min(at), at + 1, seasons);
        }
        mark(at - past_excluded.min(at), at + 1, 0);
        let season = |period: usize| season_of.get(period).copied().unwrap_or(0);
        let periods: Vec<usize> = (0..=at).filter(|&period| season(period) > 0).collect();
        let counts: Option<Vec<f64>> = periods.iter().map(|&period| series.count(period)).collect();
        Ok(Baseline {
            counts: counts.ok_or(Abstention::Gap)?,
            seasons: periods.iter().map(|&period| season(period)).collect(),
            offset: periods
                .iter()
                .map(|&period| series.population(period).ln())
                .collect(),
            periods,
        })
    }
}

impl Baseline {
    /// The seasons of the baseline but the first, which is the constant.
    fn levels(&self) -> Vec<usize> {
        let mut levels = self.seasons.clone();
        levels.sort_unstable();
        levels.dedup();
        levels.split_off(levels.len().min(1))
    }

    fn design(&self, trend: bool) -> Design {
        let mut design = Design::constant(self.periods.len());
        if trend {
            design = design.with(
                self.periods
                    .iter()
                    .map(|&period| self.time(period))
                    .collect(),
            );
        }
        for level in self.levels() {
            let flags = self
                .seasons
                .iter()
                .map(|&season| f64::from(u8::from(season == level)));
            design = design.with(flags.collect());
        }
        design
    }

    fn row(&self, at: usize, trend: bool, season_now: usize) -> Vec<f64> {
        let mut row = vec![1.0];
        if trend {
            row.push(self.time(at));
        }
        let levels = self.levels().into_iter();
        row.extend(levels.map(|level| f64::from(u8::from(season_now == level))));
        row
    }

    /// Periods since the first of the baseline: near 0, so that nothing is lost in the fit.
    fn time(&self, period: usize) -> f64 {
        let first = self.periods.first().copied().unwrap_or(0);
        period as f64 - first as f64
    }
}
