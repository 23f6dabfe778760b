//! The statements of the corpus: files of SQL, each statement ended by `;` at the end of a line.

use std::path::Path;

/// One statement.
#[derive(Debug, Clone)]
pub(super) struct Statement {
    /// `joins.sql:12`.
    pub(super) place: String,
    pub(super) sql: String,
    /// DuckDB's spelling where it differs, from `-- duckdb: …` before the statement.
    pub(super) duckdb: Option<String>,
    /// Whether `-- error` before the statement says that both must refuse it.
    pub(super) is_error: bool,
}

impl Statement {
    /// What the judge reads.
    pub(super) fn for_judge(&self) -> &str {
        self.duckdb.as_deref().unwrap_or(&self.sql)
    }

    /// Whether its rows have an order: `ORDER BY` outside of every pair of parentheses.
    pub(super) fn is_ordered(&self) -> bool {
        let upper = self.sql.to_uppercase();
        let mut depth = 0_i32;
        upper.char_indices().any(|(at, character)| {
            depth += i32::from(character == '(') - i32::from(character == ')');
            depth == 0 && upper[at..].starts_with("ORDER BY")
        })
    }
}

/// Every statement of a folder, by file and line.
pub(super) fn all(folder: &Path) -> Vec<Statement> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().flat_map(|file| of_file(file)).collect()
}

fn of_file(file: &Path) -> Vec<Statement> {
    let text = std::fs::read_to_string(file).unwrap();
    let name = file.file_name().unwrap().to_string_lossy().into_owned();
    let mut statements = Vec::new();
    let (mut sql, mut duckdb, mut is_error) = (String::new(), None, false);
    for (number, line) in text.lines().enumerate() {
        if let Some(theirs) = line.strip_prefix("-- duckdb: ") {
            duckdb = Some(theirs.to_owned());
        } else if line == "-- error" {
            is_error = true;
        } else if !line.starts_with("-- ") && !line.is_empty() {
            sql.push_str(line);
            sql.push('\n');
        }
        if let Some(whole) = sql.trim_end().strip_suffix(';') {
            statements.push(Statement {
                place: format!("{name}:{}", number + 1),
                sql: whole.to_owned(),
                duckdb: duckdb.take(),
                is_error: std::mem::take(&mut is_error),
            });
            sql.clear();
        }
    }
    assert!(sql.is_empty(), "{name} ends inside a statement: {sql}");
    statements
}
