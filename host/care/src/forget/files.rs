//! A person in files beside the warehouse: in outboxes, which the host cleans, and in exports and
//! seeds, which only their owner may change.

use std::fs;
use std::path::{Path, PathBuf};

use crate::store::scrub::Scrub;
use tsugi_pipeline::project::Project;
use tsugi_pipeline::project::grant::Grants;
use tsugi_pipeline::project::paths::shown;
use tsugi_pipeline::project::pipeline::Reads;
use tsugi_pipeline::run::RunError;

/// Deepest folder that is searched.
const DEPTH_MAX: usize = 16;

/// One file that has a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mention {
    pub(super) path: PathBuf,
    /// As it is shown to people.
    pub(super) file: String,
    /// The lines, from 1; none of a file that is no text and could not be searched.
    pub(super) lines: Option<Vec<usize>>,
}

/// Every file that sinks wrote and that has the person.
pub(super) fn outboxes(project: &Project, scrub: &Scrub) -> Result<Vec<Mention>, RunError> {
    let sinks = project
        .sinks
        .values()
        .flat_map(|sink| sink.grants.outputs.values());
    let folders: Vec<PathBuf> = sinks.map(|grant| grant.folder.clone()).collect();
    mentions(project, folders, scrub)
}

/// Every file that sources read and that has the person, or may have.
pub(super) fn inputs(project: &Project, scrub: &Scrub) -> Result<Vec<Mention>, RunError> {
    let mut places = vec![project.folder.join("seeds")];
    for source in project.sources.values() {
        match &source.reads {
            Reads::Plugin { grants, .. } => places.extend(folders(grants)),
            Reads::Parquet(files) => places.extend(files.values().cloned()),
        }
    }
    mentions(project, places, scrub)
}

fn folders(grants: &Grants) -> impl Iterator<Item = PathBuf> {
    grants
        .inputs
        .values()
        .flatten()
        .map(|grant| grant.folder.clone())
}

fn mentions(
    project: &Project,
    mut places: Vec<PathBuf>,
    scrub: &Scrub,
) -> Result<Vec<Mention>, RunError> {
    places.sort();
    places.dedup();
    let mut files = Vec::new();
    for place in places {
        files_below(&place, 0, &mut files)?;
    }
    files.sort();
    files.dedup();
    let mut mentions = Vec::new();
    for path in files {
        let bytes = fs::read(&path).map_err(|error| failed(&path, &error))?;
        let lines = match std::str::from_utf8(&bytes) {
            Ok(text) => {
                let numbered = text.lines().zip(1..);
                let found =
                    numbered.filter(|(line, _)| scrub.is_in(line) || is_in_cells(line, scrub));
                Some(found.map(|(_, number)| number).collect::<Vec<_>>())
            }
            Err(_) => None,
        };
        if lines.as_ref().is_none_or(|lines| !lines.is_empty()) {
            let file = shown(&project.folder, &path);
            mentions.push(Mention { path, file, lines });
        }
    }
    Ok(mentions)
}

/// A short number is searched in cells of its own only.
fn is_in_cells(line: &str, scrub: &Scrub) -> bool {
    let mut cells = line.split([',', ';', '\t', ':', '{', '}']);
    !scrub.is_in_texts() && cells.any(|cell| scrub.is_id(cell.trim().trim_matches('"')))
}

fn files_below(path: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), RunError> {
    let Ok(kind) = fs::symlink_metadata(path) else {
        return Ok(());
    };
    if kind.is_file() {
        files.push(path.to_owned());
    } else if kind.is_dir() && depth < DEPTH_MAX {
        let listed = fs::read_dir(path).map_err(|error| failed(path, &error))?;
        for entry in listed {
            let entry = entry.map_err(|error| failed(path, &error))?;
            files_below(&entry.path(), depth + 1, files)?;
        }
    }
    Ok(())
}

/// Removes the lines of a person from a file, which is whole at every moment. A file that becomes
/// empty is retained: its name shows that the batch was sent.
pub(super) fn take_out(mention: &Mention) -> Result<(), RunError> {
    let Some(lines) = &mention.lines else {
        return Ok(());
    };
    let path = &mention.path;
    let failed = |error: std::io::Error| failed(path, &error);
    let text = fs::read_to_string(path).map_err(failed)?;
    let numbered = text.split_inclusive('\n').zip(1..);
    let remaining: String = numbered
        .filter(|(_, number)| !lines.contains(number))
        .map(|(line, _)| line)
        .collect();
    let mut beside = path.clone().into_os_string();
    beside.push("#forget");
    let beside = PathBuf::from(beside);
    let write = || {
        let mut file = fs::File::create(&beside)?;
        std::io::Write::write_all(&mut file, remaining.as_bytes())?;
        file.sync_all()?;
        fs::rename(&beside, path)
    };
    write().map_err(failed)
}

fn failed(path: &Path, error: &std::io::Error) -> RunError {
    RunError::File {
        path: path.to_owned(),
        reason: error.to_string(),
    }
}
