//! How good a model is on texts that it was not fitted to: accuracy, and whether its shares can be believed.

use super::{largest, probabilities};

/// What a model said of one text that was held out.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The part of the texts that was held out with it.
    pub fold: u8,
    /// The place of its label.
    pub label: usize,
    /// What the model gave for each label.
    pub margins: Vec<f64>,
}

/// One step of the scale of confidence.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bin {
    pub texts: u64,
    /// Sum of the shares that the model gave to the label it chose.
    pub predicted: f64,
    /// How many of the chosen labels were right.
    pub right: u64,
}

/// What came out.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// The temperature for the final model.
    pub temperature: f64,
    /// Texts held out, and how many were labelled right.
    pub texts: u64,
    /// How many were labelled right.
    pub right: u64,
    /// The mean of -ln of the share given to the true label.
    pub log_loss: f64,
    /// By label: texts that carry it, texts that were given it, texts where both agree.
    pub labels: Vec<[u64; 3]>,
    /// By tenth of the confidence.
    pub bins: [Bin; 10],
}

impl Measured {
    /// The mean gap between confidence and truth over the tenths (expected calibration error).
    #[must_use]
    pub fn calibration_error(&self) -> f64 {
        let gaps = self
            .bins
            .iter()
            .map(|bin| (bin.predicted - bin.right as f64).abs());
        gaps.sum::<f64>() / self.texts.max(1) as f64
    }
}

/// Measures outcomes; the temperature for each part comes from the other parts.
#[must_use]
pub(super) fn measure(outcomes: &[Outcome], labels: usize, folds: u8) -> Measured {
    let mut measured = Measured {
        temperature: temperature(outcomes.iter()),
        texts: 0,
        right: 0,
        log_loss: 0.0,
        labels: vec![[0; 3]; labels],
        bins: [Bin::default(); 10],
    };
    let mut shares = Vec::new();
    for fold in 0..folds {
        let cooled = temperature(outcomes.iter().filter(|outcome| outcome.fold != fold));
        for outcome in outcomes.iter().filter(|outcome| outcome.fold == fold) {
            probabilities(&outcome.margins, cooled, &mut shares);
            let chosen = largest(&shares);
            let right = chosen == outcome.label;
            measured.texts += 1;
            measured.right += u64::from(right);
            measured.log_loss -= shares.get(outcome.label).map_or(0.0, |s| s.max(1e-12).ln());
            let confidence = shares.get(chosen).copied().unwrap_or_default();
            if let Some(bin) = measured.bins.get_mut(((confidence * 10.0) as usize).min(9)) {
                bin.texts += 1;
                bin.predicted += confidence;
                bin.right += u64::from(right);
            }
            for (at, counts) in measured.labels.iter_mut().enumerate() {
                let (is, said) = (at == outcome.label, at == chosen);
                counts[0] += u64::from(is);
                counts[1] += u64::from(said);
                counts[2] += u64::from(is && said);
            }
        }
    }
    measured.log_loss /= measured.texts.max(1) as f64;
    measured
}

/// The temperature at which the outcomes are likeliest, between 1/20 and 20, by golden section on its logarithm.
fn temperature<'o>(outcomes: impl Iterator<Item = &'o Outcome> + Clone) -> f64 {
    let mut shares = Vec::new();
    let mut loss = |logarithm: f64| {
        let mut sum = 0.0;
        for outcome in outcomes.clone() {
            probabilities(&outcome.margins, logarithm.exp(), &mut shares);
            sum -= shares.get(outcome.label).map_or(0.0, |s| s.max(1e-12).ln());
        }
        sum
    };
    let ratio = (5.0_f64.sqrt() - 1.0) / 2.0;
    let (mut low, mut high) = (-(20.0_f64.ln()), 20.0_f64.ln());
    let (mut left, mut right) = (high - ratio * (high - low), low + ratio * (high - low));
    let (mut at_left, mut at_right) = (loss(left), loss(right));
    while high - low > 1e-3 {
        if at_left <= at_right {
            (high, right, at_right) = (right, left, at_left);
            left = high - ratio * (high - low);
            at_left = loss(left);
        } else {
            (low, left, at_left) = (left, right, at_right);
            right = low + ratio * (high - low);
            at_right = loss(right);
        }
    }
    (0.5 * (low + high)).exp()
}

/// The interval of a share at 95 % (Wilson 1927).
#[must_use]
pub(super) fn wilson(hits: u64, trials: u64) -> [f64; 2] {
    let (n, z) = (trials.max(1) as f64, 1.959_963_984_540_054_f64);
    let share = hits as f64 / n;
    let centre = share + z * z / (2.0 * n);
    let half = z * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
    let whole = 1.0 + z * z / n;
    [(centre - half) / whole, (centre + half) / whole]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn margins_that_boast_are_cooled() {
        // Right three times of four, always with a margin of 10: honest is ln 3 = 1.0986.
        let outcome = |at: u8| Outcome {
            fold: at % 5,
            label: usize::from(!at.is_multiple_of(4)),
            margins: vec![10.0],
        };
        let outcomes: Vec<Outcome> = (0..200).map(outcome).collect();
        let measured = measure(&outcomes, 2, 5);
        assert!((10.0 / measured.temperature - 3.0_f64.ln()).abs() < 0.01);
        assert_eq!((measured.texts, measured.right), (200, 150));
        assert!(measured.calibration_error() < 0.01);
        assert_eq!(measured.labels, [[50, 0, 0], [150, 200, 150]]);
    }

    #[test]
    fn wilson_equals_the_published_example() {
        // 15 of 148: 0.0624 to 0.1605 (Newcombe 1998, table I, method 3).
        let [low, high] = wilson(15, 148);
        assert!((low - 0.0624).abs() < 5e-5 && (high - 0.1605).abs() < 5e-5);
    }
}
