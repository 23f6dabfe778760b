//! Scales: where a value stands in a picture, and the marks beside it.

use tsugi_pipeline::project::page::Scale;

/// A stretch of values over a stretch of points.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Axis {
    scale: Scale,
    low: f64,
    high: f64,
    from: f64,
    to: f64,
}

impl Axis {
    /// An axis over all of these values. A logarithmic one needs values above zero, else it is linear.
    pub(crate) fn over(
        values: impl Iterator<Item = f64> + Clone,
        scale: Scale,
        (from, to): (f64, f64),
    ) -> Self {
        let scale = match values.clone().all(|value| value > 0.0) {
            true => scale,
            false => Scale::Linear,
        };
        let low = values.clone().fold(f64::INFINITY, f64::min);
        let high = values.fold(f64::NEG_INFINITY, f64::max);
        let (mut low, mut high) = match low.is_finite() && high.is_finite() {
            true => (low, high),
            false => (0.0, 1.0),
        };
        match scale {
            Scale::Log => {
                low = 2f64.powf(low.log2().floor());
                high = 2f64.powf(high.log2().ceil());
                if low == high {
                    high *= 2.0;
                }
            }
            Scale::Linear => {
                let step = step(high - low);
                low = (low / step).floor() * step;
                high = (high / step).ceil() * step;
                if low == high {
                    high += step;
                }
            }
        }
        Self {
            scale,
            low,
            high,
            from,
            to,
        }
    }

    /// Where a value stands, within the axis.
    pub(crate) fn place(&self, value: f64) -> f64 {
        let share = match self.scale {
            Scale::Linear => (value - self.low) / (self.high - self.low),
            Scale::Log => (value / self.low).log2() / (self.high / self.low).log2(),
        };
        let share = if share.is_finite() { share } else { 0.0 };
        self.from + share.clamp(0.0, 1.0) * (self.to - self.from)
    }

    /// Values that get a mark: at most some ten.
    pub(crate) fn ticks(&self) -> Vec<f64> {
        match self.scale {
            Scale::Linear => {
                let step = step(self.high - self.low);
                let count = ((self.high - self.low) / step).round().clamp(1.0, 20.0) as i32;
                (0..=count)
                    .map(|at| self.low + f64::from(at) * step)
                    .collect()
            }
            Scale::Log => {
                let doublings = (self.high / self.low).log2().round().clamp(1.0, 2_000.0) as i32;
                let every = (doublings / 9 + 1).max(1);
                (0..=doublings)
                    .step_by(usize::try_from(every).unwrap_or(1))
                    .map(|at| self.low * 2f64.powi(at))
                    .collect()
            }
        }
    }
}

/// A step of 1, 2 or 5 times a power of ten that cuts a stretch into four to ten parts.
fn step(stretch: f64) -> f64 {
    if !(stretch > 0.0 && stretch.is_finite()) {
        return 1.0;
    }
    let rough = stretch / 5.0;
    let power = 10f64.powf(rough.log10().floor());
    let of = rough / power;
    let times = match of {
        _ if of <= 1.0 => 1.0,
        _ if of <= 2.0 => 2.0,
        _ if of <= 5.0 => 5.0,
        _ => 10.0,
    };
    (times * power).max(f64::MIN_POSITIVE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_between_round_marks() {
        let axis = Axis::over([3.0, 17.0].into_iter(), Scale::Linear, (0.0, 100.0));
        assert_eq!(axis.ticks(), [0.0, 5.0, 10.0, 15.0, 20.0]);
        assert_eq!(axis.place(10.0), 50.0);
        assert_eq!(axis.place(99.0), 100.0);
        let axis = Axis::over([0.5, 30.0].into_iter(), Scale::Log, (0.0, 60.0));
        assert_eq!(axis.ticks(), [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0]);
        assert_eq!(axis.place(4.0), 30.0);
    }

    #[test]
    fn odd_values_still_have_an_axis() {
        for values in [
            vec![],
            vec![0.0],
            vec![5.0, 5.0],
            vec![-1e300, 1e300],
            vec![1e-300, 1e300],
        ] {
            for scale in [Scale::Linear, Scale::Log] {
                let axis = Axis::over(values.iter().copied(), scale, (10.0, 20.0));
                assert!(axis.ticks().len() < 30, "{values:?}");
                for value in values.iter().copied().chain([0.0, f64::MAX]) {
                    assert!((10.0..=20.0).contains(&axis.place(value)), "{values:?}");
                }
            }
        }
    }
}
