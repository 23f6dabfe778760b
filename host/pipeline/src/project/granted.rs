//! `grants` as it is written in a section of pipeline.toml.

use std::ops::Range;
use std::path::Path;

use super::channel;
use super::error::ProjectError;
use super::grant::{Grants, InputGrant, OutputGrant, Want};
use super::paths::{entries, resolved};
use super::written::{Section, TomlFile, Written};
use tsugi_core::name::WantName;
use tsugi_core::pattern::Pattern;

/// Folders of a project that belong to the project itself.
const OWN_FOLDERS: [&str; 4] = ["models", "checks", "tests", "seeds"];

/// Grants with the place of each.
#[derive(Clone, Debug, Default)]
pub(super) struct WrittenGrants {
    pub(super) grants: Grants,
    pub(super) places: Vec<(Want, Range<usize>)>,
}

/// Reads the `grants` of a section; paths are relative to the project's folder.
pub(super) fn read(section: &Section<'_, '_>, folder: &Path) -> WrittenGrants {
    let mut written = WrittenGrants::default();
    let Some(grants) = section.section("grants") else {
        return written;
    };
    let file = grants.file();
    if let Some(inputs) = grants.section("inputs") {
        for (name, value) in inputs.entries() {
            let paths = inputs.strings_of(&name.value, value);
            let granted = paths.iter().filter_map(|path| {
                let granted = input(folder, &name.value, path);
                granted.map_err(|error| file.find(&path.span, &error)).ok()
            });
            let granted: Vec<InputGrant> = granted.collect();
            if let Some(want) = file.name::<WantName>(&name) {
                written.places.push((Want::Inputs(want.clone()), name.span));
                // A grant with a broken path is a grant: one diagnostic is enough.
                written.grants.inputs.insert(want, granted);
            }
        }
    }
    if let Some(outputs) = grants.section("outputs") {
        for (name, value) in outputs.entries() {
            let Some(path) = outputs.text_of(&name.value, value) else {
                continue;
            };
            let granted = output(file, folder, &outputs.full(&name.value), &path);
            if let Some(want) = file.name::<WantName>(&name) {
                written
                    .places
                    .push((Want::Outputs(want.clone()), name.span));
                written.grants.outputs.insert(want, granted);
            }
        }
    }
    channels(&grants, folder, &mut written);
    written.grants.clock = grants.boolean("clock").unwrap_or(false);
    written.grants.random = grants.boolean("random").unwrap_or(false);
    for (is_granted, want) in [
        (written.grants.clock, Want::Clock),
        (written.grants.random, Want::Random),
    ] {
        if is_granted {
            written
                .places
                .push((want.clone(), grants.key_span(&want.to_string())));
        }
    }
    grants.finish();
    written
}

/// Addresses and servers, each a table of its own.
fn channels(grants: &Section<'_, '_>, folder: &Path, written: &mut WrittenGrants) {
    let file = grants.file();
    if let Some(all) = grants.section("http") {
        for (name, value) in all.entries() {
            let section = all.section_of(&name.value, &name.span, value);
            let granted = section.and_then(|section| channel::http(section, folder));
            if let (Some(want), Some(granted)) = (file.name::<WantName>(&name), granted) {
                written.places.push((Want::Http(want.clone()), name.span));
                written.grants.http.insert(want, granted);
            }
        }
    }
    if let Some(all) = grants.section("mail") {
        for (name, value) in all.entries() {
            let section = all.section_of(&name.value, &name.span, value);
            let granted = section.and_then(|section| channel::mail(section, folder));
            if let (Some(want), Some(granted)) = (file.name::<WantName>(&name), granted) {
                written.places.push((Want::Mail(want.clone()), name.span));
                written.grants.mail.insert(want, granted);
            }
        }
    }
}

/// A folder, a file, or a folder with a pattern for its files.
fn input(folder: &Path, want: &str, path: &Written<String>) -> Result<InputGrant, ProjectError> {
    let written = path.value.as_str();
    let whole = resolved(folder, written);
    let granted = |folder: &Path, pattern: Option<&str>| InputGrant {
        written: written.to_owned(),
        folder: folder.to_owned(),
        pattern: pattern.map(Pattern::new),
    };
    if whole.is_dir() && !written.is_empty() {
        return Ok(granted(&whole, None));
    }
    let above = whole.parent().unwrap_or(folder);
    let last = whole
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    if whole.is_file() {
        return Ok(granted(above, Some(last)));
    }
    let missing = |what: String| {
        ProjectError::NotThere {
        what,
        path: written.to_owned(),
        fix: "put the files there, or name the folder they are in; paths start at the folder of pipeline.toml".into(),
    }
    };
    if Pattern::is_pattern(last) && !Pattern::is_pattern(&above.to_string_lossy()) {
        let pattern = Pattern::new(last);
        let fits = entries(above)
            .unwrap_or_default()
            .iter()
            .any(|(name, path)| pattern.matches(name) && path.is_file());
        if fits {
            return Ok(granted(above, Some(last)));
        }
        return Err(missing(format!("a file for the want `inputs.{want}`")));
    }
    if Pattern::is_pattern(written) {
        return Err(ProjectError::WrongValue {
            key: format!("inputs.{want}"),
            value: written.to_owned(),
            wanted: "a folder, or a folder and a file name in which `*` matches anything".into(),
        });
    }
    Err(missing(format!("the folder granted as `inputs.{want}`")))
}

/// A folder to write. A path that cannot be one is a diagnostic, and still grants its want.
fn output(file: &TomlFile<'_>, folder: &Path, key: &str, path: &Written<String>) -> OutputGrant {
    let whole = resolved(folder, &path.value);
    let own = OWN_FOLDERS
        .iter()
        .any(|own| whole.starts_with(folder.join(own)));
    // A folder above the project would hold its models, too.
    if path.value.is_empty() || own || folder.starts_with(&whole) || whole.is_file() {
        let error = ProjectError::WrongValue {
            key: key.to_owned(),
            value: path.value.clone(),
            wanted: "a folder of its own, such as `outbox`".into(),
        };
        file.find(&path.span, &error);
    }
    OutputGrant {
        written: path.value.clone(),
        folder: whole,
    }
}
