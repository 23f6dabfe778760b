//! The Parquet files of a lake: their columns and types, their values, what is known of each.

pub(crate) mod checksum;
pub(crate) mod lake_column;
pub(crate) mod lake_file;
pub(crate) mod schema;
pub(crate) mod stats;
pub(crate) mod storable;
pub(crate) mod types;
pub(crate) mod values;
