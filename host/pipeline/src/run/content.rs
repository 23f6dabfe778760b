//! What a source would read now, as a digest and a list for the audit.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use tsugi_core::digest::hex;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::error::RunError;
use crate::project::component::Digest;
use crate::project::grant::{Grants, InputGrant};
use crate::project::paths::entries;
use crate::store::ReadFile;

/// One file of a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InputFile {
    /// As listed below its grant.
    pub name: String,
    pub bytes: u64,
    /// SHA-256 of its content, in hexadecimal.
    pub digest: String,
}

/// Deepest folder that is looked into.
const DEPTH_MAX: usize = 16;
const CHUNK_BYTES: usize = 256 * 1024;

/// Every file of the input grants, by content.
///
/// # Errors
/// What the disk says; a granted folder that is not there is an empty one, for the plugin
/// knows better than we what is missing from it.
pub(super) fn granted(grants: &Grants) -> Result<Vec<InputFile>, RunError> {
    let mut files = Vec::new();
    for grant in grants.inputs.values().flatten() {
        let mut found = Vec::new();
        if grant.folder.is_dir() {
            list(grant, &grant.folder, "", 0, &mut found)?;
        }
        for (name, path) in found {
            files.push(match leads_out(&grant.folder, &path) {
                // The plugin may not read it, so that its content is none of ours either.
                Some(target) => InputFile {
                    name,
                    bytes: 0,
                    digest: hex(&Sha256::digest(target.as_os_str().as_encoded_bytes())),
                },
                None => file(name, &path)?,
            });
        }
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(files)
}

/// Where a link leads that leads out of its granted folder to a regular file.
fn leads_out(folder: &Path, path: &Path) -> Option<PathBuf> {
    let (folder, target) = (folder.canonicalize().ok()?, path.canonicalize().ok()?);
    (target.is_file() && !target.starts_with(folder)).then_some(target)
}

/// One file by content.
///
/// # Errors
/// What the disk says.
pub(super) fn file(name: String, path: &Path) -> Result<InputFile, RunError> {
    hashed(name, path, u64::MAX)
}

/// The beginning of a file, at most so many bytes.
fn hashed(name: String, path: &Path, bytes_max: u64) -> Result<InputFile, RunError> {
    let failed = |error: std::io::Error| RunError::File {
        path: path.to_owned(),
        reason: error.to_string(),
    };
    let is_file = path.metadata().map_err(failed)?.is_file();
    if !is_file {
        let what = "it is a pipe, a device or a folder and no regular file: take it out of the folder, or grant a pattern that leaves it out";
        return Err(failed(std::io::Error::other(what)));
    }
    let mut open = File::open(path).map_err(failed)?.take(bytes_max);
    let (mut hasher, mut bytes) = (Sha256::new(), 0);
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let read = open.read(&mut chunk).map_err(failed)?;
        if read == 0 {
            break;
        }
        hasher.update(chunk.get(..read).unwrap_or(&chunk));
        bytes += read as u64;
    }
    let digest = hex(&hasher.finalize());
    Ok(InputFile {
        name,
        bytes,
        digest,
    })
}

/// Whether a file still begins with what it was, by content.
///
/// # Errors
/// What the disk says.
pub(super) fn begins_as(grants: &Grants, old: &ReadFile) -> Result<bool, RunError> {
    for grant in grants.inputs.values().flatten() {
        let path = grant.folder.join(&old.name);
        if path.is_file() {
            let found = hashed(old.name.clone(), &path, old.bytes)?;
            return Ok(found.bytes == old.bytes && found.digest == old.digest);
        }
    }
    Ok(false)
}

/// Whether a name is that of a file, or of something in it: `a.zip/b.csv` is below `a.zip`.
pub(super) fn is_below(name: &str, file: &str) -> bool {
    let rest = name.strip_prefix(file);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// One digest for all of them.
pub(super) fn digest(files: &[InputFile]) -> Digest {
    let lines: String = files
        .iter()
        .map(|file| format!("{}\t{}\t{}\n", file.name, file.bytes, file.digest))
        .collect();
    Digest::of(lines.as_bytes())
}

fn list(
    grant: &InputGrant,
    folder: &Path,
    prefix: &str,
    depth: usize,
    found: &mut Vec<(String, PathBuf)>,
) -> Result<(), RunError> {
    let listed = entries(folder).map_err(|error| RunError::File {
        path: folder.to_owned(),
        reason: error.to_string(),
    })?;
    for (name, path) in listed {
        let whole = if prefix.is_empty() {
            name.clone()
        } else {
            format!("{prefix}/{name}")
        };
        if path.is_dir() && depth < DEPTH_MAX {
            list(grant, &path, &whole, depth + 1, found)?;
        } else if grant
            .pattern
            .as_ref()
            .is_none_or(|pattern| pattern.matches(&name))
        {
            found.push((whole, path));
        }
    }
    Ok(())
}
