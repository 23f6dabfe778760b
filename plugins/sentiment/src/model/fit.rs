//! The weights of n-grams, fitted to some of the texts.

use super::lbfgs::minimize;
use super::matrix::{Matrix, TEXTS_MIN};
use super::{LEXICON, Method};

/// A model is at most this large, its other rows included: 2 MB less what those take.
const WEIGHTS_MAX_BYTES: usize = 1_980_000;
/// What a row of the model takes beside its n-gram: the word weight, a label, two numbers, three offsets.
const ROW_BYTES: usize = 6 + 8 + 8 + 8 + 12 + 2;
/// How far the fit goes: steps, and how much smaller the slopes must get.
const STEPS_MAX: usize = 60;
const SHRUNK: f64 = 1e-3;

/// Weights of every n-gram, and a bias, for each margin: one margin for two labels, else one a label.
pub(super) struct Fitted {
    pub bias: Vec<f64>,
    pub weights: Vec<Vec<f32>>,
    /// Of what the lexicon says.
    pub lexicon: Vec<[f64; LEXICON.len()]>,
}

impl Fitted {
    /// How far the text at `row` is on the side of each label.
    pub(super) fn margins(&self, matrix: &Matrix, row: usize, method: Method, out: &mut Vec<f64>) {
        let scale = method.scale(matrix.grams(row));
        out.clear();
        let said = matrix.lexicon(row);
        let margins = self.weights.iter().zip(&self.bias).zip(&self.lexicon);
        out.extend(margins.map(|((weights, bias), lexicon)| {
            let sum: f64 = matrix
                .items(row)
                .iter()
                .filter_map(|&at| weights.get(at as usize))
                .map(|&weight| f64::from(weight))
                .sum();
            bias + scale * sum + dot(lexicon, &said)
        }));
    }
}

/// Fits to the texts outside of part `held_out` (to all when there is none).
pub(super) fn fit(
    matrix: &Matrix,
    labels: usize,
    method: Method,
    strength: f64,
    held_out: Option<u8>,
) -> Fitted {
    let rows: Vec<usize> = (0..matrix.rows())
        .filter(|&row| held_out.is_none() || matrix.folds.get(row).copied() != held_out)
        .collect();
    let margins = if labels == 2 { 1..2 } else { 0..labels };
    let (mut bias, mut weights, mut lexicon) = (Vec::new(), Vec::new(), Vec::new());
    for label in margins {
        let is = |row: usize| matrix.labels.get(row).map(|&l| usize::from(l)) == Some(label);
        let (prior, ratios) = ratios(matrix, &rows, is);
        match method {
            Method::Bayes => {
                bias.push(prior);
                lexicon.push([0.0; LEXICON.len()]);
                weights.push(ratios.iter().map(|&ratio| ratio as f32).collect());
            }
            Method::Logistic => {
                let (own, lexicon_own, own_bias) = logistic(matrix, &rows, is, &ratios, strength);
                bias.push(own_bias);
                lexicon.push(lexicon_own);
                weights.push(own);
            }
        }
    }
    let mut fitted = Fitted {
        bias,
        weights,
        lexicon,
    };
    cut(&mut fitted, &matrix.names);
    fitted
}

/// ln of the odds of the label, and of each n-gram's share with it against its share without it, one added to each
/// count; 0 for n-grams in too few of these texts.
fn ratios(matrix: &Matrix, rows: &[usize], is: impl Fn(usize) -> bool) -> (f64, Vec<f64>) {
    let mut counts = vec![[0_u32; 2]; matrix.names.len()];
    let mut texts = [0.0_f64; 2];
    for &row in rows {
        let side = usize::from(is(row));
        texts[side] += 1.0;
        for &at in matrix.items(row) {
            if let Some(count) = counts.get_mut(at as usize) {
                count[side] += 1;
            }
        }
    }
    let mut sums = [0.0_f64; 2];
    for count in counts.iter().filter(|[out, with]| out + with >= TEXTS_MIN) {
        sums[0] += f64::from(count[0]) + 1.0;
        sums[1] += f64::from(count[1]) + 1.0;
    }
    let ratios = counts.iter().map(|&[out, with]| {
        if out + with < TEXTS_MIN {
            return 0.0;
        }
        ((f64::from(with) + 1.0) / sums[1]).ln() - ((f64::from(out) + 1.0) / sums[0]).ln()
    });
    let ratios = ratios.collect();
    (((texts[1] + 1.0) / (texts[0] + 1.0)).ln(), ratios)
}

/// The weights of the n-grams, of the lexicon and the bias at which half their squares plus `strength` times the losses
/// are lowest.
fn logistic(
    matrix: &Matrix,
    rows: &[usize],
    is: impl Fn(usize) -> bool,
    ratios: &[f64],
    strength: f64,
) -> (Vec<f32>, [f64; LEXICON.len()], f64) {
    let features = ratios.len();
    // Behind the n-grams stand the lexicon's weights and the bias; the bias is not held back.
    let mut at = vec![0.0; features + LEXICON.len() + 1];
    let mut scaled = vec![0.0; features];
    let last = |at: &[f64]| {
        let mut lexicon = [0.0; LEXICON.len()];
        let behind = at.get(features..).unwrap_or_default();
        lexicon
            .iter_mut()
            .zip(behind)
            .for_each(|(to, from)| *to = *from);
        (lexicon, behind.last().copied().unwrap_or_default())
    };
    minimize(&mut at, STEPS_MAX, SHRUNK, |at, slope| {
        let (lexicon, bias) = last(at);
        for ((scaled, weight), ratio) in scaled.iter_mut().zip(at).zip(ratios) {
            *scaled = weight * ratio;
        }
        slope.fill(0.0);
        let mut loss = 0.0;
        let mut behind = [0.0; LEXICON.len() + 1];
        for &row in rows {
            let (items, said) = (matrix.items(row), matrix.lexicon(row));
            let scale = Method::Logistic.scale(matrix.grams(row));
            let sum: f64 = items.iter().filter_map(|&at| scaled.get(at as usize)).sum();
            let sign = if is(row) { 1.0 } else { -1.0 };
            let margin = sign * (bias + scale * sum + dot(&lexicon, &said));
            // ln(1 + e^-m) without overflow.
            loss += (-margin.abs()).exp().ln_1p() + (-margin).max(0.0);
            let pull = -sign / (1.0 + margin.exp());
            let said = said.into_iter().chain([1.0]);
            behind
                .iter_mut()
                .zip(said)
                .for_each(|(to, said)| *to += pull * said);
            for &at in items {
                if let Some(slope) = slope.get_mut(at as usize) {
                    *slope += pull * scale;
                }
            }
        }
        let ratios = ratios.iter().copied().chain([1.0; LEXICON.len() + 1]);
        let (of_grams, of_rest) = slope.split_at_mut(features);
        of_rest.copy_from_slice(&behind);
        let slopes = of_grams.iter_mut().chain(of_rest);
        let mut squares = 0.0;
        for (place, ((slope, weight), ratio)) in slopes.zip(at).zip(ratios).enumerate() {
            let held = if place < features + LEXICON.len() {
                *weight
            } else {
                0.0
            };
            squares += held * held;
            *slope = strength * *slope * ratio + held;
        }
        strength * loss + 0.5 * squares
    });
    let (lexicon, bias) = last(&at);
    let weights = at.iter().zip(ratios).map(|(w, ratio)| (w * ratio) as f32);
    (weights.collect(), lexicon, bias)
}

fn dot(one: &[f64; LEXICON.len()], other: &[f64; LEXICON.len()]) -> f64 {
    one.iter().zip(other).map(|(one, other)| one * other).sum()
}

/// Keeps the strongest n-grams, as many as fit into a model.
fn cut(fitted: &mut Fitted, names: &[String]) {
    let strongest = |at: usize| {
        fitted
            .weights
            .iter()
            .filter_map(|weights| weights.get(at))
            .fold(0.0_f32, |most, weight| most.max(weight.abs()))
    };
    let mut order: Vec<(f32, usize)> = (0..names.len()).map(|at| (strongest(at), at)).collect();
    order.sort_unstable_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
    let (mut bytes, mut kept) = (0, 0);
    for &(weight, at) in &order {
        let name = names.get(at).map_or(0, String::len);
        bytes += (ROW_BYTES + name) * fitted.weights.len();
        if bytes > WEIGHTS_MAX_BYTES || weight == 0.0 {
            break;
        }
        kept += 1;
    }
    for &(_, at) in order.iter().skip(kept) {
        for weight in fitted.weights.iter_mut().filter_map(|w| w.get_mut(at)) {
            *weight = 0.0;
        }
    }
}
