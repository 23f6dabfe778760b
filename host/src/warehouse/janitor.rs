//! Removes the files of runs that died: those of ours that no snapshot names.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::database::Database;
use super::error::WarehouseError;
use super::files::named_files;
use super::lock::Claim;
use super::stage::{FILE_PREFIX, FILE_SUFFIX};

/// What was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// How many files.
    pub files: u64,
    /// How long they were together.
    pub bytes: u64,
}

/// Removes every staged file without a snapshot. The claim proves that no run of ours is at
/// work; files of other clients carry other names and stay.
pub(super) async fn sweep(
    database: &Database,
    data: &Path,
    _claim: &Claim,
) -> Result<Swept, WarehouseError> {
    let named = named_files(database).await?;
    let mut swept = Swept::default();
    sweep_folder(data, data, &named, &mut swept)?;
    Ok(swept)
}

fn sweep_folder(
    data: &Path,
    folder: &Path,
    named: &HashSet<PathBuf>,
    swept: &mut Swept,
) -> Result<(), WarehouseError> {
    let failed = |source| WarehouseError::io("list", folder, source);
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let path = entry.path();
        // The type of the entry itself: a link is neither a folder nor a file here.
        let kind = entry.file_type().map_err(failed)?;
        if kind.is_dir() {
            sweep_folder(data, &path, named, swept)?;
        } else if kind.is_file() && is_orphan(data, &path, named) {
            let bytes = entry.metadata().map_or(0, |metadata| metadata.len());
            fs::remove_file(&path).map_err(|source| WarehouseError::io("remove", &path, source))?;
            swept.files += 1;
            swept.bytes += bytes;
        }
    }
    Ok(())
}

fn is_orphan(data: &Path, path: &Path, named: &HashSet<PathBuf>) -> bool {
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy())
        .unwrap_or_default();
    let is_ours = name.starts_with(FILE_PREFIX) && name.ends_with(FILE_SUFFIX);
    is_ours
        && path
            .strip_prefix(data)
            .is_ok_and(|below| !named.contains(below))
}
