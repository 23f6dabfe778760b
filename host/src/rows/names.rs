//! One name a column: two columns of a query may be called the same, and neither an object of JSON nor
//! a reader of CSV keeps them apart.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{Field, FieldRef, Schema, SchemaRef};

use super::failed;
use tsugi_pipeline::run::RunError;

/// The same columns, the second `n` as `n_1`, as DuckDB calls it where it writes files.
pub(super) fn unique(schema: &SchemaRef) -> SchemaRef {
    let written = schema.fields().iter().map(|field| field.name().as_str());
    let written: Vec<&str> = written.collect();
    let mut names = BTreeSet::new();
    let fields = schema.fields().iter().enumerate().map(|(index, field)| {
        let name = field.name();
        if names.insert(name.clone()) {
            return Arc::clone(field);
        }
        let earlier = written.iter().take(index).filter(|one| *one == name);
        let numbers = earlier.count()..;
        let free = numbers.map(|number| format!("{name}_{number}"));
        let mut free = free.filter(|name| !written.contains(&name.as_str()));
        let name = free.find(|name| names.insert(name.clone()));
        Arc::new(Field::clone(field).with_name(name.unwrap_or_default()))
    });
    let fields: Vec<FieldRef> = fields.collect();
    Arc::new(Schema::new(fields))
}

/// The same rows under these names.
pub(super) fn named(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, RunError> {
    RecordBatch::try_new(Arc::clone(schema), batch.columns().to_vec()).map_err(failed)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::datatypes::{DataType, Field, Schema};

    use super::unique;

    #[test]
    fn every_column_has_a_name_of_its_own() {
        for (written, names) in [
            (&["a", "b"][..], &["a", "b"][..]),
            (&["a", "a", "a"], &["a", "a_1", "a_2"]),
            (&["a", "a", "a_1"], &["a", "a_2", "a_1"]),
            (&["a", "A"], &["a", "A"]),
        ] {
            let field = |name: &&str| Field::new(*name, DataType::Int64, true);
            let schema = Schema::new(written.iter().map(field).collect::<Vec<_>>());
            let unique = unique(&Arc::new(schema));
            let found: Vec<&str> = unique
                .fields()
                .iter()
                .map(|one| one.name().as_str())
                .collect();
            assert_eq!(found, names);
        }
    }
}
