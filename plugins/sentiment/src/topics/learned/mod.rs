//! Topics learned from labelled texts: for each a linear model over n-grams, with a threshold that was found on texts held
//! out.

mod examples;
mod fit;
mod measure;
mod read;
mod train;

pub use examples::{Examples, TooMuch};
pub use read::{BadTopicModel, Learned, TopicModel};
pub use train::{Row, Setting, TooFew, Training};

use crate::grams::Sizes;

/// What a model looks at.
const SIZES: Sizes = Sizes {
    characters: (1, 3),
    words: (1, 2),
    inside: Some((3, 5)),
};

/// What the weights of a text with so many different n-grams are multiplied by.
fn scale(grams: usize) -> f64 {
    1.0 / (grams.max(1) as f64).sqrt()
}

fn logistic(margin: f64) -> f64 {
    1.0 / (1.0 + (-margin).exp())
}
