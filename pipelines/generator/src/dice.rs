//! Chance with a fixed stream: the same seed gives the same draws on every machine and in every version.
//!
//! Only integer draws of ChaCha8 are taken from the library; ranges and shapes are made here from integer and
//! exactly rounded arithmetic, so that no change in a library's sampling can move a byte of the exports.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// The parts of the sample draw from separate streams, so that one part can change without moving the others.
#[derive(Clone, Copy, Debug)]
pub enum Stream {
    /// People, their consent and their send history.
    People = 1,
    /// Orders and their lines.
    Sales = 2,
    /// Finished lots and the units that come from them.
    Lots = 3,
    /// Receipts, inspections, consumption and changes.
    Supply = 4,
    /// Carriers, picks and stock.
    Shipping = 5,
    /// Who complains about what.
    Incidents = 6,
    /// What people write.
    Texts = 7,
    /// Returns and warranty claims.
    Aftermath = 8,
    /// Offers and marketing claims.
    Promotion = 9,
    /// Where the broken rows stand.
    Defects = 10,
    /// What was promised for what came back, and when it arrived.
    Remedies = 11,
    /// What sensors and assistants tell.
    Signals = 12,
    /// What people do on the web, with posts, in surveys, and in answer to messages.
    Behaviour = 13,
}

/// A seeded source of chance.
#[derive(Clone, Debug)]
pub struct Dice(ChaCha8Rng);

impl Dice {
    /// The dice of one stream under one seed.
    pub fn new(seed: u64, stream: Stream) -> Self {
        let mut key = [0_u8; 32];
        for (slot, byte) in key.iter_mut().zip(seed.to_le_bytes()) {
            *slot = byte;
        }
        let mut rng = ChaCha8Rng::from_seed(key);
        rng.set_stream(stream as u64);
        Dice(rng)
    }

    /// A number in [0, 1), a multiple of 2^-53.
    pub fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A whole number in 0..n; 0 when n is 0.
    pub fn below(&mut self, n: usize) -> usize {
        let wide = u128::from(self.0.next_u64()) * n as u128;
        (wide >> 64) as usize
    }

    /// A whole number from low to high, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low + 1).max(1) as usize) as i64
    }

    /// True with the given probability.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// One of the choices; the slice must not be empty.
    pub fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }

    /// The position of one weight, drawn in proportion to the weights.
    pub fn weighted(&mut self, weights: &[f64]) -> usize {
        let total: f64 = weights.iter().sum();
        let mut point = self.unit() * total;
        for (position, weight) in weights.iter().enumerate() {
            point -= weight;
            if point < 0.0 {
                return position;
            }
        }
        weights.len().saturating_sub(1)
    }

    /// A bell-shaped number: the sum of twelve uniform draws, which needs no transcendental function.
    pub fn bell(&mut self, mean: f64, deviation: f64) -> f64 {
        let sum: f64 = (0..12).map(|_| self.unit()).sum();
        mean + (sum - 6.0) * deviation
    }
}
