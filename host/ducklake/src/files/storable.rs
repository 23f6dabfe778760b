//! Whether rows of a schema can become a table, before there are any.

use std::collections::HashSet;

use datafusion::arrow::datatypes::Schema;

use super::types::stored_type;
use crate::error::Error;
use crate::name::LakeTableName;

/// Everything for which [`Lake::stage`](crate::Lake::stage) would refuse rows of a schema, each with
/// the index of its column.
pub fn unstorable(table: &LakeTableName, schema: &Schema) -> Vec<(usize, Error)> {
    if schema.fields().is_empty() {
        let table = table.clone();
        return vec![(0, Error::NoColumns { table })];
    }
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    for (index, field) in schema.fields().iter().enumerate() {
        // DuckDB ignores case and could not tell them apart.
        if !seen.insert(field.name().to_lowercase()) {
            let (table, column) = (table.clone(), field.name().clone());
            found.push((index, Error::DuplicateColumn { table, column }));
        }
        if let Err(error) = stored_type(table, field.name(), field.data_type()) {
            found.push((index, error));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::datatypes::{DataType, Field, IntervalUnit};

    use super::*;

    #[test]
    fn every_column_that_cannot_be_stored_is_found() {
        let table = LakeTableName::new("a", "b");
        let schema = Schema::new(vec![
            Field::new("Id", DataType::Int64, true),
            Field::new("id", DataType::Int64, true),
            Field::new("n", DataType::Null, true),
            Field::new("i", DataType::Interval(IntervalUnit::MonthDayNano), true),
            Field::new("fine", DataType::Utf8, true),
        ]);
        let found = unstorable(&table, &schema);
        let columns: Vec<usize> = found.iter().map(|(index, _)| *index).collect();
        assert_eq!(columns, [1, 2, 3]);
        assert_eq!(unstorable(&table, &Schema::empty()).len(), 1);
    }
}
