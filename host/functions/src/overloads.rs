//! The overloads of one function name of a plugin, as data of a plan.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Fields};

use super::error::FunctionError;
use super::live::LivePlugin;
use super::set::PluginKey;
use super::types::choose;

/// Compared and hashed by what it computes. `live` is how the session of the plan runs it; a codec
/// sends the rest, and the session on the other side brings its own.
#[derive(Debug, Clone)]
pub(crate) struct Overloads<F> {
    pub(crate) key: PluginKey,
    pub(crate) name: String,
    pub(crate) all: Vec<F>,
    pub(crate) live: Arc<LivePlugin>,
}

impl<F> Overloads<F> {
    /// The overload for arguments of these types, and the types they are cast to.
    pub(crate) fn choose(
        &self,
        params: impl Fn(&F) -> &Fields,
        args: &[DataType],
    ) -> Result<(&F, Vec<DataType>), FunctionError> {
        choose(&self.name, &self.all, params, args)
    }
}

impl<F: PartialEq> PartialEq for Overloads<F> {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key && self.name == other.name && self.all == other.all
    }
}

impl<F: Eq> Eq for Overloads<F> {}

impl<F: Hash> Hash for Overloads<F> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.hash(state);
        self.name.hash(state);
        self.all.hash(state);
    }
}
