//! Loads a project: one pass over every file, which reports everything that is wrong.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use super::error::{NOT_THERE, ProjectError};
use super::header::{Header, Kind};
use super::model::{Check, Model};
use super::page::{self, Page};
use super::paths::{entries, shown};
use super::people::People;
use super::personal::Personal;
use super::pipeline::folder_and_text;
use super::plugin::Plugins;
use super::seed::{SEED_SCHEMA, Seed, SeedTypes};
use super::settings::{AS_OF, Head, ProjectSettings};
use super::tables::Tables;
use super::uses::Uses;
use super::value::ConfigValue;
use super::written::{Section, TomlFile};
use super::{Project, seed, settings, wants};
use tsugi_core::diagnostic::{Diagnostic, Place};
use tsugi_core::file::FileError;
use tsugi_core::name::{NameError, RelationName, SchemaName, TableName, VarName};
use tsugi_core::source_text::SourceText;

/// Schemas that the host keeps for itself.
pub(super) const HOST_SCHEMAS: [&str; 3] = ["information_schema", "quarantine", "tsugi"];

impl Project {
    /// Loads a project folder. `environment` chooses one of its environments.
    ///
    /// # Errors
    /// Every diagnostic of every file, in the order of the files, warnings among them.
    pub fn load(folder: &Path, environment: Option<&str>) -> Result<Self, Vec<Diagnostic>> {
        Self::load_with(folder, environment, false)
    }

    /// Loads a project folder for a verb that reads what is published: plugins that are missing or
    /// broken are no errors, but are found in [`Project::unread`].
    ///
    /// # Errors
    /// As for [`Project::load`].
    pub fn load_to_read(folder: &Path, environment: Option<&str>) -> Result<Self, Vec<Diagnostic>> {
        Self::load_with(folder, environment, true)
    }

    fn load_with(
        folder: &Path,
        environment: Option<&str>,
        spares_plugins: bool,
    ) -> Result<Self, Vec<Diagnostic>> {
        let (folder, text) = folder_and_text(folder)?;
        let (file, table) = TomlFile::parse(&text);
        let root = Section::root(&file, &table);

        let head = Head::read(&root);
        let mut plugins = Plugins::read(&root, &folder);
        let uses = Uses::read(&root, &folder, &plugins);
        let seed_types = seed::types(&root);
        let settings = ProjectSettings::read(&root, &folder, environment);
        let limits = settings::limits(&root, &folder);
        let tables = Tables::read(&root);
        let people = People::read(&root);
        let personal = Personal::read(&root);
        root.finish();
        let spared = spares_plugins.then(|| std::mem::take(&mut plugins.unread));
        let unread = spared.unwrap_or_default();
        let mut diagnostics = of_pipeline(file, &mut plugins, &uses);
        diagnostics.extend(settings.diagnostic);
        let mut files = Files {
            folder: &folder,
            diagnostics,
        };
        let seeds = files.seeds(&text, seed_types);
        let models = files.models();
        files.schemas(&models, &uses);
        let checks = files.checks();
        let pages = files.pages(&settings.vars);
        files.unused(models.is_empty());
        if spares_plugins {
            // What is published can be read where folders and files of a run are not.
            files.diagnostics.retain(|one| one.code != NOT_THERE);
        }
        let (errors, warnings): (Vec<_>, Vec<_>) = files
            .diagnostics
            .into_iter()
            .partition(Diagnostic::is_error);
        match head {
            Some(head) if errors.is_empty() => Ok(Self {
                vars: with_as_of(settings.vars, head.as_of),
                name: head.name,
                description: head.description,
                as_of: head.as_of,
                language: head.language,
                environment: settings.environment,
                plugins: plugins.read,
                unread,
                sources: uses.sources,
                sinks: uses.sinks,
                deliveries: uses.deliveries,
                tables,
                people,
                personal,
                seeds,
                models,
                checks,
                pages,
                limits,
                warehouse: settings.warehouse,
                keep: settings.keep,
                warnings,
                folder,
            }),
            _ => Err(errors.into_iter().chain(warnings).collect()),
        }
    }
}

/// What is wrong with pipeline.toml and with the plugins that it names.
fn of_pipeline(file: TomlFile<'_>, plugins: &mut Plugins, uses: &Uses) -> Vec<Diagnostic> {
    let more = wants::compare(&file, plugins, uses);
    let elsewhere = plugins.refuse_unread(&file);
    let own = file.into_diagnostics();
    own.into_iter().chain(more).chain(elsewhere).collect()
}

/// The variables, with the day that the pipeline looks from.
fn with_as_of(
    mut vars: BTreeMap<VarName, ConfigValue>,
    as_of: NaiveDate,
) -> BTreeMap<VarName, ConfigValue> {
    if let Ok(name) = AS_OF.parse() {
        vars.insert(name, ConfigValue::Date(as_of));
    }
    vars
}

/// Refuses header keys that say something of a table, in a check, which makes none.
fn of_models(check: &SourceText, header: &Header) -> Option<Diagnostic> {
    let refused = |key: &str| ProjectError::NotSupported {
        what: format!("`{key}` in a check, which makes no table,"),
        instead: "delete the line".into(),
    };
    if let Some(column) = header.columns.first() {
        return Some(check.diagnostic(&column.span, &refused("@column")));
    }
    let place = Place::of_file(check.file());
    (header.kind == Kind::View).then(|| Diagnostic::of(&refused("@kind view")).at(place))
}

/// The files of a project beside pipeline.toml.
struct Files<'f> {
    folder: &'f Path,
    diagnostics: Vec<Diagnostic>,
}

impl Files<'_> {
    fn entries(&mut self, folder: &Path) -> Vec<(String, PathBuf)> {
        entries(folder).unwrap_or_else(|source| {
            let file = shown(self.folder, folder);
            self.diagnostics
                .push(Diagnostic::of(&FileError::Unreadable { file, source }));
            Vec::new()
        })
    }

    /// A diagnostic about a file as a whole.
    fn about(&mut self, file: &str, error: &ProjectError) {
        self.diagnostics
            .push(Diagnostic::of(error).at(Place::of_file(file)));
    }

    fn misplaced(&mut self, file: &str, reason: &'static str, fix: &str) {
        // Notes may lie beside the files.
        if !file.ends_with(".md") {
            let error = ProjectError::Misplaced {
                file: file.to_owned(),
                reason,
                fix: fix.to_owned(),
            };
            let diagnostic = Diagnostic::of(&error).at(Place::of_file(file));
            // SQL that never runs looks like a model that does.
            let is_sql = file.to_lowercase().ends_with(".sql");
            self.diagnostics.push(if is_sql {
                diagnostic
            } else {
                diagnostic.as_warning()
            });
        }
    }

    fn models(&mut self) -> BTreeMap<TableName, Model> {
        let mut models = BTreeMap::new();
        for (schema, path) in self.entries(&self.folder.join("models")) {
            let file = shown(self.folder, &path);
            if !path.is_dir() {
                self.misplaced(
                    &file,
                    "a model lies in the folder of its schema",
                    "move it to `models/<schema>/`",
                );
                continue;
            }
            for (name, path) in self.entries(&path) {
                let file = shown(self.folder, &path);
                if path.is_dir() {
                    self.misplaced(
                        &file,
                        "schemas have no folders inside",
                        "move its files up by one folder",
                    );
                } else if let Some(stem) = name.strip_suffix(".sql") {
                    let table = TableName::try_new(&schema, stem);
                    if let Some((table, text, header)) = self.sql(&path, &file, table) {
                        models.insert(
                            table.clone(),
                            Model {
                                table,
                                text,
                                header,
                            },
                        );
                    }
                } else {
                    self.misplaced(
                        &file,
                        "a model ends with `.sql`",
                        "rename it, or move it out of `models/`",
                    );
                }
            }
        }
        models
    }

    fn checks(&mut self) -> BTreeMap<tsugi_core::name::CheckName, Check> {
        let mut checks = BTreeMap::new();
        for (name, path) in self.entries(&self.folder.join("checks")) {
            let file = shown(self.folder, &path);
            if let Some(stem) = name.strip_suffix(".sql").filter(|_| path.is_file()) {
                if let Some((name, text, header)) = self.sql(&path, &file, stem.parse()) {
                    self.diagnostics.extend(of_models(&text, &header));
                    let check: Check = Check { name, text, header };
                    checks.insert(check.name.clone(), check);
                }
            } else {
                self.misplaced(
                    &file,
                    "a check is a file that ends with `.sql`",
                    "rename it, or move it out of `checks/`",
                );
            }
        }
        checks
    }

    fn pages(&mut self, vars: &BTreeMap<VarName, ConfigValue>) -> Vec<Page> {
        let files = self.entries(&self.folder.join("pages"));
        page::pages(self.folder, files, vars, &mut self.diagnostics)
    }

    /// Reads a SQL file and its header.
    fn sql<N>(
        &mut self,
        path: &Path,
        file: &str,
        name: Result<N, NameError>,
    ) -> Option<(N, SourceText, Header)> {
        let name = name
            .map_err(|error| self.about(file, &ProjectError::Name(error)))
            .ok();
        let text = SourceText::read(path, file)
            .map_err(|error| self.about(file, &error.into()))
            .ok()?;
        let header = Header::read(&text)
            .map_err(|more| self.diagnostics.extend(more))
            .inspect(|header| self.diagnostics.extend(header.warnings.iter().cloned()))
            .ok();
        Some((name?, text, header?))
    }

    fn seeds(
        &mut self,
        pipeline: &SourceText,
        types: BTreeMap<String, (SeedTypes, Range<usize>)>,
    ) -> BTreeMap<TableName, Seed> {
        let mut seeds = BTreeMap::new();
        let mut stems = Vec::new();
        for (name, path) in self.entries(&self.folder.join(SEED_SCHEMA)) {
            let file = shown(self.folder, &path);
            let Some(stem) = name.strip_suffix(".csv").filter(|_| path.is_file()) else {
                self.misplaced(
                    &file,
                    "a seed is a file that ends with `.csv`",
                    "save it as CSV, or move it out of `seeds/`",
                );
                continue;
            };
            stems.push(stem.to_owned());
            let no_types = SeedTypes::default();
            let typed = types.get(stem).map_or(&no_types, |(types, _)| types);
            match stem.parse::<RelationName>() {
                Ok(name) => match Seed::read(name, &path, &file, typed, pipeline) {
                    Ok(seed) => {
                        seeds.insert(seed.table.clone(), seed);
                    }
                    Err(more) => self.diagnostics.extend(more),
                },
                Err(error) => self.about(&file, &ProjectError::Name(error)),
            }
        }
        for (name, (_, span)) in types.iter().filter(|(name, _)| !stems.contains(name)) {
            let error = ProjectError::Unknown {
                what: "seed",
                name: name.clone(),
                nearest: tsugi_core::diagnostic::nearest(name, stems.iter().map(String::as_str))
                    .into_iter()
                    .map(str::to_owned)
                    .collect(),
                otherwise: format!("write `seeds/{name}.csv`, or delete the section"),
            };
            self.diagnostics.push(pipeline.diagnostic(span, &error));
        }
        seeds
    }

    /// A schema belongs to the models, to one source, to the seeds or to the host.
    fn schemas(&mut self, models: &BTreeMap<TableName, Model>, uses: &Uses) {
        let reserved = |schema: &str| HOST_SCHEMAS.contains(&schema) || schema == SEED_SCHEMA;
        for source in uses
            .sources
            .values()
            .filter(|source| reserved(source.name.as_str()))
        {
            let name = source.name.to_string();
            self.diagnostics
                .push(Diagnostic::of(&ProjectError::Reserved { name }).at(source.place.clone()));
        }
        let mut schemas: Vec<&SchemaName> = models.keys().map(|table| &table.schema).collect();
        schemas.dedup();
        for schema in schemas {
            let file = format!("models/{schema}");
            if reserved(schema.as_str()) {
                let name = schema.to_string();
                self.about(&file, &ProjectError::Reserved { name });
            }
            if let Some(source) = uses.sources.get(schema.as_str()) {
                let error = ProjectError::Twice {
                    what: "schema",
                    name: schema.to_string(),
                    first: format!("the source at {}", source.place),
                    second: format!("the folder `{file}`"),
                };
                self.diagnostics
                    .push(Diagnostic::of(&error).at(source.place.clone()));
            }
        }
    }

    /// Warns of what this version does not run, and of a project without models.
    fn unused(&mut self, no_models: bool) {
        let tests = self.entries(&self.folder.join("tests"));
        if tests
            .iter()
            .any(|(name, _)| name.ends_with(".yaml") || name.ends_with(".yml"))
        {
            let error = ProjectError::NotUsed {
                what: "the folder `tests/`".into(),
                meaning: "its unit tests are not run; checks under `checks/` are".into(),
            };
            self.diagnostics.push(
                Diagnostic::of(&error)
                    .at(Place::of_file("tests"))
                    .as_warning(),
            );
        }
        // A model that cannot be read has its own diagnostic.
        let is_below_models = |one: &Diagnostic| {
            let place = one.place.as_ref();
            one.is_error() && place.is_some_and(|place| place.file.starts_with("models/"))
        };
        if no_models && !self.diagnostics.iter().any(is_below_models) {
            let error = ProjectError::NotThere {
                what: "a model".into(),
                path: "models/<schema>/<name>.sql".into(),
                fix: "write one SELECT into a file there; it becomes the table `<schema>.<name>`"
                    .into(),
            };
            self.diagnostics.push(
                Diagnostic::of(&error)
                    .at(Place::of_file("models"))
                    .as_warning(),
            );
        }
    }
}
