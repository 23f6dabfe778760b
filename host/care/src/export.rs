//! A published table split by owner: one part for each value of a column.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::array::{Array as _, AsArray as _, RecordBatch, UInt32Array};
use datafusion::arrow::compute::{cast, concat_batches, take_record_batch};
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use tokio::runtime::Handle;

use super::error::CareError;
use super::mask::Mask;
use tsugi_core::diagnostic::nearest;
use tsugi_core::name::TableName;
use tsugi_pipeline::project::Project;
use tsugi_pipeline::query::Vars;
use tsugi_pipeline::run::{Published, RunError, plain_session, refuse_view};
use tsugi_pipeline::store::{Snapshot, Warehouse};

/// The parts of a table.
#[derive(Debug)]
pub struct Parts {
    /// The columns of each.
    pub schema: SchemaRef,
    /// By the value of the column, in the order of the table.
    pub rows: BTreeMap<String, RecordBatch>,
    /// Rows without a value there: they are in no part.
    pub without_owner: u64,
}

pub(super) async fn parts(
    project: &Project,
    warehouse: &Warehouse,
    snapshot: &Snapshot,
    table: &TableName,
    by: &str,
    query: &Handle,
) -> Result<Parts, CareError> {
    refuse_view(project, table, None)?;
    let columns = snapshot.provider(table)?.schema();
    if columns.column_with_name(by).is_none() {
        let names = columns.fields().iter().map(|field| field.name().as_str());
        let near = nearest(by, names).into_iter().map(str::to_owned).collect();
        return Err(CareError::NoColumn {
            table: table.clone(),
            column: by.to_owned(),
            near,
        });
    }
    let session = Arc::new(plain_session(project)?);
    let sql = format!("SELECT * FROM {table}");
    let published = Published {
        session: &session,
        warehouse,
        query,
        redact: &Mask,
    };
    let answer = published.query_rows(&Vars::default(), &sql).await?;
    let all = concat_batches(&answer.schema, &answer.rows).map_err(RunError::from)?;
    let owners = all.column_by_name(by).unwrap_or_else(|| all.column(0));
    let owners = cast(owners, &DataType::Utf8).map_err(RunError::from)?;
    let owners = owners.as_string::<i32>();
    let mut numbers: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    let mut without_owner = 0;
    for row in 0..owners.len() {
        let owner = owners.is_valid(row).then(|| owners.value(row));
        match owner.filter(|owner| !owner.trim().is_empty()) {
            Some(owner) => {
                let number = u32::try_from(row).unwrap_or(u32::MAX);
                numbers.entry(owner).or_default().push(number);
            }
            None => without_owner += 1,
        }
    }
    let mut rows = BTreeMap::new();
    for (owner, numbers) in numbers {
        let own = take_record_batch(&all, &UInt32Array::from(numbers)).map_err(RunError::from)?;
        rows.insert(owner.to_owned(), own);
    }
    Ok(Parts {
        schema: answer.schema,
        rows,
        without_owner,
    })
}
