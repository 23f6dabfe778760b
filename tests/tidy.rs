//! The house keeps its floors: who may use whom, who may name which library, how long a file is.

use std::path::{Path, PathBuf};

use crate::support::root;

/// The floors of the host, top to bottom. A module uses only what stands below its own floor.
const FLOORS: [&[&str]; 8] = [
    &["main", "cli"],
    &["kit", "serve"],
    &["care"],
    &["run"],
    &["query"],
    &["plan"],
    &["store", "warehouse"],
    &["project"],
];

/// What only some may name: the word, and the places that may.
const ALONE: [(&str, &[&str]); 6] = [
    ("sqlx", &["store"]),
    ("clap", &["cli"]),
    ("indicatif", &["cli"]),
    ("println!", &["cli"]),
    ("eprintln!", &["cli"]),
    ("datafusion", &["query", "store", "run", "care"]),
];

/// What store and run may name of DataFusion: tables, their files, plans and streams to
/// move, Arrow. Planning and functions belong to query.
const MOVING: [&str; 11] = [
    "arrow",
    "catalog",
    "common",
    "datasource",
    "error",
    "execution::SendableRecordBatchStream",
    "execution::object_store",
    "execution::TaskContext",
    "logical_expr",
    "physical_expr",
    "physical_plan",
];

/// About 400: a file just above it is not worth a split.
const LINES_MAX: usize = 420;
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

/// The lines of a Rust file without comments, each with its number.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let without = |line: &'_ str| -> usize {
        match line.find("//") {
            // An address in a string is no comment.
            Some(at) if !line[..at].ends_with(':') => at,
            _ => line.len(),
        }
    };
    text.lines()
        .enumerate()
        .map(move |(at, line)| (at + 1, &line[..without(line)]))
}

/// Whether `word` stands in `line` as a word of its own.
fn names(line: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        let inside = word.ends_with(|c: char| part(c)) && after.is_some_and(part);
        !(before.is_some_and(part) || inside)
    })
}

/// The first names behind every `crate::` and, where `super` is the crate, `super::` of a text.
fn used(line: &str, at_top: bool) -> Vec<String> {
    let mut found = Vec::new();
    let roots: &[&str] = if at_top {
        &["crate::", "super::"]
    } else {
        &["crate::", "super::super::"]
    };
    for root in roots {
        for (at, _) in line.match_indices(root) {
            let rest = &line[at + root.len()..];
            let list = match rest.strip_prefix('{') {
                Some(list) => list.split('}').next().unwrap_or(list),
                None => rest
                    .split(|c: char| !(c.is_alphanumeric() || c == '_'))
                    .next()
                    .unwrap_or(rest),
            };
            for one in list.split(',') {
                let name = one.trim().split("::").next().unwrap_or_default();
                found.push(name.to_owned());
            }
        }
    }
    found
}

fn floor(module: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&module))
}

/// The module of a file of `host/src`, and whether `super` in it is the crate.
fn module(path: &Path) -> (String, bool) {
    let inside = path.strip_prefix(root().join("host/src")).unwrap();
    let parts: Vec<&str> = inside.iter().map(|part| part.to_str().unwrap()).collect();
    match parts.as_slice() {
        [file] => (file.trim_end_matches(".rs").to_owned(), true),
        [folder, file] => ((*folder).to_owned(), *file == "mod.rs"),
        [folder, ..] => ((*folder).to_owned(), false),
        [] => panic!("a file without a name"),
    }
}

#[test]
fn every_module_uses_only_what_stands_below_it() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for path in below(&root().join("host/src"), "rs") {
        let (own, at_top) = module(&path);
        if own == "lib" {
            continue;
        }
        let here = floor(&own).unwrap_or_else(|| panic!("{} stands on no floor", shown(&path)));
        let text = std::fs::read_to_string(&path).unwrap();
        for (line, code) in code(&text) {
            for other in used(code, at_top) {
                let Some(there) = floor(&other).filter(|_| other != own) else {
                    continue;
                };
                seen += 1;
                if there <= here {
                    wrong.push(format!("{}:{line}: {own} uses {other}", shown(&path)));
                }
            }
        }
    }
    assert!(seen > 100, "only {seen} uses were found");
    assert!(
        wrong.is_empty(),
        "these look up, or across:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn a_library_is_named_only_where_it_belongs() {
    let mut wrong = Vec::new();
    for path in below(&root().join("host/src"), "rs") {
        let own = module(&path).0;
        let text = std::fs::read_to_string(&path).unwrap();
        for (line, code) in code(&text) {
            for (word, places) in ALONE {
                if names(code, word) && !places.contains(&own.as_str()) {
                    wrong.push(format!(
                        "{}:{line}: {word} is for {}",
                        shown(&path),
                        places.join(", ")
                    ));
                }
            }
            let moved = ["store", "run", "care"].contains(&own.as_str());
            for (at, _) in code.match_indices("datafusion::").filter(|_| moved) {
                let rest = &code[at + "datafusion::".len()..];
                if !MOVING.iter().any(|allowed| rest.starts_with(allowed)) {
                    wrong.push(format!(
                        "{}:{line}: `datafusion::{rest}` is for query",
                        shown(&path)
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_rules_above_can_fail() {
    assert_eq!(
        used("use crate::{run, plan::Plan};", false),
        ["run", "plan"]
    );
    assert_eq!(
        used("    let x = super::run::ask(crate::query::f());", true),
        ["query", "run"]
    );
    assert!(names("use wasmtime::Engine;", "wasmtime") && !names("use wasmtimes;", "wasmtime"));
    assert!(names("println!(\"x\")", "println!") && !names("eprintln!(\"x\")", "println!"));
    let text = "let a = \"https://x\"; // crate::cli\n";
    assert_eq!(
        code(text).collect::<Vec<_>>(),
        [(1, "let a = \"https://x\"; // crate::cli")]
    );
    assert_eq!(code("x; // crate::cli").collect::<Vec<_>>(), [(1, "x; ")]);
    assert!(floor("query") < floor("project") && floor("serve") == floor("kit"));
}

#[test]
fn every_file_says_what_it_is_for_and_stays_short() {
    let mut wrong = Vec::new();
    for path in below(&root(), "rs") {
        let name = shown(&path);
        let text = std::fs::read_to_string(&path).unwrap();
        let first = text.lines().next().unwrap_or_default();
        if first
            .strip_prefix("//! ")
            .is_none_or(|rest| rest.trim().len() < 10)
        {
            wrong.push(format!(
                "{name} does not open with a `//!` line that says what it is for"
            ));
        }
        let lines = text.lines().count();
        let test =
            name.starts_with("tests/") || name.contains("/tests/") || name.ends_with("/tests.rs");
        if lines > LINES_MAX && !test {
            wrong.push(format!(
                "{name} has {lines} lines, more than {LINES_MAX}: split it by subject"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
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

/// The names between backticks in the last column of a table of SECURITY.md.
fn proofs(text: &str) -> Vec<String> {
    let proved = text.split_once("## What is proved, and where").unwrap().1;
    let proved = proved.split("\n## ").next().unwrap();
    let rows = proved.lines().filter(|line| line.starts_with("| "));
    let last = rows.filter_map(|line| line.trim_end_matches(['|', ' ']).rsplit('|').next());
    let names = last.flat_map(|cell| cell.split('`').skip(1).step_by(2));
    let is_path = |name: &&str| !name.contains([' ', '/', '.', '=']);
    names.filter(is_path).map(str::to_owned).collect()
}

#[test]
fn every_proof_that_is_named_is_a_test() {
    let folders = [
        "tests",
        "host/src",
        "host/core/src",
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
