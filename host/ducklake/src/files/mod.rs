//! Parquet files of a lake: the types they hold, the values in them, what is known of each.

pub(crate) mod lake_file;
pub(crate) mod schema;
pub(crate) mod stats;
pub(crate) mod types;
pub(crate) mod values;
