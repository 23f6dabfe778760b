//! The contract changes only with its version: `contract.toml` holds the digest of each.

use std::path::{Path, PathBuf};

use tsugi_pipeline::project::component::{CONTRACT_VERSION, Digest};

use crate::support::root;

/// Every file of the contract, sorted by name.
fn files() -> Vec<PathBuf> {
    let listed = std::fs::read_dir(root().join("wit")).unwrap();
    let mut files: Vec<PathBuf> = listed.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "wit"));
    files.sort();
    assert!(files.len() >= 8, "{files:?}");
    files
}

/// What a component is compiled against: the text without prose and without layout.
fn normalised(text: &str) -> String {
    let code = |line: &str| line.split("//").next().unwrap_or_default().to_owned();
    let code: Vec<String> = text.lines().map(code).collect();
    code.join("\n")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

fn digest(files: &[PathBuf]) -> String {
    let mut whole = String::new();
    for path in files {
        let name = path.file_name().unwrap().to_str().unwrap();
        let text = normalised(&std::fs::read_to_string(path).unwrap());
        whole.push_str(&format!("{name}\n{text}\n"));
    }
    Digest::of(whole.as_bytes()).to_string()
}

#[test]
fn the_text_changes_only_with_its_version() {
    let digest = digest(&files());
    let kept = std::fs::read_to_string(root().join("tests/contract.toml")).unwrap();
    let kept: toml::Table = kept.parse().unwrap();
    let versions = kept["versions"].as_table().unwrap();
    match versions.get(CONTRACT_VERSION).and_then(toml::Value::as_str) {
        Some(known) => assert_eq!(
            known, digest,
            "wit/ has changed and still says version {CONTRACT_VERSION}. Components that were built \
             before would be called with other types. Raise the version in wit/*.wit, in the host \
             and in plugin-sdk, and add it to tests/contract.toml; or take the change back"
        ),
        None => panic!(
            "version {CONTRACT_VERSION} of the contract is new: add to tests/contract.toml under \
             [versions]: \"{CONTRACT_VERSION}\" = \"{digest}\""
        ),
    }
}

#[test]
fn a_changed_word_changes_the_digest_and_prose_does_not() {
    let text = "/// What it is.\nrecord node {\n  length: u32, // rows\n}\n";
    assert_eq!(normalised(text), "record node { length: u32, }");
    assert_eq!(
        normalised(text),
        normalised("record node {\n\n    length: u32,\n}")
    );
    assert_ne!(normalised(text), normalised(&text.replace("u32", "u64")));
}

#[test]
fn host_kit_and_contract_speak_of_one_version() {
    let package = format!("package tsugi:plugin@{CONTRACT_VERSION};");
    for path in files() {
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(
            text.starts_with(&package),
            "{} must begin with `{package}`",
            path.display()
        );
    }
    let mut said = 0;
    for folder in ["host/src", "plugin-sdk/src"] {
        for path in sources(&root().join(folder)) {
            let text = std::fs::read_to_string(&path).unwrap();
            for (at, _) in text.match_indices("tsugi:plugin") {
                let rest = text[at..].lines().next().unwrap_or_default();
                let version = rest.split_once('@').map(|(_, rest)| rest);
                let Some(version) = version.filter(|v| v.starts_with(|c: char| c.is_ascii_digit()))
                else {
                    continue;
                };
                said += 1;
                let here = format!("{}: `{rest}`", path.display());
                assert!(
                    version.starts_with(CONTRACT_VERSION),
                    "{here} is not version {CONTRACT_VERSION}"
                );
            }
        }
    }
    assert!(
        said >= 5,
        "only {said} places name the contract with its version"
    );
}

/// The Rust files below a folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}
