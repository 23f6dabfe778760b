//! `[sources]`, `[sinks]` and `[deliveries]`: what a pipeline uses its plugins for.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::delivery::{self, Delivery, KnownSink};
use super::error::ProjectError;
use super::grant::{Grants, Want};
use super::granted::{self, WrittenGrants};
use super::manifest::Manifest;
use super::paths::resolved;
use super::pipeline::{Config, Reads, Sink, Source};
use super::plugin::Plugins;
use super::value::words;
use super::written::Section;
use tsugi_core::diagnostic::nearest;
use tsugi_core::name::{DeliveryName, PluginName, RelationName, SinkName, SourceName};

/// Everything plugins are used for.
#[derive(Default)]
pub(super) struct Uses {
    pub(super) sources: BTreeMap<SourceName, Source>,
    pub(super) sinks: BTreeMap<SinkName, Sink>,
    pub(super) deliveries: BTreeMap<DeliveryName, Delivery>,
    /// Where each grant is written.
    pub(super) granted: Vec<(PluginName, Want, Range<usize>)>,
}

impl Uses {
    pub(super) fn read(root: &Section<'_, '_>, folder: &Path, plugins: &Plugins) -> Self {
        let mut uses = Self::default();
        each(root, "sources", |name: Option<SourceName>, section| {
            if let (Some(name), Some(reads)) = (name, uses.reads(section, folder, plugins)) {
                let place = section.file().text().place(&section.span);
                uses.sources
                    .insert(name.clone(), Source { name, reads, place });
            }
        });
        let mut known = Vec::new();
        each(root, "sinks", |name: Option<SinkName>, section| {
            let used = uses.plugin(section, folder, plugins);
            let Some(name) = name else { return };
            let sink = used.map(|(plugin, config, grants)| Sink {
                name: name.clone(),
                says_it_reaches_people: plugins.reach_people(&plugin),
                plugin,
                config,
                grants,
                place: section.file().text().place(&section.span),
            });
            known.push(KnownSink::new(name.clone(), sink.as_ref()));
            if let Some(sink) = sink {
                uses.sinks.insert(name, sink);
            }
        });
        each(root, "deliveries", |name: Option<DeliveryName>, section| {
            if let (Some(name), Some(delivery)) =
                (name.clone(), delivery::read(name, section, &known))
            {
                uses.deliveries.insert(name, delivery);
            }
        });
        uses
    }

    fn reads(
        &mut self,
        section: &Section<'_, '_>,
        folder: &Path,
        plugins: &Plugins,
    ) -> Option<Reads> {
        match (section.has("plugin"), section.section("parquet")) {
            (true, None) => {
                let streams = section
                    .section("streams")
                    .map(|s| streams(&s))
                    .unwrap_or_default();
                let (plugin, config, grants) = self.plugin(section, folder, plugins)?;
                Some(Reads::Plugin {
                    plugin,
                    config,
                    streams,
                    grants,
                })
            }
            (false, Some(files)) => Some(Reads::Parquet(parquet(&files, folder))),
            _ => {
                let error = ProjectError::OneOf {
                    section: section.title(),
                    keys: "`plugin` and `parquet`",
                };
                section.file().find(&section.span, &error);
                None
            }
        }
    }

    /// The plugin of a use, its config and its grants.
    fn plugin(
        &mut self,
        section: &Section<'_, '_>,
        folder: &Path,
        plugins: &Plugins,
    ) -> Option<(PluginName, Config, Grants)> {
        let file = section.file();
        let WrittenGrants { grants, places } = granted::read(section, folder);
        let config = section.section("config");
        let written = section.required("plugin", "plugin = \"…\"")?;
        let Some(plugin) = plugins.read.get(written.value.as_str()) else {
            // A plugin that could not be read has its diagnostic already.
            if !plugins.written.contains_key(&written.value) {
                let error = ProjectError::Unknown {
                    what: "plugin",
                    name: written.value.clone(),
                    nearest: near(&written.value, plugins.written.keys().map(String::as_str)),
                    otherwise: format!(
                        "add a section `[plugins.{}]` with its `path` or `file`",
                        written.value
                    ),
                };
                file.find(&written.span, &error);
            }
            return None;
        };
        let config = match config {
            Some(config) => read_config(&config, plugin.name.as_str(), &plugin.manifest),
            None => required_config(section, &[], plugin.name.as_str(), &plugin.manifest),
        };
        let placed = places
            .into_iter()
            .map(|(want, span)| (plugin.name.clone(), want, span));
        self.granted.extend(placed);
        Some((plugin.name.clone(), config, plugin.grants.overlaid(&grants)))
    }
}

/// Calls `read` for every named section of a section, and then looks for unknown keys.
fn each<N>(
    root: &Section<'_, '_>,
    key: &'static str,
    mut read: impl FnMut(Option<N>, &Section<'_, '_>),
) where
    N: std::str::FromStr<Err = tsugi_core::name::NameError>,
{
    let Some(all) = root.section(key) else {
        return;
    };
    for (name, value) in all.entries() {
        if let Some(section) = all.section_of(&name.value, &name.span, value) {
            read(all.file().name(&name), &section);
            section.finish();
        }
    }
}

fn near<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    nearest(name, candidates)
        .into_iter()
        .map(str::to_owned)
        .collect()
}

/// Config as JSON, checked against what the manifest allows.
fn read_config(section: &Section<'_, '_>, plugin: &str, manifest: &Manifest) -> Config {
    let known = manifest.config.keys().map(String::as_str);
    let entries = section.entries();
    for (key, value) in &entries {
        let Some(allowed) = manifest.config.get(&key.value) else {
            let error = ProjectError::UnknownKey {
                key: key.value.clone(),
                section: section.title(),
                nearest: near(&key.value, known.clone()),
                known: known.clone().map(str::to_owned).collect(),
            };
            section.file().find(&key.span, &error);
            continue;
        };
        if !allowed.kind.fits(&super::value::json(value.get_ref())) {
            let error = ProjectError::WrongType {
                key: section.full(&key.value),
                wanted: allowed.kind.words(),
                found: words(value.get_ref()),
            };
            section.file().find(&value.span(), &error);
        }
    }
    let written: Vec<&str> = entries.iter().map(|(key, _)| key.value.as_str()).collect();
    required_config(section, &written, plugin, manifest);
    section.json()
}

/// Reports each key that the manifest requires and that is missing.
fn required_config(
    section: &Section<'_, '_>,
    written: &[&str],
    plugin: &str,
    manifest: &Manifest,
) -> Config {
    let missing = manifest
        .config
        .iter()
        .filter(|(key, described)| described.required && !written.contains(&key.as_str()));
    for (key, described) in missing {
        let error = ProjectError::MissingConfig {
            plugin: plugin.to_owned(),
            key: key.clone(),
            doc: described.doc.clone(),
            example: format!("{key} = {}", described.kind.example()),
        };
        section.file().find(&section.span, &error);
    }
    Config::new()
}

/// `streams = { table = "stream" }`.
fn streams(section: &Section<'_, '_>) -> BTreeMap<RelationName, String> {
    let entries = section.entries().into_iter().filter_map(|(table, value)| {
        let stream = section.text_of(&table.value, value)?;
        Some((section.file().name(&table)?, stream.value))
    });
    entries.collect()
}

/// `parquet = { table = "path" }`.
fn parquet(section: &Section<'_, '_>, folder: &Path) -> BTreeMap<RelationName, PathBuf> {
    let file = section.file();
    let entries = section.entries().into_iter().filter_map(|(table, value)| {
        let written = section.text_of(&table.value, value)?;
        let path = resolved(folder, &written.value);
        if !path.is_file() {
            let error = ProjectError::NotThere {
                what: format!("the Parquet file of the table `{}`", table.value),
                path: written.value,
                fix: "put the file there, or name where it is; paths start at the folder of pipeline.toml".into(),
            };
            file.find(&written.span, &error);
        }
        Some((file.name(&table)?, path))
    });
    entries.collect()
}
