//! Writing: rows into files, files into snapshots, snapshots out of the lake.

pub(crate) mod again;
pub(crate) mod commit;
pub(crate) mod expire;
pub(crate) mod janitor;
pub(crate) mod parquet_file;
pub(crate) mod publish;
pub(crate) mod stage;
mod unpublished;
