//! The sum that the rules of every language arrive at: a score, its words, and how much was understood.

/// What a language's rules found in one text.
#[derive(Default, Debug)]
pub(crate) struct Tally {
    pub score: Option<f64>,
    /// Whether a denial turned a word that decides, or a contrast took from what stood before it.
    pub turned: bool,
    pub words: Vec<String>,
    /// Length of all sentences and of those understood, in the units of the language (words or characters).
    pub length: usize,
    pub understood: usize,
}

impl Tally {
    pub(crate) fn sentence(&mut self, length: usize, understood: bool) {
        self.length += length;
        if understood {
            self.understood += length;
        }
    }
}
