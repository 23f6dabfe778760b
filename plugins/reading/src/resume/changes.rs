//! Files that an earlier read knows: whether what was read of them is still valid.

use std::collections::HashSet;
use std::rc::Rc;

use crate::error::{ReadError, Recovery, Result};
use crate::host::Host;
use crate::input::blocks::digest_to;
use crate::input::files::ExportFile;
use crate::input::text::unit_of;
use crate::mapping::StreamMapping;
use crate::mapping::config::Config;
use crate::records::opened::text_of;
use crate::resume::state::{FileState, State};

/// What to do with a file that an earlier read knows.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Known {
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
pub(crate) fn compare(
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
    if old.size_bytes == entry.size_bytes && old.modified_ms == entry.modified_ms {
        return Ok(if old.done { Known::Done } else { Known::GoOn });
    }
    // A quote that was open at the end may be closed by what came since: other records.
    if old.open_quote && old.size_bytes != entry.size_bytes {
        return Ok(Known::Rewritten);
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

/// Refuses a state that names files which are not there: its holder keeps rows of them.
///
/// # Errors
/// The first such file.
pub(crate) fn all_there(files: &[ExportFile], state: &State) -> Result<()> {
    let names: HashSet<&str> = files.iter().map(|file| &*file.entry.name).collect();
    let is_gone = |old: &&FileState| !names.contains(&*old.name);
    match state.files.iter().find(is_gone) {
        Some(gone) => Err(stale(&gone.name, "is gone")),
        None => Ok(()),
    }
}

/// Says that a checkpoint leads nowhere any more. Rows from before it may be wrong, and only the
/// one who keeps them can take them back, so the file is not simply read again.
pub(crate) fn stale(file: &str, what: &str) -> ReadError {
    let message = format!("`{file}` was read before and {what}");
    ReadError::new(Recovery::GiveUp, "stale-checkpoint", message)
        .detail("read the file from its start, in place of its rows of before")
        .at(file)
}
