//! Seeds: small CSV files that belong to the project, tables of the schema `seeds`.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::component::Digest;
use super::error::ProjectError;
use super::value::ColumnType;
use super::written::Section;
use tsugi_core::diagnostic::{Diagnostic, Place, nearest};
use tsugi_core::file::read_bounded;
use tsugi_core::name::{RelationName, TableName};
use tsugi_core::source_text::SourceText;

/// The schema of every seed.
pub(crate) const SEED_SCHEMA: &str = "seeds";
/// Largest seed: what is larger is data of a source, not of the project.
pub(crate) const SEED_MAX_BYTES: u64 = 64 * 1024 * 1024;

/// `seeds/<name>.csv`: comma, UTF-8, header row; table `seeds.<name>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seed {
    pub table: TableName,
    /// The file, absolute.
    pub path: PathBuf,
    /// The file as diagnostics show it.
    pub file: String,
    /// Every column of the header row, in order, with its type.
    pub columns: Vec<(String, ColumnType)>,
    /// Of the whole file.
    pub digest: Digest,
}

/// `[seeds.NAME] columns = { severity = "integer" }`, as written.
#[derive(Clone, Debug, Default)]
pub(super) struct SeedTypes {
    columns: Vec<(String, ColumnType, Range<usize>)>,
}

/// Reads `[seeds]`: column types by seed, with the place of the seed's name.
pub(super) fn types(root: &Section<'_, '_>) -> BTreeMap<String, (SeedTypes, Range<usize>)> {
    let mut all = BTreeMap::new();
    let Some(seeds) = root.section("seeds") else {
        return all;
    };
    for (name, value) in seeds.entries() {
        let Some(section) = seeds.section_of(&name.value, &name.span, value) else {
            continue;
        };
        let mut types = SeedTypes::default();
        if let Some(columns) = section.section("columns") {
            for (column, value) in columns.entries() {
                let word = value.get_ref().as_str().unwrap_or_default();
                match ColumnType::parse(word) {
                    Some(kind) => types.columns.push((column.value, kind, column.span)),
                    None => {
                        let error = ProjectError::WrongValue {
                            key: columns.full(&column.value),
                            value: super::value::shown(value.get_ref()),
                            wanted: format!("one of {}", super::error::quoted(&ColumnType::WORDS)),
                        };
                        columns.file().find(&value.span(), &error);
                    }
                }
            }
        }
        section.finish();
        all.insert(name.value, (types, name.span));
    }
    all
}

impl Seed {
    /// Reads the header row and the digest of a file. `types` and `pipeline` (the text of
    /// pipeline.toml) say what is written about its columns.
    pub(super) fn read(
        name: RelationName,
        path: &Path,
        file: &str,
        types: &SeedTypes,
        pipeline: &SourceText,
    ) -> Result<Self, Vec<Diagnostic>> {
        let bytes =
            read_bounded(path, file, SEED_MAX_BYTES).map_err(|e| vec![Diagnostic::of(&e)])?;
        let named = header_row(&bytes, file).map_err(|e| {
            let first_line = Place {
                file: file.to_owned(),
                line: 1,
                column: 1,
            };
            vec![Diagnostic::of(&e).at(first_line)]
        })?;
        let diagnostics: Vec<Diagnostic> = types
            .columns
            .iter()
            .filter(|(column, _, _)| !named.contains(column))
            .map(|(column, _, span)| {
                let error = ProjectError::Unknown {
                    what: "column",
                    name: column.clone(),
                    nearest: nearest(column, named.iter().map(String::as_str))
                        .into_iter()
                        .map(str::to_owned)
                        .collect(),
                    otherwise: format!("columns of `{file}`: {}", super::error::quoted(&named)),
                };
                pipeline.diagnostic(span, &error)
            })
            .collect();
        if !diagnostics.is_empty() {
            return Err(diagnostics);
        }
        let typed = |column: String| {
            let written = types.columns.iter().find(|(name, _, _)| *name == column);
            let kind = written.map_or(ColumnType::Text, |(_, kind, _)| *kind);
            (column, kind)
        };
        let schema = SEED_SCHEMA
            .parse()
            .map_err(|e| vec![Diagnostic::of(&ProjectError::Name(e))])?;
        Ok(Self {
            table: TableName { schema, name },
            path: path.to_owned(),
            file: file.to_owned(),
            columns: named.into_iter().map(typed).collect(),
            digest: Digest::of(&bytes),
        })
    }
}

fn header_row(bytes: &[u8], file: &str) -> Result<Vec<String>, ProjectError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let refuse = |reason: String| ProjectError::WrongSeed {
        file: file.to_owned(),
        reason,
    };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(true)
        .from_reader(bytes);
    let row = reader
        .headers()
        .map_err(|_| refuse("its first line is not UTF-8 text".into()))?;
    let columns: Vec<String> = row.iter().map(|column| column.trim().to_owned()).collect();
    if columns.iter().any(String::is_empty) {
        return Err(refuse("a column of its first line has no name".into()));
    }
    for (index, column) in columns.iter().enumerate() {
        if columns.iter().take(index).any(|earlier| earlier == column) {
            return Err(refuse(format!("its first line names `{column}` twice")));
        }
    }
    if columns.is_empty() {
        return Err(refuse("it is empty".into()));
    }
    Ok(columns)
}
