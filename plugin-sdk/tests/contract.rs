//! The SDK builds against its own copy of the contract, where the prose of a file stands below
//! its `package` line, because wit-bindgen takes prose above it in one file only. Nothing else
//! may differ.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

fn files(folder: &str) -> BTreeMap<String, Vec<String>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "wit") {
            let text = fs::read_to_string(&path).unwrap();
            let (mut package, mut rest) = (Vec::new(), Vec::new());
            for line in text.lines().filter(|line| !line.trim().is_empty()) {
                let group = if line.starts_with("package ") {
                    &mut package
                } else {
                    &mut rest
                };
                group.push(line.to_owned());
            }
            package.extend(rest);
            files.insert(
                path.file_name().unwrap().to_string_lossy().into_owned(),
                package,
            );
        }
    }
    files
}

#[test]
fn the_copy_says_what_the_contract_says() {
    let contract = files("../wit");
    assert!(contract.len() >= 8, "the contract was not found");
    assert_eq!(files("wit"), contract);
}
