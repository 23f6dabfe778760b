//! Whole files, read up to a bound.

use std::io::Read as _;
use std::path::Path;

use crate::diagnostic::{Blame, Explain};

/// Why a file cannot be used at all.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The operating system refuses to read it.
    #[error("cannot read `{file}`")]
    Unreadable {
        file: String,
        source: std::io::Error,
    },
    /// It is larger than any file of its kind should be.
    #[error("`{file}` is longer than {limit_bytes} bytes")]
    TooLong { file: String, limit_bytes: u64 },
    /// It is not text; `offset_bytes` is the first bad byte, from 0.
    #[error("`{file}` is not UTF-8: the byte at offset {offset_bytes} begins no character")]
    NotUtf8 { file: String, offset_bytes: usize },
}

impl Explain for FileError {
    // These codes are older than this crate, and codes do not change.
    fn code(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "project::unreadable",
            Self::TooLong { .. } => "project::too-long",
            Self::NotUtf8 { .. } => "project::not-utf8",
        }
    }

    fn blame(&self) -> Blame {
        match self {
            Self::Unreadable { .. } => Blame::Outside,
            Self::TooLong { .. } | Self::NotUtf8 { .. } => Blame::Author,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Unreadable { source, .. } => system_hint(source),
            Self::TooLong { .. } => None,
            Self::NotUtf8 { file, .. } => Some(format!("save `{file}` with the encoding UTF-8")),
        }
    }
}

/// What a person can do about an error of the operating system.
pub fn system_hint(error: &std::io::Error) -> Option<String> {
    use std::io::ErrorKind;
    Some(match error.kind() {
        ErrorKind::NotFound => "check the path".into(),
        ErrorKind::PermissionDenied => "check who may read and write there".into(),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "free some space on the disk".into(),
        _ => return None,
    })
}

/// Reads a whole file that must not be longer than `limit_bytes`.
pub fn read_bounded(path: &Path, file: &str, limit_bytes: u64) -> Result<Vec<u8>, FileError> {
    let unreadable = |source| FileError::Unreadable {
        file: file.to_owned(),
        source,
    };
    let opened = std::fs::File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    // One byte above the limit distinguishes a file that is too long from one that fits.
    opened
        .take(limit_bytes + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 > limit_bytes {
        return Err(FileError::TooLong {
            file: file.to_owned(),
            limit_bytes,
        });
    }
    Ok(bytes)
}
