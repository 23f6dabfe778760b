//! The measured data where it is present, read row by row.
#![allow(dead_code, clippy::unwrap_used)] // Each test uses its part; what a test prepares is not outside data.

use std::fs::File;

use parquet_rows::file::reader::{FileReader, SerializedFileReader};
use parquet_rows::record::{Field, Row};

pub(crate) use tsugi_plugin::testing::measured as shared;

/// All rows of a Parquet file of the measured data.
pub(crate) fn rows(name: &str) -> Option<Vec<Row>> {
    let file = File::open(shared(name)?).unwrap();
    let reader = SerializedFileReader::new(file).unwrap();
    let rows = reader.get_row_iter(None).unwrap();
    Some(rows.map(Result::unwrap).collect())
}

/// A column of a row by its name, as text; none where it is null.
pub(crate) fn text(row: &Row, name: &str) -> Option<String> {
    match row.get_column_iter().find(|(column, _)| *column == name)?.1 {
        Field::Null => None,
        Field::Str(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// A text with its label.
pub(crate) type Labelled = (String, String);

/// Of `sentiment/<file>`, the texts of the splits train and dev whose label is one of `labels`.
pub(crate) fn splits(file: &str, labels: &[&str]) -> Option<[Vec<Labelled>; 2]> {
    let mut splits = [Vec::new(), Vec::new()];
    for row in rows(&format!("sentiment/{file}"))? {
        let label = text(&row, "label").unwrap();
        if labels.contains(&label.as_str()) {
            let dev = text(&row, "split").unwrap() == "dev";
            splits[usize::from(dev)].push((text(&row, "text").unwrap(), label));
        }
    }
    Some(splits)
}

/// Olist's comments with 0 for one or two stars and 1 for four or five: those whose order falls into one fifth, and the
/// others. The fifth is stated: the first two hexadecimal digits of the order are below 33.
pub(crate) fn olist() -> Option<[Vec<Labelled>; 2]> {
    let mut splits = [Vec::new(), Vec::new()];
    for row in rows("olist_sample/order_reviews.parquet")? {
        let (Some(comment), Some(stars)) = (
            text(&row, "review_comment_message"),
            text(&row, "review_score"),
        ) else {
            continue;
        };
        if stars == "3" {
            continue;
        }
        let order = text(&row, "order_id").unwrap();
        let tested = u8::from_str_radix(&order[..2], 16).unwrap() < 51;
        let label = if stars.as_str() > "3" { "1" } else { "0" };
        splits[usize::from(tested)].push((comment, label.to_owned()));
    }
    Some(splits)
}
