//! What pipeline.lock holds of grants, and which channels are others than those that it holds.

use std::collections::BTreeMap;
use std::path::Path;

use super::Project;
use super::component_error::ComponentUseError;
use super::grant::{Grants, Want};
use super::pipeline::Reads;
use tsugi_core::channel::SecretSource;
use tsugi_core::name::PluginName;

/// Everything a plugin is granted, wherever it is used.
pub(super) fn granted(project: &Project, plugin: &PluginName) -> BTreeMap<String, Vec<String>> {
    let own = project.plugins.get(plugin).map(|p| &p.grants);
    let sources = project
        .sources
        .values()
        .filter_map(|source| match &source.reads {
            Reads::Plugin {
                plugin: name,
                grants,
                ..
            } if name == plugin => Some(grants),
            _ => None,
        });
    let sinks = project
        .sinks
        .values()
        .filter(|sink| sink.plugin == *plugin)
        .map(|sink| &sink.grants);
    let mut granted: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for grants in own.into_iter().chain(sources).chain(sinks) {
        for want in grants.wants() {
            let values = granted.entry(want.to_string()).or_default();
            values.extend(described(grants, &want, &project.folder));
        }
    }
    for values in granted.values_mut() {
        values.sort_unstable();
        values.dedup();
    }
    granted
}

/// Channels that were granted and are others now: a request or a mail of the plugin would go elsewhere, or with
/// another secret or sender.
pub(super) fn changed_channels(
    plugin: &PluginName,
    locked: &BTreeMap<String, Vec<String>>,
    now: &BTreeMap<String, Vec<String>>,
) -> Vec<ComponentUseError> {
    let is_channel = |want: &str| want.starts_with("http.") || want.starts_with("mail.");
    let wants = now.iter().filter(|(want, _)| is_channel(want));
    let changed = wants.filter_map(|(want, granted)| {
        let before = locked.get(want)?;
        let other = granted.iter().find(|one| !before.contains(one))?;
        Some(ComponentUseError::OtherGrant {
            plugin: plugin.to_string(),
            want: want.clone(),
            granted: other.clone(),
            locked: before.join("` and `"),
        })
    });
    changed.collect()
}

/// The grants of a want, each with all that decides where something goes; files as below the project.
fn described(grants: &Grants, want: &Want, project: &Path) -> Vec<String> {
    let file = |path: &Path| {
        let below = path.strip_prefix(project).unwrap_or(path);
        below.display().to_string()
    };
    let secret = |source: &SecretSource| match source {
        SecretSource::Env(name) => format!("of the environment variable {name}"),
        SecretSource::File(path) => format!("of the file {}", file(path)),
    };
    let mut words: Vec<String> = Vec::new();
    match want {
        Want::Inputs(name) => {
            let folders = grants.inputs.get(name).into_iter().flatten();
            return folders.map(|folder| folder.written.clone()).collect();
        }
        Want::Outputs(name) => {
            let folder = grants.outputs.get(name).into_iter();
            return folder.map(|folder| folder.written.clone()).collect();
        }
        Want::Http(name) => {
            let Some(http) = grants.http.get(name) else {
                return Vec::new();
            };
            let methods: Vec<&str> = http.methods.iter().map(String::as_str).collect();
            words.push(format!("{} {}", methods.join("|"), http.url));
            words.extend(
                http.secret.as_ref().map(|header| {
                    format!("secret in {} {}", header.header, secret(&header.source))
                }),
            );
            let addresses = http.addresses.iter();
            words.extend(addresses.map(|address| format!("address {address}")));
            words.extend(
                http.ca
                    .as_deref()
                    .map(|ca| format!("authority {}", file(ca))),
            );
        }
        Want::Mail(name) => {
            let Some(mail) = grants.mail.get(name) else {
                return Vec::new();
            };
            words.push(mail.url.clone());
            words.extend(mail.from.iter().map(|from| format!("from {from}")));
            words.extend(
                mail.login.as_ref().map(|(user, source)| {
                    format!("user {user} with the secret {}", secret(source))
                }),
            );
            let addresses = mail.addresses.iter();
            words.extend(addresses.map(|address| format!("address {address}")));
            words.extend(
                mail.ca
                    .as_deref()
                    .map(|ca| format!("authority {}", file(ca))),
            );
        }
        Want::Clock | Want::Random => words.push("true".into()),
    }
    vec![words.join("; ")]
}
