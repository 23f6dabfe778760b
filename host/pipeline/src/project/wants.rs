//! Compares wants with grants while pipeline.toml is read: wants without a grant are errors, grants
//! without a want are warnings.

use super::component::{Component, Role};
use super::component_error::ComponentUseError;
use super::error::ProjectError;
use super::grant::{Grants, Want, grant_line};
use super::pipeline::{Config, Reads};
use super::plugin::{DeclaredPlugin, Origin, Plugins};
use super::uses::Uses;
use super::written::TomlFile;
use super::{Project, manifest::MANIFEST_FILE};
use std::collections::BTreeMap;
use std::path::PathBuf;
use tsugi_core::diagnostic::{Diagnostic, Place, nearest};
use tsugi_core::name::PluginName;

/// Notes grants without a want in the file, and returns the wants without a grant.
pub(super) fn compare(file: &TomlFile<'_>, plugins: &Plugins, uses: &Uses) -> Vec<Diagnostic> {
    for (name, want, span) in plugins.granted.iter().chain(&uses.granted) {
        let Some(plugin) = plugins.read.get(name) else {
            continue;
        };
        let wants = &plugin.manifest.wants.0;
        if !wants.contains_key(want) {
            let known: Vec<String> = wants.keys().map(Want::to_string).collect();
            let error = ProjectError::Unwanted {
                plugin: name.to_string(),
                want: want.to_string(),
                nearest: nearest(&want.to_string(), known.iter().map(String::as_str))
                    .into_iter()
                    .map(str::to_owned)
                    .collect(),
            };
            file.warn(span, &error);
        }
    }
    plugins
        .read
        .values()
        .flat_map(|plugin| denials(plugin, uses))
        .collect()
}

/// One use of a plugin: its section in pipeline.toml, its place and its grants.
struct Use<'u> {
    section: String,
    place: &'u Place,
    grants: &'u Grants,
    config: Option<&'u Config>,
    is_source: bool,
}

impl Use<'_> {
    /// Whether the config of this use fulfils the condition of a want.
    fn fulfils(&self, (key, value): &(String, String)) -> bool {
        let found = self.config.and_then(|config| config.get(key));
        found.and_then(|found| found.as_str()) == Some(value.as_str())
    }
}

fn denials(plugin: &DeclaredPlugin, uses: &Uses) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for (want, terms) in &plugin.manifest.wants.0 {
        if plugin.grants.covers(want) {
            continue;
        }
        let mut users = uses_of(plugin, want, uses);
        let of_plugin = Use {
            section: format!("`[plugins.{}]`", plugin.name),
            place: &plugin.place,
            grants: &plugin.grants,
            config: None,
            is_source: false,
        };
        // Where one use is granted it and another is not, the other is where the line is
        // missing; where none is, the plugin itself is the shortest place for it.
        let reads = !users.is_empty() && users.iter().all(|user| user.is_source);
        let some_granted = users.iter().any(|user| user.grants.covers(want));
        let denied: Vec<Use<'_>> = if let Some(when) = &terms.when {
            users.retain(|user| user.fulfils(when) && !user.grants.covers(want));
            users
        } else if some_granted {
            users
                .into_iter()
                .filter(|user| !user.grants.covers(want))
                .collect()
        } else {
            vec![of_plugin]
        };
        diagnostics.extend(denied.into_iter().map(|user| {
            let error = ProjectError::Denied {
                plugin: plugin.name.to_string(),
                want: want.to_string(),
                reason: terms.reason.clone(),
                line: line(want, reads),
                section: user.section,
            };
            Diagnostic::of(&error).at(user.place.clone())
        }));
    }
    diagnostics
}

/// The uses in which a want can be granted: sources read files, sinks write and mail, and both send
/// requests.
fn uses_of<'u>(plugin: &DeclaredPlugin, want: &Want, uses: &'u Uses) -> Vec<Use<'u>> {
    let sources = uses
        .sources
        .values()
        .filter_map(|source| match &source.reads {
            Reads::Plugin {
                plugin: name,
                grants,
                config,
                ..
            } if *name == plugin.name => Some(Use {
                section: format!("`[sources.{}]`", source.name),
                place: &source.place,
                grants,
                config: Some(config),
                is_source: true,
            }),
            _ => None,
        });
    let sinks = uses
        .sinks
        .values()
        .filter(|sink| sink.plugin == plugin.name)
        .map(|sink| Use {
            section: format!("`[sinks.{}]`", sink.name),
            place: &sink.place,
            grants: &sink.grants,
            config: Some(&sink.config),
            is_source: false,
        });
    match want {
        Want::Inputs(_) => sources.collect(),
        Want::Outputs(_) | Want::Mail(_) => sinks.collect(),
        Want::Http(_) | Want::Clock | Want::Random => sources.chain(sinks).collect(),
    }
}

/// The line that grants a want.
fn line(want: &Want, reads: bool) -> String {
    match want {
        Want::Inputs(name) | Want::Outputs(name) => format!("grants.{want} = \"{name}\""),
        Want::Http(name) => grant_line("http", name.as_str(), reads),
        Want::Mail(name) => grant_line("mail", name.as_str(), reads),
        Want::Clock | Want::Random => format!("grants.{want} = true"),
    }
}

impl Project {
    /// Reads the component of every plugin and holds it against what the project uses it for.
    /// `built` says where the components of crates are.
    ///
    /// # Errors
    /// Every diagnostic of every component.
    pub fn components(
        &self,
        built: &BTreeMap<PluginName, PathBuf>,
    ) -> Result<BTreeMap<PluginName, Component>, Vec<Diagnostic>> {
        let mut diagnostics = Vec::new();
        let mut components = BTreeMap::new();
        for plugin in self.plugins.values() {
            let component = match (&plugin.origin, built.get(&plugin.name)) {
                (Origin::File { component, .. }, _) => component.as_ref().clone(),
                (Origin::Crate { folder, .. }, found) => {
                    let path = found.cloned().unwrap_or_default();
                    let file = format!("{}.wasm", folder.library);
                    match Component::read(&path, &file) {
                        Ok(component) => component,
                        Err(more) => {
                            diagnostics.extend(more);
                            continue;
                        }
                    }
                }
            };
            if component.manifest != plugin.manifest {
                let error = ComponentUseError::OtherManifest {
                    plugin: plugin.name.to_string(),
                };
                let place = Place::of_file(format!("{}/{MANIFEST_FILE}", plugin.origin.written()));
                diagnostics.push(Diagnostic::of(&error).at(place));
            }
            diagnostics.extend(self.missing_roles(plugin, &component));
            components.insert(plugin.name.clone(), component);
        }
        if diagnostics.is_empty() {
            Ok(components)
        } else {
            Err(diagnostics)
        }
    }

    /// Sources and sinks whose plugin is none.
    fn missing_roles(&self, plugin: &DeclaredPlugin, component: &Component) -> Vec<Diagnostic> {
        let sources = self
            .sources
            .values()
            .filter_map(|source| match &source.reads {
                Reads::Plugin { plugin: name, .. } if *name == plugin.name => {
                    Some((Role::Source, &source.place))
                }
                _ => None,
            });
        let sinks = self
            .sinks
            .values()
            .filter(|sink| sink.plugin == plugin.name)
            .map(|sink| (Role::Sink, &sink.place));
        let missing = sources
            .chain(sinks)
            .filter(|(role, _)| !component.roles.contains(role));
        let diagnostics = missing.map(|(role, place)| {
            let error = ComponentUseError::WrongRole {
                plugin: plugin.name.to_string(),
                role,
                roles: component.roles.iter().copied().collect(),
            };
            Diagnostic::of(&error).at(place.clone())
        });
        diagnostics.collect()
    }
}
