//! `nearest`: how many events lie nearest to each source, as Snow counted deaths by pump in 1855.

use super::place::Place;
use crate::input::InputError;

/// Distances one call may compute.
pub(crate) const DISTANCES_MAX: usize = 500_000_000;

/// Sources one call may hold.
pub(crate) const SOURCES_MAX: usize = 100_000;

/// A source with what lies nearest to it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Source {
    pub name: String,
    pub place: Place,
    /// Events that lie nearest to it.
    pub events: u64,
    /// Of these, how many lie as near to another source; they count for the first in name order.
    pub tied: u64,
    /// The sum of their distances.
    pub distance_sum: f64,
    /// The largest of their distances.
    pub distance_max: f64,
}

/// Counts events to their nearest source.
#[derive(Debug, Default)]
pub(crate) struct Counter {
    sources: Vec<Source>,
    events: u64,
    computed: usize,
}

impl Counter {
    /// Adds a source.
    ///
    /// # Errors
    /// [`InputError::TooMuch`] beyond [`SOURCES_MAX`].
    pub(crate) fn add(&mut self, name: &str, place: Place) -> Result<(), InputError> {
        if self.sources.len() >= SOURCES_MAX {
            return Err(InputError::TooMuch {
                what: "sources",
                limit: SOURCES_MAX,
                hint: "Leave out what cannot be a source",
            });
        }
        self.sources.push(Source {
            name: name.to_owned(),
            place,
            events: 0,
            tied: 0,
            distance_sum: 0.0,
            distance_max: 0.0,
        });
        Ok(())
    }

    /// Puts the sources into name order; a name may stand only once.
    ///
    /// # Errors
    /// [`InputError::Twice`] names the source.
    pub(crate) fn ready(&mut self) -> Result<(), InputError> {
        self.sources
            .sort_by(|left, right| left.name.cmp(&right.name));
        let twice = self.sources.windows(2).find(|pair| match pair {
            [left, right] => left.name == right.name,
            _ => false,
        });
        match twice.and_then(|pair| pair.first()) {
            None => Ok(()),
            Some(source) => Err(InputError::Twice {
                row: self.sources.len() as u64,
                what: "source",
                name: source.name.clone(),
            }),
        }
    }

    /// Counts `n` events at one place.
    ///
    /// # Errors
    /// [`InputError::TooMuch`] beyond [`DISTANCES_MAX`].
    pub(crate) fn count(&mut self, place: Place, n: u64) -> Result<(), InputError> {
        self.computed += self.sources.len();
        if self.computed > DISTANCES_MAX {
            return Err(InputError::TooMuch {
                what: "distances between events and sources",
                limit: DISTANCES_MAX,
                hint: "Count events of one place together in a column n",
            });
        }
        self.events += n;
        let (mut nearest, mut least, mut tied) = (None, f64::INFINITY, false);
        for (at, source) in self.sources.iter().enumerate() {
            let distance = source.place.distance(&place);
            if distance < least {
                (nearest, least, tied) = (Some(at), distance, false);
            } else if distance == least {
                tied = true;
            }
        }
        if let Some(source) = nearest.and_then(|at| self.sources.get_mut(at)) {
            source.events += n;
            source.tied += if tied { n } else { 0 };
            source.distance_sum += least * n as f64;
            if n > 0 {
                source.distance_max = source.distance_max.max(least);
            }
        }
        Ok(())
    }

    /// All sources, those with most events first, and how many events there were.
    pub(crate) fn finish(mut self) -> (Vec<Source>, u64) {
        self.sources.sort_by(|left, right| {
            right
                .events
                .cmp(&left.events)
                .then(left.name.cmp(&right.name))
        });
        (self.sources, self.events)
    }
}
