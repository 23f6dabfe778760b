//! Whether a component is still what cargo would build.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tsugi_pipeline::project::crate_folder::CrateFolder;
use tsugi_pipeline::project::manifest::MANIFEST_FILE;

/// Longest dep-info file that is read: a thousand times that of a usual plugin.
const DEP_INFO_MAX_BYTES: u64 = 4 * 1024 * 1024;

/// Files of a crate or workspace that decide how it is built and that no dep-info lists.
const BUILD_FILES: [&str; 6] = [
    "Cargo.toml",
    "Cargo.lock",
    MANIFEST_FILE,
    "rust-toolchain.toml",
    "rust-toolchain",
    ".cargo/config.toml",
];

/// Whether nothing changed since [`confirm`].
pub(super) fn is_fresh(component: &Path, folder: &CrateFolder) -> bool {
    confirmed_at(component, folder).is_some_and(|confirmed| {
        let sources = sources(component);
        // A dep-info of another crate with the same name lists none of this crate's files.
        let is_ours = sources
            .iter()
            .any(|source| source.starts_with(&folder.folder));
        is_ours
            && !sources
                .iter()
                .any(|source| changed_since(source, confirmed, true))
            && {
                let folders = folders_with_settings(&sources, folder);
                let files = folders
                    .iter()
                    .flat_map(|folder| BUILD_FILES.iter().map(|file| folder.join(file)));
                !files
                    .into_iter()
                    .any(|file| changed_since(&file, confirmed, false))
            }
    })
}

/// Notes beside the component that a cargo which started at `started` confirmed it.
pub(super) fn confirm(component: &Path, folder: &CrateFolder, started: SystemTime) {
    let Some(of_component) = mark(component, folder) else {
        return;
    };
    let since = started.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    let note = note_path(component);
    let fresh = note.with_extension(format!("tsugi-{}", std::process::id()));
    let written = std::fs::write(&fresh, format!("{}\n{of_component}", since.as_nanos()));
    // Without the note the next run asks cargo once more: slower, and nothing worse.
    if written
        .and_then(|()| std::fs::rename(&fresh, &note))
        .is_err()
    {
        let _ = std::fs::remove_file(&fresh);
    }
}

/// The start of the cargo that confirmed exactly this component.
fn confirmed_at(component: &Path, folder: &CrateFolder) -> Option<SystemTime> {
    let note = std::fs::read_to_string(note_path(component)).ok()?;
    let (since, of_component) = note.split_once('\n')?;
    if of_component != mark(component, folder)? {
        return None;
    }
    let since: u64 = since.parse().ok()?;
    UNIX_EPOCH.checked_add(Duration::from_nanos(since))
}

fn note_path(component: &Path) -> PathBuf {
    component.with_extension("tsugi")
}

/// Identifies a component without reading it: length, time, crate.
fn mark(component: &Path, folder: &CrateFolder) -> Option<String> {
    let metadata = component.metadata().ok()?;
    let modified = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(format!(
        "{}\n{}\n{}",
        metadata.len(),
        modified.as_nanos(),
        folder.folder.display()
    ))
}

/// A file without readable metadata has changed if it `must_exist`.
fn changed_since(file: &Path, confirmed: SystemTime, must_exist: bool) -> bool {
    match file.metadata().and_then(|metadata| metadata.modified()) {
        Ok(modified) => modified >= confirmed,
        Err(_) => must_exist,
    }
}

/// The folders whose settings count: the workspace, and each crate that a source is of.
fn folders_with_settings(sources: &[PathBuf], folder: &CrateFolder) -> BTreeSet<PathBuf> {
    let mut folders = BTreeSet::from([folder.workspace.clone(), folder.folder.clone()]);
    let parents: BTreeSet<&Path> = sources
        .iter()
        .filter_map(|source| source.parent())
        .collect();
    for parent in parents {
        let of_crate = parent
            .ancestors()
            .find(|above| above.join("Cargo.toml").is_file());
        folders.extend(of_crate.map(Path::to_owned));
    }
    folders
}

/// The files in cargo's dep-info beside a component; none when there is no such file.
fn sources(component: &Path) -> Vec<PathBuf> {
    let path = component.with_extension("d");
    let is_short = path
        .metadata()
        .is_ok_and(|metadata| metadata.len() <= DEP_INFO_MAX_BYTES);
    let text = if is_short {
        std::fs::read_to_string(path).unwrap_or_default()
    } else {
        String::new()
    };
    parsed(&text)
}

/// `target: source source`, where a backslash precedes a blank inside a path.
fn parsed(dep_info: &str) -> Vec<PathBuf> {
    let mut sources = Vec::new();
    for line in dep_info.lines() {
        let Some((_, list)) = line.split_once(": ") else {
            continue;
        };
        let mut path = String::new();
        let mut characters = list.chars().peekable();
        while let Some(character) = characters.next() {
            match character {
                '\\' if characters.peek() == Some(&' ') => path.extend(characters.next()),
                ' ' => sources.push(std::mem::take(&mut path)),
                other => path.push(other),
            }
        }
        sources.push(path);
    }
    sources.retain(|path| !path.is_empty());
    sources.into_iter().map(PathBuf::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dep_info_lists_sources_with_blanks() {
        let text = "/t/a.wasm: /p/src/lib.rs /my\\ plugins/b.rs /p/plugin.toml\n";
        let expected = ["/p/src/lib.rs", "/my plugins/b.rs", "/p/plugin.toml"].map(PathBuf::from);
        assert_eq!(parsed(text), expected);
        assert!(parsed("").is_empty());
    }

    #[test]
    fn a_component_is_fresh_until_a_file_it_depends_on_changes() {
        let root = std::env::temp_dir().join(format!("tsugi fresh {}", std::process::id()));
        let crate_folder = root.join("plugin");
        std::fs::create_dir_all(crate_folder.join("src")).unwrap();
        let source = crate_folder.join("src/lib.rs");
        let manifest = crate_folder.join(MANIFEST_FILE);
        let component = root.join("a.wasm");
        let listed = source.display().to_string().replace(' ', "\\ ");
        for (file, text) in [
            (&source, ""),
            (&manifest, ""),
            (&crate_folder.join("Cargo.toml"), ""),
            (&component, "component"),
            (&root.join("a.d"), &format!("x: {listed}\n")),
        ] {
            std::fs::write(file, text).unwrap();
        }
        let folder = CrateFolder {
            folder: crate_folder.clone(),
            package: "a".into(),
            library: "a".into(),
            workspace: crate_folder,
            has_profile: true,
        };
        assert!(!is_fresh(&component, &folder), "not confirmed yet");
        let later = SystemTime::now() + Duration::from_secs(10);
        confirm(&component, &folder, later);
        assert!(is_fresh(&component, &folder));
        for file in [&source, &manifest] {
            let touched = std::fs::File::options().write(true).open(file).unwrap();
            touched
                .set_modified(later + Duration::from_secs(1))
                .unwrap();
            assert!(!is_fresh(&component, &folder), "{}", file.display());
            touched
                .set_modified(later - Duration::from_secs(5))
                .unwrap();
            assert!(is_fresh(&component, &folder));
        }
        std::fs::write(&component, "another component").unwrap();
        assert!(
            !is_fresh(&component, &folder),
            "it is not the one that was confirmed"
        );
        confirm(&component, &folder, later);
        std::fs::remove_file(&source).unwrap();
        assert!(!is_fresh(&component, &folder), "a source is gone");
        std::fs::remove_dir_all(root).unwrap();
    }
}
