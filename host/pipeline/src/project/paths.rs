//! Paths as they are written in project files.

use std::path::{Component, Path, PathBuf};

/// A written path from a folder on, with `.` and `..` worked out on the text.
pub fn resolved(folder: &Path, written: &str) -> PathBuf {
    let mut path = PathBuf::new();
    for part in folder.join(written).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                path.pop();
            }
            part => path.push(part),
        }
    }
    path
}

/// A path below a folder with `/` between its parts, as diagnostics show it.
pub fn shown(folder: &Path, path: &Path) -> String {
    let below = path.strip_prefix(folder).unwrap_or(path);
    let text = below.to_string_lossy();
    if std::path::MAIN_SEPARATOR == '/' {
        text.into_owned()
    } else {
        text.replace(std::path::MAIN_SEPARATOR, "/")
    }
}

/// The visible entries of a folder with their names, sorted; none when there is no such folder.
pub fn entries(folder: &Path) -> std::io::Result<Vec<(String, PathBuf)>> {
    let listed = match std::fs::read_dir(folder) {
        Ok(listed) => listed,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut entries = Vec::new();
    for entry in listed {
        let path = entry?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if !name.starts_with('.') {
            entries.push((name, path));
        }
    }
    entries.sort();
    Ok(entries)
}
