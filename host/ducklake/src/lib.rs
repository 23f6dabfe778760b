//! DuckLake 1.0 in Rust: a catalogue in SQLite, Parquet files, and tables for DataFusion.
//!
//! A folder holds `catalog.sqlite`, `data/` and a lock file. DuckDB attaches the same catalogue
//! (`ATTACH 'ducklake:sqlite:catalog.sqlite'`) and reads and writes beside this crate; a table
//! that it wrote in a way that is not supported here (deleted rows, inlined rows) is reported as
//! unreadable until it is replaced.
//!
//! One process at a time writes with this crate: it holds a [`Claim`]. It stages rows into files
//! that no snapshot names, then publishes any number of tables in one transaction.
//!
//! ```
//! use std::sync::Arc;
//!
//! use datafusion::arrow::array::{ArrayRef, Int64Array, RecordBatch};
//! use datafusion::prelude::SessionContext;
//! use ducklake::{COMMENT, Lake, Note, LakeTableName, Tags, Writer};
//!
//! # async fn example(folder: &std::path::Path) -> Result<(), Box<dyn std::error::Error>> {
//! let lake = Lake::open(folder, Writer::new("example", "1.0")).await?;
//! let claim = lake.claim("loading orders").await?;
//!
//! let orders = LakeTableName::new("sales", "orders");
//! let ids: ArrayRef = Arc::new(Int64Array::from(vec![1, 2, 3]));
//! let rows = RecordBatch::try_from_iter([("id", ids)])?;
//! let mut writer = lake.stage(&claim, &orders, &rows.schema()).await?;
//! writer.write(&rows)?;
//! let staged = writer.close()?;
//!
//! let mut tags = Tags::default();
//! tags.set(&orders, "id", COMMENT, Some("The number on the invoice."));
//! let note = Note { message: "first load", extra_info: Some("{\"job\":7}") };
//! let first = lake.publish(&claim, &[staged], &[], &tags, note).await?;
//!
//! let snapshot = lake.snapshot().await?;
//! assert_eq!(snapshot.info.id, first);
//! assert_eq!(snapshot.table(&orders)?.tag("id", COMMENT), Some("The number on the invoice."));
//! let context = SessionContext::new();
//! context.register_table("orders", snapshot.provider(&orders)?)?;
//! assert_eq!(context.sql("SELECT id FROM orders").await?.count().await?, 3);
//! # Ok(())
//! # }
//! # let folder = std::env::temp_dir().join(format!("ducklake-example-{}", std::process::id()));
//! # let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
//! # runtime.block_on(example(&folder)).unwrap();
//! # std::fs::remove_dir_all(&folder).unwrap();
//! ```
// Nothing that a file, a plugin or SQL gives may panic; tests may.
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]
#![deny(clippy::print_stdout, clippy::print_stderr)]

mod catalog;
mod error;
mod files;
mod lake;
mod lock;
mod name;
mod read;
pub mod sqlite;
mod write;

pub use catalog::tags::{COMMENT, Tags};
pub use error::Error;
pub use files::lake_column::LakeColumn;
pub use files::lake_file::LakeFile;
pub use files::stats::ColumnStats;
pub use files::storable::unstorable;
pub use lake::Lake;
pub use lock::Claim;
pub use name::{LakeTableName, SnapshotId, Writer};
pub use read::damaged::DamageIsNamed;
pub use read::snapshot::{LakeSnapshot, LakeTable, SnapshotInfo};
pub use read::verify::{NamedFile, TableSize};
pub use write::expire::{Expired, OlderSnapshot};
pub use write::janitor::Swept;
pub use write::parquet_file::StagedFile;
pub use write::publish::{DroppedTable, Note};
pub use write::stage::{StagedTable, StagedWriter};
