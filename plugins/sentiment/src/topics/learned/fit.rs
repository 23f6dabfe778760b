//! The weights of one topic: logistic regression over n-grams by how rare they are, both sides counting the same.

use super::examples::Matrix;
use crate::model::minimize;

/// How far the fit goes: steps, and how much smaller the slopes must get.
const STEPS_MAX: usize = 40;
const SHRUNK: f64 = 3e-3;

/// What one topic has learned. A text's margin is the bias and the sum of its weights by the text's scale.
#[derive(Debug)]
pub(super) struct Fitted {
    pub bias: f64,
    pub weights: Vec<f32>,
}

impl Fitted {
    pub(super) fn margin(&self, matrix: &Matrix, row: usize) -> f64 {
        let items = matrix.items(row).iter();
        let sum: f64 = items
            .filter_map(|&at| self.weights.get(at as usize))
            .map(|&weight| f64::from(weight))
            .sum();
        self.bias + matrix.scale(row) * sum
    }
}

/// Fits `topic` to the texts outside of part `held_out` (to all when there is none), and keeps the strongest `keep` weights.
pub(super) fn fit(
    matrix: &Matrix,
    topic: usize,
    strength: f64,
    held_out: Option<u8>,
    keep: usize,
) -> Fitted {
    let rows: Vec<usize> = (0..matrix.rows())
        .filter(|&row| held_out.is_none_or(|fold| matrix.fold(row) != fold))
        .collect();
    let with = rows.iter().filter(|&&row| matrix.has(row, topic)).count();
    // As if there were as many texts with the topic as without it.
    let half = rows.len() as f64 / 2.0;
    let shares = [
        half / (rows.len() - with).max(1) as f64,
        half / with.max(1) as f64,
    ];
    let features = matrix.rarity.len();
    // Behind the n-grams stands the bias, which is not held back.
    let mut at = vec![0.0; features + 1];
    let mut scaled = vec![0.0; features];
    minimize(&mut at, STEPS_MAX, SHRUNK, |at, slope| {
        let bias = at.last().copied().unwrap_or_default();
        for ((scaled, weight), rarity) in scaled.iter_mut().zip(at).zip(&matrix.rarity) {
            *scaled = weight * rarity;
        }
        slope.fill(0.0);
        let (mut loss, mut bias_slope) = (0.0, 0.0);
        for &row in &rows {
            let (items, scale) = (matrix.items(row), matrix.scale(row));
            let sum: f64 = items.iter().filter_map(|&at| scaled.get(at as usize)).sum();
            let has = matrix.has(row, topic);
            let (sign, share) = if has {
                (1.0, shares[1])
            } else {
                (-1.0, shares[0])
            };
            let margin = sign * (bias + scale * sum);
            // ln(1 + e^-m) without overflow.
            loss += share * ((-margin.abs()).exp().ln_1p() + (-margin).max(0.0));
            let pull = -share * sign / (1.0 + margin.exp());
            bias_slope += pull;
            for &at in items {
                if let Some(slope) = slope.get_mut(at as usize) {
                    *slope += pull * scale;
                }
            }
        }
        let mut squares = 0.0;
        for ((slope, weight), rarity) in slope.iter_mut().zip(at).zip(&matrix.rarity) {
            squares += weight * weight;
            *slope = strength * *slope * rarity + weight;
        }
        if let Some(last) = slope.last_mut() {
            *last = strength * bias_slope;
        }
        strength * loss + 0.5 * squares
    });
    let bias = at.last().copied().unwrap_or_default();
    let weights = at.iter().zip(&matrix.rarity);
    let mut fitted = Fitted {
        bias,
        weights: weights.map(|(w, rarity)| (w * rarity) as f32).collect(),
    };
    cut(&mut fitted.weights, keep);
    fitted
}

/// Keeps the strongest weights.
fn cut(weights: &mut [f32], keep: usize) {
    let mut order: Vec<(f32, usize)> = weights
        .iter()
        .enumerate()
        .map(|(at, w)| (w.abs(), at))
        .collect();
    order.sort_unstable_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
    for &(_, at) in order.iter().skip(keep) {
        if let Some(weight) = weights.get_mut(at) {
            *weight = 0.0;
        }
    }
}
