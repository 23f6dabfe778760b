//! `[pipeline]`, `[vars]`, `[limits]`, `[warehouse]` and `[environments]`: the settings of a run.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use super::error::ProjectError;
use super::keep::{self, Keep};
use super::limit::{self, RunLimits};
use super::paths::resolved;
use super::pipeline::{Language, PIPELINE_FILE};
use super::value::{ConfigValue, scalar, words};
use super::written::{Section, Written};
use tsugi_core::diagnostic::{Diagnostic, Place, nearest};
use tsugi_core::name::{EnvironmentName, PipelineName, VarName};

/// The variable that is always there.
pub(super) const AS_OF: &str = "as_of";
/// The folder of the warehouse when none is named.
pub(super) const WAREHOUSE_FOLDER: &str = ".tsugi";

/// `[pipeline]`.
pub(super) struct Head {
    pub(super) name: PipelineName,
    pub(super) as_of: NaiveDate,
    pub(super) description: Option<String>,
    pub(super) language: Option<Language>,
}

impl Head {
    pub(super) fn read(root: &Section<'_, '_>) -> Option<Self> {
        if !root.has("pipeline") {
            root.missing("pipeline", "[pipeline]");
        }
        let section = root.section("pipeline")?;
        let name = section
            .required("name", "name = \"my-pipeline\"")
            .and_then(|name| section.file().name(&name));
        if !section.has(AS_OF) {
            section.missing(AS_OF, "as_of = \"2026-03-31\"");
        }
        let as_of = section.date(AS_OF);
        let description = section
            .string("description")
            .map(|written| written.value.trim().to_owned());
        let language = section
            .string("language")
            .and_then(|written| language(&section, &written));
        section.finish();
        Some(Self {
            name: name?,
            as_of: as_of?,
            description,
            language,
        })
    }
}

fn language(section: &Section<'_, '_>, written: &Written<String>) -> Option<Language> {
    match written.value.as_str() {
        "en" => Some(Language::En),
        "ja" => Some(Language::Ja),
        "de" => Some(Language::De),
        _ => {
            let error = ProjectError::WrongValue {
                key: section.full("language"),
                value: written.value.clone(),
                wanted: "`en`, `ja` or `de`".into(),
            };
            section.file().find(&written.span, &error);
            None
        }
    }
}

/// Variables and the folder of the warehouse, the chosen environment laid over them.
pub(super) struct ProjectSettings {
    pub(super) vars: BTreeMap<VarName, ConfigValue>,
    pub(super) warehouse: PathBuf,
    pub(super) keep: Keep,
    pub(super) environment: Option<EnvironmentName>,
    /// What is wrong with the chosen name.
    pub(super) diagnostic: Option<Diagnostic>,
}

impl ProjectSettings {
    pub(super) fn read(root: &Section<'_, '_>, folder: &Path, chosen: Option<&str>) -> Self {
        let vars = root
            .section("vars")
            .map(|section| vars(&section))
            .unwrap_or_default();
        let (dir, keep) = warehouse(root, folder);
        let mut settings = Self {
            vars,
            warehouse: dir.unwrap_or_else(|| folder.join(WAREHOUSE_FOLDER)),
            keep: keep.unwrap_or_default(),
            environment: None,
            diagnostic: None,
        };
        let mut names: Vec<String> = Vec::new();
        if let Some(all) = root.section("environments") {
            for (name, value) in all.entries() {
                if let Some(section) = all.section_of(&name.value, &name.span, value) {
                    let checked = all.file().name(&name);
                    settings.environment(checked, &section, folder, chosen);
                    section.finish();
                }
                names.push(name.value);
            }
        }
        if let Some(chosen) = chosen.filter(|chosen| !names.iter().any(|name| name == chosen)) {
            let error = ProjectError::Unknown {
                what: "environment",
                name: chosen.to_owned(),
                nearest: nearest(chosen, names.iter().map(String::as_str))
                    .into_iter()
                    .map(str::to_owned)
                    .collect(),
                otherwise: format!("add a section `[environments.{chosen}]` to {PIPELINE_FILE}"),
            };
            settings.diagnostic = Some(Diagnostic::of(&error).at(Place::of_file(PIPELINE_FILE)));
        }
        settings
    }

    /// Reads one environment; every one is checked, and the chosen one is laid over.
    fn environment(
        &mut self,
        name: Option<EnvironmentName>,
        section: &Section<'_, '_>,
        folder: &Path,
        chosen: Option<&str>,
    ) {
        let is_chosen = name
            .as_ref()
            .is_some_and(|name| Some(name.as_str()) == chosen);
        let over = section
            .section("vars")
            .map(|of_it| self.overrides(&of_it))
            .unwrap_or_default();
        let (dir, keep) = warehouse(section, folder);
        if is_chosen {
            self.environment = name;
            self.vars.extend(over);
            self.warehouse = dir.unwrap_or_else(|| self.warehouse.clone());
            self.keep = keep.unwrap_or(self.keep);
        }
    }

    /// Variables of an environment: each must be one of the pipeline's, with its type.
    fn overrides(&self, section: &Section<'_, '_>) -> BTreeMap<VarName, ConfigValue> {
        let spans: BTreeMap<String, Range<usize>> = section
            .entries()
            .into_iter()
            .map(|(name, _)| (name.value, name.span))
            .collect();
        let mut over = vars(section);
        over.retain(|name, value| {
            let error = match self.vars.get(name) {
                Some(usual) if usual.kind() == value.kind() => return true,
                Some(usual) => ProjectError::WrongValue {
                    key: section.full(name.as_str()),
                    value: value.to_string(),
                    wanted: format!("of the type of `vars.{name}`: {}", usual.kind()),
                },
                None => ProjectError::Unknown {
                    what: "variable",
                    name: name.to_string(),
                    nearest: nearest(name.as_str(), self.vars.keys().map(VarName::as_str))
                        .into_iter()
                        .map(str::to_owned)
                        .collect(),
                    otherwise: format!("add `{name}` to `[vars]`, with its usual value"),
                },
            };
            let span = spans
                .get(name.as_str())
                .cloned()
                .unwrap_or_else(|| section.span.clone());
            section.file().find(&span, &error);
            false
        });
        over
    }
}

fn vars(section: &Section<'_, '_>) -> BTreeMap<VarName, ConfigValue> {
    let file = section.file();
    let mut vars = BTreeMap::new();
    for (name, value) in section.entries() {
        if name.value == AS_OF {
            let error = ProjectError::Twice {
                what: "variable",
                name: AS_OF.into(),
                first: "`[pipeline]`".into(),
                second: section.title(),
            };
            file.find(&name.span, &error);
            continue;
        }
        let typed = scalar(value.get_ref());
        if typed.is_none() {
            let error = ProjectError::WrongType {
                key: section.full(&name.value),
                wanted: "a string, a number of 64 bits, true or false, or a date",
                found: words(value.get_ref()),
            };
            file.find(&value.span(), &error);
        }
        if let (Some(name), Some(typed)) = (file.name(&name), typed) {
            vars.insert(name, typed);
        }
    }
    vars
}

/// `[warehouse]`: the folder, and how long older snapshots are kept.
fn warehouse(section: &Section<'_, '_>, folder: &Path) -> (Option<PathBuf>, Option<Keep>) {
    let Some(section) = section.section("warehouse") else {
        return (None, None);
    };
    let keep = section.string("keep").and_then(|written| {
        let keep = written.value.parse();
        if keep.is_err() {
            let error = ProjectError::WrongValue {
                key: section.full("keep"),
                value: written.value.clone(),
                wanted: keep::WANTED.into(),
            };
            section.file().find(&written.span, &error);
        }
        keep.ok()
    });
    let dir = match section.has("keep") {
        true => section.string("dir"),
        false => section.required("dir", "dir = \".tsugi\""),
    };
    let dir = dir.map(|dir| {
        let path = resolved(folder, &dir.value);
        // Publishing and tidying must never reach the files people write.
        if folder.starts_with(&path) || path.starts_with(folder.join("models")) || path.is_file() {
            let error = ProjectError::WrongValue {
                key: section.full("dir"),
                value: dir.value.clone(),
                wanted: "a folder of its own, such as `.tsugi`".into(),
            };
            section.file().find(&dir.span, &error);
        }
        path
    });
    section.finish();
    (dir, keep)
}

/// `[limits]`, within the host's bounds.
pub(super) fn limits(root: &Section<'_, '_>, folder: &Path) -> RunLimits {
    let mut limits = RunLimits::default();
    let Some(section) = root.section("limits") else {
        return limits;
    };
    limits.memory_max_bytes = section.number(
        "memory_max_bytes",
        limit::MEMORY_MIN_BYTES,
        limit::MEMORY_MAX_BYTES,
    );
    limits.spill_folder = section
        .string("spill_folder")
        .map(|written| resolved(folder, &written.value));
    let set = |key: &'static str, least: u64, most: u64, limit: &mut u64| {
        *limit = section.number(key, least, most).unwrap_or(*limit);
    };
    set(
        "call_max_ms",
        1,
        limit::CALL_MAX_MS,
        &mut limits.call_max_ms,
    );
    set(
        "batch_max_ms",
        1,
        limit::BATCH_MAX_MS,
        &mut limits.batch_max_ms,
    );
    set(
        "returned_max_bytes",
        limit::RETURNED_MIN_BYTES,
        limit::RETURNED_MAX_BYTES,
        &mut limits.returned_max_bytes,
    );
    set(
        "instance_memory_max_bytes",
        limit::INSTANCE_MEMORY_MIN_BYTES,
        limit::INSTANCE_MEMORY_MAX_BYTES,
        &mut limits.instance_memory_max_bytes,
    );
    section.finish();
    limits
}
