//! Finds the weights of a model: logistic regression with classes that count alike and neutral texts in the middle.
//!
//! Only additions, multiplications, divisions and roots, which every machine rounds alike: the same texts give the same
//! bytes.

use tsugi_sentiment::language::Language;
use tsugi_sentiment::learned::features::{Reader, TABLE_BITS};
use tsugi_sentiment::learned::{Settings, share};
use tsugi_sentiment::model::minimize;

use crate::data::Text;

const TABLE: usize = 1 << TABLE_BITS;
const STEPS_MAX: usize = 80;

/// How closely weights follow single texts, and how much neutral texts count beside a class.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fit {
    pub strength: f64,
    pub neutral: f64,
    /// What the lexicon's two weights are pulled to, so that little data does not unlearn it.
    pub lexicon: f64,
    pub lexicon_hold: f64,
    /// How much more n-grams count that stand on one side: the power of their log-count ratio.
    pub ratio: f64,
    /// Added to every margin in the end: customers write to complain, which the texts do not show.
    pub bias: f64,
}

/// The n-grams of texts, one after the other.
pub(crate) struct Grams {
    starts: Vec<usize>,
    places: Vec<u32>,
}

impl Grams {
    pub(crate) fn of(texts: &[Text], language: Language) -> Self {
        let (mut starts, mut places) = (vec![0], Vec::new());
        let mut reader = Reader::default();
        for text in texts {
            reader.read(&text.text, language, |feature| places.push(feature.place));
            starts.push(places.len());
        }
        Self { starts, places }
    }

    pub(crate) fn places(&self, at: usize) -> &[u32] {
        &self.places[self.starts[at]..self.starts[at + 1]]
    }
}

/// The weights of the table, and of the lexicon's good and bad.
pub(crate) struct Weights {
    pub table: Vec<f64>,
    pub lexicon: [f64; 2],
    bias: f64,
}

impl Weights {
    /// The file of a model: each weight as one byte. The few largest are cut, so that the others keep their differences.
    pub(crate) fn quantised(&self, undecided: f64, slope: f64) -> Vec<u8> {
        let mut sizes: Vec<f64> = self
            .table
            .iter()
            .map(|w| w.abs())
            .filter(|w| *w > 0.0)
            .collect();
        sizes.sort_unstable_by(f64::total_cmp);
        let large = sizes.get(sizes.len() * 999 / 1000).copied().unwrap_or(1.0);
        let unit = (large / 127.0) as f32;
        let settings = Settings {
            unit,
            lexicon: self.lexicon.map(|weight| weight as f32),
            bias: self.bias as f32,
            undecided: undecided as f32,
            slope: slope as f32,
        };
        let byte =
            |weight: &f64| (weight / f64::from(unit)).round().clamp(-127.0, 127.0) as i8 as u8;
        let mut file = settings.head();
        file.extend(self.table.iter().map(byte));
        file
    }

    pub(crate) fn margin(&self, places: &[u32], text: &Text) -> f64 {
        let scale = share(places.len() as u32, text.turned) / (places.len().max(1) as f64).sqrt();
        let sum: f64 = places.iter().map(|&at| self.table[at as usize]).sum();
        let said = text.lexicon.unwrap_or_default();
        self.bias + sum * scale + said.max(0.0) * self.lexicon[0]
            - (-said).max(0.0) * self.lexicon[1]
    }
}

/// Fits to the texts at `rows`.
pub(crate) fn fit(texts: &[Text], grams: &Grams, rows: &[usize], how: Fit) -> Weights {
    let mut totals = [0.0_f64; 3];
    for &row in rows {
        totals[(texts[row].label + 1) as usize] += texts[row].counts;
    }
    // As if there were as many texts of each side, and `neutral` times as many in the middle.
    let each = (totals[0] + totals[2]) / 2.0;
    let factors = [
        each / totals[0].max(1.0),
        (each * how.neutral / totals[1].max(1.0)).min(1.0),
        each / totals[2].max(1.0),
    ];
    let ratios = ratios(texts, grams, rows, how.ratio);
    let mut at = vec![0.0; TABLE + 2];
    let mut scaled = vec![0.0; TABLE];
    at[TABLE] = how.lexicon;
    at[TABLE + 1] = how.lexicon;
    minimize(&mut at, STEPS_MAX, 1e-3, |at, slope| {
        slope.fill(0.0);
        for ((scaled, weight), ratio) in scaled.iter_mut().zip(at).zip(&ratios) {
            *scaled = weight * ratio;
        }
        let mut loss = 0.0;
        for &row in rows {
            let (text, places) = (&texts[row], grams.places(row));
            let scale =
                share(places.len() as u32, text.turned) / (places.len().max(1) as f64).sqrt();
            let sum: f64 = places.iter().map(|&place| scaled[place as usize]).sum();
            let said = text.lexicon.unwrap_or_default();
            let (good, bad) = (said.max(0.0), (-said).max(0.0));
            let margin = sum * scale + good * at[TABLE] - bad * at[TABLE + 1];
            let weight = text.counts * factors[(text.label + 1) as usize] * how.strength;
            let (value, pull) = cost(margin, f64::from(text.label));
            loss += weight * value;
            let pull = weight * pull;
            for &place in places {
                slope[place as usize] += pull * scale;
            }
            slope[TABLE] += pull * good;
            slope[TABLE + 1] -= pull * bad;
        }
        let mut held = 0.0;
        for ((slope, weight), ratio) in slope.iter_mut().zip(at).zip(&ratios) {
            *slope = *slope * ratio + weight;
            held += weight * weight;
        }
        for place in [TABLE, TABLE + 1] {
            let off = at[place] - how.lexicon;
            slope[place] += how.lexicon_hold * off;
            held += how.lexicon_hold * off * off;
        }
        loss + 0.5 * held
    });
    let lexicon = [at[TABLE], at[TABLE + 1]];
    at.truncate(TABLE);
    at.iter_mut()
        .zip(&ratios)
        .for_each(|(weight, ratio)| *weight *= ratio);
    Weights {
        table: at,
        lexicon,
        bias: how.bias,
    }
}

/// How much more often an n-gram stands in texts of one side than of the other, for each place of the table (Wang & Manning
/// 2012); what says little is held back more.
fn ratios(texts: &[Text], grams: &Grams, rows: &[usize], power: f64) -> Vec<f64> {
    let mut counts = vec![[1.0_f64; 2]; TABLE];
    for &row in rows {
        let side = match texts[row].label {
            1 => 1,
            -1 => 0,
            _ => continue,
        };
        for &place in grams.places(row) {
            counts[place as usize][side] += texts[row].counts;
        }
    }
    let sums = counts
        .iter()
        .fold([0.0, 0.0], |sums, c| [sums[0] + c[0], sums[1] + c[1]]);
    let ratio = |[bad, good]: [f64; 2]| {
        if bad + good < 3.0 {
            return 0.0;
        }
        ((good / sums[1]) / (bad / sums[0])).ln().abs().powf(power)
    };
    counts.into_iter().map(ratio).collect()
}

/// A loss that is smooth, convex and needs no exponential: for a side the distance to it, squared below a margin of 1 and
/// straight below -1 (Huber's, as in modified least squares); for the middle the square.
fn cost(margin: f64, label: f64) -> (f64, f64) {
    if label == 0.0 {
        let inside = margin.clamp(-1.0, 1.0);
        let outside = margin - inside;
        return (inside * inside + 2.0 * inside * outside, 2.0 * inside);
    }
    let short = 1.0 - margin * label;
    if short <= 0.0 {
        (0.0, 0.0)
    } else if short >= 2.0 {
        (4.0 * (short - 1.0), -4.0 * label)
    } else {
        (short * short, -2.0 * short * label)
    }
}
