//! Texts that are copies of one another but for a few words: shingles, their least hashes (MinHash, Broder 1997), and the
//! share that two sets of shingles have in common.

use std::collections::{BTreeMap, HashMap};

use crate::fold::Folded;

/// Characters of a shingle; blanks and marks are left out.
const SHINGLE: usize = 5;
/// Hashes a text, in bands: two texts are compared where all hashes of one band are equal.
const BANDS: usize = 12;
const BAND_ROWS: usize = 4;
/// Texts of a band that one text is compared with.
const COMPARED_MAX: usize = 32;
/// Only so many characters of a text are read, and so many shingles are kept of all texts.
const READ_MAX: usize = 2_000;
const SHINGLES_MAX: usize = 40_000_000;

/// More texts than can be held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TooMany;

/// A text that is one of several alike.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Copy {
    pub id: String,
    /// The least id of the group.
    pub first: String,
    pub copies: usize,
    /// The share of shingles in common with that of the first.
    pub likeness: f64,
}

/// Takes texts in, then finds groups of copies.
#[derive(Default)]
pub(crate) struct Finder {
    texts: BTreeMap<String, Vec<u32>>,
    folded: Folded,
    shingles: usize,
}

impl Finder {
    /// Adds a text, unless it has fewer characters than `minimum`: thanks are no copies of one another.
    pub(crate) fn push(&mut self, id: String, text: &str, minimum: usize) -> Result<(), TooMany> {
        self.folded.fill(text);
        let letters = self.folded.text().chars().filter(|c| c.is_alphanumeric());
        let letters: Vec<u32> = letters.take(READ_MAX).map(u32::from).collect();
        if letters.len() < minimum.max(SHINGLE) {
            return Ok(());
        }
        let mut shingles: Vec<u32> = letters.windows(SHINGLE).map(hash).collect();
        shingles.sort_unstable();
        shingles.dedup();
        self.shingles += shingles.len();
        if self.shingles > SHINGLES_MAX {
            return Err(TooMany);
        }
        self.texts.insert(id, shingles);
        Ok(())
    }

    /// The texts that share at least `likeness` of their shingles with another of their group.
    pub(crate) fn finish(self, likeness: f64) -> Vec<Copy> {
        let texts: Vec<(String, Vec<u32>)> = self.texts.into_iter().collect();
        let mut groups = Groups((0..texts.len()).collect());
        for band in 0..BANDS {
            let mut buckets: HashMap<[u32; BAND_ROWS], Vec<usize>> = HashMap::new();
            for (at, (_, shingles)) in texts.iter().enumerate() {
                let bucket = buckets.entry(least(shingles, band)).or_default();
                for &other in bucket.iter().take(COMPARED_MAX) {
                    let is_known = groups.first(at) == groups.first(other);
                    let is_alike =
                        |(_, theirs): &(String, Vec<u32>)| common(shingles, theirs) >= likeness;
                    if !is_known && texts.get(other).is_some_and(is_alike) {
                        groups.join(at, other);
                    }
                }
                bucket.push(at);
            }
        }
        let mut sizes: HashMap<usize, usize> = HashMap::new();
        for at in 0..texts.len() {
            *sizes.entry(groups.first(at)).or_default() += 1;
        }
        let mut copies = Vec::new();
        for (at, (id, shingles)) in texts.iter().enumerate() {
            let first = groups.first(at);
            let count = sizes.get(&first).copied().unwrap_or_default();
            if let Some((name, theirs)) = texts.get(first).filter(|_| count > 1) {
                copies.push(Copy {
                    id: id.clone(),
                    first: name.clone(),
                    copies: count,
                    likeness: common(shingles, theirs),
                });
            }
        }
        copies
    }
}

/// Groups of places; the first of each is the least.
struct Groups(Vec<usize>);

impl Groups {
    fn first(&mut self, at: usize) -> usize {
        let mut first = at;
        while let Some(&next) = self.0.get(first).filter(|next| **next != first) {
            first = next;
        }
        if let Some(slot) = self.0.get_mut(at) {
            *slot = first;
        }
        first
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.first(one), self.first(other));
        if let Some(slot) = self.0.get_mut(one.max(other)) {
            *slot = one.min(other);
        }
    }
}

fn hash(letters: &[u32]) -> u32 {
    let hash = letters
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, letter| {
            (hash ^ u64::from(*letter)).wrapping_mul(0x0100_0000_01b3)
        });
    (hash >> 32) as u32 ^ hash as u32
}

/// The least of each row's hashes of the shingles.
fn least(shingles: &[u32], band: usize) -> [u32; BAND_ROWS] {
    let mut least = [u32::MAX; BAND_ROWS];
    for (row, least) in least.iter_mut().enumerate() {
        let seed = (band * BAND_ROWS + row + 1) as u64;
        let factor = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        for shingle in shingles {
            let mixed = (u64::from(*shingle) ^ seed << 32).wrapping_mul(factor);
            *least = (*least).min((mixed >> 32) as u32);
        }
    }
    least
}

/// The share of two sets that both have (Jaccard), each in order.
fn common(one: &[u32], other: &[u32]) -> f64 {
    let (mut at, mut both) = (0, 0_usize);
    for shingle in one {
        while other.get(at).is_some_and(|theirs| theirs < shingle) {
            at += 1;
        }
        both += usize::from(other.get(at) == Some(shingle));
    }
    both as f64 / (one.len() + other.len() - both).max(1) as f64
}
