//! The SQL of the pipelines has one form: what `sqlformat` makes of it, at most 100 columns wide.
//!
//! `UPDATE_EXPECT=1 cargo test --release -p tsugi --test system sql_format` formats every file.

use std::path::{Path, PathBuf};

use sqlformat::{Dialect, FormatOptions, Indent, QueryParams};

use crate::support::root;

/// The longest line of a SQL file.
const COLUMNS_MAX: usize = 100;

/// What fits into this many columns stays on one line; deep indentation takes up the rest.
const INLINE_MAX: usize = 80;

fn formatted(sql: &str) -> String {
    let options = FormatOptions {
        indent: Indent::Spaces(2),
        max_inline_block: INLINE_MAX,
        max_inline_arguments: Some(INLINE_MAX),
        max_inline_top_level: Some(INLINE_MAX),
        joins_as_top_level: true,
        // `r['low']` without blanks.
        dialect: Dialect::PostgreSql,
        ..FormatOptions::default()
    };
    sqlformat::format(sql, &QueryParams::None, &options) + "\n"
}

fn sql_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            sql_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "sql") {
            found.push(path);
        }
    }
}

fn without_blanks(sql: &str) -> String {
    sql.split_whitespace().collect()
}

#[test]
fn every_sql_file_of_the_pipelines_is_formatted() {
    let mut files = Vec::new();
    sql_files(&root().join("pipelines"), &mut files);
    files.sort();
    assert!(
        files.len() > 50,
        "only {} SQL files were found",
        files.len()
    );
    let is_update = std::env::var_os("UPDATE_EXPECT").is_some();
    let mut faults = Vec::new();
    for path in files {
        let name = path.strip_prefix(root()).unwrap().display().to_string();
        let sql = std::fs::read_to_string(&path).unwrap();
        let wanted = formatted(&sql);
        assert_eq!(
            without_blanks(&sql),
            without_blanks(&wanted),
            "sqlformat changes more than blanks of {name}"
        );
        if sql != wanted && is_update {
            std::fs::write(&path, &wanted).unwrap();
        } else if sql != wanted {
            faults.push(format!("{name} is not formatted"));
        }
        for (line, text) in (1..).zip(wanted.lines()) {
            let columns = text.chars().count();
            if columns > COLUMNS_MAX {
                faults.push(format!("{name}:{line} has {columns} columns"));
            }
        }
    }
    assert!(
        faults.is_empty(),
        "{}\nformat with UPDATE_EXPECT=1, and break what is still wider than {COLUMNS_MAX} columns",
        faults.join("\n")
    );
}
