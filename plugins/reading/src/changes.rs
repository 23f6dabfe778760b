//! Files that an earlier read knows: whether they stand, grew, were rewritten, renamed or
//! deleted since.

use std::rc::Rc;

use crate::blocks::digest_to;
use crate::config::Config;
use crate::error::Result;
use crate::files::ExportFile;
use crate::host::Host;
use crate::mapping::StreamMapping;
use crate::opened::text_of;
use crate::state::{FileState, State};
use crate::text::unit_of;

/// What to do with a file that an earlier read knows.
#[derive(Clone, Debug, PartialEq)]
pub enum Known {
    /// Nothing is new.
    Done,
    /// What was read stands unchanged; go on behind it.
    GoOn,
    /// What was read stands there no more.
    Rewritten,
}

/// Compares a file with what an earlier read remembers of it. A file of the same size and time
/// is taken for the same; any other is known by the digest of what was read.
///
/// # Errors
/// The file cannot be opened.
pub fn compare(
    host: &Rc<dyn Host>,
    config: &Config,
    stream: &StreamMapping,
    file: &ExportFile,
    old: &FileState,
) -> Result<Known> {
    let Some(place) = old.place() else {
        return Ok(Known::Rewritten);
    };
    let entry = &file.entry;
    if old.size_bytes == entry.size_bytes
        && old.modified_ms == entry.modified_ms
        && old.name == entry.name
    {
        return Ok(if old.done { Known::Done } else { Known::GoOn });
    }
    let is_own = file.is_plain() && !stream.format_of(file.unpacked_name()).is_derived();
    if is_own && entry.size_bytes < place.offset_bytes {
        return Ok(Known::Rewritten);
    }
    let chunks = text_of(host, &config.input, stream, file, 0)?;
    if digest_to(chunks, place.offset_bytes, unit_of(place.encoding))? != Some(place.digest) {
        return Ok(Known::Rewritten);
    }
    Ok(
        if old.done && is_own && entry.size_bytes == place.offset_bytes {
            Known::Done
        } else {
            Known::GoOn
        },
    )
}

/// Puts a state in line with the files that are there: a file that is gone is forgotten, and one
/// that stands under a new name only keeps its place.
///
/// # Errors
/// A file cannot be opened.
pub fn reconcile(
    host: &Rc<dyn Host>,
    config: &Config,
    stream: &StreamMapping,
    files: &[ExportFile],
    state: &mut State,
) -> Result<()> {
    let is_there = |name: &str| files.iter().any(|file| file.entry.name == name);
    let gone: Vec<FileState> = state
        .files
        .iter()
        .filter(|old| !is_there(&old.name))
        .cloned()
        .collect();
    for old in gone {
        let known = |name: &str, state: &State| state.files.iter().any(|file| file.name == name);
        let mut renamed = None;
        for file in files {
            let fits = old.done && old.rows > 0 && file.entry.size_bytes == old.size_bytes;
            if fits
                && !known(&file.entry.name, state)
                && compare(host, config, stream, file, &old)? != Known::Rewritten
            {
                renamed = Some(file);
                break;
            }
        }
        if let Some(file) = renamed {
            let message = format!(
                "{} was read before as {}; its rows are not read again",
                file.entry.name, old.name
            );
            host.notice(&stream.name, "file-renamed", &message);
            for kept in &mut state.files {
                if kept.name == old.name {
                    kept.name.clone_from(&file.entry.name);
                    kept.modified_ms = file.entry.modified_ms;
                }
            }
        } else {
            let message = format!("{} was read before and is gone; its rows stay", old.name);
            host.notice(&stream.name, "file-deleted", &message);
            state.files.retain(|kept| kept.name != old.name);
        }
    }
    Ok(())
}
