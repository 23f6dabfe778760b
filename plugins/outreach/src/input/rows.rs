//! Batches to cells and back, and what SQL sees of `compose`.

use tsugi_plugin::{
    Batch, BatchBuilder, DataType, Error, Field, Pulled, Schema, TableCall, TableSignature,
    Timestamp, Value,
};

use crate::input::cell::{Cell, Sheet};
use crate::input::ports::{PORTS, Port, check_columns};
use crate::rules::settings::OPTIONS;

/// Messages in one batch: some megabytes, far below what one call may return.
const BATCH_ROWS: usize = 1024;

/// A signature with its ports. They state no types, because every value is read as text.
pub(crate) fn with_ports(mut signature: TableSignature, ports: &[Port]) -> TableSignature {
    for port in ports {
        signature = match port.required {
            true => signature.port(port.name, Schema::new(), port.doc),
            false => signature.optional_port(port.name, Schema::new(), port.doc),
        };
    }
    signature
}

/// Ports and options of `compose`.
pub(crate) fn compose_signature() -> TableSignature {
    let doc = "One message a person and incident, with a decision and all its reasons.";
    let mut signature = with_ports(TableSignature::new("compose", doc), PORTS);
    for (name, format, required, doc) in OPTIONS {
        signature = match required {
            true => signature.required_option(name, data_type(format), doc),
            false => signature.option(name, data_type(format), doc),
        };
    }
    signature
}

/// Columns as a schema: name, Arrow format, may be null.
pub(crate) fn schema(columns: &[(&str, &str, bool)]) -> Schema {
    let fields = columns.iter().map(|(name, format, nullable)| {
        let field = Field::new(*name, data_type(format));
        if *nullable { field.nullable() } else { field }
    });
    fields.collect()
}

fn data_type(format: &str) -> DataType {
    match format {
        "b" => DataType::Bool,
        "l" => DataType::I64,
        "g" => DataType::F64,
        "tsu:UTC" => DataType::timestamp(),
        _ => DataType::Utf8,
    }
}

/// The places of the ports that were given, in the order in which they are to be read.
pub(crate) fn given(call: &TableCall, ports: &[Port]) -> Result<Vec<usize>, Error> {
    let mut given = Vec::new();
    for (at, port) in ports.iter().enumerate() {
        if let Some(schema) = call.input(at) {
            check_columns(port, names(schema).iter().map(String::as_str))?;
            given.push(at);
        }
    }
    Ok(given)
}

/// The names of the columns.
pub(crate) fn names(schema: &Schema) -> Vec<String> {
    schema
        .fields()
        .iter()
        .map(|field| field.name.clone())
        .collect()
}

/// The options that were given.
pub(crate) fn options(call: &TableCall) -> Vec<(String, Cell)> {
    let given = OPTIONS
        .iter()
        .map(|option| (option.0.to_string(), cell(&call.option(option.0))));
    given.filter(|(_, cell)| *cell != Cell::Null).collect()
}

/// A batch as cells.
pub(crate) fn sheet(batch: &Batch) -> Sheet {
    let row = |row| {
        batch
            .columns()
            .map(|column| cell(&column.value(row)))
            .collect()
    };
    Sheet {
        columns: batch
            .columns()
            .map(|column| column.name().to_string())
            .collect(),
        rows: (0..batch.rows()).map(row).collect(),
    }
}

/// A value as a cell.
pub(crate) fn cell(value: &Value<'_>) -> Cell {
    match value {
        Value::Null => Cell::Null,
        Value::Bool(truth) => Cell::Bool(*truth),
        Value::Int(number) => Cell::Int(*number),
        Value::Float(number) => Cell::Float(*number),
        other => other
            .text()
            .map_or(Cell::Null, |text| Cell::Text(text.into_owned())),
    }
}

/// The next batch of rows, until there are no more; one without rows where there are none for now.
pub(crate) fn next(
    columns: &[(&str, &str, bool)],
    ready: &mut impl Iterator<Item = Option<Vec<Cell>>>,
) -> Result<Pulled, Error> {
    let mut out = BatchBuilder::new(&schema(columns));
    let mut later = false;
    for cells in ready.take(BATCH_ROWS) {
        let Some(cells) = cells else {
            later = true;
            break;
        };
        out.row(
            cells
                .iter()
                .zip(columns)
                .map(|(cell, column)| match (cell, column.1) {
                    (Cell::Int(micros), "tsu:UTC") => Value::Timestamp(Timestamp(*micros)),
                    (Cell::Int(number), _) => Value::Int(*number),
                    (Cell::Bool(truth), _) => Value::Bool(*truth),
                    (Cell::Float(number), _) => Value::Float(*number),
                    (Cell::Text(text), _) => Value::Text(text),
                    (Cell::Null, _) => Value::Null,
                }),
        )?;
    }
    match out.rows() {
        0 if !later => Ok(Pulled::Finished),
        _ => Ok(Pulled::Batch(out.finish()?)),
    }
}
