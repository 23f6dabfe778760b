//! What neither the compiler nor `.ci/house` checks: the first line of a file, thin plugins, paths
//! of machines, and that every proof of SECURITY.md is a test.

use std::path::{Path, PathBuf};

use crate::support::root;

/// The glue of a plugin: 80 lines, and what formatting adds to them.
const GLUE_LINES_MAX: usize = 110;

/// Files of this name below a folder; what is built or written by runs is left out.
fn below(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let listed =
        std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for entry in listed {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            if !["target", ".git", ".tsugi", "outbox"].contains(&name) {
                found.extend(below(&path, extension));
            }
        } else if extension.is_empty() || path.extension().is_some_and(|e| e == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root())
        .unwrap_or(path)
        .display()
        .to_string()
}

#[test]
fn every_file_opens_with_what_it_is_for() {
    let mut wrong = Vec::new();
    for path in below(&root(), "rs") {
        let text = std::fs::read_to_string(&path).unwrap();
        let first = text.lines().next().unwrap_or_default();
        let purpose = first.strip_prefix("//! ").unwrap_or_default();
        if purpose.trim().len() < 10 {
            wrong.push(shown(&path));
        }
    }
    assert!(
        wrong.is_empty(),
        "without a first line `//!` that says what the file is for:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn the_glue_of_a_plugin_is_thin() {
    let mut plugins = 0;
    for entry in std::fs::read_dir(root().join("plugins")).unwrap() {
        let folder = entry.unwrap().path();
        if !folder.join("plugin.toml").is_file() {
            continue;
        }
        plugins += 1;
        let glue = folder.join("src/lib.rs");
        let lines = std::fs::read_to_string(&glue).unwrap().lines().count();
        println!("{}: {lines} lines", shown(&glue));
        assert!(
            lines <= GLUE_LINES_MAX,
            "{} has {lines} lines: move logic out of it",
            shown(&glue)
        );
        assert!(
            folder.join("README.md").is_file(),
            "{} has no README.md",
            shown(&folder)
        );
    }
    assert!(plugins >= 5, "only {plugins} plugins were found");
}

#[test]
fn no_file_holds_a_path_of_a_machine() {
    let (home, own) = (
        std::env::var("HOME").unwrap_or_default(),
        root().display().to_string(),
    );
    // Put together here, so that this file does not hold them.
    let mut bad: Vec<String> = ["home", "Users", "root"]
        .map(|part| format!("/{part}/"))
        .into();
    bad.extend([home, own].into_iter().filter(|path| path.len() > 3));
    let mut wrong = Vec::new();
    for path in below(&root(), "") {
        // What is no text is no place to write a path down either, but has none to be read.
        let Ok(text) = std::fs::read_to_string(&path) else {
            continue;
        };
        for (at, line) in text.lines().enumerate() {
            if bad.iter().any(|bad| line.contains(bad.as_str())) {
                let line: String = line.chars().take(120).collect();
                wrong.push(format!("{}:{}: {line}", shown(&path), at + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every test by its place: `evil::ways::no_entry_…`; the modules `tests` inside files left out.
/// Those of a crate inside `host/` begin with its name: `sandbox::…`.
fn tests_below(folder: &str) -> Vec<String> {
    let of_crate = match folder.split('/').collect::<Vec<_>>().as_slice() {
        ["host", of_crate, _] => Some(*of_crate),
        _ => None,
    };
    let folder = root().join(folder);
    let mut found = Vec::new();
    for path in below(&folder, "rs") {
        let inside = path.strip_prefix(&folder).unwrap().with_extension("");
        let parts = inside.iter().map(|part| part.to_str().unwrap());
        let parts = parts.filter(|part| *part != "mod");
        let parts: Vec<&str> = of_crate.into_iter().chain(parts).collect();
        let text = std::fs::read_to_string(&path).unwrap();
        for (at, _) in text.match_indices("test]\n") {
            let Some((_, rest)) = text[at..].split_once("fn ") else {
                continue;
            };
            let name = rest.split('(').next().unwrap_or_default();
            found.push(format!("{}::{name}", parts.join("::")));
        }
    }
    found
}

/// The names between backticks in the last column of the tables of SECURITY.md that name tests, and beside its
/// promises.
fn proofs(text: &str) -> Vec<String> {
    let tables = [
        "## What is proved, and where",
        "## Attacks that were tried last",
    ];
    let tables = tables.map(|title| {
        let table = text.split_once(title).unwrap().1;
        table.split("\n## ").next().unwrap()
    });
    let rows = tables.iter().flat_map(|table| table.lines());
    let rows = rows.filter(|line| line.starts_with("| "));
    let last = rows.filter_map(|line| line.trim_end_matches(['|', ' ']).rsplit('|').next());
    let names = last.flat_map(|cell| cell.split('`').skip(1).step_by(2));
    let is_path = |name: &&str| !name.contains([' ', '/', '.', '=']);
    let promised = text.split_once("## What is promised").unwrap().1;
    let promised = promised.split("\n## ").next().unwrap();
    let held = promised.split('`').skip(1).step_by(2);
    let held = held.filter(|name| name.contains("::"));
    names
        .filter(is_path)
        .chain(held)
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_proof_that_is_named_is_a_test() {
    let folders = [
        "tests",
        "host/src",
        "host/care/src",
        "host/core/src",
        "host/ducklake/src",
        "host/functions/src",
        "host/kit/src",
        "host/pipeline/src",
        "host/sandbox/src",
        "host/sandbox/tests",
        "plugin-sdk/src",
        "plugin-sdk/tests",
    ];
    let known: Vec<String> = folders.into_iter().flat_map(tests_below).collect();
    assert!(known.len() > 200, "only {} tests were found", known.len());
    let text = std::fs::read_to_string(root().join("SECURITY.md")).unwrap();
    let named = proofs(&text);
    assert!(named.len() > 40, "only {} proofs are named", named.len());
    let is_known = |name: &String| {
        let inside = format!("{name}::");
        known
            .iter()
            .any(|test| test == name || test.starts_with(&inside))
    };
    let missing: Vec<&String> = named.iter().filter(|name| !is_known(name)).collect();
    assert!(
        missing.is_empty(),
        "SECURITY.md names no test by {missing:?}"
    );
}
