//! Scans whose errors name the table and the file that was damaged. What the decoder says of a
//! page names neither.

use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{
    Transformed, TransformedResult as _, TreeNode as _, TreeNodeRecursion,
};
use datafusion::common::{DataFusionError, Result};
use datafusion::datasource::physical_plan::ParquetSource;
use datafusion::datasource::source::DataSourceExec;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, PhysicalExpr, PlanProperties,
};
use futures::TryStreamExt as _;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::errors::ParquetError;

use crate::error::Error;
use crate::files::checksum::is_intact;

/// What is wrong with the bytes of a file, without decoding its rows: its footer, its checksum.
pub(crate) fn damage_of(path: &Path) -> Option<&'static str> {
    let intact = File::open(path)
        .map_err(ParquetError::from)
        .and_then(|file| {
            let builder = ParquetRecordBatchReaderBuilder::try_new(file.try_clone()?)?;
            let metadata = builder.metadata().file_metadata();
            Ok(is_intact(&file, metadata.key_value_metadata())?)
        });
    match intact {
        Ok(true) => None,
        Ok(false) => Some("has other bytes than were written"),
        Err(_) => Some("is no Parquet file any more"),
    }
}

/// Puts every scan of published files below an operator that looks for damage when the scan fails.
/// It runs after all other rules, for which it would hide the scan.
#[derive(Debug)]
pub struct DamageIsNamed;

impl PhysicalOptimizerRule for DamageIsNamed {
    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        _: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|node| {
            let files = files(&node);
            Ok(match files.is_empty() {
                true => Transformed::no(node),
                false => Transformed::yes(Arc::new(NamedScan {
                    scan: node,
                    files: files.into(),
                }) as Arc<dyn ExecutionPlan>),
            })
        })
        .data()
    }

    fn name(&self) -> &'static str {
        "damage_is_named"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// The files of a scan that belong to a table, with its name.
fn files(node: &Arc<dyn ExecutionPlan>) -> Vec<(String, PathBuf)> {
    let scan = node.downcast_ref::<DataSourceExec>();
    let Some((config, _)) = scan.and_then(|scan| scan.downcast_to_file_source::<ParquetSource>())
    else {
        return Vec::new();
    };
    let files = config.file_groups.iter().flat_map(|group| group.files());
    let mut named: Vec<(String, PathBuf)> = files
        .filter_map(|file| {
            let table = file.table_reference.as_ref()?.to_string();
            Some((
                table,
                Path::new("/").join(file.object_meta.location.as_ref()),
            ))
        })
        .collect();
    // A large file is read in several parts.
    named.dedup();
    named
}

#[derive(Debug)]
struct NamedScan {
    scan: Arc<dyn ExecutionPlan>,
    files: Arc<[(String, PathBuf)]>,
}

/// The damage of the first file that has any; else the error itself.
fn named(error: DataFusionError, files: &[(String, PathBuf)]) -> DataFusionError {
    let damaged = files.iter().find_map(|(table, path)| {
        damage_of(path).map(|what| Error::DamagedFile {
            table: table.clone(),
            path: path.clone(),
            what,
        })
    });
    damaged.map_or(error, |damaged| {
        DataFusionError::External(Box::new(damaged))
    })
}

impl DisplayAs for NamedScan {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NamedScan")
    }
}

impl ExecutionPlan for NamedScan {
    fn name(&self) -> &str {
        "NamedScan"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.scan.properties()
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.scan]
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
    }

    fn with_new_children(
        self: Arc<Self>,
        mut children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        match children.pop() {
            Some(scan) => Ok(Arc::new(Self {
                scan,
                files: Arc::clone(&self.files),
            })),
            None => Ok(self),
        }
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let rows = self.scan.execute(partition, context)?;
        let files = Arc::clone(&self.files);
        let schema = rows.schema();
        let rows = rows.map_err(move |error| named(error, &files));
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, rows)))
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }
}
